"""Claims about one entry: delivered, extract, record (specification: bundle, delivery)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from parley_verify.bundle import WHAT, Claim
from parley_verify.evidence import (
    Evidence,
    Signed,
    earliest_bound,
    holds_entry,
    is_bound,
)
from parley_verify.note import Origin
from parley_verify.part import Leaf, Part
from parley_verify.refusal import RefusedError
from parley_verify.verdict import FALSE, HOLDS, WEAKER, Verdict, when


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a claim is about: entry `index` of log `origin`, and the other party.

    Attributes:
        part: a log part that shows the entry; None where none does.
        leaf: the entry as shown in it.
    """

    claim: Claim
    channel: bytes
    parties: tuple[bytes, ...]
    origin: Origin
    about: bytes
    part: Part | None
    leaf: Leaf | None

    def may_use(self, signed: Signed) -> bool:
        """Say whether the claim rests on this note; a claim that names none rests on all."""
        return not self.claim.notes or signed.number in self.claim.notes


def find_subject(claim: Claim, evidence: Evidence) -> Subject:
    """Return what the claim is about.

    Raises:
        RefusedError: it names parties, notes or a log that the bundle does not have.
    """
    if claim.index == 0 and WHAT[claim.what] not in ("record", "fork", "rollback"):
        raise RefusedError("an opening entry is no subject of a claim", path=(*claim.path, 2))
    channels = {evidence.notes[number].note.origin.channel for number in claim.notes}
    if not channels and len(evidence.bundle.charters) == 1:
        channels = set(evidence.bundle.charters)
    if len(channels) != 1:
        raise RefusedError("a claim speaks of one channel", path=(*claim.path, 5))
    channel = channels.pop()
    parties = evidence.bundle.charters[channel].parties
    for place, number in ((1, claim.party), (4, claim.about)):
        if number >= len(parties):
            raise RefusedError(f"the channel has no party {number}", path=(*claim.path, place))
    origin = Origin(channel, parties[claim.party], claim.inc)
    if not any(signed.note.origin == origin for signed in evidence.notes) and not any(
        held.origin == origin for signed in evidence.notes for held in signed.note.holds
    ):
        raise RefusedError("nothing in the bundle speaks of this log", path=(*claim.path, 3))
    part = _best_part(origin, claim, evidence)
    return Subject(
        claim=claim,
        channel=channel,
        parties=parties,
        origin=origin,
        about=parties[claim.about],
        part=part,
        leaf=part.leaves[claim.index] if part is not None else None,
    )


def _best_part(origin: Origin, claim: Claim, evidence: Evidence) -> Part | None:
    """Return the part that shows the entry and that most of the notes agree with."""
    if claim.part is not None:
        return evidence.bundle.parts[claim.part]
    shown = [part for part in evidence.parts(origin) if claim.index in part.leaves]

    def agreement(part: Part) -> int:
        count = 0
        for signed in evidence.notes:
            held = signed.note.held(origin.pid)
            if signed.note.origin == origin and part.root(signed.note.size) == signed.note.root:
                count += 1
            if held and held.origin == origin and part.root(held.size) == held.root:
                count += 1
        return count

    return max(shown, key=agreement, default=None)


def find_author(
    subject: Subject, part: Part, evidence: Evidence, *, against: bool = False
) -> Signed | None:
    """Return a note by which the author signed the entry, usable in its own favour.

    With `against` it need only be usable against the author.
    """
    for signed in evidence.of(subject.channel, subject.origin.pid):
        note = signed.note
        if (
            note.origin == subject.origin
            and subject.may_use(signed)
            and note.size > subject.claim.index
            and part.root(note.size) == note.root
            and (against or evidence.favours(signed))
        ):
            return signed
    return None


@dataclass(slots=True, kw_only=True)
class Delivery:
    """How far delivery is shown.

    Attributes:
        word: `delivered`, `admitted`, `contradiction` or `not shown`.
        receipts: the addressee's notes that hold the entry and agree with the part, in order; the
            earliest one first.
    """

    word: str
    receipts: list[Signed]


def show_delivery(subject: Subject, evidence: Evidence, verdict: Verdict) -> Delivery:
    """Work out delivery of the subject to the other party, telling each step."""
    index, part = subject.claim.index, subject.part
    author, other = evidence.name(subject.origin.pid), evidence.name(subject.about)
    if part is None:
        verdict.lack(f"entry {author}/{index} itself: no log part shows it")
        return Delivery(word="not shown", receipts=[])
    signed_by = find_author(subject, part, evidence)
    if signed_by is not None:
        verdict.show(
            f"{author} wrote entry {author}/{index}: note {signed_by.number} signs "
            f"{signed_by.note.size} entries and this is one of them"
        )
    else:
        verdict.lack(
            f"that {author} wrote entry {author}/{index}: no note of {author} that counts "
            f"covers it{_why_not(subject, evidence)}"
        )
    receipts: list[Signed] = []
    contradicted: list[int] = []
    for signed in evidence.of(subject.channel, subject.about):
        held = holds_entry(signed, subject.origin, index)
        if held is None:
            continue
        root = part.root(held.size)
        if root == held.root:
            receipts.append(signed)
        elif root is not None:
            contradicted.append(signed.number)
    if receipts:
        receipts = earliest_first(receipts)
        _tell_receipt(receipts, subject, evidence, verdict)
        return Delivery(word="delivered" if signed_by else "admitted", receipts=receipts)
    if contradicted:
        verdict.lack(
            f"delivery: in note {contradicted[0]} {other} holds another root of {author}'s log "
            f"than the one shown. Either {author} has two histories or {other} lies; "
            "the bundle does not decide which"
        )
        return Delivery(word="contradiction", receipts=[])
    verdict.lack(
        f"delivery: no statement of {other} that counts holds entry {author}/{index} "
        f"under a root that the log part gives{_why_silent(subject, evidence)}"
    )
    return Delivery(word="not shown", receipts=[])


def earliest_first(receipts: Sequence[Signed]) -> list[Signed]:
    """Put the earliest first: by number in one log, among the first of several logs by time."""
    of_log: dict[Origin, Signed] = {}
    for receipt in receipts:
        of_log.setdefault(receipt.note.origin, receipt)
    first = min(of_log.values(), key=lambda one: (one.note.time, one.number))
    return [first, *(receipt for receipt in receipts if receipt is not first)]


def _why_not(subject: Subject, evidence: Evidence) -> str:
    pid = subject.origin.pid
    own = [signed for signed in evidence.notes if signed.note.origin.pid == pid]
    if own and not own[0].is_trusted:
        return " (its fingerprint is not on your trust list)"
    if subject.origin in evidence.broken:
        return f" ({evidence.broken[subject.origin]}; its notes no longer speak for it)"
    return ""


def _why_silent(subject: Subject, evidence: Evidence) -> str:
    notes = [s for s in evidence.notes if s.note.origin.pid == subject.about]
    if notes and not notes[0].is_trusted:
        return " (its fingerprint is not on your trust list)"
    return ""


def _tell_receipt(
    receipts: Sequence[Signed], subject: Subject, evidence: Evidence, verdict: Verdict
) -> None:
    first, other = receipts[0], evidence.name(subject.about)
    verdict.show(
        f"{other} held it: note {first.number} (no {first.note.no}), "
        f"by {other}'s own clock at {when(first.note.time)}"
    )
    bounds = [bound for signed in receipts if (bound := earliest_bound(signed)) is not None]
    if bounds:
        time, trusted = min(bounds, key=lambda bound: (not bound[1], bound[0]))
        doubt = "" if trusted else " as far as that witness may be believed"
        verdict.show(f"not later than {when(time)} by a witness{doubt}")
    else:
        verdict.remark(f"a party's clock binds no one else: no witness bounds {other}'s time")
    named = [signed for signed in receipts if subject.may_use(signed)] or receipts[:1]
    _tell_remarks(first, evidence, verdict)
    _tell_doubt(
        next((signed for signed in named if signed.standing != "subject"), named[0]),
        evidence,
        verdict,
    )


def tell_standing(signed: Signed, evidence: Evidence, verdict: Verdict) -> None:
    """Remark on a note that counts against its signer only, or not for sure."""
    _tell_remarks(signed, evidence, verdict)
    _tell_doubt(signed, evidence, verdict)


def _tell_remarks(signed: Signed, evidence: Evidence, verdict: Verdict) -> None:
    name = evidence.name(signed.note.origin.pid)
    if not signed.in_window:
        verdict.remark(f"note {signed.number} lies outside its key's window; counts against {name}")
    if signed.note.origin in evidence.broken:
        verdict.remark(
            f"{name}'s log shows {evidence.broken[signed.note.origin]}; "
            "its notes count against it, none for it"
        )


def _tell_doubt(signed: Signed, evidence: Evidence, verdict: Verdict) -> None:
    if signed.standing == "subject":
        name = evidence.name(signed.note.origin.pid)
        verdict.lack(f"note {signed.number} is subject to revocation of {name}'s key")


def tell_binding(origins: Sequence[Origin], evidence: Evidence, verdict: Verdict) -> bool:
    """Say of each log whether its entry 0 binds it to the whole charter."""
    whole = True
    for origin in dict.fromkeys(origins):
        if not is_bound(origin, evidence):
            whole = False
            verdict.lack(
                f"that {evidence.name(origin.pid)} opened its log on this very charter: "
                "fields 16 and 17 of its entry 0 are not opened"
            )
    return whole


def judge_delivered(claim: Claim, evidence: Evidence, verdict: Verdict) -> Verdict:
    """Answer a claim of delivery."""
    subject = find_subject(claim, evidence)
    _two_parties(claim)
    delivery = show_delivery(subject, evidence, verdict)
    if delivery.word != "delivered":
        word = f"admitted by {evidence.name(subject.about)}"
        return verdict.close(word if delivery.word == "admitted" else delivery.word, WEAKER)
    named = [signed for signed in delivery.receipts if subject.may_use(signed)]
    if not named:
        verdict.lack("none of the notes that the claim names is a receipt")
    assert subject.leaf is not None
    if not subject.leaf.is_attributable:
        return off_record(verdict)
    logs = [subject.origin, delivery.receipts[0].note.origin]
    bound = tell_binding(logs, evidence, verdict)
    sound = any(signed.standing == "good" for signed in named)
    return verdict.close("delivered", HOLDS if bound and sound else WEAKER)


def _two_parties(claim: Claim) -> None:
    if claim.party == claim.about:
        raise RefusedError("a party delivers nothing to itself", path=(*claim.path, 4))


def _own_log(claim: Claim) -> None:
    if claim.party != claim.about:
        raise RefusedError("a claim of this kind is about one party", path=(*claim.path, 4))


def off_record(verdict: Verdict) -> Verdict:
    """Close what is claimed of an entry off the record: that it arrived is all that is shown."""
    verdict.lack("what the entry says: it is non-attributable, its leaf binds no body")
    return verdict.close("delivered, off the record", WEAKER)


def judge_extract(claim: Claim, evidence: Evidence, verdict: Verdict) -> Verdict:
    """Answer a claim that an entry, with some fields withheld, stands in its author's log."""
    _own_log(claim)
    subject = find_subject(claim, evidence)
    if not _show_entry(subject, evidence, verdict):
        return verdict.close("not shown", WEAKER)
    assert subject.leaf is not None
    assert subject.part is not None
    tell_fields(subject.leaf, evidence.opened(subject.origin, subject.leaf), verdict)
    counts = find_author(subject, subject.part, evidence) is not None
    only = "" if counts else f", counts against {evidence.name(subject.origin.pid)} only"
    bound = tell_binding([subject.origin], evidence, verdict)
    if not subject.leaf.is_attributable:
        verdict.lack("what the entry says: it is non-attributable, its leaf binds no body")
        return verdict.close(f"off-record entry passed{only}", WEAKER)
    if only:
        return verdict.close(f"in the log{only}", WEAKER)
    return verdict.close("in the log", HOLDS if bound else WEAKER)


def _show_entry(subject: Subject, evidence: Evidence, verdict: Verdict) -> bool:
    author, index = evidence.name(subject.origin.pid), subject.claim.index
    if subject.part is None:
        verdict.lack(f"entry {author}/{index}: no log part shows it")
        return False
    signed = find_author(subject, subject.part, evidence) or find_author(
        subject, subject.part, evidence, against=True
    )
    if signed is None:
        verdict.lack(f"that {author} signed entry {author}/{index}{_why_not(subject, evidence)}")
        return False
    verdict.show(
        f"{author} signed entry {author}/{index} in note {signed.number} "
        f"at {when(signed.note.time)}"
    )
    tell_standing(signed, evidence, verdict)
    if (bound := earliest_bound(signed)) is not None:
        doubt = "" if bound[1] else " as far as that witness may be believed"
        verdict.show(f"not later than {when(bound[0])} by a witness{doubt}")
    return True


def tell_fields(leaf: Leaf, opened: Collection[int], verdict: Verdict) -> None:
    """Say which fields are open in some log part and which are withheld in all."""
    withheld = sorted((leaf.committed or frozenset()).difference(opened))
    if opened:
        verdict.show(f"its fields {_list(sorted(opened))} are as the author wrote them")
    if withheld:
        verdict.remark(f"fields {_list(withheld)} exist and are withheld")


def _list(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:20])) + (" ..." if len(numbers) > 20 else "")


def judge_record(claim: Claim, evidence: Evidence, verdict: Verdict) -> Verdict:
    """Answer a claim that the record of one log is shown whole from `index` on."""
    _own_log(claim)
    subject = find_subject(claim, evidence)
    if not _show_entry(subject, evidence, verdict):
        return verdict.close("not shown", WEAKER)
    part = subject.part
    assert part is not None
    name = evidence.name(subject.origin.pid)
    if claim.index - 1 in part.leaves:
        verdict.oppose(f"the entries shown begin before {name}/{claim.index}")
        return verdict.close("another record", FALSE)
    lacking = part.not_shown(claim.index, part.size)
    for index in lacking:
        verdict.lack(f"entry {name}/{index}: shown only as a hash")
    # What is shown below the record, such as the opening entry, is no part of it.
    shown = [leaf for leaf in part.leaves.values() if leaf.index >= claim.index]
    withheld = sum(leaf.withholds(n) and n != 0 for leaf in shown for n in leaf.committed or ())
    hidden = sum(not leaf.is_attributable for leaf in shown)
    verdict.show(f"entries {claim.index} to {part.size - 1} of {name}, less what is listed")
    if withheld:
        verdict.lack(f"{withheld} fields are withheld")
    if hidden:
        verdict.remark(f"{hidden} non-attributable entries: that they passed, not what they said")
    signed = any(
        evidence.favours(s)
        and subject.may_use(s)
        and s.note.size == part.size
        and s.note.root == part.root(part.size)
        for s in evidence.of(subject.channel, subject.origin.pid)
    )
    if not signed:
        verdict.lack(f"{name}'s own signature over all {part.size} entries")
    bound = tell_binding([subject.origin], evidence, verdict)
    whole = bound and signed and not lacking and not withheld
    return verdict.close(
        "record, whole" if whole else "record, in part", HOLDS if whole else WEAKER
    )
