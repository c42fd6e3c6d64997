"""Webhooks: what happens here, told to programs elsewhere, as the standard says.

What is to be told lies in the store until a receiver has it, so that neither a dead receiver nor a
killed station loses it. Entries are read from the record behind a stored place: none is left out,
whenever the station stopped. A message is thin: no text of anybody is in it.

Source: Standard Webhooks 1.0.0.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from typing import Any, Final

from parley.core.instants import Instant, rfc3339
from parley.desk.catalogue import KINDS
from parley.errors import ConflictError, NotFoundError, ParleyError, UsageError
from parley.station.actors import Actor
from parley.station.cabinet import Act, Cabinet
from parley.station.desk_views import Event
from parley.station.entry_pages import EntryPages
from parley.station.events import EventHub
from parley.station.log_views import EntryRow
from parley.station.papers import Fields, PaperChange, change
from parley.station.record_book import RecordBook
from parley.station.tool_views import WebhookMade, WebhookTest, WebhookTry, WebhookView
from parley.station.webhook_sending import Outcome, Sender, check_target
from parley.station.webhook_signing import KEY_BYTES, HookKeys
from parley.store.interface import Reader

HOOKS_MAX: Final = 20
LABEL_MAX: Final = 80
WAITING_MAX: Final = 1_000
"""Messages that wait for one receiver; entries beyond wait in the record, other events are lost."""

RETRIES_S: Final = (5, 30, 120, 600, 3_600, 10_800, 21_600)
"""Pauses after the first tries; then the last one again and again (Standard Webhooks)."""

TRIES_SHOWN: Final = 20
"""Of the newest tries of each webhook so many are kept, whatever came of them."""
TAKEN_AT_ONCE: Final = 100
GIVE_UP_S: Final = 3 * 86_400
GONE: Final = 410
TELLS: Final = (
    "entry",
    "receipt",
    "acknowledgement",
    "case",
    "clock",
    "alarm",
    "link",
    "channel",
    "peer",
    "draft",
)
_HOOKS: Final = "webhooks"
_WAITING: Final = "webhook-messages"
_LOOK_S: Final = 1.0


class Webhooks:
    """Keeps webhooks and tells them what happens."""

    def __init__(
        self,
        cabinet: Cabinet,
        hub: EventHub,
        *,
        hosts: Sequence[str],
        send: Sender,
        entries_after: Callable[[int], tuple[int, list[EntryRow]]],
        sequence: Callable[[], int],
        now: Callable[[], Instant],
        random: Callable[[int], bytes],
        alarm: Callable[[str, str], Awaitable[None]],
    ) -> None:
        """Take what it uses.

        `alarm` is told the id and the label of a webhook that is not told any more.
        `hosts` are those to which calls may go, `send` makes one try, `entries_after` gives entries
        behind a place of the record, oldest first, with the next place, `sequence` the newest one.
        """
        self._cabinet = cabinet
        self._hub = hub
        self._hosts = hosts
        self._send = send
        self._entries_after = entries_after
        self._sequence = sequence
        self._now = now
        self._random = random
        self._alarm = alarm
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._lost: dict[str, int] = {}
        self._lock = asyncio.Lock()

    # --- what there is ---

    def all(self) -> list[WebhookView]:
        """Return every webhook, ended ones not; never a secret."""
        waiting = self._messages()
        return [self._view(key, fields, waiting) for key, fields in self._cabinet.all(_HOOKS)]

    async def add(
        self,
        actor: Actor,
        *,
        label: str,
        url: str,
        topics: Sequence[str],
        channels: Sequence[str],
    ) -> WebhookMade:
        """Make a webhook; its secret is in the answer and nowhere else.

        Raises:
            NotAllowedError: no administrator, or a host that is not listed.
            UsageError: no label, no such topic, no address. ConflictError: there are too many.
        """
        actor.require("administer")
        if not 1 <= len(label) <= LABEL_MAX or not label.isprintable():
            raise UsageError(f"a label has 1 to {LABEL_MAX} printable characters")
        for topic in topics:
            if topic not in TELLS:
                raise UsageError(f"there is no topic {topic!r}", next_step=f"{', '.join(TELLS)}.")
        check_target(url, self._hosts)
        known = self._cabinet.all(_HOOKS)
        if len(known) >= HOOKS_MAX:
            raise ConflictError(
                f"there are {HOOKS_MAX} webhooks already",
                next_step="End one: parley webhook suspend ID.",
            )
        keys = HookKeys(self._random(KEY_BYTES), self._random(KEY_BYTES))
        key = self._random(6).hex()
        fields: Fields = {
            "label": label,
            "url": url,
            "topics": sorted(set(topics)) or list(TELLS),
            "channels": sorted({code.upper() for code in channels}),
            "secret": keys.secret.hex(),
            "seed": keys.seed.hex(),
            "made_by": actor.officer,
            "made_at": self._now(),
            "place": self._sequence(),
            "delivered": 0,
            "last_at": None,
            "last_said": "",
            "gone": False,
        }
        act = Act(actor=actor, act="make webhook", subject=label, detail=url)
        await self._cabinet.store([change(_HOOKS, key, fields)], act)
        return WebhookMade(webhook=self._view(key, fields, {}), secret=keys.shared())

    async def end(self, actor: Actor, hook: str) -> WebhookView:
        """End a webhook at once; what waits for it is thrown away.

        Raises:
            NotFoundError: there is none with this id.
        """
        actor.require("administer")
        fields = self._fields(hook)
        waiting = self._messages()
        drop: list[PaperChange] = [
            change(_WAITING, key, None) for key in waiting if _hook_of(key) == hook
        ]
        act = Act(actor=actor, act="end webhook", subject=fields["label"])
        async with self._lock:
            await self._cabinet.store([change(_HOOKS, hook, None), *drop], act)
        return self._view(hook, fields, waiting)

    async def test(self, actor: Actor, hook: str) -> WebhookTest:
        """Send a message that says nothing, once, and return what came of it.

        Raises:
            NotFoundError: there is none with this id.
        """
        actor.require("administer")
        fields = self._fields(hook)
        body = _body("test", self._now(), {"webhook": hook})
        outcome = await self._try(fields, f"test_{self._random(8).hex()}", body)
        act = Act(actor=actor, act="test webhook", subject=fields["label"], detail=outcome.said)
        async with self._lock:
            present = self._cabinet.get(_HOOKS, hook)
            tried = present and {**present, "recent": self._recent(present, "test", outcome)}
            await self._cabinet.store([change(_HOOKS, hook, tried)] if tried else [], act)
        return WebhookTest(taken=outcome.is_taken, status=outcome.status, said=outcome.said)

    async def replay(self, actor: Actor, hook: str, *, after: int | None) -> WebhookView:
        """Try again at once what waits or was given up; from a place of the record on, entries too.

        Raises:
            NotFoundError: there is none with this id.
        """
        actor.require("administer")
        changes: list[PaperChange] = []
        async with self._lock:
            fields = {**self._fields(hook), "gone": False}
            for key, message in self._messages().items():
                if _hook_of(key) == hook:
                    again = {"due": self._now(), "made": self._now(), "given_up": False}
                    changes.append(change(_WAITING, key, {**message, **again}))
            if after is not None:
                fields["place"] = min(after, self._sequence())
            detail = "" if after is None else f"after {after}"
            act = Act(actor=actor, act="replay webhook", subject=fields["label"], detail=detail)
            await self._cabinet.store([change(_HOOKS, hook, fields), *changes], act)
        self._wake.set()
        return self._view(hook, fields, self._messages())

    # --- telling ---

    def start(self) -> None:
        """Begin to listen and to send."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._work())]

    async def stop(self) -> None:
        """End both; what waits stays in the store."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def _listen(self) -> None:
        async for event in self._hub.events(after=None, topics=TELLS):
            if event.type in TELLS:
                with suppress(ParleyError):
                    await self.heard(event)
            self._wake.set()

    async def _work(self) -> None:
        while True:
            with suppress(ParleyError):
                await self.take_entries()
                await self.send_due()
            self._wake.clear()
            pause: float | None = _LOOK_S  # while the record is opened afresh, too
            with suppress(ParleyError):
                pause = _LOOK_S if self._messages() else None
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def heard(self, event: Event) -> None:
        """Keep what is to be told of an event; entries are not taken from here."""
        if event.type == "entry":
            return
        changes: list[PaperChange] = []
        waiting = self._messages()
        for hook, fields in self._cabinet.all(_HOOKS):
            channel = event.data.get("channel")
            if not _wants(fields, event.type, channel):
                continue
            if _count(waiting, hook) >= WAITING_MAX:
                self._lost[hook] = self._lost.get(hook, 0) + 1
                continue
            kind = f"{event.type}.{event.data.get('what') or 'changed'}"
            name = f"evt_{self._hub.epoch}_{event.seq}"
            changes.append(self._message(hook, name, kind, dict(event.data)))
        if changes:
            await self._cabinet.store(changes)
            self._wake.set()

    async def take_entries(self) -> None:
        """Keep what is to be told of entries, from each webhook's place in the record on."""
        for hook, _ in self._cabinet.all(_HOOKS):
            while await self._take_some(hook):
                pass

    async def _take_some(self, hook: str) -> bool:
        async with self._lock:
            fields = self._cabinet.get(_HOOKS, hook)
            if fields is None or fields["gone"] or "entry" not in fields["topics"]:
                return False
            if fields["place"] >= self._sequence():
                return False
            place, rows = self._entries_after(fields["place"])
            if place == fields["place"] or len(rows) + _count(self._messages(), hook) > WAITING_MAX:
                return False
            changes = [
                self._message(hook, f"evt_r_{row.sequence}", "entry.stored", _about(row))
                for row in rows
                if _wants(fields, "entry", row.channel)
            ]
            fields["place"] = place
            await self._cabinet.store([change(_HOOKS, hook, fields), *changes])
            return True

    async def send_due(self) -> None:
        """Make one try of every message that is due; receivers do not wait for one another."""
        due: dict[str, list[tuple[str, Fields]]] = {}
        for key, message in self._messages().items():
            if message["due"] <= self._now() and not message["given_up"]:
                due.setdefault(_hook_of(key), []).append((key, message))
        await asyncio.gather(*(self._tell(hook, messages) for hook, messages in due.items()))

    async def _tell(self, hook: str, messages: list[tuple[str, Fields]]) -> None:
        for key, message in sorted(messages, key=lambda pair: (pair[1]["number"], pair[0])):
            fields = self._cabinet.get(_HOOKS, hook)
            if fields is None or fields["gone"]:
                return
            outcome = await self._try(fields, key.partition("/")[2], message["body"].encode())
            await self._note(hook, key, message, outcome)
            if outcome.status is None:
                return  # Nobody is there: the others wait for the next look.

    async def _note(self, hook: str, key: str, message: Fields, outcome: Outcome) -> None:
        async with self._lock:
            fields = self._cabinet.get(_HOOKS, hook)
            if fields is None:
                return
            fields |= {"last_at": self._now(), "last_said": outcome.said}
            fields["recent"] = self._recent(fields, json.loads(message["body"])["type"], outcome)
            fields["gone"] = outcome.status == GONE
            fields["delivered"] += outcome.is_taken
            left = None if outcome.is_taken else self._later(message)
            await self._cabinet.store([change(_HOOKS, hook, fields), change(_WAITING, key, left)])
        if fields["gone"] or (left is not None and left["given_up"]):
            await self._alarm(hook, fields["label"])

    def _recent(self, fields: Fields, kind: str, outcome: Outcome) -> list[Any]:
        """Return the newest tries, this one first: when, of what, status and what was wrong."""
        this = [self._now(), kind, outcome.status, outcome.said]
        return [this, *fields.get("recent", [])][:TRIES_SHOWN]

    async def _try(self, fields: Fields, message: str, body: bytes) -> Outcome:
        keys = _keys(fields)
        return await self._send(fields["url"], keys.headers(message, int(self._now()), body), body)

    def _later(self, message: Fields) -> Fields:
        tries = message["tries"] + 1
        pause = RETRIES_S[min(tries, len(RETRIES_S)) - 1]
        # Up to a fifth more, so that those who failed together do not come back together.
        pause += pause * self._random(1)[0] // (5 * 256)
        due = self._now() + pause
        given_up = due > message["made"] + GIVE_UP_S
        return {**message, "tries": tries, "due": due, "given_up": given_up}

    def _message(self, hook: str, name: str, kind: str, data: Fields) -> PaperChange:
        now = self._now()
        fields: Fields = {
            "body": _body(kind, now, data).decode(),
            "number": int(data.get("seq") or 0),
            "made": now,
            "due": now,
            "tries": 0,
            "given_up": False,
        }
        return change(_WAITING, f"{hook}/{name}", fields)

    def _messages(self) -> dict[str, Fields]:
        return dict(self._cabinet.all(_WAITING))

    def _fields(self, hook: str) -> Fields:
        fields = self._cabinet.get(_HOOKS, hook)
        if fields is None:
            raise NotFoundError(
                f"there is no webhook {hook}", next_step="parley webhook list shows them."
            )
        return fields

    def _view(self, key: str, fields: Fields, waiting: dict[str, Fields]) -> WebhookView:
        own = [message for name, message in waiting.items() if _hook_of(name) == key]
        return WebhookView(
            id=key,
            label=fields["label"],
            url=fields["url"],
            topics=fields["topics"],
            channels=fields["channels"],
            public_key=_keys(fields).public(),
            made_by=fields["made_by"],
            made_at=fields["made_at"],
            delivered=fields["delivered"],
            waiting=sum(not message["given_up"] for message in own),
            given_up=sum(message["given_up"] for message in own),
            lost=self._lost.get(key, 0),
            last_at=fields["last_at"],
            last_said=fields["last_said"],
            gone=fields["gone"],
            tries=[
                WebhookTry(at=at, kind=kind, status=status, said=said)
                for at, kind, status, said in fields.get("recent", [])
            ],
        )


def entries_after(
    reader: Reader, record: RecordBook, pages: EntryPages, place: int
) -> tuple[int, list[EntryRow]]:
    """Return the next entries of people and programs behind a place, and the place after them."""
    found = reader.places(place + 1, TAKEN_AT_ONCE)
    rows = [
        pages.row(each.log, each.index)
        for each in found
        if record.decode(record.row(each.log, each.index)).kind in KINDS
    ]
    return (found[-1].number if found else place), rows


def _keys(fields: Fields) -> HookKeys:
    return HookKeys(bytes.fromhex(fields["secret"]), bytes.fromhex(fields["seed"]))


def _hook_of(key: str) -> str:
    return key.partition("/")[0]


def _count(waiting: Collection[str], hook: str) -> int:
    return sum(_hook_of(key) == hook for key in waiting)


def _wants(fields: Fields, topic: str, channel: str | None) -> bool:
    if fields["gone"] or topic not in fields["topics"]:
        return False
    return not fields["channels"] or channel is None or channel in fields["channels"]


def _about(row: EntryRow) -> Fields:
    return {
        "seq": row.sequence,
        "entry": row.name,
        "channel": row.channel,
        "peer": row.party,
        "own": row.own,
        "precedence": row.precedence,
        "mark": row.mark,
        "resource": f"/api/v1/entries/{row.name}",
    }


def _body(kind: str, now: int, data: Any) -> bytes:
    said = {"type": kind, "timestamp": rfc3339(Instant(now)), "data": data}
    return json.dumps(said, separators=(",", ":"), ensure_ascii=True).encode()
