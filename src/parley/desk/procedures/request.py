"""A request for dialogue: one party asks, the other answers, or the clock shows that it did not."""

from __future__ import annotations

from parley.core.instants import rfc3339
from parley.desk.actors import By
from parley.desk.checks import lies_ahead, one_needed, windows_ahead
from parley.desk.facts import CaseFacts, attempts_of
from parley.desk.fields import (
    Boolean,
    Choice,
    Json,
    Ref,
    Text,
    WordsType,
    office,
)
from parley.desk.problems import Problem, problem
from parley.desk.procedure import (
    ClockRule,
    Draft,
    Go,
    Move,
    Procedure,
    columns,
    put,
    state,
    words,
)
from parley.desk.reasons import LEVEL, REASONS
from parley.desk.silence import is_lapsed, silence
from parley.desk.structures import (
    ListOf,
)
from parley.desk.times import (
    Due,
    InstantType,
    Until,
    Windows,
    exact,
    pairs_of,
    span_of,
    until_instant,
)

FORMS = Choice(
    (
        ("meeting", "meeting", "会晤"),
        ("call", "call", "通话"),
        ("video", "video call", "视频通话"),
        ("working group", "working group", "工作组"),
        ("letters", "exchange of letters", "换函"),
        ("visit", "visit", "访问"),
    )
)
PUBLISH = Choice(
    (
        ("none", "not public", "不公开"),
        ("fact", "that we asked", "可公开曾提出"),
        ("text", "the text", "可公开全文"),
    )
)
_PUBLISH = put("may_publish", 38, PUBLISH, "may be made public", "可否公开")
"""Each side sets it for its own words: the asker in the request, the other in its answer."""
TERMS = (
    put("level", 33, LEVEL, "between which offices", "对等席位"),
    put("form", 32, FORMS, "form", "形式"),
    put("windows", 34, Windows(most=10), "times offered", "可行时段"),
    put("place", 35, Text(120), "place", "地点"),
)


COUNTERED = ("level", "form", "windows", "place", "topics")
"""What a counter changes at least one of."""


def _time_or_date(draft: Draft) -> Problem | None:
    """An acceptance of a form that needs a time names it, or says by when it will be set."""
    windows = pairs_of(draft.terms.get("windows"))
    at = exact(draft.values.get("time"))
    if windows and "time" not in draft.values and "to_be_set_by" not in draft.values:
        return problem("", "one_of", fields="time, to_be_set_by")
    if windows and at is not None and not any(first <= at < end for first, end in windows):
        return problem("time", "outside_windows")
    return None


def _changes_something(draft: Draft) -> Problem | None:
    """A counter differs from what was asked in at least one term."""
    terms = {name: draft.values[name] for name in COUNTERED if name in draft.values}
    changed = [name for name, value in terms.items() if draft.terms.get(name) != value]
    return None if changed else problem("", "nothing_changed")


def _until_ahead(draft: Draft) -> Problem | None:
    """A date to which an answer is deferred lies ahead."""
    said = draft.values.get("until")
    until = until_instant(said) if isinstance(said, str) else None
    if until is not None and until <= draft.at:
        return problem("until", "wrong_order", later=("the date", "日期"), earlier=("now", "此刻"))
    return None


_CLOCKS = {
    "deferred": ("request.deferred", "request.reply_by"),
    "in principle": ("request.principle", "request.reply_by"),
}
"""The clocks that run in a state, the one that counts first."""


def _row(case: CaseFacts) -> dict[str, Json]:
    quiet = silence(case, *_CLOCKS.get(case.state, ("request.reply_by",)))
    declines = case.steps_of("decline", "give_reason", "not_under")
    held = [other for other in case.referrers("request") if other.procedure in ("call", "meeting")]
    delivered = case.delivered(case.opening)
    now = _state(case, held)
    answer = case.last_of(
        "accept", "accept_in_principle", "counter", "decline", "defer", "refer", "not_under"
    )
    reasons = [reason for step in declines if (reason := step.json("reason")) is not None]
    linked = [step.json("linkage") for step in declines if step.json("linkage") is not None]
    linked += [other.opening.name for other in case.referrers("node")]
    acts = [step.json("act") for step in declines if step.json("act") is not None]
    followers = [other.opening.name for other in case.referrers("referred_from")]
    return {
        "state": now,
        "fate": _fate(now),
        "by": case.by,
        "to": case.to[0] if len(case.to) == 1 else list(case.to),
        "form": case.opening.json("form"),
        "reason": reasons[-1] if reasons else None,
        "reason_first": reasons[0] if reasons else None,
        "reason_later": len(reasons) > 1,
        "lapse": quiet["lapse"],
        "lapsed_first": quiet["lapse"] is not None and not now.startswith("lapsed"),
        "due": quiet["due"],
        "sent_at": rfc3339(case.opening.claimed),
        "delivered_at": None if delivered is None else rfc3339(delivered),
        "answered_at": None if answer is None else rfc3339(answer.claimed),
        "attempts": attempts_of(case.annotations),
        "owed": quiet["owed"],
        "standing": case.opening.json("standing") is True,
        "linkage": linked[-1] if linked else None,
        "precision": case.opening.precision,
        "answer": None if answer is None else answer.name,
        "followed_by": followers[0] if followers else None,
        "act": acts[-1] if acts else None,
        "crossed": case.is_crossed,
    }


_OPEN = ("sent", "countered", "counters crossed", "deferred", "in principle", "accepted")


def _state(case: CaseFacts, held: list[CaseFacts]) -> str:
    """Return the state of the board: declared, with what the record adds."""
    if case.state in _OPEN and held:
        both = any(other.has_both("hold", "close") for other in held)
        kept = any(other.steps_of("hold", "close") for other in held)
        if both or kept:
            return "held" if both else "held by one"
    if case.state == "accepted":
        return "not held" if _agreed_time_passed(case) else "accepted"
    if case.state == "in principle":
        principle = case.clock("request.principle")
        lapsed = principle is not None and principle.state.startswith("lapsed")
        return "lapsed after principle" if lapsed else "in principle"
    if case.state == "deferred":
        if is_lapsed(case.clock("request.deferred")):
            return "lapsed"
        until = until_instant(case.steps_of("defer")[-1].json("until"))
        return "pending" if until is not None and until <= case.moment else "deferred"
    clock = case.clock("request.reply_by")
    if case.state in ("sent", "countered") and clock is not None:
        if clock.state.startswith("lapsed"):
            return "lapsed"
        if clock.state == "undelivered" and case.state == "sent":
            return "undelivered"
    if case.state == "sent":
        return "sent" if case.delivered(case.opening) is None else "pending"
    return case.state


def _agreed_time_passed(case: CaseFacts) -> bool:
    accepted = case.last_of("accept")
    grace = case.setting("request.held_grace")
    span = None if accepted is None else span_of(accepted.wire("time"))
    return span is not None and grace is not None and case.moment >= span[1] - 1 + grace


def _fate(now: str) -> str:
    fates = {
        "held": "met",
        "held by one": "met",
        "declined": "declined",
        "not under": "declined",
        "referred": "referred",
        "withdrawn": "withdrawn",
        "lapsed": "lapsed",
        "lapsed after principle": "lapsed",
        "undelivered": "undelivered",
        "overtaken": "overtaken",
    }
    return fates.get(now, "open")


REQUEST = Procedure(
    name="request",
    code="P05",
    prefix="REQ",
    words=words("request for dialogue", "对话请求"),
    register="requests",
    settings=("request.held_grace",),
    states=(
        state("sent", "sent", "已发出"),
        state("accepted", "accepted", "已接受"),
        state("in principle", "accepted in principle", "原则接受"),
        state("countered", "countered", "已提对案"),
        state("counters crossed", "two counters crossed", "对案交错"),
        state("declined", "declined", "已谢绝", final=True),
        state("deferred", "deferred", "已推迟答复"),
        state("referred", "referred elsewhere", "已转他处", final=True),
        state("not under", "not under this mechanism", "不属本机制", final=True),
        state("withdrawn", "withdrawn", "已撤回", final=True),
        state("overtaken", "overtaken by events", "已为事态所取代", final=True),
        state("pending", "waiting for an answer", "待答复", derived=True),
        state("undelivered", "undelivered", "未送达", derived=True),
        state("lapsed", "no answer", "届满未答复", derived=True),
        state("lapsed after principle", "no details after principle", "届满未定", derived=True),
        state("held", "held", "已举行", derived=True),
        state("held by one", "held, one side says", "一方称已举行", derived=True),
        state("not held", "not held", "未举行", derived=True),
    ),
    moves=(
        Move(
            name="open",
            kind=500,
            words=words("ask for dialogue", "提出对话请求"),
            opens="yes",
            initial="sent",
            needs=("topics",),
            fields=(
                put("form", 32, FORMS, "form", "形式", required=True),
                put("level", 33, LEVEL, "between which offices", "对等席位", required=True),
                *TERMS[2:],
                put("reply_by", 5, Due(), "answer asked for by", "请于何时前答复"),
                put("standing", 36, Boolean(), "standing dialogue", "常设对话"),
                put("linked", 37, ListOf(item=Ref(), most=20, lenient=True), "linked", "关联"),
                _PUBLISH,
                put("referred_from", 39, Ref(), "follows the request", "接续的请求"),
            ),
            checks=(windows_ahead("windows"),),
        ),
        Move(
            name="accept",
            kind=501,
            words=words("accept", "接受"),
            by=By.ADDRESSEE,
            go=(
                Go("sent", "accepted"),
                Go("in principle", "accepted"),
                Go("deferred", "accepted"),
                Go("countered", "accepted", By.OTHER),
                Go("counters crossed", "accepted", By.OPENER),
            ),
            crossed=(Go("withdrawn", "accepted"),),
            fields=(
                put("time", 32, InstantType(), "time", "时间"),
                put("to_be_set_by", 33, InstantType(), "time to be set by", "最迟确定时间"),
                _PUBLISH,
            ),
            checks=(_time_or_date, lies_ahead("to_be_set_by")),
        ),
        Move(
            name="accept_in_principle",
            kind=502,
            words=words("accept in principle", "原则接受"),
            by=By.ADDRESSEE,
            go=(Go("sent", "in principle"), Go("deferred", "in principle")),
            fields=(
                put(
                    "to_be_set_by",
                    33,
                    InstantType(),
                    "details to be set by",
                    "最迟确定时间",
                    required=True,
                ),
                _PUBLISH,
            ),
            checks=(lies_ahead("to_be_set_by", days=90),),
        ),
        Move(
            name="counter",
            kind=503,
            words=words("propose otherwise", "提出对案"),
            by=By.ADDRESSEE,
            go=(
                Go("sent", "countered"),
                Go("deferred", "countered"),
                Go("countered", "countered", By.OTHER),
                Go("counters crossed", "countered", By.EITHER),
            ),
            crossed=(Go("countered", "counters crossed", By.EITHER),),
            fields=(
                *TERMS,
                put("reply_by", 5, Due(), "answer asked for by", "请于何时前答复"),
                _PUBLISH,
            ),
            checks=(_changes_something, windows_ahead("windows")),
        ),
        Move(
            name="decline",
            kind=504,
            words=words("decline", "谢绝"),
            by=By.ADDRESSEE,
            go=(
                Go("sent", "declined"),
                Go("deferred", "declined"),
                Go("in principle", "declined"),
                Go("countered", "declined", By.OTHER),
                Go("counters crossed", "declined", By.EITHER),
            ),
            fields=(
                put("reason", 32, REASONS, "reason", "理由", required=True),
                put("office", 33, office(), "right office", "对应席位"),
                put("linkage", 34, Ref(), "waits for", "所待事项"),
                put("counter_dates", 35, Windows(most=10), "other dates", "其他时段"),
                put("act", 36, WordsType(500), "act it answers", "所回应的行为"),
                put("date", 37, InstantType(), "date of that act", "该行为日期"),
                _PUBLISH,
                put("until", 39, Until(), "no mandate until", "在此之前无授权"),
                put("mechanism", 40, Text(120), "right mechanism", "应循机制"),
                put("channel", 41, Text(24), "right channel", "应走渠道"),
                put("duplicate_of", 42, Ref(), "already asked in", "此前已提出于"),
            ),
        ),
        Move(
            name="give_reason",
            kind=505,
            words=words("give a reason afterwards", "补充理由"),
            by=By.SAME,
            go=(Go("declined", "declined"),),
            fields=(put("reason", 32, REASONS, "reason", "理由", required=True),),
        ),
        Move(
            name="defer",
            kind=506,
            words=words("put off the answer", "推迟答复"),
            by=By.ADDRESSEE,
            go=(Go("sent", "deferred"), Go("deferred", "deferred")),
            fields=(
                put(
                    "until",
                    32,
                    Until(160),
                    "until: a date, or an event in words",
                    "推迟至：日期或事件",
                    required=True,
                ),
                _PUBLISH,
            ),
            checks=(_until_ahead,),
        ),
        Move(
            name="event_came",
            kind=511,
            words=words("note that the awaited event has come", "注明所待事件已发生"),
            go=(Go("deferred", "sent"),),
            fields=(
                put("event", 32, Ref(), "entry that shows it", "相关条目"),
                put("reply_by", 5, Due(), "answer asked for by", "请于何时前答复"),
            ),
        ),
        Move(
            name="refer",
            kind=507,
            words=words("refer elsewhere", "转请他处"),
            by=By.ADDRESSEE,
            go=(Go("sent", "referred"), Go("deferred", "referred")),
            fields=(
                put("office", 32, office(), "office", "席位"),
                put("channel", 33, Text(24), "channel", "渠道"),
                _PUBLISH,
            ),
            checks=(one_needed("office", "channel"),),
        ),
        Move(
            name="not_under",
            kind=508,
            words=words("answer: not under this mechanism", "答复：不属本机制"),
            by=By.ADDRESSEE,
            go=(Go("sent", "not under"), Go("deferred", "not under")),
            fields=(
                put(
                    "mechanism",
                    32,
                    Text(120),
                    "right mechanism, or none",
                    "应循机制，或无",
                    required=True,
                ),
                _PUBLISH,
            ),
        ),
        Move(
            name="withdraw",
            kind=509,
            words=words("withdraw the request", "撤回请求"),
            go=(
                Go("sent", "withdrawn"),
                Go("deferred", "withdrawn"),
                Go("in principle", "withdrawn"),
                Go("countered", "withdrawn"),
                Go("counters crossed", "withdrawn"),
            ),
        ),
        Move(
            name="overtaken",
            kind=510,
            words=words("note that events have overtaken it", "注明已为事态所取代"),
            by=By.EITHER,
            go=(
                Go("sent", "overtaken"),
                Go("deferred", "overtaken"),
                Go("in principle", "overtaken"),
                Go("countered", "overtaken"),
                Go("counters crossed", "overtaken"),
                Go("accepted", "overtaken"),
            ),
            fields=(put("event", 32, Ref(), "because of", "起因", required=True),),
        ),
    ),
    clocks=(
        ClockRule(
            name="request.reply_by",
            words=words("answer to the request", "答复请求"),
            starts=("open", "counter", "event_came"),
            runs_in=("sent", "countered"),
        ),
        ClockRule(
            name="request.principle",
            words=words("details after acceptance in principle", "原则接受后的安排"),
            starts=("accept_in_principle",),
            runs_in=("in principle",),
            writer_owes=True,
            due_field="to_be_set_by",
        ),
        ClockRule(
            name="request.deferred",
            words=words("answer after the date it was put off to", "推迟期满后的答复"),
            starts=("defer",),
            runs_in=("deferred",),
            writer_owes=True,
            due_field="until",
            then="request.reply_by",
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        fate=("fate", "结果"),
        by=("asked by", "提出方"),
        to=("asked of", "受请方"),
        form=("form", "形式"),
        reason=("reason", "理由"),
        reason_first=("first reason", "最初理由"),
        reason_later=("reason came later", "理由后补"),
        lapse=("silence", "未答情形"),
        lapsed_first=("answered after the lapse", "届满后答复"),
        due=("due", "期限"),
        sent_at=("sent", "发出"),
        delivered_at=("delivered", "送达"),
        answered_at=("answered", "答复"),
        attempts=("calls tried", "呼叫次数"),
        owed=("answer owed", "负有答复义务"),
        standing=("standing dialogue", "常设对话"),
        linkage=("waits for", "挂钩"),
        precision=("precision", "时间精度"),
        answer=("answer", "答复条目"),
        followed_by=("followed by", "后续请求"),
        act=("answers the act", "所回应行为"),
        crossed=("crossed", "交错"),
    ),
    row=_row,
)

__all__ = ["REQUEST"]
