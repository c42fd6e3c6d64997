"""A joint text as a page to print, in our own original of every language.

It is a copy for reading: what binds is in the record, and its digest stands on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import Environment, StrictUndefined

from parley.core.instants import rfc3339
from parley.core.texts import visible
from parley.errors import NotFoundError
from parley.station.views import CaseView

FORMS: Final = ("html", "pdf")
_WORDS: Final = {
    "draft": ("DRAFT, not signed by all", "草案，尚未经各方签署"),
    "signed": ("signed by", "签署方"),
    "initialled": ("initialled by", "草签方"),
    "state": ("state", "状态"),
    "version": ("version", "版本"),
    "digest": ("digest of all languages", "各语言全文摘要"),
    "copy": (
        "A copy for reading. The proof is in the record and its bundles.",
        "供阅读的副本。证明在记录及其证据包中。",
    ),
    "original": ("original of", "原本属于"),
    "struck": ("struck", "已删去"),
    "printed": ("made at", "制作于"),
    "authentic": ("authentic languages", "作准语言"),
    "alternative": ("or", "或"),
}
_SIGNED: Final = ("signed", "notifying", "in force", "suspended", "amended", "ended")
_PAGE: Final = """<!doctype html>
<html lang="{{ page.languages[0].code }}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{ page.number }}</title>
<style>
body { font-family: "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei",
  "Noto Sans", sans-serif; line-height: 1.5; max-width: 42em; margin: 2em auto; padding: 0 1em;
  color: #000; background: #fff }
section { break-after: page; page-break-after: always }
section:last-of-type { break-after: auto; page-break-after: auto }
h1 { font-size: 1.3em; text-align: center }
h2 { font-size: 1em; margin: 1.2em 0 0.2em }
p { white-space: pre-wrap; margin: 0.3em 0; overflow-wrap: anywhere }
.mark { border: 1px solid; padding: 0.2em 0.6em; text-align: center; font-weight: bold }
.small { font-size: 0.8em; overflow-wrap: anywhere }
</style>
</head>
<body>
{% for language in page.languages %}
<section lang="{{ language.code }}">
{% if page.mark != "LIVE" %}<p class="mark">{{ page.mark }}</p>
{% endif %}{% if not page.is_signed %}<p class="mark">{{ language.words.draft }}</p>
{% endif %}<h1>{{ language.title }}</h1>
{% for article in language.articles %}<h2>{{ article.number }}</h2>
<p>{{ article.text or "[" ~ language.words.struck ~ "]" }}</p>
{% for line in article.brackets %}<p class="small">{{ line }}</p>
{% endfor %}{% endfor %}<hr>
{% for line in language.foot %}<p class="small">{{ line }}</p>
{% endfor %}</section>
{% endfor %}
</body>
</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article in one language, with what is in brackets in it, a line each."""

    number: str
    text: str
    brackets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The text in one language, and the words around it."""

    code: str
    title: str
    articles: tuple[Article, ...]
    foot: tuple[str, ...]
    words: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPage:
    """A joint text ready to be written out."""

    number: str
    mark: str
    is_signed: bool
    at: int
    languages: tuple[Language, ...]


def text_page(case: CaseView, own: str, now: int, wanted: Sequence[str] = ()) -> TextPage:
    """Return a joint text as it stands.

    Args:
        case: the case of a joint text.
        own: our code: it is our original.
        now: when the page is made.
        wanted: languages; all of the text where it is empty.

    Raises:
        NotFoundError: the case is no joint text, or not in one of these languages.
    """
    if case.procedure != "joint_text":
        raise NotFoundError(f"{case.number} is no joint text but {case.procedure}")
    known = [str(code) for code in case.values["languages"]]
    for code in wanted:
        if code not in known:
            raise NotFoundError(
                f"{case.number} is not in {code}", next_step=f"It is in {', '.join(known)}."
            )
    return TextPage(
        number=f"{case.channel}/{case.number}",
        mark=case.mark,
        is_signed=case.state in _SIGNED,
        at=now,
        languages=tuple(_language(case, code, own, now) for code in wanted or known),
    )


def _language(case: CaseView, code: str, own: str, now: int) -> Language:
    words = {name: pair[code.startswith("zh")] for name, pair in _WORDS.items()}
    title, *articles = case.passages
    values = case.values
    at = f"{case.channel}/{case.number} · {words['state']}: {case.state}"
    initialled = ", ".join(values["initialled_by"]) or "-"
    signed = ", ".join(values["signed_by"]) or "-"
    foot = [
        f"{at} · {words['version']} {values['version']} · {words['original']} {own}",
        f"{words['authentic']}: {', '.join(map(str, values['languages']))}",
        f"{words['initialled']}: {initialled} · {words['signed']}: {signed}",
        f"{words['digest']}: {values['digest']}",
        f"{words['printed']} {rfc3339(now)} · {words['copy']}",
    ]
    return Language(
        code=code,
        title=visible(title.texts.get(code, "")),
        articles=tuple(
            Article(
                number=visible(one.number),
                text=visible(one.texts.get(code, "")),
                brackets=tuple(_bracket(each, code, words["alternative"]) for each in one.brackets),
            )
            for one in articles
        ),
        foot=tuple(foot),
        words=words,
    )


def _bracket(bracket: Any, code: str, other: str) -> str:
    said = f"[{bracket['by']}: {bracket['words'].get(code, '')}"
    for one in bracket["alternatives"]:
        said += f" / {other} {one['by']}: {one['words'].get(code, '')}"
    return visible(said + "]")


def write_html(page: TextPage) -> str:
    """Return the page as HTML that loads nothing; a browser prints it, also into a PDF."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    return environment.from_string(_PAGE).render(page=page)
