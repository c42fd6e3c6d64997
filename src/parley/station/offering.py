"""Our charter, offered until the peer opens its log on it."""

from __future__ import annotations

from typing import Final

from parley.core import items
from parley.core.items import CharterItem
from parley.station.channel_state import ChannelState
from parley.station.effects import Now
from parley.station.link_state import Link

OFFER_SECONDS: Final = 5.0
_OFFER_SECONDS_MAX: Final = 300.0


def offer_charter(link: Link, state: ChannelState, now: Now) -> None:
    """Offer a charter once more, each time after twice as long; nothing where it is not ours."""
    if not state.durable_size:
        return
    outbox = link.outboxes[state.record.channel]
    wait = min(OFFER_SECONDS * 2**outbox.offer_tries, _OFFER_SECONDS_MAX)
    outbox.offer_tries = min(outbox.offer_tries + 1, 16)
    outbox.offer_due = now.steady + wait
    link.control.append(items.encode_item(CharterItem(state.record.charter.encode())))


__all__ = ["OFFER_SECONDS", "offer_charter"]
