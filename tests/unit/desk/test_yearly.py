"""Days of every year: what meets them stands in the profile, and both sides see the same."""

from __future__ import annotations

import pytest

from parley.core.instants import parse_instant
from parley.desk.calendar import Calendar
from parley.desk.profile_names import check_names
from parley.desk.profiles import load, read
from parley.desk.published.agenda import write_agenda
from parley.desk.yearly import year_days
from parley.errors import UsageError
from support.desk_talk import Line, Pair, Talk
from unit.desk.test_sealed import OURS, THEIRS, Sealers

HOUR, DAY = 3600, 86_400
NEW_YEAR = int(parse_instant("2027-01-01T00:00:00Z"))
PERIOD = [["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"]]


def own(**rule):
    """Return a profile with one day of the year, met by giving an exchange of data."""
    met = {"by": ["exchange.give"], "before": "P14D", "sure": "proposal", "source": "ours"} | rule
    day = {"item": "list", "kind": "calendar", "value": "x", "sure": "A", "source": "y"}
    return read("own", {"owed": True, "data": [day | {"yearly": ["01-01"], "met": met}]})


def stands(pair, at, days=31):
    """Return how each party stands towards each day listed at a moment."""
    (channel,) = pair.talk.registers(at).channels
    found = list(year_days(channel, at, at + days * DAY))
    return {one.year: {stand.party: stand.state for stand in one.stands} for one in found}


def due(pair, at, days=31):
    return Calendar().all(pair.talk.registers(at), until=at + days * DAY, cases=False)


def opened(pair, at, series="lists"):
    return pair.say("ALFA/OPS", at, "exchange.open", {"series": series, "period": PERIOD})


def give(pair, code, at, case):
    return pair.say(f"{code}/OPS", at, "exchange.give", {"lines": []}, case=case)


def test_each_party_meets_the_day_for_itself_and_late_stays_late():
    pair = Pair(own())
    case = opened(pair, NEW_YEAR - 20 * DAY)
    assert stands(pair, NEW_YEAR - 10 * DAY) == {2027: {"ALFA": "due", "BRAVO": "due"}}
    give(pair, "ALFA", NEW_YEAR - 2 * HOUR, case)
    pair.line.sign(NEW_YEAR + DAY + HOUR)
    after = NEW_YEAR + DAY + 2 * HOUR
    assert stands(pair, after) == {2027: {"ALFA": "met", "BRAVO": "unmet"}}

    (one,) = due(pair, after)
    assert (one.state(after), one.owed_by, one.owes("ALFA"), one.owes("BRAVO")) == (
        "overdue", "BRAVO", False, True,
    )  # fmt: skip

    give(pair, "BRAVO", NEW_YEAR + 3 * DAY, case)
    assert stands(pair, NEW_YEAR + 4 * DAY) == {2027: {"ALFA": "met", "BRAVO": "late"}}
    (one,) = due(pair, NEW_YEAR + 4 * DAY)
    assert (one.state(NEW_YEAR + 4 * DAY), one.owed_by) == ("met", None)
    # Met by all it is told for a month, and then no more.
    assert not stands(pair, NEW_YEAR + 33 * DAY)


def test_who_was_not_heard_past_the_day_is_not_said_to_have_missed_it():
    pair = Pair(own())
    pair.line.sign(NEW_YEAR - HOUR)
    pair.line.sign(NEW_YEAR + DAY + HOUR, 0)
    assert stands(pair, NEW_YEAR + 2 * DAY) == {2027: {"ALFA": "unmet", "BRAVO": "unheard"}}


def test_an_entry_dated_back_is_late_where_its_author_had_signed_without_it():
    pair = Pair(own())
    case = opened(pair, NEW_YEAR - 20 * DAY)
    pair.line.sign(NEW_YEAR + DAY)
    give(pair, "ALFA", NEW_YEAR - HOUR, case)
    assert stands(pair, NEW_YEAR + 2 * DAY)[2027]["ALFA"] == "late"


def test_what_is_too_early_of_another_series_or_taken_back_does_not_count():
    pair = Pair(own(named={"series": "lists"}))
    other = opened(pair, NEW_YEAR - 20 * DAY, "harbours")
    give(pair, "ALFA", NEW_YEAR - DAY, other)
    early = opened(pair, NEW_YEAR - 20 * DAY)
    give(pair, "ALFA", NEW_YEAR - 15 * DAY, early)
    at = NEW_YEAR - 10 * HOUR
    assert stands(pair, at)[2027]["ALFA"] == "due"
    case = opened(pair, at)
    given = give(pair, "ALFA", at, case)
    assert stands(pair, at)[2027]["ALFA"] == "met"
    name = pair.registers(at).name_of(given)
    pair.say("ALFA/OPS", at + 60, "correction.withdraw", {"target": name})
    assert stands(pair, at + 61)[2027]["ALFA"] == "due"


def test_one_may_meet_a_day_for_all():
    pair = Pair(own(who="any"))
    case = opened(pair, NEW_YEAR - DAY)
    give(pair, "BRAVO", NEW_YEAR - DAY, case)
    assert stands(pair, NEW_YEAR)[2027] == {"ALFA": "met", "BRAVO": "met"}


def test_a_sealed_list_counts_when_opened_as_it_was_sealed():
    pair = Sealers()
    pair.line.profile = load("inpk1988")
    terms = {"series": "works", "due": "2027-01-01T05:30:00Z"}
    case = pair.do("ALFA/OPS", NEW_YEAR - DAY, "list_exchange.commit", terms | {"rows": OURS})
    pair.do(
        "BRAVO/OPS", NEW_YEAR - DAY, "list_exchange.commit", terms | {"rows": THEIRS}, case=case
    )
    assert stands(pair, NEW_YEAR)[2027] == {"ALFA": "due", "BRAVO": "due"}
    at = NEW_YEAR + 6 * HOUR
    pair.do("ALFA/OPS", at, "list_exchange.reveal", case=case)
    pair.do("BRAVO/OPS", at, "list_exchange.reveal", {"rows_changed": 1}, case=case)
    assert stands(pair, at)[2027] == {"ALFA": "met", "BRAVO": "due"}


def test_a_day_before_the_channel_was_is_nobodys():
    pair = Pair(own())
    assert not stands(pair, int(parse_instant("2026-03-02T00:00:00Z")))


def test_an_unmet_day_is_told_until_entries_count_for_the_next():
    pair = Pair(own())
    assert list(stands(pair, NEW_YEAR + 300 * DAY)) == [2027]
    assert list(stands(pair, NEW_YEAR + 365 * DAY - 14 * DAY)) == [2028]


def test_a_twin_of_the_desk_sees_the_same_from_nothing():
    pair = Pair(own())
    case = opened(pair, NEW_YEAR - DAY)
    give(pair, "BRAVO", NEW_YEAR - DAY, case)
    assert due(pair, NEW_YEAR) == Calendar().all(
        Talk(pair.line).registers(NEW_YEAR), until=NEW_YEAR + 31 * DAY, cases=False
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "ALFA not yet, BRAVO met"), ("zh", "ALFA 尚未办理，BRAVO 已按期办理")],
)
def test_the_file_for_calendar_programs_says_how_each_stands(language, said):
    pair = Pair(own())
    give(pair, "BRAVO", NEW_YEAR - DAY, opened(pair, NEW_YEAR - DAY))
    before = write_agenda(due(Pair(own()), NEW_YEAR), code="ALFA", moment=NEW_YEAR, language="en")
    text = write_agenda(due(pair, NEW_YEAR), code="ALFA", moment=NEW_YEAR, language=language)
    unfolded = text.replace("\r\n ", "").replace("\\,", ",")
    assert said in unfolded
    uid = next(line for line in unfolded.splitlines() if line.startswith("UID"))
    assert uid in before.replace("\r\n ", "")  # the same event, whatever happened since


@pytest.mark.parametrize(
    "rule",
    [
        [], {"by": []}, {"by": "exchange.give"}, {"who": "all"}, {"sure": "quite"},
        {"after": "PT1H"}, {"before": "soon"}, {"within": "P1D"}, {"named": ["series"]},
    ],
)  # fmt: skip
def test_a_rule_that_is_not_well_made_is_refused(rule):
    with pytest.raises(UsageError):
        if isinstance(rule, list):
            day = {"item": "l", "kind": "calendar", "value": "x", "sure": "A", "source": "y"}
            read("own", {"data": [day | {"yearly": ["01-01"], "met": rule}]})
        own(**rule)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"by": ["exchnge.give"]}, "no procedure"),
        ({"by": ["exchange.gave"]}, "no move"),
        ({"named": {"serie": "x"}}, "no opening entry"),
        ({"without": ["mismatches"]}, "no row"),
    ],
)
def test_a_rule_that_names_what_there_is_not_is_refused(rule, said):
    with pytest.raises(UsageError, match=said):
        check_names(own(**rule))


def test_only_a_live_entry_meets_a_day():
    line = Line("ALFA", "BRAVO", profile=own())
    talk = Talk(line)
    case = talk.say(
        line, "ALFA/OPS", NEW_YEAR - DAY, "exchange.open",
        {"series": "lists", "period": PERIOD}, to=("BRAVO/OPS",), marking="TEST",
    )  # fmt: skip
    talk.say(
        line, "ALFA/OPS", NEW_YEAR - DAY, "exchange.give", {"lines": []}, case=case, marking="TEST"
    )
    (channel,) = talk.registers(NEW_YEAR).channels
    (one,) = year_days(channel, NEW_YEAR, NEW_YEAR)
    assert one.stands[0].state == "due"
