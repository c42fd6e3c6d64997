"""Screen 6, watch log and hand-over: who has the watch, what happened on it, how it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.paging import cursor_of, turning
from parley.console.seat import Seat
from parley.errors import ConflictError, NotAllowedError, ParleyError, UsageError
from parley.station.watch_book import ITEMS_MAX

PAGE_ROWS: Final = 100
ALARMS_MAX: Final = 200
CHECKS_MAX: Final = 100
PLACE: Final = "/watch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the log.

    Attributes:
        kind: of a record of the book; `gap`, `raised`, `claimed`, `handled` or `check`.
        what: the record, the alarm or the entry it is about.
        until: of a gap, when it ended; None while it lasts.
    """

    at: int
    kind: str
    who: str = ""
    what: Any = None
    until: int | None = None


class WatchPages:
    """The watch log, and the acts on the watch."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        act = self._frame.act
        return [
            Route(PLACE, self._frame.read(self.show)),
            Route(PLACE + "/note", act(self.note), methods=["POST"]),
            Route(PLACE + "/offer", act(self.offer), methods=["POST"]),
            Route(PLACE + "/take", act(self.take), methods=["POST"]),
            Route(PLACE + "/leave", act(self.leave), methods=["POST"]),
        ]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show who has the watch, what is open, and the log, newest first."""
        return self._page(request, seat, None, {})

    def _page(
        self, request: Request, seat: Seat, problem: ParleyError | None, typed: dict[str, Any]
    ) -> Response:
        before = cursor_of(request) or ""
        number = int(before) if before.isdecimal() and len(before) < 16 else None
        page = self._gateway.watch_rows(before=number, limit=PAGE_ROWS)
        state = self._gateway.watch()
        officers = self._gateway.officers()
        return self._frame.page(
            request,
            seat,
            "watch.html",
            status=409 if problem else 200,
            state=state,
            lines=self._lines(page, whole=number is None),
            turning=turning(request, page.next_cursor),
            items=self._gateway.inbox(limit=ITEMS_MAX).items,
            unclaimed=[each for each in self._gateway.alarms() if each.sounds],
            able=[
                each.code
                for each in officers
                if each.active and "watch" in each.roles and each.code != seat.actor.officer
            ],
            checked=self._checked(),
            may_watch=seat.actor.may("claim"),
            problem=problem,
            typed={"text": "", "to": "", "seen": ()} | typed,
        )

    def _checked(self) -> list[str]:
        """Return peers with whom a line can be checked."""
        open_to = {
            code
            for channel in self._gateway.channels()
            if channel.opened
            for code in channel.parties
        }
        return [
            peer.code for peer in self._gateway.peers() if peer.trusted and peer.code in open_to
        ]

    def _lines(self, page: Any, *, whole: bool) -> list[Line]:
        """Return the log: the book's records, and alarms and line checks of the same time."""
        rows = page.items
        floor = rows[-1].at if rows and page.next_cursor else 0
        ceiling = int(self._frame.now()) if whole or not rows else rows[0].at
        found = [Line(at=row.at, kind=row.kind, who=row.officer, what=row) for row in rows]
        found += gaps(rows, lasts=whole)
        alarms = sorted(self._gateway.alarms(open_only=False), key=lambda each: each.raised_at)
        for alarm in alarms[-ALARMS_MAX:]:
            found.append(Line(at=alarm.raised_at, kind="raised", what=alarm))
            if alarm.claimed_at:
                found.append(
                    Line(at=alarm.claimed_at, kind="claimed", who=alarm.claimed_by, what=alarm)
                )
            if alarm.handled_at:
                found.append(
                    Line(at=alarm.handled_at, kind="handled", who=alarm.handled_by, what=alarm)
                )
        checks = self._gateway.entries(procedure="line_check", newest_first=True, limit=CHECKS_MAX)
        found += [
            Line(at=entry.times.received_at, kind="check", who=entry.party, what=entry)
            for entry in checks.items
        ]
        inside = [line for line in found if floor <= line.at <= ceiling or line.kind == "gap"]
        return sorted(inside, key=lambda line: (line.at, line.kind == "gap"), reverse=True)

    async def note(self, request: Request, seat: Seat) -> Response:
        """Write a note into the log."""
        form = await form_of(request)
        text = text_of(form, "text")
        try:
            await self._gateway.watch_note(seat.actor, text)
        except NotAllowedError:
            raise
        except UsageError as problem:
            return self._page(request, seat, problem, {"text": text})
        return go(PLACE + "#log")

    async def offer(self, request: Request, seat: Seat) -> Response:
        """Offer the watch; what is not gone through yet is shown again."""
        form = await form_of(request)
        items = [str(item) for item in form.getlist("item")]
        to, text = text_of(form, "to"), text_of(form, "text")
        try:
            await self._gateway.offer_watch(seat.actor, to, items=items, text=text)
        except NotAllowedError:
            raise
        except (UsageError, ConflictError) as problem:
            return self._page(request, seat, problem, {"to": to, "seen": items})
        return go(PLACE)

    async def take(self, request: Request, seat: Seat) -> Response:
        """Take the watch; what is not gone through yet is shown again."""
        form = await form_of(request)
        items = [str(item) for item in form.getlist("item")]
        try:
            await self._gateway.take_watch(seat.actor, items=items, text=text_of(form, "text"))
        except NotAllowedError:
            raise
        except (UsageError, ConflictError) as problem:
            return self._page(request, seat, problem, {"seen": items})
        return go(PLACE)

    async def leave(self, request: Request, seat: Seat) -> Response:
        """Leave the watch with nobody to take it."""
        form = await form_of(request)
        try:
            await self._gateway.leave_watch(seat.actor, text=text_of(form, "text"))
        except NotAllowedError:
            raise
        except (UsageError, ConflictError) as problem:
            return self._page(request, seat, problem, {})
        return go(PLACE)


def gaps(rows: Sequence[Any], *, lasts: bool) -> list[Line]:
    """Return the times without a watch among records, which come newest first.

    Args:
        rows: records of the book.
        lasts: a gap that the newest record began goes on.
    """
    changes = [row for row in reversed(rows) if row.kind in ("take", "relieve", "leave")]
    found = [
        Line(at=one.at, kind="gap", until=other.at)
        for one, other in pairwise(changes)
        if one.kind == "leave"
    ]
    if lasts and changes and changes[-1].kind == "leave":
        found.append(Line(at=changes[-1].at, kind="gap"))
    return found
