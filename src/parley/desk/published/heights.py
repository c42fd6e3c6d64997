"""Heights with the datum that is said of them; one without stays without."""

from __future__ import annotations

import re
from typing import Final

from parley.desk.published.letters import tidy
from parley.desk.published.model import Height, Span

FLIGHT_LEVEL: Final = 30.48
_HEIGHT: Final = (
    r"UNL(?:TD|IMITED)?|SFC|GND|MSL|SEA\s?LEVEL|SURFACE|GROUND|地面|海平面|海面|水面|FL\s?[0-9]{2,3}"
    r"|[0-9]{1,6}\s?(?:FT|FEET|M|MTRS?|METERS?|METRES?|米)"
    r"(?:\s?(?:AMSL|AGL|MSL|ASL|ASFC|GND|SFC)(?![A-Z]))?"
)
_ONE: Final = re.compile(rf"\s*({_HEIGHT})\b\)?")
_LIMITS: Final = re.compile(
    rf"(?:VERT(?:ICAL|ICLE)?\s*(?:LIMITS?|ALTITUDE|ALT|LTD)?|ALT(?:ITUDES?)?|HEIGHTS?|LIMITS?"
    rf"|FROM|BTN|BETWEEN|高[度°]|垂直)\s*(?:为|是|:|OF|FROM)?\s*({_HEIGHT})\s*(?:-|TO|/|至|到|AND)\s*({_HEIGHT})(?![A-Z0-9])"
)
_PAIR: Final = re.compile(
    r"(?<![A-Z0-9])((?:SFC|GND|MSL|FL\s?[0-9]{2,3})|地面|海平面|海面)\s?(?:-|TO|/|至|到)\s?"
    rf"({_HEIGHT})(?![A-Z0-9])"
)
"""What can be nothing but heights, also without a word for it: `SFC-UNL`."""
_MOST: Final = re.compile(
    rf"(?:ALT(?:ITUDES?)?|HEIGHTS?|HGT|高[度°]|海拔)\s?(?:为|是|:|OF)?\s?"
    rf"(?P<one>{_HEIGHT})\s?(?P<two>(?:AND|OR)\s+(?:BELOW|LOWER)|\(?(?:含|及)?\)?(?:以下|之下)|(?:AND|OR)\s+ABOVE|\(?(?:含|及)?\)?以上)"
    rf"|(?<!DEPTH )(?P<five>BELOW|UP\s+TO\s+(?:AN?\s+)?(?:ALTITUDE|HEIGHT)\s+OF)"
    rf"\s+(?P<six>(?:FL\s?[0-9]{{2,3}}|[0-9]{{3,6}}\s?(?:FT|FEET|M|METERS?|METRES?))"
    rf"(?:\s?(?:AMSL|AGL|MSL|ASL))?)(?![A-Z0-9])"
    rf"|(?:ALT(?:ITUDES?)?|HEIGHTS?|HGT|FLIGHTS?)\s?:?\s?(?P<three>BELOW|UP\s+TO|NOT\s+ABOVE|ABOVE)\s+(?P<four>{_HEIGHT})(?![A-Z0-9])"
)
_AMOUNT: Final = re.compile(r"([0-9]{1,6})\s?(FT|FEET|M|MTRS?|METERS?|METRES?|米)\s?([A-Z]*)")
_DATUMS: Final = {
    "AMSL": "AMSL",
    "MSL": "AMSL",
    "ASL": "AMSL",
    "AGL": "AGL",
    "GND": "AGL",
    "ASFC": "AGL",
    "SFC": "AGL",
}


def height_of(written: str, edge: str, text: str, span: Span) -> Height | None:
    """Return the height that plain letters mean, None if they mean none.

    `SFC` and `GND` are the surface, `UNL` is without limit, `FL350` a pressure height.
    """
    match = _ONE.match(written)
    if match is None:
        return None
    word = match.group(1)
    metres, datum = _normal(word)
    place = span[0] + match.start(1), span[0] + match.end(1)
    return Height(edge=edge, metres=metres, datum=datum, written=tidy(text, place), span=place)


def _normal(word: str) -> tuple[int | None, str]:
    if word.startswith("UNL"):
        return None, "UNL"
    if word.startswith("FL"):
        return round(int(word[2:]) * FLIGHT_LEVEL), "FL"
    amount = _AMOUNT.fullmatch(word)
    if amount is None:
        is_sea = word.replace(" ", "") in ("MSL", "SEALEVEL", "海平面")
        return 0, "AMSL" if is_sea else "SFC"
    number, unit, datum = amount.groups()
    metres = int(number) * (0.3048 if unit[0] == "F" else 1)
    return round(metres), _DATUMS.get(datum, "not stated")


def find_limits(text: str, rest: str) -> tuple[list[Height], list[Span]]:
    """Return the first pair of limits that a text names, such as `VERTICAL LIMITS:SFC-UNL`."""
    match = _LIMITS.search(rest) or _PAIR.search(rest)
    if match is None:
        return _one_limit(text, rest)
    found = [
        height_of(match.group(group), edge, text, match.span(group))
        for group, edge in ((1, "low"), (2, "high"))
    ]
    return [each for each in found if each is not None], [match.span()]


def _one_limit(text: str, rest: str) -> tuple[list[Height], list[Span]]:
    """Return the one limit of `ALT: 900M AND BELOW`, `高度6000米以下`, `HEIGHTS ABOVE FL200`."""
    match = _MOST.search(rest)
    if match is None:
        return [], []
    group = next(name for name in ("one", "four", "six") if match[name])
    words = match["two"] or match["three"] or match["five"]
    is_low = ("ABOVE" in words and "NOT" not in words) or "以上" in words
    edge = "low" if is_low else "high"
    height = height_of(match[group], edge, text, match.span(group))
    return ([] if height is None else [height]), [match.span()]
