"""The channel itself: proposed, suspended, resumed, ended; declared by each party for itself.

Declared and observed stand side by side. Nothing that is observed ever changes what is declared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.core.instants import parse_instant, rfc3339, utc_day
from parley.desk.facts import CaseFacts, ChannelFacts, PartyFacts, StepFacts
from parley.desk.fields import (
    Duration,
    Json,
    Ref,
    Text,
    WordsType,
    office,
)
from parley.desk.procedure import By, ClockRule, Go, Move, Procedure, columns, put, state, words
from parley.desk.reasons import REASONS
from parley.desk.structures import (
    ListOf,
)
from parley.desk.times import DAY, InstantType, day_start, precision_of, start_of
from parley.errors import FieldFaultError, UsageError

_SERIES = "series"
_ANY = ("open", "suspended", "cancelled", "ending")


@dataclass(frozen=True, slots=True)
class _Use:
    """One meeting or call on the channel: its last second, and whether its day is known."""

    end: int
    is_known: bool


def _uses(channel: ChannelFacts) -> list[_Use]:
    """Return when the channel was used, oldest first."""
    found: list[_Use] = []
    for case in channel.cases:
        for step in case.steps:
            if step.move in ("meeting.hold", "call.close"):
                end = _end(step)
                known = step.precision != "unknown" and not _is_unknown(step)
                found.append(_Use(step.claimed if end is None else end, known))
    return sorted(found, key=lambda use: use.end)


def _end(step: StepFacts) -> int | None:
    ended, began, length = (step.wire(name) for name in ("ended", "began", "duration"))
    if ended is not None:
        return start_of(ended)
    start = start_of(began)
    if start is None:
        return None
    return start + length if isinstance(length, int) else start


def _is_unknown(step: StepFacts) -> bool:
    return any(precision_of(step.wire(name)) == "unknown" for name in ("began", "ended"))


def _rows(channel: ChannelFacts) -> Sequence[tuple[str | None, dict[str, Json]]]:
    uses = _uses(channel)
    last = uses[-1] if uses else None
    holds = {standing.party: _declared(standing, channel.moment) for standing in channel.standings}
    day: Json = None
    days: Json = "unknown"
    if last is not None:
        day = utc_day(last.end) if last.is_known else "unknown"
        if last.is_known:
            days = channel.moment // DAY - last.end // DAY
    observed = _observed(channel, holds, last)
    whole: dict[str, Json] = {
        "declared": None,
        "declared_at": None,
        "until": None,
        "what_stays": None,
        "scope": None,
        "observed": observed,
        "last_use": day,
        "days": days,
        "idle_days": days if observed == "idle" else None,
        "unused_days": days if observed == "resumed, unused" else None,
    }
    rows: list[tuple[str | None, dict[str, Json]]] = [(None, whole)]
    for standing in channel.standings:
        since = standing.since
        rows.append(
            (
                standing.party,
                {
                    **whole,
                    "declared": holds[standing.party],
                    "declared_at": None if since is None else rfc3339(since.claimed),
                    "until": None if since is None else since.json("until"),
                    "what_stays": None if since is None else since.json("what_stays"),
                    "scope": None if since is None else since.json("scope"),
                },
            )
        )
    return rows


def _declared(standing: PartyFacts, moment: int) -> str:
    """Return how a party holds the channel now, a date it set itself included."""
    since = standing.since
    if since is None:
        return standing.state
    if since.move == "channel.cancel_session" and since.json("scope") != _SERIES:
        return "open"
    until = _date(since.json("until"))
    if standing.state == "suspended" and until is not None and until <= moment:
        return "open"
    notice = since.wire("notice")
    if standing.state == "ending" and isinstance(notice, int) and since.claimed + notice <= moment:
        return "ended"
    return standing.state


def _date(text: Json) -> int | None:
    """Return the instant of a date or time in words, None for `open` or an event."""
    if not isinstance(text, str):
        return None
    try:
        return int(parse_instant(text))
    except UsageError:
        pass
    try:
        return day_start(text, "until")
    except FieldFaultError:
        return None


def _observed(channel: ChannelFacts, holds: dict[str, str], last: _Use | None) -> str:
    resumes = [step.claimed for step in channel.acts if step.move == "channel.resume"]
    if any(hold != "open" for hold in holds.values()):
        return "idle"
    if resumes and (last is None or last.end < max(resumes)):
        return "resumed, unused"
    if any(_was_refused(channel, case, last) for case in channel.cases):
        return "silent though open"
    return "never used" if last is None else "in use"


def _was_refused(channel: ChannelFacts, case: CaseFacts, last: _Use | None) -> bool:
    """Say whether a request came to nothing after the channel was last used."""
    if case.procedure != "request":
        return False
    row = channel.row_of(case)
    if row.get("fate") not in ("declined", "lapsed"):
        return False
    when = row.get("answered_at") or row.get("due")
    at = _date(when)
    return last is None or at is None or at >= last.end


def _to(after: str) -> tuple[Go, ...]:
    return tuple(Go(before, after) for before in _ANY if before != "ending")


_CAUSE = put("cause", 32, WordsType(500), "cause", "原因", required=True)

CHANNEL = Procedure(
    name="channel",
    code="P06",
    prefix="CHN",
    words=words("the channel itself", "渠道事宜"),
    register="channels",
    states=(
        state("declared", "declared", "已宣布"),
        state("proposed", "proposed", "已提议"),
        state("accepted", "accepted", "已接受", final=True),
        state("declined", "declined", "已谢绝", final=True),
        state("renewal proposed", "renewal proposed", "已提议延期"),
        state("renewed", "renewed", "已延期", final=True),
    ),
    standings=(
        state("open", "open", "开通"),
        state("suspended", "suspended", "暂停"),
        state("cancelled", "sessions cancelled", "会期取消"),
        state("ending", "ending after notice", "预告终止"),
        state("ended", "ended", "已终止", derived=True),
        state("closed", "closed", "已关闭", final=True),
    ),
    moves=(
        Move(
            name="propose",
            kind=600,
            words=words("propose a channel", "提议设立渠道"),
            opens="yes",
            initial="proposed",
            fields=(
                put("name", 32, Text(80), "name", "名称", required=True),
                put(
                    "scope",
                    33,
                    ListOf(item=Text(120), least=1, most=40, lenient=True),
                    "scope",
                    "范围",
                    required=True,
                ),
                put("expiry", 34, InstantType(), "expires", "到期"),
                put("succeeds", 35, Text(80), "succeeds", "接替"),
                put("agreed_in", 36, Ref(), "agreed in", "商定于"),
                put("desks", 37, ListOf(item=office(), most=40, lenient=True), "desks", "席位"),
                put("schedule", 38, Text(200), "schedule of checks", "联络时间表"),
                put("notice", 39, Duration(1, 366 * DAY), "notice to end", "终止预告期"),
            ),
        ),
        Move(
            name="accept",
            kind=601,
            words=words("accept the channel", "接受设立"),
            by=By.ADDRESSEE,
            go=(Go("proposed", "accepted"),),
        ),
        Move(
            name="decline",
            kind=602,
            words=words("decline the channel", "谢绝设立"),
            by=By.ADDRESSEE,
            go=(Go("proposed", "declined"),),
            fields=(put("reason", 32, REASONS, "reason", "理由", required=True),),
        ),
        Move(
            name="suspend",
            kind=603,
            words=words("suspend the channel", "暂停渠道"),
            opens="yes",
            initial="declared",
            standing=_to("suspended"),
            fields=(
                _CAUSE,
                put(
                    "until",
                    33,
                    Text(80),
                    "until: a date, an event, or open",
                    "至：日期、事件或未定",
                    required=True,
                ),
                put(
                    "what_stays",
                    34,
                    ListOf(item=Text(120), most=40, lenient=True),
                    "what stays",
                    "保留事项",
                    required=True,
                ),
                put(
                    "scope",
                    35,
                    ListOf(item=Text(120), least=1, most=40, lenient=True),
                    "only this part",
                    "仅限部分",
                ),
            ),
        ),
        Move(
            name="resume",
            kind=604,
            words=words("resume the channel", "恢复渠道"),
            opens="yes",
            initial="declared",
            standing=(Go("suspended", "open"), Go("cancelled", "open"), Go("ending", "open")),
            fields=(
                put("agreed_in", 32, Ref(), "agreed in", "商定于"),
                put(
                    "scope",
                    33,
                    ListOf(item=Text(120), least=1, most=40, lenient=True),
                    "only this part",
                    "仅限部分",
                ),
            ),
        ),
        Move(
            name="cancel_session",
            kind=605,
            words=words("cancel a session or series", "取消会期"),
            opens="yes",
            initial="declared",
            standing=_to("cancelled"),
            fields=(
                _CAUSE,
                put("scope", 33, Text(80), "session, or series", "单次或系列", required=True),
                put("until", 34, Text(80), "until", "至"),
            ),
        ),
        Move(
            name="observe",
            kind=606,
            words=words("note something about the channel", "就渠道作记录"),
            opens="yes",
            initial="declared",
            needs=("text",),
        ),
        Move(
            name="terminate",
            kind=607,
            words=words("give notice to end the channel", "预告终止渠道"),
            opens="yes",
            initial="declared",
            standing=_to("ending"),
            fields=(
                _CAUSE,
                put("notice", 33, Duration(1, 366 * DAY), "notice", "预告期", required=True),
            ),
        ),
        Move(
            name="renew",
            kind=608,
            words=words("renew the channel", "延长渠道"),
            by=By.EACH,
            opens="may",
            initial="renewal proposed",
            go=(Go("renewal proposed", "renewal proposed"),),
            done="renewed",
            fields=(put("expiry", 32, InstantType(), "new expiry", "新到期日", required=True),),
        ),
        Move(
            name="close",
            kind=5,
            words=words("close the channel for good", "永久关闭渠道"),
            opens="yes",
            initial="declared",
            standing=tuple(Go(before, "closed") for before in _ANY),
        ),
    ),
    clocks=(
        ClockRule(
            name="channel.reply_by",
            words=words("answer to the proposal", "答复提议"),
            starts=("propose",),
            runs_in=("proposed",),
        ),
    ),
    columns=columns(
        declared=("declared", "宣布状态"),
        declared_at=("declared at", "宣布时间"),
        until=("until", "至"),
        what_stays=("what stays", "保留事项"),
        scope=("part", "部分"),
        observed=("observed", "观察所见"),
        last_use=("last use", "最近使用"),
        days=("days since", "距今天数"),
        idle_days=("days idle", "闲置天数"),
        unused_days=("days unused since resumed", "恢复后未用天数"),
    ),
    channel_rows=_rows,
)
