"""A peer that writes a hundred times what its charter allows, in a world with another peer."""

from parley.core.entry import Precedence
from parley.sim.world import World
from parley.station.effects import NewEntry
from parley.station.facts import EntryStored, ReceiptStored

QUOTA = 40


def test_a_flood_at_a_hundred_times_the_quota_is_on_record_and_others_do_not_wait():
    world = World(1, ["ALFA", "BRAVO", "CHARLIE"])
    world.connect("ALFA", "BRAVO")
    world.connect("ALFA", "CHARLIE")
    flooded = world.open_channel("BRAVO", ["BRAVO", "ALFA"], number=1, terms={2: [QUOTA, 0, 0]})
    calm = world.open_channel("CHARLIE", ["CHARLIE", "ALFA"], number=2)
    world.run(world.steady + 5)
    alfa, bravo, charlie = (world.stations[code] for code in ("ALFA", "BRAVO", "CHARLIE"))
    entries = [NewEntry(kind=1, fields={2: f"flood {n}"}) for n in range(100 * QUOTA)]
    bravo.append(flooded, entries, world.steady)
    begun = world.steady

    world.say("CHARLIE", calm, "one of a few", flags=Precedence.ROUTINE)

    def receipted():
        return any(
            isinstance(fact, ReceiptStored)
            and fact.log.party == charlie.party
            and fact.size == charlie.engine.ledger.channels[calm].record.own.signed
            for fact in charlie.facts
        )

    world.run(world.steady + 0.01)
    assert world.run_until(receipted, within=30)
    assert world.steady - begun < 2

    def flood_is_told():
        said = alfa.engine.ledger.channels[flooded].newest.statement.holding(bravo.party)
        return said is not None and said.size > 100 * QUOTA

    assert world.run_until(flood_is_told, within=600)
    held = alfa.engine.ledger.channels[flooded].newest.statement.holding(bravo.party)
    taken = [
        fact
        for fact in alfa.facts
        if isinstance(fact, EntryStored) and fact.log.party == bravo.party and fact.entry.kind == 1
    ]
    assert len(taken) == QUOTA
    assert sum(end - first for first, end in held.missing) == 99 * QUOTA
    assert any(alarm.kind == "refused" for alarm in bravo.alarms())

    # What was refused comes again once in a while, not all the time.
    before = world.frames
    world.run(world.steady + 600)
    assert world.frames - before < 3_000
