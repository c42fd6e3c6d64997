"""Screens 20 and 21: the raw logs, and bundles that a stranger can check."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame
from parley.console.paging import cursor_of, turning
from parley.console.seat import Seat
from parley.errors import ParleyError, UsageError

PAGE_ROWS: Final = 50
_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]+)"')
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
            Route("/evidence", read(self.evidence)),
            Route("/evidence/bundle", read(self.bundle)),
            Route("/evidence/cards/{code}", read(self.card)),
            Route("/evidence/verifier", read(self.verifier)),
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
            records=self._gateway.record_rows(),
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

    async def evidence(self, request: Request, seat: Seat) -> Response:
        """Show what can be exported, and how a stranger checks it."""
        case = request.query_params.get("case", "").strip()
        fields: Sequence[str] = ()
        problem: ParleyError | None = None
        if case and seat.actor.may("export"):
            try:
                fields = self._gateway.fields_to_withhold(case)
            except ParleyError as refusal:
                problem = refusal
        channels = list(self._gateway.channels())
        return self._frame.page(
            request,
            seat,
            "evidence.html",
            channels=[channel for channel in channels if channel.opened],
            conflicts=[
                (f"{channel.code}/{log.party}", log.conflicts)
                for channel in channels
                for log in channel.logs
                if log.conflicts
            ],
            case=case,
            fields=fields,
            problem=problem,
            cards=[self._gateway.own_card().code, *(peer.code for peer in self._gateway.peers())],
        )

    async def bundle(self, request: Request, seat: Seat) -> Response:
        """Hand out a bundle of one case, one channel or one conflict.

        Raises:
            UsageError: none is named.
        """
        seat.actor.require("export")
        query = request.query_params
        what = {name: query.get(name, "").strip() for name in ("case", "channel", "conflict")}
        named = {name: value for name, value in what.items() if value}
        if len(named) != 1:
            raise UsageError(
                "name one case, channel or conflict to export",
                next_step="Type the number of a case, such as REQ-ALFA-31.",
            )
        try:
            content = self._gateway.export(**named, withhold=query.getlist("withhold"))
        except ParleyError as problem:
            return self._frame.problem(request, seat, problem)
        (name,) = named.values()
        file = _FILE.sub("-", f"{self._gateway.station().mark}-{name}") + ".parley"
        return Response(
            content,
            media_type="application/vnd.parley.bundle",
            headers={"content-disposition": f'attachment; filename="{file}"'},
        )

    async def card(self, request: Request, _: Seat) -> Response:
        """Hand out a card as a file; whoever checks a bundle with it has to compare its words."""
        code = request.path_params["code"]
        own = self._gateway.own_card()
        card = own if code == own.code else self._gateway.peer(code).card
        return Response(
            card.armour,
            media_type="text/plain; charset=us-ascii",
            headers={
                "content-disposition": f'attachment; filename="{_FILE.sub("-", card.code)}.card"'
            },
        )

    async def verifier(self, request: Request, _: Seat) -> Response:
        """Hand out the page that checks a bundle in the browser and uploads nothing."""
        page = verifier_page()
        own = _POLICY.search(page)
        assert own is not None, "the verifier page names its policy"
        headers = {"content-security-policy": own[1] + "; frame-ancestors 'none'"}
        if "save" in request.query_params:
            headers["content-disposition"] = 'attachment; filename="parley-verify.html"'
        return Response(page, media_type="text/html; charset=utf-8", headers=headers)


@cache
def verifier_page() -> str:
    """Return the verifier's one page, as it is shipped; it shares no code with the station."""
    return resources.files("parley_verify").joinpath("verifier_page.html").read_text("utf-8")
