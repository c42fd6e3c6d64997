"""What is shown of a day of every year: what meets it, and how each party stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parley.station.view_values import Moment, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class StandRow:
    """How one party stands towards a day of every year.

    Attributes:
        state: `due`, `met`, `late`, `unmet` (it signed past the day without it) or `unheard`
            (nothing of it was heard past the day). words: the same in words.
        at, entry: when, by its author's clock, and by which entry it was met.
    """

    party: str
    state: str
    words: Words
    at: Moment | None
    entry: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRule:
    """What meets a day of every year, as the profile says.

    Attributes:
        moves: any one of them counts. who: `each` party for itself, or `any` for all.
        since: from when an entry counts. until: through when it is in time.
        named: fields of the opening entry, as they have to read.
    """

    moves: Sequence[str]
    who: str
    since: Moment
    until: Moment
    named: Mapping[str, str]
    source: str
    sure: str
