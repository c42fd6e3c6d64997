"""What a channel is called: a code is chosen by whoever proposes it, so it may come twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from parley.errors import ConflictError, NotFoundError
from parley.station.summary import ChannelSummary

IsKnown: TypeAlias = Callable[[ChannelSummary], bool]
"""Says whether a card of every other party is held."""

_IDS_SHOWN: Final = 8


def named(channels: Sequence[ChannelSummary], name: str, is_known: IsKnown) -> ChannelSummary:
    """Return a channel by code, or by its id in hex.

    Whoever proposes a channel chooses its code: that must not take ours from us. Nor does one with
    a party that is no more, whose root key was lost, keep the code from the one that came after.

    Raises:
        NotFoundError: there is none.
        ConflictError: two channels share the code; the message names their ids.
    """
    found = [c for c in channels if c.charter.code == name]
    found = found or [c for c in channels if c.charter.channel_id.hex() == name]
    if not found:
        raise NotFoundError(
            f"there is no channel {name}", next_step="`parley channel list` shows them."
        )
    if len(found) > 1:
        found = [c for c in found if c.opened] or found
    if len(found) > 1:
        found = [c for c in found if is_known(c)] or found
    if len(found) > 1:
        ids = ", ".join(c.charter.channel_id.hex() for c in found[:_IDS_SHOWN])
        raise ConflictError(
            f"several channels are called {name}", next_step=f"Name one by its id: {ids}."
        )
    return found[0]


def proposed(channels: Sequence[ChannelSummary], name: str, is_known: IsKnown) -> ChannelSummary:
    """Return the channel that is to be accepted: of several with one code, what is proposed.

    Raises:
        NotFoundError, ConflictError: see `named`.
    """
    waits = [c for c in channels if c.charter.code == name and not c.opened]
    return waits[0] if len(waits) == 1 else named(channels, name, is_known)


def called(channels: Sequence[ChannelSummary], channel: ChannelSummary, is_known: IsKnown) -> str:
    """Return the name that leads to a channel: its code, or its id where another has that."""
    charter = channel.charter
    if sum(c.charter.code == charter.code for c in channels) == 1:
        return charter.code
    try:
        found = named(channels, charter.code, is_known)
    except ConflictError:
        return charter.channel_id.hex()
    is_it = found.charter.channel_id == charter.channel_id
    return charter.code if is_it else charter.channel_id.hex()


__all__ = ["called", "named", "proposed"]
