"""Row 31: stations seal what they signed; who forges Ed25519 later cannot change what is sealed."""

from tests.support.verifying import check

from parley.core import canon
from parley.core.entry import Kind
from parley.core.seal import is_sealed, verified_seals
from parley.core.statement import signature_line
from parley.sim.people import make_identity
from parley.sim.station import Last
from parley.sim.verdict import check_records
from parley.sim.world import World
from parley.station.effects import NewEntry
from parley.station.export import Exporter
from parley.station.link_state import Traits

CODES = ("ALFA", "BRAVO")
DAY = 86_400


def pair(traits=None):
    made = {code: make_identity(code, seals=True) for code in CODES}
    world = World(7, CODES, identities=made)
    world.connect(*CODES, traits=traits)
    channel = world.open_channel("ALL", CODES, within=100_000)
    world.say("ALFA", channel, "we stop at noon")
    world.run(world.steady + 20)
    return world, channel


def sealed(world, at, of):
    """Return the statements of one station that another holds sealed."""
    store = world.stations[at].disk.store
    log = next(row.log for row in store.logs() if row.log.party == world.stations[of].party)
    return [
        row
        for row in store.statements(log, 0, 10_000)
        if is_sealed(row.signed.statement, row.lines)
    ]


def test_what_grew_is_sealed_once_a_day_and_reaches_the_others():
    world, channel = pair()
    assert not sealed(world, "ALFA", "ALFA")
    world.run(world.steady + 700)
    for at in CODES:
        for of in CODES:
            [row] = sealed(world, at, of)
            card = world.stations[of].identity.card
            assert len(verified_seals(row.signed.statement, row.lines, card)) == 1
    world.say("ALFA", channel, "and go on at one")
    world.run(world.steady + 100)
    assert len(sealed(world, "BRAVO", "ALFA")) == 1
    for station in world.stations.values():
        station.wall_offset += DAY  # a day of heartbeats would show nothing more
    world.run(world.steady + 100)
    assert len(sealed(world, "BRAVO", "ALFA")) == 2
    check_records(world)


def test_a_close_is_sealed_at_once_and_no_seal_is_made_twice_over_a_restart():
    world, channel = pair()
    alfa = world.stations["ALFA"]
    alfa.append(channel, [NewEntry(kind=int(Kind.CLOSE), fields={})], world.steady)
    world.run(world.steady + 30)
    [row] = sealed(world, "BRAVO", "ALFA")
    [path] = world.paths.values()
    world.crash("ALFA", Last.KEPT)
    world.restart("ALFA")
    world.pick_up(path)
    world.run(world.steady + 1_000)
    assert [one.signed for one in sealed(world, "ALFA", "ALFA")] == [row.signed]


def test_a_slow_path_carries_no_seal():
    world, _ = pair(Traits(rate_bps=1_200))
    world.run(world.steady + 900)
    assert sealed(world, "ALFA", "ALFA")
    assert not sealed(world, "BRAVO", "ALFA")


def bundle_at_bravo(world, channel):
    bravo = world.stations["BRAVO"]
    cards = {one.party: [one.identity.card] for one in world.stations.values()}
    return Exporter(bravo.disk.store, cards).record(channel)


def forged(raw, identity, change):
    """Change the text of the sealed note in a bundle, and sign it as a quantum forger would."""
    name, body = canon.decode(raw, depth_max=16)
    notes = []
    for note in body[2]:
        text, lines = note.split("\n\n")
        text += "\n"
        if f"parley1/{identity.card.party.hex()}/k0" in lines and len(note) > 4_000:
            text = change(text)
            station = identity.signer
            line = signature_line(
                identity.card.party, 0, station.public_key, station.sign(text.encode())
            )
            kept = [one for one in lines.strip("\n").split("\n") if len(one) > 1_000]
            notes.append("\n".join([text, line, *kept]) + "\n")
        else:
            notes.append(note)
    return canon.encode([name, {**body, 2: notes}])


def test_a_bundle_whose_ed25519_part_was_made_anew_after_the_seal_is_refused():
    world, channel = pair()
    world.run(world.steady + 700)
    raw = bundle_at_bravo(world, channel)
    trust = [one.identity.card.fingerprint.hex() for one in world.stations.values()]
    assert check(raw, trust).refused is None
    alfa = world.stations["ALFA"].identity

    def later(text):
        [time] = [line for line in text.split("\n") if line.startswith("time ")]
        return text.replace(time, f"time {int(time[5:]) + 9}")

    assert forged(raw, alfa, lambda text: text) == raw  # nothing else changes it
    assert "the seal does not verify" in str(check(forged(raw, alfa, later), trust).refused)
