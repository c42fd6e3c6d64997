"""The event hub: what happens here, as thin signals that many readers follow and resume.

An event's id is `epoch.number`. The epoch is drawn at start, so that a place of an earlier run is
never taken for one of this run: such a reader gets `reset` and reads everything afresh.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import suppress
from typing import Any, Final

from parley.core.attachment import read_part
from parley.core.cosignature import shown_name
from parley.core.entry import Entry, Kind
from parley.core.ids import ChannelId, LogId
from parley.core.instants import Instant, rfc3339
from parley.desk.catalogue import KINDS
from parley.errors import MalformedError, ParleyError, StationUnreachableError, StoreError
from parley.station.agreement import Agreement
from parley.station.alarms import Alarms
from parley.station.desk_views import Event
from parley.station.facts import (
    Alarm,
    CardRenewed,
    ChannelOpened,
    ChannelProposed,
    Cosigned,
    EntryMended,
    EntryStored,
    Fact,
    LinkChanged,
    ReceiptStored,
    Reset,
)
from parley.station.interface import FactReader, Station
from parley.station.record_book import RecordBook
from parley.station.trust import Trust

BEAT_SECONDS: Final = 2.0
SOUND_S: Final = 15
"""How long a console that said that it can sound is taken at its word; it says so every 5 s."""
WATCH_PAUSES: Final = 20
"""The clocks are looked at for at most this share of the time."""

KEPT_EVENTS: Final = 10_000
QUEUED_EVENTS_MAX: Final = 2_000
STREAMS_MAX: Final = 200
TOPICS: Final = (
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
    "reset",
    "beat",
)


class _Stream:
    """One reader: a bounded queue and a flag that it fell behind."""

    def __init__(self, console: str | None) -> None:
        self.console = console
        self.queue: deque[Event] = deque()
        self.fell_behind = False
        self.ended = False
        self.wake = asyncio.Event()

    def put(self, event: Event) -> None:
        if len(self.queue) >= QUEUED_EVENTS_MAX:
            self.queue.clear()
            self.fell_behind = True
        else:
            self.queue.append(event)
        self.wake.set()


class EventHub:
    """Turns facts into events and hands them to readers.

    Attributes:
        epoch: name of this run.
        number: number of the newest event.
    """

    def __init__(
        self,
        station: Station,
        record: RecordBook,
        trust: Trust,
        alarms: Alarms,
        *,
        epoch: str,
        build: str,
        clocks: Callable[[Instant], list[Mapping[str, Any]]],
        agreement: Agreement,
        mended: Callable[[], None],
    ) -> None:
        """Follow `station`; `clocks` returns what newly lapsed or came near by a moment.

        `mended` is called when an entry that the disk had changed is back.
        """
        self._mended = mended
        self.epoch = epoch
        self.number = 0
        self._station = station
        self._record = record
        self._trust = trust
        self._alarms = alarms
        self._build = build
        self._clocks = clocks
        self._agreement = agreement
        self._comparing: set[asyncio.Task[None]] = set()
        self._kept: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self._streams: set[_Stream] = set()
        self._can_sound: dict[str, Instant] = {}
        self._changed = asyncio.Condition()
        self._reader: FactReader | None = None
        self._tasks: list[asyncio.Task[None]] = []

    # --- life ---

    def start(self) -> None:
        """Begin to follow the station."""
        self._reader = self._station.subscribe()
        self._tasks = [
            asyncio.create_task(self._follow(self._reader)),
            asyncio.create_task(self._watch()),
        ]

    async def stop(self) -> None:
        """End every stream and stop following."""
        if self._reader is not None:
            self._reader.close()
        for task in [*self._tasks, *self._comparing]:
            task.cancel()
        for task in [*self._tasks, *self._comparing]:
            with suppress(asyncio.CancelledError):
                await task
        for stream in list(self._streams):
            stream.ended = True
            stream.wake.set()

    async def _follow(self, reader: FactReader) -> None:
        async for _, fact in reader:
            while True:
                try:
                    await self._take(fact)
                    break
                except StoreError:
                    # The record is being opened afresh; no alarm may be lost with it.
                    await asyncio.sleep(BEAT_SECONDS)

    async def _watch(self) -> None:
        loop, pause = asyncio.get_running_loop(), BEAT_SECONDS
        while True:
            await asyncio.sleep(pause)
            began = loop.time()
            with suppress(ParleyError):
                for data in self._clocks(self._station.now()):
                    await self.publish("clock", **data)
                    await self._our_clock(data)
            # With a large record a look takes a while: it must not keep the line waiting.
            pause = max(BEAT_SECONDS, WATCH_PAUSES * (loop.time() - began))

    async def _our_clock(self, data: Mapping[str, Any]) -> None:
        """Raise an alarm where the clock of an answer that we owe comes near its end or lapses."""
        if not data.get("own"):
            return
        what = "nearly over" if data["what"] == "near" else "over"
        text = f"the time for our answer to {data['case']} is {what}"
        if data["case"] is None:
            text = f"the time for {data['count']} of our answers is over or nearly so"
        raised = await self._alarms.keep(
            f"clock-{data['what']}",
            text,
            fact=f"clock-{data['what']}",
            peer=data["peer"],
            channel=data["channel"],
            case=data["case"],
        )
        if raised is not None:
            await self.publish_alarm("raised", raised)

    # --- facts ---

    async def _take(self, fact: Fact) -> None:
        match fact:
            case EntryStored():
                await self._entry(fact)
            case ReceiptStored():
                await self.publish(
                    "receipt",
                    what="stored",
                    channel=self._code(fact.log.channel),
                    peer=self._trust.code_of(fact.by),
                    own=fact.log.party == self._station.party,
                    ordinal=self._record.ordinal(fact.log),
                    size=fact.size,
                    missing=[list(gap) for gap in fact.missing],
                    time=rfc3339(fact.time),
                )
            case Cosigned():
                await self.publish(
                    "receipt",
                    what="cosigned",
                    channel=self._code(fact.log.channel),
                    peer=self._trust.code_of(fact.log.party),
                    witness=shown_name(fact.witness),
                    statement=fact.no,
                )
            case ChannelProposed(channel):
                await self._channel("proposed", channel)
            case ChannelOpened(channel):
                await self._channel("opened", channel)
            case LinkChanged(peer):
                code = self._trust.code_of(peer)
                await self.publish(
                    "link", what="changed", peer=code, resource=f"/api/v1/links/{code}"
                )
            case CardRenewed():
                await self._trust.renewed(fact.peer, fact.raw)
            case Alarm():
                raised = await self._alarms.raised(fact)
                if raised is not None:
                    await self.publish_alarm("raised", raised)
            case EntryMended():
                self._mended()
                await self.publish("reset", what="mended")
            case Reset():
                await self.publish("reset", what="behind")

    async def _channel(self, what: str, channel: ChannelId) -> None:
        code = self._code(channel)
        await self.publish("channel", what=what, channel=code, resource=f"/api/v1/channels/{code}")

    def _code(self, channel: ChannelId) -> str:
        for known in self._station.channels():
            if known.charter.channel_id == channel:
                return self._record.called(known)
        return channel.hex()

    async def _entry(self, fact: EntryStored) -> None:
        if fact.entry.kind == Kind.PART and not _is_last(fact.entry):
            return  # hundreds of them make one file
        name = self._record.name(fact.log, fact.index)
        about = self._about(fact.log, fact.entry, name)
        await self.publish("entry", what="stored", own=fact.own, **about)
        move = KINDS.get(fact.entry.kind)
        if move is not None and move.procedure == "ack":
            await self.publish("acknowledgement", what="stored", own=fact.own, **about)
        elif move is not None:
            await self.publish("case", what="changed", own=fact.own, **about)
        raised = self._alarms.entry_stored(fact)
        if raised is not None:
            await self.publish_alarm("raised", raised)
        if move is not None and move.procedure == "line_check" and not fact.own:
            # Working registers out takes a while: what comes next does not wait for it.
            task = asyncio.create_task(self._compare(fact))
            self._comparing.add(task)
            task.add_done_callback(self._comparing.discard)

    async def _compare(self, fact: EntryStored) -> None:
        """Compare the registers a line check tells with our own; a difference is an alarm."""
        alarm: Alarm | None = None
        while True:
            try:
                alarm = await self._agreement.alarm(fact)
                break
            except StationUnreachableError:
                await asyncio.sleep(BEAT_SECONDS)
        if alarm is not None:
            await self._take(alarm)

    def _about(self, log: LogId, entry: Entry, name: str) -> dict[str, Any]:
        return {
            "entry": name,
            "channel": self._code(log.channel),
            "peer": self._trust.code_of(log.party),
            "precedence": entry.precedence.letter,
            "mark": entry.marking.name,
            "resource": f"/api/v1/entries/{name}",
        }

    # --- publishing ---

    async def publish_alarm(self, what: str, alarm: str) -> None:
        """Publish that an alarm was raised, claimed or handled."""
        view = self._alarms.get(alarm)
        await self.publish(
            "alarm",
            what=what,
            alarm=alarm,
            kind=view.kind,
            peer=view.peer,
            channel=view.channel,
            precedence=view.precedence,
            entry=view.entry,
            resource=f"/api/v1/alarms/{alarm}",
        )

    async def publish(self, type_: str, /, *, resource: str = "", **data: Any) -> None:
        """Publish an event to every reader; `data` holds JSON values and no entry text."""
        self.number += 1
        event = self._event(type_, resource, data)
        self._kept.append(event)
        for stream in self._streams:
            stream.put(event)
        async with self._changed:
            self._changed.notify_all()

    def _event(self, kind: str, resource: str, data: Mapping[str, Any]) -> Event:
        facts: dict[str, Any] = {
            "what": "",
            "channel": None,
            "peer": None,
            "precedence": None,
            "mark": None,
            "own": None,
        }
        facts |= {"seq": self.number, "type": kind, "resource": resource, **data}
        return Event(
            id=f"{self.epoch}.{self.number}",
            type=kind,
            resource=resource,
            seq=self.number,
            data=facts,
        )

    def beat(self) -> Event:
        """Return the event by which a reader knows that it sees the present."""
        return self._event(
            "beat",
            "",
            {
                "time": rfc3339(self._station.now()),
                "open_alarms": len(self._alarms.all(open_only=True)),
                "build": self._build,
                "record": self._station.reader.sequence(),
            },
        )

    # --- following ---

    def consoles(self) -> int:
        """Return how many consoles follow what happens."""
        return sum(stream.console is not None for stream in self._streams)

    def can_sound(self, console: str, *, can: bool) -> None:
        """Take note that a console says whether its sound is on; said again every few seconds.

        What was said holds for `SOUND_S`: a console that says nothing more counts as mute.
        """
        now = self._station.now()
        said = self._can_sound.items()
        self._can_sound = {each: at for each, at in said if 0 <= now - at < SOUND_S}
        self._can_sound.pop(console, None)
        if can:
            self._can_sound[console] = now

    def heard(self) -> int:
        """Return how many consoles follow what happens and can sound."""
        now = self._station.now()
        said = [self._can_sound.get(each.console or "") for each in self._streams]
        return sum(at is not None and 0 <= now - at < SOUND_S for at in said)

    async def events(
        self, *, after: str | None, topics: Collection[str], console: str | None = None
    ) -> AsyncIterator[Event]:
        """Yield events after a place, and a beat every 2 seconds; `reset` where some are missing.

        Args:
            after: id of the last event seen; None begins with the present.
            topics: types wanted; empty means all. `reset` and `beat` always come.
            console: name of the console that people look at, where it is one: alarms are seen
                there, and heard if it says so by `can_sound`.
        """
        stream = _Stream(console)
        missed = self._since(after)
        self._streams.add(stream)
        try:
            if missed is None:
                yield self._event("reset", "", {"what": "place unknown"})
            for event in missed or ():
                if not topics or event.type in topics:
                    yield event
            yield self.beat()
            while not stream.ended:
                with suppress(TimeoutError):
                    async with asyncio.timeout(BEAT_SECONDS):
                        await stream.wake.wait()
                stream.wake.clear()
                if stream.fell_behind:
                    stream.fell_behind = False
                    yield self._event("reset", "", {"what": "reader too slow"})
                is_quiet = not stream.queue
                while stream.queue:
                    event = stream.queue.popleft()
                    if not topics or event.type in topics or event.type == "reset":
                        yield event
                if is_quiet and not stream.ended:
                    yield self.beat()
        finally:
            self._streams.discard(stream)

    def _since(self, after: str | None) -> list[Event] | None:
        """Return the kept events after a place; None where the place is not of this run."""
        if after is None:
            return []
        epoch, _, number = after.partition(".")
        if epoch != self.epoch or not number.isdecimal() or len(number) > 15:
            return None
        place = int(number)
        oldest = self._kept[0].seq if self._kept else self.number + 1
        if place > self.number or place < oldest - 1:
            return None
        return [event for event in self._kept if event.seq > place]

    async def wait_for(self, reached: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until something holds, looking again after every event; False after the time."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        while not reached():
            left = until - loop.time()
            if left <= 0:
                return False
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, BEAT_SECONDS)), self._changed:
                    await self._changed.wait()
        return True


def _is_last(entry: Entry) -> bool:
    """Say whether an entry is the last part of a file: with it, as a rule, the file is whole."""
    try:
        part = read_part(entry)
    except MalformedError:
        return False
    return part.number == part.count - 1
