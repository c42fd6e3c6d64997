"""A line on standard error while something takes long: what, how much is done, how long it takes.

On a terminal one line is drawn over and over, and is gone when the work is done; elsewhere a plain
line comes every 10 seconds. Work of less than a second shows nothing.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Final

from parley.cli.output import PLAIN_WIDTH, Output
from parley.cli.shown import span

FIRST_S: Final = 1.0
DRAWN_EVERY_S: Final = 0.5
TOLD_EVERY_S: Final = 10.0
_CLEAR: Final = "\r\x1b[K"


class Progress:
    """How far one piece of work is.

    Attributes:
        what: the work, as a person would call it.
        total: how many steps there are; None where nobody knows.
    """

    def __init__(
        self,
        stream: IO[str],
        what: str,
        *,
        total: int | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.what, self.total = what, total
        self._stream, self._now = stream, now
        self._began, self._done = now(), 0
        self._is_drawn = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._has_line = False
        self._lock = threading.Lock()

    def step(self, done: int | None = None) -> None:
        """Tell how many steps are done; one more where no number is given."""
        self._done = self._done + 1 if done is None else done

    def text(self) -> str:
        """Return the line as it stands now."""
        took = self._now() - self._began
        parts = [f"{self.what} ..."]
        if self.total is not None:
            parts.append(f"{self._done} of {self.total}")
        elif self._done:
            parts.append(f"{self._done} done")
        parts.append(f"{span(int(took))} so far")
        if self.total is not None and 0 < self._done < self.total:
            parts.append(f"{span(round(took * (self.total - self._done) / self._done))} left")
        return "  ".join(parts)

    def show(self) -> None:
        """Draw the line anew, or write one more."""
        with self._lock:
            if self._is_drawn:
                width = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns
                self._stream.write(_CLEAR + self.text()[: width - 1])
            else:
                self._stream.write(f"{self.text()}\n")
            self._has_line = self._is_drawn
            self._stream.flush()

    @contextmanager
    def room(self) -> Iterator[None]:
        """Take the drawn line away, and draw none while something else is written there."""
        with self._lock:
            if self._has_line:
                self._stream.write(_CLEAR)
                self._stream.flush()
            self._has_line = False
            yield

    def keep_showing(self, ended: threading.Event) -> None:
        """Show the line again and again until the work has ended."""
        wait = FIRST_S if self._is_drawn else TOLD_EVERY_S
        while not ended.wait(wait):
            self.show()
            wait = DRAWN_EVERY_S if self._is_drawn else TOLD_EVERY_S


@contextmanager
def working(
    out: Output, what: str, *, total: int | None = None, hidden: bool = False
) -> Iterator[Progress]:
    """Show progress while the block runs; `--json`, `-q` and `hidden` show nothing.

    What is printed by `out` meanwhile takes the line's place.
    """
    progress = Progress(sys.stderr, what, total=total)
    if hidden or out.is_json or out.is_quiet:
        yield progress
        return
    ended = threading.Event()
    thread = threading.Thread(target=progress.keep_showing, args=(ended,), daemon=True)
    before, out.room = out.room, progress.room
    thread.start()
    try:
        yield progress
    finally:
        ended.set()
        thread.join()
        out.room = before
        with progress.room():
            pass
