"""A visit: an office is invited, accepts with or without a date, and comes, or its successor."""

from __future__ import annotations

from parley.core.instants import iso_duration, parse_duration, utc_day
from parley.desk.actors import By, Named
from parley.desk.checks import ends_after
from parley.desk.facts import CaseFacts
from parley.desk.fields import Choice, Json, Matter, Text, WordsType, office
from parley.desk.procedure import ClockRule, Go, Move, Procedure, columns, put, state, words
from parley.desk.reasons import REASONS
from parley.desk.silence import COLUMNS as SILENCE
from parley.desk.silence import is_lapsed, silence
from parley.desk.times import DAY, Due, InstantType, Windows, pairs_of, start_of

STATUSES = Choice(
    (
        ("official", "official", "正式"),
        ("working", "working", "工作"),
        ("transit", "transit", "过境"),
    )
)


def _begun(case: CaseFacts) -> int | None:
    made = case.last_of("make")
    return None if made is None else start_of(made.wire("began"))


def _days(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after // DAY - before // DAY


def _by_successor(case: CaseFacts) -> bool:
    """Say whether another person came than held the invited office when it was invited."""
    made, begun = case.last_of("make"), _begun(case)
    if made is None or begun is None:
        return False
    invited = case.opening.json("person")
    came = next((s.json("person") for s in case.steps_of("make") if s.json("person")), None)
    if invited is not None and came is not None:
        return invited != came
    return any(
        step.json("office") == case.opening.json("invitee")
        and case.opening.claimed < (start_of(step.wire("from")) or step.claimed) <= begun
        for other in case.cases_of("office")
        for step in other.steps_of("fill")
    )


def _meetings(case: CaseFacts) -> tuple[int, str | None]:
    """Return how many meetings of the visit were held, and how long they were together."""
    rows = [case.row_of(m) for m in case.referrers("visit") if m.procedure == "meeting"]
    held = [row for row in rows if str(row.get("state")).startswith("held")]
    known = [row.get("length") for row in held]
    if not known or not all(isinstance(length, str) for length in known):
        return len(held), None
    return len(held), iso_duration(sum(parse_duration(str(length)) for length in known))


def _state(case: CaseFacts) -> str:
    if case.state == "invited" and is_lapsed(case.clock("visit.reply_by")):
        return "lapsed"
    if case.state == "made by one":
        return "made"
    if case.state == "fixed" and _is_over(case):
        return "not made"
    return case.state


def _is_over(case: CaseFacts) -> bool:
    fixed, grace = case.last_of("fix"), case.setting("request.held_grace")
    windows = pairs_of(fixed.wire("windows")) if fixed is not None else None
    if not windows or grace is None:
        return False
    return case.moment >= max(end for _, end in windows) + grace


def _row(case: CaseFacts) -> dict[str, Json]:
    begun, postponed = _begun(case), case.steps_of("postpone")
    accepted = case.last_of("accept")
    last_put_off = postponed[-1].claimed if postponed else None
    known = case.opening.precision != "unknown"
    count, length = _meetings(case)
    dated = case.opening.wire("windows") is not None or any(
        step.wire("windows") is not None for step in case.steps_of("accept", "fix")
    )
    return {
        "state": _state(case),
        "by": case.by,
        "invitee": case.opening.json("invitee"),
        "person": next((s.json("person") for s in case.steps if s.json("person")), None),
        "place": case.opening.json("place"),
        "invited_on": utc_day(case.opening.claimed),
        "made_on": None if begun is None else utc_day(begun),
        "days_from_invitation": _days(case.opening.claimed, begun) if known else "unknown",
        "days_from_postponement": _days(last_put_off, begun),
        "postponed": len(postponed),
        "postponed_by": postponed[-1].party if postponed else None,
        "meetings": count,
        "meeting_time": length,
        "date_open": accepted is not None and begun is None and not dated,
        "used_by_successor": _by_successor(case),
        "accepted_by": None if accepted is None else accepted.office,
        "both": case.has_both("make"),
        **silence(case, "visit.reply_by"),
    }


_INVITEE = Named(field="invitee", addressed=True)

VISIT = Procedure(
    name="visit",
    code="P17",
    prefix="VIS",
    words=words("visit", "访问"),
    register="visits",
    settings=("request.held_grace",),
    states=(
        state("invited", "invited", "已邀请"),
        state("accepted", "accepted", "已接受"),
        state("declined", "declined", "已谢绝", final=True),
        state("fixed", "date fixed", "日期已定"),
        state("postponed", "postponed", "已推迟"),
        state("made by one", "made, one side says", "一方称已成行"),
        state("made", "made", "已成行", final=True),
        state("withdrawn", "withdrawn", "已撤回", final=True),
        state("lapsed", "no answer", "届满未答复", derived=True),
        state("not made", "not made", "未成行", derived=True),
    ),
    moves=(
        Move(
            name="invite",
            kind=1700,
            words=words("invite", "邀请"),
            opens="yes",
            initial="invited",
            fields=(
                put("invitee", 32, office(), "office invited", "受邀席位", required=True),
                put("place", 33, Text(120), "to where", "地点", required=True),
                put("person", 34, Text(120), "its holder now", "现任者"),
                put("windows", 35, Windows(most=10), "when", "时间"),
                put("purpose", 36, WordsType(500), "purpose", "目的"),
                put("status", 37, STATUSES, "status", "性质"),
                put("reply_by", 5, Due(), "answer asked for by", "请于何时前答复"),
            ),
        ),
        Move(
            name="accept",
            kind=1701,
            words=words("accept the invitation", "接受邀请"),
            by=_INVITEE,
            go=(Go("invited", "accepted"),),
            fields=(put("windows", 32, Windows(most=10), "when", "时间"),),
        ),
        Move(
            name="decline",
            kind=1702,
            words=words("decline the invitation", "谢绝邀请"),
            by=_INVITEE,
            go=(Go("invited", "declined"),),
            fields=(put("reason", 32, REASONS, "reason", "理由", required=True),),
        ),
        Move(
            name="fix",
            kind=1703,
            words=words("fix the date", "确定日期"),
            by=By.EITHER,
            go=(Go("accepted", "fixed"), Go("fixed", "fixed"), Go("postponed", "fixed")),
            fields=(put("windows", 32, Windows(most=10), "when", "时间", required=True),),
        ),
        Move(
            name="postpone",
            kind=1704,
            words=words("postpone the visit", "推迟访问"),
            by=By.EITHER,
            go=(Go("accepted", "postponed"), Go("fixed", "postponed")),
            fields=(
                put("cause", 32, WordsType(500), "cause", "原因", required=True),
                put("event", 33, Matter(), "because of", "起因"),
            ),
        ),
        Move(
            name="make",
            kind=1705,
            words=words("note that it was made", "记录已成行"),
            by=By.EACH,
            go=(
                Go("accepted", "made by one"),
                Go("fixed", "made by one"),
                Go("postponed", "made by one"),
                Go("made by one", "made by one"),
            ),
            done="made",
            fields=(
                put("began", 32, InstantType(), "began", "开始", required=True),
                put("ended", 33, InstantType(), "ended", "结束", required=True),
                put("person", 34, Text(120), "who came", "到访者"),
            ),
            checks=(ends_after("began", "ended"),),
        ),
        Move(
            name="withdraw",
            kind=1706,
            words=words("withdraw the invitation", "撤回邀请"),
            go=(Go("invited", "withdrawn"), Go("accepted", "withdrawn")),
        ),
    ),
    clocks=(
        ClockRule(
            name="visit.reply_by",
            words=words("answer to the invitation", "答复邀请"),
            starts=("invite",),
            runs_in=("invited",),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("invited by", "邀请方"),
        invitee=("office invited", "受邀席位"),
        person=("person", "人员"),
        place=("to where", "地点"),
        invited_on=("invited on", "邀请日期"),
        made_on=("made on", "成行日期"),
        days_from_invitation=("days from the invitation", "距邀请天数"),
        days_from_postponement=("days from the postponement", "距推迟天数"),
        postponed=("times postponed", "推迟次数"),
        postponed_by=("postponed by", "推迟方"),
        meetings=("meetings", "会晤数"),
        meeting_time=("time in meetings", "会晤总时长"),
        date_open=("date open", "日期待定"),
        used_by_successor=("made by a successor", "由继任者成行"),
        accepted_by=("accepted by", "接受方"),
        both=("both sides say so", "双方均记载"),
    )
    + SILENCE,
    row=_row,
)
