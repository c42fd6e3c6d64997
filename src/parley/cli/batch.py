"""`parley send --batch`: how programs send. JSON Lines in, JSON Lines out, once each.

The `id` of a line is its idempotency key, so that the same line sent again, also after a crash of
the program or of the station, finds the entry it made the first time.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from parley.cli.batch_messages import Line, check_message, draft_of, lines_of, object_of
from parley.cli.batch_waiting import TOPICS, Waiting
from parley.cli.command import Run
from parley.cli.exits import IN_PART, WAITED_IN_VAIN
from parley.cli.failures import of_error, of_problem
from parley.cli.output import Result
from parley.cli.reach import Door, follow_events, reach
from parley.cli.writing import How
from parley.errors import (
    ParleyError,
    StationUnreachableError,
    StorageFullError,
    StoreError,
    UsageError,
)

BATCH_MAX: Final = 200
_NOT_NOW = (StoreError.code, StationUnreachableError.code)
"""The store opens again, or the desk still reads a long record after a start."""
_AWAY_S: Final = 0.1
_STEP_EVERY_S: Final = 0.5
"""How often the steps of single entries are asked for, where a person's act is waited for."""

_KEY_PREFIX: Final = "batch:"
_END: Final = object()


@dataclass(slots=True, kw_only=True)
class _Count:
    """What became of the lines."""

    stored: int = 0
    held: int = 0
    failed: int = 0
    reached: int = 0


class _Inbox:
    """What the reader of standard input and the follower of events hand to the main thread."""

    def __init__(self) -> None:
        self._lines: queue.Queue[Any] = queue.Queue(maxsize=4 * BATCH_MAX)
        self._events: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        self._came = threading.Event()
        self._is_opening = False
        self.is_over = False

    def read(self) -> None:
        """Read standard input to its end."""
        try:
            for line in lines_of(sys.stdin.buffer):
                self._lines.put(line)
                self._came.set()
        finally:
            self._lines.put(_END)
            self._came.set()

    def put_event(self, event: Mapping[str, Any]) -> None:
        """Take what happened at the station.

        The first beat says that the stream is open: only from then on nothing can be missed.
        """
        if event["type"] == "beat":
            if not self._is_opening:
                return
            event = {"type": "reset"}
        self._is_opening = event.get("what") == "begin"
        self._events.put(event)
        self._came.set()

    def wait(self, seconds: float | None) -> None:
        """Wait until something has come, or for so long."""
        self._came.wait(seconds)
        self._came.clear()

    def lines(self) -> list[Line]:
        """Return the lines that have come, `BATCH_MAX` at most."""
        found: list[Line] = []
        while len(found) < BATCH_MAX and not self._lines.empty():
            line = self._lines.get()
            if line is _END:
                self.is_over = True
                break
            found.append(line)
        if not self._lines.empty():
            self._came.set()
        return found

    def events(self) -> list[Mapping[str, Any]]:
        """Return the events that have come."""
        found: list[Mapping[str, Any]] = []
        while not self._events.empty():
            found.append(self._events.get())
        return found


def send_batch(run: Run, given: Mapping[str, Any], how: How) -> None:
    """Send every line of standard input; end when input and all waiting are over."""
    if how.is_dry or how.key:
        raise UsageError("--batch goes with neither --dry-run nor --idempotency-key")
    is_for_people = not (run.out.is_json or run.out.is_quiet)
    run.out.is_json = True  # every line that a batch prints is JSON, the last one too
    inbox, count = _Inbox(), _Count()
    with reach(run) as door:
        language = str(given.get("text_lang") or door.get("/station")["languages"][0])
        waiting = Waiting(how.wait or "delivered", lambda path: _again(run, lambda: door.get(path)))
        topics = TOPICS[waiting.step]
        for work in (
            inbox.read,
            lambda: follow_events(run, door, topics, inbox.put_event),
        ):
            threading.Thread(target=work, daemon=True).start()
        run.out.event({"type": "event", "event": "ready"})
        until: float | None = None
        while True:
            messages = inbox.lines()
            drafts = _drafts(run, messages, language, given, count)
            for portion in _once_each(drafts):
                _submit(run, door, portion, waiting, count)
            waiting.take(inbox.events())
            for event in waiting.reached():
                count.reached += 1
                run.out.event({"type": "event", "event": waiting.step, **event})
            if inbox.is_over and not messages:
                if how.timeout is not None and until is None:
                    # A timeout counts from the moment at which there is nothing left to read.
                    until = time.monotonic() + how.timeout
                if not waiting.entries or (until is not None and time.monotonic() >= until):
                    break
            if not messages:
                inbox.wait(_pause(waiting, until))
    result = _summary(count, waiting)
    if is_for_people:
        counts = ", ".join(f"{n} {name}" for name, n in result.data.items() if name != "type")
        print(counts, file=sys.stderr)  # noqa: T201 - `tell` is hushed where JSON is printed
    run.finish(result)


def _pause(waiting: Waiting, until: float | None) -> float | None:
    pauses = [] if until is None else [max(until - time.monotonic(), 0.0)]
    if waiting.entries and waiting.asks_each:
        pauses.append(_STEP_EVERY_S)
    return min(pauses, default=None)


def _drafts(
    run: Run, lines: list[Line], language: str, given: Mapping[str, Any], count: _Count
) -> list[tuple[str, dict[str, Any]]]:
    drafts: list[tuple[str, dict[str, Any]]] = []
    for line in lines:
        name: str | None = None
        try:
            message = object_of(line.raw)
            name = message["id"] if isinstance(message.get("id"), str) else None
            check_message(message)
            drafts.append((message["id"], draft_of(message, language, given).as_json()))
        except UsageError as problem:
            _failed(run, name or None, problem, count, line=line.number)
    return drafts


def _once_each(
    drafts: list[tuple[str, dict[str, Any]]],
) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Yield portions in which no id stands twice: the second must find what the first made."""
    while drafts:
        portion: list[tuple[str, dict[str, Any]]] = []
        later: list[tuple[str, dict[str, Any]]] = []
        names: set[str] = set()
        for one in drafts:
            (later if one[0] in names else portion).append(one)
            names.add(one[0])
        yield portion
        drafts = later


def _submit(
    run: Run,
    door: Door,
    drafts: list[tuple[str, dict[str, Any]]],
    waiting: Waiting,
    count: _Count,
) -> None:
    """Hand drafts in until each is answered; what is refused as a whole is tried one by one."""
    while drafts:
        drafts = _submit_once(run, door, drafts, waiting, count)
        if drafts:
            # The station opens its record again after a failed write; no room is told instead.
            time.sleep(_AWAY_S)


def _submit_once(
    run: Run,
    door: Door,
    drafts: list[tuple[str, dict[str, Any]]],
    waiting: Waiting,
    count: _Count,
) -> list[tuple[str, dict[str, Any]]]:
    """Hand drafts in and return those that the station could not take up at present."""
    body = [{"key": _KEY_PREFIX + name, "draft": draft} for name, draft in drafts]
    try:
        answers = _again(run, lambda: door.post("/submissions/batch", body))["items"]
    except (UsageError, StorageFullError) as problem:
        if len(drafts) == 1:
            _failed(run, drafts[0][0], problem, count)
            return []
        for one in drafts:
            _submit(run, door, [one], waiting, count)
        return []
    later: list[tuple[str, dict[str, Any]]] = []
    for one, said in zip(drafts, answers, strict=True):
        if (said.get("problem") or {}).get("code") in _NOT_NOW:
            later.append(one)
        else:
            _tell(run, one[0], said, waiting, count)
    return later


def _tell(run: Run, name: str, said: Mapping[str, Any], waiting: Waiting, count: _Count) -> None:
    done = said.get("submitted")
    if done is None:
        count.failed += 1
        error = of_problem(said["problem"]).as_json()["error"]
        run.out.event(
            {"type": "event", "event": "failed", "id": name, "line": None, "error": error}
        )
        return
    is_stored = done["entry"] is not None
    count.stored += is_stored
    count.held += not is_stored
    run.out.event(
        {"type": "event", "event": "stored" if is_stored else "held", "id": name}
        | {member: done[member] for member in ("entry", "draft", "hash", "stored_at", "replayed")}
    )
    if is_stored:
        waiting.add(done["entry"], name)


def _failed(
    run: Run, name: str | None, problem: ParleyError, count: _Count, *, line: int | None = None
) -> None:
    count.failed += 1
    error = of_error(problem).as_json()["error"]
    run.out.event({"type": "event", "event": "failed", "id": name, "line": line, "error": error})


def _again(run: Run, call: Any) -> Any:
    """Call until the station answers: it may be starting again, and keys make that safe.

    Raises:
        StorageFullError: there is no room; nothing was stored.
    """
    while True:
        try:
            return call()
        except StorageFullError:
            raise
        except (StationUnreachableError, StoreError) as problem:
            run.out.explain(f"look: {problem}; trying again")
            time.sleep(_AWAY_S)


def _summary(count: _Count, waiting: Waiting) -> Result:
    left = len(waiting.entries)
    data = {
        "type": "result",
        "stored": count.stored,
        "held": count.held,
        "failed": count.failed,
        "reached": count.reached,
        "waiting": left,
    }
    code = WAITED_IN_VAIN if left else IN_PART if count.failed or count.held else 0
    return Result(data=data, exit_code=code)
