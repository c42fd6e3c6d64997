"""Bundles that were tampered with, published as what is to be changed in a good one.

The outcome of a rule's own case is written here; that of the many is what the reading of the tests
that was written from `spec/` alone (`tests/independent`) finds, and never the verifier's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from independent import insiders, tampering
from independent.claims import judge
from independent.values import decode
from support import bundle_forge as forge
from support.bundle_forge import T0, Story
from support.vector_bundles import WITNESS, Case, passed


class _Hand:
    """A party of the forge, as the tamperer wants one to sign."""

    def __init__(self, party: Any) -> None:
        self.pid, self._code = party.pid, party.code

    def ed(self, what: str) -> Any:
        return forge.ed(f"{self._code} {what}")


def many() -> Iterator[tuple[str, str, bytes]]:
    """Name of the base, name of the change, and the changed bundle."""
    story = passed()
    base, other = story.lapsed(), Story().delivered()
    hands = [_Hand(story.alfa), _Hand(story.bravo)]
    for name, raw in tampering.changes_of_notes(base, hands, "vectors"):
        yield "lapse", name, raw
    for name, raw in insiders.changes_of_members(base, other, "vectors"):
        # A card of the tamperer's own would bear other signatures each time.
        if name != "a card of nobody":
            yield "lapse", name, raw
    value = decode(base, 16)
    places = [(1, 3, 0, 2, 0, 1, 5), (1, 2, 0), (1, 5, 0, 2), (1, 3, 1, 3), (1, 1, 0), ()]
    for n, name in enumerate(tampering.ENCODINGS):
        yield "lapse", name, tampering.encoded_at(value, name, places[n % len(places)])


def published() -> dict[str, Any]:
    """The whole file."""
    story = passed()
    base = story.lapsed()
    trust = story.trust
    fingerprints = [bytes.fromhex(each) for each in trust]
    rows = []
    for _, name, raw in many():
        code, _ = judge(raw, fingerprints, [])
        rows.append({"name": name, "exit": code, **splice(base, raw)})
    rules = [
        {
            "name": case.name,
            "exit": case.code,
            "verdict": case.word,
            "trust": case.trust,
            "bundle": forge.base64.b64encode(case.raw).decode(),
        }
        for case in rule_cases()
    ]
    about = (
        "`changes`: in `bundle`, from byte `at` on, `removed` bytes are replaced by `put`. `rules`: "
        "bundles in base64 for rules that no other vector has, as in bundle.json."
    )
    bundle = forge.base64.b64encode(base).decode()
    return {"about": about, "trust": trust, "bundle": bundle, "changes": rows, "rules": rules}


def splice(base: bytes, raw: bytes) -> dict[str, Any]:
    """The shortest run of bytes in which two files differ."""
    most = min(len(base), len(raw))
    at = next((n for n in range(most) if base[n] != raw[n]), most)
    left = most - at
    tail = next((n for n in range(left) if base[-1 - n] != raw[-1 - n]), left)
    return {"at": at, "removed": len(base) - tail - at, "put": raw[at : len(raw) - tail].hex()}


def rule_cases() -> Iterator[Case]:
    """One case for each rule that only a close reading shows."""
    yield from _due_and_answer()
    yield from _held()
    yield from _leaves()
    yield from _records()
    yield from _cards()
    yield from _branches()
    yield from _too_late()
    yield from _parts()
    yield from _receipts()
    yield from _two_lives()
    yield from _forks()
    yield from _other_channel()
    yield from _turns()
    yield from _seals()


def _lapse(story: Story, **more: Any) -> bytes:
    notes = more.pop("notes", [story.note_a, story.s1, story.s2])
    parts = more.pop("parts", None) or [story.a.part(), story.b.part()]
    return story.bundle([story.claim(forge.LAPSED, notes)], notes=notes, parts=parts, **more)


def _due_and_answer() -> Iterator[Case]:
    story = Story(due=2**53)
    story.pass_time()
    yield Case("a due of 2^53 seconds", 14, "delivered; not shown", story.trust, _lapse(story))
    story = Story(due=[2**64 - 1])
    story.pass_time()
    yield Case("an instant of 2^64 - 1", 14, "delivered; not shown", story.trust, _lapse(story))
    story = _answered()
    withheld = [story.a.part(withhold={2: (5,)}), story.b.part()]
    raw = _lapse(story, parts=withheld)
    yield Case("an answer, and the due withheld", 7, "answered", story.trust, raw)
    story = _answered(missing="2-3")
    notes = [story.note_a, story.s1, story.s2]
    raw = story.bundle(
        [story.claim(forge.ANSWERED, [story.note_a, story.s1, story.s2])],
        notes=notes,
        parts=[story.a.part(), story.b.part(3)],
    )
    yield Case("an answer to what its statement lacks", 14, "no answer", story.trust, raw)


def _answered(missing: str = "") -> Story:
    """BRAVO answers; with `missing` the one statement over the answer lacks the question."""
    story = Story()
    story.b.number = 1
    story.b.add(17, {1: [0, 2]}, time=T0 + 20, seen=3)
    if missing:
        story.s2 = story.b.note(2, time=T0 + 20, holds=[(story.a, 3)])
        story.s1 = story.b.note(3, time=T0 + 9000, holds=[(story.a, 3, missing)])
    else:
        story.s1 = story.b.note(time=T0 + 20, holds=[(story.a, 3)])
        story.s2 = story.b.note(time=T0 + 9000, holds=[(story.a, 3)])
    return story


def _held() -> Iterator[Case]:
    story = passed()
    story.a.add(5, time=T0 + 50, seen=2)
    early = story.b.note(time=T0 + 60, no=2, holds=[(story.a, 5)])
    story.a.add(1, {2: "after"}, time=T0 + 70, seen=2)
    story.s2 = story.b.note(time=T0 + 9000, no=3, holds=[(story.a, 6)])
    mine = story.a.note(5, time=T0 + 61, holds=[(story.b, 3)])
    notes = [mine, story.s1, early, story.s2]
    raw = _lapse(story, notes=notes, parts=[story.a.part(5), story.b.part()])
    yield Case("a close, and more held than is shown", 7, "ALFA/4 closes", story.trust, raw)
    story = passed()
    story.a.add(1, {2: "after"}, time=T0 + 70, seen=2)
    more = story.b.note(time=T0 + 60, no=2, holds=[(story.a, 5)])
    story.s2 = story.b.note(time=T0 + 9000, no=3, holds=[(story.a, 4)])
    mine = story.a.note(4, time=T0 + 31, holds=[(story.b, 2)])
    notes = [mine, story.s1, more, story.s2]
    raw = _lapse(story, notes=notes, parts=[story.a.part(4), story.b.part()])
    yield Case("more held once than is shown", 14, "silent, unless withdrawn", story.trust, raw)
    story = passed()
    story.s2 = story.b.note(time=T0 + 9000, no=2)
    mine = story.a.note(4, time=T0 + 31, holds=[(story.b, 2)])
    raw = _lapse(story, notes=[mine, story.s1, story.s2])
    yield Case("a later statement that holds nothing", 0, "lapsed (proved)", story.trust, raw)


def _leaves() -> Iterator[Case]:
    story = Story()
    story.b.number = 1
    story.b.add(17, {}, time=T0 + 20, seen=3)
    plain = story.b.commitments
    story.b.commitments = lambda index: bytes(16) if index == 2 else plain(index)
    story.s1 = story.b.note(time=T0 + 20, holds=[(story.a, 3)])
    story.s2 = story.b.note(time=T0 + 9000, holds=[(story.a, 3)])
    raw = _lapse(story)
    yield Case("a leaf without body and without bit 4", 0, "lapsed (proved)", story.trust, raw)
    story = Story(witnesses=[WITNESS])
    story.pass_time()
    story.a.add(6, {16: 2, 17: b"token"}, time=T0 + 50, seen=2)
    story.s2 = story.b.note(time=T0 + 9000, no=2, holds=[(story.a, 5)])
    mine = story.a.note(time=T0 + 51, holds=[(story.b, 3)])
    raw = _lapse(story, notes=[mine, story.s1, story.s2])
    yield Case("a token of another type, not needed", 14, "lapsed (proved)", story.trust, raw)


def _records() -> Iterator[Case]:
    story = passed()
    story.a.add(1, {2: "off the record"}, time=T0 + 50, flags=16, seen=2)
    mine = story.a.note(time=T0 + 51, holds=[(story.b, 2)])
    for name, index, shown, code, word in (
        ("a record with an entry off the record", 0, range(5), 0, "record, whole"),
        ("the end of a record", 3, (0, 3, 4), 0, "record, whole"),
        ("a record that begins before", 3, range(5), 7, "another record"),
        ("a record with a hole", 0, (0, 1, 3, 4), 14, "record, in part"),
    ):
        raw = story.bundle(
            [story.claim(forge.RECORD, [mine], index=index, about=0)],
            notes=[mine],
            parts=[story.a.part(show=set(shown))],
            cards=[story.alfa.card()],
        )
        yield Case(name, code, word, story.trust, raw)
    other = story.a.copy()
    other.entries[3] = (1, T0 + 31, 0, 2, {2: "never mind"})
    one = story.a.note(4, time=T0 + 60, holds=[(story.b, 2)])
    two = other.note(4, time=T0 + 61, no=9, holds=[(story.b, 2)])
    raw = story.bundle(
        [story.claim(forge.FORK, [], index=4, about=0)],
        notes=[mine, one, two],
        parts=[story.a.part(show={0}, cuts=(4,))],
        cards=[story.alfa.card()],
    )
    yield Case("a fork among three statements", 0, "two histories", story.trust, raw)


def _cards() -> Iterator[Case]:
    for name, number, code, word in (
        ("revoked by a card in an entry alone", 1, 14, "delivered"),
        ("the same, covered by another key", 2, 0, "delivered"),
    ):
        story = Story()
        keys = [story.bravo.station_key(revoked=0), story.bravo.station_key(2)]
        new = story.bravo.card(sequence=2, keys=keys)
        story.b.add(4, {16: new}, time=T0 + 21, seen=3)
        over = story.b.note(time=T0 + 22, holds=[(story.a, 3)], key=number)
        both = [story.bravo.station_key(), story.bravo.station_key(2)]
        card = story.bravo.card(keys=both)
        notes = [story.note_a, story.s1]
        raw = story.bundle(
            [story.claim(forge.DELIVERED, notes)],
            notes=[*notes, over],
            parts=[story.a.part(3, show={0, 2}), story.b.part()],
            cards=[story.alfa.card(), card],
        )
        yield Case(name, code, word, story.trust, raw)


def _branches() -> Iterator[Case]:
    """ALFA's key 1 is revoked at place 4 of its log; who has stolen it begins another branch."""
    for name, stolen, word in (
        ("another branch under a key revoked since", 3, "in the log, counts against"),
        ("a revocation on another branch", 6, "in the log, counts against"),
    ):
        story = Story()
        keys = [story.alfa.station_key(revoked=0), story.alfa.station_key(2)]
        new = story.alfa.card(sequence=2, keys=keys)
        branch = story.a.copy()
        branch.entries[2] = (1, T0 + 10, 0, 2, {2: "we surrender"})
        for log in (story.a, branch):
            log.add(1, {2: "and"}, time=T0 + 11, seen=2)
        story.a.add(4, {16: new}, time=T0 + 12, seen=2)
        branch.add(1, {2: "so"}, time=T0 + 12, seen=2)
        by_thief = branch.note(3, time=T0 + 13, no=0)
        by_owner = story.a.note(time=T0 + 14, no=1, key=2)
        parts = [branch.part(3), story.a.part(show={0, 4})]
        notes = [by_thief, by_owner]
        if stolen == 6:
            # The owner's branch is covered by nobody but the thief; the thief's by the owner.
            branch.add(1, {2: "on"}, time=T0 + 15, seen=2)
            by_thief = story.a.note(time=T0 + 14, no=0)
            by_owner = branch.note(time=T0 + 16, no=1, key=2)
            parts, notes = [story.a.part(), branch.part(show={0, 4, 5})], [by_thief, by_owner]
        claim = (forge.EXTRACT, 0, 2, story.a.inc, 0, [by_thief])
        cards = [story.alfa.card(sequence=2, keys=keys), story.bravo.card()]
        raw = story.bundle([claim], notes=notes, parts=parts, cards=cards)
        yield Case(name, 14, word, story.trust, raw)


def _too_late() -> Iterator[Case]:
    """An instant that was over when the question came, and a witness long after."""
    for name, due, more in (
        ("dark after an instant not later than delivery", [T0 + 15], {}),
        ("dark after the end of the charter", 3600, {"extra": {7: T0 + 100}}),
    ):
        story = Story(due=due, witnesses=[WITNESS], **more)
        s1 = story.s1 + forge.cosign(
            story.s1.partition("\n\n")[0] + "\n", WITNESS[0], "w1", T0 + 9000
        )
        notes = [story.note_a, s1]
        raw = story.bundle(
            [story.claim(forge.DARK, notes)],
            notes=notes,
            parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
        )
        yield Case(name, 14, "delivered; not shown", [*story.trust, WITNESS[1]], raw)


def _receipts() -> Iterator[Case]:
    """Of two receipts the earlier one is under a key revoked since, at no place that is shown."""
    story = Story()
    later = story.b.note(time=T0 + 30, holds=[(story.a, 3)], key=2)
    notes = [story.note_a, story.s1, later]
    keys = [story.bravo.station_key(revoked=0), story.bravo.station_key(2)]
    raw = story.bundle(
        [story.claim(forge.DELIVERED, notes)],
        notes=notes,
        parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
        cards=[story.alfa.card(), story.bravo.card(sequence=2, keys=keys)],
    )
    yield Case("two receipts, the first subject to revocation", 0, "delivered", story.trust, raw)


def _parts() -> Iterator[Case]:
    """Parts of which one shows more than the others, and a part of nothing; an entry off the record."""
    story = Story()
    other = story.a.copy()
    other.entries[2] = (1, T0 + 10, 0, 2, {2: "another"})
    mine, later = story.a.note(time=T0 + 11, holds=[(story.b, 2)]), other.note(time=T0 + 12)
    held = [story.b.note(time=T0 + 20 + n, holds=[(other, 3)]) for n in range(2)]
    raw = story.bundle(
        [(forge.EXTRACT, 0, 2, story.a.inc, 0, [mine])],
        notes=[mine, *held],
        parts=[story.a.part(3), other.part(3)],
    )
    yield Case("two parts, and fewer notes for the one", 0, "in the log", story.trust, raw)
    notes = [mine, later]
    raw = story.bundle(
        [(forge.EXTRACT, 0, 2, story.a.inc, 0, [mine])],
        notes=notes,
        parts=[story.a.part(3), other.part(3)],
    )
    yield Case("two parts of a fork", 14, "in the log, counts against", story.trust, raw)
    story = Story()
    nothing = story.b.note(time=T0 + 30, holds=[(story.a, 0)])
    raw = story.bundle(
        [story.claim(forge.DELIVERED, [story.note_a, story.s1])],
        notes=[story.note_a, story.s1, nothing],
        parts=[story.a.part(3, show={0, 2}), story.b.part(2)],
    )
    whole = decode(raw, 16)
    parts = whole[1][3]
    parts.insert([part[0] for part in parts].index(story.a.origin), [story.a.origin, 0, [], []])
    yield Case("a log part over no entry", 7, None, story.trust, forge.cbor(whole))
    story = Story(witnesses=[WITNESS])
    text = story.s1.partition("\n\n")[0] + "\n"
    s1 = story.s1 + forge.cosign(text, WITNESS[0], "w1", 0)
    raw = story.bundle(
        [story.claim(forge.DELIVERED, [story.note_a, s1])],
        notes=[story.note_a, s1],
        parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
    )
    yield Case("a witness of the charter alone at time 0", 14, "delivered", story.trust, raw)
    for name, what in (("a lapse", forge.LAPSED), ("dark", forge.DARK)):
        story = Story()
        story.a.entries[2] = (16, T0 + 10, 16, 2, {})
        story.note_a = story.a.note(time=T0 + 10, no=0, holds=[(story.b, 2)])
        story.s1 = story.b.note(time=T0 + 20, holds=[(story.a, 3)])
        notes = [story.note_a, story.s1]
        raw = story.bundle(
            [story.claim(what, notes)],
            notes=notes,
            parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
        )
        yield Case(f"{name} of what is off the record", 14, "delivered, off", story.trust, raw)


def _turns() -> Iterator[Case]:
    """Which log of BRAVO a turn of ALFA's names: it stands below the question, at place 1."""
    other, before = bytes(8), [bytes(8), 3, bytes(32)]
    proved, restart = (0, "lapsed (proved)"), (14, "silent, across a restart")
    for name, fields, withhold, (code, word) in (
        ("a turn that withholds which log it names", {}, (17,), proved),
        ("a turn to another log", {17: other}, (), restart),
        ("a turn to what is no log", {17: b"other"}, (), proved),
        ("a turn that names a log before", {18: before}, (), restart),
        ("a turn that withholds a log before", {18: before}, (18,), restart),
    ):
        story = _turned(fields)
        parts = [story.a.part(withhold={1: withhold}), story.b.part()]
        yield Case(name, code, word, story.trust, _lapse(story, parts=parts))


def _turned(fields: dict[int, Any]) -> Story:
    story = Story()
    story.a.number = story.b.number = 0
    kind, time, flags, seen, said = story.a.entries[1]
    story.a.entries[1] = (kind, time, flags, seen, {**said, **fields})
    story.note_a = story.a.note(time=T0 + 10, holds=[(story.b, 2)])
    story.s0 = story.b.note(time=T0 + 5, holds=[(story.a, 2)])
    story.s1 = story.b.note(time=T0 + 20, holds=[(story.a, 3)])
    story.pass_time()
    return story


def _seals() -> Iterator[Case]:
    """BRAVO's receipt is sealed; then somebody who forges Ed25519 signs anew."""
    story = Story()
    story.pass_time()
    cards = [story.alfa.card(), story.bravo.card(keys=[story.bravo.station_key(sealed=True)])]
    text = story.s1.partition("\n\n")[0] + "\n"
    seal = story.b.seal(text)
    later = story.b.text(2, time=T0 + 21, no=1, holds=[(story.a, 3)])
    for name, receipts, code, word in (
        ("a receipt under its seal", [story.s1 + seal], 0, "delivered"),
        ("a receipt under its seal alone", [f"{text}\n{seal}"], 0, "delivered"),
        ("signed anew, under the old seal", [story.b.sign(later) + seal], 7, None),
        (
            "a seal, and its number signed anew",
            [story.s1 + seal, story.b.sign(later)],
            0,
            "delivered",
        ),
        ("signed anew, under the old seal alone", [f"{later}\n{seal}"], 7, None),
    ):
        notes = [story.note_a, *receipts]
        raw = story.bundle(
            [story.claim(forge.DELIVERED, notes)],
            notes=notes,
            parts=[story.a.part(3, show={0, 2}), story.b.part(2, show={0})],
            cards=cards,
        )
        yield Case(name, code, word, story.trust, raw)


def _two_lives() -> Iterator[Case]:
    """BRAVO holds the question in two logs: which of them the evidence shows to be of this charter."""
    for name, unopened, code in (
        ("the log of the earliest receipt unopened", 0, 14),
        ("the log of a later receipt unopened", 1, 0),
    ):
        for inc in (b"\x01" * 8, b"\xf9" * 8):
            story = Story()
            after = forge.Log(story.channel, story.bravo, inc=inc)
            later = after.note(time=T0 + 30, holds=[(story.a, 3)])
            notes = [story.note_a, story.s1, later]
            parts = [story.b.part(2, show={0}), after.part(1)]
            parts[unopened] = (story.b.part(2, show={1}), after.part(1, withhold={0: {17}}))[
                unopened
            ]
            raw = story.bundle(
                [story.claim(forge.DELIVERED, notes)],
                notes=notes,
                parts=[story.a.part(3, show={0, 2}), *parts],
            )
            yield Case(f"{name}, incarnation {inc[:1].hex()}", code, "delivered", story.trust, raw)


def _forks() -> Iterator[Case]:
    """Of the two notes one is under a key revoked since, at no place that is shown: by a thief?"""
    story = Story()
    keys = [story.alfa.station_key(revoked=0), story.alfa.station_key(2)]
    branch = story.a.copy()
    branch.entries[2] = (1, T0 + 10, 0, 2, {2: "we surrender"})
    third = branch.copy()
    third.entries[2] = (1, T0 + 10, 0, 2, {2: "we sue for peace"})
    by_thief = branch.note(3, time=T0 + 13, no=0)
    owned, kept = (log.note(3, time=T0 + 14, no=1, key=2) for log in (story.a, third))
    for name, code, notes in (
        ("a fork by a key revoked since", 14, [by_thief, owned]),
        ("a fork by a key kept", 0, [owned, kept]),
        ("a fork by a key kept, and a revoked key's history", 0, [by_thief, owned, kept]),
    ):
        claim = (forge.FORK, 0, 3, story.a.inc, 0, notes)
        cards = [story.alfa.card(sequence=2, keys=keys)]
        raw = story.bundle([claim], notes=notes, parts=[], cards=cards)
        yield Case(name, code, "two histories", story.trust, raw)


def _other_channel() -> Iterator[Case]:
    """Two channels of the same parties in one bundle: the logs of one say nothing of the other."""
    story = Story()
    story.pass_time()
    other = forge.Channel(story.alfa, story.bravo, extra={7: T0 + 10**7})
    mine, theirs = (
        forge.Log(other, party, inc=bytes([9 + n]) * 8)
        for n, party in enumerate((story.alfa, story.bravo))
    )
    mine.turn(theirs, seen=1, time=T0 + 3)
    aside = mine.note(time=T0 + 4, holds=[(theirs, 1)])
    notes = [story.note_a, story.s1, story.s2]
    raw = forge.bundle(
        cards=[story.alfa.card(), story.bravo.card()],
        charters=[story.channel.body, other.body],
        notes=[*notes, aside],
        parts=[story.a.part(4, show={0, 2, 3}), story.b.part(3), mine.part()],
        claims=[
            story.claim(forge.LAPSED, notes),
            (forge.EXTRACT, 0, 1, mine.inc, 0, [aside]),
        ],
    )
    yield Case("a lapse beside another channel", 0, "lapsed", story.trust, raw)
