"""`parley send --batch`: how programs send. JSON Lines in, JSON Lines out, once each.

The `id` of a line is its idempotency key, so that the same line sent again, also after a crash of
the program or of the station, finds the entry it made the first time.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from parley.cli.command import Run
from parley.cli.exits import IN_PART, WAITED_IN_VAIN
from parley.cli.output import Result
from parley.cli.reach import Door, entry_path, reach, segment
from parley.cli.writing import Draft, How, first_words, named_fields
from parley.errors import ParleyError, StationUnreachableError, UsageError

BATCH_MAX: Final = 200
LINE_CHARS_MAX: Final = 300_000
_IDLE_S: Final = 0.05
_IDLE_MOST_S: Final = 0.5
_AWAY_S: Final = 0.5
_KEY_PREFIX: Final = "batch:"
_MEMBERS: Final = frozenset(
    {
        "id", "channel", "precedence", "text", "subject", "to", "info", "ref", "fields", "lang",
        "translations", "exercise", "procedure", "move", "case",
    }
)  # fmt: skip
_END: Final = object()


@dataclass(slots=True, kw_only=True)
class _Waiting:
    """Lines that were stored and have not come as far as asked for, by entry name."""

    step: str
    until: float | None
    entries: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class _Count:
    """What became of the lines."""

    stored: int = 0
    held: int = 0
    failed: int = 0
    reached: int = 0


def send_batch(run: Run, given: Mapping[str, Any], how: How) -> None:
    """Send every line of standard input; end when input and all waiting are over."""
    if how.is_dry or how.key:
        raise UsageError("--batch goes with neither --dry-run nor --idempotency-key")
    lines: queue.Queue[Any] = queue.Queue(maxsize=4 * BATCH_MAX)
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    count = _Count()
    # A timeout counts from the moment at which there is nothing left to read.
    waiting = _Waiting(step=how.wait, until=None)
    with reach(run) as door:
        language = str(given.get("text_lang") or door.get("/station")["languages"][0])
        run.out.event({"type": "event", "event": "ready"})
        for messages, is_over in _portions(lines, waiting):
            if messages:
                drafts = _drafts(run, messages, language, given, count)
                for portion in _once_each(drafts):
                    _submit(run, door, portion, waiting, count)
            if is_over and how.timeout is not None and waiting.until is None:
                waiting.until = time.monotonic() + how.timeout
            _look(run, door, waiting, count)
    run.finish(_summary(count, waiting))


def _read(lines: queue.Queue[Any]) -> None:
    for line in sys.stdin:
        if line.strip():
            lines.put(line)
    lines.put(_END)


def _portions(lines: queue.Queue[Any], waiting: _Waiting) -> Iterator[tuple[list[str], bool]]:
    """Yield what has come in, and whether input is over; end when nothing is waited for."""
    idle = _IDLE_S
    is_over = False
    while True:
        portion: list[str] = []
        with suppress(queue.Empty):
            if not is_over:
                first = lines.get(timeout=idle if waiting.entries else None)
                while first is not _END and len(portion) < BATCH_MAX:
                    portion.append(first)
                    first = lines.get_nowait() if len(portion) < BATCH_MAX else None
                is_over = first is _END
        if is_over and not portion:
            if not waiting.entries or _is_late(waiting):
                return
            time.sleep(idle)
        idle = _IDLE_S if portion else min(idle * 1.3, _IDLE_MOST_S)
        yield portion, is_over


def _is_late(waiting: _Waiting) -> bool:
    return waiting.until is not None and time.monotonic() >= waiting.until


def _drafts(
    run: Run, lines: list[str], language: str, given: Mapping[str, Any], count: _Count
) -> list[tuple[str, dict[str, Any]]]:
    drafts: list[tuple[str, dict[str, Any]]] = []
    for line in lines:
        message: Any = None
        try:
            message = _message(line)
            drafts.append((message["id"], _draft(message, language, given).as_json()))
        except UsageError as problem:
            name = message.get("id") if isinstance(message, dict) else None
            _failed(run, name, problem, count)
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


def _message(line: str) -> dict[str, Any]:
    if len(line) > LINE_CHARS_MAX:
        raise UsageError(f"a line has at most {LINE_CHARS_MAX} characters")
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as problem:
        raise UsageError(f"a line is no JSON: {problem}") from None
    if not isinstance(message, dict):
        raise UsageError("a line is no JSON object")
    if not isinstance(message.get("id"), str) or not message["id"]:
        raise UsageError("a line has no `id`", next_step="give each message an id of its own.")
    if not isinstance(message.get("text", ""), str):
        raise UsageError("`text` is no text")
    for name in ("fields", "translations"):
        if not isinstance(message.get(name) or {}, dict):
            raise UsageError(f"`{name}` is no object")
    if unknown := sorted(set(message) - _MEMBERS):
        raise UsageError(
            f"there is no member {unknown[0]!r} in a message",
            next_step=f"there are {', '.join(sorted(_MEMBERS))}.",
        )
    return message


def _draft(message: Mapping[str, Any], language: str, given: Mapping[str, Any]) -> Draft:
    fields = {**named_fields(given.get("field") or ()), **(message.get("fields") or {})}
    if message.get("subject") or given.get("subject"):
        fields["subject"] = message.get("subject") or given["subject"]
    lang = message.get("lang") or language
    texts = []
    if message.get("text"):
        texts.append({"lang": lang, "status": "authentic", "text": message["text"]})
    for other, text in (message.get("translations") or {}).items():
        texts.append({"lang": other, "status": "courtesy", "text": text})
    if texts and (message.get("procedure") or "message") == "message" and not message.get("case"):
        fields.setdefault("subject", first_words(texts[0]["text"]))
    is_exercise = message.get("exercise") or given.get("exercise")
    return Draft(
        channel=str(message.get("channel") or ""),
        procedure=message.get("procedure") or "message",
        move=message.get("move") or "",
        case=message.get("case"),
        precedence=message.get("precedence") or given.get("precedence") or "R",
        mark="EXERCISE" if is_exercise else None,
        action=_names(message.get("to") or given.get("to")),
        info=_names(message.get("info") or given.get("info")),
        fields=fields,
        texts=texts,
        refs=_names(message.get("ref")),
    )


def _names(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def _submit(
    run: Run,
    door: Door,
    drafts: list[tuple[str, dict[str, Any]]],
    waiting: _Waiting,
    count: _Count,
) -> None:
    """Hand drafts in; one that the API refuses as a whole is tried alone."""
    if not drafts:
        return
    body = [{"key": _KEY_PREFIX + name, "draft": draft} for name, draft in drafts]
    try:
        answers = _again(run, lambda: door.post("/submissions/batch", body))["items"]
    except UsageError as problem:
        if len(drafts) == 1:
            _failed(run, drafts[0][0], problem, count)
            return
        for one in drafts:
            _submit(run, door, [one], waiting, count)
        return
    for (name, _), said in zip(drafts, answers, strict=True):
        _tell(run, name, said, waiting, count)


def _tell(run: Run, name: str, said: Mapping[str, Any], waiting: _Waiting, count: _Count) -> None:
    done = said.get("submitted")
    if done is None:
        count.failed += 1
        run.out.event({"type": "event", "event": "failed", "id": name, "error": said["problem"]})
        return
    is_stored = done["entry"] is not None
    count.stored += is_stored
    count.held += not is_stored
    run.out.event(
        {"type": "event", "event": "stored" if is_stored else "held", "id": name}
        | {member: done[member] for member in ("entry", "draft", "hash", "stored_at", "replayed")}
    )
    if is_stored and waiting.step:
        waiting.entries[done["entry"]] = name


def _failed(run: Run, name: str | None, problem: ParleyError, count: _Count) -> None:
    count.failed += 1
    error = {"code": problem.code, "exit": problem.exit_code, "detail": str(problem)}
    run.out.event(
        {"type": "event", "event": "failed", "id": name}
        | {"error": {**error, "next": problem.next_step or None}}
    )


def _again(run: Run, call: Any) -> Any:
    """Call until the station answers: it may be starting again, and keys make that safe."""
    while True:
        try:
            return call()
        except StationUnreachableError as problem:
            run.out.explain(f"look: {problem}; trying again")
            time.sleep(_AWAY_S)


def _look(run: Run, door: Door, waiting: _Waiting, count: _Count) -> None:
    """Tell of every waiting entry that has come as far as asked for."""
    for entry, receipt in _receipted(run, door, waiting):
        if waiting.step == "delivered":
            reached = {"at": receipt["time"], "by": receipt["by"]}
        else:
            path = f"{entry_path(entry)}/delivery"
            delivery = _again(run, lambda path=path: door.get(path))
            steps = [one for one in delivery["steps"] if one["step"] == waiting.step]
            if not steps:
                continue
            reached = {"at": steps[0]["at"], "by": steps[0]["by"]}
        count.reached += 1
        event = {"type": "event", "event": waiting.step, "id": waiting.entries.pop(entry)}
        run.out.event({**event, "entry": entry, **reached})


def _receipted(run: Run, door: Door, waiting: _Waiting) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the waiting entries that a peer's newest signed receipt holds, with that receipt.

    One question a log tells of every entry in it: a batch is not slowed by asking for each.
    """
    logs: dict[tuple[str, str], list[str]] = {}
    for entry in waiting.entries:
        channel, party, _ = entry.split("/")
        logs.setdefault((channel, party), []).append(entry)
    found: list[tuple[str, Mapping[str, Any]]] = []
    for (channel, party), entries in logs.items():
        path = f"/logs/{segment(channel)}/{segment(party)}"
        log = _again(run, lambda path=path: door.get(path))
        for entry in entries:
            receipt = _holding(log, entry.rpartition("/")[2])
            if receipt is not None:
                found.append((entry, receipt))
    return found


def _holding(log: Mapping[str, Any], place: str) -> Mapping[str, Any] | None:
    """Return a receipt that holds the entry at a place, such as `31` or `2.31`."""
    ordinal, _, index = place.rpartition(".")
    if int(ordinal or 1) != log["ordinal"]:
        return None
    for receipt in log["receipts"]:
        is_missing = any(a <= int(index) < b for a, b in receipt["missing"])
        if int(index) < receipt["size"] and not is_missing:
            held: Mapping[str, Any] = receipt
            return held
    return None


def _summary(count: _Count, waiting: _Waiting) -> Result:
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
