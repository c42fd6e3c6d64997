"""What a draft says otherwise in one of its languages, told before it is released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from parley.desk.joint_comparison import BLOCKING
from parley.desk.parallel import Finding, compare_wordings
from parley.desk.procedure import Difference
from parley.station.desk_views import CheckLine, DraftText

_SHOWN_MAX: Final = 8
"""Of one kind of thing so many are shown of each language; the texts stand beside them."""


def language_checks(texts: Sequence[DraftText]) -> list[CheckLine]:
    """Return how the languages of a draft compare; nothing where it has one alone.

    A difference is one to look at, never one that stops: what a person means by it the program does
    not know. Of a language that is there twice the first text is compared.
    """
    said: dict[str, str] = {}
    for text in texts:
        said.setdefault(text.lang, text.text)
    if len(said) < 2:
        return []
    found = compare_wordings(said)
    lines = [_differs(one) for one in found if one.status in BLOCKING]
    unread = [lang for one in found if one.status == "not_comparable" for lang in one.values]
    if unread:
        lines.append(_unread(unread))
    compared = [lang for lang in said if lang not in unread]
    return lines if lines or len(compared) < 2 else [_agrees(compared)]


def difference_checks(differences: Sequence[Difference]) -> list[CheckLine]:
    """Return how the languages of a joint text compare, each difference with its article and kind.

    The field of a difference is `2.durations`: what who closes or initials the text names as seen.
    """
    lines = []
    for one in differences:
        if one.status not in BLOCKING:
            continue
        quoted = {
            lang: [str(found["written"]) for found in all_ if isinstance(found, Mapping)]
            for lang, all_ in one.values.items()
            if isinstance(all_, list)
        }
        lines.append(_quoted(quoted, f"{one.field}: "))
    return lines


def _differs(finding: Finding) -> CheckLine:
    quoted = {lang: [one.written for one in ones] for lang, ones in finding.values.items()}
    return _quoted(quoted)


def _quoted(all_quoted: Mapping[str, Sequence[str]], where: str = "") -> CheckLine:
    quoted = {lang: ones[:_SHOWN_MAX] for lang, ones in all_quoted.items()}
    english = "; ".join(f"{lang}: {', '.join(all_) or 'nothing'}" for lang, all_ in quoted.items())
    chinese = "；".join(f"{lang}：{'、'.join(all_) or '无'}" for lang, all_ in quoted.items())
    return _line(
        "look", f"{where}the languages differ. {english}", f"{where}各语言文本不一致。{chinese}"
    )


def _unread(languages: Sequence[str]) -> CheckLine:
    return _line(
        "look",
        f"{', '.join(languages)}: not compared by the program, a person must look",
        f"{'、'.join(languages)}：程序未作比对，须由人核对",
    )


def _agrees(languages: Sequence[str]) -> CheckLine:
    return _line(
        "ok",
        f"no figure, date or time differs between {' and '.join(languages)}",
        f"{'、'.join(languages)} 文本的数字、日期、时间未见不一致",
    )


def _line(level: str, english: str, chinese: str) -> CheckLine:
    return CheckLine(level=level, text=english, words={"en": english, "zh": chinese})
