"""Station and verifier both agree with the vectors published in `spec/vectors`."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path

import pytest

import parley_verify.card
import parley_verify.cbor
import parley_verify.charter
import parley_verify.note
import parley_verify.part
from parley import errors
from parley.core import (
    canon,
    card,
    charter,
    entry,
    frame,
    items,
    keying,
    keys,
    merkle,
    pieces,
    statement,
    symbols,
)
from parley.core.card_codes import parts_of
from parley.core.item_reading import decode_items
from parley_verify.ed25519 import SMALL_ORDER
from parley_verify.refusal import RefusedError
from parley_verify.signatures import Signatures
from support import tampered
from support.verifying import check

FOLDER = Path(__file__).parents[2] / "spec/vectors"
REFUSALS = (errors.MalformedError, errors.SignatureError)


@cache
def vectors(name: str) -> dict:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def named(name: str, key: str) -> list:
    return [pytest.param(case, id=case["name"]) for case in vectors(name)[key]]


@pytest.mark.parametrize("case", named("encoding", "accept"))
def test_both_accept_the_one_encoding(case: dict) -> None:
    raw = bytes.fromhex(case["hex"])

    assert canon.encode(canon.decode(raw)) == raw
    assert parley_verify.cbor.encode(parley_verify.cbor.decode(raw, depth_max=8)) == raw


@pytest.mark.parametrize("case", named("encoding", "refuse"))
def test_both_refuse_every_other_encoding(case: dict) -> None:
    raw = bytes.fromhex(case["hex"])

    with pytest.raises(errors.MalformedError):
        canon.decode(raw)
    with pytest.raises(RefusedError):
        parley_verify.cbor.decode(raw, depth_max=8)


@pytest.mark.parametrize("case", named("ed25519", "cases"))
def test_all_three_agree_on_ed25519(case: dict) -> None:
    key, signature, message = (bytes.fromhex(case[n]) for n in ("key", "signature", "message"))
    verdicts = {
        checker.ed25519(key, signature, message)
        for checker in (Signatures(), Signatures(plain=True))
    }
    try:
        keys.verify_ed25519(key, signature, message)
        verdicts.add(True)
    except errors.SignatureError:
        verdicts.add(False)

    assert verdicts == {case["accept"]}


def test_both_know_the_fourteen_encodings() -> None:
    published = {bytes.fromhex(point) for point in vectors("ed25519")["small_order"]}

    assert published == SMALL_ORDER == keys.SMALL_ORDER
    assert len(published) == 14


def test_both_read_the_card() -> None:
    told = vectors("identity")
    raw = bytes.fromhex(told["card"])

    ours = card.decode_card(raw)
    theirs = parley_verify.card.read_card_file(raw, Signatures())

    assert ours.fingerprint.hex() == theirs.fingerprint.hex() == told["fingerprint"]
    assert ours.party.hex() == theirs.pid.hex() == told["pid"]
    assert list(ours.words("en")) == told["words_en"]
    assert list(ours.words("zh")) == told["words_zh"]


def test_the_station_writes_and_reads_a_card_as_the_texts_of_its_codes() -> None:
    told = vectors("card-codes")
    raw = bytes.fromhex(vectors("identity")["card"])

    assert hashlib.sha256(raw).hexdigest() == told["card_sha256"]
    assert parts_of(raw) == told["texts"]
    assert card.read_card_file("\n".join(reversed(told["texts"] * 2)).encode()).raw == raw


@pytest.mark.parametrize("case", named("card-codes", "refuse"))
def test_the_station_refuses_texts_that_are_no_card(case: dict) -> None:
    with pytest.raises(errors.MalformedError):
        card.read_card_file("\n".join(case["lines"]).encode())


@pytest.mark.parametrize("case", named("identity", "refuse"))
def test_both_refuse_a_faulty_card(case: dict) -> None:
    raw = bytes.fromhex(case["hex"])

    with pytest.raises(REFUSALS):
        card.decode_card(raw)
    with pytest.raises(RefusedError):
        parley_verify.card.read_card_file(raw, Signatures())


def test_both_hash_the_charter() -> None:
    told = vectors("charter")
    raw = bytes.fromhex(told["charter"])
    value = parley_verify.cbor.decode(raw, depth_max=8)

    ours = charter.decode_charter(raw)
    theirs = parley_verify.charter.read_charter(value, ())

    assert ours.hash.hex() == theirs.hash.hex() == told["hash"]
    assert ours.channel_id.hex() == theirs.channel.hex() == told["channel"]


@pytest.mark.parametrize("case", named("charter", "refuse"))
def test_both_refuse_a_faulty_charter(case: dict) -> None:
    raw = bytes.fromhex(case["hex"])

    with pytest.raises(REFUSALS):
        charter.decode_charter(raw)
    with pytest.raises(RefusedError):
        value = parley_verify.cbor.decode(raw, depth_max=8)
        parley_verify.charter.read_charter(value, ())


@pytest.mark.parametrize("case", named("entry", "entries"))
def test_both_compute_the_leaf(case: dict) -> None:
    told = vectors("entry")
    hide, inc = bytes.fromhex(told["hide"]), bytes.fromhex(told["inc"])
    made = entry.decode_entry(bytes.fromhex(case["entry"]), others=case["others"])
    facts = {"hide": hide, "index": case["index"], "inc": inc}
    preimage = parley_verify.cbor.decode(bytes.fromhex(case["preimage"]), depth_max=8)
    assert isinstance(preimage, list)

    view = parley_verify.part.read_leaf([*preimage, {}], case["index"], ())

    assert entry.encode_entry(made).hex() == case["entry"]
    assert entry.leaf_hash(made, **facts).hex() == view.hash.hex() == case["leaf"]
    found = {str(n): c.hex() for n, c in entry.commitments(made, **facts).items()}
    assert found == case["commitments"]


@pytest.mark.parametrize("case", named("entry", "refuse"))
def test_the_station_refuses_a_faulty_entry(case: dict) -> None:
    with pytest.raises(errors.MalformedError):
        entry.decode_entry(bytes.fromhex(case["hex"]), others=1)


def test_both_compute_every_root() -> None:
    roots = vectors("merkle")["roots"]
    leaves = [entry.sha256(b"\0" + n.to_bytes(4, "big")).digest() for n in range(257)]
    tree = merkle.Tree()
    tree.extend(leaves)
    subtrees = {(0, n): leaf for n, leaf in enumerate(leaves)}
    parley_verify.part._grow(subtrees)
    origin = parley_verify.note.Origin(bytes(16), bytes(16), bytes(8))
    part = parley_verify.part.Part(
        path=(), number=0, origin=origin, size=257, leaves={}, subtrees=subtrees
    )

    for size, root in enumerate(roots):
        ours, theirs = tree.root_at(size), part.root(size)
        assert ours is not None
        assert theirs is not None
        assert ours.hex() == theirs.hex() == root


@pytest.mark.parametrize("case", named("statement", "accept"))
def test_both_read_the_statement(case: dict) -> None:
    key = bytes.fromhex(case["key"])

    ours = statement.read_note(case["note"], {1: key})
    theirs = parley_verify.note.read_note(case["note"], ())

    assert ours.statement.text() == theirs.text == case["text"]
    assert ours.note(key) == case["note"]
    assert ours.statement.root == theirs.root
    line = theirs.lines[0]
    assert line.key_id == parley_verify.note.station_key_id(line.name, key)
    assert Signatures().ed25519(key, line.signature, theirs.text.encode())


@pytest.mark.parametrize("case", named("statement", "refuse"))
def test_both_refuse_another_spelling(case: dict) -> None:
    with pytest.raises(errors.MalformedError):
        statement.parse_text(case["text"])
    with pytest.raises(RefusedError):
        parley_verify.note.read_note(f"{case['text']}\n\u2014 name AAAAAAAA\n", ())


def test_both_accept_the_seal() -> None:
    told = vectors("seal")
    text, key = told["text"].encode(), bytes.fromhex(told["key"])
    note = parley_verify.note.read_note(f"{told['text']}\n{told['line']}", ())
    line = note.lines[0]

    assert line.key_id == parley_verify.note.seal_key_id(line.name, key)
    assert Signatures().mldsa65(key, line.signature, text, b"parley1 seal")
    keys.verify_mldsa65(key, line.signature, text, context=statement.SEAL_CONTEXT)
    assert statement.seal_line(note.origin.pid, 1, key, line.signature) == told["line"].rstrip("\n")


def test_the_station_derives_the_keys_of_an_epoch() -> None:
    told = vectors("frame")
    raw = bytes.fromhex(told["keying_frame"])
    offered = keying.decode_keying(raw[6:])
    info = bytes.fromhex(told["info"])

    assert frame.read_header(raw).kind == frame.KEYING
    assert offered.signed_bytes().hex() == told["keying_signed"]
    keys.verify_ed25519(
        bytes.fromhex(told["station_key"]), offered.signature, offered.signed_bytes()
    )
    assert frame.keying_frame(offered.encode()) == raw
    assert keying.first_chain_key(bytes.fromhex(told["secret"]), info).hex() == told["k0"]


def test_the_station_puts_a_key_exchange_together_from_pieces() -> None:
    told = vectors("frame")
    body = bytes.fromhex(told["keying_frame"])[6:]
    made = told["pieces"]
    fps = {
        "sender_fp": bytes.fromhex(made["sender"]),
        "receiver_fp": bytes.fromhex(made["receiver"]),
    }
    decoder = symbols.Decoder(pieces.piece_ident(body), len(body), 48)
    stream = symbols.Stream(body, 48)
    found = None
    for text in made["frames"]:
        raw = bytes.fromhex(text)
        piece = pieces.open_piece(raw, **fps)
        assert piece is not None
        assert pieces.seal_piece(piece, **fps) == raw
        assert (piece.esi, piece.data) == stream.take()
        found = decoder.add(piece.esi, piece.data)

    assert found == body
    for case in made["not_this_sender"]:
        assert pieces.open_piece(bytes.fromhex(case["hex"]), **fps) is None, case["name"]
    for case in made["refuse"]:
        with pytest.raises(errors.MalformedError):
            pieces.open_piece(bytes.fromhex(case["hex"]), **fps)


@pytest.mark.parametrize("case", named("frame", "frames"))
def test_the_station_opens_the_frame(case: dict) -> None:
    raw = bytes.fromhex(case["frame"])
    header = frame.read_header(raw)
    chain = bytes.fromhex(case["chain_key"])
    assert keying.frame_key(chain).hex() == case["frame_key"]
    published = case.get("k0", vectors("frame")["k0"])
    epoch = frame.ReceiveEpoch(bytes.fromhex(published), epoch=1, node=0)

    opened = epoch.open(raw, header)

    assert (header.counter, header.hint) == (case["counter"], epoch.hint)
    assert opened is not None
    assert opened.hex() == case["plain"]
    assert epoch.open(raw, header) is None


def test_the_verifier_says_of_bundles_tampered_with_what_is_published() -> None:
    for name, code, word, trust, raw in tampered.published():
        report = check(raw, trust)
        assert report.code == code, (name, report.refused, report.verdicts)
        assert word is None or report.verdicts[0].word.startswith(word), name


@pytest.mark.parametrize("case", named("bundle", "cases"))
def test_the_verifier_says_of_a_bundle_what_is_published(case: dict) -> None:
    report = check(base64.b64decode(case["bundle"]), case["trust"])

    assert report.code == case["exit"], (report.refused, [v.word for v in report.verdicts])
    if case["verdict"] is None:
        assert report.refused is not None
        assert report.where is not None
    else:
        assert report.verdicts[0].word.startswith(case["verdict"])


@pytest.mark.parametrize("case", named("items", "good"))
def test_the_station_reads_and_writes_the_item(case: dict) -> None:
    raw = bytes.fromhex(case["hex"])

    found, faults = decode_items(raw)

    assert faults == []
    assert [items.encode_item(item) for item in found] == ([] if case["name"] == "PAD" else [raw])


@pytest.mark.parametrize("case", named("items", "faulty"))
def test_the_station_leaves_a_faulty_item_out_alone(case: dict) -> None:
    ping = items.encode_item(items.Ping(1))

    found, faults = decode_items(bytes.fromhex(case["hex"]) + ping)

    assert found == [items.Ping(1)]
    assert len(faults) == 1


@pytest.mark.parametrize("case", named("items", "unreadable"))
def test_the_station_refuses_an_unreadable_frame(case: dict) -> None:
    with pytest.raises(errors.MalformedError):
        decode_items(bytes.fromhex(case["hex"]))


def test_the_station_skips_an_item_of_a_later_time() -> None:
    assert decode_items(bytes.fromhex(vectors("items")["skipped"])) == ([], [])
