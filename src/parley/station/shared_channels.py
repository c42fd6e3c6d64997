"""Which channels two stations share, and which number is free on the link between them."""

from __future__ import annotations

from collections.abc import Iterable

from parley.core import limits
from parley.core.charter import Charter
from parley.core.ids import PartyId
from parley.errors import ConflictError
from parley.station.channel_state import ChannelState


def shared_with(channels: Iterable[ChannelState], party: PartyId) -> list[ChannelState]:
    """Return the channels that a party is a member of, those we have not opened included."""
    return [state for state in channels if party in state.record.others]


def number_in_use(channels: Iterable[ChannelState], charter: Charter, me: PartyId) -> bool:
    """Say whether another channel among some of the same parties has this number."""
    members = set(charter.parties) - {me}
    return any(
        state.record.charter.number == charter.number
        and members & set(state.record.charter.parties)
        for state in channels
        if state.record.channel != charter.channel_id
    )


def check_shared(channels: Iterable[ChannelState], charter: Charter, me: PartyId) -> None:
    """Refuse a charter of our making where one of its parties shares too many channels with us.

    Raises:
        ConflictError: no more can be shared.
    """
    known = list(channels)
    for party in charter.others(me):
        count = len(shared_with(known, party))
        if count >= limits.CHANNELS_PER_LINK_MAX:
            raise ConflictError(
                f"{count} channels are shared with one of these parties, and no more can be",
                next_step="Use one of them; one that is closed counts too.",
            )


__all__ = ["check_shared", "number_in_use", "shared_with"]
