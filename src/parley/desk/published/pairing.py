"""Two notices set side by side: which of their parts belong together, and by how much they differ.

Pairs are proposed by place and time; that they belong together is for a person to say. Languages
and words play no part, so a Chinese and an English text of one notice are compared as two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from parley.desk.fields import Json
from parley.desk.places import Point
from parley.desk.published.exchange import refused
from parley.desk.published.model import Notice, Shape, Window

_FAR: Final = 100_000
_COMPARED_MAX: Final = 40_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which two notices differ.

    Attributes:
        what: corner, radius, width, start, end, height, datum, shapes, corners, windows,
            cancelled, ends, hazard.
        where: which of them: `area A corner 2`, `window 1`.
        amount: metres, seconds, or how many more the second has; None where not to be counted.
        unit: metres, seconds, count, words.
        note: `minutes-as-seconds` where that slip would explain it; else empty.
    """

    what: str
    where: str
    first: Json
    second: Json
    amount: int | None
    unit: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two notices and in what they differ; one is missing where nothing goes with the other."""

    first: Notice | None
    second: Notice | None
    differences: tuple[Difference, ...] = ()


def pair_lists(first: Sequence[Notice], second: Sequence[Notice]) -> list[Pair]:
    """Return the notices of two lists in pairs, nearest first, and those left alone.

    Two notices go together when a place of one lies within 100 km of one of the other and their
    times meet; one of each is always a pair.
    """
    if len(first) * len(second) > _COMPARED_MAX:
        raise refused("too many notices to compare each with each", next_step="give fewer.")
    if len(first) == len(second) == 1:
        return [Pair(first[0], second[0], tuple(differences(first[0], second[0])))]
    ranked = sorted(
        (distance, here, there)
        for here, one in enumerate(first)
        for there, other in enumerate(second)
        if (distance := _apart(one, other)) is not None
    )
    taken: dict[int, int] = {}
    for _, here, there in ranked:
        if here not in taken and there not in taken.values():
            taken[here] = there
    pairs = [
        Pair(one, second[taken[n]], tuple(differences(one, second[taken[n]])))
        if n in taken
        else Pair(one, None)
        for n, one in enumerate(first)
    ]
    alone = [n for n in range(len(second)) if n not in taken.values()]
    return pairs + [Pair(None, second[n]) for n in alone]


def _apart(one: Notice, other: Notice) -> int | None:
    """Return how far two notices are apart, None where they cannot be the same."""
    if not one.shapes or not other.shapes:
        return None
    if (
        one.windows
        and other.windows
        and not any(_meet(a, b) for a in one.windows for b in other.windows)
    ):
        return None
    metres = _centre(one.shapes[0]).metres_to(_centre(other.shapes[0]))
    counts = abs(len(one.shapes) - len(other.shapes))
    return metres + counts if metres <= _FAR else None


def _meet(one: Window, other: Window) -> bool:
    latest = max((w.start for w in (one, other) if w.start is not None), default=None)
    soonest = min((w.end for w in (one, other) if w.end is not None), default=None)
    return latest is None or soonest is None or latest < soonest


def _centre(shape: Shape) -> Point:
    corners = [spot.point for spot in shape.corners]
    first = corners[0]
    half = 1_800_000_000
    east = [(c.longitude - first.longitude + half) % (2 * half) - half for c in corners]
    longitude = first.longitude + sum(east) // len(east)
    return Point(
        latitude=sum(c.latitude for c in corners) // len(corners),
        longitude=(longitude + half) % (2 * half) - half,
        notation="degrees",
    )


def differences(one: Notice, other: Notice) -> list[Difference]:
    """Return in what two notices differ, in metres, seconds and counts."""
    return [
        *_of_shapes(one.shapes, other.shapes),
        *_of_windows(one.windows, other.windows),
        *_of_heights(one, other),
        *_of_cancellations(one, other),
        *_of_hazards(one, other),
    ]


def _count(what: str, where: str, first: int, second: int) -> list[Difference]:
    if first == second:
        return []
    return [Difference(what, where, first, second, second - first, "count")]


def _of_shapes(one: Sequence[Shape], other: Sequence[Shape]) -> list[Difference]:
    found = _count("shapes", "notice", len(one), len(other))
    if len(one) * len(other) > _COMPARED_MAX:
        raise refused("too many places to compare each with each", next_step="give fewer.")
    left = list(range(len(other)))
    for place, shape in enumerate(one, start=1):
        kin = [n for n in left if other[n].kind == shape.kind] or left
        if not kin:
            break
        here = _centre(shape)
        near = min(kin, key=lambda n: (here.metres_to(_centre(other[n])), n))
        left.remove(near)
        found += _of_two(shape, other[near], f"{shape.kind} {shape.label or place}")
    return found


def _of_two(one: Shape, other: Shape, where: str) -> list[Difference]:
    if one.kind != other.kind:
        return [Difference("kind", where, one.kind, other.kind, None, "words")]
    found = _count("corners", where, len(one.corners), len(other.corners))
    for place, (here, there, metres) in enumerate(_matched(one, other), start=1):
        if metres:
            spots = one.corners[here], other.corners[there]
            note = "minutes-as-seconds" if _is_slip(spots[0].point, spots[1].point) else ""
            at = f"{where} corner {place}"
            written = spots[0].written, spots[1].written
            found.append(Difference("corner", at, *written, metres, "metres", note))
    if one.metres is not None and other.metres is not None and one.metres != other.metres:
        what = "radius" if one.kind == "circle" else "width"
        apart = abs(one.metres - other.metres)
        found.append(Difference(what, where, one.metres, other.metres, apart, "metres"))
    return found


def _matched(one: Shape, other: Shape) -> list[tuple[int, int, int]]:
    """Return corners that belong together with the metres between them.

    A ring may begin at another corner and go the other way round; a line has its two directions.
    With different counts each corner goes with the nearest one.
    """
    first = [spot.point for spot in one.corners]
    second = [spot.point for spot in other.corners]
    count = len(first)
    if count != len(second):
        nearest = [
            (n, min(range(len(second)), key=lambda m: (_near(first[n], second[m]), m)))
            for n in range(count)
        ]
        return [(n, m, first[n].metres_to(second[m])) for n, m in nearest]
    orders = [list(range(count)), list(range(count - 1, -1, -1))]
    if one.kind == "polygon":
        # A ring begins at one of the corners nearest to its first: eight are enough to try.
        turns = sorted(range(count), key=lambda m: (_near(first[0], second[m]), m))[:8]
        orders = [[(turn + n) % count for n in range(count)] for turn in turns]
        orders += [[(turn - n) % count for n in range(count)] for turn in turns]

    def length(order: list[int]) -> int:
        return sum(_near(first[n], second[m]) for n, m in enumerate(order))

    best = min(orders, key=length)
    return [(n, m, first[n].metres_to(second[m])) for n, m in enumerate(best)]


def _near(one: Point, other: Point) -> int:
    half = 1_800_000_000
    east = abs((one.longitude - other.longitude + half) % (2 * half) - half)
    return abs(one.latitude - other.latitude) + east


def _is_slip(one: Point, other: Point) -> bool:
    """Say whether decimals of a minute read as seconds, `15.26` as 15 and 26, would explain it."""
    angles = (one.latitude, other.latitude), (one.longitude, other.longitude)
    slips = [a == b or _slipped(a, b) or _slipped(b, a) for a, b in angles]
    return all(slips) and one != other


def _slipped(one: int, other: int) -> bool:
    """Say whether `other` is `one` with the hundredths of its minute taken for seconds."""
    hundredths = round(abs(one) * 6_000 / 10_000_000)
    whole, rest = divmod(hundredths, 100)
    return rest < 60 and abs(round((whole * 60 + rest) * 10_000_000 / 3_600) - abs(other)) <= 1


def _of_windows(one: Sequence[Window], other: Sequence[Window]) -> list[Difference]:
    found = _count("windows", "notice", len(one), len(other))
    ordered = [sorted(each, key=lambda w: (w.start or 0, w.end or 0)) for each in (one, other)]
    if len(one) == len(other):
        together = list(zip(*ordered, strict=True))
    else:
        left = list(ordered[1])
        together = []
        for window in ordered[0]:
            met = [each for each in left if _meet(window, each)]
            if met:
                near = min(met, key=lambda w: abs((w.start or 0) - (window.start or 0)))
                left.remove(near)
                together.append((window, near))
    for place, (here, there) in enumerate(together, start=1):
        for what, first, second in (
            ("start", here.start, there.start),
            ("end", here.end, there.end),
        ):
            if first != second:
                amount = None if first is None or second is None else abs(first - second)
                found.append(Difference(what, f"window {place}", first, second, amount, "seconds"))
    return found


def _of_heights(one: Notice, other: Notice) -> list[Difference]:
    """Return the limits of height that differ; one that only one notice states is none."""
    found: list[Difference] = []
    for edge in ("low", "high"):
        first, second = (
            next((h for h in each.heights if h.edge == edge), None) for each in (one, other)
        )
        if first is None or second is None:
            continue
        written, where = (first.written, second.written), f"{edge} limit"
        if first.datum != second.datum:
            found.append(Difference("datum", where, *written, None, "words"))
        elif first.metres != second.metres:
            apart = abs((first.metres or 0) - (second.metres or 0))
            found.append(Difference("height", where, *written, apart, "metres"))
    return found


def _of_cancellations(one: Notice, other: Notice) -> list[Difference]:
    """Return where only one of two notices cancels others, or ends itself at another time.

    Offices number one warning in several series, so numbers are compared only where those of the
    two notices themselves are alike; otherwise how many are cancelled.
    """
    found: list[Difference] = []
    first, second = (
        [each.number for each in notice.references if each.act == "cancels"]
        for notice in (one, other)
    )
    said: tuple[Json, Json] = (", ".join(first) or None, ", ".join(second) or None)
    if len(first) != len(second):
        more = len(second) - len(first)
        found.append(Difference("cancelled", "notice", *said, more, "count"))
    elif _is_one_series(one, other) and {*map(_digits, first)} != {*map(_digits, second)}:
        found.append(Difference("cancelled", "notice", *said, None, "words"))
    ends = [_own_end(notice) for notice in (one, other)]
    if ends[0] is not None and ends[1] is not None and ends[0] != ends[1]:
        apart = abs(ends[0] - ends[1])
        found.append(Difference("ends", "notice", ends[0], ends[1], apart, "seconds"))
    return found


def _is_one_series(one: Notice, other: Notice) -> bool:
    return bool(_digits(one.number)) and _digits(one.number) == _digits(other.number)


def _digits(number: str) -> tuple[int, ...]:
    """Return the digits of a number without its series: those of `A 0400/25` and `B 400/2025`."""
    match = re.search(r"([0-9]{1,5})\s?([/-])\s?([0-9]{2,4})", number)
    if match is None:
        return ()
    serial, year = int(match[1]), int(match[3])
    if match[2] == "-" and len(match[1]) == len("25"):
        serial, year = year, serial  # `NAVAREA XI 25-0400`
    return serial, year % 100


def _own_end(notice: Notice) -> int | None:
    """Return when a notice says that it ends itself, None where that is only its last window."""
    last = max((each.end for each in notice.windows if each.end is not None), default=None)
    said = next((each.at for each in notice.references if each.act == "ends"), None)
    return None if said == last else said


def _of_hazards(one: Notice, other: Notice) -> list[Difference]:
    """Return the hazards of two notices where they name some and have none in common."""
    first, second = one.hazards, other.hazards
    if not first or not second or set(first) & set(second):
        return []
    return [Difference("hazard", "notice", ", ".join(first), ", ".join(second), None, "words")]
