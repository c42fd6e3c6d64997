"""A case number means a case of its kind, on whichever of several channels it stands."""

import pytest

from parley.errors import NotFoundError
from support.desk_talk import REQUEST, START, Line, Talk

SITE = {
    "statement": {"en": "The pier is ours."},
    "firmness": "principle",
    "topics": [{"en": "pier"}],
}


def talk_on_two():
    lines = (Line("ALFA", "BRAVO", code="OPS"), Line("ALFA", "BRAVO", "CHARLIE", code="TRI"))
    return Talk(*lines), *lines


def asked(talk, line, at=START):
    return talk.say(line, "ALFA/OPS", at, "request.open", REQUEST, to=["BRAVO/OPS"])


def test_a_case_of_another_kind_at_the_same_place_of_another_channel_is_not_meant():
    talk, ops, tri = talk_on_two()
    request = asked(talk, ops)
    talk.say(tri, "ALFA/OPS", START, "position.state", SITE, to=["BRAVO/OPS"])

    assert talk.registers(START + 60).case("REQ-ALFA-1").place == request
    talk.say(
        ops, "BRAVO/OPS", START + 60, "request.decline", {"reason": "scheduling"}, case="REQ-ALFA-1"
    )
    assert talk.registers(START + 120).case("REQ-ALFA-1").state == "declined"


def test_an_answer_is_given_on_its_own_channel_and_a_reader_must_say_which():
    talk, ops, tri = talk_on_two()
    places = [asked(talk, line) for line in (ops, tri)]

    with pytest.raises(NotFoundError, match="several channels"):
        talk.registers(START + 60).case("REQ-ALFA-1")
    talk.say(
        tri, "BRAVO/OPS", START + 60, "request.decline", {"reason": "scheduling"}, case="REQ-ALFA-1"
    )
    now = talk.registers(START + 120)
    assert [now.case(place).state for place in places] == ["pending", "declined"]
