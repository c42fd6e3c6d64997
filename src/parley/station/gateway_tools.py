"""The gateway's doors beside the record: calendar, glossary, old registers, timeline, watch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from parley.core.courier import FILE_BYTES_MAX as COURIER_BYTES_MAX
from parley.core.instants import Instant
from parley.desk.attachments import NAME_CHARACTERS_MAX
from parley.errors import ConflictError
from parley.station.actors import Actor
from parley.station.attachments import Content
from parley.station.calendar_page import DAYS
from parley.station.desk_views import DraftRequest, DraftText, DraftView, SettingView
from parley.station.file_keep import KeptFile
from parley.station.gateway_trust import GatewayTrust
from parley.station.glossary import TermRequest
from parley.station.history import look_at_history
from parley.station.map_views import MapView
from parley.station.metrics import metrics, write
from parley.station.notices import draft_notices
from parley.station.preconditions import GraphView, graph
from parley.station.readings import ReadingView
from parley.station.text_page import text_page, write_html
from parley.station.text_pdf import write_pdf
from parley.station.tool_views import (
    ChannelDays,
    CourierLook,
    CourierMade,
    CourierRow,
    DigestHit,
    DueRow,
    FeedMade,
    FeedView,
    HistoryImport,
    HistoryLook,
    NoticeDraft,
    TermHit,
    TermView,
    TimelineView,
    WatchRow,
    WatchState,
    WebhookMade,
    WebhookTest,
    WebhookView,
)
from parley.station.views import Page


class GatewayTools(GatewayTrust):
    """Reads, and the acts that change nothing of the record."""

    # --- files ---

    async def keep_file(
        self,
        actor: Actor,
        *,
        name: str,
        kind: str,
        content: bytes,
        sha256: str | None = None,
        key: str | None = None,
    ) -> KeptFile:
        """Keep a file for a draft; the answer is what the draft names it by.

        With a key the same file finds the same answer, also once it has left.
        """
        async with self._parts.cabinet.attempt(actor, "add file", name[:NAME_CHARACTERS_MAX]):
            return await self._parts.files.put(
                actor, name=name, kind=kind, content=content, sha256=sha256, key=key
            )

    def file(self, digest: str, *, entry: str | None) -> Content:
        """Return one file of an entry, or one that waits for its draft where none is named.

        Raises:
            NotFoundError: there is none, or it is not whole here.
            ConflictError: its parts give another digest than the entry names.
        """
        if entry is not None:
            return self._parts.attachments.content(*self._parts.record.place(entry), digest)
        kept, content = self._parts.files.content(digest)
        return Content(name=kept.name, type=kept.type, content=content, is_of_type=True)

    # --- settings ---

    async def change_setting(self, actor: Actor, key: str, text: str) -> SettingView:
        """Change a setting while the station runs; an empty text goes back to the file's."""
        async with self._parts.cabinet.attempt(actor, "change setting", key[:80]):
            return await self._parts.live.change(actor, key, text)

    def calls_a_minute(self) -> int:
        """Return how often one token may call in a minute."""
        return self._parts.live.seconds("api.calls_a_minute")

    # --- monitors ---

    def metrics(self) -> str:
        """Return the station's state as numbers for monitors (OpenMetrics, text form)."""
        return write(metrics(self._parts))

    # --- calendar ---

    def calendar(
        self,
        *,
        days: int = DAYS,
        channel: str | None = None,
        kind: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
        sees: Callable[[str], bool] = lambda _: True,
    ) -> Page[DueRow]:
        """Return what is due within so many days, and what is overdue; the first due first."""
        return self._parts.calendar.page(
            days=days, channel=channel, kind=kind, limit=limit, cursor=cursor, sees=sees
        )

    def calendar_file(self, language: str) -> str:
        """Return what is due within a year as an iCalendar file; no text of anybody is in it."""
        return self._parts.calendar.feed(language)

    def calendar_feed(self, secret: str) -> str:
        """Return the iCalendar file at an address; NotFoundError if its secret is none."""
        return self._parts.calendar.feed(self._parts.feeds.language_of(secret))

    def calendar_feeds(self, actor: Actor) -> list[FeedView]:
        """Return the actor's calendar addresses; an administrator's list has everybody's."""
        return self._parts.feeds.all(actor)

    async def add_calendar_feed(self, actor: Actor, *, label: str, language: str) -> FeedMade:
        """Make a calendar address; its secret is in the answer and nowhere else."""
        async with self._parts.cabinet.attempt(actor, "make calendar address", label):
            return await self._parts.feeds.add(actor, label=label, language=language)

    async def revoke_calendar_feed(self, actor: Actor, feed: str) -> FeedView:
        """End a calendar address at once."""
        async with self._parts.cabinet.attempt(actor, "revoke calendar address", feed):
            return await self._parts.feeds.revoke(actor, feed)

    # --- webhooks ---

    def webhooks(self) -> list[WebhookView]:
        """Return every webhook, never a secret."""
        return self._parts.webhooks.all()

    async def add_webhook(
        self,
        actor: Actor,
        *,
        label: str,
        url: str,
        topics: Sequence[str],
        channels: Sequence[str],
    ) -> WebhookMade:
        """Make a webhook; its secret is in the answer and nowhere else."""
        async with self._parts.cabinet.attempt(actor, "make webhook", label):
            return await self._parts.webhooks.add(
                actor, label=label, url=url, topics=topics, channels=channels
            )

    async def end_webhook(self, actor: Actor, hook: str) -> WebhookView:
        """End a webhook at once."""
        async with self._parts.cabinet.attempt(actor, "end webhook", hook):
            return await self._parts.webhooks.end(actor, hook)

    async def test_webhook(self, actor: Actor, hook: str) -> WebhookTest:
        """Send a message that says nothing, and return what came of it."""
        async with self._parts.cabinet.attempt(actor, "test webhook", hook):
            return await self._parts.webhooks.test(actor, hook)

    async def replay_webhook(self, actor: Actor, hook: str, *, after: int | None) -> WebhookView:
        """Try again at once what waits or was given up, and entries after a place."""
        async with self._parts.cabinet.attempt(actor, "replay webhook", hook):
            return await self._parts.webhooks.replay(actor, hook, after=after)

    # --- the courier ---

    def courier_rows(self) -> list[CourierRow]:
        """Return the newest files that a courier took or brought, the newest first."""
        return self._parts.courier.rows()

    async def carry_out(
        self, actor: Actor, peer: str, *, size_max: int = COURIER_BYTES_MAX
    ) -> CourierMade:
        """Make a file with what a peer has not receipted, for a person to carry."""
        async with self._parts.cabinet.attempt(actor, "make courier file", peer):
            return await self._parts.courier.make(actor, peer, size_max)

    def courier_file(self, number: int, form: str) -> tuple[bytes, str]:
        """Return a file made lately as `file`, `lines` or `codes`, and its media type."""
        return self._parts.courier.file(number, form)

    async def carry_look(self, raw: bytes) -> CourierLook:
        """Return what a courier's file or its lines hold; takes nothing."""
        return await self._parts.courier.look(raw)

    async def carry_in(self, actor: Actor, raw: bytes) -> CourierLook:
        """Take in a courier's file or its lines."""
        async with self._parts.cabinet.attempt(actor, "take in courier file", "courier"):
            return await self._parts.courier.take(actor, raw)

    async def carry_in_looked(self, actor: Actor, digest: str) -> CourierLook:
        """Take in a file that was looked at, by its SHA-256."""
        async with self._parts.cabinet.attempt(actor, "take in courier file", digest):
            return await self._parts.courier.take_looked(actor, digest)

    # --- the tour ---

    def tour(self, actor: Actor) -> int | None:
        """Return the step of the tour at which an officer is; None where they take none."""
        return self._parts.tours.step(actor.officer)

    async def set_tour(self, actor: Actor, step: int | None) -> None:
        """Go to a step of the tour; None ends it."""
        await self._parts.tours.go(actor, step)

    # --- our own reading of accounts ---

    def readings(self, entry: str) -> list[ReadingView]:
        """Return our own marks of an account's paragraphs; they are in no record."""
        return self._parts.readings.of(self._held(entry))

    async def put_readings(
        self, actor: Actor, entry: str, marks: Mapping[str, tuple[str, str]]
    ) -> list[ReadingView]:
        """Set marks and notes of an account's paragraphs, by paragraph (`zh-Hans.2`)."""
        async with self._parts.cabinet.attempt(actor, "mark account", entry[:80]):
            return await self._parts.readings.put(actor, self._held(entry), marks)

    def _held(self, entry: str) -> str:
        """Return the name of an entry that is held here; NotFoundError where it is not."""
        log, index = self._parts.record.place(entry)
        self._parts.record.row(log, index)
        return self._parts.record.name(log, index)

    # --- glossary ---

    def glossary(
        self,
        *,
        words: str = "",
        standing: str | None = None,
        sees: Callable[[str], bool] = lambda _: True,
    ) -> list[TermView]:
        """Return terms by code: those of joint texts with their standing, and our own."""
        return self._parts.glossary.all(words=words, standing=standing, sees=sees)

    def term_hits(
        self, text: str, language: str, *, sees: Callable[[str], bool] = lambda _: True
    ) -> list[TermHit]:
        """Return where terms stand in a text, and variants that are not to be used."""
        return self._parts.glossary.hits(text, language, sees=sees)

    async def put_term(
        self, actor: Actor, code: str, term: TermRequest, *, version: int | None = None
    ) -> TermView:
        """Write a term of ours; `version` is the one that was seen, None where there was none."""
        async with self._parts.cabinet.attempt(actor, "write term", code[:64]):
            return await self._parts.glossary.put(actor, code, term, version=version)

    async def drop_term(self, actor: Actor, code: str) -> TermView:
        """Take a term of ours away."""
        async with self._parts.cabinet.attempt(actor, "drop term", code[:64]):
            return await self._parts.glossary.drop(actor, code)

    # --- history ---

    def look_at_history(self, content: bytes) -> HistoryLook:
        """Return what is understood of a register's file, row by row; nothing is written."""
        return look_at_history(content)

    async def import_history(
        self,
        actor: Actor,
        channel: str,
        content: bytes,
        *,
        name: str,
        dry_run: bool = False,
        good_rows: bool = False,
    ) -> HistoryImport:
        """Claim a register that we kept before the line was there, whole or its good rows."""
        async with self._parts.cabinet.attempt(actor, "import history", channel):
            actor.require("draft-freely")
            actor.require_channel(self.channel_code(channel))
            return await self._parts.history.take(
                actor, channel, content, name=name, dry_run=dry_run, good_rows=good_rows
            )

    # --- timeline ---

    def timeline(self, channel: str, *, start: Instant, end: Instant) -> TimelineView:
        """Return what came when on a channel from `start` to before `end`, and the silences."""
        return self._parts.timeline.page(channel, start, end)

    def channel_days(self, channel: str) -> ChannelDays:
        """Return the last 30 days of a channel, declared and observed by each party."""
        return self._parts.strip.page(channel)

    def digests(self, text: str) -> Sequence[DigestHit]:
        """Return what a digest, or its first eight digits or more, names here."""
        return self._parts.digests.find(text)

    # --- places ---

    def map_of_case(self, number: str, *, as_of: Instant | None = None) -> MapView:
        """Return the places that the entries of a case state."""
        return self._parts.map.case(number, as_of=as_of)

    def map_of_draft(self, draft: str) -> MapView:
        """Return the places that a draft would state, exactly as it would leave."""
        return self._parts.map.draft(self._parts.drafts.body(draft))

    def map(
        self,
        *,
        procedure: str | None = None,
        channel: str | None = None,
        is_open: bool | None = None,
        as_of: Instant | None = None,
        sees: Callable[[str], bool] = lambda _: True,
    ) -> MapView:
        """Return the places of the newest cases, of one procedure or of all that state places."""
        return self._parts.map.page(
            procedure=procedure, channel=channel, is_open=is_open, as_of=as_of, sees=sees
        )

    def preconditions(
        self, *, as_of: Instant | None = None, sees: Callable[[str], bool] = lambda _: True
    ) -> GraphView:
        """Return the preconditions that stand, and the rings among them."""
        return graph(self._parts.desk, as_of=as_of, sees=sees)

    # --- notices ---

    async def draft_notices(
        self,
        actor: Actor,
        request: DraftRequest,
        content: bytes,
        *,
        only: Sequence[str] = (),
        issued: str = "",
        zone: str = "",
        procedure: str = "",
        dry_run: bool = False,
    ) -> list[NoticeDraft]:
        """Keep a draft for each published notice, as its words say; the text stays as it is."""
        async with self._parts.cabinet.attempt(actor, "draft notices", request.channel):
            actor.require("draft")
            actor.require_channel(self.channel_code(request.channel))
            return await draft_notices(
                self._parts.drafts,
                actor,
                request,
                content,
                only=only,
                issued=issued,
                zone=zone,
                procedure=procedure,
                dry_run=dry_run,
                warnings_of=partial(self._warnings_of, request.channel),
            )

    def _warnings_of(self, channel: str, serial: str) -> list[str]:
        """Return our warnings on a channel that have a serial and can be cancelled."""
        own, code = self._parts.station.own_card.code, self.channel_code(channel)
        return [
            row.case
            for row in self._parts.desk.registers().rows("warnings")
            if row.channel == code
            and str(row["by"]).partition("/")[0] == own
            and row["serial"] == serial
            and row["state"] in ("issued", "in force")
        ]

    # --- watch ---

    def watch(self) -> WatchState:
        """Return who has the watch."""
        return self._parts.watch.state()

    def watch_rows(self, *, before: int | None = None, limit: int = 100) -> Page[WatchRow]:
        """Return the watch book newest first, from before a number on."""
        return self._parts.watch.rows(before=before, limit=limit)

    async def watch_note(self, actor: Actor, text: str) -> WatchRow:
        """Write a note into the watch book."""
        async with self._parts.cabinet.attempt(actor, "write watch note", "watch"):
            return await self._parts.watch.note(actor, text)

    async def offer_watch(
        self, actor: Actor, to: str, *, items: Sequence[str], text: str = ""
    ) -> WatchRow:
        """Offer the watch to another officer, having gone through what is open."""
        async with self._parts.cabinet.attempt(actor, "offer the watch", to[:40]):
            return await self._parts.watch.offer(actor, to, items=items, text=text)

    async def take_watch(self, actor: Actor, *, items: Sequence[str], text: str = "") -> WatchRow:
        """Take the watch, having gone through what is open."""
        async with self._parts.cabinet.attempt(actor, "take the watch", "watch"):
            return await self._parts.watch.take(actor, items=items, text=text)

    async def leave_watch(self, actor: Actor, *, text: str) -> WatchRow:
        """Leave the watch with nobody to take it."""
        async with self._parts.cabinet.attempt(actor, "leave the watch", "watch"):
            return await self._parts.watch.leave(actor, text=text)

    # --- joint texts ---

    def text_copy(self, number: str, *, form: str, languages: Sequence[str] = ()) -> bytes:
        """Return a joint text as a page to print: HTML, or PDF where that is installed.

        Raises:
            NotFoundError: it is none, or not in one of the languages.
            UsageError: PDF cannot be made here.
        """
        own = self._parts.station.own_card.code
        page = text_page(self.case(number), own, int(self.now()), languages)
        return write_pdf(page) if form == "pdf" else write_html(page).encode()

    # --- translation by machine ---

    @property
    def translation_engine(self) -> str:
        """Return the name of what translates by machine here; empty where nothing does."""
        return self._parts.translator.engine

    async def draft_translation(self, actor: Actor, entry: str, *, lang: str) -> DraftView:
        """Have an entry translated by machine into a draft that is marked so; nothing is sent.

        Raises:
            NotFoundError: there is no such entry, or nothing that translates.
            ConflictError: it has a text in that language, or none at all.
            StationUnreachableError: the engine gave no good answer.
        """
        async with self._parts.cabinet.attempt(actor, "translate by machine", entry):
            actor.require("draft")
            view = self.entry(entry)
            actor.require_channel(view.channel)
            if not view.texts or any(text.lang == lang for text in view.texts):
                raise ConflictError(
                    f"{entry} has no text" if not view.texts else f"{entry} is in {lang} already"
                )
            original = view.texts[0]
            said = await self._parts.translator.translate(
                original.text, source=original.lang, target=lang
            )
            request = DraftRequest(
                channel=view.channel,
                procedure="translation",
                move="offer",
                fields={
                    "of": view.name,
                    "lang": lang,
                    "status": "machine",
                    "engine": self.translation_engine,
                },
                texts=[DraftText(lang=lang, text=said, status="machine")],
            )
            return await self._parts.drafts.create(actor, request, key=None)
