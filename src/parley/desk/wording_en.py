"""Readers of English: from coordinates and dates down to a plain number."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from parley.desk.numerals import DIGITS, ENGLISH, LISTED, LONGEST, english, plain
from parley.desk.wording import Readers, Values, reader, skip
from parley.desk.wording_common import (
    COORDINATES,
    DAYS,
    DESIGNATION,
    MONTHS,
    TIME,
    ZONE_OFFSET,
    angle,
    clock,
    day,
    month_of,
    quantity,
)

_I: Final = re.IGNORECASE
_MONTH: Final = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_NTH_WORDS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_NTH: Final = _NTH_WORDS.split()
_ORDINALS: Final = {
    **{word: value for value, word in enumerate(_NTH, start=1)},
    "thirtieth": 30,
    **{f"twenty-{word}": 20 + value for value, word in enumerate(_NTH[:9], start=1)},
    **{f"thirty-{word}": 30 + value for value, word in enumerate(_NTH[:9], start=1)},
}
_ORDINAL: Final = (
    r"(?:\d{1,4}(?:st|nd|rd|th)\b|(?i:"
    + "|".join(rf"\b{word}\b" for word in sorted(_ORDINALS, key=len, reverse=True))
    + "))"
)
_DAY: Final = rf"(?:\d{{1,2}}(?![\d:])|{_ORDINAL})"
_YEAR: Final = (
    rf"(?:\d{{4}}(?!\d)|(?i:(?:nineteen\s+hundred|two\s+thousand)(?:\s+and\s+)?)(?:{ENGLISH})?)"
)
_ROMAN: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def _ordinal(text: str | None) -> Fraction | None:
    if text is None:
        return None
    digits = re.match(r"\d+", text)
    if digits is not None:
        return Fraction(digits[0])
    value = _ORDINALS.get(text.lower())
    return None if value is None else Fraction(value)


def _year(text: str | None) -> Fraction | None:
    return None if text is None else english(text)


def _date(match: re.Match[str]) -> Values:
    parts = match.groupdict()
    year = _year(parts.get("y"))
    found: list[tuple[str, str]] = []
    for name in ("d1", "d"):
        if parts.get(name) is not None:
            found += day(year, month_of(match["mon"]), _ordinal(parts[name]))
    return found


def _month_year(match: re.Match[str]) -> Values:
    return day(_year(match["y"]), month_of(match["mon"]), None)


def _month(match: re.Match[str]) -> Values:
    return day(None, month_of(match["mon"]), None)


def _weekday(match: re.Match[str]) -> Values:
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return (("weekday", str(names.index(match[0][:3].lower()) + 1)),)


def _half_day(match: re.Match[str]) -> Values:
    hour = Fraction(match["h"])
    late = match["half"].lower().startswith("p")
    if hour > 12:
        return ()
    return clock(hour if late or hour < 12 else Fraction(0), Fraction(match["m"] or 0), late=late)


def _hours(match: re.Match[str]) -> Values:
    found = clock(Fraction(match["h"]), Fraction(match["m"]))
    return (*found, ("zone", "UTC")) if match["z"] == "Z" and found else found


def _four_digits(match: re.Match[str]) -> Values:
    return clock(Fraction(match["h"] or match["h2"]), Fraction(match["m"]))


def _noon(match: re.Match[str]) -> Values:
    return (("time", "12:00" if match[0].lower() == "noon" else "00:00"),)


def _zone(match: re.Match[str]) -> Values:
    return (("zone", "+08:00" if match["east"] else "UTC"),)


def _angle(match: re.Match[str]) -> Values:
    numbers = [english(match[name]) if match[name] else None for name in ("d", "m", "s")]
    side = (match["side"] or "")[:1].upper()
    return angle(numbers[0], numbers[1], numbers[2], side) if side else ()


_UNITS: Final = {
    "km/h": r"kilomet(?:re|er)s?\s+(?:per|an)\s+hour|km/h",
    "m/s": r"met(?:re|er)s?\s+per\s+second|m/s",
    "km2": r"square\s+kilomet(?:re|er)s?|km²|sq\.?\s?km",
    "nmi2": r"square\s+(?:nautical|sea)\s+miles?",
    "m2": r"square\s+met(?:re|er)s?|m²",
    "working day": r"(?:working|business)\s+days?",
    "nmi": r"(?:nautical|sea)[\s-]+miles?|nmi|NM",
    "mile": r"(?:statute\s+)?miles?",
    "km": r"kilomet(?:re|er)s?|km",
    "cm": r"centimet(?:re|er)s?|cm",
    "mm": r"millimet(?:re|er)s?|mm",
    "m": r"met(?:re|er)s?|m",
    "yard": r"yards?|yds?",
    "foot": r"foot|feet|ft",
    "fathom": r"fathoms?",
    "li": r"li",
    "knot": r"knots?|kn|kts?",
    "second": r"seconds?|s",
    "minute": r"minutes?|min",
    "hour": r"hours?|h|hrs?",
    "day": r"(?:calendar\s+)?days?",
    "week": r"weeks?",
    "month": r"(?:calendar\s+)?months?",
    "year": r"years?",
    "kg": r"kilograms?|kg",
    "t": r"(?:metric\s+)?tonnes?|(?:metric\s+)tons?",
    "degree": r"degrees?|°",
    "mhz": r"megahertz|MHz",
    "khz": r"kilohertz|kHz",
    "hz": r"hertz|Hz",
}
_UNIT: Final = "|".join(f"(?P<u{at}>{pattern})" for at, pattern in enumerate(_UNITS.values()))


def _quantity(match: re.Match[str]) -> Values:
    at = next(at for at in range(len(_UNITS)) if match[f"u{at}"] is not None)
    return quantity(english(match["n"]), list(_UNITS)[at])


def _percent(match: re.Match[str]) -> Values:
    value = english(match["n"])
    return () if value is None else (("percentage", f"{plain(value)}%"),)


def _percents(match: re.Match[str]) -> Values:
    values = [english(one[0]) for one in re.finditer(DIGITS, match["list"])]
    return [("percentage", f"{plain(value)}%") for value in values if value is not None]


def _numbered(match: re.Match[str]) -> Values:
    return (("ordinal", str(int(match["n"]))),)


def _slash(match: re.Match[str]) -> Values:
    below = int(match["b"])
    return () if below == 0 else (("fraction", plain(Fraction(int(match["a"]), below))),)


_PARTS: Final = {"half": 2, "halves": 2, "quarter": 4, "quarters": 4}


def _share(match: re.Match[str]) -> Values:
    above, name = english(match["a"]), match["b"].lower()
    below = _PARTS.get(name) or _ORDINALS.get(name.removesuffix("s")) or _ORDINALS.get(name)
    if above is None or below is None or above >= below:
        return ()
    return (("fraction", plain(above / below)),)


_LEVELS: Final = {
    "article": r"articles?|arts?\.|rules?|regulations?",
    "subparagraph": r"sub-?paragraphs?|items?",
    "paragraph": r"paragraphs?|paras?\.",
    "chapter": "chapters?",
    "section": "sections?",
    "part": "parts?",
    "annex": "annex(?:es)?",
    "appendix": "appendi(?:x|ces)",
}
_LEVEL: Final = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _LEVELS.items())
_FIRST: Final = rf"(?:{ENGLISH}|[IVXLC]{{1,8}}(?![A-Za-z]))"
_ONE_OF_THEM: Final = rf"(?:{LISTED}|[IVXLC]{{1,8}}(?![A-Za-z]))"


def _reference(match: re.Match[str]) -> Values:
    level = next(name for name in _LEVELS if match[name] is not None)
    found: list[tuple[str, str]] = []
    for one in re.finditer(_FIRST, match["list"]):
        value = _roman(one[0]) if one[0][0] in _ROMAN else english(one[0])
        if value is not None:
            found.append(("reference", f"{level} {plain(value)}"))
    if match["under"] is not None and level == "article":
        found.append(("reference", f"paragraph {match['under']}"))
    return found


def _half(match: re.Match[str]) -> Values:
    whole = english(match["n"]) if match["n"] else Fraction(0)
    return () if whole is None else quantity(whole + Fraction(1, 2), match["unit"].lower())


def _roman(text: str) -> Fraction:
    values = [_ROMAN[char] for char in text]
    after = [*values[1:], 0]
    return Fraction(
        sum(-one if one < then else one for one, then in zip(values, after, strict=True))
    )


def _ordinal_value(match: re.Match[str]) -> Values:
    value = _ordinal(match[0])
    return (("", ""),) if value in (None, 1) else (("ordinal", plain(value or Fraction(0))),)


def _flight_level(match: re.Match[str]) -> Values:
    return (("flight level", match["n"]),)


def _item(match: re.Match[str]) -> Values:
    del match
    return (("item", "marked"),)


def _times(match: re.Match[str]) -> Values:
    low = match[0].lower()
    return (("number", "2" if low == "twice" or "dupl" in low else "3"),)


def _number(match: re.Match[str]) -> Values:
    text = match[0] if len(match[0]) <= LONGEST else ""
    while text:
        value = english(text)
        if value is not None:
            return (("", ""),) if value == 1 else (("number", plain(value)),)
        text = text.rpartition(" ")[0].strip()
    return ()


_SIDES: Final = (
    r"(?:sides|coast\s+guards|countries|parties|governments|militaries|states|nations|navies|armed\s+forces"
    r"|ministries|defen[cs]e\s+ministries|capitals|peoples|armies)"
)

READERS: Final[Readers] = (
    *COORDINATES,
    reader(
        rf"(?:latitude\s+)?(?P<d>{ENGLISH})\s+degrees?(?:,?\s+(?:and\s+)?(?P<m>{ENGLISH})\s+minutes?"
        rf"(?:,?\s+(?:and\s+)?(?P<s>{ENGLISH})\s+seconds?)?)?\s+(?P<side>north|south|east|west)\b",
        _angle,
        _I,
    ),
    *DAYS,
    reader(
        rf"(?:(?P<d1>{_DAY})\s*(?:to|and|or|until|–|—|-)\s*(?:the\s+)?)?(?P<d>{_DAY})"
        rf"(?:\s+day)?(?:\s+of)?\s+(?P<mon>{_MONTH})(?:,?\s+(?:in\s+the\s+year\s+)?(?P<y>{_YEAR}))?",
        _date,
    ),
    reader(
        rf"(?P<mon>{_MONTH})\s+(?:(?P<d1>{_DAY})\s*(?:to|and|–|—|-)\s*)?(?P<d>{_DAY})"
        rf"(?:,?\s+(?P<y>{_YEAR}))?",
        _date,
    ),
    reader(rf"(?P<mon>{_MONTH}),?\s+(?:of\s+)?(?P<y>{_YEAR})", _month_year),
    reader(
        r"\b(?:in|of|by|until|since|from|to|before|after|during|early|late|mid|every|each)[\s-]+"
        rf"(?P<mon>{'|'.join(name.title() for name in MONTHS)})\b",
        _month,
    ),
    reader(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b", _weekday),
    reader(
        r"(?<![\d:])(?P<h>\d{1,2})(?:[:.](?P<m>\d{2}))?\s?(?P<half>[ap]\.?m\b\.?)", _half_day, _I
    ),
    TIME,
    reader(
        r"(?<!within )(?<!least )(?<!for )(?<!next )(?<![\d.,])(?P<h>[012]\d)(?P<m>[0-5]\d)"
        r"(?:\s?(?:hours\b|hrs\b|h\b|(?P<z>Z)\b)"
        r"|(?=\s?(?:and|to|until|-|–)\s?[012]\d[0-5]\d\s?(?:hours|hrs|h|Z)\b))",
        _hours,
    ),
    reader(
        r"(?<![\d.,])(?:(?P<h>0\d)|(?:(?<=0\d{3}-)|(?<=0\d{3}–)|(?<=0\d{3} to ))(?P<h2>[012]\d))"
        r"(?P<m>[0-5]\d)(?![\d.,]\d)(?!\d)",
        _four_digits,
    ),
    reader(r"\b(?:noon|midnight)\b", _noon, _I),
    ZONE_OFFSET,
    reader(
        r"\b(?:UTC|GMT|Zulu|Coordinated Universal Time"
        r"|(?P<east>(?:Beijing|China Standard) Time))\b",
        _zone,
        _I,
    ),
    reader(r"\b(?:FL\s?|flight\s+level\s+)(?P<n>\d{2,3})\b", _flight_level, _I),
    reader(
        rf"(?P<list>{DIGITS}(?:\s*(?:,\s(?:\s*and\b)?|\band\b|\bto\b|\bor\b|–|-)\s*{DIGITS}){{1,20}})"
        r"\s*(?:%|per\s?cent\b)",
        _percents,
        _I,
    ),
    reader(rf"(?P<n>{ENGLISH})\s*(?:%|(?:per\s?cent|percentage\s+points?)\b)", _percent, _I),
    reader(
        rf"\b(?:{_LEVEL})\s*(?P<list>{_FIRST}(?:\s*(?:,(?!\d)|and|or|to|through|–|-(?=[\dIVXLC]))\s*{_ONE_OF_THEM}){{0,20}})"
        r"(?:\s*\((?P<under>\d{1,2})\))?",
        _reference,
        _I,
    ),
    reader(
        rf"(?:(?P<n>{ENGLISH})\s+and\s+a\s+half|\bhalf(?:\s+an?|-an?)?)[\s-]+(?P<unit>hour|day|year)s?\b",
        _half,
        _I,
    ),
    reader(r"(?<![\d/])(?P<a>\d{1,3})/(?P<b>\d{1,3})(?![\d/])", _slash),
    reader(
        rf"(?P<a>{ENGLISH})[\s-](?P<b>half|halves|quarters?"
        rf"|(?:{'|'.join(_NTH[2:])})s?)\b",
        _share,
        _I,
    ),
    reader(rf"(?<![\w.,])(?P<n>{ENGLISH})[\s-]*(?:{_UNIT})(?![A-Za-z/])", _quantity, _I),
    DESIGNATION,
    reader(r"\((?:[a-z]|[ivx]{1,4}|\d{1,2})\)|^[ \t]*\d{1,2}[.)](?=\s)", _item, re.MULTILINE),
    reader(r"\bNo\.\s?(?P<n>\d{1,9})(?!\d)", _numbered),
    reader(_ORDINAL, _ordinal_value),
    reader(r"\b(?:twice|thrice|in\s+duplicate|in\s+triplicate)\b", _times, _I),
    reader(rf"\btwo\s+(?:\w+\s+)?{_SIDES}\b", skip, _I),
    reader(ENGLISH, _number),
)
