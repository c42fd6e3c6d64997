"""Screen 22, courier: files for a peer, files that came, and what of them is receipted."""

from __future__ import annotations

import re
from typing import Any, Final

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.seat import Seat
from parley.core.courier import FILE_BYTES_MAX
from parley.errors import NotAllowedError, ParleyError, UsageError

PLACE: Final = "/courier"
SIZES: Final = (("lines", 4_096), ("codes", 50_000), ("file", FILE_BYTES_MAX))
"""What fits lines that are read out, printed codes, and a file on a stick."""

_SUFFIX: Final = {"file": "courier", "lines": "txt", "codes": "svg"}
_FILE: Final = re.compile(r"[^A-Za-z0-9.-]+")


class CourierPages:
    """Making, looking at and taking in what a person carries."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        read, act = self._frame.read, self._frame.act
        return [
            Route(PLACE, read(self.show)),
            Route(PLACE + "/out", act(self.make), methods=["POST"]),
            Route(PLACE + "/in", act(self.look), methods=["POST"]),
            Route(PLACE + "/take", act(self.take), methods=["POST"]),
            Route(PLACE + "/{number:int}/{form}", read(self.file)),
        ]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show what can be carried, and what went and came."""
        return self._page(request, seat)

    def _page(
        self,
        request: Request,
        seat: Seat,
        *,
        look: Any = None,
        typed: str = "",
        problem: ParleyError | None = None,
    ) -> Response:
        made = request.query_params.get("made", "")
        rows = self._gateway.courier_rows()
        return self._frame.page(
            request,
            seat,
            "courier.html",
            status=422 if problem else 200,
            rows=rows,
            made=next((row for row in rows if str(row.number) == made), None),
            peers=[peer.code for peer in self._gateway.peers() if peer.trusted],
            sizes=SIZES,
            look=look,
            typed=typed,
            problem=problem,
            may=seat.actor.may("courier"),
        )

    async def make(self, request: Request, seat: Seat) -> Response:
        """Make a file for a peer."""
        form = await form_of(request)
        sizes = dict(SIZES)
        size = sizes.get(text_of(form, "size"))
        if size is None:
            raise UsageError("there is no such size of a courier file")
        made = await self._gateway.carry_out(seat.actor, text_of(form, "peer"), size_max=size)
        return go(f"{PLACE}?made={made.row.number}#made")

    async def file(self, request: Request, seat: Seat) -> Response:
        """Hand out a file made lately, in a form that can be carried."""
        seat.actor.require("courier")
        number, form = request.path_params["number"], request.path_params["form"]
        content, kind = self._gateway.courier_file(number, form)
        peer = next((row.peer for row in self._gateway.courier_rows() if row.number == number), "")
        mark = self._gateway.station().mark
        name = _FILE.sub("-", f"{mark}-for-{peer}-{number}") + "." + _SUFFIX[form]
        return Response(
            content,
            media_type=kind,
            headers={
                "content-disposition": f'attachment; filename="{name}"',
                "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
            },
        )

    async def look(self, request: Request, seat: Seat) -> Response:
        """Show what a file or its lines hold; nothing is taken in yet."""
        seat.actor.require("courier")
        form = await form_of(request)
        typed = text_of(form, "lines")
        try:
            look = await self._gateway.carry_look(await _given(form.get("file"), typed))
        except NotAllowedError:
            raise
        except UsageError as problem:
            return self._page(request, seat, typed=typed, problem=problem)
        finally:
            await form.close()
        return self._page(request, seat, look=look)

    async def take(self, request: Request, seat: Seat) -> Response:
        """Take in what was looked at."""
        form = await form_of(request)
        look = await self._gateway.carry_in_looked(seat.actor, text_of(form, "digest"))
        return self._page(request, seat, look=look)


async def _given(file: Any, typed: str) -> bytes:
    """Return the file that was chosen, or the lines that were typed.

    Raises:
        UsageError: neither is there.
    """
    if isinstance(file, UploadFile) and file.size:
        return await file.read(2 * FILE_BYTES_MAX)
    if typed.strip():
        return typed.encode()
    raise UsageError("no file was chosen and no lines were typed; nothing was taken in")


__all__ = ["CourierPages"]
