"""What a peer with good keys may bring about: every bound has an answer, and other peers have theirs."""

import itertools
import random
from dataclasses import replace

import pytest

from parley.core import items, limits, symbols
from parley.core.charter import QUOTA_MAX, Charter, quota_terms, quotas
from parley.core.entry import Precedence
from parley.core.items import CharterItem, Need, Nodes, Ping, Refuse, Symbol
from parley.core.outbox import Outbox
from parley.errors import ConflictError
from parley.sim.people import WORLD_START
from parley.station.facts import EntryStored
from parley.station.hearing import _PROPOSALS_MAX
from parley.station.link_state import CONTROL_MAX
from support.hand_peer import CHANNEL_NUMBER, HandPeer, RealStation


def charter_of(peer, station, number, *, nonce=None, terms=None):
    return Charter(
        parties=(peer.party, station.sim.party),
        number=number,
        purpose="bounds",
        basis="none",
        proposed_at=WORLD_START,
        nonce=(nonce or number.to_bytes(4, "big")).ljust(16, b"\0"),
        code=f"C{number}",
        terms=terms or {},
    )


def connected(*, peers=("ALFA",)):
    station = RealStation(peers=peers)
    made = [HandPeer(station, code, path=at + 1) for at, code in enumerate(peers)]
    for peer in made:
        peer.connect()
        peer.received()
    return (station, *made)


def opened(*, terms=None):
    """Return a station, a peer, their channel, and the peer's log, all met and told."""
    station, peer = connected()
    charter = charter_of(peer, station, CHANNEL_NUMBER, terms=terms)
    peer.send(CharterItem(charter.encode()))
    station.engine.accept_charter(station.sim.token(), charter.channel_id, station.now)
    station.settle()
    log = peer.open_log(charter)
    peer.send(peer.run(log), peer.stmt(peer.statement(log)))
    peer.received()
    return station, peer, charter, log


def refusals(peer, code):
    return [one for one in peer.received() if isinstance(one, Refuse) and one.code == code]


def replica_of(station, charter, peer):
    return station.engine.ledger.channels[charter.channel_id].record.logs[peer.party]


# --- channels ---


def test_proposals_that_nobody_answers_are_refused_beyond_a_bound_and_another_peer_has_its_own():
    station, hostile, other = connected(peers=("ALFA", "CHARLIE"))
    for number in range(_PROPOSALS_MAX + 5):
        hostile.send(CharterItem(charter_of(hostile, station, number).encode()))

    refused = refusals(hostile, items.REFUSE_QUOTA)
    assert [one.about for one in refused] == list(range(_PROPOSALS_MAX, _PROPOSALS_MAX + 5))
    assert len(station.engine.ledger.channels) == _PROPOSALS_MAX

    honest = charter_of(other, station, 1)
    other.send(CharterItem(honest.encode()))
    assert honest.channel_id in station.engine.ledger.channels
    assert not refusals(other, items.REFUSE_QUOTA)


def test_channels_of_a_link_have_a_bound_on_both_sides(monkeypatch):
    monkeypatch.setattr(limits, "CHANNELS_PER_LINK_MAX", 3)
    station, peer = connected()
    charters = [charter_of(peer, station, number) for number in range(4)]
    for charter in charters:
        peer.send(CharterItem(charter.encode()))
        if charter.channel_id in station.engine.ledger.channels:
            station.engine.accept_charter(station.sim.token(), charter.channel_id, station.now)
            station.settle()

    assert [one.about for one in refusals(peer, items.REFUSE_QUOTA)] == [3]
    token = station.sim.token()
    station.engine.propose(token, charter_of(peer, station, 9), station.now)
    station.settle()
    error = station.sim.replies[token].error
    assert isinstance(error, ConflictError)
    assert "3 channels" in str(error)


def test_a_charter_offered_a_second_time_counts_once():
    station, peer = connected()
    charter = charter_of(peer, station, 1)
    for _ in range(_PROPOSALS_MAX + 5):
        peer.send(CharterItem(charter.encode()))

    assert not refusals(peer, items.REFUSE_QUOTA)


# --- quotas ---


def say_many(peer, log, count, *, flags=0, text="x"):
    first = len(log.entries)
    for _ in range(count):
        peer.write(log, 1, {2: text}, flags=flags)
    peer.send(peer.run(log, first), peer.stmt(peer.statement(log)))


def test_entries_over_the_quota_are_refused_and_listed_as_missing():
    station, peer, charter, log = opened(terms={2: [5, 0, 0]})

    say_many(peer, log, 8)

    found = peer.received()
    assert [one.about for one in found if isinstance(one, Refuse) and one.code == 3] == [7]
    said = [one for one in found if isinstance(one, items.Stmt)][-1]
    assert said.held == (items.Held(9, ((6, 9),)),)
    texts = [
        fact for fact in station.sim.facts if isinstance(fact, EntryStored) and fact.entry.kind == 1
    ]
    assert len(texts) == 5
    assert station.alarms("refused")[0].channel == charter.channel_id


def test_the_quota_comes_back_after_a_day_and_what_was_missing_is_taken_then():
    station, peer, charter, log = opened(terms={2: [5, 0, 0]})
    say_many(peer, log, 8)

    station.pass_time(90_000)
    peer.send(peer.run(log, 6), peer.stmt(peer.statement(log)))

    assert replica_of(station, charter, peer).missing == ()


def test_flash_has_a_quota_of_its_own_and_is_not_shut_out_by_the_others():
    station, peer, charter, log = opened(terms={2: [2, 0, 3]})
    say_many(peer, log, 4)
    say_many(peer, log, 5, flags=Precedence.FLASH)

    assert replica_of(station, charter, peer).missing == ((3, 5), (8, 10))
    station.pass_time(3_700)
    peer.send(peer.run(log, 8), peer.stmt(peer.statement(log)))
    assert replica_of(station, charter, peer).missing == ((3, 5),)


@pytest.mark.parametrize(("kind", "size", "most"), [(3, 10, 256), (4, 30_000, 34), (4, 9, 256)])
def test_turns_cards_and_closings_have_room_of_their_own_and_no_more(kind, size, most):
    station, peer, charter, log = opened(terms={2: [5, 0, 0]})
    at_once = 5 if size < 100 else 1
    for _ in range(60):
        first = len(log.entries)
        for _ in range(at_once):
            peer.write(log, kind, {40: b"x" * size})
        peer.send(peer.run(log, first), peer.stmt(peer.statement(log)))

    # What goes beyond counts as any other entry: five more are taken.
    facts = [one for one in station.sim.facts if isinstance(one, EntryStored) and not one.own]
    assert len([one for one in facts if one.entry.kind == kind]) == most + 5
    assert replica_of(station, charter, peer).missing == ((1 + most + 5, 1 + 60 * at_once),)
    assert station.alarms("refused")[0].channel == charter.channel_id


def test_bytes_have_a_quota():
    station, peer, charter, log = opened(terms={2: [0, 500, 0]})

    say_many(peer, log, 4, text="y" * 150)

    assert replica_of(station, charter, peer).missing == ((3 + 1, 5),)


@pytest.mark.parametrize("terms", [{}, {2: [0, 0, 0]}, {2: "none"}, {2: [1, 1]}, {2: [-1, 0, 0]}])
def test_without_an_agreed_quota_nothing_is_refused(terms):
    station, peer, charter, log = opened(terms=terms)

    say_many(peer, log, 50)

    assert replica_of(station, charter, peer).missing == ()


def test_what_a_channel_is_proposed_with_is_the_quota_that_is_kept():
    terms = quota_terms(2, None, 1)
    station, peer, charter, log = opened(terms=terms)

    say_many(peer, log, 4)

    assert quotas(charter) == [2, 0, 1]
    assert replica_of(station, charter, peer).missing == ((1 + 2, 5),)
    for wrong in (0, -1, QUOTA_MAX + 1):
        with pytest.raises(ValueError, match="a quota is a number from 1"):
            quota_terms(wrong, None, None)


def test_refusals_for_the_quota_are_said_once_in_a_while():
    _, peer, _, log = opened(terms={2: [1, 0, 0]})
    for _ in range(20):
        say_many(peer, log, 1)

    assert len(refusals(peer, items.REFUSE_QUOTA)) == 1


def test_who_is_told_to_be_over_quota_offers_again_after_a_quarter_of_an_hour():
    station, peer, charter, _ = opened()
    outbox = station.engine.links[peer.party].outboxes[charter.channel_id]
    index = 0
    now = station.steady + 10
    peer.send(Refuse(code=items.REFUSE_QUOTA, about=CHANNEL_NUMBER, words="too much"))

    outbox.sent(index, index + 1, now, 2.0)
    outbox.overdue(now + 3)
    outbox.sent(index, index + 1, now + 3, 2.0)

    assert outbox.next_due() == pytest.approx(now + 3 + 900)
    assert station.alarms("refused")


# --- what is too large ---


def test_an_object_larger_than_any_station_takes_is_refused_by_that_name():
    station, peer = connected()

    peer.send(Symbol(ident=b"abcd", size=65_537, esi=0, data=bytes(8)))

    assert len(refusals(peer, items.REFUSE_TOO_LARGE)) == 1
    assert station.sim.to_close


# --- memory ---


def matter(size):
    return random.Random(size).randbytes(size)


def test_entries_that_no_statement_covers_take_bounded_memory(monkeypatch):
    monkeypatch.setattr(limits, "UNSIGNED_BYTES_MAX", 100_000)
    station, peer, charter, log = opened()
    for at in range(40):
        peer.write(log, 1, {2: f"{at} " + "z" * 10_000})
    for at in range(1, 41):
        peer.send(peer.run(log, at, at + 1))

    replica = replica_of(station, charter, peer)
    assert 80_000 < replica.pending_bytes <= 100_000

    # It is honest after all: what was let go is sent again, with statements between.
    for end in range(5, 42, 4):
        peer.send(peer.run(log, max(1, end - 4), end), peer.stmt(peer.statement(log, end)))
    assert replica.signed == 41
    assert replica.missing == ()
    assert replica.pending_bytes == 0


def test_what_is_furthest_ahead_makes_room_for_what_all_wait_for(monkeypatch):
    monkeypatch.setattr(limits, "UNSIGNED_ENTRIES_MAX", 8)
    station, peer, charter, log = opened()
    for at in range(12):
        peer.write(log, 1, {2: str(at)})
    for at in range(12, 1, -1):
        peer.send(peer.run(log, at, at + 1))
    peer.send(peer.run(log, 1, 2))

    assert sorted(replica_of(station, charter, peer).pending) == list(range(1, 9))


def test_hashes_that_no_statement_covers_take_bounded_memory():
    station, peer, charter, log = opened()
    replica = replica_of(station, charter, peer)
    most = 0
    for turn in range(400):
        first = 2**20 + 2**12 * turn
        hashes = tuple(matter(32) for _ in range(128))
        peer.send(
            Nodes(
                channel=CHANNEL_NUMBER, party=0, first=1, hashes=hashes[: (first - 1).bit_count()]
            )
        )
        peer.write(log, 1, {2: str(turn)})
        entry = peer.run(log, len(log.entries) - 1)
        peer.send(replace(entry, first=first))
        most = max(most, len(replica.tree.loose()))

    assert most <= 4 * limits.UNSIGNED_ENTRIES_MAX + 200


def test_logs_begun_and_never_signed_are_forgotten_for_the_next_one():
    station, peer, charter, _ = opened()
    for number in range(2, 60):
        log = peer.open_log(charter, inc=number)
        peer.send(peer.run(log))

    state = station.engine.ledger.channels[charter.channel_id]
    assert len([log for log in state.record.all if log.party == peer.party]) <= 2


def test_signed_logs_of_a_party_have_a_bound(monkeypatch):
    monkeypatch.setattr(limits, "INCARNATIONS_MAX", 5)
    station, peer, charter, _ = opened()
    for number in range(2, 9):
        log = peer.open_log(charter, inc=number)
        peer.send(peer.run(log), peer.stmt(peer.statement(log)))

    assert refusals(peer, items.REFUSE_QUOTA)
    state = station.engine.ledger.channels[charter.channel_id]
    assert len([log for log in state.record.all if log.party == peer.party]) == 5


def test_who_asks_and_does_not_listen_fills_no_memory():
    station, peer, _charter, _ = opened()
    for number in range(3_000):
        peer.send(
            Ping(number),
            Need(
                channel=CHANNEL_NUMBER,
                party=1,
                inc=None,
                ranges=(),
                what=items.NEED_CHARTER if number % 2 else items.NEED_NOTE,
            ),
        )

    link = station.engine.links[peer.party]
    assert len(link.control) == CONTROL_MAX
    # It is answered when it listens again.
    peer.received()
    peer.send(Ping(7))
    assert items.Pong(7) in peer.received()


def test_a_flood_of_symbols_keeps_eight_objects():
    station, peer = connected()
    for number in range(100):
        obj = matter(60_000 + number)
        for esi, data in itertools.islice(symbols.encode(obj, 1_024), 3):
            peer.send(Symbol(ident=symbols.ident(obj), size=len(obj), esi=esi, data=data))

    gathering = station.engine.links[peer.party].gathering
    assert len(gathering) == limits.OPEN_OBJECTS_PER_LINK_MAX
    assert gathering.pushed_out == 92


# --- epochs ---


def test_a_peer_that_leaps_to_the_end_of_all_epochs_is_not_believed():
    station, peer = connected()
    link = station.engine.links[peer.party]
    before = link.secrets.accepted[0]
    peer.secrets.last_sent = 2**53 - 10

    peer.deliver(peer.new_epoch())
    peer.secrets.last_sent = before
    peer.time += 10
    peer.deliver(peer.new_epoch())

    assert before < link.secrets.accepted[0] < before + 100


def test_a_peer_that_claims_to_have_accepted_every_epoch_of_ours_is_not_believed():
    station, peer = connected()
    link = station.engine.links[peer.party]
    before = link.secrets.last_sent

    peer.send(Refuse(code=items.REFUSE_NO_KEY, about=2**53 - 1, words="above that"))

    assert link.secrets.last_sent == before


# --- what else is refused ---


def test_a_channel_that_is_not_known_is_refused_by_its_number():
    _, peer = connected()

    peer.send(items.Have(channel=77, held=(items.Held(0), None)))

    assert [one.about for one in refusals(peer, items.REFUSE_UNKNOWN_CHANNEL)] == [77]


def test_a_number_in_use_is_refused_as_a_channel():
    station, peer = connected()
    peer.send(CharterItem(charter_of(peer, station, 5).encode()))
    peer.send(CharterItem(charter_of(peer, station, 5, nonce=b"another").encode()))

    assert [one.about for one in refusals(peer, items.REFUSE_UNKNOWN_CHANNEL)] == [5]


def test_a_store_that_failed_is_said_to_every_peer():
    station, peer = connected()
    station.sim.disk.full = True
    peer.send(CharterItem(charter_of(peer, station, 5).encode()))

    station.settle()

    assert len(refusals(peer, items.REFUSE_FULL)) == 1


def test_a_peer_of_a_later_protocol_is_told_which_one_is_spoken():
    _, peer = connected()

    peer.send(items.Hello(least=2, most=3))

    assert [one.about for one in refusals(peer, items.REFUSE_VERSION)] == [1]


def test_a_question_is_answered_once_a_second_and_a_peer_asks_some_dozens():
    station, peer, _, _ = opened()

    def ask(what):
        peer.send(items.Need(channel=CHANNEL_NUMBER, party=1, inc=None, ranges=(), what=what))

    for _ in range(50):
        ask(items.NEED_CHARTER)
        ask(items.NEED_NOTE)
    first = peer.received()
    station.pass_time(1)
    ask(items.NEED_CHARTER)

    assert sum(isinstance(one, CharterItem) for one in first) == 1
    assert sum(isinstance(one, items.Note) for one in first) == 1
    assert sum(isinstance(one, CharterItem) for one in peer.received()) == 1


def test_asking_for_entries_over_and_over_begins_them_anew_once_a_second(monkeypatch):
    begun = []
    station, peer, _, _ = opened()
    original = Outbox.restart

    def counted(self, **more):
        begun.append(more)
        original(self, **more)

    monkeypatch.setattr(Outbox, "restart", counted)
    need = items.Need(channel=CHANNEL_NUMBER, party=1, inc=None, ranges=(), what=items.NEED_ENTRIES)
    peer.send(*[need] * 1_000)

    assert len(begun) == 1
    assert station.engine.links[peer.party].asking == {need}
