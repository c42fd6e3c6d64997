"""Read-backs: what a desk repeats of an entry, compared in metres, seconds and counts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import InvalidOperation

from parley.core.instants import parse_instant
from parley.desk.comparison import two
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import Json
from parley.desk.places import bearing, height, parse_position, plain_number, speed
from parley.desk.procedure import Difference
from parley.errors import UsageError

_PART = re.compile(r"[A-Za-z_]+|\d+")
_MEASURES = {one.normal: one for one in (height(), speed(), bearing())}


def compare_read_back(
    said: Mapping[str, Json], author: str, read_back: StepFacts
) -> list[Difference]:
    """Return how each value read back compares with the entry's own fields.

    Args:
        said: the fields of the entry read back, by name.
        author: code of its author.
        read_back: the acknowledgement; its values are `closest=120 m`, `where.position=...`.
    """
    values = read_back.json("values")
    sides = (author, read_back.office)
    found: list[Difference] = []
    for value in values if isinstance(values, Sequence) and not isinstance(values, str) else ():
        path, _, again = str(value).partition("=")
        field = f"read_back.{read_back.office}.{path.strip()}"
        own = _at(said, path)
        pair: tuple[Json, Json] = (own, again.strip())
        if own is None:
            found.append(
                Difference(
                    field=field, status="only_one_side", side=sides[1], values={sides[1]: pair[1]}
                )
            )
            continue
        apart = _apart(own, again.strip())
        if apart is None:
            found.append(two(field, sides, pair, "not_comparable"))
        else:
            status = "differ" if apart.get("differs") or any(apart.values()) else "agree"
            by = {unit: amount for unit, amount in apart.items() if amount and unit != "differs"}
            found.append(two(field, sides, pair, status, by or None))
    return found


def read_back_word(case: CaseFacts) -> str | None:
    """Return whether what was read back of the opening entry agrees; None where nothing was."""
    said = case.opening.fields()
    compared = [
        one
        for note in case.annotations
        if note.move == "ack.give" and note.wire("values") is not None
        for one in compare_read_back(said, case.opener, note)
    ]
    if not compared:
        return None
    return "differs" if any(one.status != "agree" for one in compared) else "agrees"


def _at(said: Json, path: str) -> Json:
    """Return what a dotted path such as `windows[0][1]` names, None where there is no such part."""
    found = said
    for part in _PART.findall(path):
        if isinstance(found, list | tuple) and len(found) == 1 and not part.isdigit():
            found = found[0]  # the only one need not be counted
        if isinstance(found, Mapping):
            found = found.get(part)
        elif isinstance(found, list | tuple) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return None if found is said else found


def _apart(own: Json, again: str) -> dict[str, Json] | None:
    """Return how far a repeated value is off, by unit; None where it cannot be measured."""
    if isinstance(own, Mapping):
        return _measured(own, again)
    if isinstance(own, bool):
        return {"differs": again.casefold() not in (("yes", "true") if own else ("no", "false"))}
    if isinstance(own, int):
        return {"count": abs(own - int(again))} if re.fullmatch(r"-?\d{1,16}", again) else None
    if not isinstance(own, str):
        return None
    try:
        return {"seconds": abs(int(parse_instant(own)) - int(parse_instant(again)))}
    except UsageError:
        return {"differs": own.strip().casefold() != again.casefold()}


def _measured(own: Mapping[str, Json], again: str) -> dict[str, Json] | None:
    """Return metres between positions, or the difference of two amounts of one kind."""
    written = own.get("written")
    if isinstance(written, str):
        try:
            return {"metres": parse_position(written).metres_to(parse_position(again))}
        except (ValueError, InvalidOperation):
            return None
    text = own.get("as_written")
    for normal, kind in _MEASURES.items():
        if normal in own and isinstance(text, str):
            first, second = kind.amount(text), kind.amount(again)
            if first is None or second is None or kind.mark(text) != kind.mark(again):
                return None
            return {normal: plain_number(abs(first - second))}
    return None
