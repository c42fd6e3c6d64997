"""True signatures, chosen evidence, and a verdict that must not come out.

Each test is one finding of an outside reading of the protocol: how a dishonest holder of true
signatures could have reached a stronger word than the facts allow.
"""

from __future__ import annotations

import pytest

from support import bundle_forge as forge
from support.bundle_forge import T0, Story
from support.verifying import check, word

WITNESS = ("witness.example/w1", forge.vkey("witness.example/w1", "w1"))


def cosign(note: str, time: int) -> str:
    text = note.partition("\n\n")[0] + "\n"
    return note + forge.cosign(text, WITNESS[0], "w1", time)


def lapse(
    story: Story, *, parts: list | None = None, notes: list[str] | None = None, **more
) -> bytes:
    notes = notes or [story.note_a, story.s1, story.s2]
    if parts is None:
        parts = [story.a.part(), story.b.part()]
    return story.bundle([story.claim(forge.LAPSED, notes)], notes=notes, parts=parts, **more)


def with_answer(kind: int, fields: dict, **more) -> Story:
    """BRAVO's answer travels in the very run whose tail is the receipt."""
    story = Story(**more)
    story.b.number = 1
    story.b.add(kind, fields, time=T0 + 20, seen=3)
    story.s1 = story.b.note(time=T0 + 20, holds=[(story.a, 3)])
    story.b.add(1, {2: "else"}, time=T0 + 30, seen=3)
    story.s2 = story.b.note(time=T0 + 9000, holds=[(story.a, 3)])
    return story


def test_an_answer_that_rides_with_the_receipt_is_in_the_range() -> None:
    story = with_answer(17, {1: [0, 2]})

    shown = check(lapse(story), story.trust)
    cut_off = check(lapse(story, parts=[story.a.part(), story.b.part(show={0, 1, 3})]), story.trust)

    assert (shown.code, word(shown)) == (7, "answered")
    assert (cut_off.code, word(cut_off)) == (
        14,
        "silent, with 1 entries signed but not produced",
    )


def test_a_later_receipt_is_no_start_of_the_range() -> None:
    story = with_answer(17, {1: [0, 2]})
    parts = [story.a.part(), story.b.part(show={0, 3}, cuts=[3])]

    assert check(lapse(story, parts=parts), story.trust).code == 14


def test_the_addressee_alone_makes_nobody_an_author() -> None:
    story = Story()
    raw = story.bundle(
        [story.claim(forge.DELIVERED, [story.s1])],
        notes=[story.s1],
        parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
    )

    report = check(raw, story.trust)

    assert (report.code, word(report)) == (14, "admitted by BRAVO")


def test_a_withdrawal_that_is_not_shown_leaves_it_open() -> None:
    story = Story()
    story.a.add(18, {1: [0, 2]}, time=T0 + 30, seen=2)
    story.b.add(1, {2: "x"}, time=T0 + 40, seen=4)
    story.s2 = story.b.note(time=T0 + 9000, holds=[(story.a, 4)])

    hidden = check(lapse(story, parts=[story.a.part(show={0, 2}), story.b.part()]), story.trust)
    withheld = check(
        lapse(story, parts=[story.a.part(withhold={3: {1}}), story.b.part()]), story.trust
    )
    shown = check(lapse(story), story.trust)

    assert (hidden.code, word(hidden)) == (14, "silent, unless withdrawn")
    assert (withheld.code, word(withheld)) == (14, "silent, unless withdrawn")
    assert shown.code == 7
    assert "withdraws it" in word(shown)


def test_a_reminder_is_no_withdrawal() -> None:
    story = Story()
    story.a.add(16, {4: [0, 2]}, time=T0 + 30, seen=2)
    story.b.add(1, {2: "x"}, time=T0 + 40, seen=4)
    story.s2 = story.b.note(time=T0 + 9000, holds=[(story.a, 4)])

    assert check(lapse(story), story.trust).code == 0


def test_a_token_does_not_count_against_the_other_sides_slow_clock() -> None:
    story = Story(witnesses=[WITNESS])
    token = cosign(story.note_a, T0 + 10**6)
    story.a.add(6, {16: 3, 17: token}, seen=2)
    story.b.add(1, {2: "x"}, seen=4)
    story.s2 = story.b.note(time=T0 + 21, holds=[(story.a, 4)])

    report = check(lapse(story), [*story.trust, WITNESS[1]])

    assert (report.code, word(report)) == (14, "delivered; not shown that the time is over")


def test_a_clock_that_runs_ahead_gives_no_lapse_by_itself() -> None:
    story = Story()
    story.b.number = 1
    story.s1 = story.b.note(time=T0 + 10**7, holds=[(story.a, 3)])
    story.pass_time(-20 + 10**7 + 60)

    assert word(check(lapse(story), story.trust)) == "delivered; not shown that the time is over"


def test_a_body_that_is_withheld_has_its_own_word() -> None:
    story = Story()
    story.pass_time()
    raw = lapse(story, parts=[story.a.part(), story.b.part(show={0, 1})])

    report = check(raw, story.trust)

    assert (report.code, word(report)) == (14, "silent, with 1 entries signed but not produced")
    assert "entry BRAVO/2: signed by BRAVO, not produced" in report.verdicts[0].lacking


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (17, {4: [0, 2]}),
        (17, {1: [0, 1], 4: [0, 2]}),
        (1, {1: [0, 2], 2: "yes"}),
        (7, {1: [0, 2], 16: b"c" * 32}),
        (8, {1: [0, 2]}),
        (60_000, {4: [0, 2]}),
        (2, {1: [0, 2], 32: 10}),
    ],
)
def test_any_kind_that_may_answer_does(kind: int, fields: dict) -> None:
    story = with_answer(kind, fields)

    assert check(lapse(story), story.trust).code == 7


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (2, {1: [0, 2], 32: 2}),
        (17, {1: [0, 1]}),
        (17, {1: [1, 2]}),
        (17, {1: "r"}),
        (17, {1: [0, 2, b"othrlife"]}),
        (9, {1: [0, 2], 16: b"d" * 32}),
    ],
)
def test_what_never_answers_does_not(kind: int, fields: dict) -> None:
    story = with_answer(kind, fields)

    assert check(lapse(story), story.trust).code == 0


@pytest.mark.parametrize("field", [1, 4])
def test_a_reference_that_is_withheld_spoils_the_proof(field: int) -> None:
    story = with_answer(17, {field: [0, 1]})
    raw = lapse(story, parts=[story.a.part(), story.b.part(withhold={2: {field}})])

    report = check(raw, story.trust)

    assert report.code == 14
    assert word(report).startswith("silent, with 1 entries")


def test_a_rung_that_is_withheld_spoils_the_proof() -> None:
    story = with_answer(2, {1: [0, 2], 32: 2})
    raw = lapse(story, parts=[story.a.part(), story.b.part(withhold={2: {32}})])

    assert check(raw, story.trust).code == 14


def test_a_restart_of_the_other_log_is_never_better_than_across_a_restart() -> None:
    story = Story()
    again = forge.Log(
        story.channel, story.bravo, inc=b"newlife!", opening={18: [story.b.inc, 2, story.b.root(2)]}
    )
    again.turn(story.a, seen=3)
    story.s2 = again.note(time=T0 + 9000, holds=[(story.a, 3)])
    raw = lapse(story, parts=[story.a.part(), story.b.part(), again.part()])

    report = check(raw, story.trust)

    assert (report.code, word(report)) == (14, "silent, across a restart of BRAVO's log")


def test_a_turn_to_another_life_of_the_other_log_is_noticed() -> None:
    story = Story()
    story.a.add(3, {16: 1, 17: b"newlife!"}, time=T0 + 30, seen=0)
    story.b.add(1, {2: "x"}, time=T0 + 40, seen=4)
    story.s2 = story.b.note(time=T0 + 9000, holds=[(story.a, 4)])

    assert "across a restart" in word(check(lapse(story), story.trust))


def revoked(story: Story, *, place: bool) -> bytes:
    """BRAVO revokes the key that signed its statements, after the fact, dated long before."""
    keys = [story.bravo.station_key(revoked=0), story.bravo.station_key(2)]
    old, new = story.bravo.card(), story.bravo.card(sequence=2, keys=keys, issued=0)
    notes = [story.note_a, story.s1]
    part_b = story.b.part(2, show={0})
    if place:
        story.b.add(4, {16: new}, time=T0 + 60, seen=3)
        notes.append(story.b.note(time=T0 + 60, holds=[(story.a, 3)], key=2))
        part_b = story.b.part(3, show={0, 2})
    return story.bundle(
        [story.claim(forge.DELIVERED, notes)],
        notes=notes,
        parts=[story.a.part(3, show={0, 2}), part_b],
        cards=[story.alfa.card(), old, new],
    )


def test_a_revocation_takes_effect_at_a_place_and_not_at_a_date() -> None:
    story = Story()
    covered = check(revoked(story, place=True), story.trust)
    open_ended = check(revoked(Story(), place=False), story.trust)

    assert (covered.code, word(covered)) == (0, "delivered")
    assert open_ended.code == 14
    assert any("subject to revocation" in text for text in open_ended.verdicts[0].lacking)


def test_what_a_revoked_key_signs_beyond_the_place_is_worthless() -> None:
    story = Story()
    keys = [story.bravo.station_key(revoked=0), story.bravo.station_key(2)]
    new = story.bravo.card(sequence=2, keys=keys)
    story.b.add(4, {16: new}, time=T0 + 15, seen=3)
    by_thief = story.b.note(time=T0 + 20, holds=[(story.a, 3)])
    by_owner = story.b.note(time=T0 + 16, holds=[(story.a, 2)], key=2)
    raw = story.bundle(
        [story.claim(forge.DELIVERED, [story.note_a, by_thief])],
        notes=[story.note_a, by_thief, by_owner],
        parts=[story.a.part(3, show={0, 2}), story.b.part()],
        cards=[story.alfa.card(), new],
    )

    assert word(check(raw, story.trust)) == "not shown"


def test_a_log_opened_on_another_charter_is_refused_and_an_unopened_one_is_said() -> None:
    story = Story()
    other = forge.Log(story.channel, story.bravo, opening={16: forge.h(b"other")})
    other.turn(story.a, seen=2)
    s1 = other.note(time=T0 + 20, holds=[(story.a, 3)])

    def forged(part: list, note: str) -> bytes:
        return story.bundle(
            [story.claim(forge.DELIVERED, [story.note_a, note])],
            notes=[story.note_a, note],
            parts=[story.a.part(3, show={0, 2}), part],
        )

    refused = check(forged(other.part(show={0}), s1), story.trust)
    silent = check(forged(story.b.part(2, show={0}, withhold={0: {16}}), story.s1), story.trust)

    assert refused.code == 7
    assert refused.refused == "BRAVO opened its log on another charter"
    assert silent.code == 14


@pytest.mark.parametrize("due", [0, 59, [T0 + 20], [T0], None, "soon", [1, 2]])
def test_a_due_that_starts_no_clock_gives_no_lapse(due: object) -> None:
    story = Story(due=due)
    story.pass_time()

    report = check(lapse(story), story.trust)

    assert report.code != 0
    assert "lapsed" not in word(report)


def test_one_statement_is_not_two() -> None:
    story = Story(due=60)
    raw = lapse(story, notes=[story.note_a, story.s1], parts=[story.a.part(3), story.b.part(2)])

    assert check(raw, story.trust).code == 14


def test_a_fork_on_purpose_is_no_way_out() -> None:
    story = Story()
    twin = story.b.copy()
    story.pass_time()
    twin.add(17, {2: "another tale"}, time=T0 + 40, seen=3)
    escape = twin.note(time=T0 + 50, no=2, holds=[(story.a, 3)])
    raw = lapse(
        story,
        notes=[story.note_a, story.s1, escape, story.s2],
        parts=[story.a.part(), story.b.part()],
    )

    report = check(raw, story.trust)

    assert (report.code, word(report)) == (0, "lapsed (proved), time class T1")
    assert any("fork" in text for text in report.findings)


def test_leaves_of_two_branches_are_not_mixed() -> None:
    story = Story()
    twin = story.b.copy()
    twin.add(17, {1: [0, 2]}, time=T0 + 20, seen=3)
    story.s1 = twin.note(time=T0 + 20, no=1, holds=[(story.a, 3)])
    story.b.add(1, {2: "x"}, time=T0 + 20, seen=3)
    story.b.add(1, {2: "y"}, time=T0 + 20, seen=3)
    story.s2 = story.b.note(time=T0 + 9000, no=2, holds=[(story.a, 3)])

    report = check(lapse(story), story.trust)

    assert (report.code, word(report)) == (14, "fork")


def test_an_answer_is_bound_to_the_root_that_the_answerer_held() -> None:
    story = Story()
    twin = story.a.copy()
    twin.entries[2] = (16, T0 + 10, 0, 2, {2: "surrender", 5: 3600})
    note_twin = twin.note(3, time=T0 + 10, no=1, holds=[(story.b, 2)])
    story.b.add(17, {1: [0, 2], 2: "gladly"}, time=T0 + 40, seen=3)
    note_b = story.b.note(time=T0 + 40, holds=[(story.a, 3)])
    raw = story.bundle(
        [story.claim(forge.ANSWERED, [note_twin, note_b])],
        notes=[note_twin, note_b],
        parts=[twin.part(3, show={0, 2}), story.b.part(3)],
    )

    report = check(raw, story.trust)

    assert (report.code, word(report)) == (14, "contradiction")


def test_off_record_entries_never_answer_and_are_counted() -> None:
    story = Story()
    story.b.add(17, {1: [0, 2]}, time=T0 + 30, flags=16, seen=3)
    story.pass_time()

    report = check(lapse(story), story.trust)

    assert report.code == 0
    assert (
        "1 non-attributable entries in the range; such never answer" in report.verdicts[0].remarks
    )


def test_a_statement_outside_its_keys_window_counts_against_its_signer_only() -> None:
    story = Story()
    late = [story.bravo.station_key(until=T0 + 15)]
    early = [story.alfa.station_key(until=T0 + 5)]

    def delivered(alfa: list | None, bravo: list | None) -> bytes:
        return story.bundle(
            [story.claim(forge.DELIVERED, [story.note_a, story.s1])],
            notes=[story.note_a, story.s1],
            parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
            cards=[story.alfa.card(keys=alfa), story.bravo.card(keys=bravo)],
        )

    against = check(delivered(None, late), story.trust)
    in_favour = check(delivered(early, None), story.trust)

    assert against.code == 0
    assert any("outside its key's window" in text for text in against.verdicts[0].remarks)
    assert word(in_favour) == "admitted by BRAVO"


def test_holding_less_later_is_no_start_of_the_range() -> None:
    story = with_answer(17, {1: [0, 2]})
    shrunk = story.b.note(4, time=T0 + 9100, holds=[(story.a, 2)])
    story.b.add(1, {2: "later"}, time=T0 + 9200, seen=3)
    last = story.b.note(time=T0 + 9300, holds=[(story.a, 3)])
    notes = [story.note_a, story.s1, shrunk, last]
    raw = lapse(story, notes=notes, parts=[story.a.part(), story.b.part(show={0, 4}, cuts=[3, 4])])

    report = check(raw, story.trust)

    assert report.code == 14
    assert any("less is held" in text for text in report.findings)


def test_a_close_is_not_hidden_by_holding_less_later() -> None:
    story = Story()
    story.a.add(5, {16: "done"}, time=T0 + 12, seen=2)
    author = story.a.note(time=T0 + 13, holds=[(story.b, 2)])
    first = story.b.note(time=T0 + 20, holds=[(story.a, 4)])
    last = story.b.note(time=T0 + 9000, holds=[(story.a, 3)])
    notes = [author, first, last]
    parts = [story.a.part(), story.b.part()]

    report = check(lapse(story, notes=notes, parts=parts), story.trust)

    assert (report.code, word(report)) == (7, "ALFA/3 closes the channel")


def test_a_withdrawal_is_not_hidden_by_holding_less_later() -> None:
    story = Story()
    story.a.add(18, {1: [0, 2]}, time=T0 + 12, seen=2)
    author = story.a.note(time=T0 + 13, holds=[(story.b, 2)])
    first = story.b.note(time=T0 + 20, holds=[(story.a, 4)])
    last = story.b.note(time=T0 + 9000, holds=[(story.a, 3)])
    notes = [author, first, last]
    hidden = [story.a.part(show={0, 2}, cuts=[3]), story.b.part()]

    report = check(lapse(story, notes=notes, parts=hidden), story.trust)

    assert (report.code, word(report)) == (14, "silent, unless withdrawn")


def test_an_answer_is_not_hidden_by_a_log_that_shrank() -> None:
    story = Story()
    story.b.add(1, {2: "else"}, time=T0 + 21, seen=3)
    story.b.add(17, {1: [0, 2]}, time=T0 + 22, seen=3)
    receipt = story.b.note(time=T0 + 23, holds=[(story.a, 3)])
    shrunk = story.b.note(3, time=T0 + 9000, holds=[(story.a, 3)])
    notes = [story.note_a, receipt, shrunk]
    hidden = [story.a.part(), story.b.part(show={0, 1, 2})]

    report = check(lapse(story, notes=notes, parts=hidden), story.trust)

    assert report.code == 14
    assert word(report) == "silent, with 1 entries signed but not produced"


def test_a_close_by_either_side_ends_the_clock() -> None:
    for closer in ("a", "b"):
        story = Story()
        getattr(story, closer).add(5, {16: "done"}, time=T0 + 25, seen=3)
        story.a.add(1, {2: "x"}, time=T0 + 30, seen=3)
        story.b.add(1, {2: "y"}, time=T0 + 40, seen=3)
        story.s2 = story.b.note(time=T0 + 9000, holds=[(story.a, len(story.a.entries))])

        report = check(lapse(story), story.trust)

        assert report.code == 7
        assert "closes the channel" in word(report)


def test_no_lapse_after_the_channels_end() -> None:
    story = Story(extra={7: T0 + 1800})
    story.pass_time()

    assert check(lapse(story), story.trust).code == 14


def test_a_contradiction_delivers_nothing() -> None:
    story = Story()
    story.b.number = 1
    lie = story.b.note(time=T0 + 20, holds=[(story.a, 3, "", forge.h(b"lie"))])
    raw = story.bundle(
        [story.claim(forge.DELIVERED, [story.note_a, lie])],
        notes=[story.note_a, lie],
        parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
    )

    report = check(raw, story.trust)

    assert (report.code, word(report)) == (14, "contradiction")


def test_an_entry_in_a_gap_is_not_delivered() -> None:
    story = Story()
    story.b.number = 1
    gap = story.b.note(time=T0 + 20, holds=[(story.a, 3, "2-3")])
    raw = story.bundle(
        [story.claim(forge.DELIVERED, [story.note_a, gap])],
        notes=[story.note_a, gap],
        parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
    )

    assert word(check(raw, story.trust)) == "not shown"


def test_a_witness_signed_by_ml_dsa_44_gives_no_time() -> None:
    key = bytes(1312)
    packed = b"\x06" + key
    name = "witness.example/w6"
    key_id = forge.h(name.encode() + b"\n" + packed)[:4]
    vkey = f"{name}+{key_id.hex()}+{forge.b64(packed)}"
    story = Story(witnesses=[(name, vkey)])
    line = f"\u2014 {name} {forge.b64(key_id + bytes(8 + 2420))}\n"
    s1 = story.s1 + line
    raw = story.bundle(
        [story.claim(forge.DELIVERED, [story.note_a, s1])],
        notes=[story.note_a, s1],
        parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
    )

    report = check(raw, story.trust)

    assert report.code == 14
    assert any("ML-DSA-44" in text for text in report.unchecked)


def test_one_sides_trust_alone_is_an_admission_and_none_is_said() -> None:
    story = Story()
    story.pass_time()

    assert word(check(story.lapsed(), [story.bravo.fp.hex()])) == "admitted by BRAVO"
    assert word(check(story.lapsed(), [story.alfa.fp.hex()])) == "not shown"
    assert check(story.lapsed()).code == 14
    assert word(check(story.lapsed())).endswith("if the fingerprints are theirs")
