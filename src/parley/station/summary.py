"""What people and programs may see of the engine's channels and links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from parley.carriers.address import parse_address
from parley.core import padding
from parley.core.charter import Charter
from parley.core.entry import Precedence
from parley.core.ids import ChannelId, LogId, PartyId, Ranges
from parley.core.instants import Instant
from parley.core.merkle import Tree
from parley.core.statement import Holding
from parley.errors import UsageError
from parley.station.channel_state import ChannelState
from parley.station.link_state import Link, PathRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """One log as held here.

    Attributes:
        size: entries of it known, signed or not.
        signed_size: what its author's newest statement here covers.
        ordinal: 1 for its party's first incarnation known here.
    """

    log: LogId
    size: int
    signed_size: int
    missing: Ranges
    frozen: bool
    ordinal: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSummary:
    """One channel.

    Attributes:
        opened: we opened our log on it.
        logs: newest incarnation of each party that opened one.
        receipts: what each peer's newest durable statement holds of our present log.
        last_statement_time: by party, the time of its newest statement.
        stopped: code of why nothing is written into our log, None while it is.
    """

    charter: Charter
    opened: bool
    logs: Mapping[PartyId, LogState]
    receipts: Mapping[PartyId, Holding | None]
    last_statement_time: Mapping[PartyId, Instant]
    stopped: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PathState:
    """One path of a link, up or configured.

    Attributes:
        pad_bytes: length of every frame that we send on it, None where it is not padded.
        turn_s: seconds from one of these to the next.
        bytes_a_day: what we send on it in a day, whatever is said.
        peer_pads: all frames that came on it have one length; None before any came, and where
            it is not padded.
    """

    address: str
    carrier: str
    up: bool
    rate_bps: int | None
    cost: int
    pad_bytes: int | None = None
    turn_s: float | None = None
    bytes_a_day: int | None = None
    peer_pads: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSummary:
    """One peer's link.

    Attributes:
        alive: the peer answered a fresh question lately.
        last_heard: when it last did, by our clock.
        round_trip_ms, clock_offset_s: estimates, None before there are any.
        queued: entries waiting for it, by precedence letter.
        key_state: `none`, `sending`, `receiving` or `both`: which directions have a key.
    """

    peer: PartyId
    trusted: bool
    alive: bool
    last_heard: Instant | None
    round_trip_ms: float | None
    clock_offset_s: int | None
    paths: tuple[PathState, ...]
    queued: Mapping[str, int]
    key_state: str


def tree_of(channels: Mapping[ChannelId, ChannelState], log: LogId) -> Tree | None:
    """Return the tree of a log, None where the channel or the log is not known."""
    state = channels.get(log.channel)
    replica = None if state is None else state.record.all.get(log)
    return None if replica is None else replica.tree


def summarise_channel(state: ChannelState) -> ChannelSummary:
    """Return what may be seen of a channel."""
    record = state.record
    own = record.own
    receipts: dict[PartyId, Holding | None] = {}
    times: dict[PartyId, Instant] = {}
    for party in record.others:
        said = state.said.get(party)
        held = None
        if said is not None:
            held = said.holding(record.me)
            times[party] = said.time
        current = own is not None and held is not None and held.inc == own.log.inc
        receipts[party] = held if current else None
    if state.newest is not None:
        times[record.me] = state.newest.statement.time
    logs = {
        party: LogState(
            log=replica.log,
            size=max(replica.signed, replica.tree.size),
            signed_size=state.durable_size if party == record.me else replica.signed,
            missing=replica.missing,
            frozen=replica.frozen,
            ordinal=state.ordinal(replica.log),
        )
        for party, replica in record.logs.items()
    }
    return ChannelSummary(
        charter=record.charter,
        opened=state.opened,
        logs=logs,
        receipts=receipts,
        last_statement_time=times,
        stopped=state.stopped,
    )


def summarise_link(link: Link, configured: tuple[str, ...]) -> LinkSummary:
    """Return what may be seen of a link; `configured` are the addresses to dial."""
    paths = [_open_path(path) for path in link.paths.values()]
    up = {path.address for path in paths}
    paths += [_closed_path(address) for address in configured if address not in up]
    queued = {
        precedence.letter: sum(outbox.count(precedence) for outbox in link.outboxes.values())
        for precedence in sorted(Precedence, reverse=True)
    }
    sending, receiving = not link.rekey, link.secrets.can_open
    states = {(True, True): "both", (True, False): "sending", (False, True): "receiving"}
    return LinkSummary(
        peer=link.party,
        trusted=link.trusted,
        alive=link.alive,
        last_heard=None if link.heard_wall is None else Instant(link.heard_wall),
        round_trip_ms=None if link.round_trip is None else round(link.round_trip * 1000, 1),
        clock_offset_s=link.clock_offset,
        paths=tuple(paths),
        queued=queued,
        key_state=states.get((sending, receiving), "none"),
    )


def _open_path(path: PathRecord) -> PathState:
    # A path that the peer opened has the plain address it came from.
    carrier, is_named, _ = path.address.partition("://")
    padded = path.traits.padded
    return PathState(
        address=path.address,
        carrier=carrier if is_named else "tls",
        up=True,
        rate_bps=path.traits.rate_bps,
        cost=path.traits.cost,
        **(_padding(path.traits.frame_bytes_max, path.traits.rate_bps) if padded else {}),
        peer_pads=path.peer_pads if padded else None,
    )


class _Padding(TypedDict, total=False):
    pad_bytes: int
    turn_s: float
    bytes_a_day: int


def _padding(pad_bytes: int | None, rate_bps: int | None) -> _Padding:
    """Return what a padded path takes of the line; nothing for others."""
    if pad_bytes is None or rate_bps is None:
        return {}
    return {
        "pad_bytes": pad_bytes,
        "turn_s": round(padding.turn_seconds(pad_bytes, rate_bps), 3),
        "bytes_a_day": padding.bytes_a_day(rate_bps),
    }


def _closed_path(text: str) -> PathState:
    try:
        address = parse_address(text)
    except UsageError:
        return PathState(address=text, carrier="unknown", up=False, rate_bps=None, cost=0)
    return PathState(
        address=text,
        carrier=address.carrier,
        up=False,
        rate_bps=address.rate_bps,
        cost=address.cost,
        **_padding(address.pad_bytes, address.rate_bps),
    )
