"""What a notice is about, as far as plain words tell: hazard, restriction, language."""

from __future__ import annotations

import re
from typing import Final

HAZARDS: Final[dict[str, str]] = {
    "live-fire": r"GUNNERY|FIRING|LIVE\s+FIR|MISSI?LE|实弹|射击|射撃|火炮|导弹"
    r"|СТРЕЛЬБ|\bTIRS?\b|사격",
    "training": r"EXERCISES?\b(?!\s+(?:[A-Z]{3,12}\s+)?(?:CAUTION|CARE|VIGILANCE|CONTROL))"
    r"|TRAINING|MANOEUV|MANEUV|演习|演训|训练|訓練|УЧЕНИ[ЕЯЙ]|\bEXERCICES?\b|훈련",
    "rocket": r"ROCKET|LAUNCH(?:ING)?\b|AEROSPACE|SPACE\s?FLIGHT|火箭|发射|航天"
    r"|ロケット|РАКЕТ|\bFUS[EÉ]ES?\b|로켓",
    "debris": r"DEBRIS|RE-?ENTRY|残骸|坠落",
    "mine": r"\bMINES?\b|ORDNANCE|水雷|爆炸物|未爆",
    "search-rescue": r"\bSAR\b|RESCUE|DISTRESS|OVERDUE|OVERBOARD|搜救|遇险|失踪|救助",
    "cable": r"\bCABLES?(?:SHIP)?\b|PIPELINE|电缆|光缆|管道",
    "salvage": r"SALVAGE|打捞|清障",
    "survey": r"SURVEY|SEISMIC|勘探|测量|调查",
    "aid-to-navigation": r"\bLIGHTS?\b|BUOY|RACON|DGPS|BEACON|灯标|浮标|灯船|灯浮",
    "obstruction": r"DERELICT|ADRIFT|WRECK|ICEBERG|\bRIGS?\b|PLATFORM|沉船|漂浮|障碍|平台",
    "military-activity": r"MILITARY|SPECIAL\s+OPS|军事",
}
_HAZARDS: Final = {code: re.compile(words) for code, words in HAZARDS.items()}
_KEEP_OUT: Final = re.compile(
    r"PROHIBIT|FORBIDDEN|KEEP\s+OUT|NOT\s+(?:BE\s+)?(?:PERMIT|ALLOW)|RESTRICTED\s+AREA|DO\s+NOT\s+ENTER|禁止|严禁|不得|禁航|禁飞|ЗАПРЕ[ЩТ]|\bINTERDIT|금지"
)
_CAUTION: Final = re.compile(
    r"DANGER|CAUTION|HAZARD|KEEP\s+CLEAR|STAY\s+CLEAR|WIDE\s+BERTH|BERTH\s+REQUESTED|AVOID|MAY\s+BE\s+AFFECTED|注意|避让|远离|谨慎|绕行|请勿"
)


def hazards_of(plain: str) -> tuple[str, ...]:
    """Return the codes of the hazards whose words stand in a text."""
    return tuple(code for code, words in _HAZARDS.items() if words.search(plain))


def restriction_of(plain: str) -> str:
    """Return `keep-out`, `caution`, or nothing where no such word stands in a text."""
    if _KEEP_OUT.search(plain):
        return "keep-out"
    return "caution" if _CAUTION.search(plain) else ""


def languages_of(text: str) -> tuple[str, ...]:
    """Return `en`, `zh`, `ja`, `ko`, `ru`: in which of these a text has words, by their letters."""
    found = []
    if re.search(r"[A-Za-z]{3,}", text):
        found.append("en")
    others = {"ja": r"[ぁ-んァ-ヶ]", "ko": r"[가-힣]{2}", "ru": r"[А-Яа-я]{3}"}
    found += [code for code, letters in others.items() if re.search(letters, text)]
    if len(re.findall(r"[一-鿿]", text)) >= 2 and "ja" not in found:
        found.append("zh")
    return tuple(found)
