"""Days of every year that an agreement names stand in the inbox when they come near."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from benchmarks.record import Made

from parley.core.instants import parse_instant
from parley.desk.profiles import load
from parley.desk.yearly import Stand
from parley.sim.people import WORLD_START
from parley.station.calendar_page import CalendarPage
from support.desk_talk import Pair

DAY = 86_400
NEW_YEAR = int(parse_instant("2027-01-01T00:00:00Z"))


def named(at, code="inpk1988"):
    talk = Pair(load(code)).talk
    desk = SimpleNamespace(registers=lambda: talk.registers(at))
    return CalendarPage(None, None, desk).yearly()


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (NEW_YEAR - 15 * DAY, None),
        (NEW_YEAR - 14 * DAY, "soon"),
        (NEW_YEAR - 3 * DAY, "near"),
        (NEW_YEAR, "now"),
        (NEW_YEAR + DAY - 1, "now"),
        (NEW_YEAR + DAY, "overdue"),
        (NEW_YEAR + 300 * DAY, "overdue"),
    ],
)
def test_a_fixed_day_is_named_from_two_weeks_before_until_it_is_met(at, state):
    assert [due.state(at) for due in named(at)] == ([] if state is None else [state])


def test_an_agreement_without_fixed_days_names_none():
    assert named(NEW_YEAR - DAY, "incsea1972") == []


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    made = Made(tmp_path_factory.mktemp("dates") / "alfa")
    made.grow(1)
    made.now = WORLD_START + DAY
    yield asyncio.run(made.gateway())._parts
    made.store.close()


def test_the_inbox_shows_it_to_the_desk_with_both_languages_and_the_time_left(parts):
    (due,) = named(NEW_YEAR - 3 * DAY)
    left = due.at - int(parts.station.now())
    parts.inbox._dates = lambda: [due]
    assert left > 14 * DAY
    assert "date" not in [need.kind for need in parts.inbox.needs().rows]  # not near by this clock

    soon = SimpleNamespace(**{name: getattr(due, name) for name in ("what", "subject", "uid")})
    soon.at, soon.warnings = int(parts.station.now()) + 2 * DAY, due.warnings
    soon.channel, soon.state = "OPS", lambda now: "near"
    ours, theirs = (Stand(party=code, state="due") for code in (parts.station.own_card.code, "XX"))
    soon.stands, soon.owes = (ours, theirs), lambda code: code == ours.party
    parts.inbox._dates = lambda: [soon]

    (row,) = [one for one in parts.inbox.page(role="desk", limit=500, cursor=None).items
              if one.kind == "date"]  # fmt: skip
    assert (row.channel, row.left_s, row.due_at) == ("OPS", 2 * DAY, soon.at)
    assert row.subject["en"].endswith(f"installations ({ours.party} not yet, XX not yet)")
    assert row.subject["zh"].endswith(f"核设施清单 ({ours.party} 尚未办理，XX 尚未办理)")
    shown = parts.inbox.page(role="watch", limit=500, cursor=None).items
    assert "date" not in [one.kind for one in shown]
    # Met by this party it goes, though the other has not met it.
    soon.owes = lambda code: False
    assert "date" not in [need.kind for need in parts.inbox.needs().rows]
