"""A key that changed, a card of somebody else, a certificate that is not the pinned one."""

from __future__ import annotations

import pytest

from support.load import answers, is_alive, texts_of, until
from support.station_pair import Pair

pytestmark = pytest.mark.faults


def make_impostor(pair: Pair) -> None:
    """Make a station that carries BRAVO's code and BRAVO's place, with keys of its own."""
    listen = f"127.0.0.1:{pair.ports['bravo']}"
    made = pair.plain(
        "init", "./impostor", "--code", "BRAVO", "--listen", listen, "--release", "one-person"
    )
    assert made.code == 0, made.err
    known = pair.run(
        "impostor", "peer", "add", "alfa/own.card", "--address", f"127.0.0.1:{pair.ports['alfa']}"
    )
    assert known.code == 0, known.err
    words = pair.words_of("alfa")
    trusted = pair.run("impostor", "peer", "verify", "ALFA", "--method", "paper", "--words", words)
    assert trusted.code == 0, trusted.err


def test_a_changed_key_stops_everything_until_words_are_compared(pair: Pair) -> None:
    make_impostor(pair)
    before = pair.run("bravo", "log", "show", "--channel", "OPS", "--json").data["items"]

    added = pair.run("alfa", "peer", "add", "impostor/own.card")
    said = pair.run("alfa", "send", "OPS", "Not for an impostor.", "--json")
    person = pair.run("alfa", "send", "OPS", "Not for an impostor.")

    assert added.code == 0, added.err
    assert said.code == 8
    assert said.json["error"]["code"] == "peer_key_changed"
    assert "parley peer verify BRAVO" in said.json["error"]["next"]
    assert person.code == 8
    assert "key changed" in person.err
    assert "parley peer verify BRAVO" in person.err
    shown = pair.run("alfa", "peer", "show", "BRAVO", "--json").data
    assert not shown["trusted"]
    assert shown["key_state"] == "changed"
    assert "changed" in pair.run("alfa", "peer", "show", "BRAVO").out
    assert "BRAVO" in pair.run("alfa", "status").out
    after = pair.run("bravo", "log", "show", "--channel", "OPS", "--json").data["items"]
    assert after == before

    refused = pair.run("alfa", "peer", "reject", "BRAVO", "--reason", "the words differ")
    again = pair.run("alfa", "send", "OPS", "Still nothing.", "--json")
    assert refused.code == 0, refused.err
    assert again.code == 8


def test_an_impostor_at_the_peers_address_gets_nothing(pair: Pair) -> None:
    make_impostor(pair)
    sent = pair.run("alfa", "send", "OPS", "First.", "--wait", "delivered", "--timeout", "60s")
    assert sent.code == 0, sent.err
    pair.stop("bravo")
    pair.serve("impostor")
    until(lambda: answers(pair, "impostor"))

    waited = pair.run(
        "alfa", "send", "OPS", "For BRAVO alone.", "--wait", "delivered", "--timeout", "5s"
    )

    assert waited.code == 3, waited.err
    assert pair.run("impostor", "channel", "list", "--json").data["items"] == []
    pair.stop("impostor")
    pair.serve("bravo")
    entry = pair.run("alfa", "log", "show", "--channel", "OPS", "--json").data["items"][-1]["entry"]
    arrived = pair.run("alfa", "wait", entry, "--for", "delivered", "--timeout", "90s")
    assert arrived.code == 0, arrived.err


def test_nothing_passes_a_pin_that_does_not_hold(unserved: Pair) -> None:
    pair = unserved
    port = pair.ports["bravo"]
    pinned = f"tls://127.0.0.1:{port}?pin={'5a' * 32}"
    assert pair.run("alfa", "path", "add", "BRAVO", pinned).code == 0
    assert pair.run("alfa", "path", "remove", "BRAVO", f"127.0.0.1:{port}").code == 0
    assert pair.run("bravo", "path", "add", "ALFA", "127.0.0.1:9").code == 0
    away = pair.run("bravo", "path", "remove", "ALFA", f"127.0.0.1:{pair.ports['alfa']}")
    assert away.code == 0, away.err
    pair.serve("alfa")
    pair.serve("bravo")
    until(lambda: answers(pair, "alfa") and answers(pair, "bravo"))

    tested = pair.run("alfa", "path", "test", "BRAVO", "--json")

    assert tested.code == 14
    assert "pin" in tested.data["items"][0]["detail"]
    until(lambda: "path failed" in pair.log("alfa"))
    waited = pair.run(
        "alfa", "send", "OPS", "Behind a pin.", "--wait", "delivered", "--timeout", "3s"
    )
    assert waited.code == 3, waited.err
    assert texts_of(pair, "bravo", "ALFA").total() == 0
    assert not is_alive(pair, "alfa", "BRAVO")
    shown = pair.run("alfa", "path", "list", "--json").data["items"]
    assert [path["up"] for path in shown] == [False]
