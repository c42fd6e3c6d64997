"""Two stations over TLS on loopback, driven through nothing but their two control sockets."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from parley.errors import StationUnreachableError
from support.live_stations import LiveStation, introduce, live, make_station, open_channel, until


@pytest.fixture
def pair(tmp_path):
    with live(tmp_path / "alfa", "ALFA") as alfa, live(tmp_path / "bravo", "BRAVO") as bravo:
        with alfa.client() as a, bravo.client() as b:
            introduce(a, bravo.serving.link_addresses[0], b)
            introduce(b, alfa.serving.link_addresses[0], a)
            open_channel(a, b)
            yield alfa, bravo, a, b


def text(words: str, **more) -> dict:
    return {"channel": "OPS", "texts": [{"lang": "en", "text": words}], **more}


def test_a_text_is_sent_delivered_read_and_acknowledged(pair):
    _, _, a, b = pair
    sent = a.post("/submissions", text("First words.", precedence="Z", fields={"subject": "First"}))
    assert sent["state"] == "released"
    assert sent["entry"].startswith("OPS/ALFA/")
    done = a.get(f"/entries/{sent['entry']}/delivery", wait="20s", until="delivered")
    assert done["reached"]
    assert done["per_peer"]["BRAVO"]["missing"] is False
    held = b.get(f"/entries/{sent['entry']}")
    assert held["texts"][0]["text"] == "First words."
    assert held["hash"] == sent["hash"]
    (row,) = [row for row in b.get("/inbox")["items"] if row["entry"] == sent["entry"]]
    assert row["precedence"] == "Z"
    b.post("/acknowledgements", {"entry": sent["entry"], "level": "read"})
    answered = a.get(f"/entries/{sent['entry']}/delivery", wait="20s", until="acknowledged")
    assert answered["reached"]
    assert b.get("/alarms")["items"] == []
