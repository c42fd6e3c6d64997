"""A call's trace is taken as W3C Trace Context has it, and what has another form is ignored."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import httpx
import pytest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from parley.api.doors import Door
from parley.api.envelope import Envelope
from parley.api.trace import Trace, trace_of
from parley.errors import NotSignedInError
from parley.station.actors import Actor

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GOOD = f"00-{TRACE}-{PARENT}-01"


@pytest.mark.parametrize(
    ("given", "is_sampled"),
    [
        (GOOD, True),
        (f"00-{TRACE}-{PARENT}-00", False),
        (f"00-{TRACE}-{PARENT}-fe", False),
        (f"00-{TRACE}-{PARENT}-03", True),
        (f"cc-{TRACE}-{PARENT}-01", True),
        (f"cc-{TRACE}-{PARENT}-01-what-the-future-has", True),
        (f" {GOOD}\t", True),
    ],
)
def test_a_trace_is_read(given, is_sampled):
    found = trace_of(Headers({"traceparent": given}))
    assert found == Trace(trace=TRACE, parent=PARENT, is_sampled=is_sampled)


@pytest.mark.parametrize(
    "given",
    [
        "",
        GOOD.upper(),
        GOOD[:-1],
        f"{GOOD}-",
        f"{GOOD}-more",
        f"{GOOD}\n",
        f"cc-{TRACE}-{PARENT}-01.more",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}{PARENT}-01",
        f"00-{TRACE}-{PARENT}-0g",
        f"0-{TRACE}-{PARENT}-01",
        f"cc-{TRACE}-{PARENT}-01-{'x' * 600}",
        f"00-{TRACE.replace('4', '٤')}-{PARENT}-01",
    ],
)
def test_what_is_no_trace_is_ignored(given):
    raw = [(b"traceparent", given.encode("utf-8"))]
    assert trace_of(Headers(raw=raw)) is None


def test_none_and_two_are_none():
    assert trace_of(Headers({})) is None
    assert trace_of(Headers(raw=[(b"traceparent", GOOD.encode())] * 2)) is None


@pytest.fixture
def ask():
    logged = []
    machine = Actor(officer="token:t", roles=frozenset(), via="token", scopes=frozenset())

    def actor_of_token(secret):
        if secret != "good":
            raise NotSignedInError("unknown")
        return machine

    door = Door(
        gateway=SimpleNamespace(actor_of_token=actor_of_token, sequence=lambda: 7),
        way="tcp",
        log=lambda event, **details: logged.append((event, details)),
    )

    async def app(scope, receive, send):
        if scope["path"] == "/fault":
            raise ValueError("unforeseen")
        await PlainTextResponse("ok")(scope, receive, send)

    def call(path="/api/v1/overview", secret="good", traceparent=GOOD):
        async def work():
            transport = httpx.ASGITransport(app=Envelope(app, door=door))
            async with httpx.AsyncClient(transport=transport, base_url="http://alfa") as client:
                given = {"authorization": f"Bearer {secret}", "traceparent": traceparent}
                return await client.get(path, headers=given)

        return asyncio.run(work())

    return SimpleNamespace(call=call, logged=logged)


def test_a_call_that_is_traced_is_logged_with_its_number(ask):
    reference = ask.call("/api/v1/search?words=secret").headers["parley-request-id"]
    assert ask.logged == [
        (
            "call answered",
            {
                "reference": reference,
                "method": "GET",
                "status": 200,
                "trace": TRACE,
                "parent": PARENT,
            },
        )
    ]
    assert len(reference) == len(PARENT)


def test_nothing_is_logged_of_calls_that_are_not_traced_or_of_strangers(ask):
    ask.call(traceparent=f"00-{TRACE}-{PARENT}-00")
    ask.call(traceparent="00-words-of-anybody-01")
    assert ask.call(secret="guess").status_code == 401
    assert ask.logged == []


def test_a_fault_is_logged_with_the_trace_even_where_the_caller_does_not_keep_it(ask):
    answer = ask.call("/fault", traceparent=f"00-{TRACE}-{PARENT}-00")
    [(event, details)] = ask.logged
    assert answer.status_code == 500
    assert (event, details["trace"], details["parent"]) == ("fault in the API", TRACE, PARENT)
    assert details["reference"] == answer.headers["parley-request-id"]
