"""Screens 19 to 21: the raw logs, search, and bundles that a stranger can check."""

from __future__ import annotations

import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame
from parley.console.paging import cursor_of, turning
from parley.console.seat import Seat
from parley.errors import ParleyError, UsageError

PAGE_ROWS: Final = 50
WORDS_MAX: Final = 200
_FILE = re.compile(r"[^A-Za-z0-9.-]+")


class RecordPages:
    """What is held, checked against what was signed."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        read = self._frame.read
        return [
            Route("/record", read(self.show)),
            Route("/record/check/{channel}/{party}", read(self.check)),
            Route("/search", read(self.search)),
            Route("/evidence", read(self.evidence)),
            Route("/evidence/bundle", read(self.bundle)),
        ]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show entries as they were stored here, newest first, with their logs."""
        query = request.query_params
        channel, party = query.get("channel") or None, query.get("party") or None
        before = cursor_of(request) or ""
        page = self._gateway.entries(
            channel=channel,
            party=party,
            before_sequence=int(before) if before.isdecimal() and len(before) < 16 else None,
            newest_first=True,
            limit=PAGE_ROWS,
        )
        channels = list(self._gateway.channels())
        return self._frame.page(
            request,
            seat,
            "record.html",
            rows=page.items,
            turning=turning(request, page.next_cursor),
            channels=channels,
            logs=[log for each in channels if channel in (None, each.code) for log in each.logs],
            channel=channel or "",
            party=party or "",
            records=self._gateway.overview().record,
            checked=None,
        )

    async def check(self, request: Request, seat: Seat) -> Response:
        """Compute every leaf and the root again, and compare with the newest signed statement."""
        channel, party = request.path_params["channel"], request.path_params["party"]
        result = self._gateway.check_log(channel, party)
        return self._frame.page(
            request,
            seat,
            "log_check.html",
            channel=channel,
            party=party,
            result=result,
        )

    async def search(self, request: Request, seat: Seat) -> Response:
        """Show entries with these words; the words go into no log."""
        words = request.query_params.get("q", "").strip()[:WORDS_MAX]
        rows: list[Any] = []
        wrong = ""
        if words:
            try:
                rows = list(self._gateway.search(words, limit=PAGE_ROWS).items)
            except UsageError as problem:
                wrong = f"{problem} {problem.next_step}".strip()
        return self._frame.page(
            request,
            seat,
            "search.html",
            words=words,
            rows=rows,
            wrong=wrong,
            channels=[channel.code for channel in self._gateway.channels()],
        )

    async def evidence(self, request: Request, seat: Seat) -> Response:
        """Show what can be exported, and how a stranger checks it."""
        query = request.query_params
        return self._frame.page(
            request,
            seat,
            "evidence.html",
            channels=[channel for channel in self._gateway.channels() if channel.opened],
            case=query.get("case", ""),
            channel=query.get("channel", ""),
        )

    async def bundle(self, request: Request, seat: Seat) -> Response:
        """Hand out a bundle of one case or one channel.

        Raises:
            UsageError: neither is named.
        """
        seat.actor.require("export")
        query = request.query_params
        case, channel = query.get("case") or None, query.get("channel") or None
        if not (case or channel):
            raise UsageError("name a case or a channel to export")
        try:
            content = (
                self._gateway.export(case=case) if case else self._gateway.export(channel=channel)
            )
        except ParleyError as problem:
            return self._frame.problem(request, seat, problem)
        file = (
            _FILE.sub("-", f"{self._gateway.station().mark}-{case or channel}") + ".parley-bundle"
        )
        return Response(
            content,
            media_type="application/vnd.parley.bundle",
            headers={"content-disposition": f'attachment; filename="{file}"'},
        )
