"""What sounds without a browser: an alarm that nobody has in hand goes to the station's sounders.

An alarm never depends on a browser alone. What stays unclaimed for 30 seconds, or comes while no
console is listening or each that listens is mute, starts the administrator's program, and again
every minute until somebody claims it. Each run stands in the audit.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

import structlog

from parley.core.instants import Instant, dtg, rfc3339
from parley.errors import ParleyError
from parley.station.actors import STATION
from parley.station.alarms import Alarms
from parley.station.cabinet import Act, Cabinet
from parley.station.case_views import CaseRow
from parley.station.desk_views import AlarmView
from parley.station.line_views import LinkView

LOOK_S: Final = 2.0
UNCLAIMED_S: Final = 30
AGAIN_S: Final = 60
LINE_S: Final = 60
"""How long a line that was alive is silent before that is an alarm."""
RUN_S: Final = 20
"""How long the program may take; it is ended then, with all that it began."""
EMPTY_S: Final = 30
"""How long no console may be heard while somebody has the watch: a page takes a moment to load."""
_SAFE_VARIABLES: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
_log = structlog.get_logger("parley.sounding")


class Teller(Protocol):
    """Tells every open console about an alarm."""

    def __call__(self, what: str, alarm: str) -> Awaitable[None]:
        """Publish that an alarm was raised, sounds `again`, or is `handled` as it is over."""


class Sounding:
    """Looks after alarms that nobody has in hand."""

    def __init__(
        self,
        alarms: Alarms,
        cabinet: Cabinet,
        *,
        now: Callable[[], Instant],
        tell: Teller,
        consoles: Callable[[], int],
        heard: Callable[[], int],
        on_watch: Callable[[], str | None],
        has_console: bool,
        run: Callable[[bytes], Awaitable[str]] | None,
        own_alarms: Callable[[], Iterator[Mapping[str, Any]]],
        own_ends: Callable[[], Iterator[Mapping[str, Any]]] = lambda: iter(()),
    ) -> None:
        """Take what is looked at.

        Args:
            alarms: what is looked at.
            cabinet: where each run is written down.
            now: the station's clock.
            tell: tells open consoles.
            consoles: returns how many consoles listen.
            heard: returns how many of them can sound.
            on_watch: returns who has the watch.
            has_console: whether this station has a console at all.
            run: runs the sounders; returns how that went. None where there are none.
            own_alarms: yields what this station itself must raise now: arguments of `Alarms.keep`.
            own_ends: yields what is over now: arguments of `Alarms.over`.
        """
        self._alarms = alarms
        self._cabinet = cabinet
        self._now = now
        self._tell = tell
        self._consoles = consoles
        self._heard = heard
        self._on_watch = on_watch
        self._has_console = has_console
        self._run = run
        self._own_alarms = own_alarms
        self._own_ends = own_ends
        self._silent: set[str] = set()
        self._ran_at: Instant | None = None
        self._quiet_since: Instant | None = None
        self._was_heard = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._go_on())

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            with suppress(ParleyError):
                await self.look()

    async def look(self) -> None:
        """Raise what this station itself has to say, and sound what nobody has in hand."""
        await self._raise()
        found = self._alarms.all(open_only=True)
        sounding = [alarm for alarm in found if alarm.sounds]
        for alarm in sounding:
            if alarm.id in self._silent:
                await self._tell("again", alarm.id)
        self._silent = {alarm.id for alarm in found if not alarm.sounds}
        if self._run is not None and self._is_due(sounding):
            await self._sound(sounding)

    async def _raise(self) -> None:
        due = [*self._own_alarms(), *self._nobody_hears()]
        for facts in due:
            raised = await self._alarms.keep(**facts)
            if raised is not None:
                await self._tell("raised", raised)
        for facts in [*self._own_ends(), *self._heard_again()]:
            for closed in await self._alarms.over(**facts):
                await self._tell("handled", closed)

    def _nobody_hears(self) -> Iterator[Mapping[str, Any]]:
        """Yield that somebody has the watch and no console listens, or each is mute."""
        officer = self._on_watch()
        if not self._has_console or self._heard() or officer is None:
            self._quiet_since = None
            return
        now = self._now()
        self._quiet_since = now if self._quiet_since is None else self._quiet_since
        if now - self._quiet_since < EMPTY_S:
            return
        if self._consoles():
            text = f"no console that listens can sound, and {officer} has the watch"
            yield {"kind": "sound-off", "fact": "sound-off", "text": text}
        else:
            text = f"no console is listening, and {officer} has the watch"
            yield {"kind": "no-console", "fact": "no-console", "text": text}

    def _heard_again(self) -> Iterator[Mapping[str, Any]]:
        """Yield once, when a console can sound again or the first time one is found to."""
        was, self._was_heard = self._was_heard, self._heard() > 0
        if self._was_heard and not was:
            reason = f"a console can sound since {dtg(self._now())}"
            yield {"fact": "sound-off", "peer": None, "reason": reason}

    def _is_due(self, sounding: Sequence[AlarmView]) -> bool:
        now = self._now()
        waited = [a for a in sounding if not self._heard() or now - _since(a) >= UNCLAIMED_S]
        return bool(waited) and (self._ran_at is None or now - self._ran_at >= AGAIN_S)

    async def _sound(self, sounding: Sequence[AlarmView]) -> None:
        assert self._run is not None
        first = sounding[0]
        self._ran_at = self._now()
        facts = {
            "alarm": first.id,
            "kind": first.kind,
            "precedence": first.precedence,
            "peer": first.peer,
            "channel": first.channel,
            "raised_at": rfc3339(first.raised_at),
            "unclaimed": len(sounding),
        }
        how = await self._run(json.dumps(facts).encode())
        _log.warning("sounders_run", alarm=first.id, how=how)
        act = Act(actor=STATION, act="run sounders", subject=first.id, detail=how)
        await self._cabinet.store([], act)


def _since(alarm: AlarmView) -> Instant:
    """Return since when nobody has had an alarm in hand."""
    return alarm.raised_at if alarm.again_at is None else alarm.again_at


CLOCK_KINDS: Final = ("clock-near", "clock-lapsed")
"""Kinds of the alarms about the time of an answer that we owe."""


class LineWatch:
    """Notices lines that fall silent, and those that are heard again."""

    def __init__(self, links: Callable[[], Sequence[LinkView]], now: Callable[[], Instant]) -> None:
        self._links = links
        self._now = now
        self._alive: set[str] = set()
        self._since: dict[str, Instant] = {}
        self._heard: set[str] = set()

    def fallen(self) -> Iterator[Mapping[str, Any]]:
        """Yield once for every silence of a line that was alive, when it has lasted a minute."""
        now = self._now()
        for link in self._links():
            if link.alive and link.trusted:
                self._alive.add(link.peer)
                self._since.pop(link.peer, None)
            elif link.peer in self._alive:
                since = self._since.setdefault(link.peer, now)
                if now - since >= LINE_S:
                    self._alive.discard(link.peer)
                    heard = since if link.last_heard is None else link.last_heard
                    text = f"the line to {link.peer} is silent since {dtg(heard)}"
                    yield {
                        "kind": "line-silent",
                        "fact": "line-silent",
                        "peer": link.peer,
                        "text": text,
                    }

    def returned(self) -> Iterator[Mapping[str, Any]]:
        """Yield once for every line that is alive again, or the first time it is looked at."""
        alive = {link.peer for link in self._links() if link.alive and link.trusted}
        for peer in sorted(alive - self._heard):
            reason = f"{peer} is heard again since {dtg(self._now())}"
            for fact in ("line-silent", "old-card"):
                yield {"fact": fact, "peer": peer, "reason": reason}
        self._heard = alive


class AnswerWatch:
    """Notices that an answer of ours, about whose time an alarm is open, is awaited no more."""

    def __init__(self, alarms: Alarms, row_of: Callable[[str, str], CaseRow]) -> None:
        """Take the alarms, and what returns a case by the codes of its channel and its own."""
        self._alarms = alarms
        self._row_of = row_of

    def given(self) -> Iterator[Mapping[str, Any]]:
        """Yield every open alarm about the time of an answer that is given, or has more time."""
        for alarm in self._alarms.all(open_only=True):
            if alarm.kind not in CLOCK_KINDS or alarm.case is None or alarm.channel is None:
                continue
            try:
                row = self._row_of(alarm.channel, alarm.case)
            except ParleyError:
                continue  # the record is still being read: what is open goes on sounding
            if row.us_owe and row.clock != "running":
                continue
            why = "has more time" if row.us_owe else f"is {row.state}, and no answer of ours is due"
            reason = f"{alarm.case} {why}"
            yield {"fact": alarm.kind, "peer": alarm.peer, "alarm": alarm.id, "reason": reason}


def program(command: Sequence[str]) -> Callable[[bytes], Awaitable[str]] | None:
    """Return what runs a program with an alarm as its input; None for an empty command."""
    if not command:
        return None

    async def run(facts: bytes) -> str:
        return await _run(command, facts)

    return run


async def _run(command: Sequence[str], facts: bytes) -> str:
    """Run a program with a bare environment and end it, and all it began; say how it went."""
    kept = {name: os.environ[name] for name in _SAFE_VARIABLES if name in os.environ}
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=kept,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as problem:
        return f"not started: {problem.strerror or type(problem).__name__}"
    try:
        async with asyncio.timeout(RUN_S):
            await process.communicate(facts)
    except TimeoutError:
        return f"ended after {RUN_S} s"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    return f"exit {process.returncode}"
