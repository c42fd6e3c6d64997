"""Screen 17, timeline: both sides' entries on one axis of time, silence as dated blanks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame
from parley.console.moments import DAY_S, HOUR_S, iso
from parley.console.seat import Seat
from parley.core.instants import Instant, parse_instant
from parley.errors import ParleyError

SPANS_S: Final = (HOUR_S, 6 * HOUR_S, DAY_S, 7 * DAY_S, 30 * DAY_S, 366 * DAY_S)
DEFAULT_S: Final = DAY_S
LEAST_S, MOST_S = 600, SPANS_S[-1]
"""What the scale can be dragged to: from ten minutes to a year."""
_SCALE: Final = 200
_DIGITS_MAX: Final = 9
WIDTH: Final = 1000
TICKS: Final = 4
TIME_MAX: Final = 40
DIFFERS_S: Final = 120
"""A claimed time further than this from the time of receipt is told as a difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table: an entry, or a silence of a party.

    Attributes:
        at: by which it stands: when the entry was stored here, when the silence began.
        together: every party that was silent just then, where it was more than one.
    """

    at: int
    party: str
    entry: Any = None
    silence: Any = None
    together: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A party's lane as it is drawn, in units of `WIDTH`.

    Attributes:
        blanks: where a silence begins and how wide it is.
        marks: where an entry stands, and its precedence.
        claimed: where the author puts an entry that it dates far from its receipt.
        known: how far anything is known.
    """

    lane: Any
    blanks: Sequence[tuple[int, int]]
    marks: Sequence[tuple[int, str]]
    claimed: Sequence[int]
    known: int


class TimelinePage:
    """What came when on one channel."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of this page."""
        return [Route("/timeline", self._frame.read(self.show))]

    def _opened(self, channel: str) -> int:
        """Return when a channel was proposed; now where there is none."""
        found = [each for each in self._gateway.channels() if each.code == channel]
        return int(found[0].proposed_at) if found else int(self._frame.now())

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show a time of a channel: the last day of the first one, where nothing is asked for."""
        query = request.query_params
        channels = [channel.code for channel in self._gateway.channels()]
        channel = query.get("channel") or next(iter(channels), "")
        span = _span(query.get("span", ""))
        now = int(self._frame.now())
        end, view = now, None
        wrong: ParleyError | None = None
        text = query.get("to", "").strip()[:TIME_MAX]
        try:
            end = int(parse_instant(text)) if text else now
            if channel:
                view = self._gateway.timeline(channel, start=Instant(end - span), end=Instant(end))
        except ParleyError as problem:
            wrong = problem

        def address(*, at: int | None = None, wide: int = span) -> str:
            asked = {"channel": channel, "span": wide}
            return "?" + urlencode(asked | ({} if at is None else {"to": iso(at)}))

        opened = self._opened(channel)
        return self._frame.page(
            request,
            seat,
            "timeline.html",
            channels=channels,
            channel=channel,
            span_s=span,
            spans=[(each, address(at=end if text else None, wide=each)) for each in SPANS_S],
            to_text=text if wrong else "",
            wrong=wrong,
            view_of=view,
            lanes=[] if view is None else [drawn(lane, view) for lane in view.lanes],
            lines=[] if view is None else lines(view),
            ticks=[end - span + span * tick // TICKS for tick in range(TICKS + 1)],
            width=WIDTH,
            differs=DIFFERS_S,
            is_past=bool(text) and end < now,
            earlier=address(at=end - span // 2),
            later=address(at=end + span // 2) if text and end + span // 2 < now else address(),
            closer=address(at=end if text else None, wide=_next_shorter(span)),
            wider=address(at=end if text else None, wide=_next_longer(span)),
            this_time=address(at=end if text else None),
            first=address(at=min(opened + span, now)),
            now_at=address(),
            scale=round(_SCALE * log(span / LEAST_S) / log(MOST_S / LEAST_S)),
            least_s=LEAST_S,
            most_s=MOST_S,
        )


def _span(asked: str) -> int:
    """Return the length that is asked for, within what the scale can show."""
    if not asked.isdecimal() or len(asked) > _DIGITS_MAX:
        return DEFAULT_S
    return min(max(int(asked), LEAST_S), MOST_S)


def _next_shorter(span: int) -> int:
    return max((each for each in SPANS_S if each < span), default=LEAST_S)


def _next_longer(span: int) -> int:
    return min((each for each in SPANS_S if each > span), default=MOST_S)


def lines(view: Any) -> list[Line]:
    """Return entries and silences in one order, the earliest first."""
    found = [
        Line(at=entry.times.received_at, party=entry.party, entry=entry) for entry in view.entries
    ]
    return sorted([*found, *_silences(view)], key=lambda line: line.at)


def _silences(view: Any) -> Iterator[Line]:
    """Return each silence; parties that were silent in just the same time stand in one line."""
    same: dict[tuple[int, int, bool], list[Any]] = {}
    for lane in view.lanes:
        for silence in lane.silences:
            key = (silence.from_at, silence.to_at, silence.is_open)
            same.setdefault(key, []).append((lane.party, silence))
    for found in same.values():
        party, silence = found[0]
        yield Line(
            at=silence.from_at,
            party=party,
            silence=silence,
            together=[each for each, _ in found] if len(found) > 1 else (),
        )


def drawn(lane: Any, view: Any) -> Drawn:
    """Return a lane as it is drawn."""
    span = int(view.to_at - view.from_at)

    def place(at: int) -> int:
        return min(max((at - int(view.from_at)) * WIDTH // span, 0), WIDTH)

    own = [entry for entry in view.entries if entry.party == lane.party]
    return Drawn(
        lane=lane,
        blanks=[
            (place(each.from_at), max(place(each.to_at) - place(each.from_at), 1))
            for each in lane.silences
        ],
        marks=[(place(entry.times.received_at), entry.precedence) for entry in own],
        claimed=[
            place(entry.times.claimed_at)
            for entry in own
            if abs(entry.times.claimed_at - entry.times.received_at) > DIFFERS_S
        ],
        known=place(view.known_to),
    )
