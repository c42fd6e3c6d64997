"""The cabinet: the station's papers, written one act at a time, each act with its audit row.

The audit is a chain of hashes. A row is stored in the transaction that carries out its act, so
that neither can be there without the other; a lock keeps the chain in one piece.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from parley.core.ids import ChannelId, LogId
from parley.errors import NotAllowedError, NotFoundError, PeerNotTrustedError
from parley.station.actors import Actor
from parley.station.desk_views import AuditRow
from parley.station.effects import NewEntry
from parley.station.interface import Station
from parley.station.papers import (
    Collection,
    Fields,
    PaperChange,
    change,
    numbered,
    pack,
    unpack,
)
from parley.station.views import Page

_TAIL = "audit"
FIRST_HASH = "0" * 64
AUDIT_SCAN: Final = 5_000
"""Audit rows looked at for one page of a filtered list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What the audit says of one act; never a secret, never an entry's text.

    Attributes:
        act: a verb, such as `release`.
        subject: what it was done to, by name.
        detail: a fact worth keeping, such as a digest or a reason.
    """

    actor: Actor
    act: str
    subject: str
    detail: str = ""


class Cabinet:
    """Reads and writes papers."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._lock = asyncio.Lock()

    def get(self, collection: Collection, key: str) -> Fields | None:
        """Return one paper's content."""
        raw = self._station.reader.paper(collection, key)
        return None if raw is None else unpack(raw)

    def raw(self, collection: Collection) -> Sequence[tuple[str, bytes]]:
        """Return a collection as it is stored; one object may stand for it until it changes."""
        return self._station.reader.papers(collection)

    def all(self, collection: Collection) -> list[tuple[str, Fields]]:
        """Return every paper of a collection, by key."""
        return [(key, unpack(raw)) for key, raw in self._station.reader.papers(collection)]

    async def store(self, changes: Sequence[PaperChange], *acts: Act) -> None:
        """Store papers and the audit rows of the acts that change them, durably."""
        async with self._lock:
            await self._station.store_papers([*changes, *self._rows(acts)])

    async def append(
        self,
        channel: ChannelId,
        entries: Sequence[NewEntry],
        changes: Sequence[PaperChange],
        *acts: Act,
    ) -> list[tuple[LogId, int]]:
        """Write entries with the papers and audit rows that belong to them, in one transaction."""
        async with self._lock:
            papers = [*changes, *self._rows(acts)]
            return await self._station.append(channel, entries, papers=papers)

    @asynccontextmanager
    async def attempt(self, actor: Actor, act: str, subject: str) -> AsyncIterator[None]:
        """Write a refusal inside into the audit, and let it rise."""
        try:
            yield
        except (NotAllowedError, PeerNotTrustedError) as refusal:
            row = Act(actor=actor, act=act, subject=subject, detail=refusal.code)
            async with self._lock:
                await self._station.store_papers(self._rows((row,), done=False))
            raise

    def _rows(self, acts: Sequence[Act], *, done: bool = True) -> list[PaperChange]:
        if not acts:
            return []
        tail = self.get("settings", _TAIL) or {"number": 0, "hash": FIRST_HASH}
        number, previous = int(tail["number"]), str(tail["hash"])
        rows: list[PaperChange] = []
        for act in acts:
            number += 1
            fields: Fields = {
                "number": number,
                "at": self._station.now(),
                "officer": act.actor.officer,
                "via": act.actor.via,
                "act": act.act,
                "subject": act.subject,
                "done": done,
                "detail": act.detail,
                "previous": previous,
            }
            previous = sha256(pack(fields)).hexdigest()
            rows.append(change("audit", numbered(number), {**fields, "hash": previous}))
        rows.append(change("settings", _TAIL, {"number": number, "hash": previous}))
        return rows

    def audit(self, *, after: int, limit: int) -> Page[AuditRow]:
        """Return audit rows after a number, oldest first."""
        rows: list[AuditRow] = []
        for number in range(after + 1, after + limit + 1):
            fields = self.get("audit", numbered(number))
            if fields is None:
                return Page(items=rows)
            rows.append(_row(fields))
        more = self.get("audit", numbered(after + limit + 1)) is not None
        return Page(items=rows, next_cursor=str(after + limit) if more else None)

    def audit_back(
        self, *, before: int | None, limit: int, officer: str, act: str, refused: bool
    ) -> Page[AuditRow]:
        """Return audit rows before a number, newest first.

        Args:
            before: None for the newest.
            limit: most rows.
            officer: only of this officer; empty for everybody.
            act: only acts and subjects that hold this text; empty for every one.
            refused: only what was refused.

        Returns:
            the rows; with a cursor also where `AUDIT_SCAN` rows were looked at without filling
            the page.
        """
        tail = self.get("settings", _TAIL)
        newest = int(tail["number"]) if tail else 0
        start = newest if before is None else min(before - 1, newest)
        rows: list[AuditRow] = []
        for number in range(start, max(start - AUDIT_SCAN, 0), -1):
            fields = self.get("audit", numbered(number))
            if fields is None:
                continue
            row = _row(fields)
            if (officer and row.officer != officer) or (refused and row.done):
                continue
            if act and act not in f"{row.act} {row.subject}":
                continue
            rows.append(row)
            if len(rows) == limit:
                return Page(items=rows, next_cursor=str(number) if number > 1 else None)
        left = start - AUDIT_SCAN
        return Page(items=rows, next_cursor=str(left + 1) if left > 0 else None)

    def audit_lines(self) -> list[bytes]:
        """Return every audit row as it is hashed, one JSON object each, oldest first."""
        return [raw for _, raw in self.raw("audit")]

    def check_audit(self) -> int | None:
        """Recompute the chain; return the number of the first row that does not fit, else None."""
        tail = self.get("settings", _TAIL)
        previous = FIRST_HASH
        for number in range(1, int(tail["number"]) + 1 if tail else 1):
            fields = self.get("audit", numbered(number))
            if fields is None:
                return number
            said = fields.pop("hash", None)
            if fields.get("previous") != previous or sha256(pack(fields)).hexdigest() != said:
                return number
            previous = str(said)
        return None if tail is None or tail["hash"] == previous else int(tail["number"])


def _row(fields: Fields) -> AuditRow:
    return AuditRow(
        number=fields["number"],
        at=fields["at"],
        officer=fields["officer"],
        via=fields["via"],
        act=fields["act"],
        subject=fields["subject"],
        done=fields["done"],
        detail=fields["detail"],
        hash=fields["hash"],
    )


def require(fields: Fields | None, what: str, next_step: str = "") -> Fields:
    """Return a paper that must be there.

    Raises:
        NotFoundError: it is not.
    """
    if fields is None:
        raise NotFoundError(f"{what} does not exist here", next_step=next_step)
    return fields
