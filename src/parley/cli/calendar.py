"""`parley calendar`: what is due, as a list, as a file, and at addresses to subscribe to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from parley.cli.cards import Force
from parley.cli.command import Run, declare, new_app, write_file
from parley.cli.exits import MATCHED
from parley.cli.output import Column, Result
from parley.cli.paging import Cursor, Every, Limit, gather, more
from parley.cli.reach import reach, segment
from parley.cli.shown import span, when, words

app = new_app("The calendar.")
group = new_app("What is due: clocks, dates named in cases, dates of every year, endings.")
app.add_typer(group, name="calendar")


@declare(
    group,
    "list",
    schema="calendar",
    examples=[
        "parley calendar list",
        "parley calendar list --days 14 --kind yearly",
        "parley calendar list --days 1 --fail-if-any",
    ],
    exits=[5, 10, 11, 20],
)
def list_due(
    run: Run,
    *,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How far ahead.")] = 366,
    channel: Annotated[str, typer.Option(help="Only on this channel.")] = "",
    kind: Annotated[str, typer.Option(help="Only clock, date, yearly, ending or card.")] = "",
    limit: Limit = 100,
    cursor: Cursor = "",
    every: Every = False,
    fail_if_any: Annotated[
        bool, typer.Option("--fail-if-any", help="Exit 20 if anything is listed, for monitors.")
    ] = False,
) -> None:
    """List everything that is due, the first due first; what is overdue stays until answered.

    STATE is `ahead`, then `soon` and `near` as the warnings before it come, then `now` or
    `overdue`; a day of every year is `met` when all have given what it asks for. WHO tells how
    each party stands towards such a day. --json has the rule that says what meets it.
    """
    with reach(run, offline=True) as door:
        rows, after = gather(
            door,
            "/calendar",
            limit=limit,
            cursor=cursor,
            every=every,
            days=days,
            channel=channel or None,
            kind=kind or None,
        )
    columns = [
        Column(key="at", title="DUE", shown=when),
        Column(key="state", title="STATE"),
        Column(key="left_s", title="LEFT", shown=span),
        Column(key="who", title="WHO"),
        Column(key="what", title="WHAT", shown=words(run.language)),
        Column(key="where", title="WHERE"),
        Column(key="subject", title="SUBJECT", shown=words(run.language)),
        Column(key="source", title="SET BY"),
    ]
    items = [
        {**row, "who": _who(row, run.language), "where": row["case"] or row["channel"]}
        for row in rows
    ]
    run.finish(
        Result(
            data={"items": items, "next_cursor": after},
            columns=columns,
            lines=more(after),
            quiet=[f"{row['at']} {row['case'] or row['channel'] or row['kind']}" for row in rows],
            exit_code=MATCHED if fail_if_any and rows else 0,
        )
    )


def _who(row: Mapping[str, Any], language: str) -> str:
    if row["standing"]:
        shown = words(language)
        return ", ".join(f"{one['party']} {shown(one['words'])}" for one in row["standing"])
    if row["us_owe"]:
        return "us"
    return row["owed_by"] or "-"


@declare(
    group,
    "export",
    schema="calendar-export",
    examples=[
        "parley calendar export --out due.ics",
        "parley calendar export --out due.ics --force",
    ],
    exits=[4, 10, 11],
)
def export(
    run: Run,
    *,
    out: Annotated[Path, typer.Option(help="The file; - is standard output.")] = Path("due.ics"),
    force: Force = False,
) -> None:
    """Write what is due within a year as iCalendar; nothing that anybody wrote is in it."""
    with reach(run, offline=True) as door:
        content = door.get_bytes("/calendar/file", lang=run.language)
    write_file(out, content, force=force)
    if str(out) == "-":
        return
    events = content.count(b"BEGIN:VEVENT")
    run.finish(
        Result(
            data={"file": str(out), "events": events},
            lines=[f"{out}  {events} events"],
            quiet=[str(out)],
        )
    )


@declare(
    group,
    "subscribe",
    schema="calendar-subscribe",
    examples=["parley calendar subscribe wall-display", "parley calendar subscribe desk --lang zh"],
    exits=[4, 6, 10, 11],
)
def subscribe(
    run: Run, label: Annotated[str, typer.Argument(help="For whom or what; shown here only.")]
) -> None:
    """Make an address that a calendar program reads; whoever has it sees what is due, no text."""
    with reach(run, offline=True) as door:
        made = door.post("/calendar/feeds", {"label": label, "language": run.language})
    run.finish(
        Result(
            data=made,
            lines=[
                f"{made['console_path']}",
                f"At the console's address; at the API's it is {made['path']}.",
                "It is shown this once. Whoever has it can read the list.",
                f"It ends with: parley calendar revoke {made['feed']['id']}",
            ],
            quiet=[made["console_path"]],
        )
    )


@declare(
    group,
    "feeds",
    schema="calendar-feeds",
    examples=["parley calendar feeds"],
    exits=[4, 10, 11],
)
def feeds(run: Run) -> None:
    """List your calendar addresses, never their secrets; an administrator sees everybody's."""
    with reach(run, offline=True) as door:
        page = door.get("/calendar/feeds")
    columns = [
        Column(key="id", title="ID"),
        Column(key="officer", title="OFFICER"),
        Column(key="label", title="LABEL"),
        Column(key="language", title="LANGUAGE"),
        Column(key="made_at", title="MADE", shown=when),
    ]
    run.finish(Result(data=page, columns=columns, quiet=[feed["id"] for feed in page["items"]]))


@declare(
    group,
    "revoke",
    schema="calendar-feed",
    examples=["parley calendar revoke 4f0c2ab91d77"],
    exits=[4, 5, 10, 11],
)
def revoke(
    run: Run, feed: Annotated[str, typer.Argument(help="As `parley calendar feeds` lists it.")]
) -> None:
    """End a calendar address at once."""
    with reach(run, offline=True) as door:
        gone = door.delete(f"/calendar/feeds/{segment(feed)}")
    run.finish(Result(data=gone, lines=[f"{gone['id']}  {gone['label']}  ended"]))
