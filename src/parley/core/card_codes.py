"""A card as short texts, one for each printed code (specification: `identity.md`, as codes).

A card is three times as long as the largest QR code. Its parts are read in any order, with any
reader that gives text, and are put together again here. What they carry is believed by nothing
but the card's own signatures.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Final

from parley.core.limits import CARD_BYTES_MAX
from parley.errors import MalformedError

PREFIX: Final = "PARLEY:CARD:"
PART_CHARACTERS: Final = 1_400
"""Of a QR code of 117 modules at level M, which a telephone still reads from paper."""

PARTS_MAX: Final = 64
_PART: Final = re.compile(r"PARLEY:CARD:([0-9A-F]{8}):([1-9]\d?)/([1-9]\d?):([A-Z2-7]{1,1400})")


def parts_of(raw: bytes) -> list[str]:
    """Return the texts of the codes that carry a card's bytes, in letters every code holds."""
    letters = base64.b32encode(raw).decode("ascii").rstrip("=")
    name = _name(raw)
    portions = [
        letters[at : at + PART_CHARACTERS] for at in range(0, len(letters), PART_CHARACTERS)
    ]
    return [
        f"{PREFIX}{name}:{number}/{len(portions)}:{portion}"
        for number, portion in enumerate(portions, start=1)
    ]


def join_parts(text: str) -> bytes:
    """Return the bytes of the card whose codes were read, one on each line, in any order.

    Raises:
        MalformedError: a line is no such part, parts of two cards are mixed, or some are missing.
    """
    found: dict[int, str] = {}
    whole: tuple[str, int] | None = None
    for line in text.split():
        match = _PART.fullmatch(line)
        if match is None:
            raise MalformedError(f"not a part of a card: {line[:24]!r}")
        name, number, count, portion = match[1], int(match[2]), int(match[3]), match[4]
        if number > count or count > PARTS_MAX:
            raise MalformedError(f"there is no part {number} of {count} of a card")
        if whole is not None and whole != (name, count):
            raise MalformedError("parts of two different cards are mixed")
        whole = (name, count)
        if found.setdefault(number, portion) != portion:
            raise MalformedError(f"part {number} was read twice and differs")
    if whole is None:
        raise MalformedError("no part of a card stands here")
    if missing := sorted(set(range(1, whole[1] + 1)) - found.keys()):
        named = ", ".join(str(number) for number in missing)
        raise MalformedError(f"of {whole[1]} parts of the card, {named} is not read yet")
    letters = "".join(found[number] for number in sorted(found))
    try:
        raw = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except binascii.Error:
        raise MalformedError("the parts of the card are not base32") from None
    if len(raw) > CARD_BYTES_MAX or _name(raw) != whole[0]:
        raise MalformedError("the parts of the card do not fit together")
    return raw


def _name(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:8].upper()
