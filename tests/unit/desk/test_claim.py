"""Claims: one side counts; the record's own count stands beside it and is never changed by it."""

from __future__ import annotations

import pytest

from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import REQUEST, START, Line, Talk, two

HOUR, DAY = 3600, 86_400
WHAT = {"what": {"en": "Requests without an answer"}}


def with_requests(count=3, answered=1):
    talk, line = two()
    for place in range(count):
        at = START + place * DAY
        fields = {**REQUEST, "reply_by": "PT2H"}
        case = talk.say(line, "ALFA/CHIEF", at, "request.open", fields, to=["BRAVO/CHIEF"])
        if place < answered:
            reason = {"reason": "no-reason"}
            talk.say(line, "BRAVO/CHIEF", at + HOUR, "request.decline", reason, case=case)
        line.sign(at + 3 * HOUR)
    return talk, line


def claimed(talk, line, **fields):
    return talk.say(line, "ALFA/OPS", START + 20 * DAY, "claim.state", WHAT | fields)


def row(talk, case):
    return talk.registers(START + 21 * DAY).row("claims", case).values


@pytest.mark.parametrize(
    ("scope", "provable"),
    [
        ({"register": "requests"}, 3),
        ({"register": "requests", "fate": ["lapsed"]}, 2),
        ({"register": "requests", "fate": ["lapsed", "declined"], "by": ["ALFA"]}, 3),
        ({"register": "requests", "by": ["ALFA/OPS"]}, 0),
        ({"register": "requests", "since": "2026-03-02"}, 2),
        ({"register": "requests", "to": ["BRAVO/CHIEF"]}, 3),
        ({"register": "nothing of the kind"}, 0),
    ],
)
def test_the_record_is_counted_over_the_scope_that_was_claimed(scope, provable):
    talk, line = with_requests()
    found = row(talk, claimed(talk, line, at_least=13, scope=scope))
    assert (found["claimed_at_least"], found["provable"]) == (13, provable)
    assert found["gap_at_least"] == 13 - provable


def test_a_claim_below_what_the_record_shows_has_no_gap():
    talk, line = with_requests()
    assert (
        row(talk, claimed(talk, line, at_least=1, scope={"register": "requests"}))["gap_at_least"]
        == 0
    )


def test_a_claim_without_a_scope_is_not_counted_against_anything():
    talk, line = with_requests()
    found = row(talk, claimed(talk, line, at_least=13))
    assert (found["provable"], found["gap_at_least"]) == (None, None)


def test_a_claim_adds_no_rows_and_moves_no_counts():
    talk, line = with_requests()
    before = [dict(r.values) for r in talk.registers(START + 21 * DAY).rows("requests")]
    case = claimed(talk, line, at_least=13, scope={"register": "requests"})
    after = [dict(r.values) for r in talk.registers(START + 21 * DAY).rows("requests")]
    assert before == after
    assert row(talk, case)["rows_added"] == 0


def test_cancelled_channels_are_counted_once_each():
    lines = [Line("ALFA", "BRAVO", code=f"C{n}") for n in range(3)]
    talk = Talk(*lines)
    for line in lines[:2]:
        act = {"cause": {"en": "Storm"}, "scope": "series"}
        talk.say(line, "BRAVO/OPS", START, "channel.cancel_session", act)
    case = claimed(
        talk, lines[0], at_least=2, scope={"register": "channels", "state": ["cancelled"]}
    )
    found = row(talk, case)
    assert (found["channels_cancelled"], found["provable"], found["gap_at_least"]) == (2, 2, 0)


def test_only_its_author_withdraws_a_claim():
    talk, line = with_requests()
    case = claimed(talk, line)
    with pytest.raises(MoveNotPermittedError, match="opened the case"):
        talk.say(line, "BRAVO/OPS", START + 20 * DAY, "claim.withdraw", {}, case=case)
    talk.say(line, "ALFA/OPS", START + 20 * DAY, "claim.withdraw", {}, case=case)
    assert row(talk, case)["state"] == "withdrawn"


def test_a_claim_says_what_it_claims():
    talk, line = two()
    with pytest.raises(InvalidFieldsError, match="what"):
        talk.say(line, "ALFA/OPS", START, "claim.state", {"at_least": 3})
