"""Our own reading of an account: kept here, by whom and when, and sent to nobody."""

from __future__ import annotations

import asyncio

import pytest

from parley.core.instants import Instant
from parley.errors import NotAllowedError, UsageError
from parley.station.actors import Actor
from parley.station.papers import unpack
from parley.station.readings import PARAGRAPHS_MAX, Readings

DESK = Actor(officer="ALFA-D1", roles=frozenset({"desk"}), via="console")
ENTRY = "OPS/BRAVO/7"


class Drawer:
    """A cabinet of one collection."""

    def __init__(self):
        self.papers, self.acts = {}, []

    def get(self, _, key):
        return self.papers.get(key)

    async def store(self, changes, *acts):
        for _, key, raw in changes:
            self.papers[key] = None if raw is None else unpack(raw)
        self.acts += [(act.act, act.subject, act.detail) for act in acts]


def book():
    drawer = Drawer()
    return drawer, Readings(drawer, now=lambda: Instant(1_790_000_000 + len(drawer.acts)))


def put(readings, marks, actor=DESK):
    return asyncio.run(readings.put(actor, ENTRY, marks))


def test_marks_are_kept_by_paragraph_with_who_set_them_and_taken_away_when_empty():
    drawer, readings = book()
    put(readings, {"en.1": ("both", ""), "zh-Hans.2": ("ask", "which ships?"), "en.3": ("", "")})
    other = Actor(officer="ALFA-D2", roles=frozenset({"desk"}), via="console")
    found = put(readings, {"en.1": ("differs", ""), "zh-Hans.2": ("ask", "which ships?")}, other)
    assert [(one.paragraph, one.mark, one.officer) for one in found] == [
        ("en.1", "differs", "ALFA-D2"),
        ("zh-Hans.2", "ask", "ALFA-D1"),
    ]
    assert put(readings, {"en.1": ("", ""), "zh-Hans.2": ("", "")}) == []
    assert drawer.papers[ENTRY] is None
    assert drawer.acts == [("mark account", ENTRY, "")] * 3


def test_what_changes_nothing_leaves_no_trace_in_the_audit():
    drawer, readings = book()
    assert put(readings, {"en.1": ("", "")}) == []
    put(readings, {"en.1": ("only", "")})
    put(readings, {"en.1": ("only", "")})
    assert len(drawer.acts) == 1


@pytest.mark.parametrize(
    "marks",
    [
        {"en.0": ("both", "")},
        {"1": ("both", "")},
        {"en.1": ("right", "")},
        {"en.1": ("both", "x" * 501)},
        {"en.1": ("both", "a\u202eb")},
        {f"en.{n}": ("both", "") for n in range(1, PARAGRAPHS_MAX + 2)},
    ],
)
def test_what_is_no_mark_is_refused_whole(marks):
    drawer, readings = book()
    with pytest.raises(UsageError):
        put(readings, marks)
    assert drawer.papers == {}


def test_only_a_desk_officer_or_releaser_marks():
    _, readings = book()
    for role in ("watch", "auditor", "interpreter", "administrator"):
        with pytest.raises(NotAllowedError):
            put(
                readings,
                {"en.1": ("both", "")},
                Actor(officer="X", roles=frozenset({role}), via="console"),
            )
