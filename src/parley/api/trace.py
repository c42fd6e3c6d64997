"""The trace that a call belongs to, where its caller keeps one.

Source: W3C Trace Context, Recommendation of 23 November 2021 (`traceparent`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers

_FORM: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NO_VERSION: Final = "ff"
_SAMPLED: Final = 1
_LENGTH_MAX: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Where in somebody's trace a call stands.

    Attributes:
        trace: number of the whole trace, 32 hex digits.
        parent: number of what the caller was doing, 16 hex digits.
        is_sampled: the caller keeps this trace.
    """

    trace: str
    parent: str
    is_sampled: bool


def trace_of(headers: Headers) -> Trace | None:
    """Return the trace that headers name; None for none, and for whatever has not the form.

    As the standard says: two of these headers are none; a later version may have more behind a
    hyphen, version 00 may not; numbers of zeros are none.
    """
    given = headers.getlist("traceparent")
    if len(given) != 1 or len(given[0]) > _LENGTH_MAX:
        return None
    match = _FORM.fullmatch(given[0].strip(" \t"))
    if match is None:
        return None
    version, trace, parent, flags, more = match.groups()
    if version == _NO_VERSION or (version == "00" and more is not None):
        return None
    if not int(trace, 16) or not int(parent, 16):
        return None
    return Trace(trace=trace, parent=parent, is_sampled=bool(int(flags, 16) & _SAMPLED))
