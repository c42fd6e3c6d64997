"""`parley text sign`: nobody closes 48 hours against 24 without having said so."""

from __future__ import annotations

import pytest

from parley.cli.channels import due_text
from parley.cli.shown import shown_fields
from parley.cli.texts import seen_of
from parley.errors import UsageError


def test_each_difference_has_to_be_named_and_the_next_step_names_them() -> None:
    with pytest.raises(UsageError, match=r"2\.durations, 3\.dates") as refused:
        seen_of("JTX-ALFA-31", ["1.numbers", "2.durations", "3.dates"], ["1.numbers"])
    assert "--seen 2.durations --seen 3.dates" in str(refused.value.next_step)
    assert seen_of("JTX-ALFA-31", ["2.durations"], ["2.durations"]) == ["2.durations"]
    assert seen_of("JTX-ALFA-31", [], []) == []


def test_a_difference_that_there_is_not_is_refused() -> None:
    with pytest.raises(UsageError, match="no difference"):
        seen_of("JTX-ALFA-31", ["2.durations"], ["2.durations", "2.duration"])


def test_names_of_fields_are_not_cut() -> None:
    label = "what was said, agreed, asked, refused"
    fields = [
        {"label": {"en": label, "zh": "x"}, "shown": "a"},
        {"label": {"en": "of", "zh": "x"}, "shown": "b"},
    ]
    assert shown_fields(fields, "en") == [f"{label}  a", f"{'of':<32}  b"]


@pytest.mark.parametrize("term", ["2026-12-24", "2026-12-24T10:00:00Z", "P30D", "event", "none"])
def test_a_term_stands_as_it_was_typed(term: str) -> None:
    assert due_text(term) == term


@pytest.mark.parametrize("term", ["tomorrow", "24.12.2026", "soon"])
def test_a_word_that_would_be_an_event_nobody_notes_is_no_term(term: str) -> None:
    with pytest.raises(UsageError, match="is no date"):
        due_text(term)
