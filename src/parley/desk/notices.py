"""Notices given ahead: how long before, whether that is enough, and what became of it.

A lead in days counts UTC days from the day of delivery; one in hours counts hours. Nothing here
judges: where no lead is known, nobody is late.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from parley.core.instants import iso_duration, rfc3339
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import Json
from parley.desk.problems import Problem, problem
from parley.desk.procedure import Check, Draft
from parley.desk.times import DAY, pairs_of, until_instant


def span_of_windows(step: StepFacts | None, field: str = "windows") -> tuple[int, int] | None:
    """Return beginning of the first and end of the last window of a step, None without any."""
    windows = pairs_of(step.wire(field)) if step is not None else None
    if not windows:
        return None
    return min(first for first, _ in windows), max(end for _, end in windows)


def latest_with(case: CaseFacts, field: str) -> StepFacts | None:
    """Return the newest step of the opener that carries a field: its present word on it."""
    said = [s for s in case.steps if s.party == case.opener and s.wire(field) is not None]
    return said[-1] if said else None


def missing_of(step: StepFacts, names: Sequence[str]) -> list[str]:
    """Return the fields that a notice lacks before it counts as complete."""
    return [name for name in names if step.wire(name) is None]


def short_by(needed: int | None, begins: int | None, delivered: int | None) -> int | None:
    """Return by how many seconds a notice came too late, 0 where it did not, None if unknown."""
    if needed is None or begins is None or delivered is None:
        return None
    if needed % DAY == 0 and needed > DAY:
        return max(0, needed - (begins // DAY - delivered // DAY) * DAY)
    return max(0, needed - (begins - delivered))


def lead_columns(
    case: CaseFacts,
    clock: str,
    step: StepFacts | None,
    *,
    field: str = "windows",
    at_start: bool = False,
    party: str | None = None,
) -> dict[str, Json]:
    """Return lead, timeliness and the notice in a word for the step that sets the windows.

    Args:
        case: the notice.
        clock: the profile's clock that says how long ahead it must be delivered.
        step: the entry with the windows that hold now.
        field: the field of that step that holds them.
        at_start: it is owed only when the matter begins, as for what one's own troops do not know.
        party: the recipient whose delivery counts; the first one's where it is None.
    """
    span = span_of_windows(step, field)
    begins = None if span is None else span[0]
    delivered = None
    if step is not None:
        delivered = case.delivered(step) if party is None else case.delivered_to(party, step)
    lead = None if begins is None or delivered is None else begins - delivered
    lacking = short_by(0 if at_start else case.setting(clock), begins, delivered)
    if delivered is None:
        word = "none" if begins is not None and case.moment >= begins else "not delivered"
    elif lead is not None and lead < 0 and not at_start:
        word = "after the beginning"
    else:
        word = "no lead known" if lacking is None else "short" if lacking else "on time"
    if at_start and lead is not None:
        lacking = max(0, -lead)
        word = "short" if lacking else "on time"
    days = None if begins is None or delivered is None else begins // DAY - delivered // DAY
    return {
        "notice": word,
        "lead": None if lead is None or lead < 0 else iso_duration(lead),
        "lead_days": days,
        "short_by": iso_duration(lacking) if lacking else None,
        "timely": None if lacking is None else not lacking,
    }


def outcome_of(case: CaseFacts, clock: str, ends: int | None, *quiet: str) -> str | None:
    """Return `declared`, or `not declared` when grace after the last window is over."""
    if case.state not in quiet:
        return "declared"
    grace = case.setting(clock)
    waited = ends is not None and grace is not None and case.moment >= ends + grace
    return "not declared" if waited else None


def outside_of(span: tuple[int, int] | None, *said: Json) -> bool | None:
    """Say whether a time that was declared lies outside the announced window; None if none was.

    A bare day is outside only where the whole of it is.
    """
    times = [(at, _is_day(text)) for text in said if (at := until_instant(text)) is not None]
    if span is None or not times:
        return None
    return any(at > span[1] or at + DAY * day < span[0] + day for at, day in times)


def _is_day(text: Json) -> bool:
    return isinstance(text, str) and len(text) == len("2026-03-02")


def recipients_of(
    case: CaseFacts, step: StepFacts, lead: Callable[[str], dict[str, Json]] | None = None
) -> dict[str, dict[str, Json]]:
    """Return how far a notice has come with each party to the case but its author.

    `lead` gives the columns of `lead_columns` for one recipient: each may have it at its own time.
    """
    found: dict[str, dict[str, Json]] = {}
    for party in case.parties:
        if party == case.opener:
            continue
        delivered = case.delivered_to(party, step)
        rung, at = case.rung_of(party)
        found[party] = {
            "rung": rung,
            "rung_at": None if at is None else rfc3339(at),
            "delivered_at": None if delivered is None else rfc3339(delivered),
            **({} if lead is None else lead(party)),
        }
    return found


def before_the_end(field: str = "windows") -> Check:
    """Return the check that what is over is not cancelled, postponed or changed."""

    def check(draft: Draft) -> Problem | None:
        windows = pairs_of(draft.terms.get(field)) or []
        last = max((end for _, end in windows), default=None)
        if last is None or draft.at < last:
            return None
        return problem("", "in_the_past", found=rfc3339(last))

    return check
