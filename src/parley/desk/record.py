"""What the desk reads: entries and statements of one channel, and names for places in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from parley.core.charter import Charter
from parley.core.entry import Entry
from parley.core.ids import ChannelId, Incarnation
from parley.core.instants import Instant
from parley.core.statement import Statement
from parley.core.values import named_value
from parley.desk.profiles import Profile, load


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """Where one entry stands.

    Attributes:
        channel: id of the channel.
        party: the author's number in the charter.
        inc: the author's incarnation.
        index: place in that log.
    """

    channel: ChannelId
    party: int
    inc: Incarnation
    index: int


@named_value
class Placed:
    """One entry that is held, and where it stands in its channel."""

    party: int
    inc: Incarnation
    index: int
    entry: Entry

    def place(self, channel: ChannelId) -> Place:
        """Return where it stands."""
        return Place(channel=channel, party=self.party, inc=self.inc, index=self.index)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChannelView:
    """All that one station holds of one channel; what registers are computed from.

    Attributes:
        charter: what the parties signed to open it.
        codes: short codes of the parties, in charter order.
        entries: entries held, in any order.
        statements: verified statements held, in any order.
        profile: clocks that hold on the channel.
        name: the channel's name on screen; the charter's code when empty.
    """

    charter: Charter
    codes: tuple[str, ...]
    entries: Sequence[Placed]
    statements: Sequence[Statement]
    profile: Profile = field(default_factory=lambda: load("default"))
    name: str = ""

    @property
    def id(self) -> ChannelId:
        """Return the channel's id."""
        return self.charter.channel_id

    @property
    def label(self) -> str:
        """Return the name that entry names begin with: the same at every station."""
        return self.charter.code

    def number_of(self, code: str) -> int:
        """Return the number of the party with this code; ValueError if it is no member."""
        return self.codes.index(code)


def as_of(views: Sequence[ChannelView], moment: Instant) -> list[ChannelView]:
    """Return the views without entries and statements whose own time is after `moment`.

    This is the record as its authors dated it. What a station had received by then only that
    station knows; it hands in a view of just that.
    """
    return [
        replace(
            view,
            entries=tuple(placed for placed in view.entries if placed.entry.time <= moment),
            statements=tuple(said for said in view.statements if said.time <= moment),
        )
        for view in views
    ]
