"""A second reading of the specification agrees with every published vector."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path

import pytest

from independent import identity, link, logs, notes, values
from independent.claims import judge
from support import tampered

FOLDER = Path(__file__).parents[2] / "spec/vectors"


@cache
def vectors(name: str) -> dict:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def named(name: str, key: str) -> list:
    return [pytest.param(case, id=case["name"]) for case in vectors(name)[key]]


@pytest.mark.parametrize("case", named("encoding", "accept"))
def test_a_value_has_one_encoding(case: dict) -> None:
    assert values.encode(values.decode(bytes.fromhex(case["hex"]))).hex() == case["hex"]


@pytest.mark.parametrize("case", named("encoding", "refuse"))
def test_another_encoding_is_refused(case: dict) -> None:
    with pytest.raises(values.RefusedError):
        values.decode(bytes.fromhex(case["hex"]))


@pytest.mark.parametrize("case", named("ed25519", "cases"))
def test_the_same_signatures_count(case: dict) -> None:
    parts = [bytes.fromhex(case[key]) for key in ("key", "signature", "message")]
    assert identity.verify_ed(*parts) == case["accept"]


def test_the_fourteen_follow_from_the_curve() -> None:
    assert sorted(point.hex() for point in identity.SMALL) == vectors("ed25519")["small_order"]


def test_the_card_reads_and_its_fingerprint_follows() -> None:
    told = vectors("identity")
    body = identity.read_card(values.decode(bytes.fromhex(told["card"])))
    fp = identity.fingerprint(body[3], body[4])
    listed = (FOLDER.parent / "words_zh.txt").read_text(encoding="utf-8").split()

    assert fp.hex() == told["fingerprint"]
    assert identity.words(fp, listed) == told["words_zh"]


@pytest.mark.parametrize("case", named("identity", "refuse"))
def test_a_faulty_card_is_refused(case: dict) -> None:
    with pytest.raises(values.RefusedError):
        identity.read_card(values.decode(bytes.fromhex(case["hex"])))


def test_the_charter_gives_the_hash() -> None:
    told = vectors("charter")
    made = identity.read_charter(values.decode(bytes.fromhex(told["charter"])))
    assert identity.charter_hash(made).hex() == told["hash"]


@pytest.mark.parametrize("case", named("charter", "refuse"))
def test_a_faulty_charter_is_refused(case: dict) -> None:
    with pytest.raises(values.RefusedError):
        identity.read_charter(values.decode(bytes.fromhex(case["hex"])))


@pytest.mark.parametrize("case", named("entry", "entries"))
def test_the_entry_gives_the_leaf(case: dict) -> None:
    told = vectors("entry")
    hide, inc, index = bytes.fromhex(told["hide"]), bytes.fromhex(told["inc"]), case["index"]
    entry = logs.read_entry(bytes.fromhex(case["entry"]), case["others"])
    salts = {n: logs.salt(hide, inc, index, n) for n in entry[4]}
    commitments = {n: logs.commit(salts[n], n, value) for n, value in entry[4].items()}
    blind = logs.salt(hide, inc, index, 0)
    view = [*entry[:4], blind if entry[2] & logs.OFF_RECORD else commitments]

    assert {str(n): salted.hex() for n, salted in salts.items()} == case["salts"]
    assert logs.leaf_of(view).hex() == case["leaf"]


@pytest.mark.parametrize("case", named("entry", "refuse"))
def test_a_faulty_entry_is_refused(case: dict) -> None:
    with pytest.raises(values.RefusedError):
        logs.read_entry(bytes.fromhex(case["hex"]), case.get("others", 1))


def test_every_root_follows() -> None:
    leaves = [hashlib.sha256(b"\0" + n.to_bytes(4, "big")).digest() for n in range(257)]
    for size, told in enumerate(vectors("merkle")["roots"]):
        assert logs.root(leaves[:size]).hex() == told


@pytest.mark.parametrize("case", named("statement", "accept"))
def test_the_note_reads_and_verifies(case: dict) -> None:
    said, lines = notes.read_note(case["note"])

    assert said.text == case["text"]
    assert identity.verify_ed(bytes.fromhex(case["key"]), lines[0][2], said.text.encode())


@pytest.mark.parametrize("case", named("statement", "refuse"))
def test_another_spelling_is_refused(case: dict) -> None:
    with pytest.raises(values.RefusedError):
        notes.read_text(case["text"])


def test_the_seal_verifies() -> None:
    told = vectors("seal")
    _, lines = notes.read_note(f"{told['text']}\n{told['line']}")
    key = bytes.fromhex(told["key"])
    assert identity.verify_pq(key, lines[0][2], told["text"].encode(), b"parley1 seal")


@pytest.mark.parametrize("case", named("items", "good"))
def test_the_item_is_read(case: dict) -> None:
    assert len(link.read_frame(bytes.fromhex(case["hex"]))) == 1


@pytest.mark.parametrize("case", named("items", "faulty"))
def test_a_faulty_item_is_left_out_alone(case: dict) -> None:
    ping = values.encode([5, 1])
    assert link.read_frame(bytes.fromhex(case["hex"]) + ping) == [[5, 1]]


@pytest.mark.parametrize("case", named("items", "unreadable"))
def test_an_unreadable_frame_is_refused(case: dict) -> None:
    with pytest.raises(values.RefusedError):
        link.read_frame(bytes.fromhex(case["hex"]))


def test_the_keys_of_an_epoch_follow() -> None:
    told = vectors("frame")
    members = values.decode(bytes.fromhex(told["keying_frame"])[6:])
    signed = b"parley1 keying\0" + identity.h(values.encode(members[:6]))
    first = link.first_chain_key(bytes.fromhex(told["secret"]), bytes.fromhex(told["info"]))

    assert first.hex() == told["k0"]
    assert signed.hex() == told["keying_signed"]
    assert identity.verify_ed(bytes.fromhex(told["station_key"]), members[7], signed)


def test_the_pieces_of_a_key_exchange_are_its_bytes_one_after_another() -> None:
    told = vectors("frame")
    made, body = told["pieces"], bytes.fromhex(told["keying_frame"])[6:]
    ends = bytes.fromhex(made["sender"]), bytes.fromhex(made["receiver"])
    read = [link.read_piece(bytes.fromhex(raw), *ends) for raw in made["frames"]]

    assert {size for size, _, _ in read} == {len(body)}
    assert [esi for _, esi, _ in read] == list(range(len(read)))
    assert b"".join(symbol for _, _, symbol in read)[: len(body)] == body
    for case in (*made["not_this_sender"], *made["refuse"]):
        with pytest.raises(values.RefusedError):
            link.read_piece(bytes.fromhex(case["hex"]), *ends)


@pytest.mark.parametrize("case", named("frame", "frames"))
def test_the_frame_is_the_same_and_opens(case: dict) -> None:
    first = bytes.fromhex(case.get("k0", vectors("frame")["k0"]))
    plain, frame = bytes.fromhex(case["plain"]), bytes.fromhex(case["frame"])

    assert link.seal(first, case["generation"], case["counter"], plain) == frame
    assert link.unseal(first, case["generation"], frame) == plain
    with pytest.raises(values.RefusedError):
        link.unseal(first, case["generation"], frame[:-1] + bytes([frame[-1] ^ 1]))


@pytest.mark.parametrize("case", named("bundle", "cases"))
def test_the_bundle_earns_the_published_outcome(case: dict) -> None:
    parties = [bytes.fromhex(each) for each in case["trust"] if "+" not in each]
    witnesses = [each for each in case["trust"] if "+" in each]
    code, words = judge(base64.b64decode(case["bundle"]), parties, witnesses)
    assert code == case["exit"], words


def test_bundles_tampered_with_earn_the_published_outcome() -> None:
    for name, code, _, trust, raw in tampered.published():
        parties = [bytes.fromhex(each) for each in trust if "+" not in each]
        found, words = judge(raw, parties, [each for each in trust if "+" in each])
        assert found == code, (name, words)


@pytest.mark.parametrize("case", named("statement", "orders"))
def test_two_statements_show_what_their_numbers_say(case: dict) -> None:
    read = [notes.read_note(note)[0] for note in case["notes"]]
    older, newer = sorted(read, key=lambda one: one.number)
    if older.size == newer.size and older.root != newer.root:
        found = "fork"
    elif newer.size < older.size:
        found = "rollback"
    elif any(
        now[:2] == before[:2] and now[2] < before[2]
        for before in held_of(older)
        for now in held_of(newer)
    ):
        found = "breach"
    else:
        found = "nothing"

    assert found == case["shows"]


def held_of(said: notes.Statement) -> list[tuple[str, str, int]]:
    """Party, incarnation and size of each `holds` line."""
    lines = [line.split(" ") for line in said.text.splitlines() if line.startswith("holds ")]
    return [(*line[1].split("/"), int(line[2])) for line in lines]  # type: ignore[misc]
