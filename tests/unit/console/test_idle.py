"""After 15 minutes without a person an act asks for the passkey; a claim never does."""

from __future__ import annotations

import asyncio
from io import BytesIO
from types import SimpleNamespace

import pytest
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from parley.console.frame import form_of, text_of
from parley.console.idle import IDLE_S, Idle
from parley.console.language import language
from parley.console.seat import Seat, View
from parley.station.actors import Actor

SEAT = Seat(
    actor=Actor(officer="ALFA-1", roles=frozenset({"watch"}), via="console"),
    secret="s" * 32,
    view=View(language=language("en")),
)


def request(path, **headers):
    return SimpleNamespace(url=SimpleNamespace(path=path), headers=headers)


@pytest.fixture
def room():
    made = SimpleNamespace(now=1_000, keys=["key"])
    made.idle = Idle(SimpleNamespace(passkeys=lambda _: made.keys), None, now=lambda: made.now)
    return made


def test_an_act_asks_after_the_pause_and_after_a_restart(room):
    act = request("/watch/note")
    assert room.idle.asks(act, SEAT)
    room.idle.touch(SEAT.secret)
    room.now += IDLE_S - 1
    assert not room.idle.asks(act, SEAT)
    room.now += 1
    assert room.idle.asks(act, SEAT)
    room.now -= 2 * IDLE_S
    assert room.idle.asks(act, SEAT)


def test_only_a_page_that_a_person_opened_counts_and_none_wakes_an_idle_session(room):
    act, opened = request("/watch/note"), request("/inbox", **{"sec-fetch-user": "?1"})
    room.idle.touch(SEAT.secret)
    room.now += 600
    room.idle.looked(request("/inbox"), SEAT)
    room.now += 299
    room.idle.looked(opened, SEAT)
    room.now += 600
    assert not room.idle.asks(act, SEAT)
    room.now += 300
    room.idle.looked(opened, SEAT)
    assert room.idle.asks(act, SEAT)


@pytest.mark.parametrize(
    "path", ["/alarms/A-1/claim", "/drafts/D-1/save", "/sign-out", "/release/D-1", "/again/options"]
)
def test_a_claim_and_what_is_typed_never_wait_for_a_passkey(room, path):
    assert not room.idle.asks(request(path), SEAT)


def test_who_has_no_passkey_is_not_asked_for_one(room):
    room.keys = []
    assert not room.idle.asks(request("/watch/note"), SEAT)


def test_a_chosen_file_comes_back_with_the_form_when_the_passkey_has_answered(room):
    chosen = UploadFile(BytesIO(b"what was chosen"), filename="note.txt")
    asked = FormData([("text", "typed"), ("file", chosen)])
    asyncio.run(room.idle.keep_files(SEAT, asked))
    answer = Request({"type": "http", "method": "POST", "headers": []})
    room.idle.put_back(answer, SEAT, FormData([("text", "typed")]))
    form = asyncio.run(form_of(answer))

    assert text_of(form, "text") == "typed"
    assert asyncio.run(form["file"].read()) == b"what was chosen"
    assert form["file"].filename == "note.txt"

    again = Request({"type": "http", "method": "POST", "headers": []})
    room.idle.put_back(again, SEAT, FormData())
    assert again._form is None, "it is given back once"
