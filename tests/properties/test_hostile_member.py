"""A member that sends whatever the form of the protocol allows, in any order: a machine of states.

It has its own key and no other. Whatever it signs, sends or withholds: the station neither falls
nor stops, nobody but the member itself is ever blamed, every row on disk verifies, and the third
member's entries come and are receipted.
"""

from __future__ import annotations

import copy
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from parley.core import items
from parley.core.ids import Hash, Incarnation, LogId
from parley.core.items import Fork, Have, Held, Need, Nodes, Refuse
from parley.core.statement import Holding
from parley.station.conflicts import FREEZING
from parley.station.effects import NewEntry
from parley.store.verify import verify_rows
from support.hand_peer import CHANNEL_NUMBER, HandPeer, RealStation

ALFA, BRAVO, CHARLIE = range(3)
SIZES = st.one_of(st.integers(0, 12), st.sampled_from([2**16, 2**32, 2**53 - 1]))
PLACES = st.integers(0, 12)
ROOTS = st.sampled_from([bytes(32), b"\xff" * 32])


class HostileMember(RuleBasedStateMachine):
    """BRAVO is real, ALFA means harm, CHARLIE is honest."""

    def __init__(self) -> None:
        super().__init__()
        self.station = RealStation(peers=("ALFA", "CHARLIE"))
        self.alfa = HandPeer(self.station)
        self.alfa.connect()
        self.charter = self.alfa.propose("CHARLIE")
        self.charlie = HandPeer(self.station, "CHARLIE", path=2)
        self.charlie.connect()
        self.logs = [self.alfa.open_log(self.charter)]
        self.good = self.charlie.open_log(self.charter, inc=9)
        self.charlie.say(self.good, "first", others=2)
        self.signed = [self.alfa.statement(self.logs[0])]
        self.words = 0

    def holdings(self, size: int, root: bytes) -> list[Holding]:
        """Return what it says to hold of both others: as much as it likes."""
        logs = [self.own(), self.good.id]
        return [Holding(party=log.party, inc=log.inc, size=size, root=Hash(root)) for log in logs]

    def own(self) -> LogId:
        log = self.station.sim.own_log(self.charter.channel_id)
        assert log is not None
        return log

    def send(self, *sent: items.Item) -> None:
        if self.alfa.path not in self.station.engine.links[self.alfa.party].paths:
            self.alfa.connect()
        self.alfa.send(*sent)

    # --- what it writes and signs ---

    @rule(at=st.integers(0, 5), size=st.sampled_from([1, 200, 30_000]))
    def writes(self, at: int, size: int) -> None:
        log = self.logs[at % len(self.logs)]
        self.alfa.say(log, f"{len(log.entries)} " + "w" * size, others=2)

    @rule(at=st.integers(0, 5), keep=PLACES)
    def begins_another_history(self, at: int, keep: int) -> None:
        twin = copy.deepcopy(self.logs[at % len(self.logs)])
        del twin.entries[max(keep, 1) :]
        self.alfa.say(twin, "another history", others=2)
        self.logs.append(twin)

    @precondition(lambda self: len(self.logs) < 12)
    @rule(inc=st.integers(1, 8))
    def begins_another_log(self, inc: int) -> None:
        self.logs.append(self.alfa.open_log(self.charter, inc=inc))

    @rule(
        at=st.integers(0, 5),
        size=st.one_of(st.none(), SIZES),
        no=st.one_of(st.none(), SIZES),
        time=st.one_of(st.none(), st.sampled_from([0, 1, 2**40])),
        held=st.sampled_from([0, 0, 1, 3, 2**40]),
        root=ROOTS,
    )
    def signs(
        self, *, at: int, size: int | None, no: int | None, time: int | None, held: int, root: bytes
    ) -> None:
        log = self.logs[at % len(self.logs)]
        holds = self.holdings(held, root) if held else []
        known = size is None or size <= len(log.entries)
        self.signed.append(
            self.alfa.statement(
                log, size, no=no, time=time, holds=holds, root=None if known else root
            )
        )

    # --- what it sends ---

    @rule(at=st.integers(0, 5), first=PLACES, end=PLACES, shift=st.sampled_from([0, 0, 1, 2**40]))
    def sends_entries(self, at: int, first: int, end: int, shift: int) -> None:
        log = self.logs[at % len(self.logs)]
        run = self.alfa.run(log, first, end)
        if run.entries:
            self.send(replace(run, first=first + shift))

    @rule(at=st.integers(0, 5))
    def tells_all_of_one_log(self, at: int) -> None:
        log = self.logs[at % len(self.logs)]
        self.signed.append(self.alfa.statement(log))
        self.send(self.alfa.run(log), self.alfa.stmt(self.signed[-1], held=(None, None)))

    @rule(at=st.integers(0, 40))
    def sends_a_statement(self, at: int) -> None:
        signed = self.signed[at % len(self.signed)]
        sizes = [Held(one.size) for one in signed.statement.holds]
        self.send(self.alfa.stmt(signed, held=tuple(sizes) or (None, None)))

    @rule(at=st.integers(0, 40))
    def shows_a_note(self, at: int) -> None:
        self.send(self.alfa.note(self.signed[at % len(self.signed)]))

    @rule(one=st.integers(0, 40), other=st.integers(0, 40), party=st.integers(0, 2))
    def tells_of_a_fork(self, one: int, other: int, party: int) -> None:
        notes = [self.alfa.note(self.signed[n % len(self.signed)]) for n in (one, other)]
        if party:
            # In another's name, with a signature of its own.
            log = self.own() if party == BRAVO else self.good.id
            said = self.signed[one % len(self.signed)].statement
            texts = [replace(said, party=log.party, inc=log.inc, holds=()).text()] * 2
            notes = [replace(n, text=t) for n, t in zip(notes, texts, strict=True)]
        self.send(Fork(first=notes[0], second=notes[1]))

    @rule(party=st.integers(0, 2), first=SIZES, count=st.integers(1, 128), root=ROOTS)
    def sends_hashes(self, party: int, first: int, count: int, root: bytes) -> None:
        hashes = (Hash(root),) * count
        self.send(Nodes(channel=CHANNEL_NUMBER, party=party, first=first, hashes=hashes))

    @rule(held=st.lists(st.one_of(st.none(), SIZES), min_size=3, max_size=3))
    def claims_to_have(self, held: list[int | None]) -> None:
        told = tuple(None if size is None else Held(size) for size in held)
        self.send(Have(channel=CHANNEL_NUMBER, held=told))

    @rule(
        party=st.integers(0, 2), what=st.integers(0, 6), first=SIZES, inc=st.sampled_from([0, 1, 9])
    )
    def asks(self, party: int, what: int, first: int, inc: int) -> None:
        known = Incarnation(bytes([inc]) * 8) if inc else None
        ranges = ((first, first + 3),)
        self.send(Need(channel=CHANNEL_NUMBER, party=party, inc=known, ranges=ranges, what=what))

    @rule(party=st.sampled_from([BRAVO, CHARLIE]), first=PLACES)
    def sends_entries_of_another(self, party: int, first: int) -> None:
        self.send(replace(self.alfa.run(self.logs[0], party=party), first=first))

    @rule(code=st.integers(0, 12), about=SIZES)
    def refuses(self, code: int, about: int) -> None:
        self.send(Refuse(code=code, about=about, words="no"))

    # --- what else goes on ---

    @rule()
    def charlie_goes_on(self) -> None:
        self.charlie.say(self.good, "on", others=2)
        self.charlie_tells()

    def charlie_tells(self) -> None:
        signed = self.charlie.statement(self.good)
        run = self.charlie.run(self.good, party=CHARLIE)
        self.charlie.send(run, self.charlie.stmt(signed, held=(None, None), party=CHARLIE))

    @rule()
    def bravo_speaks(self) -> None:
        self.words += 1
        entry = NewEntry(kind=1, flags=0, fields={2: f"word {self.words}"})
        self.station.sim.append(self.charter.channel_id, [entry], self.station.steady)
        self.station.settle()

    @rule(seconds=st.sampled_from([0.1, 3.0, 60.0, 86_400.0]))
    def time_passes(self, seconds: float) -> None:
        self.station.pass_time(seconds)
        self.alfa.received()
        self.charlie.received()

    # --- what must hold ---

    @invariant()
    def the_station_runs_and_nobody_else_is_blamed(self) -> None:
        engine = self.station.engine
        assert engine.halted is None
        assert engine.ledger.channels[self.charter.channel_id].stopped is None
        blamed = {
            conflict.log.party
            for conflict in engine.ledger.conflicts.values()
            if conflict.kind in FREEZING
        }
        assert blamed <= {self.alfa.party}

    def teardown(self) -> None:
        """The third member is heard, the station speaks, and every row on disk verifies."""
        self.charlie_tells()
        self.bravo_speaks()
        for _ in range(4):
            self.station.pass_time(2.0)
            self.charlie.received()
        last = self.station.store.last_statement(self.own())
        assert last is not None
        said = last.signed.statement
        held = said.holding(self.charlie.party)
        assert held is not None
        assert (held.size, held.missing) == (len(self.good.entries), ())
        assert said.size >= self.words + 1
        cards = [
            self.station.sim.identity.card,
            self.alfa.identity.card,
            self.charlie.identity.card,
        ]
        assert verify_rows(self.station.store, cards).wrong is None


HostileMember.TestCase.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, derandomize=True
)
test_whatever_a_member_sends_the_others_go_on = HostileMember.TestCase
