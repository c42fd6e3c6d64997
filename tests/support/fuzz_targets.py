"""What is fuzzed: each reads bytes that anybody could send, and raises only on a fault of ours.

A target returns when the bytes were taken or were refused in the defined way. Any other
exception, and any broken promise (a value that encodes differently, two readers of one bundle that
disagree), is a fault.
"""

from __future__ import annotations

import ast
import contextlib
import json
import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import cbor2

from parley.core import (
    bundle,
    canon,
    card,
    card_codes,
    charter,
    courier,
    entry,
    frame,
    instants,
    item_reading,
    items,
    keying,
    limits,
    statement,
    symbols,
    texts,
)
from parley.desk.extraction import extract
from parley.desk.history import read_history
from parley.desk.profiles import read_own
from parley.desk.published.cap import write_cap
from parley.desk.published.drafted import drafted
from parley.desk.published.files import read_file
from parley.desk.published.geojson import write_geojson
from parley.desk.published.ical import write_ical
from parley.desk.published.pairing import pair_lists
from parley.desk.published.sheet import write_csv
from parley.desk.published.years import Anchor
from parley.errors import EvidenceError, MalformedError, ParleyError, UsageError
from parley.sim.scenario.loader import read_scenario
from parley.station.haystack import fold
from parley_verify.bounds import FILE_BYTES_MAX
from parley_verify.cbor import decode as plain_decode
from parley_verify.refusal import RefusedError, TooMuchError
from parley_verify.report import check_file
from parley_verify.signatures import Signatures
from parley_verify.trust import Trust, read_trust
from support.hand_peer import HandPeer, RealStation

_ISSUED = 1_785_000_000
ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "spec/vectors"


def encoding(raw: bytes) -> None:
    """The canonical decoder, ours and the verifier's: the same verdict, and no second form."""
    try:
        value = canon.decode(raw)
    except MalformedError:
        value = None
        ours = False
    else:
        ours = True
        assert canon.encode(value) == raw
        assert cbor2.loads(raw) == value
    try:
        plain_decode(raw, depth_max=limits.DEPTH_ENTRY)
    except RefusedError:
        theirs = False
    else:
        theirs = True
    assert ours == theirs


def cards(raw: bytes) -> None:
    """Cards in each of their forms."""
    for read in (card.decode_card, card.read_card_file):
        with contextlib.suppress(MalformedError, EvidenceError):
            assert read(raw).raw
    with contextlib.suppress(MalformedError, UsageError):
        card_codes.join_parts(raw.decode("utf-8", "replace"))


def charters(raw: bytes) -> None:
    """Charters: what is taken has one encoding."""
    try:
        found = charter.decode_charter(raw)
    except (MalformedError, EvidenceError):
        return
    assert found.encode() == raw


def entries(raw: bytes) -> None:
    """Entries between two and among sixteen: what is taken has one encoding."""
    for others in (1, 15):
        try:
            found = entry.decode_entry(raw, others=others)
        except MalformedError:
            continue
        assert entry.encode_entry(found) == raw
        for value in found.fields.values():
            try:
                shown = texts.unpack_text(value)
            except MalformedError:
                continue
            texts.visible(shown)


def item_sequences(raw: bytes) -> None:
    """The plaintext of a frame: items that were read are written the same way again."""
    try:
        found, _ = item_reading.decode_items(raw)
    except MalformedError:
        return
    for item in found:
        items.encode_item(item)


def frames(raw: bytes) -> None:
    """Frame headers and keying frames, before any key is used."""
    try:
        header = frame.read_header(raw)
        if header.kind == frame.KEYING:
            found = keying.decode_keying(raw[frame.HEADER_BYTES :])
            assert found.encode() == raw[frame.HEADER_BYTES :]
    except MalformedError:
        pass


def notes(raw: bytes) -> None:
    """Statements and notes: what is taken reads back as the same text."""
    text = raw.decode("utf-8", "replace")
    with contextlib.suppress(MalformedError):
        assert statement.parse_text(text).text() == text
    with contextlib.suppress(MalformedError, EvidenceError):
        statement.read_note(text, {0: bytes(32)})


def symbol_floods(raw: bytes) -> None:
    """Symbols of objects that a peer chooses: bounded, and only its own hash is believed."""
    size, step = int.from_bytes(raw[:3], "big"), 1 + int.from_bytes(raw[3:5], "big") % 1_024
    try:
        decoder = symbols.Decoder(raw[5:9].ljust(4, b"\0"), size, step)
        for at in range(9, len(raw), step + 3):
            part = raw[at + 3 : at + 3 + step]
            made = decoder.add(int.from_bytes(raw[at : at + 3], "big"), part)
            if made is not None:
                assert symbols.ident(made) == raw[5:9]
                assert len(made) == size
    except MalformedError:
        pass


def written_texts(raw: bytes) -> None:
    """Packed texts, instants, durations and positions as people write them."""
    for value in (raw, raw.decode("utf-8", "replace")):
        try:
            shown = texts.unpack_text(value)
        except MalformedError:
            continue
        texts.visible(shown)
        texts.misleading(shown)
    text = raw.decode("utf-8", "replace")
    for parse in (instants.parse_instant, instants.parse_duration):
        with contextlib.suppress(ParleyError):
            parse(text)


@cache
def _trust() -> tuple[Trust, Signatures]:
    signatures = Signatures(plain=False)
    return read_trust([], signatures), signatures


def bundles(raw: bytes) -> None:
    """Bundles: whatever the station's own reader takes the verifier judges, and neither falls."""
    trust, signatures = _trust()
    with contextlib.suppress(MalformedError, EvidenceError):
        bundle.decode_bundle(raw)
    if len(raw) <= FILE_BYTES_MAX:
        try:
            report = check_file(raw, "fuzz", trust, signatures)
        except TooMuchError:
            return
        assert report.code in (0, 7, 14)


def scenarios(raw: bytes) -> None:
    """Scenario files: refused with the line, or read."""
    with contextlib.suppress(UsageError):
        read_scenario(raw.decode("utf-8", "replace"), "fuzz.yaml")


def notices(raw: bytes) -> None:
    """Notices in any format: what was read is written in every format and can be read again."""
    try:
        found = read_file(raw, Anchor(issued=_ISSUED))
    except UsageError:
        return
    assert not any(pair.differences for pair in pair_lists(found.notices, found.notices))
    for notice in found.notices:
        write_cap(notice, sent=_ISSUED)
        drafted(notice)
    for write in (write_geojson, write_csv, partial(write_ical, stamp=_ISSUED)):
        assert len(read_file(write(found.notices).encode()).notices) == len(found.notices)


def tables(raw: bytes) -> None:
    """Files that an officer brings: a register kept before, an own profile."""
    with contextlib.suppress(UsageError):
        read_history(raw)
    with contextlib.suppress(UsageError):
        read_own({"fuzz": raw})


def said(raw: bytes) -> None:
    """Texts of a peer, looked through for numbers, dates, places and units, and searched."""
    text = raw.decode("utf-8", "replace")
    for language in ("en", "zh"):
        for one in extract(text, language):
            assert one.written in text
    fold(text)


def endpoints(raw: bytes) -> None:
    """A station and a peer with good keys that sends anything at all in sealed frames."""
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    charter_made = peer.propose()
    log = peer.open_log(charter_made)
    peer.say(log, "before")
    peer.send(peer.run(log), peer.stmt(peer.statement(log)))
    held = len(station.store.entries(log.id, 0, 100))
    at = 0
    while at < len(raw):
        size = raw[at] + 1
        if not station.engine.links[peer.party].paths:
            station.engine.path_down(peer.path, station.now)
            break
        peer.send_raw(raw[at + 1 : at + 1 + size])
        at += 1 + size
    station.pass_time(60)
    own = station.engine.ledger.channels[charter_made.channel_id].record.own
    assert own is not None
    # Nothing that was stored is lost, and our own log is what our statements say.
    assert len(station.store.entries(log.id, 0, 100)) >= held
    last = station.store.last_statement(own.log)
    assert last is not None
    assert own.tree.root_at(last.signed.statement.size) == last.signed.statement.root


def couriers(raw: bytes) -> None:
    """What a courier brings: any file or lines at all, and files of a peer with good keys.

    Of the first byte the lowest bit says which. A peer's file holds its key exchange, then what
    follows, cut by a byte of length before each, sealed; the other bits break it.
    """
    how, rest = raw[:1] or b"\0", raw[1:]
    if how[0] & 1:
        _courier_of_peer(how[0], rest)
        return
    with contextlib.suppress(MalformedError):
        found = courier.read_any(rest)
        opened = courier.read_file(found)
        assert found.startswith(courier.write_file(opened.frames))
        assert len(courier.write_file(opened.frames)) + opened.torn == len(found)
    for characters in (courier.LINE_CHARACTERS, courier.CODE_CHARACTERS):
        if rest:
            lines = courier.lines_of(rest, characters)
            assert courier.join_lines("\n".join(reversed(lines)).lower()) == rest
            with contextlib.suppress(MalformedError):
                courier.join_lines("\n".join([*lines[1:], rest.decode("utf-8", "replace")]))


def _courier_of_peer(how: int, rest: bytes) -> None:
    station = RealStation()
    peer = HandPeer(station)
    peer.connect()
    log = peer.open_log(peer.propose())
    peer.say(log, "before")
    peer.send(peer.run(log), peer.stmt(peer.statement(log)))
    sent, at = [peer.new_epoch()], 0
    while at < len(rest):
        sealed = peer.secrets.seal(rest[at + 1 : at + 2 + rest[at]])
        assert sealed is not None
        sent.append(sealed)
        at += 2 + rest[at]
    if how & 2:
        sent.reverse()
    if how & 4:
        sent += sent
    if how & 8:
        sent.append(rest[:200] or b"\0")
    file = courier.write_file(sent)
    file = file[: -(how >> 4)] if how >> 4 else file
    held, before = len(station.store.entries(log.id, 0, 100)), station.store.sequence()
    carrier = station.engine.traffic.courier
    with contextlib.suppress(MalformedError):
        carrier.look(file, station.now)
    assert station.store.sequence() == before
    for _ in range(2):
        token = station.sim.token()
        station.engine.courier(token, lambda at_work, now: at_work.take(file, now), station.now)
        station.settle()
        station.pass_time(60)
        error = station.sim.replies[token].error
        assert error is None or isinstance(error, MalformedError)
    assert isinstance(error, MalformedError)  # a file is taken once
    assert len(station.store.entries(log.id, 0, 100)) >= held


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        encoding,
        cards,
        charters,
        entries,
        item_sequences,
        frames,
        notes,
        symbol_floods,
        written_texts,
        bundles,
        scenarios,
        notices,
        tables,
        said,
        endpoints,
        couriers,
    )
}


def vector_seeds(most: int) -> list[bytes]:
    """Return every hex string and text of the published vectors up to a length: first inputs."""
    found: set[bytes] = set()
    for path in sorted(VECTORS.glob("*.json")):
        for text in _strings(json.loads(path.read_text())):
            found.add(_bytes_of(text) or text.encode())
    return sorted(one for one in found if 0 < len(one) <= most)


def seeds_of(name: str, most: int) -> list[bytes]:
    """Return the first inputs of a target: where frames are sealed, the published items."""
    if name in _WRITTEN:
        return [raw for raw in _WRITTEN[name]() if 0 < len(raw) <= most]
    if name not in ("endpoints", "couriers"):
        return vector_seeds(most)
    made = json.loads((VECTORS / "items.json").read_text())
    found = [text for text in _strings(made) if len(text) <= 512]
    sealed = [bytes([len(raw) - 1]) + raw for raw in map(_bytes_of, found) if raw]
    if name == "endpoints":
        return sealed
    files = [courier.write_file([b"one", raw]) for raw in sealed[:4]]
    lines = ["\n".join(courier.lines_of(file, 40)).encode() for file in files]
    return [b"\0" + raw for raw in (*files, *lines)] + [b"\1" + raw for raw in sealed]


def _notices_of_tests() -> list[bytes]:
    """Return every text that the tests of the readers of notices are written with."""
    found: set[bytes] = set()
    for path in sorted((ROOT / "tests/unit/desk/published").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value.encode())
    return sorted(found)


def _tables_of_docs() -> list[bytes]:
    """Return the registers that the documents show, and the profiles that come with the desk."""
    shown = re.findall(r"```[a-z]*\n(.*?)```", (ROOT / "docs/history.md").read_text(), re.DOTALL)
    profiles = sorted((ROOT / "src/parley/desk/profiles").glob("*.yaml"))
    return [text.encode() for text in shown] + [path.read_bytes() for path in profiles]


_WRITTEN: dict[str, Callable[[], list[bytes]]] = {
    "notices": _notices_of_tests,
    "said": _notices_of_tests,
    "tables": _tables_of_docs,
}


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for member in value.values() for text in _strings(member)]
    if isinstance(value, list):
        return [text for member in value for text in _strings(member)]
    return [value] if isinstance(value, str) else []


def _bytes_of(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


__all__ = ["TARGETS", "seeds_of", "vector_seeds"]
