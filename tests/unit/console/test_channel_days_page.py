"""The last 30 days of a channel at the console: a picture, and the same as a table."""

from __future__ import annotations

import re

import pytest

from unit.console.test_pages import desk, run


async def _page(at, path, view):
    await at.sign_in(view=view)
    return (await at.client.get(path)).text


@pytest.mark.parametrize(
    ("view", "suspended", "silent"),
    [("en.day.100.keys", "suspended", "not heard"), ("zh.day.100.keys", "暂停", "无签署")],
)
def test_declared_and_heard_stand_apart_in_picture_and_table(view, suspended, silent):
    async def work():
        async with desk() as at:
            return await _page(at, "/channels/OPS", view)

    panel = re.search(r'<section class="panel" id="days">.*?</section>', run(work), re.DOTALL)[0]
    pictures = re.findall(r'<svg class="days".*?</svg>', panel, re.DOTALL)
    rows = re.findall(r"<tr><th scope=\"row\".*?</tr>", panel, re.DOTALL)

    assert [picture.count("<g>") for picture in pictures] == [30, 30]
    assert [picture.count('"blank"') for picture in pictures] == [0, 3]
    assert [picture.count('rect class="stop"') for picture in pictures] == [3, 3]
    assert len(rows) == 30
    assert sum(silent in row for row in rows) == 3
    assert sum(suspended in row for row in rows) == 3


def test_the_list_shows_every_channel_and_says_so_where_there_is_none():
    async def work():
        async with desk() as at:
            full = await _page(at, "/channels", "en.day.100.keys")
        async with desk(empty=True) as at:
            return full, await _page(at, "/channels", "en.day.100.keys")

    full, empty = run(work)
    assert full.count('class="strip-days"') == 4
    assert "there are no days to show" in empty
