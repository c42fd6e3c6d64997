"""Lengths in notices: units of the sea and the air, in English and Chinese, in metres."""

from __future__ import annotations

import re
from typing import Final

from parley.desk.published.letters import NUMBER, WORD_NUMBER, number_of, tidy
from parley.desk.published.model import Amount

_METRES: Final = {
    "NM": 1852.0, "NMI": 1852.0, "海里": 1852.0, "浬": 1852.0, "NAUTICALMILE": 1852.0,
    "MILE": 1852.0, "KM": 1000.0, "KILOMETER": 1000.0, "KILOMETRE": 1000.0, "公里": 1000.0,
    "千米": 1000.0, "M": 1.0, "METER": 1.0, "METRE": 1.0, "米": 1.0, "MTR": 1.0, "FT": 0.3048,
    "FOOT": 0.3048, "FEET": 0.3048, "YARD": 0.9144, "YD": 0.9144, "CABLE": 185.2,
}  # fmt: skip
"""At sea and in the air a mile is the nautical one, 1 852 m; a cable of length is its tenth."""
_UNIT: Final = (
    r"NAUTICAL\s+MILES?|KILOMET(?:ER|RE)S?|MET(?:ER|RE)S?|MILES?|MTRS?|NMI?|KM|FEET|FOOT|FT"
    r"|CABLES?"
    r"|YARDS?|YDS?|海里|浬|公里|千米|米|M(?![A-Z/])"
)
LENGTH: Final = rf"(?:{NUMBER}|(?:{WORD_NUMBER})(?=[\s-]))[\s-]{{0,2}}(?:{_UNIT})(?![A-Z])"
_LENGTH: Final = re.compile(
    rf"(?<![0-9A-Z.])({NUMBER}|{WORD_NUMBER})[\s-]{{0,2}}({_UNIT})(?![A-Z])"
)

_FROM: Final = re.compile(r"\s+(?:OF|FROM|RADIUS|AROUND)\b(?!\s+[0-9.,]+\s?[A-Z])")
NO_UNIT: Final = re.compile(
    rf"(?:半径|\bRADIUS)\s?(?:OF|为|是|:|约|=)?\s?[0-9]{{1,4}}(?:\.[0-9]{{1,3}})?(?![0-9.]|[\s-]{{0,2}}(?:{_UNIT}))"
)
"""A radius whose unit was left out."""
AROUND: Final = re.compile(
    rf"({LENGTH})\s+(?:RADIUS|RADII)|RADIUS\s*(?:OF|:|IS|=)?\s*({LENGTH})"
    rf"|\b(?:WITHIN|WI)\s+(?:AN?\s+|ABOUT\s+)?({LENGTH})|({LENGTH})\s+(?:AROUND|SURROUNDING)\b"
    rf"|半径\s?(?:为|是|:|约)?\s?({LENGTH})|({LENGTH})\s?(?:为|的)?\s?半径"
    rf"|(?:附近|周围|周边|四周)\s?({LENGTH})\s?(?:的)?\s?(?:范围|以|之)?内?"
)
"""A distance around a place, in the forms that make a circle of it."""


def length_of(written: str) -> int | None:
    """Return metres of a written length, None if it is none."""
    match = _LENGTH.search(written)
    number = number_of(match.group(1)) if match else None
    if match is None or number is None:
        return None
    unit = re.sub(r"\s", "", match.group(2))
    metres = _METRES.get(unit) or _METRES.get(unit.removesuffix("S"), 0.0)
    return round(number * metres) if number * metres <= 20_100_000 else None


def find_amounts(text: str, rest: str) -> list[Amount]:
    """Return the lengths in what is left of a text."""
    found: list[Amount] = []
    for match in _LENGTH.finditer(rest):
        if match.group(2).startswith("CABLE") and not _FROM.match(rest, match.end()):
            continue  # what is towed or laid
        metres = length_of(match.group())
        if metres is not None:
            found.append(Amount(metres=metres, written=tidy(text, match.span()), span=match.span()))
    return found
