"""Published proofs, texts, symbols, courier files and keying frames: station and second reading."""

from __future__ import annotations

import hashlib
import json
import sys
import zlib
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

import independent.identity as second_identity
import independent.link as second_link
import independent.logs as second_logs
import independent.notes as second_notes
import independent.values as second
import parley_verify.note
from parley import errors
from parley.carriers.framing import FrameSplitter
from parley.core import canon, frame, keying, keys, merkle, statement, symbols, texts
from parley.core.hpke import HpkeOpener, prekey_public
from parley.station.judge import Judge
from parley_verify.evidence import conflicts
from parley_verify.refusal import RefusedError
from parley_verify.signatures import Signatures

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "spec/vectors"
REFUSALS = (errors.MalformedError, errors.SignatureError)


@cache
def vectors(name: str) -> dict:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def named(name: str, key: str) -> list:
    return [pytest.param(case, id=case["name"]) for case in vectors(name)[key]]


def leaves(size: int) -> list[bytes]:
    return [hashlib.sha256(b"\0" + n.to_bytes(4, "big")).digest() for n in range(size)]


@cache
def tree() -> merkle.Tree:
    made = merkle.Tree()
    made.extend(leaves(257))
    return made


def unhex(values: list[str]) -> list[bytes]:
    return [bytes.fromhex(value) for value in values]


@pytest.mark.parametrize("case", vectors("merkle")["inclusion"])
def test_an_inclusion_path_is_the_published_one_and_no_other_gives_the_root(case: dict) -> None:
    index, size, path = case["index"], case["size"], unhex(case["path"])
    leaf, root = bytes.fromhex(case["leaf"]), bytes.fromhex(vectors("merkle")["roots"][size])

    assert tree().inclusion_path(index, size) == path
    assert merkle.root_from_inclusion(leaf, index, size, path) == root
    for place in range(len(path)):
        changed = [*path[:place], bytes(32), *path[place + 1 :]]
        assert merkle.root_from_inclusion(leaf, index, size, changed) != root
    for other in ([*path, bytes(32)], path[:-1]) if path else ([bytes(32)],):
        with pytest.raises(errors.ProofShapeError):
            merkle.root_from_inclusion(leaf, index, size, other)


@pytest.mark.parametrize("case", vectors("merkle")["consistency"])
def test_a_consistency_path_is_the_published_one_and_no_other_gives_the_roots(case: dict) -> None:
    old, new, path = case["old"], case["new"], unhex(case["path"])
    roots = tuple(bytes.fromhex(vectors("merkle")["roots"][size]) for size in (old, new))

    assert tree().consistency_path(old, new) == path
    assert merkle.roots_from_consistency(old, new, roots[0], path) == roots
    for place in range(len(path)):
        changed = [*path[:place], bytes(32), *path[place + 1 :]]
        assert merkle.roots_from_consistency(old, new, roots[0], changed) != roots


@pytest.mark.parametrize("case", vectors("merkle")["covers"])
def test_a_cover_is_the_published_one(case: dict) -> None:
    first, end = case["first"], case["end"]

    assert [list(node) for node in merkle.cover(first, end)] == case["nodes"]
    assert [list(node) for node in second_logs.cover(first, end, 257)] == case["nodes"]
    assert tree().nodes_covering(first, end) == unhex(case["hashes"])
    for (level, pos), told in zip(case["nodes"], case["hashes"], strict=True):
        under = leaves(257)[pos << level : (pos + 1) << level]
        assert second_logs.root(under).hex() == told


def inflate(raw: bytes) -> str:
    """A second reading of `text value`."""
    unpacker = zlib.decompressobj(-15, zdict=(FOLDER.parent / "dictionary1.txt").read_bytes())
    try:
        text = unpacker.decompress(raw, 65_537).decode()
    except (zlib.error, UnicodeDecodeError):
        raise second.RefusedError from None
    second.need(unpacker.eof and not unpacker.unused_data and len(text.encode()) <= 65_536, "form")
    return text


@pytest.mark.parametrize("case", named("texts", "accept"))
def test_a_packed_text_is_read(case: dict) -> None:
    for form in ("packed", "stored"):
        if form in case:
            raw = bytes.fromhex(case[form])
            text = texts.unpack_text(raw)
            assert text == inflate(raw)
            assert hashlib.sha256(text.encode()).hexdigest() == case["text_sha256"]
            assert case["text"] in (None, text)


@pytest.mark.parametrize("case", named("texts", "refuse"))
def test_a_faulty_packed_text_is_refused(case: dict) -> None:
    raw = bytes.fromhex(case["packed"])
    with pytest.raises(errors.MalformedError):
        texts.unpack_text(raw)
    with pytest.raises(second.RefusedError):
        inflate(raw)


def opens(case: dict) -> bool:
    told = vectors("commit")
    salt, pid, channel, value = (
        bytes.fromhex(each) for each in (told["salt"], case["pid"], told["channel"], told["value"])
    )
    assert second.encode(second.decode(value)) == canon.encode(canon.decode(value)) == value
    found = hashlib.sha256(b"parley1 commit\0" + salt + pid + channel + value).hexdigest()
    return found == case["commitment"]


@pytest.mark.parametrize("case", named("commit", "cases"))
def test_a_commitment_opens(case: dict) -> None:
    assert opens(case)


@pytest.mark.parametrize("case", named("commit", "refuse"))
def test_another_commitment_does_not_open(case: dict) -> None:
    assert not opens(case)


@pytest.mark.parametrize("case", [*vectors("courier")["accept"][:2], *vectors("courier")["torn"]])
def test_frames_come_out_of_a_stream(case: dict) -> None:
    assert [each.hex() for each in FrameSplitter().feed(bytes.fromhex(case["stream"]))] == case[
        "frames"
    ]


def test_the_largest_frame_comes_out_of_a_stream() -> None:
    case = vectors("courier")["accept"][2]
    stream = case["largest"].to_bytes(2, "big") + b"\x41" + bytes(case["largest"] - 1)

    (found,) = FrameSplitter().feed(stream)

    assert hashlib.sha256(stream).hexdigest() == case["stream_sha256"]
    assert [hashlib.sha256(found).hexdigest()] == case["frames_sha256"]


@pytest.mark.parametrize("case", named("courier", "refuse"))
def test_a_stream_that_cannot_be_followed_is_refused_after_its_good_frames(case: dict) -> None:
    with pytest.raises(errors.FrameLengthError) as caught:
        FrameSplitter().feed(bytes.fromhex(case["stream"]))
    assert [each.hex() for each in caught.value.salvaged] == case["frames"]


def gather(ident: str, size: int, symbol_bytes: int, given: list) -> bytes | None:
    decoder = symbols.Decoder(bytes.fromhex(ident), size, symbol_bytes)
    for esi, data in given:
        if (found := decoder.add(esi, bytes.fromhex(data))) is not None:
            return found
    return None


@pytest.mark.parametrize("case", named("symbols", "cases"))
def test_source_symbols_or_repair_symbols_alone_give_the_object(case: dict) -> None:
    obj = bytes.fromhex(case["object"])
    sent = symbols.encode(obj, case["symbol_bytes"])

    assert hashlib.sha256(obj).digest()[:4].hex() == case["id"]
    for esi, told in [*case["source"], *case["repair"]]:
        assert next(sent) == (esi, bytes.fromhex(told))
    for given in (case["source"], case["repair"]):
        assert gather(case["id"], len(obj), case["symbol_bytes"], given) == obj
    joined = b"".join(bytes.fromhex(data) for _, data in case["source"])
    assert joined[: len(obj)] == obj


@pytest.mark.parametrize("case", named("symbols", "refuse"))
def test_symbols_of_another_object_are_refused(case: dict) -> None:
    with pytest.raises(errors.MalformedError):
        gather(case["id"], case["size"], case["symbol_bytes"], case["symbols"])


def accepted(raw: bytes) -> bytes | None:
    """What a station that knows the sender's key makes of a keying frame."""
    told = vectors("keying")
    offered = keying.decode_keying(raw[frame.HEADER_BYTES :])
    sender, receiver = bytes.fromhex(told["from"]), bytes.fromhex(told["to"])
    if (offered.sender, offered.receiver) != (sender[:16], receiver[:16]):
        return None
    keys.verify_ed25519(
        bytes.fromhex(told["station_key"]), offered.signature, offered.signed_bytes()
    )
    info = keying.keying_info(sender, receiver, offered.node, offered.epoch, offered.prekey)
    opener = HpkeOpener({7: bytes.fromhex(told["prekey_seed"])})
    return opener.open(offered.prekey, offered.sealed, info)


class Keys:
    """The two parties as the second reading wants them."""

    def __init__(self, fp: str) -> None:
        self.fp = bytes.fromhex(fp)
        self.pid = self.fp[:16]


def accepted_by_another(raw: bytes) -> bytes | None:
    told = vectors("keying")
    seed = bytes.fromhex(told["prekey_seed"])
    private = second_link.hpke.MLKEM768X25519PrivateKey(
        second_link.MLKEM768PrivateKey.from_seed_bytes(seed[:64]),
        second_link.X25519PrivateKey.from_private_bytes(seed[64:]),
    )
    parties = Keys(told["from"]), Keys(told["to"])
    key = bytes.fromhex(told["station_key"])
    try:
        return second_link.open_keying(raw, *parties, key, private)
    except second.RefusedError:
        return None


def test_the_keying_frame_opens() -> None:
    told = vectors("keying")
    raw = bytes.fromhex(told["frame"])

    assert len(raw) == 1286
    assert prekey_public(bytes.fromhex(told["prekey_seed"])).hex() == told["prekey"]
    assert accepted(raw) == accepted_by_another(raw) == bytes.fromhex(told["secret"])


@pytest.mark.parametrize("case", named("keying", "refuse"))
def test_a_faulty_keying_frame_opens_for_nobody(case: dict) -> None:
    raw = bytes.fromhex(case["frame"])
    try:
        opened = accepted(raw)
    except REFUSALS:
        opened = None

    assert opened is None
    assert accepted_by_another(raw) is None


def station_takes(note: str, party: str, key: bytes) -> bool:
    try:
        signed = statement.read_note(note, {1: key})
        statement.verify_statement(signed, key)
    except REFUSALS:
        return False
    return signed.statement.party.hex() == party


def verifier_takes(note: str, party: str, key: bytes) -> bool:
    try:
        read = parley_verify.note.read_note(note, ())
    except RefusedError:
        return False
    name = f"parley1/{party}/k1"
    found = False
    seen = set()
    for line in read.lines:
        if (line.name, line.key_id) in seen or not line.name.startswith((name, "w")):
            return False
        seen.add((line.name, line.key_id))
        if line.name == name:
            good = line.key_id == parley_verify.note.station_key_id(name, key)
            if not good or not Signatures().ed25519(key, line.signature, read.text.encode()):
                return False
            found = True
    return found


def second_takes(note: str, party: str, key: bytes) -> bool:
    try:
        said, lines = second_notes.read_note(note)
    except second.RefusedError:
        return False
    name = f"parley1/{party}/k1"
    if any(each[0].startswith("parley1/") and each[0] != name for each in lines):
        return False
    mine = [each for each in lines if each[0] == name]
    return bool(mine) and all(
        key_id == second_identity.h(name.encode(), b"\n\x01", key)[:4]
        and second_identity.verify_ed(key, signature, said.text.encode())
        for _, key_id, signature in mine
    )


def test_the_note_behind_the_refused_ones_is_taken() -> None:
    told = vectors("statement")
    note, key = told["accept"][0]["note"], bytes.fromhex(told["key"])
    for takes in (station_takes, verifier_takes, second_takes):
        assert takes(note, told["party"], key)


@pytest.mark.parametrize("case", named("statement", "notes_refused"))
def test_a_note_with_faulty_lines_is_refused(case: dict) -> None:
    told = vectors("statement")
    for takes in (station_takes, verifier_takes, second_takes):
        assert not takes(case["note"], told["party"], bytes.fromhex(told["key"])), takes.__name__


class Kept(Judge):
    """A judge that tells what it found instead of keeping it, over statements held in a list."""

    def __init__(self, held: list[statement.SignedStatement]) -> None:
        self.kinds: list[str] = []
        self.held = held
        super().__init__(SimpleNamespace(neighbours=self.neighbours), lambda alarm: None)

    def neighbours(self, _replica: object, no: int) -> tuple[object, object, object]:
        by_number = {one.statement.no: one for one in self.held}
        before = max((number for number in by_number if number < no), default=None)
        after = min((number for number in by_number if number > no), default=None)
        return by_number.get(before), by_number.get(no), by_number.get(after)

    def _keep(self, _state: object, kind: str, *_: object, **__: object) -> None:
        self.kinds.append(kind)


def station_finds(texts: list[str]) -> str:
    first, second = (
        statement.SignedStatement(
            statement=statement.parse_text(text), key_number=1, signature=bytes(64)
        )
        for text in texts
    )
    if (
        first.statement.size == second.statement.size
        and first.statement.root != second.statement.root
    ):
        return "fork"  # its tree tells it: the root at that size is another one
    judge = Kept([first])
    judge.admits(None, None, second, None)
    return (judge.kinds or ["nothing"])[0]


@pytest.mark.parametrize("case", named("statement", "orders"))
def test_what_two_statements_show_does_not_hang_on_which_came_first(case: dict) -> None:
    texts = [note.split("\n\n")[0] + "\n" for note in case["notes"]]

    assert station_finds(texts) == case["shows"]
    assert station_finds(texts[::-1]) == case["shows"]


@pytest.mark.parametrize("case", named("statement", "orders"))
def test_the_verifier_finds_the_same_forks_and_rollbacks(case: dict) -> None:
    signed = [
        SimpleNamespace(note=parley_verify.note.read_note(note, Path())) for note in case["notes"]
    ]
    found = conflicts(*signed, SimpleNamespace(parts=lambda origin: []))

    assert found == [case["shows"]] * (case["shows"] in ("fork", "rollback"))


def test_the_published_vectors_are_those_the_generator_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    sys.modules.pop("make_vectors", None)
    import make_vectors  # noqa: PLC0415

    # Other tests of this process may have signed what is not published.
    monkeypatch.setattr(make_vectors.forge, "KEPT", {})
    (tmp_path / "signatures.json").write_bytes((FOLDER / "signatures.json").read_bytes())
    make_vectors.main(tmp_path)

    made = {path.name: path.read_bytes() for path in tmp_path.glob("*.json")}
    published = {path.name: path.read_bytes() for path in FOLDER.glob("*.json")}
    # When stations say what is no rule: the transcript is read by its own tests, not made again.
    assert published.pop("transcript.json")
    assert made == published
