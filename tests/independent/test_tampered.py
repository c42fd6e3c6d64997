"""Bundles that a tamperer changed are judged by the verifier as by the second reading of spec/."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from independent import insiders, tampering
from independent.claims import judge
from independent.insiders import Made
from support.verifying import check

STORIES = ("lapsed", "lapsed by a witness", "answered", "fork of two sizes", "extract")


def judged_alike(made: Iterable[Made]) -> set[int]:
    """Compare the two on each bundle, and give the exit codes met."""
    met = set()
    for name, raw, talk in made:
        parties = [bytes.fromhex(each) for each in talk.trust if "+" not in each]
        code, words = judge(raw, parties, [each for each in talk.trust if "+" in each])
        report = check(raw, talk.trust)
        assert code == report.code, (name, words, report.refused, report.verdicts)
        met.add(code)
    return met


def test_what_stands_around_a_bundle_spoils_it() -> None:
    assert judged_alike(tampering.whole_files()) == {7}


@pytest.mark.parametrize("story", STORIES)
def test_another_encoding_is_refused_by_both(story: str) -> None:
    for name in tampering.ENCODINGS:
        judged_alike(tampering.encoded_otherwise(name, story, 2))


@pytest.mark.parametrize("story", STORIES)
def test_a_note_changed_and_signed_anew_is_judged_alike(story: str) -> None:
    assert {7, 14} <= judged_alike(tampering.notes_changed(story))


@pytest.mark.parametrize("story", [*STORIES, "delivered", "dark", "end of a record", "rollback"])
def test_a_bundle_put_together_wrongly_is_judged_alike(story: str) -> None:
    assert {7, 14} <= judged_alike(insiders.put_together_wrongly(story))


def test_odd_entries_that_their_author_signed_are_judged_alike() -> None:
    assert judged_alike(insiders.odd_entries()) == {0, 7, 14}


def test_odd_cards_that_their_owner_signed_are_judged_alike() -> None:
    assert judged_alike(insiders.cards_changed()) == {0, 7, 14}


def test_notes_under_a_revoked_key_are_judged_alike() -> None:
    assert judged_alike(insiders.revocations()) == {0, 14}
