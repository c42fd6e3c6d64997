"""Values that are made several times for every entry.

A frozen dataclass sets each field through `object.__setattr__`: making one takes three to four
times as long as making a plain one, and the five made for an entry took a quarter of its time.
These are frozen for the type checker, which is where a change is found; while the program runs
they are plain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def named_value(cls: type[_T]) -> type[_T]:
    """Make a dataclass with slots whose fields are named when it is made, and never set again."""
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(cls)


@dataclass_transform(frozen_default=True)
def small_value(cls: type[_T]) -> type[_T]:
    """Make the same of two fields or fewer, which need no names."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
