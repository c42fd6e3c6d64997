"""What answers an entry, and what merely refers to it (specification: entry, "an answer")."""

from __future__ import annotations

from bisect import bisect_left
from enum import Enum

from parley_verify.bundle import Claim
from parley_verify.cbor import Value
from parley_verify.delivery import (
    Subject,
    find_author,
    find_subject,
    show_delivery,
    tell_binding,
)
from parley_verify.evidence import Evidence, label
from parley_verify.note import Held, Origin
from parley_verify.part import Leaf, Part, Turns
from parley_verify.refusal import RefusedError
from parley_verify.verdict import HOLDS, WEAKER, Verdict, when

NEVER_ANSWER = frozenset({0, 2, 3, 4, 6, 9})
ACKNOWLEDGE, TURN, CLOSE, TIME_TOKEN = 2, 3, 5, 6
REF, CASE, DUE, RUNG = 1, 4, 5, 32
CANNOT_PROCESS = 10


class Refers(Enum):
    """Whether an entry refers to the subject."""

    YES = "yes"
    NO = "no"
    WITHHELD = "withheld"
    UNSURE = "unsure"


def as_ref(value: Value) -> tuple[int, int, bytes | None] | None:
    """Return party, index and incarnation of a reference; None: it refers to nothing."""
    if not isinstance(value, list) or len(value) not in (2, 3):
        return None
    party, index = value[:2]
    inc = value[2] if len(value) == 3 else None
    if type(party) is not int or type(index) is not int or min(party, index) < 0:
        return None
    if inc is not None and (not isinstance(inc, bytes) or len(inc) != 8):
        return None
    if len(value) == 3 and inc is None:
        return None
    return party, index, inc


def refers(leaf: Leaf, part: Part, subject: Subject, evidence: Evidence) -> Refers:
    """Say whether `ref` or `case` of a shown entry names the subject."""
    answer = Refers.NO
    for number in (REF, CASE):
        if leaf.withholds(number):
            answer = Refers.WITHHELD
        found = as_ref(leaf.opened.get(number))
        if found is None or found[:2] != (subject.claim.party, subject.claim.index):
            continue
        inc = found[2] or _incarnation_meant(leaf, part, subject, evidence)
        if inc == subject.origin.inc:
            return Refers.YES
        if inc is None:
            answer = Refers.UNSURE
    return answer


def _incarnation_meant(
    leaf: Leaf, part: Part, subject: Subject, evidence: Evidence
) -> bytes | None:
    """Return the incarnation that a short reference means; None where it is not shown.

    It is the one named by the author's last `turn` below the entry. A statement of the author
    names the one of the last `turn` below its size, and nobody turns back to an old one.
    """
    if part.origin.pid == subject.origin.pid:
        return part.origin.inc
    below: tuple[int, bytes] | None = None
    above: tuple[int, bytes] | None = None
    for signed in evidence.notes:
        held = signed.note.held(subject.origin.pid)
        if signed.note.origin != part.origin or held is None:
            continue
        if part.root(signed.note.size) != signed.note.root:
            continue
        size, inc = signed.note.size, held.origin.inc
        if size <= leaf.index and (below is None or size > below[0]):
            below = size, inc
        if size > leaf.index and (above is None or size < above[0]):
            above = size, inc
    turns = _Turns(part, subject)
    turned = turns.last_before(leaf.index, -1 if below is None else below[0] - 1)
    if turned is not None:
        return turned or (None if below is None else below[1])
    if above is not None and below is not None and above[1] == below[1]:
        return above[1]
    if above is not None and turns.none_between(leaf.index, above[0]):
        return above[1]
    return None


class _Turns:
    """The `turn` entries of a part for the subject's party, and where leaves are not shown."""

    def __init__(self, part: Part, subject: Subject) -> None:
        key = subject.claim.party, subject.origin.pid
        if key not in part.turns:
            part.turns[key] = _find_turns(part, subject.claim.party)
        self._places, self._incs, self._holes = part.turns[key]

    def last_before(self, index: int, floor: int) -> bytes | None:
        """Return what the last turn in (floor, index) names; empty for none, None if unsure."""
        place = bisect_left(self._places, index) - 1
        at = self._places[place] if place >= 0 else -1
        if at > floor:
            return self._incs[place] if self._whole(at + 1, index) else None
        return b"" if self._whole(floor + 1, index) else None

    def none_between(self, first: int, end: int) -> bool:
        """Say whether all of [first, end) is shown and holds no turn."""
        place = bisect_left(self._places, first)
        clear = place == len(self._places) or self._places[place] >= end
        return clear and self._whole(first, end)

    def _whole(self, first: int, end: int) -> bool:
        place = bisect_left(self._holes, (first, first + 1)) - 1
        if place >= 0 and self._holes[place][1] > first:
            return False
        place += 1
        return place == len(self._holes) or self._holes[place][0] >= end


def _find_turns(part: Part, party: int) -> Turns:
    places: list[int] = []
    incs: list[bytes | None] = []
    holes: list[tuple[int, int]] = []
    at = 0
    for index, leaf in part.leaves.items():
        if index > at:
            holes.append((at, index))
        at = index + 1
        if leaf.kind != TURN:
            continue
        named, inc = leaf.opened.get(16), leaf.opened.get(17)
        if type(named) is int and named != party:
            continue
        places.append(index)
        incs.append(inc if named == party and isinstance(inc, bytes) else None)
    if at < part.size:
        holes.append((at, part.size))
    return places, incs, holes


class Answer(Enum):
    """Whether an entry answers the subject."""

    YES = "answers it"
    CANNOT_PROCESS = "says that it cannot be processed"
    NO = "does not answer it"
    MAYBE = "may answer it"


def answers(leaf: Leaf, part: Part, subject: Subject, evidence: Evidence) -> Answer:
    """Say whether an entry of the addressee answers the subject."""
    if not leaf.is_attributable:
        return Answer.NO
    if leaf.kind in NEVER_ANSWER and leaf.kind != ACKNOWLEDGE:
        return Answer.NO
    how = refers(leaf, part, subject, evidence)
    if how is Refers.NO:
        return Answer.NO
    if leaf.kind == ACKNOWLEDGE:
        rung = leaf.opened.get(RUNG)
        if rung is None:
            return Answer.MAYBE if leaf.withholds(RUNG) else Answer.NO
        if rung != CANNOT_PROCESS:
            return Answer.NO
        return Answer.CANNOT_PROCESS if how is Refers.YES else Answer.MAYBE
    return Answer.YES if how is Refers.YES else Answer.MAYBE


def find_answer(subject: Subject, evidence: Evidence) -> tuple[Part, Leaf, Answer] | None:
    """Return the first entry of the other party, anywhere in the bundle, that answers."""
    for part in evidence.bundle.parts:
        if (part.origin.channel, part.origin.pid) != (subject.channel, subject.about):
            continue
        for leaf in part.leaves.values():
            found = answers(leaf, part, subject, evidence)
            if found in (Answer.YES, Answer.CANNOT_PROCESS):
                return part, leaf, found
    return None


def judge_answered(claim: Claim, evidence: Evidence, verdict: Verdict) -> Verdict:
    """Answer a claim that the other party answered the entry."""
    if claim.party == claim.about:
        raise RefusedError("a party does not answer itself", path=(*claim.path, 4))
    subject = find_subject(claim, evidence)
    delivery = show_delivery(subject, evidence, verdict)
    other = evidence.name(subject.about)
    if not delivery.receipts or subject.part is None:
        return verdict.close(delivery.word, WEAKER)
    found = find_answer(subject, evidence)
    if found is None:
        verdict.lack(f"an entry of {other} that answers it")
        return verdict.close("no answer shown", WEAKER)
    part, leaf, answer = found
    name = label(leaf, part.origin, evidence)
    covering = [
        signed
        for signed in evidence.of(subject.channel, subject.about)
        if signed.note.origin == part.origin
        and subject.may_use(signed)
        and signed.note.size > leaf.index
        and part.root(signed.note.size) == signed.note.root
        and any(
            _one_history(part, r.note.origin, r.note.size, r.note.root) for r in delivery.receipts
        )
        and evidence.favours(signed)
        and _root_of_subject(signed.note.held(subject.origin.pid), subject)
    ]
    if not covering:
        verdict.lack(
            f"that {name} counts for {other}: a statement of {other} over it that is "
            "consistent with the receipt and holds this very entry"
        )
        return verdict.close("no answer shown", WEAKER)
    verdict.show(
        f"entry {name} (kind {leaf.kind}) {answer.value}; {other} signed it in note "
        f"{covering[0].number} at {when(covering[0].note.time)}"
    )
    received = delivery.receipts[0].note.origin
    bound = tell_binding([subject.origin, received, part.origin], evidence, verdict)
    if find_author(subject, subject.part, evidence) is None:
        return verdict.close(f"answered; the question is only admitted by {other}", WEAKER)
    word = "answered" if answer is Answer.YES else "answered: cannot process"
    return verdict.close(word, HOLDS if bound else WEAKER)


def _one_history(part: Part, origin: Origin, size: int, root: bytes) -> bool:
    """Say whether a note of `origin` lies in the history that the part shows."""
    return part.origin != origin or part.root(size) == root


def _root_of_subject(held: Held | None, subject: Subject) -> bool:
    """A reference means the entry under the root that the referring statement holds."""
    return (
        held is not None
        and held.origin == subject.origin
        and held.has(subject.claim.index)
        and subject.part is not None
        and subject.part.root(held.size) == held.root
    )
