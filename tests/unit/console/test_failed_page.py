"""A fault of the program is a page: what became of the act, what to do next, and a number."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from parley.console.app import build_console
from support.fake_gateway import FakeGateway

ORIGIN = "http://alfa.localhost:8101"


def broken(*_args, **_named):
    raise ZeroDivisionError


async def answer(method, path, code, monkeypatch, *names):
    gateway = FakeGateway()
    # As a server does it: the fault is logged by the server, and the page still goes out.
    transport = httpx.ASGITransport(
        app=build_console(gateway, origin=ORIGIN), raise_app_exceptions=False
    )
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        client.cookies.set("parley-session", await gateway.open_session("ALFA-W2", how="link"))
        client.cookies.set("parley-view", f"{code}.day.100.keys")
        token = re.search(r'name="form_token" value="(\w+)"', (await client.get("/search")).text)[1]
        for name in names:
            monkeypatch.setattr(gateway, name, broken)
        return await client.request(
            method, path, data={"form_token": token, "text": "x"}, headers={"origin": ORIGIN}
        )


@pytest.mark.parametrize(
    ("method", "path", "code", "said"),
    [
        ("GET", "/outbox", "en", "nothing was stored and nothing was sent"),
        ("GET", "/outbox", "zh", "未存储，也未发送"),
        ("POST", "/watch/note", "en", "It is not known here whether your act was done"),
        ("POST", "/watch/note", "zh", "无法得知该操作是否完成"),
    ],
)
def test_a_fault_says_what_became_of_the_act_and_gives_a_number(
    method, path, code, said, monkeypatch
):
    page = asyncio.run(answer(method, path, code, monkeypatch, "outbox", "watch_note"))

    assert page.status_code == 500
    assert said in page.text
    reference = re.search(r"(?:Reference|编号)\s*([0-9a-f]{8})", page.text)[1]
    assert 'href="/outbox"' in page.text
    assert reference
    assert "ZeroDivisionError" not in page.text
