"""One peer as the engine sees it: its paths, its secrets, and what is still to be sent."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from parley.core.card import Card
from parley.core.ids import ChannelId, LogId, PartyId
from parley.core.items import Need
from parley.core.link_secrets import LinkSecrets
from parley.core.outbox import Outbox
from parley.core.padding import Turns
from parley.station.gathering import Gathering, PieceGathering
from parley.station.parcels import Parcels
from parley.station.piece_rounds import PieceRounds
from parley.station.traits import Traits

CONTROL_MAX = 256
STRANGE_HINTS_MAX = 8
GIVEN_ITEMS_MAX = 64
"""A peer that asks faster than it takes gets no more until it has taken."""
SILENT_SECONDS, SILENT_SECONDS_MAX = 15.0, 300.0
"""A fast path on which nothing is answered for so long is taken for dead; TCP notices after a
minute, or never where something between the stations acknowledges for it. After each time the
patience doubles, until an entry is receipted or a ping comes back over a path that has lasted: a
slow line whose rate nobody named must not be cut for ever in the middle of a long frame."""


@dataclass(slots=True, kw_only=True)
class PathRecord:
    """One open path.

    Attributes:
        peer: whose it is; None until an incoming path has shown it.
        claimed: whose it says it is, unproved.
        incoming: the other end opened it.
        leaving: it is being closed.
        greeted: HELLO and keying have been handed to it.
        replies: frames that go out on this path before it is bound to a peer.
        undecodable: frames in a row that could not be read.
        strange_hints: of frames that no key opened, the newest; one seen twice is no noise.
        since: when it came up (steady seconds).
        turns: when a frame leaves on a padded path; None on others.
        heard_bytes: length of the first frame that came, 0 before.
        heard_varies: frames of other lengths came too: the peer does not pad.
    """

    number: int
    traits: Traits
    address: str = ""
    peer: PartyId | None = None
    claimed: PartyId | None = None
    incoming: bool = False
    leaving: bool = False
    greeted: bool = False
    undecodable: int = 0
    strange_hints: deque[bytes] = field(default_factory=lambda: deque(maxlen=STRANGE_HINTS_MAX))
    since: float = 0.0
    keying_second: int = 0
    keying_checks: int = 0
    replies: list[bytes] = field(default_factory=list)
    turns: Turns | None = None
    heard_bytes: int = 0
    heard_varies: bool = False

    @property
    def peer_pads(self) -> bool | None:
        """Say whether all that came has one length; None before anything did."""
        return not self.heard_varies if self.heard_bytes else None

    def note_length(self, frame_bytes: int) -> None:
        """Take note of the length of a frame that came."""
        self.heard_bytes = self.heard_bytes or frame_bytes
        self.heard_varies = self.heard_varies or frame_bytes != self.heard_bytes


@dataclass(slots=True, kw_only=True)
class Link:
    """One peer.

    Attributes:
        trusted: its key was compared by people; nothing is sent before.
        secrets: epochs in both directions.
        outboxes: what it lacks, by channel.
        control: encoded items that go before everything else; of too many the oldest are dropped,
            which only a peer brings about that asks and does not listen.
        given: encoded items of others' logs, which go behind what is urgent.
        ping: the fresh number it should answer, with when it was sent.
        answered: when a ping or an entry of ours was last answered (steady seconds).
        ponged: when a ping of ours was last answered (steady seconds).
        patience: seconds without an answer after which a path is given up.
        heard: when it last showed that it is alive (steady seconds), None if never.
        heard_wall: the same by the wall clock.
        alive: what was last told to the officers.
        rekey: a new epoch must be started before anything else is sent.
        sent_kept: newest epoch number of ours that is stored or being stored.
        compared_at: when it was last asked what a third party signed for it, by log.
        offered: channels whose charter it showed us, so that it has opened its log on them.
        silent_until: it told us to hold back (its store is full).
        asking: its questions of the second `asking_second`.
        rekeys: how often it wanted another key of ours in the second `rekey_second`.
        turn: counts the frames packed for it.
        parcels: what is on its way to it in symbols.
        gathering: what of its symbols is not whole yet.
        pieces: our newest key exchange, where it goes out in pieces and was not answered.
        pieces_heard: the peer's key exchange, where it comes in pieces.
    """

    card: Card
    trusted: bool
    secrets: LinkSecrets
    paths: dict[int, PathRecord] = field(default_factory=dict)
    outboxes: dict[ChannelId, Outbox] = field(default_factory=dict)
    control: deque[bytes] = field(default_factory=lambda: deque(maxlen=CONTROL_MAX))
    given: deque[bytes] = field(default_factory=deque)
    ping: tuple[int, float] | None = None
    ping_due: float = 0.0
    answered: float = 0.0
    ponged: float = 0.0
    patience: float = SILENT_SECONDS
    heard: float | None = None
    heard_wall: int | None = None
    alive: bool = False
    rekey: bool = True
    sent_kept: int = 0
    keyed_at: float = 0.0
    asked_key_at: float = -1e9
    asked_notes: dict[int, float] = field(default_factory=dict)
    compared_at: dict[LogId, float] = field(default_factory=dict)
    unanswered: int = 0
    silent_until: float = 0.0
    ack_seconds: float = 0.0
    round_trip: float | None = None
    clock_offset: int | None = None
    offered: set[ChannelId] = field(default_factory=set)
    frozen_told_at: float = -1e9
    quota_told_at: float = -1e9
    stale_checked_at: float = -1e9
    card_asked_at: float = -1e9
    card_read_at: float = -1e9
    cards_asked: dict[PartyId, float] = field(default_factory=dict)
    cards_awaited: set[PartyId] = field(default_factory=set)
    asking_second: int = -1
    asking: set[Need] = field(default_factory=set)
    rekey_second: int = -1
    rekeys: int = 0
    turn: int = 0
    parcels: Parcels = field(default_factory=Parcels)
    gathering: Gathering = field(default_factory=Gathering)
    pieces: PieceRounds | None = None
    pieces_heard: PieceGathering = field(default_factory=PieceGathering)

    @property
    def party(self) -> PartyId:
        """Return the peer's party id."""
        return self.card.party

    def best_path(self) -> PathRecord | None:
        """Return the path that carries entries: the cheapest, then the fastest, then the oldest.

        A padded one goes before others: what went beside it would show what it is to hide.
        """
        if len(self.paths) == 1:
            return next(iter(self.paths.values()))
        return min(
            self.paths.values(),
            key=lambda path: (
                path.traits.one_way,
                not path.traits.padded,
                path.traits.cost,
                0 if path.traits.rate_bps is None else 1 / path.traits.rate_bps,
                path.number,
            ),
            default=None,
        )


__all__ = ["SILENT_SECONDS", "SILENT_SECONDS_MAX", "Link", "PathRecord", "Traits"]
