"""Sites and movements: positions entered twice, routes whose times rise, plots read back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import InvalidOperation
from itertools import pairwise

from parley.core.canon import Value
from parley.core.instants import rfc3339
from parley.desk.facts import CaseFacts
from parley.desk.fields import Text
from parley.desk.places import Point, Position, parse_position
from parley.desk.problems import Problem, problem
from parley.desk.procedure import Draft
from parley.desk.structures import Struct, member
from parley.desk.times import DAY, InstantType, pairs_of, start_of

ENTERED_METRES = 10
"""How near two persons' entries of one position must lie."""
STATIC_DAYS = 180
"""A site is notified for at most so long, then renewed."""
LEG = Struct(
    (
        member("where", 0, Position(), "where", "地点"),
        member("at", 1, InstantType(), "at", "时间"),
        member("stop", 2, Text(80), "stop", "停靠"),
    )
)
VEHICLE = Struct(
    (
        member("plate", 0, Text(20), "plate", "车牌"),
        member("type", 1, Text(40), "type", "车型"),
        member("mark", 2, Text(80), "marking", "标志"),
        member("roof_mark", 3, Text(80), "mark on the roof", "车顶标志"),
    ),
    bare="plate",
)


def entered_twice(draft: Draft) -> Problem | None:
    """A position entered by two persons is the same to ten metres."""
    first, again = (_point(draft.values.get(n)) for n in ("position", "position_again"))
    if first is None or again is None:
        return None
    apart = first.metres_to(again)
    if apart <= ENTERED_METRES:
        return None
    return problem("position_again", "entered_apart", found=apart, most=ENTERED_METRES)


def legs_in_order(draft: Draft) -> Problem | None:
    """Times along a route rise, and a movement has a route."""
    route = draft.values.get("route")
    if draft.values.get("kind") in (1, 2) and route is None:
        return problem("route", "missing")
    times = [start_of(leg.get(1)) for leg in _maps(route)]
    known = [at for at in times if at is not None]
    for place, (before, after) in enumerate(pairwise(known), start=1):
        if after < before:
            told = {"later": (rfc3339(after), rfc3339(after)), "earlier": (rfc3339(before),) * 2}
            return problem(f"route[{place}].at", "wrong_order", **told)
    return None


def valid_not_too_long(draft: Draft) -> Problem | None:
    """A site is valid for at most half a year; a notice that is over is none."""
    windows = pairs_of(draft.values.get("valid"))
    if not windows:
        return None
    begins, ends = windows[0]
    if ends <= draft.at:
        return problem("valid", "in_the_past", found=rfc3339(ends))
    if ends - begins > STATIC_DAYS * DAY:
        return problem("valid", "too_far_ahead", found=rfc3339(ends), most=STATIC_DAYS)
    return None


def plotted_metres(case: CaseFacts, who: str) -> int | None:
    """Return how far off a recipient plotted the position at its last read-back, None if never."""
    own = _point(case.opening.wire("position"))
    metres: int | None = None
    for note in case.annotations:
        if note.party != who or note.move != "ack.give" or own is None:
            continue
        values = note.json("values")
        for value in values if isinstance(values, list) else ():
            name, _, written = str(value).partition("=")
            again = _point(written.strip()) if name.strip() == "position" else None
            if again is not None:
                metres = own.metres_to(again)
    return metres


def _point(written: Value) -> Point | None:
    if not isinstance(written, str):
        return None
    try:
        return parse_position(" ".join(written.split()))
    except (ValueError, InvalidOperation):
        return None


def _maps(value: Value) -> list[Mapping[int, Value]]:
    listed = value if isinstance(value, list | tuple) else ()
    return [one for one in listed if isinstance(one, Mapping)]
