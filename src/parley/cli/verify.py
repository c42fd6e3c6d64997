"""`parley verify`: the stand-alone verifier under the name that people try first."""

from __future__ import annotations

import typer

from parley.cli.command import new_app
from parley_verify.__main__ import main as run_verifier

app = new_app("Check exported evidence.")


@app.command(
    "verify",
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    },
    add_help_option=False,
)
def verify(context: typer.Context) -> None:
    """Check exported evidence with nothing but the file; the same as `parley-verify`."""
    raise typer.Exit(run_verifier(context.args))
