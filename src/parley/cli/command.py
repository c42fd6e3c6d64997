"""How a command is declared: its own arguments, the options that all share, examples, exit codes.

`declare` wraps a plain function. The function's first parameter is the `Run` of this call; the
wrapper adds the shared options to what Typer sees and builds the `Run` from them.
"""

from __future__ import annotations

import functools
import inspect
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

import typer

from parley.cli.exits import EXIT_CODES
from parley.cli.output import Color, Output, Result
from parley.cli.see_also import SEE_ALSO
from parley.errors import UsageError

OUTPUT_PANEL: Final = "Output"
STATION_PANEL: Final = "Which station"
HOW_PANEL: Final = "How"
LANGUAGES: Final = ("en", "zh")
_LOCALES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
TEXT_BYTES_MAX: Final = 262_144
"""What is read of a text at most: four times what any entry holds, and no endless input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One call of a command.

    Attributes:
        out: where its words go.
        station: what `--station` or `PARLEY_STATION` names; None looks in the folders above.
        officer: whom `--officer` names, where several officers share an account.
        can_ask: a prompt may appear.
    """

    out: Output
    station: str | None = None
    officer: str | None = None
    can_ask: bool = False

    @property
    def language(self) -> str:
        """Return the language in which texts are shown first."""
        return self.out.language

    def finish(self, result: Result) -> None:
        """Print the result and end with its exit code."""
        self.out.finish(result)

    def ask(self, question: str, *, flag: str, hidden: bool = False) -> str:
        """Ask the person, or name the flag that would have said it.

        Raises:
            UsageError: nobody can be asked.
        """
        if not self.can_ask:
            raise UsageError(f"{flag} is missing", next_step=f"give {flag}.")
        return str(typer.prompt(question, err=True, hide_input=hidden))

    def confirm(self, question: str, *, is_answered: bool) -> None:
        """Ask for a yes, unless `--yes` gave it.

        Raises:
            UsageError: nobody can be asked.
            typer.Abort: the answer is no.
        """
        if is_answered:
            return
        if not self.can_ask:
            raise UsageError("this needs a yes", next_step="give --yes.")
        typer.confirm(question, err=True, abort=True)


NoProgress = Annotated[
    bool,
    typer.Option("--no-progress", help="No line of progress on standard error."),
]


def _option(*names: str, panel: str = OUTPUT_PANEL, text: str, **more: Any) -> Any:
    return typer.Option(*names, help=text, rich_help_panel=panel, **more)


_OUTPUT_OPTIONS: Final[dict[str, tuple[Any, Any]]] = {
    "as_json": (bool, _option("--json", text="One JSON object on standard output.")),
    "fields": (str, _option("--fields", text="Only these fields, such as `code,name`.")),
    "quiet": (bool, _option("-q", "--quiet", text="Only the identifier, or nothing.")),
    "verbose": (bool, _option("-v", "--verbose", text="Explain.")),
    "lang": (
        str,
        _option(
            "--lang", text="Texts and names in `en` or `zh` where both exist; else LC_MESSAGES."
        ),
    ),
    "color": (str, _option("--color", text="auto, always or never.")),
    "no_input": (bool, _option("--no-input", panel=HOW_PANEL, text="Never ask anything.")),
}
_STATION_OPTIONS: Final[dict[str, tuple[Any, Any]]] = {
    "station": (
        str,
        _option("--station", panel=STATION_PANEL, text="Station directory (or PARLEY_STATION)."),
    ),
    "officer": (
        str,
        _option(
            "--officer",
            panel=STATION_PANEL,
            text="Act as this officer, where several share your account.",
        ),
    ),
}
_DEFAULTS: Final[dict[str, Any]] = {
    "as_json": False,
    "fields": "",
    "quiet": False,
    "verbose": False,
    "lang": "",
    "color": "auto",
    "no_input": False,
    "station": "",
    "officer": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a command was declared with; the reference pages read it.

    Attributes:
        schema: name of what `--json` prints, without its version.
        examples: command lines that run as typed.
        exits: the codes with which it can end besides 0, 1 and 2.
    """

    schema: str
    examples: tuple[str, ...]
    exits: tuple[int, ...]


def new_app(text: str) -> typer.Typer:
    """Return an empty group of commands, `text` being its help."""
    app = typer.Typer(
        help=text,
        no_args_is_help=True,
        rich_markup_mode="rich",
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_nothing)
    return app


def _nothing() -> None:
    """Let Typer see a group even where there is one command in it."""


def declare(
    app: typer.Typer,
    name: str,
    *,
    schema: str,
    examples: Sequence[str],
    exits: Sequence[int] = (),
    at_station: bool = True,
    options: Mapping[str, tuple[Any, Any, Any]] | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function of `Run` and its own arguments a command of `app`.

    Args:
        app: the group it joins.
        name: what is typed.
        schema: name of what `--json` prints, such as `peer`; version 1.
        examples: command lines that run as typed.
        exits: the codes with which it can end besides 0, 1 and 2.
        at_station: it takes `--station` and `--officer`.
        options: further options by parameter name: (type, Typer's option, default), for a
            function that takes them as keywords.
    """

    def wrap(function: Callable[..., None]) -> Callable[..., None]:
        own = _own_parameters(function) + _further(options or {})
        shared = _shared_parameters(at_station=at_station)

        @functools.wraps(function)
        def call(**given: Any) -> None:
            words = {each.name: given.pop(each.name) for each in shared}
            function(_run(schema, words), **given)

        _set_signature(call, [*own, *shared])
        told = Declared(schema=schema, examples=tuple(examples), exits=tuple(exits))
        call.declared = told  # type: ignore[attr-defined]
        app.command(name, epilog=_epilog(examples, exits), no_args_is_help=False)(call)
        return function

    return wrap


def _own_parameters(function: Callable[..., None]) -> list[inspect.Parameter]:
    hints = get_type_hints(function, include_extras=True)
    kept = list(inspect.signature(function).parameters.values())[1:]
    return [
        each.replace(annotation=hints[each.name], kind=inspect.Parameter.KEYWORD_ONLY)
        for each in kept
        if each.kind is not inspect.Parameter.VAR_KEYWORD
    ]


def _further(options: Mapping[str, tuple[Any, Any, Any]]) -> list[inspect.Parameter]:
    return [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, said]
        )
        for name, (kind, said, default) in options.items()
    ]


def _shared_parameters(*, at_station: bool) -> list[inspect.Parameter]:
    options = _OUTPUT_OPTIONS | (_STATION_OPTIONS if at_station else {})
    return _further({name: (kind, said, _DEFAULTS[name]) for name, (kind, said) in options.items()})


def _set_signature(call: Callable[..., None], parameters: Sequence[inspect.Parameter]) -> None:
    # Typer reads both; the wrapped function's own would hide the shared options.
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {each.name: each.annotation for each in parameters}
    del call.__wrapped__  # type: ignore[attr-defined]


def _run(schema: str, words: Mapping[str, Any]) -> Run:
    language = words["lang"] or _language_of(os.environ)
    if language not in LANGUAGES:
        raise UsageError(f"--lang {language!r} is not en or zh", next_step="give --lang en or zh.")
    if words["color"] not in ("auto", "always", "never"):
        raise UsageError(f"--color {words['color']!r} is not auto, always or never")
    color: Color = words["color"]
    output = Output(
        schema=f"parley.{schema}/1",
        is_json=words["as_json"],
        is_quiet=words["quiet"],
        is_verbose=words["verbose"],
        fields=tuple(part.strip() for part in words["fields"].split(",") if part.strip()),
        language=language,
        color=color,
    )
    is_terminal = sys.stdin.isatty() and sys.stderr.isatty()
    return Run(
        out=output,
        station=words.get("station") or os.environ.get("PARLEY_STATION") or None,
        officer=words.get("officer") or None,
        can_ask=is_terminal and not words["as_json"] and not words["no_input"],
    )


def _language_of(environ: Mapping[str, str]) -> str:
    """Return the language of texts that the environment asks for; the first one set decides."""
    named = next((environ[name] for name in _LOCALES if environ.get(name)), "")
    return "zh" if named.lower().startswith("zh") else "en"


_COMMAND: Final = re.compile(r"\bparley ([a-z]+(?:-[a-z]+)*)")


def _epilog(examples: Sequence[str], exits: Sequence[int]) -> str:
    """Return examples, exit codes, and what belongs to the command."""
    lines = ["Examples:", *(f"  {each}" for each in examples), "Exit codes:"]
    lines += [f"  {code} {EXIT_CODES[code]}" for code in sorted({0, 2, *exits})]
    command = _COMMAND.search(examples[0])
    assert command is not None, "an example names its command"
    lines.append("See also: " + ", ".join(f"parley {each}" for each in SEE_ALSO[command[1]]))
    return "\n".join(line.replace("[", "\\[") for line in lines)


def read_text(argument: str | None, file: Path | None, *, what: str = "the text") -> str:
    """Return text from an argument, a file, or standard input where the argument is `-` or absent.

    Raises:
        UsageError: both are given, none is, or the file is not UTF-8 text.
    """
    if argument not in (None, "-") and file is not None:
        raise UsageError(f"{what} is given twice: as an argument and by --file")
    try:
        if file is not None:
            with file.open("rb") as opened:
                return _text_of(opened.read(TEXT_BYTES_MAX + 1), what)
        if argument not in (None, "-"):
            return str(argument)
        if argument is None and sys.stdin.isatty():
            raise UsageError(f"{what} is missing", next_step="write it as an argument; - reads it.")
        return _text_of(sys.stdin.buffer.read(TEXT_BYTES_MAX + 1), what)
    except OSError as problem:
        raise UsageError(f"{file} cannot be read: {problem.strerror}") from None


def _text_of(raw: bytes, what: str) -> str:
    if len(raw) > TEXT_BYTES_MAX:
        raise UsageError(
            f"{what} has more than {TEXT_BYTES_MAX} bytes",
            next_step="no entry holds so much; send it in parts.",
        )
    try:
        return raw.decode("utf-8").rstrip("\n")
    except UnicodeDecodeError as problem:
        raise UsageError(
            f"{what} is not UTF-8: byte {problem.start} cannot stand there",
            next_step="convert it, as with iconv -t UTF-8.",
        ) from None


def write_file(path: Path, content: bytes, *, force: bool) -> None:
    """Write a file whole: beside the target, then renamed; `-` is standard output.

    Raises:
        UsageError: it is there already, cannot be written, or bytes would go to a terminal.
    """
    if str(path) == "-":
        if sys.stdout.isatty() and b"\0" in content:
            raise UsageError(
                "this is binary and would go to the terminal", next_step="name a file with --out."
            )
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    if path.exists() and not force:
        raise UsageError(f"{path} is there already", next_step="give --force to replace it.")
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as problem:
        beside.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {problem.strerror}") from None
