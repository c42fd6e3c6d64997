"""A question about unusual activity: asked, answered point by point, asked again, or left."""

from __future__ import annotations

from collections.abc import Mapping

from parley.core.instants import rfc3339
from parley.desk.actors import By
from parley.desk.areas import areas
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import Boolean, Choice, Integer, Json, Text, WordsType
from parley.desk.places import Where
from parley.desk.procedure import (
    ClockRule,
    Go,
    Move,
    Procedure,
    columns,
    put,
    state,
    words,
)
from parley.desk.reasons import REASONS
from parley.desk.silence import COLUMNS as SILENCE
from parley.desk.silence import is_lapsed, silence
from parley.desk.structures import ListOf, Struct, member
from parley.desk.times import InstantType, Windows

KINDS = Choice(
    (
        ("answer", "answered", "答复"),
        ("decline", "declined", "不予答复"),
        ("does-not-apply", "does not apply", "不适用"),
    )
)
ANSWER = Struct(
    (
        member("question", 0, Integer(1, 40), "to question number", "针对第几问"),
        member("kind", 1, KINDS, "how", "方式"),
        member("text", 2, WordsType(1000), "answer", "答复内容"),
    ),
    bare="text",
)
QUESTIONS = put(
    "questions",
    36,
    ListOf(item=WordsType(500), least=1, most=40, lenient=True),
    "questions",
    "问题",
    required=True,
)


def _is_urgent(step: StepFacts) -> bool:
    return step.json("urgent") is True


def _is_usual(step: StepFacts) -> bool:
    return not _is_urgent(step)


_CLOCKS = ("query.reply_by", "query.urgent", "query.meeting")


def _asked(case: CaseFacts) -> int:
    """Return how many questions stand in the newest round."""
    said = case.steps_of("ask", "ask_again")[-1].json("questions")
    return len(said) if isinstance(said, list) else 0


def _answered(case: CaseFacts) -> int:
    """Return how many questions of the newest round were answered, refused or set aside."""
    asked = case.steps_of("ask", "ask_again")[-1]
    place = list(case.steps).index(asked)
    told: set[int] = set()
    for step in list(case.steps)[place:]:
        said = step.json("answers") if step.move == "query.answer" else None
        for at, one in enumerate(said if isinstance(said, list) else (), start=1):
            number = one.get("question", at) if isinstance(one, Mapping) else at
            told.add(number if isinstance(number, int) else at)
    return len([number for number in told if number <= _asked(case)])


def _meetings(case: CaseFacts) -> list[CaseFacts]:
    return [other for other in case.referrers("query") if other.procedure == "meeting"]


def _attended(case: CaseFacts) -> bool | None:
    """Say whether those who were asked came to what was held; None where there is no meeting.

    Several may have asked, and meet; that alone is no meeting with the side that was asked.
    """
    meetings = _meetings(case)
    if not meetings:
        return None
    asked = {office.partition("/")[0] for office in case.to}
    came = all({step.party for step in one.steps_of("hold")} >= asked for one in meetings)
    return came and all(case.row_of(one).get("attended") is True for one in meetings)


def _state(case: CaseFacts) -> str:
    quiet = any(is_lapsed(case.clock(name)) for name in _CLOCKS)
    if case.state == "asked" and quiet:
        return "lapsed"
    if case.state == "answered":
        return "answered in full" if _answered(case) >= _asked(case) else "answered in part"
    if case.state == "meeting asked":
        states = [str(case.row_of(one).get("state")) for one in _meetings(case)]
        if any(one == "held" for one in states):
            return "held" if _attended(case) else "not attended"
        if any(one == "not attended" for one in states):
            return "not attended"
    return case.state


def _row(case: CaseFacts) -> dict[str, Json]:
    answers, declines = case.steps_of("answer"), case.steps_of("decline")
    meetings = _meetings(case)
    askers = dict.fromkeys([case.opener, *(step.party for step in case.steps_of("join"))])
    delivered = case.delivered(case.opening)
    quiet = silence(case, *_CLOCKS)
    return {
        "state": _state(case),
        "by": case.by,
        "to": case.to[0] if len(case.to) == 1 else list(case.to),
        "askers": list(askers),
        "activity": case.opening.json("activity"),
        "urgent": case.opening.json("urgent") is True,
        "questions": _asked(case),
        "answered": _answered(case),
        "answer": answers[-1].name if answers else None,
        "answered_late": bool(answers) and silence(case, *_CLOCKS[:2])["lapsed_first"],
        "rounds": len(case.steps_of("ask", "ask_again")),
        "reason": declines[-1].json("reason") if declines else None,
        "meeting": meetings[0].opening.name if meetings else None,
        "attended": _attended(case),
        "delivered_at": None if delivered is None else rfc3339(delivered),
        "rung": case.rung()[0],
        **quiet,
    }


QUERY = Procedure(
    name="query",
    code="P13",
    prefix="QRY",
    words=words("question about unusual activity", "异常军事活动询问"),
    register="queries",
    states=(
        state("asked", "asked", "已询问"),
        state("answered", "answered", "已答复"),
        state("declined", "declined", "已谢绝"),
        state("meeting asked", "meeting asked for", "已要求会晤"),
        state("closed", "closed", "已结案", final=True),
        state("answered in full", "answered in full", "已全部答复", derived=True),
        state("answered in part", "answered in part", "已部分答复", derived=True),
        state("lapsed", "no answer", "届满未答复", derived=True),
        state("held", "meeting held", "会晤已举行", derived=True),
        state("not attended", "meeting not attended", "一方未出席会晤", derived=True),
    ),
    moves=(
        Move(
            name="ask",
            kind=1300,
            words=words("ask about an activity", "询问活动"),
            opens="yes",
            initial="asked",
            fields=(
                put("activity", 32, WordsType(500), "activity seen", "所见活动", required=True),
                put("where", 33, Where(), "where", "地点", required=True),
                put("since", 34, InstantType(), "since", "起始时间", required=True),
                put("concern", 35, WordsType(500), "concern", "关切", required=True),
                QUESTIONS,
                put("urgent", 37, Boolean(), "urgent", "紧急"),
                put("on_behalf_of", 38, Text(200), "on behalf of", "代表"),
            ),
        ),
        Move(
            name="join",
            kind=1301,
            words=words("join the question", "联署询问"),
            by=By.ANY,
            keeps=("asked", "answered", "declined", "meeting asked"),
        ),
        Move(
            name="answer",
            kind=1302,
            words=words("answer", "答复"),
            by=By.ADDRESSEE,
            go=(Go("asked", "answered"), Go("answered", "answered"), Go("declined", "answered")),
            keeps=("meeting asked",),
            fields=(
                put(
                    "answers",
                    32,
                    ListOf(item=ANSWER, least=1, most=40, lenient=True),
                    "answers",
                    "答复",
                    required=True,
                ),
                put("area", 33, areas(), "area", "区域"),
                put("end", 34, InstantType(), "end of the activity", "活动结束"),
                put("units", 35, Text(500), "units", "部队"),
                put("strength", 36, Text(200), "strength", "兵力"),
            ),
        ),
        Move(
            name="ask_again",
            kind=1303,
            words=words("ask again", "再次询问"),
            go=tuple(Go(before, "asked") for before in ("asked", "answered", "declined")),
            fields=(QUESTIONS, put("urgent", 37, Boolean(), "urgent", "紧急")),
            most=2,
        ),
        Move(
            name="ask_meeting",
            kind=1304,
            words=words("ask for a meeting", "要求会晤"),
            go=tuple(Go(before, "meeting asked") for before in ("asked", "answered", "declined")),
            fields=(
                put("windows", 32, Windows(most=10), "when", "时间"),
                put("place", 33, Text(120), "place", "地点"),
            ),
        ),
        Move(
            name="decline",
            kind=1305,
            words=words("decline to answer", "不予答复"),
            by=By.ADDRESSEE,
            go=(Go("asked", "declined"), Go("answered", "declined")),
            keeps=("meeting asked",),
            fields=(
                put("reason", 32, REASONS, "reason", "理由", required=True),
                put("mechanism", 33, Text(120), "right mechanism", "应循机制"),
            ),
        ),
        Move(
            name="close",
            kind=1306,
            words=words("close the question", "结案"),
            go=tuple(Go(b, "closed") for b in ("asked", "answered", "declined", "meeting asked")),
        ),
    ),
    clocks=(
        ClockRule(
            name="query.reply_by",
            words=words("answer to the question", "答复询问"),
            starts=("ask", "ask_again"),
            runs_in=("asked",),
            applies=_is_usual,
        ),
        ClockRule(
            name="query.urgent",
            words=words("answer to the urgent question", "答复紧急询问"),
            starts=("ask", "ask_again"),
            runs_in=("asked",),
            applies=_is_urgent,
        ),
        ClockRule(
            name="query.meeting",
            words=words("the meeting asked for", "所要求的会晤"),
            starts=("ask_meeting",),
            runs_in=("meeting asked",),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("asked by", "询问方"),
        to=("asked of", "受询方"),
        askers=("askers", "联署方"),
        activity=("activity", "活动"),
        urgent=("urgent", "紧急"),
        questions=("questions", "问题数"),
        answered=("answered", "已答数"),
        answer=("answer", "答复"),
        answered_late=("answered late", "逾期答复"),
        rounds=("rounds", "轮次"),
        reason=("reason", "理由"),
        meeting=("meeting", "会晤"),
        attended=("attended", "出席"),
        delivered_at=("delivered", "送达"),
        rung=("rung", "确认级别"),
    )
    + SILENCE,
    row=_row,
)
