"""Sealed exchange: both bind themselves to what they say before either can read the other.

A party first gives a commitment: a digest over a fresh salt and what it will say. When both have,
each opens its own. Whoever opens other than it sealed is found out by everybody. Fairness is not
complete: the last to open can refuse; it cannot alter.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from parley.core import canon
from parley.core.canon import Value
from parley.core.instants import rfc3339
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import Json, sha256_hex
from parley.desk.problems import Problem, problem
from parley.desk.procedure import By, Column, Draft, Go, Move, State, columns, put, state
from parley.desk.times import start_of

_DOMAIN = b"parley1 sealed" + bytes(1)

SALT = put("salt", 62, sha256_hex(), "salt, drawn afresh", "随机盐值")
COMMIT = put("commit", 63, sha256_hex(), "commitment", "承诺值")
"""The commitment that travels in place of what is sealed; the desk fills it in."""


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


def same_series(draft: Draft) -> Problem | None:
    """Both seal for the same series and time."""
    names = [n for n in ("series", "due") if n in draft.opening]
    other = [name for name in names if draft.values.get(name) != draft.opening[name]]
    return problem("", "terms_differ", fields=", ".join(other)) if other else None


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
        state("mismatch", "opened is not what was sealed", "开启内容与封存不符", derived=True),
    )


COMMIT_GO = (Go("committed by one", "committed by one"),)
REVEAL_GO = (Go("both committed", "revealed by one"), Go("revealed by one", "revealed by one"))
WITHDRAW_GO = (Go("committed by one", "withdrawn"),)
REVEAL_BY = By.EACH


def opened(case: CaseFacts, who: str) -> StepFacts | None:
    """Return the step in which a party opened what it had sealed."""
    return next((step for step in case.steps_of("reveal") if step.party == who), None)


def differs(case: CaseFacts, who: str, field: str) -> bool:
    """Say whether what a party opened is other than what it had sealed."""
    step = opened(case, who)
    sealed = next((step for step in case.steps_of("commit") if step.party == who), None)
    if step is None or sealed is None:
        return False
    changed = step.wire("rows_changed")
    if changed is not None and not isinstance(changed, list | tuple):
        return True
    value = changed if changed is not None else step.wire(field)
    salt = step.wire("salt")
    if value is None or not isinstance(salt, str):
        return True
    return case.seal_of(sealed, salt, value) != sealed.wire("commit")


def sealed_columns(case: CaseFacts, field: str) -> dict[str, Json]:
    """Return state, who has sealed and opened, when both had, and what does not fit."""
    committed = [step.party for step in case.steps_of("commit")]
    revealed = [step.party for step in case.steps_of("reveal")]
    last = case.steps_of("commit")[-1]
    both = set(committed) >= set(case.parties)
    due, window = start_of(case.opening.wire("due")), case.setting("sealed.window")
    opens = max(last.claimed, due or 0)
    over = window is not None and case.moment >= opens + window
    one_sided = case.state == "revealed by one" and over
    wrong = any(differs(case, who, field) for who in case.parties)
    missed = case.state == "committed by one" and due is not None and case.moment >= due
    now = "mismatch" if wrong else "one-sided" if one_sided else "missed" if missed else case.state
    return {
        "state": now,
        "committed": sorted(committed),
        "revealed": sorted(revealed),
        "both_committed_at": rfc3339(last.claimed) if both else None,
        "one_sided": one_sided,
        "mismatch": wrong,
        "missed_by": sorted(set(case.parties) - set(committed)) if missed else [],
    }


def party_columns(case: CaseFacts, who: str, field: str) -> dict[str, Json]:
    """Return how one party stands in a sealed exchange."""
    sealed = next((step for step in case.steps_of("commit") if step.party == who), None)
    step = opened(case, who)
    return {
        "committed": sealed is not None,
        "revealed": step is not None,
        "mismatch": differs(case, who, field),
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
    commit=("commitment", "承诺值"),
    revealed_at=("opened at", "开启时间"),
)


def commitment_of(values: Mapping[str, Value], field: str, channel: bytes, party: int) -> str:
    """Return the commitment of an entry about to be written, from its wire values by name."""
    return sealed_digest(
        str(values["salt"]),
        values[field],
        series=values["series"],
        due=values["due"],
        by=author_bytes(channel, party),
    )


def opening_problems(
    case: CaseFacts, party: str, move: Move, values: Mapping[str, Value]
) -> list[Problem]:
    """Return what speaks against opening now what a party has sealed in a case."""
    own = [step for step in case.steps_of(move.unseals) if step.party == party]
    field = move.fields[0].name
    if not own:
        return []  # the state does not permit it: the verdict says so
    found: list[Problem] = []
    others = [other for other in case.parties if other != party]
    if any(case.delivered_to(other, own[0]) is None for other in others):
        found.append(problem("", "not_receipted"))
    salt, value = values.get("salt"), values.get(field)
    if not isinstance(salt, str) or (value is None and "rows_changed" not in values):
        found.append(problem("", "nothing_kept"))
    elif "rows_changed" not in values and case.seal_of(own[0], salt, value) != own[0].wire(
        "commit"
    ):
        found.append(problem(field, "other_than_sealed"))
    return found
