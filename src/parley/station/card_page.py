"""A card as a page to print: a QR code for each of its parts, three in a row, numbered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from parley.core.card import Card
from parley.core.card_codes import parts_of
from parley.station.qr_code import QUIET, qr_code

_CODE_MM: Final = 60
"""Width of a code: half a millimetre for each of its squares."""

_CAPTION_MM: Final = 7
_IN_A_ROW: Final = 3
_MARGIN_MM: Final = 10


def card_page(card: Card) -> str:
    """Return an SVG page as wide as A4 with the codes of a card."""
    return codes_page(parts_of(card.raw), f"{card.code}, card {card.sequence}")


def codes_page(texts: Sequence[str], title: str) -> str:
    """Return an SVG page as wide as A4 with a code for each text, numbered under a title."""
    rows = -(-len(texts) // _IN_A_ROW)
    width = 2 * _MARGIN_MM + _IN_A_ROW * (_CODE_MM + 3)
    height = 2 * _MARGIN_MM + rows * (_CODE_MM + _CAPTION_MM)
    codes = [
        _code(text, f"{title}: {place + 1} of {len(texts)}", *divmod(place, _IN_A_ROW))
        for place, text in enumerate(texts)
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm"'
        f' viewBox="0 0 {width} {height}">'
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
    )
    return "\n".join([head, *codes, "</svg>", ""])


def _code(text: str, caption: str, row: int, column: int) -> str:
    made = qr_code(text)
    scale = _CODE_MM / (made.size + 2 * QUIET)
    left = _MARGIN_MM + column * (_CODE_MM + 3)
    top = _MARGIN_MM + row * (_CODE_MM + _CAPTION_MM)
    return (
        f'<text x="{left + 2}" y="{top + 2}" font-family="sans-serif" font-size="3">'
        f"{escape(caption)}</text>"
        f'<path transform="translate({left} {top + 2}) scale({scale:.5f})'
        f' translate({QUIET} {QUIET})" d="{made.path}"/>'
    )
