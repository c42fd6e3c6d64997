"""Asks a peer by NEED for what is lacking of a log, and says whom it is worth asking."""

from __future__ import annotations

from parley.core import items
from parley.core.charter import Charter
from parley.core.ids import Incarnation, PartyId, Ranges
from parley.core.items import Need
from parley.station.line_times import exchange_seconds, is_narrow
from parley.station.link_state import Link

_ANSWER_SECONDS_FAST, _ANSWER_SECONDS_NARROW = 3.0, 60.0


def question(
    charter: Charter,
    party: PartyId,
    what: int,
    *,
    inc: Incarnation | None = None,
    ranges: Ranges = (),
) -> bytes:
    """Return the encoded NEED.

    Args:
        charter: of the channel.
        party: whose log it is about.
        what: one of `items.NEED_...`.
        inc: which of that party's logs; None for its newest.
        ranges: half-open, of places or of numbers of statements, as `what` says.
    """
    number = charter.party_number(party)
    need = Need(channel=charter.number, party=number, inc=inc, ranges=ranges, what=what)
    return items.encode_item(need)


def ask_about(
    link: Link,
    charter: Charter,
    party: PartyId,
    what: int,
    *,
    inc: Incarnation | None = None,
    ranges: Ranges = (),
) -> None:
    """Put a question into what goes to a peer next; see `question`."""
    link.control.append(question(charter, party, what, inc=inc, ranges=ranges))


def can_answer(link: Link | None) -> bool:
    """Say whether a peer is there, is trusted, and has a way back to us."""
    best = None if link is None or not link.trusted else link.best_path()
    return link is not None and link.alive and best is not None and not best.traits.one_way


def answer_seconds(link: Link) -> float:
    """Return how long an answer may take before somebody is asked again."""
    least = _ANSWER_SECONDS_NARROW if is_narrow(link) else _ANSWER_SECONDS_FAST
    return max(least, 2 * exchange_seconds(link), 4 * (link.round_trip or 0.0))


__all__ = ["answer_seconds", "ask_about", "can_answer", "question"]
