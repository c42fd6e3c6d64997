"""`parley watch-log` and `parley timeline`: who has the watch, its log, and what came when."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from parley.cli.command import Run, declare, new_app
from parley.cli.output import Column, Result
from parley.cli.paging import Cursor, Every, Limit, gather, more
from parley.cli.reach import reach
from parley.cli.shown import when
from parley.core.texts import visible

app = new_app("The watch floor.")
group = new_app("The watch log: who has the watch, notes, and hand-overs.")
app.add_typer(group, name="watch-log")

Seen = Annotated[
    list[str] | None,
    typer.Option(
        help="An open item that was gone through; its id as `parley inbox --json` has it."
    ),
]


@declare(
    group,
    "show",
    schema="watch-log",
    examples=["parley watch-log show", "parley watch-log show --limit 20"],
    exits=[4, 10, 11],
)
def show(run: Run, *, limit: Limit = 100, cursor: Cursor = "", every: Every = False) -> None:
    """Show who has the watch, and the log, newest first."""
    with reach(run, offline=True) as door:
        state = door.get("/watch")
        rows, after = gather(door, "/watch/log", limit=limit, cursor=cursor, every=every)
    columns = [
        Column(key="at", title="TIME", shown=when),
        Column(key="officer", title="OFFICER"),
        Column(key="kind", title="WHAT"),
        Column(key="to", title="TO OR FROM"),
        Column(key="items", title="SEEN"),
        Column(key="text", title="TEXT"),
    ]
    who = state["officer"] or "nobody"
    offered = f", offered to {state['offered_to']}" if state["offered_to"] else ""
    run.finish(
        Result(
            data={"items": rows, "next_cursor": after},
            columns=columns,
            lines=[f"the watch: {who}{offered}", *more(after)],
            quiet=[str(row["number"]) for row in rows],
        )
    )


@declare(
    group,
    "note",
    schema="watch-row",
    examples=['parley watch-log note "BRAVO said by voice that the mast is down"'],
    exits=[4, 10, 11],
)
def note(run: Run, text: Annotated[str, typer.Argument(help="Internal; never sent.")]) -> None:
    """Write a note into the watch log; it cannot be changed later."""
    _post(run, "notes", {"text": text})


@declare(
    group,
    "offer",
    schema="watch-row",
    examples=["parley watch-log offer ALFA-2 --seen alarm-A-000003"],
    exits=[4, 6, 10, 11],
)
def offer(
    run: Run,
    to: Annotated[str, typer.Argument(help="The officer who is to take it.")],
    *,
    seen: Seen = None,
    text: Annotated[str, typer.Option(help="What to know.")] = "",
) -> None:
    """Offer the watch to another officer, having gone through everything that is open."""
    _post(run, "offer", {"to": to, "items": _items(seen), "text": text})


@declare(
    group,
    "take",
    schema="watch-row",
    examples=["parley watch-log take", 'parley watch-log take --text "ALFA-1 is ill"'],
    exits=[4, 6, 10, 11],
)
def take(
    run: Run,
    *,
    seen: Seen = None,
    text: Annotated[str, typer.Option(help="Why it is taken without a hand-over.")] = "",
) -> None:
    """Take the watch, having gone through everything that is open."""
    _post(run, "take", {"items": _items(seen), "text": text})


@declare(
    group,
    "leave",
    schema="watch-row",
    examples=['parley watch-log leave "the room is being cleared"'],
    exits=[4, 6, 10, 11],
)
def leave(run: Run, text: Annotated[str, typer.Argument(help="Why.")]) -> None:
    """Leave the watch with nobody to take it; from then on the log shows a gap."""
    _post(run, "leave", {"text": text})


def _items(seen: list[str] | None) -> list[str]:
    return [item for given in seen or [] for item in given.split()]


def _post(run: Run, act: str, body: dict[str, Any]) -> None:
    with reach(run) as door:
        row = door.post(f"/watch/{act}", body)
    what = visible(f"{row['kind']} {row['to']} {row['text']}".strip())
    run.finish(
        Result(
            data=row,
            lines=[f"{row['number']}  {row['officer']}  {what}"],
            quiet=[str(row["number"])],
        )
    )


@declare(
    app,
    "timeline",
    schema="timeline",
    examples=[
        "parley timeline OPS",
        "parley timeline OPS --from 2026-11-20T00:00Z --to 2026-11-21T00:00Z",
    ],
    exits=[4, 5, 10, 11],
)
def timeline(
    run: Run,
    channel: Annotated[str, typer.Argument(help="The channel's code.")],
    *,
    from_: Annotated[
        str, typer.Option("--from", help="A time with its zone; a day before the end.")
    ] = "",
    to: Annotated[str, typer.Option(help="A time with its zone; now where left out.")] = "",
) -> None:
    """Show what came when on a channel, and when nothing signed by a party was received."""
    with reach(run, offline=True) as door:
        view = door.get("/timeline", channel=channel, **{"from": from_ or None, "to": to or None})
    found = [
        (entry["times"]["received_at"], f"{entry['name']}  {entry['procedure']} {entry['move']}")
        for entry in view["entries"]
    ]
    found += [
        (silence["from_at"], f"{lane['party']}  silent {_until(silence)}")
        for lane in view["lanes"]
        for silence in lane["silences"]
    ]
    lines = [f"{when(at)}  {visible(what)}" for at, what in sorted(found)]
    if view["is_cut"]:
        lines.append("earlier entries of this time are left out: name a later --from")
    run.finish(
        Result(
            data=view,
            lines=lines or ["nothing came, and nobody was silent for long"],
            quiet=[entry["name"] for entry in view["entries"]],
        )
    )


def _until(silence: dict[str, Any]) -> str:
    return "and still is" if silence["is_open"] else f"to {when(silence['to_at'])}"
