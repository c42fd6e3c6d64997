"""Stations on paths whose frames hold neither an entry nor a key exchange, in a made-up world."""

import itertools

import pytest

from parley.core import items, symbols
from parley.core.entry import Precedence
from parley.core.items import CharterItem, Hello, Ping, Pong, Symbol, encode_item
from parley.sim.network import Weather
from parley.sim.station import Last
from parley.sim.world import World
from parley.station.effects import NewEntry
from parley.station.facts import EntryStored, ReceiptStored
from parley.station.traits import Traits
from support.hand_peer import HandPeer, RealStation

TINY = Traits(rate_bps=2_400, frame_bytes_max=64)
LONG = "".join(chr(0x21 + number * number % 90) for number in range(12_000))


def pair(traits=TINY, *, loss=0.0, half_duplex=False, seed=1):
    world = World(seed, ["ALFA", "BRAVO"])
    weather = Weather(delay_seconds=0.3, loss=loss)
    world.connect("ALFA", "BRAVO", traits=traits, weather=weather, half_duplex=half_duplex)
    channel = world.open_channel("ALFA", ["ALFA", "BRAVO"], within=86_400)
    assert world.run_until(lambda: all_receipted(world, channel), within=86_400)
    return world, channel


def size_of(world, code, channel):
    return world.stations[code].engine.ledger.channels[channel].record.own.signed


def all_receipted(world, channel):
    """Say whether each side holds the other's receipt for everything."""
    for code in ("ALFA", "BRAVO"):
        size = size_of(world, code, channel)
        facts = world.stations[code].facts
        if not any(
            isinstance(fact, ReceiptStored)
            and fact.log.party == world.stations[code].party
            and fact.size >= size
            and not fact.missing
            for fact in facts
        ):
            return False
    return True


def said(world, code):
    return [
        fact.entry.fields.get(2)
        for fact in world.stations[code].facts
        if isinstance(fact, EntryStored) and not fact.own and fact.entry.kind == 1
    ]


def sent(world):
    """Return a list that is filled with every item sent, by whom, whole objects included."""
    found = []

    def overhear(sender, receiver, heard):
        found.extend((sender.code, item) for item in heard.found)

    world.overhear = overhear
    return found


@pytest.mark.parametrize(
    ("traits", "loss", "half_duplex"),
    [
        (TINY, 0.0, False),
        (TINY, 0.3, True),
        (Traits(rate_bps=75, frame_bytes_max=64), 0.1, True),
        (Traits(rate_bps=1_200, frame_bytes_max=48), 0.1, False),
        (Traits(frame_bytes_max=64), 0.2, False),
        (Traits(frame_bytes_max=1_200), 0.2, False),
    ],
)
def test_a_channel_is_opened_and_entries_go_both_ways(traits, loss, half_duplex):
    world, channel = pair(traits, loss=loss, half_duplex=half_duplex)
    world.say("ALFA", channel, LONG[:700])
    world.say("BRAVO", channel, "understood", flags=Precedence.FLASH)
    world.run(world.steady + 1)

    assert world.run_until(lambda: all_receipted(world, channel), within=86_400)
    assert said(world, "BRAVO") == [LONG[:700]]
    assert said(world, "ALFA") == ["understood"]


def test_no_frame_is_longer_than_the_path_takes():
    lengths = set()
    world = World(1, ["ALFA", "BRAVO"])
    world.trace = lambda line: lengths.add(int(line.split()[6])) if " -> " in line else None
    world.connect("ALFA", "BRAVO", traits=TINY)
    world.open_channel("ALFA", ["ALFA", "BRAVO"], within=86_400)

    assert max(lengths) == 64


def test_what_is_urgent_does_not_wait_for_the_end_of_a_long_object():
    world, channel = pair()
    world.say("ALFA", channel, LONG)
    world.run(world.steady + 20)
    items_sent = sent(world)
    begun = world.steady
    world.say("ALFA", channel, "now", flags=Precedence.FLASH)

    assert world.run_until(lambda: said(world, "BRAVO") == ["now"], within=60)

    assert world.steady - begun < 8  # in the world's seconds: its frames take 0.2 s each
    assert any(isinstance(item, items.Nodes) for _, item in items_sent)
    assert world.run_until(lambda: all_receipted(world, channel), within=86_400)
    assert said(world, "BRAVO") == ["now", LONG]


def test_an_entry_of_minutes_on_a_thin_line_with_long_frames_lets_a_flash_past():
    # The frames of TLS hold any entry; held to 2,400 bit/s one of 12 kB takes 40 seconds.
    world, channel = pair(Traits(rate_bps=2_400))
    world.say("ALFA", channel, LONG)
    world.run(world.steady + 10)
    begun = world.steady
    world.say("ALFA", channel, "now", flags=Precedence.FLASH)

    assert world.run_until(lambda: said(world, "BRAVO") == ["now"], within=60)

    assert world.steady - begun < 6


@pytest.mark.parametrize("code", ["ALFA", "BRAVO"])
@pytest.mark.parametrize("last", [Last.LOST, Last.KEPT])
def test_a_restart_in_the_middle_of_an_object_begins_it_anew(code, last):
    world, channel = pair(loss=0.1)
    world.say("ALFA", channel, LONG[:3_000])
    world.run(world.steady + 15)
    assert said(world, "BRAVO") == []

    world.crash(code, last)
    world.run(world.steady + 30)
    world.restart(code)
    for path in world.paths.values():
        world.pick_up(path)

    assert world.run_until(lambda: all_receipted(world, channel), within=86_400)
    assert said(world, "BRAVO") == [LONG[:3_000]]


def test_a_lost_receipt_is_asked_for_by_a_few_symbols_not_by_the_whole_object():
    world, channel = pair()
    items_sent = sent(world)
    path = next(iter(world.paths.values()))
    path.mute.add("BRAVO")
    world.say("ALFA", channel, LONG[:2_000])
    assert world.run_until(lambda: said(world, "BRAVO") != [], within=600)
    count = sum(isinstance(item, Symbol) for code, item in items_sent if code == "ALFA")
    path.mute.clear()

    assert world.run_until(lambda: all_receipted(world, channel), within=3_600)

    after = sum(isinstance(item, Symbol) for code, item in items_sent if code == "ALFA")
    assert after - count < count / 2


def test_statements_owed_are_not_starved_by_entries_that_want_receipts():
    world, channel = pair(Traits(rate_bps=75, frame_bytes_max=64), loss=0.1, half_duplex=True)
    for number in range(12):
        world.say("ALFA", channel, f"a {number} {LONG[:60]}")
        world.say("BRAVO", channel, f"b {number} {LONG[:60]}")

    assert world.run_until(lambda: all_receipted(world, channel), within=86_400)


def test_a_word_to_an_older_question_does_not_end_a_key_exchange_in_pieces():
    world, _channel = pair()
    alfa, bravo = world.stations["ALFA"].engine, world.stations["BRAVO"]
    link = alfa.links[bravo.party]
    link.ping_due = world.steady
    world.run(world.steady + 0.3)  # the question is on its way
    assert link.ping is not None
    link.rekey = True

    world.run(world.steady + 1.2)

    assert link.ping is None
    assert link.pieces is not None


# --- a peer by hand ---


def tiny_peer(hello=None):
    station = RealStation()
    peer = HandPeer(station)
    peer.connect(Traits(rate_bps=2_400, frame_bytes_max=2_048))
    if hello is not None:
        peer.send(hello)
    charter = peer.propose()
    peer.received()
    return station, peer, charter


def in_symbols(raw, size=64):
    found = itertools.islice(symbols.encode(raw, size), symbols.source_count(len(raw), size))
    ident = symbols.ident(raw)
    return [Symbol(ident=ident, size=len(raw), esi=esi, data=data) for esi, data in found]


def test_any_item_may_come_in_symbols():
    _station, peer, _ = tiny_peer()

    for symbol in in_symbols(encode_item(Ping(77)), 8):
        peer.send(symbol)

    assert Pong(77) in peer.received()


@pytest.mark.parametrize(
    "obj",
    [
        encode_item(Ping(1)) + encode_item(Ping(2)),
        encode_item(in_symbols(encode_item(Ping(1)), 8)[0]),
        encode_item(CharterItem(b"no charter")),
        b"\xff" * 30,
    ],
)
def test_an_object_that_is_not_one_item_is_malformed(obj):
    _station, peer, _ = tiny_peer()

    for symbol in in_symbols(obj, 8):
        peer.send(symbol)

    refusals = [item for item in peer.received() if isinstance(item, items.Refuse)]
    assert [refusal.code for refusal in refusals] == [items.REFUSE_MALFORMED]


def test_a_peer_without_raptorq_gets_source_symbols_in_rounds():
    station, peer, charter = tiny_peer(Hello(features=0))
    station.sim.append(
        charter.channel_id, [NewEntry(kind=1, fields={2: LONG[:5_000]})], station.steady
    )
    station.settle()
    seen = []
    for _ in range(4):
        seen += [item for item in peer.received() if isinstance(item, Symbol) and item.size > 4_000]
        station.pass_time(400)

    needed = symbols.source_count(seen[0].size, len(seen[0].data))
    assert len(seen) > needed
    assert max(symbol.esi for symbol in seen) == needed - 1
