"""Keys through their life, as a machine of states beside a small model that shares nothing with it.

ALFA's root issues cards in any order and spoils some; they come as a file, over the link, in ALFA's
own log, from a third member who was not asked. Officers read words out, rightly or not. A thief has
every key ever used. What BRAVO holds, whom it trusts, what it takes: as the model says.

The machine is short in the project's own checks: `PARLEY_KEYS_EXAMPLES=500` makes it longer.
"""

from __future__ import annotations

import os
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, NamedTuple, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from parley.core import keys
from parley.core.card import Card, OfficerKey, StationKey, armour, card_body, sign_card, sign_prekey
from parley.core.items import CardItem
from parley.core.link_secrets import LinkSecrets
from parley.errors import ConflictError, NotAllowedError
from parley.sim.people import WORLD_START, _seed, make_identity, sim_prekey
from parley.station.actors import Actor
from parley.station.cabinet import Cabinet
from parley.station.facts import CardRenewed
from parley.station.trust import Trust
from parley.store.interface import Batch
from parley.store.verify import verify_rows
from support.hand_peer import HandPeer, RealStation

Answer = TypeVar("Answer")
EXAMPLES = int(os.environ.get("PARLEY_KEYS_EXAMPLES", "60"))
YEAR = 31_536_000
ROOTS = ("ALFA", "ALFA after the loss", "somebody else")
OFFICERS = ("BRAVO-1", "BRAVO-2", "BRAVO-3")
WRONG = ("twin", "reused", "code", "unrevoked", "root", "other")
WHICH = st.one_of(st.just(0), st.just(0), st.integers(0, 11))
WAYS = st.sampled_from(["file", "link", "entry", "later"])
PAUSE, LOCK = 31.0, 3_600
KEYS_MAX = 8


class Spec(NamedTuple):
    """One card as the model knows it: nothing but small values."""

    root: str
    sequence: int
    keys: tuple[tuple[int, str, bool], ...]
    officers: int = 0
    name: str = "Station ALFA"
    code: str = "ALFA"


FIRST = Spec("ALFA", 1, ((0, "ALFA station", False),))


def signer(of: str) -> keys.Ed25519Signer:
    return keys.Ed25519Signer(_seed(of))


@cache
def card_of(spec: Spec) -> Card:
    root_ed = signer(f"{spec.root} root")
    root_pq = keys.Mldsa65Signer(_seed(f"{spec.root} root pq"))
    body = card_body(
        sequence=spec.sequence,
        code=spec.code,
        name=spec.name,
        root_ed=root_ed.public_key,
        root_pq=root_pq.public_key,
        station_keys=[
            StationKey(
                number=number,
                ed=signer(of).public_key,
                pq=None,
                not_before=WORLD_START - YEAR,
                until=WORLD_START + YEAR,
                revoked=WORLD_START if is_revoked else None,
            )
            for number, of, is_revoked in spec.keys
        ],
        issued=WORLD_START,
        not_after=WORLD_START + YEAR,
        prekeys=[
            sign_prekey(1, WORLD_START + YEAR, sim_prekey("ALFA"), signer(of))
            for _, of in sorted((number, of) for number, of, gone in spec.keys if not gone)[:1]
        ],
        officers=[
            OfficerKey(number=number, ed=signer(f"officer {number}").public_key, roles=1)
            for number in range(spec.officers)
        ],
    )
    return sign_card(body, root_ed=root_ed, root_pq=root_pq)


@dataclass
class Model:
    """What BRAVO must hold of ALFA, by the rules as they are written down."""

    held: Spec = FIRST
    trusted: bool = False
    pending: Spec | None = None
    matched: set[str] = field(default_factory=set)
    failures: int = 0
    locked_until: float = 0.0
    revoked: set[str] = field(default_factory=set)
    were_held: list[Spec] = field(default_factory=lambda: [FIRST])

    def follows(self, new: Spec) -> bool:
        """Say whether a card of the same root may take the place of the held one."""
        held = self.held
        if new.sequence < held.sequence or (new.sequence == held.sequence and new != held):
            return False
        known = [key for spec in self.were_held if spec.root == new.root for key in spec.keys]
        numbers = {number: of for number, of, _ in known}
        same_keys = all(numbers.get(number, of) == of for number, of, _ in new.keys)
        gone = {of for _, of, is_revoked in known if is_revoked}
        brings_back = any(of in gone and not is_revoked for _, of, is_revoked in new.keys)
        return new.code == held.code and same_keys and not brings_back

    def take(self, new: Spec) -> None:
        self.held = new
        self.were_held.append(new)
        self.revoked |= {of for _, of, is_revoked in new.keys if is_revoked}

    def file(self, new: Spec) -> bool:
        """Take a card from a file; False where it is refused."""
        if new.root == self.held.root:
            if not self.follows(new):
                return False
            self.take(new)
            return True
        self.trusted, self.matched, self.pending = False, set(), new
        self.failures, self.locked_until = 0, 0.0
        return True

    def shown(self, new: Spec) -> None:
        """Take a card that the peer shows over its link."""
        if self.trusted and new.root == self.held.root and self.follows(new):
            self.take(new)

    def words(self, of: Spec, officer: str, now: float) -> bool | None:
        """Compare words; None while it is locked."""
        if self.locked_until > now:
            return None
        meant = self.pending or self.held
        if meant.root != of.root:
            self.failures += 1
            if self.failures == 3:
                self.failures, self.locked_until = 0, now + LOCK
            return False
        self.failures, self.locked_until = 0, 0.0
        self.matched.add(officer)
        if len(self.matched) >= 2:
            self.trusted = True
            if self.pending is not None:
                self.take(self.pending)
                self.pending = None
        return True

    def live(self) -> list[tuple[int, str]]:
        return [(number, of) for number, of, is_revoked in self.held.keys if not is_revoked]


def done(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Return what a coroutine returns; what it raises comes through."""
    try:
        work.send(None)
    except StopIteration as ended:
        answer: Answer = ended.value
        return answer
    raise AssertionError("it waits for something")


class Bridge:
    """The part of a station that the trust in peers needs, over the engine under test."""

    def __init__(self, station: RealStation) -> None:
        self.of = station
        self.party = station.sim.party
        self.own_card = station.sim.identity.card

    @property
    def reader(self) -> Any:
        return self.of.store

    def now(self) -> int:
        return int(self.of.now.wall)

    async def store_papers(self, papers: Any) -> None:
        self.of.store.commit(Batch(papers=list(papers)))

    async def set_peer(self, card: Card, *, trusted: bool, paths: Any) -> None:
        del paths
        self.of.engine.set_peer(card, trusted=trusted, now=self.of.now)
        self.of.settle()

    async def remove_peer(self, party: Any) -> None:
        self.of.engine.remove_peer(party, self.of.now)
        self.of.settle()


def actor(code: str) -> Any:
    return Actor(officer=code, roles=frozenset({"administrator"}), via="cli")


class LifeOfKeys(RuleBasedStateMachine):
    """BRAVO is real; ALFA writes by hand; CHARLIE is a member who meddles with cards."""

    def __init__(self) -> None:
        super().__init__()
        self.station = RealStation(peers=("CHARLIE",))
        self.bridge = Bridge(self.station)
        self.trust = Trust(self.bridge, Cabinet(self.bridge), persons_needed=2)  # type: ignore[arg-type]
        self.model = Model()
        self.cards = [FIRST]
        self.facts = 0
        done(self.trust.add(actor("BRAVO-1"), card_of(FIRST).raw, []))
        for officer in OFFICERS[:2]:
            self.reads_words(0, officer)
        self.alfa = HandPeer(self.station)
        self.alfa.connect()
        self.charter = self.alfa.propose("CHARLIE")
        self.log = self.alfa.open_log(self.charter)
        self.taken, self.spoiled = (-1, 0), False
        self.signs(0, more=0)
        self.charlie = HandPeer(self.station, "CHARLIE", path=2)
        self.charlie.connect()

    # --- what ALFA's root signs ---

    def issue(self, spec: Spec, way: str) -> None:
        if spec not in self.cards and len(self.cards) < 12 and len(spec.keys) <= KEYS_MAX:
            self.cards.append(spec)
        else:
            return
        if way == "file":
            self.comes_as_a_file(0, as_text=False)
        elif way != "later" and self.can_speak():
            self.comes_over_the_link(0, is_entry=way == "entry")

    def card(self, at: int) -> Spec:
        """Return a card, counted from the newest."""
        return self.cards[-1 - at % len(self.cards)]

    @rule(at=WHICH, way=WAYS)
    def rotates(self, at: int, way: str) -> None:
        old = self.card(at)
        number = max(number for number, _, _ in old.keys) + 1
        new = (number, f"{old.root} key {number}", False)
        self.issue(old._replace(sequence=old.sequence + 1, keys=(*old.keys, new)), way)

    @rule(at=WHICH, which=st.integers(0, 5), way=WAYS)
    def revokes(self, at: int, which: int, way: str) -> None:
        old = self.card(at)
        number, of, _ = old.keys[which % len(old.keys)]
        after = [(number, of, True) if key[0] == number else key for key in old.keys]
        more = max(key[0] for key in old.keys) + 1
        after.append((more, f"{old.root} key {more}", False))
        self.issue(old._replace(sequence=old.sequence + 1, keys=tuple(after)), way)

    @rule(at=WHICH, count=st.integers(0, 3), way=WAYS)
    def changes_officers(self, at: int, count: int, way: str) -> None:
        old = self.card(at)
        self.issue(old._replace(sequence=old.sequence + 1, officers=count), way)

    @rule(at=WHICH, what=st.sampled_from(WRONG), way=WAYS)
    def signs_what_it_should_not(self, at: int, what: str, way: str) -> None:
        old = self.card(at)
        number = old.keys[0][0]
        self.issue(
            {
                "twin": old._replace(name="Another name"),
                "reused": old._replace(
                    sequence=old.sequence + 1, keys=((number, "another key", False), *old.keys[1:])
                ),
                "code": old._replace(sequence=old.sequence + 1, code="CHARLIE"),
                "unrevoked": old._replace(
                    sequence=old.sequence + 1, keys=tuple((*key[:2], False) for key in old.keys)
                ),
                "root": Spec(ROOTS[1], 1, ((0, f"{ROOTS[1]} key 0", False),)),
                "other": Spec(ROOTS[2], 9, ((0, f"{ROOTS[2]} key 0", False),)),
            }[what],
            way,
        )

    # --- the ways of a card ---

    @rule(at=WHICH, as_text=st.booleans())
    def comes_as_a_file(self, at: int, as_text: bool) -> None:
        spec = self.card(at)
        if spec.code != "ALFA" and spec.root != self.model.held.root:
            return  # it would be another peer's
        raw = card_of(spec).raw
        raw = armour(card_of(spec)).encode() if as_text else raw
        before = replace(self.model, matched=set(self.model.matched))
        try:
            done(self.trust.add(actor("BRAVO-1"), raw, []))
        except ConflictError:
            assert not before.file(spec)
        else:
            assert self.model.file(spec)

    @precondition(lambda self: self.can_speak())
    @rule(at=WHICH, is_entry=st.booleans())
    def comes_over_the_link(self, at: int, is_entry: bool) -> None:
        spec = self.card(at)
        if spec.root != ROOTS[0]:
            before = self.model.held
            self.show(self.alfa, spec)
            assert self.held_in_engine() == card_of(before).body
            return
        self.station.pass_time(PAUSE)
        if is_entry:
            self.alfa.write(self.log, 4, {16: card_of(spec).raw}, others=2)
            self.signs(0, more=0)
        else:
            self.show(self.alfa, spec)
        self.model.shown(spec)

    @rule(at=WHICH)
    def is_shown_by_a_third_who_was_not_asked(self, at: int) -> None:
        before = self.held_in_engine()
        self.show(self.charlie, self.card(at))
        assert self.held_in_engine() == before

    def show(self, peer: HandPeer, spec: Spec) -> None:
        self.station.pass_time(PAUSE)
        self.speaks(peer)
        peer.send(CardItem(card_of(spec).raw))

    def speaks(self, peer: HandPeer) -> None:
        """Let a peer come back with a key that counts, where its path or its epoch is gone."""
        if peer is self.alfa:
            number, of = self.model.live()[-1]
            identity = replace(
                make_identity("ALFA"),
                card=card_of(self.model.held),
                key_number=number,
                signer=signer(of),
            )
            peer.identity = identity
            peer.secrets = LinkSecrets(identity, self.station.sim.identity.card)
            self.alfa.time += 1
        link = self.station.engine.links[peer.party]
        if peer.path not in link.paths:
            peer.connect()
        else:
            peer.deliver(peer.new_epoch())

    # --- words ---

    @rule(at=WHICH, officer=st.sampled_from(OFFICERS), chinese=st.booleans())
    def reads_words(self, at: int, officer: str, chinese: bool = False) -> None:
        spec = self.card(at)
        words = card_of(spec).words("zh" if chinese else "en")
        now = self.bridge.now()
        expected = self.model.words(spec, officer, now)
        who = "ALFA" if self.model.held.code == "ALFA" else self.model.held.code
        try:
            result = done(
                self.trust.verify(actor(officer), who, words=words, method="voice", second=None)
            )
        except NotAllowedError:
            assert expected is None
        else:
            assert result.match == expected

    @rule()
    def an_officer_rejects(self) -> None:
        done(self.trust.reject(actor("BRAVO-1"), "ALFA", reason="nobody answers"))
        self.model.trusted, self.model.pending, self.model.matched = False, None, set()

    # --- what is signed ---

    def can_speak(self) -> bool:
        return self.model.trusted and self.model.held.root == ROOTS[0] and bool(self.model.live())

    @precondition(lambda self: self.can_speak())
    @rule(back=st.integers(0, 3), more=st.integers(0, 1))
    def signs(self, back: int, more: int) -> None:
        """ALFA goes on in its log under one of its keys that count."""
        live = self.model.live()
        self.tells(*live[-1 - back % len(live)], more=more)
        if self.newest() == self.taken and self.spoiled:
            # What a thief brought stood in their place and is dropped: they are asked for again.
            self.tells(*live[-1 - back % len(live)], more=0)
        self.taken = self.newest()
        self.spoiled = self.spoiled and not more
        assert self.taken == (self.log.no - 1, len(self.log.entries))

    @precondition(lambda self: self.can_speak() and self.model.revoked)
    @rule(at=WHICH)
    def a_thief_signs_with_a_revoked_key(self, at: int) -> None:
        gone = [key for key in self.model.held.keys if key[2]]
        if not gone:
            return
        number, of, _ = gone[at % len(gone)]
        before = len(self.log.entries), self.log.no
        self.tells(number, of, more=1)
        assert self.newest() == self.taken
        self.spoiled = True
        del self.log.entries[before[0] :]
        self.log.no = before[1]

    def tells(self, number: int, of: str, *, more: int) -> None:
        self.station.pass_time(1.0)
        self.speaks(self.alfa)
        for _ in range(more):
            self.alfa.say(self.log, f"word {len(self.log.entries)}", others=2)
        self.alfa.identity = replace(self.alfa.identity, key_number=number, signer=signer(of))
        signed = self.alfa.statement(self.log)
        run = self.alfa.run(self.log, self.taken[1])
        runs = [run] if run.entries else []
        self.alfa.send(*runs, self.alfa.stmt(signed, held=(None, None)))

    def newest(self) -> tuple[int, int]:
        row = self.station.store.last_statement(self.log.id)
        return (-1, 0) if row is None else (row.signed.statement.no, row.signed.statement.size)

    # --- what else goes on ---

    @rule(seconds=st.sampled_from([60.0, 3_700.0]))
    def time_passes(self, seconds: float) -> None:
        self.station.pass_time(seconds)

    @rule()
    def bravo_starts_again(self) -> None:
        self.keep_what_was_renewed()
        self.station.restart()
        self.facts = len(self.station.sim.facts)
        done(self.trust.restore())

    def keep_what_was_renewed(self) -> None:
        for fact in self.station.sim.facts[self.facts :]:
            if isinstance(fact, CardRenewed):
                done(self.trust.renewed(fact.peer, fact.raw))
        self.facts = len(self.station.sim.facts)

    def held_in_engine(self) -> bytes:
        party = card_of(self.model.held).party
        return bytes(self.station.engine.links[party].card.body)

    # --- what must hold ---

    @invariant()
    def what_is_held_is_what_the_rules_say(self) -> None:
        self.keep_what_was_renewed()
        model = self.model
        assert self.held_in_engine() == card_of(model.held).body
        party = card_of(model.held).party
        kept = self.trust.card_of(party)
        assert kept is not None
        assert kept.body == card_of(model.held).body
        assert self.trust.is_trusted(party) == model.trusted
        assert self.station.engine.links[party].trusted == model.trusted
        assert [peer.code for peer in self.trust.peers()] == ["ALFA"]
        assert not {of for _, of in model.live()} & model.revoked
        assert len(kept.officers) == model.held.officers

    @invariant()
    def the_station_runs_and_nobody_is_blamed(self) -> None:
        assert self.station.engine.halted is None
        assert not self.station.engine.ledger.conflicts

    def teardown(self) -> None:
        """Every row on disk verifies under the cards that were held."""
        cards = [card_of(spec) for spec in self.model.were_held if spec.root == ROOTS[0]]
        assert (
            verify_rows(self.station.store, [*cards, self.station.sim.identity.card]).wrong is None
        )


LifeOfKeys.TestCase.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=25, deadline=None, derandomize=EXAMPLES <= 60
)
test_whatever_happens_to_keys_the_rules_hold = LifeOfKeys.TestCase
