"""Jinja2 as we use it: everything escaped, a missing name is an error, no markup from texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from parley.console import moments, said, words
from parley.console.assets import asset_path, build
from parley.console.brackets import in_place
from parley.console.field_words import fact_words, field_words, plain_words, worked_out
from parley.console.findings import finding_text
from parley.console.labels import Labels
from parley.console.language import HTML_LANG, LANGUAGES, Language
from parley.console.notations import notations
from parley.console.refusals import Refusals, refusal_text
from parley.console.seat import SIZES, THEMES
from parley.console.side_by_side import part_name
from parley.console.structures import names_of
from parley.core.keys import fingerprint_words
from parley.desk.text_changes import changes
from parley.station.qr_code import QUIET, qr_code

PRECEDENCE: Final = {"Z": "flash", "O": "immediate", "P": "priority", "R": "routine"}


class Renderer:
    """Renders templates in the language of whoever looks."""

    def __init__(self, labels: Labels) -> None:
        self.refusals = Refusals(labels)
        self._environment = Environment(
            loader=PackageLoader("parley.console", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(
            _=_say,
            n_=_say_count,
            pick=_pick,
            at=_at,
            hm=_hm,
            stamp=moments.stamp,
            full=_full,
            length=_length,
            age=_age,
            span=_span,
            iso=moments.iso,
            dtg_date=moments.date,
            dtg_clock=moments.clock,
            word=_word,
            alarm_text=_alarm_text,
            need_text=_need_text,
            typed_names=names_of,
            value_text=_value_text,
            field_words=_field_words,
            finding=_finding,
            digest_words=_digest_words,
            refusal=_refusing(self.refusals.what),
            next_step=_refusing(self.refusals.next_step),
            refusal_text=_refusal_text,
            act_name=_picking(labels.move),
            state_name=_picking(labels.state),
            field_name=_picking(labels.field),
            choice_name=_picking(labels.choice),
            fact_text=_fact_text(labels),
            told=_told,
            cap=_cap,
            qr_code=lru_cache(maxsize=256)(partial(qr_code, edge=QUIET)),
            num=lambda n: "" if n is None else f"{n:,}",
            pieces=said.pieces,
            left_over=said.left_over,
            notations=notations,
            changes=changes,
            in_place=in_place,
            differs_name=_differs_name,
            tongue=_tongue,
            snippet=said.snippet,
            asset=asset_path,
            build=build(),
            languages=LANGUAGES,
            html_lang=HTML_LANG,
            themes=THEMES,
            sizes=SIZES,
            precedence_class=lambda letter: PRECEDENCE.get(letter, "routine"),
        )

    def render(self, template: str, facts: Mapping[str, Any]) -> str:
        """Return the page."""
        between = facts["view"].language.marks
        marks = {"sep": between.member, "comma": between.clause}
        return self._environment.get_template(template).render(marks | dict(facts))


def _language(context: Context) -> Language:
    language = context["view"].language
    assert isinstance(language, Language)
    return language


def _now(context: Context) -> int:
    return int(context["now"])


@pass_context
def _say(context: Context, sentence: str, /, **facts: object) -> str:
    return _language(context).say(sentence, **facts)


@pass_context
def _say_count(context: Context, one: str, many: str, n: int, /, **facts: object) -> str:
    return _language(context).say_count(one, many, n, **facts)


@pass_context
def _pick(context: Context, text: Any) -> str:
    return _language(context).pick(text)


@pass_context
def _digest_words(context: Context, digest: str) -> str:
    """Return the first words of a digest: those of the reader's language, then the English ones.

    Two officers of one station may read in two languages; both see what the other reads out.
    """
    codes = dict.fromkeys([_language(context).code, "en"])
    read = (fingerprint_words(bytes.fromhex(digest), code)[:4] for code in codes if digest)
    return " · ".join(" ".join(words) for words in read)


def _refusing(tell: Callable[[Language, Any], Any]) -> Callable[..., Any]:
    @pass_context
    def told(context: Context, problem: Any) -> Any:
        return tell(_language(context), problem)

    return told


@pass_context
def _refusal_text(context: Context, text: str) -> str:
    return refusal_text(_language(context), text)


def _picking(find: Callable[..., Any]) -> Callable[..., str]:
    @pass_context
    def name(context: Context, *codes: Any) -> str:
        return _language(context).pick(find(*codes))

    return name


@pass_context
def _told(context: Context, value: Any) -> str:
    """Return a value of one recipient in words."""
    return worked_out(value, _language(context))


def _fact_text(labels: Labels) -> Callable[..., str]:
    @pass_context
    def fact_text(context: Context, procedure: str, fact: Any) -> str:
        """Return what the desk has worked out, in words."""
        language, named = _language(context), labels.fact(procedure, fact)
        is_named = named is not fact.value
        return language.pick(named) if is_named else fact_words(procedure, fact, language)

    return fact_text


def _cap(text: str) -> str:
    """Return a text that begins a line or a button."""
    return text[:1].upper() + text[1:]


@pass_context
def _at(context: Context, instant: int | None) -> str:
    return moments.at(instant, _now(context))


@pass_context
def _hm(context: Context, instant: int | None) -> str:
    return moments.hm(instant, _now(context))


@pass_context
def _full(context: Context, instant: int | None) -> str:
    return moments.full(instant, _language(context))


@pass_context
def _length(context: Context, seconds: int | None) -> str:
    return moments.length(seconds, _language(context))


@pass_context
def _age(context: Context, seconds: int | None) -> str:
    return moments.age(seconds, _language(context))


@pass_context
def _span(context: Context, seconds: int | None) -> str:
    return moments.span(seconds, _language(context))


@pass_context
def _alarm_text(context: Context, alarm: Any) -> str:
    return words.alarm_text(_language(context), alarm)


@pass_context
def _need_text(context: Context, need: Any) -> str:
    """Return what an item of the inbox is about; an alarm about no entry in words of its own."""
    found = [each for each in context["alarms"] if need.id == f"alarm-{each.id}"]
    if found and need.entry is None:
        return words.alarm_text(_language(context), found[0])
    # What has no subject is still a link that can be pressed: it says which entry it is.
    return _language(context).pick(need.subject) or str(need.entry or need.case or "")


@pass_context
def _value_text(context: Context, text: str) -> str:
    return plain_words(text, _language(context))


@pass_context
def _field_words(context: Context, entry: Any, field: Any) -> str:
    return field_words(entry.procedure, entry.move, field, _language(context))


@pass_context
def _finding(context: Context, text: str) -> str:
    return finding_text(_language(context), text)


def _tongue(tag: str) -> str:
    """Return what a language is called in itself, where this console knows it, else its code."""
    return next((LANGUAGES[code] for code in LANGUAGES if tag in (code, HTML_LANG[code])), tag)


@pass_context
def _differs_name(context: Context, field: str) -> str:
    """Return where the languages of a joint text differ, in words: `1 distances`."""
    return part_name("joint_text", field, _language(context))


@pass_context
def _word(context: Context, family: str, code: Any) -> str:
    return words.word(_language(context), family, code)
