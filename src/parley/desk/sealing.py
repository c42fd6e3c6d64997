"""Sealed exchange: all bind themselves to what they say before any can read another.

A party first gives a commitment: a digest over a fresh salt and what it will say. When all have
and hold each other's, each opens its own. Whoever opens other than it sealed is found out by
everybody. Fairness is not complete: the last to open can refuse; it cannot alter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256

from parley.core import canon
from parley.core.canon import Value
from parley.core.instants import rfc3339
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import Json, sha256_hex
from parley.desk.problems import Problem, problem
from parley.desk.procedure import Check, Column, Draft, Go, Move, State, columns, put, state, words
from parley.desk.times import start_of

_DOMAIN = b"parley1 sealed" + bytes(1)

SALT = put("salt", 62, sha256_hex(), "salt, drawn afresh", "随机盐值")
COMMIT = put("commit", 63, sha256_hex(), "commitment", "承诺值")
"""The commitment that travels in place of what is sealed; the desk fills it in."""


OPENED = words(
    "Leave empty: what was sealed is opened as it was.", "留空即可：按封存时的内容原样开启。"
)
"""Help for a field that opens what was sealed."""


def sealed_digest(salt: str, value: Value, *, series: Value, due: Value, by: bytes) -> str:
    """Return the commitment to a value, 64 hex digits.

    Args:
        salt: 32 bytes in hex.
        value: wire value of what is sealed.
        series: the matter it is bound to, as it travels.
        due: the time it is bound to, as it travels.
        by: the author and the channel, see `author_bytes`.
    """
    bound: Value = [by, series, due, value]
    return sha256(_DOMAIN + bytes.fromhex(salt) + canon.encode(bound)).hexdigest()


def author_bytes(channel: bytes, party: int) -> bytes:
    """Return who seals on which channel, so that nobody can copy another's commitment."""
    return canon.encode([channel, party])


def commit_given(draft: Draft) -> Problem | None:
    """A sealed entry carries its commitment."""
    return None if "commit" in draft.values else problem("commit", "missing")


def same_terms(*names: str) -> Check:
    """Return the check that all seal for the same matter and time, `series` and `due` if none."""
    bound = names or ("series", "due")

    def check(draft: Draft) -> Problem | None:
        fixed = [name for name in bound if name in draft.opening]
        other = [n for n in fixed if not _same(draft.values.get(n), draft.opening[n])]
        return problem("", "terms_differ", fields=", ".join(other)) if other else None

    return check


def _same(one: Value, other: Value) -> bool:
    """Compare two wire values; of two references one may name the log that the other means."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        least = min(len(one), len(other))
        return least >= 2 and list(one[:least]) == list(other[:least])
    return one == other


def states() -> tuple[State, ...]:
    """Return the states of a sealed exchange."""
    return (
        state("committed by one", "sealed by one side", "一方已封存"),
        state("both committed", "sealed by both", "双方已封存"),
        state("revealed by one", "opened by one side", "一方已开启"),
        state("complete", "opened by both", "双方已开启", final=True),
        state("withdrawn", "withdrawn", "已撤回", final=True),
        state("missed", "missed by one side", "一方未封存", derived=True),
        state("one-sided", "opened by one side only", "仅一方开启", derived=True),
        state("unopened", "opened by nobody in time", "逾期均未开启", derived=True),
        state("mismatch", "opened is not what was sealed", "开启内容与封存不符", derived=True),
    )


COMMIT_GO = (Go("committed by one", "committed by one"),)
REVEAL_GO = (Go("both committed", "revealed by one"), Go("revealed by one", "revealed by one"))
WITHDRAW_GO = (Go("committed by one", "withdrawn"),)


def opened(case: CaseFacts, who: str) -> StepFacts | None:
    """Return the step in which a party opened what it had sealed."""
    return next((step for step in case.steps_of("reveal") if step.party == who), None)


def sealed_by(case: CaseFacts, who: str) -> StepFacts | None:
    """Return the step in which a party sealed, None while it has not."""
    return next((step for step in case.steps_of("commit") if step.party == who), None)


def bound_value(fields: Sequence[str], values: Callable[[str], Value]) -> Value:
    """Return what a commitment is to: one field's value; of several all, null where absent."""
    found = [values(name) for name in fields]
    if len(found) == 1 or all(value is None for value in found):
        return found[0]
    return found


def differs(case: CaseFacts, who: str, *fields: str) -> bool:
    """Say whether what a party opened is other than what it had sealed."""
    step, sealed = opened(case, who), sealed_by(case, who)
    if step is None or sealed is None:
        return False
    changed = step.wire("rows_changed")
    if changed is not None and not isinstance(changed, list | tuple):
        return True
    value = changed if changed is not None else bound_value(fields, step.wire)
    salt = step.wire("salt")
    if value is None or not isinstance(salt, str):
        return True
    return case.seal_of(sealed, salt, value) != sealed.wire("commit")


def sealed_columns(case: CaseFacts, *fields: str) -> dict[str, Json]:
    """Return state, who has sealed and opened or did not, when all had, and what does not fit."""
    committed = [step.party for step in case.steps_of("commit")]
    revealed = [step.party for step in case.steps_of("reveal")]
    last = case.steps_of("commit")[-1]
    both = set(committed) >= set(case.parties)
    closed = [who for who in committed if who not in revealed]
    due, window = start_of(case.opening.wire("due")), case.setting("sealed.window")
    opens = max(last.claimed, due or 0)
    over = both and bool(closed) and window is not None and case.moment >= opens + window
    one_sided = case.state == "revealed by one" and over
    wrong = any(differs(case, who, *fields) for who in case.parties)
    missed = case.state == "committed by one" and due is not None and case.moment >= due
    derived = (
        ("mismatch", wrong),
        ("one-sided", one_sided),
        ("unopened", over),
        ("missed", missed),
    )
    return {
        "state": next((name for name, holds in derived if holds), case.state),
        "committed": sorted(committed),
        "revealed": sorted(revealed),
        "both_committed_at": rfc3339(last.claimed) if both else None,
        "one_sided": one_sided,
        "mismatch": wrong,
        "missed_by": sorted(set(case.parties) - set(committed)) if missed else [],
        "not_opened_by": sorted(closed) if over else [],
    }


def party_columns(case: CaseFacts, who: str, *fields: str) -> dict[str, Json]:
    """Return how one party stands in a sealed exchange."""
    sealed, step = sealed_by(case, who), opened(case, who)
    return {
        "committed": sealed is not None,
        "revealed": step is not None,
        "mismatch": differs(case, who, *fields),
        "commit": None if sealed is None else sealed.json("commit"),
        "revealed_at": None if step is None else rfc3339(step.claimed),
    }


COLUMNS: tuple[Column, ...] = columns(
    state=("state", "状态"),
    by=("first sealed by", "首封方"),
    due=("due", "期限"),
    committed=("sealed by", "已封存方"),
    revealed=("opened by", "已开启方"),
    both_committed_at=("both sealed at", "双方封存时间"),
    one_sided=("one side only", "仅一方开启"),
    mismatch=("not what was sealed", "与封存不符"),
    missed_by=("not sealed by", "未封存方"),
    not_opened_by=("not opened by", "未开启方"),
    commit=("commitment", "承诺值"),
    revealed_at=("opened at", "开启时间"),
)


def commitment_of(move: Move, values: Mapping[str, Value], channel: bytes, party: int) -> str:
    """Return the commitment of an entry about to be written, from its wire values by name."""
    series, due = move.binds
    return sealed_digest(
        str(values["salt"]),
        bound_value(move.seals, values.get),
        series=values[series],
        due=values[due],
        by=author_bytes(channel, party),
    )


def opening_problems(
    case: CaseFacts, party: str, sealing: Move, values: Mapping[str, Value]
) -> list[Problem]:
    """Return what speaks against opening now what a party has sealed in a case by a move."""
    steps = case.steps_of(sealing.name)
    own = next((step for step in steps if step.party == party), None)
    if own is None:
        return []  # the state does not permit it: the verdict says so
    found: list[Problem] = []
    if any(
        case.delivered_to(other, step) is None
        for step in steps
        for other in case.parties
        if other not in (party, step.party)
    ):
        found.append(problem("", "not_receipted"))
    salt, value = values.get("salt"), bound_value(sealing.seals, values.get)
    if not isinstance(salt, str) or (value is None and "rows_changed" not in values):
        found.append(problem("", "nothing_kept"))
    elif "rows_changed" not in values and case.seal_of(own, salt, value) != own.wire("commit"):
        found.append(problem(sealing.seals[0], "other_than_sealed"))
    return found
