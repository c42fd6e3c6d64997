"""Positions in the many ways in which notices write them; the notation is kept.

`25-15.26N` is decimal minutes and `25-15-26N` is seconds: what stands between two numbers decides,
never what would be likely. Known: `N332704E1102154`, `121500N 1091200E`, `N3534E09829`,
`S15 38 E153 40`, `24-11.30N 085-45.80W`, `25°15′26″N 120°29′20″E`, `38-05.0N/120-30.5E`,
`北纬25度15.26分、东经120度29.2分` and the same in Chinese numerals.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from parley.desk.places import E7, Point
from parley.desk.published.letters import NUMBER, blank, number_of, tidy
from parley.desk.published.model import Span, Spot, Unread

WRAP: Final = "\x1f"
"""Stands for the line break of a telex that cut a number in two."""
_WRAPPED_LINE: Final = 60

_D: Final = rf"[0-9]{WRAP}?"
_MINUTES: Final = rf"(?:{NUMBER}\s?['分](?:\.[0-9]{{1,4}})?|(?<=°){NUMBER})"
_LAST: Final = rf"(?:\s?{NUMBER}\s?(?:[\"秒]|'')|[0-9]{{1,2}}(?:\.[0-9]{{1,4}})?(?=\s?[NSEW]))"
_MARKED: Final = rf"{NUMBER}\s?°(?:\s?{_MINUTES}{_LAST}?)?"
"""What has no mark of its own must touch what it belongs to: `120°29′ 2.` ends with a list's 2."""
_HYPHENS: Final = (
    r"[0-9]{1,3}-[0-9]{1,2}(?:\.[0-9]{1,5})?['分]?(?:-[0-9]{1,2}(?:\.[0-9]{1,4})?\"?)?"
)
_BLANKS: Final = (
    r"[0-9]{1,3} [0-9]{1,2}(?:\.[0-9]{1,5})?'?"
    r"(?: [0-9]{1,2}(?:\.[0-9]{1,4})?\"?(?![0-9]|\s?[.,):](?![0-9])))?"
)
_FRACTION: Final = r"(?:\.[0-9]{1,7})?"


def _angle(*digits: int) -> str:
    compact = "|".join(rf"(?:{_D}){{{count}}}{_FRACTION}" for count in digits)
    return rf"({_MARKED}|{_HYPHENS}|{_BLANKS}|{compact}|[0-9]{{1,2}}\.[0-9]{{1,7}})"


LATITUDE: Final = _angle(6, 4, 2)
LONGITUDE: Final = _angle(7, 5, 3)
"""A written angle, in a group of its own."""
_BETWEEN: Final = r"[\s,/;]{0,6}(?:-\s?)?(?:LONG?(?:ITUDE)?\.?:?\s?)?"
_PAIR: Final = re.compile(
    rf"(?<![0-9A-Z])(?<![0-9]\.)(?<![0-9]O-){LATITUDE}\s?([NS]){_BETWEEN}{LONGITUDE}\s?([EW])(?![A-Z0-9])"
    rf"|(?<![A-Z])([NS])\s?{LATITUDE}{_BETWEEN}([EW])\s?{LONGITUDE}"
    rf"(?![0-9]|\.[0-9]|\s?[NSEW](?![A-Z0-9\s]))"
    rf"|(北纬|南纬)\s?:?\s?{LATITUDE}[\s,/;及和]{{0,6}}(东经|西经)\s?:?\s?{LONGITUDE}"
    rf"|(东经|西经)\s?:?\s?{LONGITUDE}[\s,/;及和]{{0,6}}(北纬|南纬)\s?:?\s?{LATITUDE}"
)
_LATITUDE_NAMED: Final = r"[\s,/;]{0,6}(?:LAT(?:ITUDE)?\.?:?\s?)?"
_EAST_FIRST: Final = re.compile(
    rf"(?<![0-9A-Z])(?<![0-9]\.)(?:LONG?(?:ITUDE)?\.?:?\s?)?{LONGITUDE}\s?([EW]){_LATITUDE_NAMED}{LATITUDE}\s?([NS])(?![A-Z0-9])"
    rf"|(?<![A-Z])([EW])\s?{LONGITUDE}{_LATITUDE_NAMED}([NS])\s?{LATITUDE}(?![0-9]|\.[0-9])"
)
"""Positions that begin with the longitude."""
_LOOKS: Final = re.compile(
    r"(?<![0-9A-Z.])[0-9]{1,3}[-°][0-9]{1,2}[-0-9.'\"]{0,10}\s?[NSEW](?![A-Z])"
    r"|(?<![0-9A-Z])[0-9]{4,7}(?:\.[0-9]{1,4})?[NSEW](?![A-Z0-9])"
    r"|(?<![A-Z0-9])[NSEW][0-9]{4,7}(?![0-9A-Z/])"
    r"|(?<![A-Z0-9])[NSEW][0-9]{2,3}[-°][0-9]{2}[-0-9.'\"]{0,10}(?![0-9A-Z/])"
    r"|(?<![A-Z0-9])(?=[0-9OIL]{0,3}[OIL]|[0-9]{1,3}[-°][0-9]{0,2}[OIL])(?![OIL]{2})[0-9OIL]{1,3}[-°][0-9OIL.]{1,6}\s?[NSEW](?![A-Z])"
    r"|[0-9]{1,3}\s?DEG(?:REES?|S)?\b[^.;]{0,30}?\b(?:NORTH|SOUTH|EAST|WEST)\b"
    rf"|[北南东西][纬经]\s?{NUMBER}[°0-9.'\"分秒]{{0,12}}"
    r"|(?<![0-9.])-?[0-9]{1,2}\.[0-9]{3,7}\s?,\s?-?[0-9]{1,3}\.[0-9]{3,7}(?![0-9])"
)
_SOUTH_OR_WEST: Final = ("S", "W", "南纬", "西经")
_AFTER_MARK: Final = re.compile(r"['分]\.([0-9]{1,4})")
"""`38°30′.5N`: the decimals stand behind the mark of the minutes."""
_NUMBERS: Final = re.compile(NUMBER)


def unwrapped(plain: str) -> str:
    """Return the text with the breaks of full lines that cut a number in two marked as such."""
    lines = plain.split("\n")
    parts: list[str] = []
    for here, below in zip(lines, [*lines[1:], ""], strict=True):
        cut = len(here) >= _WRAPPED_LINE and here[-1:].isdigit() and below[:1].isdigit()
        parts += [here, WRAP if cut else "\n"]
    return "".join(parts[:-1])


def find_positions(text: str, plain: str) -> tuple[list[Spot], list[Unread]]:
    """Return the positions of a text in order, and what looks like one and is none.

    Args:
        text: the text as written.
        plain: the same in plain letters, of the same length.
    """
    spots: list[Spot] = []
    unread: list[Unread] = []
    for match in _pairs(plain):
        one, two, three, four = (part for part in match.groups() if part is not None)
        if match.re is _EAST_FIRST:
            written = match.group(2) is not None
            halves = ((three, four), (one, two)) if written else ((four, three), (two, one))
        elif match.group(2) is not None:
            halves = (one, two), (three, four)
        elif match.lastindex == 16:
            halves = (four, three), (two, one)
        else:
            halves = (two, one), (four, three)
        span = match.span()
        try:
            point, step = point_of(*halves)
        except ValueError as problem:
            unread.append(_unread(text, span, str(problem)))
        else:
            spots.append(Spot(point=point, step=step, written=tidy(text, span), span=span))
    return spots, unread


def _pairs(plain: str) -> list[re.Match[str]]:
    """Return positions in the order of latitude and longitude that leaves fewer halves alone.

    Of `120-10E 21-00N, 120-30E 21-30N` the halves of two positions would otherwise be one.
    """
    usual = list(_PAIR.finditer(plain))
    east = list(_EAST_FIRST.finditer(plain))
    if not east:
        return usual
    rest = blank(plain, [match.span() for match in east])
    east = sorted([*east, *_PAIR.finditer(rest)], key=lambda match: match.start())
    halves = [
        len(_LOOKS.findall(blank(plain, [match.span() for match in found])))
        for found in (usual, east)
    ]
    return east if halves[1] < halves[0] else usual


def find_lost(text: str, rest: str) -> list[Unread]:
    """Return pieces of what is left of a text that look like a position."""
    return [
        _unread(text, match.span(), "half or without hemisphere") for match in _LOOKS.finditer(rest)
    ]


def _unread(text: str, span: Span, why: str) -> Unread:
    return Unread(what="position", why=why, written=tidy(text, span), span=span)


def point_of(latitude: tuple[str, str], longitude: tuple[str, str]) -> tuple[Point, int]:
    """Return point and step of two written angles with their hemispheres; ValueError if none."""
    north, notation, step = read_angle(latitude[0], wide=False)
    east, other, step_east = read_angle(longitude[0], wide=True)
    if notation != other:
        # `30N 120-30E`: whole degrees beside any other notation leave out what is nought.
        if E7 not in (step if notation == "degrees" else 0, step_east if other == "degrees" else 0):
            raise ValueError("two notations in one position")
        notation = other if notation == "degrees" else notation
        step = step_east = min(step, step_east)
    if north > 90 * E7 or east > 180 * E7:
        raise ValueError("not on the Earth")
    point = Point(
        latitude=-north if latitude[1] in _SOUTH_OR_WEST else north,
        longitude=-east if longitude[1] in _SOUTH_OR_WEST else east,
        notation=notation,
    )
    return point, max(step, step_east)


def read_angle(written: str, *, wide: bool) -> tuple[int, str, int]:
    """Return 1e-7 degrees, notation and smallest step of one written angle.

    Args:
        written: plain letters of the angle, without its hemisphere.
        wide: it is a longitude, whose degrees have three digits where nothing parts them.

    Raises:
        ValueError: sixty minutes or more, or digits that fit no notation.
    """
    written = _AFTER_MARK.sub(r".\1'", written.replace(WRAP, "").strip())
    if re.fullmatch(r"[0-9]{1,7}(?:\.[0-9]{1,7})?", written):
        numbers = _compact(written, 3 if wide else 2)
    else:
        numbers = [_decimal(part) for part in _NUMBERS.findall(written)]
    if not 1 <= len(numbers) <= 3 or any(part >= 60 for part in numbers[1:]):
        raise ValueError("sixty or more minutes or seconds")
    degrees = sum((part / 60**place for place, part in enumerate(numbers)), Decimal(0))
    places = -int(numbers[-1].as_tuple().exponent)
    step = round(Decimal(E7) / 60 ** (len(numbers) - 1) / 10**places)
    notation = ("degrees", "decimal minutes", "seconds")[len(numbers) - 1]
    return round(degrees * E7), notation, max(step, 1)


def _compact(written: str, wide: int) -> list[Decimal]:
    """Return degrees, minutes and seconds of digits without anything between them."""
    whole, dot, fraction = written.partition(".")
    if len(whole) <= wide:
        return [Decimal(written)]
    if len(whole) not in (wide + 2, wide + 4):
        raise ValueError("a number of digits that fits no notation")
    cuts = [whole[:wide], whole[wide : wide + 2], whole[wide + 2 :]]
    parts = [part for part in cuts if part]
    parts[-1] += dot + fraction
    return [Decimal(part) for part in parts]


def _decimal(written: str) -> Decimal:
    if re.fullmatch(r"[0-9.]+", written):
        return Decimal(written)
    found = number_of(written)
    if found is None:
        raise ValueError("numerals that are no number")
    return Decimal(str(found)) if found != int(found) else Decimal(int(found))
