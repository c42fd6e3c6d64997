"""For every type of field a value that is taken when it is typed as it stands: for refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from parley.core.instants import rfc3339
from parley.desk.actors import Named
from parley.desk.areas import Area, Spot
from parley.desk.attachments import FileName, MediaType
from parley.desk.catalogue import fields_of
from parley.desk.envelope import Texts
from parley.desk.fields import (
    Boolean,
    Choice,
    Count,
    Duration,
    FieldType,
    Integer,
    Json,
    Matter,
    Pattern,
    Ref,
    Text,
    WordsType,
)
from parley.desk.places import BearingSector, Measure, Position, Where
from parley.desk.procedure import Move
from parley.desk.structures import ByLanguage, ListOf, Readings, Struct, TextOfParts
from parley.desk.times import DAY, Due, InstantType, Until, Windows

_LANGUAGES: Final = ("en", "zh")
_WORDS: Final = {"en": "The lights are out.", "zh": "灯已熄灭。"}
_HOUR: Final = 3600
_POSITION: Final = "25-15.26N 121-30.50E"
_NUMBER_MAX: Final = 24
"""A text so short is a number, as of an article or a note."""
_SOON: Final = 30
"""Days ahead: later than any lead time but the longest, and no date that is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What examples are taken from, so that they hold where they are shown.

    Attributes:
        channel: its code.
        ours: our code.
        theirs: the code of another party on the channel.
        moment: now, seconds; times in examples lie ahead of it.
        entry: an entry on the channel; one that may not be there where none is known.
    """

    channel: str
    ours: str
    theirs: str
    moment: int
    entry: str = ""

    def at(self, hours: int) -> str:
        """Return a time, so many hours into a day that lies ahead."""
        return rfc3339((self.moment // DAY + _SOON) * DAY + hours * _HOUR)


def example_of(move: Move, field: str, around: Around) -> Json:
    """Return what a field of a move takes; an office of ours where the move is for its own."""
    by = move.by
    if isinstance(by, Named) and by.own and by.field == field:
        around = replace(around, theirs=around.ours)
    return example(fields_of(move)[field].type, around)


def example(kind: FieldType, around: Around) -> Json:
    """Return a value that a field of this type takes, in JSON form.

    Of a part that says more than one thing, what it needs and no more.
    """
    if isinstance(kind, Struct):
        return _struct(kind, around)
    for known, give in _BY_TYPE:
        if isinstance(kind, known):
            return give(kind, around)
    return _listed(kind, around)


def _struct(kind: Struct, around: Around) -> Json:
    needed = [member for member in kind.members if member.required] or list(kind.members[:1])
    return {
        member.name: dict(_WORDS)
        if isinstance(member.type, WordsType)
        else example(member.type, around)
        for member in needed
    }


def _listed(kind: FieldType, around: Around) -> Json:
    """Return one item as a list, or alone where that is enough."""
    if not isinstance(kind, ListOf):
        return []
    item = example(kind.item, around)
    if kind.lenient and kind.least <= 1:
        return item
    if item in _LANGUAGES:
        return list(_LANGUAGES)
    return [item] * max(1, kind.least)


def _choice(kind: FieldType, _: Around) -> Json:
    assert isinstance(kind, Choice)
    return kind.codes[0]


def _text(kind: FieldType, _: Around) -> Json:
    assert isinstance(kind, Text)
    return "1" if kind.most <= _NUMBER_MAX else "pier 4"


def _integer(kind: FieldType, _: Around) -> Json:
    assert isinstance(kind, Integer)
    return max(kind.least, min(2, kind.most))


def _duration(kind: FieldType, _: Around) -> Json:
    assert isinstance(kind, Duration)
    return "PT4H" if kind.least <= 4 * _HOUR <= kind.most else f"{kind.least}s"


def _measure(kind: FieldType, _: Around) -> Json:
    assert isinstance(kind, Measure)
    return _MEASURES[kind.kind]


def _pattern(kind: FieldType, around: Around) -> Json:
    assert isinstance(kind, Pattern)
    by_kind: Mapping[str, str] = {
        "office": f"{around.theirs}/OPS",
        "party": around.theirs,
        "language": "zh",
        "code": "live-fire",
        "digest": "0" * 64,
    }
    return by_kind.get(kind.kind, "0" * 16)


def _windows(_: FieldType, around: Around) -> Json:
    return f"{around.at(6)}/{around.at(9)}"


def _area(_: FieldType, around: Around) -> Json:
    del around
    return {"corners": [_POSITION, "25-20.00N 121-30.50E", "25-20.00N 121-40.00E"]}


def _by_language(kind: FieldType, around: Around) -> Json:
    assert isinstance(kind, ByLanguage)
    item = example(kind.item, around)
    return {"en": item, "zh": item}


def _always(value: Json) -> Callable[[FieldType, Around], Json]:
    return lambda _kind, _around: value


_MEASURES: Final[Mapping[str, str]] = {
    "distance": "120 m",
    "speed": "12 kn",
    "height": "300 m AMSL",
    "bearing": "90 deg",
}
_BY_TYPE: Final[tuple[tuple[type[FieldType], Callable[[FieldType, Around], Json]], ...]] = (
    (Choice, _choice),
    (InstantType, lambda _, around: around.at(6)),
    (Until, lambda _, around: around.at(6)),
    (Windows, _windows),
    (Due, _always("PT4H")),
    (Duration, _duration),
    (Integer, _integer),
    (Count, _always(3)),
    (Boolean, _always(True)),
    (Pattern, _pattern),
    (Ref, lambda _, around: around.entry or f"{around.channel}/{around.ours}/1"),
    (Matter, _always("the lights at pier 4")),
    (TextOfParts, _always("CUES 2.1")),
    (Text, _text),
    (WordsType, _always("The lights are out.")),
    (Position, _always(_POSITION)),
    (Where, _always(_POSITION)),
    (Spot, _always(_POSITION)),
    (Area, _area),
    (Measure, _measure),
    (BearingSector, _always("90 deg")),
    (ByLanguage, _by_language),
    (FileName, _always("chart.pdf")),
    (MediaType, _always("application/pdf")),
    (Texts, _always([{"lang": "en", "status": "authentic", "text": "The lights are out."}])),
    (Readings, _always(["where.position=25-15.26N 121-30.50E"])),
)
