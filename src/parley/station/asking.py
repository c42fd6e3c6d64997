"""How often a peer's questions are answered (specification: `limits.md`)."""

from __future__ import annotations

from typing import Final

from parley.core import items
from parley.core.items import Need
from parley.station.effects import Now
from parley.station.link_state import Link

_REKEYS_A_SECOND: Final = 4
_QUESTIONS_A_SECOND: Final = 64
_LOGS_A_SECOND: Final = 8
"""Of the questions of a second, those for entries of a log or for older statements."""


def may_rekey(link: Link, now: Now) -> bool:
    """Say whether a peer's wish for another key is heard: four times a second.

    Each is a key exchange, and all that is under way once more, for twenty bytes.
    """
    second = int(now.steady)
    if link.rekey_second != second:
        link.rekey_second, link.rekeys = second, 0
    link.rekeys += 1
    return link.rekeys <= _REKEYS_A_SECOND


def may_ask(link: Link, item: Need, now: Now) -> bool:
    """Say whether a question is answered: each once a second, and some dozens in all.

    An answer may be thousands of times as long as its question, and as dear.
    """
    second = int(now.steady)
    if link.asking_second != second:
        link.asking_second = second
        link.asking.clear()
    if item in link.asking or len(link.asking) >= _QUESTIONS_A_SECOND:
        return False
    if _is_dear(item) and sum(map(_is_dear, link.asking)) >= _LOGS_A_SECOND:
        return False
    link.asking.add(item)
    return True


def _is_dear(item: Need) -> bool:
    """Say whether thousands of entries, or hundreds of statements, are looked at for a question."""
    return item.what == items.NEED_ENTRIES or (item.what == items.NEED_NOTE and bool(item.ranges))


__all__ = ["may_ask", "may_rekey"]
