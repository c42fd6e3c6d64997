"""A party that shows two members two histories is caught as soon as their views meet."""

import pytest

from parley.station.export import Exporter
from parley.store.verify import verify_rows
from support.verifying import check, word

from .test_restores import clone, stopped, talk


def two_faced(first, second):
    """Let one key write one history for BRAVO and another for CHARLIE, who then speak."""
    world, channel, _ = talk("ALFA", "BRAVO", "CHARLIE")
    clone(world, "ALFA", "COPY")
    for path in world.paths.values():
        if set(path.ends) == {"ALFA", "CHARLIE"}:
            world.hang_up(path)
    world.stations["COPY"].start(world.steady)
    world.connect("COPY", "CHARLIE")
    world.run(world.steady + 4)
    for number in range(max(first, second)):
        if number < first:
            world.say("ALFA", channel, f"to BRAVO {number}")
        if number < second:
            world.say("COPY", channel, f"to CHARLIE {number}")
        world.run(world.steady + 1)
    for code in ("BRAVO", "CHARLIE"):
        world.say(code, channel, f"{code} speaks")
        world.run(world.steady + 10)
    return world, channel


def proof_of(world, code, channel, against):
    """Return what a stranger says of the bundle that a station exports."""
    cards = {one.party: [one.identity.card] for one in world.stations.values()}
    raw = Exporter(world.stations[code].disk.store, cards).conflict(channel, against)
    return check(raw, [card.fingerprint.hex() for (card,) in cards.values()])


@pytest.mark.parametrize("entries", [(1, 1), (1, 3), (3, 1)], ids=str)
def test_two_members_who_were_shown_two_histories_both_prove_it(entries):
    world, channel = two_faced(*entries)
    alfa = world.stations["ALFA"]

    for code in ("BRAVO", "CHARLIE"):
        station = world.stations[code]
        proved = proof_of(world, code, channel, alfa.party)
        assert (proved.code, word(proved)) == (0, "two histories signed with ALFA's key")
        assert [one.peer for one in station.alarms() if one.kind == "fork"] == [alfa.party]
        state = station.engine.ledger.channels[channel]
        assert state.record.logs[alfa.party].frozen
        assert state.stopped is None
    assert stopped(world, "ALFA", channel) == stopped(world, "COPY", channel) == "copy"


def test_what_was_received_before_the_fork_stays_and_the_honest_go_on():
    world, channel = two_faced(2, 2)
    alfa, bravo, charlie = (world.stations[code] for code in ("ALFA", "BRAVO", "CHARLIE"))
    log = alfa.own_log(channel)
    assert len(bravo.disk.store.entries(log, 0, 99)) >= 10

    token = world.say("BRAVO", channel, "between honest members")
    world.run(world.steady + 10)

    place = bravo.replies[token].places[0]
    assert charlie.disk.store.entry(*place) is not None
    for station in (bravo, charlie):
        cards = [one.identity.card for one in world.stations.values()]
        assert verify_rows(station.disk.store, cards).wrong is None
    for code in ("BRAVO", "CHARLIE"):
        for conflict in world.stations[code].engine.ledger.conflicts.values():
            assert conflict.kind == "contradiction" or conflict.log.party == alfa.party
