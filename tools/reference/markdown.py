"""Small pieces of Markdown, always written the same way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

WRITTEN_BY = "<!-- Written by `make docs` from the code; do not edit. -->"


def page(title: str, *parts: str) -> str:
    """Return a page: title, the word on who wrote it, and the parts that are not empty."""
    kept = [part.strip("\n") for part in parts if part]
    return "\n\n".join([f"# {title}", WRITTEN_BY, *kept]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, or nothing where there is no row."""
    lines = ["| " + " | ".join(cell(each) for each in row) + " |" for row in rows]
    if not lines:
        return ""
    top = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return "\n".join([*top, *lines])


def cell(text: str) -> str:
    """Return text as it may stand in a cell."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """Return text in `backticks`; nothing stays nothing."""
    return f"`{text}`" if text else ""


def block(lines: Iterable[str], language: str = "") -> str:
    """Return a fenced block."""
    return "\n".join([f"```{language}", *lines, "```"])


def section(title: str, *parts: str, level: int = 2) -> str:
    """Return a section; nothing where all its parts are empty."""
    kept = [part.strip("\n") for part in parts if part]
    return "\n\n".join([f"{'#' * level} {title}", *kept]) if kept else ""


def seconds(count: int) -> str:
    """Return a length of time in words, in the largest unit that it is whole in."""
    for name, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if count and count % size == 0:
            number = count // size
            return f"{number:,} {name if number != 1 else name[:-1]}"
    return f"{count:,} second{'' if count == 1 else 's'}"
