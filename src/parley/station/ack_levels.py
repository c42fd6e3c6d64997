"""Levels of acknowledgement as people name them, and the rungs by which they travel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from parley.errors import UsageError

_RUNGS: Final[dict[str, int]] = {
    "read": 2,
    "understood": 3,
    "not-understood": 3,
    "passed-on": 4,
    "considering": 5,
    "will-comply": 5,
    "cannot-comply": 5,
    "complied": 6,
    "cannot-process": 10,
    "read-back": 30,
}
LEVELS: Final = tuple(_RUNGS)
_WATCH: Final = frozenset({"read", "understood", "not-understood"})
_SAID_BY_CODE: Final = frozenset({"considering", "will-comply", "cannot-comply"})


def right_for(level: str) -> str:
    """Return the right that giving a level needs.

    Raises:
        UsageError: there is no such level.
    """
    if level not in _RUNGS:
        raise UsageError(
            f"there is no acknowledgement {level!r}", next_step=f"Levels: {', '.join(LEVELS)}."
        )
    return "acknowledge" if level in _WATCH else "acknowledge-for-desk"


def ack_fields(
    level: str,
    *,
    unit: str | None,
    values: Mapping[str, str] | None,
    points: Sequence[str],
) -> dict[str, Any]:
    """Return the fields of an acknowledgement's entry.

    Raises:
        UsageError: the level needs something that was not given.
    """
    fields: dict[str, Any] = {"rung": _RUNGS[level]}
    if level == "passed-on" and not unit:
        raise UsageError("passed on to whom? Name the unit.", next_step="Add --unit NAME.")
    if level == "not-understood":
        fields["points"] = list(points) or ["text"]
    elif points:
        fields["points"] = list(points)
    if level in _SAID_BY_CODE:
        fields["code"] = level
    if level == "cannot-process":
        fields["code"] = "malformed"
    if unit:
        fields["unit"] = unit
    if values:
        fields["values"] = [f"{name}={value}" for name, value in values.items()]
    return fields


def level_of(fields: Mapping[str, Any]) -> str:
    """Return the level that the fields of an acknowledgement say."""
    rung, code = fields.get("rung"), fields.get("code")
    if rung == 3 and fields.get("points"):
        return "not-understood"
    if rung == 5:
        return str(code) if code in _SAID_BY_CODE else "considering"
    for level, number in _RUNGS.items():
        if number == rung:
            return level
    return f"rung-{rung}"
