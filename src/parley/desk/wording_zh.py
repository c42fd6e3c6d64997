"""Readers of Chinese: from coordinates and dates down to a plain number."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from parley.desk.numerals import CHINESE, HAN, LONGEST, chinese, plain
from parley.desk.wording import Readers, Values, reader, skip
from parley.desk.wording_common import (
    COORDINATES,
    DAYS,
    DESIGNATION,
    TIME,
    ZONE_OFFSET,
    angle,
    clock,
    day,
    quantity,
)

_SIDES: Final = {"北": "N", "南": "S", "东": "E", "東": "E", "西": "W"}


def _value(text: str | None) -> Fraction | None:
    return None if text is None else chinese(text)


def _month(text: str | None) -> int | None:
    value = _value(text)
    return None if value is None or value.denominator != 1 else int(value)


def _angle(match: re.Match[str]) -> Values:
    parts = [_value(match[name]) for name in ("d", "m", "s")]
    return angle(parts[0], parts[1], parts[2], _SIDES[match["side"]])


def _date(match: re.Match[str]) -> Values:
    month, year = _month(match["m"]), _value(match["y"])
    first = day(year, month, _value(match["d"]))
    if not first or match["d2"] is None:
        return first
    return (*first, *day(year, _month(match["m2"]) or month, _value(match["d2"])))


def _year(match: re.Match[str]) -> Values:
    value = _value(match["y"])
    return () if value is None or not 1000 <= value <= 2999 else (("number", plain(value)),)


def _weekday(match: re.Match[str]) -> Values:
    day_name = match["d"].replace("天", "日")
    return (("weekday", str("一二三四五六日".index(day_name) + 1)),)


def _four_digits(match: re.Match[str]) -> Values:
    found = clock(Fraction(match["h"]), Fraction(match["min"]))
    return (*found, ("zone", "UTC")) if match["z"] and found else found


def _clock(match: re.Match[str]) -> Values:
    minute = (
        Fraction(30) if match["half"] else _value(match["min"]) if match["min"] else Fraction(0)
    )
    hour = _value(match["h"])
    part = match["part"] or ""
    if part == "凌晨" and hour == 12:
        hour = Fraction(0)
    return clock(hour, minute, late=part in ("下午", "晚上", "傍晚"))


def _noon(match: re.Match[str]) -> Values:
    return (("time", "12:00" if match[0] in ("正午", "中午") else "00:00"),)


def _zone(match: re.Match[str]) -> Values:
    return (("zone", "+08:00" if match["east"] else "UTC"),)


_UNITS: Final = {
    "km/h": "公里(?:/|每)小?时|千米(?:/|每)小?时|km/h",
    "m/s": "米(?:/|每)秒|m/s",
    "km2": "平方公里|平方千米|km²",
    "nmi2": "平方海里",
    "m2": "平方米|m²",
    "working day": "个?工作日",
    "nmi": "海里|浬|nmi|NM",
    "mile": "英里",
    "km": "公里|km",
    "cm": "厘米|公分|cm",
    "mm": "毫米|mm",
    "yard": "码|碼",
    "foot": "英尺|呎|ft",
    "fathom": "英寻|噚",
    "li": "华里|里(?!程)",
    "knot": "节|節",
    "second": "秒钟?",
    "minute": "分钟|分鐘",
    "hour": "个?(?:小时|小時|钟头)",
    "week": "个?(?:周|星期|礼拜)(?![一二三四五六日天])",
    "month": "个(?:日历)?月",
    "year": "(?:周年|年)",
    "day": "个?(?:日历日|天|日)(?!元)",
    "kg": "公斤|千克|kg",
    "t": "公吨|吨|噸",
    "degree": "度|°",
    "mhz": "兆赫兹?|MHz",
    "khz": "千赫兹?|kHz",
    "hz": "赫兹?|Hz",
    "m": "米|公尺|m(?![A-Za-z])",
}
_UNIT: Final = "|".join(f"(?P<u{at}>{pattern})" for at, pattern in enumerate(_UNITS.values()))


def _quantity(match: re.Match[str]) -> Values:
    at = next(at for at in range(len(_UNITS)) if match[f"u{at}"] is not None)
    return quantity(_value(match["n"]), list(_UNITS)[at])


def _half(match: re.Match[str]) -> Values:
    whole = _value(match["n"]) if match["n"] else Fraction(0)
    unit = {"小": "hour", "年": "year", "天": "day", "日": "day"}[match["unit"][0]]
    return () if whole is None else quantity(whole + Fraction(1, 2), unit)


def _hourly(match: re.Match[str]) -> Values:
    return quantity(_value(match["n"]), "km/h")


def _share(match: re.Match[str]) -> Values:
    below, above = match["b"], _value(match["a"])
    if above is None:
        return ()
    if below in ("百", "千"):
        return (("percentage", f"{plain(above if below == '百' else above / 10)}%"),)
    divisor = _value(below)
    return (("fraction", plain(above / divisor)),) if divisor else ()


def _percents(match: re.Match[str]) -> Values:
    values = [chinese(one[0]) for one in re.finditer(CHINESE, match["list"])]
    return [("percentage", f"{plain(value)}%") for value in values if value is not None]


def _slash(match: re.Match[str]) -> Values:
    below = int(match["b"])
    return () if below == 0 else (("fraction", plain(Fraction(int(match["a"]), below))),)


def _percent(match: re.Match[str]) -> Values:
    value = _value(match["n"])
    return () if value is None else (("percentage", f"{plain(value)}%"),)


_LEVELS: Final = {
    "条": "article",
    "條": "article",
    "款": "paragraph",
    "项": "subparagraph",
    "項": "subparagraph",
    "章": "chapter",
    "节": "section",
    "節": "section",
    "部分": "part",
    "附件": "annex",
    "附录": "appendix",
    "规则": "article",
}
_JOIN: Final = r"\s*(?:、|,(?!\d{3})|和|与|及|至|到|或|–|—|-)\s*"


def _reference(match: re.Match[str]) -> Values:
    level = _LEVELS[match["level"]]
    return [
        ("reference", f"{level} {plain(value)}")
        for one in re.finditer(CHINESE, match["list"])
        if (value := chinese(one[0])) is not None
    ]


def _ordinal(match: re.Match[str]) -> Values:
    value = _value(match["n"])
    if value is None:
        return ()
    return (("", ""),) if value == 1 else (("ordinal", plain(value)),)


def _flight_level(match: re.Match[str]) -> Values:
    return (("flight level", match["n"]),)


def _item(match: re.Match[str]) -> Values:
    del match
    return (("item", "marked"),)


def _number(match: re.Match[str]) -> Values:
    text = match[0] if len(match[0]) <= LONGEST else ""
    while text:
        value = chinese(text)
        if value is not None:
            return (("", ""),) if value == 1 else (("number", plain(value)),)
        text = text[:-1]
    return ()


_N: Final = CHINESE
_PART: Final = "上午|下午|晚上|傍晚|中午|凌晨|早上|清晨"
_NOT_NUMBERS: Final = (
    "万一|万分|万物|万事|千方百计|千万|十分|十足|百姓|百般|两(?=国|军|岸|侧|方|党|地|者|端|级|边|部|种(?:文本|文字|语言))"
    "|四川|四周|四面|三亚|三沙|三门|九江|六安|九龙|五角大楼|五星|五常|再三|八一|百慕大|千岛|亿万|七台河"
)

READERS: Final[Readers] = (
    *COORDINATES,
    reader(
        rf"(?P<side>[北南](?=[纬緯])|[东西東](?=[经經]))[纬緯经經]\s*(?P<d>{_N})\s*[度°]"
        rf"(?:\s*(?P<m>{_N})\s*[分′'](?:\s*(?P<s>{_N})\s*[秒″\"])?)?",
        _angle,
    ),
    *DAYS,
    reader(
        rf"(?:(?P<y>{_N})\s*年\s*)?(?P<m>{_N})\s*月\s*(?:(?P<d>{_N})\s*[日号號]"
        rf"(?:\s*(?:至|到|-|—|–|和|、)\s*(?:(?P<m2>{_N})\s*月\s*)?(?P<d2>{_N})\s*[日号號])?)?",
        _date,
    ),
    reader(rf"(?P<y>\d{{4}}|[{HAN}]{{4}})\s*年(?!内|以内|之内|期)", _year),
    reader("(?:星期|周|礼拜)(?P<d>[一二三四五六日天])", _weekday),
    TIME,
    # As people at a watch write it, with Z, 时, or an hour of that kind behind it: 0800 至 1600Z.
    reader(
        r"(?<![\d.,])(?P<h>[012]\d)(?P<min>[0-5]\d)(?:\s?(?P<z>Z)(?![A-Za-z\d])|[时時](?!间|期|代)"
        r"|(?=\s?(?:至|到|和|、|-|–)\s?[012]\d[0-5]\d(?:\s?Z(?![A-Za-z\d])|[时時](?!间|期|代))))",
        _four_digits,
    ),
    reader(
        rf"(?P<part>{_PART})?\s*(?P<h>{_N})\s*"
        rf"(?:[时時](?!间|期|代|常)|[点點](?=\s*(?:{_N}\s*分|整|半)))"
        rf"(?:\s*(?P<min>{_N})\s*分(?!之|钟)|整|(?P<half>半))?",
        _clock,
    ),
    reader(rf"(?P<part>{_PART})\s*(?P<h>{_N})\s*[点點](?P<min>(?!))?(?P<half>(?!))?", _clock),
    reader(rf"(?:每|本|当|次|下|同)月\s*(?P<n>{_N})\s*[日号號]", _ordinal),
    reader("正午|中午|午夜", _noon),
    ZONE_OFFSET,
    reader("协调世界时|世界协调时|格林尼治(?:标准)?时间|世界时|UTC|GMT|(?P<east>北京时间)", _zone),
    reader(r"(?:FL\s?|飞行高度层\s*|高度层\s*)(?P<n>\d{2,3})(?!\d)", _flight_level),
    reader(rf"(?P<b>百|千|{_N})分之(?P<a>{_N})", _share),
    reader(rf"(?P<list>{_N}(?:\s*(?:至|到|、|和|或|-|–)\s*{_N}){{1,20}})\s*%", _percents),
    reader(rf"(?P<n>{_N})\s*(?:%|个百分点)", _percent),
    reader(r"(?<![\d/])(?P<a>\d{1,3})/(?P<b>\d{1,3})(?![\d/])", _slash),
    reader(
        rf"第\s*(?P<list>{_N}(?:{_JOIN}第?\s*{_N}){{0,20}})\s*(?P<level>条|條|款|项|項|章|节|節|部分)",
        _reference,
    ),
    reader(rf"(?P<level>附件|附录|规则)\s*(?P<list>{_N}(?:{_JOIN}{_N}){{0,20}})", _reference),
    reader(rf"第\s*(?P<n>{_N})", _ordinal),
    reader(rf"(?:每小时\s*|时速[^\d\x00{HAN}]{{0,8}})(?P<n>{_N})\s*公里", _hourly),
    reader(rf"(?:(?P<n>{_N})个|(?<![上下前后]))半个?(?P<unit>小时|年|天|日)(?!分)", _half),
    reader(rf"(?P<n>{_N})\s*(?:{_UNIT})", _quantity),
    DESIGNATION,
    reader(
        r"\((?:[一二三四五六七八九十]{1,3}|[a-z]|[ivx]{1,4}|\d{1,2})\)"
        r"|^[ \t]*(?:[一二三四五六七八九十]{1,3}、|\d{1,2}(?:[.)](?=\s)|、))",
        _item,
        re.MULTILINE,
    ),
    reader(rf"(?<![{HAN}\d])(?:{_NOT_NUMBERS})", skip),
    reader(_N, _number),
)
