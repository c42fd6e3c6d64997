"""A line check tells our registers; a peer's that tells others raises an alarm of its own."""

from __future__ import annotations

import asyncio

import pytest
from benchmarks.record import Made

from parley.core.entry import Entry
from parley.core.instants import Instant
from parley.desk.naming import RAW
from parley.desk.procedures.line_check import REGISTERS
from parley.station import agreement as module
from parley.station.case_rows import due_span
from parley.station.facts import EntryStored


@pytest.fixture
def made(tmp_path):
    made = Made(tmp_path / "alfa")
    made.grow(6)
    made.served = asyncio.run(made.gateway())
    yield made
    made.store.close()


def told(made):
    parts = made.served._parts
    return asyncio.run(parts.agreement.told(made.charter.channel_id, made.peer.card.party))


def heard(made, fields):
    entry = Entry(kind=100, time=Instant(made.now), seen=(0,), fields={32: 0, 34: fields})
    return EntryStored(
        log=made.logs[1].id, index=0, entry=entry, own=False, received=entry.time, sequence=1
    )


def test_what_we_tell_is_a_field_of_the_check_and_compares_as_the_same(made):
    fields = REGISTERS.read(told(made), "registers", RAW)
    agreement = made.served._parts.agreement
    assert asyncio.run(agreement.compared(heard(made, fields))).verdict == "same"
    assert asyncio.run(agreement.alarm(heard(made, fields))) is None


def test_another_digest_is_an_alarm_that_names_the_case_and_blames_nobody(made):
    fields = dict(REGISTERS.read(told(made), "registers", RAW))
    fields |= {0: "0" * 64, 2: "0" * 8 + fields[2][8:]}
    alarm = asyncio.run(made.served._parts.agreement.alarm(heard(made, fields)))
    assert alarm.kind == "registers"
    assert "REQ-ALFA-2" in alarm.text
    assert "Either can be at fault" in alarm.text


@pytest.mark.parametrize(
    "fields", [None, 5, {}, {0: "x", 1: 5}, {0: "0" * 64, 1: [1, 0], 2: "", 3: [{0: -1}]}]
)
def test_a_field_of_another_form_is_no_ground_for_an_alarm(made, fields):
    assert asyncio.run(made.served._parts.agreement.alarm(heard(made, fields))) is None


def test_what_is_not_held_alike_or_too_long_is_not_compared(made, monkeypatch):
    fields = dict(REGISTERS.read(told(made), "registers", RAW))
    more = [dict(share) for share in fields[3]]
    more[0][0] += 5
    agreement = made.served._parts.agreement
    found = asyncio.run(agreement.compared(heard(made, fields | {3: more})))
    assert found.verdict == "not comparable"
    monkeypatch.setattr(module, "ENTRIES_MAX", 3)
    assert asyncio.run(agreement.compared(heard(made, fields))).verdict == "not comparable"
    assert told(made) is None


def test_a_moment_far_from_ours_is_not_worked_out(made):
    fields = dict(REGISTERS.read(told(made), "registers", RAW))
    agreement = made.served._parts.agreement
    for moment in (0, 2**52):
        found = asyncio.run(agreement.compared(heard(made, fields | {1: moment})))
        assert found.verdict == "not comparable"


def test_a_due_time_is_an_interval_where_the_clocks_differ_by_more_than_two_minutes():
    assert due_span(Instant(1000), 120) is None
    assert due_span(Instant(1000), 300) == (700, 1000)
    assert due_span(Instant(1000), -300) == (1000, 1300)
