"""Whether the time for an answer was over, and by whose clock (specification: bundle, lapse)."""

from __future__ import annotations

from dataclasses import dataclass

from parley_verify.answers import DUE, TIME_TOKEN
from parley_verify.bounds import CLOCK_MIN_SECONDS
from parley_verify.charter import COSIGNATURE_ED25519
from parley_verify.delivery import Subject
from parley_verify.evidence import Evidence, Signed, check_cosignature, earliest_bound
from parley_verify.note import read_note
from parley_verify.part import Leaf
from parley_verify.refusal import RefusedError
from parley_verify.verdict import Verdict, how_long, when

_TOKEN_COSIGNATURE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When an answer was asked for: `period` seconds after delivery, or at an `instant`."""

    period: int | None = None
    instant: int | None = None

    def after(self, delivered: int) -> int:
        """Return the time at which it is over for a delivery at `delivered`, one clock for both."""
        return delivered + self.period if self.period is not None else self.instant or 0

    def runs_from(self, delivered: int) -> bool:
        """Say whether a delivery at this time starts the clock."""
        return self.instant is None or self.instant > delivered


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """By which class of clocks the time was over, and whether the reader trusts them."""

    name: str
    is_trusted: bool


def read_due(leaf: Leaf, verdict: Verdict) -> Due | None:
    """Return field 5 of the entry; None where it starts no clock, which the verdict says."""
    if leaf.withholds(DUE):
        verdict.lack("by when an answer was asked for: field 5 is withheld")
        return None
    value = leaf.opened.get(DUE)
    if isinstance(value, list) and len(value) == 1:
        instant = value[0]
        if type(instant) is int and instant >= 0:
            verdict.show(f"an answer was asked for by {when(instant)}")
            return Due(instant=instant)
    if type(value) is int and value >= CLOCK_MIN_SECONDS:
        verdict.show(f"an answer was asked for within {how_long(value)} of delivery")
        return Due(period=value)
    verdict.oppose(
        "the entry starts no clock: field 5 is absent, of another form, "
        f"or less than {CLOCK_MIN_SECONDS} seconds"
    )
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The time over which silence is claimed.

    Attributes:
        receipts: statements of the other party that hold the entry, the earliest first.
        first: the receipt from which its own clock counts.
        late: its later statement.
    """

    subject: Subject
    receipts: list[Signed]
    first: Signed
    late: Signed
    due: Due
    evidence: Evidence

    @property
    def one_life(self) -> bool:
        """Say whether both statements are of one incarnation."""
        return self.first.note.origin == self.late.note.origin


def no_clock(due: Due, delivered: int, ends_at: int | None) -> str | None:
    """Say why a delivery at this time starts no clock; None where it starts one."""
    if not due.runs_from(delivered):
        return "a clock: the instant was not later than delivery"
    over = due.after(delivered)
    if ends_at is not None and over >= ends_at:
        return f"a clock: {when(over)} is not before the channel's end"
    return None


def time_class(watch: Watch, verdict: Verdict) -> Passed | None:
    """Return the class of clocks by which the time was over, the stronger of T1 and T2."""
    subject, evidence, due = watch.subject, watch.evidence, watch.due
    first, late = watch.first, watch.late
    other = evidence.name(subject.about)
    ends_at = evidence.bundle.charters[subject.channel].ends_at
    found: list[Passed] = []
    over = due.after(first.note.time)
    if (why := no_clock(due, first.note.time, ends_at)) is not None:
        verdict.lack(why)
    elif late.note.time >= over:
        verdict.show(f"T1: by {other}'s own clock the time was over at {when(over)}")
        found.append(Passed(name="T1", is_trusted=True))
    else:
        verdict.lack(f"T1: {other}'s own clock had not reached {when(over)}")
    if (second := _by_others(watch)) is not None:
        time, over, trusted = second
        if ends_at is None or over < ends_at:
            doubt = "" if trusted else " (witness not on your trust list)"
            verdict.show(
                f"T2: by a witness's clock the time was over at {when(over)}, "
                f"and {other} held a token of {when(time)}{doubt}"
            )
            found.append(Passed(name="T2", is_trusted=trusted))
    if any(cosignature.is_trusted for cosignature in late.cosignatures):
        latest = min(c.time for c in late.cosignatures if c.is_trusted)
        verdict.show(f"T3: note {late.number} existed before {when(latest)} by a witness")
    sound = [passed.name for passed in found if passed.is_trusted]
    if sound:
        name = " and ".join(sound)
        return Passed(name=name, is_trusted=True)
    return found[0] if found else None


def _by_others(watch: Watch) -> tuple[int, int, bool] | None:
    """Return token time, end of the time by the witness's clock, and whether both are trusted."""
    due = watch.due
    starts = [bound for signed in watch.receipts if (bound := earliest_bound(signed)) is not None]
    tokens = _tokens(watch.subject, watch.late, watch.evidence)
    if not starts or not tokens:
        return None
    best: tuple[int, int, bool] | None = None
    for start, start_trusted in starts:
        for time, token_trusted in tokens:
            over = due.after(start)
            if due.instant is not None and start >= due.instant:
                continue
            trusted = start_trusted and token_trusted
            if time >= over and (best is None or trusted > best[2]):
                best = time, over, trusted
    return best


def _tokens(subject: Subject, late: Signed, evidence: Evidence) -> list[tuple[int, bool]]:
    """Return time and trust of each token below what the later statement holds of the asker."""
    held, part = late.note.held(subject.origin.pid), subject.part
    if held is None or part is None or held.origin != subject.origin:
        return []
    if part.root(held.size) != held.root:
        return []
    found: list[tuple[int, bool]] = []
    for leaf in part.leaves.values():
        if leaf.kind != TIME_TOKEN or leaf.index >= held.size or not leaf.is_attributable:
            continue
        token = leaf.opened.get(17)
        if leaf.opened.get(16) == _TOKEN_COSIGNATURE and isinstance(token, str):
            found += _read_token(token, subject, evidence)
        else:
            name = f"{evidence.name(part.origin.pid)}/{leaf.index}"
            unread = f"time token in {name}: type not checked"
            if unread not in evidence.unchecked:
                evidence.unchecked.append(unread)
    return found


def _read_token(token: str, subject: Subject, evidence: Evidence) -> list[tuple[int, bool]]:
    try:
        note = read_note(token, ())
    except RefusedError:
        return []
    if (note.origin.channel, note.origin.pid) != (subject.channel, subject.origin.pid):
        return []
    charter = evidence.bundle.charters[subject.channel]
    found: list[tuple[int, bool]] = []
    for witness in (*charter.witnesses, *evidence.trust.witnesses):
        if witness.key_type != COSIGNATURE_ED25519:
            continue
        for line in note.lines:
            if line.name == witness.name and line.key_id == witness.key_id:
                time = check_cosignature(line, witness, note.text, evidence.signatures)
                if time:
                    found.append((time, evidence.trust.has_witness(witness)))
    return found
