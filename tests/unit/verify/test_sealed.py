"""What was opened and is not what was sealed is told to a stranger, and nothing else is."""

from __future__ import annotations

from hashlib import sha256

import pytest

import support.bundle_forge as forge
from support.bundle_forge import T0, Story, cbor
from support.verifying import check

SALT = "5a" * 32
DUE = T0 + 900
MEETING = [0, 2]
KINDS = {
    "offer": (2100, 33, {34: [["en", "ten metres"]]}),
    "list": (2400, 33, {34: [{0: "Hill works"}]}),
    "readout": (1803, 37, {33: [{0: 0, 1: "ALFA", 2: "nets"}], 36: [["en", "candid"]]}),
    "readout of claims": (1803, 37, {33: [{0: 0, 1: "ALFA", 2: "nets"}]}),
}


def told(name, **more) -> tuple[str, ...]:
    """Return what is noticed of a log in which ALFA seals and opens."""
    report = check(*sealed_and_opened(name, **more))
    assert report.code == 0
    return tuple(report.findings)


def sealed_and_opened(name, *, opened=None, salt=SALT, withhold=(), case=None, by=0):
    """Return a bundle in which ALFA seals and opens, and whom to trust."""
    kind, due, fields = KINDS[name]
    story = Story()
    value = [fields.get(33), fields.get(36)] if kind == 1803 else fields[34]
    author = cbor([story.channel.id, by])
    commitment = sha256(
        b"parley1 sealed\0" + bytes.fromhex(SALT) + cbor([author, "works", DUE, value])
    )
    sealing = {32: "works", due: DUE, 63: commitment.hexdigest()}
    sealed = story.a.add(kind, sealing, time=T0 + 11, seen=2)
    shown = {4: case or [0, sealed], 62: salt, **(fields if opened is None else opened)}
    story.a.add(kind + 1, shown, time=T0 + 12, seen=2)
    note = story.a.note(time=T0 + 20, holds=[(story.b, 2)])
    part = story.a.part(show={0, sealed, sealed + 1}, withhold={sealed + 1: withhold})
    claim = story.claim(forge.EXTRACT, [note], index=sealed + 1, about=0)
    return story.bundle([claim], notes=[note], parts=[part]), story.trust


OTHER = ("entry ALFA/4 opens other than entry ALFA/3 sealed",)


@pytest.mark.parametrize("name", KINDS)
def test_what_fits_is_passed_over_and_what_does_not_is_told(name):
    assert told(name) == ()
    assert told(name, opened={**KINDS[name][2], min(KINDS[name][2]): []}) == OTHER
    assert told(name, salt="a5" * 32) == OTHER
    assert told(name, salt=SALT.upper().replace("A", "a ")) == OTHER
    assert told(name, opened={}) == OTHER
    assert told(name, by=1) == OTHER, "the seal of another party, copied"


def test_rows_said_to_be_others_count_in_the_place_of_those_sealed():
    rows = KINDS["list"][2][34]
    assert told("list", opened={34: rows, 37: []}) == OTHER
    assert told("list", opened={34: rows, 37: True}) == OTHER
    assert told("list", opened={37: rows}) == ()


@pytest.mark.parametrize("field", [62, 34])
def test_nothing_is_said_where_something_is_withheld(field):
    assert told("offer", opened={34: "other"}, withhold=(field,)) == ()


def test_nothing_is_said_of_another_case():
    assert told("offer", opened={34: "other"}, case=[1, 3]) == ()
    assert told("offer", opened={34: "other"}, case=[0, 3, bytes(8)]) == ()
