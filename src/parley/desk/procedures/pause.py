"""A pause in fighting: what stops, where, from when to when; it ends to the second."""

from __future__ import annotations

from parley.core.instants import rfc3339
from parley.desk.actors import By
from parley.desk.areas import areas
from parley.desk.checks import windows_ahead
from parley.desk.facts import CaseFacts
from parley.desk.fields import Json, Matter, Text, WordsType
from parley.desk.notices import before_the_end
from parley.desk.places import Where
from parley.desk.procedure import ClockRule, Go, Move, Procedure, columns, put, state, words
from parley.desk.reasons import REASONS
from parley.desk.silence import COLUMNS as SILENCE
from parley.desk.silence import is_lapsed, silence
from parley.desk.times import Due, InstantType, Windows, pairs_of


def _span(case: CaseFacts) -> tuple[int, int] | None:
    """Return begin and end as both have agreed; an extension counts when it is agreed to."""
    windows = pairs_of(case.opening.wire("window"))
    if not windows:
        return None
    begins, ends = windows[0]
    for step, after in zip(case.steps, [*case.steps[1:], None], strict=False):
        if step.move == "pause.extend" and after is not None:
            offered = pairs_of(step.wire("window"))
            if after.move == "pause.agree_extension" and offered:
                ends = offered[0][1]
    return begins, ends


_AGREED = ("agreed", "extension proposed")


def _state(case: CaseFacts, span: tuple[int, int] | None) -> str:
    if case.state == "proposed" and is_lapsed(case.clock("pause.reply_by")):
        return "lapsed"
    if case.state not in _AGREED or span is None or case.moment < span[0]:
        return case.state
    if case.moment >= span[1]:
        return "expired"
    return "in force"


def _row(case: CaseFacts) -> dict[str, Json]:
    span = _span(case)
    broken = case.steps_of("say_broken")
    now = _state(case, span)
    return {
        "state": now,
        "by": case.by,
        "to": list(case.to),
        "what_stops": case.opening.json("what_stops"),
        "from": None if span is None else rfc3339(span[0]),
        "until": None if span is None else rfc3339(span[1]),
        "left_s": span[1] - case.moment if span is not None and now == "in force" else None,
        "extended": len(case.steps_of("agree_extension")),
        "said_broken": len(broken),
        "said_broken_by": sorted({step.party for step in broken}),
        "rung": case.rung()[0],
        **silence(case, "pause.reply_by"),
    }


PAUSE = Procedure(
    name="pause",
    code="P28",
    prefix="PSE",
    words=words("humanitarian pause or ceasefire", "人道主义暂停或停火"),
    register="pauses",
    states=(
        state("proposed", "proposed", "已提议"),
        state("agreed", "agreed by both", "双方已同意"),
        state("extension proposed", "extension proposed", "已提议延长"),
        state("declined", "declined", "已谢绝", final=True),
        state("withdrawn", "withdrawn", "已撤回", final=True),
        state("ended", "ended by notice", "已通知结束", final=True),
        state("in force", "in force", "生效中", derived=True),
        state("expired", "expired", "已期满", derived=True),
        state("lapsed", "no answer", "届满未答复", derived=True),
    ),
    moves=(
        Move(
            name="propose",
            kind=2800,
            words=words("propose a pause", "提议暂停"),
            opens="yes",
            initial="proposed",
            fields=(
                put("what_stops", 32, WordsType(500), "what stops", "停止的行动", required=True),
                put("where", 33, areas(), "where", "区域", required=True),
                put("window", 34, Windows(most=1), "from and to", "起止", required=True),
                put("exceptions", 35, WordsType(500), "exceptions", "例外"),
                put(
                    "violation_line",
                    36,
                    Text(120),
                    "where violations are reported",
                    "违反情况通报途径",
                ),
                put("reply_by", 5, Due(), "answer asked for by", "请于何时前答复"),
            ),
            checks=(windows_ahead("window"),),
        ),
        Move(
            name="accept",
            kind=2801,
            words=words("agree to the pause", "同意暂停"),
            by=By.ADDRESSEE,
            go=(Go("proposed", "agreed"),),
            checks=(before_the_end("window"),),
        ),
        Move(
            name="decline",
            kind=2802,
            words=words("decline the pause", "谢绝暂停"),
            by=By.ADDRESSEE,
            go=(Go("proposed", "declined"),),
            fields=(put("reason", 32, REASONS, "reason", "理由", required=True),),
        ),
        Move(
            name="withdraw",
            kind=2803,
            words=words("withdraw the proposal", "撤回提议"),
            go=(Go("proposed", "withdrawn"),),
        ),
        Move(
            name="extend",
            kind=2804,
            words=words("propose an extension", "提议延长"),
            by=By.EITHER,
            go=(Go("agreed", "extension proposed"),),
            fields=(put("window", 32, Windows(most=1), "from and to", "起止", required=True),),
            checks=(windows_ahead("window"),),
        ),
        Move(
            name="agree_extension",
            kind=2805,
            words=words("agree to the extension", "同意延长"),
            by=By.OTHER,
            go=(Go("extension proposed", "agreed"),),
        ),
        Move(
            name="decline_extension",
            kind=2806,
            words=words("decline the extension", "谢绝延长"),
            by=By.OTHER,
            go=(Go("extension proposed", "agreed"),),
            fields=(put("reason", 32, REASONS, "reason", "理由", required=True),),
        ),
        Move(
            name="say_broken",
            kind=2807,
            words=words("say that it was broken", "称其被违反"),
            by=By.EITHER,
            keeps=("agreed", "extension proposed", "ended"),
            fields=(
                put("when", 32, InstantType(), "when", "时间", required=True),
                put("where", 33, Where(), "where", "地点"),
                put("what", 34, WordsType(500), "what happened", "情况", required=True),
                put("incident", 35, Matter(), "incident", "相关事件"),
            ),
        ),
        Move(
            name="end",
            kind=2808,
            words=words("give notice that it ends", "通知结束"),
            by=By.EITHER,
            go=(Go("agreed", "ended"), Go("extension proposed", "ended")),
            fields=(put("at", 32, InstantType(), "ends at", "结束时间"),),
            needs=("reason_text",),
        ),
    ),
    clocks=(
        ClockRule(
            name="pause.reply_by",
            words=words("answer to the proposed pause", "答复暂停提议"),
            starts=("propose",),
            runs_in=("proposed",),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("proposed by", "提议方"),
        to=("to", "受文方"),
        what_stops=("what stops", "停止的行动"),
        **{"from": ("from", "起"), "until": ("until", "止")},
        left_s=("seconds left", "剩余秒数"),
        extended=("times extended", "延长次数"),
        said_broken=("times said to be broken", "称被违反次数"),
        said_broken_by=("said by", "指称方"),
        rung=("rung", "确认级别"),
    )
    + SILENCE,
    row=_row,
)
