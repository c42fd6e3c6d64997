"""What a batch waits for: its entries, and what the peers' receipts say of them.

Every receipt that the station tells of is kept, newest by log and signer, so that an entry whose
receipt came before the answer that named it is told of at once. Nothing is asked while nothing
happens; only after a gap in the events, and for steps that are a person's, the station is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from parley.cli.reach import entry_path, segment

TOPICS: Final[Mapping[str, tuple[str, ...]]] = {
    "delivered": ("receipt",),
    "acknowledged": ("receipt", "acknowledgement"),
    "answered": ("receipt", "acknowledgement", "case"),
}
"""What must be followed to notice a step."""

_ASK_EVERY_S: Final = 0.5

_Log = tuple[str, int]
"""A channel's code, and which of our logs on it, counted from 1."""


class Waiting:
    """Entries of ours that have not come as far as asked for.

    Attributes:
        step: how far each is to come.
        entries: the message's id by the entry's name.
    """

    def __init__(self, step: str, ask: Callable[[str], Any]) -> None:
        """Wait for `step`; `ask` returns what the station's API says of a path."""
        self.step = step
        self.entries: dict[str, str] = {}
        self._ask = ask
        self._receipts: dict[_Log, dict[str, list[Mapping[str, Any]]]] = {}
        self._logs: dict[_Log, dict[int, str]] = {}
        self._changed: set[_Log] = set()
        self._has_news = False
        self._asked_at = 0.0

    @property
    def asks_each(self) -> bool:
        """Say whether the step is one that each entry must be asked for."""
        return self.step != "delivered"

    def add(self, entry: str, name: str) -> None:
        """Wait for one more entry, such as `OPS/ALFA/31` or `OPS/ALFA/2.31`."""
        self.entries[entry] = name
        log, index = _place(entry)
        self._logs.setdefault(log, {})[index] = entry
        self._changed.add(log)

    def take(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Take what happened at the station."""
        for event in events:
            self._has_news = True
            if event["type"] == "receipt" and event.get("own"):
                self._receipt((str(event["channel"]), int(event["ordinal"])), event["peer"], event)
            elif event["type"] == "reset":
                self._ask_logs()

    def _receipt(self, log: _Log, by: str, said: Mapping[str, Any]) -> None:
        if self.asks_each:
            return  # a receipt is news there and nothing more: nobody would take it away again
        # An older one may come after a newer one, before either was looked at.
        self._receipts.setdefault(log, {}).setdefault(by, []).append(said)
        self._changed.add(log)

    def _ask_logs(self) -> None:
        """Read the newest receipts: some may have been missed."""
        for channel, party in {tuple(entry.split("/")[:2]) for entry in self.entries}:
            said = self._ask(f"/logs/{segment(channel)}/{segment(party)}")
            for receipt in said["receipts"]:
                self._receipt((channel, int(said["ordinal"])), receipt["by"], receipt)

    def reached(self) -> list[Mapping[str, Any]]:
        """Return what has come as far as asked for: its id, its entry, when and by whom."""
        if self.asks_each:
            return self._asked()
        found: list[Mapping[str, Any]] = []
        for log in sorted(self._changed):
            waiting = self._logs.get(log, {})
            for by, receipts in self._receipts.get(log, {}).items():
                for receipt in receipts:
                    for index in _covered(waiting, receipt):
                        entry = waiting.pop(index)
                        name = self.entries.pop(entry)
                        found.append({"id": name, "entry": entry, "at": receipt["time"], "by": by})
                # What is stored from now on may stand below it: it was receipted before we heard.
                receipts[:] = [max(receipts, key=_reach)]
        self._changed.clear()
        return found

    def _asked(self) -> list[Mapping[str, Any]]:
        now = time.monotonic()
        if not self._has_news or now < self._asked_at + _ASK_EVERY_S:
            return []
        self._has_news, self._asked_at = False, now
        found: list[Mapping[str, Any]] = []
        for entry, name in list(self.entries.items()):
            steps = self._ask(f"{entry_path(entry)}/delivery")["steps"]
            done = next((one for one in steps if one["step"] == self.step), None)
            if done is not None:
                del self.entries[entry]
                found.append({"id": name, "entry": entry, "at": done["at"], "by": done["by"]})
        return found


def _covered(waiting: Iterable[int], receipt: Mapping[str, Any]) -> list[int]:
    """Return which of the indexes that are waited for a receipt covers."""
    size, gaps = int(receipt["size"]), receipt["missing"]
    return [i for i in waiting if i < size and not any(a <= i < b for a, b in gaps)]


def _reach(receipt: Mapping[str, Any]) -> tuple[int, int]:
    """Return how far a receipt goes, the greater the farther."""
    return int(receipt["size"]), -sum(b - a for a, b in receipt["missing"])


def _place(entry: str) -> tuple[_Log, int]:
    channel, _, place = entry.split("/")
    ordinal, _, index = place.rpartition(".")
    return (channel, int(ordinal or 1)), int(index)
