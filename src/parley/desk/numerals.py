"""Numbers as people write them, in English and Chinese: digits, words, 万 and 亿, 大写.

Full-width digits are taken as digits; every value is exact.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

_ONES: Final = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS: Final = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SMALL: Final = {word: value for value, word in enumerate(_ONES)} | {
    word: 10 * value for value, word in enumerate(_TENS, start=2)
}
_SCALES: Final = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_WORD: Final = "|".join(sorted((*_SMALL, *_SCALES), key=len, reverse=True))
DIGITS: Final = (
    r"(?<!\d)(?:\d{1,3}(?:[,\u00a0\u202f ]\d{3}){1,8}(?!\d)|\d{1,40}(?!\d))(?:\.\d{1,20})?"
)
"""Every repetition is bounded: what a peer wrote must not keep a station busy."""
ENGLISH: Final = (
    rf"(?:{DIGITS}(?:\s+(?:hundred|thousand|million|billion)\b)?"
    rf"|(?i:(?:a\s+(?=hundred\b|thousand\b|million\b|billion\b))?\b(?:{_WORD})\b"
    rf"(?:(?:(?:(?<=hundred)|(?<=thousand)|(?<=million)|(?<=billion))\s+and\s+|[\s-]+)"
    rf"(?:{_WORD})\b){{0,14}}))"
)
"""A number in English, to stand within another pattern."""
LISTED: Final = rf"(?:{DIGITS}|(?i:\b(?:{_WORD})(?:-(?:{_WORD}))?\b))"
"""A number in English within a list: without an `and` of its own, which would be read two ways."""

_HAN: Final = {
    char: value
    for value, chars in enumerate(
        ("零〇○", "一壹", "二两兩贰貳", "三叁叄", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
    )
    for char in chars
}
_UNITS: Final = {
    char: value
    for value, chars in (
        (10, "十拾"),
        (100, "百佰"),
        (1000, "千仟"),
        (10**4, "万萬"),
        (10**8, "亿億"),
    )
    for char in chars
}
HAN: Final = "".join((*_HAN, *_UNITS))
"""Every character that Chinese numbers are written with."""
_HAN_UNITS: Final = "".join(_UNITS)
_PLAIN_DIGITS: Final = r"(?<!\d)(?:\d{1,3}(?:,\d{3}){1,8}(?!\d)|\d{1,40}(?!\d))(?:\.\d{1,20})?"
CHINESE: Final = (
    rf"(?:(?:{_PLAIN_DIGITS}(?:\s(?=[{_HAN_UNITS}]))?|[{HAN}])(?:[{HAN}]|(?<=[{_HAN_UNITS}]){_PLAIN_DIGITS}){{0,40}}"
    rf"(?:点[{''.join(_HAN)}]{{1,20}})?)"
)
"""A number in Chinese, to stand within another pattern."""
_TOKEN: Final = re.compile(rf"{_PLAIN_DIGITS}|[{HAN}]")
LONGEST: Final = 200
"""Characters; no number of an agreement is longer, and Python refuses thousands of digits."""
_WIDE: Final = {0xFF01 + at: 0x21 + at for at in range(0x5E)} | {0x3000: 0x20}


def narrow(text: str) -> str:
    """Return the text with full-width signs made narrow; every sign keeps its place."""
    return text.translate(_WIDE)


def plain(value: Fraction) -> str:
    """Return the shortest exact form: `12`, `0.5`, `1/3`."""
    below = value.denominator
    for prime in (2, 5):
        while below % prime == 0:
            below //= prime
    if below != 1:
        return f"{value.numerator}/{value.denominator}"
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    digits = str(abs(int(value * 10**places))).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def english(text: str) -> Fraction | None:
    """Return the value of a number in English, None where the words make none."""
    if len(text) > LONGEST:
        return None
    match = re.fullmatch(rf"({DIGITS})(?:\s+(\w+))?", text.strip())
    if match is not None:
        scale = _SCALES.get((match[2] or "").lower(), 1)
        return Fraction(re.sub(r"[,\s]", "", match[1])) * scale
    total, section, last = 0, 0, 10**12
    words = re.findall(r"[a-z]+", text.lower())
    for at, word in enumerate(words):
        if word in ("and", "a"):
            section += word == "a" and at == 0
        elif word in _SMALL:
            room = 100 if section % 100 == 0 else 10 if section % 100 >= 20 else 0
            if _SMALL[word] >= room or (section % 10 and room == 10):
                return None
            section += _SMALL[word]
        elif word == "hundred" and 0 < section < 100:
            section *= 100
        elif word in _SCALES and section > 0 and _SCALES[word] < last:
            last = _SCALES[word]
            total, section = total + section * last, 0
        else:
            return None
    return Fraction(total + section) if words else None


def chinese(text: str) -> Fraction | None:
    """Return the value of a number in Chinese, None where the signs make none."""
    if len(text) > LONGEST:
        return None
    whole, point, part = text.strip().partition("点")
    if point:
        value = chinese(whole)
        places = "".join(str(_HAN.get(char, "x")) for char in part)
        return value + Fraction(f"0.{places}") if value is not None and places.isdigit() else None
    tokens = _TOKEN.findall(whole)
    if "".join(tokens) != whole.replace(" ", "") or not tokens:
        return None
    if all(token in _HAN for token in tokens):
        return Fraction("".join(str(_HAN[token]) for token in tokens))
    return _with_units(tokens)


def _with_units(tokens: list[str]) -> Fraction | None:
    """Return the value of digits with 十, 百, 千, 万 and 亿 between them."""
    total = section = Fraction(0)
    current: Fraction | None = None
    unit, zero = 0, False
    for token in tokens:
        if token in _UNITS:
            unit = _UNITS[token]
            if unit < 10**4:
                if current is None and (unit != 10 or section % 100):
                    return None
                section += (1 if current is None else current) * unit
            else:
                section += current or 0
                if not section and not (total and unit == 10**8):
                    return None
                total = (total + section) * unit if unit == 10**8 else total + section * unit
                section = Fraction(0)
            current, zero = None, False
            continue
        if current is not None:
            return None
        value = Fraction(_HAN[token]) if token in _HAN else Fraction(token.replace(",", ""))
        if value == 0 and unit:
            zero = True
        else:
            current = value
    if current is not None and unit >= 100 and not zero and current < 10:
        # 一百二 is 120, 三万五 is 35,000; 一百零二 is 102.
        current *= unit // 10
    return total + section + (current or 0)
