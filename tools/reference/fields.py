"""Types of fields in words: what may be written in one, and its bounds."""

from __future__ import annotations

from parley.desk.areas import Area, Spot
from parley.desk.attachments import NAME_CHARACTERS_MAX, TYPES, FileName, MediaType
from parley.desk.envelope import STATUSES, TEXT_CHARACTERS_MAX, Texts
from parley.desk.fields import (
    Boolean,
    Choice,
    Count,
    Duration,
    FieldType,
    Integer,
    Matter,
    Pattern,
    Ref,
    Text,
    WordsType,
)
from parley.desk.places import WHERE, BearingSector, Measure, Position, Where, bearing
from parley.desk.procedures.list_exchange import ROW, Changed, Rows
from parley.desk.structures import ByLanguage, ListOf, Struct
from parley.desk.times import Due, InstantType, Until, Windows
from reference.markdown import code, seconds

INTEGER_LARGEST = 2**53 - 1


def type_words(kind: FieldType) -> str:
    """Return what may be written in a field of this type; TypeError for a type not known here."""
    match kind:
        case Text():
            return f"text, 1 to {kind.most:,} characters"
        case Pattern():
            return f"{kind.wanted[0]} ({code(kind.pattern.pattern)})"
        case WordsType():
            return f"text in one or more languages, at most {kind.most:,} characters each"
        case Choice():
            return f"one of {', '.join(code(each) for each in kind.codes)}"
        case Boolean():
            return "`true` or `false`"
        case Integer():
            most = "2^53 - 1" if kind.most == INTEGER_LARGEST else f"{kind.most:,}"
            return f"whole number, {kind.least:,} to {most}"
        case Count():
            return f"how many: a number up to {kind.most:,}, `at_least`, `at_most`, `about`, or `unknown`"
        case Duration():
            return f"length of time, {seconds(kind.least)} to {seconds(kind.most)}"
        case Due():
            return f"a time, or a length of time after delivery, {seconds(kind.least)} to {seconds(kind.most)}"
        case Ref():
            return "name of an entry, or number of a case"
        case Matter():
            return f"name of an entry, number of a case, or a topic of at most {kind.most:,} characters"
        case Spot():
            return "a position, an area, `named`, `quadrant` of an ocean or `water_body`; a bare text is a position or a name"
        case Rows():
            return f"up to 2,000 of: {_parts(ROW)}"
        case Changed():
            return "rows, a number of rows, or `true`"
        case ByLanguage():
            return f"for each of 1 to 8 languages: {type_words(kind.item)}"
        case InstantType():
            return "a time with its zone, a bare day, or `at` and `precision`"
        case Until():
            return "a date, a time with its zone, `open`, or an event in words"
        case Windows():
            return f"{_span(kind.least, kind.most)} with beginning and end"
        case Position():
            return "a position, such as `10-00.00N 100-05.00E`"
        case Where():
            return f"a position, or {_parts(WHERE)}"
        case Measure():
            units = ", ".join(code(unit) for unit in kind.units)
            return f"{kind.wanted[0]}; units {units}; at most {kind.most:,} {kind.normal.replace('_', ' ')}"
        case BearingSector():
            return f"{type_words(bearing())}; or a sector clockwise between two, `from` and `to`"
        case Texts():
            statuses = ", ".join(code(each) for each in STATUSES)
            return f"1 to 8 texts, each with `lang`, `status` ({statuses}) and `text`, at most {TEXT_CHARACTERS_MAX:,} characters"
        case FileName():
            return f"bare name of a file, 1 to {NAME_CHARACTERS_MAX} characters, without a folder or leading dot"
        case MediaType():
            return f"one of {', '.join(code(each) for each in TYPES)}"
        case ListOf():
            return f"{_times(kind.least, kind.most)}: {type_words(kind.item)}"
        case Area():
            return (
                "an area: `corners` (positions in their order), or `centre` and `radius`, with `from` and `to`"
                " for an arc, or `line` and `width`, or `named`; it may have a `name`"
            )
        case Struct():
            return _parts(kind)
    raise TypeError(f"no words for fields of type {type(kind).__name__}")


def _parts(kind: Struct) -> str:
    said = "; ".join(f"{code(part.name)}: {type_words(part.type)}" for part in kind.members)
    bare = f"; alone it stands for {code(kind.bare)}" if kind.bare else ""
    return f"parts ({said}{bare})"


def _span(least: int, most: int) -> str:
    return "one interval" if least == most == 1 else f"{least} to {most} intervals"


def _times(least: int, most: int) -> str:
    return f"{least} to {most} of" if least else f"up to {most} of"


def choices_in(kind: FieldType) -> list[Choice]:
    """Return every list of choices in a type, in order."""
    match kind:
        case Choice():
            return [kind]
        case ListOf() | ByLanguage():
            return choices_in(kind.item)
        case Struct():
            return [each for part in kind.members for each in choices_in(part.type)]
    return []
