"""A read waits until the record has what its caller has seen, and says so where it has not."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI, Response

from parley.api import routes
from parley.api.app import build_app
from parley.api.doors import Door
from parley.api.problems import problem_of
from parley.api.routes import answer, new_router
from parley.errors import BehindError


class Record:
    """A record that grows while somebody waits."""

    def __init__(self, sequence):
        self.at = sequence
        self.waited = []

    def sequence(self):
        return self.at

    async def wait_sequence(self, sequence, *, timeout_s):
        self.waited.append((sequence, timeout_s))
        if sequence == self.at + 1:
            self.at += 1
        if sequence == 99:
            await asyncio.Event().wait()
        return self.at >= sequence


@pytest.fixture
def ask():
    record, stopping = Record(7), asyncio.Event()
    router = new_router("station")

    @router.get("/things")
    async def things() -> Response:
        return answer({"reflects": record.at})

    @router.post("/things")
    async def make() -> Response:
        return answer({}, 201)

    app = FastAPI()
    app.include_router(router, prefix="/api/v1")
    app.state.door = Door(gateway=record, way="socket", stopping=stopping)

    def call(method, query):
        async def work():
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url="http://alfa") as client:
                return await client.request(method, f"/api/v1/things{query}")

        return asyncio.run(work())

    return SimpleNamespace(call=call, record=record, stopping=stopping)


def test_a_read_reflects_at_least_what_was_seen(ask):
    assert ask.call("GET", "").json() == {"reflects": 7}
    assert ask.record.waited == []
    assert ask.call("GET", "?at_least=7").json() == {"reflects": 7}
    assert ask.call("GET", "?at_least=8").json() == {"reflects": 8}
    assert ask.record.waited == [(7, routes.AT_LEAST_WAIT_S), (8, routes.AT_LEAST_WAIT_S)]


def test_a_place_that_does_not_come_is_refused_with_what_there_is(ask):
    with pytest.raises(BehindError) as refused:
        ask.call("GET", "?at_least=20")
    said = problem_of(refused.value, reference="r")
    assert (said["status"], said["code"], said["sequence"]) == (503, "behind", 7)
    assert "reaches 7" in said["detail"]
    assert "20" in said["detail"]


def test_a_station_that_stops_lets_nobody_wait(ask):
    ask.stopping.set()
    with pytest.raises(BehindError):
        ask.call("GET", "?at_least=99")


@pytest.mark.parametrize("value", ["-1", "x", "1.5", str(2**63), ""])
def test_what_is_no_place_is_refused(ask, value):
    assert ask.call("GET", f"?at_least={value}").status_code == 422


def test_an_act_takes_no_such_parameter(ask):
    with pytest.raises(routes.RequestError, match="at_least"):
        ask.call("POST", "?at_least=1")


def test_every_read_behind_a_token_describes_it_once_and_no_other_call_does():
    without = {
        "/livez", "/readyz", "/version", "/problems/{name}",
        "/api/v1/events", "/api/v1/calendar/feed/{secret}",
    }  # fmt: skip
    for path, methods in build_app(None).openapi()["paths"].items():
        for method, operation in methods.items():
            named = [each["name"] for each in operation.get("parameters", ())]
            wanted = int(method == "get" and path not in without)
            assert named.count("at_least") == wanted, (method, path)
