"""Forms that a value in a file must have, each mistake found with its place and in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeAlias

from parley.sim.scenario.strict_yaml import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One mistake in a file.

    Attributes:
        path: where it stands.
        text: what is wrong, to be read after the name of that place.
        next_step: what would be right; empty where the text says it.
    """

    path: Path
    text: str
    next_step: str = ""


Shape: TypeAlias = Callable[[Any, Path], Iterator[Finding]]
"""Yields what is wrong with a value that stands at a place."""


def shown(value: Any) -> str:
    """Return a value as it may stand in a sentence: short, and what it is if it is no text."""
    if isinstance(value, Mapping):
        return "a map"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    text = repr(value) if isinstance(value, str) else str(value).lower()
    return text if len(text) <= 60 else f"{text[:56]}..."


def words(pattern: str, hint: str, *, most: int = 4_000) -> Shape:
    """Return the shape of a text of this form."""
    form = re.compile(pattern, re.DOTALL)

    def shape(value: Any, path: Path) -> Iterator[Finding]:
        if not isinstance(value, str) or not form.fullmatch(value):
            bare = (
                "; YAML reads a bare NO, ON or YES so: quote it"
                if value is True or value is False
                else ""
            )
            yield Finding(path=path, text=f"is {shown(value)}; it must be {hint}{bare}")
        elif len(value) > most:
            yield Finding(path=path, text=f"is longer than {most:,} characters")

    return shape


def one_of(*choices: str) -> Shape:
    """Return the shape of one of these words."""

    def shape(value: Any, path: Path) -> Iterator[Finding]:
        if value not in choices:
            listed = ", ".join(choices)
            yield Finding(path=path, text=f"is {shown(value)}; it must be one of {listed}")

    return shape


def whole(least: int, most: int = 2**32 - 1) -> Shape:
    """Return the shape of a whole number."""

    def shape(value: Any, path: Path) -> Iterator[Finding]:
        fits = isinstance(value, int) and not isinstance(value, bool)
        if not fits or not least <= value <= most:
            hint = f"a whole number from {least} to {most}"
            yield Finding(path=path, text=f"is {shown(value)}; it must be {hint}")

    return shape


def number(least: float, most: float) -> Shape:
    """Return the shape of a number between two others."""

    def shape(value: Any, path: Path) -> Iterator[Finding]:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        if not fits or not least <= value <= most:
            hint = f"a number from {least:g} to {most:g}"
            yield Finding(path=path, text=f"is {shown(value)}; it must be {hint}")

    return shape


def flag(value: Any, path: Path) -> Iterator[Finding]:
    """Yield what keeps a value from being yes or no."""
    if not isinstance(value, bool):
        yield Finding(path=path, text=f"is {shown(value)}; it must be yes or no, unquoted")


def anything(value: Any, path: Path) -> Iterator[Finding]:
    """Yield nothing: whatever it is, somebody else looks at it."""
    del value, path
    yield from ()


def list_of(
    member: Shape, *, least: int = 0, most: int = 20_000, unique: bool = False, hint: str = ""
) -> Shape:
    """Return the shape of a list."""

    def shape(value: Any, path: Path) -> Iterator[Finding]:
        if not isinstance(value, list):
            yield Finding(path=path, text=f"is {shown(value)}; it must be {hint or 'a list'}")
            return
        if not least <= len(value) <= most:
            bound = f"at least {least}" if len(value) < least else f"at most {most}"
            text = "is empty" if not value else f"has {len(value)} members"
            yield Finding(path=path, text=f"{text}; it must be {hint or 'a list'} with {bound}")
        seen: list[Any] = []
        for place, each in enumerate(value):
            yield from member(each, (*path, place))
            if unique and each in seen:
                yield Finding(path=(*path, place), text=f"{shown(each)} stands twice")
            if unique:
                seen.append(each)

    return shape


def map_of(key: Shape, member: Shape, *, least: int = 0, what: str = "name") -> Shape:
    """Return the shape of a map whose names are free, but of one form."""

    def shape(value: Any, path: Path) -> Iterator[Finding]:
        if not isinstance(value, dict):
            yield Finding(path=path, text=f"is {shown(value)}; it must be a map of names to values")
            return
        if len(value) < least:
            yield Finding(path=path, text=f"is empty; it must have at least {least} {what}")
        for name, each in value.items():
            here = (*path, name)
            for found in key(name, here):
                yield Finding(path=here, text=f"the {what} {found.text}")
            yield from member(each, here)

    return shape


def record(members: Mapping[str, Shape], *, needed: Sequence[str] = (), least: int = 0) -> Shape:
    """Return the shape of a map with these members and no others."""

    def shape(value: Any, path: Path) -> Iterator[Finding]:
        if not isinstance(value, dict):
            names = ", ".join(members)
            yield Finding(
                path=path, text=f"is {shown(value)}; it must be a map with members of: {names}"
            )
            return
        for name in value:
            if name not in members:
                yield unknown((*path, name), name, tuple(members))
        for name in needed:
            if name not in value:
                yield Finding(path=path, text=f"{name} is missing")
        if len(value) < least:
            yield Finding(path=path, text="is empty")
        for name, each in value.items():
            if name in members:
                yield from members[name](each, (*path, name))

    return shape


def either(hint: str, *shapes: Shape) -> Shape:
    """Return the shape of what has one of these shapes."""

    def shape(value: Any, path: Path) -> Iterator[Finding]:
        if all(next(each(value, path), None) is not None for each in shapes):
            yield Finding(path=path, text=f"is {shown(value)}; it must be {hint}")

    return shape


def unknown(path: Path, name: str, known: Sequence[str], what: str = "name") -> Finding:
    """Return that there is no such name, with the one that was probably meant."""
    near = get_close_matches(str(name), known, 1)
    meant = f"; did you mean {near[0]}?" if near else ""
    listed = ", ".join(sorted(known)) or "none"
    return Finding(
        path=path,
        text=f"there is no {what} {str(name)[:60]!r} here{meant}",
        next_step=f"Known: {listed}.",
    )
