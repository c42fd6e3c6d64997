"""Parties that talk on channels without stations: entries and statements as the desk reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from parley.core.charter import Charter
from parley.core.entry import Entry
from parley.core.ids import Hash, Incarnation, PartyId
from parley.core.instants import Instant, parse_instant
from parley.core.statement import Holding, Statement
from parley.desk.desk import Desk
from parley.desk.profiles import Profile, load
from parley.desk.record import ChannelView, Place, Placed
from parley.desk.registers import Registers
from parley.desk.rules import Built, MoveDraft, build_move

START = parse_instant("2026-03-01T00:00:00Z")


def party_id(code: str) -> PartyId:
    return PartyId(sha256(code.encode()).digest()[:16])


def inc_of(code: str, life: int = 1) -> Incarnation:
    return Incarnation(sha256(f"{code} {life}".encode()).digest()[:8])


class Line:
    """One channel; every station holds everything at once unless `cut` says otherwise."""

    def __init__(
        self,
        *codes: str,
        code: str = "OPS",
        profile: Profile | None = None,
        start: int = START,
        terms: Mapping[int, Any] | None = None,
    ) -> None:
        self.codes = codes
        self.charter = Charter(
            parties=tuple(party_id(c) for c in codes),
            number=1,
            purpose="talk",
            basis="none",
            proposed_at=start,
            nonce=bytes(16),
            code=code,
            terms=dict(terms or {}),
        )
        self.profile = profile or load("default")
        self.entries: list[Placed] = []
        self.statements: list[Statement] = []
        self.sizes = [0] * len(codes)
        self.held = [[0] * len(codes) for _ in codes]
        self.no = [0] * len(codes)
        self.cut: set[tuple[int, int]] = set()
        self.silent: set[int] = set()
        for number in range(len(codes)):
            self._put(number, Entry(kind=0, time=Instant(start), seen=(0,) * (len(codes) - 1)))
        self.exchange(start)

    @property
    def view(self) -> ChannelView:
        return ChannelView(
            charter=self.charter,
            codes=self.codes,
            entries=self.entries,
            statements=self.statements,
            profile=self.profile,
        )

    def _put(self, number: int, entry: Entry) -> Place:
        placed = Placed(
            party=number, inc=inc_of(self.codes[number]), index=self.sizes[number], entry=entry
        )
        self.entries.append(placed)
        self.sizes[number] += 1
        self.held[number][number] = self.sizes[number]
        return placed.place(self.charter.channel_id)

    def exchange(self, at: int) -> None:
        """Carry entries both ways where the line is up."""
        for a in range(len(self.codes)):
            for b in range(len(self.codes)):
                if (a, b) not in self.cut:
                    self.held[b][a] = max(self.held[b][a], self.sizes[a])
        del at

    def sign(self, at: int, *numbers: int) -> None:
        """Sign a statement of everything held, for these parties or all."""
        for number in numbers or range(len(self.codes)):
            if number in self.silent:
                continue
            self.statements.append(
                Statement(
                    channel=self.charter.channel_id,
                    party=party_id(self.codes[number]),
                    inc=inc_of(self.codes[number]),
                    size=self.sizes[number],
                    root=Hash(bytes(32)),
                    no=self.no[number],
                    time=Instant(at),
                    holds=tuple(
                        Holding(
                            party=party_id(other),
                            inc=inc_of(other),
                            size=size,
                            root=Hash(bytes(32)),
                        )
                        for other, size in zip(self.codes, self.held[number], strict=True)
                        if other != self.codes[number]
                    ),
                )
            )
            self.no[number] += 1

    def write(self, number: int, at: int, built: Built) -> Place:
        """Append a built entry with what its author holds, then carry it and sign."""
        seen = tuple(size for other, size in enumerate(self.held[number]) if other != number)
        place = self._put(
            number,
            Entry(
                kind=built.kind, time=Instant(at), flags=built.flags, seen=seen, fields=built.fields
            ),
        )
        self.exchange(at)
        self.sign(at, number)
        self.sign(at, *(n for n in range(len(self.codes)) if n != number))
        return place

    def raw(self, number: int, at: int, **parts: Any) -> Place:
        """Append an entry that no rule was asked about."""
        seen = tuple(size for other, size in enumerate(self.held[number]) if other != number)
        entry = Entry(**{"kind": 1, "time": Instant(at), "seen": seen, **parts})
        place = self._put(number, entry)
        self.exchange(at)
        self.sign(at)
        return place


class Talk:
    """Lines, and one desk that has them all in view."""

    def __init__(self, *lines: Line) -> None:
        self.lines = lines
        self.desk = Desk()

    def registers(self, at: int) -> Registers:
        return self.desk.registers([line.view for line in self.lines], Instant(at))

    def say(
        self,
        line: Line,
        office: str,
        at: int,
        move: str,
        fields: Mapping[str, Any] | None = None,
        *,
        case: Place | str | None = None,
        to: Sequence[str] = (),
        **more: Any,
    ) -> Place:
        """Build a move by the rules and write it."""
        code, _, desk = office.partition("/")
        number = line.codes.index(code)
        draft = MoveDraft(
            move=move,
            party=number,
            desk=desk,
            action=to,
            case=case,
            fields=fields or {},
            moment=Instant(at),
            **more,
        )
        built = build_move(self.registers(at), line.view, draft)
        return line.write(number, at, built)


REQUEST = {
    "form": "call",
    "level": {"ours": "ALFA/CHIEF", "theirs": "BRAVO/CHIEF"},
    "topics": [{"en": "Nets near the pier"}],
}


def two(profile: Profile | None = None) -> tuple[Talk, Line]:
    """Return a talk of ALFA and BRAVO on one line."""
    line = Line("ALFA", "BRAVO", profile=profile)
    return Talk(line), line


class Pair:
    """ALFA and BRAVO on one line, for tests of procedures: short words for what they do."""

    def __init__(self, profile: Profile | None = None, *codes: str) -> None:
        self.line = Line(*(codes or ("ALFA", "BRAVO")), profile=profile)
        self.talk = Talk(self.line)

    def say(
        self,
        office: str,
        at: int,
        move: str,
        fields: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Place:
        """Let an office make a move; without a case it goes to the OPS desks of the others."""
        if more.get("case") is None and "to" not in more:
            code = office.partition("/")[0]
            more["to"] = [f"{other}/OPS" for other in self.line.codes if other != code]
        return self.talk.say(self.line, office, at, move, fields, **more)

    def registers(self, at: int) -> Registers:
        return self.talk.registers(at)

    def row(self, register: str, case: Place, at: int, party: str | None = None) -> Any:
        return self.registers(at).row(register, case, party).values

    def name(self, place: Place) -> str:
        return self.registers(START).name_of(place)
