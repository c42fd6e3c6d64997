"""A peer that is trusted and says one thing over and over: each kind of item costs what is bounded.

The kinds are those of `spec/link.md`. Store, memory and alarms are compared after so many messages
and after twice as many: what has a bound no longer grows.
"""

import gc
import random
import re
import sys
import types
from dataclasses import replace
from pathlib import Path

import pytest

from parley.core import canon, items, merkle, symbols
from parley.core.card import sign_prekey
from parley.core.entry import Entry, entry_value, leaf_hash
from parley.core.ids import Incarnation, LogId
from parley.core.items import (
    CardItem,
    CharterItem,
    Fork,
    Have,
    Held,
    Hello,
    Need,
    Nodes,
    Note,
    Ping,
    Pong,
    PrekeyItem,
    Refuse,
    Run,
    Stmt,
    Symbol,
    Tail,
)
from parley.core.link_secrets import LinkSecrets
from parley.core.merkle import Tree
from parley.sim.people import WORLD_START, make_identity
from parley.station.channel_state import WAITING_CLAIMS_MAX
from support.hand_peer import CHANNEL_NUMBER, HandLog, HandPeer, RealStation
from support.renewed_cards import renewed

SPEC = Path(__file__).resolve().parents[3] / "spec/link.md"
TIMES = 300
GROWS_AT_MOST = 4_096
"""Bytes of memory by which the second half may differ from the first, all 300 messages together."""
NOTHING = (None, None)
HERE, THIRD = 1, 2


def spec_kinds():
    """Return name by number of every kind of item that the specification has."""
    found = {}
    table = SPEC.read_text().split("| no | item | form |")[1].split("\n\n")[0]
    for numbers, names in re.findall(r"^\| ([\d, ]+) \| ([A-Z, ]+) \|", table, re.MULTILINE):
        found |= dict(zip(map(int, numbers.split(", ")), names.split(", "), strict=True))
    return found


def deep(root, without=()):
    """Return the bytes of everything that hangs on an object."""
    seen, todo, total = {id(one) for one in without}, [root], 0
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, type | types.ModuleType | types.FunctionType):
            continue
        seen.add(id(one))
        total += sys.getsizeof(one)
        todo += [one.__self__] if isinstance(one, types.MethodType) else gc.get_referents(one)
    return total


class Scene:
    """A station, a peer by hand, a third member, one channel, and five entries of the peer."""

    def __init__(self):
        self.station = RealStation(peers=("ALFA", "CHARLIE"))
        self.peer = HandPeer(self.station)
        self.peer.connect()
        self.peer.received()
        self.charter = self.peer.propose("CHARLIE")
        self.log = self.peer.open_log(self.charter)
        for number in range(5):
            self.peer.say(self.log, str(number), others=2)
        self.first = self.peer.statement(self.log, 3)
        newest = self.peer.statement(self.log)
        self.peer.send(self.peer.run(self.log), self.stmt(self.first), self.stmt(newest))
        self.peer.received()
        self.random = random.Random(4)
        self.kept = {}

    @property
    def state(self):
        return self.station.engine.ledger.channels[self.charter.channel_id]

    def stmt(self, signed):
        return self.peer.stmt(signed, held=NOTHING)

    def junk(self, size=32):
        return self.random.randbytes(size)

    def once(self, name, make):
        return self.kept.setdefault(name, make) if not callable(make) else self._once(name, make)

    def _once(self, name, make):
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    def cost(self):
        """Return bytes of memory, bytes of the store, and how many alarms there were."""
        engine, store = self.station.engine, self.station.store
        return (
            deep(engine, (store, self.station.sim)),
            deep(store),
            len(self.station.sim.alarms()),
        )


# --- what is said over and over, by kind; each takes the scene and a number that rises ---


def opening_of(scene, number):
    inc = Incarnation(number.to_bytes(8, "big"))
    log = HandLog(LogId(scene.charter.channel_id, scene.peer.party, inc), hide=scene.junk())
    scene.peer.write(log, 0, {0: log.hide, 16: scene.charter.hash, 17: inc}, others=2)
    return log


def false_stmt(scene, number, *, size=6, held=NOTHING, key=0):
    return Stmt(
        channel=CHANNEL_NUMBER,
        party=0,
        key_number=key,
        no=5 + number,
        time=WORLD_START + number,
        size=size,
        held=held,
        signature=scene.junk(64),
    )


def need(what, party, *, ranges=((0, 5),), inc=True):
    def ask(scene, number):
        log = scene.log.id.inc if inc else None
        return Need(channel=CHANNEL_NUMBER, party=party, inc=log, ranges=ranges, what=what)

    return ask


def nodes(party):
    return lambda scene, number: Nodes(
        channel=CHANNEL_NUMBER,
        party=party,
        first=1 + number,
        hashes=tuple(scene.junk() for _ in range(4)),
    )


def refuse(code):
    return lambda scene, number: Refuse(code=code, about=CHANNEL_NUMBER, words=f"no {number}")


def own_given_back(scene, number):
    rows = scene.station.store.entries(scene.state.record.own.log, 0, 9)
    entries = [canon.decode(row.raw) for row in rows]
    return Run(channel=CHANNEL_NUMBER, party=HERE, first=0, entries=entries)


def false_tail(scene, number):
    tail = Tail(key_number=0, no=3 + number, delay=1, held=NOTHING, signature=scene.junk(64))
    return replace(scene.peer.run(scene.log, 1, 5), tail=tail)


def false_note(scene, number, *, key=0):
    signed = scene.peer.statement(scene.log, no=9 + number)
    return scene.peer.note(replace(signed, signature=scene.junk(64), key_number=key))


def prekey(scene, number):
    held = scene.peer.identity.card.prekeys[0]
    signer = scene.peer.identity.signer
    made = sign_prekey(1, held.expires + 1 + number, held.public_key, signer)
    return PrekeyItem(made.value())


def lonely_symbol(scene, number):
    obj = scene.junk(3_000)
    esi, data = next(iter(symbols.encode(obj, 1_024)))
    return Symbol(ident=symbols.ident(obj), size=len(obj), esi=esi, data=data)


def rolled_back(scene, number):
    def make():
        sizes = ((4, 50), (5, 49))
        two = [scene.peer.note(scene.peer.statement(scene.log, s, no=n)) for s, n in sizes]
        return Fork(first=two[0], second=two[1])

    return scene.once("rolled back", make)


def breach(scene, number):
    two = [scene.peer.statement(scene.log, no=70 + number, time=WORLD_START + n) for n in (0, 9)]
    return Fork(first=scene.peer.note(two[0]), second=scene.peer.note(two[1]))


def two_sizes(scene, number):
    newest = scene.peer.note(scene.peer.statement(scene.log, 6))
    return Fork(first=scene.peer.note(scene.first), second=newest)


def new_charter(scene, number):
    nonce = number.to_bytes(16, "big")
    return CharterItem(replace(scene.charter, number=20 + number, nonce=nonce).encode())


def later_card(scene, number):
    return scene.once("later card", lambda: CardItem(renewed("ALFA", 2).card.raw))


FLOODS = {
    "PAD": {"anything": lambda scene, number: canon.encode([0, scene.junk(200)])},
    "RUN": {
        "one run again": lambda scene, number: scene.peer.run(scene.log),
        "our own given back unasked": own_given_back,
        "a third one's unasked": lambda scene, number: scene.peer.run(scene.log, party=THIRD),
        "with a tail that is not signed": false_tail,
        "logs begun": lambda scene, number: scene.peer.run(opening_of(scene, number + 9)),
    },
    "STMT": {
        "not signed": false_stmt,
        "over what never comes": lambda s, n: false_stmt(s, n, size=60 + n),
        "with a key that is not known": lambda s, n: false_stmt(s, n, key=9),
        "holding more than we signed": lambda s, n: false_stmt(s, n, held=(Held(1_000), None)),
        "one again": lambda scene, number: scene.stmt(scene.first),
    },
    "HAVE": {
        "nothing": lambda s, n: Have(channel=CHANNEL_NUMBER, held=(None,) * 3),
        "less than before": lambda s, n: Have(channel=CHANNEL_NUMBER, held=(Held(0),) * 3),
        "of no channel": lambda s, n: Have(channel=300 + n, held=(None,) * 3),
    },
    "NODES": {"of its own": nodes(0), "of ours": nodes(HERE), "of a third one": nodes(THIRD)},
    "PING": {"any number": lambda scene, number: Ping(number)},
    "PONG": {"any number": lambda scene, number: Pong(number)},
    "NEED": {
        "its own entries": need(items.NEED_ENTRIES, 0),
        "our entries": need(items.NEED_ENTRIES, HERE, inc=False),
        "all entries that there may be": need(items.NEED_ENTRIES, 0, ranges=((0, 2**53 - 1),)),
        "hashes": need(items.NEED_LEAVES, 0),
        "hashes without end": need(items.NEED_LEAVES, 0, ranges=((0, 2**53 - 1),)),
        "our note": need(items.NEED_NOTE, HERE, inc=False, ranges=()),
        "a third one's note": need(items.NEED_NOTE, THIRD, inc=False, ranges=()),
        "our card": need(items.NEED_CARD, HERE, inc=False, ranges=()),
        "a third one's card": need(items.NEED_CARD, THIRD, inc=False, ranges=()),
        "the charter": need(items.NEED_CHARTER, HERE, inc=False, ranges=()),
        "nobody knows what": need(99, HERE),
    },
    "NOTE": {
        "one again": lambda scene, number: scene.peer.note(scene.first),
        "not signed": false_note,
        "with a key that is not known": lambda s, n: false_note(s, n, key=7),
    },
    "SYM": {"the first of many objects": lonely_symbol},
    "PREKEY": {"a newer one each time": prekey, "one again": lambda s, n: prekey(s, 1)},
    "CARD": {
        "its own": lambda s, n: CardItem(s.peer.identity.card.raw),
        "a later one": later_card,
        "a third one's unasked": lambda s, n: CardItem(make_identity("CHARLIE").card.raw),
    },
    "CHARTER": {
        "one again": lambda s, n: CharterItem(s.charter.encode()),
        "another each time": new_charter,
    },
    "REFUSE": {str(code): refuse(code) for code in range(1, 10)},
    "HELLO": {
        "one again": lambda s, n: Hello(),
        "of a later protocol": lambda s, n: Hello(least=2, most=9),
    },
    "FORK": {
        "a true one again": rolled_back,
        "a true breach, another each time": breach,
        "one statement twice": lambda s, n: Fork(
            first=s.peer.note(s.first), second=s.peer.note(s.first)
        ),
        "two that go together": two_sizes,
        "not signed": lambda s, n: Fork(first=false_note(s, n), second=s.peer.note(s.first)),
    },
    "a kind that is not known": {"below 64": lambda s, n: canon.encode([40, s.junk(20)])},
}
ANSWERED = {
    "PING": {Pong},
    "HELLO": {Refuse},
    "CHARTER": {Refuse},
    "HAVE": {Refuse},
    "NEED": {Run, Note, Nodes, CardItem, CharterItem, Have, Stmt},
    "RUN": {Stmt, Need},
    "STMT": {Need},
    "NOTE": {Need},
    "FORK": {Need, Fork, Refuse},
    "REFUSE": {CharterItem, Have, Run, Stmt, Note, Hello},
    "PREKEY": {Run, Stmt},
    "CARD": {Run, Stmt},
}
"""What may come back, beside pings and what time brings; of all else nothing does."""
ENDING = {
    "PREKEY that nobody signed": lambda s: PrekeyItem([2, WORLD_START * 2, bytes(1216), bytes(64)]),
    "a kind of 64": lambda s: canon.encode([64]),
    "SYM of an object too large": lambda s: Symbol(ident=b"abcd", size=65_537, esi=0, data=b"x"),
    "NOTE that is none": lambda s: Note(text="none\n", lines=("\u2014 a AAAAAAAA",)),
    "CARD that is none": lambda s: CardItem(b"\x80"),
    "CHARTER that is none": lambda s: CharterItem(b"\x80"),
    "RUN whose opening opens nothing": lambda s: replace(s.peer.run(s.log, 1), first=0),
}


def encoded(item):
    return item if isinstance(item, bytes) else items.encode_item(item)


def test_every_kind_of_the_specification_is_among_the_floods():
    assert set(spec_kinds().values()) == set(FLOODS) - {"a kind that is not known"}


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, named in FLOODS.items() for name in named]
)
def test_what_is_said_over_and_over_takes_no_more_room_and_the_answer_is_a_defined_one(kind, name):
    scene = Scene()
    make = FLOODS[kind][name]
    plains = [encoded(make(scene, number)) for number in range(2 * TIMES)]
    costs, found = [], set()
    for half in (plains[:TIMES], plains[TIMES:]):
        for plain in half:
            scene.peer.send_raw(plain)
        found |= {type(item) for item in scene.peer.received()}
        costs.append(scene.cost())

    (memory, stored, alarms), after = costs
    assert after[0] - memory <= GROWS_AT_MOST
    assert after[1] - stored <= GROWS_AT_MOST
    assert after[2] == alarms
    assert found <= ANSWERED.get(kind, set()) | {Ping, Hello}
    assert not scene.station.sim.to_close
    # Another peer is heard, and so is this one when it says something new.
    other = HandPeer(scene.station, "CHARLIE", path=2)
    other.connect()
    other.send(Ping(5))
    assert Pong(5) in other.received()


@pytest.mark.parametrize("name", ENDING)
def test_what_breaks_the_form_is_refused_and_ends_the_path(name):
    scene = Scene()

    scene.peer.send_raw(encoded(ENDING[name](scene)))

    assert len(scene.station.sim.to_close) == 1
    assert [type(one) for one in scene.peer.received() if not isinstance(one, Ping)] == [Refuse]


# --- what is dear ---


def test_a_wish_for_another_key_is_heard_four_times_a_second(monkeypatch):
    begun = []
    original = LinkSecrets.start_epoch
    monkeypatch.setattr(
        LinkSecrets,
        "start_epoch",
        lambda self, *more: begun.append(self.peer.code) or original(self, *more),
    )
    scene = Scene()
    begun.clear()
    for number in range(100):
        scene.peer.send(Refuse(code=items.REFUSE_NO_KEY, about=number, words="another"))
        scene.peer.received()

    assert begun.count("ALFA") <= 4
    scene.station.pass_time(1)
    scene.peer.send(Refuse(code=items.REFUSE_NO_KEY, about=2, words="another"))
    scene.peer.received()
    assert 1 <= begun.count("ALFA") <= 5


def test_entries_are_looked_up_for_a_peer_eight_times_a_second(monkeypatch):
    scene = Scene()
    asked = []
    original = scene.station.engine.traffic.hearing.giving.answer
    monkeypatch.setattr(
        scene.station.engine.traffic.hearing.giving,
        "answer",
        lambda *what: asked.append(what) or original(*what),
    )
    for number in range(1, 60):
        scene.peer.send(need(items.NEED_ENTRIES, 0, ranges=((0, number),))(scene, 0))
    assert len(asked) == 8
    scene.peer.send(need(items.NEED_NOTE, THIRD, inc=False, ranges=())(scene, 0))
    assert len(asked) == 9  # what is cheap is answered


def far_ahead(scene, size):
    """Let the peer sign a log of which it shows seven entries and hashes over all others."""
    tree = scene.log.tree()
    cover = list(merkle.cover(6, size))
    hashes = tuple(scene.junk() for _ in cover)
    for (level, pos), value in zip(cover, hashes, strict=True):
        tree.learn(level, pos, value)
    entry = Entry(kind=1, time=WORLD_START, flags=0, seen=(0, 0), fields={2: "far"})
    leaf = leaf_hash(entry, hide=scene.log.hide, index=size, inc=scene.log.id.inc)
    tree.learn(0, size, leaf)
    run = Run(channel=CHANNEL_NUMBER, party=0, first=size, entries=[entry_value(entry)])
    signed = scene.peer.statement(scene.log, size + 1, root=tree.root_at(size + 1))
    scene.peer.send(
        Nodes(channel=CHANNEL_NUMBER, party=0, first=6, hashes=hashes), run, scene.stmt(signed)
    )
    scene.peer.received()


def test_who_signs_a_place_billions_ahead_and_asks_for_all_before_it_stops_nobody():
    scene = Scene()
    size = 2**52
    far_ahead(scene, size)
    assert scene.state.record.logs[scene.peer.party].signed == size + 1

    scene.peer.send(need(items.NEED_ENTRIES, 0, ranges=((0, size + 1),))(scene, 0))
    given = scene.peer.received()

    runs = [(one.first, len(one.entries)) for one in given if isinstance(one, Run)]
    assert runs == [(0, 6), (size, 1)]
    assert [one.first for one in given if isinstance(one, Nodes)] == [6]


def test_hashes_over_gaps_count_as_bytes_of_an_answer():
    scene = Scene()
    tree, at = scene.log.tree(), 6
    for _ in range(400):
        hidden, entry = (
            scene.junk(),
            Entry(kind=1, time=WORLD_START, flags=0, seen=(0, 0), fields={2: "x"}),
        )
        tree.append(hidden)
        tree.append(leaf_hash(entry, hide=scene.log.hide, index=at + 1, inc=scene.log.id.inc))
        scene.peer.send(
            Nodes(channel=CHANNEL_NUMBER, party=0, first=at, hashes=(hidden,)),
            Run(channel=CHANNEL_NUMBER, party=0, first=at + 1, entries=[entry_value(entry)]),
        )
        at += 2
    scene.peer.send(scene.stmt(scene.peer.statement(scene.log, at, root=tree.root_at(at))))
    scene.peer.received()
    replica = scene.state.record.logs[scene.peer.party]
    assert (replica.signed, len(replica.missing)) == (at, 400)
    giving = scene.station.engine.traffic.hearing.giving
    link = scene.station.engine.links[scene.peer.party]

    scene.peer.send(need(items.NEED_ENTRIES, 0, ranges=((0, at),))(scene, 0))

    runs = 400 * 11
    hashes = 400 * 32
    size = sum(map(len, link.given))
    assert size > runs + hashes
    assert giving._nodes(link, scene.state, replica, 6, 7) == 32


def test_a_statement_over_many_gaps_is_not_computed_anew(monkeypatch):
    scene = Scene()
    far_ahead(scene, 2**40)
    replica = scene.state.record.logs[scene.peer.party]
    root = replica.last.statement.root
    looked = []
    original = Tree.binding
    monkeypatch.setattr(Tree, "binding", lambda self, *at: looked.append(at) or original(self, *at))

    for number in range(20):
        again = scene.peer.statement(scene.log, 2**40 + 1, root=root, time=WORLD_START + number)
        scene.peer.send(scene.stmt(again))

    assert replica.last.statement.time == WORLD_START + 19
    assert not looked


def test_statements_that_wait_are_few_however_many_logs_a_party_writes():
    scene = Scene()
    for number in range(1, 20):
        log = opening_of(scene, number)
        signed = scene.peer.statement(log)
        scene.peer.send(scene.peer.run(log), scene.stmt(signed))
        for later in range(WAITING_CLAIMS_MAX + 5):
            scene.peer.send(false_stmt(scene, later, size=60 + later))

    waiting = [
        len(one) for log, one in scene.state.waiting.items() if log.party == scene.peer.party
    ]
    assert sum(waiting) == WAITING_CLAIMS_MAX
    # What waits in the log that it writes now is what is left.
    assert len(scene.state.waiting[log.id]) == WAITING_CLAIMS_MAX
