"""The accounts of an incident: each side's own, put side by side, never averaged."""

from __future__ import annotations

from collections.abc import Mapping

from parley.desk.comparison import (
    compare_counts,
    compare_equal,
    compare_measure,
    compare_place,
    compare_sets,
    compare_time,
)
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import Json
from parley.desk.places import bearing, distance, height, speed
from parley.desk.procedure import Difference
from parley.desk.times import span_of

PAIR_SECONDS, PAIR_METRES = 6 * 3600, 50_000
"""How near two reports lie that a machine proposes as one incident."""

Account = dict[str, Json]


def _account(steps: list[StepFacts]) -> Account:
    """Return one side's account: its report with later additions over it."""
    account: Account = {}
    for step in steps:
        for name in _COMPARED:
            said = step.json(name)
            if said is not None:
                account[name] = _merged(name, account.get(name), said)
    return account


def _merged(name: str, before: Json, said: Json) -> Json:
    """Return a field after an addition: parts are added to, what is said anew holds."""
    if isinstance(before, Mapping) and isinstance(said, Mapping) and name != "closest":
        return {**before, **said}
    if name in ("own_units", "other_units") and isinstance(before, list):
        return [*before, *said] if isinstance(said, list) else before
    if (
        name in ("phases", "signals", "rules")
        and isinstance(before, list)
        and isinstance(said, list)
    ):
        return [*before, *said]
    return said


_COMPARED = (
    "when",
    "where",
    "own_units",
    "other_units",
    "phases",
    "closest",
    "speeds",
    "courses",
    "harm",
    "height",
    "signals",
    "rules",
    "manoeuvre",
)


def _accounts(case: CaseFacts) -> tuple[tuple[str, Account], tuple[str, Account]] | None:
    """Return both sides' accounts, the opener's first; None while there is only one."""
    counters = case.steps_of("counter")
    if not counters:
        return None
    other = counters[0].party
    told = case.steps_of("report", "counter", "update")
    first = _account([step for step in told if step.party == case.opener])
    second = _account([step for step in told if step.party == other])
    return (case.opener, first), (other, second)


def compare_accounts(case: CaseFacts) -> list[Difference]:
    """Return both accounts side by side, field by field; empty while there is only one."""
    both = _accounts(case)
    if both is None:
        return []
    (one, first), (two, second) = both
    sides = (one, two)
    found: list[Difference | None] = [
        compare_time("when", sides, (first.get("when"), second.get("when"))),
        *compare_place("where", sides, (first.get("where"), second.get("where"))),
        compare_measure(
            "closest", sides, (first.get("closest"), second.get("closest")), distance()
        ),
        compare_counts("harm", sides, (first.get("harm"), second.get("harm")), ("killed", "hurt")),
        compare_measure("height", sides, (first.get("height"), second.get("height")), height()),
    ]
    found += _compare_phases(sides, first, second)
    for name, kind in (("speeds", speed()), ("courses", bearing())):
        said = (first.get(name), second.get(name))
        if said[0] is None or said[1] is None:
            found.append(compare_equal(name, sides, said, "differ"))
            continue
        for about in sides:
            pair = (_of_party(said[0], one, about), _of_party(said[1], two, about))
            found.append(compare_measure(f"{name}.{about}", sides, pair, kind))
    found += _compare_units(sides, first, second)
    found += _compare_said(sides, first, second)
    return [difference for difference in found if difference is not None]


def _of_party(said: Json, author: str, about: str) -> Json:
    return said.get("own" if author == about else "other") if isinstance(said, Mapping) else None


def _compare_phases(
    sides: tuple[str, str], first: Account, second: Account
) -> list[Difference | None]:
    """Compare which phases each side tells; details of a phase that each tells just once."""
    told = (_by_code(first), _by_code(second))
    found: list[Difference | None] = []
    for code in dict.fromkeys([*told[0], *told[1]]):
        name, here = f"phases.{code}", (told[0].get(code, []), told[1].get(code, []))
        codes: tuple[Json, Json] = (code if here[0] else None, code if here[1] else None)
        found.append(compare_equal(name, sides, codes, "differ"))
        if len(here[0]) != 1 or len(here[1]) != 1:
            continue
        one, other = here[0][0], here[1][0]
        found.append(compare_time(f"{name}.time", sides, (one.get("time"), other.get("time"))))
        for part, kind in (("range", distance()), ("bearing", bearing()), ("height", height())):
            pair = (one.get(part), other.get(part))
            found.append(compare_measure(f"{name}.{part}", sides, pair, kind))
    return found


def _by_code(account: Account) -> dict[str, list[Mapping[str, Json]]]:
    found: dict[str, list[Mapping[str, Json]]] = {}
    for phase in _rows(account.get("phases")):
        found.setdefault(_code(phase), []).append(phase)
    return found


def _compare_said(
    sides: tuple[str, str], first: Account, second: Account
) -> list[Difference | None]:
    """Compare signals by their medium, rules by what is cited; a manoeuvre is words."""
    media = tuple(
        [row.get("medium") for row in _rows(one.get("signals"))] for one in (first, second)
    )
    rules = tuple(_list(one.get("rules")) for one in (first, second))
    moved = (first.get("manoeuvre"), second.get("manoeuvre"))
    words = compare_equal("manoeuvre", sides, moved, "not_comparable")
    return [
        compare_sets("signals", sides, (media[0], media[1]), "differ"),
        compare_sets("rules", sides, (rules[0], rules[1]), "differ"),
        words,
    ]


def _list(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list) else []


def _code(phase: Mapping[str, Json]) -> str:
    return str(phase.get("code", "other"))


def _rows(value: Json) -> list[Mapping[str, Json]]:
    rows = value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, Mapping)]


def _compare_units(
    sides: tuple[str, str], first: Account, second: Account
) -> list[Difference | None]:
    """Compare what each side says of the units of each party."""
    found: list[Difference | None] = []
    told = [_by_party(sides, 0, first), _by_party(sides, 1, second)]
    for about in dict.fromkeys([*sides, *told[0], *told[1]]):
        units = (told[0].get(about, []), told[1].get(about, []))
        if not units[0] and not units[1]:
            continue
        for name in ("kind", "designation", "purpose"):
            values = ([unit.get(name) for unit in units[0]], [unit.get(name) for unit in units[1]])
            found.append(compare_sets(f"units.{about}.{name}", sides, values, "disputed"))
        counts = (_count(units[0]), _count(units[1]))
        found.append(compare_equal(f"units.{about}.count", sides, counts, "differ"))
    return found


def _by_party(
    sides: tuple[str, str], author: int, account: Account
) -> dict[str, list[Mapping[str, Json]]]:
    """Return the units of an account by the party they belong to."""
    found: dict[str, list[Mapping[str, Json]]] = {}
    for name, owner in (("own_units", sides[author]), ("other_units", sides[1 - author])):
        for unit in _rows(account.get(name)):
            if set(unit) == {"kind"} and unit["kind"] == "unknown":
                continue
            found.setdefault(str(unit.get("party", owner)), []).append(unit)
    return found


def _count(units: list[Mapping[str, Json]]) -> Json:
    """Return how many units are counted exactly; None where any is not."""
    latest = {
        (str(unit.get("kind")), str(unit.get("designation", unit.get("name")))): unit
        for unit in units
    }
    counts = [unit.get("count") for unit in latest.values()]
    known = [count for count in counts if isinstance(count, int)]
    return sum(known) if known and len(known) == len(counts) else None


def could_be(case: CaseFacts) -> list[Json]:
    """Return the other side's reports that a machine proposes as the same; people confirm."""
    if case.steps_of("counter"):
        return []
    return [
        other.number
        for other in case.on_channel("incident")
        if other.opener != case.opener and not other.steps_of("counter") and _is_near(case, other)
    ]


def _is_near(one: CaseFacts, other: CaseFacts) -> bool:
    """Say whether two reports lie within six hours and, where both give a position, 50 km."""
    spans = [span_of(case.opening.wire("when")) for case in (one, other)]
    if spans[0] is None or spans[1] is None:
        return False
    apart = max(spans[1][0] - spans[0][1], spans[0][0] - spans[1][1]) + 1
    if apart > PAIR_SECONDS:
        return False
    places = [case.opening.json("where") for case in (one, other)]
    compared = compare_place("where", (one.opener, other.opener), (places[0], places[1]))
    metres = next((d.by.get("metres") for d in compared if isinstance(d.by, Mapping)), None)
    if metres is not None:
        return isinstance(metres, int | float) and metres <= PAIR_METRES
    return any(found.field == "where" and found.status == "agree" for found in compared)
