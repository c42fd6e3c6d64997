"""Screen 27, audit: every act and every refused act, narrowed, checked and taken along."""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame
from parley.console.paging import cursor_of, turning
from parley.console.seat import Seat

PAGE_ROWS: Final = 100
TEXT_MAX: Final = 80
DIGEST: Final = re.compile(r"[0-9a-f]{32,128}")


class AuditPages:
    """The audit; it holds no secret, no text of an entry and no search words."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        read = self._frame.read
        return [
            Route("/station/audit", read(self.show)),
            Route("/station/audit/lines", read(self.lines)),
        ]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show the audit newest first; `check` computes the whole chain again."""
        seat.actor.require("audit")
        query = request.query_params
        officer, act = query.get("officer", "")[:TEXT_MAX], query.get("act", "")[:TEXT_MAX].strip()
        before = cursor_of(request) or ""
        page = self._gateway.audit_back(
            before=int(before) if before.isdecimal() and len(before) < 16 else None,
            limit=PAGE_ROWS,
            officer=officer,
            act=act,
            refused="refused" in query,
        )
        checked = "check" in query
        return self._frame.page(
            request,
            seat,
            "audit.html",
            rows=page.items,
            turning=turning(request, page.next_cursor),
            officers=[each.code for each in self._gateway.officers()],
            officer=officer,
            act=act,
            refused="refused" in query,
            checked=checked,
            is_digest=lambda text: DIGEST.fullmatch(text) is not None,
            broken=self._gateway.check_audit() if checked else None,
        )

    async def lines(self, _: Request, seat: Seat) -> Response:
        """Hand out the whole audit as JSON lines, exactly as its chain is hashed."""
        seat.actor.require("audit")
        station = self._gateway.station()
        return Response(
            b"".join(line + b"\n" for line in self._gateway.audit_lines()),
            media_type="application/x-ndjson",
            headers={
                "content-disposition": f'attachment; filename="{station.mark}-{station.code}'
                '-audit.jsonl"'
            },
        )
