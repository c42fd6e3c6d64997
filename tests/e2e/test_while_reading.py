"""What an officer can do while the desk still reads a long record after a start."""

from __future__ import annotations

import pytest

from parley.errors import StationUnreachableError
from support.cli_run import run
from support.live_stations import live_pair, until


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    root = tmp_path_factory.mktemp("reading")
    with live_pair(root) as made:
        yield made


@pytest.fixture
def reading(pair):
    """ALFA's desk as it is in the first seconds after a start on a long record."""
    alfa, _, a, b = pair
    desk = alfa.serving.running.gateway._parts.desk
    desk.is_taking_up = True
    yield a, b
    desk.is_taking_up = False


def message(words: str, precedence: str = "R", **more) -> dict:
    texts = [{"lang": "en", "text": words}]
    fields = {"subject": words}
    return {"channel": "OPS", "precedence": precedence, "texts": texts, "fields": fields, **more}


def test_a_flash_leaves_and_its_peer_takes_it(reading):
    a, b = reading
    sent = a.post("/submissions", message("Hold your fire.", "Z"))
    assert sent["state"] == "released"
    done = a.get(f"/entries/{sent['entry']}/delivery", wait="20s", until="delivered")
    assert done["reached"]
    held = b.get(f"/entries/{sent['entry']}")
    assert (held["subject"], held["fields"][0]["name"]) == ({"en": "Hold your fire."}, "subject")
    assert held["case"]


def test_a_flash_that_came_is_read_and_acknowledged_and_its_alarm_closed(pair, reading):
    a, b = reading
    sent = b.post("/submissions", message("Our aircraft is down.", "Z"))["entry"]
    (alarm,) = until(lambda: [one for one in a.get("/alarms")["items"] if one["entry"] == sent])
    a.post(f"/alarms/{alarm['id']}/claim")
    entry = a.get(f"/entries/{sent}")
    assert entry["texts"][0]["text"] == "Our aircraft is down."
    assert entry["is_read"] is False
    shown = run("show", sent, "--station", str(pair[0].directory)).out
    assert "what became of it is not known yet: the record is still being read" in shown
    a.post("/acknowledgements", {"entry": sent, "level": "understood"})
    assert sent not in [one["entry"] for one in a.get("/alarms")["items"]]
    (ack,) = until(lambda: b.get(f"/entries/{sent}")["acknowledgements"])
    assert ack["level"] == "understood"
    # The peer, which has read all, finds nothing wrong with how it was written.
    (row,) = b.get("/entries", party="ALFA", procedure="ack")["items"]
    assert row["case"] == b.get(f"/entries/{sent}")["case"]
    assert pair[1].serving.running.gateway._parts.desk.registers().irregular == ()


def test_a_line_is_checked(reading):
    a, b = reading
    a.post("/line-checks", {"peer": "BRAVO"})
    assert until(lambda: b.get("/entries", party="ALFA", procedure="line_check")["items"])


def test_what_may_be_written_now_is_listed(reading):
    a, _ = reading
    moves = {f"{one['procedure']}.{one['move']}" for one in a.get("/channels/OPS/moves")["items"]}
    assert {"message.send", "emergency.raise", "line_check.check", "request.open"} <= moves
    assert "channel.suspend" not in moves


def test_what_needs_the_rest_of_the_record_waits(reading):
    a, b = reading
    fields = {"subject": "Talk", "form": "call", "level": "desk", "topics": ["the line"]}
    asked = message("Talk to us.") | {"procedure": "request", "fields": fields}
    opened = b.post("/submissions", asked)
    until(lambda: a.get("/entries", party="BRAVO", procedure="request")["items"])
    answer = message("Yes.", procedure="request", move="accept", case=opened["entry"])
    with pytest.raises(StationUnreachableError, match="still reading the record"):
        a.post("/submissions", answer)
    for path in ("/inbox", "/registers/request"):
        with pytest.raises(StationUnreachableError, match="still reading the record"):
            a.get(path)


def test_what_was_written_meanwhile_stands_when_all_is_read(pair):
    alfa, _, a, _ = pair
    desk = alfa.serving.running.gateway._parts.desk
    desk.is_taking_up = True
    sent = a.post("/submissions", message("Written early."))["entry"]
    assert a.get(f"/entries/{sent}")["case"]
    desk.is_taking_up = False
    entry = a.get(f"/entries/{sent}")
    assert entry["is_read"]
    assert entry["case"] == f"MSG-{sent.removeprefix('OPS/').replace('/', '-')}"
