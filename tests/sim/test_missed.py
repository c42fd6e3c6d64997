"""A member that was dark learns on return what the others signed meanwhile, not only the newest."""

from dataclasses import replace
from itertools import combinations
from types import SimpleNamespace

import pytest

from parley.core import items
from parley.core.instants import Instant
from parley.core.items import Need, Note
from parley.core.statement import sign_statement
from parley.desk.desk import registers
from parley.sim.station import Last
from parley.sim.verdict import check_records, has_arrived, view_of
from parley.sim.world import World
from parley.station.link_state import GIVEN_ITEMS_MAX
from parley.station.missed import MISSED, said_between
from parley.station.notes import note_of
from parley.station.passing_on import content
from parley.station.traits import Traits

CODES = ("ALFA", "BRAVO", "CHARLIE")
FOUR = (*CODES, "DELTA")
_ALL = 100_000


def meshed(codes, *, without=(), traits=None):
    """Return a world in which every two members have a path, but for some pairs."""
    world = World(7, codes)
    for pair in combinations(codes, 2):
        if pair not in without:
            world.connect(*pair, traits=traits)
    channel = world.open_channel("ALL", codes)
    assert world.run_until(lambda: has_arrived(world, channel, codes), within=300)
    return world, channel


def paths_of(world, code):
    return [path for path in world.paths.values() if code in path.ends]


def go_dark(world, code):
    for path in paths_of(world, code):
        world.hang_up(path)
        path.cut = True


def come_back(world, code):
    for path in paths_of(world, code):
        path.cut = False
        world.pick_up(path)


def talk(world, channel, codes, *, rounds=3, apart=150):
    """Let members write in turn, so that each signs several times what it holds of the others."""
    for number in range(rounds):
        for code in codes:
            world.say(code, channel, f"{code} {number}", flags=number % 4)
            world.run(world.steady + apart)


def statements(world, code, log):
    rows = world.stations[code].disk.store.statements(log, 0, _ALL)
    return [row.signed for row in rows]


def news(world, code, log):
    """Return what the statements that a station holds of a log say, with the first to say it."""
    found = []
    for signed in statements(world, code, log):
        said = content(signed.statement)
        if not found or found[-1][1] != said:
            found.append((signed.statement.no, said))
    return found


def assert_all_know_the_same(world, channel, codes):
    """Compare the registers over all statements that each holds, and what those say first."""
    check_records(world)
    moment = Instant(world.start + int(world.steady))
    found = {
        registers([view_of(world.stations[c], world, channel)], moment).encode() for c in codes
    }
    assert len(found) == 1
    for author in codes:
        log = world.stations[author].own_log(channel)
        own = news(world, author, log)
        assert len(own) > 3
        assert [news(world, code, log) for code in codes] == [own] * len(codes)


def overheard(world):
    heard = []
    world.overhear = lambda sender, receiver, frame: heard.extend(
        (sender.code, receiver.code, item) for item in frame.found
    )
    return heard


def questions(heard):
    return [
        one
        for one in heard
        if isinstance(one[2], Need) and one[2].what == items.NEED_NOTE and one[2].ranges
    ]


@pytest.mark.parametrize("codes", [CODES, FOUR], ids=["three", "four"])
def test_who_was_dark_learns_who_first_held_what(codes):
    world, channel = meshed(codes)
    go_dark(world, "CHARLIE")
    talk(world, channel, [code for code in codes if code != "CHARLIE"])
    come_back(world, "CHARLIE")
    links = world.stations["CHARLIE"].engine.links.values()
    for _ in range(120):
        world.run(world.steady + 1)
        # What is of yesterday says nothing of a clock.
        assert all(abs(link.clock_offset or 0) < 70 for link in links)
    assert_all_know_the_same(world, channel, codes)


def test_what_is_asked_is_little_and_comes_to_an_end():
    world, channel = meshed(CODES)
    go_dark(world, "CHARLIE")
    talk(world, channel, CODES[:2])
    world.run(world.steady + 7_200)
    heard = overheard(world)
    come_back(world, "CHARLIE")
    world.run(world.steady + 600)
    assert_all_know_the_same(world, channel, CODES)
    asked = questions(heard)
    assert 1 <= len([one for one in asked if one[0] == "CHARLIE"]) <= 6
    # Hours of statements that say nothing new is not sent.
    signed = len(statements(world, "ALFA", world.stations["ALFA"].own_log(channel)))
    notes = [one for one in heard if isinstance(one[2], Note) and one[1] == "CHARLIE"]
    assert signed > 150
    assert len(notes) < 60
    del heard[:]
    world.run(world.steady + 900)
    assert not questions(heard)


def test_a_restart_in_between_changes_nothing():
    world, channel = meshed(CODES)
    go_dark(world, "CHARLIE")
    talk(world, channel, CODES[:2])
    world.crash("CHARLIE", Last.KEPT)
    world.run(world.steady + 900)
    world.restart("CHARLIE")
    come_back(world, "CHARLIE")
    world.run(world.steady + 3.5)
    world.crash("CHARLIE", Last.KEPT)
    world.restart("CHARLIE")
    come_back(world, "CHARLIE")
    world.run(world.steady + 120)
    assert_all_know_the_same(world, channel, CODES)
    world.crash("CHARLIE", Last.KEPT)
    world.restart("CHARLIE")
    heard = overheard(world)
    come_back(world, "CHARLIE")
    world.run(world.steady + 120)
    assert not questions(heard)  # that numbers are missing which say nothing is seen in the rows


# --- whoever cannot be reached, and whoever does not answer rightly ---


def charlie_asks(world, channel, *, author):
    """Return a question of CHARLIE for all that a member ever signed."""
    log = world.stations[author].own_log(channel)
    state = world.stations["CHARLIE"].engine.ledger.channels[channel]
    return Need(
        channel=state.record.charter.number,
        party=state.record.charter.party_number(log.party),
        inc=log.inc,
        ranges=((0, 2**53 - 1),),
        what=items.NEED_NOTE,
    )


def test_what_is_lost_on_the_way_is_asked_for_again():
    world, channel = meshed(CODES)
    go_dark(world, "CHARLIE")
    talk(world, channel, CODES[:2])
    giving, lost = world.stations["ALFA"].engine.traffic.hearing.giving, []
    true = giving.said_between

    def half(link, state, item):
        answered = true(link, state, item)
        if item.ranges and len(lost) < 2:
            lost.append(len(link.given))
            for _ in range(len(link.given) - 1):
                link.given.rotate(1)
                link.given.pop()
        return answered

    giving.said_between = half
    come_back(world, "CHARLIE")
    world.run(world.steady + 300)
    assert len(lost) == 2
    assert max(lost) > 1
    assert_all_know_the_same(world, channel, CODES)


def test_where_its_author_cannot_be_reached_another_member_tells():
    world, channel = meshed(CODES, without=[("ALFA", "CHARLIE")])
    go_dark(world, "CHARLIE")
    talk(world, channel, CODES[:2])
    come_back(world, "CHARLIE")
    world.run(world.steady + 200)
    assert_all_know_the_same(world, channel, CODES)


@pytest.mark.parametrize("lie", ["nothing", "last", "foreign"])
def test_who_keeps_something_back_is_not_the_last_to_be_asked(lie, monkeypatch):
    world, channel = meshed(FOUR)
    alfa, bravo = world.stations["ALFA"], world.stations["BRAVO"]
    go_dark(world, "CHARLIE")
    talk(world, channel, ["ALFA", "BRAVO", "DELTA"])
    giving = bravo.engine.traffic.hearing.giving
    true = giving.said_between

    def false(link, state, item):
        if item.what != items.NEED_NOTE or not item.ranges or lie == "nothing":
            return bool(item.ranges)
        before = len(link.given)
        if lie == "last" and true(link, state, item):
            while len(link.given) > before + 1:
                del link.given[before]
            return True
        for signed in statements(world, "BRAVO", bravo.own_log(channel))[:20]:
            link.given.append(items.encode_item(note_of(bravo.engine.ledger.keys, signed)))
        return True

    monkeypatch.setattr(giving, "said_between", false)
    come_back(world, "CHARLIE")
    for path in paths_of(world, "CHARLIE"):
        if "ALFA" in path.ends:
            world.hang_up(path)
            path.cut = True
    world.run(world.steady + 200)
    log = alfa.own_log(channel)
    assert news(world, "CHARLIE", log) == news(world, "ALFA", log)
    assert not world.stations["CHARLIE"].engine.ledger.conflicts
    assert not [one for one in world.stations["CHARLIE"].alarms() if one.kind != "silence"]
    check_records(world)


def test_what_a_member_kept_back_its_author_tells():
    world, channel = meshed(CODES)
    alfa, bravo = world.stations["ALFA"], world.stations["BRAVO"]
    go_dark(world, "CHARLIE")
    talk(world, channel, CODES[:2])
    giving = bravo.engine.traffic.hearing.giving
    giving.said_between = lambda _link, _state, item: bool(item.ranges)
    way = next(path for path in paths_of(world, "CHARLIE") if "ALFA" in path.ends)
    come_back(world, "CHARLIE")
    world.hang_up(way)
    way.cut = True
    world.run(world.steady + 300)
    log = alfa.own_log(channel)
    assert news(world, "CHARLIE", log) != news(world, "ALFA", log)
    way.cut = False
    world.pick_up(way)
    world.run(world.steady + 120)
    assert news(world, "CHARLIE", log) == news(world, "ALFA", log)


def test_what_its_author_has_no_more_is_asked_for_no_more():
    world, channel = meshed(CODES)
    go_dark(world, "CHARLIE")
    talk(world, channel, CODES[:2])
    alfa, charlie = world.stations["ALFA"], world.stations["CHARLIE"]
    alfa.engine.traffic.hearing.giving.said_between = lambda _link, _state, item: bool(item.ranges)
    heard = overheard(world)
    come_back(world, "CHARLIE")
    world.run(world.steady + 300)
    log = alfa.own_log(channel)
    assert [key for key, _ in charlie.disk.store.papers(MISSED)] == [log.origin]
    assert 3 <= len([one for one in questions(heard) if one[:2] == ("CHARLIE", "ALFA")]) <= 6
    world.crash("CHARLIE", Last.KEPT)
    world.restart("CHARLIE")
    del heard[:]
    come_back(world, "CHARLIE")
    world.run(world.steady + 200)
    assert not questions(heard)


def test_who_asks_for_ever_gets_so_much_a_second_and_no_more():
    world, channel = meshed(CODES)
    talk(world, channel, CODES, rounds=12, apart=2)
    bravo, charlie = world.stations["BRAVO"], world.stations["CHARLIE"]
    link = bravo.engine.links[charlie.party]
    path = next(iter(link.paths.values()))
    hearing, now = bravo.engine.traffic.hearing, bravo.now(world.steady)
    true = charlie_asks(world, channel, author="ALFA")
    for number in range(300):
        need = replace(true, ranges=((number % 7, 2**53 - 1 - number),))
        hearing.take(link, path, need, now)
    assert 0 < len(link.given) <= GIVEN_ITEMS_MAX


def test_numbers_without_end_cost_little():
    world, channel = meshed(CODES)
    talk(world, channel, CODES)
    go_dark(world, "CHARLIE")
    talk(world, channel, CODES[:2])
    alfa, charlie = world.stations["ALFA"], world.stations["CHARLIE"]
    log = alfa.own_log(channel)
    # A signer that leaves out nearly all numbers there are.
    newest = alfa.engine.ledger.channels[channel].newest.statement
    number, signer = alfa.identity.signers[0]
    far = replace(newest, no=2**53 - 2)
    note = note_of(alfa.engine.ledger.keys, sign_statement(far, key_number=number, signer=signer))
    heard = overheard(world)
    come_back(world, "CHARLIE")
    world.run(world.steady + 1)
    alfa.engine.links[charlie.party].control.append(items.encode_item(note))
    world.say("ALFA", channel, "on")
    world.run(world.steady + 300)
    assert statements(world, "CHARLIE", log)[-1].statement == far
    asked = [one for one in questions(heard) if one[0] == "CHARLIE"]
    assert 1 <= len(asked) < 30
    store, reads = charlie.disk.store, []

    def counted(*which):
        reads.append(which)
        return store.statements(*which)

    found = said_between(SimpleNamespace(statements=counted), log, ((0, 2**53 - 1),), 64)
    numbers = [signed.statement.no for signed in found]
    assert numbers == sorted(set(numbers))
    assert (numbers[0], numbers[-1]) == (0, 2**53 - 2)
    assert len(reads) < 1_000


def test_nobody_is_asked_over_a_slow_line_or_between_two():
    world, channel = meshed(CODES, traits=Traits(rate_bps=1_200, frame_bytes_max=512))
    heard = overheard(world)
    go_dark(world, "CHARLIE")
    talk(world, channel, CODES[:2], rounds=1)
    come_back(world, "CHARLIE")
    world.run(world.steady + 3_600)
    assert not questions(heard)
    pair, channel = meshed(CODES[:2])
    heard = overheard(pair)
    go_dark(pair, "BRAVO")
    talk(pair, channel, CODES[:1])
    come_back(pair, "BRAVO")
    pair.run(pair.steady + 60)
    assert not questions(heard)
