"""The bundles published with the specification: what is proved, and what must not be.

Made by the independent builder alone. Each case names the exit code and how the verdict begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from support import bundle_forge as forge
from support.bundle_forge import T0, Story

WITNESS = ("witness.example/w1", forge.vkey("witness.example/w1", "w1"))


@dataclass(frozen=True)
class Case:
    name: str
    code: int
    word: str | None
    trust: list[str]
    raw: bytes


def cosign(note: str, time: int) -> str:
    text = note.partition("\n\n")[0] + "\n"
    return note + forge.cosign(text, WITNESS[0], "w1", time)


def lapse(
    story: Story, *, parts: list | None = None, notes: list[str] | None = None, **more
) -> bytes:
    notes = notes or [story.note_a, story.s1, story.s2]
    parts = parts or [story.a.part(), story.b.part()]
    return story.bundle([story.claim(forge.LAPSED, notes)], notes=notes, parts=parts, **more)


def with_entry(kind: int, fields: dict, **facts) -> Story:
    """BRAVO's entry travels in the very run whose tail is the receipt."""
    story = Story()
    story.b.number = 1
    story.b.add(kind, fields, time=T0 + 20, seen=3, **facts)
    story.s1 = story.b.note(time=T0 + 20, holds=[(story.a, 3)])
    story.b.add(1, {2: "else"}, time=T0 + 30, seen=3)
    story.s2 = story.b.note(time=T0 + 9000, holds=[(story.a, 3)])
    return story


def passed() -> Story:
    story = Story()
    story.pass_time()
    return story


def cases() -> Iterator[Case]:
    yield from _proved()
    yield from _silence_that_is_not()
    yield from _hidden_by_shrinking()
    yield from _weaker()
    yield from _escapes()
    yield from _changed()


def _proved() -> Iterator[Case]:
    story = passed()
    yield Case("delivered", 0, "delivered", story.trust, Story().delivered())
    yield Case("lapsed, class T1", 0, "lapsed (proved), time class T1", story.trust, story.lapsed())
    t2 = Story(witnesses=[WITNESS])
    s1 = cosign(t2.s1, T0 + 25)
    t2.a.add(6, {16: 3, 17: cosign(t2.note_a, T0 + 5000)}, time=T0 + 5000, seen=2)
    t2.b.add(1, {2: "still"}, time=T0 + 20, seen=4)
    t2.s2 = cosign(t2.b.note(time=T0 + 21, holds=[(t2.a, 4)]), T0 + 6000)
    raw = lapse(t2, notes=[t2.note_a, s1, t2.s2])
    yield Case(
        "lapsed, class T2, with T3",
        0,
        "lapsed (proved), time class T2",
        [*t2.trust, WITNESS[1]],
        raw,
    )
    yield Case("the same, witness not trusted", 14, "silent, as far as", t2.trust, raw)
    answered = Story()
    answered.b.add(17, {1: [0, 2], 2: "no"}, time=T0 + 40, seen=3)
    note_b = answered.b.note(time=T0 + 40, holds=[(answered.a, 3)])
    notes = [answered.note_a, answered.s1, note_b]
    yield Case(
        "answered",
        0,
        "answered",
        answered.trust,
        answered.bundle(
            [answered.claim(forge.ANSWERED, notes)],
            notes=notes,
            parts=[answered.a.part(3, show={0, 2}), answered.b.part(3)],
        ),
    )
    for withheld in ({2}, {5}, {2, 5}):
        named = " and ".join(map(str, sorted(withheld)))
        one = Story()
        yield Case(
            f"extract without field {named}",
            0,
            "in the log",
            one.trust,
            one.bundle(
                [(forge.EXTRACT, 0, 2, one.a.inc, 0, [one.note_a])],
                notes=[one.note_a],
                parts=[one.a.part(3, show={0, 2}, withhold={2: withheld})],
                cards=[one.alfa.card()],
            ),
        )
    yield from _histories()


def _histories() -> Iterator[Case]:
    story = Story()
    twin = story.b.copy()
    twin.add(1, {2: "this"}, time=T0 + 50)
    story.b.add(1, {2: "that"}, time=T0 + 50)
    notes = [
        twin.note(time=T0 + 50, no=5, holds=[(story.a, 3)]),
        story.b.note(time=T0 + 51, no=6, holds=[(story.a, 3)]),
    ]
    yield Case(
        "fork, one size",
        0,
        "two histories",
        story.trust,
        story.bundle(
            [(forge.FORK, 1, 3, story.b.inc, 1, notes)],
            notes=notes,
            parts=[],
            cards=[story.bravo.card()],
        ),
    )
    story.b.add(1, {2: "more"}, time=T0 + 60)
    notes = [notes[0], story.b.note(time=T0 + 60, no=7, holds=[(story.a, 3)])]
    for name, code, word, parts in (
        ("fork, two sizes", 0, "two histories", [story.b.part(4, show=set(), cuts=[3])]),
        ("fork, two sizes, no inner nodes", 14, "hearsay", []),
    ):
        yield Case(
            name,
            code,
            word,
            story.trust,
            story.bundle(
                [(forge.FORK, 1, 3, story.b.inc, 1, notes)],
                notes=notes,
                parts=parts,
                cards=[story.bravo.card()],
            ),
        )
    shrunk = Story()
    shrunk.b.add(1, {2: "x"}, time=T0 + 50)
    notes = [
        shrunk.b.note(3, time=T0 + 50, holds=[(shrunk.a, 3)]),
        shrunk.b.note(2, time=T0 + 60, holds=[(shrunk.a, 3)]),
    ]
    yield Case(
        "rollback",
        0,
        "rollback",
        shrunk.trust,
        shrunk.bundle(
            [(forge.ROLLBACK, 1, 2, shrunk.b.inc, 1, notes)],
            notes=notes,
            parts=[],
            cards=[shrunk.bravo.card()],
        ),
    )


def _silence_that_is_not() -> Iterator[Case]:
    trust = Story().trust
    rides = with_entry(17, {1: [0, 2]})
    yield Case("the answer rides with the receipt", 7, "answered", trust, lapse(rides))
    yield Case(
        "the same, answer cut off",
        14,
        "silent, with 1 entries",
        trust,
        lapse(
            rides,
            parts=[rides.a.part(), rides.b.part(show={0, 1, 3})],
        ),
    )
    yield Case("answered by case", 7, "answered", trust, lapse(with_entry(17, {4: [0, 2]})))
    yield Case(
        "answered by an unknown kind", 7, "answered", trust, lapse(with_entry(60_000, {1: [0, 2]}))
    )
    yield Case("cannot process", 7, "answered", trust, lapse(with_entry(2, {1: [0, 2], 32: 10})))
    yield Case("acknowledged only", 0, "lapsed", trust, lapse(with_entry(2, {1: [0, 2], 32: 2})))
    yield Case(
        "answered off the record", 0, "lapsed", trust, lapse(with_entry(17, {1: [0, 2]}, flags=16))
    )
    hidden = with_entry(17, {1: [0, 1]})
    yield Case(
        "a reference withheld",
        14,
        "silent, with 1 entries",
        trust,
        lapse(
            hidden,
            parts=[hidden.a.part(), hidden.b.part(withhold={2: {1}})],
        ),
    )
    back = Story()
    back.a.add(18, {1: [0, 2]}, time=T0 + 30, seen=2)
    back.b.add(1, {2: "x"}, time=T0 + 40, seen=4)
    back.s2 = back.b.note(time=T0 + 9000, holds=[(back.a, 4)])
    yield Case("withdrawn", 7, "ALFA/3 by ALFA itself", trust, lapse(back))
    yield Case(
        "withdrawal not shown",
        14,
        "silent, unless withdrawn",
        trust,
        lapse(
            back,
            parts=[back.a.part(show={0, 2}), back.b.part()],
        ),
    )
    closed = with_entry(5, {16: "done"})
    yield Case("closed by the other side", 7, "BRAVO/2 closes", trust, lapse(closed))
    early = Story()
    early.pass_time(60)
    yield Case("the time is not over", 14, "delivered; not shown", trust, lapse(early))
    for due, name in ((59, "a due of 59 seconds"), ([T0 + 20], "a due not later than delivery")):
        short = Story(due=due)
        short.pass_time()
        yield Case(name, 7 if due == 59 else 14, "delivered;", trust, lapse(short))


def _hidden_by_shrinking() -> Iterator[Case]:
    """BRAVO's later statement holds less, or its log went back: that hides nothing."""
    for name, kind, fields, code, word in (
        ("a close", 5, {16: "done"}, 7, "ALFA/3 closes"),
        ("a withdrawal", 18, {1: [0, 2]}, 7, "ALFA/3 by ALFA itself"),
    ):
        story = Story()
        story.a.add(kind, fields, time=T0 + 12, seen=2)
        author = story.a.note(time=T0 + 13, holds=[(story.b, 2)])
        first = story.b.note(time=T0 + 20, holds=[(story.a, 4)])
        last = story.b.note(time=T0 + 9000, holds=[(story.a, 3)])
        raw = lapse(story, notes=[author, first, last])
        yield Case(f"{name}, and less held later", code, word, story.trust, raw)
    story = Story()
    story.b.add(1, {2: "else"}, time=T0 + 21, seen=3)
    story.b.add(17, {1: [0, 2]}, time=T0 + 22, seen=3)
    first = story.b.note(time=T0 + 23, holds=[(story.a, 3)])
    last = story.b.note(3, time=T0 + 9000, holds=[(story.a, 3)])
    parts = [story.a.part(), story.b.part(show={0, 1, 2})]
    raw = lapse(story, notes=[story.note_a, first, last], parts=parts)
    yield Case("an answer, and a shorter log later", 14, "silent, with 1 entries", story.trust, raw)


def _weaker() -> Iterator[Case]:
    story = passed()
    yield Case("nobody trusted", 14, "lapsed", [], story.lapsed())
    yield Case("the asker not trusted", 14, "admitted by BRAVO", story.trust[1:], story.lapsed())
    yield Case("the other side not trusted", 14, "not shown", story.trust[:1], story.lapsed())
    invented = Story()
    yield Case(
        "an author made up by the addressee",
        14,
        "admitted by BRAVO",
        invented.trust,
        invented.bundle(
            [invented.claim(forge.DELIVERED, [invented.s1])],
            notes=[invented.s1],
            parts=[invented.a.part(3, show={0, 2}), invented.b.part(2, show={0})],
        ),
    )
    lie = Story()
    lie.b.number = 1
    lie.s1 = lie.b.note(time=T0 + 20, holds=[(lie.a, 3, "", forge.h(b"lie"))])
    yield Case("another root held", 14, "contradiction", lie.trust, lie.delivered())
    gap = Story()
    gap.b.number = 1
    gap.s1 = gap.b.note(time=T0 + 20, holds=[(gap.a, 3, "2-3")])
    yield Case("the entry lies in a gap", 14, "not shown", gap.trust, gap.delivered())
    silent = passed()
    yield Case(
        "a body withheld by its author",
        14,
        "silent, with 1 entries",
        silent.trust,
        lapse(
            silent,
            parts=[silent.a.part(), silent.b.part(show={0, 1})],
        ),
    )
    again = Story()
    life = forge.Log(
        again.channel, again.bravo, inc=b"newlife!", opening={18: [again.b.inc, 2, again.b.root(2)]}
    )
    life.turn(again.a, seen=3)
    again.s2 = life.note(time=T0 + 9000, holds=[(again.a, 3)])
    yield Case(
        "a restart in between",
        14,
        "silent, across a restart",
        again.trust,
        lapse(
            again,
            parts=[again.a.part(), again.b.part(), life.part()],
        ),
    )


def _escapes() -> Iterator[Case]:
    """Clocks, keys, forks and charters by which a signer or a reader might get away."""
    yield from _clocks_mixed()
    yield from _revoked()
    story = Story()
    twin = story.b.copy()
    story.pass_time()
    twin.add(17, {2: "another tale"}, time=T0 + 40, seen=3)
    escape = twin.note(time=T0 + 50, no=2, holds=[(story.a, 3)])
    notes = [story.note_a, story.s1, escape, story.s2]
    yield Case("a fork on purpose", 0, "lapsed", story.trust, lapse(story, notes=notes))
    story = Story()
    twin = story.b.copy()
    twin.add(17, {1: [0, 2]}, time=T0 + 20, seen=3)
    story.s1 = twin.note(time=T0 + 20, no=1, holds=[(story.a, 3)])
    for text in ("x", "y"):
        story.b.add(1, {2: text}, time=T0 + 20, seen=3)
    story.s2 = story.b.note(time=T0 + 9000, no=2, holds=[(story.a, 3)])
    yield Case("the answer on another branch", 14, "fork", story.trust, lapse(story))
    story = Story()
    other = forge.Log(story.channel, story.bravo, opening={16: forge.h(b"other")})
    other.turn(story.a, seen=2)
    s1 = other.note(time=T0 + 20, holds=[(story.a, 3)])
    raw = story.bundle(
        [story.claim(forge.DELIVERED, [story.note_a, s1])],
        notes=[story.note_a, s1],
        parts=[story.a.part(3, show={0, 2}), other.part(show={0})],
    )
    yield Case("a log opened on another charter of this id", 7, None, story.trust, raw)


def _clocks_mixed() -> Iterator[Case]:
    slow = Story(witnesses=[WITNESS])
    slow.a.add(6, {16: 3, 17: cosign(slow.note_a, T0 + 10**6)}, seen=2)
    slow.b.add(1, {2: "x"}, seen=4)
    slow.s2 = slow.b.note(time=T0 + 21, holds=[(slow.a, 4)])
    trust = [*slow.trust, WITNESS[1]]
    yield Case("a token against a slow clock", 14, "delivered; not shown", trust, lapse(slow))
    ahead = Story()
    ahead.b.number = 1
    ahead.s1 = ahead.b.note(time=T0 + 10**7, holds=[(ahead.a, 3)])
    ahead.pass_time(-20 + 10**7 + 60)
    yield Case("a clock far ahead", 14, "delivered; not shown", ahead.trust, lapse(ahead))
    dark = Story(witnesses=[WITNESS])
    old = cosign(dark.s1, T0 + 9000)
    notes = [dark.note_a, old]
    raw = dark.bundle(
        [dark.claim(forge.DARK, notes)],
        notes=notes,
        parts=[dark.a.part(3, show={0, 2}), dark.b.part(2, show={0})],
    )
    trust = [*dark.trust, WITNESS[1]]
    yield Case("a witness that was shown old notes only", 14, "delivered, then dark", trust, raw)


def _revoked() -> Iterator[Case]:
    """BRAVO revokes the key of its receipt by a date before it, or at a place before it."""
    early = Story()
    card = early.bravo.card(
        sequence=2, keys=[early.bravo.station_key(revoked=0), early.bravo.station_key(2)]
    )
    notes = [early.note_a, early.s1]
    raw = early.bundle(
        [early.claim(forge.DELIVERED, notes)],
        notes=notes,
        parts=[early.a.part(3, show={0, 2}), early.b.part(2, show={0})],
        cards=[early.alfa.card(), card],
    )
    yield Case("a past disowned by a date", 14, "delivered", early.trust, raw)
    story = Story()
    new = story.bravo.card(
        sequence=2, keys=[story.bravo.station_key(revoked=0), story.bravo.station_key(2)]
    )
    story.b.add(4, {16: new}, time=T0 + 15, seen=3)
    by_thief = story.b.note(time=T0 + 20, holds=[(story.a, 3)])
    by_owner = story.b.note(time=T0 + 16, holds=[(story.a, 2)], key=2)
    raw = story.bundle(
        [story.claim(forge.DELIVERED, [story.note_a, by_thief])],
        notes=[story.note_a, by_thief, by_owner],
        parts=[story.a.part(3, show={0, 2}), story.b.part()],
        cards=[story.alfa.card(), new],
    )
    yield Case("a note of a key that a place revoked", 14, "not shown", story.trust, raw)


def _changed() -> Iterator[Case]:
    story = Story()
    raw = story.delivered()
    for name, place in (
        ("a card", raw.index(b"Party ALFA")),
        ("the charter", raw.index(b"contact")),
        ("a statement", raw.index(b"time ") + 8),
        ("an opened field", raw.index(b"call us")),
        ("a commitment", raw.index(story.a.commitments(2)[2])),
        ("a hash", raw.index(story.a.leaf(1))),
        ("the claim", len(raw) - 6),
    ):
        changed = bytearray(raw)
        changed[place] ^= 1
        yield Case(f"one bit of {name} changed", 7, None, story.trust, bytes(changed))
    yield Case("cut short by one byte", 7, None, story.trust, raw[:-1])
    yield Case("one byte too many", 7, None, story.trust, raw + b"\0")
