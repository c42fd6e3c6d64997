"""One flipped bit anywhere is found, and the message says where."""

from __future__ import annotations

from parley_verify.report import Report
from support.bundle_forge import Story
from support.verifying import check


def members_begin(raw: bytes) -> int:
    """Where the charters begin: what lies before are the cards, four fifths of the file."""
    return raw.index(b"\x6fparley1 charter") - 4


def is_near(report: Report, at: int) -> bool:
    """The place told lies in the member that was changed, or in the one just after it.

    Where the change upset the lengths, the refusal names what was open, or what is left over.
    """
    assert report.offset is not None
    assert report.refused is not None
    is_upset = "open here begin at bytes: " in report.refused or "bytes follow" in report.refused
    return is_upset or -1400 <= report.offset - at <= 600


def test_one_bit_of_every_byte_of_a_bundle_is_found() -> None:
    story = Story()
    raw = story.delivered()
    accepted: list[int] = []

    for at in range(0, len(raw), 3):
        changed = bytearray(raw)
        changed[at] ^= 1 << at % 8
        if check(bytes(changed), story.trust).code == 0:
            accepted.append(at)

    assert accepted == []


def test_every_bit_of_charter_statements_logs_and_claims_is_found_and_located() -> None:
    story = Story()
    story.pass_time()
    raw = story.lapsed()
    accepted: list[int] = []
    misplaced: list[int] = []

    for bit in range(members_begin(raw) * 8, len(raw) * 8, 3):
        changed = bytearray(raw)
        changed[bit >> 3] ^= 1 << (bit & 7)
        report = check(bytes(changed), story.trust)
        if report.code == 0:
            accepted.append(bit)
        elif report.refused is not None and not is_near(report, bit >> 3):
            misplaced.append(bit)

    assert accepted == []
    assert misplaced == []


def test_a_changed_commitment_names_entry_and_field() -> None:
    story = Story()
    story.pass_time()
    raw = bytearray(story.lapsed())
    raw[raw.index(story.b.commitments(2)[2])] ^= 1

    report = check(bytes(raw), story.trust)

    assert report.code == 7
    assert report.refused == "entry 2: field 2 does not fit its commitment"
    assert report.where is not None
    assert "log parts[0]/2/2/1/5/2" in report.where


def test_a_changed_header_is_placed_between_the_sizes_that_fit() -> None:
    story = Story()
    story.pass_time()
    time = story.b.entries[2][1]
    raw = story.lapsed()
    at = raw.rindex(b"\x01\x1a" + time.to_bytes(4, "big")) + 5
    changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]

    report = check(changed, story.trust)

    assert report.code == 7
    assert report.refused == (
        "log part 0 (BRAVO): its 3 entries give a root that nobody signed; "
        "entries below 2 fit, the fault lies in entries 2 to 2"
    )
    assert report.offset is not None
    assert at - 60 < report.offset <= at


def test_a_file_cut_anywhere_is_refused() -> None:
    story = Story()
    raw = story.delivered()

    codes = {check(raw[:size], story.trust).code for size in range(0, len(raw), 97)}

    assert codes == {7}


def test_bytes_after_the_bundle_are_refused_with_their_place() -> None:
    story = Story()
    raw = story.delivered()

    report = check(raw + b"\0", story.trust)

    assert (report.code, report.offset) == (7, len(raw))
