"""Profiles: every figure says how sure it is; what an instrument does not set is nobody's duty."""

from __future__ import annotations

import pytest

from parley.desk.catalogue import PROCEDURES
from parley.desk.profile_names import check_names
from parley.desk.profiles import KINDS, SURE, Profile, load, names, read
from parley.errors import NotFoundError, UsageError

DATUM = {"item": "men", "kind": "threshold", "value": 9000, "sure": "A", "source": "chapter V"}


@pytest.mark.parametrize("code", names())
def test_every_figure_of_every_profile_says_how_sure_it_is_and_whence(code):
    profile = load(code)
    assert profile.data
    for datum in profile.data:
        assert datum.kind in KINDS
        assert datum.sure in SURE
        assert datum.item
        assert datum.source or datum.sure in ("?", "proposal")
        assert datum.value is not None or datum.sure in ("?", "B")


@pytest.mark.parametrize("code", names())
def test_a_profile_sets_only_clocks_that_the_desk_knows(code):
    assert set(load(code).clocks) <= set(load("default").clocks)


@pytest.mark.parametrize("code", names())
def test_a_profile_names_only_moves_fields_and_columns_that_there_are(code):
    check_names(load(code))


def test_every_day_of_every_year_says_what_meets_it_and_whence():
    for code in names():
        for datum in load(code).data:
            if datum.yearly:
                assert datum.met is not None
                assert datum.met.source


def test_every_clock_of_the_default_is_used_by_a_procedure_or_by_the_desk():
    rules = [rule for procedure in PROCEDURES.values() for rule in procedure.clocks]
    ruled = {name for rule in rules for name in (rule.name, rule.then)}
    read = {name for procedure in PROCEDURES.values() for name in procedure.settings}
    assert read <= set(load("default").clocks) <= ruled | read | {"undelivered"}


def test_nothing_of_the_default_is_owed():
    assert not any(load("default").owes(name) for name in load("default").clocks)


def test_a_clock_known_to_be_unknown_is_not_filled_from_the_default():
    profile = load("jpcn2018")
    assert profile.clock("request.reply_by") is None
    assert profile.clock("undelivered") == load("default").clock("undelivered")


def test_only_a_clock_the_instrument_itself_sets_is_owed():
    profile = Profile.make("pier", owed=True, clocks={"request.reply_by": 60})
    assert profile.owes("request.reply_by")
    assert not profile.owes("call.reply_by")
    assert not Profile.make("pier", owed=False, clocks={"request.reply_by": 60}).owes(
        "request.reply_by"
    )


@pytest.mark.parametrize(
    ("code", "clock", "days"),
    [
        ("vd2011", "exercise.lead", 42),
        ("vd2011", "query.reply_by", 2),
        ("incsea1972", "exercise.lead", 3),
        ("inpk2005", "launch.lead", 3),
        ("inpk2005", "launch.window", 5),
        ("ussu1988", "launch.lead", 1),
        ("shanghai1996", "query.reply_by", 7),
        ("shanghai1996", "query.urgent", 2),
        ("newstart", "exchange.due", 30),
        ("ocha", "humanitarian.lead", 2),
    ],
)
def test_figures_of_the_instruments(code, clock, days):
    assert load(code).clock(clock) == days * 86_400


@pytest.mark.parametrize("clocks", [{"tea.time": 60}, {"request.reply_by": 0}])
def test_a_clock_that_is_none_is_refused(clocks):
    with pytest.raises(UsageError):
        Profile.make("pier", owed=True, clocks=clocks)


@pytest.mark.parametrize("name", ["", "nato", "../default"])
def test_a_profile_that_is_not_there_is_told_with_those_that_are(name):
    with pytest.raises(NotFoundError, match="there is no profile"):
        load(name)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {"data": {}},
        {"data": ["men"]},
        {"data": [{k: v for k, v in DATUM.items() if k != "source"}]},
        {"data": [DATUM | {"kind": "feeling"}]},
        {"data": [DATUM | {"sure": "quite"}]},
        {"data": [DATUM | {"length": "long"}]},
    ],
)
def test_a_profile_file_that_is_not_well_made_is_refused(raw):
    with pytest.raises(UsageError):
        read("x", raw)
