"""Places for pages that show them: two accounts of an encounter, areas, a track, across 180 degrees."""

from __future__ import annotations

from parley.desk import geometry
from parley.desk.places import parse_position
from parley.desk.shapes import Shape
from parley.station.map_views import ApartView, ShapeView


def placed(party, kind, *written, field="where.position", label=("place", "地点"), **more):
    at = more.pop("at", 1_795_468_000)
    act = more.pop("act", ("incident", "report"))
    case = more.pop("case", "INC-ALFA-7")
    shape = Shape(
        kind=kind,
        field=field,
        label=dict(zip(("en", "zh"), label, strict=True)),
        points=tuple(parse_position(each) for each in written),
        written=written,
        **more,
    )
    line, is_closed = geometry.outline(shape)
    return ShapeView(
        kind=kind,
        field=field,
        label=shape.label,
        name=shape.name,
        party=party,
        case=case,
        procedure=act[0],
        move=act[1],
        entry=f"OPS/{party}/33",
        at=at,
        spots=[geometry.spot_of(point) for point in shape.points],
        written=list(written),
        metres=shape.metres,
        outline=line,
        is_closed=is_closed,
    )


def apart(case, field, **written):
    here, there = (parse_position(each) for each in written.values())
    return ApartView(
        case=case,
        field=field,
        spots={
            who: geometry.spot_of(point) for who, point in zip(written, (here, there), strict=True)
        },
        written=written,
        metres=here.metres_to(there),
        way=geometry.way(here, there),
        label={"en": "place", "zh": "地点"},
        read_by="",
    )


FIRING = ("exercise", "notify")
SHAPES = [
    placed("ALFA", "point", "18-42.10N 114-19.80E"),
    placed("BRAVO", "point", "18-44.00N 114-18.40E", act=("incident", "counter")),
    placed("BRAVO", "track", "18-20.00N 113-50.00E", "18-35.00N 114-05.00E", "18-44.00N 114-18.40E", field="where.track", label=("track", "航迹"), act=("incident", "counter")),
    placed("ALFA", "polygon", "19-30.00N 114-30.00E", "19-30.00N 115-30.00E", "18-50.00N 115-30.00E", "18-50.00N 114-30.00E", field="areas[0]", label=("areas", "区域"), name="Firing area D", act=FIRING, case="EXE-ALFA-3"),
    placed("BRAVO", "circle", "18-00.00N 115-00.00E", field="areas[0]", label=("areas", "区域"), metres=20_000.0, act=FIRING, case="EXE-BRAVO-4"),
    placed("BRAVO", "corridor", "17-40.00N 113-30.00E", "18-00.00N 114-00.00E", "17-50.00N 114-40.00E", field="areas[1]", label=("areas", "区域"), metres=9260.0, act=FIRING, case="EXE-BRAVO-4"),
    placed("BRAVO", "named", field="areas[2]", label=("areas", "区域"), name="Sector North", act=FIRING, case="EXE-BRAVO-4"),
]  # fmt: skip
APARTS = [
    apart("INC-ALFA-7", "where.position", ALFA="18-42.10N 114-19.80E", BRAVO="18-44.00N 114-18.40E")
]
