r"""What a command prints: a result on standard output, everything else on standard error.

A result is told once, as `Result`; this module renders it as JSON, as a table for eyes, as plain
columns for pipes, or as the bare identifier of `--quiet`. Text that a peer wrote is printed with
control and direction characters written out (`\\u202e`), so that no peer moves our cursor.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Final, Literal, TypeAlias

import typer

from parley.core.texts import visible
from parley.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

Color: TypeAlias = Literal["auto", "always", "never"]

PLAIN_WIDTH: Final = 80
_FOLD: Final = " " * 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    Attributes:
        key: name of the field in each item; dots reach inside.
        title: heading for people.
        shown: turns the value into text; None prints it as it is.
    """

    key: str
    title: str
    shown: Callable[[Any], str] | None = None

    def cell(self, item: Mapping[str, Any]) -> str:
        """Return this column's text of one item, on one line."""
        value: Any = item
        for part in self.key.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        text = self.shown(value) if self.shown else plain(value)
        return visible(text).replace("\n", " ").replace("\t", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a command found or did.

    Attributes:
        data: the JSON content; lists are under `items`.
        lines: what people read; peer text must already be `visible`.
        columns: how `items` are shown; the table comes before `lines`.
        quiet: what `-q` prints; empty prints nothing.
        exit_code: how the command ends.
        warnings: sentences for standard error and `warnings` of the JSON.
        detail: further lines for `-v`, on standard error.
    """

    data: Mapping[str, Any]
    lines: Sequence[str] = ()
    columns: Sequence[Column] = ()
    quiet: Sequence[str] = ()
    exit_code: int = 0
    warnings: Sequence[str] = ()
    detail: Sequence[str] = ()


def plain(value: Any) -> str:
    """Return a JSON value as a person writes it: absent is `-`, lists are joined by commas."""
    if value is None:
        return "-"
    if value is True or value is False:
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {plain(member)}" for name, member in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(plain(member) for member in value) or "-"
    return str(value)


@dataclass(slots=True, kw_only=True)
class Output:
    """Where a command's words go.

    Attributes:
        schema: name and version of the JSON this command prints, such as `parley.send/1`.
        is_json, is_quiet, is_verbose: as asked for by `--json`, `-q` and `-v`.
        fields: columns asked for by `--fields`; empty means all.
        language: which of several languages of a text people see first.
        room: held while a line is printed, so that a line of progress makes room.
    """

    schema: str = "parley.result/1"
    is_json: bool = False
    is_quiet: bool = False
    is_verbose: bool = False
    fields: tuple[str, ...] = ()
    language: str = "en"
    color: Color = "auto"
    warnings: list[str] = field(default_factory=list)
    room: Callable[[], AbstractContextManager[None]] = field(default=nullcontext)

    def console(self, stream: IO[str]) -> Console:
        """Return a console that honours `--color`, `NO_COLOR`, `TERM=dumb` and 80 columns."""
        from rich.console import Console  # noqa: PLC0415 - a third of the start-up time

        is_terminal = stream.isatty()
        is_forced = self.color == "always" or (
            self.color == "auto" and bool(os.environ.get("FORCE_COLOR"))
        )
        is_plain = self.color == "never" or bool(os.environ.get("NO_COLOR"))
        return Console(
            file=stream,
            force_terminal=True if is_forced and not is_plain else is_terminal,
            no_color=is_plain or (not is_terminal and not is_forced),
            width=None if is_terminal else PLAIN_WIDTH,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=not is_terminal,
        )

    def tell(self, text: str) -> None:
        """Print a line of progress or explanation on standard error; `-q` and `--json` hush it."""
        if not (self.is_quiet or self.is_json):
            with self.room():
                print(text, file=sys.stderr, flush=True)  # noqa: T201 - this is the printer

    def explain(self, text: str) -> None:
        """Print a line that only `-v` asks for."""
        if self.is_verbose:
            with self.room():
                print(text, file=sys.stderr, flush=True)  # noqa: T201

    def warn(self, text: str) -> None:
        """Keep a warning for the JSON and tell it to people at once."""
        self.warnings.append(text)
        self.tell(f"look: {text}")

    def line(self, text: str = "") -> None:
        """Print one line of the result on standard output."""
        with self.room():
            print(text, flush=True)  # noqa: T201

    def event(self, content: Mapping[str, Any]) -> None:
        """Print one line of a stream of JSON Lines."""
        self.line(json.dumps(content, ensure_ascii=False))

    def finish(self, result: Result) -> None:
        """Print the result, and end with its exit code.

        Raises:
            typer.Exit: always where the code is not 0; a Typer command must raise its exit.
            UsageError: `--fields` names what is not there.
        """
        for text in result.warnings:
            self.warn(text)
        for text in result.detail:
            self.explain(text)
        if self.is_json:
            self.line(json.dumps(self._envelope(result), ensure_ascii=False))
        elif self.is_quiet:
            for text in result.quiet:
                self.line(text)
        else:
            self._show(result)
        if result.exit_code:
            raise typer.Exit(result.exit_code)

    def _envelope(self, result: Result) -> dict[str, Any]:
        data = dict(result.data)
        if self.fields and isinstance(data.get("items"), list):
            data["items"] = [self._chosen(item) for item in data["items"]]
        elif self.fields:
            data = self._chosen(data)
        # The last line of a stream says so in the same place as every line before it.
        kind = {"type": "result"} if data.get("type") == "result" else {}
        said = {"ok": True, "data": data, "warnings": list(self.warnings)}
        return {"schema": self.schema, **kind, **said}

    def _chosen(self, item: Mapping[str, Any]) -> dict[str, Any]:
        unknown = [name for name in self.fields if name not in item]
        if unknown:
            raise UsageError(
                f"there is no field {unknown[0]!r} here",
                next_step=f"Fields are: {', '.join(sorted(item))}.",
            )
        return {name: item[name] for name in self.fields}

    def _show(self, result: Result) -> None:
        if result.columns:
            items = result.data.get("items")
            self._table(result.columns, items if isinstance(items, list) else [])
        if result.columns and not sys.stdout.isatty():
            # What a pipe gets is the table alone; what is said about it goes beside.
            for text in result.lines:
                self.tell(text)
            return
        for text in result.lines:
            for line in folded(text) if sys.stdout.isatty() else [text]:
                self.line(line)

    def _table(self, columns: Sequence[Column], items: Sequence[Mapping[str, Any]]) -> None:
        if self.fields:
            for item in items[:1]:
                self._chosen(item)
            known = {column.key: column for column in columns}
            columns = [
                known.get(name, Column(key=name, title=name.upper())) for name in self.fields
            ]
        rows = [[column.cell(item) for column in columns] for item in items]
        if not sys.stdout.isatty():
            for row in rows:
                self.line("\t".join(row))
            return
        if not rows:
            return
        from rich.table import Table  # noqa: PLC0415 - only where there is a terminal

        table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
        for column in columns:
            table.add_column(column.title, overflow="fold")
        for row in rows:
            table.add_row(*row)
        self.console(sys.stdout).print(table)


def folded(text: str) -> list[str]:
    """Return a line as a terminal shows it: broken between words, what follows indented."""
    width = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns
    if len(text) <= width:
        return [text]
    return textwrap.wrap(
        text,
        width,
        subsequent_indent=_FOLD,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
    )


def chosen_text(texts: Any, language: str) -> str:
    """Return the words of a text list or language map in the language wanted, made visible."""
    if isinstance(texts, str):
        return visible(texts)
    if isinstance(texts, Mapping):
        pick = texts.get(language) or next(iter(texts.values()), "")
        return visible(str(pick or ""))
    if isinstance(texts, list | tuple) and texts:
        fitting = [t for t in texts if str(t.get("lang", "")).split("-")[0] == language]
        return visible(str((fitting or list(texts))[0].get("text", "")))
    return ""
