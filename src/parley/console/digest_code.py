"""The QR code of a digest, for paper: what is scanned there is what the search takes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

QUIET: Final = 4
"""Modules left white around a code. Source: ISO/IEC 18004."""


@dataclass(frozen=True, slots=True)
class DigestCode:
    """A code as one path of an SVG drawing, `size` modules wide with its white edge."""

    size: int
    path: str


@lru_cache(maxsize=256)
def digest_code(text: str) -> DigestCode:
    """Return the code of a text (byte mode, error level M)."""
    import segno  # noqa: PLC0415 - only paper needs it, and it takes a while to come

    rows = segno.make(text, error="m", micro=False, boost_error=False).matrix
    path = "".join(_runs(row, y + QUIET) for y, row in enumerate(rows))
    return DigestCode(size=len(rows) + 2 * QUIET, path=path)


def _runs(row: bytearray, y: int) -> str:
    """Return the dark modules of a row, each run of them as one rectangle."""
    parts, start = [], None
    for x, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            parts.append(f"M{start + QUIET} {y}h{x - start}v1h{start - x}z")
            start = None
    return "".join(parts)
