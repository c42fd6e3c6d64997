"""A non-paper: a sounding that its receiver can be sure of and cannot show to anybody as proof."""

from __future__ import annotations

from parley.core.instants import rfc3339
from parley.desk.actors import By
from parley.desk.facts import CaseFacts
from parley.desk.fields import Duration, Json
from parley.desk.procedure import Go, Move, Procedure, columns, put, state, words
from parley.desk.times import DAY


def _row(case: CaseFacts) -> dict[str, Json]:
    life = case.opening.wire("shelf_life")
    ends = case.opening.claimed + life if isinstance(life, int) else None
    over = case.state == "sounded" and ends is not None and ends <= case.moment
    named = case.has_both("may_mention")
    return {
        "state": "expired" if over else case.state,
        "by": case.by,
        "to": list(case.to),
        "shelf_life_ends": None if ends is None else rfc3339(ends),
        "may_be_mentioned": named,
        "can_be_shown": False,
        "rung": case.rung()[0],
    }


NON_PAPER = Procedure(
    name="non_paper",
    code="P34",
    prefix="NPP",
    words=words("non-paper", "非文件"),
    register="non_papers",
    states=(
        state("sounded", "sounded", "已试探"),
        state("replied", "replied", "已回应"),
        state("dropped", "dropped", "已作罢", final=True),
        state("expired", "past its shelf life", "已过时效", derived=True),
    ),
    moves=(
        Move(
            name="sound",
            kind=3400,
            words=words("sound out", "试探"),
            opens="yes",
            initial="sounded",
            private=True,
            fields=(
                put(
                    "shelf_life",
                    32,
                    Duration(3600, 366 * DAY),
                    "shelf life",
                    "有效期",
                    required=True,
                ),
            ),
            needs=("text",),
        ),
        Move(
            name="reply",
            kind=3401,
            words=words("reply to it", "回应"),
            by=By.ADDRESSEE,
            private=True,
            go=(Go("sounded", "replied"), Go("replied", "replied", By.EITHER)),
            needs=("text",),
        ),
        Move(
            name="may_mention",
            kind=3402,
            words=words("agree that a sounding may be mentioned", "同意可提及曾有试探"),
            by=By.EITHER,
            keeps=("sounded", "replied"),
        ),
        Move(
            name="drop",
            kind=3403,
            words=words("drop it", "作罢"),
            by=By.EITHER,
            private=True,
            go=(Go("sounded", "dropped"), Go("replied", "dropped")),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("from", "发出方"),
        to=("to", "受文方"),
        shelf_life_ends=("shelf life ends", "有效期至"),
        may_be_mentioned=("both agree to mention it", "双方同意可提及"),
        can_be_shown=("can be shown as proof", "可否作为证明"),
        rung=("rung", "确认级别"),
    ),
    row=_row,
)
