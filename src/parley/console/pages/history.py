"""A register kept before the line was there: chosen, shown row by row, then claimed by us."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame, form_of, text_of
from parley.console.seat import Seat
from parley.errors import ConflictError, UsageError


class HistoryPages:
    """One form; what a file holds is looked at before anything is written."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        return [
            Route("/history", self._frame.read(self.show)),
            Route("/history", self._frame.act(self.take), methods=["POST"]),
        ]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show the form."""
        return self._page(request, seat)

    async def take(self, request: Request, seat: Seat) -> Response:
        """Show what the file says of each row and what not; claim it only when that was asked."""
        form = await form_of(request)
        channel, name = text_of(form, "channel"), text_of(form, "name").strip()
        said: dict[str, Any] = {"channel": channel, "name": name}
        try:
            content, called = await _given(form.get("file"), text_of(form, "content"))
            said["name"] = name = name or called
            said["content"] = content.decode("utf-8", "replace")
            said["look"] = look = self._gateway.look_at_history(content)
            in_part = bool(look.problems) and look.good > 0
            if look.problems and not in_part:
                return self._page(request, seat, **said)
            # Who agreed to the whole file has not agreed to a part of it.
            is_claim = text_of(form, "do") == ("claim-good" if in_part else "claim")
            said["made"] = await self._gateway.import_history(
                seat.actor, channel, content, name=name, dry_run=not is_claim, good_rows=in_part
            )
        except (UsageError, ConflictError) as problem:
            said["problem"] = problem
        finally:
            await form.close()
        return self._page(request, seat, **said)

    def _page(self, request: Request, seat: Seat, **said: Any) -> Response:
        facts: dict[str, Any] = {
            "channel": "",
            "name": "",
            "content": "",
            "look": None,
            "made": None,
        }
        facts |= {"problem": None, **said}
        channels = [one for one in self._gateway.channels() if one.state == "open"]
        return self._frame.page(request, seat, "history.html", channels=channels, **facts)


async def _given(file: Any, typed: str) -> tuple[bytes, str]:
    """Return the file that was chosen and its name, or the text that was pasted.

    Raises:
        UsageError: neither is there, or no name.
    """
    if isinstance(file, UploadFile) and file.size:
        return await file.read(), (file.filename or "")[:60]
    if typed.strip():
        return typed.encode(), "register"
    raise UsageError("no file was chosen and nothing was pasted; nothing was written")
