"""Instants with their precision, and windows of time."""

# ruff: noqa: ARG002 - one signature for all types; only references look at the names.
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from parley.core.canon import Value
from parley.core.instants import iso_duration, parse_instant, rfc3339, utc_day
from parley.desk.fields import (
    Duration,
    FieldType,
    Json,
    Names,
    check_text,
    read_integer,
    wrong,
)
from parley.desk.problems import fault
from parley.errors import FieldFaultError, UsageError

PRECISIONS = ("exact", "hour", "day", "week", "month", "unknown")
LAST = 253_402_300_799
"""The last second that has a four-digit year."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BARE = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2})?")
_SLASHED = "[^/]+/[^/]+"
"""ISO 8601 writes an interval so."""
_OFFSET = re.compile(r".*[Tt].*([+-])(\d{2}):(\d{2})")
_ZONE_LETTER = re.compile(r"\d{6}([A-IK-Y]) .*")
OFFSET_MAX = 18 * 60
DAY = 86_400


def day_start(text: str, where: str) -> int:
    """Return the first second of the UTC day `2021-12-16`; raises FieldFaultError."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise wrong(where, "a day such as 2026-03-02", "日期，如 2026-03-02") from None
    start = int(datetime(found.year, found.month, found.day, tzinfo=UTC).timestamp())
    return read_integer(start, where, 0, LAST)


def read_instant(json: Json, where: str) -> int:
    """Return seconds of a time with a zone; raises FieldFaultError."""
    if type(json) is int:
        return read_integer(json, where, 0, LAST)
    if not isinstance(json, str):
        raise wrong(where, "a time with a zone", "带时区的时间")
    try:
        return read_integer(parse_instant(json), where, 0, LAST)
    except UsageError as problem:
        if isinstance(problem, FieldFaultError):
            raise
        if _BARE.fullmatch(json.strip()):
            raise fault(where, "no_zone", found=json) from None
        raise wrong(where, "a time with a zone", "带时区的时间") from None


def _offset_of(text: str) -> int:
    """Return the minutes east of UTC that a written time names; it has been read already."""
    if match := _OFFSET.fullmatch(text.strip()):
        sign, hours, minutes = match.groups()
        return int(f"{sign}1") * (int(hours) * 60 + int(minutes))
    if match := _ZONE_LETTER.fullmatch(text.strip().upper()):
        letter = match.group(1)
        if letter >= "N":
            return -60 * (ord(letter) - ord("N") + 1)
        return 60 * (ord(letter) - ord("A") + (1 if letter <= "I" else 0))
    return 0


def _with_offset(start: int, offset: int) -> str:
    """Return RFC 3339 in the zone that was written."""
    if not offset:
        return rfc3339(start)
    when = datetime.fromtimestamp(start, timezone(timedelta(minutes=offset)))
    return when.isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class InstantType(FieldType):
    """A moment, with the zone it was written in where that is not UTC.

    What travels is seconds when exact and in UTC, else [start, precision] or
    [start, precision, minutes east of UTC].
    """

    kind = "instant"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the wire form; a bare day is an interval, never midnight."""
        if isinstance(json, str) and _DAY.fullmatch(json):
            return [day_start(json, where), PRECISIONS.index("day")]
        if not isinstance(json, Mapping):
            return self._wire(json, 0, where)
        if set(json) != {"at", "precision"} or json["precision"] not in PRECISIONS:
            raise wrong(where, 'a time, or {"at", "precision"}', '时间，或 {"at", "precision"}')
        level = PRECISIONS.index(str(json["precision"]))
        at = json["at"]
        if isinstance(at, str) and _DAY.fullmatch(at):
            start = day_start(at, where)
            return [start, level] if level else start
        return self._wire(at, level, where)

    def _wire(self, at: Json, level: int, where: str) -> Value:
        start = read_instant(at, where)
        offset = _offset_of(at) if isinstance(at, str) else 0
        if offset:
            read_integer(offset, where, -OFFSET_MAX, OFFSET_MAX)
            read_integer(start + offset * 60, where, 0, LAST)
            return [start, level, offset]
        return [start, level] if level else start

    def show(self, value: Value, names: Names) -> Json:
        """Return RFC 3339, a bare day, or both parts."""
        if type(value) is int:
            return rfc3339(read_integer(value, "", 0, LAST))
        if not isinstance(value, list | tuple) or len(value) not in (2, 3):
            raise wrong("", "a time", "时间")
        start, level, *zone = (part if type(part) is int else None for part in value)
        begins = read_integer(start, "", 0, LAST)
        offset = read_integer(zone[0], "", -OFFSET_MAX, OFFSET_MAX) if zone else 0
        read_integer(begins + offset * 60, "", 0, LAST)
        precision = PRECISIONS[read_integer(level, "", 0 if zone else 1, 5)]
        if precision == "day" and begins % DAY == 0 and not zone:
            return utc_day(begins)
        at = _with_offset(begins, offset)
        return at if precision == "exact" else {"at": at, "precision": precision}

    def schema(self) -> dict[str, Json]:
        """Return a text, or an object of time and precision."""
        return {
            "anyOf": [
                {"type": "string", "minLength": 10, "maxLength": 40},
                {
                    "type": "object",
                    "properties": {
                        "at": {"type": "string"},
                        "precision": {"enum": list(PRECISIONS)},
                    },
                    "required": ["at", "precision"],
                    "additionalProperties": False,
                },
            ],
            "x-parley-type": self.kind,
        }


def _parts(value: Value) -> tuple[int, int, int] | None:
    """Return start, precision and offset of a wire instant, None if it is none."""
    if type(value) is int:
        return value, 0, 0
    if isinstance(value, list | tuple) and len(value) in (2, 3):
        start, level, offset = (*value, 0)[:3]
        if type(start) is int and type(level) is int and type(offset) is int:
            return start, level, offset
    return None


def exact(value: Value) -> int | None:
    """Return the second of a wire instant if it is exact, else None."""
    parts = _parts(value)
    return parts[0] if parts is not None and parts[1] == 0 else None


def start_of(value: Value) -> int | None:
    """Return the first second that a wire instant may mean."""
    parts = _parts(value)
    return None if parts is None else parts[0]


def precision_of(value: Value) -> str:
    """Return how exactly a wire instant is known."""
    parts = _parts(value)
    return PRECISIONS[parts[1]] if parts is not None and 0 <= parts[1] < 6 else "exact"


def local_day(value: Value) -> str | None:
    """Return the day of a wire instant in the zone it was written in."""
    parts = _parts(value)
    return None if parts is None else utc_day(parts[0] + parts[2] * 60)


def span_of(value: Value) -> tuple[int, int] | None:
    """Return first second and end of the interval that a wire instant means.

    An hour, day, week or month is the one that holds the start; None where nothing is known.
    """
    parts = _parts(value)
    precision = precision_of(value)
    if parts is None or precision == "unknown":
        return None
    start = parts[0]
    if precision == "exact":
        return start, start + 1
    if precision == "month":
        return _month_of(start)
    if precision == "week":
        # 1 January 1970 was a Thursday: the fourth day of its week.
        first_day = (start // DAY + 3) // 7 * 7 - 3
        return first_day * DAY, (first_day + 7) * DAY
    length = 3600 if precision == "hour" else DAY
    return start // length * length, start // length * length + length


def _month_of(start: int) -> tuple[int, int] | None:
    try:
        day = datetime.fromtimestamp(start, UTC)
        first = datetime(day.year, day.month, 1, tzinfo=UTC)
        after = (first + timedelta(days=31)).replace(day=1)
    except (ValueError, OverflowError, OSError):
        return None  # a peer may write any number; beyond the year 9999 there are no months
    return int(first.timestamp()), int(after.timestamp())


@dataclass(frozen=True, slots=True)
class Until(FieldType):
    """Until when: a date, a time with a zone, `open`, or an event in words."""

    most: int = 80
    kind = "until"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the text as written; a time must name its zone and a date must exist."""
        text = check_text(json, where, self.most)
        if _DAY.fullmatch(text):
            day_start(text, where)
        elif _BARE.fullmatch(text.strip()):
            raise fault(where, "no_zone", found=text)
        return text

    def show(self, value: Value, names: Names) -> Json:
        """Return the text."""
        return check_text(value if isinstance(value, str) else None, "", self.most)

    def schema(self) -> dict[str, Json]:
        """Return a string of bounded length."""
        return {
            "type": "string",
            "minLength": 1,
            "maxLength": self.most,
            "x-parley-type": self.kind,
        }


def until_instant(text: Json) -> int | None:
    """Return when `until` ends: the time, or the beginning of the UTC day; None for an event."""
    if not isinstance(text, str):
        return None
    try:
        return int(parse_instant(text))
    except UsageError:
        pass
    return day_start(text, "until") if _DAY.fullmatch(text) else None


@dataclass(frozen=True, slots=True)
class Windows(FieldType):
    """Intervals, closed at the beginning and open at the end; a day stands for the whole of it."""

    least: int = 1
    most: int = 40
    kind = "windows"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return [[from, until], ...] in seconds, each with its end after its beginning."""
        if isinstance(json, str):
            json = [json]
        if not isinstance(json, list | tuple):
            raise wrong(where, "times as from/until", "起/止时间")
        if _is_one_window(json):
            json = [json]
        if len(json) > self.most:
            raise fault(where, "too_many", found=len(json), most=self.most)
        if len(json) < self.least:
            raise fault(where, "too_few", found=len(json), least=self.least)
        windows: list[Value] = []
        for place, given in enumerate(json):
            dotted = f"{where}[{place}]"
            alone = isinstance(given, list | tuple) and len(given) == 1
            pair = given[0] if alone else given
            bounds = _bounds(pair) if isinstance(pair, str) else pair
            if isinstance(bounds, str) or not isinstance(bounds, list | tuple) or len(bounds) != 2:
                raise wrong(dotted, "[from, until]", "[起, 止]")
            first = self._bound(bounds[0], dotted)
            end = self._bound(bounds[1], dotted, ends=True)
            if end <= first:
                raise fault(
                    dotted,
                    "wrong_order",
                    later=("the end", "结束"),
                    earlier=("the beginning", "开始"),
                )
            windows.append([first, end])
        return windows

    def _bound(self, json: Json, where: str, *, ends: bool = False) -> int:
        """Return the second of a bound; a bare day is counted in whole, at either end."""
        if isinstance(json, str) and _DAY.fullmatch(json):
            start = day_start(json, where)
            return read_integer(start + DAY, where, 0, LAST) if ends else start
        return read_instant(json, where)

    def show(self, value: Value, names: Names) -> Json:
        """Return pairs of RFC 3339 times."""
        windows = pairs_of(value)
        if windows is None:
            raise wrong("", "times as from/until", "起/止时间")
        return [[rfc3339(first), rfc3339(end)] for first, end in windows]

    def schema(self) -> dict[str, Json]:
        """Return an array of pairs of texts."""
        return {
            "type": ["array", "string"],
            "pattern": f"^({_DAY.pattern}|{_SLASHED})$",
            "minItems": self.least,
            "maxItems": self.most,
            "items": {
                "anyOf": [
                    {
                        "type": "array",
                        "prefixItems": [{"type": "string"}, {"type": "string"}],
                        "minItems": 2,
                        "maxItems": 2,
                    },
                    {"type": "string", "pattern": f"^({_DAY.pattern}|{_SLASHED})$"},
                ]
            },
            "x-parley-type": self.kind,
        }


def _is_one_window(json: Sequence[Json]) -> bool:
    """Say whether two times stand for one interval that was given without its own brackets."""
    times = [one for one in json if isinstance(one, str) and _bounds(one) == one]
    return len(json) == 2 and len(times) == 2


def _bounds(text: str) -> Sequence[str] | str:
    """Return the two bounds of an interval typed as a day or `from/until`, else the text."""
    if _DAY.fullmatch(text):
        return text, text
    first, slash, end = text.partition("/")
    return (first.strip(), end.strip()) if slash else text


@dataclass(frozen=True, slots=True)
class When(Windows):
    """Times offered, or `now`, which travels as no time at all."""

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the intervals; none for `now`."""
        return [] if json == "now" else Windows.read(self, json, where, names)

    def show(self, value: Value, names: Names) -> Json:
        """Return `now` or the intervals."""
        return "now" if value in ([], ()) else Windows.show(self, value, names)

    def schema(self) -> dict[str, Json]:
        """Return `now` or an array."""
        windows = Windows.schema(self)
        kind = windows.pop("x-parley-type")
        return {"anyOf": [windows, {"const": "now"}], "x-parley-type": kind}


def pairs_of(value: Value) -> list[tuple[int, int]] | None:
    """Return the (from, until) pairs of a wire value, None if it is not a list of such."""
    if not isinstance(value, list | tuple):
        return None
    pairs: list[tuple[int, int]] = []
    for pair in value:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            return None
        first, end = pair[0], pair[1]
        if type(first) is not int or type(end) is not int:
            return None
        if not 0 <= first <= LAST or not 0 <= end <= LAST:
            return None
        pairs.append((first, end))
    return pairs


@dataclass(frozen=True, slots=True)
class Due(FieldType):
    """When an answer is asked for: seconds after delivery, or [instant]. Core field 5."""

    least: int = 60
    most: int = 366 * DAY
    kind = "due"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return seconds, or [instant]."""
        if isinstance(json, str) and not json.strip().upper().startswith("P"):
            try:
                return [read_integer(parse_instant(json), where, 0, LAST)]
            except UsageError:
                if _BARE.fullmatch(json.strip()):
                    raise fault(where, "no_zone", found=json) from None
        return Duration(self.least, self.most).read(json, where, names)

    def show(self, value: Value, names: Names) -> Json:
        """Return an ISO 8601 duration or an RFC 3339 instant."""
        if isinstance(value, list | tuple) and len(value) == 1 and type(value[0]) is int:
            return rfc3339(read_integer(value[0], "", 0, LAST))
        seconds = read_integer(value if type(value) is int else None, "", self.least, self.most)
        return iso_duration(seconds)

    def schema(self) -> dict[str, Json]:
        """Return a text or seconds."""
        return {
            "anyOf": [
                {"type": "string", "minLength": 2, "maxLength": 40},
                {"type": "integer", "minimum": self.least, "maximum": self.most},
            ],
            "x-parley-type": self.kind,
        }
