"""Row 37: an entry that the disk changed is found, told of, and put back from whoever holds it."""

import random
from dataclasses import replace

import pytest

from parley.core.entry import Kind, decode_entry
from parley.core.ids import Hash
from parley.errors import ConflictError
from parley.sim.station import Last
from parley.sim.verdict import check_records, check_registers, has_arrived
from parley.sim.world import World

CODES = ("ALFA", "BRAVO", "CHARLIE")


def of_three(*pairs):
    world = World(7, CODES)
    for first, second in pairs:
        world.connect(first, second)
    channel = world.open_channel("ALL", CODES, within=100_000)
    world.run(world.steady + 5)
    return world, channel


def triangle():
    return of_three(CODES[:2], CODES[1:], CODES[::2])


def between(world, *ends):
    return next(path for path in world.paths.values() if set(path.ends) == set(ends))


def talk(world, channel, count=6):
    for number in range(count):
        for code in CODES:
            world.say(code, channel, f"{code} says number {number}")
        world.run(world.steady + 0.1)
    assert world.run_until(lambda: has_arrived(world, channel, CODES), within=120)


def rows_of(world, code):
    store = world.stations[code].disk.store
    return {
        (row.log, row.index): row
        for log in [one.log for one in store.logs()]
        for row in store.entries(log, 0, 1_000)
    }


def spoil(world, code, row, **changed):
    """Change a stored row behind the station's back."""
    log = world.stations[code].disk.store._logs[row.log]
    log.entries[row.index] = replace(row, **changed)


def flipped(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def restart(world, code):
    up = [path for path in world.paths.values() if path.up and code in path.ends]
    world.crash(code, Last.KEPT)
    world.restart(code)
    for path in up:
        world.pick_up(path)


def damage_of(world, code):
    return world.stations[code].engine.traffic.hearing.damage


def told(world, code):
    return [one.text for one in world.stations[code].alarms() if one.kind == "damaged"]


def mended(world, code, before, within=60):
    """Let the station mend itself; say whether it holds again what it held."""

    def is_whole():
        now = rows_of(world, code)
        return [key for key, row in before.items() if now[key] != row] == []

    return world.run_until(is_whole, within=within)


@pytest.mark.parametrize("seed", range(12))
def test_any_flipped_bit_of_any_entry_is_found_and_put_back_byte_for_byte(seed):
    dice = random.Random(seed)
    world, channel = triangle()
    talk(world, channel)
    code = dice.choice(CODES)
    before = rows_of(world, code)
    for key in dice.sample(sorted(before, key=str), 3):
        row = before[key]
        part = dice.choice(("raw", "leaf"))
        data = flipped(getattr(row, part), dice.randrange(8 * len(getattr(row, part))))
        spoil(world, code, row, **{part: Hash(data) if part == "leaf" else data})
    restart(world, code)
    assert mended(world, code, before)
    assert not damage_of(world, code).places
    talk(world, channel, count=2)
    check_records(world)
    assert check_registers(world, channel, CODES)
    assert not [
        one
        for other in CODES
        for one in world.stations[other].alarms()
        if one.kind not in {"damaged", "clock"}
    ]


@pytest.mark.parametrize("seed", range(4))
def test_bytes_and_leaf_of_one_row_together_are_judged_by_the_signed_root(seed):
    dice = random.Random(seed)
    world, channel = triangle()
    talk(world, channel)
    code = dice.choice(CODES)
    before = rows_of(world, code)
    row = dice.choice([one for one in before.values() if one.index])
    spoil(world, code, row, raw=flipped(row.raw, 20), leaf=Hash(flipped(row.leaf, 7)))
    restart(world, code)
    state = world.stations[code].engine.ledger.channels[channel]
    assert state.unfit == {row.log}
    assert mended(world, code, before)
    assert not state.unfit
    talk(world, channel, count=1)
    check_records(world)


def test_an_opening_that_is_damaged_holds_up_its_channel_until_it_is_back():
    world, channel = triangle()
    talk(world, channel)
    before = rows_of(world, "ALFA")
    own = world.stations["ALFA"].engine.ledger.channels[channel].record.own.log
    spoil(world, "ALFA", before[own, 0], raw=flipped(before[own, 0].raw, 90))
    for other in ("BRAVO", "CHARLIE"):
        world.hang_up(between(world, "ALFA", other))
    restart(world, "ALFA")
    world.run(world.steady + 10)
    with pytest.raises(ConflictError, match="damaged on our disk"):
        world.stations["ALFA"].engine.ledger.append(channel, [], world.stations["ALFA"].now(0))
    assert "the channel waits for it" in told(world, "ALFA")[0]
    assert rows_of(world, "ALFA")[own, 0] != before[own, 0]
    world.pick_up(between(world, "ALFA", "BRAVO"))
    assert mended(world, "ALFA", before)
    world.say("ALFA", channel, "and on it goes")
    assert world.run_until(lambda: has_arrived(world, channel, ("ALFA", "BRAVO")), within=60)
    check_records(world)


def test_what_its_author_cannot_give_comes_from_a_third():
    world, channel = of_three(CODES[:2], CODES[1:])
    talk(world, channel)
    row = next(
        one
        for one in rows_of(world, "ALFA").values()
        if one.log.party == world.stations["CHARLIE"].party and one.index > 3
    )
    before = rows_of(world, "ALFA")
    spoil(world, "ALFA", row, raw=flipped(row.raw, 100))
    restart(world, "ALFA")
    assert mended(world, "ALFA", before)


def test_a_third_that_gives_another_entry_is_not_believed():
    world, channel = triangle()
    talk(world, channel)
    before = rows_of(world, "ALFA")
    author = world.stations["CHARLIE"].party
    key, row = next((k, r) for k, r in before.items() if k[0].party == author and k[1] >= 3)
    world.hang_up(between(world, "ALFA", "CHARLIE"))
    spoil(world, "BRAVO", row, raw=flipped(row.raw, 8 * (len(row.raw) - 2)))
    bravo = world.stations["BRAVO"].engine.ledger
    bravo.is_sound = lambda state, row: True  # it gives what it has, whatever that is
    spoil(world, "ALFA", row, raw=flipped(row.raw, 100))
    restart(world, "ALFA")
    assert not mended(world, "ALFA", before, within=30)
    assert rows_of(world, "ALFA")[key].raw == flipped(row.raw, 100)
    world.pick_up(between(world, "ALFA", "CHARLIE"))
    assert mended(world, "ALFA", before)


def test_what_nobody_else_has_is_told_and_does_not_leave():
    world, channel = triangle()
    talk(world, channel)
    for other in ("BRAVO", "CHARLIE"):
        world.hang_up(between(world, "ALFA", other))
    world.say("ALFA", channel, "nobody heard this")
    world.run(world.steady + 5)
    before = rows_of(world, "ALFA")
    key = max(
        (one for one in before if before[one].log.party == world.stations["ALFA"].party),
        key=lambda one: one[1],
    )
    row = before[key]
    assert decode_entry(row.raw, others=2).kind == Kind.SAY
    spoil(world, "ALFA", row, raw=flipped(row.raw, 8 * len(row.raw) - 3))
    restart(world, "ALFA")
    for other in ("BRAVO", "CHARLIE"):
        world.pick_up(between(world, "ALFA", other))
    world.run(world.steady + 30)
    assert list(damage_of(world, "ALFA").places) == [key]
    assert f"damaged on our disk, on ALL: entry {key[1]} of ALFA;" in told(world, "ALFA")[0]
    # What follows it goes on: the others list its place as missing.
    world.say("ALFA", channel, "this they hear")
    world.run(world.steady + 60)
    for code in ("BRAVO", "CHARLIE"):
        held = world.stations[code].engine.ledger.channels[channel].record.all[row.log]
        assert held.missing == ((key[1], key[1] + 1),)
        assert held.signed > key[1] + 1
    assert not [one for one in world.stations["BRAVO"].alarms() if one.kind == "contradiction"]
