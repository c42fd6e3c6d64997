"""Pages of a long list: where the next and the previous one are, without counting rows.

The address of a page carries its cursor and, so that one can turn back, those of the pages before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request

TRAIL_MAX: Final = 40
"""Pages one can turn back, one by one; further back the first page is a link away."""
_FIRST: Final = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turning:
    """Where one can go from a page; empty where there is nothing.

    Attributes:
        first, previous, next: query strings with their question mark.
    """

    first: str
    previous: str
    next: str


def cursor_of(request: Request) -> str | None:
    """Return the cursor of the page that is asked for, None for the first."""
    return request.query_params.get("after") or None


def turning(request: Request, next_cursor: str | None) -> Turning:
    """Return the neighbours of a page.

    Args:
        request: what was asked; its other conditions are kept.
        next_cursor: what the list says comes after it.
    """
    at = cursor_of(request)
    trail = [mark for mark in request.query_params.get("trail", "").split(",") if mark]
    further = [*trail, at or _FIRST][-TRAIL_MAX:]
    return Turning(
        first=_address(request, None, []) if at else "",
        previous=_address(request, trail[-1], trail[:-1]) if trail and at else "",
        next="" if next_cursor is None else _address(request, next_cursor, further),
    )


def _address(request: Request, cursor: str | None, trail: list[str]) -> str:
    query = {
        name: value
        for name, value in request.query_params.items()
        if name not in ("after", "trail") and value
    }
    if cursor is not None and cursor != _FIRST:
        query |= {"after": cursor, **({"trail": ",".join(trail)} if trail else {})}
    return f"?{urlencode(query)}"
