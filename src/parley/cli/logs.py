"""`parley log`: entries in the order of their chain, bundles for others, and self-checks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from parley.cli.cards import Force, Out
from parley.cli.command import NoProgress, Run, declare, new_app, write_file
from parley.cli.exits import DOES_NOT_HOLD
from parley.cli.output import Column, Result
from parley.cli.progress import working
from parley.cli.reach import Door, follow_events, reach, segment
from parley.cli.shown import entry_columns, entry_items, text_lines
from parley.errors import UsageError

app = new_app("Logs.")
log_app = new_app("Logs: entries in chain order, bundles for others, and their own consistency.")
app.add_typer(log_app, name="log")

CORE: Final = "core"
"""What the entries are named that a station writes by itself."""

_PAGE: Final = 500

Channel = Annotated[str, typer.Option("--channel", help="The channel's code.")]
Party = Annotated[str, typer.Option("--party", help="Whose log; every party's where left out.")]


def logs_of(door: Door, channel: str, party: str) -> list[tuple[str, str]]:
    """Return (channel, party) of every log that is meant.

    Raises:
        NotFoundError: there is no such channel.
    """
    if channel:
        found = [door.get(f"/channels/{segment(channel)}")]
    else:
        found = door.get("/channels")["items"]
    return [
        (str(one["code"]), str(log["party"]))
        for one in found
        for log in one["logs"]
        if party in ("", log["party"])
    ]


@declare(
    log_app,
    "show",
    schema="log",
    examples=[
        "parley log show --channel OPS --party ALFA --json",
        "parley log show --channel OPS --from-index 20",
    ],
    exits=[5, 10, 11],
)
def show(
    run: Run,
    *,
    channel: Channel = "",
    party: Party = "",
    case: Annotated[str, typer.Option(help="Only entries of this case.")] = "",
    from_index: Annotated[int, typer.Option(min=0, help="Begin at this index of the log.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Look at so many.")] = 1000,
    core: Annotated[
        bool, typer.Option("--core", help="Also what stations write themselves: opening, keys.")
    ] = False,
) -> None:
    """Show what people and programs said, in the order of the log, with texts and times."""
    with reach(run, offline=True) as door:
        if case:
            rows = door.get("/entries", case=case, channel=channel or None, limit=_PAGE)["items"]
            rows = [row for row in rows if party in ("", row["party"])]
            cursor = None
        else:
            if not channel:
                raise UsageError("which channel?", next_step="give --channel or --case.")
            if party:
                # A log that nobody opened is a thing not found, not an empty list.
                door.get(f"/logs/{segment(channel)}/{segment(party)}")
            rows, cursor = [], None
            for code, author in logs_of(door, channel, party):
                more, cursor = _rows(door, code, author, from_index, limit - len(rows))
                rows += more
    rows = [row for row in rows if core or row["procedure"] != CORE]
    items = entry_items(rows)
    detail = [line for row in rows for line in (row["name"], *text_lines(row["texts"]))]
    run.finish(
        Result(
            data={"items": items, "next_cursor": cursor},
            columns=entry_columns(run.language),
            quiet=[row["name"] for row in rows],
            detail=detail,
        )
    )


def _rows(
    door: Door, channel: str, party: str, from_index: int, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    rows: list[dict[str, Any]] = []
    at: int = from_index
    while len(rows) < limit:
        page = door.get(
            f"/logs/{segment(channel)}/{segment(party)}/entries",
            from_index=at,
            limit=min(_PAGE, limit - len(rows)),
        )
        rows += page["items"]
        if page["next_cursor"] is None:
            return rows, None
        at = int(page["next_cursor"])
    return rows, str(at)


@declare(
    log_app,
    "export",
    schema="log-export",
    examples=[
        "parley log export --channel OPS --out ops.parley",
        "parley log export --case REQ-ALFA-31 --withhold text --out proof.parley",
        'parley log export --case "REQ-ALFA-31 REQ-ALFA-33" --out asked.parley',
        "parley log export --conflict OPS/ALFA --out fork.parley",
    ],
    exits=[4, 5, 6, 10, 11],
)
def export(
    run: Run,
    *,
    channel: Channel = "",
    case: Annotated[
        str, typer.Option(help="Only the proof of this case; several with spaces between.")
    ] = "",
    conflict: Annotated[
        str, typer.Option(help="Only both notes that show this log's fork or rollback.")
    ] = "",
    withhold: Annotated[
        list[str] | None,
        typer.Option(help="Keep a field, or `files`, back; it still verifies."),
    ] = None,
    out: Out = Path("-"),
    force: Force = False,
    no_progress: NoProgress = False,
) -> None:
    """Write a bundle that a stranger can check with `parley-verify` and nothing else."""
    if str(out) == "-" and run.out.is_json:
        raise UsageError(
            "--json and the bundle would both go to standard output", next_step="name --out FILE."
        )
    if [bool(channel), bool(case), bool(conflict)].count(True) != 1:
        raise UsageError(
            "export what?",
            next_step="give --channel CODE, --case NUMBER or --conflict CHANNEL/PARTY.",
        )
    body = {
        "channel": channel or None,
        "case": case or None,
        "conflict": conflict or None,
        "withhold": withhold or [],
    }
    with (
        reach(run, offline=True) as door,
        working(run.out, "gathering entries and their proofs", hidden=no_progress),
    ):
        content = door.post_bytes("/bundles", body)
    write_file(out, content, force=force)
    if str(out) == "-":
        return
    run.finish(
        Result(
            data={"file": str(out), "bytes": len(content), **body},
            lines=[
                f"bundle written to {out}, {len(content)} bytes",
                f"check it: parley-verify {out} --trust OWN.card --trust PEER.card",
            ],
            quiet=[str(out)],
        )
    )


@declare(
    log_app,
    "check",
    schema="log-check",
    examples=["parley log check", "parley log check --channel OPS --party ALFA"],
    exits=[5, 7, 10, 11],
)
def check(
    run: Run, *, channel: Channel = "", party: Party = "", no_progress: NoProgress = False
) -> None:
    """Recompute logs from their stored bytes; exit 7 if one does not hold."""
    with reach(run, offline=True) as door:
        if channel and party:
            door.get(f"/logs/{segment(channel)}/{segment(party)}")
        logs = list(logs_of(door, channel, party))
        items = []
        with working(run.out, "checking logs", total=len(logs), hidden=no_progress) as progress:
            for code, author in logs:
                items.append(door.get(f"/logs/{segment(code)}/{segment(author)}/check"))
                progress.step()
    broken = [item for item in items if not item["ok"]]
    columns = [
        Column(key="log", title="LOG"),
        Column(key="entries", title="ENTRIES"),
        Column(key="size", title="SIGNED"),
        Column(key="ok", title="HOLDS"),
        Column(key="problems", title="PROBLEMS"),
    ]
    run.finish(
        Result(
            data={"items": items, "next_cursor": None},
            columns=columns,
            lines=[f"{len(broken)} of {len(items)} logs do not hold"] if broken else [],
            exit_code=DOES_NOT_HOLD if broken else 0,
        )
    )


@declare(
    log_app,
    "reindex",
    schema="log-reindex",
    examples=["parley log reindex"],
    exits=[4, 10, 11],
)
def reindex(run: Run) -> None:
    """Write the case index anew from the logs; nothing that was said changes."""
    with reach(run, offline=True) as door:
        data = door.post("/index")
    run.finish(
        Result(
            data=data,
            lines=[f"{data['rows']} rows written anew, {data['differed']} differed"],
            quiet=[str(data["differed"])],
        )
    )


@declare(
    log_app,
    "follow",
    schema="log-follow",
    examples=["parley log follow --channel OPS --json"],
    exits=[9, 10],
)
def follow(run: Run, *, channel: Channel = "", party: Party = "") -> None:
    """Print every entry from now on as it is stored, ours and theirs, until Ctrl-C."""
    with reach(run) as door:
        at = int(door.get("/station")["sequence"])

        def take(_: Mapping[str, Any]) -> None:
            nonlocal at
            is_more = True
            while is_more:
                page = door.get(
                    "/entries",
                    channel=channel or None,
                    party=party or None,
                    after_sequence=at,
                    limit=_PAGE,
                )
                is_more = page["next_cursor"] is not None
                for item in entry_items(page["items"]):
                    print_entry(run, item, "stored")
                    at = max(at, int(item["sequence"]))

        follow_events(run, door, ("entry",), take)


def print_entry(run: Run, item: dict[str, Any], event: str) -> None:
    """Print one entry of a stream: an event line, or columns for people."""
    if run.out.is_json:
        run.out.event({"type": "event", "event": event, **item})
        return
    if run.out.is_quiet:
        run.out.line(str(item["name"]))
        return
    run.out.line("  ".join(column.cell(item) for column in entry_columns(run.language)))
