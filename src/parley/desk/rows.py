"""What registers show: rows, cases, balances, and what of an entry counts for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from parley.core.ids import ChannelId
from parley.core.instants import Instant, parse_instant
from parley.desk.deadlines import Proof
from parley.desk.fields import Json
from parley.desk.problems import Words
from parley.desk.record import Place
from parley.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a register.

    Attributes:
        case: case number; for channels the channel's code.
        place: the opening entry; None for a channel.
        party: code of the party the row speaks of, None where it speaks of the whole.
        parts: what it shows for single parties or recipients, by code.
        proofs: which entries and statements show what it says.
    """

    register: str
    case: str
    place: Place | None
    channel: str
    channel_id: ChannelId
    marking: str
    party: str | None
    values: Mapping[str, Json]
    proofs: tuple[Proof, ...] = ()
    parts: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)

    def __getitem__(self, column: str) -> Json:
        return self.values[column]

    def of_party(self, party: str) -> Row | None:
        """Return the row as it is for one party or recipient, None where nothing is its own."""
        own = self.parts.get(party)
        return None if own is None else replace(self, party=party, values={**self.values, **own})

    def fits(self, column: str, expected: Json) -> bool:
        """Say whether a column shows what is expected: see `fits`."""
        return fits(self.values.get(column), expected)


def fits(found: Json, expected: Json) -> bool:
    """Compare a value with what is expected of it.

    A list in `expected` means any of these (or the very list); `BRAVO` fits `BRAVO/OPS`; `none` is
    an absent value; times are compared as instants.
    """
    if isinstance(expected, list | tuple):
        if isinstance(found, list | tuple):
            return list(found) == list(expected)
        return any(fits(found, member) for member in expected)
    if found is None:
        return expected in (None, "none")
    if isinstance(found, str) and isinstance(expected, str):
        if found == expected or found.partition("/")[0] == expected:
            return True
        try:
            return parse_instant(found) == parse_instant(expected)
        except UsageError:
            return False
    return type(found) is type(expected) and found == expected


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One entry of a case.

    Attributes:
        status: step, note, crossed or irregular.
        code, sentence: why it had no effect; empty when it had one.
    """

    place: Place
    name: str
    party: int
    office: str
    move: str
    kind: int
    claimed: Instant
    precedence: str
    fields: Mapping[str, Json]
    before: str
    state_after: str
    status: str
    code: str
    sentence: Words
    crossed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One case whole: its entries in order, and where it stands."""

    number: str
    place: Place
    procedure: str
    version: int
    state: str
    channel: str
    opener: int
    marking: str
    precedence: str
    subject: Json
    parties: tuple[str, ...]
    by: str
    to: tuple[str, ...]
    steps: tuple[StepView, ...]
    row: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Irregular:
    """An entry that is kept and acts on nothing."""

    place: Place
    name: str
    kind: int
    code: str
    sentence: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What one party owes another at one moment.

    Attributes:
        open, lapsed: owed answers still running, and past their time.
        proved: lapsed ones that the debtor's own later signature proves.
        asked_open, asked_lapsed: the same for answers that were only asked for.
        oldest: when the oldest of them all started.
    """

    debtor: str
    creditor: str
    marking: str
    open: int
    lapsed: int
    proved: int
    asked_open: int
    asked_lapsed: int
    oldest: Instant | None
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RungGiven:
    """How far an entry has come with one party; `at` by that party's clock."""

    rung: int
    at: Instant | None
