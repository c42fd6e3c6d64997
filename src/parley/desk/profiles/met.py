"""What meets a day of every year: the rule that a profile holds beside the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from parley.core.instants import parse_duration
from parley.desk.profiles.checked import SURE, check_names
from parley.desk.times import DAY
from parley.errors import UsageError

WHO: Final = ("each", "any")
_EXAMPLE: Final = (
    "Such as {by: [exchange.give], before: P14D, sure: proposal, source: ours}."
    " `parley topics` names every procedure; the moves stand in its page of the reference."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Which entries meet a day, and when they are in time.

    Attributes:
        by: full names of the moves that count, `list_exchange.reveal`; one of them is enough.
        who: `each` party meets the day for itself, or `any` party for all.
        before: seconds before the day from which an entry counts.
        after: seconds after the beginning of the day (UTC) through which it is in time.
        named: fields of the entry that opened the case, as they have to read.
        without: columns of the case's row; a party in whose row one holds has not met the day.
        sure, source: how sure the rule is, and where it is from.
    """

    by: tuple[str, ...]
    who: str = "each"
    before: int
    after: int = DAY
    named: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    sure: str
    source: str

    @property
    def procedures(self) -> tuple[str, ...]:
        """Return the procedures of the moves, each once."""
        return tuple(dict.fromkeys(move.partition(".")[0] for move in self.by))


def read_met(where: str, raw: object, *, has_days: bool) -> Met | None:
    """Return the rule of a calendar datum, None where it has none.

    Args:
        where: names the datum in what is wrong.
        raw: the datum's `met`.
        has_days: the datum names days of every year.

    Raises:
        UsageError: the rule is not well made.
    """
    if raw is None:
        return None
    if not isinstance(raw, Mapping) or not has_days:
        raise UsageError(f"{where}: `met` is a map, beside `yearly`", next_step=_EXAMPLE)
    needed = {"by", "before", "sure", "source"}
    known = needed | {"who", "after", "named", "without"}
    check_names(f"{where}: `met`", raw, known=known, needed=needed, example=_EXAMPLE)
    by, without, named = raw["by"], raw.get("without", ()), raw.get("named", {})
    if not _is_texts(by) or not by or not _is_texts(without) or not isinstance(named, Mapping):
        raise UsageError(f"{where}: `met`: `by` and `without` are lists", next_step=_EXAMPLE)
    if raw.get("who", "each") not in WHO or raw["sure"] not in SURE:
        raise UsageError(
            f"{where}: `met`: `who` is each or any, `sure` is A, B, ? or proposal",
            next_step=_EXAMPLE,
        )
    after = parse_duration(str(raw.get("after", "P1D")))
    if after < DAY:
        raise UsageError(
            f"{where}: `met`: `after` is shorter than the day itself",
            next_step="Write P1D or more, or leave it out.",
        )
    return Met(
        by=tuple(by),
        who=raw.get("who", "each"),
        before=parse_duration(str(raw["before"])),
        after=after,
        named={str(name): str(value) for name, value in named.items()},
        without=tuple(without),
        sure=raw["sure"],
        source=str(raw["source"]),
    )


def _is_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
