"""Pages of registers over records of growing size: a page must not grow with the record.

One station's record is written straight into its database: requests, half of them answered, among
messages, with the peer's statements. Then its gateway is asked for pages as console, command line
and API ask it; before every question the clock goes on and one more entry comes in.

`python -m benchmarks.registers [CASES ...]` prints the median of each page in processor time, which
a busy machine does not lengthen, and how it grew.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from parley.core.canon import Value
from parley.core.charter import Charter
from parley.core.entry import Entry, Kind, encode_entry
from parley.core.ids import Hash, Incarnation, LogId
from parley.core.instants import Instant
from parley.core.statement import Holding, Statement, sign_statement
from parley.core.texts import pack_text
from parley.sim.people import WORLD_START, make_identity
from parley.station.actors import Actor
from parley.station.case_lists import CaseQuery
from parley.station.closed import ClosedStation
from parley.station.config import load
from parley.station.gateway import Gateway
from parley.station.identity import create_station, read_own_card
from parley.station.parts import build_parts
from parley.station.wiring import first_officer_of
from parley.store.interface import Batch, EntryRow, LogRow, StatementRow
from parley.store.registry import open_store

SIZES = (2_500, 10_000)
MESSAGES_PER_CASE = 9
ROUNDS = 20
_REQUEST, _ACCEPT = 500, 501
_SIGNED_EVERY = 100
_COMMIT_EVERY = 5_000


@dataclass(slots=True)
class _Log:
    """One party's log while it is written."""

    id: LogId
    size: int = 0
    statements: int = 0


class Made:
    """ALFA's record of one channel to BRAVO, and the gateway over it."""

    def __init__(self, directory: Path) -> None:
        self.now = WORLD_START + 10
        self._batch = Batch()
        create_station(
            directory,
            code="ALFA",
            name="Alfa",
            passphrase=b"for measuring alone",
            now=WORLD_START,
            random=os.urandom,
            release="one-person",
            scrypt_n=1024,
        )
        self.config = load(directory, environ={})
        self.store = open_store(directory / "bench.sqlite")
        self.peer = make_identity("BRAVO")
        card = read_own_card(directory)
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
        self.logs = [_Log(LogId(channel, p, Incarnation(p[:8]))) for p in self.charter.parties]
        self._batch.charters.append(self.charter.encode())
        self._batch.logs += [LogRow(log=log.id, ordinal=1) for log in self.logs]
        for number, log in enumerate(self.logs):
            self.write(number, Kind.OPEN, {16: self.charter.hash, 17: log.id.inc})
        self.flush()
        self.station = ClosedStation(card, self.store, now=lambda: Instant(self.now))

    def write(self, number: int, kind: int, fields: Mapping[int, Value]) -> int:
        """Append one entry of a party; return its index."""
        log, other = self.logs[number], self.logs[1 - number]
        entry = Entry(kind=kind, time=Instant(self.now), seen=(other.size,), fields=fields)
        raw = encode_entry(entry)
        self._batch.entries.append(
            EntryRow(
                log=log.id,
                index=log.size,
                raw=raw,
                leaf=Hash(sha256(raw).digest()),
                received=Instant(self.now),
            )
        )
        log.size += 1
        return log.size - 1

    def sign(self) -> None:
        """Let both sign that they hold everything there is.

        Nothing here checks a signature: one key signs for both.
        """
        for own, other in (self.logs, self.logs[::-1]):
            statement = Statement(
                channel=self.charter.channel_id,
                party=own.id.party,
                inc=own.id.inc,
                size=own.size,
                root=Hash(bytes(32)),
                no=own.statements,
                time=Instant(self.now),
                holds=(
                    Holding(
                        party=other.id.party,
                        inc=other.id.inc,
                        size=other.size,
                        root=Hash(bytes(32)),
                    ),
                ),
            )
            signed = sign_statement(statement, key_number=0, signer=self.peer.signer)
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
                self.write(1 - asker, _ACCEPT, {4: [asker, opened]})
            for at in range(MESSAGES_PER_CASE):
                self.write(at % 2, Kind.SAY, {2: pack_text(f"routine message {number}.{at}")})
            if number % _SIGNED_EVERY == 0:
                self.sign()
            if len(self._batch.entries) >= _COMMIT_EVERY:
                self.flush()
        self.sign()
        self.flush()

    async def gateway(self) -> Gateway:
        """Return the gateway over the record."""
        await first_officer_of(self.station, self.config)
        parts = build_parts(self.station, self.config, random=os.urandom, is_running=False)
        gateway = Gateway(parts)
        officer = gateway.officers()[0]
        actor = Actor(officer=officer.code, roles=frozenset(officer.roles), via="socket")
        await gateway.add_peer(actor, self.peer.card.raw)
        return gateway


def _questions(gateway: Gateway, case: str) -> dict[str, Callable[[], object]]:
    def page(**more: object) -> Callable[[], object]:
        return lambda: gateway.register(CaseQuery(procedure="request", **more))  # type: ignore[arg-type]

    return {
        "register, newest 100": page(),
        "register, what we owe by due time": page(owed_by="us", order="due"),
        "overview": gateway.overview,
        "inbox, first 100": gateway.inbox,
        "who owes whom": gateway.balances,
        "one case": lambda: gateway.case(case),
        "outbox, newest 50": gateway.outbox,
    }


async def measure(cases: int, *, rounds: int = ROUNDS) -> dict[str, float]:
    """Return the median seconds of each page over a record of so many cases."""
    with tempfile.TemporaryDirectory() as place:
        made = Made(Path(place) / "alfa")
        made.grow(cases)
        gateway = await made.gateway()
        case = gateway.register(CaseQuery(procedure="request", limit=1)).items[0].number
        times: dict[str, list[float]] = {}
        for _ in range(rounds):
            for name, ask in _questions(gateway, case).items():
                made.now += 1
                made.write(1, Kind.SAY, {2: pack_text("one more")})
                made.sign()
                made.flush()
                began = time.process_time()
                ask()
                times.setdefault(name, []).append(time.process_time() - began)
        made.store.close()
        return {name: statistics.median(taken) for name, taken in times.items()}


def main() -> int:
    sizes = [int(word) for word in sys.argv[1:]] or list(SIZES)
    results = [asyncio.run(measure(size)) for size in sizes]
    per_case = MESSAGES_PER_CASE + 1
    print("cases  entries ", *(f"{size:,} / {size * per_case:,}" for size in sizes), sep="  ")
    for name in results[0]:
        found = [result[name] for result in results]
        times = "  ".join(f"{seconds * 1e3:8.1f} ms" for seconds in found)
        print(f"{name:36}  {times}  last / first {found[-1] / found[0]:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
