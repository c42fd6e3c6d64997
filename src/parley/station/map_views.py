"""What the gateway shows of places: shapes as stated, and how far two accounts of one lie apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parley.station.view_values import Moment, Words

Spot = tuple[float, float]
"""Latitude and longitude in degrees, WGS 84."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeView:
    """One place that an entry states.

    Attributes:
        kind: point, track, polygon, circle, arc, corridor or named (a name and no position).
        field: where it stands in the entry, such as `where.position`.
        label: words of that field.
        name: name that the entry gives it; empty where it gives none.
        case, entry: what states it; empty for a draft.
        spots: positions in the order stated.
        written: each of them as it was written.
        metres: radius of a circle or an arc, width of a corridor.
        outline: the line that draws it, its sides on shortest ways; empty for a name alone.
        is_closed: the line ends where it begins.
    """

    kind: str
    field: str
    label: Words
    name: str
    party: str
    case: str
    procedure: str
    move: str
    entry: str
    at: Moment | None
    spots: Sequence[Spot]
    written: Sequence[str]
    metres: float | None
    outline: Sequence[Spot]
    is_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApartView:
    """Two accounts of one position: of an incident, or what was said and what was read back.

    Attributes:
        field: as in the comparison of the case.
        label: words of the field; empty where no entry of the case carries it.
        read_by: desk that read it back; empty for two accounts.
        spots: position by the code of who gives it, two of them.
        written: the same as written.
        metres: the length of the shortest way between them.
        way: points of that way.
    """

    case: str
    field: str
    label: Words
    read_by: str
    spots: Mapping[str, Spot]
    written: Mapping[str, str]
    metres: int
    way: Sequence[Spot]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapView:
    """Places to be drawn, and the same to be read as a table.

    Attributes:
        cases: how many cases they are of.
        is_cut: there are more cases than were looked at, the newest first.
    """

    shapes: Sequence[ShapeView]
    aparts: Sequence[ApartView] = ()
    cases: int = 0
    is_cut: bool = False
