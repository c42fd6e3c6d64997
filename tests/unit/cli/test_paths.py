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
