"""A token that calls too often is told when to come again; an officer is never counted."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import httpx
import pytest
from starlette.responses import PlainTextResponse

from parley.api.doors import Door
from parley.api.envelope import Envelope
from parley.errors import NotSignedInError
from parley.station.actors import Actor
from parley.station.pace import Pace

OFFICER = Actor(officer="ALFA-1", roles=frozenset({"watch"}), via="socket")


def actor_of_token(secret):
    if secret not in ("display", "archive"):
        raise NotSignedInError("the token is unknown, revoked or too old")
    return Actor(
        officer=f"token:{secret}", roles=frozenset(), via="token", scopes=frozenset({"status:read"})
    )


@pytest.fixture
def ask():
    clock = SimpleNamespace(time=0.0)
    door = Door(
        gateway=SimpleNamespace(actor_of_token=actor_of_token, sequence=lambda: 7),
        way="tcp",
        calls=Pace(most=2, every_s=30, now=lambda: clock.time),
        strangers=Pace(most=1, every_s=5, now=lambda: clock.time),
    )
    transport = httpx.ASGITransport(app=Envelope(PlainTextResponse("ok"), door=door))

    def call(secret, **more):
        async def work():
            async with httpx.AsyncClient(transport=transport, base_url="http://alfa") as client:
                given = {"authorization": f"Bearer {secret}"} | more
                return await client.get("/api/v1/overview", headers=given)

        return asyncio.run(work())

    return SimpleNamespace(call=call, clock=clock, door=door)


def test_a_token_is_answered_so_often_and_another_one_as_ever(ask):
    answers = [ask.call("display") for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert [each.headers["ratelimit"] for each in answers] == [
        '"token";r=1', '"token";r=0', '"token";r=0',
    ]  # fmt: skip
    assert answers[0].headers["ratelimit-policy"] == '"token";q=2;w=60'
    refused = answers[2]
    assert refused.headers["retry-after"] == "30"
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json() | {"instance": ""} == {
        "type": "/problems/too-many",
        "title": "It is asked too often",
        "status": 429,
        "detail": "this token calls too often; nothing was done",
        "instance": "",
        "next": "Try again in 30 s.",
        "sent": False,
        "code": "too_many",
        "exit": 9,
        "errors": [],
        "wait_s": 30,
    }
    assert ask.call("archive").status_code == 200
    ask.clock.time += 30
    assert ask.call("display").status_code == 200


def test_who_has_no_good_token_is_slowed_down_and_stops_nobody_who_has_one(ask):
    assert [ask.call("guess").status_code for _ in range(3)] == [401, 429, 429]
    assert ask.call("display").status_code == 200
    ask.clock.time += 5
    assert ask.call("guess").status_code == 401


def test_an_officer_is_never_counted(ask):
    for _ in range(9):
        ask.door.count(OFFICER)


def test_a_refusal_has_its_title_in_chinese_for_whom_asks_so(ask):
    answer = ask.call("nobody", **{"accept-language": "zh-Hans, en;q=0.5"})

    assert (answer.status_code, answer.json()["title"]) == (401, "请求者身份不明")
    assert answer.json()["detail"] == "the token is unknown, revoked or too old"
