"""`parley inbox` and `show`: what needs an act, what peers send, and one entry whole."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any, Final, NoReturn

import typer

from parley.cli.command import Run, declare, new_app
from parley.cli.exits import MATCHED
from parley.cli.output import Column, Result, chosen_text
from parley.cli.paging import Cursor, Every, Limit, gather, more
from parley.cli.reach import Door, entry_path, follow_events, reach, segment
from parley.cli.shown import (
    entry_items,
    file_line,
    place,
    precedence_name,
    shown_fields,
    span,
    text_lines,
    when,
    words,
)
from parley.core.instants import parse_duration, parse_instant
from parley.core.texts import visible
from parley.errors import UsageError

app = new_app("The watch.")

_PAGE: Final = 200

FailIfAny = Annotated[
    bool, typer.Option("--fail-if-any", help="End with 20 if there is anything, for monitors.")
]


# --- inbox ---


@declare(
    app,
    "inbox",
    schema="inbox",
    examples=[
        "parley inbox",
        "parley inbox --for watch --fail-if-any",
        "parley inbox --follow --consumer desk --json",
    ],
    exits=[4, 9, 10, 11, 20],
)
def inbox(
    run: Run,
    *,
    role: Annotated[str, typer.Option("--for", help="Only what this role can do.")] = "",
    limit: Limit = 100,
    cursor: Cursor = "",
    every: Every = False,
    since: Annotated[
        str, typer.Option(help="Only what needs an act since then: a time, or the last 6h, 3d.")
    ] = "",
    fail_if_any: FailIfAny = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Every entry of a peer, once, as it arrives.")
    ] = False,
    consumer: Annotated[
        str, typer.Option(help="With --follow: name under which the place is kept.")
    ] = "",
    confirm: Annotated[
        str, typer.Option(help="With --follow: `auto` after printing, or `stdin`, a line each.")
    ] = "auto",
) -> None:
    """Show what needs an act here, the most urgent first; or follow what peers send.

    With --follow each entry of a peer is one line, from the place kept under --consumer on. With
    --confirm stdin the reader writes back the `id` of each line when it has kept it; what is not
    confirmed comes again after a crash.
    """
    if follow:
        if confirm not in ("auto", "stdin"):
            raise UsageError(f"--confirm {confirm!r} is neither auto nor stdin")
        with reach(run) as door:
            _follow(run, door, consumer, by_stdin=consumer != "" and confirm == "stdin")
        return
    if consumer:
        raise UsageError("--consumer goes with --follow")
    with reach(run, offline=True) as door:
        is_whole = every or bool(since)
        rows, after = gather(
            door, "/inbox", limit=limit, cursor=cursor, every=is_whole, role=role or None
        )
        if since:
            begin = _begin(door, since)
            rows = [row for row in rows if parse_instant(row["since"]) >= begin]
    columns = [
        Column(key="kind", title="NEEDS"),
        Column(key="precedence", title="P"),
        Column(key="peer", title="PEER"),
        Column(key="title", title="WHAT"),
        Column(key="subject", title="SUBJECT", shown=words(run.language)),
        Column(key="left_s", title="LEFT", shown=span),
        Column(key="resource", title="WHERE", shown=place),
    ]
    run.finish(
        Result(
            data={"items": rows, "next_cursor": after},
            columns=columns,
            lines=more(after) if rows else ["nothing needs an act"],
            quiet=[str(row["entry"] or row["draft"] or row["case"] or row["id"]) for row in rows],
            exit_code=MATCHED if rows and fail_if_any else 0,
        )
    )


def _begin(door: Door, since: str) -> int:
    """Return the moment that `--since` means, by the station's clock."""
    try:
        length = parse_duration(since)
    except UsageError:
        return parse_instant(since)
    return parse_instant(door.get("/overview")["now"]) - length


def _follow(run: Run, door: Door, consumer: str, *, by_stdin: bool) -> NoReturn:
    """Print what was not confirmed yet, then whatever arrives, until stopped."""
    path = f"/consumers/{segment(consumer)}" if consumer else ""
    printed = 0 if consumer else int(door.get("/station")["sequence"])

    confirmed = printed

    def take(_: Mapping[str, Any]) -> None:
        nonlocal printed, confirmed
        while True:
            # First what was printed before: the station may have gone away in between.
            if path and confirmed < printed:
                if by_stdin:
                    _confirm_lines(door, path, printed)
                else:
                    door.post(f"{path}/confirm", {"sequence": printed})
                confirmed = printed
            rows = _arrived(door, path, printed)
            if not rows:
                return
            for item in entry_items(rows):
                _print(run, item)
                printed = int(item["sequence"])

    follow_events(run, door, ("entry",), take)


def _arrived(door: Door, path: str, printed: int) -> list[dict[str, Any]]:
    """Return entries of peers that were not printed yet, oldest first."""
    if not path:
        page = door.get("/entries", own=False, after_sequence=printed, limit=_PAGE)
        return list(page["items"])
    # What is printed and not confirmed comes again with each question: it is not new.
    rows = door.get(path, limit=_PAGE)["items"]
    return [row for row in rows if int(row["sequence"]) > printed]


def _confirm_lines(door: Door, path: str, printed: int) -> None:
    """Take confirmations from standard input until everything printed is confirmed.

    Raises:
        UsageError: a line is no id of ours.
        KeyboardInterrupt: input ended: nobody is left to confirm.
    """
    while True:
        line = sys.stdin.readline()
        if not line:
            raise KeyboardInterrupt
        if not line.strip():
            continue
        sequence = _sequence(line.strip())
        if sequence > printed:
            raise UsageError(f"{sequence} was not printed yet, so it cannot be confirmed")
        door.post(f"{path}/confirm", {"sequence": sequence})
        if sequence == printed:
            return


def _sequence(line: str) -> int:
    try:
        said: Any = json.loads(line)
        return int(said["id"] if isinstance(said, dict) else said)
    except (ValueError, KeyError, TypeError):
        raise UsageError(
            f"{line[:80]!r} is no confirmation", next_step="write the id of the line, alone."
        ) from None


def _print(run: Run, item: Mapping[str, Any]) -> None:
    if run.out.is_json:
        run.out.event({"type": "event", "event": "received", "id": str(item["sequence"]), **item})
        return
    subject = chosen_text(item["words"], run.language)
    run.out.line(
        f"{item['name']}  {when(item['times']['received_at'])}  "
        f"{precedence_name(item['precedence'])}  {subject}"
    )
    if not run.out.is_quiet:
        for line in text_lines(item["texts"]):
            run.out.line(f"    {line}")


# --- one entry ---


@declare(
    app,
    "show",
    schema="entry",
    examples=["parley show OPS/BRAVO/12", "parley show OPS/BRAVO/12 --proof"],
    exits=[5, 10, 11],
)
def show(
    run: Run,
    entry: Annotated[str, typer.Argument(help="CHANNEL/PARTY/INDEX.")],
    *,
    proof: Annotated[
        bool, typer.Option("--proof", help="Also leaf, path, signed root and receipts.")
    ] = False,
) -> None:
    """Show one entry with its texts, its three times, and how far it came."""
    with reach(run, offline=True) as door:
        view = door.get(entry_path(entry))
        view["proof"] = door.get(f"{entry_path(entry)}/proof") if proof else None
    run.finish(Result(data=view, lines=_entry_lines(view, run.language), quiet=[view["hash"]]))


def _entry_lines(view: Mapping[str, Any], language: str) -> list[str]:
    times = view["times"]
    lines = [
        "  ".join(
            (
                view["name"],
                precedence_name(view["precedence"]),
                view["mark"],
                f"{view['procedure']}.{view['move']}",
            )
        ),
        f"claimed    {when(times['claimed_at'])} by {view['party']}",
        f"received   {when(times['received_at'])}",
        _witnessed(view),
    ]
    if view["case"]:
        lines.append(f"case       {view['case']}")
    lines += shown_fields(view["fields"], language)
    lines += text_lines(view["texts"])
    lines += [file_line(file) for file in view["attachments"]]
    if view["cannot_process"]:
        lines.append(f"rung 1x    {view['cannot_process']}: not every file is whole here")
    for ack in view["acknowledgements"]:
        lines.append(f"{ack['level']:<10} {when(ack['at'])} by {ack['by']}, {ack['entry']}")
    if not view.get("is_read", True):
        lines.append("what became of it is not known yet: the record is still being read")
    for step in (view["delivery"] or {}).get("steps", []):
        said = visible(str(step["text"] or ""))
        lines.append(f"{step['step']:<10} {when(step['at'])} {said}".rstrip())
    summary = view["proof_summary"]
    lines.append(
        f"signed     {'statement ' + str(summary['statement_no']) if summary['signed'] else 'no'}"
        f"; receipted by {', '.join(summary['receipted_by']) or 'nobody yet'}"
    )
    if view["proof"]:
        lines += _proof_lines(view["proof"])
    return lines


def _witnessed(view: Mapping[str, Any]) -> str:
    by = ", ".join(visible(str(name)) for name in view["proof_summary"]["witnessed_by"])
    if not by:
        return "witnessed  by nobody"
    return f"witnessed  {when(view['times']['witnessed_at'])} by {by}"


def _proof_lines(proof: Mapping[str, Any]) -> list[str]:
    lines = [f"leaf       {proof['leaf']}", f"words      {' '.join(proof['words'])}"]
    statement = proof["statement"]
    if statement:
        verified = "verified" if statement["verified"] else "NOT VERIFIED"
        lines.append(f"root       {statement['root']} of {statement['size']} entries, {verified}")
    lines += [f"path       {node}" for node in proof["inclusion"]]
    for receipt in proof["receipts"]:
        verified = "verified" if receipt["verified"] else "NOT VERIFIED"
        lines.append(
            f"receipt    {receipt['by']} statement {receipt['no']}, {when(receipt['time'])}, "
            f"{verified}"
        )
    seen = proof["cosignature"]
    if seen:
        lines.append(
            f"cosigned   {visible(str(seen['by']))} over {proof['log']['party']}'s statement "
            f"{seen['statement_no']}, {seen['size']} entries, {when(seen['time'])}"
        )
    return lines
