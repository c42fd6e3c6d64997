"""The land that maps are drawn on: Natural Earth's, shipped here, without a border or a name.

`tools/land.py` writes the files. A shore that crosses 180 degrees goes on beyond it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

SCALES: Final = {"110m": 110_000_000, "50m": 50_000_000}
"""Scale of each file: one to so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One shore line, closed, in degrees: (longitude, latitude)."""

    points: tuple[tuple[float, float], ...]
    west: float
    east: float
    south: float
    north: float


@cache
def rings(scale: str) -> tuple[Ring, ...]:
    """Return every shore line of a scale, the longest first; KeyError for a scale not shipped."""
    SCALES[scale]
    file = resources.files("parley.console").joinpath(f"land/land-{scale}.txt")
    return tuple(_ring(line) for line in file.read_text(encoding="ascii").splitlines())


def _ring(line: str) -> Ring:
    x = y = 0
    points = []
    for step in line.split(" "):
        east, north = step.split(",")
        x, y = x + int(east), y + int(north)
        points.append((x / 100, y / 100))
    return Ring(
        points=tuple(points),
        west=min(point[0] for point in points),
        east=max(point[0] for point in points),
        south=min(point[1] for point in points),
        north=max(point[1] for point in points),
    )
