"""Agreement profiles: the clocks and figures that an instrument sets, with source and certainty.

A value that an instrument does not set, or that is not known, stays None: the desk then says
"no clock known" and starts none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib import resources

import yaml

from parley.core.instants import parse_duration
from parley.desk.profiles.checked import SURE
from parley.desk.profiles.lines import Line, read_lines
from parley.desk.profiles.met import Met, read_met
from parley.errors import NotFoundError, UsageError

KINDS = ("clock", "threshold", "geometry", "calendar", "channel", "rule")
DEFAULT = "default"
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a draft of a procedure is held to before it is released.

    Attributes:
        procedure: whose drafts. field: which field, with its part: `strength.men`, `area`.
        reaches: a count from which the datum applies; None for a distance.
        metres: a distance from `line` to be kept; None for a count.
        line: name of the line, one of the profile's `lines` where its course is known.
    """

    procedure: str
    field: str
    reaches: int | None = None
    metres: int | None = None
    line: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """One figure or rule of an instrument.

    Attributes:
        item: what it is about.
        kind: clock, threshold, geometry, calendar, channel or rule.
        value: what the instrument says; None where it is not known.
        counted_from: what a clock counts from; empty for the rest.
        sure: A seen in a public text, B general knowledge, ? unknown, `proposal` ours.
        source: where it was read.
        clock: name of the desk's clock that it sets, or empty.
        seconds: length of that clock, None where unknown.
        yearly: days of every year that it names, (month, day); none for anything else.
        met: what meets such a day; None where no rule says so.
        zh: the item in Chinese, where it is shown to people beside a date or a draft.
        limits: what drafts are held to.
    """

    item: str
    kind: str
    value: str | None
    counted_from: str
    sure: str
    source: str
    clock: str = ""
    seconds: int | None = None
    yearly: tuple[tuple[int, int], ...] = ()
    met: Met | None = None
    zh: str = ""
    limits: tuple[Limit, ...] = ()

    @property
    def words(self) -> dict[str, str]:
        """Return what it is about, per language."""
        return {"en": self.item, "zh": self.zh or self.item}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The clocks and rules that hold on a channel.

    Attributes:
        code: short name, `vd2011`.
        title: name per language.
        owed: whether an answer within its own clocks is owed; else it is only asked for.
        clocks: seconds by clock name, of its own; None where it is known that none is known.
        data: every figure with source and certainty.
        lines: what distances are measured from, by name; a course may be unknown.
    """

    code: str
    title: Mapping[str, str] = field(default_factory=dict)
    owed: bool = False
    clocks: Mapping[str, int | None] = field(default_factory=dict)
    data: tuple[Datum, ...] = ()
    lines: Mapping[str, Line] = field(default_factory=dict)

    def datum(self, clock: str) -> Datum | None:
        """Return what the instrument says of a clock, None where it says nothing."""
        return next((datum for datum in self.data if datum.clock == clock), None)

    def clock(self, name: str) -> int | None:
        """Return the clock's length in seconds, or None when none is known.

        A clock that the instrument says nothing about is the desk's own proposal.
        """
        if name in self.clocks or self.code == DEFAULT:
            return self.clocks.get(name)
        return load(DEFAULT).clocks.get(name)

    def owes(self, name: str) -> bool:
        """Say whether the instrument itself sets this clock, so that an answer is owed."""
        return self.owed and self.clocks.get(name) is not None

    @classmethod
    def make(cls, code: str, *, owed: bool, clocks: Mapping[str, int]) -> Profile:
        """Return a profile that sets just these clocks.

        Raises:
            UsageError: no procedure knows one of the clocks, or it is not positive.
        """
        known = load(DEFAULT).clocks
        for name, seconds in clocks.items():
            if name not in known:
                raise UsageError(
                    f"{name} is no clock of any procedure",
                    next_step=f"Known clocks: {', '.join(sorted(known))}.",
                )
            if seconds <= 0:
                raise UsageError(f"clock {name} of {seconds} seconds")
        return cls(code=code, title={"en": code, "zh": code}, owed=owed, clocks=dict(clocks))


@cache
def names() -> tuple[str, ...]:
    """Return the codes of all profiles that come with the desk."""
    folder = resources.files(__name__)
    return tuple(
        sorted(
            entry.name.removesuffix(".yaml")
            for entry in folder.iterdir()
            if entry.name.endswith(".yaml")
        )
    )


@cache
def load(code: str) -> Profile:
    """Return the profile `code`.

    Raises:
        NotFoundError: there is none of that name.
        UsageError: its file is not well made.
    """
    if code not in names():
        raise NotFoundError(
            f"there is no profile {code}", next_step=f"Known profiles: {', '.join(names())}."
        )
    text = resources.files(__name__).joinpath(f"{code}.yaml").read_text("utf-8")
    return read(code, yaml.safe_load(text))


def of_basis(basis: str, own: Mapping[str, Profile] | None = None) -> Profile:
    """Return the profile that the basis of a channel names with its first word.

    Args:
        basis: as in the charter, `vd2011` or `vd2011 chapter V`; any other has no instrument.
        own: profiles by code that the station has beside those that come with the desk.
    """
    first = "".join(basis.split(maxsplit=1)[:1])
    if own and first in own:
        return own[first]
    return load(first if first in names() else DEFAULT)


def read_own(files: Mapping[str, bytes]) -> dict[str, Profile]:
    """Return a station's own profiles by code.

    Args:
        files: content of each file by its name without `.yaml`.

    Raises:
        UsageError: a name is taken or none, or a file is not well made.
    """
    found: dict[str, Profile] = {}
    for code, raw in sorted(files.items()):
        if not _CODE.fullmatch(code):
            raise UsageError(
                f"profile {code[:40]!r}: the name is not a-z, 0-9 and -",
                next_step="Rename the file, such as pier.yaml.",
            )
        try:
            parsed = yaml.safe_load(raw.decode("utf-8"))
            found[code] = _with_lines(code, parsed) if code in names() else read(code, parsed)
        except (ValueError, yaml.YAMLError, RecursionError):
            # A ValueError is no UTF-8, or a date or number that there is none of.
            raise UsageError(
                f"profile {code}: the file is no YAML in UTF-8",
                next_step="`parley profile example` prints a file that works.",
            ) from None
        for clock in found[code].clocks:
            if clock not in load(DEFAULT).clocks:
                raise UsageError(
                    f"profile {code}: {clock} is no clock of any procedure",
                    next_step=f"Known clocks: {', '.join(sorted(load(DEFAULT).clocks))}.",
                )
    return found


def _with_lines(code: str, raw: object) -> Profile:
    """Return a profile that comes with the desk, with lines that the station's own file gives."""
    if not isinstance(raw, Mapping) or set(raw) != {"lines"}:
        raise UsageError(
            f"profile {code} comes with Parley; a file of that name gives its `lines` and no more",
            next_step="Keep `lines` alone, or rename the file to make a profile of your own.",
        )
    known = load(code)
    return replace(known, lines={**known.lines, **read_lines(code, raw["lines"])})


def read(code: str, raw: object) -> Profile:
    """Return the profile that a parsed file holds.

    Raises:
        UsageError: a part is missing or of the wrong form.
    """
    if not isinstance(raw, Mapping) or not isinstance(raw.get("data"), list):
        raise UsageError(
            f"profile {code} has no list `data`",
            next_step="`parley profile example` prints a file that works.",
        )
    data = tuple(_datum(code, member) for member in raw["data"])
    return Profile(
        code=code,
        title=dict(raw.get("title", {})),
        owed=raw.get("owed") is True,
        clocks={datum.clock: datum.seconds for datum in data if datum.clock},
        data=data,
        lines=read_lines(code, raw.get("lines")),
    )


def _limits(code: str, raw: Mapping[str, object]) -> tuple[Limit, ...]:
    given = raw.get("limits", ())
    wrong = UsageError(
        f"profile {code}: {raw['item']}: a limit has `for`, `field`, and `reaches` or `metres`",
        next_step="Such as {for: exercise, field: strength.men, reaches: 9000}.",
    )
    if not isinstance(given, list | tuple):
        raise wrong
    found: list[Limit] = []
    for one in given:
        if not isinstance(one, Mapping) or not {"for", "field"} <= set(one):
            raise wrong
        amounts = [one.get("reaches"), one.get("metres")]
        if [type(amount) is int for amount in amounts].count(True) != 1:
            raise wrong
        found.append(
            Limit(
                procedure=str(one["for"]),
                field=str(one["field"]),
                reaches=one.get("reaches"),
                metres=one.get("metres"),
                line=str(one.get("line", "")),
            )
        )
    return tuple(found)


def _datum(code: str, raw: object) -> Datum:
    if not isinstance(raw, Mapping):
        raise UsageError(f"profile {code}: a datum is not a map")
    lacking = {"item", "kind", "value", "sure", "source"} - set(raw)
    if lacking:
        raise UsageError(
            f"profile {code}: a datum lacks {sorted(lacking)}",
            next_step="Each has item, kind, value, sure and source; `value: null` if unknown.",
        )
    if raw["kind"] not in KINDS or raw["sure"] not in SURE:
        raise UsageError(
            f"profile {code}: {raw['item']}: unknown kind or certainty",
            next_step=f"Kinds: {', '.join(KINDS)}. Certainty: {', '.join(SURE)}.",
        )
    length = raw.get("length")
    days = _yearly(code, raw)
    return Datum(
        item=str(raw["item"]),
        kind=str(raw["kind"]),
        value=None if raw["value"] is None else str(raw["value"]),
        counted_from=str(raw.get("from", "")),
        sure=str(raw["sure"]),
        source=str(raw["source"]),
        clock=str(raw.get("clock", "")),
        seconds=None if length is None else parse_duration(str(length)),
        yearly=days,
        met=read_met(f"profile {code}: {raw['item']}", raw.get("met"), has_days=bool(days)),
        zh=str(raw.get("zh", "")),
        limits=_limits(code, raw),
    )


def _yearly(code: str, raw: Mapping[str, object]) -> tuple[tuple[int, int], ...]:
    """Return the days `MM-DD` of a calendar datum; each is one that every year has."""
    given = raw.get("yearly", ())
    if not isinstance(given, list | tuple) or (given and raw["kind"] != "calendar"):
        raise UsageError(f"profile {code}: {raw['item']}: `yearly` is a list, of a calendar datum")
    days: list[tuple[int, int]] = []
    for text in given:
        try:
            # 2025 is no leap year: 29 February is no day of every year.
            day = date.fromisoformat(f"2025-{text}")
        except ValueError:
            raise UsageError(
                f"profile {code}: {raw['item']}: {text!r} is no day of every year",
                next_step="Write the month and the day, such as 01-01.",
            ) from None
        days.append((day.month, day.day))
    return tuple(days)
