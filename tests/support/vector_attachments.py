"""Files that entries name, as the specification publishes them: what is part of a file, and what is not.

Made by the independent builder alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from support import bundle_forge as forge
from support.bundle_forge import T0, Story, h

PART_BYTES = 32_768
SALT = bytes(range(32))
SMALL = b"%PDF-1.7\nten metres\n"
LARGE = b"depth 1\n" * 5_000


def digest(content: bytes, salt: bytes = SALT) -> bytes:
    return h(b"parley1 attachment\0" + salt + content)


def cut(content: bytes, salt: bytes = SALT) -> list[dict[int, object]]:
    """The fields of the parts of a file."""
    joined = salt + content
    pieces = [joined[at : at + PART_BYTES] for at in range(0, len(joined), PART_BYTES)]
    named = digest(content, salt)
    return [
        {16: named, 17: number, 18: len(pieces), 19: piece} for number, piece in enumerate(pieces)
    ]


def file(content: bytes, **changed: object) -> dict[int, object]:
    """How an entry names a file."""
    named = {0: "chart.txt", 1: "text/plain", 2: len(content), 3: digest(content).hex()}
    return named | {int(name[1:]): value for name, value in changed.items()}


@dataclass(frozen=True)
class Case:
    """A bundle of an entry of ALFA that names files: entry, number, size and state of each."""

    name: str
    files: list[list[int | str]]
    trust: list[str]
    raw: bytes


class Tale(Story):
    """ALFA names files in entry 3; its parts follow."""

    def __init__(self, *files: object, kind: int = 1) -> None:
        super().__init__()
        named = list(files) or [file(SMALL)]
        self.named = self.a.add(kind, {16: [["en", 0, "The chart."]], 26: named}, time=T0 + 30)

    def part(self, fields: dict[int, object], **facts: object) -> int:
        return self.a.add(9, fields, time=T0 + 31, **facts)  # type: ignore[arg-type]

    def tell(self, *shown: int, withhold: dict[int, set[int]] | None = None) -> bytes:
        """The bundle that shows the entry and these parts."""
        note = self.a.note(time=T0 + 40, holds=[(self.b, 2)])
        part = self.a.part(show={0, self.named, *shown}, withhold=withhold or {})
        claim = self.claim(forge.EXTRACT, [note], index=self.named, about=0)
        return self.bundle([claim], notes=[note], parts=[part])


def says(size: int, state: str, place: int = 1) -> list[int | str]:
    return [3, place, size, state]


def shown(here: int, count: int) -> str:
    return f"{here} of {count}"


WHOLE, DAMAGED = "whole", "damaged"


def cases() -> Iterator[Case]:
    tale = Tale()
    at = tale.part(cut(SMALL)[0])
    raw = tale.tell(at)
    yield Case("whole", [says(20, WHOLE)], tale.trust, raw)
    yield Case("withheld: no part is shown", [says(20, shown(0, 1))], tale.trust, tale.tell())
    hidden = {at: {16, 17, 18, 19}}
    yield Case(
        "withheld: its part is shown with all fields closed",
        [says(20, shown(0, 1))],
        tale.trust,
        tale.tell(at, withhold=hidden),
    )
    yield Case(
        "named in a field that is withheld", [], tale.trust, tale.tell(at, withhold={3: {26}})
    )
    tale = Tale(file(LARGE))
    first, second = (tale.part(fields) for fields in cut(LARGE))
    assert first < second
    yield Case("of two parts the last", [says(40_000, shown(1, 2))], tale.trust, tale.tell(second))
    yield from _crooked()


def _crooked() -> Iterator[Case]:
    good = cut(SMALL)[0]
    other = {**good, 19: SALT + SMALL[:-1] + b"!"}
    for name, parts, state in (
        ("its part holds other content", [other], DAMAGED),
        ("of two parts with one number the first stands: damaged", [other, good], DAMAGED),
        ("of two parts with one number the first stands: whole", [good, other], WHOLE),
        ("a part of another length before it", [{**good, 19: good[19][:-1]}, good], WHOLE),
        (
            "a part of another count before it",
            [{**good, 18: 2, 19: bytes(PART_BYTES)}, good],
            WHOLE,
        ),
        ("another salt", [{**good, 19: bytes(32) + SMALL}], DAMAGED),
        ("a part too short for the size named", [{**good, 19: SALT + SMALL[:-1]}], shown(0, 1)),
        ("a part of two, where the size gives one", [{**good, 18: 2, 17: 1}], shown(0, 1)),
        ("a part of another file", [{**good, 16: bytes(32)}], shown(0, 1)),
        ("number at the count", [{**good, 17: 1}], shown(0, 1)),
        ("a count beyond all files", [{**good, 18: 322}], shown(0, 1)),
        ("an empty part", [{**good, 19: b""}], shown(0, 1)),
        ("a part with a further field", [{**good, 20: 0}], shown(0, 1)),
        ("a part with a field too few", [{n: good[n] for n in (16, 18, 19)}], shown(0, 1)),
        ("a digest in hex", [{**good, 16: digest(SMALL).hex()}], shown(0, 1)),
    ):
        tale = Tale()
        places = [tale.part(fields) for fields in parts]
        yield Case(name, [says(20, state)], tale.trust, tale.tell(*places))
    for name, files in (
        ("a file larger than one may be", [file(SMALL, f2=10_485_761)]),
        ("a digest that is no hex", [file(SMALL, f3=digest(SMALL))]),
        ("a digest in capitals", [file(SMALL, f3=digest(SMALL).hex().upper())]),
        ("a file with a member too few", [{0: "chart.txt", 2: 20, 3: digest(SMALL).hex()}]),
        ("a file with a member too many", [file(SMALL, f4=0)]),
        ("a size that is no number", [file(SMALL, f2="20")]),
        ("no list", file(SMALL)),
        ("more files than an entry may have", [file(SMALL)] * 21),
    ):
        tale = Tale()
        tale.a.entries[3] = (*tale.a.entries[3][:4], {26: files})
        yield Case(f"names none: {name}", [], tale.trust, tale.tell(tale.part(good)))
    for kind, name in ((4, "a kind of the core"), (15, "the last kind of the core")):
        tale = Tale(kind=kind)
        yield Case(f"names none: {name}", [], tale.trust, tale.tell(tale.part(good)))
    tale = Tale(kind=16)
    at = tale.part(good)
    yield Case("named by a kind of the desk", [says(20, WHOLE)], tale.trust, tale.tell(at))
    tale = Tale()
    at = tale.part(good)
    notes = [tale.a.note(size, time=T0 + 40 + size, holds=[(tale.b, 2)]) for size in (4, 5)]
    raw = tale.bundle(
        [tale.claim(forge.EXTRACT, notes, index=3, about=0)],
        notes=notes,
        parts=[tale.a.part(4, show={0, 3}), tale.a.part(5, show={0, 3, at})],
    )
    yield Case("named by an entry that two log parts show", [says(20, WHOLE)], tale.trust, raw)
    tale = Tale()
    theirs = tale.b.add(9, good, time=T0 + 31)
    note, counter = tale.a.note(time=T0 + 40, holds=[(tale.b, 2)]), tale.b.note(time=T0 + 41)
    raw = tale.bundle(
        [tale.claim(forge.EXTRACT, [note], index=3, about=0)],
        notes=[note, counter],
        parts=[tale.a.part(show={0, 3}), tale.b.part(show={0, theirs})],
    )
    yield Case("the other party's part", [says(20, shown(0, 1))], tale.trust, raw)
