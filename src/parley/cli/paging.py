"""Long lists, page by page: `--limit`, `--cursor` and `--all`, and how to go on."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from parley.cli.reach import Door

PAGE: Final = 500
"""Rows asked for at a time: the most that the station gives."""

Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")]
Cursor = Annotated[str, typer.Option(help="Go on after an earlier page, by its cursor.")]
Every = Annotated[bool, typer.Option("--all", help="Everything, whatever --limit says.")]


def gather(
    door: Door, path: str, *, limit: int, cursor: str, every: bool, **query: Any
) -> tuple[list[dict[str, Any]], str | None]:
    """Return rows of a list, asked for page by page, and the cursor that leads on from them.

    Args:
        door: the station.
        path: address of the list.
        limit: at most so many rows.
        cursor: where to begin; empty for the first page.
        every: take all pages.
        query: parameters of the list.
    """
    rows: list[dict[str, Any]] = []
    at: str | None = cursor or None
    while every or len(rows) < limit:
        size = PAGE if every else min(PAGE, limit - len(rows))
        page = door.get(path, **query, limit=size, cursor=at)
        rows += page["items"]
        at = page["next_cursor"]
        if at is None:
            break
    return rows, at


def more(cursor: str | None) -> list[str]:
    """Return the line that says how a list goes on; none at its end."""
    return [] if cursor is None else [f"there are more: --cursor {cursor} goes on, --all shows all"]
