"""Questions about unusual activity: point by point, by their clocks, with a meeting or without."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.desk.profiles import Profile, load
from parley.errors import MoveNotPermittedError
from support.desk_talk import START, Pair

HOUR, DAY = 3600, 86_400
ASK = {
    "activity": {"en": "Barges gather at pier 4"},
    "where": {"area": "Pier 4"},
    "since": rfc3339(START - DAY),
    "concern": {"en": "No notice was given"},
    "questions": [{"en": "How many?"}, {"en": "Until when?"}, {"en": "Whose?"}],
}


def asked(profile=None, codes=(), **more):
    pair = Pair(profile or load("default"), *codes)
    case = pair.say("ALFA/OPS", START, "query.ask", {**ASK, **more}, to=["BRAVO/OPS"])
    return pair, case


def test_a_partial_answer_does_not_close_the_case_and_counts_by_question():
    pair, case = asked()
    answers = [{"question": 1, "text": {"en": "Four"}}, {"question": 3, "kind": "decline"}]
    pair.say("BRAVO/OPS", START + HOUR, "query.answer", {"answers": answers}, case=case)
    found = pair.row("queries", case, START + 2 * HOUR)
    assert (found["state"], found["answered"], found["questions"]) == ("answered in part", 2, 3)
    rest = [{"question": 2, "kind": "does-not-apply"}]
    pair.say("BRAVO/OPS", START + 2 * HOUR, "query.answer", {"answers": rest}, case=case)
    assert pair.row("queries", case, START + 3 * HOUR)["state"] == "answered in full"


@pytest.mark.parametrize(("after", "state"), [(48 * HOUR - 1, "asked"), (48 * HOUR, "lapsed")])
def test_an_answer_is_due_48_hours_after_delivery(after, state):
    pair, case = asked(load("vd2011"))
    found = pair.row("queries", case, START + after)
    assert (found["state"], found["owed"]) == (state, True)
    assert found["due"] == rfc3339(START + 48 * HOUR)


def test_an_urgent_question_has_a_clock_of_its_own():
    profile = Profile.make(
        "five", owed=True, clocks={"query.reply_by": 7 * DAY, "query.urgent": 2 * DAY}
    )
    for urgent, days in ((True, 2), (False, 7)):
        pair, case = asked(profile, urgent=urgent)
        assert pair.row("queries", case, START)["due"] == rfc3339(START + days * DAY)


def test_a_late_answer_keeps_the_lapse():
    pair, case = asked()
    pair.line.sign(START + 3 * DAY)
    pair.say("BRAVO/OPS", START + 4 * DAY, "query.answer", {"answers": ["Four"]}, case=case)
    found = pair.row("queries", case, START + 5 * DAY)
    assert (found["state"], found["lapse"], found["answered_late"]) == (
        "answered in part",
        "silent",
        True,
    )


def test_asking_again_is_a_new_round_and_at_most_three_are_asked():
    pair, case = asked()
    for round_ in (1, 2):
        fields = {"questions": [{"en": "How many, again?"}]}
        pair.say("ALFA/OPS", START + round_ * HOUR, "query.ask_again", fields, case=case)
    found = pair.row("queries", case, START + 3 * HOUR)
    assert (found["rounds"], found["questions"], found["answered"]) == (3, 1, 0)
    with pytest.raises(MoveNotPermittedError, match="at most 2 times"):
        pair.say("ALFA/OPS", START + 3 * HOUR, "query.ask_again", fields, case=case)


def test_others_may_join_and_only_the_addressee_answers():
    pair, case = asked(codes=("ALFA", "BRAVO", "CHARLIE"))
    pair.say("CHARLIE/OPS", START + HOUR, "query.join", case=case)
    assert pair.row("queries", case, START + HOUR)["askers"] == ["ALFA", "CHARLIE"]
    with pytest.raises(MoveNotPermittedError):
        pair.say("CHARLIE/OPS", START + HOUR, "query.answer", {"answers": ["Four"]}, case=case)


@pytest.mark.parametrize(
    ("held", "state", "attended"), [(True, "held", True), (False, "not attended", False)]
)
def test_a_meeting_asked_for_is_held_or_not_attended(held, state, attended):
    pair, case = asked()
    pair.say("ALFA/OPS", START + HOUR, "query.ask_meeting", case=case)
    fix = {
        "title": {"en": "On the barges"},
        "venue": "Pier 4",
        "windows": [[rfc3339(START + DAY), rfc3339(START + 2 * DAY)]],
        "query": pair.name(case),
    }
    meeting = pair.say("ALFA/OPS", START + 2 * HOUR, "meeting.fix", fix)
    if held:
        span = {"began": rfc3339(START + DAY), "ended": rfc3339(START + DAY + HOUR)}
        for office in ("ALFA/OPS", "BRAVO/OPS"):
            pair.say(office, START + 2 * DAY, "meeting.hold", span, case=meeting)
    else:
        pair.say("ALFA/OPS", START + 2 * DAY, "meeting.not_attended", case=meeting)
    found = pair.row("queries", case, START + 3 * DAY)
    assert (found["state"], found["attended"]) == (state, attended)
    assert found["meeting"] == pair.name(meeting)


def test_a_refusal_has_a_reason_and_can_be_followed_by_an_answer():
    pair, case = asked()
    no = {"reason": "not-this-mechanism", "mechanism": "Pier council"}
    pair.say("BRAVO/OPS", START + HOUR, "query.decline", no, case=case)
    assert pair.row("queries", case, START + HOUR)["reason"] == "not-this-mechanism"
    pair.say("BRAVO/OPS", START + 2 * HOUR, "query.answer", {"answers": ["4", "5", "6"]}, case=case)
    assert pair.row("queries", case, START + 3 * HOUR)["state"] == "answered in full"
    pair.say("ALFA/OPS", START + 4 * HOUR, "query.close", case=case)
    assert pair.row("queries", case, START + 5 * HOUR)["state"] == "closed"


def test_askers_who_meet_among_themselves_have_not_met_with_who_was_asked():
    pair, case = asked(load("vd2011"), codes=("ALFA", "BRAVO", "DELTA"))
    pair.line.sign(START + 49 * HOUR)
    pair.say("BRAVO/OPS", START + 60 * HOUR, "query.answer", {"answers": ["Four"]}, case=case)
    pair.say("ALFA/OPS", START + 61 * HOUR, "query.ask_meeting", case=case)
    span = {"began": rfc3339(START + 70 * HOUR), "ended": rfc3339(START + 71 * HOUR)}
    hold = {**span, "title": {"en": "On it"}, "venue": "Pier 4", "query": pair.name(case)}
    to = ["DELTA/OPS"]
    meeting = pair.say("ALFA/OPS", START + 72 * HOUR, "meeting.hold", hold, to=to)
    pair.say("DELTA/OPS", START + 73 * HOUR, "meeting.hold", span, case=meeting)
    pair.line.sign(START + 200 * HOUR)

    found = pair.row("queries", case, START + 200 * HOUR)
    assert (found["state"], found["attended"]) == ("not attended", False)
    # That the meeting was let pass does not make the late answer a timely one.
    assert (found["answered_late"], found["lapsed_first"]) == (True, True)
