"""What part of the Earth a map shows, and where a position lies on it.

Away from the poles longitude runs to the right and latitude up, as wide as they are in the middle
of the map; near a pole the map is drawn from above it, distances from the pole true. So neither the
poles nor 180 degrees tear a shape apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

WIDTH: Final = 1000
HEIGHT: Final = 500
POLAR_FROM: Final = 66.0
"""Latitude of the middle from which a map is drawn from above the pole."""
POLAR_SPAN_MAX: Final = 120.0
SPANS: Final = (
    *(0.01, 0.02, 0.04, 0.1, 0.2, 0.4, 1.0, 2.0, 4.0),
    *(7.0, 12.0, 20.0, 35.0, 60.0, 90.0, 120.0, 180.0),
)
"""Heights of a map in degrees."""
MARGIN: Final = 0.12
CONTEXT_SPAN: Final = 12.0
"""How much is shown around a single position."""

Spot = tuple[float, float]
Place = tuple[float, float]
"""A place on the drawing, in its units, from its upper left corner."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the Earth.

    Attributes:
        lat, lon: of its middle, in degrees.
        span: its height in degrees of latitude.
    """

    lat: float
    lon: float
    span: float

    @property
    def is_polar(self) -> bool:
        """Say whether it is drawn from above a pole."""
        return abs(self.lat) >= POLAR_FROM and self.span <= POLAR_SPAN_MAX

    @property
    def unit(self) -> float:
        """Return how many units of the drawing a degree of latitude is."""
        return HEIGHT / self.span

    @property
    def narrowing(self) -> float:
        """Return how long a degree of longitude is drawn beside one of latitude."""
        return max(math.cos(math.radians(self.lat)), self.span * WIDTH / HEIGHT / 360)

    @property
    def half_width(self) -> float:
        """Return how many degrees of longitude lie between middle and edge (not near a pole)."""
        return WIDTH / 2 / self.unit / self.narrowing

    def place(self, lat: float, lon: float) -> Place:
        """Return where a position is drawn; its longitude may lie beyond 180 degrees."""
        if not self.is_polar:
            x = (lon - self.lon) * self.narrowing * self.unit
            return WIDTH / 2 + x, HEIGHT / 2 + (self.lat - lat) * self.unit
        side = 1 if self.lat > 0 else -1
        turn = math.radians(lon - self.lon)
        away, middle = 90 - side * lat, 90 - side * self.lat
        return (
            WIDTH / 2 + away * math.sin(turn) * self.unit,
            HEIGHT / 2 + side * (away * math.cos(turn) - middle) * self.unit,
        )

    def position(self, x: float, y: float) -> Spot:
        """Return the position at a place on the drawing."""
        east, south = (x - WIDTH / 2) / self.unit, (y - HEIGHT / 2) / self.unit
        if not self.is_polar:
            return max(-90.0, min(90.0, self.lat - south)), wrapped(
                self.lon + east / self.narrowing
            )
        side = 1 if self.lat > 0 else -1
        down = side * south + 90 - side * self.lat
        away = math.hypot(east, down)
        return side * (90 - away), wrapped(self.lon + math.degrees(math.atan2(east, down)))

    def shifts(self, west: float, east: float) -> Iterator[float]:
        """Yield by how many degrees what lies between two longitudes is drawn, each time in sight.

        Away from the poles the same land may stand at both edges of a map of the whole Earth.
        """
        if self.is_polar:
            yield 0.0
            return
        first = math.ceil((self.lon - self.half_width - east) / 360)
        last = math.floor((self.lon + self.half_width - west) / 360)
        yield from (360.0 * turn for turn in range(first, last + 1))

    def moved(self, right: float, down: float) -> Window:
        """Return the window moved by parts of its width and height."""
        spot = self.position(WIDTH * (0.5 + right), HEIGHT * (0.5 + down))
        return window(*spot, self.span)

    def zoomed(self, steps: int) -> Window:
        """Return the window so many steps nearer; further where it is negative."""
        at = min(range(len(SPANS)), key=lambda n: abs(math.log(SPANS[n] / self.span)))
        return window(self.lat, self.lon, SPANS[max(0, min(len(SPANS) - 1, at - steps))])


WORLD: Final = Window(0.0, 0.0, 180.0)


def window(lat: float, lon: float, span: float) -> Window:
    """Return a window that shows no more than there is of the Earth."""
    span = max(SPANS[0], min(SPANS[-1], span))
    found = Window(max(-90.0, min(90.0, lat)), wrapped(lon), span)
    if found.is_polar:
        return found
    most = 90 - span / 2
    return replace(found, lat=max(-most, min(most, found.lat)))


def wrapped(lon: float) -> float:
    """Return a longitude between -180 and 180."""
    return (lon + 180) % 360 - 180


def fitted(spots: Sequence[Spot]) -> Window:
    """Return the smallest window with all positions well in sight; the whole Earth for none."""
    if not spots:
        return WORLD
    lats = [lat for lat, _ in spots]
    middle = (min(lats) + max(lats)) / 2, _middle_longitude([lon for _, lon in spots])
    least = CONTEXT_SPAN if len(set(spots)) == 1 else 0.0
    for span in SPANS:
        found = window(*middle, span)
        if span >= least and all(_is_well_inside(found, spot) for spot in spots):
            return found
    return WORLD


def _middle_longitude(lons: Sequence[float]) -> float:
    """Return the middle of the smallest stretch that holds all longitudes."""
    around = sorted({wrapped(lon) for lon in lons})
    gaps = [(b - a, a, b) for a, b in pairwise([*around, around[0] + 360])]
    gap, _, after = max(gaps)
    return wrapped(after + (360 - gap) / 2)


def _is_well_inside(found: Window, spot: Spot) -> bool:
    lat, lon = spot
    x, y = found.place(lat, found.lon + wrapped(lon - found.lon))
    return WIDTH * MARGIN <= x <= WIDTH * (1 - MARGIN) and HEIGHT * MARGIN <= y <= HEIGHT * (
        1 - MARGIN
    )
