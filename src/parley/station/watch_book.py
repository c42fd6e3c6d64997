"""The watch: who has it, how it goes from officer to officer, and what was noted.

The book is of this station alone; nothing in it leaves. It is only added to: a record is a paper
that is never changed, and the audit's chain carries the digest of each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from parley.core.texts import misleading
from parley.errors import ConflictError, UsageError
from parley.station.actors import Actor
from parley.station.alarms import Alarms
from parley.station.cabinet import Act, Cabinet
from parley.station.interface import Station
from parley.station.officers import Officers
from parley.station.papers import Fields, PaperChange, change, numbered, pack
from parley.station.tool_views import WatchRow, WatchState
from parley.station.views import Page

NOTE_MAX: Final = 2_000
ITEMS_MAX: Final = 100
"""Open items that are gone through at a hand-over, the most pressing of them all."""
PAGE_MAX: Final = 500
_TAIL: Final = "watch"


class WatchBook:
    """Keeps the watch."""

    def __init__(
        self,
        station: Station,
        cabinet: Cabinet,
        alarms: Alarms,
        officers: Officers,
        needs: Callable[[], Sequence[str]],
    ) -> None:
        """Take what the watch looks after; `needs` returns ids, the most pressing first."""
        self._station = station
        self._cabinet = cabinet
        self._alarms = alarms
        self._officers = officers
        self._needs = needs
        self._lock = asyncio.Lock()

    def state(self) -> WatchState:
        """Return who has the watch, since when, and to whom it is offered."""
        kept = self._cabinet.get("settings", _TAIL)
        if kept is None:
            return WatchState(officer=None, since=None, offered_to=None, offered_at=None)
        return WatchState(
            officer=kept["officer"],
            since=kept["since"],
            offered_to=kept["offered_to"],
            offered_at=kept["offered_at"],
        )

    def rows(self, *, before: int | None, limit: int) -> Page[WatchRow]:
        """Return the book newest first, from before a number on."""
        newest = self._newest()
        start = newest if before is None else min(before - 1, newest)
        end = max(start - min(max(limit, 1), PAGE_MAX), 0)
        found = [
            _row(fields)
            for number in range(start, end, -1)
            if (fields := self._cabinet.get("watch", numbered(number))) is not None
        ]
        return Page(items=found, next_cursor=str(end + 1) if end else None)

    async def note(
        self, actor: Actor, text: str, *, done: tuple[PaperChange, Act] | None = None
    ) -> WatchRow:
        """Write a note; it is never changed.

        Args:
            actor: who writes.
            text: the note.
            done: what the note tells, stored in the same transaction.

        Raises:
            NotAllowedError: no watch officer writes. UsageError: the note is not well made.
        """
        actor.require("claim")
        said = _checked(text)
        async with self._lock:
            return await self._write(actor, "note", self.state(), text=said, done=done)

    async def offer(self, actor: Actor, to: str, *, items: Sequence[str], text: str) -> WatchRow:
        """Offer the watch to another watch officer, having gone through what is open.

        Raises:
            NotAllowedError: no watch officer offers. ConflictError: another has the watch, an
                alarm is unclaimed, or not everything open was gone through.
            UsageError: nobody of that code can take it.
        """
        actor.require("claim")
        said = _checked(text) if text.strip() else ""
        able = {each.code for each in self._officers.all() if each.active and "watch" in each.roles}
        if to not in able - {actor.officer}:
            raise UsageError(
                f"the watch cannot go to {to[:40]!r}", next_step="Choose another watch officer."
            )
        async with self._lock:
            now = self.state()
            if now.officer != actor.officer:
                raise ConflictError(
                    f"{actor.officer} does not have the watch",
                    next_step="Only who has it can hand it over.",
                )
            self._require_seen(items)
            after = WatchState(
                officer=now.officer,
                since=now.since,
                offered_to=to,
                offered_at=self._station.now(),
            )
            return await self._write(actor, "offer", after, to=to, text=said, items=items)

    async def take(self, actor: Actor, *, items: Sequence[str], text: str = "") -> WatchRow:
        """Take the watch: as offered, where nobody has it, or from whoever has it with a reason.

        Raises:
            NotAllowedError: no watch officer takes it. ConflictError: the actor has it already, an
                alarm is unclaimed, or not everything open was gone through.
            UsageError: it is not offered to the actor and no reason is given.
        """
        actor.require("claim")
        said = _checked(text) if text.strip() else ""
        async with self._lock:
            now = self.state()
            if now.officer == actor.officer:
                raise ConflictError(f"{actor.officer} has the watch already")
            is_offered = now.offered_to == actor.officer
            if now.officer is not None and not is_offered and not said:
                raise UsageError(
                    f"{now.officer} has the watch and has not offered it to {actor.officer}",
                    next_step="Write why it is taken without a hand-over.",
                )
            self._require_seen(items)
            after = WatchState(
                officer=actor.officer,
                since=self._station.now(),
                offered_to=None,
                offered_at=None,
            )
            kind = "take" if now.officer is None or is_offered else "relieve"
            previous = now.officer or ""
            return await self._write(actor, kind, after, to=previous, text=said, items=items)

    async def leave(self, actor: Actor, *, text: str) -> WatchRow:
        """Leave the watch with nobody to take it, and say why; from then on there is none.

        Raises:
            NotAllowedError: no watch officer leaves it. ConflictError: the actor has no watch, or
                an alarm is unclaimed.
            UsageError: no reason is given.
        """
        actor.require("claim")
        said = _checked(text)
        async with self._lock:
            if self.state().officer != actor.officer:
                raise ConflictError(f"{actor.officer} does not have the watch")
            self._require_claimed()
            after = WatchState(
                officer=None, since=self._station.now(), offered_to=None, offered_at=None
            )
            return await self._write(actor, "leave", after, text=said)

    def _require_claimed(self) -> None:
        unclaimed = [each for each in self._alarms.all(open_only=True) if each.sounds]
        if unclaimed:
            raise ConflictError(
                f"the watch does not change hands over an unclaimed alarm ({unclaimed[0].id})",
                next_step="Claim it first.",
            )

    def _require_seen(self, items: Sequence[str]) -> None:
        self._require_claimed()
        seen = set(items)
        new = [need for need in self._needs()[:ITEMS_MAX] if need not in seen]
        if new:
            raise ConflictError(
                f"{len(new)} open items were not gone through, or came meanwhile",
                next_step="Go through them and confirm each.",
            )

    async def _write(
        self,
        actor: Actor,
        kind: str,
        after: WatchState,
        *,
        to: str = "",
        text: str = "",
        items: Sequence[str] = (),
        done: tuple[PaperChange, Act] | None = None,
    ) -> WatchRow:
        number = self._newest() + 1
        fields: Fields = {
            "number": number,
            "kind": kind,
            "at": self._station.now(),
            "officer": actor.officer,
            "to": to,
            "text": text,
            "items": list(items)[:ITEMS_MAX],
        }
        tail: Fields = {
            "number": number,
            "officer": after.officer,
            "since": after.since,
            "offered_to": after.offered_to,
            "offered_at": after.offered_at,
        }
        digest = sha256(pack(fields)).hexdigest()
        act = Act(actor=actor, act=_ACTS[kind], subject=f"watch {number}", detail=digest)
        changes = [change("watch", numbered(number), fields), change("settings", _TAIL, tail)]
        if done is None:
            await self._cabinet.store(changes, act)
        else:
            await self._cabinet.store([done[0], *changes], done[1], act)
        return _row(fields)

    def _newest(self) -> int:
        kept = self._cabinet.get("settings", _TAIL)
        return 0 if kept is None else int(kept["number"])


_ACTS: Final = {
    "note": "write watch note",
    "offer": "offer the watch",
    "take": "take the watch",
    "relieve": "take the watch",
    "leave": "leave the watch",
}


def _checked(text: str) -> str:
    said = text.strip()
    if not said:
        raise UsageError("there is no text", next_step="Write what is to stand in the watch log.")
    if len(said) > NOTE_MAX:
        raise UsageError(f"a note has at most {NOTE_MAX} characters, not {len(said)}")
    if misleading(said):
        raise UsageError("the note holds characters that a reader cannot see")
    return said


def _row(fields: Fields) -> WatchRow:
    return WatchRow(
        number=fields["number"],
        kind=fields["kind"],
        at=fields["at"],
        officer=fields["officer"],
        to=fields["to"],
        text=fields["text"],
        items=len(fields["items"]),
        digest=sha256(pack(fields)).hexdigest(),
    )
