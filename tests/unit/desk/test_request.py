"""Requests: asked, answered, declined, or proved to have had no answer."""

from __future__ import annotations

import pytest

from parley.core.instants import Instant
from parley.desk.desk import registers
from parley.desk.profiles import Profile
from parley.desk.record import ChannelView
from parley.desk.rules import MoveDraft, build_move, permitted_moves
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import REQUEST, START, Line, Talk, two

HOUR = 3600
OWED = Profile.make("pier", owed=True, clocks={"request.reply_by": 4 * HOUR})


def opened(profile=OWED, **fields):
    talk, line = two(profile)
    case = talk.say(
        line, "ALFA/CHIEF", START + 60, "request.open", {**REQUEST, **fields}, to=["BRAVO/CHIEF"]
    )
    return talk, line, case


def test_a_request_is_pending_once_the_other_station_signed_that_it_holds_it():
    talk, _, case = opened()

    row = talk.registers(START + 120).row("requests", case)

    assert (row["state"], row["fate"], row["owed"]) == ("pending", "open", True)


def test_silence_is_proved_by_a_signature_past_the_due_time():
    talk, line, case = opened()
    line.sign(START + 60 + 4 * HOUR)

    row = talk.registers(START + 5 * HOUR).row("requests", case)

    assert (row["state"], row["lapse"]) == ("lapsed", "silent")
    assert [proof.claim for proof in row.proofs] == ["lapsed"]
    assert len(row.proofs[0].statements) == 3


def test_without_a_later_signature_the_other_side_is_dark_and_nothing_is_proved():
    talk, _, case = opened()

    row = talk.registers(START + 5 * HOUR).row("requests", case)

    assert (row["state"], row["lapse"]) == ("lapsed", "dark")
    assert row.proofs[0].claim == "dark"


def test_what_was_never_receipted_has_not_lapsed():
    talk, line = two(OWED)
    line.cut.add((0, 1))
    case = talk.say(line, "ALFA/CHIEF", START + 60, "request.open", REQUEST, to=["BRAVO/CHIEF"])
    line.sign(START + 9 * HOUR)

    early = talk.registers(START + 9 * HOUR).row("requests", case).values
    late = talk.registers(START + 8 * 86_400).row("requests", case).values

    assert (early["state"], early["lapse"]) == ("sent", None)
    assert (late["state"], late["fate"], late["lapse"]) == ("undelivered", "undelivered", None)


def test_a_late_answer_keeps_both_facts():
    talk, line, case = opened()
    line.sign(START + 5 * HOUR)
    talk.say(
        line,
        "BRAVO/CHIEF",
        START + 6 * HOUR,
        "request.decline",
        {"reason": "scheduling"},
        case=case,
    )

    row = talk.registers(START + 7 * HOUR).row("requests", case)

    assert (row["state"], row["lapsed_first"], row["lapse"]) == ("declined", True, "silent")


def test_an_answer_in_time_is_no_lapse_however_late_it_arrives():
    talk, line, case = opened()
    talk.say(
        line,
        "BRAVO/CHIEF",
        START + 2 * HOUR,
        "request.accept",
        {"time": "2026-03-02T00:00:00Z"},
        case=case,
    )
    line.sign(START + 9 * HOUR)

    row = talk.registers(START + 9 * HOUR).row("requests", case)

    assert (row["state"], row["lapse"], row["lapsed_first"]) == ("accepted", None, False)


def test_a_wish_alone_makes_an_answer_asked_for_and_not_owed():
    talk, line, case = opened(profile=None, reply_by="PT2H")
    line.sign(START + 3 * HOUR)

    registers = talk.registers(START + 3 * HOUR)

    assert registers.row("requests", case)["owed"] is False
    balance = registers.balances()[0]
    assert (balance.debtor, balance.lapsed, balance.asked_lapsed) == ("BRAVO", 0, 1)


def test_the_profiles_clock_wins_over_a_shorter_wish():
    talk, line, case = opened(reply_by="PT1H")
    line.sign(START + 2 * HOUR)

    assert talk.registers(START + 2 * HOUR).row("requests", case)["state"] == "pending"


def test_a_period_in_the_charter_is_owed():
    line = Line("ALFA", "BRAVO", terms={1: [7200]})
    talk = Talk(line)
    case = talk.say(line, "ALFA/OPS", START + 60, "request.open", {**REQUEST, "reply_by": "PT2H"})

    assert talk.registers(START + 120).row("requests", case)["owed"] is True


def test_a_reason_that_comes_afterwards_is_kept_beside_the_first():
    talk, line, case = opened()
    talk.say(
        line, "BRAVO/CHIEF", START + HOUR, "request.decline", {"reason": "no-reason"}, case=case
    )
    talk.say(
        line,
        "BRAVO/CHIEF",
        START + 2 * HOUR,
        "request.give_reason",
        {"reason": "atmosphere"},
        case=case,
    )

    row = talk.registers(START + 3 * HOUR).row("requests", case)

    assert (row["reason_first"], row["reason"], row["reason_later"]) == (
        "no-reason",
        "atmosphere",
        True,
    )


def test_the_opener_cannot_decline_its_own_request():
    talk, line, case = opened()

    with pytest.raises(MoveNotPermittedError) as refused:
        talk.say(
            line, "ALFA/CHIEF", START + HOUR, "request.decline", {"reason": "scheduling"}, case=case
        )

    assert "request.withdraw" in refused.value.permitted
    assert "request.decline" not in refused.value.permitted


def test_a_decline_needs_one_of_the_coded_reasons():
    talk, line, case = opened()

    with pytest.raises(InvalidFieldsError, match="because is not one of"):
        talk.say(
            line, "BRAVO/CHIEF", START + HOUR, "request.decline", {"reason": "because"}, case=case
        )


def test_an_accepted_time_lies_in_an_offered_window():
    talk, line, case = opened(windows=[["2026-03-01T10:00:00Z", "2026-03-01T12:00:00Z"]])

    with pytest.raises(InvalidFieldsError, match="none of the windows"):
        talk.say(
            line,
            "BRAVO/CHIEF",
            START + HOUR,
            "request.accept",
            {"time": "2026-03-01T12:00:00Z"},
            case=case,
        )


def test_a_counter_must_change_a_term():
    talk, line, case = opened(place="Pier 4")

    with pytest.raises(InvalidFieldsError, match="Nothing differs"):
        talk.say(
            line, "BRAVO/CHIEF", START + HOUR, "request.counter", {"place": "Pier 4"}, case=case
        )


def test_a_counter_starts_a_clock_for_the_other_side():
    talk, line, case = opened()
    talk.say(line, "BRAVO/CHIEF", START + HOUR, "request.counter", {"form": "letters"}, case=case)
    line.sign(START + 9 * HOUR)

    clocks = talk.registers(START + 9 * HOUR).clocks

    assert [(clock.owes, clock.state) for clock in clocks] == [
        ("BRAVO", "answered"),
        ("ALFA", "lapsed silent"),
    ]


def test_withdrawing_and_accepting_that_cross_leave_the_request_accepted():
    talk, line, case = opened()
    line.cut |= {(0, 1), (1, 0)}
    talk.say(line, "ALFA/CHIEF", START + HOUR, "request.withdraw", case=case)
    built = built_unseen(line, "request.accept", {"time": "2026-03-02T00:00:00Z"}, case)
    line.write(1, START + HOUR + 5, built)
    line.cut.clear()
    line.exchange(START + 2 * HOUR)

    registers = talk.registers(START + 2 * HOUR)

    assert registers.row("requests", case)["state"] == "accepted"
    assert registers.row("requests", case)["crossed"] is True
    assert registers.irregular == ()


def built_unseen(line, move, fields, case, at=None):
    """Build a move as BRAVO would that has not seen ALFA's last entry."""
    seen = [p for p in line.entries if p.party == 1 or p.index < line.held[1][0]]
    if at is not None:
        seen = [p for p in seen if p.party == 0 or p.index <= at]
    view = ChannelView(
        charter=line.charter,
        codes=line.codes,
        entries=seen,
        statements=line.statements,
        profile=line.profile,
    )
    draft = MoveDraft(
        move=move, party=1, desk="CHIEF", fields=fields, case=case, moment=Instant(START + HOUR)
    )
    return build_move(registers([view], Instant(START + HOUR)), view, draft)


def test_two_counters_that_cross_both_stand_and_the_asker_chooses():
    talk, line, case = opened()
    talk.say(line, "BRAVO/CHIEF", START + HOUR, "request.counter", {"form": "letters"}, case=case)
    line.cut |= {(0, 1), (1, 0)}
    theirs = built_unseen(line, "request.counter", {"form": "letters"}, case, at=0)
    talk.say(
        line, "ALFA/CHIEF", START + 2 * HOUR, "request.counter", {"place": "Pier 4"}, case=case
    )
    theirs.fields[32] = 0
    line.write(1, START + 2 * HOUR, theirs)
    line.cut.clear()
    line.exchange(START + 3 * HOUR)

    registers = talk.registers(START + 3 * HOUR)

    assert registers.row("requests", case)["state"] == "counters crossed"
    open_to = {code: moves_open(registers, line, case, n) for n, code in enumerate(line.codes)}
    assert "request.accept" in open_to["ALFA"]
    assert "request.accept" not in open_to["BRAVO"]


def moves_open(registers, line, case, party):
    found = permitted_moves(registers, case, party, line.charter.channel_id)
    return {one.move.full_name for one in found}


def test_a_ring_on_a_request_counts_as_an_attempt_and_does_not_spoil_the_proof():
    talk, line, case = opened()
    ring = talk.say(line, "ALFA/CHIEF", START + HOUR, "call.ring", {"attempt": 1}, case=case)
    line.sign(START + 5 * HOUR)

    row = talk.registers(START + 5 * HOUR).row("requests", case)

    assert (row["attempts"], row["state"], row["lapse"]) == (1, "lapsed", "silent")
    entry = next(p.entry for p in line.entries if p.place(line.charter.channel_id) == ring)
    assert 4 not in entry.fields
    assert 1 not in entry.fields


def test_a_request_is_held_when_both_sides_say_so():
    talk, line, case = opened()
    talk.say(
        line,
        "BRAVO/CHIEF",
        START + HOUR,
        "request.accept",
        {"time": "2026-03-01T05:00:00Z"},
        case=case,
    )
    name = talk.registers(START + HOUR).name_of(case)
    call = {
        "medium": "voice",
        "began": "2026-03-01T05:00:00Z",
        "duration": "PT45M",
        "request": name,
    }
    held = talk.say(line, "ALFA/CHIEF", START + 6 * HOUR, "call.close", call, to=["BRAVO/CHIEF"])
    one = talk.registers(START + 6 * HOUR).row("requests", case)["state"]
    talk.say(line, "BRAVO/CHIEF", START + 6 * HOUR, "call.close", call, case=held)

    registers = talk.registers(START + 7 * HOUR)

    assert one == "held by one"
    assert registers.row("requests", case)["fate"] == "met"
    assert registers.row("calls", held).values["length"] == "PT45M"


def test_a_reminder_opens_nothing_and_stops_no_clock():
    talk, line, case = opened()
    reminder = {**REQUEST}
    talk.say(line, "ALFA/CHIEF", START + HOUR, "request.open", reminder, case=case)
    line.sign(START + 5 * HOUR)

    registers = talk.registers(START + 5 * HOUR)

    assert len(registers.rows("requests")) == 1
    assert registers.row("requests", case)["lapse"] == "silent"
