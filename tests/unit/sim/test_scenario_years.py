"""Histories of years: what a day without an event costs, and what is remembered of signatures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parley.core.instants import Instant
from parley.core.statement import Statement, sign_statement, verify_statement
from parley.errors import SignatureError
from parley.sim.people import make_identity
from parley.sim.scenario.claims import check
from parley.sim.scenario.loader import read_scenario
from parley.sim.scenario.player import play

DAYS = 60
HISTORY = """\
scenario: quiet-line
version: 1
mark: SIMULATION
title: {en: A quiet line, zh: 安静的线路}
about: {en: One message and two months without a word., zh: 一条电文，此后两个月无言。}
clock: {start: "2024-01-01T00:00:00Z", cutoff: "2024-03-01T00:00:00Z"}
parties:
  ALFA: {name: {en: Alfa}, languages: [en], desks: {OPS: {office: {en: Desk}}}}
  BRAVO: {name: {en: Bravo}, languages: [en], desks: {OPS: {office: {en: Desk}}}}
channels:
  ops: {parties: [ALFA, BRAVO], purpose: {en: Test}, basis: x}
events:
  - {id: M1, at: "2024-01-01T03:00:00Z", by: ALFA/OPS, to: [BRAVO/OPS], channel: ops, do: message.send, sure: S,
     with: {subject: {en: Hello}, answer_wanted: none}}
expect: [{identical: registers}]
"""


@pytest.mark.parametrize("seed", [None, 7])
def test_a_day_without_an_event_costs_the_same_whether_or_not_its_last_statement_is_lost(seed):
    played = play(read_scenario(HISTORY, "quiet.yaml").scenario(), seed=seed)

    registers = [played.stage.registers(code).encode() for code in ("ALFA", "BRAVO")]
    assert registers[0] == registers[1]
    # With links up for 15 minutes after each lost statement it was 350 a day.
    assert played.stage.world.frames < DAYS * 60


def test_what_was_accepted_once_lets_no_other_signature_pass():
    alfa, bravo = make_identity("ALFA"), make_identity("BRAVO")
    said = Statement(
        channel=b"c" * 32, party=alfa.card.party, inc=b"i" * 8, size=0, root=b"r" * 32, no=0,
        time=Instant(1_700_000_000),
    )  # fmt: skip
    signed = sign_statement(said, key_number=0, signer=alfa.signer)
    key = alfa.signer.public_key
    for _ in range(2):
        verify_statement(signed, key)
        for wrong in (
            replace(signed, signature=bytes([signed.signature[0] ^ 1]) + signed.signature[1:]),
            replace(signed, statement=replace(said, size=1)),
        ):
            with pytest.raises(SignatureError):
                verify_statement(wrong, key)
        with pytest.raises(SignatureError):
            verify_statement(signed, bravo.signer.public_key)


QUESTION = HISTORY.replace(
    "expect: [{identical: registers}]",
    """\
  - {id: Q1, at: "2024-01-10T09:00:00Z", by: ALFA/OPS, to: [BRAVO/OPS], channel: ops,
     do: request.open, sure: S, with: {form: call, level: x, topics: [{en: A}], reply_by: PT4H}}
expect:
  - {at: "2024-01-10T13:30:00Z", register: requests, case: Q1, shows: {lapse: silent}}
""",
)


def test_in_a_history_of_years_a_station_on_the_line_is_heard_before_each_question():
    played = play(read_scenario(QUESTION, "quiet.yaml").scenario())
    (verdict, _) = [v for v in check(played, lambda *_: True) if "register" in v.claim]
    assert verdict.status == "holds", verdict.why
