"""Made-up dialogues and the bundles that tell of them; every byte comes from spec/ alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from independent import notes
from independent.bundles import bundle
from independent.identity import Party, charter, h, public, verifier_key
from independent.logs import OFF_RECORD, Log

START = 1_790_000_000
WITNESS = "witness.example"
WITNESS_KEY = Party("witness").ed("cosign")
WITNESS_LISTED = verifier_key(WITNESS, 4, public(WITNESS_KEY))


@dataclass
class Signer:
    """A log and the statements over it, numbered as they are made."""

    log: Log
    made: list[str] = field(default_factory=list)
    key: int = 1

    def sign(
        self,
        time: int,
        *holds: tuple[Log, int] | tuple[Log, int, list[Any]],
        size: int | None = None,
        number: int | None = None,
        cosigned: int | None = None,
        sealed: bool = False,
    ) -> str:
        """The next statement, as a note."""
        full = [(each[0], each[1], list(each[2]) if len(each) > 2 else []) for each in holds]
        size = len(self.log.entries) if size is None else size
        number = len(self.made) if number is None else number
        text = notes.text_of(self.log, size, number, time, full)
        lines = [notes.station_line(self.log.party, self.key, text)]
        if sealed:
            lines.append(notes.seal_line(self.log.party, self.key, text))
        if cosigned is not None:
            lines.append(notes.cosign_line(WITNESS, WITNESS_KEY, cosigned, text))
        self.made.append(notes.note(text, *lines))
        return self.made[-1]


class Talk:
    """Two parties, a charter, both logs opened, and what each turned to."""

    def __init__(self, **charter_terms: Any) -> None:
        self.alfa, self.bravo = Party("alfa"), Party("bravo")
        self.charter = charter(self.alfa, self.bravo, **charter_terms)
        self.a = Signer(Log(self.alfa, self.charter, h(b"inc a")[:8]))
        self.b = Signer(Log(self.bravo, self.charter, h(b"inc b")[:8]))
        for signer in (self.a, self.b):
            signer.log.open(START)
        self.a.log.write(3, START + 1, 0, {16: 1, 17: self.b.log.inc})
        self.b.log.write(3, START + 1, 0, {16: 0, 17: self.a.log.inc})

    def ask(self, due: Any, time: int = START + 10, kind: int = 32) -> int:
        """ALFA asks; its statement follows."""
        index = self.a.log.write(kind, time, 2, {5: due, 16: [["en", 0, "Where is the ship?"]]})
        self.a.sign(time + 1, (self.b.log, 2))
        return index

    @property
    def trust(self) -> list[str]:
        """What a reader of these bundles trusts."""
        return [self.alfa.fp.hex(), self.bravo.fp.hex(), WITNESS_LISTED]

    def bundle(self, parts: list[list[Any]], texts: list[str], *claims: Any) -> bytes:
        """A bundle of the talk."""
        return bundle(
            parties=[self.alfa, self.bravo],
            charters=[self.charter],
            texts=texts,
            parts=parts,
            claims=list(claims),
        )


def delivered() -> tuple[Talk, bytes]:
    """ALFA says something, BRAVO holds it."""
    talk = Talk()
    index = talk.a.log.write(1, START + 10, 2, {2: "hello", 3: "en"})
    mine = talk.a.sign(START + 11, (talk.b.log, 2))
    theirs = talk.b.sign(START + 12, (talk.a.log, 3))
    parts = [talk.a.log.part(3, {0, index}), talk.b.log.part(2, {0})]
    return talk, talk.bundle(
        parts, [mine, theirs], ("delivered", talk.a.log, index, 1, [mine, theirs])
    )


def _silence(
    *, due: Any = 3600, until: int = 4000, **more: Any
) -> tuple[Talk, int, list[str], list[list[Any]]]:
    talk = Talk(**more)
    index = talk.ask(due)
    first = talk.b.sign(START + 20, (talk.a.log, index + 1))
    talk.b.log.write(2, START + 25, index + 1, {1: [0, index], 32: 2})
    second = talk.b.sign(START + 20 + until, (talk.a.log, index + 1))
    parts = [
        talk.a.log.part(index + 1, {0, index}),
        talk.b.log.part(3, {0, 1, 2}, sizes=(2,)),
    ]
    return talk, index, [talk.a.made[0], first, second], parts


def lapsed() -> tuple[Talk, bytes]:
    """ALFA asks, BRAVO acknowledges and never answers; class T1."""
    talk, index, texts, parts = _silence()
    return talk, talk.bundle(parts, texts, ("lapsed", talk.a.log, index, 1, texts))


def lapsed_by_instant() -> tuple[Talk, bytes]:
    """The same with an instant."""
    talk, index, texts, parts = _silence(due=[START + 2000])
    return talk, talk.bundle(parts, texts, ("lapsed", talk.a.log, index, 1, texts))


def owed() -> tuple[Talk, bytes]:
    """The charter itself gives the period."""
    talk, index, texts, parts = _silence(_10={1: {32: 3600}})
    return talk, talk.bundle(parts, texts, ("lapsed", talk.a.log, index, 1, texts))


def too_early() -> tuple[Talk, bytes]:
    """The time is not over."""
    talk, index, texts, parts = _silence(until=1000)
    return talk, talk.bundle(parts, texts, ("lapsed", talk.a.log, index, 1, texts))


def lapsed_by_witness() -> tuple[Talk, bytes]:
    """Class T2: BRAVO's own clock stands still, a witness's does not."""
    talk = Talk(_8=[[WITNESS, WITNESS_LISTED]])
    index = talk.ask(3600)
    first = talk.b.sign(START + 20, (talk.a.log, index + 1), cosigned=START + 30)
    token = talk.a.sign(START + 5000, (talk.b.log, 2), cosigned=START + 5001)
    talk.a.log.write(6, START + 5002, 2, {16: 3, 17: token})
    mine = talk.a.sign(START + 5003, (talk.b.log, 2))
    size = len(talk.a.log.entries)
    second = talk.b.sign(START + 21, (talk.a.log, size), cosigned=START + 5100)
    parts = [
        talk.a.log.part(size, {0, *range(index, size)}, sizes=(index + 1,)),
        talk.b.log.part(2, {0, 1}),
    ]
    texts = [mine, first, second]
    return talk, talk.bundle(parts, texts, ("lapsed", talk.a.log, index, 1, texts))


def answered(ref: Any = None, what: str = "answered") -> tuple[Talk, bytes]:
    """BRAVO answers."""
    talk = Talk()
    index = talk.ask(3600)
    talk.b.log.write(33, START + 30, index + 1, {1: ref or [0, index]})
    theirs = talk.b.sign(START + 31, (talk.a.log, index + 1))
    later = talk.b.sign(START + 9000, (talk.a.log, index + 1))
    parts = [talk.a.log.part(index + 1, {0, index}), talk.b.log.part(3, {0, 1, 2}, sizes=(2,))]
    texts = [talk.a.made[0], theirs, *([later] if what == "lapsed" else [])]
    return talk, talk.bundle(parts, texts, (what, talk.a.log, index, 1, texts))


def answered_by_long_reference() -> tuple[Talk, bytes]:
    """The answer names the incarnation."""
    return answered([0, 2, h(b"inc a")[:8]])


def lapse_of_an_answer() -> tuple[Talk, bytes]:
    """A lapse is claimed of what was answered."""
    return answered(what="lapsed")


def withdrawn() -> tuple[Talk, bytes]:
    """ALFA took it back."""
    talk = Talk()
    index = talk.ask(3600)
    talk.a.log.write(34, START + 15, 2, {1: [0, index]})
    mine = talk.a.sign(START + 16, (talk.b.log, 2))
    first = talk.b.sign(START + 20, (talk.a.log, index + 2))
    second = talk.b.sign(START + 9000, (talk.a.log, index + 2))
    texts = [mine, first, second]
    parts = [talk.a.log.part(index + 2, {0, index, index + 1}), talk.b.log.part(2, {0, 1})]
    return talk, talk.bundle(parts, texts, ("lapsed", talk.a.log, index, 1, texts))


def dark() -> tuple[Talk, bytes]:
    """BRAVO receipted and was not seen again."""
    talk = Talk(_8=[[WITNESS, WITNESS_LISTED]])
    index = talk.ask(3600)
    theirs = talk.b.sign(START + 20, (talk.a.log, index + 1), cosigned=START + 8000)
    parts = [talk.a.log.part(index + 1, {0, index}), talk.b.log.part(2, {0, 1})]
    texts = [talk.a.made[0], theirs]
    return talk, talk.bundle(parts, texts, ("dark", talk.a.log, index, 1, texts))


def fork() -> tuple[Talk, bytes]:
    """Two histories of one size."""
    talk = Talk()
    talk.a.log.write(1, START + 10, 2, {2: "yes"})
    one = talk.a.sign(START + 11, (talk.b.log, 2))
    part = talk.a.log.part(3, {0})
    talk.a.log.entries.pop()
    talk.a.log.write(1, START + 10, 2, {2: "no"})
    two = talk.a.sign(START + 12, (talk.b.log, 2))
    return talk, talk.bundle([part], [one, two], ("fork", talk.a.log, 3, 0, [one, two]))


def fork_of_two_sizes() -> tuple[Talk, bytes]:
    """A larger log that holds another entry where the smaller had one."""
    talk = Talk()
    talk.a.log.write(1, START + 10, 2, {2: "yes"})
    one = talk.a.sign(START + 11, (talk.b.log, 2))
    talk.a.log.entries.pop()
    talk.a.log.write(1, START + 10, 2, {2: "no"})
    talk.a.log.write(1, START + 20, 2, {2: "more"})
    two = talk.a.sign(START + 21, (talk.b.log, 2))
    part = talk.a.log.part(4, {0}, sizes=(3,))
    return talk, talk.bundle([part], [one, two], ("fork", talk.a.log, 3, 0, [one, two]))


def rollback() -> tuple[Talk, bytes]:
    """A smaller log, signed later."""
    talk = Talk()
    talk.a.log.write(1, START + 10, 2, {2: "yes"})
    one = talk.a.sign(START + 11, (talk.b.log, 2))
    two = talk.a.sign(START + 12, (talk.b.log, 2), size=2)
    part = talk.a.log.part(3, {0}, sizes=(2,))
    return talk, talk.bundle([part], [one, two], ("rollback", talk.a.log, 2, 0, [one, two]))


def extract() -> tuple[Talk, bytes]:
    """One entry, one field withheld."""
    talk = Talk()
    index = talk.a.log.write(1, START + 10, 2, {2: "secret", 3: "en"})
    talk.a.log.write(1, START + 11, 2, {}, OFF_RECORD)
    mine = talk.a.sign(START + 12, (talk.b.log, 2))
    parts = [talk.a.log.part(4, {0, index, index + 1}, {index: (2,)})]
    return talk, talk.bundle(
        parts,
        [mine],
        ("extract", talk.a.log, index, 0, [mine]),
        ("extract", talk.a.log, index + 1, 0, [mine]),
    )


def record(first: int = 0) -> tuple[Talk, bytes]:
    """The whole log, or its end."""
    talk = Talk()
    for n in range(9):
        talk.a.log.write(1, START + 10 + n, 2, {2: f"line {n}", 4: [0, 1]})
    mine = talk.a.sign(START + 40, (talk.b.log, 2), sealed=False)
    shown = set(range(first, 11))
    opening = talk.a.log.part(2, {0})
    parts = [talk.a.log.part(11, shown)]
    texts = [mine]
    if first:
        early = talk.a.sign(START + 5, size=2, number=0)
        texts = [early, mine]
        parts.insert(0, opening)
    return talk, talk.bundle(parts, texts, ("record", talk.a.log, first, 0, [texts[-1]]))


def end_of_a_record() -> tuple[Talk, bytes]:
    """The last entries only."""
    return record(5)


def three() -> tuple[Talk, bytes]:
    """Delivery among three, with a gap and a log not yet met."""
    talk = Talk()
    carol = Party("carol")
    talk.charter = charter(talk.alfa, talk.bravo, carol)
    talk.a = Signer(Log(talk.alfa, talk.charter, h(b"inc a3")[:8]))
    talk.b = Signer(Log(talk.bravo, talk.charter, h(b"inc b3")[:8]))
    for signer in (talk.a, talk.b):
        signer.log.open(START)
    talk.b.log.write(3, START + 1, [0, 0], {16: 0, 17: talk.a.log.inc})
    for n in range(5):
        talk.a.log.write(1, START + 10 + n, [0, 0], {2: f"line {n}"})
    mine = talk.a.sign(START + 20)
    theirs = talk.b.sign(START + 21, (talk.a.log, 6, [[1, 2], [4, 5]]))
    parts = [talk.a.log.part(6, {0, 3}), talk.b.log.part(2, {0})]
    return talk, talk.bundle(parts, [mine, theirs], ("delivered", talk.a.log, 3, 1, [mine, theirs]))


STORIES: dict[str, tuple[Any, int, str]] = {
    "delivered": (delivered, 0, "delivered"),
    "lapsed": (lapsed, 0, "lapsed"),
    "lapsed by an instant": (lapsed_by_instant, 0, "lapsed"),
    "owed by the charter": (owed, 0, "lapsed"),
    "too early": (too_early, 14, "delivered; not shown that the time is over"),
    "lapsed by a witness": (lapsed_by_witness, 0, "lapsed"),
    "answered": (answered, 0, "answered"),
    "answered by a long reference": (answered_by_long_reference, 0, "answered"),
    "lapse of an answer": (lapse_of_an_answer, 7, "answered"),
    "withdrawn": (withdrawn, 7, "takes the matter up again or withdraws it"),
    "dark": (dark, 14, "delivered, then dark"),
    "fork": (fork, 0, "two histories"),
    "fork of two sizes": (fork_of_two_sizes, 0, "two histories"),
    "rollback": (rollback, 0, "rollback"),
    "extract": (extract, 14, "in the log"),
    "record": (record, 0, "record"),
    "end of a record": (end_of_a_record, 0, "record"),
    "three parties": (three, 0, "delivered"),
}
