"""Members of a channel have one another's logs through a third where the direct way is missing."""

from dataclasses import replace
from itertools import pairwise

import pytest

from parley.core import canon, items
from parley.core.charter import Charter
from parley.core.entry import Entry, decode_entry, encode_entry
from parley.core.items import Need, Note, Run
from parley.sim.station import Last
from parley.sim.verdict import check_records, check_registers, has_arrived
from parley.sim.world import World
from parley.station.facts import EntryStored, ReceiptStored
from parley.station.link_state import Traits
from parley.station.quotas import Quota

CODES = ("ALFA", "BRAVO", "CHARLIE")


def chain(*, codes=CODES, traits=None, terms=None):
    """Return a world in which neighbours alone have paths, and a channel of all."""
    world = World(7, codes)
    for first, second in pairwise(codes):
        world.connect(first, second, traits=traits)
    channel = world.open_channel("ALL", codes, terms=terms, within=100_000)
    return world, channel


def triangle(*, heartbeat=None):
    world = World(7, CODES)
    for first, second in (CODES[:2], CODES[1:], CODES[::2]):
        world.connect(first, second)
    channel = world.open_channel("ALL", CODES, heartbeat=heartbeat)
    world.run(world.steady + 5)
    return world, channel


def between(world, *ends):
    return next(path for path in world.paths.values() if set(path.ends) == set(ends))


def whole(world, channel, codes=CODES, within=120):
    """Let everything arrive; say whether it did, and all see the same."""
    arrived = world.run_until(lambda: has_arrived(world, channel, codes), within=within)
    if arrived:
        check_records(world)
        assert check_registers(world, channel, codes)
    return arrived


def overheard(world):
    """Return a list that fills with `(sender, receiver, item)` for every item on a line."""
    heard = []
    world.overhear = lambda sender, receiver, frame: heard.extend(
        (sender.code, receiver.code, item) for item in frame.found
    )
    return heard


def of_thirds(heard, world, channel):
    """Return the runs that were sent by somebody else than their authors."""
    state = world.stations["ALFA"].engine.ledger.channels[channel]
    codes = {one.party: code for code, one in world.stations.items()}
    names = [codes[party] for party in state.record.charter.parties]
    return [
        (sender, receiver, item)
        for sender, receiver, item in heard
        if isinstance(item, Run) and names[item.party] != sender
    ]


def alarms(world, code, kind):
    return [one for one in world.stations[code].alarms() if one.kind == kind]


def giving(world, code):
    return world.stations[code].engine.traffic.hearing.giving


def held(world, code, channel, author):
    station, log = world.stations[code], world.stations[author].own_log(channel)
    return [row.index for row in station.disk.store.entries(log, 0, 9_999)]


# --- everything arrives ---


def test_what_two_members_write_reaches_each_through_the_third():
    world, channel = chain()
    for number in range(5):
        for code in CODES:
            world.say(code, channel, f"{code} {number}", flags=number % 4)
        world.run(world.steady + 1)
    assert whole(world, channel)
    # Each recipient signs for itself, and the author is told of each.
    alfa = world.stations["ALFA"]
    receipts = [one for one in alfa.facts if isinstance(one, ReceiptStored)]
    assert {one.by for one in receipts if one.size >= 8} == {
        world.stations[code].party for code in CODES[1:]
    }


def test_four_in_a_row():
    codes = (*CODES, "DELTA")
    world, channel = chain(codes=codes)
    for code in codes:
        world.say(code, channel, code)
    assert whole(world, channel, codes)


def test_once_it_is_known_that_the_way_is_missing_an_entry_is_not_held_up():
    world, channel = chain()
    world.run(world.steady + 30)
    world.say("ALFA", channel, "now", flags=3)
    assert whole(world, channel, within=1.0)


@pytest.mark.parametrize("hung_up", [True, False], ids=["seen", "unseen"])
def test_a_partition_between_two_of_three_is_bridged_and_heals(hung_up):
    world, channel = triangle()
    path = between(world, "ALFA", "CHARLIE")
    if hung_up:
        world.hang_up(path)
    path.cut = True
    for number in range(4):
        for code in CODES:
            world.say(code, channel, f"{code} {number}", flags=number)
        world.run(world.steady + 2)
    assert whole(world, channel)
    path.cut = False
    world.pick_up(path)
    world.run(world.steady + 20)
    heard = overheard(world)
    world.say("ALFA", channel, "direct again")
    assert whole(world, channel, within=5)
    world.run(world.steady + 600)
    assert not of_thirds(heard, world, channel)


def test_over_a_slow_line_a_flash_overtakes_what_waits():
    world, channel = chain()
    world.run(world.steady + 200)
    slow = between(world, "BRAVO", "CHARLIE")
    world.hang_up(slow)
    for number in range(60):
        world.say("ALFA", channel, f"{number} " + "words without hurry " * 5)
    world.run(world.steady + 5)
    world.say("ALFA", channel, "at once", flags=3)
    world.run(world.steady + 5)
    world.connect("BRAVO", "CHARLIE", traits=Traits(rate_bps=300, frame_bytes_max=256))
    alfa, charlie = world.stations["ALFA"], world.stations["CHARLIE"]
    last = len(held(world, "ALFA", channel, "ALFA")) - 1

    def came():
        return charlie.disk.store.entry(alfa.own_log(channel), last) is not None

    assert world.run_until(came, within=1_500)
    assert len(held(world, "CHARLIE", channel, "ALFA")) < 30
    assert whole(world, channel, within=40_000)


def test_who_joins_late_and_has_a_way_to_one_member_alone_has_it_all():
    world = World(7, CODES)
    world.connect("ALFA", "BRAVO")
    alfa, bravo, charlie = (world.stations[code] for code in CODES)
    charter = Charter(
        parties=tuple(world.stations[code].party for code in CODES),
        number=1,
        purpose="late",
        basis="none",
        proposed_at=world.start,
        nonce=bytes(16),
        code="ALL",
    )
    alfa.engine.propose(alfa.token(), charter, alfa.now(0.0))
    channel = charter.channel_id
    assert world.run_until(lambda: channel in bravo.engine.ledger.channels, within=30)
    bravo.engine.accept_charter(bravo.token(), channel, bravo.now(world.steady))
    for number in range(20):
        world.say("ALFA", channel, f"before {number}")
        world.run(world.steady + 1)
    world.connect("BRAVO", "CHARLIE")
    assert world.run_until(lambda: channel in charlie.engine.ledger.channels, within=400)
    charlie.engine.accept_charter(charlie.token(), channel, charlie.now(world.steady))
    world.say("CHARLIE", channel, "here")
    assert whole(world, channel)


def test_one_member_who_is_down_holds_up_nobody():
    world, channel = triangle()
    world.crash("CHARLIE", Last.KEPT)
    for code in CODES[:2]:
        world.say(code, channel, code, flags=3)
    assert world.run_until(lambda: has_arrived(world, channel, CODES[:2]), within=2)
    world.run(world.steady + 300)
    world.restart("CHARLIE")
    world.pick_up(between(world, "BRAVO", "CHARLIE"))
    assert whole(world, channel)


# --- nothing too much ---


def test_where_every_way_is_there_nothing_of_a_third_is_passed_on():
    world, channel = triangle()
    heard = overheard(world)
    for number in range(20):
        for code in CODES:
            world.say(code, channel, f"{code} {number}", flags=number % 4)
        world.run(world.steady + 0.5)
    world.run(world.steady + 300)
    state = world.stations["ALFA"].engine.ledger.channels[channel]
    assert state.record.own.signed > 20
    assert not of_thirds(heard, world, channel)
    assert not [item for _, _, item in heard if isinstance(item, (Note, Need))]


def test_an_entry_goes_through_the_third_once_and_a_quiet_channel_costs_little():
    world, channel = chain()
    heard = overheard(world)
    for number in range(10):
        world.say("ALFA", channel, f"number {number}")
        world.run(world.steady + 5)
    assert whole(world, channel)
    places = [
        item.first + at
        for _, receiver, item in of_thirds(heard, world, channel)
        for at in range(len(item.entries))
        if receiver == "CHARLIE"
    ]
    assert len(places) == len(set(places))
    world.run(world.steady + 300)
    heard.clear()
    world.run(world.steady + 3_600)
    # A question and a note a minute each way, and the heartbeats of both ends.
    assert len([item for _, _, item in heard if isinstance(item, Need)]) <= 2 * 61
    assert len([item for _, _, item in heard if isinstance(item, Note)]) <= 6 * 61
    assert not of_thirds(heard, world, channel)


def test_what_nobody_asked_for_is_passed_over():
    world, channel = triangle()
    alfa, charlie = world.stations["ALFA"], world.stations["CHARLIE"]
    world.hang_up(between(world, "ALFA", "CHARLIE"))
    state = charlie.engine.ledger.channels[channel]
    before = state.record.logs[alfa.party]
    size, pending = before.signed, len(before.pending)
    log = alfa.own_log(channel)
    rows = [row.raw for row in alfa.disk.store.entries(log, 0, 99)]
    link = world.stations["BRAVO"].engine.links[charlie.party]
    for first in (0, size, size + 10):
        link.control.append(items.encode_run(1, 0, first, rows, None))
    world.run(world.steady + 3)
    assert (before.signed, len(before.pending)) == (size, pending)
    assert not charlie.engine.traffic.hearing.through._wanted


# --- a forwarder that lies, withholds, bloats ---


def lying(world, change):
    """Let BRAVO change every entry of another that it gives away."""
    back = giving(world, "BRAVO")
    true = back._raws
    back._raws = lambda *args: [change(raw) for raw in true(*args)]


def test_a_forwarder_that_changes_entries_is_told_of_and_its_author_is_not_blamed():
    world, channel = chain()
    assert whole(world, channel)
    lying(world, changed)
    world.say("ALFA", channel, "the truth")
    world.run(world.steady + 120)
    charlie, alfa = world.stations["CHARLIE"], world.stations["ALFA"]
    log = alfa.own_log(channel)
    size = len(held(world, "ALFA", channel, "ALFA"))
    assert charlie.disk.store.entry(log, size - 1) is None
    assert not charlie.engine.ledger.conflicts
    assert not charlie.engine.ledger.channels[channel].record.logs[alfa.party].frozen
    assert {one.peer for one in charlie.alarms()} == {world.stations["BRAVO"].party}
    # The true entries come by another way, and nothing of the lie is in it.
    world.connect("ALFA", "CHARLIE")
    assert whole(world, channel)


def changed(raw):
    value = canon.decode(raw)
    value[4][2] = "a lie"
    return canon.encode(value)


def two_forwarders():
    """Return a world in which BRAVO and DELTA both stand between ALFA and CHARLIE."""
    codes = (*CODES, "DELTA")
    world = World(7, codes)
    for first, second in (("ALFA", "BRAVO"), ("ALFA", "DELTA"), ("BRAVO", "CHARLIE")):
        world.connect(first, second)
    world.connect("DELTA", "CHARLIE")
    channel = world.open_channel("ALL", codes)
    assert whole(world, channel, codes)
    return world, channel


@pytest.mark.parametrize("what", ["lies", "withholds"])
def test_of_two_forwarders_the_honest_one_is_enough(what):
    world, channel = two_forwarders()
    if what == "lies":
        lying(world, changed)
    else:
        giving(world, "BRAVO")._raws = lambda *_args: []
        giving(world, "BRAVO")._nodes = lambda *_args: None
    for number in range(5):
        world.say("ALFA", channel, f"number {number}")
        world.run(world.steady + 1)
    assert world.run_until(
        lambda: held(world, "CHARLIE", channel, "ALFA") == held(world, "ALFA", channel, "ALFA"),
        within=120,
    )
    check_records(world)


@pytest.mark.parametrize("what", ["repeats", "drips"])
def test_a_forwarder_that_is_never_done_gives_way_to_another(what):
    world, channel = two_forwarders()
    alfa, charlie = world.stations["ALFA"], world.stations["CHARLIE"]
    size, heard = len(held(world, "ALFA", channel, "ALFA")), overheard(world)
    for number in range(300):
        world.say("ALFA", channel, f"number {number}")
    world.run(world.steady + 0.1)
    rows = [row.raw for row in alfa.disk.store.entries(alfa.own_log(channel), 0, 9_999)]
    link = world.stations["BRAVO"].engine.links[charlie.party]
    giving(world, "BRAVO")._raws = lambda *_args: []
    giving(world, "BRAVO")._nodes = lambda *_args: None
    for at in range(size, size + 150):
        first = at if what == "drips" else 1
        link.control.append(items.encode_run(1, 0, first, [rows[first]], None))
        world.run(world.steady + 1)
    assert len(held(world, "CHARLIE", channel, "ALFA")) == size + 300
    check_records(world)
    asked = [one for one in heard if isinstance(one[2], Need) and one[0] == "CHARLIE"]
    assert {one[1] for one in asked if one[2].ranges} == {"BRAVO", "DELTA"}
    assert not charlie.alarms()


def test_a_forwarder_that_bloats_takes_bounded_memory_and_no_disk():
    world, channel = chain()
    assert whole(world, channel)
    back = giving(world, "BRAVO")
    true = back._run
    junk = encode_entry(Entry(kind=1, time=1, flags=0, seen=(1, 1), fields={2: "x" * 60_000}))

    def bloated(link, state, replica, between_them, raws):
        first = between_them[1]
        for at in range(40):
            link.given.append(items.encode_run(1, 0, first + at, [junk], None))
        return true(link, state, replica, between_them, raws)

    charlie = world.stations["CHARLIE"]
    places = len(charlie.disk.store.places(0, 9_999))
    back._run = bloated
    world.say("ALFA", channel, "one entry")
    most = 0
    for _ in range(300):
        world.run(world.steady + 0.1)
        for wanted in charlie.engine.traffic.hearing.through._wanted.values():
            most = max(most, 0 if wanted.aside is None else wanted.aside.pending_bytes)
    assert most <= 60_100  # one place was asked for, and one place alone is filled
    assert len(charlie.disk.store.places(0, 9_999)) <= places + 1


def test_the_quota_of_an_author_holds_for_what_comes_through_others():
    world, channel = chain(terms={2: [3, 0, 0]})
    alfa, charlie = world.stations["ALFA"], world.stations["CHARLIE"]
    without = Quota(replace(charlie.engine.ledger.channels[channel].record.charter, terms={}))
    world.stations["BRAVO"].engine.traffic._intake._quota = lambda *_: without
    for number in range(8):
        world.say("ALFA", channel, f"number {number}")
    heard = overheard(world)
    world.run(world.steady + 600)

    log = alfa.own_log(channel)
    rows = [charlie.disk.store.entry(log, at) for at in held(world, "CHARLIE", channel, "ALFA")]
    assert [decode_entry(row.raw, others=2).kind for row in rows].count(1) == 3
    last = charlie.disk.store.last_statement(charlie.own_log(channel)).signed.statement
    assert last.holding(alfa.party).missing
    assert len(of_thirds(heard, world, channel)) < 40


def test_nobody_is_told_twice_of_what_came_on_two_ways():
    world, channel = triangle()
    slow = between(world, "ALFA", "CHARLIE")
    world.hang_up(slow)
    world.say("ALFA", channel, "by both")
    world.run(world.steady + 0.02)
    world.pick_up(slow)
    assert whole(world, channel)
    told = [
        (one.log, one.index)
        for one in world.stations["CHARLIE"].facts
        if isinstance(one, EntryStored)
    ]
    assert len(told) == len(set(told))
