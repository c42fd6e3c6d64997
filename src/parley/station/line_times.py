"""When a line is alive, when it is asked, and when a path is given up; by what its paths carry."""

from __future__ import annotations

import math
from collections.abc import Iterable

from parley.core import limits, pieces
from parley.station.effects import Now
from parley.station.link_state import SILENT_SECONDS, SILENT_SECONDS_MAX, Link, PathRecord
from parley.station.traits import Traits

PING_SECONDS_FAST, PING_SECONDS_NARROW = 5.0, 600.0
ALIVE_SECONDS_FAST, ALIVE_SECONDS_NARROW = 15.0, 1_800.0
REKEY_SECONDS_FAST, REKEY_SECONDS_NARROW = 7 * 86_400.0, 90 * 86_400.0
REKEY_SECONDS_MIN = 60.0
STRANGER_SECONDS = 60.0
_ASK_KEY_SECONDS_FAST, _ASK_KEY_SECONDS_NARROW = 1.0, 10.0
_ASK_NOTE_SECONDS_FAST, _ASK_NOTE_SECONDS_NARROW = 1.0, 30.0
_KEYING_BYTES = 1_300
_SLOWEST_FACTOR = 3
PADDED_SILENT_SECONDS = 60.0
"""The patience with a padded path is always the same, and counts from the last PONG: when it is
closed must not depend on what was said on it."""


def exchange_seconds(link: Link) -> float:
    """Return how long a key exchange and the word that it failed are on the way, both ways."""
    best = link.best_path()
    airtime = 0.0 if best is None else best.traits.airtime(_keying_bytes(best.traits))
    if best is not None and best.traits.padded:
        # Measured round trips tell of what else waited, and key exchanges are seen.
        return 2 * airtime + 4 * best.traits.turn_seconds
    return 2 * airtime + 2 * (link.round_trip or 0.0) if airtime else 0.0


def _keying_bytes(traits: Traits) -> int:
    """Return about how many bytes a key exchange takes, in pieces where frames are short."""
    if traits.frame_bytes_max >= _KEYING_BYTES:
        return _KEYING_BYTES
    in_frame = max(traits.frame_bytes_max - pieces.HEAD_BYTES, 8)
    return -(-_KEYING_BYTES // in_frame) * traits.frame_bytes_max


def is_narrow(link: Link) -> bool:
    """Say whether a link's best path is a slow one."""
    best = link.best_path()
    return best is not None and best.traits.narrow


def is_padded(link: Link) -> bool:
    """Say whether a link's best path is a padded one."""
    best = link.best_path()
    return best is not None and best.traits.padded


def due_at(link: Link) -> float:
    """Return when a link is to be asked or sent something again, in steady seconds."""
    due = math.inf
    if not is_padded(link):  # there that is looked at on its turns
        due = min(link.ping_due, math.inf if link.pieces is None else link.pieces.due)
    flights = [outbox.next_due() for outbox in link.outboxes.values()]
    return min([due, *(flight for flight in flights if flight is not None)])


def alive_seconds(link: Link) -> float:
    """Return how long after the last answer a link counts as alive."""
    return ALIVE_SECONDS_NARROW if is_narrow(link) else ALIVE_SECONDS_FAST


def ask_key_seconds(link: Link) -> float:
    """Return how long to wait before a peer is asked for a key again."""
    shortest = _ASK_KEY_SECONDS_NARROW if is_narrow(link) else _ASK_KEY_SECONDS_FAST
    return max(shortest, exchange_seconds(link))


def heartbeat_of(rate_bps: int | None) -> int:
    """Return the default seconds between statements for a path (specification: statement)."""
    if rate_bps is None or rate_bps >= 9_600:
        return 60
    return 3_600 if rate_bps >= 2_400 else 21_600


def ask_note_seconds(link: Link) -> float:
    """Return how long to wait before a peer is asked for the text of a statement again."""
    return _ASK_NOTE_SECONDS_NARROW if is_narrow(link) else _ASK_NOTE_SECONDS_FAST


def ping_seconds(link: Link) -> float:
    """Return how long after a question the next one is due."""
    return PING_SECONDS_NARROW if is_narrow(link) else PING_SECONDS_FAST


def rekey_seconds(link: Link) -> float:
    """Return how long an epoch of ours lasts (specification: link, keys)."""
    return REKEY_SECONDS_NARROW if is_narrow(link) else REKEY_SECONDS_FAST


def key_is_old(link: Link, now: Now) -> bool:
    """Say whether our epoch has lasted long enough."""
    return now.steady > link.keyed_at + rekey_seconds(link)


def note_answer(link: Link, asked: float, now: Now) -> None:
    """Take note that a question asked at a steady time was answered."""
    link.answered = link.ponged = now.steady
    best = link.best_path()
    if best is not None and asked > best.since + PING_SECONDS_FAST / 2:
        link.patience = SILENT_SECONDS


def dead_paths(paths: Iterable[PathRecord], links: Iterable[Link], now: Now) -> list[int]:
    """Return paths on which nothing was answered for too long, and be more patient next time.

    Whoever keeps the paths closes them and dials again. A narrow or one-way path may be silent.
    An incoming one on which nobody proved who they are takes a place that a peer may need.
    """
    found = [
        path.number
        for path in paths
        if path.peer is None
        and not path.traits.narrow
        and not path.traits.one_way
        and now.steady >= path.since + STRANGER_SECONDS
    ]
    for link in links:
        # An answer may come back over another path than the question went out on, so that
        # silence speaks against all of them alike.
        patience = max(link.patience, _SLOWEST_FACTOR * link.ack_seconds)
        dead = [
            path.number
            for path in link.paths.values()
            if link.trusted
            and not path.traits.narrow
            and not path.traits.one_way
            and not path.traits.padded
            and now.steady >= max(path.since, link.answered) + patience
        ]
        found += [
            path.number
            for path in link.paths.values()
            if link.trusted
            and path.traits.padded
            and not path.traits.narrow
            and not path.traits.one_way
            and now.steady >= max(path.since, link.ponged) + PADDED_SILENT_SECONDS
        ]
        if dead:
            link.patience = min(2 * link.patience, SILENT_SECONDS_MAX)
            found += dead
    return found


def may_check(path: PathRecord, now: Now) -> bool:
    """Count one piece of public-key work for a stranger; False when this second has had enough."""
    second = int(now.steady)
    if path.keying_second != second:
        path.keying_second, path.keying_checks = second, 0
    path.keying_checks += 1
    return path.keying_checks <= limits.KEYING_CHECKS_PER_SECOND
