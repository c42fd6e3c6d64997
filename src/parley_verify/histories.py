"""Claims that a log has two histories or went back (specification: statement, fork)."""

from __future__ import annotations

from itertools import combinations

from parley_verify.bundle import Claim
from parley_verify.delivery import find_subject
from parley_verify.evidence import Evidence, Signed, agree, conflicts
from parley_verify.refusal import RefusedError
from parley_verify.verdict import FALSE, HOLDS, WEAKER, Verdict, when


def judge_history(claim: Claim, evidence: Evidence, verdict: Verdict, wanted: str) -> Verdict:
    """Answer a claim of `fork` or `rollback` in the log that the claim names."""
    if claim.party != claim.about:
        raise RefusedError("a claim of this kind is about one party", path=(*claim.path, 4))
    subject = find_subject(claim, evidence)
    name = evidence.name(subject.origin.pid)
    notes = [
        signed
        for signed in evidence.of(subject.channel, subject.origin.pid)
        if signed.note.origin == subject.origin and subject.may_use(signed)
    ]
    if len(notes) < 2:
        verdict.lack(f"two statements of {name} over this log that count")
        return verdict.close("not shown", WEAKER)
    pairs = [pair for pair in combinations(notes, 2) if wanted in conflicts(*pair, evidence)]
    named = [pair for pair in pairs if min(each.note.size for each in pair) == claim.index]
    if named:
        return _tell(*next(filter(_is_sound, named), named[0]), evidence, verdict, wanted)
    if pairs:
        raise RefusedError(
            "the index of such a claim is the smaller of the two sizes", path=(*claim.path, 2)
        )
    if wanted == "fork" and not all(agree(*pair, evidence) for pair in combinations(notes, 2)):
        verdict.lack("a log part that gives the larger root and another root at the smaller size")
        return verdict.close("hearsay", WEAKER)
    verdict.oppose(
        "the statements named are one history"
        if wanted == "fork"
        else "among the statements named no shorter log bears a later time or a higher number"
    )
    return verdict.close(f"no {wanted}", FALSE)


def _tell(one: Signed, two: Signed, evidence: Evidence, verdict: Verdict, wanted: str) -> Verdict:
    name = evidence.name(one.note.origin.pid)
    for signed in (one, two):
        assert signed.key is not None
        verdict.show(
            f"note {signed.number}, signed with {name}'s key {signed.key.number} at "
            f"{when(signed.note.time)} (no {signed.note.no}): {signed.note.size} entries, "
            f"root {signed.note.root.hex()[:16]}..."
        )
    if wanted == "fork":
        word = f"two histories signed with {name}'s key"
        verdict.remark("evidence about a key, not about an intent")
    else:
        word = f"rollback: {name} signed a shorter log later"
    if _is_sound((one, two)):
        return verdict.close(word, HOLDS)
    verdict.lack("one of the notes is subject to revocation of its key")
    return verdict.close(f"{word}, subject to revocation", WEAKER)


def _is_sound(pair: tuple[Signed, Signed]) -> bool:
    return all(signed.standing == "good" for signed in pair)
