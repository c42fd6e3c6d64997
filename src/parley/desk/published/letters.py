"""The letters of a text made plain, one for one, so that places in the text stay true.

Full-width digits and letters, the many dashes, primes and blanks become ASCII; Chinese numerals
are read where they stand, because `十五` is two characters and one number.
"""

from __future__ import annotations

import re
from typing import Final

from parley.desk.published.model import Span

_PLAIN: Final = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, "‐‑‒–—―−﹣－─～~"), "-"),
    **dict.fromkeys(map(ord, "′’‘ʹˊ＇`´"), "'"),
    **dict.fromkeys(map(ord, "″“”ʺ＂〃〝〞〟"), '"'),
    **dict.fromkeys(map(ord, "º˚゜度"), "°"),
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u200a\u202f\u3000\ufeff\u200b\t"), " "),
    **dict.fromkeys(map(ord, "、，﹐"), ","),
    **dict.fromkeys(map(ord, "；"), ";"),
    ord("。"): ".",
    ord("｡"): ".",
    ord("点"): "点",
    ord("點"): "点",
    ord("時"): "时",
    ord("東"): "东",
    ord("緯"): "纬",
    ord("經"): "经",
    ord("號"): "号",
    ord("裡"): "里",
    ord("浬"): "浬",
    ord("圓"): "圆",
    ord("徑"): "径",
    ord("範"): "范",
    ord("圍"): "围",
    ord("區"): "区",
    ord("連"): "连",
    ord("線"): "线",
    ord("為"): "为",
    ord("進"): "进",
    ord("實"): "实",
    ord("彈"): "弹",
    **dict(
        zip(
            map(ord, "橢廢註銷內側當從於國兩臺順結標禁"),
            "椭废注销内侧当从于国两台顺结标禁",
            strict=True,
        )
    ),
    ord("\r"): " ",
}
_DIGITS: Final = {
    **{sign: place for place, sign in enumerate("零一二三四五六七八九")},
    "〇": 0,
    "○": 0,
    "两": 2,
    "兩": 2,
}
_TENS: Final = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}

_NUMERALS: Final = "〇○零一二两兩三四五六七八九十百千万"
INTEGER: Final = rf"(?:[0-9]{{1,9}}|[{_NUMERALS}]{{1,12}})"
NUMBER: Final = (
    rf"(?:[0-9]{{1,9}}(?:\.[0-9]{{1,7}})?|[{_NUMERALS}]{{1,12}}(?:点[{_NUMERALS[:12]}]{{1,7}})?)"
)
"""A number in digits or in Chinese numerals."""
_WORDS: Final = {
    word: value
    for value, word in enumerate(
        [
            "ZERO",
            "ONE",
            "TWO",
            "THREE",
            "FOUR",
            "FIVE",
            "SIX",
            "SEVEN",
            "EIGHT",
            "NINE",
            "TEN",
            "ELEVEN",
            "TWELVE",
        ]
    )
} | {"FIFTEEN": 15, "TWENTY": 20, "TWENTY-FIVE": 25, "THIRTY": 30, "FIFTY": 50, "HALF": 0.5}
WORD_NUMBER: Final = "|".join(sorted(_WORDS, key=len, reverse=True))


def plain_letters(text: str) -> str:
    """Return the text in plain upper-case letters, of the same length as it was."""
    plain = text.translate(_PLAIN)
    # A few letters grow when made upper-case (ß, ŉ); they stay as they are.
    return "".join(up if len(up := char.upper()) == 1 else char for char in plain)


def number_of(written: str) -> float | None:
    """Return the number that digits, an English word or Chinese numerals mean, None if none."""
    written = written.strip()
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,7})?", written):
        return float(written)
    if written in _WORDS:
        return float(_WORDS[written])
    whole, _, parts = written.partition("点")
    found = _chinese(whole)
    if found is None or not all(sign in _DIGITS for sign in parts):
        return None
    if parts:
        return float(f"{found}." + "".join(str(_DIGITS[sign]) for sign in parts))
    return float(found)


def whole_of(written: str) -> int | None:
    """Return the whole number that is written, None if it is none."""
    found = number_of(written)
    return int(found) if found is not None and found == int(found) else None


def _chinese(written: str) -> int | None:
    """Return the value of Chinese numerals: `二〇二三` digit by digit, `二十五` by tens."""
    if not written or any(sign not in _DIGITS and sign not in _TENS for sign in written):
        return None
    if all(sign in _DIGITS for sign in written):
        return int("".join(str(_DIGITS[sign]) for sign in written))
    total, digit = 0, None
    for sign in written:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif sign == "万":
            total, digit = (total + (digit or 0)) * _TENS[sign], None
        else:
            total += (1 if digit is None else digit) * _TENS[sign]
            digit = None
    return total + (digit or 0)


def tidy(text: str, span: Span) -> str:
    """Return the characters of a span on one line, at most 200 of them."""
    return " ".join(text[span[0] : span[1]].split())[:200]


def blank(text: str, spans: list[Span]) -> str:
    """Return the text with some spans blanked, of the same length."""
    signs = list(text)
    for start, end in spans:
        signs[start:end] = " " * (end - start)
    return "".join(signs)
