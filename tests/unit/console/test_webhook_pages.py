"""Webhooks at the console: an administrator adds, tries and ends one, and sees how each fares."""

from __future__ import annotations

import asyncio
import html
import re
from dataclasses import replace

from parley.station.tool_views import WebhookTry
from unit.console.test_pages import desk

PLACE = "/station/webhooks"
GOOD = {"label": "Night desk", "url": "https://monitor.example/parley"}


def test_a_webhook_is_made_with_its_secret_shown_once_and_ends():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-W2")
            empty = (await at.client.get(PLACE)).text
            made = await at.post(PLACE, **GOOD, topic=["alarm", "entry"], channel=["OPS"])
            [hook] = at.gateway.hooks.values()
            shown = (await at.client.get(PLACE)).text
            ended = await at.post(f"{PLACE}/{hook.id}/end")
            return empty, made.text, hook, shown, ended.headers["location"], at.gateway.hooks

    empty, made, hook, shown, location, left = asyncio.run(work())
    assert "No program elsewhere is told anything." in empty
    assert "whsec_c2VjcmV0" in made
    assert "whpk_AAAA" in made
    assert (hook.topics, hook.channels) == (["alarm", "entry"], ["OPS"])
    assert "Night desk" in shown
    assert "whsec_" not in shown
    assert (location, left) == (PLACE, {})


def test_what_is_wrong_stands_above_what_was_typed():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-W2")
            host = await at.post(PLACE, label="Far", url="https://else.example/x", topic="alarm")
            none = await at.post(PLACE, **GOOD)
            return host, none, at.gateway.hooks

    host, none, hooks = asyncio.run(work())
    assert (host.status_code, none.status_code, hooks) == (422, 422, {})
    assert "[webhooks] hosts" in html.unescape(host.text)
    assert 'value="https://else.example/x"' in host.text
    assert re.findall(r'value="(\w+)" checked', host.text.partition("It is told of")[2]) == [
        "alarm"
    ]
    assert "one thing at least" in none.text


def test_a_test_and_how_it_fares_are_shown_in_both_languages():
    async def work(view):
        async with desk() as at:
            await at.sign_in("ALFA-W2", view=view)
            await at.post(PLACE, **GOOD, topic="alarm")
            [key] = at.gateway.hooks
            at.gateway.hooks[key] = replace(
                at.gateway.hooks[key],
                given_up=3,
                waiting=2,
                last_said="503",
                tries=[WebhookTry(at=1_800_000_000, kind="alarm.raised", status=503, said="503")],
            )
            missed = (await at.post(f"{PLACE}/{key}/test")).text
            at.gateway.answering.add(key)
            taken = (await at.post(f"{PLACE}/{key}/test")).text
            await at.post(f"{PLACE}/{key}/replay")
            return missed, taken, (await at.client.get(PLACE)).text

    missed, taken, after = asyncio.run(work("en.day.100.keys"))
    assert "The test call was not taken." in missed
    assert "nobody answered" in missed
    assert "3 given up" in missed
    assert "2 tried again" in missed
    assert "Last tries:" in missed
    assert re.search(r"alarm\.raised</code>\s*<span class=\"abnormal\">503", missed)
    assert "The test call was taken." in taken
    assert "given up" not in after
    missed, taken, _ = asyncio.run(work("zh.day.100.keys"))
    assert "测试调用未被接收。" in missed
    assert "已放弃 3 条" in missed
    assert "测试调用已被接收。" in taken


def test_who_is_no_administrator_sees_none_and_makes_none():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-R1")
            seen, made = await at.client.get(PLACE), await at.post(PLACE, **GOOD, topic="alarm")
            return (
                seen.status_code,
                made.status_code,
                at.gateway.hooks,
                (await at.client.get("/station")).text,
            )

    seen, made, hooks, station = asyncio.run(work())
    assert seen == 403
    assert made in (403, 422)
    assert hooks == {}
    assert PLACE not in station
