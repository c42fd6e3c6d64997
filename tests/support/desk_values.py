"""Values that fit the types of fields, and histories made of them, from a source of chance."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any

from parley.core.instants import Instant, rfc3339
from parley.desk.areas import Area, Spot
from parley.desk.attachments import TYPES, Attachments, FileName, MediaType
from parley.desk.catalogue import MOVES, fields_of
from parley.desk.desk import Desk
from parley.desk.envelope import STATUSES, Texts
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
from parley.desk.places import BearingSector, Measure, Position, Where, bearing
from parley.desk.procedure import Move
from parley.desk.procedures.list_exchange import Changed, Rows
from parley.desk.record import ChannelView, Place
from parley.desk.registers import Registers
from parley.desk.rules import MoveDraft, build_move, permitted_moves
from parley.desk.structures import ByLanguage, ListOf, Struct
from parley.desk.times import PRECISIONS, Due, InstantType, Until, When, Windows
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, Line

_WORDS = ("Nets", "码头", "buoy 3", "Fog", "灯", "è", "x")
_PATTERNS = {
    "office": "BRAVO/OPS",
    "party": "ALFA",
    "code": "live-fire",
    "digest": "a0" * 32,
    "language": "zh",
    "parts": "0a" * 8,
}


def words(chance: Random, most: int) -> str:
    return (
        " ".join(chance.choice(_WORDS) for _ in range(chance.randint(1, 4)))[:most].strip() or "x"
    )


def position(chance: Random) -> Any:
    north, east = chance.choice("NS"), chance.choice("EW")
    lat, lon = chance.randint(0, 89), chance.randint(0, 179)
    a, b = chance.randint(0, 59), chance.randint(0, 59)
    return chance.choice(
        [
            f"{lat:02d}-{a:02d}.{b:02d}{north} {lon:03d}-{b:02d}.{a:02d}{east}",
            f"{lat:02d}°{a:02d}′{b:02d}″{north} {lon:03d}°{b:02d}′{a:02d}″{east}",
            f"{lat}.{a}{b}{north} {lon}.{b}{a}{east}",
            {"lat": lat + a / 100, "lon": -lon - b / 1000},
        ]
    )


def instant(chance: Random) -> Any:
    at = START + chance.randint(0, 40 * 86_400)
    text = rfc3339(at)
    return chance.choice(
        [
            text,
            text.replace("Z", "+05:45"),
            text.replace("Z", "-03:30"),
            text[:10],
            {"at": text, "precision": chance.choice(PRECISIONS)},
            "021535E MAR 26",
        ]
    )


def windows(chance: Random, kind: Windows) -> Any:
    def one() -> Any:
        first = START + chance.randint(40, 60) * 86_400
        if chance.random() < 0.2:
            return rfc3339(first)[:10]
        return [rfc3339(first), rfc3339(first + chance.randint(1, 86_400))]

    return [one() for _ in range(chance.randint(max(1, kind.least), min(3, kind.most)))]


def area(chance: Random) -> Any:
    lat, lon = chance.randint(0, 80), chance.randint(0, 170)
    corners = [
        f"{lat + a}-00.00N {lon + b:03d}-00.00E" for a, b in ((0, 0), (0, 3), (3, 3), (3, 0))
    ]
    return chance.choice(
        [
            {"corners": corners[: chance.randint(3, 4)], "name": "1"},
            {"centre": corners[0], "radius": "5 nmi"},
            {"line": corners[:2], "width": "2 km"},
            {"centre": corners[0], "radius": "5 nmi", "from": "10 °", "to": "80 °"},
            {"named": "Pier 4"},
        ]
    )


def measure(chance: Random, kind: Measure) -> Any:
    sign = next(iter(kind.units))
    amount = chance.choice([chance.randint(0, 300), chance.randint(0, 3000) / 10])
    return chance.choice(
        [
            f"{amount} {sign}",
            {kind.normal: amount, "error": chance.randint(0, 9)},
            {"as_written": f"{amount} {sign}", "method": "radar"},
            {"words": "close by"},
        ]
    )


def value_for(kind: FieldType, chance: Random, names: list[str]) -> Any:
    """Return a value in JSON form that this type accepts."""
    simple = {
        Boolean: lambda: chance.random() < 0.5,
        Position: lambda: position(chance),
        InstantType: lambda: instant(chance),
        Area: lambda: area(chance),
        Where: lambda: chance.choice([{"position": position(chance)}, {"area": words(chance, 50)}]),
        Ref: lambda: chance.choice(names),
        Spot: lambda: chance.choice([area(chance), {"quadrant": "north"}, "Site one", "10N 100E"]),
        Rows: lambda: [{"name": words(chance, 20)} for _ in range(chance.randint(0, 3))],
        Changed: lambda: chance.choice([1, True, [{"name": "Other"}]]),
        Matter: lambda: chance.choice([*names, "lifting of the measure"]),
        Until: lambda: chance.choice(["open", "2027-01-01", "2027-01-01T00:00:00Z", "the talks"]),
    }
    if type(kind) in simple:
        return simple[type(kind)]()
    if isinstance(kind, Text):
        return words(chance, kind.most)
    if isinstance(kind, Pattern):
        return _PATTERNS[kind.kind]
    if isinstance(kind, WordsType):
        return {chance.choice(["en", "zh", "zh-Hans"]): words(chance, kind.most)}
    if isinstance(kind, Choice):
        return chance.choice(kind.codes)
    if isinstance(kind, Integer):
        return chance.randint(kind.least, min(kind.most, kind.least + 50))
    if isinstance(kind, Count):
        number = chance.randint(0, 50)
        return chance.choice([number, {"at_least": number}, {"about": number}, "unknown"])
    if isinstance(kind, Duration | Due):
        return chance.choice(["PT4H", 7200, "P2D" if kind.most > 2 * 86_400 else "PT2H"])
    if isinstance(kind, When) and chance.random() < 0.2:
        return "now"
    if isinstance(kind, Windows):
        return windows(chance, kind)
    if isinstance(kind, Measure):
        return measure(chance, kind)
    if isinstance(kind, BearingSector):
        ends = [measure(chance, bearing()) for _ in range(2)]
        return chance.choice([ends[0], ends])
    if isinstance(kind, Texts):
        return [{"lang": "en", "status": chance.choice(STATUSES), "text": words(chance, 100)}]
    if isinstance(kind, Struct):
        members = [m for m in kind.members if m.required or chance.random() < 0.6]
        members = members or [kind.members[0]]
        return {m.name: value_for(m.type, chance, names) for m in members}
    if isinstance(kind, ByLanguage):
        return {"zh": value_for(kind.item, chance, names)}
    if isinstance(kind, FileName):
        return f"chart {chance.randint(1, 9)}.pdf"
    if isinstance(kind, MediaType):
        return chance.choice(list(TYPES))
    if isinstance(kind, Attachments):
        return [value_for(kind.item, chance, names)]
    assert isinstance(kind, ListOf), kind
    count = chance.randint(max(1, kind.least), max(1, kind.least, min(kind.most, 3)))
    return [value_for(kind.item, chance, names) for _ in range(count)]


def fields_for(move: Move, chance: Random, names: list[str]) -> dict[str, Any]:
    """Return fields for a move: all it needs, and some of the rest."""
    needed = {field.name for field in move.fields if field.required} | set(move.needs)
    return {
        name: value_for(field.type, chance, names)
        for name, field in fields_of(move).items()
        if name in needed or (name != "of" and chance.random() < 0.25)
    }


def held_by(line: Line, number: int) -> ChannelView:
    """Return the line as one party's station holds it: what it has of the others, and its own."""
    entries = [p for p in line.entries if p.index < line.held[number][p.party]]
    return replace(line.view, entries=entries)


def move_of(chance: Random, registers: Registers, line: Line, author: int, case: Place | None):
    """Return a move that is open to a party, the case's own procedure before all others."""
    moves = [one.move for one in permitted_moves(registers, case, author, line.view.id)]
    own = registers.case(case).procedure if case is not None else ""
    near = [move for move in moves if move.procedure == own]
    if near and chance.random() < 0.8:
        return chance.choice(near)
    procedures = sorted({move.procedure for move in moves})
    if not procedures:
        return None
    chosen = chance.choice(procedures)
    return chance.choice([move for move in moves if move.procedure == chosen])


def history(seed: int, *, length: int = 30, codes: tuple[str, ...] = ("ALFA", "BRAVO")) -> Line:
    """Return a line on which moves of every procedure were made, with cuts and silences.

    Every author goes by what its own station holds, so that moves cross.
    """
    chance = Random(seed)
    line = Line(*codes)
    at = START
    places: list[Place] = []
    for _ in range(length):
        at += chance.choice([1, 60, 3600, 5 * 3600, 3 * 86_400])
        pairs = [(a, b) for a in range(len(codes)) for b in range(len(codes)) if a != b]
        line.cut = {pair for pair in pairs if chance.random() < 0.3}
        line.silent = {n for n in range(len(codes)) if chance.random() < 0.2}
        line.exchange(at)
        if chance.random() < 0.3:
            line.sign(at)
        author = chance.randrange(len(codes))
        view = held_by(line, author)
        registers = Desk().registers([view], Instant(at))
        known = [p for p in places[-4:] if p.index < line.held[author][p.party]]
        case = chance.choice(known) if known and chance.random() < 0.8 else None
        move = move_of(chance, registers, line, author, case)
        if move is None:
            continue
        names = [registers.name_of(place) for place in known] or ["OPS/ALFA/0"]
        draft = MoveDraft(
            move=move.full_name,
            party=author,
            desk=chance.choice(["OPS", "CHIEF"]),
            action=[] if case else [c + "/OPS" for c in codes if c != codes[author]],
            case=case,
            fields=fields_for(move, chance, names),
            precedence=chance.choice("RPOZ"),
            moment=Instant(at),
        )
        with suppress(InvalidFieldsError, MoveNotPermittedError):
            place = line.write(author, at, build_move(registers, view, draft))
            if case is None:
                places.append(place)
    line.cut, line.silent = set(), set()
    line.exchange(at + 60)
    line.sign(at + 60)
    return line


ALL_MOVES = tuple(MOVES.values())
