"""Positions, areas and measures. What was written travels; its normal form is worked out from it.

`25-15.26N` is decimal minutes and not 15 minutes 26 seconds (320 m apart), so the notation is kept.
"""

# ruff: noqa: ARG002 - one signature for all types; only references look at the names.
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from geographiclib.geodesic import Geodesic

from parley.core.canon import Value
from parley.desk.fields import (
    FieldType,
    Json,
    Names,
    Text,
    wrong,
)
from parley.desk.problems import fault
from parley.desk.structures import (
    ListOf,
    Struct,
    member,
)
from parley.desk.times import InstantType

_DECIMAL_MINUTES = re.compile(r"(\d{1,3})[-° ] ?(\d{1,2}(?:\.\d{1,4})?)['′]? ?([NSEW])")
_SECONDS = re.compile(r"(\d{1,3})[-° ] ?(\d{1,2})[-'′ ] ?(\d{1,2}(?:\.\d{1,3})?)[\"″]? ?([NSEW])")
_DEGREES = re.compile(r"(\d{1,3}(?:\.\d{1,7})?)°? ?([NSEW])")
_HALVES = re.compile(r"\s*(.+?[NSns])[\s,/]*(\d.*?[EWew])\s*")
_SIGNED = re.compile(r"-?\d{1,3}(\.\d{1,7})?")
_AMOUNT = re.compile(r"(-?\d{1,9}(?:\.\d{1,6})?) ?([A-Za-z°/]{1,6})(?: ([A-Za-z]{2,8}))?")
E7 = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A position in 1e-7 degree, WGS 84, with the notation it was written in."""

    latitude: int
    longitude: int
    notation: str

    def metres_to(self, other: Point) -> int:
        """Return the length of the shortest way on the ellipsoid, in whole metres.

        Source: Karney, Algorithms for geodesics (2013), as geographiclib has them.
        """
        here, there = ((point.latitude / E7, point.longitude / E7) for point in (self, other))
        metres: float = Geodesic.WGS84.Inverse(*here, *there, Geodesic.DISTANCE)["s12"]
        return round(metres)


def _angle(text: str) -> tuple[Decimal, str, str]:
    """Return degrees, hemisphere and notation of one half of a position; ValueError if none."""
    for pattern, notation in (
        (_SECONDS, "seconds"),
        (_DECIMAL_MINUTES, "decimal minutes"),
        (_DEGREES, "degrees"),
    ):
        if match := pattern.fullmatch(text.strip().upper()):
            *numbers, hemisphere = match.groups()
            parts = [Decimal(number) for number in numbers]
            if any(part >= 60 for part in parts[1:]):
                raise ValueError(text)
            degrees = sum((part / 60**place for place, part in enumerate(parts)), Decimal(0))
            return degrees, hemisphere, notation
    raise ValueError(text)


def parse_position(text: str) -> Point:
    """Return the point that a written position means.

    Raises:
        ValueError: it is none, or not on the Earth.
    """
    halves = _HALVES.fullmatch(text)
    if halves is None or len(text) > 60:
        raise ValueError(text)
    latitude, north, notation = _angle(halves.group(1))
    longitude, east, other = _angle(halves.group(2))
    if notation != other or north not in "NS" or east not in "EW":
        raise ValueError(text)
    if latitude > 90 or longitude > 180:
        raise ValueError(text)
    return Point(
        latitude=round(latitude * E7) * (1 if north == "N" else -1),
        longitude=round(longitude * E7) * (1 if east == "E" else -1),
        notation=notation,
    )


@dataclass(frozen=True, slots=True)
class Position(FieldType):
    """A place on the Earth in the notation it was written in."""

    kind = "position"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the position as written, blanks tidied."""
        if isinstance(json, Mapping):
            json = self._written(json, where)
        if isinstance(json, str):
            text = " ".join(json.split())
            try:
                parse_position(text)
            except (ValueError, InvalidOperation):
                pass
            else:
                return text
        raise wrong(
            where, "a position such as 10-00.00N 100-05.00E", "位置，如 10-00.00N 100-05.00E"
        )

    def _written(self, json: Mapping[str, Json], where: str) -> Json:
        if "written" in json:
            return json["written"]
        if "long" in json and "lon" not in json:
            json = {**json, "lon": json["long"]}
        if all(isinstance(json.get(half), str) for half in ("lat", "lon")):
            together = f"{json['lat']} {json['lon']}"
            if any(each in together for each in "NSEW"):
                return together
        halves: list[str] = []
        for name, letters in (("lat", "NS"), ("lon", "EW")):
            angle = json.get(name)
            text = format(angle, ".7f") if isinstance(angle, float) else str(angle)
            if not _SIGNED.fullmatch(text):
                raise wrong(f"{where}.{name}", "decimal degrees", "十进制度")
            halves.append(text.lstrip("-") + (letters[1] if text.startswith("-") else letters[0]))
        return " ".join(halves)

    def show(self, value: Value, names: Names) -> Json:
        """Return decimal degrees, notation, and the text as written."""
        if not isinstance(value, str):
            raise wrong("", "a position", "位置")
        try:
            point = parse_position(value)
        except (ValueError, InvalidOperation):
            raise wrong("", "a position", "位置") from None
        return {
            "lat": f"{Decimal(point.latitude) / E7:.5f}",
            "lon": f"{Decimal(point.longitude) / E7:.5f}",
            "notation": point.notation,
            "written": value,
        }

    def schema(self) -> dict[str, Json]:
        """Return a text, or an object."""
        degrees: Json = {"type": ["string", "number"]}
        properties: Json = {
            "lat": degrees,
            "lon": degrees,
            "notation": {"type": "string"},
            "written": {"type": "string"},
        }
        return {
            "anyOf": [
                {"type": "string", "minLength": 5, "maxLength": 60},
                {"type": "object", "properties": properties, "additionalProperties": False},
            ],
            "x-parley-type": self.kind,
        }


@dataclass(frozen=True, slots=True)
class Measure(FieldType):
    """A physical amount in the unit it was written in, its error and how it was found.

    Attributes:
        normal: name of the normal unit in JSON: metres, metres_per_second, degrees.
        units: micro-normal-units of one unit, by its sign.
        most: largest amount in normal units.
        marks: what may follow the unit: the datum of a height, `MAG` for a magnetic bearing.
        needs_mark: units that mean nothing without a certain mark.
        alone: what may be written without a number, and its amount.
        unlimited: a word for no limit at all: it has no amount.
        below: `most` itself is out of bounds.
        bare: a number alone is an amount, as all units are the same.
    """

    kind: str
    normal: str
    units: Mapping[str, int]
    most: int
    wanted: tuple[str, str]
    signed: bool = False
    marks: tuple[str, ...] = ()
    needs_mark: Mapping[str, str] = field(default_factory=dict)
    alone: Mapping[str, int] = field(default_factory=dict)
    unlimited: str = ""
    below: bool = False
    bare: bool = False

    def amount(self, text: str) -> int | None:
        """Return the written amount in millionths of the normal unit, None if it is none."""
        if text in self.alone:
            return self.alone[text]
        match = _AMOUNT.fullmatch(text)
        if match is None or match.group(2) not in self.units:
            return None
        mark = match.group(3)
        wanted = self.needs_mark.get(match.group(2), mark)
        if mark != wanted or (mark is not None and mark not in self.marks):
            return None
        found = int(Decimal(match.group(1)) * self.units[match.group(2)])
        if (found < 0 and not self.signed) or abs(found) > self.most * 1_000_000 - self.below:
            return None
        return found

    def mark(self, text: Json) -> str | None:
        """Return what a written amount is counted from: `AMSL`, `MAG`, None where it says not."""
        match = _AMOUNT.fullmatch(text) if isinstance(text, str) else None
        return match.group(3) if match else None

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return {0: written, 1: error written, 2: method, 3: words}."""
        if isinstance(json, str):
            json = {"as_written": json}
        elif self.bare and isinstance(json, int | float) and not isinstance(json, bool):
            json = {self.normal: json}
        if not isinstance(json, Mapping):
            raise wrong(where, *self.wanted)
        known = {self.normal, "as_written", "error", "method", "words", "notation"}
        if unknown := set(json) - known:
            raise fault(f"{where}.{min(unknown)}", "unknown", known=", ".join(sorted(known)))
        parts: dict[int, Value] = {}
        written = self._written(json, where)
        if written is not None:
            parts[0] = written
        if "error" in json:
            parts[1] = self._plain(json["error"], f"{where}.error")
        for number, name in ((2, "method"), (3, "words")):
            if name in json:
                parts[number] = Text(200).read(json[name], f"{where}.{name}", names)
        if 0 not in parts and 3 not in parts:
            raise wrong(where, *self.wanted)
        return parts

    def _written(self, json: Mapping[str, Json], where: str) -> str | None:
        """Return the amount as written, checked against the number beside it."""
        text, number = json.get("as_written"), json.get(self.normal)
        if text is None:
            return None if number is None else self._plain(number, f"{where}.{self.normal}")
        if self.unlimited and text == self.unlimited and number is None:
            return self.unlimited
        found = self.amount(text) if isinstance(text, str) else None
        if found is None or not isinstance(text, str):
            raise wrong(where, *self.wanted)
        if number is not None:
            said = self.amount(self._plain(number, f"{where}.{self.normal}"))
            # Five parts in a thousand: people round; a slip of unit is far beyond it.
            if said is None or abs(said - found) * 200 > abs(found):
                raise wrong(where, "the same amount in both forms", "两种写法一致的数值")
        return text

    def _plain(self, number: Json, where: str) -> str:
        if isinstance(number, bool) or not isinstance(number, int | float):
            if isinstance(number, str) and self.amount(number) is not None:
                return number
            raise wrong(where, *self.wanted)
        sign = next(iter(self.units))
        text = f"{Decimal(str(round(number, 6))).normalize():f} {sign}"
        if self.amount(text) is None:
            raise fault(where, "out_of_range", found=number, least=0, most=self.most)
        return text

    def show(self, value: Value, names: Names) -> Json:
        """Return the amount in the normal unit, as written, and what was said of it."""
        if not isinstance(value, Mapping) or not set(value) <= {0, 1, 2, 3}:
            raise wrong("", *self.wanted)
        parts: dict[str, Json] = {}
        for number, name in ((0, self.normal), (1, "error")):
            if number in value:
                text = value[number]
                if number == 0 and self.unlimited and text == self.unlimited:
                    parts["as_written"] = self.unlimited
                    continue
                found = self.amount(text) if isinstance(text, str) else None
                if found is None:
                    raise wrong("", *self.wanted)
                parts[name] = plain_number(found)
                if number == 0:
                    parts["as_written"] = str(text)
                elif str(text) != self._plain(plain_number(found), ""):
                    parts["error"] = str(text)
        for number, name in ((2, "method"), (3, "words")):
            if number in value:
                parts[name] = Text(200).show(value[number], names)
        if 0 not in value and 3 not in value:
            raise wrong("", *self.wanted)
        return parts

    def schema(self) -> dict[str, Json]:
        """Return a text with its unit, or an object."""
        amount: Json = {"type": ["number", "string"]}
        properties: Json = {
            self.normal: {"type": "number"},
            "as_written": {"type": "string"},
            "error": amount,
            "method": {"type": "string"},
            "words": {"type": "string"},
        }
        alone: list[Json] = [{"type": "number"}] if self.bare else []
        return {
            "anyOf": [
                {"type": "string", "minLength": 1, "maxLength": 40},
                {"type": "object", "properties": properties, "additionalProperties": False},
                *alone,
            ],
            "x-parley-type": self.kind,
        }


def plain_number(micro: int) -> int | float:
    """Return millionths as a number, whole where it is whole."""
    return micro // 1_000_000 if micro % 1_000_000 == 0 else micro / 1_000_000


_LENGTHS = {
    "m": 1_000_000,
    "km": 1_000_000_000,
    "nmi": 1_852_000_000,
    "NM": 1_852_000_000,
    "yd": 914_400,
    "ft": 304_800,
}


def distance() -> Measure:
    """Return the type of a distance: metres, kilometres, nautical miles, yards, feet."""
    wanted = ("a distance such as 120 m, 20 ft or 150 yd", "距离，如 120 m、20 ft 或 150 yd")
    return Measure("distance", "metres", _LENGTHS, 40_100_000, wanted)


def height() -> Measure:
    """Return the type of a height; a flight level is a pressure height and says so."""
    return Measure(
        "height",
        "metres",
        {**_LENGTHS, "FL": 30_480_000},
        1_000_000,
        (
            "a height such as 58000 ft AMSL, 350 FL pressure, SFC or UNL",
            "高度，如 58000 ft AMSL、350 FL pressure、SFC 或 UNL",
        ),
        signed=True,
        marks=("AMSL", "AGL", "pressure"),
        needs_mark={"FL": "pressure"},
        alone={"SFC": 0, "GND": 0},
        unlimited="UNL",
    )


def speed() -> Measure:
    """Return the type of a speed; one knot is 1852 metres an hour."""
    units = {"m/s": 1_000_000, "kn": 514_444, "km/h": 277_778}
    return Measure(
        "speed", "metres_per_second", units, 20_000, ("a speed such as 4 kn", "速度，如 4 kn")
    )


def bearing() -> Measure:
    """Return the type of a bearing in degrees true, 0 to 359.9; a magnetic one says `MAG`."""
    return Measure(
        "bearing",
        "degrees",
        {"°": 1_000_000, "deg": 1_000_000},
        360,
        ("a bearing such as 270 ° or 272 ° MAG", "方位，如 270 ° 或 272 ° MAG"),
        marks=("MAG",),
        below=True,
        bare=True,
    )


@dataclass(frozen=True, slots=True)
class BearingSector(FieldType):
    """A direction: one bearing, or a sector clockwise from one to another."""

    kind = "bearing"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return a bearing, or two in a list; a sector is `{from, to}` or a pair."""
        if isinstance(json, Mapping) and set(json) == {"from", "to"}:
            json = [json["from"], json["to"]]
        if isinstance(json, list | tuple):
            if len(json) != _ENDS:
                raise wrong(where, "a sector such as [100, 120]", "扇区，如 [100, 120]")
            named = zip(json, ("from", "to"), strict=True)
            return [bearing().read(each, f"{where}.{name}", names) for each, name in named]
        return bearing().read(json, where, names)

    def show(self, value: Value, names: Names) -> Json:
        """Return a bearing, or `{from, to}`."""
        if not isinstance(value, list | tuple):
            return bearing().show(value, names)
        if len(value) != _ENDS:
            raise wrong("", "a sector such as [100, 120]", "扇区，如 [100, 120]")
        return {
            name: bearing().show(each, names)
            for name, each in zip(("from", "to"), value, strict=True)
        }

    def schema(self) -> dict[str, Json]:
        """Return a bearing, or an object with two."""
        one = {name: part for name, part in bearing().schema().items() if name == "anyOf"}
        properties: Json = {"from": one, "to": one}
        sector: Json = {
            "type": "object",
            "properties": properties,
            "required": ["from", "to"],
            "additionalProperties": False,
        }
        pair: Json = {"type": "array", "items": one, "minItems": _ENDS, "maxItems": _ENDS}
        return {"anyOf": [one, sector, pair], "x-parley-type": self.kind}


_ENDS = 2


TRACK = Struct(
    (
        member("at", 0, InstantType(), "time", "时间"),
        member("position", 1, Position(), "position", "位置"),
    )
)
WHERE = Struct(
    (
        member("position", 0, Position(), "position", "位置"),
        member("area", 1, Text(120), "area", "区域"),
        member("airspace_of", 2, Text(16), "airspace of", "所属空域"),
        member("track", 3, ListOf(item=TRACK, least=1, most=500), "track", "航迹"),
    )
)


@dataclass(frozen=True, slots=True)
class Where(FieldType):
    """Where something happened: a position, a named area, a track."""

    kind = "place"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the parts; a bare text is a position."""
        return WHERE.read({"position": json} if isinstance(json, str) else json, where, names)

    def show(self, value: Value, names: Names) -> Json:
        """Return the parts by name."""
        return WHERE.show(value, names)

    def schema(self) -> dict[str, Json]:
        """Return a position, or an object."""
        return {
            "anyOf": [{"type": "string", "maxLength": 60}, WHERE.schema()],
            "x-parley-type": self.kind,
        }
