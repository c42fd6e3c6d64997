"""Files in bundles: the parts of what an entry names, shown or withheld."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any, Final

from parley.core.attachment import fits_file, read_part
from parley.core.entry import Entry, Kind
from parley.core.ids import LogId
from parley.desk.attachments import ATTACHMENTS
from parley.desk.envelope import F_ATTACH
from parley.desk.naming import RAW
from parley.errors import FieldFaultError, MalformedError, NotFoundError
from parley.station.evidence import Gathering
from parley.store.interface import Reader, StatementRow

FILES: Final = "files"
"""What `withhold` calls the content of all files; whoever withholds `attach` withholds it too."""

WITHHELD_FILES: Final = -1
"""Stands for it among the numbers of fields, of which none is negative."""


Withheld = int | tuple[int, int]
"""A field to withhold: its number in whatever entry, or the kind of entry and the number there."""


def opened_fields(entry: Entry, withhold: Collection[Withheld]) -> set[int]:
    """Return which fields of an entry are opened.

    A part has fields 16 to 19 of its own: what is withheld of other entries says nothing of it.
    """
    if entry.kind != Kind.PART:
        return {
            number
            for number in entry.fields
            if number not in withhold and (entry.kind, number) not in withhold
        }
    return set() if hides_files(withhold) else set(entry.fields)


def hides_files(withhold: Collection[Withheld]) -> bool:
    """Say whether files are withheld."""
    return WITHHELD_FILES in withhold or F_ATTACH in withhold


def show_files(
    gathering: Gathering, reader: Reader, log: LogId, index: int, withhold: Collection[Withheld]
) -> None:
    """Show the parts of every file that an entry names, unless they are withheld.

    Of two that fit one place only the one that stands here is shown, so that no verifier takes
    another. What its author has not signed yet is not shown.
    """
    entry = gathering.entry(log, index)
    if F_ATTACH not in entry.fields or hides_files(withhold) or not entry.is_attributable:
        return
    named: dict[bytes, int] = {}
    with suppress(FieldFaultError):
        files: Any = ATTACHMENTS.show(entry.fields[F_ATTACH], RAW)
        named = {bytes.fromhex(file["digest"]): file["bytes"] for file in files}
    newest: dict[LogId, StatementRow] = {}
    for of, place in _standing(gathering, reader, log, named):
        with suppress(NotFoundError):
            covering = gathering.covering(of, place)
            gathering.show(of, place, set(gathering.entry(of, place).fields))
            newest[of] = max(newest.get(of, covering), covering, key=_size)
    for covering in newest.values():
        gathering.note(covering)


def _standing(
    gathering: Gathering, reader: Reader, log: LogId, named: Mapping[bytes, int]
) -> Collection[tuple[LogId, int]]:
    """Return where the parts of these files stand: digest and size of each are given."""
    ordinals = {row.log: row.ordinal for row in reader.logs()}
    rows = [
        row
        for row in reader.marked_rows(log.channel)
        if row.kind == Kind.PART and row.log.party == log.party
    ]
    found: dict[tuple[bytes, int], tuple[LogId, int]] = {}
    for row in sorted(rows, key=lambda row: (ordinals[row.log], row.index)):
        entry = gathering.entry(row.log, row.index)
        with suppress(MalformedError):
            part = read_part(entry)
            size = named.get(part.whole)
            if entry.is_attributable and size is not None and fits_file(part, size):
                found.setdefault((part.whole, part.number), (row.log, row.index))
    return found.values()


def _size(row: StatementRow) -> int:
    return row.signed.statement.size
