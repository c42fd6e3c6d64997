"""One peer as the engine sees it: its paths, its secrets, and what is still to be sent."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from parley.core.card import Card
from parley.core.ids import ChannelId, PartyId
from parley.core.limits import FRAME_BYTES_MAX, FRAME_OVERHEAD_BYTES
from parley.core.link_secrets import LinkSecrets
from parley.core.outbox import Outbox

NARROW_BPS = 9_600
FAST_FRAME_BYTES = 32_768
NARROW_AIRTIME_SECONDS = 4
NARROW_FRAME_BYTES_MIN = 128
KEYING_TRIES_MAX = 6
SILENT_SECONDS, SILENT_SECONDS_MAX = 15.0, 300.0
"""A fast path on which nothing is answered for so long is taken for dead; TCP notices after a
minute, or never where something between the stations acknowledges for it. After each time the
patience doubles, until an entry is receipted or a ping comes back over a path that has lasted: a
slow line whose rate nobody named must not be cut for ever in the middle of a long frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What the engine must know of a path.

    Attributes:
        rate_bps: bits a second, None where not limited.
        frame_bytes_max: largest frame the medium carries whole.
        cost: of two paths the cheaper goes first.
        one_way: nothing ever comes back.
    """

    rate_bps: int | None = None
    frame_bytes_max: int = FRAME_BYTES_MAX
    cost: int = 0
    one_way: bool = False

    @property
    def narrow(self) -> bool:
        """Say whether every byte is weighed on this path."""
        return self.rate_bps is not None and self.rate_bps < NARROW_BPS

    @property
    def room(self) -> int:
        """Return how many bytes of items one frame should carry."""
        if self.rate_bps is None:
            size = FAST_FRAME_BYTES
        else:
            airtime = NARROW_AIRTIME_SECONDS * self.rate_bps // 8
            size = max(NARROW_FRAME_BYTES_MIN, min(airtime, FAST_FRAME_BYTES))
        return min(size, self.frame_bytes_max) - FRAME_OVERHEAD_BYTES

    @property
    def room_max(self) -> int:
        """Return how many bytes of items one frame can carry when something large must go."""
        return self.frame_bytes_max - FRAME_OVERHEAD_BYTES

    def airtime(self, size: int) -> float:
        """Return the seconds that `size` bytes take."""
        return 0.0 if self.rate_bps is None else size * 8 / self.rate_bps


@dataclass(slots=True, kw_only=True)
class PathRecord:
    """One open path.

    Attributes:
        peer: whose it is; None until an incoming path has shown it.
        claimed: whose it says it is, unproved.
        greeted: HELLO and keying have been handed to it.
        replies: frames that go out on this path before it is bound to a peer.
        undecodable: frames in a row that could not be read.
        since: when it came up (steady seconds).
    """

    number: int
    traits: Traits
    address: str = ""
    peer: PartyId | None = None
    claimed: PartyId | None = None
    greeted: bool = False
    undecodable: int = 0
    since: float = 0.0
    keying_second: int = 0
    keying_checks: int = 0
    replies: list[bytes] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Link:
    """One peer.

    Attributes:
        trusted: its key was compared by people; nothing is sent before.
        secrets: epochs in both directions.
        outboxes: what it lacks, by channel.
        control: encoded items that go before everything else.
        ping: the fresh number it should answer, with when it was sent.
        answered: when a ping or an entry of ours was last answered (steady seconds).
        patience: seconds without an answer after which a path is given up.
        heard: when it last showed that it is alive (steady seconds), None if never.
        heard_wall: the same by the wall clock.
        alive: what was last told to the officers.
        rekey: a new epoch must be started before anything else is sent.
        sent_kept: newest epoch number of ours that is stored or being stored.
        offered: channels whose charter it showed us, so that it has opened its log on them.
        silent_until: it told us to hold back (its store is full).
    """

    card: Card
    trusted: bool
    secrets: LinkSecrets
    paths: dict[int, PathRecord] = field(default_factory=dict)
    outboxes: dict[ChannelId, Outbox] = field(default_factory=dict)
    control: deque[bytes] = field(default_factory=deque)
    ping: tuple[int, float] | None = None
    ping_due: float = 0.0
    answered: float = 0.0
    patience: float = SILENT_SECONDS
    heard: float | None = None
    heard_wall: int | None = None
    alive: bool = False
    rekey: bool = True
    sent_kept: int = 0
    keyed_at: float = 0.0
    asked_key_at: float = -1e9
    asked_notes: dict[int, float] = field(default_factory=dict)
    unanswered: int = 0
    silent_until: float = 0.0
    ack_seconds: float = 0.0
    round_trip: float | None = None
    clock_offset: int | None = None
    offered: set[ChannelId] = field(default_factory=set)
    frozen_told_at: float = -1e9
    stale_checked_at: float = -1e9
    card_asked_at: float = -1e9
    card_read_at: float = -1e9

    @property
    def party(self) -> PartyId:
        """Return the peer's party id."""
        return self.card.party

    def best_path(self) -> PathRecord | None:
        """Return the path that carries entries: the cheapest, then the fastest, then the oldest."""
        return min(
            self.paths.values(),
            key=lambda path: (
                path.traits.one_way,
                path.traits.cost,
                0 if path.traits.rate_bps is None else 1 / path.traits.rate_bps,
                path.number,
            ),
            default=None,
        )
