"""Cosignature lines: whose they are, over what, and what is passed over."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest

from parley.core import keys
from parley.core.charter import read_witness_key
from parley.core.cosignature import (
    WitnessKey,
    cosign,
    is_witness_address,
    shown_name,
    stored_cosignatures,
    verified_lines,
    verify_line,
    witness_of,
    witnesses_of,
)
from parley.errors import MalformedError, SignatureError
from support.records import Record, make_party, seed

SIGNER = keys.Ed25519Signer(seed("witness"))
WITNESS = WitnessKey("witness.example/w1", SIGNER.public_key)
TEXT = "a log\n1\nroot\n"
LINE = cosign(TEXT, witness=WITNESS, signer=SIGNER, time=1_790_000_000)


def packed(line: str) -> bytes:
    return base64.b64decode(line.split(" ")[2])


def again(raw: bytes, name: str = WITNESS.name) -> str:
    return f"\u2014 {name} {base64.b64encode(raw).decode()}"


def test_a_line_is_read_back_with_its_time_and_its_witness():
    found = verify_line(LINE, TEXT, [WITNESS])

    assert found is not None
    assert (found.witness, found.time, found.line) == (WITNESS, 1_790_000_000, LINE)


def test_the_signed_bytes_are_those_of_c2sp():
    raw = packed(LINE)
    message = f"cosignature/v1\ntime 1790000000\n{TEXT}".encode()

    keys.verify_ed25519(SIGNER.public_key, raw[12:], message)
    assert raw[:4] == WITNESS.key_id
    assert read_witness_key(WITNESS.name, WITNESS.vkey) == (4, WITNESS.key_id, SIGNER.public_key)


def test_a_line_of_somebody_else_is_nobodys():
    other = WitnessKey("witness.example/w1", keys.Ed25519Signer(seed("other")).public_key)

    assert verify_line(LINE, TEXT, [other]) is None
    assert verify_line(again(packed(LINE), "another"), TEXT, [WITNESS]) is None


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (again(packed(LINE)[:-1]), MalformedError),
        (again(packed(LINE) + b"x"), MalformedError),
        (again(packed(LINE)[:4] + bytes(8) + packed(LINE)[12:]), MalformedError),
        (again(packed(LINE)[:4] + b"\xff" * 8 + packed(LINE)[12:]), MalformedError),
        (again(packed(LINE)[:11] + b"x" + packed(LINE)[12:]), SignatureError),
        (again(packed(LINE)[:-1] + b"x"), SignatureError),
        (again(packed(LINE)[:3]), MalformedError),
        (LINE.replace("\u2014", "-"), MalformedError),
        (LINE + " ", MalformedError),
        (LINE[:-4], MalformedError),
        ("", MalformedError),
    ],
)
def test_a_known_keys_line_is_good_or_refused(line, error):
    with pytest.raises(error):
        verify_line(line, TEXT, [WITNESS])
    assert verified_lines([line, LINE, LINE], TEXT, [WITNESS])[0].line == LINE
    assert verified_lines([line], TEXT, [WITNESS]) == []


def test_another_text_is_not_covered():
    with pytest.raises(SignatureError):
        verify_line(LINE, TEXT + "x", [WITNESS])


def test_times_are_read_from_stored_lines_and_seals_are_left_out():
    early = cosign(TEXT, witness=WITNESS, signer=SIGNER, time=5)
    seal = again(bytes(76), "parley1/00/k0")

    assert stored_cosignatures([LINE, "no line", seal, early, again(bytes(76))]) == [
        (WITNESS.name, 5),
        (WITNESS.name, 1_790_000_000),
    ]


def test_a_card_gives_a_name_that_tells_the_code_and_cannot_clash():
    party = make_party("CHARLIE")

    known = witness_of(party.card)

    assert known is not None
    assert known.name == f"CHARLIE/{party.id.hex()}"
    assert known.shown == "CHARLIE"
    assert known.key == party.station.public_key
    assert shown_name("witness.example/w1") == "witness.example/w1"
    assert shown_name("CHARLIE/" + "0" * 31) == "CHARLIE/" + "0" * 31


def test_only_keys_whose_cosignatures_cover_the_whole_text_are_taken_from_a_charter():
    other = "w6+" + sha256(b"w6\n\x06" + bytes(1312)).digest()[:4].hex()
    other += "+" + base64.b64encode(b"\x06" + bytes(1312)).decode()

    record = Record(witnesses=[(WITNESS.name, WITNESS.vkey), ("w6", other)])

    assert witnesses_of(record.charter) == [WITNESS]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("http://127.0.0.1:7003", True),
        ("https://witness.example/charlie", True),
        ("http://[::1]:7003", True),
        ("tls://127.0.0.1:7003", False),
        ("127.0.0.1:7003", False),
        ("http://", False),
        ("http://user@host", False),
        ("http://host/?x=1", False),
        ("http://host:123456", False),
        ("http://" + "a" * 200, False),
        ("http://host/\nx", False),
    ],
)
def test_a_witness_is_reached_over_http(text, is_one):
    assert is_witness_address(text) == is_one
