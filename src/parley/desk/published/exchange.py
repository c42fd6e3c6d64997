"""A notice as plain values, exact and bounded: what our exporters carry beside what they draw.

Other formats know no corridor, no height above ground and no list of notices cancelled. So each
file carries these values too; a reader of ours takes them where they still say what is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from parley.core.instants import Instant, parse_instant, rfc3339
from parley.desk.areas import crosses_itself
from parley.desk.fields import Json
from parley.desk.places import E7, Point
from parley.desk.published.model import (
    CORNERS_MAX,
    TEXT_MAX,
    WINDOWS_MAX,
    Height,
    Notice,
    Reference,
    Shape,
    Spot,
    Window,
)
from parley.desk.times import LAST
from parley.errors import UsageError

FILE_MAX: Final = 4 * 1024 * 1024
NOTICES_MAX: Final = 2_000
SHAPES_MAX: Final = 2_000
_KINDS: Final = {"polygon": 3, "circle": 1, "corridor": 2, "line": 2, "point": 1}
_DATUMS: Final = ("SFC", "AMSL", "AGL", "FL", "UNL", "not stated")
_ACTS: Final = ("cancels", "replaces", "ends", "names")
_METRES_MAX: Final = 20_100_000


def refused(what: str, *, next_step: str = "") -> UsageError:
    """Return the one refusal of a file that is no notice in a format that is known."""
    return UsageError(what, next_step=next_step)


def plain_notice(notice: Notice) -> dict[str, Json]:
    """Return a notice as values of JSON; angles in 1e-7 degree."""
    return {
        "number": notice.number,
        "issued": _time(notice.issued),
        "text": notice.text,
        "shapes": [plain_shape(each) for each in notice.shapes],
        "windows": [plain_window(each) for each in notice.windows],
        "heights": [
            {"edge": h.edge, "metres": h.metres, "datum": h.datum, "written": h.written}
            for h in notice.heights
        ],
        "references": [
            {"act": r.act, "number": r.number, "at": _time(r.at)} for r in notice.references
        ],
    }


def plain_shape(shape: Shape) -> dict[str, Json]:
    """Return a shape as values of JSON."""
    return {
        "kind": shape.kind,
        "corners": [[spot.point.latitude, spot.point.longitude] for spot in shape.corners],
        "notation": [spot.point.notation for spot in shape.corners],
        "metres": shape.metres,
        "label": shape.label,
    }


def plain_window(window: Window) -> dict[str, Json]:
    """Return a window as values of JSON."""
    return {
        "from": _time(window.start),
        "until": _time(window.end),
        "precision": window.precision,
        "zone": window.zone,
    }


def _time(at: int | None) -> str | None:
    return None if at is None else rfc3339(Instant(at))


def notice_of(json: Json, kind: str) -> Notice:
    """Return the notice that plain values mean.

    Raises:
        UsageError: they are out of bounds, or no such values.
    """
    if not isinstance(json, Mapping):
        raise refused("a notice is no object")
    return Notice(
        kind=kind,
        text=text_of(json.get("text", ""), TEXT_MAX),
        number=text_of(json.get("number", ""), 80),
        issued=time_of(json.get("issued")),
        shapes=tuple(shape_of(each) for each in _list(json.get("shapes"), SHAPES_MAX)),
        windows=tuple(window_of(each) for each in _list(json.get("windows"), WINDOWS_MAX)),
        heights=tuple(_height(each) for each in _list(json.get("heights"), 2)),
        references=tuple(_reference(each) for each in _list(json.get("references"), 200)),
    )


def shape_of(json: Json) -> Shape:
    """Return the shape that plain values mean; UsageError if they mean none."""
    if not isinstance(json, Mapping) or json.get("kind") not in _KINDS:
        raise refused("a shape is of no known kind")
    kind = str(json["kind"])
    corners = _list(json.get("corners"), CORNERS_MAX)
    notations = json.get("notation")
    words = notations if isinstance(notations, list) and len(notations) == len(corners) else None
    spots = tuple(
        spot_of(*_pair(each), text_of(words[place], 20) if words else "degrees")
        for place, each in enumerate(corners)
    )
    metres = json.get("metres")
    if metres is not None and (type(metres) is not int or not 0 <= metres <= _METRES_MAX):
        raise refused("a length is out of bounds")
    if (metres is None) != (kind not in ("circle", "corridor")):
        raise refused(f"a {kind} has a length too many or too few")
    return checked(
        Shape(kind=kind, corners=spots, metres=metres, label=text_of(json.get("label", ""), 40))
    )


def checked(shape: Shape) -> Shape:
    """Return a shape that can be; UsageError where corners are too few or sides cross."""
    least = _KINDS[shape.kind]
    if len(shape.corners) < least or (least == 1 and len(shape.corners) > 1):
        raise refused(f"a {shape.kind} has {len(shape.corners)} corners")
    if shape.kind == "polygon" and crosses_itself([spot.point for spot in shape.corners]):
        raise refused("the sides of an area cross")
    return shape


def spot_of(latitude: int, longitude: int, notation: str = "degrees") -> Spot:
    """Return a position given in 1e-7 degree; UsageError if it is not on the Earth."""
    if abs(latitude) > 90 * E7 or abs(longitude) > 180 * E7:
        raise refused("a position is not on the Earth")
    point = Point(latitude=latitude, longitude=longitude, notation=notation)
    written = f"{latitude / E7:.7f}, {longitude / E7:.7f}"
    return Spot(point=point, step=1, written=written, span=(0, 0))


def window_of(json: Json) -> Window:
    """Return the window that plain values mean; UsageError if they mean none."""
    if not isinstance(json, Mapping):
        raise refused("a window is no object")
    zone = json.get("zone", 0)
    precision = json.get("precision", "exact")
    if type(zone) is not int or abs(zone) > 1080 or precision not in ("exact", "day"):
        raise refused("a window is not one that is known")
    return made_window(
        time_of(json.get("from")), time_of(json.get("until")), precision=str(precision), zone=zone
    )


def made_window(
    start: int | None, end: int | None, *, precision: str = "exact", zone: int = 0
) -> Window:
    """Return a window; UsageError where it ends before it begins."""
    if start is not None and end is not None and end <= start:
        raise refused("a window ends before it begins")
    return Window(start=start, end=end, precision=precision, zone=zone)


def _height(json: Json) -> Height:
    if not isinstance(json, Mapping) or json.get("datum") not in _DATUMS:
        raise refused("a height is of no known datum")
    metres, edge = json.get("metres"), json.get("edge")
    if (metres is not None and type(metres) is not int) or edge not in ("low", "high"):
        raise refused("a height is no number")
    written = text_of(json.get("written", ""), 80)
    return Height(
        edge=str(edge), metres=metres, datum=str(json["datum"]), written=written, span=(0, 0)
    )


def _reference(json: Json) -> Reference:
    if not isinstance(json, Mapping) or json.get("act") not in _ACTS:
        raise refused("a reference is of no known act")
    number = text_of(json.get("number", ""), 80)
    return Reference(act=str(json["act"]), number=number, at=time_of(json.get("at")))


def text_of(json: Json, most: int) -> str:
    """Return a text of bounded length; UsageError if it is none."""
    if not isinstance(json, str) or len(json) > most:
        raise refused(f"a text is none, or longer than {most} characters")
    return json


def time_of(json: Json) -> int | None:
    """Return seconds of a time with a zone, None for none; UsageError for anything else."""
    if json is None:
        return None
    found = int(parse_instant(text_of(json, 40)))
    if not 0 <= found <= LAST:
        raise refused("a time is out of bounds")
    return found


def _list(json: Json, most: int) -> Sequence[Json]:
    if not isinstance(json, list) or len(json) > most:
        raise refused(f"a list is none, or longer than {most}")
    return json


def _pair(json: Json) -> tuple[int, int]:
    if isinstance(json, list) and len(json) == 2:
        first, second = json
        if type(first) is int and type(second) is int:
            return first, second
    raise refused("a position is no pair of numbers")
