"""What stands before every page."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from parley.console.app import build_console
from parley.console.assets import asset_path, build
from parley.console.guard import BODY_BYTES_MAX
from support.fake_gateway import FakeGateway

ORIGIN = "http://alfa.localhost:8101"


def ask(method, path, *, headers=None, content=None, host="alfa.localhost:8101"):
    async def run():
        gateway = FakeGateway()
        app = build_console(gateway, origin=ORIGIN)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            return await client.request(method, path, headers=headers, content=content)

    return asyncio.run(run())


def test_every_page_carries_the_strict_policy():
    headers = ask("GET", "/sign-in").headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


def test_the_worker_has_a_narrower_policy_of_its_own():
    answer = ask("GET", asset_path("js/stream.js"))

    assert answer.headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"


@pytest.mark.parametrize("host", ["evil.example:8101", "127.0.0.1:8101", "bravo.localhost:8101"])
def test_another_host_is_not_answered(host):
    answer = ask("GET", "/sign-in", host=host)

    assert answer.status_code == 421
    assert f'<a href="{ORIGIN}/">' in answer.text
    assert "evil" not in answer.text


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://alfa.localhost"])
def test_a_form_from_elsewhere_is_refused(origin):
    headers = {} if origin is None else {"origin": origin}

    assert ask("POST", "/preferences", headers=headers, content=b"").status_code == 403


def test_an_oversized_form_is_refused_before_it_is_read():
    answer = ask(
        "POST", "/preferences", headers={"origin": ORIGIN}, content=b"x" * (BODY_BYTES_MAX + 1)
    )

    assert answer.status_code == 413


def test_a_body_longer_than_it_says_is_cut_off():
    async def parts():
        for _ in range(20):
            yield b"a=" + b"x" * 100_000 + b"&"

    async def run():
        gateway = FakeGateway()
        transport = httpx.ASGITransport(app=build_console(gateway, origin=ORIGIN))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            headers = {
                "origin": ORIGIN,
                "content-length": "10",
                "content-type": "application/x-www-form-urlencoded",
            }
            return await client.post("/preferences", headers=headers, content=parts())

    assert asyncio.run(run()).status_code == 413


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(method):
    assert ask(method, "/", headers={"origin": ORIGIN}).status_code == 405


def test_a_file_outside_the_package_cannot_be_asked_for():
    assert ask("GET", f"/static/{build()}/%2e%2e/app.py").status_code == 404
    assert ask("GET", "/static/000000000000/tokens.css").status_code == 404
