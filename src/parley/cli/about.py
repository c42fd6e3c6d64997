"""`parley version`, `schema` and `help`: what this program is and what it prints."""

from __future__ import annotations

import json
from importlib import metadata
from typing import Annotated, Any

import typer

from parley.cli import topics
from parley.cli.command import Run, declare, new_app
from parley.cli.output import Result
from parley.errors import NotFoundError

app = new_app("About this program.")


@declare(
    app,
    "version",
    schema="version",
    at_station=False,
    examples=["parley version", "parley version --json"],
)
def version(run: Run) -> None:
    """Say which version this is."""
    number = metadata.version("parley-link")
    run.finish(
        Result(
            data={"version": number, "protocol": 1},
            lines=[f"parley {number}, protocol 1"],
            quiet=[number],
        )
    )


@declare(
    app,
    "schema",
    schema="schema",
    at_station=False,
    examples=["parley schema", "parley schema card", "parley schema procedures"],
    exits=[5],
)
def schema(
    run: Run,
    name: Annotated[
        str, typer.Argument(help="Such as `card`, `config-file`, `procedures`, `request.open`.")
    ] = "",
) -> None:
    """Print a JSON Schema: of what --json prints, of the settings file, or of a move's fields."""
    from parley.cli.schemas import names_of_schemas, schema_of  # noqa: PLC0415 - brings the API

    if not name:
        names = names_of_schemas()
        run.finish(
            Result(
                data={"items": [{"name": each} for each in names], "next_cursor": None},
                lines=names,
                quiet=names,
            )
        )
        return
    found: Any = schema_of(name)
    if found is None:
        raise NotFoundError(f"there is no schema {name!r}", next_step="parley schema lists them.")
    run.finish(Result(data=found, lines=[json.dumps(found, ensure_ascii=False, indent=2)]))


@declare(
    app,
    "help",
    schema="help",
    at_station=False,
    examples=["parley help topics", "parley help exit-codes"],
    exits=[5],
)
def help_on(
    run: Run,
    words: Annotated[
        list[str] | None, typer.Argument(help="A command such as `peer add`, or a topic.")
    ] = None,
) -> None:
    """Explain a command or a topic."""
    name = " ".join(words or ["topics"])
    text = topics.text_of(name) or topics.help_of_command(words or [])
    if text is None:
        raise NotFoundError(
            f"there is no command or topic {name!r}", next_step="parley help topics lists topics."
        )
    run.finish(Result(data={"name": name, "text": text}, lines=text.rstrip("\n").split("\n")))
