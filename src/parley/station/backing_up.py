"""A backup of a station that may run: settings, card, sealed keys and the record, in one folder.

Marks are left out on purpose. They say how far the station's own logs had come, and an old copy of
them would say that an old copy of the record is whole: without them a restored station writes
nothing until its peers were asked (specification: entry, incarnation).
"""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from parley.core.card import Card, decode_card, read_card_file
from parley.core.limits import CARD_BYTES_MAX
from parley.errors import (
    ConflictError,
    EvidenceError,
    MalformedError,
    SignatureError,
    StoreError,
    UsageError,
)
from parley.station.config import CONFIG_NAME, Config, load
from parley.station.directory import CARD_NAME, read_limited
from parley.station.files import write_whole
from parley.station.kept_cards import COLLECTION
from parley.station.keystore import KEY_FILE_BYTES_MAX
from parley.station.papers import unpack
from parley.station.prekeys import PREKEYS_NAME
from parley.station.wiring import store_address
from parley.store.copying import copy_record, record_file
from parley.store.sqlite import SqliteStore
from parley.store.verify import verify_rows

RECORD_NAME: Final = "record.sqlite"
MANIFEST_NAME: Final = "backup.json"
KEYS_NAME: Final = "station.key"
_PREKEYS_NAME: Final = "prekeys.key"
_FORM: Final = "parley backup 1"
_MANIFEST_BYTES_MAX, _CONFIG_BYTES_MAX = 65_536, 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """How far one log of the backup goes.

    Attributes:
        name: `CHANNEL/PARTY`, by codes where they are known.
        signed_at: when its newest statement was signed, by its author; None for none.
    """

    name: str
    size: int
    root: str
    signed_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A backup of which every log was computed again.

    Attributes:
        code: whose station it is.
        card: number of its card.
        made: when the backup was made, by the clock of its machine; seconds.
        entries, statements: how many were checked.
        unsigned: statements of others whose card is not in it.
    """

    code: str
    card: int
    made: int
    entries: int
    statements: int
    unsigned: int
    logs: tuple[LogState, ...]


def back_up(config: Config, out: Path, *, now: int) -> Checked:
    """Copy a station into a new folder, then check the copy as `check` does.

    Args:
        config: its settings; it may run meanwhile.
        out: the folder, which is made, or is empty.
        now: seconds since 1970.

    Raises:
        ConflictError: there is something in the folder.
        UsageError: the record is in no file, or the folder cannot be made.
        StoreError, StorageFullError: nothing that could be taken for a backup is left.
    """
    record = record_file(store_address(config))
    _make_folder(out)
    _small_files(config)  # what is missing is said before a long copy
    copy_record(record, out / RECORD_NAME)
    # After the record: keys newer than it are taken up, a record that knows a newer card is not.
    files = _small_files(config)
    for name, content in files.items():
        write_whole(out / name, content)
    manifest = {
        "form": _FORM,
        "made": now,
        "files": {name: sha256(content).hexdigest() for name, content in files.items()},
        "record": _digest(out / RECORD_NAME),
    }
    # Written last: a folder without it is no backup.
    write_whole(out / MANIFEST_NAME, (json.dumps(manifest, indent=1) + "\n").encode("ascii"))
    return check(out)


def _small_files(config: Config) -> dict[str, bytes]:
    """Return settings, card and sealed keys; the card first, for a rotation writes it last."""
    directory = config.directory
    files = {
        CONFIG_NAME: read_limited(directory / CONFIG_NAME, _CONFIG_BYTES_MAX),
        CARD_NAME: read_limited(directory / CARD_NAME, 2 * CARD_BYTES_MAX),
        KEYS_NAME: read_limited(config.path(config.station_key), KEY_FILE_BYTES_MAX),
    }
    if (directory / PREKEYS_NAME).exists():
        files[_PREKEYS_NAME] = read_limited(directory / PREKEYS_NAME, KEY_FILE_BYTES_MAX)
    return files


def check(source: Path) -> Checked:
    """Compute everything in a backup once more: files, leaves, roots, statements, signatures.

    Raises:
        UsageError: it is no backup.
        EvidenceError: something in it is not what it was, or does not hold.
        StoreError: its record cannot be read.
    """
    manifest = _manifest(source)
    for name, digest in manifest["files"].items():
        if sha256(read_limited(source / name, _CONFIG_BYTES_MAX)).hexdigest() != digest:
            raise EvidenceError(f"{name} in the backup is not what was copied", next_step=_OTHER)
    if _digest(source / RECORD_NAME) != manifest["record"]:
        raise EvidenceError("the record in the backup is not what was copied", next_step=_OTHER)
    card = read_card_file(read_limited(source / CARD_NAME, 2 * CARD_BYTES_MAX))
    store = SqliteStore(source / RECORD_NAME, read_only=True)
    try:
        if faults := store.faults():
            raise EvidenceError(f"the record in the backup is damaged: {faults[0]}")
        cards = [card, *_peers(store)]
        found = verify_rows(store, cards)
        if found.wrong is not None:
            raise EvidenceError(
                f"the record in the backup does not hold: {found.wrong.what}: "
                f"{found.wrong.problem}",
                next_step=_OTHER,
            )
        return Checked(
            code=card.code,
            card=card.sequence,
            made=manifest["made"],
            entries=found.entries,
            statements=found.statements,
            unsigned=found.unsigned,
            logs=tuple(_logs(store, {one.party: one.code for one in cards})),
        )
    finally:
        store.close()


def put_back(source: Path, into: Path) -> Checked:
    """Check a backup, and make a station directory of it.

    The settings are written last, so that the directory holds a whole station or none.

    Raises:
        ConflictError: there is something in the directory.
        UsageError, EvidenceError, StoreError: as of `check`; the directory is as it was.
    """
    checked = check(source)
    _make_folder(into)
    settings = read_limited(source / CONFIG_NAME, _CONFIG_BYTES_MAX)
    # Read from the backup, for where record and keys lie by these settings.
    config = load(into, file=source / CONFIG_NAME)
    for part in (into / "marks", into / "log", config.path(config.station_key).parent):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    record = record_file(store_address(config))
    if record.exists():
        raise ConflictError(
            f"there is a record at {record} already",
            next_step="Move it away, or take the address out of [store] in the backup's settings.",
        )
    copy_record(source / RECORD_NAME, record)
    write_whole(config.path(config.station_key), (source / KEYS_NAME).read_bytes())
    if (source / _PREKEYS_NAME).exists():
        write_whole(into / PREKEYS_NAME, (source / _PREKEYS_NAME).read_bytes())
    write_whole(into / CARD_NAME, (source / CARD_NAME).read_bytes(), mode=0o644)
    write_whole(into / CONFIG_NAME, settings)
    return checked


_OTHER: Final = "Keep it for whoever looks into this, and take another backup."


def _manifest(source: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(
            read_limited(source / MANIFEST_NAME, _MANIFEST_BYTES_MAX)
        )
        is_whole = (
            manifest["form"] == _FORM
            and {CONFIG_NAME, CARD_NAME, KEYS_NAME} <= manifest["files"].keys()
            and manifest["files"].keys() <= {CONFIG_NAME, CARD_NAME, KEYS_NAME, _PREKEYS_NAME}
            and type(manifest["made"]) is int
            and type(manifest["record"]) is str
        )
    except (UsageError, ValueError, KeyError, TypeError, AttributeError):
        is_whole = False
    if not is_whole:
        raise UsageError(
            f"{source} is no whole backup", next_step="Name a folder that `parley backup` wrote."
        )
    return manifest


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConflictError(f"{folder} is not empty", next_step="Name an empty or a new one.")
        folder.chmod(0o700)
    except OSError as problem:
        raise UsageError(f"{folder} cannot be made: {problem.strerror}") from None


def _digest(path: Path) -> str:
    digest = sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as problem:
        raise StoreError(f"{path} cannot be read: {problem.strerror}") from None
    return digest.hexdigest()


def _peers(store: SqliteStore) -> list[Card]:
    cards = []
    for _, raw in store.papers("peers"):
        try:
            cards.append(decode_card(base64.b64decode(unpack(raw)["card"])))
        except (MalformedError, SignatureError, StoreError, KeyError, TypeError, ValueError):
            continue  # the statements of such a peer count as unsigned
    for _, raw in store.papers(COLLECTION):
        with suppress(MalformedError, SignatureError):
            cards.append(decode_card(raw))
    return cards


def _logs(store: SqliteStore, codes: dict[Any, str]) -> list[LogState]:
    states = []
    for row in store.logs():
        last = store.last_statement(row.log)
        said = None if last is None else last.signed.statement
        party = codes.get(row.log.party, row.log.party.hex()[:8])
        states.append(
            LogState(
                name=f"{row.log.channel.hex()[:8]}/{party}",
                size=0 if said is None else said.size,
                root="" if said is None else said.root.hex(),
                signed_at=None if said is None else said.time,
            )
        )
    return states
