"""What two statements of one log show of it, and whose signature lines they bear."""

from __future__ import annotations

import pytest

from support import bundle_forge as forge
from support.bundle_forge import T0, Story
from support.verifying import check, word


def claimed(story: Story, what: int, index: int, notes: list[str], parts: list | None = None):
    raw = story.bundle(
        [(what, 1, index, story.b.inc, 1, notes)],
        notes=notes,
        parts=parts or [],
        cards=[story.bravo.card()],
    )
    return check(raw, story.trust)


def two_roots(*, cosigned=("w.example", "w.example"), time=T0 + 90):
    """Return a bundle with a fork of BRAVO's, each side cosigned by a witness, and whom to trust."""
    names = dict.fromkeys(cosigned)
    story = Story(witnesses=[(name, forge.vkey(name, name)) for name in sorted(names)])
    story.b.add(1, {2: "one"}, time=T0 + 50)
    other = story.b.copy()
    other.entries[2] = (1, T0 + 51, 0, 0, {2: "two"})
    notes = []
    for no, (log, name) in enumerate(zip((story.b, other), cosigned, strict=True), start=5):
        note = log.note(3, time=T0 + 60, no=no, holds=[(story.a, 3)])
        text = note[: note.index("\n\n") + 1]
        notes.append(note + forge.cosign(text, name, name, time))
    claim = (forge.FORK, 1, 3, story.b.inc, 1, notes)
    raw = story.bundle([claim], notes=notes, parts=[], cards=[story.bravo.card()])
    return raw, [*story.trust, *(forge.vkey(name, name) for name in names)]


def test_a_witness_that_cosigned_two_roots_is_named_beside_the_author() -> None:
    report = check(*two_roots())
    assert (report.code, word(report)) == (0, "two histories signed with BRAVO's key")
    said = "witness w.example signed two histories of the log of BRAVO: notes 0 and 1"
    assert said in report.findings


def test_two_witnesses_that_saw_one_root_each_are_not_blamed() -> None:
    report = check(*two_roots(cosigned=("w.example", "v.example")))
    assert report.code == 0
    assert not [text for text in report.findings if text.startswith("witness")]
    report = check(*two_roots(time=0))
    assert not [text for text in report.findings if text.startswith("witness w.example signed two")]


@pytest.mark.parametrize(
    ("time", "no", "code"),
    [(T0 + 60, 9, 0), (T0 + 60, 1, 0), (T0 + 40, 9, 0), (T0 + 40, 1, 7)],
)
def test_a_shorter_log_with_a_later_time_or_a_higher_number_is_a_rollback(
    time: int, no: int, code: int
) -> None:
    story = Story()
    story.b.add(1, {2: "x"}, time=T0 + 50)
    longer = story.b.note(3, time=T0 + 50, no=5, holds=[(story.a, 3)])
    shorter = story.b.note(2, time=time, no=no, holds=[(story.a, 3)])

    assert claimed(story, forge.ROLLBACK, 2, [longer, shorter]).code == code


def test_two_notes_may_show_a_fork_and_a_rollback_and_prove_either_claim() -> None:
    story = Story()
    story.b.add(1, {2: "one"}, time=T0 + 50)
    other = story.b.copy()
    story.b.add(1, {2: "more"}, time=T0 + 60)
    longer = story.b.note(4, time=T0 + 60, no=5, holds=[(story.a, 3)])
    other.entries[2] = (1, T0 + 51, 0, 0, {2: "two"})
    shorter = other.note(3, time=T0 + 70, no=6, holds=[(story.a, 3)])
    parts = [story.b.part(4, show=set(), cuts=[3])]

    fork = claimed(story, forge.FORK, 3, [longer, shorter], parts)
    rollback = claimed(story, forge.ROLLBACK, 3, [longer, shorter], parts)

    assert (fork.code, word(fork)) == (0, "two histories signed with BRAVO's key")
    assert (rollback.code, word(rollback)) == (0, "rollback: BRAVO signed a shorter log later")


def test_no_fork_is_said_only_where_one_history_is_shown() -> None:
    story = Story()
    story.b.add(1, {2: "x"}, time=T0 + 50)
    longer = story.b.note(3, time=T0 + 50, holds=[(story.a, 3)])
    notes = [story.s0, story.s1, longer]
    shown = claimed(story, forge.FORK, 2, notes, [story.b.part(3, show=set(), cuts=[2])])
    untold = claimed(story, forge.FORK, 2, notes)

    assert (shown.code, word(shown)) == (7, "no fork")
    assert (untold.code, word(untold)) == (14, "hearsay")


def delivery(story: Story, receipt: str):
    notes = [story.note_a, receipt]
    parts = [story.a.part(3, show={0, 2}), story.b.part(2, show={0})]
    return check(
        story.bundle([story.claim(forge.DELIVERED, notes)], notes=notes, parts=parts), story.trust
    )


def test_a_line_of_a_station_key_that_no_card_shows_is_skipped_and_said() -> None:
    story = Story()
    text = story.s1.partition("\n\n")[0] + "\n"
    stranger = story.b.sign(text, key=9).partition("\n\n")[2]

    beside = delivery(story, story.s1 + stranger)
    alone = delivery(story, f"{text}\n{stranger}")

    assert (beside.code, word(beside)) == (14, "delivered")
    assert any("station key 9" in text for text in beside.unchecked)
    assert alone.code == 7
    assert "no card shown has station key 9" in (alone.refused or "")
