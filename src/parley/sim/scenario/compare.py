"""Comparing what a register shows with what a claim says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from parley.core.instants import parse_duration, parse_instant
from parley.desk.registers import fits
from parley.errors import ParleyError

BOUNDS: Final = frozenset(
    {"at_least", "at_most", "between", "about", "within", "any_of", "includes"}
)
"""Names of comparisons; any other map is compared as it stands."""
_UNITS: Final[Mapping[str, tuple[str, float]]] = {
    "minutes": ("seconds", 60),
    "hours": ("seconds", 3600),
    "days": ("seconds", 86_400),
    "kilometres": ("metres", 1000),
    "km": ("metres", 1000),
    "m": ("metres", 1),
    "nmi": ("metres", 1852),
    "feet": ("metres", 0.3048),
    "yards": ("metres", 0.9144),
}
"""Units in which a claim may say by how much two accounts differ."""
_ROUNDED: Final = 0.5
"""Half of the unit that a register rounds to."""
_AGAIN_S: Final = 60
"""A frame that was lost has been sent again by then."""
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_SECOND_OF: Final = re.compile(rf"{_DAY.pattern}T\d{{2}}:\d{{2}}:\d{{2}}Z")


def agrees(found: Any, wanted: Any) -> bool:
    """Say whether a value is what a claim says: equal, or within its bounds.

    Of a map by recipient a claim may name the recipients in a list, or their number; of a list of
    names, days or parts their number; a list of nothing is `none`,
    and so is `false`. A list of one may be claimed by
    its member, a time by its UTC day.
    """
    if isinstance(wanted, Mapping) and wanted and set(wanted) <= BOUNDS:
        return all(_bound(found, name, wanted) for name in wanted)
    if isinstance(found, Mapping):
        if isinstance(wanted, list | tuple):
            return sorted(found) == sorted(str(each) for each in wanted)
        if type(wanted) is int:
            return len(found) == wanted
    if found is False and wanted == "none":
        return True
    if isinstance(found, list | tuple):
        if wanted == "none" and not found:
            return True
        if len(found) == 1 and isinstance(wanted, str):
            return fits(found[0], wanted)
        if type(wanted) is int and not any(type(each) is int for each in found):
            return len(found) == wanted
    if isinstance(wanted, str) and isinstance(found, str) and _DAY.fullmatch(wanted):
        return found == wanted or bool(_SECOND_OF.fullmatch(found) and found.startswith(wanted))
    return fits(found, wanted)


def _bound(found: Any, name: str, wanted: Mapping[str, Any]) -> bool:
    value = wanted[name]
    if name == "any_of":
        return any(agrees(found, each) for each in value)
    if name == "includes":
        members = list(found) if isinstance(found, list | tuple | Mapping) else [found]
        return all(any(agrees(one, each) for one in members) for each in value)
    if name == "within":
        return True  # it belongs to `about`
    if name == "about":
        return _is_about(found, value, _length(wanted.get("within", 0)))
    number = number_of(len(found) if isinstance(found, Mapping) else found)
    limits = value if name == "between" else [value]
    if number is None or any(_is_moment(found) is not _is_moment(each) for each in limits):
        return False
    if name == "between":
        low, high = (number_of(each) for each in value)
        return low is not None and high is not None and low <= number <= high
    limit = number_of(value)
    if limit is None:
        return False
    return number >= limit if name == "at_least" else number <= limit


def differs_by(found: Any, wanted: Any) -> bool:
    """Say whether two accounts differ by what a claim says, in whatever unit it says it.

    Args:
        found: amounts by unit: `{seconds: 300}`.
        wanted: the same, or in another unit (`{minutes: 5}`, `PT5M`), or bounds of it.
    """
    if not isinstance(found, Mapping) or len(found) != 1:
        return agrees(found, wanted)
    ((unit, amount),) = found.items()
    if isinstance(wanted, str) or (isinstance(wanted, Mapping) and set(wanted) <= BOUNDS):
        return number_of(wanted) == amount if isinstance(wanted, str) else agrees(amount, wanted)
    if not isinstance(wanted, Mapping) or len(wanted) != 1:
        return agrees(found, wanted)
    ((named, value),) = wanted.items()
    base, factor = _UNITS.get(str(named), (str(named), 1))
    if base != unit:
        return agrees(found, wanted)
    if isinstance(value, int | float) and isinstance(amount, int | float):
        return (factor != 1 and abs(amount - value * factor) <= _ROUNDED) or amount == value
    return agrees(amount, value) if factor == 1 else False


def is_soon_after(found: Any, wanted: Any) -> bool:
    """Say whether a moment came within a minute after that of a claim."""
    both = (found, wanted)
    if not all(isinstance(each, str) and _SECOND_OF.fullmatch(each) for each in both):
        return False
    late = (number_of(found) or 0.0) - (number_of(wanted) or 0.0)
    return 0 <= late <= _AGAIN_S


def _is_about(found: Any, value: Any, most: float) -> bool:
    """Say whether a number, or each of a list of numbers, is near what is wanted."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        listed = isinstance(found, Sequence) and not isinstance(found, str)
        return (
            listed
            and len(found) == len(value)
            and all(_is_about(one, each, most) for one, each in zip(found, value, strict=True))
        )
    number, middle = number_of(found), number_of(value)
    if _is_moment(found) is not _is_moment(value):
        return False
    return number is not None and middle is not None and abs(number - middle) <= most


def _length(value: Any) -> float:
    if isinstance(value, str):
        try:
            return float(parse_duration(value))
        except ParleyError:
            return 0.0
    return number_of(value) or 0.0


def _is_moment(value: Any) -> bool:
    """Say whether a value is a day or an instant; it has no size that a length of time has."""
    return isinstance(value, str) and bool(_DAY.match(value))


def number_of(value: Any) -> float | None:
    """Return a number, an instant, a day or a length of time as a number; None for the rest."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    text = str(value)
    try:
        return float(parse_instant(f"{text}T00:00:00Z" if len(text) == len("2026-03-02") else text))
    except ParleyError:
        pass
    try:
        return float(parse_duration(text))
    except ParleyError:
        return None
