"""Times as a party's own clock shows them."""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from parley.errors import UsageError


@cache
def known_zones() -> frozenset[str]:
    """Return the names of the zones in this machine's tables; none where it has no tables."""
    return frozenset(available_timezones())


def mistaken_zone(zone: str) -> str:
    """Return what is wrong with the name of a zone; empty where nothing is, or nobody can say.

    A machine without tables cannot tell a slip from a name: there `in_zone` refuses, and only
    where a time in that zone is needed.
    """
    if not known_zones() or zone in known_zones():
        return ""
    near = get_close_matches(zone, sorted(known_zones()), 1)
    meant = f"; did you mean {near[0]}?" if near else ""
    return f"there is no time zone {zone[:60]!r} in this machine's tables{meant}"


def in_zone(text: str, zone: str, *, always: bool = False) -> str:
    """Return a time that a file gives in UTC as it is written in a zone; any other as it stands.

    The moment stays the same; what changes is the day that the side which writes it sees.

    Args:
        text: the time.
        zone: that of the party that writes it.
        always: whatever the file has, as where several parties write what it gives once.

    Raises:
        UsageError: this machine's tables do not have the zone, so that the day cannot be told.
    """
    if not text.endswith("Z") and not always:
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is None or len(text) == len("2026-03-02"):
        return text
    try:
        return moment.astimezone(ZoneInfo(zone)).isoformat()
    except (ZoneInfoNotFoundError, ValueError) as problem:
        said = f"the time zone {zone[:60]!r} is not in this machine's tables"
        step = "Install the system's time zone tables (tzdata), or write the times with an offset."
        raise UsageError(said, next_step=step) from problem
