"""Instants with their precision, and windows of time."""

# ruff: noqa: ARG002 - one signature for all types; only references look at the names.
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from parley.core.canon import Value
from parley.core.instants import iso_duration, parse_instant, rfc3339, utc_day
from parley.desk.fields import Duration, FieldType, Json, Names, read_integer, wrong
from parley.desk.problems import fault
from parley.errors import FieldFaultError, UsageError

PRECISIONS = ("exact", "hour", "day", "week", "month", "unknown")
LAST = 253_402_300_799
"""The last second that has a four-digit year."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BARE = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2})?")
DAY = 86_400


def day_start(text: str, where: str) -> int:
    """Return the first second of the UTC day `2021-12-16`; raises FieldFaultError."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise wrong(where, "a day such as 2026-03-02", "日期，如 2026-03-02") from None
    return int(datetime(found.year, found.month, found.day, tzinfo=UTC).timestamp())


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


@dataclass(frozen=True, slots=True)
class InstantType(FieldType):
    """A moment: seconds when exact, [start, precision] when it is only known more coarsely."""

    kind = "instant"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the wire form; a bare day is an interval, never midnight."""
        if isinstance(json, str) and _DAY.fullmatch(json):
            return [day_start(json, where), PRECISIONS.index("day")]
        if isinstance(json, Mapping):
            if set(json) != {"at", "precision"} or json["precision"] not in PRECISIONS:
                raise wrong(where, 'a time, or {"at", "precision"}', '时间，或 {"at", "precision"}')
            level = PRECISIONS.index(str(json["precision"]))
            at = json["at"]
            if isinstance(at, str) and _DAY.fullmatch(at):
                start = day_start(at, where)
            else:
                start = read_instant(at, where)
            return [start, level] if level else start
        return read_instant(json, where)

    def show(self, value: Value, names: Names) -> Json:
        """Return RFC 3339, a bare day, or both parts."""
        if type(value) is int:
            return rfc3339(read_integer(value, "", 0, LAST))
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise wrong("", "a time", "时间")
        start = read_integer(value[0] if type(value[0]) is int else None, "", 0, LAST)
        level = read_integer(value[1] if type(value[1]) is int else None, "", 1, 5)
        if PRECISIONS[level] == "day" and start % DAY == 0:
            return utc_day(start)
        return {"at": rfc3339(start), "precision": PRECISIONS[level]}

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


def exact(value: Value) -> int | None:
    """Return the second of a wire instant if it is exact, else None."""
    return value if type(value) is int else None


def start_of(value: Value) -> int | None:
    """Return the first second that a wire instant may mean."""
    if type(value) is int:
        return value
    if isinstance(value, list | tuple) and len(value) == 2 and type(value[0]) is int:
        return value[0]
    return None


def precision_of(value: Value) -> str:
    """Return how exactly a wire instant is known."""
    if isinstance(value, list | tuple) and len(value) == 2 and type(value[1]) is int:
        return PRECISIONS[value[1]]
    return "exact"


@dataclass(frozen=True, slots=True)
class Windows(FieldType):
    """Intervals, closed at the beginning and open at the end."""

    least: int = 1
    most: int = 40
    kind = "windows"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return [[from, until], ...] in seconds, each with its end after its beginning."""
        if isinstance(json, str) or not isinstance(json, list | tuple):
            raise wrong(where, "a list of [from, until]", "[起, 止] 列表")
        if len(json) > self.most:
            raise fault(where, "too_many", found=len(json), most=self.most)
        if len(json) < self.least:
            raise fault(where, "too_few", found=len(json), least=self.least)
        windows: list[Value] = []
        for place, pair in enumerate(json):
            dotted = f"{where}[{place}]"
            if isinstance(pair, str) or not isinstance(pair, list | tuple) or len(pair) != 2:
                raise wrong(dotted, "[from, until]", "[起, 止]")
            first, end = (self._bound(bound, dotted) for bound in pair)
            if end <= first:
                raise fault(
                    dotted,
                    "wrong_order",
                    later=("the end", "结束"),
                    earlier=("the beginning", "开始"),
                )
            windows.append([first, end])
        return windows

    def _bound(self, json: Json, where: str) -> int:
        if isinstance(json, str) and _DAY.fullmatch(json):
            return day_start(json, where)
        return read_instant(json, where)

    def show(self, value: Value, names: Names) -> Json:
        """Return pairs of RFC 3339 times."""
        windows = pairs_of(value)
        if windows is None:
            raise wrong("", "a list of [from, until]", "[起, 止] 列表")
        return [[rfc3339(first), rfc3339(end)] for first, end in windows]

    def schema(self) -> dict[str, Json]:
        """Return an array of pairs of texts."""
        return {
            "type": "array",
            "minItems": self.least,
            "maxItems": self.most,
            "items": {
                "type": "array",
                "prefixItems": [{"type": "string"}, {"type": "string"}],
                "minItems": 2,
                "maxItems": 2,
            },
            "x-parley-type": self.kind,
        }


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
