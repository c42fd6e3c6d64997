"""Notes, keys, checkpoints and cosignatures that others published, for station and verifier.

Values of golang/mod, `sumdb/note/note_test.go` (copyright The Go Authors, BSD-3-Clause), and of
sigsum-go, `pkg/checkpoint/checkpoint_test.go` (copyright the Sigsum authors, BSD-2-Clause): see
`others/SOURCES.md`.
"""

from __future__ import annotations

import base64

import pytest

from parley.core import cosignature, keys, statement
from parley.core.charter import read_witness_key
from parley.core.statement import key_id, split_note
from parley.errors import MalformedError, SignatureError
from parley_verify.charter import read_vkey
from parley_verify.evidence import check_cosignature
from parley_verify.note import SignatureLine, read_note, station_key_id
from parley_verify.refusal import RefusedError
from parley_verify.signatures import Signatures

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
SUMDB = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
BY_PETER = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
BY_ENOCH = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
NO_NOTE = (
    TEXT,
    TEXT + "\n",
    TEXT + "\n" + BY_PETER[:-1],
    "\x01" + TEXT + "\n" + BY_PETER,
    TEXT + "\n" + BY_PETER.replace("PeterNeumann", "Bad Name"),
    TEXT + "\n" + BY_PETER + "Unexpected line.\n",
    TEXT + "\n" + BY_PETER * 101,
)
SUM_CHECKPOINT = """go.sum database tree
30055305
mXfgRcJ0bG0j3CPdKwgGWtUzBUbX67saZGRmFuJGGsM=

— sum.golang.org Az3grpgEild5qw7+5dtV13Kf1C2Xurm8q4fhdxvcsDHnqNTaxL2AFjBY+2TyGKevucFcAAlWFJJYle3EJlDCrQ+y3A8=
"""
SIGSUM_CHECKPOINT = """sigsum.org/v1/tree/e796172b92befd62d9dc67e41c2f5bc9d3100a3023b20b1ca40288dd1c679e69
10
HA5HAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

— sigsum.org/v1/tree/e796172b92befd62d9dc67e41c2f5bc9d3100a3023b20b1ca40288dd1c679e69 gJ2ho0n8F8olcerUF1FFdv235A/5as/coWrpLrtE7ovMeP5whgwouYExowG/lTznxu6OUGjjt5yJQ6bXtTcf718MqAQ=
"""
COSIGNED = "example.org/log\n10\nHA5HAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
COSIGNATURE = "ys8uUAAAAAAAAATSftMzceM8zssdZ9jin9SjwIxzx9iADMf63VqirX2hafol9RsqNqbofIz0LVRqHXI2kpEBSki5RTXFtxz1vo9+Cg=="
OTHER_ID = "yX8u" + COSIGNATURE[4:]
TOO_LONG = COSIGNATURE[:-2] + "XX"
SIGSUM_SEED = bytes([17]) + bytes(31)


def sigsum_key() -> bytes:
    return keys.Ed25519Signer(SIGSUM_SEED).public_key


def holds_of(note: str, vkey: str) -> bool:
    """One line of a note counts under a key of type 1, by station and by verifier."""
    name, told_id, packed = vkey.split("+", 2)
    key = base64.b64decode(packed)[1:]
    assert key_id(name, b"\1", key).hex() == station_key_id(name, key).hex() == told_id
    text, lines = split_note(note)
    mine = [raw for who, raw in lines if who == name and raw[:4].hex() == told_id]
    found = []
    for raw in mine:
        try:
            keys.verify_ed25519(key, raw[4:], text.encode())
        except (MalformedError, SignatureError):
            found.append(False)
        else:
            found.append(True)
        assert Signatures().ed25519(key, raw[4:], text.encode()) is found[-1]
    return found == [True]


def test_notes_of_the_go_library_are_split_and_their_lines_count() -> None:
    note = TEXT + "\n" + BY_PETER + BY_ENOCH

    assert split_note(note)[0] == TEXT
    assert [name for name, _ in split_note(note)[1]] == ["PeterNeumann", "EnochRoot"]
    assert holds_of(note, PETER)
    assert holds_of(note, ENOCH)
    assert not holds_of(TEXT + "\n" + BY_PETER[:60] + "ABCD" + BY_PETER[60:], PETER)


@pytest.mark.parametrize("number", range(len(NO_NOTE)))
def test_what_is_no_note_to_the_go_library_is_none_here(number: int) -> None:
    with pytest.raises(MalformedError):
        split_note(NO_NOTE[number])
    with pytest.raises(RefusedError):
        read_note(NO_NOTE[number], ())


def test_checkpoints_of_two_logs_count_under_their_keys() -> None:
    assert holds_of(SUM_CHECKPOINT, SUMDB)
    name = SIGSUM_CHECKPOINT.split("\n", maxsplit=1)[0]
    packed = base64.b64encode(b"\1" + sigsum_key()).decode()
    vkey = f"{name}+{split_note(SIGSUM_CHECKPOINT)[1][0][1][:4].hex()}+{packed}"
    assert holds_of(SIGSUM_CHECKPOINT, vkey)
    assert not holds_of(SIGSUM_CHECKPOINT.replace("\n10\n", "\n11\n"), vkey)


def test_checkpoints_of_others_are_no_statements() -> None:
    """A profile: five lines and our origin. Others' checkpoints are split, and read as none."""
    for note in (SUM_CHECKPOINT, SIGSUM_CHECKPOINT, TEXT + "\n" + BY_PETER):
        with pytest.raises(MalformedError):
            statement.parse_text(split_note(note)[0])
        with pytest.raises(RefusedError):
            read_note(note, ())


def cosigned_at(packed: str, text: str, name: str = "example.org/witness") -> int | None:
    """When a line of sigsum's test key cosigned this text; station and verifier say the same."""
    witness = cosignature.WitnessKey(name="example.org/witness", key=sigsum_key())
    try:
        one = cosignature.verify_line(f"\u2014 {name} {packed}", text, [witness])
    except (MalformedError, SignatureError):
        one = None
    raw = base64.b64decode(packed)
    line = SignatureLine(name=name, key_id=raw[:4], signature=raw[4:])
    other = read_vkey(witness.vkey)
    is_its = (line.name, line.key_id) == (other.name, other.key_id)
    time = check_cosignature(line, other, text, Signatures()) if is_its else None
    assert (None if one is None else one.time) == time
    return time


def test_the_cosignature_of_sigsum_counts_and_no_other_like_it() -> None:
    assert cosigned_at(COSIGNATURE, COSIGNED) == 1234
    assert cosigned_at(OTHER_ID, COSIGNED) is None
    assert cosigned_at(COSIGNATURE, COSIGNED, "example.org/witness-2") is None
    assert cosigned_at(TOO_LONG, COSIGNED) is None
    assert cosigned_at(COSIGNATURE, COSIGNED.replace("10", "11")) is None
    raw = bytearray(base64.b64decode(COSIGNATURE))
    raw[11] += 1
    assert cosigned_at(base64.b64encode(raw).decode(), COSIGNED) is None


def taken(vkey: str) -> bool:
    """Whether this is the key of a witness; station and verifier say the same."""
    try:
        read_witness_key(vkey.partition("+")[0], vkey)
    except MalformedError:
        station = False
    else:
        station = True
    try:
        read_vkey(vkey)
    except RefusedError:
        verifier = False
    else:
        verifier = True
    assert station is verifier, vkey
    return station


def test_a_verifier_key_changed_as_the_go_library_does_is_none() -> None:
    whole = cosignature.WitnessKey(name="PeterNeumann", key=sigsum_key()).vkey
    ends = [(i, j) for i in range(len(whole)) for j in range(i + 1, len(whole) + 1)]
    parts = {whole[i:j] for i, j in ends} - {whole}
    moved = {whole[:i] + chr(ord(letter) + 1) + whole[i + 1 :] for i, letter in enumerate(whole)}

    assert taken(whole)
    assert [part for part in parts | moved if taken(part)] == []
    assert not taken(PETER)  # a key of type 1 signs notes, and is no witness
    assert not taken("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==")
    assert not taken("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
