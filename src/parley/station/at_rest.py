"""What of a station's directory others on the machine could read, and when keys were copied."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from parley.errors import UsageError
from parley.station.directory import ROOT_KEY_NAME
from parley.station.files import write_whole

OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_NOTE_NAME: Final = "keys/copied.json"
_NOTE_BYTES_MAX: Final = 4_096
_FOLDERS: Final = ("", "keys", "marks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """When what was copied last, in seconds.

    Attributes:
        at: card and keys, by `parley keys backup` or `parley backup`.
        card: number of that card.
        record: the record as well, by `parley backup`; 0 for never.
    """

    at: int
    card: int
    record: int = 0


def open_to_others(directory: Path) -> list[Path]:
    """Return folders and key files that other accounts of the machine may open."""
    named = [directory / name for name in _FOLDERS]
    keys = directory / "keys"
    named += sorted(keys.iterdir()) if keys.is_dir() else []
    return [path for path in named if path.exists() and path.stat().st_mode & OTHERS]


def close_to_others(directory: Path) -> list[Path]:
    """Take every right of other accounts away; return what was changed.

    Raises:
        UsageError: it belongs to somebody else.
    """
    found = open_to_others(directory)
    for path in found:
        try:
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OTHERS)
        except OSError as problem:
            raise UsageError(
                f"{path} cannot be closed to others: {problem.strerror}",
                next_step="Do it as the account that owns it.",
            ) from None
    return found


def has_root_key(directory: Path) -> bool:
    """Say whether the root keys still lie beside the station's."""
    return (directory / ROOT_KEY_NAME).exists()


def note_copied(directory: Path, copied: Copied) -> None:
    """Keep when the keys were copied last; when the record was, is not forgotten by that."""
    before = last_copied(directory)
    record = copied.record or (0 if before is None else before.record)
    content = json.dumps({"at": copied.at, "card": copied.card, "record": record}) + "\n"
    write_whole(directory / _NOTE_NAME, content.encode("ascii"), replace=True)


def last_copied(directory: Path) -> Copied | None:
    """Return when the keys were copied last; None where nobody did, or the note is unreadable."""
    path = directory / _NOTE_NAME
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_NOTE_BYTES_MAX))
        at, card, record = found["at"], found["card"], found.get("record", 0)
        return Copied(at=int(at), card=int(card), record=int(record))
    except (OSError, ValueError, KeyError, TypeError):
        return None
