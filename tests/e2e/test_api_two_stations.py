"""Two stations over TLS on loopback, driven through nothing but their two control sockets."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from parley.api.client import Client
from parley.core.instants import rfc3339
from parley.errors import (
    IdempotencyError,
    InvalidFieldsError,
    NotAllowedError,
    NotFoundError,
    StationUnreachableError,
    UsageError,
)
from parley.station.agreement import Agreement
from support.live_stations import LiveStation, introduce, live, open_channel, until
from support.verifying import check


@pytest.fixture
def pair(tmp_path):
    with (
        live(tmp_path / "alfa", "ALFA", api_listen="127.0.0.1:0") as alfa,
        live(tmp_path / "bravo", "BRAVO") as bravo,
        alfa.client() as a,
        bravo.client() as b,
    ):
        introduce(a, bravo.serving.link_addresses[0], b)
        introduce(b, alfa.serving.link_addresses[0], a)
        open_channel(a, b)
        yield alfa, bravo, a, b


def text(words: str, **more) -> dict:
    fields = {"subject": "Test"}
    return {"channel": "OPS", "texts": [{"lang": "en", "text": words}], "fields": fields, **more}


def test_a_text_is_sent_delivered_read_and_acknowledged(pair):
    _, _, a, b = pair
    sent = a.post("/submissions", text("First words.", precedence="Z"))
    assert sent["state"] == "released"
    assert sent["entry"].startswith("OPS/ALFA/")
    done = a.get(f"/entries/{sent['entry']}/delivery", wait="20s", until="delivered")
    assert done["reached"]
    assert done["per_peer"]["BRAVO"]["missing"] is False
    held = b.get(f"/entries/{sent['entry']}")
    assert held["texts"][0]["text"] == "First words."
    for client in (a, b):
        named = client.get(f"/digests/{held['hash'][:12]}")["items"]
        assert [(hit["kind"], hit["name"]) for hit in named] == [("entry", sent["entry"])]
    assert held["hash"] == sent["hash"]
    (alarm,) = b.get("/alarms")["items"]
    assert (alarm["kind"], alarm["entry"]) == ("flash", sent["entry"])
    assert b.post(f"/alarms/{alarm['id']}/claim")["claimed_by"] == "BRAVO-1"
    assert [r["precedence"] for r in b.get("/inbox")["items"] if r["entry"] == sent["entry"]] == [
        "Z"
    ]
    b.post("/acknowledgements", {"entry": sent["entry"], "level": "read"})
    answered = a.get(f"/entries/{sent['entry']}/delivery", wait="20s", until="acknowledged")
    assert answered["reached"]
    assert b.get("/alarms")["items"] == []
    (ack,) = a.get(f"/entries/{sent['entry']}")["acknowledgements"]
    assert (ack["level"], ack["by"].partition("/")[0]) == ("read", "BRAVO")
    (row,) = a.get("/entries", party="BRAVO", procedure="ack")["items"]
    assert row["name"] == ack["entry"]


def test_todays_end_of_the_strip_says_declared_open_and_heard_and_nothing_of_before(pair):
    *_, a, _ = pair
    strip = a.get("/channels/OPS/days")

    assert len(strip["days"]) == 30
    for side in strip["parties"]:
        assert side["days"][-1] == {"declared": "open", "heard": True}
        assert side["days"][0] == {"declared": "none", "heard": False}


def test_a_program_prepares_a_channel_and_a_person_opens_it(pair):
    alfa, _, a, b = pair
    made = a.post("/tokens", {"label": "installer", "scopes": ["admin:read", "admin:write"]})
    address = f"http://{alfa.serving.api_address}"
    body = {"code": "AIR", "peers": ["BRAVO"], "purpose": "Air line"}
    with Client(base_url=address, token=made["secret"]) as program:
        held = program.post("/channels", body)
        assert held["needs"] == ["second person"]
        with pytest.raises(NotAllowedError, match="a token cannot"):
            program.post("/channel-acts/AIR/confirm", {"digest": held["digest"]})
    assert "AIR" not in [one["code"] for one in a.get("/channels")["items"]]
    a.post("/channel-acts/AIR/confirm", {"digest": held["digest"]})
    assert until(lambda: [one for one in b.get("/channels")["items"] if one["code"] == "AIR"])


def test_a_register_comes_as_a_table_page_by_page(pair):
    alfa, _, a, _ = pair
    for number in range(3):
        a.post("/submissions", text(f"Words {number}.", fields={"subject": f"=Subject {number}"}))
    made = a.post("/tokens", {"label": "table", "scopes": ["cases:read"]})
    head = {"authorization": f"Bearer {made['secret']}"}
    address, path = f"http://{alfa.serving.api_address}", "/api/v1/registers/message"
    found: list[dict[str, str]] = []
    while path:
        params = {} if found else {"form": "csv", "limit": "2"}
        answer = httpx.get(address + path, params=params or None, headers=head)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        found += csv.DictReader(io.StringIO(answer.text))
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert [row["subject_en"] for row in found] == [f"'=Subject {each}" for each in (2, 1, 0)]


def test_a_channel_near_its_end_asks_to_be_renewed_and_its_new_end_counts(pair):
    _, _, a, b = pair
    end = int(time.time()) + 20 * 86_400
    a.post("/channels", {"code": "REN", "peers": ["BRAVO"], "purpose": "Ends", "ends_at": end})
    until(lambda: [c for c in b.get("/channels")["items"] if c["code"] == "REN"])
    b.post("/channels/REN/accept")
    until(lambda: a.get("/channels/REN")["state"] == "open")

    def asked(client):
        return [row["channel"] for row in client.get("/inbox")["items"] if row["kind"] == "renew"]

    assert (asked(a), asked(b)) == (["REN"], ["REN"])
    later = rfc3339(end + 365 * 86_400)
    move = {"channel": "REN", "procedure": "channel", "move": "renew", "fields": {"expiry": later}}
    sent = a.post("/submissions", move)
    until(lambda: b.get("/entries", channel="REN", procedure="channel")["items"])
    assert (asked(a), asked(b)) == ([], ["REN"]), "who has asked waits for the other"
    b.post("/submissions", {**move, "case": sent["entry"]})
    until(lambda: a.get("/channels/REN")["ends_at"] == later)
    until(lambda: b.get("/channels/REN")["ends_at"] == later)
    assert (asked(a), asked(b)) == ([], [])


def test_our_card_comes_as_a_page_of_codes_too(pair):
    _, _, a, _ = pair

    page = a.get_bytes("/card", format="codes").decode()

    assert page.startswith("<svg ")
    assert "ALFA, card 1: 1 of " in page


def test_what_one_side_exports_a_stranger_checks_and_a_flipped_bit_is_found(pair, tmp_path):
    _, _, a, b = pair
    sent = a.post("/submissions", text("For the record."))
    assert a.get(f"/entries/{sent['entry']}/delivery", wait="20s")["reached"]
    bundle = b.post_bytes("/bundles", {"channel": "OPS"})
    cards = [str(tmp_path / name) for name in ("a.card", "b.card")]
    for client, card in zip((a, b), cards, strict=True):
        Path(card).write_bytes(client.get_bytes("/card", format="raw"))
    report = check(bundle, cards)
    assert report.refused is None
    assert report.code == 0, report
    assert {verdict.word for verdict in report.verdicts} == {"record, whole"}
    bad = bytearray(bundle)
    bad[len(bad) // 2] ^= 1
    assert check(bytes(bad), cards).code == 7


def test_the_same_key_finds_the_first_answer_and_another_text_is_refused(pair):
    _, _, a, b = pair
    key = str(uuid4())
    first = a.post("/submissions", text("Once."), key=key)
    again = a.post("/submissions", text("Once."), key=key)
    assert again == {**first, "replayed": True}
    with pytest.raises(IdempotencyError):
        a.post("/submissions", text("Twice."), key=key)
    assert a.get(f"/entries/{first['entry']}/delivery", wait="20s")["reached"]
    said = [row["texts"][0]["text"] for row in b.get("/entries", own=False)["items"]]
    assert said == ["Once."]


def test_a_batch_is_stored_together_and_a_bad_text_keeps_no_other_back(pair):
    _, _, a, b = pair
    batch = [{"key": f"k{n}", "draft": text(f"number {n}")} for n in range(20)]
    batch[7]["draft"]["precedence"] = "Q"
    items = a.post("/submissions/batch", batch)["items"]
    assert [item["key"] for item in items] == [f"k{n}" for n in range(20)]
    (bad,) = [item for item in items if item["submitted"] is None]
    assert (bad["key"], bad["problem"]["code"], bad["problem"]["exit"]) == ("k7", "usage", 2)
    names = [item["submitted"]["entry"] for item in items if item["submitted"]]
    indexes = [int(name.rsplit("/", 1)[1]) for name in names]
    assert indexes == list(range(indexes[0], indexes[0] + 19)), "one transaction, one run of places"
    assert a.get(f"/entries/{names[-1]}/delivery", wait="20s")["reached"]
    assert len(b.get("/consumers/archive", limit=500)["items"]) == 19


def test_a_reader_that_confirms_gets_each_entry_once(pair):
    _, _, a, b = pair
    for n in range(3):
        name = a.post("/submissions", text(f"number {n}"))["entry"]
    assert a.get(f"/entries/{name}/delivery", wait="20s")["reached"]
    rows = b.get("/consumers/archive", limit=2)["items"]
    assert b.get("/consumers/archive", limit=2)["items"] == rows, "not confirmed: it comes again"
    b.post("/consumers/archive/confirm", {"sequence": rows[-1]["sequence"]})
    (last,) = b.get("/consumers/archive")["items"]
    assert last["texts"][0]["text"] == "number 2"


def test_a_request_is_asked_answered_and_its_case_is_the_same_on_both_sides(pair):
    _, _, a, b = pair
    moves = {move["procedure"]: move for move in a.get("/channels/OPS/moves")["items"]}
    needed = [field["name"] for field in moves["request"]["fields"] if field["required"]]
    assert "level" in needed
    with pytest.raises(InvalidFieldsError) as refused:
        a.post("/submissions", text("Shall we talk?", procedure="request"))
    assert "level" in dict(refused.value.problems)
    fields = {"form": "call", "level": "theatre", "topics": [{"en": "Nets"}], "reply_by": "PT30M"}
    sent = a.post("/submissions", text("Shall we talk?", procedure="request", fields=fields))
    number = until(lambda: [c["number"] for c in b.get("/registers/request")["items"]])[0]
    assert b.get("/registers/request", owed_by="us")["items"][0]["us_owe"]
    allowed = [
        move["move"] for move in b.get(f"/cases/{number}/moves")["items"] if move["permitted"]
    ]
    assert "decline" in allowed
    schema = b.get("/schemas/request/decline")
    needed = {name: _value(schema["properties"][name]) for name in schema["required"]}
    words = {"texts": [{"lang": "en", "text": "Not now."}]}
    answer = b.post(f"/cases/{number}/moves", {"move": "decline", "fields": needed, **words})
    assert a.get(f"/entries/{sent['entry']}/delivery", wait="20s", until="answered")["reached"]
    ours, theirs = (client.get(f"/cases/OPS~{number}") for client in (a, b))
    assert ours["facts"] == theirs["facts"]
    assert {fact["column"] for fact in ours["facts"]} >= {"form", "sent_at", "owed"}
    assert all("correction.withdraw" in may["moves"] for may in ours["may_move"])
    assert [row["entry"] for row in ours["history"]] == [sent["entry"], answer["entry"]]
    assert (ours["state"], ours["fate"], ours["clock"]) == (
        theirs["state"],
        theirs["fate"],
        theirs["clock"],
    )
    assert a.get(f"/cases/{number}/proof")["shows"]["proves"]
    assert check(a.post_bytes("/bundles", {"case": number})).refused is None
    a.post("/submissions", text("And once more?", procedure="request", fields=fields))
    numbers = [row["number"] for row in a.get("/registers/request")["items"]]
    assert len(numbers) > 1
    assert check(a.post_bytes("/bundles", {"case": ", ".join(numbers)})).refused is None
    with pytest.raises(NotFoundError):
        a.post_bytes("/bundles", {"case": f"{number} REQ-ALFA-999"})
    with pytest.raises(UsageError) as refused:
        a.post_bytes("/bundles", {"case": number, "withhold": ["areas"]})
    assert refused.value.next_step.startswith("Names that there are: reply_by, text")
    hidden = a.post_bytes("/bundles", {"case": number, "withhold": ["reply_by"]})
    assert check(hidden).refused is None
    with pytest.raises(UsageError, match="no fields to withhold"):
        a.post_bytes("/bundles", {"conflict": "OPS/ALFA", "withhold": ["text"]})


def _value(schema: dict) -> str:
    return schema.get("x-parley-choices", ["Because."])[0]


def test_what_was_written_while_the_peer_was_away_arrives_when_it_is_back(pair):
    alfa, bravo, a, b = pair
    address = bravo.serving.link_addresses[0]
    b.close()
    bravo.stop()
    sent = a.post("/submissions", text("While you were away."))
    assert not a.get(f"/entries/{sent['entry']}/delivery", wait="500ms")["reached"]
    with bravo.client() as gone, pytest.raises(StationUnreachableError):
        gone.get("/station")
    back = LiveStation(bravo.directory, listen_override=[address])
    back.start()
    bravo.stop = back.stop
    assert a.get(f"/entries/{sent['entry']}/delivery", wait="30s")["reached"]
    with back.client() as again:
        assert again.get(f"/entries/{sent['entry']}")["texts"][0]["text"] == "While you were away."
    assert alfa.error is None


def test_a_stream_tells_what_arrives_can_be_resumed_and_ends_when_the_station_stops(pair):
    _, bravo, a, b = pair
    seen: list[dict] = []
    follower = bravo.client()
    following = threading.Thread(target=lambda: seen.extend(follower.events(topics=["entry"])))
    stream = b.events(topics=["entry"])
    first = next(stream)
    assert first["type"] == "beat"
    following.start()
    names = [a.post("/submissions", text(f"number {n}"))["entry"] for n in range(3)]
    heard = list(islice(_of(stream, names), 3))
    stream.close()
    assert [event["entry"] for event in heard] == names
    resumed = b.events(topics=["entry"], after=heard[0]["id"])
    rest = list(islice(_of(resumed, names), 2))
    resumed.close()
    assert [event["entry"] for event in rest] == names[1:]
    unknown = b.events(after="00000000.5")
    assert next(unknown)["type"] == "reset"
    unknown.close()
    bravo.stop()
    following.join(15)
    assert not following.is_alive(), "the stream went on after the station had stopped"
    assert [event["entry"] for event in _of(seen, names)] == names
    follower.close()
    bravo.stop = lambda: None


def _of(events: Iterable[dict], names: list[str]) -> Iterator[dict]:
    """Yield what is about these entries; the core writes entries of its own meanwhile."""
    return (event for event in events if event.get("entry") in names)


def test_a_line_check_tells_the_registers_and_the_other_station_finds_the_same(pair, monkeypatch):
    _, _, a, b = pair
    verdicts: list[str] = []
    compared = Agreement.compared

    async def noted(self, fact):
        found = await compared(self, fact)
        if found is not None:
            verdicts.append(found.verdict)
        return found

    monkeypatch.setattr(Agreement, "compared", noted)
    sent = a.post("/submissions", text("First words."))
    a.get(f"/entries/{sent['entry']}/delivery", wait="20s", until="delivered")

    done = a.post("/line-checks", {"peer": "BRAVO"})

    fields = {row["name"]: row["value"] for row in a.get(f"/entries/{done['entry']}")["fields"]}
    assert len(fields["registers"]["digest"]) == 64
    until(lambda: verdicts)
    assert verdicts == ["same"]
    assert b.get("/alarms")["items"] == []

    # One press of a person answers it; it is no answer to anything else.
    body = {"peer": "ALFA", "answers": done["entry"]}
    answer = b.post("/line-checks", body)
    said = b.get(f"/entries/{answer['entry']}")
    assert (said["move"], said["case"]) == ("answer", a.get(f"/entries/{done['entry']}")["case"])
    wrong = {"peer": "ALFA", "answers": sent["entry"]}
    with pytest.raises(UsageError, match="no line check of ALFA"):
        b.post("/line-checks", wrong)
