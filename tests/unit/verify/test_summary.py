"""The lines that count what a bundle holds and how much of it was checked."""

from __future__ import annotations

from parley_verify.report import text_lines
from support import bundle_forge as forge
from support.bundle_forge import T0, Story
from support.verifying import check

WITNESS = ("witness.example/w1", forge.vkey("witness.example/w1", "w1"))


def lines(raw: bytes, trust: list[str], head: str, *, plain: bool = False) -> list[str]:
    found = text_lines(check(raw, trust, plain=plain), explain=False)
    return [line[11:] for line in found if line.startswith(f"{head:<11}")]


def cosigned(story: Story, note: str, key: str = "w1") -> str:
    text = note.partition("\n\n")[0] + "\n"
    return note + forge.cosign(text, WITNESS[0], key, T0 + 25)


def test_entries_logs_statements_witnesses_and_claims_are_counted() -> None:
    story = Story()
    assert lines(story.delivered(), story.trust, "bundle") == [
        "3 entries, 2 logs, 2 statements, 0 witnesses, 1 claim"
    ]


def test_signatures_count_two_for_a_card_and_one_for_a_statement() -> None:
    story = Story()
    story.pass_time()
    raw = story.lapsed()

    assert lines(raw, story.trust, "signatures") == [
        "7/7 valid (ALFA 3, BRAVO 4)      logs consistent 2/2      receipts 3/3"
    ]
    assert lines(raw, story.trust, "signatures", plain=True) == [
        "5/7 valid (ALFA 2, BRAVO 3)      logs consistent 2/2      receipts 3/3"
    ]


def test_a_log_with_two_histories_is_not_consistent_and_a_receipt_without_nodes_is_not_shown() -> (
    None
):
    story = Story()
    story.b.add(1, {2: "x"}, time=T0 + 50)
    notes = [
        story.b.note(3, time=T0 + 50, holds=[(story.a, 3)]),
        story.b.note(2, time=T0 + 60, holds=[(story.a, 3)]),
    ]
    raw = story.bundle(
        [(forge.ROLLBACK, 1, 2, story.b.inc, 1, notes)],
        notes=notes,
        parts=[],
        cards=[story.bravo.card()],
    )

    (told,) = lines(raw, story.trust, "signatures")

    assert told.endswith("logs consistent 0/1      receipts 0/2")


def test_a_witness_is_told_with_what_it_signed_and_whether_that_was_checked() -> None:
    story = Story(witnesses=[WITNESS])
    notes = [story.note_a, cosigned(story, story.s1)]
    raw = story.bundle(
        [story.claim(forge.DELIVERED, notes)],
        notes=notes,
        parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
    )
    told = {
        "checked, and on your trust list": [*story.trust, WITNESS[1]],
        "card not given, so this was NOT checked": story.trust,
    }
    for words, trust in told.items():
        (line,) = lines(raw, trust, "witness")
        assert line.startswith("witness.example/w1 signed 1 of 2 statements (note ")
        assert line.endswith(words)

    stranger = Story()
    notes = [cosigned(stranger, stranger.note_a), cosigned(stranger, stranger.s1)]
    raw = stranger.bundle(
        [stranger.claim(forge.DELIVERED, notes)],
        notes=notes,
        parts=[stranger.a.part(3, show={0, 2}), stranger.b.part(2, show={0})],
    )
    assert lines(raw, stranger.trust, "witness") == [
        "witness.example/w1 signed all 2 statements; its signatures were NOT checked"
    ]


def test_fields_that_are_withheld_are_counted_and_named() -> None:
    story = Story()
    raw = story.bundle(
        [(forge.EXTRACT, 0, 2, story.a.inc, 0, [story.note_a])],
        notes=[story.note_a],
        parts=[story.a.part(3, show={0, 2}, withhold={2: {2, 5}})],
        cards=[story.alfa.card()],
    )

    assert lines(raw, story.trust, "withheld") == [
        "2 fields in 1 entry (text, due); their commitments are part of what was signed"
    ]
    assert lines(story.delivered(), story.trust, "withheld") == []
