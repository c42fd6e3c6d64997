"""What is read out of a published notice; every part says where in the text it stands.

Angles are 1e-7 degree on WGS 84, times seconds of UTC, lengths metres, places in the text
characters counted from 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from parley.desk.places import E7, Point

TEXT_MAX: Final = 65_536
"""Characters of one notice at most; the longest warnings seen have under 6 000."""
CORNERS_MAX: Final = 200
WINDOWS_MAX: Final = 400

Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A position that was found.

    Attributes:
        step: the smallest step of its notation in 1e-7 degree, so how finely it was written.
        written: the characters as they stand, blanks tidied.
    """

    point: Point
    step: int
    written: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A place that a notice names.

    Attributes:
        kind: polygon, circle, corridor, line or point.
        corners: in the order written; the one centre of a circle.
        metres: radius of a circle, whole width of a corridor; None elsewhere.
        label: what the text calls it: `A`, `1`; empty without.
    """

    kind: str
    corners: tuple[Spot, ...]
    metres: int | None = None
    label: str = ""
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """An interval, closed at its beginning and open at its end; None is an open side.

    Attributes:
        precision: `exact`, or `day` where only days were said.
        rule: how the text says it: `once`, `daily`, `days` (a list of days), `item B-C`.
        zone: minutes east of UTC in which it was written.
        zone_from: `written`, or `issuer` where the issuer's legal time stands for it.
    """

    start: int | None
    end: int | None
    precision: str = "exact"
    rule: str = "once"
    zone: int = 0
    zone_from: str = "written"
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Height:
    """A limit of height.

    Attributes:
        edge: `low` or `high`.
        metres: None for unlimited.
        datum: SFC, AMSL, AGL, FL (a pressure height), UNL, or `not stated`.
    """

    edge: str
    metres: int | None
    datum: str
    written: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Another notice, or this one at the time of its own end.

    Attributes:
        act: cancels, replaces, ends (this notice at `at`), names.
        number: such as `HYDROLANT 2924/22`; empty for this notice.
    """

    act: str
    number: str = ""
    at: int | None = None
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A length that belongs to no shape: a berth, a cable, a range; with its words."""

    metres: int
    written: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A piece that was not understood.

    Attributes:
        what: position, time, height, area, distance, schedule.
        why: a short code; `told.py` has the sentences.
    """

    what: str
    why: str
    written: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One published notice, as far as it was understood.

    Attributes:
        kind: `notam`, `maritime`, `text`, or the format it was imported from.
        languages: `en`, `zh`.
        number: as its issuer counts it; empty where the text does not say.
        issued: seconds of UTC, None where not known.
        hazards: codes of what is going on, as far as the words tell.
        notes: things to know that are no failures, as codes of `told.py`.
        figures: written numbers with no meaning for place or time, such as telephone numbers.
    """

    kind: str
    text: str
    languages: tuple[str, ...] = ("en",)
    number: str = ""
    issued: int | None = None
    shapes: tuple[Shape, ...] = ()
    windows: tuple[Window, ...] = ()
    heights: tuple[Height, ...] = ()
    references: tuple[Reference, ...] = ()
    amounts: tuple[Amount, ...] = ()
    hazards: tuple[str, ...] = ()
    restriction: str = ""
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()
    figures: int = 0

    @property
    def share(self) -> str:
        """Return how much was understood: `whole`, `part`, `none`."""
        if not (self.shapes or self.windows or self.references or self.heights):
            return "none"
        return "part" if self.unread else "whole"

    def with_unread(self, *found: Unread) -> Notice:
        """Return it with more that was not understood."""
        return replace(self, unread=(*self.unread, *found))


def degrees_of(point: Point) -> tuple[float, float]:
    """Return latitude and longitude in degrees, 7 places."""
    return round(point.latitude / E7, 7), round(point.longitude / E7, 7)


def same_ring(corners: Sequence[Spot]) -> tuple[Spot, ...]:
    """Return the corners of a ring without a last one that repeats the first."""
    ring = tuple(corners)
    if len(ring) > 1:
        first, last = ring[0].point, ring[-1].point
        if (first.latitude, first.longitude) == (last.latitude, last.longitude):
            return ring[:-1]
    return ring
