"""Where things are: the places that entries, cases and drafts state, for a map and its table."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from parley.core.instants import Instant
from parley.desk import geometry
from parley.desk.catalogue import KINDS, PROCEDURES, fields_of
from parley.desk.fields import Json
from parley.desk.naming import RAW
from parley.desk.places import Point
from parley.desk.procedure import Difference
from parley.desk.record import Place
from parley.desk.registers import Registers
from parley.desk.rows import CaseView as DeskCase
from parley.desk.rows import StepView
from parley.desk.shapes import Shape, holds_places, point_of, shapes_of
from parley.errors import NotFoundError
from parley.station.case_lists import LOOKED_AT_MAX
from parley.station.desk_book import DeskBook
from parley.station.drafting import Body
from parley.station.map_views import ApartView, MapView, ShapeView

CASES_MAX: Final = 100
"""Cases of one map, the newest."""
_READ_BACK: Final = "read_back."

PLACED: Final = tuple(
    procedure.name
    for procedure in PROCEDURES.values()
    if any(holds_places(f.type) for move in procedure.moves for f in fields_of(move).values())
)
"""Procedures whose entries can state a place."""


class MapPage:
    """Gathers places; whatever has a position in its declaration is on it."""

    def __init__(self, desk: DeskBook, own: str) -> None:
        """Read the cases of a desk; `own` is this station's code."""
        self._desk = desk
        self._own = own

    def case(self, number: str, *, as_of: Instant | None) -> MapView:
        """Return the places of one case; NotFoundError if there is no such case."""
        registers = self._desk.registers(as_of)
        case = registers.case(number.replace("~", "/"))
        return _of_case(registers, case, self._shapes(registers, case))

    def page(
        self,
        *,
        procedure: str | None,
        channel: str | None,
        is_open: bool | None,
        as_of: Instant | None,
        sees: Callable[[str], bool],
    ) -> MapView:
        """Return the places of the newest cases, of one procedure or of all that state places.

        Raises:
            NotFoundError: there is no such procedure.
        """
        if procedure is not None and procedure not in PROCEDURES:
            raise NotFoundError(f"there is no procedure {procedure}")
        registers = self._desk.registers(as_of)
        briefs = {book.channel: book.briefs for book in registers.books()}
        shapes: list[ShapeView] = []
        aparts: list[ApartView] = []
        cases = 0
        wanted = [name for name in PLACED if procedure in (None, name)]
        for looked, place in enumerate(self._places(wanted, as_of, is_open=is_open)):
            if cases == CASES_MAX or looked == LOOKED_AT_MAX:
                return MapView(shapes=shapes, aparts=aparts, cases=cases, is_cut=True)
            label = registers.channel(place.channel).view.label
            if channel not in (None, label) or not sees(label):
                continue
            is_owed = briefs[place.channel][place].debtor is not None
            if is_open not in (None, is_owed):
                continue
            case = registers.case(place)
            if found := self._shapes(registers, case):
                cases += 1
                shapes += found
                aparts += _of_case(registers, case, found).aparts
        return MapView(shapes=shapes, aparts=aparts, cases=cases)

    def draft(self, body: Body) -> MapView:
        """Return the places that a draft would state."""
        move = KINDS.get(body.kind)
        if move is None:
            return MapView(shapes=[])
        values: dict[str, Json] = {
            name: field.type.show(body.fields[field.number], RAW)
            for name, field in fields_of(move).items()
            if field.number in body.fields and holds_places(field.type)
        }
        return MapView(
            shapes=[
                _view(shape, party=self._own, procedure=move.procedure, move=move.name)
                for shape in shapes_of(fields_of(move), values)
            ]
        )

    def _places(
        self, names: list[str], as_of: Instant | None, *, is_open: bool | None
    ) -> Iterator[Place]:
        """Yield the cases of several procedures, newest first."""
        index = self._desk.index(as_of)
        runs = [index.newest(name, below=None, only_open=is_open is True) for name in names]
        for _, place in heapq.merge(*runs, key=lambda found: -found[0]):
            yield place

    def _shapes(self, registers: Registers, case: DeskCase) -> list[ShapeView]:
        codes = registers.channel(case.place.channel).view.codes
        return [
            _view(
                shape,
                party=codes[step.party],
                case=case.number,
                procedure=case.procedure,
                move=step.move.rpartition(".")[2],
                entry=self._desk.name(step.place),
                at=Instant(step.claimed),
            )
            for step in case.steps
            for shape in _stated(step)
        ]


def _stated(step: StepView) -> list[Shape]:
    move = KINDS.get(step.kind)
    return [] if move is None else shapes_of(fields_of(move), step.fields)


def _view(
    shape: Shape,
    *,
    party: str,
    procedure: str,
    move: str,
    case: str = "",
    entry: str = "",
    at: Instant | None = None,
) -> ShapeView:
    line, is_closed = geometry.outline(shape)
    return ShapeView(
        kind=shape.kind,
        field=shape.field,
        label=dict(shape.label),
        name=shape.name,
        party=party,
        case=case,
        procedure=procedure,
        move=move,
        entry=entry,
        at=at,
        spots=[geometry.spot_of(point) for point in shape.points],
        written=list(shape.written),
        metres=shape.metres,
        outline=line,
        is_closed=is_closed,
    )


def _of_case(registers: Registers, case: DeskCase, shapes: list[ShapeView]) -> MapView:
    """Return the shapes of a case, and how far two accounts of one position lie apart."""
    labels = {shape.field.partition(".")[0]: shape.label for shape in shapes}
    aparts = []
    for row in registers.comparison(case.place):
        points = _two_points(row)
        if points is not None:
            (one, here), (other, there) = points.items()
            read_by = other if row.field.startswith(_READ_BACK) else ""
            field = row.field.removeprefix(f"{_READ_BACK}{read_by}.")
            aparts.append(
                ApartView(
                    case=case.number,
                    field=row.field,
                    label=labels.get(field.partition(".")[0], {}),
                    read_by=read_by,
                    spots={one: geometry.spot_of(here), other: geometry.spot_of(there)},
                    written={code: _text(value) for code, value in row.values.items()},
                    metres=here.metres_to(there),
                    way=geometry.way(here, there),
                )
            )
    return MapView(shapes=shapes, aparts=aparts)


def _two_points(row: Difference) -> Mapping[str, Point] | None:
    said = {code: _position(value) for code, value in row.values.items()}
    points = {code: point for code, value in said.items() if (point := point_of(value))}
    return points if len(points) == len(row.values) == 2 else None


def _position(value: Json) -> Json:
    """Return the position of a place, or what else stands there."""
    return value.get("position", value) if isinstance(value, Mapping) else value


def _text(value: Json) -> str:
    said = _position(value)
    return str(said.get("written")) if isinstance(said, Mapping) else str(said)
