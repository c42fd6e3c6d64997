"""Moves that belong to the party that a field names: refused in a draft, irregular in a record."""

from __future__ import annotations

import pytest

from parley.core.entry import F_CASE
from parley.desk.actors import By, Named
from parley.desk.fields import party
from parley.desk.procedure import Go, Move, Procedure, put, state, words
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, Pair

MAKE = {"what": {"en": "Move the nets"}, "due": "none"}
KIND_DONE, KIND_MAKE = 2601, 2600


def made(owner, *codes):
    pair = Pair(None, *codes)
    return pair, pair.say("ALFA/OPS", START, "commitment.make", {**MAKE, "owner": owner})


@pytest.mark.parametrize("owner", ["BRAVO", "BRAVO/OPS"])
def test_only_the_owner_says_that_it_is_done_and_only_another_accepts(owner):
    pair, case = made(owner)
    with pytest.raises(MoveNotPermittedError, match="the party named in `owner`"):
        pair.say("ALFA/OPS", START + 1, "commitment.done", case=case)
    pair.say("BRAVO/OPS", START + 2, "commitment.begin", case=case)
    pair.say("BRAVO/OPS", START + 3, "commitment.done", case=case)
    with pytest.raises(MoveNotPermittedError, match="a party not named in `owner`"):
        pair.say("BRAVO/OPS", START + 4, "commitment.accept_done", case=case)
    reason = {"reason_text": "The nets are still there."}
    pair.say("ALFA/OPS", START + 5, "commitment.dispute", reason, case=case)
    with pytest.raises(MoveNotPermittedError):
        pair.say("BRAVO/OPS", START + 6, "commitment.accept_done", case=case)
    pair.say("ALFA/OPS", START + 7, "commitment.accept_done", case=case)
    assert pair.row("commitments", case, START + 8)["state"] == "accepted done"


def test_a_commitment_of_both_may_be_called_done_by_either_and_is_accepted_by_the_other():
    pair, case = made("both")
    pair.say("BRAVO/OPS", START + 1, "commitment.done", case=case)
    with pytest.raises(MoveNotPermittedError):
        pair.say("BRAVO/OPS", START + 2, "commitment.accept_done", case=case)
    pair.say("ALFA/OPS", START + 3, "commitment.accept_done", case=case)


@pytest.mark.parametrize(("owner", "said"), [("CHARLIE", "ALFA, BRAVO, both"), ("all", "both")])
def test_an_owner_that_is_no_party_to_the_case_is_refused_with_those_that_are(owner, said):
    with pytest.raises(InvalidFieldsError, match=said):
        made(owner)


def test_an_owner_on_the_channel_has_to_be_addressed():
    pair = Pair(None, "ALFA", "BRAVO", "CHARLIE")
    fields = {**MAKE, "owner": "CHARLIE"}
    with pytest.raises(InvalidFieldsError, match="ask a desk of it to act"):
        pair.say("ALFA/OPS", START, "commitment.make", fields, to=["BRAVO/OPS"])
    pair.say("ALFA/OPS", START, "commitment.make", fields, to=["BRAVO/OPS", "CHARLIE/OPS"])


def test_what_a_stranger_writes_for_the_owner_is_kept_irregular_with_the_reason():
    pair, case = made("BRAVO")
    pair.line.raw(0, START + 1, kind=KIND_DONE, fields={F_CASE: [0, case.index]})
    registers = pair.registers(START + 2)
    assert [one.code for one in registers.irregular] == ["wrong_party"]
    assert "the party named in `owner`" in registers.irregular[0].sentence["en"]
    assert pair.row("commitments", case, START + 2)["state"] == "made"


def test_an_owner_off_the_channel_opens_no_case_in_the_record():
    pair = Pair()
    fields = {32: [["en", "Move the nets"]], 33: "CHARLIE", 34: "none"}
    pair.line.raw(0, START, kind=KIND_MAKE, fields=fields)
    registers = pair.registers(START + 1)
    assert [one.code for one in registers.irregular] == ["not_in_case"]
    assert not registers.rows("commitments")


def test_the_office_invited_answers_and_is_never_the_inviters_own():
    pair = Pair(None, "ALFA", "BRAVO", "CHARLIE")
    asked = {"invitee": "BRAVO/MFA", "place": "Pier 4"}
    case = pair.say("ALFA/OPS", START, "visit.invite", asked)
    with pytest.raises(MoveNotPermittedError, match="the party named in `invitee`"):
        pair.say("CHARLIE/OPS", START + 1, "visit.accept", case=case)
    pair.say("BRAVO/OPS", START + 2, "visit.accept", case=case)
    with pytest.raises(InvalidFieldsError, match="BRAVO, CHARLIE"):
        pair.say("ALFA/OPS", START + 3, "visit.invite", {**asked, "invitee": "ALFA/MFA"})


@pytest.mark.parametrize(
    ("move", "more"),
    [
        ("office.fill", {"holder": "One"}),
        ("office.new_key", {"key": "0" * 64}),
        ("office.vacate", {}),
    ],
)
def test_a_party_announces_its_own_offices_and_keys_alone(move, more):
    with pytest.raises(InvalidFieldsError, match="BRAVO is another party"):
        Pair().say("ALFA/OPS", START, move, {"office": "BRAVO/OPS", **more})


def test_an_acknowledgement_speaks_for_a_desk_of_its_own_party():
    pair, case = made("BRAVO")
    given = {"rung": 2, "desk": "ALFA/OPS"}
    with pytest.raises(InvalidFieldsError, match="ALFA is another party"):
        pair.say("BRAVO/OPS", START + 1, "ack.give", given, case=case)


def test_a_declaration_whose_openings_lack_the_field_is_refused():
    def declared(**more):
        return Procedure(
            name="thing",
            code="P99",
            prefix="THG",
            words=words("thing", "事项"),
            states=(state("a", "a", "甲"), state("b", "b", "乙", final=True)),
            moves=(
                Move(name="o", kind=9901, words=words("o", "始"), opens="yes", initial="a", **more),
                Move(
                    name="e",
                    kind=9902,
                    words=words("e", "止"),
                    by=Named(field="host", otherwise=By.ADDRESSEE),
                    go=(Go("a", "b"),),
                ),
            ),
        )

    declared(fields=(put("host", 32, party(), "host", "东道方"),))
    with pytest.raises(AssertionError, match="host"):
        declared()
