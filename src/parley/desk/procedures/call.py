"""A call on the line: asked for, rung, connected, closed by each side in its own words."""

from __future__ import annotations

from parley.core.instants import iso_duration, rfc3339
from parley.desk.actors import By
from parley.desk.checks import ends_after
from parley.desk.facts import CaseFacts, StepFacts, attempts_of
from parley.desk.fields import Choice, Duration, Integer, Json, Ref, Text, WordsType
from parley.desk.procedure import ClockRule, Go, Move, Procedure, columns, put, state, words
from parley.desk.reasons import LEVEL, REASONS
from parley.desk.silence import COLUMNS as SILENCE
from parley.desk.silence import is_lapsed, silence
from parley.desk.times import Due, InstantType, When, Windows, exact, local_day, start_of

MEDIA = Choice(
    (
        ("voice", "voice", "语音"),
        ("video", "video", "视频"),
        ("text", "text conference", "文字会议"),
    )
)


INTERPRETERS = Choice((("own", "each its own", "各自配备"), ("shared", "shared", "共用")))
LONGEST = 240 * 60
"""No call is asked for that is longer; one of which nobody noted the end by then was cut off."""


def _span(step: StepFacts) -> tuple[int, int] | None:
    """Return beginning and end as this side gives them, exact ones only."""
    began, ended = exact(step.wire("began")), exact(step.wire("ended"))
    length = step.wire("duration")
    if began is not None and ended is None and isinstance(length, int):
        ended = began + length
    return None if began is None or ended is None or ended < began else (began, ended)


def _row(case: CaseFacts) -> dict[str, Json]:
    closes = case.steps_of("close")
    spans = [span for step in closes if (span := _span(step)) is not None]
    first = closes[0] if closes else None
    length = min(end for _, end in spans) - max(begin for begin, _ in spans) if spans else None
    both = case.has_both("close")
    now = _state(case)
    began = first.json("began") if first else None
    ended = first.json("ended") if first else None
    if ended is None and spans:
        ended = rfc3339(spans[0][1])
    return {
        "state": "closed" if closes else now,
        "by": case.by,
        "to": list(case.to),
        "began": began,
        "ended": ended,
        "length": None if length is None or length < 0 else iso_duration(length),
        "medium": first.json("medium") if first else case.opening.json("medium"),
        "level": next(
            (level for step in case.steps if (level := step.json("level")) is not None), None
        ),
        "both": both,
        "attempts": attempts_of((case.opening, *case.steps_of("ring"), *case.annotations)),
        "local_dates": _local_dates(closes),
        "request": next((r for step in closes if (r := step.json("request")) is not None), None),
        **silence(case, "call.reply_by"),
    }


def _parts(case: CaseFacts) -> dict[str, dict[str, Json]]:
    """Return the call as each side that noted its end has it, with the date of its own clock."""
    found: dict[str, dict[str, Json]] = {}
    for step in case.steps_of("close"):
        span = _span(step)
        found[step.party] = {
            "began": step.json("began"),
            "ended": step.json("ended") or (None if span is None else rfc3339(span[1])),
            "length": None if span is None else iso_duration(span[1] - span[0]),
            "medium": step.json("medium"),
            "local_dates": _local_dates([step]),
        }
    return found


def _state(case: CaseFacts) -> str:
    """Return the declared state, with what time adds: no answer, or an end that nobody noted."""
    if case.state in ("requested", "countered") and is_lapsed(case.clock("call.reply_by")):
        return "unanswered"
    if case.state == "connected":
        last = case.steps_of("connect")[-1]
        began = start_of(last.wire("began")) or last.claimed
        if case.moment >= began + LONGEST:
            return "interrupted"
    return case.state


def _local_dates(closes: list[StepFacts]) -> list[Json]:
    """Return the days on which it began, each as one side wrote it; one call may have two."""
    days = {day for step in closes if (day := local_day(step.wire("began"))) is not None}
    return [*sorted(days)]


CALL = Procedure(
    name="call",
    code="P04",
    prefix="CAL",
    words=words("call", "通话"),
    register="calls",
    states=(
        state("requested", "asked for", "已提出"),
        state("agreed", "agreed", "已同意"),
        state("countered", "other time proposed", "已提其他时间"),
        state("declined", "declined", "已谢绝", final=True),
        state("connected", "connected", "已接通"),
        state("closed by one", "closed by one side", "一方已记结束"),
        state("closed", "closed", "已结束", final=True),
        state("withdrawn", "withdrawn", "已撤回", final=True),
        state("unanswered", "no answer", "无人应答", derived=True),
        state("interrupted", "interrupted, no end noted", "中断，未记结束", derived=True),
    ),
    moves=(
        Move(
            name="request",
            kind=400,
            words=words("ask for a call", "请求通话"),
            opens="yes",
            initial="requested",
            fields=(
                put("level", 32, LEVEL, "between which offices", "对等席位", required=True),
                put("medium", 33, MEDIA, "medium", "方式", required=True),
                put("when", 34, When(most=10), "when; now if left out", "时间，不填即现在"),
                put("attempt", 35, Integer(1, 999), "attempt", "第几次"),
                put("interpreters", 36, INTERPRETERS, "interpreters", "译员"),
                put("duration", 37, Duration(5 * 60, LONGEST), "length asked for", "预计时长"),
                put("purpose", 38, WordsType(300), "purpose", "目的"),
                put("reply_by", 5, Due(), "answer asked for by", "请于何时前答复"),
            ),
        ),
        Move(
            name="ring",
            kind=401,
            words=words("note a ring", "记录呼叫"),
            keeps=("requested", "agreed", "countered"),
            on=("request",),
            fields=(
                put("attempt", 32, Integer(1, 999), "attempt", "第几次"),
                put("medium", 33, MEDIA, "medium", "方式"),
            ),
        ),
        Move(
            name="accept",
            kind=402,
            words=words("agree to the call", "同意通话"),
            by=By.ADDRESSEE,
            go=(Go("requested", "agreed"), Go("countered", "agreed", By.OTHER)),
            fields=(put("time", 32, InstantType(), "time", "时间"),),
        ),
        Move(
            name="counter",
            kind=403,
            words=words("propose another time", "提出其他时间"),
            by=By.ADDRESSEE,
            go=(Go("requested", "countered"), Go("countered", "countered", By.OTHER)),
            fields=(put("when", 32, Windows(most=10), "when", "时间", required=True),),
        ),
        Move(
            name="decline",
            kind=404,
            words=words("decline the call", "谢绝通话"),
            by=By.ADDRESSEE,
            go=(Go("requested", "declined"), Go("countered", "declined", By.OTHER)),
            fields=(put("reason", 32, REASONS, "reason", "理由", required=True),),
        ),
        Move(
            name="withdraw",
            kind=405,
            words=words("withdraw the call", "撤回通话请求"),
            go=(
                Go("requested", "withdrawn"),
                Go("countered", "withdrawn"),
                Go("agreed", "withdrawn"),
            ),
        ),
        Move(
            name="connect",
            kind=406,
            words=words("note that the line is connected", "记录接通"),
            by=By.EITHER,
            go=(
                Go("requested", "connected"),
                Go("agreed", "connected"),
                Go("connected", "connected"),
            ),
            fields=(put("began", 32, InstantType(), "began", "开始"),),
        ),
        Move(
            name="close",
            kind=407,
            words=words("note the end of the call", "记录通话结束"),
            by=By.EACH,
            opens="may",
            initial="closed by one",
            go=(
                Go("requested", "closed by one"),
                Go("agreed", "closed by one"),
                Go("connected", "closed by one"),
                Go("closed by one", "closed by one"),
            ),
            done="closed",
            fields=(
                put("medium", 32, MEDIA, "medium", "方式", required=True),
                put("began", 33, InstantType(), "began", "开始"),
                put("ended", 34, InstantType(), "ended", "结束"),
                put("duration", 35, Duration(1, 86_400), "length", "时长"),
                put("request", 36, Ref(), "answers the request", "对应请求"),
                put("level", 37, LEVEL, "between which offices", "对等席位"),
                put("source", 38, Text(200), "source", "来源"),
            ),
            checks=(ends_after("began", "ended"),),
        ),
    ),
    clocks=(
        ClockRule(
            name="call.reply_by",
            words=words("answer to the call", "应答通话请求"),
            starts=("request", "counter"),
            runs_in=("requested", "countered"),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("asked by", "提出方"),
        to=("asked of", "受请方"),
        began=("began", "开始"),
        ended=("ended", "结束"),
        length=("length", "时长"),
        medium=("medium", "方式"),
        level=("level", "层级"),
        both=("both sides say so", "双方均记载"),
        attempts=("rings", "呼叫次数"),
        local_dates=("local dates", "当地日期"),
        request=("request", "对应请求"),
    )
    + SILENCE,
    row=_row,
    parts=_parts,
)
