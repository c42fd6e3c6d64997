"""Lines and areas that an agreement measures from: their course, its source and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from parley.desk.profiles.checked import SURE, check_names
from parley.errors import UsageError

CORNERS_MAX: Final = 1_000
_EXAMPLE: Final = (
    "Such as {border: {course: [[10.0, 20.0], [10.5, 20.4]], sure: A, source: annex 2}}:"
    f" 2 to {CORNERS_MAX} pairs of degrees, latitude first. `parley profile example` prints a file."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line, or an area with its boundary.

    Attributes:
        course: (latitude, longitude) in degrees, WGS 84, in order; empty where it is not known.
        is_area: the course goes round an area; what lies in it is at no distance from it.
        sure, source: how sure the course is, and where it is from.
    """

    course: tuple[tuple[float, float], ...]
    is_area: bool = False
    sure: str
    source: str


def read_lines(code: str, raw: object) -> dict[str, Line]:
    """Return the lines of a profile by name.

    Args:
        code: of the profile, for what is wrong.
        raw: the file's `lines`: a map by name, each with `course` or `area`, `sure` and `source`.

    Raises:
        UsageError: a line is not well made.
    """
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        raise UsageError(f"profile {code}: `lines` is a map by name", next_step=_EXAMPLE)
    return {
        str(name): _line(f"profile {code}: the line {name!r}", one) for name, one in raw.items()
    }


def _line(where: str, raw: object) -> Line:
    if not isinstance(raw, Mapping) or len({"course", "area"} & set(raw)) != 1:
        raise UsageError(f"{where} is a map with `course`, or `area`", next_step=_EXAMPLE)
    known = {"course", "area", "sure", "source"}
    check_names(where, raw, known=known, needed={"sure", "source"}, example=_EXAMPLE)
    if raw["sure"] not in SURE or not str(raw["source"] or "").strip():
        raise UsageError(
            f"{where}: `sure` is A, B, ? or proposal, and `source` says where it is from",
            next_step=_EXAMPLE,
        )
    is_area = "area" in raw
    return Line(
        course=_course(where, raw["area" if is_area else "course"], 3 if is_area else 2),
        is_area=is_area,
        sure=str(raw["sure"]),
        source=str(raw["source"]),
    )


def _course(where: str, raw: object, least: int) -> tuple[tuple[float, float], ...]:
    if raw is None:
        return ()
    points = raw if isinstance(raw, list) else []
    if not least <= len(points) <= CORNERS_MAX:
        raise UsageError(
            f"{where} has {least} to {CORNERS_MAX} points; `null` if unknown", next_step=_EXAMPLE
        )
    for at, point in enumerate(points, 1):
        if not isinstance(point, list) or len(point) != 2 or not all(map(_is_number, point)):
            raise UsageError(f"{where}: point {at} is no [latitude, longitude]", next_step=_EXAMPLE)
        if abs(point[0]) > 90 or abs(point[1]) > 180:
            raise UsageError(
                f"{where}: point {at} lies nowhere: latitude {point[0]}, longitude {point[1]}",
                next_step="Latitude comes first, -90 to 90; then longitude, -180 to 180. GeoJSON"
                " has them the other way round.",
            )
    return tuple((float(point[0]), float(point[1])) for point in points)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
