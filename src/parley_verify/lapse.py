"""Claims of silence: lapsed, and dark (specification: bundle, lapse).

A holder of true signatures must never reach a stronger word than the facts allow. Each step
below exists because leaving it out gives a false proof.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from parley_verify.answers import (
    ACKNOWLEDGE,
    CLOSE,
    RUNG,
    TIME_TOKEN,
    TURN,
    Answer,
    Refers,
    answers,
    find_answer,
    refers,
)
from parley_verify.bounds import LAPSE_TRIES_MAX
from parley_verify.bundle import Claim
from parley_verify.delivery import (
    Delivery,
    Subject,
    find_subject,
    off_record,
    show_delivery,
    tell_binding,
    tell_standing,
)
from parley_verify.evidence import Evidence, Signed, holds_entry, label
from parley_verify.note import Note, Origin
from parley_verify.part import Leaf, Part
from parley_verify.refusal import RefusedError
from parley_verify.timing import Due, Watch, no_clock, read_due, time_class
from parley_verify.verdict import FALSE, HOLDS, WEAKER, Verdict, how_long, when


@dataclass(slots=True, kw_only=True)
class Range:
    """What a range of a log shows: holes, and what spoils or ends the silence.

    Attributes:
        hidden: how many entries are not shown; `holes` names the first of them.
        unsure: entries shown that may answer, or withdraw.
    """

    hidden: int = 0
    holes: list[int] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    off_record: int = 0
    acknowledged: list[str] = field(default_factory=list)


def judge_lapsed(claim: Claim, evidence: Evidence, verdict: Verdict) -> Verdict:
    """Answer a claim that an entry was delivered and never answered in time."""
    subject = find_subject(claim, evidence)
    if claim.party == claim.about:
        verdict.lack("a lapse of a party's own commitment is not judged by this verifier")
        return verdict.close("not checked", WEAKER)
    delivery = show_delivery(subject, evidence, verdict)
    if delivery.word != "delivered":
        word = f"admitted by {evidence.name(subject.about)}"
        return verdict.close(word if delivery.word == "admitted" else delivery.word, WEAKER)
    assert subject.leaf is not None
    if not subject.leaf.is_attributable:
        return off_record(verdict)
    due = read_due(subject.leaf, verdict)
    if verdict.against:
        return verdict.close("delivered; no clock", FALSE)
    if _tell_answer(subject, evidence, verdict):
        return verdict.close("answered", FALSE)
    if due is None:
        return verdict.close("delivered; no clock", WEAKER)
    return _judge_silence(subject, delivery, due, evidence, verdict)


def _tell_answer(subject: Subject, evidence: Evidence, verdict: Verdict) -> bool:
    found = find_answer(subject, evidence)
    if found is not None:
        part, leaf, answer = found
        verdict.oppose(f"entry {label(leaf, part.origin, evidence)} {answer.value}")
    return found is not None


def _judge_silence(
    subject: Subject, delivery: Delivery, due: Due, evidence: Evidence, verdict: Verdict
) -> Verdict:
    """Try each later statement of the other party, the newest first."""
    other = evidence.name(subject.about)
    tries: list[Verdict] = []
    for late in reversed(evidence.of(subject.channel, subject.about)):
        if len(tries) == LAPSE_TRIES_MAX:
            break
        first = _first_receipt(delivery, late)
        if first is None or late is first or not subject.may_use(late):
            continue
        trial = verdict.copy()
        watch = Watch(
            subject=subject,
            receipts=delivery.receipts,
            first=first,
            late=late,
            due=due,
            evidence=evidence,
        )
        tries.append(_try(watch, trial))
        if tries[-1].code == HOLDS:
            break
    if tries:
        return min(tries, key=lambda trial: (trial.code != HOLDS, trial.code != FALSE))
    verdict.lack(f"a later statement of {other}, named by the claim, besides the first receipt")
    return verdict.close("delivered; nothing shown of the time after", WEAKER)


def _first_receipt(delivery: Delivery, late: Signed) -> Signed | None:
    """Return the earliest receipt before `late`: in its own log, or in an earlier life of it."""
    for receipt in delivery.receipts:
        if receipt.note.origin == late.note.origin and receipt.note.no < late.note.no:
            return receipt
    others = [
        receipt
        for receipt in delivery.receipts
        if receipt.note.origin != late.note.origin and receipt.note.time <= late.note.time
    ]
    return min(others, key=lambda receipt: receipt.note.time, default=None)


def _try(watch: Watch, verdict: Verdict) -> Verdict:
    subject, evidence, late = watch.subject, watch.evidence, watch.late
    other = evidence.name(subject.about)
    verdict.show(
        f"{other} signed again: note {late.number} (no {late.note.no}) "
        f"at {when(late.note.time)}, over {late.note.size} own entries"
    )
    tell_standing(late, evidence, verdict)
    passed = time_class(watch, verdict)
    part = _history_of(watch.first, late, evidence, verdict)
    if part is None:
        word = "fork" if verdict.against else "delivered; the rest of the log is not shown"
        return verdict.close(word, WEAKER)
    theirs = _walk_theirs(part, watch, verdict)
    ours = _walk_ours(watch, verdict)
    if verdict.against:
        return verdict.close(verdict.against[0], FALSE)
    if passed is None:
        return verdict.close("delivered; not shown that the time is over", WEAKER)
    weaker = _shortfalls(watch, theirs, ours, verdict)
    if not passed.is_trusted:
        weaker.append("as far as that witness may be believed")
    for text in theirs.acknowledged:
        verdict.remark(text)
    verdict.remark(_owed_or_asked(watch))
    verdict.remark(
        "it speaks of this channel alone: not of other channels, of a successor, or of other ways"
    )
    origins = [subject.origin, watch.first.note.origin, late.note.origin]
    bound = tell_binding(origins, evidence, verdict)
    if weaker:
        return verdict.close("silent, " + ", ".join(weaker), WEAKER)
    if not bound:
        return verdict.close("lapsed, charter bound by its 16-byte id alone", WEAKER)
    return verdict.close(f"lapsed (proved), time class {passed.name}", HOLDS)


def _owed_or_asked(watch: Watch) -> str:
    """Say whether the charter makes the answer owed, or it was only asked for."""
    subject, leaf = watch.subject, watch.subject.leaf
    owed = watch.evidence.bundle.charters[subject.channel].owed
    period = owed.get(leaf.kind) if leaf is not None else None
    if period is not None and watch.due.after(watch.first.note.time) >= (
        watch.first.note.time + period
    ):
        return f"the answer was owed: the charter gives {how_long(period)} for this kind"
    return "the answer was asked for: the charter shown does not make it owed"


def _shortfalls(watch: Watch, theirs: Range, ours: Range | None, verdict: Verdict) -> list[str]:
    """Return the words for every shortfall; each has its own, and none of them is `proved`."""
    weaker: list[str] = []
    hidden = theirs.hidden + len(theirs.unsure)
    if hidden:
        weaker.append(f"with {hidden} entries signed but not produced")
    if not watch.one_life or _other_lives(watch.subject, watch.late, watch.evidence):
        other = watch.evidence.name(watch.subject.about)
        weaker.append(f"across a restart of {other}'s log")
        verdict.lack(f"what {other}'s log held in its other incarnation, up to its end")
    if ours is None or ours.holes or ours.unsure:
        weaker.append("unless withdrawn")
    if "subject" in (watch.first.standing, watch.late.standing):
        weaker.append("subject to revocation")
    if theirs.off_record:
        verdict.remark(
            f"{theirs.off_record} non-attributable entries in the range; such never answer"
        )
    return weaker


def _other_lives(subject: Subject, late: Signed, evidence: Evidence) -> bool:
    """Say whether anything shown names another incarnation of the other party's log."""
    wanted = late.note.origin

    def is_other(origin: Origin) -> bool:
        return origin.channel == wanted.channel and origin.pid == wanted.pid and origin != wanted

    if any(is_other(signed.note.origin) for signed in evidence.notes):
        return True
    if any(is_other(held.origin) for signed in evidence.notes for held in signed.note.holds):
        return True
    if any(is_other(part.origin) for part in evidence.bundle.parts):
        return True
    return any(
        _names_other_life(leaf, part.origin, wanted, subject.claim.about)
        for part in evidence.bundle.parts
        if part.origin.channel == wanted.channel
        for leaf in part.leaves.values()
    )


def _names_other_life(leaf: Leaf, of: Origin, wanted: Origin, party: int) -> bool:
    """Say whether an opening of the log wanted, or a turn to its party, names another one.

    What field 18 says may be withheld: that it is there tells of a log before this one.
    """
    if of.pid == wanted.pid:
        is_about = leaf.index == leaf.kind == 0
    else:
        is_about = leaf.kind == TURN and leaf.opened.get(16) == party
    if not is_about:
        return False
    inc = leaf.opened.get(17)
    is_other = isinstance(inc, bytes) and len(inc) == 8 and inc != wanted.inc
    return is_other or (leaf.committed is not None and 18 in leaf.committed)


def _history_of(first: Signed, late: Signed, evidence: Evidence, verdict: Verdict) -> Part | None:
    """Return the one part that gives the roots of both statements; leaves of no other count."""
    other = evidence.name(late.note.origin.pid)
    shown = evidence.parts(late.note.origin)
    parts = [p for p in shown if p.root(late.note.size) == late.note.root]
    is_one_log = first.note.origin == late.note.origin
    # Where a part gives both, they are one history, whatever another part gives.
    is_one = any(part.root(first.note.size) == first.note.root for part in parts)
    pairs = ((first.note, late.note), (late.note, first.note))
    if (
        is_one_log
        and not is_one
        and any(_tells_apart(part, *pair) for part in shown for pair in pairs)
    ):
        verdict.oppose(f"{other} has two histories: notes {first.number} and {late.number} differ")
        return None
    if not parts:
        verdict.lack(f"{other}'s log up to note {late.number}: no log part gives its root")
        return None
    if not is_one_log:
        return max(parts, key=lambda part: len(part.leaves))
    good = [part for part in parts if part.root(first.note.size) == first.note.root]
    if good:
        return max(good, key=lambda part: len(part.leaves))
    verdict.lack(f"that notes {first.number} and {late.number} of {other} are one history")
    return None


def _tells_apart(part: Part, given: Note, denied: Note) -> bool:
    """Say whether a part gives the root of one statement and another root than the other one's."""
    other = part.root(denied.size)
    return part.root(given.size) == given.root and other is not None and other != denied.root


def _walk_theirs(part: Part, watch: Watch, verdict: Verdict) -> Range:
    """Go through the other party's log from where it cannot have seen the entry."""
    subject, evidence, first, late = watch.subject, watch.evidence, watch.first, watch.late
    start = _range_start(part, subject, first, evidence)
    end = max(
        signed.note.size
        for signed in _up_to(late, evidence)
        if part.root(signed.note.size) == signed.note.root
    )
    other = evidence.name(subject.about)
    shown = part.shown(start, end)
    found = Range(hidden=end - start - len(shown), holes=part.not_shown(start, end))
    for leaf in shown:
        name = label(leaf, part.origin, evidence)
        if not leaf.is_attributable:
            found.off_record += 1
            continue
        if leaf.kind == CLOSE:
            verdict.oppose(f"{name} closes the channel")
        answer = answers(leaf, part, subject, evidence)
        if answer is Answer.MAYBE:
            found.unsure.append(name)
            verdict.lack(f"that {name} is no answer: the field that would tell is not shown")
        elif leaf.kind == ACKNOWLEDGE and refers(leaf, part, subject, evidence) is Refers.YES:
            found.acknowledged.append(f"{name} acknowledges it (rung {_rung(leaf)}); no answer")
    for index in found.holes:
        verdict.lack(f"entry {other}/{index}: signed by {other}, not produced")
    if not found.holes and not found.unsure:
        verdict.show(
            f"all entries of {other} from {start} to {end - 1} are shown and none answers"
            if end > start
            else f"{other} had written nothing after it could have seen it"
        )
    return found


def _up_to(late: Signed, evidence: Evidence) -> list[Signed]:
    """Return the notes of one log up to `late`: a log or a holding that shrank hides nothing."""
    origin = late.note.origin
    return [
        signed
        for signed in evidence.of(origin.channel, origin.pid)
        if signed.note.origin == origin and signed.note.no <= late.note.no
    ]


def _rung(leaf: Leaf) -> str:
    rung = leaf.opened.get(RUNG)
    return str(rung) if type(rung) is int else "of no known form"


def _range_start(part: Part, subject: Subject, first: Signed, evidence: Evidence) -> int:
    """Return the latest place below which the other party cannot have answered.

    The first statement that holds the entry is usually the tail of the very run that carries
    the answer, so the range never begins there.
    """
    start = 0
    if first.note.origin != part.origin:
        return start
    index = subject.claim.index
    for signed in evidence.of(subject.channel, subject.about):
        note = signed.note
        if (
            note.origin == part.origin
            and signed.standing == "good"
            and note.no < first.note.no
            and note.size <= first.note.size
            and note.time <= first.note.time
            and holds_entry(signed, subject.origin, index) is None
            and part.root(note.size) == note.root
        ):
            start = max(start, note.size)
    others = [pid for pid in subject.parties if pid != subject.about]
    for leaf in part.leaves.values():
        if leaf.index < first.note.size:
            seen = _seen_of(leaf, others.index(subject.origin.pid), len(others))
            if seen is not None and seen <= index:
                start = max(start, leaf.index + 1)
    return start


def _seen_of(leaf: Leaf, place: int, others: int) -> int | None:
    if others == 1:
        return leaf.seen if isinstance(leaf.seen, int) else None
    if isinstance(leaf.seen, list) and len(leaf.seen) == others:
        count = leaf.seen[place]
        return count if isinstance(count, int) else None
    return None


def _walk_ours(watch: Watch, verdict: Verdict) -> Range | None:
    """Go through the asker's own log up to the most that the other party ever held of it."""
    subject, evidence = watch.subject, watch.evidence
    part, leaf = subject.part, subject.leaf
    assert part is not None
    assert leaf is not None
    author = evidence.name(subject.origin.pid)
    end, whole = _held_of_ours(part, watch, verdict)
    begin = subject.claim.index + 1
    shown = part.shown(begin, end)
    found = Range(hidden=max(0, end - begin) - len(shown), holes=part.not_shown(begin, end))
    for own in shown:
        if not own.is_attributable:
            continue
        name = label(own, part.origin, evidence)
        if own.kind == CLOSE:
            verdict.oppose(f"{name} closes the channel")
        if own.kind in (ACKNOWLEDGE, TIME_TOKEN, leaf.kind):
            continue
        how = refers(own, part, subject, evidence)
        if how is Refers.YES:
            verdict.oppose(f"{name} by {author} itself takes the matter up again or withdraws it")
        elif how is not Refers.NO:
            found.unsure.append(name)
            verdict.lack(f"that {name} does not withdraw it: the field that would tell is withheld")
    for index in found.holes:
        verdict.lack(f"that {author}/{index} does not withdraw it: shown only as a hash")
    if whole and not found.holes and not found.unsure:
        verdict.show(
            f"all entries of {author} from {begin} to {end - 1} are shown and none withdraws it"
            if end > begin
            else f"{author} had written nothing after it that the other side held"
        )
    return found if whole else None


def _held_of_ours(part: Part, watch: Watch, verdict: Verdict) -> tuple[int, bool]:
    """Return how far the asker's log was held under roots given, and whether that is all of it.

    Every statement of the other party up to the later one counts: a holding that shrank hides
    no withdrawal.
    """
    subject, evidence, late = watch.subject, watch.evidence, watch.late
    author = evidence.name(subject.origin.pid)
    lines = [
        held
        for signed in evidence.of(subject.channel, subject.about)
        if (held := signed.note.held(subject.origin.pid)) is not None
        and held.origin == subject.origin
        and (
            signed.note.no <= late.note.no
            if signed.note.origin == late.note.origin
            else signed.note.time <= late.note.time
        )
    ]
    most = max((held.size for held in lines), default=0)
    end = max((held.size for held in lines if part.root(held.size) == held.root), default=0)
    if (now := late.note.held(subject.origin.pid)) is not None and now.origin != subject.origin:
        verdict.lack(f"that {author} did not withdraw: the later statement holds another log of it")
        return end, False
    roots = {held.root for held in lines if held.size == most}
    if lines and roots != {part.root(most)}:
        why = "not shown so far" if part.root(most) is None else "held under another root"
        verdict.lack(f"that {author} did not withdraw: its log is {why}")
        return end, False
    return end, True


def judge_dark(claim: Claim, evidence: Evidence, verdict: Verdict) -> Verdict:
    """Answer a claim that the other party went dark; it is never proved, only seen so far."""
    if claim.party == claim.about:
        raise RefusedError("a party is not dark to itself", path=(*claim.path, 4))
    subject = find_subject(claim, evidence)
    delivery = show_delivery(subject, evidence, verdict)
    if delivery.word != "delivered":
        word = f"admitted by {evidence.name(subject.about)}"
        return verdict.close(word if delivery.word == "admitted" else delivery.word, WEAKER)
    assert subject.leaf is not None
    if not subject.leaf.is_attributable:
        return off_record(verdict)
    if _tell_answer(subject, evidence, verdict):
        return verdict.close("answered", FALSE)
    due = read_due(subject.leaf, verdict)
    if due is None:
        return verdict.close("delivered; no clock", FALSE if verdict.against else WEAKER)
    first = delivery.receipts[0]
    own = [
        signed
        for signed in evidence.of(subject.channel, subject.about)
        if signed.note.origin == first.note.origin
    ]
    last, other = own[-1], evidence.name(subject.about)
    over = due.after(first.note.time)
    ends_at = evidence.bundle.charters[subject.channel].ends_at
    if (why := no_clock(due, first.note.time, ends_at)) is not None:
        verdict.lack(why)
        return verdict.close("delivered; not shown that the time is over", WEAKER)
    if due.period is not None:
        verdict.remark(f"the time is counted from {other}'s own clock to the witness's")
    seen = [c for c in last.cosignatures if c.time >= over]
    if not seen:
        verdict.lack(
            f"a witness's cosignature at or after {when(over)} over {other}'s newest statement"
        )
        return verdict.close("delivered, nothing shown after", WEAKER)
    best = min(seen, key=lambda c: (not c.is_trusted, c.time))
    verdict.show(
        f"nothing larger of {other} was seen by {best.witness.shown} up to {when(best.time)}"
    )
    verdict.lack(f"that {other} signed nothing: dark is never proved, only seen so far")
    doubt = "" if best.is_trusted else ", as far as that witness may be believed"
    return verdict.close(f"delivered, then dark (as far as seen){doubt}", WEAKER)
