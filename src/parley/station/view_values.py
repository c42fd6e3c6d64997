"""What every view is made of: moments, words, texts, pages; and how a view becomes JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

from pydantic import PlainSerializer, TypeAdapter, WithJsonSchema

from parley.core.instants import Instant, parse_instant, rfc3339
from parley.errors import UsageError

Moment: TypeAlias = Annotated[
    Instant,
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant that is written as RFC 3339 in JSON."""

Words: TypeAlias = Mapping[str, str]
"""One text by language."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Part of a list; `next_cursor` is None at its end."""

    items: Sequence[T]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A character that a reader must be shown by its number."""

    position: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextView:
    """One text of an entry, exactly as sent; `hidden` names what could mislead."""

    lang: str
    status: str
    text: str
    hidden: Sequence[Hidden] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the words a field may hold."""

    value: str
    label: Words


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def to_json(view: Any) -> Any:
    """Return a view, or a list of views, as JSON values."""
    if isinstance(view, list | tuple):
        return [to_json(member) for member in view]
    if isinstance(view, Page):
        return {"items": to_json(list(view.items)), "next_cursor": view.next_cursor}
    kind: Any = type(view)
    return _adapter(kind).dump_python(view, mode="json")


def instant_of(value: object) -> Instant | None:
    """Return the moment that a register's value names, None where it names none."""
    if not isinstance(value, str):
        return None
    try:
        return parse_instant(value)
    except UsageError:
        return None


def text_of(value: object) -> str | None:
    """Return a register's value as text, None where there is none."""
    return None if value is None else str(value)
