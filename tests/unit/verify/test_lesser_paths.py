"""What is told rather than refused, and the rarer ways to a word."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from parley_verify.refusal import BadArgumentError
from support import bundle_forge as forge
from support.bundle_forge import T0, Log, Story, cbor, ed, ed_public
from support.verifying import check, word

WITNESS = ("witness.example/w1", forge.vkey("witness.example/w1", "w1"))


def cosign(note: str, time: int) -> str:
    text = note.partition("\n\n")[0] + "\n"
    return note + forge.cosign(text, WITNESS[0], "w1", time)


def lapse(story: Story, **more) -> bytes:
    notes = [story.note_a, story.s1, story.s2]
    parts = more.pop("parts", None) or [story.a.part(), story.b.part()]
    return story.bundle([story.claim(forge.LAPSED, notes)], notes=notes, parts=parts, **more)


def own_log(what: int, story: Story, part: list, notes: list[str], **more) -> bytes:
    return story.bundle(
        [(what, 0, more.pop("index", 2), story.a.inc, 0, notes)],
        notes=notes,
        parts=[part],
        cards=more.pop("cards", [story.alfa.card()]),
        **more,
    )


# --- officer signatures -------------------------------------------------------------------------


def with_officer(signer: str, *, withhold=()) -> tuple[Story, bytes]:
    story = Story()
    fields = {2: "ordered"}
    index = len(story.a.entries)
    message = b"parley1 officer\0" + story.channel.id + story.a.inc + struct.pack(">Q", index)
    message += cbor([1, T0, 0, 2, fields])
    story.a.add(1, {**fields, 15: [4, ed(signer).sign(message)]}, seen=2)
    note = story.a.note(time=T0 + 20, holds=[(story.b, 2)])
    card = story.alfa.card(extra={10: [[4, ed_public("officer"), 1]]})
    part = story.a.part(show={0, index}, withhold={index: withhold})
    return story, own_log(forge.EXTRACT, story, part, [note], index=index, cards=[card])


def test_an_officers_signature_is_checked_where_all_it_covers_is_open() -> None:
    story, good = with_officer("officer")
    _, forged = with_officer("someone")
    _, covered = with_officer("officer", withhold={2})

    assert (check(good, story.trust).code, check(good, story.trust).findings) == (0, [])
    assert check(forged, story.trust).findings == ["officer signature of ALFA/3 does not verify"]
    assert check(covered, story.trust).code == 14


# --- cards and keys -----------------------------------------------------------------------------


def test_a_newer_card_of_the_readers_own_is_used(tmp_path: Path) -> None:
    story = Story()
    keys = [story.bravo.station_key(revoked=1), story.bravo.station_key(2)]
    path = tmp_path / "bravo.card"
    path.write_bytes(cbor(story.bravo.card(sequence=2, keys=keys)))

    report = check(story.delivered(), [story.trust[0], str(path)])

    assert report.code == 14
    assert any("newer than the one shown" in text for text in report.findings)
    assert any("subject to revocation" in text for text in report.verdicts[0].lacking)


def test_a_new_lifes_opening_entry_ends_what_a_revoked_key_signed() -> None:
    for size, standing in ((2, "good"), (1, "worthless")):
        story = Story()
        keys = [story.bravo.station_key(revoked=0), story.bravo.station_key(2)]
        previous = [story.b.inc, size, story.b.root(size)]
        again = Log(story.channel, story.bravo, inc=b"newlife!", opening={18: previous})
        fresh = again.note(time=T0 + 30, key=2)
        notes = [story.note_a, story.s1, fresh]
        raw = story.bundle(
            [story.claim(forge.DELIVERED, notes)],
            notes=notes,
            parts=[story.a.part(3, show={0, 2}), story.b.part(2), again.part()],
            cards=[story.alfa.card(), story.bravo.card(sequence=2, keys=keys)],
        )

        report = check(raw, story.trust)

        assert any(text.endswith(f"this note is {standing}") for text in report.findings)
        assert report.code == (0 if standing == "good" else 14)


def test_a_witness_before_the_revocation_keeps_a_statement() -> None:
    story = Story(witnesses=[WITNESS])
    s1 = cosign(story.s1, T0 + 25)
    keys = [story.bravo.station_key(revoked=0)]
    card = story.bravo.card(sequence=2, keys=keys, issued=T0 + 100)
    notes = [story.note_a, s1]
    raw = story.bundle(
        [story.claim(forge.DELIVERED, notes)],
        notes=notes,
        cards=[story.alfa.card(), card],
        parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
    )

    assert check(raw, [*story.trust, WITNESS[1]]).code == 0
    assert check(raw, story.trust).code == 14


def test_a_start_signed_with_a_revoked_key_is_no_start() -> None:
    story = Story()
    story.b.add(17, {1: [0, 2]}, time=T0 + 15, seen=3)
    forged = story.b.note(3, time=T0 + 16, no=0, holds=[(story.a, 2)])
    story.s1 = story.b.note(3, time=T0 + 20, no=1, holds=[(story.a, 3)], key=2)
    story.b.add(1, {2: "x"}, time=T0 + 30, seen=3)
    story.s2 = story.b.note(time=T0 + 9000, no=2, holds=[(story.a, 3)], key=2)
    keys = [story.bravo.station_key(revoked=0), story.bravo.station_key(2)]
    notes = [story.note_a, forged, story.s1, story.s2]
    raw = story.bundle(
        [story.claim(forge.LAPSED, notes)],
        notes=notes,
        parts=[story.a.part(), story.b.part(show={0, 3}, cuts=[3])],
        cards=[story.alfa.card(), story.bravo.card(sequence=2, keys=keys)],
    )

    report = check(raw, story.trust)

    assert report.code == 14
    assert "signed but not produced" in word(report)


# --- entries that break a rule ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ((1, T0, 32, 0, {}), "reserved flag bits"),
        ((0, T0, 0, 0, {}), "kind 0 stands at index 0"),
        ((1, T0, 0, [0, 0], {}), "every other party once"),
        ((1, T0, 0, 0, {70_000: 1}), "field number above"),
        ((70_000, T0, 0, 0, {}), "a kind above"),
        ((1, T0, 0, 0, dict.fromkeys(range(16, 90), 0)), "more than 64 fields"),
        ((1, T0, 0, 0, {32: [[[[[[[]]]]]]]}), "nested deeper"),
    ],
)
def test_a_signed_entry_that_breaks_a_rule_is_evidence_all_the_same(
    entry: tuple, said: str
) -> None:
    story = Story()
    story.a.entries.append(entry)
    note = story.a.note(time=T0 + 20, holds=[(story.b, 2)])
    raw = own_log(forge.EXTRACT, story, story.a.part(show={0, 3}), [note], index=3)

    report = check(raw, story.trust)

    assert report.code == 0
    assert any(said in text for text in report.findings)


def test_an_off_record_entry_passed_and_that_is_all() -> None:
    story = Story()
    story.a.add(1, {2: "between us"}, flags=16, seen=2)
    note = story.a.note(time=T0 + 20, holds=[(story.b, 2)])
    story.b.number = 1
    s1 = story.b.note(time=T0 + 30, holds=[(story.a, 4)])
    extract = own_log(forge.EXTRACT, story, story.a.part(show={0, 3}), [note], index=3)
    delivered = story.bundle(
        [story.claim(forge.DELIVERED, [note, s1], index=3)],
        notes=[note, s1],
        parts=[story.a.part(show={0, 3}), story.b.part(2, show={0})],
    )

    assert word(check(extract, story.trust)) == "off-record entry passed"
    assert word(check(delivered, story.trust)) == "delivered, off the record"
    assert b"between us" not in extract + delivered


# --- extracts and records -----------------------------------------------------------------------


def test_an_extract_under_an_expired_key_counts_against_its_author_only() -> None:
    story = Story()
    card = story.alfa.card(keys=[story.alfa.station_key(until=T0 + 5)])
    raw = own_log(forge.EXTRACT, story, story.a.part(3, show={0, 2}), [story.note_a], cards=[card])

    report = check(raw, story.trust)

    assert (report.code, word(report)) == (14, "in the log, counts against ALFA only")


def test_a_record_with_holes_or_withheld_fields_is_in_part() -> None:
    story = Story()
    notes = [story.note_a]
    holes = own_log(forge.RECORD, story, story.a.part(3, show={0, 2}), notes, index=0)
    withheld = own_log(forge.RECORD, story, story.a.part(3, withhold={2: {2}}), notes, index=0)
    later = own_log(forge.RECORD, story, story.a.part(3), notes, index=1)

    assert word(check(holes, story.trust)) == "record, in part"
    assert word(check(withheld, story.trust)) == "record, in part"
    assert (check(later, story.trust).code, word(check(later, story.trust))) == (
        7,
        "another record",
    )


@pytest.mark.parametrize("what", [forge.RECORD, forge.EXTRACT])
def test_what_its_author_did_not_sign_is_not_shown(what: int) -> None:
    story = Story()
    raw = story.bundle(
        [(what, 0, 2, story.a.inc, 0, [story.s1])],
        notes=[story.s1],
        parts=[story.a.part(3, show={0, 2})],
    )

    assert word(check(raw, story.trust)) == "not shown"


# --- answers ------------------------------------------------------------------------------------


def answered(story: Story, part: list, note: str, *, notes: list[str] | None = None) -> bytes:
    named = [story.note_a, story.s1, note] if notes is None else notes
    return story.bundle(
        [story.claim(forge.ANSWERED, named)],
        notes=named,
        parts=[story.a.part(3, show={0, 2}), part],
    )


def test_a_short_reference_needs_the_incarnation_shown_by_turn_or_statements() -> None:
    story = Story()
    story.b.add(17, {1: [0, 2]}, time=T0 + 40, seen=3)
    tight = story.b.note(3, time=T0 + 40, holds=[(story.a, 3)])
    story.b.add(1, {2: "x"}, time=T0 + 50, seen=3)
    loose = story.b.note(4, time=T0 + 50, holds=[(story.a, 3)])

    by_statements = answered(story, story.b.part(3, show={0, 2}), tight)
    by_one_after = answered(
        story, story.b.part(4, show={0, 2, 3}, cuts=[2]), loose, notes=[story.note_a, loose]
    )
    by_none = answered(
        story, story.b.part(4, show={0, 2}, cuts=[2]), loose, notes=[story.note_a, loose]
    )

    assert word(check(by_statements, story.trust)) == "answered"
    assert word(check(by_one_after, story.trust)) == "answered"
    assert word(check(by_none, story.trust)) == "no answer shown"


def test_a_turn_of_another_life_between_makes_a_short_reference_mean_another() -> None:
    story = Story()
    again = Log(story.channel, story.alfa, inc=b"newlife!")
    story.b.turn(again, seen=0, time=T0 + 30)
    story.b.add(17, {1: [0, 2]}, time=T0 + 40, seen=0)
    note = story.b.note(time=T0 + 40, holds=[(again, 1)])

    assert word(check(answered(story, story.b.part(), note), story.trust)) == "no answer shown"


def test_an_answer_under_no_statement_of_its_author_is_none() -> None:
    story = Story()
    story.b.add(17, {1: [0, 2]}, time=T0 + 40, seen=3)
    held_by_a = story.a.note(time=T0 + 50, holds=[(story.b, 3)])
    raw = story.bundle(
        [story.claim(forge.ANSWERED, [story.s1, held_by_a])],
        notes=[story.s1, held_by_a],
        parts=[story.a.part(3, show={0, 2}), story.b.part(3)],
    )

    assert word(check(raw, story.trust)) == "no answer shown"


def test_an_answer_to_a_question_nobody_signed_is_only_admitted() -> None:
    story = Story()
    story.b.add(17, {1: [0, 2]}, time=T0 + 40, seen=3)
    note = story.b.note(time=T0 + 40, holds=[(story.a, 3)])
    raw = answered(story, story.b.part(), note, notes=[note])

    assert word(check(raw, story.trust)) == "answered; the question is only admitted by BRAVO"


def test_an_answer_without_delivery_is_not_shown() -> None:
    story = Story()
    raw = story.bundle(
        [story.claim(forge.ANSWERED, [story.note_a, story.s0])],
        notes=[story.note_a, story.s0],
        parts=[story.a.part(3, show={0, 2}), story.b.part(2)],
    )

    assert word(check(raw, story.trust)) == "not shown"


# --- silence ------------------------------------------------------------------------------------


def test_a_due_that_is_withheld_gives_no_clock() -> None:
    story = Story()
    story.pass_time()
    raw = lapse(story, parts=[story.a.part(withhold={2: {5}}), story.b.part()])

    report = check(raw, story.trust)

    assert (report.code, word(report)) == (14, "delivered; no clock")


def test_a_log_of_the_other_side_that_is_not_shown_leaves_delivery() -> None:
    story = Story()
    story.pass_time()
    notes = [story.note_a, story.s1, story.s2]
    raw = story.bundle(
        [story.claim(forge.LAPSED, notes)],
        notes=notes,
        parts=[story.a.part(), story.b.part(2, show={0})],
    )

    assert word(check(raw, story.trust)) == "delivered; the rest of the log is not shown"


def test_the_other_side_holding_another_life_of_ours_leaves_withdrawal_open() -> None:
    story = Story()
    again = Log(story.channel, story.alfa, inc=b"newlife!")
    story.b.turn(again, seen=0, time=T0 + 30)
    story.s2 = story.b.note(time=T0 + 9000, holds=[(again, 1)])

    assert word(check(lapse(story), story.trust)) == "silent, unless withdrawn"


def test_our_log_held_under_another_root_leaves_withdrawal_open() -> None:
    story = Story()
    story.b.add(1, {2: "x"}, time=T0 + 30, seen=3)
    story.s2 = story.b.note(time=T0 + 9000, holds=[(story.a, 3, "", forge.h(b"other"))])

    assert word(check(lapse(story), story.trust)) == "silent, unless withdrawn"


def test_a_partys_own_commitment_is_not_judged() -> None:
    story = Story()
    raw = own_log(forge.LAPSED, story, story.a.part(3, show={0, 2}), [story.note_a])

    assert word(check(raw, story.trust)) == "not checked"


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ({16: 1, 17: b"rfc 3161"}, "type not checked"),
        ({16: 3, 17: "no note"}, None),
        ({16: 3, 17: "bravo's"}, None),
        ({16: 3, 17: "uncosigned"}, None),
    ],
)
def test_a_token_that_bounds_nothing_gives_no_time(token: dict, said: str | None) -> None:
    story = Story(witnesses=[WITNESS])
    notes = {"bravo's": cosign(story.s1, T0 + 5000), "uncosigned": story.note_a}
    token[17] = notes.get(token[17], token[17])
    story.s1 = cosign(story.s1, T0 + 25)
    story.a.add(6, token, time=T0 + 5000, seen=2)
    story.b.add(1, {2: "still"}, time=T0 + 20, seen=4)
    story.s2 = story.b.note(time=T0 + 21, holds=[(story.a, 4)])

    report = check(lapse(story), [*story.trust, WITNESS[1]])

    assert word(report) == "delivered; not shown that the time is over"
    assert [text for text in report.unchecked if said is not None and said in text] == (
        [] if said is None else report.unchecked
    )


def test_an_instant_by_witnesses_clocks() -> None:
    story = Story(due=[T0 + 3000], witnesses=[WITNESS])
    s1 = cosign(story.s1, T0 + 25)
    story.a.add(6, {16: 3, 17: cosign(story.note_a, T0 + 5000)}, seen=2)
    story.b.add(1, {2: "still"}, time=T0 + 20, seen=4)
    s2 = story.b.note(time=T0 + 21, holds=[(story.a, 4)])
    late = cosign(story.s1, T0 + 3000)

    def forged(first: str) -> bytes:
        notes = [story.note_a, first, s2]
        return story.bundle(
            [story.claim(forge.LAPSED, notes)],
            notes=notes,
            parts=[story.a.part(), story.b.part()],
        )

    trust = [*story.trust, WITNESS[1]]
    assert word(check(forged(s1), trust)) == "lapsed (proved), time class T2"
    assert word(check(forged(late), trust)) == "delivered; not shown that the time is over"


# --- dark ---------------------------------------------------------------------------------------


def dark(story: Story, notes: list[str], parts: list | None = None) -> bytes:
    return story.bundle(
        [story.claim(forge.DARK, notes)],
        notes=notes,
        parts=parts or [story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
    )


def test_dark_needs_delivery_a_clock_a_witness_and_no_answer() -> None:
    story = Story()
    silent = check(dark(story, [story.note_a, story.s1]), story.trust)
    unsent = check(dark(story, [story.note_a, story.s0]), story.trust)
    clockless = Story(due=None)
    no_clock = check(dark(clockless, [clockless.note_a, clockless.s1]), clockless.trust)
    story.b.add(17, {1: [0, 2, story.a.inc]}, time=T0 + 40, seen=3)
    note = story.b.note(time=T0 + 40, holds=[(story.a, 3)])
    parts = [story.a.part(3, show={0, 2}), story.b.part()]
    answered_after = check(dark(story, [story.note_a, note], parts), story.trust)

    assert word(silent) == "delivered, nothing shown after"
    assert word(unsent) == "not shown"
    assert (no_clock.code, word(no_clock)) == (7, "delivered; no clock")
    assert (answered_after.code, word(answered_after)) == (7, "answered")


# --- histories ----------------------------------------------------------------------------------


def test_statements_that_agree_are_no_fork_and_one_is_not_two() -> None:
    story = Story()
    for notes, code, said in (([story.s0, story.s1], 7, "no fork"), ([story.s1], 14, "not shown")):
        raw = story.bundle(
            [(forge.FORK, 1, 2, story.b.inc, 1, notes)],
            notes=notes,
            parts=[],
            cards=[story.bravo.card()],
        )
        report = check(raw, story.trust)
        assert (report.code, word(report)) == (code, said)


# --- what is said to be unchecked ---------------------------------------------------------------


def test_tokens_beside_the_notes_and_unknown_keys_are_said_to_be_unchecked() -> None:
    story = Story()
    s1 = cosign(story.s1, T0 + 25)
    notes = [story.note_a, s1]
    raw = story.bundle(
        [story.claim(forge.DELIVERED, notes)],
        notes=notes,
        tokens=[[0, 1, b"token"]],
        parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
    )

    report = check(raw, story.trust)

    assert report.code == 14
    assert [text.partition(":")[0] for text in report.unchecked] == [
        "time token of type 1 for note 0",
        "note 0",
    ]


def test_a_witness_line_is_good_or_refused() -> None:
    story = Story(witnesses=[WITNESS])
    text = story.s1.partition("\n\n")[0] + "\n"
    good = forge.cosign(text, WITNESS[0], "w1", T0 + 25)
    zero = forge.cosign(text, WITNESS[0], "w1", 0)
    other_key = forge.cosign(text, WITNESS[0], "w2", T0 + 25)
    other_text = forge.cosign(text + "x", WITNESS[0], "w1", T0 + 25)
    reports = []
    for line in (good, zero, other_key, other_text):
        notes = [story.note_a, story.s1 + line]
        reports.append(
            check(
                story.bundle(
                    [story.claim(forge.DELIVERED, notes)],
                    notes=notes,
                    parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
                ),
                [*story.trust, WITNESS[1]],
            )
        )

    assert [report.code for report in reports] == [0, 0, 7, 7]
    assert any("bounds nothing" in text for text in reports[1].findings)
    assert "key id is not that of the witness" in (reports[2].refused or "")
    assert "does not verify" in (reports[3].refused or "")


@pytest.mark.parametrize(
    "argument",
    ["w+00000000+BAAA", "xyz+1+", "w+" + "0" * 8 + "+BQ=="],
)
def test_a_trust_argument_that_is_no_key_is_refused(argument: str) -> None:
    with pytest.raises(BadArgumentError):
        check(b"", [argument])


def test_trust_files_hold_a_fingerprint_or_a_witness_key(tmp_path: Path) -> None:
    story = Story(witnesses=[WITNESS])
    fingerprint, key = tmp_path / "alfa.txt", tmp_path / "witness.key"
    fingerprint.write_text(story.trust[0] + "\n")
    key.write_text(WITNESS[1] + "\n")
    s1 = cosign(story.s1, T0 + 25)
    notes = [story.note_a, s1]
    raw = story.bundle(
        [story.claim(forge.DELIVERED, notes)],
        notes=notes,
        parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
    )

    report = check(raw, [str(fingerprint), story.trust[1], str(key)])

    assert report.code == 0
    assert any(text.endswith("by a witness") for text in report.verdicts[0].shown)


def test_a_witnesss_card_makes_its_key_believed(tmp_path: Path) -> None:
    charlie = forge.Party("CHARLIE")
    witness = ("charlie/w", forge.vkey("charlie/w", "CHARLIE k1"))
    path = tmp_path / "charlie.card"
    path.write_bytes(cbor(charlie.card()))
    story = Story(witnesses=[witness])
    text = story.s1.partition("\n\n")[0] + "\n"
    s1 = story.s1 + forge.cosign(text, witness[0], "CHARLIE k1", T0 + 25)
    notes = [story.note_a, s1]
    raw = story.bundle(
        [story.claim(forge.DELIVERED, notes)],
        notes=notes,
        parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
    )

    with_card = check(raw, [*story.trust, str(path)])
    without = check(raw, story.trust)

    assert any(text.endswith("by a witness") for text in with_card.verdicts[0].shown)
    assert any("may be believed" in text for text in without.verdicts[0].shown)


def test_dark_without_the_askers_own_note_says_who_admits_it() -> None:
    story = Story()
    notes = [story.note_a, story.s1]
    parts = [story.a.part(3, show={0, 2}), story.b.part(2, show={0})]
    raw = story.bundle([story.claim(forge.DARK, notes)], notes=notes, parts=parts)

    report = check(raw, [story.trust[1]])

    assert (report.code, word(report)) == (14, "admitted by BRAVO")


def test_what_is_withheld_below_a_record_is_not_counted_as_withheld_from_it() -> None:
    story = Story()
    part = story.a.part(3, show={0, 2}, withhold={0: {16}})

    report = check(own_log(forge.RECORD, story, part, [story.note_a], index=2), story.trust)

    # The charter is then bound by its id alone, which is another matter and is said.
    assert (report.code, word(report)) == (14, "record, in part")
    assert [each for each in report.verdicts[0].lacking if "withheld" in each] == []
