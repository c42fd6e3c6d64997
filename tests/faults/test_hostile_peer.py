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
from parley.core import items
from parley.core.charter import Charter
from parley.core.items import CharterItem, Ping, Pong, encode_item
from parley.core.limits import FRAME_BYTES_MAX, FRAME_OVERHEAD_BYTES
from parley.station.identity import read_own_card
from support.load import Follower, Sender, check_record, until
from support.station_pair import PASSPHRASE, Pair
from support.stranger import HostilePeer, identity_in

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
    charter = Charter(
        parties=(mallory.card.party, alfa.party),
        number=CHANNEL,
        purpose="to be abused",
        basis="none",
        proposed_at=mallory.card.issued,
        nonce=os.urandom(16),
        code="TRAP",
    )
    offer = [encode_item(CharterItem(charter.encode())), encode_item(Ping(1))]
    asyncio.run(peer.say([b"".join(offer)], until=Pong))
    until(lambda: pair.run("alfa", "channel", "accept", "TRAP", "--yes").code == 0)
    return pair, peer


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
