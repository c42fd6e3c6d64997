"""Drafts while they are written: one officer writes a draft at a time, and nothing typed is lost.

Whoever began a draft writes it until another officer takes it over, with a reason that both read.
What was looked at and what is stored are compared under one lock, so that of two who change one
version at the same moment one is told.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from parley.errors import (
    ConflictError,
    DraftOfAnotherError,
    StaleVersionError,
    UsageError,
)
from parley.station.actors import Actor
from parley.station.cabinet import Act, Cabinet
from parley.station.desk_views import DraftRequest, DraftView
from parley.station.draft_book import OPEN_STATES, DraftBook, writer_of
from parley.station.drafting import Body, Drafting
from parley.station.interface import Station
from parley.station.once import Once
from parley.station.papers import Fields, change
from parley.station.record_book import RecordBook
from parley.station.templates import require_writing
from parley.station.trust import Trust

REASON_MAX: Final = 500


class DraftDesk(DraftBook):
    """Keeps drafts and changes them; none leaves from here."""

    def __init__(
        self,
        station: Station,
        cabinet: Cabinet,
        *,
        trust: Trust,
        record: RecordBook,
        drafting: Drafting,
        once: Once,
    ) -> None:
        super().__init__(station, cabinet, trust=trust, record=record, drafting=drafting)
        self._once = once
        self._writing = asyncio.Lock()
        numbers = [int(key[2:]) for key, _ in cabinet.all("drafts")]
        self._last = max(numbers, default=0)

    async def create(self, actor: Actor, request: DraftRequest, *, key: str | None) -> DraftView:
        """Keep a new draft, complete or not; the same key finds the first one again.

        Raises:
            NotAllowedError: the actor may not write.
            IdempotencyError: the key was used for another content.
        """
        require_writing(actor, request)
        with self._once.use(actor, key, request) as found:
            if found.draft is not None:
                return self.get(found.draft)
            request = self._drafting.marked(self._drafting.salted(request))
            draft, fields = self._new(actor, request)
            changes = [change("drafts", draft, fields), *found.papers(draft)]
            await self._cabinet.store(changes, Act(actor=actor, act="write draft", subject=draft))
            return self._view(draft, fields)

    def _new(
        self, actor: Actor, request: DraftRequest, body: Body | None = None
    ) -> tuple[str, Fields]:
        """Return a new draft; `body` is what its request was built to, where that is known."""
        self._record.channel(request.channel)
        self._drafting.move(request)
        self._last += 1
        now = self._station.now()
        fields: Fields = {
            "version": 1,
            "state": "open",
            "request": request.as_paper(),
            "author": actor.officer,
            "writer": actor.officer,
            "edited_by": [actor.officer],
            "created_at": now,
            "changed_at": now,
            "entry": None,
            "reason": None,
            "released_by": None,
            "channel_id": "",
            "inc": "",
            "from_index": 0,
            "skip": 0,
        }
        if body is None:
            self._bind(fields, request)
        else:
            fields |= {"digest": body.digest, "body": body.raw.hex()}
        return f"D-{self._last:04d}", fields

    def _bind(self, fields: Fields, request: DraftRequest) -> None:
        """Keep the exact bytes where the draft is complete, nothing where it is not yet."""
        try:
            body = self._drafting.build(request)
        except UsageError:
            fields |= {"digest": "", "body": ""}
        else:
            fields |= {"digest": body.digest, "body": body.raw.hex()}

    async def change(
        self, actor: Actor, draft: str, request: DraftRequest, *, version: int
    ) -> DraftView:
        """Put a new version in the place of the old one; a held draft is held no more.

        Raises:
            DraftOfAnotherError: another officer writes it; take it over first.
            StaleVersionError: somebody else changed it meanwhile.
            ConflictError: it was released or dropped.
        """
        actor.require("draft")
        actor.require_channel(request.channel)
        request = self._drafting.salted(request)
        async with self._writing:
            return await self._change(actor, draft, request, version)

    async def _change(
        self, actor: Actor, draft: str, request: DraftRequest, version: int
    ) -> DraftView:
        fields = self._changeable(draft, version, actor)
        before = self._request(fields)
        request = self._drafting.marked(_as_begun(before, request), begun=before.mark)
        require_writing(actor, request)
        edited = [*fields["edited_by"]]
        if actor.officer not in edited:
            edited.append(actor.officer)
        fields |= {
            "version": fields["version"] + 1,
            "state": "open",
            "request": request.as_paper(),
            "edited_by": edited,
            "changed_at": self._station.now(),
            "reason": None,
        }
        self._bind(fields, request)
        act = Act(actor=actor, act="change draft", subject=draft)
        await self._cabinet.store([change("drafts", draft, fields)], act)
        return self._view(draft, fields)

    async def take_over(self, actor: Actor, draft: str, *, reason: str, seen: str) -> DraftView:
        """Write a draft from now on that another officer writes; its text stays as it is.

        Args:
            actor: who takes it.
            draft: its number.
            reason: why; whoever wrote it reads it.
            seen: the officer who was seen to write it.

        Raises:
            ConflictError: it is theirs already, somebody else's by now, or not open any more.
            UsageError: no reason.
        """
        actor.require("draft")
        why = reason.strip()[:REASON_MAX]
        if not why:
            raise UsageError("taking a draft over needs a reason")
        async with self._writing:
            fields = self._changeable(draft, None)
            require_writing(actor, self._request(fields))
            writer = writer_of(fields)
            if writer == actor.officer:
                raise ConflictError(f"{actor.officer} writes draft {draft} already")
            if writer != seen:
                raise ConflictError(
                    f"{writer} writes draft {draft} by now, not {seen[:40]}",
                    next_step="Look at it again, and ask them.",
                )
            fields |= {
                "version": fields["version"] + 1,
                "writer": actor.officer,
                "taken": {"at": self._station.now(), "from": writer, "why": why},
            }
            act = Act(actor=actor, act="take draft over", subject=draft, detail=f"from {writer}")
            await self._cabinet.store([change("drafts", draft, fields)], act)
            return self._view(draft, fields)

    def _changeable(self, draft: str, version: int | None, writer: Actor | None = None) -> Fields:
        fields = self._fields(draft)
        if fields["state"] not in OPEN_STATES:
            raise ConflictError(
                f"draft {draft} is {fields['state']} and cannot be changed",
                next_step="A correction is a further entry: write a new draft.",
            )
        if writer is not None and writer_of(fields) != writer.officer:
            raise DraftOfAnotherError(
                f"{writer_of(fields)} writes draft {draft}; nothing of it was changed",
                writer=writer_of(fields),
            )
        if version is not None and version != fields["version"]:
            raise StaleVersionError(
                f"draft {draft} was changed meanwhile: version {fields['version']}, not {version}",
                version=fields["version"],
            )
        return fields

    async def review(self, actor: Actor, draft: str, *, version: int) -> DraftView:
        """Hand a complete draft to the releasers: from now on its exact bytes stand.

        Raises:
            InvalidFieldsError, MoveNotPermittedError: it cannot leave as it is.
        """
        actor.require("draft")
        async with self._writing:
            fields = self._changeable(draft, version, actor)
            body = self._drafting.build(self._request(fields))
            fields |= {"state": "held", "digest": body.digest, "body": body.raw.hex()}
            act = Act(actor=actor, act="hand draft to review", subject=draft, detail=body.digest)
            await self._cabinet.store([change("drafts", draft, fields)], act)
            return self._view(draft, fields)

    async def drop(self, actor: Actor, draft: str, *, version: int | None) -> DraftView:
        """Give a draft up; it stays readable."""
        actor.require("draft")
        async with self._writing:
            fields = self._changeable(draft, version, actor)
            fields["state"] = "dropped"
            act = Act(actor=actor, act="drop draft", subject=draft)
            await self._cabinet.store([change("drafts", draft, fields)], act)
            return self._view(draft, fields)

    async def refuse(self, actor: Actor, draft: str, *, reason: str) -> DraftView:
        """Send a held draft back to its writer with a reason."""
        actor.require("release")
        if not reason.strip():
            raise UsageError("refusing a draft needs a reason")
        async with self._writing:
            fields = self._fields(draft)
            if fields["state"] != "held":
                raise ConflictError(f"draft {draft} is {fields['state']}, not held")
            fields |= {"state": "returned", "reason": reason[:REASON_MAX]}
            act = Act(actor=actor, act="refuse draft", subject=draft)
            await self._cabinet.store([change("drafts", draft, fields)], act)
            return self._view(draft, fields)


def _as_begun(before: DraftRequest, now: DraftRequest) -> DraftRequest:
    """Return a new version with the marking of the old one, where it names none, and its template.

    What says from which template a draft began is the station's, as long as its act is the same:
    nobody writes it in.
    """
    is_same = (now.procedure, now.move) == (before.procedure, before.move)
    return replace(now, template=before.template if is_same else "", mark=now.mark or before.mark)
