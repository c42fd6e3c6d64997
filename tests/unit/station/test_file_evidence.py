"""Files in bundles: carried, or withheld so that a stranger cannot guess them."""

from __future__ import annotations

from hashlib import sha256

import pytest

from parley.core import limits
from parley.core.attachment import attachment_digest, cut, part_fields
from parley.core.bundle import decode_bundle
from parley.errors import UsageError
from parley.station.export import Exporter
from parley.station.file_evidence import WITHHELD_FILES
from parley.store.memory import MemoryStore
from parley.store.verify import derived_index
from support.records import Record, seed
from support.verifying import check

CONTENT = b"yes" * 20_000
SALT = seed("salt")
PARTS = list(cut(SALT, CONTENT))
WHOLE = f"file 1 of entry ALFA/2, {len(CONTENT)} bytes: whole, its digest agrees"
HIDDEN = (
    f"file 1 of entry ALFA/2, {len(CONTENT)} bytes: 0 of 2 parts are shown; "
    "what is not shown cannot be guessed"
)
ATTACH = 26


class Tale:
    """ALFA names a file, and its parts follow under a later statement."""

    def __init__(self, *, parts: int = 2, flags: int = 0, sign: bool = True) -> None:
        self.record = Record()
        self.record.meet()
        self.alfa, self.bravo = self.record.parties
        digest = attachment_digest(SALT, CONTENT).hex()
        named = {0: "answer.txt", 1: "text/plain", 2: len(CONTENT), 3: digest}
        self.at = self.record.append(
            self.alfa,
            1,
            {16: [["en", 0, "Our answer."]], 25: [["en", "A"]], 26: [named]},
            flags=flags,
        )
        self.record.sign(self.alfa)
        self.record.sign(self.bravo)
        for part in PARTS[:parts]:
            self.record.append(self.alfa, 9, part_fields(part), flags=flags)
        if sign:
            self.record.sign(self.alfa)
            self.record.sign(self.bravo)
        self.place = (self.record.logs[self.alfa.id].id, self.at)
        self.look()

    def look(self) -> None:
        """Take in what was written."""
        self.store = MemoryStore()
        self.store.commit(self.record.batch())
        self.store.rebuild_index(derived_index(self.store))
        cards = {party.id: [party.card] for party in self.record.parties}
        self.exporter = Exporter(self.store, cards)

    def told(self, raw: bytes) -> list[str]:
        report = check(raw, [party.card.fingerprint.hex() for party in self.record.parties])
        assert report.refused is None, report.refused
        assert report.code in (0, 14)
        assert {verdict.code for verdict in report.verdicts} <= {0, 14}
        return [each for each in report.findings if each.startswith("file")]


def holds(raw: bytes, needle: bytes) -> bool:
    return needle in raw


@pytest.mark.parametrize("make", ["extract", "receipt", "record"])
def test_a_bundle_carries_a_file_or_withholds_it(make):
    tale = Tale()

    def bundle(*withhold: int) -> bytes:
        match make:
            case "extract":
                return tale.exporter.extract([tale.place], withhold=withhold)
            case "receipt":
                return tale.exporter.receipt(*tale.place, withhold=withhold)
            case _:
                return tale.exporter.record(tale.place[0].channel, withhold=withhold)

    carried, kept = bundle(), bundle(WITHHELD_FILES)

    assert tale.told(carried) == [WHOLE]
    assert holds(carried, CONTENT[:1000])
    assert holds(carried, SALT)
    # Name, size and salted digest stand there; neither content nor salt does, nor a plain digest.
    assert tale.told(kept) == [HIDDEN]
    assert holds(kept, b"answer.txt")
    for secret in (
        CONTENT[:32],
        SALT,
        sha256(CONTENT).digest(),
        sha256(CONTENT).hexdigest().encode(),
    ):
        assert not holds(kept, secret)
    # With the field that names it nothing of it is told at all.
    nothing = bundle(ATTACH)
    assert tale.told(nothing) == []
    for secret in (CONTENT[:32], SALT, b"answer.txt"):
        assert not holds(nothing, secret)


def test_what_is_withheld_of_words_says_nothing_of_a_file():
    """Field 16 is the texts of an entry and the digest of a part."""
    tale = Tale()
    raw = tale.exporter.extract([tale.place], withhold=(16,))
    assert tale.told(raw) == [WHOLE]
    assert not holds(raw, b"Our answer.")


def test_two_extracts_of_one_entry_agree_in_every_commitment():
    tale = Tale()

    def commitments(raw: bytes) -> dict[tuple[str, int], object]:
        return {
            (part.log.origin, index): view.commitments
            for part in decode_bundle(raw).parts
            for index, view in part.leaves.items()
        }

    carried = commitments(tale.exporter.extract([tale.place]))
    kept = commitments(tale.exporter.extract([tale.place], withhold=(WITHHELD_FILES,)))
    hidden = commitments(tale.exporter.extract([tale.place], withhold=(ATTACH,)))

    assert set(kept) == set(hidden) < set(carried)
    assert all(carried[place] == kept[place] == hidden[place] for place in kept)


def test_what_is_not_here_or_not_signed_yet_is_not_shown():
    one = f"file 1 of entry ALFA/2, {len(CONTENT)} bytes: 1 of 2 parts are shown; "
    tale = Tale(parts=1)
    assert tale.told(tale.exporter.extract([tale.place])) == [
        one + "what is not shown cannot be guessed"
    ]
    tale = Tale(sign=False)
    assert tale.told(tale.exporter.extract([tale.place])) == [HIDDEN]


def test_a_file_off_the_record_is_in_no_bundle():
    tale = Tale(flags=16)
    for raw in (
        tale.exporter.extract([tale.place]),
        tale.exporter.record(tale.place[0].channel),
    ):
        assert tale.told(raw) == []
        assert not holds(raw, CONTENT[:32])
        assert not holds(raw, SALT)


def test_more_than_a_verifier_takes_is_refused_with_the_way_out(monkeypatch):
    tale = Tale()
    monkeypatch.setattr(limits, "BUNDLE_BYTES_MAX", 60_000)
    with pytest.raises(UsageError, match="verifiers take") as refused:
        tale.exporter.extract([tale.place])
    assert "withhold their files" in refused.value.next_step
    assert tale.exporter.extract([tale.place], withhold=(WITHHELD_FILES,))


def test_of_two_parts_with_one_number_only_the_one_that_stands_is_shown():
    """A later log cannot spoil, at a stranger's, what this station holds as whole."""
    tale = Tale()
    other = {**part_fields(PARTS[1]), 19: bytes(len(PARTS[1].octets))}
    for life in range(2, 6):  # a random name of a log sorts before the first one sooner or later
        tale.record.open(tale.alfa, incarnation=life)
        tale.record.append(tale.alfa, 9, other)
        tale.record.sign(tale.alfa)
    assert min(log.id.inc for log in tale.record.all if log.id.party == tale.alfa.id) != (
        tale.place[0].inc
    )
    tale.look()

    assert tale.told(tale.exporter.extract([tale.place])) == [WHOLE]
