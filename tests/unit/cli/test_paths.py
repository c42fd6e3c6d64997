"""`parley path add`: carriers, and where a witness takes statements."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli_run import run

ON_CARD = "http://127.0.0.1:7009"


@pytest.fixture
def known(alfa: Path, folder: Path) -> Path:
    """ALFA knows a witness CHARLIE."""
    made = run(
        "init", "./charlie", "--code", "CHARLIE", "--name", "Charlie", "--witness-only",
        "--listen", "127.0.0.1:7009", "--no-input",
    )  # fmt: skip
    assert made.code == 0, made.err
    card = str(folder / "charlie" / "own.card")
    assert run("peer", "add", card, "--station", str(alfa), "--no-input").code == 0
    return alfa


def test_a_witness_is_given_another_address_and_keeps_it_once(known: Path) -> None:
    add = ("path", "add", "CHARLIE", "https://witness.example", "--station", str(known), "--json")

    for _ in range(2):
        assert run(*add).json["data"]["addresses"] == [ON_CARD, "https://witness.example"]
    remove = ("path", "remove", "CHARLIE", "https://witness.example", "--station", str(known))
    assert run(*remove).code == 0


def test_a_carrier_says_what_it_is_or_which_there_are(known: Path) -> None:
    add = ("path", "add", "CHARLIE", "--station", str(known), "--json")

    taken = run(*add, "192.0.2.7:7300", "--carrier", "tls", "--rate", "75")
    unknown = run(*add, "192.0.2.7:7300", "--carrier", "serial")
    by_http = run(*add, "https://witness.example", "--carrier", "tls")

    assert taken.json["data"]["addresses"] == [ON_CARD, "tls://192.0.2.7:7300?rate=75"]
    assert (unknown.code, by_http.code) == (2, 2)
    assert unknown.json["error"]["next"] == "There are: loopback, tls."
    assert "--carrier" in by_http.json["error"]["next"]


def test_a_padded_path_says_what_it_takes_and_what_is_not_padded(known: Path) -> None:
    add = ("path", "add", "CHARLIE", "--station", str(known))

    made = run(*add, "192.0.2.7:7300", "--rate", "4800", "--pad", "600")
    listed = run("path", "list", "--station", str(known), "--json")

    assert made.code == 0, made.err
    assert "one frame of 600 bytes every 1 s while it is up, 51.8 MB a day" in made.out
    assert "CHARLIE has paths without padding too" in made.out
    padded = listed.json["data"]["items"][1]
    assert padded["address"] == "tls://192.0.2.7:7300?rate=4800&pad=600"
    assert (padded["pad_bytes"], padded["turn_s"], padded["peer_pads"]) == (600, 1.0, None)
    assert padded["bytes_a_day"] == 51_840_000


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--pad", "600"], "pad needs rate too"),
        (["--rate", "75", "--pad", "1000"], "from 134 to 80000 bit/s"),
        (["--rate", "4800", "--pad", "601"], "a multiple of 8, not 601"),
    ],
)
def test_what_cannot_be_padded_is_refused_with_the_bounds(
    known: Path, options: list[str], told: str
) -> None:
    refused = run("path", "add", "CHARLIE", "b:7300", *options, "--station", str(known), "--json")

    assert refused.code == 2
    assert told in refused.out + refused.err


def test_an_address_at_the_same_place_takes_the_place_and_keeps_the_pin(known: Path) -> None:
    add = ("path", "add", "CHARLIE", "--station", str(known), "--json")
    pin = "ab" * 32

    run(*add, f"tls://b:7300?pin={pin}")
    run(*add, "b:7301")
    told = run(*add, "b:7300", "--rate", "4800", "--pad", "600").json["data"]["addresses"]

    padded = f"tls://b:7300?pin={pin}&rate=4800&pad=600"
    assert told == [ON_CARD, "tls://b:7301", padded]
