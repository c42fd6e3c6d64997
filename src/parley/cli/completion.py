"""`parley completion`: the script that completes commands and options in a shell."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from typer._completion_shared import get_completion_script

from parley.cli.command import Run, declare, new_app
from parley.cli.output import Result

app = new_app("Shell completion.")


class Shell(StrEnum):
    """Shells whose completion we can write."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


@declare(
    app,
    "completion",
    schema="completion",
    at_station=False,
    examples=[
        'eval "$(parley completion bash)"',
        "parley completion fish > ~/.config/fish/completions/parley.fish",
    ],
)
def completion(
    run: Run, shell: Annotated[Shell, typer.Argument(help="The shell you use.")]
) -> None:
    """Print the completion script for a shell."""
    script = get_completion_script(
        prog_name="parley", complete_var="_PARLEY_COMPLETE", shell=shell.value
    )
    run.finish(Result(data={"shell": shell.value, "script": script}, lines=script.split("\n")))
