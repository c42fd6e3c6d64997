"""Times as a party's own clock shows them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def in_zone(text: str, zone: str) -> str:
    """Return a time that a file gives in UTC as it is written in a zone; any other as it stands.

    The moment stays the same; what changes is the day that the side which writes it sees. A zone
    that this machine's tables do not know changes nothing.
    """
    if not text.endswith("Z"):
        return text
    try:
        return datetime.fromisoformat(text).astimezone(ZoneInfo(zone)).isoformat()
    except (ZoneInfoNotFoundError, ValueError):
        return text
