"""Drafts: everything that leaves is written, looked at and released; each step is durable.

A release puts draft, idempotency key, audit row and entry into one transaction, so that kill -9 at
any moment leaves either all of them or none: the same key sent again finds the first answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, Final

from parley.core.ids import ChannelId
from parley.errors import (
    ConflictError,
    DraftChangedError,
    NotAllowedError,
    OwnDraftError,
    ParleyError,
    StaleVersionError,
    UsageError,
)
from parley.station.actors import Actor
from parley.station.alarms import Alarms
from parley.station.cabinet import Act, Cabinet
from parley.station.desk_views import (
    DraftRequest,
    DraftView,
    Released,
    Submitted,
)
from parley.station.draft_book import OPEN_STATES, DraftBook
from parley.station.drafting import Body, Drafting, read_body
from parley.station.interface import Station
from parley.station.once import Found, Once
from parley.station.papers import Fields, PaperChange, change
from parley.station.record_book import RecordBook
from parley.station.summary import ChannelSummary
from parley.station.trust import Trust
from parley.store.interface import EntryRow

SUBMISSIONS_MAX: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A draft about to be released in a batch."""

    id: str
    fields: Fields
    body: Body
    channel: ChannelSummary
    keys: tuple[PaperChange, ...]
    key: str


class Drafts(DraftBook):
    """Keeps drafts, shows them and releases them."""

    def __init__(
        self,
        station: Station,
        cabinet: Cabinet,
        *,
        trust: Trust,
        record: RecordBook,
        drafting: Drafting,
        alarms: Alarms,
        once: Once,
        two_persons: bool,
    ) -> None:
        """Let nobody release what they wrote where `two_persons` is set."""
        super().__init__(station, cabinet, trust=trust, record=record, drafting=drafting)
        self._alarms = alarms
        self._two_persons = two_persons
        self._once = once
        self._writing = asyncio.Lock()
        numbers = [int(key[2:]) for key, _ in cabinet.all("drafts")]
        self._last = max(numbers, default=0)

    # --- writing ---

    async def create(self, actor: Actor, request: DraftRequest, *, key: str | None) -> DraftView:
        """Keep a new draft, complete or not; the same key finds the first one again.

        Raises:
            NotAllowedError: the actor may not write.
            IdempotencyError: the key was used for another content.
        """
        actor.require("draft")
        actor.require_channel(request.channel)
        with self._once.use(actor, key, request) as found:
            if found.draft is not None:
                return self.get(found.draft)
            draft, fields = self._new(actor, self._drafting.salted(request))
            changes = [change("drafts", draft, fields), *found.papers(draft)]
            await self._cabinet.store(changes, Act(actor=actor, act="write draft", subject=draft))
            return self._view(draft, fields)

    def _new(
        self, actor: Actor, request: DraftRequest, body: Body | None = None
    ) -> tuple[str, Fields]:
        """Return a new draft; `body` is what its request was built to, where that is known."""
        self._record.channel(request.channel)
        self._drafting.move(request)
        self._drafting.mark(request)
        self._last += 1
        now = self._station.now()
        fields: Fields = {
            "version": 1,
            "state": "open",
            "request": request.as_paper(),
            "author": actor.officer,
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
            StaleVersionError: somebody else changed it meanwhile.
            ConflictError: it was released or dropped.
        """
        actor.require("draft")
        actor.require_channel(request.channel)
        fields = self._changeable(draft, version)
        request = self._drafting.salted(request)
        self._drafting.mark(request)
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

    def _changeable(self, draft: str, version: int | None) -> Fields:
        fields = self._fields(draft)
        if fields["state"] not in OPEN_STATES:
            raise ConflictError(
                f"draft {draft} is {fields['state']} and cannot be changed",
                next_step="A correction is a further entry: write a new draft.",
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
        fields = self._changeable(draft, version)
        body = self._drafting.build(self._request(fields))
        fields |= {"state": "held", "digest": body.digest, "body": body.raw.hex()}
        act = Act(actor=actor, act="hand draft to review", subject=draft, detail=body.digest)
        await self._cabinet.store([change("drafts", draft, fields)], act)
        return self._view(draft, fields)

    async def drop(self, actor: Actor, draft: str, *, version: int | None) -> DraftView:
        """Give a draft up; it stays readable."""
        actor.require("draft")
        fields = self._changeable(draft, version)
        fields["state"] = "dropped"
        act = Act(actor=actor, act="drop draft", subject=draft)
        await self._cabinet.store([change("drafts", draft, fields)], act)
        return self._view(draft, fields)

    async def refuse(self, actor: Actor, draft: str, *, reason: str) -> DraftView:
        """Send a held draft back to its writer with a reason."""
        actor.require("release")
        if not reason.strip():
            raise UsageError("refusing a draft needs a reason")
        fields = self._fields(draft)
        if fields["state"] != "held":
            raise ConflictError(f"draft {draft} is {fields['state']}, not held")
        fields |= {"state": "returned", "reason": reason[:500]}
        act = Act(actor=actor, act="refuse draft", subject=draft)
        await self._cabinet.store([change("drafts", draft, fields)], act)
        return self._view(draft, fields)

    # --- release ---

    def _may_release(self, actor: Actor, fields: Fields, draft: str) -> None:
        if not actor.is_person:
            raise NotAllowedError(
                "a token does not release: a person must",
                next_step=f"The text is kept as draft {draft}.",
            )
        actor.require("release")
        if self._two_persons and actor.officer in (fields["author"], *fields["edited_by"]):
            raise OwnDraftError(
                f"{actor.officer} wrote or edited draft {draft} and cannot release it",
                next_step="Ask another releaser.",
            )

    def _may_leave(self, channel: ChannelSummary) -> None:
        for party in channel.charter.others(self._station.party):
            self._trust.require_trusted(party)

    async def release(self, actor: Actor, draft: str, *, digest: str) -> Released:
        """Sign and store a held draft; a second press finds the first entry.

        Raises:
            DraftChangedError: `digest` is not that of the text as it stands.
            OwnDraftError, NotAllowedError: not by this actor.
            PeerNotTrustedError, PeerKeyChangedError: nothing was sent.
        """
        fields, before = self._fields(draft), self._fields(draft)
        if fields["state"] == "released":
            return self._released(draft, fields, digest)
        self._may_release(actor, fields, draft)
        if fields["state"] != "held":
            raise ConflictError(
                f"draft {draft} is {fields['state']}, not held",
                next_step="Take it to review first.",
            )
        if digest != fields["digest"]:
            raise DraftChangedError(
                f"draft {draft} is not the text that was looked at; nothing was sent",
                next_step="Read it again, then release.",
            )
        body = read_body(bytes.fromhex(fields["body"]))
        channel = self._drafting.channel(self._request(fields))
        self._may_leave(channel)
        if self._drafting.build(self._request(fields)).digest != digest:
            raise DraftChangedError(
                f"what draft {draft} refers to has changed meanwhile; nothing was sent",
                next_step="Open the draft, look at it again, and hand it to review once more.",
            )
        ready = _Ready(id=draft, fields=fields, body=body, channel=channel, keys=(), key="")
        async with self._writing:
            present = self._fields(draft)
            if present["state"] == "released":
                return self._released(draft, present, digest)
            if present != before:
                raise ConflictError(f"draft {draft} was changed at this moment; nothing was sent")
            await self._write(actor, [ready])
        return replace(self._released(draft, fields, digest), replayed=False)

    def _released(self, draft: str, fields: Fields, digest: str) -> Released:
        if digest != fields["digest"]:
            raise DraftChangedError(f"draft {draft} was released with another text")
        name = self.entry_of(draft, fields)
        assert name is not None
        log, index = self._record.place(name)
        row = self._record.row(log, index)
        return Released(
            draft=draft,
            entry=name,
            index=index,
            stored_at=row.received,
            hash=row.leaf.hex(),
            replayed=True,
        )

    async def _write(self, actor: Actor, batch: Sequence[_Ready]) -> Mapping[str, EntryRow]:
        """Write drafts of one channel as entries, each with its papers, in one transaction.

        Returns:
            The entry of each draft, as it is stored.
        """
        channel = self._record.channel(batch[0].channel.charter.channel_id.hex())
        own = channel.logs[self._station.party]
        seen: dict[str, int] = {}
        changes: list[PaperChange] = []
        acts: list[Act] = []
        for ready in batch:
            digest = ready.body.digest
            ready.fields.update(
                state="released",
                digest=digest,
                body=ready.body.raw.hex(),
                channel_id=channel.charter.channel_id.hex(),
                inc=own.log.inc.hex(),
                from_index=own.size,
                skip=seen.get(digest, 0),
                released_by=actor.officer,
                changed_at=self._station.now(),
            )
            seen[digest] = seen.get(digest, 0) + 1
            changes += [change("drafts", ready.id, ready.fields), *ready.keys]
            about = self._request(ready.fields).case
            if about is not None:
                changes += self._alarms.handled_by_answer(actor, about, f"draft {ready.id}")
            acts.append(Act(actor=actor, act="release", subject=ready.id, detail=digest))
        entries = [ready.body.entry for ready in batch]
        places = await self._cabinet.append(channel.charter.channel_id, entries, changes, *acts)
        log, first = places[0]
        rows = {row.index: row for row in self._station.reader.entries(log, first, len(places))}
        for ready, (_, index) in zip(batch, places, strict=True):
            self._entries[ready.id] = self._record.name(log, index)
        return {ready.id: rows[at] for ready, (_, at) in zip(batch, places, strict=True)}

    # --- all in one ---

    async def submit(self, actor: Actor, request: DraftRequest, *, key: str | None) -> Submitted:
        """Write a draft, and release it at once where policy lets this actor; else it is held."""
        (answer,) = await self.submit_many(actor, [(request, key)])
        if isinstance(answer, ParleyError):
            raise answer
        return answer

    async def submit_alone(
        self,
        actor: Actor,
        request: DraftRequest,
        *,
        key: str | None,
        about: str | None,
        added: Mapping[str, Any] | None = None,
    ) -> Submitted:
        """Release what a person may say alone under either policy: an acknowledgement, a check.

        Args:
            actor: who says it.
            request: what is said; the same again under one key is said once.
            key: idempotency key.
            about: alarm that is handled by it.
            added: fields that the station itself adds; they may differ when it is said again.

        Raises:
            NotAllowedError: a machine asks, and its token does not let it acknowledge.
        """
        with self._once.use(actor, key, request) as found:
            if found.draft is not None:
                fields = self._fields(found.draft)
                return self._submitted(found.draft, fields, key or "", replayed=True)
            request = replace(request, fields={**request.fields, **(added or {})})
            body = self._drafting.build(request)
            channel = self._drafting.channel(request)
            self._may_leave(channel)
            draft, fields = self._new(actor, request, body)
            papers = found.papers(draft)
            if about is not None:
                papers += tuple(self._alarms.handled_by_answer(actor, about, "acknowledged"))
            ready = _Ready(
                id=draft, fields=fields, body=body, channel=channel, keys=papers, key=key or ""
            )
            async with self._writing:
                await self._write(actor, [ready])
            return self._submitted(draft, fields, key or "", replayed=False)

    async def submit_many(
        self, actor: Actor, requests: Sequence[tuple[DraftRequest, str | None]]
    ) -> list[Submitted | ParleyError]:
        """Submit several texts; those of one channel share one transaction.

        Raises:
            UsageError: too many at once. Every other refusal stands in its text's place.
        """
        if len(requests) > SUBMISSIONS_MAX:
            raise UsageError(f"at most {SUBMISSIONS_MAX} texts at once")
        answers: list[Submitted | ParleyError | None] = [None] * len(requests)
        ready: dict[ChannelId, list[tuple[int, _Ready]]] = {}
        with ExitStack() as keys:
            for place, (request, key) in enumerate(requests):
                try:
                    found = keys.enter_context(self._once.use(actor, key, request))
                    one = await self._prepare(actor, request, key, found)
                except ParleyError as refusal:
                    answers[place] = refusal
                    continue
                if isinstance(one, Submitted):
                    answers[place] = one
                else:
                    channel = one.channel.charter.channel_id
                    ready.setdefault(channel, []).append((place, one))
            for waiting in ready.values():
                await self._write_all(actor, waiting, answers)
        return [answer for answer in answers if answer is not None]

    async def _write_all(
        self,
        actor: Actor,
        waiting: Sequence[tuple[int, _Ready]],
        answers: list[Submitted | ParleyError | None],
    ) -> None:
        try:
            async with self._writing:
                rows = await self._write(actor, [one for _, one in waiting])
        except ParleyError as refusal:
            for place, _ in waiting:
                answers[place] = refusal
            return
        for place, one in waiting:
            answers[place] = self._submitted(
                one.id, one.fields, one.key, replayed=False, row=rows[one.id]
            )

    async def _prepare(
        self, actor: Actor, request: DraftRequest, key: str | None, found: Found
    ) -> Submitted | _Ready:
        actor.require("draft")
        actor.require_channel(request.channel)
        shown_key = key or ""
        if found.draft is not None:
            fields = self._fields(found.draft)
            return self._submitted(found.draft, fields, shown_key, replayed=True)
        request = self._drafting.salted(request)
        body = self._drafting.build(request)
        channel = self._drafting.channel(request)
        may_release = not self._two_persons and actor.is_person and actor.may("release")
        if may_release:
            self._may_leave(channel)
        draft, fields = self._new(actor, request, body)
        papers = found.papers(draft)
        if may_release:
            return _Ready(
                id=draft, fields=fields, body=body, channel=channel, keys=papers, key=shown_key
            )
        fields |= {"state": "held", "digest": body.digest, "body": body.raw.hex()}
        act = Act(actor=actor, act="hand draft to review", subject=draft, detail=body.digest)
        await self._cabinet.store([change("drafts", draft, fields), *papers], act)
        return self._submitted(draft, fields, shown_key, replayed=False)

    def _submitted(
        self,
        draft: str,
        fields: Fields,
        key: str,
        *,
        replayed: bool,
        row: EntryRow | None = None,
    ) -> Submitted:
        name = self.entry_of(draft, fields)
        if row is None and name is not None:
            row = self._record.row(*self._record.place(name))
        return Submitted(
            draft=draft,
            state=fields["state"],
            needs=["releaser"] if fields["state"] == "held" else [],
            entry=name,
            hash=None if row is None else row.leaf.hex(),
            stored_at=None if row is None else row.received,
            idempotency_key=key,
            replayed=replayed,
        )
