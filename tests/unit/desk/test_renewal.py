"""A channel is renewed by all its parties, before it ends or within 30 days after."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parley.core.instants import Instant, rfc3339
from parley.desk.calendar import ENDING_WARNINGS, Calendar
from parley.desk.channel_rows import asks_renewal, expiry_of
from support.desk_talk import START, Pair

DAY = 86_400
END = START + 60 * DAY


def ending() -> Pair:
    """ALFA and BRAVO on a channel that ends after 60 days."""
    pair = Pair()
    pair.line.charter = replace(pair.line.charter, ends_at=Instant(END))
    return pair


def expiry(pair: Pair, at: int) -> int | None:
    [channel] = pair.registers(at).channels
    return expiry_of(channel.facts(0))


def renew(pair: Pair, at: int, until: int) -> None:
    case = pair.say("ALFA/OPS", at, "channel.renew", {"expiry": rfc3339(until)})
    assert expiry(pair, at) != until, "one party alone renews nothing"
    [channel] = pair.registers(at).channels
    facts = channel.facts(0)
    assert (asks_renewal(facts, "ALFA"), asks_renewal(facts, "BRAVO")) == (True, False)
    pair.say("BRAVO/OPS", at + 60, "channel.renew", {"expiry": rfc3339(until)}, case=case)


@pytest.mark.parametrize("at", [END - 20 * DAY, END + 29 * DAY])
def test_what_all_agree_on_in_time_is_the_new_end_and_can_be_renewed_again(at):
    pair = ending()

    renew(pair, at, END + 365 * DAY)
    assert expiry(pair, at + 61) == END + 365 * DAY
    renew(pair, END + 300 * DAY, END + 800 * DAY)

    assert expiry(pair, END + 500 * DAY) == END + 800 * DAY
    [due] = Calendar().all(pair.registers(END + 500 * DAY), until=END + 900 * DAY)
    assert due.at == END + 800 * DAY


def test_what_is_agreed_later_than_30_days_after_the_end_renews_nothing():
    pair = ending()

    renew(pair, END + 30 * DAY, END + 365 * DAY)

    assert expiry(pair, END + 40 * DAY) == END


def test_a_channel_is_told_of_30_days_before_it_ends_and_again():
    [due] = Calendar().all(ending().registers(START), until=END)

    assert due.warnings == ENDING_WARNINGS
    states = [due.state(END - days * DAY) for days in (31, 30, 14, 3)]
    assert states == ["ahead", "soon", "soon", "near"]
