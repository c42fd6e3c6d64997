"""`parley restore`: brings back from peers what an older copy of our log lacks, and goes on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from parley.cli.backup import take_back
from parley.cli.command import NoProgress, Run, declare, new_app
from parley.cli.output import Result
from parley.cli.progress import working
from parley.cli.reach import reach, segment
from parley.core.instants import parse_duration
from parley.errors import UsageError
from parley.station.channel_state import STOPPED

app = new_app("Mending our own log.")

_TIMEOUT: Final = "60s"


@declare(
    app,
    "restore",
    schema="restore",
    examples=[
        "parley restore",
        "parley restore --from-peer BRAVO",
        "parley restore /media/backup/alfa --verify-only",
        "parley restore /media/backup/alfa --into ./alfa-2",
        "parley restore --from-peer BRAVO --from-peer CHARLIE --channel OPS --timeout 5m",
    ],
    exits=[4, 5, 6, 9, 10],
)
def restore(
    run: Run,
    source: Annotated[
        Path | None, typer.Argument(help="A folder that `parley backup` wrote.")
    ] = None,
    *,
    into: Annotated[
        Path | None, typer.Option(help="Make a station of that folder here; empty or missing.")
    ] = None,
    verify_only: Annotated[
        bool, typer.Option("--verify-only", help="Prove that it would work; write nothing.")
    ] = False,
    from_peer: Annotated[
        list[str] | None,
        typer.Option("--from-peer", help="Ask this peer for our log; may be repeated."),
    ] = None,
    channel: Annotated[
        str, typer.Option("--channel", help="Only on this channel; else on every stopped one.")
    ] = "",
    timeout: Annotated[str, typer.Option(help="How long to wait for the peers.")] = _TIMEOUT,
    without_peers: Annotated[
        bool,
        typer.Option(
            "--without-peers",
            help="Go on with what this store holds: what only the peers hold stays there.",
        ),
    ] = False,
    no_progress: NoProgress = False,
) -> None:
    """Put a backup back; or bring back our own entries from peers after that, and go on.

    Nothing is written into a log that is not the newest copy. What the peers hold of it is fetched
    and checked against our own signatures; then a new incarnation of the log begins. Without
    options it says which logs are stopped, and changes nothing. After a theft, `--channel` names a
    log that goes on here and that a member stopped, fooled by the stolen key.
    """
    if source is not None:
        take_back(run, source, into, verify_only=verify_only, others=[from_peer, without_peers])
        return
    if into is not None or verify_only:
        raise UsageError(
            "--into and --verify-only are for a backup", next_step="Name the folder it lies in."
        )
    if from_peer and without_peers:
        raise UsageError("--from-peer and --without-peers are both given")
    with reach(run) as door:
        if channel:
            found = [door.get(f"/channels/{segment(channel)}")]
        else:
            found = door.get("/channels")["items"]
        if not from_peer and not without_peers:
            _told(run, [one for one in found if one["stopped"] is not None])
            return
        body = {"peers": from_peer or [], "timeout_s": parse_duration(timeout)}
        items = []
        for one in found:
            peers = [code for code in from_peer or [] if code in one["parties"]]
            if (from_peer and not peers) or (one["stopped"] is None and not channel):
                continue
            path = f"/channels/{segment(str(one['code']))}/restore"
            what = f"bringing back our log on {one['code']}"
            with working(run.out, what, hidden=no_progress):
                items.append(door.post(path, body | {"peers": peers}))
    lines = [line for item in items for line in _lines(item)]
    run.finish(
        Result(
            data={"items": items, "next_cursor": None},
            lines=lines or ["no log of ours with these peers is stopped: nothing was changed"],
            quiet=[str(item["channel"]) for item in items],
        )
    )


def _told(run: Run, stopped: list[dict[str, Any]]) -> None:
    lines: list[str] = []
    for one in stopped:
        peers = [code for code in one["parties"] if code != one["ours"]]
        lines += [
            f"{one['code']}  stopped: {STOPPED.get(one['stopped'], one['stopped'])}",
            "next  parley restore " + " ".join(f"--from-peer {code}" for code in peers),
        ]
    run.finish(
        Result(
            data={"items": [], "next_cursor": None},
            lines=lines or ["every log of ours is the newest copy, as far as anybody has told"],
            quiet=[str(one["code"]) for one in stopped],
        )
    )


def _lines(item: Mapping[str, Any]) -> list[str]:
    """Return what came of one channel as people read it."""
    came = f"{_many(item['brought'])} came back, each checked against our signature"
    lines = [f"{item['log']}  {came}; {item['stored']} were here"]
    if item["later"]:
        lines.append(
            f"      {item['later']} later logs of ours among them that were not known here"
        )
    for one in item["asked"]:
        differs = "; what it gave does not lead to what our key signed" if one["differs"] else ""
        lines.append(f"      {one['peer']} holds {one['holds']}{differs}")
    if item["off_record"]:
        lines.append(
            f"lost  the text of {_many(item['off_record'])} off the record is the peer's word alone"
        )
    for first, end in item["missing"]:
        what = f"entry {first}" if end == first + 1 else f"entries {first} to {end - 1}"
        lines.append(f"lost  {what}: signed by us, and nobody asked could give it")
    if item["gone"]:
        lines.append(
            f"lost  {_many(item['gone'])} written here, by the marks or a witness, and held by "
            "nobody asked: never receipted"
        )
    elif not item["marked"]:
        lines.append("note  what nobody receipted and no mark tells of cannot be counted")
    if item["unreceipted"]:
        lines.append(
            f"look  {_many(item['unreceipted'])} at the end of the old log are held by nobody "
            "asked: say them again"
        )
    for peer, lacks in item["behind"].items():
        lines.append(
            f"look  {peer} lacks {_many(lacks)} of the old log, as far as it told us, perhaps "
            "parts of files: it fetches them once it is reached, unless it holds none of that log"
        )
    lines.append(f"next  {item['channel']} goes on in a new log; this is on record at the peers")
    return lines


def _many(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"
