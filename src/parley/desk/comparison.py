"""Two accounts of one thing, field by field. Never averaged, and nobody is picked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parley.desk.fields import Json
from parley.desk.naming import RAW
from parley.desk.places import Measure, Point, parse_position, plain_number
from parley.desk.procedure import Difference
from parley.desk.times import InstantType, span_of
from parley.errors import FieldFaultError

Sides = tuple[str, str]
"""Codes of the two parties, the one that opened the case first."""


def two(
    field: str, sides: Sides, values: tuple[Json, Json], status: str, by: Json = None
) -> Difference:
    """Return the comparison of a field that both sides speak of."""
    said = dict(zip(sides, values, strict=True))
    return Difference(field=field, status=status, by=by, values=said)


def one_side(field: str, sides: Sides, values: tuple[Json, Json]) -> Difference | None:
    """Return the comparison of a field where one side says nothing, None where both speak."""
    first, second = values
    if first is not None and second is not None:
        return None
    side = sides[0] if first is not None else sides[1]
    said = first if first is not None else second
    return Difference(field=field, status="only_one_side", side=side, values={side: said})


def compare_equal(
    field: str, sides: Sides, values: tuple[Json, Json], otherwise: str
) -> Difference | None:
    """Compare words or codes; `otherwise` is the status when they are not the same."""
    if values == (None, None):
        return None
    lonely = one_side(field, sides, values)
    if lonely is not None:
        return lonely
    return two(field, sides, values, "agree" if _same(*values) else otherwise)


def _same(first: Json, second: Json) -> bool:
    if isinstance(first, str) and isinstance(second, str):
        return first.strip().casefold() == second.strip().casefold()
    return first == second


def compare_measure(
    field: str, sides: Sides, values: tuple[Json, Json], kind: Measure
) -> Difference | None:
    """Compare two amounts within their stated errors; words beside a number cannot be compared."""
    if values == (None, None):
        return None
    lonely = one_side(field, sides, values)
    if lonely is not None:
        return lonely
    amounts = [_amount(value, kind.normal) for value in values]
    first, second = amounts
    written = [value.get("as_written") if isinstance(value, Mapping) else None for value in values]
    counted_from = [kind.mark(text) for text in written]
    # Metres above the sea, above ground and of pressure are three things; so are two norths.
    if first is None or second is None or counted_from[0] != counted_from[1]:
        return two(field, sides, values, "not_comparable")
    apart = abs(first - second)
    allowed = sum(_error(value, kind) for value in values)
    by: Json = {kind.normal: plain_number(apart)}
    if apart <= allowed:
        return two(field, sides, values, "agree", by if apart else None)
    return two(field, sides, values, "differ", by)


def _amount(value: Json, normal: str) -> int | None:
    """Return millionths of the normal unit, None where only words are given."""
    found = value.get(normal) if isinstance(value, Mapping) else None
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return round(found * 1_000_000)


def _error(value: Json, kind: Measure) -> int:
    found = value.get("error") if isinstance(value, Mapping) else None
    if isinstance(found, str):
        return kind.amount(found) or 0
    if isinstance(found, bool) or not isinstance(found, int | float):
        return 0
    return round(found * 1_000_000)


def compare_time(field: str, sides: Sides, values: tuple[Json, Json]) -> Difference | None:
    """Compare two times; one that is only an hour or a day agrees with any moment of it."""
    if values == (None, None):
        return None
    lonely = one_side(field, sides, values)
    if lonely is not None:
        return lonely
    first, second = (span_said(value) for value in values)
    if first is None or second is None:
        return two(field, sides, values, "not_comparable")
    if first[0] < second[1] and second[0] < first[1]:
        return two(field, sides, values, "agree")
    apart = max(second[0] - first[1], first[0] - second[1]) + 1
    return two(field, sides, values, "differ", {"seconds": apart})


def span_said(value: Json) -> tuple[int, int] | None:
    """Return the interval that a time in words means, None where it says nothing of the kind."""
    try:
        return span_of(InstantType().read(value, "", RAW))
    except FieldFaultError:
        return None


def compare_counts(
    field: str, sides: Sides, values: tuple[Json, Json], parts: Sequence[str]
) -> Difference | None:
    """Compare several counts: `at least 13` and 15 are no contradiction; blank is not zero."""
    if values == (None, None):
        return None
    lonely = one_side(field, sides, values)
    if lonely is not None:
        return lonely
    first, second = (value if isinstance(value, Mapping) else {} for value in values)
    apart: dict[str, Json] = {}
    unknown = False
    for name in parts:
        if name not in first and name not in second:
            continue
        one, other = range_of(first.get(name)), range_of(second.get(name))
        if one is None or other is None:
            unknown = True
        elif one[0] > other[1] or other[0] > one[1]:
            apart[name] = max(one[0] - other[1], other[0] - one[1])
    if apart:
        return two(field, sides, values, "differ", apart)
    if unknown:
        return two(field, sides, values, "not_comparable")
    others = [{k: v for k, v in side.items() if k not in parts} for side in (first, second)]
    return two(field, sides, values, "agree" if others[0] == others[1] else "differ")


_MANY = 2**53


def range_of(count: Json) -> tuple[int, int] | None:
    """Return least and most that a count says, None where it gives no number to hold it to."""
    if type(count) is int:
        return count, count
    if isinstance(count, Mapping):
        least, most = count.get("at_least"), count.get("at_most")
        if type(least) is int:
            return least, _MANY
        if type(most) is int:
            return 0, most
    return None


def compare_place(field: str, sides: Sides, values: tuple[Json, Json]) -> list[Difference]:
    """Compare where it was: metres between positions, names of areas, whose airspace."""
    if values == (None, None):
        return []
    lonely = one_side(field, sides, values)
    if lonely is not None:
        return [lonely]
    parts = [value if isinstance(value, Mapping) else {} for value in values]
    found: list[Difference] = []
    points = [_point(part.get("position")) for part in parts]
    if points[0] is not None and points[1] is not None:
        apart = points[0].metres_to(points[1])
        by: Json = {"metres": apart} if apart else None
        found.append(two(field, sides, values, "differ" if apart else "agree", by))
    else:
        areas = (parts[0].get("area"), parts[1].get("area"))
        if areas[0] is None or areas[1] is None:
            found.append(two(field, sides, values, "not_comparable"))
        else:
            status = "agree" if _same(*areas) else "differ"
            found.append(two(field, sides, areas, status))
    spaces = (parts[0].get("airspace_of"), parts[1].get("airspace_of"))
    compared = compare_equal(f"{field}.airspace_of", sides, spaces, "disputed")
    return [*found, compared] if compared is not None else found


def _point(value: Json) -> Point | None:
    written = value.get("written") if isinstance(value, Mapping) else None
    return parse_position(written) if isinstance(written, str) else None


def compare_sets(
    field: str, sides: Sides, values: tuple[Sequence[Json], Sequence[Json]], otherwise: str
) -> Difference | None:
    """Compare what each side names, whatever the order."""
    shown = tuple(_shown(side) for side in values)
    assert len(shown) == 2
    return compare_equal(field, sides, (shown[0], shown[1]), otherwise)


def _shown(values: Sequence[Json]) -> Json:
    named = sorted({str(value) for value in values if value is not None})
    if not named:
        return None
    return named[0] if len(named) == 1 else list(named)
