"""An emergency leaves by one officer of the watch; a second one stands for it, or an alarm says so."""

from __future__ import annotations

import asyncio

import pytest

from parley.errors import ConflictError, NotAllowedError, NotFoundError, OwnDraftError
from parley.station.actors import GLASS_ROLE, Actor
from parley.station.countersigning import WITHIN_S, Countersigning, may_alone
from parley.station.desk_views import DraftRequest
from unit.station.test_sounding import DESK, ONE, TWO, Floor

MACHINE = Actor(
    officer="token:x", roles=frozenset(), via="token", scopes=frozenset({"drafts:write"})
)
GLASS = Actor(officer="break-glass:A+B", roles=frozenset({"watch", GLASS_ROLE}), via="break-glass")
AUDITOR = Actor(officer="ALFA-8", roles=frozenset({"auditor"}), via="console")


def do(work):
    return asyncio.run(work)


@pytest.fixture
def here():
    floor = Floor()
    book = Countersigning(floor.cabinet, floor.alarms, now=floor.station.now)
    floor.sounding._own_alarms, floor.sounding._own_ends = book.due, book.over
    do(floor.cabinet.store([book.paper(ONE, "D-0001", [ONE.officer])]))
    return floor, book


@pytest.mark.parametrize(
    ("actor", "procedure", "move", "alone"),
    [
        (ONE, "emergency", "raise", True),
        (ONE, "emergency", "update", True),
        (ONE, "emergency", "end", False),
        (ONE, "message", "send", False),
        (DESK, "emergency", "raise", False),
        (MACHINE, "emergency", "raise", False),
        (GLASS, "emergency", "raise", False),
    ],
)
def test_only_an_officer_of_the_watch_and_only_an_emergency(actor, procedure, move, alone):
    request = DraftRequest(channel="OPS", procedure=procedure, move=move, precedence="Z")
    assert may_alone(actor, request) is alone


def test_a_second_officer_stands_for_it_once(here):
    _, book = here
    for who, why in (
        (ONE, OwnDraftError),
        (MACHINE, NotAllowedError),
        (GLASS, NotAllowedError),
        (AUDITOR, NotAllowedError),
    ):
        with pytest.raises(why):
            do(book.sign(who, "D-0001"))
    assert do(book.sign(TWO, "D-0001")).by == TWO.officer
    with pytest.raises(ConflictError):
        do(book.sign(DESK, "D-0001"))
    with pytest.raises(NotFoundError):
        do(book.sign(DESK, "D-0002"))


def test_an_hour_without_a_second_officer_is_an_alarm_once_until_somebody_stands_for_it(here):
    floor, book = here
    floor.look(later=WITHIN_S - 1)
    assert floor.alarms.all(open_only=False) == []
    floor.look(later=1)
    floor.look(later=60)
    (alarm,) = floor.alarms.all(open_only=True)
    assert alarm.text == "ALFA-1 released D-0001 alone; nobody has countersigned"
    do(book.sign(TWO, "D-0001"))
    floor.look()
    (alarm,) = floor.alarms.all(open_only=False)
    assert (alarm.open, alarm.reason) == (False, "ALFA-2 countersigned D-0001")


def test_what_is_countersigned_in_time_raises_nothing(here):
    floor, book = here
    do(book.sign(DESK, "D-0001"))
    floor.look(later=2 * WITHIN_S)
    assert floor.alarms.all(open_only=False) == []
