"""What every part of a profile's file has: known names, a source, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from parley.errors import UsageError

SURE: Final = ("A", "B", "?", "proposal")
"""How sure a value is; `docs/agreements.md` says what each letter means."""


def check_names(
    where: str, raw: Mapping[object, object], *, known: set[str], needed: set[str], example: str
) -> None:
    """Refuse names that nothing reads, and the lack of those that are needed.

    Raises:
        UsageError: it says which.
    """
    strange, lacking = set(raw) - known, needed - set(raw)
    if strange or lacking:
        said = f"lacks {sorted(lacking)}" if lacking else f"knows no {sorted(map(str, strange))}"
        raise UsageError(f"{where} {said}", next_step=example)
