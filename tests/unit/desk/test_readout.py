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
