"""Words of other languages for times and areas, put into the words that are read.

Notices of France, Russia, Japan and Korea are written in the forms of all others, with their own
words between the figures. A word is replaced only by one that is no longer, so that places in the
text stay true; what has no such word stays, and is told as not read.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

_BEFORE: Final = r"(?:(?<=[0-9]\s)|(?<=UTC\s)|(?<=[0-9]Z\s))"
_FRENCH: Final = (
    (r"\bDU\b(?=\s+[0-9])", "FM"),
    (r"\bAU\b(?=\s+[0-9])", "TO"),
    (r"\bDE\b(?=\s+[0-9]{4}\s?(?:UTC|Z|TU)\b)", "FM"),
    (r"(?:(?<=UTC\s)|(?<=[0-9]Z\s)|(?<=[0-9]{4}\s))[AÀ]\b(?=\s+[0-9]{4}\s?(?:UTC|Z)\b)", "-"),
    (r"\bSAUF\b(?:\s+LES?\b)?", "EXC"),
    (r"\bREPORT[EÉ]E?S?\b", "DELAYED"),
    (r"\bLES?\b(?=\s+[0-9])", "ON"),
    (r"\bLE\b(?=\s+(?:LUNDI|MARDI|MERCREDI|JEUDI|VENDREDI|SAMEDI|DIMANCHE)\b)", "ON"),
    (r"\b(?:LUNDI|MARDI|MERCREDI|JEUDI|VENDREDI|SAMEDI|DIMANCHE)\b(?=\s+[0-9])", ""),
    (r"\bET\b(?=\s+[0-9])", "&"),
    (r"\bTOUS\s+LES\s+JOURS\b|\bQUOTIDIENNEMENT\b|\bCHAQUE\s+JOUR\b", "DAILY"),
    (rf"{_BEFORE}JANVIER\b", "JAN"),
    (rf"{_BEFORE}F[EÉ]VRIER\b", "FEB"),
    (rf"{_BEFORE}MARS\b", "MAR"),
    (rf"{_BEFORE}AVRIL\b", "APR"),
    (rf"{_BEFORE}MAI\b", "MAY"),
    (rf"{_BEFORE}JUIN\b", "JUN"),
    (rf"{_BEFORE}JUIL(?:LET)?\b", "JUL"),
    (rf"{_BEFORE}AO[UÛ]T\b", "AUG"),
    (rf"{_BEFORE}SEPTEMBRE\b", "SEP"),
    (rf"{_BEFORE}OCTOBRE\b", "OCT"),
    (rf"{_BEFORE}NOVEMBRE\b", "NOV"),
    (rf"{_BEFORE}D[EÉ]CEMBRE\b", "DEC"),
    (r"\bD[EÉ]LIMIT[EÉ]E?S?\s+PAR\b|\bLIMIT[EÉ]E?S?\s+PAR\b", "BOUND BY"),
    (rf"{_BEFORE}MILLES(?:\s+(?:NAUTIQUES|MARINS))?\b", "MILES"),
    (r"\bDE\s+RAYON\b", "RADIUS"),
    (r"\bRAYON\b(?:\s+DE\b)?", "WI"),
    (r"\bCENTR[EÉ]E?S?\s+(?:SUR|EN|AU\s+POINT)\b", "CENTRED"),
    (r"\bANNULER?\s+CE\s+MESSAGE\b", "CANCEL THIS MSG"),
    (r"\bANNUL(?:ER|E|ATION)\b(?=\s+AVURNAV)", "CANCEL"),
)
_RUSSIAN: Final = (
    (r"\bЕЖЕДНЕВНО\b", "DAILY"),
    (r"\bКРОМЕ\b", "EXC"),
    (r"\bПЕРЕНЕС(?:ЕН|ЁН)[АОЫ]{0,2}\b", "DELAYED"),
    (r"\bВ\s+РАДИУСЕ\b", "RADIUS"),
    (r"\bОТМЕН(?:ИТЬ|ЕН[АОЫ]?|ЯЕТСЯ)\b", "CANCEL"),
    (r"\b(?:ПО|ДО)\b(?=\s*[0-9])", "TO"),
    (r"\b(?:С|В|НА)\b(?=\s*[0-9])", ""),
    (r"\bИ\b(?=\s*[0-9])", "&"),
    (r"\bЯНВ(?:АРЯ)?\b", "JAN"),
    (r"\bФЕВ(?:РАЛЯ)?\b", "FEB"),
    (r"\bМАР(?:ТА)?\b", "MAR"),
    (r"\bАПР(?:ЕЛЯ)?\b", "APR"),
    (r"\bМА[ЯЙ]\b", "MAY"),
    (r"\bИЮНЯ?\b", "JUN"),
    (r"\bИЮЛЯ?\b", "JUL"),
    (r"\bАВГ(?:УСТА)?\b", "AUG"),
    (r"\bСЕНТ?(?:ЯБРЯ)?\b", "SEP"),
    (r"\bОКТ(?:ЯБРЯ)?\b", "OCT"),
    (r"\bНОЯ(?:БРЯ)?\b", "NOV"),
    (r"\bДЕК(?:АБРЯ)?\b", "DEC"),
    (r"\bМСК\b", "MSK"),
    (r"\bУТЦ\b", "UTC"),
    (r"\bРАЙОН(?:А|Е|У|Ы|АХ)?\b", "AREA"),
    (r"\bОГРАНИЧЕНН?[А-Я]{1,3}\b(?:\s+(?:КООРДИНАТАМИ|ТОЧКАМИ|ЛИНИЕЙ))?", "BOUND BY"),
    (r"\bРАДИУС(?:ОМ|Е|А)?\b", "RADIUS"),
    (r"(?<=[0-9]\s)МИЛЯХ\s+ОТ\b", "NM RADII"),
    (r"(?<=[0-9]\s)МИЛ(?:Ь|И|Я|ЯХ)\b", "NM"),
    (r"(?<=[0-9])\s?С\b", "N"),
    (r"(?<=[0-9])\s?Ю\b", "S"),
    (r"(?<=[0-9])\s?В\b", "E"),
    (r"(?<=[0-9])\s?З\b", "W"),
    (r"\bСЕВ\.?\s?ШИР?\.?", "N"),
    (r"\bВОСТ?\.?\s?ДОЛГ?\.?", "E"),
)
_JAPANESE: Final = (
    (r"から", "至"),
    (r"まで(?:の)?", ""),
    (r"及び|並びに", "和"),
    (r"を除く|は除く", "除外"),
    (r"毎日", "每日"),
    (r"を中心と(?:する|した)", "为中心"),
    (r"(?:を顺(?:次)?に|を)?(?:结んだ线|结ぶ线)|で囲まれ(?:た|る)", "连线"),
    (r"の円内", "内"),
    (r"中止|取消し?|解除", "取消"),
)
_KOREAN: Final = (
    (r"(?<=[0-9])년", "年"),
    (r"(?<=[0-9])월", "月"),
    (r"(?<=[0-9])일", "日"),
    (r"(?<=[0-9])시", "时"),
    (r"(?<=[0-9])분", "分"),
    (r"부터", "至"),
    (r"까지", ""),
    (r"매일", "每日"),
    (r"(?:은|는|을|를)?\s?제외", "除外"),
    (r"반경", "半径"),
    (r"해리", "海里"),
    (r"[을를]?\s?연결한", "连线"),
    (r"[을를]?\s?중심으로", "为中心"),
)
_TABLES: Final = (
    (re.compile(r"\bAVURNAV\b|[ÉÈÊÀÇÛÔ]|\b(?:TIRS?|RAYON|CERCLE|MILLES|JUILLET|AVRIL)\b"), _FRENCH),
    (re.compile(r"[А-Я]{3}"), _RUSSIAN),
    (re.compile(r"[ぁ-ん]"), _JAPANESE),
    (re.compile(r"[가-힣]"), _KOREAN),
)
_COMPILED: Final = tuple(
    (sign, tuple((re.compile(pattern), word) for pattern, word in table)) for sign, table in _TABLES
)


def in_known_words(plain: str) -> str:
    """Return plain letters with words of other languages replaced, of the same length."""
    for sign, table in _COMPILED:
        if sign.search(plain) is None:
            continue
        for pattern, word in table:
            plain = pattern.sub(partial(_put, word), plain)
    return plain


def _put(word: str, match: re.Match[str]) -> str:
    written = match.group()
    return word.ljust(len(written)) if len(word) <= len(written) else written
