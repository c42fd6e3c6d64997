"""What could not be understood, and what is to be known of what was: in English and Chinese."""

from __future__ import annotations

from typing import Final

from parley.desk.problems import Words


def _words(english: str, chinese: str) -> Words:
    return {"en": english, "zh": chinese}


WHAT: Final[dict[str, Words]] = {
    "position": _words("position", "位置"),
    "time": _words("time", "时间"),
    "height": _words("height", "高度"),
    "area": _words("area", "区域"),
    "text": _words("text", "文字"),
    "schedule": _words("hours (item D)", "时段（D项）"),
}
WHY: Final[dict[str, Words]] = {
    "half or without hemisphere": _words(
        "only half a position, or no N, S, E, W", "只有半个位置，或无南北东西"
    ),
    "sixty or more minutes or seconds": _words(
        "sixty or more minutes or seconds", "分或秒达到六十"
    ),
    "a number of digits that fits no notation": _words(
        "a number of digits that fits no notation", "位数不合任何写法"
    ),
    "two notations in one position": _words(
        "latitude and longitude in two notations", "经纬度写法不同"
    ),
    "not on the Earth": _words("not on the Earth", "超出地球范围"),
    "numerals that are no number": _words("numerals that are no number", "数字不成数"),
    "too many corners": _words("too many corners", "角点过多"),
    "fewer than three corners": _words("fewer than three corners", "角点不足三个"),
    "sides cross": _words(
        "its sides cross: a corner is wrong or out of order", "边线相交：角点有误或顺序有误"
    ),
    "a distance around several positions": _words(
        "a distance around several positions, not said how", "多个位置共一距离，未说明如何"
    ),
    "an area on one side": _words(
        "an area on one side of a position or line; not drawn", "位置或线一侧的区域，未绘出"
    ),
    "a side along a coast, boundary or arc": _words(
        "a side along a coast, a boundary or an arc; not drawn", "一边沿海岸、边界或圆弧，未绘出"
    ),
    "taken out of an area": _words(
        "this is taken out of an area; the area was drawn without the cut",
        "该处从区域中除外；绘出的区域未作扣除",
    ),
    "a correction": _words(
        "a correction of another notice; put it in there by hand", "对另一通告的更正，请人工改入"
    ),
    "a bearing and distance": _words(
        "a bearing and distance from a position; not drawn", "由某位置起算的方位与距离，未绘出"
    ),
    "several positions": _words(
        "several positions, not said whether an area or a line; shown as points",
        "若干位置，未说明是区域还是线；按点显示",
    ),
    "part of a circle": _words("a part of a circle; not drawn", "圆的一部分，未绘出"),
    "a shape by its sides": _words(
        "a square or rectangle given by its sides; not drawn", "以边长给出的方形或矩形，未绘出"
    ),
    "a hole": _words("an area with a hole; the hole was left out", "区域有孔；孔未读入"),
    "too many windows": _words("too many windows", "时段过多"),
    "no zone": _words("no time zone", "无时区"),
    "a zone of several meanings": _words(
        "a name that several time zones have; say which with --zone",
        "多个时区共用此名；请用 --zone 指明",
    ),
    "no unit": _words("a distance without its unit", "距离未写明单位"),
    "an ellipse": _words("an ellipse; not drawn", "椭圆形区域，未绘出"),
    "no such zone": _words("no such time zone", "无此时区"),
    "no month": _words("no month", "无月份"),
    "no year": _words("no year", "无年份"),
    "no beginning": _words("no beginning", "无开始时间"),
    "a beginning without an end": _words("a beginning without an end", "只有开始，无结束"),
    "no such time": _words("no such day or hour", "无此日期或时刻"),
    "hours without a day": _words("hours without a day", "只有时刻，无日期"),
    "daily without hours": _words("daily, without hours", "写明每日而无时刻"),
    "days without hours": _words("days without hours", "只有日期，无时刻"),
    "the end is not after the beginning": _words(
        "the end is not after the beginning", "结束不晚于开始"
    ),
    "an empty schedule": _words("an empty item D", "D项为空"),
    "no window within items B and C": _words(
        "no window within items B and C", "B项至C项之间无时段"
    ),
    "a day outside of items B and C": _words(
        "a day outside of items B and C", "日期在B项与C项之外"
    ),
    "a form that is not known": _words("a form that is not known", "写法未知"),
    "one part of several": _words(
        "one part of several; the others may say more", "多部分之一；其余部分可能另有内容"
    ),
    "called off": _words(
        "what it tells of is called off; the times are those that no longer hold",
        "所述活动已取消；所列时间已不适用",
    ),
    "a rule of repetition": _words("a rule of repetition", "重复规则"),
}
NOTES: Final[dict[str, Words]] = {
    "zone of the issuer": _words(
        "The text names no zone; its times are in the legal time of its issuer.",
        "原文未写明时区；按发布机关的法定时间读入。",
    ),
    "year of the number": _words(
        "The text names no year; the one in its number was taken.",
        "原文未写明年份；取编号中的年份。",
    ),
    "year of Taiwan": _words(
        "The text counts years from 1912, as Taiwan does: 114 is 2025.",
        "原文按民国纪年：114年即2025年。",
    ),
    "window after its own end": _words(
        "A window ends after the notice says that it ends itself.",
        "有时段晚于通告自行失效的时间。",
    ),
    "Q line elsewhere": _words(
        "The circle of the Q line lies elsewhere than the places of item E; these were taken.",
        "Q行所示圆与E项所述位置不在一处；以E项为准。",
    ),
    "times in item E": _words(
        "Item E names times too; the windows are those of items B, C and D.",
        "E项中另有时间；时段以B、C、D项为准。",
    ),
}


def sentence(table: dict[str, Words], code: str, language: str) -> str:
    """Return the words of a code in a language, the code itself where none are kept."""
    words = table.get(code)
    return code if words is None else words["zh" if language == "zh" else "en"]
