"""A new card of a member whose direct way is missing reaches the others through one another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parley.core import items
from parley.core.entry import Kind, decode_entry
from parley.core.ids import Hash
from parley.core.items import CardItem, Fork, Need, Note
from parley.core.statement import sign_statement
from parley.sim.station import Last
from parley.station.effects import NewEntry
from parley.station.export import Exporter
from parley.station.kept_cards import KeyBook
from parley.station.notes import note_of
from support.renewed_cards import renewed, station_key
from support.verifying import check

from .test_through_others import (
    alarms,
    between,
    chain,
    giving,
    has_arrived,
    held,
    overheard,
    triangle,
    whole,
)


def renew(world, code, **more):
    """Let a station come back with a new key on a new card, as after `parley keys rotate`."""
    station = world.stations[code]
    world.crash(code, Last.KEPT)
    station.identity = renewed(code, **more)
    world.restart(code)
    for path in world.paths.values():
        if code in path.ends:
            world.hang_up(path)
            world.pick_up(path)
    world.run(world.steady + 5)  # nothing is signed before its peers were asked


def card_held(world, code, of):
    return world.stations[code].engine.ledger.cards[world.stations[of].party]


@pytest.mark.parametrize("revoke", [False, True], ids=["rotated", "revoked"])
def test_a_rotation_and_a_revocation_reach_a_member_through_the_third(revoke):
    world, channel = chain()
    world.say("ALFA", channel, "under the first key")
    assert whole(world, channel)

    renew(world, "ALFA", revoke=revoke)
    world.say("ALFA", channel, "under the second key")

    assert whole(world, channel)
    card = card_held(world, "CHARLIE", "ALFA")
    assert (card.sequence, card.station_keys[0].revoked is not None) == (2, revoke)
    world.say("CHARLIE", channel, "we have your new card")
    assert whole(world, channel)


@pytest.mark.parametrize("revoke", [False, True], ids=["rotated", "revoked"])
def test_the_record_is_exported_by_the_card_in_the_log_before_the_paper_of_it_is_kept(revoke):
    world, channel = chain(codes=("ALFA", "BRAVO"))
    cards = {one.party: [one.identity.card] for one in world.stations.values()}
    world.say("ALFA", channel, "under the first key")
    assert whole(world, channel, ("ALFA", "BRAVO"))
    renew(world, "ALFA", revoke=revoke)
    world.say("ALFA", channel, "under the second key")
    assert whole(world, channel, ("ALFA", "BRAVO"))

    raw = Exporter(world.stations["BRAVO"].disk.store, cards).record(channel)

    report = check(raw, [card.fingerprint.hex() for (card,) in cards.values()])
    assert {verdict.word for verdict in report.verdicts} == {"record, whole"}


@pytest.mark.parametrize("who", ["ALFA", "BRAVO"])
def test_a_channel_closed_before_a_revocation_is_proved_whole_and_a_thief_adds_nothing(who):
    world, channel = chain(codes=("ALFA", "BRAVO"))
    cards = {one.party: [one.identity.card] for one in world.stations.values()}
    world.say("ALFA", channel, "under the first key")
    for code in ("ALFA", "BRAVO"):
        closing = NewEntry(kind=Kind.CLOSE)
        world.stations[code].append(channel, [closing], world.steady)
        assert whole(world, channel, ("ALFA", "BRAVO"))
    alfa = world.stations["ALFA"]
    log = alfa.own_log(channel)
    old = world.stations["BRAVO"].disk.store.statements(log, 1, 1)[0].signed.statement
    renew(world, "ALFA", revoke=True)
    assert whole(world, channel, ("ALFA", "BRAVO"))

    rows = world.stations["BRAVO"].disk.store.entries(log, 0, 99)
    assert decode_entry(rows[-1].raw, others=1).kind == Kind.CARD  # behind the closing
    later = thiefs_note(replace(old, size=99, no=99, root=Hash(b"\7" * 32)))
    world.stations["BRAVO"].engine.links[alfa.party].control.append(items.encode_item(later))
    world.run(world.steady + 60)
    assert not alarms(world, "BRAVO", "fork")
    assert not alarms(world, "ALFA", "fork")
    raw = Exporter(world.stations[who].disk.store, cards).record(channel)
    report = check(raw, [card.fingerprint.hex() for (card,) in cards.values()])
    assert {verdict.word for verdict in report.verdicts} == {"record, whole"}


def test_through_two_others_in_a_row():
    world, channel = chain(codes=("ALFA", "BRAVO", "CHARLIE", "DELTA"))

    renew(world, "ALFA", revoke=True)
    world.say("ALFA", channel, "under the second key")

    assert whole(world, channel, ("ALFA", "BRAVO", "CHARLIE", "DELTA"), within=300)
    assert card_held(world, "DELTA", "ALFA").sequence == 2


def test_what_a_thief_signs_after_the_revocation_is_taken_by_nobody_who_heard_of_it():
    world, channel = chain()
    world.say("ALFA", channel, "before the theft")
    assert whole(world, channel)
    log = world.stations["ALFA"].own_log(channel)
    renew(world, "ALFA", revoke=True)
    world.say("ALFA", channel, "after the revocation")
    assert whole(world, channel)
    before = held(world, "CHARLIE", channel, "ALFA")
    card = card_held(world, "CHARLIE", "ALFA")

    charlie = world.stations["CHARLIE"].engine
    state = charlie.ledger.channels[channel]
    last = state.said[world.stations["ALFA"].party]
    forged = thiefs_note(replace(last, no=last.no + 1, time=last.time + 60))
    path = between(world, "BRAVO", "CHARLIE")
    link = world.stations["BRAVO"].engine.links[world.stations["CHARLIE"].party]
    link.control.append(items.encode_item(forged))
    world.run(world.steady + 60)

    assert path.up
    assert held(world, "CHARLIE", channel, "ALFA") == before
    rows = world.stations["CHARLIE"].disk.store.statements(log, 0, 999)
    signed = [note_of(KeyBook({log.party: card}.get), row.signed) for row in rows]
    assert forged.lines[0] not in [note.lines[0] for note in signed if note is not None]


def test_a_thiefs_other_history_under_a_revoked_key_is_told_as_such_and_stops_nothing():
    world, channel = chain()
    world.say("ALFA", channel, "before the theft")
    assert whole(world, channel)
    alfa, charlie = world.stations["ALFA"], world.stations["CHARLIE"]
    log = alfa.own_log(channel)
    renew(world, "ALFA", revoke=True)
    world.say("ALFA", channel, "after the revocation")
    assert whole(world, channel)

    old = charlie.disk.store.statements(log, 1, 1)[0].signed.statement
    forged = thiefs_note(replace(old, root=Hash(b"\7" * 32)))
    link = world.stations["BRAVO"].engine.links[charlie.party]
    link.control.append(items.encode_item(forged))
    world.run(world.steady + 60)

    assert alarms(world, "CHARLIE", "fork") == []
    told = [one.text for one in alarms(world, "CHARLIE", "wrong-key")]
    assert (
        "key 0, revoked since: whoever stole it may have signed one); the log goes on" in told[-1]
    )
    cards = {one.party: [one.identity.card] for one in world.stations.values()}
    raw = Exporter(charlie.disk.store, cards).conflict(channel, log.party)
    (verdict,) = check(raw, [card.fingerprint.hex() for (card,) in cards.values()]).verdicts
    assert verdict.lacking == ["one of the notes is subject to revocation of its key"]
    world.say("ALFA", channel, "we go on in the same log")
    assert whole(world, channel)
    assert alfa.own_log(channel) == log

    world.crash("CHARLIE", Last.KEPT)  # nor does a restart make more of it
    world.restart("CHARLIE")
    world.say("ALFA", channel, "and so after a restart")
    assert whole(world, channel)


def test_what_was_not_received_when_the_key_was_revoked_arrives_under_the_next_one():
    """Statements under the revoked key are worthless by then; the entries below them are not."""
    world, channel = chain()
    renew(world, "ALFA", revoke=True)

    world.say("ALFA", channel, "after the revocation")

    assert whole(world, channel)
    assert [alarms(world, code, "wrong-key") for code in world.stations] == [[], [], []]


@pytest.mark.parametrize("is_larger", [False, True], ids=["within", "beyond"])
def test_two_notes_of_a_thief_stop_a_log_no_more_than_one(is_larger):
    world, channel = chain()
    world.say("ALFA", channel, "before the theft")
    assert whole(world, channel)
    renew(world, "ALFA", revoke=True)
    world.say("ALFA", channel, "after the revocation")
    assert whole(world, channel)
    alfa, charlie = world.stations["ALFA"], world.stations["CHARLIE"]
    last = charlie.engine.ledger.channels[channel].said[alfa.party]
    said = replace(last, size=last.size + 5 if is_larger else 1)
    pair = [thiefs_note(replace(said, root=Hash(bytes([n]) * 32))) for n in (1, 2)]

    for victim in (charlie, alfa):
        link = world.stations["BRAVO"].engine.links[victim.party]
        link.control.append(items.encode_item(Fork(first=pair[0], second=pair[1])))
    world.run(world.steady + 60)

    world.say("ALFA", channel, "we go on")
    assert whole(world, channel)
    for victim in (charlie, alfa):
        assert alarms(world, victim.code, "fork") == []
        assert any("revoked" in one.text for one in alarms(world, victim.code, "wrong-key"))


def test_who_was_fooled_before_it_heard_of_the_revocation_stops_and_the_way_back_is_open():
    """Before its log goes on under the next key, nobody can tell the thief from the owner."""
    world, channel = chain()
    world.say("ALFA", channel, "before the theft")
    assert whole(world, channel)
    alfa, charlie = world.stations["ALFA"], world.stations["CHARLIE"]
    log = alfa.own_log(channel)
    old = charlie.disk.store.statements(log, 1, 1)[0].signed.statement
    forged = thiefs_note(replace(old, root=Hash(b"\7" * 32)))
    bravo = world.stations["BRAVO"]
    world.hang_up(between(world, "ALFA", "BRAVO"))
    bravo.engine.links[charlie.party].control.append(items.encode_item(forged))
    world.run(world.steady + 30)
    assert len(alarms(world, "CHARLIE", "fork")) == 1

    renew(world, "ALFA", revoke=True)
    world.run(world.steady + 60)
    assert alfa.engine.ledger.channels[channel].stopped == "copy"
    alfa.engine.restore(alfa.token(), channel, [bravo.party], 60.0, alfa.now(world.steady))
    assert world.run_until(lambda: alfa.own_log(channel) not in (None, log), within=120)
    world.say("ALFA", channel, "we go on in a new log, which names both notes")
    assert whole(world, channel, within=600)


def test_a_member_fooled_later_stops_alone_and_its_author_goes_on_with_the_others():
    world, channel = chain()
    world.say("ALFA", channel, "before the theft")
    assert whole(world, channel)
    alfa, bravo, charlie = (world.stations[code] for code in ("ALFA", "BRAVO", "CHARLIE"))
    log = alfa.own_log(channel)
    old = charlie.disk.store.statements(log, 1, 1)[0].signed.statement
    path = between(world, "BRAVO", "CHARLIE")
    world.hang_up(path)
    renew(world, "ALFA", revoke=True)
    world.hang_up(path)
    world.say("ALFA", channel, "after the revocation")
    assert whole(world, channel, ("ALFA", "BRAVO"))

    # The thief is quicker at CHARLIE than the card is.
    forged = thiefs_note(replace(old, root=Hash(b"\7" * 32)))
    world.pick_up(path)
    bravo.engine.links[charlie.party].control.append(items.encode_item(forged))
    world.run(world.steady + 60)

    assert len(alarms(world, "CHARLIE", "fork")) == 1
    assert alarms(world, "BRAVO", "fork") == alarms(world, "ALFA", "fork") == []
    assert alfa.engine.ledger.channels[channel].stopped is None
    world.say("ALFA", channel, "one member's error stops nobody else")
    assert whole(world, channel, ("ALFA", "BRAVO"))
    assert any("revoked" in one.text for one in alarms(world, "ALFA", "wrong-key"))

    alfa.engine.restore(alfa.token(), channel, [bravo.party], 60.0, alfa.now(world.steady))
    assert world.run_until(lambda: alfa.own_log(channel) not in (None, log), within=120)
    world.say("ALFA", channel, "a new log, which names both notes, brings CHARLIE back")
    codes = ("ALFA", "BRAVO", "CHARLIE")
    assert world.run_until(lambda: has_arrived(world, channel, codes), within=600)
    # What it lacks of the log before stays there: that one goes on nowhere.
    assert held(world, "CHARLIE", channel, "ALFA") == held(world, "ALFA", channel, "ALFA")


def thiefs_note(said):
    """Return a note under the key that was stolen."""
    signed = sign_statement(said, key_number=0, signer=station_key("ALFA", 0))
    note = note_of(KeyBook({said.party: renewed("ALFA", revoke=True).card}.get), signed)
    assert note is not None
    return note


def test_a_card_of_a_third_for_which_nobody_asked_is_passed_over():
    world, channel = triangle()
    told = world.stations["BRAVO"].engine.links[world.stations["CHARLIE"].party]

    told.control.append(items.encode_item(CardItem(renewed("ALFA").card.raw)))
    world.run(world.steady + 5)

    assert card_held(world, "CHARLIE", "ALFA").sequence == 1
    assert channel


def test_a_forwarder_that_shows_a_false_card_changes_nothing():
    world, channel = chain()
    false = items.encode_item(CardItem(renewed("ALFA", 3, root="MALLORY").card.raw))
    honest = giving(world, "BRAVO")._card
    giving(world, "BRAVO")._card = lambda link, _party: link.given.append(false)
    renew(world, "ALFA")
    world.say("ALFA", channel, "who believes the courier")
    world.run(world.steady + 20)

    assert card_held(world, "CHARLIE", "ALFA").sequence == 1
    told = [one for one in alarms(world, "CHARLIE", "wrong-key") if "another root" in one.text]
    assert {one.peer for one in told} == {world.stations["BRAVO"].party}
    giving(world, "BRAVO")._card = honest
    assert whole(world, channel, within=600)
    assert card_held(world, "CHARLIE", "ALFA").sequence == 2


def test_the_question_is_asked_once_in_a_while_and_costs_little():
    world, channel = chain()
    heard = overheard(world)
    renew(world, "ALFA")
    for number in range(10):
        world.say("ALFA", channel, f"{number}")
        world.run(world.steady + 5)

    asked = [
        item
        for sender, receiver, item in heard
        if (sender, receiver) == ("CHARLIE", "BRAVO")
        and isinstance(item, Need)
        and item.what == items.NEED_CARD
    ]
    assert len(asked) == 1
    assert any(isinstance(item, Note) for _, _, item in heard)
