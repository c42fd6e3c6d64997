"""Screen 19, search: words and terms over everything said, by case, with what was found marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame, go
from parley.console.paging import cursor_of, turning
from parley.console.seat import Seat
from parley.core.instants import Instant, rfc3339
from parley.errors import ParleyError
from parley.station.digests import digest_of
from parley.station.search import TERMS, words_of
from parley.station.views import Page

PAGE_ROWS: Final = 50
QUERY_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Entries that were found in one case; `case` is empty for what belongs to none."""

    case: str
    rows: Sequence[Any]


class SearchPage:
    """Search; its words go into no log."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of this page."""
        return [Route("/search", self._frame.read(self.show))]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show entries with these words, newest first, or together by case."""
        words = request.query_params.get("q", "").strip()[:QUERY_MAX]
        by_case = request.query_params.get("by") == "case"
        page: Page[Any] = Page(items=[])
        wrong: ParleyError | None = None
        named = self._gateway.digests(words) if digest_of(words) else []
        if len(named) == 1 and not by_case:
            return go(place_of(named[0]))
        if words:
            before = cursor_of(request) or ""
            try:
                page = self._gateway.search(
                    words,
                    limit=PAGE_ROWS,
                    before_sequence=int(before)
                    if before.isdecimal() and len(before) < 16
                    else None,
                )
            except ParleyError as problem:
                wrong = problem
        return self._frame.page(
            request,
            seat,
            "search.html",
            words=words,
            found=words_of(words),
            by_case=by_case,
            groups=grouped(page.items) if by_case else [Group(case="", rows=page.items)],
            rows=page.items,
            turning=turning(request, page.next_cursor),
            wrong=wrong,
            today=rfc3339(Instant(int(self._frame.now())))[:10],
            named=[(hit, place_of(hit)) for hit in named],
            terms=TERMS,
            channels=[channel.code for channel in self._gateway.channels()],
        )


def place_of(hit: Any) -> str:
    """Return the address of what a digest names."""
    places = {
        "entry": f"/entries/{hit.name}",
        "root": f"/record?channel={hit.name}",
        "channel": f"/channels/{hit.name}",
        "courier": "/courier",
    }
    return places[hit.kind]


def grouped(rows: Sequence[Any]) -> list[Group]:
    """Return entries by case, the case of the newest first; what belongs to none comes last."""
    cases: dict[str, list[Any]] = {}
    for row in rows:
        cases.setdefault(row.case or "", []).append(row)
    alone = cases.pop("", [])
    groups = [Group(case=case, rows=members) for case, members in cases.items()]
    return [*groups, Group(case="", rows=alone)] if alone else groups
