"""A record of any size, written straight through the store: what pages and starts are measured on.

One station's record of one channel with a peer: requests, half of them answered, among messages in
English and Chinese, with the statements of both. Everything is as a station would have stored it:
real keys, real roots, real rows of the case index. So a station can be opened on it, and
`parley-verify` finds nothing wrong with it. Only the keys are used far more quickly than by people.

`python -m benchmarks.record DIRECTORY [ENTRIES]` makes one, to be run by `parley serve --station
DIRECTORY`; the passphrase is `for measuring alone`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from parley.core.canon import Value
from parley.core.charter import Charter
from parley.core.entry import Entry, Kind, encode_entry, leaf_hash
from parley.core.ids import Incarnation, LogId
from parley.core.instants import Instant
from parley.core.link_secrets import Identity
from parley.core.merkle import Tree
from parley.core.statement import Holding, Statement, sign_statement
from parley.core.texts import pack_text
from parley.sim.people import WORLD_START, make_identity
from parley.station.actors import Actor
from parley.station.closed import ClosedStation
from parley.station.config import load
from parley.station.gateway import Gateway
from parley.station.identity import create_station, identity_of, read_own_card
from parley.station.keystore import read_station_keys
from parley.station.parts import build_parts
from parley.station.wiring import first_officer_of, store_address
from parley.store.interface import Batch, EntryRow, IndexRow, LogRow, StatementRow
from parley.store.registry import open_store

PASSPHRASE = b"for measuring alone"
MESSAGES_PER_CASE = 9
OTHER_TEXTS = 64
"""Texts of messages that are packed anew for each record; the rest repeats them."""
NEEDLE, NEEDLE_ZH = "kittiwake", "鲸"
"""Said once, near the beginning of the record: what a search has to look for longest."""
_REQUEST, _ACCEPT = 500, 501
_SIGNED_EVERY = 10
_COMMIT_EVERY = 20_000
_NOUNS = ("vessel", "patrol boat", "survey ship", "helicopter", "tug", "buoy tender")
_NOUNS_ZH = ("渔船", "巡逻艇", "测量船", "直升机", "拖船", "航标船")


@dataclass(slots=True)
class Log:
    """One party's log while it is written."""

    id: LogId
    identity: Identity
    hide: bytes
    tree: Tree = field(default_factory=Tree)
    statements: int = 0

    @property
    def size(self) -> int:
        """Return how many entries it has."""
        return self.tree.size


class Made:
    """ALFA's record of one channel to BRAVO, and the gateway over it."""

    def __init__(self, directory: Path) -> None:
        self.now = WORLD_START + 10
        self._batch = Batch()
        create_station(
            directory,
            code="ALFA",
            name="Alfa",
            passphrase=PASSPHRASE,
            now=WORLD_START,
            random=os.urandom,
            release="one-person",
            kdf_kib=1024,
        )
        self.config = load(directory, environ={})
        self.store = open_store(store_address(self.config))
        self.peer = make_identity("BRAVO")
        card = read_own_card(directory)
        keys = read_station_keys(self.config.path(self.config.station_key), passphrase=PASSPHRASE)
        self.identity = identity_of(card, keys)
        self.charter = Charter(
            parties=(card.party, self.peer.card.party),
            number=1,
            purpose="benchmark",
            basis="none",
            proposed_at=WORLD_START,
            nonce=bytes(16),
            code="OPS",
        )
        channel = self.charter.channel_id
        self.logs = [
            Log(LogId(channel, party, Incarnation(party[:8])), identity, sha256(party).digest())
            for party, identity in zip(
                self.charter.parties, (self.identity, self.peer), strict=True
            )
        ]
        self._texts = _texts()
        self._batch.charters.append(self.charter.encode())
        self._batch.logs += [LogRow(log=log.id, ordinal=1) for log in self.logs]
        for number, log in enumerate(self.logs):
            fields = {0: log.hide, 16: self.charter.hash, 17: log.id.inc}
            self.write(number, Kind.OPEN, fields)
        for number in range(2):
            other = self.logs[1 - number]
            self.write(number, Kind.TURN, {16: 1 - number, 17: other.id.inc})
        self.flush()
        self.station = ClosedStation(card, self.store, now=lambda: Instant(self.now))

    def write(
        self,
        number: int,
        kind: int,
        fields: Mapping[int, Value],
        *,
        case: tuple[int, int] | None = None,
    ) -> int:
        """Append one entry of a party; return its index.

        Args:
            number: the party's number.
            kind: the entry's kind.
            fields: its fields.
            case: party and index of what opened its case; itself where it is None.
        """
        log, other = self.logs[number], self.logs[1 - number]
        entry = Entry(kind=kind, time=Instant(self.now), seen=(other.size,), fields=fields)
        raw, index = encode_entry(entry), log.size
        leaf = leaf_hash(entry, hide=log.hide, index=index, inc=log.id.inc, raw=raw)
        log.tree.append(leaf)
        self._batch.entries.append(
            EntryRow(log=log.id, index=index, raw=raw, leaf=leaf, received=Instant(self.now))
        )
        self._batch.index.append(
            IndexRow(
                log=log.id,
                index=index,
                kind=kind,
                flags=entry.flags,
                time=entry.time,
                case_log=log.id if case is None else self.logs[case[0]].id,
                case_index=index if case is None else case[1],
            )
        )
        return index

    def sign(self) -> None:
        """Let both sign that they hold everything there is."""
        for own, other in (self.logs, self.logs[::-1]):
            root, held = own.tree.root_at(own.size), other.tree.root_at(other.size)
            assert root is not None
            assert held is not None
            party, inc = other.id.party, other.id.inc
            statement = Statement(
                channel=self.charter.channel_id,
                party=own.id.party,
                inc=own.id.inc,
                size=own.size,
                root=root,
                no=own.statements,
                time=Instant(self.now),
                holds=(Holding(party=party, inc=inc, size=other.size, root=held),),
            )
            signed = sign_statement(
                statement, key_number=own.identity.key_number, signer=own.identity.signer
            )
            self._batch.statements.append(StatementRow(signed=signed, received=Instant(self.now)))
            own.statements += 1

    def flush(self) -> None:
        """Store what was written."""
        self.store.commit(self._batch)
        self._batch = Batch()

    def grow(self, cases: int) -> None:
        """Write so many requests by turns, every second one answered, among messages."""
        for number in range(cases):
            asker = number % 2
            fields: dict[int, Value] = {
                32: 1,
                33: {0: "ALFA/CHIEF", 1: "BRAVO/CHIEF"},
                30: [[["en", f"Nets near the pier, {number}"]]],
                5: 10 * 86_400,
                19: [[1 - asker, "OPS"]],
            }
            opened = self.write(asker, _REQUEST, fields)
            self.now += 1
            if number % 4 < 2:
                place = (asker, opened)
                self.write(1 - asker, _ACCEPT, {4: [asker, opened]}, case=place)
            for at in range(MESSAGES_PER_CASE):
                self.write(at % 2, Kind.SAY, {2: self._text(number * MESSAGES_PER_CASE + at)})
            if number % _SIGNED_EVERY == 0:
                self.sign()
            if len(self._batch.entries) >= _COMMIT_EVERY:
                self.flush()
        self.sign()
        self.flush()

    def _text(self, number: int) -> Value:
        if number == 1:
            return pack_text(f"A {NEEDLE} was seen over the pier")
        if number == 2:
            return pack_text(f"防波堤外见到一头{NEEDLE_ZH}")
        return self._texts[number % OTHER_TEXTS]

    async def gateway(self) -> Gateway:
        """Return the gateway over the record."""
        await first_officer_of(self.station, self.config)
        parts = build_parts(self.station, self.config, random=os.urandom, is_running=False)
        gateway = Gateway(parts)
        if not any(peer.code == "BRAVO" for peer in parts.trust.peers()):
            officer = gateway.officers()[0]
            actor = Actor(officer=officer.code, roles=frozenset(officer.roles), via="socket")
            await gateway.add_peer(actor, self.peer.card.raw)
        return gateway


def _texts() -> list[Value]:
    """Return texts of messages, every second one in Chinese."""
    made: list[Value] = []
    for number in range(0, OTHER_TEXTS, 2):
        course, speed = number * 31 % 360, number % 30
        at = number // 2 % len(_NOUNS)
        made.append(
            pack_text(
                f"Report {number}: {_NOUNS[at]} on course {course}, speed {speed} knots; request "
                "your intentions and safe distance on channel one six"
            )
        )
        made.append(
            pack_text(
                f"第{number}次报告：{_NOUNS_ZH[at]}航向{course}，航速{speed}节，请告知你方意图，"
                "并在十六频道保持安全距离"
            )
        )
    return made


def make(directory: Path, entries: int) -> Made:
    """Make a record of at least so many entries, with the peer trusted."""
    made = Made(directory)
    # Half of the cases have an answer.
    made.grow(-(-2 * entries // (2 * MESSAGES_PER_CASE + 3)))
    asyncio.run(made.gateway())
    return made


def main() -> int:
    """Make a record; say what it cost."""
    directory = Path(sys.argv[1])
    entries = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    began = time.process_time()
    made = make(directory, entries)
    written = sum(log.size for log in made.logs)
    made.store.close()
    print(f"{written:,} entries in {time.process_time() - began:.0f} s of processor time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
