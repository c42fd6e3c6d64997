"""A trusted peer turns hostile, and strangers knock; another peer of the station notices nothing."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from parley.api.client import Client
from parley.core import items, symbols
from parley.core.charter import Charter
from parley.core.items import CharterItem, Ping, Pong, encode_item
from parley.core.limits import FRAME_BYTES_MAX, FRAME_OVERHEAD_BYTES
from parley.errors import CarrierError
from parley.station.identity import read_own_card
from support.load import Follower, Sender, check_record, until
from support.station_pair import PASSPHRASE, Pair
from support.stranger import HostilePeer, Said, identity_in

pytestmark = pytest.mark.faults

VECTORS = Path(__file__).parents[2] / "spec" / "vectors"
CHANNEL = 9
ANSWERS = {
    "item: a type of 64": items.REFUSE_VERSION,
    "item: SYM of an object too large": items.REFUSE_TOO_LARGE,
}
"""Where the refusal is another than `malformed`."""


def vectors(name: str) -> dict[str, Any]:
    """Return a file of test vectors."""
    return json.loads((VECTORS / f"{name}.json").read_text())


def malformed_plains() -> dict[str, bytes]:
    """Return every malformed content of a frame that the vectors have, by name."""
    found: dict[str, bytes] = {}
    file = vectors("items")
    for group in ("faulty", "unreadable"):
        found |= {f"item: {one['name']}": bytes.fromhex(one["hex"]) for one in file[group]}
    for one in vectors("encoding")["refuse"]:
        if one["hex"]:  # a frame without items is a frame
            found[f"encoding: {one['name']}"] = bytes.fromhex(one["hex"])
    head = bytes.fromhex(f"8501{CHANNEL:02x}000081")  # a RUN of one entry at place 0
    for one in vectors("entry")["refuse"]:
        found[f"entry: {one['name']}"] = head + bytes.fromhex(one["hex"])
    for one in vectors("statement")["refuse"]:
        note = encode_item(items.Note(text=one["text"], lines=("\u2014 name AAAAAAAAAAAA",)))
        found[f"statement: {one['name']}"] = note
    for one in vectors("charter")["refuse"]:
        found[f"charter: {one['name']}"] = encode_item(CharterItem(bytes.fromhex(one["hex"])))
    # One text is longer than any frame: no path can bring it, and no peer can say it.
    most = FRAME_BYTES_MAX - FRAME_OVERHEAD_BYTES
    beyond = [name for name, plain in found.items() if len(plain) > most]
    assert len(beyond) <= 1, beyond
    return {name: plain for name, plain in found.items() if name not in beyond}


@pytest.fixture
def with_mallory(pair: Pair) -> tuple[Pair, HostilePeer]:
    """The pair, and MALLORY, whom ALFA trusts and with whom it has a channel."""
    made = pair.plain("init", "./mallory", "--code", "MALLORY", "--release", "one-person")
    assert made.code == 0, made.err
    assert pair.run("alfa", "peer", "add", "mallory/own.card").code == 0
    words = " ".join(made_words(pair))
    trusted = pair.run("alfa", "peer", "verify", "MALLORY", "--method", "paper", "--words", words)
    assert trusted.code == 0, trusted.err
    alfa = read_own_card(pair.folder / "alfa")
    mallory = identity_in(pair.folder / "mallory", PASSPHRASE)
    peer = HostilePeer(mallory, alfa, pair.ports["alfa"])
    charter = trap(peer)
    offer = [encode_item(CharterItem(charter.encode())), encode_item(Ping(1))]
    asyncio.run(peer.say([b"".join(offer)], until=Pong))
    until(lambda: pair.run("alfa", "channel", "accept", "TRAP", "--yes").code == 0)
    return pair, peer


def trap(peer: HostilePeer, number: int = CHANNEL) -> Charter:
    """Return a charter between MALLORY and ALFA."""
    return Charter(
        parties=(peer.identity.card.party, peer.peer.party),
        number=number,
        purpose="to be abused",
        basis="none",
        proposed_at=peer.identity.card.issued,
        nonce=number.to_bytes(16, "big"),
        code="TRAP",
    )


def made_words(pair: Pair) -> list[str]:
    """Return the words that MALLORY's officer reads out."""
    words: list[str] = pair.run("mallory", "card", "show", "--json").data["words"]["en"]
    return words


def test_every_malformed_frame_closes_the_link_and_another_peer_goes_on(
    with_mallory: tuple[Pair, HostilePeer],
) -> None:
    pair, mallory = with_mallory
    sender, follower = Sender(pair, "alfa", seed=5), Follower(pair, "bravo")
    sender.go()
    until(lambda: sender.told["delivered"])
    lost_before = pair.log("bravo").count("path failed")

    async def attack() -> None:
        for name, plain in malformed_plains().items():
            delivered = len(sender.told["delivered"])
            async with asyncio.timeout(60):
                said = await mallory.say([plain])
            assert said.closed, name
            wanted = ANSWERS.get(name, items.REFUSE_MALFORMED)
            assert wanted in [one.code for one in said.refusals], f"{name}: {said.refusals}"
            assert all(one.words for one in said.refusals), name
            await asyncio.to_thread(
                until, lambda d=delivered: len(sender.told["delivered"]) > d, name
            )

    asyncio.run(attack())
    assert pair.log("bravo").count("path failed") == lost_before
    sender.finish()

    check_record(pair, sender, follower)
    assert pair.log("alfa").count("closing path") >= len(malformed_plains())
    with Client(pair.folder / "alfa" / "control.sock") as client:
        alarms = client.get("/alarms")["items"]
    assert [one["peer"] for one in alarms if "MALLORY" in (one["peer"] or "")] == ["MALLORY"]
    held = pair.run("alfa", "log", "show", "--channel", "TRAP", "--party", "MALLORY", "--json")
    assert held.code == 5 or held.data["items"] == []


def test_frames_that_no_key_opens_are_dropped_until_there_are_too_many(
    with_mallory: tuple[Pair, HostilePeer],
) -> None:
    _, mallory = with_mallory
    header = bytes.fromhex("402005000005")
    bad = [
        b"\x00",
        b"\x80" + bytes(40),
        b"\x60" + bytes(40),
        header + bytes(40),
        bytes.fromhex(vectors("frame")["keying_frame"]),
        *(bytes.fromhex(one["frame"]) for one in vectors("frame")["frames"]),
    ]
    ping = encode_item(Ping(7))

    async def attack() -> None:
        async with asyncio.timeout(60):
            few = await mallory.say([ping], raw=bad, until=Pong)
            assert Pong(7) in few.items
            many = await mallory.say(raw=[header + os.urandom(40) for _ in range(200)])
        assert many.closed

    asyncio.run(attack())


def test_what_is_well_formed_and_means_nothing_changes_nothing(
    with_mallory: tuple[Pair, HostilePeer],
) -> None:
    pair, mallory = with_mallory
    before = pair.run("alfa", "log", "show", "--channel", "OPS", "--core", "--json").data["items"]

    async def attack() -> None:
        for one in vectors("items")["good"]:
            async with asyncio.timeout(60):
                await mallory.say([bytes.fromhex(one["hex"]) + encode_item(Ping(9))], until=Pong)

    asyncio.run(attack())

    after = pair.run("alfa", "log", "show", "--channel", "OPS", "--core", "--json").data["items"]
    assert after == before
    assert pair.run("alfa", "log", "check", "--json").code == 0
    assert '"fault"' not in pair.log("alfa")


def tls(port: int) -> ssl.SSLSocket:
    """Return an open TLS connection to a port, whoever is there."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=20))


def test_strangers_at_the_listener_do_not_disturb_a_peer(pair: Pair) -> None:
    port = pair.ports["alfa"]
    sender, follower = Sender(pair, "alfa", seed=6), Follower(pair, "bravo")
    sender.go()
    until(lambda: sender.told["delivered"])
    lost_before = pair.log("bravo").count("path failed")
    with ExitStack() as stack:
        # Plain bytes where TLS should be, and connections that never say a word.
        for number in range(60):
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            if number % 2:
                # The listener may have sent it away already: it takes only so many.
                plain.setblocking(False)
                stack.enter_context(ignored())
                plain.send(os.urandom(300))
        delivered = len(sender.told["delivered"])
        until(lambda: len(sender.told["delivered"]) > delivered + 20, "a flood stops the peer")

    # Inside TLS: length 0, garbage, a frame that never ends, one byte after the other.
    for raw in (b"\0\0", os.urandom(5_000), FRAME_BYTES_MAX.to_bytes(2, "big") + bytes(100)):
        with until(lambda: opened(port), "no place for a new connection") as connection:
            connection.sendall(raw)
            delivered = len(sender.told["delivered"])
            until(lambda d=delivered: len(sender.told["delivered"]) > d + 5)
    with until(lambda: opened(port)) as connection:
        connection.sendall(b"\0\0")
        assert connection.recv(1) == b"", "length 0 must end the connection"
    with until(lambda: opened(port)) as slow:
        for byte in b"\x01\x00\x40":
            slow.sendall(bytes((byte,)))
            delivered = len(sender.told["delivered"])
            until(lambda d=delivered: len(sender.told["delivered"]) > d)
    assert pair.log("bravo").count("path failed") == lost_before
    sender.finish()

    check_record(pair, sender, follower)


class ignored(ExitStack):  # noqa: N801 - reads as a word in a `with`
    """Swallow what a connection that was sent away raises."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, OSError)


def opened(port: int) -> ssl.SSLSocket | None:
    """Return a TLS connection, None while the listener sends strangers away."""
    try:
        return tls(port)
    except OSError:
        return None


# --- well-formed, signed, and far too much ---


def memory_mb(pair: Pair, station: str) -> float:
    """Return what a station's process holds in memory now."""
    status = Path(f"/proc/{pair.pid(station)}/status").read_text()
    return next(
        int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")
    )


def unsigned_entries(peer: HostilePeer, inc: bytes, count: int) -> list[bytes]:
    """Return runs of one entry each, as long as a frame takes, that no statement covers."""
    opening = [0, peer.identity.card.issued, 0, 0, {0: bytes(32), 16: trap(peer).hash, 17: inc}]
    found = [encode_item(items.Run(channel=CHANNEL, party=0, first=0, entries=[opening]))]
    for index in range(1, count):
        entry = [1, peer.identity.card.issued, 0, 0, {25: os.urandom(60_000)}]
        found.append(encode_item(items.Run(channel=CHANNEL, party=0, first=index, entries=[entry])))
    return found


def lonely_symbols(count: int) -> list[bytes]:
    """Return the first symbols of objects that never become whole."""
    return [
        encode_item(
            items.Symbol(
                ident=number.to_bytes(4, "big"),
                size=65_536 - number,
                esi=0,
                data=os.urandom(32_000),
            )
        )
        for number in range(count)
    ]


def wrong_symbols() -> list[bytes]:
    """Return all symbols of an object under another one's name."""
    obj = os.urandom(4_000)
    made = list(symbols.encode(obj, 64, repair=False))
    return [
        encode_item(items.Symbol(ident=b"none", size=len(obj), esi=esi, data=data))
        for esi, data in made
    ]


def test_a_greedy_peer_takes_bounded_memory_and_no_time_of_others(
    with_mallory: tuple[Pair, HostilePeer],
) -> None:
    pair, mallory = with_mallory
    sender, follower = Sender(pair, "alfa", seed=7), Follower(pair, "bravo")
    sender.go()
    until(lambda: sender.told["delivered"])
    lost_before = pair.log("bravo").count("path failed")
    before = memory_mb(pair, "alfa")
    ping = encode_item(Ping(5))

    async def say(plains: list[bytes], **more: Any) -> Said:
        """Say it, however often the station has no time for a handshake: the machine is shared."""
        for _ in range(20):
            try:
                return await mallory.say(plains, **more)
            except CarrierError as busy:
                if "handshake" not in str(busy):
                    raise
        raise AssertionError("the station takes no connection any more")

    async def attack() -> None:
        async with asyncio.timeout(200):
            # 60 MB of entries that nothing is signed for, and as much again in another log.
            for turn in range(2):
                runs = unsigned_entries(mallory, bytes([turn + 1]) * 8, 1_000)
                await say([*runs, ping], until=Pong)
            # 32 MB of symbols, and charters without end.
            await say([*lonely_symbols(1_000), ping], until=Pong)
            charters = [
                encode_item(CharterItem(trap(mallory, 100 + n).encode())) for n in range(300)
            ]
            said = await say([*charters, ping], until=Pong)
            assert {one.code for one in said.refusals} == {items.REFUSE_QUOTA}
            # Questions whose answers nobody fetches.
            need = items.Need(
                channel=CHANNEL, party=1, inc=None, ranges=(), what=items.NEED_CHARTER
            )
            await say([encode_item(need) * 4_000] * 20, listen=False)
            # Every epoch of ours is said to be used up.
            end = items.Refuse(code=items.REFUSE_NO_KEY, about=2**53 - 1, words="above that")
            await say([encode_item(end), ping], until=Pong)
            # Symbols that contradict each other end the path, and it is said why.
            spoilt = await say(wrong_symbols())
            assert spoilt.closed
            assert items.REFUSE_MALFORMED in [one.code for one in spoilt.refusals]
            assert any("hash that names it" in one.words for one in spoilt.refusals)

    delivered = len(sender.told["delivered"])
    asyncio.run(attack())
    until(lambda: len(sender.told["delivered"]) > delivered)

    # 32 MB of entries, half a MB of symbols, a MB of answers: what the bounds allow, with room.
    assert memory_mb(pair, "alfa") - before < 150
    assert pair.log("bravo").count("path failed") == lost_before
    sender.finish()
    check_record(pair, sender, follower)
    assert pair.run("alfa", "peer", "show", "MALLORY", "--json").code == 0
