"""A map as its template writes it: land, grid, places and distances in the units of the drawing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from parley.console.land_shapes import SCALES, Ring, rings
from parley.console.map_window import HEIGHT, SPANS, WIDTH, Place, Spot, Window, fitted, wrapped
from parley.desk.geometry import metres_across

FINE_TO: Final = 35.0
"""Height in degrees up to which the finer land is drawn."""
EDGE: Final = 30.0
"""How far beyond the drawing lines go on, so that no cut shows."""
THIN: Final = 0.8
"""Points nearer to each other than this many units are drawn as one."""
SIDES: Final = ("a", "b", "c", "d")
GRID_STEPS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30)
GRID_LINES: Final = 5
BAR_MAX: Final = 220.0
LABEL_PLACES: Final = ((14, 5), (-14, 5), (0, -14), (0, 26))
TIE_LABEL_FROM: Final = 36.0
"""Units between two accounts from which their distance is written between them."""
NEAR: Final = 24.0
"""Marks nearer than this get their numbers on different sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One place of the table on the drawing.

    Attributes:
        number: in the table.
        side: `a` for us, then the others: how line and symbol look.
        paths: lines that draw it, each as SVG path data.
        dots: its positions; empty where only its outline is drawn.
        label: where its number stands, and to which side of that.
    """

    number: int
    side: str
    shape: Any
    is_closed: bool
    paths: Sequence[str]
    dots: Sequence[Place]
    label: tuple[float, float, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """The way between two accounts, and what it measures."""

    apart: Any
    paths: Sequence[str]
    ends: Sequence[tuple[float, float, str]]
    label: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A whole map.

    Attributes:
        land, grid: SVG path data.
        grid_labels: x, y, text and anchor.
        scale: of the land, one to so many.
        bar: its length in units and in metres.
        parties: code and side of each party on the map.
    """

    window: Window
    land: str
    grid: str
    grid_labels: Sequence[tuple[float, float, str, str]]
    scale: int
    bar: tuple[float, int]
    marks: Sequence[Mark]
    ties: Sequence[Tie]
    parties: Sequence[tuple[str, str]]
    is_cut: bool
    cases: int

    @property
    def has_places(self) -> bool:
        """Say whether anything but names stands on it."""
        return any(mark.shape.spots for mark in self.marks)


def drawn(view: Any, own: str, asked: Window | None = None) -> Drawn:
    """Return a map of places.

    Args:
        view: what is drawn, a `MapView` of the gateway.
        own: this station's code; its places have the first of the looks.
        asked: what part is wanted; what holds all places where None.
    """
    found = asked or fitted(_every_spot(view))
    sides = _sides(view, own)
    scale = "50m" if found.span <= FINE_TO else "110m"
    grid, labels = _grid(found)
    return Drawn(
        window=found,
        land=land_path(found, scale),
        grid=grid,
        grid_labels=labels,
        scale=SCALES[scale],
        bar=_bar(found),
        marks=_marks(view.shapes, found, sides),
        ties=[_tie(apart, found, sides) for apart in view.aparts],
        parties=[(code, side) for code, side in sides.items()],
        is_cut=view.is_cut,
        cases=view.cases,
    )


def _every_spot(view: Any) -> list[Spot]:
    spots = [spot for shape in view.shapes for spot in (*shape.spots, *shape.outline)]
    return spots + [spot for apart in view.aparts for spot in apart.spots.values()]


def _sides(view: Any, own: str) -> dict[str, str]:
    codes = {shape.party for shape in view.shapes}
    codes |= {_party(who) for apart in view.aparts for who in apart.spots}
    ordered = sorted(codes, key=lambda code: (code != own, code))
    first = 0 if own in codes else 1
    return {code: SIDES[min(n + first, len(SIDES) - 1)] for n, code in enumerate(ordered)}


def _party(who: str) -> str:
    """Return the party of a desk, `BRAVO` of `BRAVO/OPS`."""
    return who.partition("/")[0]


# --- land ---


@lru_cache(maxsize=128)
def land_path(found: Window, scale: str) -> str:
    """Return the land in sight as SVG path data."""
    return "".join(
        _closed(piece)
        for ring in rings(scale)
        for shift in found.shifts(ring.west, ring.east)
        if _may_show(found, ring)
        and len(piece := _clipped([found.place(y, x + shift) for x, y in ring.points])) > 2
    )


def _may_show(found: Window, ring: Ring) -> bool:
    if not found.is_polar:
        return ring.south <= found.lat + found.span and ring.north >= found.lat - found.span
    reach = found.span * (0.5 + WIDTH / HEIGHT / 2)
    return ring.north >= found.lat - reach if found.lat > 0 else ring.south <= found.lat + reach


def _clipped(ring: Sequence[Place]) -> list[Place]:
    """Return what of a closed line lies on the drawing or just beyond (Sutherland, Hodgman)."""
    points = list(ring)
    for axis, limit, keeps_more in (
        (0, -EDGE, True),
        (0, WIDTH + EDGE, False),
        (1, -EDGE, True),
        (1, HEIGHT + EDGE, False),
    ):
        points = _cut(points, axis, limit, keeps_more=keeps_more)
    return points


def _cut(points: list[Place], axis: int, limit: float, *, keeps_more: bool) -> list[Place]:
    found: list[Place] = []
    for place, point in enumerate(points):
        before = points[place - 1]
        was, is_in = (
            (each[axis] >= limit) if keeps_more else (each[axis] <= limit)
            for each in (before, point)
        )
        if was != is_in:
            part = (limit - before[axis]) / (point[axis] - before[axis])
            found.append(
                (
                    before[0] + (point[0] - before[0]) * part,
                    before[1] + (point[1] - before[1]) * part,
                )
            )
        if is_in:
            found.append(point)
    return found


def _closed(points: Sequence[Place]) -> str:
    return _line(points) + "z" if points else ""


def _line(points: Iterable[Place]) -> str:
    """Return SVG path data of a line, points that nobody could tell apart left out."""
    parts: list[str] = []
    last = (math.inf, math.inf)
    for x, y in points:
        if abs(x - last[0]) + abs(y - last[1]) >= THIN:
            parts.append(f"{x:.1f} {y:.1f}")
            last = (x, y)
    if len(parts) < 2:
        return ""
    return "M" + "L".join(parts)


# --- grid and bar ---


def _grid(found: Window) -> tuple[str, list[tuple[float, float, str, str]]]:
    step = next((each for each in GRID_STEPS if found.span / each <= GRID_LINES), GRID_STEPS[-1])
    if found.is_polar:
        return _polar_grid(found, step)
    wide = next(
        (each for each in GRID_STEPS if found.half_width * 2 / each <= GRID_LINES + 2),
        GRID_STEPS[-1],
    )
    paths: list[str] = []
    labels: list[tuple[float, float, str, str]] = []
    for lat in _multiples(found.lat - found.span / 2, found.lat + found.span / 2, step):
        y = found.place(lat, found.lon)[1]
        paths.append(f"M0 {y:.1f}H{WIDTH}")
        if 24 < y < HEIGHT - 28:
            labels.append((6, y - 5, degrees_text(lat, "NS", step), "start"))
    for lon in _multiples(found.lon - found.half_width, found.lon + found.half_width, wide):
        x = found.place(found.lat, lon)[0]
        paths.append(f"M{x:.1f} 0V{HEIGHT}")
        if 60 < x < WIDTH - 60:
            labels.append((x, HEIGHT - 8, degrees_text(wrapped(lon), "EW", wide), "middle"))
    return "".join(paths), labels


def _polar_grid(found: Window, step: float) -> tuple[str, list[tuple[float, float, str, str]]]:
    side = 1 if found.lat > 0 else -1
    middle = found.place(90.0 * side, found.lon)
    paths: list[str] = []
    labels: list[tuple[float, float, str, str]] = []
    reach = math.hypot(WIDTH, HEIGHT) / found.unit + 90 - abs(found.lat)
    for away in _multiples(step, min(reach, 120), step):
        r = away * found.unit
        x, y = middle
        paths.append(
            f"M{x - r:.1f} {y:.1f}a{r:.1f} {r:.1f} 0 1 0 {2 * r:.1f} 0"
            f"a{r:.1f} {r:.1f} 0 1 0 {-2 * r:.1f} 0"
        )
        at = found.place(side * (90 - away), found.lon)
        if 20 < at[1] < HEIGHT - 10:
            labels.append(
                (at[0] + 4, at[1] - 4, degrees_text(side * (90 - away), "NS", step), "start")
            )
    for lon in range(-180, 180, 30):
        ends = [found.place(side * (90 - away), lon) for away in (step, min(reach, 120))]
        paths.append(_line(ends))
        labels += _meridian_label(found, side, lon, min(reach, 120))
    return "".join(paths), labels


def _meridian_label(
    found: Window, side: int, lon: int, reach: float
) -> Iterator[tuple[float, float, str, str]]:
    """Yield the label of a meridian where it leaves the drawing."""
    last = None
    for n in range(1, 121):
        x, y = found.place(side * (90 - reach * n / 120), lon)
        if 30 < x < WIDTH - 30 and 20 < y < HEIGHT - 10:
            last = (x, y)
    if last is not None:
        yield (*last, degrees_text(lon, "EW", 1), "middle")


def _multiples(low: float, high: float, step: float) -> Iterator[float]:
    for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1):
        yield n * step


def degrees_text(value: float, letters: str, step: float) -> str:
    """Return degrees with the letter of their side, as exactly as the steps between lines."""
    places = max(0, -math.floor(math.log10(step))) if step < 1 else 0
    text = f"{abs(value):.{places}f}°"
    if float(f"{value:.6f}") in (0.0, -180.0) and letters in ("NS", "EW"):
        return text
    return text + letters[value < 0]


def _bar(found: Window) -> tuple[float, int]:
    """Return a bar of a round length in metres at the middle of the map."""
    per_unit = metres_across((found.lat, found.lon), 0.001) * 1000 / found.narrowing / found.unit
    if found.is_polar:
        per_unit = 111_320 / found.unit
    length = 10 ** math.floor(math.log10(per_unit * BAR_MAX))
    best = max(n for n in (1, 2, 5) if n * length <= per_unit * BAR_MAX)
    return best * length / per_unit, int(best * length)


# --- places ---


def _marks(shapes: Sequence[Any], found: Window, sides: dict[str, str]) -> list[Mark]:
    marks: list[Mark] = []
    taken: list[Place] = []
    for number, shape in enumerate(shapes, start=1):
        spots = shape.spots if shape.kind in ("point", "track", "circle", "arc") else ()
        dots = [place for spot in spots for place in _in_sight(found, spot)]
        paths = list(_drawn_paths(shape, found)) if shape.kind != "point" else []
        anchor = dots[0] if dots else _first_in_sight(shape.outline, found)
        marks.append(
            Mark(
                number=number,
                side=sides[shape.party],
                shape=shape,
                is_closed=shape.is_closed,
                paths=paths,
                dots=dots,
                label=None if anchor is None else _label(anchor, taken),
            )
        )
    return marks


def _label(anchor: Place, taken: list[Place]) -> tuple[float, float, str]:
    crowd = sum(math.dist(anchor, other) < NEAR for other in taken)
    taken.append(anchor)
    right, down = LABEL_PLACES[crowd % len(LABEL_PLACES)]
    side = "start" if right > 0 else "end" if right < 0 else "middle"
    return anchor[0] + right, anchor[1] + down, side


def _in_sight(found: Window, spot: Spot) -> Iterator[Place]:
    lat, lon = spot
    for shift in found.shifts(lon, lon):
        x, y = found.place(lat, lon + shift)
        if 0 <= x <= WIDTH and 0 <= y <= HEIGHT:
            yield x, y


def _first_in_sight(outline: Sequence[Spot], found: Window) -> Place | None:
    places = (place for spot in outline for place in _in_sight(found, spot))
    return min(places, key=lambda place: (place[1], place[0]), default=None)


def _drawn_paths(shape: Any, found: Window) -> Iterator[str]:
    yield from _paths(shape.outline, found, is_closed=shape.is_closed)


def _paths(outline: Sequence[Spot], found: Window, *, is_closed: bool) -> Iterator[str]:
    """Yield a line each time it is in sight; round a pole it is closed over the pole."""
    if not outline:
        return
    points = _unwound(outline)
    if is_closed and not found.is_polar:
        turn = wrapped(points[0][1] - points[-1][1]) + points[-1][1] - points[0][1]
        if abs(turn) > 180:
            pole = 90.0 if points[0][0] > 0 else -90.0
            first, last = points[0], (points[0][0], points[0][1] + turn)
            points = [*points, last, (pole, last[1]), (pole, first[1])]
    west, east = min(lon for _, lon in points), max(lon for _, lon in points)
    finish: Callable[[Sequence[Place]], str] = _closed if is_closed else _line
    for shift in found.shifts(west, east):
        places = [found.place(lat, lon + shift) for lat, lon in points]
        if path := finish(_clipped(places) if is_closed else _near(places)):
            yield path


def _near(places: Sequence[Place]) -> list[Place]:
    """Return places with those far away drawn in, which no browser need paint."""
    far = 20.0 * WIDTH
    return [(max(-far, min(far, x)), max(-far, min(far, y))) for x, y in places]


def _unwound(outline: Sequence[Spot]) -> list[Spot]:
    """Return a line whose longitudes go on beyond 180 degrees and do not jump."""
    points = [outline[0]]
    for (_, _), (lat, lon) in pairwise(outline):
        before = points[-1][1]
        points.append((lat, before + wrapped(lon - before)))
    return points


def _tie(apart: Any, found: Window, sides: dict[str, str]) -> Tie:
    ends = [
        (x, y, sides[_party(who)])
        for who, spot in apart.spots.items()
        for x, y in _in_sight(found, spot)
    ]
    middle = apart.way[len(apart.way) // 2] if len(apart.way) > 2 else None
    places = [(x, y) for x, y, _ in ends]
    if middle is not None:
        places = list(_in_sight(found, middle)) or places
    # Where both ends lie on one another the metres stand in the table alone.
    is_long = len(ends) > 1 and math.dist(ends[0][:2], ends[1][:2]) >= TIE_LABEL_FROM
    label = (
        (sum(x for x, _ in places) / len(places), sum(y for _, y in places) / len(places))
        if places and is_long
        else None
    )
    return Tie(
        apart=apart,
        paths=list(_paths(apart.way, found, is_closed=False)),
        ends=ends,
        label=label,
    )


def nearest_span(span: float) -> float:
    """Return the height a map can have that is nearest to the one asked for."""
    return min(SPANS, key=lambda each: abs(math.log(each / max(span, SPANS[0]))))
