"""A line on the terminal while a large bundle is checked; nothing anywhere else."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_FIRST_SECONDS = 1.0
_EVERY_SECONDS = 0.5
_CLEAR = "\r\x1b[K"


@contextmanager
def told_while_checking(count: int, *, hidden: bool) -> Iterator[None]:
    """Tell on standard error that files are being checked, and for how long already.

    Only a terminal is told; the line is gone when the block ends.
    """
    if hidden or not sys.stderr.isatty():
        yield
        return
    ended = threading.Event()
    what = "checking 1 file" if count == 1 else f"checking {count} files"
    thread = threading.Thread(target=_keep_telling, args=(what, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _keep_telling(what: str, ended: threading.Event) -> None:
    began, wait = time.monotonic(), _FIRST_SECONDS
    while not ended.wait(wait):
        wait = _EVERY_SECONDS
        sys.stderr.write(f"{_CLEAR}{what} ...  {time.monotonic() - began:.0f} s so far")
        sys.stderr.flush()
    if wait != _FIRST_SECONDS:
        sys.stderr.write(_CLEAR)
        sys.stderr.flush()
