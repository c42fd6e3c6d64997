"""The day that `parley demo` plays: two coast guards at one pier, hour by hour.

The parties and everything that happens are made up. Times are UTC on one day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from parley.station.desk_views import DraftText

DAY: Final = "2026-03-02"
BEGIN: Final = f"{DAY}T06:50:00Z"
END: Final = f"{DAY}T19:30:00Z"
CUT_FROM: Final = f"{DAY}T15:00:00Z"
CUT_UNTIL: Final = f"{DAY}T16:30:00Z"

NAMES: Final[Mapping[str, str]] = {"ALFA": "Alfa Coast Guard", "BRAVO": "Bravo Maritime Service"}
WITNESS: Final = "CHARLIE"
WITNESS_NAME: Final = "Charlie Port Authority"
LANGUAGES: Final[Mapping[str, tuple[str, ...]]] = {"ALFA": ("en",), "BRAVO": ("zh", "en")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that a party does.

    Attributes:
        key: other events refer to it by this.
        at: hour, minute and second, UTC.
        move: procedure and move, as in `request.open`.
        case: key of the event that it is about.
        told: what the demonstration says about it, by language.
    """

    key: str
    at: str
    by: str
    move: str
    told: Mapping[str, str]
    case: str | None = None
    precedence: str = "R"
    fields: Mapping[str, Any] = field(default_factory=dict)
    texts: tuple[DraftText, ...] = ()

    @property
    def time(self) -> str:
        """Return the instant, RFC 3339."""
        return f"{DAY}T{self.at}Z"


def _texts(english: str, chinese: str = "", *, second: str = "courtesy") -> tuple[DraftText, ...]:
    """Return an English text, or a Chinese one with the English as its second."""
    if not chinese:
        return (DraftText(lang="en", text=english),)
    return (
        DraftText(lang="zh", text=chinese),
        DraftText(lang="en", text=english, status=second),
    )


def _told(english: str, chinese: str) -> Mapping[str, str]:
    return {"en": english, "zh": chinese}


EVENTS: Final[tuple[Event, ...]] = (
    Event(
        key="morning", at="07:00:00", by="ALFA", move="line_check.check",
        told=_told("checks the line: is a person there?", "检查线路：是否有人值守？"),
        fields={"kind": "officer"}, texts=_texts("Morning check. Light wind over the pier."),
    ),
    Event(
        key="morning-answer", at="07:02:00", by="BRAVO", move="line_check.answer", case="morning",
        told=_told("answers the line check", "回复线路检查"),
        fields={"kind": "officer"},
        texts=_texts("Received, visibility good.", "收到，能见度良好。"),
    ),
    Event(
        key="request", at="08:30:00", by="ALFA", move="request.open", precedence="P",
        told=_told("asks for a call and for an answer within 4 hours", "请求通话，要求4小时内答复"),
        fields={
            "form": "call",
            "level": {"ours": "ALFA/OPS", "theirs": "BRAVO/OPS"},
            "topics": [{"en": "Fishing nets near the pier"}],
            "reply_by": "PT4H",
        },
    ),
    Event(
        key="flash", at="09:15:00", by="ALFA", move="emergency.raise", precedence="Z",
        told=_told("FLASH: tug and patrol boat converge", "特急：拖船与巡逻艇接近"),
        fields={
            "what": "Tug and patrol boat on crossing courses",
            "where": "09-58.00N 100-02.00E",
            "since": f"{DAY}T09:14:00Z",
            "who": {"en": "Our tug and your patrol boat"},
            "we_do": {"en": "Tug stops"},
            "we_ask": {"en": "Turn to starboard now"},
            "contact_now": "VHF 16",
        },
    ),
    Event(
        key="flash-heard", at="09:15:40", by="BRAVO", move="ack.give", case="flash",
        precedence="Z", fields={"rung": 2},
        told=_told("a person has read the FLASH", "已有人阅过特急"),
    ),
    Event(
        key="flash-done", at="09:16:30", by="BRAVO", move="ack.give", case="flash",
        fields={"rung": 5, "code": "will-comply"},
        texts=_texts("Will comply, turning to starboard.", "照办，右转。"),
        told=_told("will comply", "照办"),
    ),
    Event(
        key="flash-over", at="09:24:00", by="ALFA", move="emergency.end", case="flash",
        fields={"false_alarm": False}, texts=_texts("Clear, nobody hurt."),
        told=_told("ends the emergency", "宣布紧急情况结束"),
    ),
    Event(
        key="incident", at="11:00:00", by="ALFA", move="incident.report",
        told=_told("reports what happened: passed at 120 m", "报告事件：相距120米"),
        fields={
            "when": f"{DAY}T09:15:00Z",
            "where": {"position": "09-58.00N 100-02.00E"},
            "own_units": [{"kind": "tug", "count": 1}],
            "other_units": [{"kind": "patrol boat", "count": 1}],
            "phases": [{"code": "crossing"}],
            "closest": {"metres": 120, "error": 20, "method": "radar"},
            "harm": {"killed": 0, "hurt": 0},
            "assessment": "unsafe",
        },
    ),
    Event(
        key="incident-theirs", at="12:00:00", by="BRAVO", move="incident.counter", case="incident",
        told=_told("gives its own account: 180 m, and safe", "提出己方说法：180米，安全"),
        fields={
            "when": f"{DAY}T09:16:00Z",
            "where": {"position": "09-58.02N 100-02.05E"},
            "own_units": [{"kind": "patrol boat", "count": 1}],
            "other_units": [{"kind": "tug", "count": 1}],
            "phases": [{"code": "crossing"}],
            "closest": {"metres": 180, "error": 20, "method": "visual"},
            "harm": {"killed": 0, "hurt": 0},
            "assessment": "safe",
        },
        texts=_texts("Our boat slowed and gave way.", "我艇已减速让路。"),
    ),
    Event(
        key="note", at="13:00:00", by="BRAVO", move="note.send",
        told=_told("sends a note, equally valid in two languages", "发出照会，两种文本同等作准"),
        fields={
            "number": "17",
            "subject": {"zh": "关于码头夜间照明", "en": "On the lights of the pier"},
        },
        texts=_texts(
            "From 10 March the lights of the pier go off at 22:00 each day.",
            "自3月10日起，码头照明每日22时关闭。",
            second="authentic",
        ),
    ),
    Event(
        key="barge", at="15:20:00", by="ALFA", move="message.send",
        told=_told("writes while the line is cut", "在线路中断时写信"),
        fields={"subject": {"en": "Fuel barge late"}, "answer_wanted": "ack"},
        texts=_texts("The fuel barge comes at 20:00."),
    ),
    Event(
        key="buoy", at="15:40:00", by="BRAVO", move="message.send", precedence="P",
        told=_told("writes too; neither has heard the other", "也在写信；双方都未收到"),
        fields={"subject": {"zh": "浮标移位", "en": "Buoy adrift"}, "answer_wanted": "none"},
        texts=_texts("Buoy 3 is adrift.", "三号浮标移位。"),
    ),
    Event(
        key="barge-read", at="16:40:00", by="BRAVO", move="ack.give", case="barge",
        fields={"rung": 2}, told=_told("has read the letter of 15:20", "已阅15时20分的来信"),
    ),
    Event(
        key="evening", at="19:00:00", by="ALFA", move="line_check.check",
        told=_told("checks the line in the evening", "晚间检查线路"),
        fields={"kind": "officer"}, texts=_texts("Evening check."),
    ),
    Event(
        key="evening-answer", at="19:01:00", by="BRAVO", move="line_check.answer", case="evening",
        told=_told("answers the line check", "回复线路检查"),
        fields={"kind": "officer"}, texts=_texts("Received.", "收到。"),
    ),
)  # fmt: skip
"""The day in the order in which it happens."""
