"""Files in bundles: the parts of what an entry names, shown or withheld."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any, Final

from parley.core.attachment import read_part
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


def opened_fields(entry: Entry, withhold: Collection[int]) -> set[int]:
    """Return which fields of an entry are opened.

    A part has fields 16 to 19 of its own: what is withheld of other entries says nothing of it.
    """
    if entry.kind != Kind.PART:
        return set(entry.fields) - set(withhold)
    return set() if hides_files(withhold) else set(entry.fields)


def hides_files(withhold: Collection[int]) -> bool:
    """Say whether files are withheld."""
    return WITHHELD_FILES in withhold or F_ATTACH in withhold


def show_files(
    gathering: Gathering, reader: Reader, log: LogId, index: int, withhold: Collection[int]
) -> None:
    """Show the parts held of every file that an entry names, unless they are withheld.

    What its author has not signed yet is not shown.
    """
    entry = gathering.entry(log, index)
    if F_ATTACH not in entry.fields or hides_files(withhold) or not entry.is_attributable:
        return
    named: set[bytes] = set()
    with suppress(FieldFaultError):
        files: Any = ATTACHMENTS.show(entry.fields[F_ATTACH], RAW)
        named = {bytes.fromhex(file["digest"]) for file in files}
    newest: dict[LogId, StatementRow] = {}
    for row in list(reader.marked_rows(log.channel)):
        if row.kind != Kind.PART or row.log.party != log.party:
            continue
        part = gathering.entry(row.log, row.index)
        with suppress(MalformedError, NotFoundError):
            if part.is_attributable and read_part(part).whole in named:
                covering = gathering.covering(row.log, row.index)
                gathering.show(row.log, row.index, set(part.fields))
                newest[row.log] = max(newest.get(row.log, covering), covering, key=_size)
    for covering in newest.values():
        gathering.note(covering)


def _size(row: StatementRow) -> int:
    return row.signed.statement.size
