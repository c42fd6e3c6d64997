"""Every claim that a bundle can make is proved when the evidence is whole."""

from __future__ import annotations

from support import bundle_forge as forge
from support.bundle_forge import T0, Story
from support.verifying import check, word

WITNESS = ("witness.example/w1", forge.vkey("witness.example/w1", "w1"))


def cosign(note: str, time: int) -> str:
    text = note.partition("\n\n")[0] + "\n"
    return note + forge.cosign(text, WITNESS[0], "w1", time)


def test_delivery_is_proved_by_a_note_of_each_side() -> None:
    story = Story()

    report = check(story.delivered(), story.trust)

    assert (report.code, word(report)) == (0, "delivered")
    assert any("by BRAVO's own clock" in text for text in report.verdicts[0].shown)


def test_silence_is_proved_by_two_statements_and_both_logs() -> None:
    story = Story()
    story.pass_time()

    report = check(story.lapsed(), story.trust)

    assert (report.code, word(report)) == (0, "lapsed (proved), time class T1")


def test_owed_and_asked_for_are_told_apart() -> None:
    remarks = []
    for period in (3600, 3601):
        story = Story(extra={10: {1: {16: period}}})
        story.pass_time()
        remarks.append(check(story.lapsed(), story.trust).verdicts[0].remarks)

    assert "the answer was owed: the charter gives 1 h for this kind" in remarks[0]
    assert "the answer was asked for: the charter shown does not make it owed" in remarks[1]


def test_silence_after_an_instant_is_proved() -> None:
    story = Story(due=[T0 + 500])
    story.pass_time(600)

    assert check(story.lapsed(), story.trust).code == 0


def test_silence_is_proved_by_witnesses_clocks_where_the_other_clock_stands_still() -> None:
    story = Story(witnesses=[WITNESS])
    s1 = cosign(story.s1, T0 + 25)
    token = cosign(story.note_a, T0 + 5000)
    story.a.add(6, {16: 3, 17: token}, time=T0 + 5000, seen=2)
    story.b.add(1, {2: "still"}, time=T0 + 20, seen=4)
    s2 = story.b.note(time=T0 + 21, holds=[(story.a, 4)])
    raw = story.bundle(
        [story.claim(forge.LAPSED, [story.note_a, s1, s2])],
        notes=[story.note_a, s1, s2],
        parts=[story.a.part(4, show={0, 2, 3}), story.b.part(3)],
    )

    trusted = check(raw, [*story.trust, WITNESS[1]])
    untrusted = check(raw, story.trust)

    assert (trusted.code, word(trusted)) == (0, "lapsed (proved), time class T2")
    assert untrusted.code == 14
    assert "as far as that witness may be believed" in word(untrusted)


def answered(story: Story, kind: int = 17, fields: dict | None = None) -> bytes:
    story.b.add(kind, fields or {1: [0, story.r], 2: "no"}, time=T0 + 40, seen=3)
    note_b = story.b.note(time=T0 + 40, holds=[(story.a, 3)])
    return story.bundle(
        [story.claim(forge.ANSWERED, [story.note_a, story.s1, note_b])],
        notes=[story.note_a, story.s1, note_b],
        parts=[story.a.part(3, show={0, 2}), story.b.part(3)],
    )


def test_an_answer_is_proved() -> None:
    story = Story()

    report = check(answered(story), story.trust)

    assert (report.code, word(report)) == (0, "answered")


def test_an_answer_that_names_the_incarnation_is_proved_without_the_turn() -> None:
    story = Story()
    raw = answered(story, fields={4: [0, 2, story.a.inc]})

    assert check(raw, story.trust).code == 0


def test_cannot_process_is_told_as_such() -> None:
    story = Story()
    raw = answered(story, kind=2, fields={1: [0, 2], 32: 10})

    assert word(check(raw, story.trust)) == "answered: cannot process"


def test_an_extract_with_withheld_fields_still_stands_in_the_log() -> None:
    story = Story()
    raw = story.bundle(
        [(forge.EXTRACT, 0, 2, story.a.inc, 0, [story.note_a])],
        notes=[story.note_a],
        parts=[story.a.part(3, show={0, 2}, withhold={2: {2}})],
        cards=[story.alfa.card()],
    )

    report = check(raw, story.trust)

    assert (report.code, word(report)) == (0, "in the log")
    assert report.verdicts[0].remarks == ["fields 2 exist and are withheld"]
    assert b"call us" not in raw


def two_extracts() -> tuple[bytes, Story]:
    """One entry in two log parts: each opens what the other withholds."""
    story = Story()
    story.pass_time()
    after = story.a.note(4, time=T0 + 60, no=11)
    raw = story.bundle(
        [(forge.EXTRACT, 0, 2, story.a.inc, 0, [story.note_a])],
        notes=[story.note_a, after],
        parts=[
            story.a.part(3, show={0, 2}, withhold={2: {2}}),
            story.a.part(4, show={2}, withhold={2: {5}}),
        ],
        cards=[story.alfa.card()],
    )
    return raw, story


def test_what_one_extract_opens_is_open_though_another_withholds_it() -> None:
    raw, story = two_extracts()

    report = check(raw, story.trust)

    assert (report.code, word(report)) == (0, "in the log")
    assert "its fields 2, 5 are as the author wrote them" in report.verdicts[0].shown
    assert report.verdicts[0].remarks == []
    assert report.summary is not None
    counts = report.summary.value()
    assert (counts["withheld_entries"], counts["withheld_fields"]) == (0, 0)


def test_a_whole_record_is_proved() -> None:
    story = Story()
    raw = story.bundle(
        [(forge.RECORD, 0, 0, story.a.inc, 0, [story.note_a])],
        notes=[story.note_a],
        parts=[story.a.part(3)],
        cards=[story.alfa.card()],
    )

    assert word(check(raw, story.trust)) == "record, whole"


def fork(story: Story) -> tuple[str, str]:
    twin = story.b.copy()
    twin.add(1, {2: "this"}, time=T0 + 50)
    story.b.add(1, {2: "that"}, time=T0 + 50)
    return (
        twin.note(time=T0 + 50, no=5, holds=[(story.a, 3)]),
        story.b.note(time=T0 + 51, no=6, holds=[(story.a, 3)]),
    )


def test_two_notes_of_one_size_prove_two_histories() -> None:
    story = Story()
    notes = list(fork(story))
    raw = story.bundle(
        [(forge.FORK, 1, 3, story.b.inc, 1, notes)],
        notes=notes,
        parts=[],
        cards=[story.bravo.card()],
    )

    report = check(raw, story.trust)

    assert (report.code, word(report)) == (0, "two histories signed with BRAVO's key")


def test_notes_of_two_sizes_prove_two_histories_with_a_log_part_and_are_hearsay_without() -> None:
    story = Story()
    one, _ = fork(story)
    story.b.add(1, {2: "more"}, time=T0 + 60)
    longer = story.b.note(time=T0 + 60, no=7, holds=[(story.a, 3)])
    notes = [one, longer]

    def forged(parts: list) -> bytes:
        return story.bundle(
            [(forge.FORK, 1, 3, story.b.inc, 1, notes)],
            notes=notes,
            parts=parts,
            cards=[story.bravo.card()],
        )

    assert check(forged([story.b.part(4, show=set(), cuts=[3])]), story.trust).code == 0
    assert word(check(forged([]), story.trust)) == "hearsay"


def test_a_shorter_log_signed_later_is_a_rollback() -> None:
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

    report = check(raw, story.trust)

    assert (report.code, word(report)) == (0, "rollback: BRAVO signed a shorter log later")


def test_dark_is_told_as_far_as_a_witness_saw_and_never_proved() -> None:
    story = Story(witnesses=[WITNESS])
    s1 = cosign(story.s1, T0 + 9000)
    raw = story.bundle(
        [story.claim(forge.DARK, [story.note_a, s1])],
        notes=[story.note_a, s1],
        parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
    )

    trusted = check(raw, [*story.trust, WITNESS[1]])
    untrusted = check(raw, story.trust)

    assert (trusted.code, word(trusted)) == (14, "delivered, then dark (as far as seen)")
    assert word(untrusted).endswith("as far as that witness may be believed")


def test_a_seal_alone_is_a_valid_statement() -> None:
    story = Story()
    keys = [story.bravo.station_key(sealed=True)]
    text = story.s1.partition("\n\n")[0] + "\n"
    sealed = text + "\n" + story.b.seal(text)
    raw = story.bundle(
        [story.claim(forge.DELIVERED, [story.note_a, sealed])],
        notes=[story.note_a, sealed],
        parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
        cards=[story.alfa.card(), story.bravo.card(keys=keys)],
    )

    assert check(raw, story.trust).code == 0
    assert check(raw, story.trust, plain=True).code == 14


def test_three_parties_are_told_apart() -> None:
    alfa, bravo, charlie = (forge.Party(code) for code in ("ALFA", "BRAVO", "CHARLIE"))
    channel = forge.Channel(alfa, bravo, charlie)
    a, c = forge.Log(channel, alfa), forge.Log(channel, charlie)
    a.turn(c, seen=[0, 0])
    c.turn(a, seen=[2, 0])
    r = a.add(16, {5: 600}, seen=[0, 2])
    note_a = a.note(time=T0, holds=[(c, 2)])
    s1 = c.note(time=T0 + 10, holds=[(a, 3)])
    c.add(1, {2: "to others"}, seen=[3, 0])
    s2 = c.note(time=T0 + 700, holds=[(a, 3)])
    raw = forge.bundle(
        cards=[alfa.card(), charlie.card()],
        charters=[channel.body],
        notes=[note_a, s1, s2],
        parts=[a.part(3, show={0, 2}), c.part(3)],
        claims=[(forge.LAPSED, 0, r, a.inc, 2, [note_a, s1, s2])],
    )

    assert check(raw, [alfa.fp.hex(), charlie.fp.hex()]).code == 0


def test_notes_that_agree_without_a_claim_are_valid_and_prove_nothing() -> None:
    story = Story()
    raw = story.bundle([], notes=[story.note_a, story.s1], parts=[])

    report = check(raw, story.trust)

    assert (report.code, report.verdicts) == (0, [])
