"""Drafts: everything that leaves is written, looked at and released; each step is durable.

A release puts draft, idempotency key, audit row and entry into one transaction, so that kill -9 at
any moment leaves either all of them or none: the same key sent again finds the first answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from parley.core.ids import ChannelId, LogId
from parley.errors import (
    ConflictError,
    DraftChangedError,
    NotAllowedError,
    OwnDraftError,
    ParleyError,
    UsageError,
)
from parley.station.actors import Actor
from parley.station.alarms import Alarms
from parley.station.cabinet import Act, Cabinet
from parley.station.countersigning import Countersigning, may_alone
from parley.station.desk_views import (
    DraftRequest,
    Released,
    Submitted,
)
from parley.station.draft_book import OPEN_STATES
from parley.station.draft_writing import DraftDesk
from parley.station.drafting import Body, Drafting, body_of, read_body
from parley.station.file_keep import FileKeep
from parley.station.interface import Station
from parley.station.once import Found, Once
from parley.station.papers import Fields, PaperChange, change
from parley.station.record_book import RecordBook
from parley.station.summary import ChannelSummary
from parley.station.templates import require_writing
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


class Drafts(DraftDesk):
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
        files: FileKeep,
        countersigning: Countersigning,
    ) -> None:
        """Let nobody release what they wrote where `two_persons` is set, but for emergencies."""
        super().__init__(station, cabinet, trust=trust, record=record, drafting=drafting, once=once)
        self._alarms = alarms
        self._two_persons = two_persons
        self._files = files
        self._countersigning = countersigning

    # --- release ---

    def _released_alone(
        self, actor: Actor, request: DraftRequest, draft: str, wrote: Sequence[str]
    ) -> tuple[PaperChange, ...]:
        """Return what keeps that an emergency left by one officer alone; nothing where two look."""
        is_second = actor.may("release") and actor.officer not in wrote
        if not may_alone(actor, request) or not self._two_persons or is_second:
            return ()
        return (self._countersigning.paper(actor, draft, list(wrote)),)

    def _may_release(self, actor: Actor, fields: Fields, draft: str) -> None:
        if may_alone(actor, self._request(fields)):
            return
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
        wrote = [fields["author"], *fields["edited_by"]]
        alone = self._released_alone(actor, self._request(fields), draft, wrote)
        ready = _Ready(id=draft, fields=fields, body=body, channel=channel, keys=alone, key="")
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
        changes += self._files.leaving([ready.body for ready in batch])
        entries = [ready.body.entry for ready in batch]
        places = await self._cabinet.append(channel.charter.channel_id, entries, changes, *acts)
        self._files.wake()
        log, first = places[0]
        rows = {row.index: row for row in self._station.reader.entries(log, first, len(places))}
        for ready, (_, index) in zip(batch, places, strict=True):
            self._entries[ready.id] = self._record.name(log, index)
        return {ready.id: rows[at] for ready, (_, at) in zip(batch, places, strict=True)}

    # --- after our log came back from a peer ---

    def own_ends(self, channel: str) -> dict[LogId, int]:
        """Return how far our logs on a channel are held, for `found_again`."""
        found = self._record.channel(channel)
        logs = self._record.logs_of(found, self._station.party)
        return {log: self._record.tree(log).size for log in logs}

    async def found_again(self, actor: Actor, channel: str, before: Mapping[LogId, int]) -> None:
        """Mark as released what a store put back holds as a draft, and a peer gave back as entry.

        Else it could be released a second time, what it seals with the same salt; and what was
        sealed could not be opened, for it is found by its draft.
        """
        waiting = {}
        for key, fields in self._cabinet.all("drafts"):
            if fields["state"] in OPEN_STATES:
                with suppress(ParleyError):
                    waiting[key] = fields, self._body(fields, self._request(fields))
        found = self._record.channel(channel)
        changes: list[PaperChange] = []
        acts: list[Act] = []
        for log in self._record.logs_of(found, self._station.party):
            for row in self._rows(log, before.get(log, 0)):
                digest = body_of(log.channel, self._record.decode(row)).digest
                key = next((key for key, (_, body) in waiting.items() if body.digest == digest), "")
                if not key:
                    continue
                fields, body = waiting.pop(key)
                fields.update(
                    state="released",
                    digest=digest,
                    body=body.raw.hex(),
                    channel_id=log.channel.hex(),
                    inc=log.inc.hex(),
                    from_index=row.index,
                    skip=0,
                    released_by="",
                    changed_at=self._station.now(),
                )
                changes.append(change("drafts", key, fields))
                acts.append(Act(actor=actor, act="find draft released", subject=key, detail=digest))
        if changes:
            await self._cabinet.store(changes, *acts)

    def _rows(self, log: LogId, first: int) -> Iterator[EntryRow]:
        while rows := self._station.reader.entries(log, first, 100):
            yield from rows
            first = rows[-1].index + 1

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
            request = self._drafting.marked(request)
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
        require_writing(actor, request)
        shown_key = key or ""
        if found.draft is not None:
            fields = self._fields(found.draft)
            return self._submitted(found.draft, fields, shown_key, replayed=True)
        request = self._drafting.marked(self._drafting.salted(request))
        body = self._drafting.build(request)
        channel = self._drafting.channel(request)
        is_trusted = not self._two_persons and actor.is_person and actor.may("release")
        may_release = is_trusted or may_alone(actor, request)
        if may_release:
            self._may_leave(channel)
        draft, fields = self._new(actor, request, body)
        papers = found.papers(draft)
        if may_release:
            papers += self._released_alone(actor, request, draft, [actor.officer])
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
