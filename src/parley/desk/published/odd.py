"""Places that are drawn nowhere, because words make of them what no shape here can hold.

A circle, line or ring in their place would be another area.

Told with the reason instead: one side of a line, a part of a circle, a side along a coast or an
arc, what is taken out of an area, a correction of another notice, a bearing from a position.
"""

from __future__ import annotations

import re
from typing import Final

from parley.desk.published.lengths import AROUND, LENGTH

_SIDE: Final = r"(?:NORTH|SOUTH|EAST|WEST){1,2}(?:WARDS?|ERN|ERLY)?|[NSEW]{1,3}"
_ONE_SIDE: Final = re.compile(
    rf"{LENGTH}\s+(?:TO\s+)?(?:THE\s+)?(?:{_SIDE})\s+(?:SIDE\s+)?(?:OF|FROM)\b"
    rf"|\b(?:{_SIDE})\s+(?:SIDE\s+)?OF\s+(?:AN?\s+|THE\s+)?(?:STRAIGHT\s+)?(?:LINE|TRACK)"
    rf"|\b(?:OUTSIDE|BEYOND)\s+(?:OF\s+)?{LENGTH}\s+(?:OF|FROM)\b"
)
_ONE_SIDE_AFTER: Final = re.compile(
    rf"\s?(?:[0-9一二两三四五六七八九十]{{0,3}}点?)?(?:连线)?\s?(?:以|之|的)?[东南西北]{{1,2}}(?:侧|方|面|部)?\s?{LENGTH}"
    r"|\s?(?:[0-9一二两三四五六七八九十]{0,3}点?)?(?:连线)?\s?以[东南西北]{1,2}"
    rf"|\s?{LENGTH}\s?(?:以外|之外|外)"
)
_PART_OF_CIRCLE: Final = re.compile(
    r"半圆|扇形|扇区|SEMI[\s-]?CIRC|HALF[\s-](?:A[\s-])?CIRC|SECTOR\b(?=[^.;]{0,60}(?:DEG|BEARING|[0-9]{3}))"
)
_SECTOR: Final = re.compile(r"SECTOR\b[^.;]{0,60}(?:DEG|RADIAL|BEARING)|RADIALS?\b|扇形|扇区")
_ELLIPSE: Final = re.compile(r"\bELLIP(?:SE|TIC)|椭圆")
_BY_SIDES: Final = re.compile(
    r"\b(?:RECTANG(?:LE|ULAR)|SQUARE(?!\s+(?:MILES?|KILOMET|NM|KM|METRE|METER)))\b|正方形|长方形|矩形|边长"
)
_EDGE: Final = re.compile(
    r"\bALONG\s+(?:THE\s+|AN?\s+)?(?:[A-Z]{1,12}[\s-]{1,2}){0,3}(?:COAST|SHORE|BOUNDARY|BDRY|BORDER|FIR|LIMITS?)\b"
    r"|\bTO\s+(?:THE\s+)?(?:COAST|SHORE)\b|\b(?:COAST|SHORE)[\s-]?LINES?\b|\bARCS?\b|CLOCKWISE|\bFIR\s+(?:BDRY|BOUNDARY)"
    r"|岸线|沿海?岸|圆弧|弧线|时针|边界线|边界(?=至|到|,|与|和|连)"
)
_OUT: Final = re.compile(
    r"\b(?:EXCLUDING|EXCLUDES?|EXCL?\.?|EXCEPT(?:ING)?(?:\s+FOR)?|OUTSIDE(?:\s+OF)?|MINUS)\s+"
    r"(?:THE\s+|THAT\s+|AN?\s+)?(?:AREAS?|PART|PORTION|REGION|CIRCLE|WATERS|AIRSPACE|ZONE|WITHIN|WI)\b[^.;]{0,80}$"
    r"|(?:扣除|除去|不含|不包括|除)[^.;外日周]{0,30}$"
)
_OUT_AFTER: Final = re.compile(r"[^.;0-9]{0,24}(?:除外|以外|之外|不含在内|EXCLUDED|EXCEPTED)")
_NEW: Final = re.compile(
    r"(?:\b(?:DELETE|INSERT|ADD)\b|删除|增加|\bREADS?|SHOULD\s+BE|(?:AMEND|CORRECT|CHANGE)[A-Z]{0,3}\b[^.;]{0,40}\bTO"
    r"|应为|应改为|更正为|改为|修改为|变更为|修正为)[\s:]*(?:POSITIONS?\s*:?\s*)?$"
)
_OLD: Final = re.compile(
    r"[\s,)]*(?:(?:SHOULD\s+|TO\s+)?READ\b|SHOULD\s+BE\b|(?:IS|ARE)\s+(?:AMENDED|CORRECTED|CHANGED)\s+TO"
    r"|应为|应改为|更正为|改为|修改为|变更为|修正为)"
)
_RING: Final = re.compile(
    rf"BETWEEN\s+(?:{LENGTH}|[0-9]{{1,4}}(?:\.[0-9]{{1,3}})?)\s+AND\s+{LENGTH}\s+(?:OF|FROM)\b[^.;]{{0,40}}$"
)
"""What lies between two circles."""
_WIDER: Final = re.compile(
    rf"[\s,)]*(?:AND\s+)?(?:EXTENDED|ENLARGED|EXPANDED|INCREASED)\s+(?:BY\s+)?{LENGTH}"
)
_BEARING: Final = re.compile(
    rf"{LENGTH}[\s,]+(?:ON\s+)?(?:BEARING\s+)?\(?[0-9]{{3}}(?:\.[0-9])?\)?\s?(?:DEG[A-Z.]{{0,5}}|°|T\b)?\s?(?:\(?T(?:RUE)?\)?)?\s?"
    rf"(?:FROM|OFF|OF)\b[^.;]{{0,40}}$"
    rf"|[0-9]{{3}}(?:\.[0-9])?\s?(?:DEG[A-Z.]{{0,5}}|°|T\b)\s?(?:\(?T(?:RUE)?\)?)?[\s,]+(?:AND\s+|AT\s+|DISTANCE\s+)?{LENGTH}\s+"
    rf"(?:FROM|OFF|OF)\b[^.;]{{0,40}}$"
)
_BEARING_AFTER: Final = re.compile(
    rf"[^.;]{{0,12}}(?:方位|真方位)[^.;]{{0,12}}[0-9]{{1,3}}(?:\.[0-9])?\s?[°度]?[^.;]{{0,10}}{LENGTH}"
)
_SENTENCE: Final = re.compile(r"[.;](?=\s|$)")
_NEAR: Final = 120


def odd_of(lead: str, trail: str, spots: int) -> tuple[str, int, int] | None:
    """Return why positions make no shape, None where they may.

    Args:
        lead: plain letters before the first of them, back to the position before.
        trail: plain letters behind the last of them, up to the next position.
        spots: how many positions there are.

    Returns:
        The reason, and how many characters of lead and trail belong to what is told.
    """
    near = last_sentence(lead)
    behind = first_sentence(trail)
    if _ELLIPSE.search(behind) or _ELLIPSE.search(near):
        return "an ellipse", 0, 0
    for why, pattern in (
        ("an area on one side", _ONE_SIDE),
        ("part of a circle", _RING),
        ("a bearing and distance", _BEARING),
        ("taken out of an area", _OUT),
        ("a correction", _NEW),
    ):
        if match := _final(pattern, near):
            return why, len(near) - match.start(), 0
    for why, pattern in (
        ("an area on one side", _ONE_SIDE_AFTER),
        ("a distance around several positions", _WIDER),
        ("a bearing and distance", _BEARING_AFTER),
        ("taken out of an area", _OUT_AFTER),
        ("a correction", _OLD),
    ):
        if match := pattern.match(trail):
            return why, 0, match.end()
    return None if spots != 1 else _part(near, behind)


def has_edge(words: str) -> bool:
    """Say whether words speak of a side along a coast, a boundary or an arc."""
    return bool(_EDGE.search(words))


def last_sentence(words: str) -> str:
    """Return what stands behind the last end of a sentence, of the last 120 characters."""
    return _SENTENCE.split(words[-_NEAR:])[-1]


def first_sentence(words: str) -> str:
    """Return what stands before the first end of a sentence, of the first 120 characters."""
    return _SENTENCE.split(words[:_NEAR], maxsplit=1)[0]


def _part(near: str, behind: str) -> tuple[str, int, int] | None:
    if _BY_SIDES.search(near) or _BY_SIDES.search(behind):
        return "a shape by its sides", 0, 0
    around = AROUND.search(near) or AROUND.search(behind)
    words = f"{near} {behind}"
    if (around and _PART_OF_CIRCLE.search(words)) or _SECTOR.search(words):
        return "part of a circle", 0, 0
    return None


def _final(pattern: re.Pattern[str], words: str) -> re.Match[str] | None:
    """Return where a pattern stands last."""
    return next(reversed(list(pattern.finditer(words))), None)
