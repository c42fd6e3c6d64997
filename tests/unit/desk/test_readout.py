"""Readouts: two accounts of one meeting side by side; replaced ones stay, silence denies nothing."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.errors import InvalidFieldsError
from support.desk_talk import START, two

HOUR, DAY = 3600, 86_400


def claim(kind, by, about):
    return {"kind": kind, "by": by, "about": about}


def met():
    talk, line = two()
    fields = {"began": rfc3339(START), "ended": rfc3339(START + HOUR)}
    at = START + HOUR
    meeting = talk.say(line, "ALFA/OPS", at, "meeting.hold", fields, to=["BRAVO/OPS"])
    talk.say(line, "BRAVO/OPS", at, "meeting.hold", fields, case=meeting)
    return talk, line, meeting


def give(talk, office, at, meeting, claims, **more):
    other = "BRAVO/OPS" if office.startswith("ALFA") else "ALFA/OPS"
    name = talk.registers(at).name_of(meeting)
    fields = {"of": name, "claims": claims, **more}
    return talk.say(talk.lines[0], office, at, "readout.give", fields, to=[other])


def row(talk, case, at=START + 30 * DAY):
    return talk.registers(at).row("readouts", case).values


def both():
    talk, line, meeting = met()
    ours = give(
        talk, "ALFA/OPS", START + DAY, meeting,
        [claim("said", "ALFA", "nets"), claim("undertook", "BRAVO", "lights")],
    )  # fmt: skip
    theirs = give(
        talk, "BRAVO/OPS", START + 7 * DAY, meeting,
        [claim("said", "BRAVO", "nets"), claim("asked", "BRAVO", "buoys")],
    )  # fmt: skip
    return talk, line, ours, theirs


def test_topics_of_both_sides_stand_side_by_side_and_what_one_omits_is_not_denied():
    talk, _, ours, _ = both()
    found = {one.field: one for one in talk.registers(START + 30 * DAY).comparison(ours)}
    assert found["topics.nets"].status == "agree"
    assert (found["topics.lights"].status, found["topics.lights"].side) == ("only_one_side", "ALFA")
    assert (found["topics.buoys"].status, found["topics.buoys"].side) == ("only_one_side", "BRAVO")
    assert {one.status for one in found.values()} == {"agree", "only_one_side"}


def test_the_row_counts_days_after_the_meeting_and_names_what_the_other_did_not_say():
    talk, _, ours, theirs = both()
    assert (row(talk, ours)["delay_days"], row(talk, theirs)["delay_days"]) == (1, 7)
    assert row(talk, ours)["both_say"] == ["nets"]
    assert row(talk, ours)["only_we_say"] == ["lights"]
    assert row(talk, ours)["unmatched"] == [claim("undertook", "BRAVO", "lights")]
    assert row(talk, theirs)["unmatched"] == []


def test_alone_there_is_nothing_to_compare():
    talk, _, meeting = met()
    ours = give(talk, "ALFA/OPS", START + DAY, meeting, [claim("said", "ALFA", "nets")])
    assert talk.registers(START + 2 * DAY).comparison(ours) == ()
    assert row(talk, ours)["only_we_say"] == []


def test_a_readout_replaced_by_a_correction_shows_by_what_and_only_its_author_may():
    talk, line, ours, _ = both()
    name = talk.registers(START).name_of(ours)
    fields = {"target": name, "changes": ["text", "claims"]}
    with pytest.raises(InvalidFieldsError, match="another party"):
        talk.say(line, "BRAVO/OPS", START + 8 * DAY, "correction.supersede", fields)
    place = talk.say(line, "ALFA/OPS", START + 8 * DAY, "correction.supersede", fields)
    found = row(talk, ours)
    assert found["state"] == "replaced"
    assert found["superseded_by"] == talk.registers(START).name_of(place)


def test_a_new_readout_in_its_place_is_what_is_compared():
    talk, line, ours, theirs = both()
    fields = {"claims": [claim("said", "ALFA", "buoys")]}
    talk.say(line, "ALFA/OPS", START + 8 * DAY, "readout.replace", fields, case=ours)
    assert row(talk, ours)["state"] == "replaced"
    assert row(talk, theirs)["both_say"] == ["buoys"]


# --- items that meet, and items that contradict ---


def told(ours, theirs):
    """Return a talk with both sides' readouts of one meeting."""
    talk, line, meeting = met()
    first = give(talk, "ALFA/OPS", START + DAY, meeting, ours)
    second = give(talk, "BRAVO/OPS", START + 2 * DAY, meeting, theirs)
    return talk, line, first, second


def statuses(talk, case, at=START + 30 * DAY):
    found = talk.registers(at).comparison(case)
    return {one.field: one.status for one in found if not one.field.startswith("topics.")}


def mark(talk, office, at, case, verdict="same"):
    fields = {"one": "nets", "other": "gear", "verdict": verdict}
    talk.say(talk.lines[0], office, at, "readout.mark", fields, case=case)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (claim("agreed", "BRAVO", "nets"), claim("agreed", "BRAVO", "nets") | {"not": True}),
        (claim("agreed", "BRAVO", "nets"), claim("refused", "BRAVO", "nets")),
        (claim("refused", "BRAVO", "nets"), claim("undertook", "BRAVO", "nets")),
        (claim("asked", "ALFA", "nets"), claim("asked", "ALFA", "nets") | {"not": True}),
    ],
)
def test_what_one_side_says_was_agreed_and_the_other_says_was_not_is_disputed(ours, theirs):
    talk, _, first, second = told([ours], [theirs])
    (name,) = statuses(talk, first)
    assert statuses(talk, first) == {name: "disputed"}
    assert list(statuses(talk, second).values()) == ["disputed"]
    values = next(
        one for one in talk.registers(START + 30 * DAY).comparison(first) if one.field == name
    ).values
    assert values == {"ALFA": ours, "BRAVO": theirs}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (claim("agreed", "BRAVO", "nets"), claim("refused", "ALFA", "nets")),
        (claim("said", "BRAVO", "nets"), claim("refused", "BRAVO", "nets")),
        (claim("agreed", "BRAVO", "nets"), claim("refused", "BRAVO", "nets") | {"not": True}),
        (claim("agreed", "BRAVO", "nets"), claim("refused", "BRAVO", "gear")),
    ],
)
def test_other_items_contradict_nothing(ours, theirs):
    talk, _, first, _ = told([ours], [theirs])
    assert set(statuses(talk, first).values()) == {"only_one_side"}


def test_numbers_and_dates_of_items_that_meet_are_compared():
    ours = claim("undertook", "BRAVO", "nets") | {"count": 5, "when": "2026-04-01"}
    theirs = claim("undertook", "BRAVO", "nets") | {"count": 7, "when": "2026-04-03"}
    talk, _, first, _ = told([ours], [theirs])
    found = {one.field: one for one in talk.registers(START + 30 * DAY).comparison(first)}
    name = "claims.undertook.BRAVO.nets"
    assert found[name].status == "agree"
    assert (found[f"{name}.count"].status, found[f"{name}.count"].by) == ("differ", {"count": 2})
    assert found[f"{name}.when"].status == "differ"
    assert found[f"{name}.when"].by == {"seconds": DAY + 1}


def test_matters_that_officers_mark_as_one_are_compared_until_one_says_that_they_are_not():
    ours, theirs = claim("agreed", "BRAVO", "nets"), claim("refused", "BRAVO", "gear")
    talk, _, first, second = told([ours], [theirs])
    mark(talk, "ALFA/OPS", START + 3 * DAY, second)
    assert statuses(talk, first) == {
        "claims.agreed.BRAVO.gear": "disputed", "marked.gear.nets": "only_one_side",
    }  # fmt: skip
    assert row(talk, first)["both_say"] == ["nets"]
    mark(talk, "BRAVO/OPS", START + 4 * DAY, first)
    assert statuses(talk, first)["marked.gear.nets"] == "agree"
    mark(talk, "BRAVO/OPS", START + 5 * DAY, second, "apart")
    assert sorted(statuses(talk, first).values()) == ["disputed", "only_one_side", "only_one_side"]
    assert statuses(talk, first)["marked.gear.nets"] == "disputed"
    # Whoever looks at the other's case sees the same, in the other order of sides.
    assert sorted(statuses(talk, second).values()) == sorted(statuses(talk, first).values())


def test_other_kinds_of_a_matter_that_is_marked_differ():
    talk, _, first, _ = told([claim("said", "BRAVO", "nets")], [claim("asked", "BRAVO", "gear")])
    mark(talk, "ALFA/OPS", START + 3 * DAY, first)
    assert statuses(talk, first)["claims.said.BRAVO.gear"] == "differ"


def test_a_matter_is_not_marked_as_one_with_itself():
    talk, line, first, _ = told([claim("said", "BRAVO", "nets")], [])
    fields = {"one": "nets", "other": "nets", "verdict": "same"}
    with pytest.raises(InvalidFieldsError, match="the two that the accounts call differently"):
        talk.say(line, "ALFA/OPS", START + 3 * DAY, "readout.mark", fields, case=first)
