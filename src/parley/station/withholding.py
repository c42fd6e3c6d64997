"""Which fields can be left out of a bundle, by the names that people know them by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from parley.core.entry import Entry
from parley.desk.catalogue import COMMON_FIELDS, KINDS
from parley.desk.envelope import F_ATTACH
from parley.errors import UsageError
from parley.station.file_evidence import FILES, WITHHELD_FILES, Withheld

_COMMON: Final = {field.number: name for name, field in COMMON_FIELDS.items() if not field.kept}


def known_fields() -> Mapping[str, set[Withheld]]:
    """Return every name there is, with the fields it stands for."""
    known: dict[str, set[Withheld]] = {name: {number} for number, name in _COMMON.items()}
    for move in KINDS.values():
        for field in move.fields:
            known.setdefault(field.name, set()).add((move.kind, field.number))
    known[FILES] = {WITHHELD_FILES}
    return known


def fields_of_entries(entries: Iterable[Entry]) -> Mapping[str, set[Withheld]]:
    """Return the names of the fields that these entries have, in the order of the entries.

    One number is another field in another move: a name stands for it only in the moves that have
    a field of this name.
    """
    found: dict[str, set[Withheld]] = {}
    for entry in entries:
        move = KINDS.get(entry.kind)
        if move is None:
            continue
        own = {field.number: field.name for field in move.fields}
        for number in sorted(entry.fields):
            if number in own:
                found.setdefault(own[number], set()).add((entry.kind, number))
            elif number in _COMMON:
                found.setdefault(_COMMON[number], set()).add(number)
        if F_ATTACH in entry.fields:
            found.setdefault(FILES, set()).add(WITHHELD_FILES)
    return found


def withheld_of(
    names: Sequence[str], known: Mapping[str, Collection[Withheld]], *, listed: bool
) -> set[Withheld]:
    """Return the fields that these names stand for.

    Args:
        names: as somebody typed or chose them.
        known: the fields that there are, by name.
        listed: a refusal lists all of these; otherwise those alone that are nearly the same.

    Raises:
        UsageError: a name that is not among those known; it tells which there are.
    """
    numbers: set[Withheld] = set()
    for name in names:
        if name not in known:
            near = list(known) if listed else get_close_matches(name, known)
            raise UsageError(
                f"there is no field {name!r} to withhold",
                next_step=f"Names that there are: {', '.join(near) or 'such as text, subject'}.",
            )
        numbers |= set(known[name])
    return numbers
