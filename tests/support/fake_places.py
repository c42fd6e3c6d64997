"""Places for pages that show them: two accounts of an encounter, areas, a track, across 180 degrees."""

from __future__ import annotations

from parley.desk import geometry
from parley.desk.places import parse_position
from parley.desk.shapes import Shape
from parley.station.map_views import ApartView, ShapeView
from parley.station.preconditions import CycleView, EdgeView, GraphView


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


def waits(number, party, node, waits_for, *, actor, cycle="", kind="blocks"):
    return EdgeView(
        case=f"LNK-{party}-{number}",
        channel="OPS",
        party=party,
        node=node,
        waits_for=waits_for,
        node_key=node,
        waits_key=waits_for,
        actor=actor,
        kind=kind,
        state="declared",
        cycle=cycle,
    )


RING = "CYC-8a41c02e"
GRAPH = GraphView(
    edges=[
        waits(
            1,
            "ALFA",
            "Talks at theatre level",
            "Return of the repair ship",
            actor="BRAVO",
            cycle=RING,
        ),
        waits(
            2,
            "BRAVO",
            "Return of the repair ship",
            "Talks at theatre level",
            actor="ALFA",
            cycle=RING,
        ),
        waits(3, "BRAVO", "Joint exercise in spring", "Talks at theatre level", actor="ALFA"),
        waits(
            4,
            "ALFA",
            "海上联合搜救演习的日期与参加单位须由双方共同确定",
            "Joint exercise in spring",
            actor="BRAVO",
        ),
        waits(
            5,
            "ALFA",
            "Talks at theatre level",
            "List of notified areas",
            actor="BRAVO",
            kind="traded",
        ),
    ],
    cycles=[
        CycleView(
            name=RING,
            cases=["LNK-ALFA-1", "LNK-BRAVO-2"],
            owners={"ALFA": ["LNK-ALFA-1"], "BRAVO": ["LNK-BRAVO-2"]},
            acts={"ALFA": ["LNK-BRAVO-2"], "BRAVO": ["LNK-ALFA-1"]},
            unlocks=["ALFA", "BRAVO"],
        )
    ],
    is_cut=False,
)
