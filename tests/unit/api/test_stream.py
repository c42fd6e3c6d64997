"""What a reader of the event stream asked for is what comes, and what keeps it alive always does."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from parley.api.stream import fits


def event(kind="entry", **data):
    return SimpleNamespace(type=kind, data={"channel": None, "precedence": None} | data)


@pytest.mark.parametrize(
    ("channel", "letters", "wanted"),
    [
        (None, "", True),
        ("OPS", "", True),
        ("AIR", "", False),
        (None, "ZO", True),
        (None, "PR", False),
        ("OPS", "Z", True),
        ("AIR", "Z", False),
    ],
)
def test_channel_and_precedence_leave_out_what_belongs_to_others(channel, letters, wanted):
    assert fits(event(channel="OPS", precedence="Z"), channel, letters) is wanted


def test_what_belongs_to_no_channel_or_has_no_precedence_is_left_out_where_one_is_asked_for():
    assert fits(event("link"), None, "")
    assert not fits(event("link"), "OPS", "")
    assert not fits(event("link"), None, "Z")


@pytest.mark.parametrize("kind", ["beat", "reset"])
def test_what_tells_that_the_stream_lives_always_comes(kind):
    assert fits(event(kind), "OPS", "Z")
