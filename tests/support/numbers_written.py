"""Numbers written out in English and Chinese, for tests of what reads them."""

from __future__ import annotations

_SMALL = [
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
_TENS = ["x", "x", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def english_words(number: int) -> str:
    """Return a number below 10^9 in words."""
    for value, name in ((10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= value:
            rest = number % value
            joint = " and " if rest and rest < 100 else " "
            return f"{english_words(number // value)} {name}{joint + english_words(rest) if rest else ''}"
    if number < 20:
        return _SMALL[number]
    ten, one = divmod(number, 10)
    return _TENS[ten] + (f"-{_SMALL[one]}" if one else "")


def han(number: int, *, formal: bool = False) -> str:
    """Return a number below 10^9 in Chinese, in capital characters if formal."""
    digits, units = (
        ("零壹贰叁肆伍陆柒捌玖", "拾佰仟萬億") if formal else ("零一二三四五六七八九", "十百千万亿")
    )
    if number == 0:
        return digits[0]
    parts: list[str] = []
    for value, unit in ((10**8, units[4]), (10**4, units[3]), (1, "")):
        section, number = divmod(number, value)
        if section:
            said = _section(section, digits, units)
            gap = bool(parts) and section < 1000
            parts.append((digits[0] if gap else "") + said + unit)
    return "".join(parts)


def _section(section: int, digits: str, units: str) -> str:
    said, gap = "", False
    for value, unit in ((1000, units[2]), (100, units[1]), (10, units[0]), (1, "")):
        digit, section = divmod(section, value)
        if digit:
            said += (digits[0] if gap and said else "") + digits[digit] + unit
            gap = False
        else:
            gap = True
    return said
