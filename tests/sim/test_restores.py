"""A station put back from a backup, a snapshot or a cloned disk: noticed, stopped, mended."""

import pytest

from parley.core import canon
from parley.core.entry import decode_entry
from parley.errors import ConflictError
from parley.sim.network import Weather
from parley.sim.people import make_identity
from parley.sim.station import Last, SimStation
from parley.sim.verdict import check_brought_back, check_records, has_arrived
from parley.sim.world import World
from parley.station.effects import NewEntry
from parley.station.export import Exporter
from parley.station.giving_back import GivingBack
from parley.station.link_state import Traits
from parley.store.interface import NodeRow, StatementRow
from parley.store.verify import verify_rows
from support.verifying import check


def talk(*codes, witnesses=(), seed=7, heartbeat=None):
    """Return a world in which the first two have talked, its channel, and ALFA's journal floor."""
    world = World(seed, codes, witnesses=witnesses)
    for number, first in enumerate(codes):
        for second in codes[number + 1 :]:
            world.connect(first, second)
    channel = world.open_channel("OPS", codes, witnesses=witnesses, heartbeat=heartbeat)
    world.run(world.steady + 2)
    floor = len(world.stations["ALFA"].disk.journal)
    for number in range(6):
        for code in codes:
            world.say(code, channel, f"{code} {number}", flags=number % 4)
            world.run(world.steady + 0.3)
    world.run(world.steady + 3)
    assert has_arrived(world, channel, codes)
    return world, channel, floor


def marks_of(station):
    """Return the marks as they lay beside a disk when it was copied."""
    marks = {}
    for row in station.disk.store.logs():
        last = station.disk.store.last_statement(row.log)
        if row.log.party == station.party and last is not None:
            marks[row.log] = (last.signed.statement.size, last.signed.statement.no)
    return marks


def put_back(world, code, transactions, *, marks):
    """Put an older copy of a disk back; with `marks` those of then as well, as in a snapshot."""
    station = world.stations[code]
    world.crash(code, Last.LOST)
    station.disk.restore(transactions)
    if marks:
        station.marks = marks_of(station)
    world.run(world.steady + 1)


def start(world, code):
    world.restart(code)
    for path in world.paths.values():
        if all(world.stations[end].engine is not None for end in path.ends):
            world.pick_up(path)


def signed_by(station):
    """Return every statement of a station's own on its disk."""
    store = station.disk.store
    logs = [row.log for row in store.logs() if row.log.party == station.party]
    return [row for log in logs for row in store.statements(log, 0, 10**6)]


def cards_of(world):
    return {one.party: [one.identity.card] for one in world.stations.values()}


def stopped(world, code, channel):
    return world.stations[code].engine.ledger.channels[channel].stopped


def conflicts(world):
    return [
        conflict.kind
        for station in world.stations.values()
        if station.engine is not None
        for conflict in station.engine.ledger.conflicts.values()
    ]


def steps():
    world, _, floor = talk("ALFA", "BRAVO")
    return floor, len(world.stations["ALFA"].disk.journal)


@pytest.mark.parametrize("marks", [False, True], ids=["backup", "snapshot"])
def test_an_old_copy_of_every_moment_is_noticed_before_anything_is_signed_and_mended(marks):
    floor, whole = steps()
    assert whole - floor > 15
    for kept in range(floor, whole):
        world, channel, _ = talk("ALFA", "BRAVO")
        alfa, bravo = world.stations["ALFA"], world.stations["BRAVO"]
        old = alfa.own_log(channel)
        put_back(world, "ALFA", kept, marks=marks)
        before: list[StatementRow] = signed_by(alfa)
        start(world, "ALFA")
        token = world.say("ALFA", channel, "written at the worst moment")
        world.run(world.steady + 10)

        assert stopped(world, "ALFA", channel), kept
        assert isinstance(alfa.replies[token].error, ConflictError)
        assert signed_by(alfa) == before, kept
        world.mend("ALFA")
        assert world.run_until(lambda: alfa.own_log(channel) != old, within=60), kept  # noqa: B023
        token = world.say("ALFA", channel, "we are back")
        world.run(world.steady + 10)

        assert alfa.replies[token].error is None
        assert conflicts(world) == [], kept
        check_brought_back(world, {"ALFA"})
        check_records(world)
        assert has_arrived(world, channel, ["ALFA", "BRAVO"]), kept
        rows = [row.raw for row in bravo.disk.store.entries(old, 0, 999)]
        assert [row.raw for row in alfa.disk.store.entries(old, 0, 999)] == rows


def test_the_newest_copy_goes_on_without_a_word():
    world, channel, _ = talk("ALFA", "BRAVO")
    alfa = world.stations["ALFA"]
    log = alfa.own_log(channel)
    put_back(world, "ALFA", len(alfa.disk.journal), marks=True)
    start(world, "ALFA")
    token = world.say("ALFA", channel, "after a plain restart")
    world.run(world.steady + 1)

    assert alfa.replies[token].error is None
    assert stopped(world, "ALFA", channel) is None
    assert alfa.own_log(channel) == log


def test_a_stopped_log_stays_stopped_over_a_restart_and_is_mended_then():
    world, channel, floor = talk("ALFA", "BRAVO")
    alfa = world.stations["ALFA"]
    put_back(world, "ALFA", floor, marks=True)
    start(world, "ALFA")
    world.run(world.steady + 5)
    world.crash("ALFA", Last.KEPT)
    start(world, "ALFA")
    world.run(world.steady + 5)
    assert stopped(world, "ALFA", channel)

    world.mend("ALFA")
    world.run(world.steady + 10)

    assert stopped(world, "ALFA", channel) is None
    check_brought_back(world, {"ALFA"})
    world.crash("ALFA", Last.KEPT)
    start(world, "ALFA")
    world.run(world.steady + 5)
    assert stopped(world, "ALFA", channel) is None
    assert conflicts(world) == []
    assert alfa.alarms()


def test_a_mend_that_is_killed_half_way_is_done_by_the_next_one():
    world, channel, floor = talk("ALFA", "BRAVO")
    alfa = world.stations["ALFA"]
    for kept in range(1, 6):
        world, channel, floor = talk("ALFA", "BRAVO")
        alfa = world.stations["ALFA"]
        put_back(world, "ALFA", floor, marks=True)
        start(world, "ALFA")
        world.run(world.steady + 5)
        journal = len(alfa.disk.journal)
        world.mend("ALFA")
        world.run_until(lambda: len(alfa.disk.journal) >= journal + kept, within=20)  # noqa: B023
        world.crash("ALFA", Last.LOST)
        start(world, "ALFA")
        world.run(world.steady + 5)
        world.mend("ALFA")
        world.run(world.steady + 10)
        world.say("ALFA", channel, "whole again")
        world.run(world.steady + 5)

        assert stopped(world, "ALFA", channel) is None
        check_brought_back(world, {"ALFA"})
        check_records(world)
        assert conflicts(world) == []
        assert has_arrived(world, channel, ["ALFA", "BRAVO"])


def test_a_copy_from_before_the_last_mend_brings_back_both_logs():
    world, channel, floor = talk("ALFA", "BRAVO")
    alfa = world.stations["ALFA"]
    put_back(world, "ALFA", floor, marks=True)
    start(world, "ALFA")
    world.run(world.steady + 5)
    world.mend("ALFA")
    world.run(world.steady + 10)
    second = alfa.own_log(channel)
    for number in range(3):
        world.say("ALFA", channel, f"second {number}")
        world.run(world.steady + 1)

    put_back(world, "ALFA", floor, marks=True)
    start(world, "ALFA")
    world.run(world.steady + 5)
    assert stopped(world, "ALFA", channel)
    world.mend("ALFA")
    world.run(world.steady + 10)
    world.say("ALFA", channel, "third")
    world.run(world.steady + 5)

    assert alfa.own_log(channel) != second
    check_brought_back(world, {"ALFA"})
    check_records(world)
    assert conflicts(world) == []
    assert has_arrived(world, channel, ["ALFA", "BRAVO"])
    state = alfa.engine.ledger.channels[channel]
    assert [state.ordinal(log) for log in state.record.all if log.party == alfa.party] == [1, 2, 3]


def test_a_witness_alone_knows_better():
    world, channel, floor = talk("ALFA", "BRAVO", witnesses=("WITNESS",))
    alfa = world.stations["ALFA"]
    world.run(world.steady + 120)
    world.crash("BRAVO", Last.LOST)
    put_back(world, "ALFA", floor, marks=True)
    before = signed_by(alfa)
    start(world, "ALFA")
    world.run(world.steady + 30)

    assert "witness" in stopped(world, "ALFA", channel)
    assert signed_by(alfa) == before


def test_with_nobody_to_ask_a_station_goes_on_after_three_seconds():
    world, channel, _ = talk("ALFA", "BRAVO")
    alfa = world.stations["ALFA"]
    world.crash("BRAVO", Last.LOST)
    put_back(world, "ALFA", len(alfa.disk.journal), marks=True)
    start(world, "ALFA")
    token = world.say("ALFA", channel, "nobody hears this yet")
    world.run(world.steady + 2.5)
    assert token not in alfa.replies
    world.run(world.steady + 1)

    assert alfa.replies[token].error is None


class Deaf:
    """Listens to nothing: two machines that seal under one name are no honest stations."""

    def hear(self, sender, receiver, raw):
        """Return nothing."""


def clone(world, code, name):
    """Let a second machine run on a copy of a station's disk and keys."""
    original = world.stations[code]
    made = SimStation(make_identity(code), seed=99, wall_start=world.start)
    for batch in original.disk.journal:
        made.disk.write(batch)
    made.code = name
    made.marks = marks_of(made)
    made.peers = dict(original.peers)
    world.stations[name] = made
    world._tap = Deaf()
    return made


@pytest.mark.parametrize("says", [(), ("ALFA",), ("ALFA", "COPY")], ids=len)
def test_two_clones_are_found_out_and_neither_goes_on_in_that_log(says):
    world, channel, _ = talk("ALFA", "BRAVO", heartbeat=20)
    alfa, bravo = world.stations["ALFA"], world.stations["BRAVO"]
    old = alfa.own_log(channel)
    copy = clone(world, "ALFA", "COPY")
    world.run(world.steady + 1)
    copy.start(world.steady)
    world.connect("COPY", "BRAVO")
    for _ in range(3):
        for code in says:
            if stopped(world, code, channel) is None:
                world.say(code, channel, f"{code} speaks")
        world.run(world.steady + 60)

    assert stopped(world, "ALFA", channel)
    assert stopped(world, "COPY", channel)
    assert bravo.engine.ledger.conflicts
    # The way back: one of the two is shut down, the other is mended.
    world.hang_up(list(world.paths.values())[-1])
    world.crash("COPY", Last.LOST)
    world.mend("ALFA")
    world.run(world.steady + 120)
    world.say("ALFA", channel, "one of us is left")
    world.run(world.steady + 60)

    new = alfa.own_log(channel)
    assert new != old
    rows = bravo.disk.store.entries(new, 0, 99)
    assert [row.raw for row in rows] == [row.raw for row in alfa.disk.store.entries(new, 0, 99)]
    assert rows
    # What had been received of the old log stays readable.
    assert bravo.disk.store.entries(old, 0, 999)


def test_of_two_machines_only_the_one_that_was_heard_goes_on():
    world, channel, _ = talk("ALFA", "BRAVO")
    log = world.stations["ALFA"].own_log(channel)
    clone(world, "ALFA", "COPY").start(world.steady)
    world.connect("COPY", "BRAVO")
    world.run(world.steady + 0.5)
    world.say("COPY", channel, "the other machine took over")
    world.run(world.steady + 20)

    assert stopped(world, "ALFA", channel)
    assert stopped(world, "COPY", channel) is None
    assert world.stations["COPY"].own_log(channel) == log
    assert conflicts(world) == []


def test_what_no_peer_held_is_told():
    world, channel, _ = talk("ALFA", "BRAVO")
    alfa = world.stations["ALFA"]
    kept = len(alfa.disk.journal)
    for path in world.paths.values():
        path.cut = True
    for number in range(3):
        world.say("ALFA", channel, f"heard by nobody {number}")
        world.run(world.steady + 0.5)
    put_back(world, "ALFA", kept, marks=False)
    for path in world.paths.values():
        path.cut = False
    start(world, "ALFA")
    world.run(world.steady + 5)
    world.mend("ALFA")
    world.run(world.steady + 10)

    report = alfa.engine.traffic.newest.mending.reports[channel]
    assert (report.brought, report.gone, report.missing) == (0, 3, ())
    assert report.marked == report.stored + 3


def test_a_long_log_comes_back_in_windows():
    world, channel, floor = talk("ALFA", "BRAVO")
    alfa, bravo = world.stations["ALFA"], world.stations["BRAVO"]
    for number in range(30):
        entries = [NewEntry(kind=1, fields={2: f"{number} {at} " + "x" * 400}) for at in range(100)]
        alfa.append(channel, entries, world.steady)
        world.run(world.steady + 0.5)
    world.run(world.steady + 10)
    old = alfa.own_log(channel)
    put_back(world, "ALFA", floor, marks=True)
    start(world, "ALFA")
    world.run(world.steady + 5)
    world.mend("ALFA")
    world.run(world.steady + 60)

    assert stopped(world, "ALFA", channel) is None
    report = alfa.engine.traffic.newest.mending.reports[channel]
    assert report.brought > 3_000
    rows = [row.raw for row in bravo.disk.store.entries(old, 0, 9_999)]
    assert [row.raw for row in alfa.disk.store.entries(old, 0, 9_999)] == rows
    check_records(world)


def test_every_member_who_holds_more_must_be_asked():
    world, channel, floor = talk("ALFA", "BRAVO", "CHARLIE")
    alfa, bravo, charlie = (world.stations[code] for code in ("ALFA", "BRAVO", "CHARLIE"))
    between_them = next(p for p in world.paths.values() if set(p.ends) == {"BRAVO", "CHARLIE"})
    between_them.cut = True  # else each of them has from the other what it lacks of ALFA's log
    world.crash("BRAVO", Last.KEPT)
    for number in range(3):
        world.say("ALFA", channel, f"CHARLIE alone hears {number}")
        world.run(world.steady + 1)
    world.say("CHARLIE", channel, "I heard it")
    world.run(world.steady + 5)
    old = alfa.own_log(channel)
    put_back(world, "ALFA", floor, marks=True)
    start(world, "ALFA")
    start(world, "BRAVO")
    world.run(world.steady + 10)
    assert stopped(world, "ALFA", channel)

    token = alfa.token()
    alfa.engine.restore(token, channel, [bravo.party], 20.0, alfa.now(world.steady))
    world.run(world.steady + 30)
    first = alfa.replies[token]
    world.mend("ALFA")
    world.run(world.steady + 30)

    assert "CHARLIE" in str(first.error)
    assert stopped(world, "ALFA", channel) is None
    rows = [row.raw for row in charlie.disk.store.entries(old, 0, 999)]
    assert [row.raw for row in alfa.disk.store.entries(old, 0, 999)] == rows


def test_who_lacks_entries_of_the_log_that_ended_is_named():
    world, channel, floor = talk("ALFA", "BRAVO", "CHARLIE")
    alfa, bravo, charlie = (world.stations[code] for code in ("ALFA", "BRAVO", "CHARLIE"))
    for path in [one for one in world.paths.values() if "CHARLIE" in one.ends]:
        world.hang_up(path)
    for number in range(3):
        world.say("ALFA", channel, f"CHARLIE does not hear {number}")
    world.run(world.steady + 2)
    assert world.run_until(lambda: has_arrived(world, channel, ("ALFA", "BRAVO")), within=60)
    put_back(world, "ALFA", floor, marks=False)
    start(world, "ALFA")
    for path in [one for one in world.paths.values() if "CHARLIE" in one.ends]:
        world.hang_up(path)
    world.run(world.steady + 5)
    log = alfa.own_log(channel)
    alfa.engine.restore(alfa.token(), channel, [bravo.party], 60.0, alfa.now(world.steady))
    world.run(world.steady + 60)

    report = alfa.engine.traffic.newest.mending.reports[channel]
    assert bravo.party not in report.behind
    held = charlie.disk.store.entries(log, 0, 99)
    assert report.behind[charlie.party] >= report.size - len(held) == 3


def test_a_peer_that_lacks_some_gives_the_rest_and_what_is_lost_is_named():
    """BRAVO's disk lost two bodies of ALFA's log; their places are signed and stay missing."""
    world, channel, floor = talk("ALFA", "BRAVO")
    alfa, bravo = world.stations["ALFA"], world.stations["BRAVO"]
    log = alfa.own_log(channel)
    last = bravo.disk.store.last_statement(log).signed.statement.size
    replica = bravo.engine.ledger.channels[channel].record.all[log]
    lost = (last - 3, last - 1)
    kept = bravo.disk.store._logs[log]
    for index in range(*lost):
        del kept.entries[index]
        kept.order.remove(index)
    replica.missing = (lost,)
    put_back(world, "ALFA", floor, marks=False)
    start(world, "ALFA")
    world.run(world.steady + 5)
    world.mend("ALFA")
    world.run(world.steady + 30)

    assert stopped(world, "ALFA", channel) is None
    report = alfa.engine.traffic.newest.mending.reports[channel]
    assert report.missing == (lost,)
    assert report.size == last
    new = alfa.own_log(channel)
    opening = decode_entry(alfa.disk.store.entry(new, 0).raw, others=1)
    assert opening.fields[18][1] == lost[0]
    held = {row.index for row in alfa.disk.store.entries(log, 0, 999)}
    assert held == set(range(last)) - set(range(*lost))
    world.crash("ALFA", Last.KEPT)
    start(world, "ALFA")
    world.run(world.steady + 5)
    assert stopped(world, "ALFA", channel) is None


def test_a_peer_that_knows_only_a_subtree_around_where_we_had_signed_gives_the_rest():
    """BRAVO lacks two entries and knows their places by one hash; ALFA was put back between them."""
    world, channel, _ = talk("ALFA", "BRAVO")
    alfa, bravo = world.stations["ALFA"], world.stations["BRAVO"]
    log = alfa.own_log(channel)
    replica = bravo.engine.ledger.channels[channel].record.all[log]
    first = replica.signed // 2 & ~1
    node = NodeRow(log=log, level=1, pos=first // 2, hash=replica.tree.node(1, first // 2))
    world.crash("BRAVO", Last.KEPT)
    kept = bravo.disk.store._logs[log]
    for index in (first, first + 1):
        del kept.entries[index]
        kept.order.remove(index)
    kept.nodes[1, first // 2] = node
    ends = [
        max([row.index for row in batch.entries if row.log == log], default=-1)
        for batch in alfa.disk.journal
    ]
    put_back(world, "ALFA", ends.index(first) + 1, marks=False)
    start(world, "BRAVO")
    start(world, "ALFA")
    world.run(world.steady + 5)
    assert alfa.engine.ledger.channels[channel].record.own.signed == first + 1
    world.mend("ALFA")
    world.run(world.steady + 30)

    assert stopped(world, "ALFA", channel) is None
    report = alfa.engine.traffic.newest.mending.reports[channel]
    assert report.missing == ((first + 1, first + 2),)
    check_brought_back(world, {"ALFA"})
    assert verify_rows(alfa.disk.store, [alfa.identity.card]).wrong is None
    raw = Exporter(alfa.disk.store, cards_of(world)).record(channel)
    assert check(raw).refused is None
    world.crash("ALFA", Last.KEPT)
    start(world, "ALFA")
    world.say("ALFA", channel, "we go on")
    world.run(world.steady + 5)
    assert has_arrived(world, channel, ["ALFA", "BRAVO"])


def test_a_narrow_line_gives_back_what_fits_its_frames():
    world = World(5, ("ALFA", "BRAVO"))
    world.connect("ALFA", "BRAVO", traits=Traits(rate_bps=2_400, frame_bytes_max=2_048))
    channel = world.open_channel("OPS", ("ALFA", "BRAVO"), within=3_000)
    floor = len(world.stations["ALFA"].disk.journal)
    for number in range(5):
        world.say("ALFA", channel, f"slowly {number}")
        world.run(world.steady + 60)
    world.run(world.steady + 600)
    alfa, bravo = world.stations["ALFA"], world.stations["BRAVO"]
    old = alfa.own_log(channel)
    put_back(world, "ALFA", floor, marks=False)
    start(world, "ALFA")
    world.run(world.steady + 60)
    assert stopped(world, "ALFA", channel) == "marks"
    world.mend("ALFA")
    world.run(world.steady + 1_800)

    assert stopped(world, "ALFA", channel) is None
    rows = [row.raw for row in bravo.disk.store.entries(old, 0, 999)]
    assert [row.raw for row in alfa.disk.store.entries(old, 0, 999)] == rows


class _Liar(GivingBack):
    """Gives the asker its own entries with another text, and nothing that would bind them."""

    def _binding(self, replica, first, end):
        return None

    def _raws(self, *where):
        return [_changed(raw) for raw in super()._raws(*where)]


def _changed(raw):
    value = canon.decode(raw)
    return canon.encode([*value[:4], {**value[4], 25: "what ALFA never said"}])


def test_a_peer_that_lies_keeps_nothing_of_what_an_honest_one_gives_from_coming_back():
    world, channel, floor = talk("ALFA", "BRAVO", "CHARLIE")
    alfa, bravo, charlie = (world.stations[code] for code in ("ALFA", "BRAVO", "CHARLIE"))
    log = alfa.own_log(channel)
    rows = [row.raw for row in charlie.disk.store.entries(log, 0, 999)]
    put_back(world, "ALFA", floor, marks=False)
    bravo.engine.traffic.hearing.giving = _Liar(bravo.engine.ledger)
    slow = next(path for path in world.paths.values() if set(path.ends) == {"ALFA", "CHARLIE"})
    slow.weather = Weather(delay_seconds=0.5)
    start(world, "ALFA")
    world.run(world.steady + 5)
    token = alfa.token()
    peers = [bravo.party, charlie.party]
    alfa.engine.restore(token, channel, peers, 60.0, alfa.now(world.steady))
    world.run(world.steady + 70)

    report = alfa.engine.traffic.newest.mending.reports[channel]
    assert (report.brought, report.gone) == (6, 0)
    assert charlie.party not in report.differing
    assert [row.raw for row in alfa.disk.store.entries(log, 0, 999)] == rows
    check_brought_back(world, {"ALFA"})
