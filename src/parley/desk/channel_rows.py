"""Rows of the register of channels: what each party declared, beside what the record shows.

Nothing that is observed ever changes what is declared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from parley.core.instants import rfc3339, utc_day
from parley.desk.facts import CaseFacts, ChannelFacts, PartyFacts, StepFacts
from parley.desk.fields import Json
from parley.desk.times import DAY, precision_of, start_of, until_instant

RENEWAL_S = 30 * DAY
"""So long before its end a channel is to be renewed, and so long after it can be (A.2)."""
_WHOLE = ""
_ENDS = ("channel.cancel_session", "channel.terminate", "channel.close")


@dataclass(frozen=True, slots=True)
class _Use:
    """One meeting or call on the channel: its last second, and whether its day is known."""

    end: int
    is_known: bool


def _uses(channel: ChannelFacts) -> list[_Use]:
    """Return when the channel was used, oldest first."""
    found: list[_Use] = []
    for procedure in ("meeting", "call"):
        for step in (step for case in channel.cases_of(procedure) for step in case.steps):
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


@dataclass(frozen=True, slots=True)
class _Hold:
    """How one party holds the channel at one moment.

    Attributes:
        parts: parts that it has suspended; empty where it is the whole or nothing.
        since: the act that this comes from, None when nothing was declared.
        until: what that act says of its end.
    """

    state: str
    parts: tuple[str, ...] = ()
    since: StepFacts | None = None
    until: Json = None


def rows_of_channel(channel: ChannelFacts) -> Sequence[tuple[str | None, dict[str, Json]]]:
    """Return the row of the whole channel, then one for each party."""
    uses = _uses(channel)
    last = uses[-1] if uses else None
    expiry = expiry_of(channel)
    holds = {held.party: _hold(channel, held, expiry) for held in channel.standings}
    states = {party: hold.state for party, hold in holds.items()}
    day: Json = None
    days: Json = "unknown"
    if last is not None:
        day = utc_day(last.end) if last.is_known else "unknown"
        if last.is_known:
            days = channel.moment // DAY - last.end // DAY
    observed = _observed(channel, states, last)
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
        "expiry": None if expiry is None else rfc3339(expiry),
        "succeeds": _succeeds(channel),
        **_spans(channel, uses, expiry),
    }
    rows: list[tuple[str | None, dict[str, Json]]] = [(None, whole)]
    for party, hold in holds.items():
        since = hold.since
        rows.append(
            (
                party,
                {
                    **whole,
                    "declared": hold.state,
                    "declared_at": None if since is None else rfc3339(since.claimed),
                    "until": hold.until,
                    "what_stays": None if since is None else since.json("what_stays"),
                    "scope": list(hold.parts) or (None if since is None else since.json("scope")),
                },
            )
        )
    return rows


def states_of(channel: ChannelFacts) -> dict[str, str]:
    """Return how each party holds the channel, by its own word and the dates it set."""
    expiry = expiry_of(channel)
    return {held.party: _hold(channel, held, expiry).state for held in channel.standings}


def expiry_of(channel: ChannelFacts) -> int | None:
    """Return when the channel expires: by its charter, or as all parties have renewed it.

    What all agreed on more than 30 days after the end renews nothing: that takes a new channel.
    """
    until = channel.ends_at
    parties = {held.party for held in channel.standings}
    for case in channel.renewals:
        steps = case.steps_of("renew")
        agreed = {start_of(step.wire("expiry")) for step in steps}
        is_late = until is not None and max(step.claimed for step in steps) > until + RENEWAL_S
        if {step.party for step in steps} >= parties and len(agreed) == 1 and not is_late:
            until = agreed.pop()
    return until


def asks_renewal(channel: ChannelFacts, party: str) -> bool:
    """Say whether a party has asked for a later end than now holds, and not all have agreed yet."""
    until = expiry_of(channel)
    asked = [
        start_of(step.wire("expiry"))
        for case in channel.renewals
        for step in case.steps_of("renew")
        if step.party == party
    ]
    return until is not None and any(end is not None and end > until for end in asked)


def _hold(channel: ChannelFacts, held: PartyFacts, expiry: int | None) -> _Hold:
    """Return how a party holds the channel now: its own word, and the dates it set itself."""
    hold = _declared(channel, held)
    if expiry is not None and expiry <= channel.moment and hold.state not in ("closed", "ended"):
        return _Hold("expired", since=hold.since, until=rfc3339(expiry))
    return hold


def _declared(channel: ChannelFacts, held: PartyFacts) -> _Hold:
    since = held.since
    if since is None:
        return _Hold(held.state)
    until = since.json("until")
    if held.state == "suspended":
        return _suspended(channel, held.party)
    if since.move == "channel.terminate":
        end = _end_of_notice(channel, since)
        over = end is not None and end <= channel.moment
        told = None if end is None else rfc3339(end)
        return _Hold("ended" if over else "ending", since=since, until=told)
    return _Hold(held.state, since=since, until=until)


def _end_of_notice(channel: ChannelFacts, since: StepFacts) -> int | None:
    """Return when a notice runs out, from its delivery; the profile's notice wins if longer."""
    notice, needed = since.wire("notice"), channel.setting("channel.notice")
    delivered = channel.delivered(since)
    if not isinstance(notice, int) or delivered is None:
        return None
    return delivered + max(notice, needed or 0)


def _suspended(channel: ChannelFacts, party: str) -> _Hold:
    """Return what a party holds suspended: the whole, or the parts it has not resumed."""
    held: dict[str, StepFacts] = {}
    last: StepFacts | None = None
    for step in channel.acts:
        if step.party != party:
            continue
        named = step.json("scope")
        parts = [str(part) for part in named] if isinstance(named, list) else []
        if step.move == "channel.suspend":
            held.update(dict.fromkeys(parts or [_WHOLE], step))
            last = step
        elif step.move == "channel.resume":
            last = step
            for part in parts or list(held):
                held.pop(part, None)
        elif step.move in _ENDS:
            held.clear()
    held = {
        part: step
        for part, step in held.items()
        if (until := until_instant(step.json("until"))) is None or until > channel.moment
    }
    if not held:
        return _Hold("open", since=last)
    since = held.get(_WHOLE) or list(held.values())[-1]
    left = () if _WHOLE in held else tuple(sorted(held))
    return _Hold("suspended", left, since, since.json("until"))


def _succeeds(channel: ChannelFacts) -> Json:
    """Return the channel that this one replaces, as its proposal says; never merged with it."""
    for step in channel.proposals():
        if step.move == "channel.propose" and step.json("name") == channel.channel:
            return step.json("succeeds")
    return None


def _spans(channel: ChannelFacts, uses: list[_Use], expiry: int | None) -> dict[str, Json]:
    """Return the days between acts and uses of the channel."""
    known = [use.end for use in uses if use.is_known]
    gaps = [after // DAY - before // DAY for before, after in pairwise(known)]
    stopped = [s.claimed for s in channel.acts if s.move in ("channel.suspend", *_ENDS)]
    resumed = [s.claimed for s in channel.acts if s.move == "channel.resume"]
    ended = [
        end
        for s in channel.acts
        if s.move == "channel.terminate" and (end := _end_of_notice(channel, s)) is not None
    ]
    if expiry is not None:
        ended.append(expiry)
    marks = [mark for mark in (*resumed, *stopped, *ended) if mark <= channel.moment]
    first = next((end for end in known if marks and end >= max(marks)), None)
    before = [end for end in known if stopped and end <= stopped[-1]]
    return {
        "longest_gap_days": max(gaps, default=None),
        "days_resume_to_use": _days_to_use(resumed[-1:], known),
        "days_ended_to_use": _days_to_use(ended[-1:], known),
        "days_use_to_suspension": stopped[-1] // DAY - before[-1] // DAY if before else None,
        "first_use_since": None if first is None else utc_day(first),
    }


def _days_to_use(marks: list[int], uses: list[int]) -> int | None:
    for mark in marks:
        for use in uses:
            if use >= mark:
                return use // DAY - mark // DAY
    return None


def _observed(channel: ChannelFacts, holds: Mapping[str, str], last: _Use | None) -> str:
    resumes = [step.claimed for step in channel.acts if step.move == "channel.resume"]
    if any(hold != "open" for hold in holds.values()):
        return "idle"
    if resumes and (last is None or last.end < max(resumes)):
        return "resumed, unused"
    if any(_was_refused(channel, case, last) for case in channel.unmet()):
        return "silent though open"
    return "never used" if last is None else "in use"


def _was_refused(channel: ChannelFacts, case: CaseFacts, last: _Use | None) -> bool:
    """Say whether a request came to nothing after the channel was last used."""
    row = channel.row_of(case)
    if row.get("fate") not in ("declined", "lapsed"):
        return False
    when = row.get("answered_at") or row.get("due")
    at = until_instant(when)
    return last is None or at is None or at >= last.end
