"""Statements that say nothing new: a party fills no disk with them, is never deaf, and loses no proof."""

import pytest

from parley.core import items
from parley.core.statement import Holding
from parley.sim.people import WORLD_START
from parley.station import repeats
from support.hand_peer import HandPeer, RealStation

ROOM = 20


@pytest.fixture(autouse=True)
def little_room(monkeypatch):
    monkeypatch.setattr(repeats, "A_DAY", ROOM)


class Scene:
    """A station and a peer whose log, of three entries, and one statement are known."""

    def __init__(self):
        self.station = RealStation()
        self.peer = HandPeer(self.station)
        self.peer.connect()
        self.charter = self.peer.propose()
        self.state.heartbeat = 86_400
        self.log = self.peer.open_log(self.charter)
        self.peer.say(self.log, "one")
        self.peer.say(self.log, "two")
        self.peer.send(self.peer.run(self.log))
        self.tell(self.peer.statement(self.log))
        self.peer.received()

    @property
    def state(self):
        return self.station.engine.ledger.channels[self.charter.channel_id]

    @property
    def own(self):
        return self.state.record.own

    def tell(self, signed, held=None):
        self.peer.send(self.peer.stmt(signed, held=(held,)))

    def many(self, count, **more):
        """Sign so many times what was signed before, each a second later."""
        for _ in range(count):
            self.peer.time += 1
            self.tell(self.peer.statement(self.log, **more))

    def kept(self):
        rows = self.station.store.statements(self.log.id, 0, 100_000)
        return [row.signed.statement for row in rows]

    def holding(self, size):
        root = self.own.tree.root_at(size)
        inc = self.own.log.inc
        return Holding(party=self.station.sim.party, inc=inc, size=size, root=root)


def test_beyond_a_number_only_one_a_minute_is_stored_and_the_peer_is_heard_all_the_same():
    scene = Scene()
    link = scene.station.engine.links[scene.peer.party]
    scene.many(300)

    assert len(scene.kept()) == 1 + ROOM
    assert scene.state.record.logs[scene.peer.party].last.statement.time == WORLD_START + 300
    assert link.heard == scene.station.steady
    for _ in range(5):
        scene.station.pass_time(60)
        scene.many(10)
    assert len(scene.kept()) == 1 + ROOM + 5
    assert not scene.station.sim.to_close


def test_the_last_of_a_run_is_stored_before_what_says_something_new():
    scene = Scene()
    scene.many(100)
    scene.peer.time += 1
    at = scene.peer.say(scene.log, "three")
    scene.peer.send(scene.peer.run(scene.log, at))
    scene.tell(scene.peer.statement(scene.log))

    # That nothing was added until a second before is provable still.
    last = [(one.size, one.time - WORLD_START) for one in scene.kept()[-2:]]
    assert last == [(3, 100), (4, 101)]
    scene.many(50)
    assert len(scene.kept()) == 1 + ROOM + 2


def turned(scene):
    """Let the peer write its `turn` to our log, so that it can hold some of it."""
    at = scene.peer.write(scene.log, 3, {16: 1, 17: scene.own.log.inc})
    scene.peer.send(scene.peer.run(scene.log, at))
    scene.tell(scene.peer.statement(scene.log, holds=[scene.holding(0)]), items.Held(0))


def test_a_receipt_for_more_is_stored_however_many_came_before():
    scene = Scene()
    turned(scene)
    for _ in range(100):
        scene.peer.time += 1
        scene.tell(scene.peer.statement(scene.log, holds=[scene.holding(0)]), items.Held(0))
    signed = scene.peer.statement(scene.log, holds=[scene.holding(1)])
    scene.tell(signed, items.Held(1))

    assert scene.kept()[-1].text() == signed.statement.text()
    assert [one.holds[0].size for one in scene.kept()[-3:]] == [0, 0, 1]


def test_a_receipt_that_comes_after_a_later_one_is_stored_however_many_came_before():
    scene = Scene()
    turned(scene)
    for _ in range(100):
        scene.peer.time += 1
        scene.tell(scene.peer.statement(scene.log, holds=[scene.holding(0)]), items.Held(0))
    for no, size in ((5_000, 2), (4_000, 1)):  # the later one says as much of the size, and more
        time = scene.peer.time + no
        signed = scene.peer.statement(scene.log, no=no, time=time, holds=[scene.holding(size)])
        scene.tell(signed, items.Held(size))

    assert [one.holds[0].size for one in scene.kept()[-3:]] == [0, 1, 2]


def test_holdings_that_go_to_and_fro_are_no_news_and_the_breach_is_kept():
    scene = Scene()
    turned(scene)
    for number in range(200):
        scene.peer.time += 1
        size = number % 2
        signed = scene.peer.statement(scene.log, holds=[scene.holding(size)])
        scene.tell(signed, items.Held(size))

    assert len(scene.kept()) <= 1 + 2 + ROOM + 1
    assert [one.kind for one in scene.station.engine.ledger.conflicts.values()] == ["breach"]


def test_numbers_that_go_down_are_no_way_round_it():
    scene = Scene()
    scene.tell(scene.peer.statement(scene.log, no=2**50, time=WORLD_START + 9))
    for number in range(200):
        scene.tell(scene.peer.statement(scene.log, no=2**50 - 1 - number, time=WORLD_START + 5))

    assert len(scene.kept()) <= 2 + ROOM
    assert scene.state.record.logs[scene.peer.party].last.statement.no == 2**50


def test_a_fork_is_found_and_kept_though_what_it_contradicts_was_not_stored():
    scene = Scene()
    scene.many(100)
    scene.tell(scene.peer.statement(scene.log, 2))

    (conflict,) = scene.station.engine.ledger.conflicts.values()
    assert conflict.kind == "rollback"
    assert f"\ntime {WORLD_START + 100}\n" in conflict.notes[0].text


def test_what_waited_is_not_missed_after_a_restart():
    scene = Scene()
    scene.many(100)
    before = len(scene.kept())
    scene.station.restart()
    scene.peer.connect()
    scene.many(3)

    assert len(scene.kept()) == before + 3
    assert scene.kept()[-1].time == WORLD_START + 103


def test_the_statement_before_a_number_is_found_in_few_reads_however_many_are_left_out(monkeypatch):
    scene = Scene()
    monkeypatch.setattr(repeats, "A_DAY", 10_000)
    for number in range(1, 200):
        scene.tell(scene.peer.statement(scene.log, no=2**40 + number))
    rows = []
    store = scene.station.store
    original = store.statements
    monkeypatch.setattr(
        store,
        "statements",
        lambda *asked: rows.append(found := original(*asked)) or found,
    )
    replica = scene.state.record.logs[scene.peer.party]

    before, same, after = scene.station.engine.ledger.neighbours(replica, 2**40)

    assert (before.statement.no, same, after.statement.no) == (0, None, 2**40 + 1)
    assert sum(map(len, rows)) < 100
