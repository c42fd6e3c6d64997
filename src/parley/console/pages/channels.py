"""Screen 23, channels and links: declared by each party, observed by us, never in one light."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import ChannelRequest, Gateway
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.seat import Seat
from parley.core.cosignature import is_witness_address
from parley.core.instants import parse_instant
from parley.errors import ParleyError, UsageError
from parley.station.desk_views import HeldChannelAct

TEXT_MAX: Final = 500
DIGITS_MAX: Final = 15
_QUOTAS: Final = ("entries_per_day", "bytes_per_day", "flash_per_hour")
_TYPED: Final = ("code", "purpose", "basis", "ends_at", *_QUOTAS)


class ChannelPages:
    """Channels with their links, and the acts that open one."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        read, act = self._frame.read, self._frame.act
        return [
            Route("/channels", read(self.show_list)),
            Route("/channels", act(self.propose), methods=["POST"]),
            Route("/channels/new", read(self.new)),
            Route("/channels/{code}", read(self.show)),
            Route("/channels/{code}/accept", act(self.accept), methods=["POST"]),
        ]

    async def show_list(self, request: Request, seat: Seat) -> Response:
        """Show every channel and every link."""
        channels = list(self._gateway.channels())
        lines = {line.peer: line for line in self._gateway.lines()}
        return self._frame.page(
            request,
            seat,
            "channels.html",
            channels=channels,
            links=list(self._gateway.links()),
            lines=lines,
            strips=[self._gateway.channel_days(channel.code) for channel in channels],
        )

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show one channel: parties, states, logs, what may be declared next."""
        channel = self._gateway.channel(request.path_params["code"])
        strip = self._gateway.channel_days(channel.code)
        return self._frame.page(request, seat, "channel.html", channel=channel, strip=strip)

    async def new(self, request: Request, seat: Seat) -> Response:
        """Show the form that proposes a channel."""
        return self._form(request, seat, dict.fromkeys(_TYPED, ""), None)

    def _form(
        self, request: Request, seat: Seat, typed: dict[str, str], problem: ParleyError | None
    ) -> Response:
        known: list[Any] = list(self._gateway.peers())
        trusted = [peer for peer in known if peer.trusted]
        return self._frame.page(
            request,
            seat,
            "channel_new.html",
            status=422 if problem else 200,
            peers=[peer for peer in trusted if not _is_witness(peer)],
            witnesses=[peer for peer in trusted if _is_witness(peer)],
            untrusted=[peer for peer in known if not peer.trusted],
            typed=typed,
            problem=problem,
        )

    async def propose(self, request: Request, seat: Seat) -> Response:
        """Propose a channel to the parties ticked; each of them must accept it."""
        form = await form_of(request)
        typed = {name: text_of(form, name).strip()[:TEXT_MAX] for name in _TYPED}
        chosen = tuple(str(code) for code in form.getlist("peer"))
        try:
            ends_at = parse_instant(typed["ends_at"]) if typed["ends_at"] else None
            made = await self._gateway.propose_channel(
                seat.actor,
                ChannelRequest(
                    code=typed["code"],
                    peers=chosen,
                    purpose=typed["purpose"],
                    basis=typed["basis"],
                    ends_at=ends_at,
                    witnesses=tuple(str(code) for code in form.getlist("witness")),
                    **{name: _number(typed[name]) for name in _QUOTAS},
                ),
            )
        except ParleyError as problem:
            return self._form(request, seat, typed, problem)
        return go(_where(made))

    async def accept(self, request: Request, seat: Seat) -> Response:
        """Accept a proposed channel: our log on it opens, and the peer is told."""
        code = request.path_params["code"]
        return go(_where(await self._gateway.accept_channel(seat.actor, code)))


def _number(text: str) -> int | None:
    """Return a number as somebody typed it, thousands apart or not; None where nothing stands.

    Raises:
        UsageError: it is no number.
    """
    plain = text.replace(",", "").replace(" ", "").replace("\u202f", "")
    if not plain:
        return None
    if not (plain.isascii() and plain.isdigit() and len(plain) <= DIGITS_MAX):
        raise UsageError(
            f"{text!r} is not a whole number", next_step="Write digits, or leave it empty."
        )
    return int(plain)


def _is_witness(peer: Any) -> bool:
    """Say whether a peer only cosigns: it has an address for statements and no line."""
    return any(map(is_witness_address, peer.addresses))


def _where(done: Any) -> str:
    """Return the page of a channel, or of the act that waits for a second person."""
    if isinstance(done, HeldChannelAct):
        return f"/release/channels/{done.code}"
    return f"/channels/{done.code}"
