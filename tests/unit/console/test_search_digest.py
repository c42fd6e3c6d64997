"""A digest that is pasted into the search goes to what it names."""

from __future__ import annotations

import pytest

from unit.console.test_pages import desk, run


def shown(asked, view="en.day.100.keys", alike=False):
    async def work():
        async with desk() as at:
            await at.sign_in(view=view)
            entry = at.gateway.entry("OPS/BRAVO/33")
            entry.hash = "0123abcd" * 8
            if alike:
                at.gateway.entry("OPS/ALFA/41").hash = "0123abcd" + "f" * 56
            return await at.client.get("/search", params={"q": asked})

    return run(work)


@pytest.mark.parametrize("asked", ["0123abcd", "0123ABCD 0123ABCD", "sha256:" + "0123abcd" * 8])
def test_one_hit_is_gone_to_at_once(asked):
    answer = shown(asked)
    assert (answer.status_code, answer.headers["location"]) == (303, "/entries/OPS/BRAVO/33")


def test_an_identifier_of_a_channel_is_a_choice_where_several_fit():
    page = shown("ab" * 16)
    assert page.status_code == 200
    assert page.text.count("<li data-row>") == 4


@pytest.mark.parametrize(
    ("view", "heading"),
    [("en.day.100.keys", "What this digest names"), ("zh.night.100.keys", "该摘要所指")],
)
def test_several_are_listed_with_their_kind(view, heading):
    page = shown("0123abcd", view, alike=True).text
    assert heading in page
    assert page.count("<li data-row>") == 2


def test_other_words_and_unknown_digests_are_searched_for_as_words():
    for asked in ("line", "20261123"):
        answer = shown(asked)
        assert answer.status_code == 200
        assert "What this digest names" not in answer.text
