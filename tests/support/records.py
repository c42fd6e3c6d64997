"""A small builder of records: two parties or more, their logs and signed statements.

Everything is deterministic (seeds are hashes of names), made through the core alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256

from parley.core import keys, merkle
from parley.core.card import Card, StationKey, card_body, sign_card
from parley.core.charter import Charter
from parley.core.entry import Entry, Kind, encode_entry, leaf_hash
from parley.core.ids import Hash, Incarnation, LogId, PartyId, Ranges
from parley.core.instants import Instant
from parley.core.statement import Holding, SignedStatement, Statement, sign_statement
from parley.store.interface import Batch, EntryRow, IndexRow, LogRow, StatementRow

START = 1_790_000_000
YEAR = 31_536_000


def seed(name: str) -> bytes:
    """Return 32 bytes that depend on the name alone."""
    return sha256(b"test " + name.encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party with all its secrets."""

    card: Card
    root_ed: keys.Ed25519Signer
    root_pq: keys.Mldsa65Signer
    station: keys.Ed25519Signer
    twin: keys.Mldsa65Signer

    @property
    def id(self) -> PartyId:
        return self.card.party


@cache
def make_party(code: str, *, sequence: int = 1) -> Party:
    """Return a party of this code; the same one each time."""
    root_ed = keys.Ed25519Signer(seed(code + " root"))
    root_pq = keys.Mldsa65Signer(seed(code + " root pq"))
    station = keys.Ed25519Signer(seed(code + " station"))
    twin = keys.Mldsa65Signer(seed(code + " station pq"))
    body = card_body(
        sequence=sequence,
        code=code,
        name=f"Party {code}",
        root_ed=root_ed.public_key,
        root_pq=root_pq.public_key,
        station_keys=[
            StationKey(
                number=0,
                ed=station.public_key,
                pq=twin.public_key,
                not_before=START - YEAR,
                until=START + YEAR,
            )
        ],
        issued=START - YEAR,
        not_after=START + 5 * YEAR,
    )
    card = sign_card(body, root_ed=root_ed, root_pq=root_pq)
    return Party(card=card, root_ed=root_ed, root_pq=root_pq, station=station, twin=twin)


@dataclass(slots=True, kw_only=True)
class Log:
    """One log while it is being written."""

    id: LogId
    hide: bytes
    entries: list[tuple[Entry, bytes, Hash]] = field(default_factory=list)
    tree: merkle.Tree = field(default_factory=merkle.Tree)
    statements: list[SignedStatement] = field(default_factory=list)
    met: dict[PartyId, Incarnation] = field(default_factory=dict)


class Record:
    """One channel among parties, seen by an observer who holds everything.

    Attributes:
        now: the clock; entries and statements take it unless told otherwise.
        logs: the newest log of each party.
        all: every log, in the order in which they were opened.
    """

    def __init__(
        self,
        *codes: str,
        code: str = "PIER",
        witnesses: Sequence[tuple[str, str]] = (),
        ends_at: int | None = None,
        terms: Mapping[int, object] | None = None,
    ) -> None:
        self.parties = [make_party(name) for name in codes or ("ALFA", "BRAVO")]
        self.charter = Charter(
            parties=tuple(party.id for party in self.parties),
            number=7,
            purpose="Trials",
            basis="Letter 12",
            proposed_at=START,
            nonce=seed(code)[:16],
            code=code,
            witnesses=tuple(witnesses),
            ends_at=ends_at,
            terms=terms or {},  # type: ignore[arg-type]
        )
        self.now = START
        self.logs: dict[PartyId, Log] = {}
        self.all: list[Log] = []
        for party in self.parties:
            self.open(party)

    def open(self, party: Party, *, incarnation: int = 1, **fields: object) -> Log:
        """Open a log of `party`: entry 0 is written."""
        inc = Incarnation(seed(f"{party.card.code} {self.charter.code} {incarnation}")[:8])
        log = Log(id=LogId(self.charter.channel_id, party.id, inc), hide=seed(inc.hex() + " hide"))
        self.logs[party.id] = log
        self.all.append(log)
        opening = {0: log.hide, 16: self.charter.hash, 17: inc}
        opening |= {int(name[1:]): value for name, value in fields.items()}  # type: ignore[dict-item]
        self.append(party, Kind.OPEN, opening)
        return log

    def seen(self, party: Party) -> tuple[int, ...]:
        """Return how many entries of each other party were written so far."""
        return tuple(
            len(self.logs[other].entries) if other in self.logs else 0
            for other in self.charter.others(party.id)
        )

    def append(
        self,
        party: Party,
        kind: int,
        fields: Mapping[int, object] | None = None,
        *,
        flags: int = 0,
        seen: tuple[int, ...] | None = None,
    ) -> int:
        """Write one entry of `party`; return its index."""
        log = self.logs[party.id]
        entry = Entry(
            kind=kind,
            time=Instant(self.now),
            flags=flags,
            seen=self.seen(party) if seen is None else seen,
            fields=fields or {},  # type: ignore[arg-type]
        )
        index = len(log.entries)
        leaf = leaf_hash(entry, hide=log.hide, index=index, inc=log.id.inc)
        log.entries.append((entry, encode_entry(entry), leaf))
        log.tree.append(leaf)
        return index

    def say(self, party: Party, text: str, **fields: object) -> int:
        """Write a `say` entry."""
        return self.append(party, Kind.SAY, {2: text} | {int(n[1:]): v for n, v in fields.items()})

    def turn(self, party: Party, other: Party) -> int:
        """Write the `turn` entry for the newest log of `other`."""
        theirs = self.logs[other.id].id
        self.logs[party.id].met[other.id] = theirs.inc
        number = self.charter.party_number(other.id)
        return self.append(party, Kind.TURN, {16: number, 17: theirs.inc})

    def sign(
        self,
        party: Party,
        *,
        size: int | None = None,
        time: int | None = None,
        holds: Mapping[PartyId, int] | None = None,
        missing: Ranges = (),
        keep: bool = True,
    ) -> SignedStatement:
        """Sign a statement of `party`: by default over everything there is."""
        log = self.logs[party.id]
        size = len(log.entries) if size is None else size
        held: list[Holding] = []
        for other in self.charter.others(party.id):
            if other not in log.met:
                continue
            their = next(one for one in self.all if one.id.inc == log.met[other])
            theirs = len(their.entries)
            if holds is not None:
                theirs = holds.get(other, theirs)
            root = their.tree.root_at(theirs)
            assert root is not None
            held.append(
                Holding(party=other, inc=their.id.inc, size=theirs, root=root, missing=missing)
            )
        root = log.tree.root_at(size)
        assert root is not None
        statement = Statement(
            channel=self.charter.channel_id,
            party=party.id,
            inc=log.id.inc,
            size=size,
            root=root,
            no=len(log.statements),
            time=Instant(self.now if time is None else time),
            holds=tuple(held),
        )
        signed = sign_statement(statement, key_number=0, signer=party.station)
        if keep:
            log.statements.append(signed)
        return signed

    def meet(self) -> None:
        """Let every party write its turns and sign: the usual beginning of a channel."""
        for party in self.parties:
            for other in self.parties:
                if other is not party:
                    self.turn(party, other)
        for party in self.parties:
            self.sign(party)
            self.now += 1

    def entry_rows(self, party: Party, first: int = 0, end: int | None = None) -> list[EntryRow]:
        """Return the rows of a party's newest log."""
        return rows_of(self.logs[party.id], first, end)

    def batch(self) -> Batch:
        """Return everything as one batch, as a station that holds it all would store it."""
        ordinals: dict[PartyId, int] = {}
        batch = Batch(charters=[self.charter.encode()])
        for log in self.all:
            ordinals[log.id.party] = ordinals.get(log.id.party, 0) + 1
            batch.logs.append(LogRow(log=log.id, ordinal=ordinals[log.id.party]))
            batch.entries += rows_of(log)
            batch.index += index_of(log)
            batch.statements += [
                StatementRow(signed=signed, received=Instant(self.now)) for signed in log.statements
            ]
        return batch


def rows_of(log: Log, first: int = 0, end: int | None = None) -> list[EntryRow]:
    """Return entry rows of a log."""
    return [
        EntryRow(log=log.id, index=index, raw=raw, leaf=leaf, received=Instant(entry.time + 2))
        for index, (entry, raw, leaf) in enumerate(log.entries)
        if index >= first and (end is None or index < end)
    ]


def index_of(log: Log) -> list[IndexRow]:
    """Return index rows that make every entry the opening of its own case."""
    return [
        IndexRow(
            log=log.id,
            index=index,
            kind=entry.kind,
            flags=entry.flags,
            time=entry.time,
            case_log=log.id,
            case_index=index,
        )
        for index, (entry, _, _) in enumerate(log.entries)
    ]
