"""What a fault does to engines, and whether everything that can arrive has arrived."""

from __future__ import annotations

from collections.abc import Mapping

from parley.core.card import Card
from parley.core.ids import ChannelId
from parley.sim.scenario.model import Fault, Scenario
from parley.station.channel_state import ChannelState
from parley.station.effects import Now
from parley.station.engine import Engine


def faults_between(scenario: Scenario, one: str, two: str, moment: int) -> list[Fault]:
    """Return the faults of the path between two parties at a moment."""
    return [
        fault
        for fault in scenario.faults
        if fault.holds(moment) and fault.is_between((one, two)) and fault.channel is None
    ]


def muted(scenario: Scenario, one: str, two: str, moment: int) -> set[str]:
    """Return whose frames are lost between two parties: what one says, or what it should hear."""
    lost: set[str] = set()
    for fault in faults_between(scenario, one, two, moment):
        party, other = (one, two) if fault.parties[0] == one else (two, one)
        if fault.direction:
            lost.add(party if fault.direction == "out" else other)
    return lost


def part_channels(engine: Engine, peer: Card, cut: Mapping[ChannelId, bool], now: Now) -> None:
    """Let an engine send nothing to a peer on some channels, and again on the others."""
    link = engine.links.get(peer.party)
    if link is None or not cut:
        return
    for channel, is_cut in cut.items():
        if is_cut:
            link.outboxes.pop(channel, None)
    lacking = [channel for channel, is_cut in cut.items() if channel not in link.outboxes]
    if any(not cut[channel] for channel in lacking):
        # To learn a peer anew is what joins channels to its link, without those that are cut.
        engine.set_peer(peer, trusted=True, now=now)
        part_channels(engine, peer, {each: True for each, is_cut in cut.items() if is_cut}, now)


def is_settled(one: Engine, two: Engine, *, is_told_enough: bool = False) -> bool:
    """Say whether two stations hold all that either has written and said on shared channels.

    Args:
        one: the engine of an end.
        two: the engine of the other.
        is_told_enough: a newest statement that was sent counts, also where it was lost: it is not
            sent again before the next one.
    """
    return _knows(one, two, is_told_enough=is_told_enough) and _knows(
        two, one, is_told_enough=is_told_enough
    )


def _knows(author: Engine, reader: Engine, *, is_told_enough: bool) -> bool:
    """Say whether a reader holds what an author wrote, and the author its word for it."""
    link = author.links.get(reader.ledger.me)
    if link is None:
        return True
    for channel, outbox in link.outboxes.items():
        state, other = author.ledger.channels[channel], reader.ledger.channels.get(channel)
        own = state.record.own
        if own is None or not outbox.met:
            continue
        if state.stopped is None and _owes_statement(state):
            return False
        if outbox.theirs.size < state.durable_size or outbox.theirs.missing:
            return False
        if other is None or not other.opened:
            continue
        held = other.said.get(author.ledger.me)
        if is_told_enough and outbox.told >= state.durable_no:
            continue
        if held is None or held.no < state.durable_no:
            return False
    return True


def _owes_statement(state: ChannelState) -> bool:
    """Say whether a statement is about to be signed, or signed and not yet on disk."""
    newest = -1 if state.newest is None else state.newest.statement.no
    return state.dirty or state.signed_at is None or newest != state.durable_no
