"""`parley translate`: an entry by machine into a draft; nothing is sent by it."""

from __future__ import annotations

from typing import Annotated

import typer

from parley.cli.command import Run, declare, new_app
from parley.cli.output import Result
from parley.cli.reach import entry_path, reach
from parley.cli.shown import text_lines

app = new_app("Translation by machine.")


@declare(
    app,
    "translate",
    schema="translate",
    examples=["parley translate OPS/BRAVO/31 --into en"],
    exits=[4, 5, 6, 9, 10],
)
def translate(
    run: Run,
    entry: Annotated[str, typer.Argument(help="The entry, CHANNEL/PARTY/INDEX.")],
    *,
    into: Annotated[str, typer.Option(help="The language, such as en or zh.")] = "",
) -> None:
    """Have an entry translated by the station's engine into a draft that is marked `machine`.

    No engine is shipped; an administrator sets one in parley.toml, under `translation`. A person
    reads the draft, mends it, and releases it like any other, or drops it.
    """
    lang = into or run.ask("Into which language", flag="--into")
    with reach(run) as door:
        draft = door.post(f"{entry_path(entry)}/machine-translation", {"lang": lang})
    run.finish(
        Result(
            data=draft,
            lines=[f"{draft['id']}  kept, not sent", *text_lines(draft["texts"])],
            quiet=[draft["id"]],
        )
    )
