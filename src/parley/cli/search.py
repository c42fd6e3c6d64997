"""`parley search`: words and terms over everything that was said, in any language."""

from __future__ import annotations

from typing import Annotated

import typer

from parley.cli.command import Run, declare, new_app
from parley.cli.exits import MATCHED
from parley.cli.output import Result
from parley.cli.paging import Cursor, Every, Limit, gather, more
from parley.cli.reach import reach
from parley.cli.shown import entry_columns, entry_items

app = new_app("Search.")


@declare(
    app,
    "search",
    schema="search",
    examples=[
        "parley search nets pier",
        "parley search 渔网 from:BRAVO after:2026-11-01T00:00:00Z",
        "parley search procedure:request state:pending precedence:O",
    ],
    exits=[5, 10, 11, 20],
)
def search(
    run: Run,
    words: Annotated[list[str], typer.Argument(help="Words, and terms such as from:BRAVO.")],
    *,
    limit: Limit = 50,
    cursor: Cursor = "",
    every: Every = False,
    fail_if_any: Annotated[
        bool, typer.Option("--fail-if-any", help="Exit 20 if anything is found, for monitors.")
    ] = False,
) -> None:
    """Find entries that hold every word and fit every term, newest first.

    A word is found in texts, fields, subjects, names and case numbers; case and width of letters do
    not count, and one character is enough. Terms: from: to: channel: procedure: precedence: case:
    state: after: before: lang:. A state of several words and a date-time group are written with
    hyphens, a day as 2026-11-24.
    """
    with reach(run, offline=True) as door:
        rows, after = gather(
            door, "/search", limit=limit, cursor=cursor, every=every, words=" ".join(words)
        )
    run.finish(
        Result(
            data={"items": entry_items(rows), "next_cursor": after},
            columns=entry_columns(run.language),
            lines=more(after),
            quiet=[row["name"] for row in rows],
            exit_code=MATCHED if fail_if_any and rows else 0,
        )
    )
