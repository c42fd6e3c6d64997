"""A courier carries files between stations whose line is down, late, twice, torn, and in lines."""

import pytest

from parley.core import courier
from parley.errors import MalformedError, PeerNotTrustedError, UsageError
from parley.sim.station import Last
from parley.sim.verdict import has_arrived
from parley.station.facts import LinkChanged

from .test_restores import talk


def apart(*codes):
    """Return a world whose lines were cut after the first talk, and its channel."""
    world, channel, _ = talk(*codes)
    for path in list(world.paths.values()):
        world.hang_up(path)
    world.run(world.steady + 1)
    return world, channel


def act(world, code, what):
    """Let a station's courier do something; return what came of it, once it is durable."""
    station, done = world.stations[code], []
    token = station.token()
    station.engine.courier(
        token, lambda one, now: done.append(what(one, now)), station.now(world.steady)
    )
    world._settle_all()
    world.run(world.steady + 1)
    if station.replies[token].error is not None:
        raise station.replies[token].error
    return done[0]


def make(world, code, to, size=courier.FILE_BYTES_MAX):
    peer = world.stations[to].party
    return act(world, code, lambda one, now: one.make(peer, size, now))


def look(world, code, raw):
    return act(world, code, lambda one, now: one.look(raw, now))


def take(world, code, raw):
    return act(world, code, lambda one, now: one.take(raw, now))


def held(world, code, by, channel):
    """Return how many entries of a station another one holds, signed."""
    state = world.stations[by].engine.ledger.channels[channel]
    return state.record.logs[world.stations[code].party].signed


def test_what_was_said_in_the_dark_goes_by_file_and_its_receipt_comes_back_by_file():
    world, channel = apart("ALFA", "BRAVO")
    before = held(world, "ALFA", "BRAVO", channel)
    for number in range(5):
        world.say("ALFA", channel, f"in the dark {number}", flags=number % 4)
    world.run(world.steady + 1)

    made = make(world, "ALFA", "BRAVO")
    found = look(world, "BRAVO", made.raw)
    assert (found.standing, found.new, found.damaged) == ("whole", 5, 0)
    assert [(one.first, one.end) for one in made.carried] == [(before, before + 5)]
    assert held(world, "ALFA", "BRAVO", channel) == before  # looking takes nothing

    take(world, "BRAVO", made.raw)
    assert held(world, "ALFA", "BRAVO", channel) == before + 5

    back = make(world, "BRAVO", "ALFA")
    take(world, "ALFA", back.raw)
    assert make(world, "ALFA", "BRAVO").carried == ()  # all is receipted
    assert has_arrived(world, channel, ("ALFA", "BRAVO"))


def test_a_file_shows_no_line_alive_and_leaves_the_line_at_hand_as_it_was():
    world, channel = apart("ALFA", "BRAVO")
    world.say("ALFA", channel, "by hand")
    world.run(world.steady + 1)
    bravo = world.stations["BRAVO"]
    link = bravo.engine.links[world.stations["ALFA"].party]
    heard, told = link.heard, len([one for one in bravo.facts if isinstance(one, LinkChanged)])

    take(world, "BRAVO", make(world, "ALFA", "BRAVO").raw)

    assert link.heard == heard
    assert not link.alive
    assert len([one for one in bravo.facts if isinstance(one, LinkChanged)]) == told
    for path in world.paths.values():
        world.pick_up(path)
    world.say("BRAVO", channel, "and the line works on")
    assert world.run_until(lambda: has_arrived(world, channel, ("ALFA", "BRAVO")), within=30)


def test_a_file_is_taken_once_and_an_older_one_never_after_it_also_over_a_restart():
    world, channel = apart("ALFA", "BRAVO")
    world.say("ALFA", channel, "first")
    world.run(world.steady + 1)
    first = make(world, "ALFA", "BRAVO").raw
    second = make(world, "ALFA", "BRAVO").raw
    take(world, "BRAVO", second)

    assert look(world, "BRAVO", second).standing == "seen-before"
    assert look(world, "BRAVO", first).standing == "too-old"
    for raw in (first, second):
        with pytest.raises(MalformedError, match="nothing was taken in"):
            take(world, "BRAVO", raw)
    world.crash("BRAVO", Last.KEPT)
    world.restart("BRAVO")
    assert look(world, "BRAVO", second).standing == "too-old"


def test_a_file_for_another_station_or_of_a_stranger_is_named_as_such():
    world, channel = apart("ALFA", "BRAVO", "DELTA")
    world.say("ALFA", channel, "for BRAVO alone")
    world.run(world.steady + 1)
    raw = make(world, "ALFA", "BRAVO").raw

    assert look(world, "DELTA", raw).standing == "for-another"
    bravo, alfa = world.stations["BRAVO"], world.stations["ALFA"]
    bravo.engine.set_peer(alfa.identity.card, trusted=False, now=bravo.now(world.steady))
    assert look(world, "BRAVO", raw).standing == "stranger"
    alfa.engine.set_peer(bravo.identity.card, trusted=False, now=alfa.now(world.steady))
    with pytest.raises(PeerNotTrustedError):
        make(world, "ALFA", "BRAVO")


def test_of_a_torn_or_spoilt_file_the_whole_frames_are_taken_and_the_rest_is_counted():
    world, channel = apart("ALFA", "BRAVO")
    for number in range(40):
        world.say("ALFA", channel, f"{number} " + "long " * 150)
    world.run(world.steady + 1)
    raw = make(world, "ALFA", "BRAVO", 20_000).raw
    before = held(world, "ALFA", "BRAVO", channel)

    torn = take(world, "BRAVO", raw[:-300])
    assert torn.damaged
    assert before <= held(world, "ALFA", "BRAVO", channel) < before + 40
    whole = make(world, "ALFA", "BRAVO").raw
    spoilt = whole[:-5] + bytes((whole[-5] ^ 1,)) + whole[-4:]
    assert look(world, "BRAVO", spoilt).damaged == 1
    broken_key = whole[:200] + bytes((whole[200] ^ 1,)) + whole[201:]
    assert look(world, "BRAVO", broken_key).standing == "damaged"
    take(world, "BRAVO", whole)
    assert held(world, "ALFA", "BRAVO", channel) == before + 40


def test_a_small_file_says_how_much_is_left_and_what_is_urgent_is_in_it():
    world, channel = apart("ALFA", "BRAVO")
    for number in range(30):
        world.say("ALFA", channel, f"{number} " + "words " * 100)
    world.say("ALFA", channel, "a FLASH", flags=3)
    world.run(world.steady + 1)
    own = world.stations["ALFA"].engine.ledger.channels[channel].record.own

    made = make(world, "ALFA", "BRAVO", 6_000)

    assert len(made.raw) <= 6_000
    carried = {place for one in made.carried for place in range(one.first, one.end)}
    assert own.tree.size - 1 in carried
    assert made.left == 31 - len(carried) > 0
    with pytest.raises(UsageError, match="4096"):
        make(world, "ALFA", "BRAVO", 100)


def test_lines_carry_a_file_in_any_order_and_name_those_that_are_damaged_or_missing():
    raw = courier.write_file([b"one", b"two " * 40])
    lines = courier.lines_of(raw, courier.LINE_CHARACTERS)
    said = "\n".join(reversed([line.lower().replace(":", " : ") for line in lines]))

    assert courier.read_any(said.encode()) == raw
    assert courier.read_any(raw) == raw
    swapped = lines[1].replace(lines[1][-8], "A" if lines[1][-8] != "A" else "B", 1)
    with pytest.raises(MalformedError, match=r"1 damaged\): 2"):
        courier.join_lines("\n".join([lines[0], swapped, *lines[2:]]))
    with pytest.raises(MalformedError, match="two different"):
        courier.join_lines("\n".join([lines[0], *courier.lines_of(raw + b"x", 40)]))
    with pytest.raises(MalformedError, match="no courier file"):
        courier.read_any(b"hello")
    with pytest.raises(MalformedError, match="most"):
        courier.lines_of(bytes(100_000), courier.CODE_CHARACTERS)
