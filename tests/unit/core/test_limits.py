"""Every bound of the specification is a constant that code uses and a test or vector tries."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from parley.core import canon, frame, items, keying, limits, witness
from parley.core import charter as charters
from parley.core.card import decode_card
from parley.core.charter import Charter
from parley.core.frame import ReceiveEpoch, SendEpoch, read_header
from parley.core.ids import PartyId
from parley.core.link_secrets import LinkSecrets
from parley.errors import MalformedError, TooLargeError
from parley.sim.people import WORLD_START, make_identity

ROOT = Path(__file__).parents[3]
SPEC = (ROOT / "spec" / "limits.md").read_text()
SOURCES = {
    path: path.read_text()
    for path in (ROOT / "src" / "parley").rglob("*.py")
    if path.name != "limits.py"
}
TESTS = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("*.py"))
VECTORS = "\n".join(path.read_text() for path in (ROOT / "spec" / "vectors").glob("*.json"))

BOUNDS = {
    # a row of the table: its number, and what tries it: the name of a test, or of a vector
    "frame": ("65,535", "the largest frame"),
    "items in a frame": ("4,096", "4,097 items"),
    "entry": ("65,536", "longer than 65,536 bytes"),
    "object of symbols": ("65,536", "object too large"),
    "inflated text": ("65,536", "inflates beyond 65,536 bytes"),
    "depth": ("12", "nested deeper than 12"),
    "fields of an entry": ("64", "65 fields"),
    "field number, kind": ("65,535", "field number beyond 16 bits"),
    "size, index, time": ("2^53 - 1", "size beyond 2^53 - 1"),
    "attachments": ("10,485,760", "test_a_file_larger_than_one_may_be_is_not_cut"),
    "bytes of a part; parts of a file": ("32,768", "test_what_is_no_part_is_refused"),
    "parties": ("16", "test_seventeen_parties_are_too_many"),
    "gaps in one `holds` line": ("64", "65 gaps"),
    "signature lines of a note": ("16", "NOTE with 17 lines"),
    "channels of a link": ("1,024", "test_channels_of_a_link_have_a_bound_on_both_sides"),
    "open objects of a link": ("8", "test_the_object_left_longest_makes_room_for_a_ninth"),
    "logs of one party on a channel": ("256", "test_signed_logs_of_a_party_have_a_bound"),
    "entries of a peer without a statement": (
        "32 MiB",
        "test_entries_that_no_statement_covers_take_bounded_memory",
    ),
    "body of a keying in pieces": ("2,560", "size 2,561"),
    "epochs kept": ("256", "test_of_very_many_nodes_no_further_one_is_accepted"),
    "epoch ahead of the clock": (
        "2^40 seconds",
        "test_a_peer_that_leaps_to_the_end_of_all_epochs_is_not_believed",
    ),
    "replay window": ("1,024", "test_a_frame_1024_behind_is_a_replay_whether_it_came_or_not"),
    "frames of a generation": ("2^20", "test_after_2_to_the_20_frames_the_key_is_another"),
    "keying frames checked": (
        "20",
        "test_forged_keying_frames_cause_twenty_checks_a_second_and_no_more",
    ),
    "card": ("32,768", "test_a_card_beyond_its_bytes_is_too_large"),
    "station keys, prekeys, path hints, officers of a card": (
        "8, 8, 8, 16",
        "test_a_card_has_eight_keys_at_most",
    ),
    "name of a party": ("120", "name of 121 characters"),
    "purpose, basis": ("2,000", "purpose of 2,001 bytes"),
    "witnesses of a charter": ("8", "test_nine_witnesses_are_too_many"),
    "a request to a witness": ("131,072", "64 hashes"),
    "logs of one party at one witness": (
        "4,096",
        "test_a_party_cannot_have_logs_without_end",
    ),
    "logs named by a predecessor": ("64", "test_a_predecessor_names_64_logs_at_most"),
    "clock": ("60", "test_a_due_that_starts_no_clock_gives_no_lapse"),
    "words of a REFUSE": ("500", "REFUSE with long words"),
}
REFUSALS = {
    items.REFUSE_MALFORMED: "test_an_object_that_is_not_one_item_is_malformed",
    items.REFUSE_UNKNOWN_CHANNEL: "test_a_channel_that_is_not_known_is_refused_by_its_number",
    items.REFUSE_QUOTA: "test_entries_over_the_quota_are_refused_and_listed_as_missing",
    items.REFUSE_FULL: "test_a_store_that_failed_is_said_to_every_peer",
    items.REFUSE_NO_KEY: "test_a_peer_restarted_with_its_clock_behind_is_answered_under_a_key_it_can_open",
    items.REFUSE_VERSION: "test_a_peer_of_a_later_protocol_is_told_which_one_is_spoken",
    items.REFUSE_FROZEN: "test_nothing_more_is_taken_into_a_forked_log_before_and_after_a_restart",
    items.REFUSE_TOO_LARGE: "test_an_object_larger_than_any_station_takes_is_refused_by_that_name",
}


def rows() -> dict[str, str]:
    """Return what is bounded, and by what, from the table of the specification."""
    found = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", SPEC, re.MULTILINE)
    return {what: bound for what, bound in found if what not in ("what", "---")}


def test_every_row_of_the_specification_is_tried_by_name() -> None:
    table = rows()

    assert set(table) == set(BOUNDS)
    for what, (number, evidence) in BOUNDS.items():
        assert number in table[what], what
        assert is_tried(evidence), f"nothing tries {what}"


def is_tried(evidence: str) -> bool:
    """Say whether there is such a test, or a vector of this name."""
    if evidence.startswith("test_"):
        return f"def {evidence}(" in TESTS
    return f'{evidence}"' in VECTORS


def test_every_bound_is_used_by_code() -> None:
    names = re.findall(r"^([A-Z_0-9]+) =", Path(limits.__file__).read_text(), re.MULTILINE)
    unused = [
        name
        for name in names
        if not any(re.search(rf"\b{name}\b", text) for text in SOURCES.values())
    ]

    assert len(names) > 30
    assert unused == []


def test_every_code_of_refusal_is_said_by_code_and_tried() -> None:
    names = {value: name for name, value in vars(items).items() if name.startswith("REFUSE_")}
    said = (ROOT / "spec" / "link.md").read_text()
    line = re.search(r"REFUSE codes:(.*?)\n\n|REFUSE codes:(.*?)\.\n", said, re.DOTALL)

    assert line is not None
    for code, name in names.items():
        assert re.search(rf"\b{code}\s+\w", line[0]), name
        assert any(f"items.{name}" in text for text in SOURCES.values()), f"no code says {name}"
        assert is_tried(REFUSALS[code]), name


# --- bounds that nothing else tries ---


def charter(parties: int = 2, **more: object) -> bytes:
    made = Charter(
        parties=tuple(PartyId(bytes([number]) * 16) for number in range(parties)),
        number=1,
        purpose="",
        basis="",
        proposed_at=0,
        nonce=bytes(16),
        code="X",
        **more,  # type: ignore[arg-type]
    )
    return made.encode()


def test_seventeen_parties_are_too_many() -> None:
    assert len(charters.decode_charter(charter(16)).parties) == 16
    for count in (1, 17):
        with pytest.raises(MalformedError):
            charters.decode_charter(charter(count))


def test_nine_witnesses_are_too_many() -> None:
    vkeys = [
        (one["name"], one["vkey"])
        for one in json.loads((ROOT / "spec/vectors/charter.json").read_text()).get("keys", [])
    ]
    pair = vkeys[0] if vkeys else ("w", "w+00000000+AA==")

    with pytest.raises(MalformedError, match="witnesses"):
        charters.decode_charter(charter(witnesses=(pair,) * 9))


def test_a_predecessor_names_64_logs_at_most() -> None:
    row = [bytes(16), bytes(8), 1, bytes(32)]

    assert charters.decode_charter(charter(predecessor=[bytes(16), [row] * 64]))
    with pytest.raises(MalformedError, match="predecessor"):
        charters.decode_charter(charter(predecessor=[bytes(16), [row] * 65]))


def test_a_card_beyond_its_bytes_is_too_large() -> None:
    with pytest.raises(TooLargeError):
        decode_card(bytes(limits.CARD_BYTES_MAX + 1))


def test_a_card_has_eight_keys_at_most() -> None:
    card = canon.decode(make_identity("ALFA").card.raw)
    assert isinstance(card, list)
    assert isinstance(card[1], bytes)
    body = canon.decode(card[1])
    assert isinstance(body, dict)
    for key, most in ((5, 8), (8, 8), (9, 8), (10, 16)):
        one = body[key][0] if key in body else "tls://a" if key == 9 else [1, bytes(32), 0]  # type: ignore[index]
        long = dict(sorted({**body, key: [one] * (most + 1)}.items()))
        raw = canon.encode([card[0], canon.encode(long), card[2], card[3]])
        with pytest.raises(MalformedError):
            decode_card(raw)


def sealed_at(counter: int, sender: SendEpoch) -> bytes:
    sender._counter = counter
    return sender.seal(b"\x82\x05\x01")


def test_a_frame_1024_behind_is_a_replay_whether_it_came_or_not() -> None:
    sender, receiver = SendEpoch(bytes(32)), ReceiveEpoch(bytes(32), epoch=1, node=0)
    frames = {counter: sealed_at(counter, sender) for counter in (2_000, 977, 976)}

    opened = {
        counter: receiver.open(raw, read_header(raw)) is not None for counter, raw in frames.items()
    }

    assert opened == {2_000: True, 977: True, 976: False}
    assert receiver.open(frames[977], read_header(frames[977])) is None


def test_after_2_to_the_20_frames_the_key_is_another() -> None:
    sender, receiver = SendEpoch(bytes(32)), ReceiveEpoch(bytes(32), epoch=1, node=0)
    last = sealed_at(limits.GENERATION_FRAMES_MAX - 1, sender)
    after = sender.seal(b"\x82\x05\x02")

    assert sender.generation == 1
    assert read_header(after).counter == 0
    assert receiver.open(last, read_header(last)) == b"\x82\x05\x01"
    assert receiver.open(after, read_header(after)) == b"\x82\x05\x02"
    assert frame.HEADER_BYTES == 6


def test_of_very_many_nodes_no_further_one_is_accepted() -> None:
    alfa, bravo = make_identity("ALFA"), make_identity("BRAVO")
    accepted = dict.fromkeys(range(limits.RETAINED_EPOCHS_MAX), 5)
    secrets = LinkSecrets(bravo, alfa.card, accepted=accepted)
    raw = LinkSecrets(alfa, bravo.card).start_epoch(WORLD_START, bytes)
    assert raw is not None
    offered = keying.decode_keying(raw[frame.HEADER_BYTES :])

    assert not secrets.is_stale(offered)
    for node in (limits.RETAINED_EPOCHS_MAX, 2**32 - 1):
        other = keying.Keying(**{**_fields(offered), "node": node})
        assert secrets.is_stale(other)


def _fields(offered: keying.Keying) -> dict[str, object]:
    return {name: getattr(offered, name) for name in keying.Keying.__slots__}


def test_a_witness_has_its_bounds_from_the_table() -> None:
    assert f"{witness.REQUEST_BYTES_MAX:,} bytes" in rows()["a request to a witness"]
    assert f"{witness.LOGS_PER_PARTY_MAX:,}" in rows()["logs of one party at one witness"]
