"""Which notification of ours a published notice is, by its own words; the words are the reason.

A notice that says in so many words that it is an exercise, a launch or nothing but the
cancellation of another becomes that; everything else is a warning. Where the words name two
of them it stays a warning, and the choice is told as open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from parley.desk.problems import Words
from parley.desk.published.letters import plain_letters, tidy
from parley.desk.published.model import Notice

PROCEDURES: Final = ("warning", "exercise", "launch")
_MOVES: Final = {
    "warning": "warning.issue",
    "exercise": "exercise.notify",
    "launch": "launch.notify",
}
_NAMES: Final[dict[str, Words]] = {
    "warning": {"en": "a warning", "zh": "警告"},
    "exercise": {"en": "an exercise notification", "zh": "演习通报"},
    "launch": {"en": "a launch notification", "zh": "发射通报"},
}
_WORDS: Final = {
    "exercise": re.compile(
        r"\b(?:MILITARY|NAVAL|AIR|JOINT|COMBINED|FLEET|(?:ANTI-?)?SUBMARINE|WAR|DEFEN[CS]E)\s+EXERCISES?\b"
        r"|\bEXERCISES?\s+(?:WILL|TO)\s+BE\s+(?:HELD|CONDUCTED|CARRIED\s+OUT)|\bMILITARY\s+DRILLS?\b"
        r"|军演|演习|演训"
    ),
    "launch": re.compile(
        r"\b(?:SATELLITE|ROCKET|SPACE|SPACECRAFT|MISSILE)\s+LAUNCH(?:ES|ING)?\b"
        r"|\bLAUNCH(?:ES|ING)?\s+OF\s+(?:AN?\s+|THE\s+)?(?:SATELLITE|ROCKET|MISSILE|SPACE\s?CRAFT|SPACE)"
        r"|(?:火箭|卫星|导弹|航天器|飞船)\s?发射|发射\s?[^.,;\n]{0,8}?(?:火箭|卫星|导弹|飞船)|运载火箭"
    ),
}
SPACE_LAUNCH: Final = re.compile(
    r"\b(?:SATELLITE|SPACE|SPACECRAFT)\s+LAUNCH|LAUNCH(?:ES|ING)?\s+OF\s+(?:AN?\s+|THE\s+)?(?:SATELLITE|SPACE)"
    r"|卫星|飞船|航天器|运载火箭"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """The move that fits a notice.

    Attributes:
        move: full name, such as `exercise.notify`.
        why: the words of the notice that decide, in both languages of the screen.
        is_open: the words name several, so a person has to choose.
    """

    move: str
    why: Words
    is_open: bool = False


def fitting(notice: Notice, wanted: str = "") -> Fitting:
    """Return which move fits.

    Args:
        notice: as it was read.
        wanted: one of `PROCEDURES` where a person chose; empty lets the words decide.
    """
    if wanted:
        return Fitting(move=_MOVES[wanted], why={"en": "chosen", "zh": "由人员选定"})
    if numbers := cancelled_alone(notice):
        said = ", ".join(numbers)[:120]
        why = {
            "en": f"the text cancels {said} and says nothing else: a cancellation",
            "zh": f"原文仅取消 {said}：取消通报",
        }
        return Fitting(move="warning.cancel", why=why)
    plain = plain_letters(notice.text)
    found = {
        name: tidy(notice.text, match.span())
        for name, pattern in _WORDS.items()
        if (match := pattern.search(plain))
    }
    if len(found) == 1:
        ((name, words),) = found.items()
        return Fitting(move=_MOVES[name], why=_because(name, words))
    if found:
        listed = "; ".join(found.values())
        why = {
            "en": f"the text names several ({listed}): a warning, until a person chooses",
            "zh": f"原文兼有数种（{listed}）：暂作警告，待人员选定",
        }
        return Fitting(move=_MOVES["warning"], why=why, is_open=True)
    why = {
        "en": "no words for an exercise, a launch or a mere cancellation: a warning",
        "zh": "原文无演习、发射或单纯取消的字样：警告",
    }
    return Fitting(move=_MOVES["warning"], why=why)


def _because(name: str, words: str) -> Words:
    kind = _NAMES[name]
    return {
        "en": f'the text says "{words}": {kind["en"]}',
        "zh": f"原文写有“{words}”：{kind['zh']}",
    }


def cancelled_alone(notice: Notice) -> list[str]:
    """Return the numbers that a notice cancels, if it says nothing else; else none.

    A NOTAMC has a time from which it holds, and that is no window of its own.
    """
    numbers = [each.number for each in notice.references if each.act == "cancels" and each.number]
    is_more = bool(notice.shapes or notice.unread) or any(
        window.end is not None for window in notice.windows
    )
    return [] if is_more else numbers
