"""The memory collector of a process that runs a station for weeks."""

from __future__ import annotations

import gc
from typing import Final

_YOUNG: Final = 20_000
"""New objects between two looks. An entry on its way is some twenty, gone once it is stored; at
the usual 700 most were still there when looked at, and were carried on to be looked at again."""


def settle() -> None:
    """Keep what is loaded and read out of the collector's sight: it stays as long as we run.

    Walking through it again and again cost a tenth of the time of every entry, and stood still
    for half a second at 100,000 entries in the desk's memory.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)
