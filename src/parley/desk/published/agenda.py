"""What is due as an iCalendar file to subscribe to (RFC 5545, RFC 7986).

Nothing that anybody wrote stands in it: numbers, procedures, codes and times, no subject, no text.
Who subscribes gets warnings before the time (VALARM), and the file says how often to look again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from parley.desk.calendar import Due
from parley.desk.catalogue import PROCEDURES
from parley.desk.published.ical_lines import day, escaped, folded, written
from parley.desk.times import DAY
from parley.desk.yearly import said_of

REFRESH: Final = "PT15M"
_SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "owes": "{who} owes: {what}",
        "asked": "{who} is asked for: {what}",
        "calendar": "Parley {code}: what is due",
        "by": "set by {source}",
        "sure": "certainty {sure}",
        "overdue": "OVERDUE",
        "marking": "marked {mark}",
        "met": "met by: {moves}",
    },
    "zh": {
        "owes": "{who} 应办：{what}",
        "asked": "请 {who} 办理：{what}",
        "calendar": "Parley {code}：应办事项",
        "by": "依据 {source}",
        "sure": "确定程度 {sure}",
        "overdue": "已逾期",
        "marking": "标记 {mark}",
        "met": "办理方式：{moves}",
    },
}


def write_agenda(dues: Sequence[Due], *, code: str, moment: int, language: str) -> str:
    """Return the calendar of a station.

    Args:
        dues: what is due, as `Calendar.all` lists it.
        code: code of the station's party.
        moment: when the file is made, seconds of UTC.
        language: `en` or `zh`.
    """
    said = _SAID[language]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Parley//Due//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escaped(said['calendar'].format(code=code))}",
        f"X-WR-CALNAME:{escaped(said['calendar'].format(code=code))}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
    ]
    for due in dues:
        lines += _event(due, moment, language)
    return "".join(f"{folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(due: Due, moment: int, language: str) -> Iterator[str]:
    summary = _summary(due, moment, language)
    yield "BEGIN:VEVENT"
    yield f"UID:{due.uid}@due.parley"
    yield f"DTSTAMP:{written(moment)}"
    if due.is_day:
        yield f"DTSTART;VALUE=DATE:{day(due.at)}"
        yield f"DTEND;VALUE=DATE:{day(due.until or due.at + DAY)}"
    else:
        yield f"DTSTART:{written(due.at)}"
        if due.until is not None and due.until > due.at:
            yield f"DTEND:{written(due.until)}"
    yield f"SUMMARY:{escaped(summary)}"
    yield f"DESCRIPTION:{escaped(_description(due, language))}"
    yield f"CATEGORIES:{due.kind.upper()},{due.mark}"
    yield "CLASS:CONFIDENTIAL"
    yield "TRANSP:TRANSPARENT"
    for before in due.warnings:
        yield "BEGIN:VALARM"
        yield "ACTION:DISPLAY"
        yield f"DESCRIPTION:{escaped(summary)}"
        yield f"TRIGGER:-PT{before}S"
        yield "END:VALARM"
    yield "END:VEVENT"


def _summary(due: Due, moment: int, language: str) -> str:
    said, what = _SAID[language], due.what[language]
    if due.kind == "clock":
        what = said["owes" if due.owed else "asked"].format(who=due.owed_by, what=what)
    parts = [what, due.case or due.channel]
    if due.stands:
        parts.append(said_of(due.stands)[language])
    if due.state(moment) == "overdue":
        parts.insert(0, said["overdue"])
    text = " · ".join(part for part in parts if part)
    return text if due.mark == "LIVE" else f"[{due.mark}] {text}"


def _description(due: Due, language: str) -> str:
    said = _SAID[language]
    procedure = PROCEDURES.get(due.procedure)
    parts = [
        due.channel,
        "" if procedure is None else procedure.words[language],
        said["by"].format(source=due.source) if due.source else "",
        said["sure"].format(sure=due.sure) if due.sure else "",
        said["met"].format(moves=_moves(due.rule.by, language)) if due.rule else "",
        "" if due.mark == "LIVE" else said["marking"].format(mark=due.mark),
    ]
    return "\n".join(part for part in parts if part)


def _moves(names: Sequence[str], language: str) -> str:
    """Return the moves in words: `exchange of lists: open one's list`."""
    found: list[str] = []
    for name in names:
        procedure = PROCEDURES.get(name.partition(".")[0])
        move = None if procedure is None else procedure.move(name.partition(".")[2])
        if procedure is None or move is None:
            found.append(name)
        else:
            found.append(f"{procedure.words[language]}: {move.words[language]}")
    return "; ".join(found)
