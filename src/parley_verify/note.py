"""Statements as signed notes: text, and the lines of signatures (specification: statement)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from parley_verify.bounds import COUNT_MAX, GAPS_MAX, NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX
from parley_verify.charter import is_key_name
from parley_verify.refusal import Path, RefusedError

_ORIGIN = re.compile("parley1/([0-9a-f]{32})/([0-9a-f]{32})/([0-9a-f]{16})")
_DECIMAL = re.compile("0|[1-9][0-9]{0,15}")
_DASH = "\u2014"
EMPTY_ROOT = sha256(b"").digest()


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """One party's log on one channel in one incarnation."""

    channel: bytes
    pid: bytes
    inc: bytes

    def __str__(self) -> str:
        """Return the first line of its statements."""
        return f"parley1/{self.channel.hex()}/{self.pid.hex()}/{self.inc.hex()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a statement says of one other log."""

    origin: Origin
    size: int
    root: bytes
    missing: tuple[tuple[int, int], ...]

    def has(self, index: int) -> bool:
        """Say whether the entry at `index` is held."""
        return index < self.size and not any(a <= index < b for a, b in self.missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """One signature line: the key's name, its 4-byte id, and what follows the id."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A statement as it stands in the bundle, its form checked, its signatures not yet."""

    path: Path
    text: str
    lines: tuple[SignatureLine, ...]
    origin: Origin
    size: int
    root: bytes
    no: int
    time: int
    holds: tuple[Held, ...]

    def held(self, pid: bytes) -> Held | None:
        """Return what it says of the log of `pid`."""
        return next((held for held in self.holds if held.origin.pid == pid), None)


def read_origin(text: str, path: Path) -> Origin:
    """Return the log that an origin line names, or refuse it."""
    match = _ORIGIN.fullmatch(text)
    if match is None:
        raise RefusedError(
            "not parley1/<channel>/<party>/<incarnation> in lower-case hex", path=path
        )
    channel, pid, inc = (bytes.fromhex(part) for part in match.groups())
    return Origin(channel, pid, inc)


def read_note(note: str, path: Path) -> Note:
    """Return the statement and signature lines of a note.

    Raises:
        RefusedError: not a signed note, or a text that is not written in its only form.
    """
    if len(note) > NOTE_BYTES_MAX:
        raise RefusedError(f"a note of more than {NOTE_BYTES_MAX} characters", path=path)
    head, blank, tail = note.partition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise RefusedError("a note needs one empty line before its signature lines", path=path)
    rows = tail[:-1].split("\n")
    if len(rows) > NOTE_SIGNATURES_MAX:
        raise RefusedError(f"a note has more than {NOTE_SIGNATURES_MAX} signature lines", path=path)
    signatures = tuple(_read_line(row, path) for row in rows)
    lines = head.split("\n")
    if len(lines) < 5:
        raise RefusedError("a statement has at least five lines", path=path)
    origin = read_origin(lines[0], path)
    size = _tagged(lines[1], "", "own size", path)
    if size < 1:
        raise RefusedError("a statement over no entry", path=path)
    holds = tuple(_read_holds(line, origin, path) for line in lines[5:])
    if len({held.origin.pid for held in holds} | {origin.pid}) != len(holds) + 1:
        raise RefusedError("a statement speaks of one log twice, or of its own as held", path=path)
    return Note(
        path=path,
        text=head + "\n",
        lines=signatures,
        origin=origin,
        size=size,
        root=_read_root(lines[2], path),
        no=_tagged(lines[3], "no ", "number", path),
        time=_tagged(lines[4], "time ", "time", path),
        holds=holds,
    )


def _read_line(row: str, path: Path) -> SignatureLine:
    parts = row.split(" ")
    if len(parts) != 3 or parts[0] != _DASH or not is_key_name(parts[1]):
        raise RefusedError("a signature line is not a dash, a key name and base64", path=path)
    raw = _base64(parts[2], "a signature line", path)
    if len(raw) < 5:
        raise RefusedError("a signature line is too short", path=path)
    return SignatureLine(name=parts[1], key_id=raw[:4], signature=raw[4:])


def _base64(text: str, what: str, path: Path) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError(f"{what} is not base64", path=path) from None
    if base64.b64encode(raw).decode() != text:
        raise RefusedError(f"{what} has spare bits set", path=path)
    return raw


def _read_root(text: str, path: Path) -> bytes:
    raw = _base64(text, "a root", path)
    if len(raw) != 32:
        raise RefusedError("a root is not 32 bytes", path=path)
    return raw


def _number(text: str, what: str, path: Path) -> int:
    if not _DECIMAL.fullmatch(text) or int(text) > COUNT_MAX:
        raise RefusedError(f"{what} is not a plain decimal number up to 2^53 - 1", path=path)
    return int(text)


def _tagged(line: str, tag: str, what: str, path: Path) -> int:
    if not line.startswith(tag):
        raise RefusedError(f"the line of the {what} does not begin with `{tag.strip()}`", path=path)
    return _number(line[len(tag) :], what, path)


def _read_holds(line: str, own: Origin, path: Path) -> Held:
    words = line.split(" ")
    if len(words) not in (4, 6) or words[0] != "holds" or words[4:5] not in ([], ["missing"]):
        raise RefusedError("a statement has a line that is not a `holds` line", path=path)
    origin = read_origin(f"parley1/{own.channel.hex()}/{words[1]}", path)
    size = _number(words[2], "a held size", path)
    root = _read_root(words[3], path)
    if size == 0 and root != EMPTY_ROOT:
        raise RefusedError("the root held of an empty log is not that of no leaves", path=path)
    gaps = words[5].split(",") if len(words) == 6 else []
    if len(gaps) > GAPS_MAX:
        raise RefusedError(f"more than {GAPS_MAX} gaps in one `holds` line", path=path)
    missing: list[tuple[int, int]] = []
    last = -1
    for gap in gaps:
        first, _, end = gap.partition("-")
        pair = _number(first, "a gap", path), _number(end, "a gap", path)
        if not last < pair[0] < pair[1] <= size:
            raise RefusedError("gaps touch, overlap, are empty or go beyond the size", path=path)
        last = pair[1]
        missing.append(pair)
    return Held(origin=origin, size=size, root=root, missing=tuple(missing))


def station_key_id(name: str, ed: bytes) -> bytes:
    """Return the key id of an Ed25519 station key."""
    return sha256(name.encode() + b"\n\x01" + ed).digest()[:4]


def seal_key_id(name: str, pq: bytes) -> bytes:
    """Return the key id of an ML-DSA-65 station key."""
    return sha256(name.encode() + b"\n\xffparley1-mldsa65" + pq).digest()[:4]
