"""What a courier carries: a file of frames, or the same file as short lines and printed codes.

A file is `HEAD`, then frames, each with two bytes of length (specification: `link.md`, streams).
A line carries a portion of it in letters that every printed code and every radio operator has, and
a check of its own, so that whoever reads or types it hears at once which line to ask for again.
What they carry is believed by nothing but the frames' own keys and signatures.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from parley.core.limits import FRAME_BYTES_MAX
from parley.errors import MalformedError

HEAD: Final = b"PARLEY1\n"
FILE_BYTES_MAX: Final = 700_000
"""Largest file that is made or read: it goes through every door of a station in one piece."""

PREFIX: Final = "PARLEY:COURIER:"
CODE_CHARACTERS: Final = 1_400
"""Of a QR code of 117 modules at level M, which a telephone still reads from paper."""

LINE_CHARACTERS: Final = 40
"""Of a line that is typed, or read out over a radio."""

LINES_MAX: Final = 9_999
CODES_MAX: Final = 99
_LENGTH_BYTES: Final = 2
_LINE: Final = re.compile(
    r"PARLEY:COURIER:([0-9A-F]{8}):([1-9]\d{0,3})/([1-9]\d{0,3}):([A-Z2-7]{1,1400}):([A-Z2-7]{4})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file cut into its frames.

    Attributes:
        frames: those that are whole, in order.
        torn: bytes at the end that are no whole frame; 0 for a file that came whole.
    """

    frames: tuple[bytes, ...]
    torn: int


def write_file(frames: Iterable[bytes]) -> bytes:
    """Return the file that carries these frames."""
    parts = [HEAD]
    for frame in frames:
        parts += [len(frame).to_bytes(_LENGTH_BYTES, "big"), frame]
    return b"".join(parts)


def read_file(raw: bytes) -> Opened:
    """Return the frames of a file; what follows a torn one is counted and not guessed.

    Raises:
        MalformedError: it is no courier file, or larger than one may be.
    """
    if len(raw) > FILE_BYTES_MAX:
        raise MalformedError(f"a courier file has at most {FILE_BYTES_MAX} bytes")
    if not raw.startswith(HEAD):
        raise MalformedError("this is no courier file: it does not begin as one")
    frames: list[bytes] = []
    at = len(HEAD)
    while at + _LENGTH_BYTES <= len(raw):
        length = int.from_bytes(raw[at : at + _LENGTH_BYTES], "big")
        end = at + _LENGTH_BYTES + length
        if not 1 <= length <= FRAME_BYTES_MAX or end > len(raw):
            break
        frames.append(raw[at + _LENGTH_BYTES : end])
        at = end
    return Opened(frames=tuple(frames), torn=len(raw) - at)


def lines_of(raw: bytes, characters: int) -> list[str]:
    """Return a file as lines, each with so many letters of it at most.

    Raises:
        MalformedError: it would be more lines than anybody reads.
    """
    letters = base64.b32encode(raw).decode("ascii").rstrip("=")
    portions = [letters[at : at + characters] for at in range(0, len(letters), characters)]
    most = CODES_MAX if characters > LINE_CHARACTERS else LINES_MAX
    if len(portions) > most:
        raise MalformedError(
            f"{len(raw)} bytes would be {len(portions)} lines or codes, and {most} is the most"
        )
    name, count = _name(raw), len(portions)
    return [
        f"{PREFIX}{name}:{number}/{count}:{portion}:{_check(name, number, portion)}"
        for number, portion in enumerate(portions, start=1)
    ]


def join_lines(text: str) -> bytes:
    """Return the file whose lines were read or typed, in any order; spaces count for nothing.

    Raises:
        MalformedError: lines are missing, damaged, of two files, or none; it names which.
    """
    found: dict[int, str] = {}
    whole: tuple[str, int] | None = None
    unread = 0
    for line in filter(None, ("".join(one.split()).upper() for one in text.splitlines())):
        match = _LINE.fullmatch(line)
        if match is None or match[5] != _check(match[1], int(match[2]), match[4]):
            unread += 1
            continue
        name, number, count = match[1], int(match[2]), int(match[3])
        if whole is not None and whole != (name, count):
            raise MalformedError("lines of two different courier files are mixed")
        whole = (name, count)
        found[number] = match[4]
    if whole is None:
        raise MalformedError("no whole line of a courier file stands here")
    if missing := sorted(set(range(1, whole[1] + 1)) - found.keys()):
        damaged = f" ({unread} damaged)" if unread else ""
        raise MalformedError(
            f"of {whole[1]} lines, these are not here yet{damaged}: {_numbers(missing)}"
        )
    letters = "".join(found[number] for number in range(1, whole[1] + 1))
    try:
        raw = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except binascii.Error:
        raise MalformedError("the lines do not fit together") from None
    if _name(raw) != whole[0]:
        raise MalformedError("the lines do not fit together")
    return raw


def read_any(raw: bytes) -> bytes:
    """Return the file in what was given: the file itself, or its lines.

    Raises:
        MalformedError: neither stands there.
    """
    if raw.startswith(HEAD):
        return raw
    text = raw.decode("ascii", "ignore")
    if PREFIX not in "".join(text.split()).upper():
        raise MalformedError("this is no courier file, and no lines of one")
    return join_lines(text)


def _numbers(numbers: list[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:20])
    return shown if len(numbers) <= 20 else f"{shown} and {len(numbers) - 20} more"


def _check(name: str, number: int, portion: str) -> str:
    said = f"{name}:{number}:{portion}".encode("ascii")
    return base64.b32encode(hashlib.sha256(said).digest()[:3]).decode("ascii")[:4]


def _name(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:8].upper()
