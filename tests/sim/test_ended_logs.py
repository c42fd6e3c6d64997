"""What a log still had on its way when it ended reaches everyone who knows that log."""

import pytest

from parley.core import items
from parley.core.ids import Hash
from parley.core.items import Need
from parley.core.record import F_OPEN_PREVIOUS, ChannelRecord
from parley.sim.station import Last
from parley.sim.verdict import check_records, check_registers, has_arrived

from .test_restores import conflicts, put_back, start, stopped, talk
from .test_through_others import alarms, changed, giving, lying, overheard

CODES = ("ALFA", "BRAVO", "CHARLIE")


def paths_of(world, code):
    return [path for path in world.paths.values() if code in path.ends]


def lose(world, channel, floor):
    """Let ALFA's disk be lost, and BRAVO alone give back what it holds of ALFA's log."""
    put_back(world, "ALFA", floor, marks=False)
    start(world, "ALFA")
    for path in paths_of(world, "CHARLIE"):
        world.hang_up(path)
    world.run(world.steady + 5)
    alfa, peer = world.stations["ALFA"], world.stations["BRAVO"].party
    alfa.engine.restore(alfa.token(), channel, [peer], 60.0, alfa.now(world.steady))
    world.run(world.steady + 60)


def ended(codes=CODES):
    """Return a world in which CHARLIE, cut off, lacks three entries of a log that ALFA ended."""
    world, channel, floor = talk(*codes, heartbeat=300)
    alfa = world.stations["ALFA"]
    old = alfa.own_log(channel)
    for path in paths_of(world, "CHARLIE"):
        world.hang_up(path)
    for number in range(3):
        world.say("ALFA", channel, f"CHARLIE does not hear {number}")
        world.run(world.steady + 1)
    assert world.run_until(lambda: has_arrived(world, channel, codes[:2]), within=60)
    lose(world, channel, floor)
    assert alfa.own_log(channel) != old
    assert lacking(world, old) == 3
    return world, channel, old


def back(world):
    for path in paths_of(world, "CHARLIE"):
        world.pick_up(path)


def lacking(world, old):
    """Return how many entries of the log that ended CHARLIE lacks of what ALFA holds."""
    alfa, charlie = (
        {row.raw for row in world.stations[code].disk.store.entries(old, 0, 999)}
        for code in ("ALFA", "CHARLIE")
    )
    return len(alfa - charlie)


def all_hold_the_same(world, channel, old, codes=CODES, within=200):
    world.say("ALFA", channel, "in the new log")
    arrived = world.run_until(
        lambda: not lacking(world, old) and has_arrived(world, channel, codes), within=within
    )
    if arrived:
        check_records(world)
        assert check_registers(world, channel, codes)
        assert conflicts(world) == []
    return arrived


def questions(heard, old):
    """Return who asked whom for that log; what was signed in between is another question (0141)."""
    asked = [(a, b, item) for a, b, item in heard if isinstance(item, Need) and item.inc == old.inc]
    return [(a, b) for a, b, item in asked if item.what != items.NEED_NOTE or not item.ranges]


@pytest.mark.parametrize(
    ("way", "restarts"), [("both", False), ("direct", True), ("other", False), ("other", True)]
)
def test_who_was_cut_off_when_a_log_ended_has_the_rest_of_it(way, restarts):
    world, channel, old = ended()
    for path in paths_of(world, "CHARLIE"):
        path.cut = way not in ("both", "direct" if "ALFA" in path.ends else "other")
        world.pick_up(path)
    if restarts:
        new = world.stations["ALFA"].own_log(channel)
        store = world.stations["CHARLIE"].disk.store
        assert world.run_until(lambda: bool(store.entries(new, 0, 1)), within=60)
        assert lacking(world, old) == 3
        world.crash("CHARLIE", Last.KEPT)
        world.run(world.steady + 1)
        for path in paths_of(world, "CHARLIE"):
            world.hang_up(path)
        start(world, "CHARLIE")
    heard = overheard(world)
    assert all_hold_the_same(world, channel, old)
    assert not any(alarms(world, code, "refused") for code in CODES)
    heard.clear()
    world.run(world.steady + 300)
    assert not questions(heard, old)


def test_of_two_parties_the_author_itself_gives_the_rest():
    """ALFA's store lost its last entry; what it has, and CHARLIE not, comes from ALFA alone."""
    codes = ("ALFA", "CHARLIE")
    world, channel, _ = talk(*codes)
    alfa = world.stations["ALFA"]
    old = alfa.own_log(channel)
    (path,) = world.paths.values()
    world.hang_up(path)
    for number in range(3):
        world.say("ALFA", channel, f"CHARLIE does not hear {number}")
        world.run(world.steady + 1)
    kept = len(alfa.disk.journal)
    world.say("ALFA", channel, "lost")
    world.run(world.steady + 1)
    put_back(world, "ALFA", kept, marks=False)
    world.restart("ALFA")
    world.run(world.steady + 5)
    assert stopped(world, "ALFA", channel) == "marks"
    alfa.engine.restore(alfa.token(), channel, [], 5.0, alfa.now(world.steady))
    world.run(world.steady + 10)
    assert alfa.own_log(channel) != old
    world.pick_up(path)
    assert lacking(world, old) == 3
    assert all_hold_the_same(world, channel, old, codes)


@pytest.mark.parametrize("meets", [True, False], ids=["met", "never met"])
def test_of_two_logs_that_ended_what_is_known_of_either_is_made_whole(meets):
    world, channel, old = ended()
    alfa, charlie = world.stations["ALFA"], world.stations["CHARLIE"]
    second = alfa.own_log(channel)
    if meets:
        for code in ("ALFA", "BRAVO"):
            giving(world, code).answer = lambda link, state, item: None
        back(world)
        store = charlie.disk.store
        assert world.run_until(lambda: bool(store.entries(second, 0, 1)), within=60)
    for path in paths_of(world, "CHARLIE"):
        world.hang_up(path)
    for code in ("ALFA", "BRAVO"):
        giving(world, code).__dict__.pop("answer", None)
    world.say("ALFA", channel, "CHARLIE does not hear this either")
    world.run(world.steady + 5)
    lose(world, channel, 3)
    assert alfa.own_log(channel) != second
    assert lacking(world, old) == 3
    back(world)
    world.say("ALFA", channel, "in the third log")
    assert world.run_until(lambda: not lacking(world, old), within=200)
    assert world.run_until(lambda: has_arrived(world, channel, CODES), within=60)
    world.run(world.steady + 60)
    check_records(world)
    # One that was never met is not turned back to.
    assert bool(lacking(world, second)) is not meets
    assert check_registers(world, channel, CODES) is meets
    assert conflicts(world) == []


# --- hostile ---


def test_a_false_log_before_is_not_asked_for_for_ever(monkeypatch):
    fields = ChannelRecord.opening_fields

    def false(self, inc, hide, previous, forked=None):
        found = fields(self, inc, hide, previous, forked)
        if previous is not None:
            found[F_OPEN_PREVIOUS] = [previous.log.inc, 10**6, Hash(bytes(32))]
        return found

    monkeypatch.setattr(ChannelRecord, "opening_fields", false)
    world, channel, old = ended()
    back(world)
    assert all_hold_the_same(world, channel, old)
    heard = overheard(world)
    world.run(world.steady + 1_200)
    assert 0 < len([one for one in questions(heard, old) if one[0] == "CHARLIE"]) <= 8
    heard.clear()
    world.run(world.steady + 1_200)
    assert not questions(heard, old)
    assert not any(alarms(world, code, "refused") for code in CODES)


@pytest.mark.parametrize("what", ["withholds", "lies"])
def test_who_gives_nothing_or_what_is_false_holds_up_nothing_and_frames_nobody(what):
    world, channel, old = ended()
    giving(world, "ALFA").answer = lambda link, state, item: None  # as an older station does
    if what == "withholds":
        giving(world, "BRAVO")._entries = lambda link, state, replica, item: None
    else:
        lying(world, changed)
    heard = overheard(world)
    back(world)
    world.say("ALFA", channel, "the new log is not held up", flags=3)
    assert world.run_until(lambda: has_arrived(world, channel, CODES), within=30)
    world.run(world.steady + 1_200)
    assert lacking(world, old) == 3
    assert 0 < len(questions(heard, old)) <= 80
    heard.clear()
    world.run(world.steady + 1_200)
    assert not questions(heard, old)
    assert conflicts(world) == []
    assert {one.peer for one in alarms(world, "CHARLIE", "refused")} <= {
        world.stations["BRAVO"].party
    }
    # Once a way has come anew all are asked again.
    for name in ("_entries", "_raws"):
        giving(world, "BRAVO").__dict__.pop(name, None)
    for path in paths_of(world, "CHARLIE"):
        world.hang_up(path)
    world.run(world.steady + 1)
    back(world)
    assert all_hold_the_same(world, channel, old, within=600)


def test_an_answer_of_the_author_that_comes_late_is_not_taken_for_its_newest_log():
    world, channel, old = ended()
    back(world)
    assert all_hold_the_same(world, channel, old)
    alfa, charlie = world.stations["ALFA"], world.stations["CHARLIE"]
    state = alfa.engine.ledger.channels[channel]
    size = state.record.all[old].signed
    need = Need(
        channel=state.record.charter.number,
        party=state.record.number,
        inc=old.inc,
        ranges=((size - 2, size),),
        what=items.NEED_ENTRIES,
    )
    link = alfa.engine.links[charlie.party]
    giving(world, "ALFA").answer(link, state, need)
    world.run(world.steady + 5)
    newest = charlie.engine.ledger.channels[channel].record.logs[alfa.party]
    assert newest.signed < size - 2
    assert not newest.pending
    assert conflicts(world) == []
