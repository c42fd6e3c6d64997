"""What a row says of a clock: due, owed or asked for, and a lapse that no later answer erases."""

from __future__ import annotations

from parley.core.instants import rfc3339
from parley.desk.facts import CaseFacts, ClockFacts
from parley.desk.fields import Json
from parley.desk.procedure import Column, columns

COLUMNS: tuple[Column, ...] = columns(
    due=("due", "期限"),
    owed=("answer owed", "负有答复义务"),
    lapse=("silence", "未答情形"),
    lapsed_first=("answered after the lapse", "届满后答复"),
)


def is_lapsed(clock: ClockFacts | None) -> bool:
    """Say whether a clock has run out and no answer has come since."""
    return clock is not None and clock.state.startswith("lapsed")


def silence(case: CaseFacts, *names: str) -> dict[str, Json]:
    """Return the columns of the clocks of these names: the newest is due, every lapse is kept."""
    clocks = [clock for name in names if (clock := case.clock(name)) is not None]
    # Where several owe an answer, one's silence is no lapse of what another has answered in time.
    lapses = [clock.lapse for clock in case.clocks if clock.state == "answered late"]
    due = next((clock.due for clock in clocks if clock.due is not None), None)
    standing = [clock.lapse for clock in clocks if is_lapsed(clock)]
    return {
        "due": None if due is None else rfc3339(due),
        "owed": bool(clocks) and clocks[0].owed,
        "lapse": standing[0] if standing else lapses[-1] if lapses else None,
        "lapsed_first": bool(lapses),
    }
