"""`parley carry`: files that a person carries where no line leads."""

from __future__ import annotations

import base64
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from parley.cli.cards import Force
from parley.cli.command import Run, declare, new_app, write_file
from parley.cli.exits import IN_PART
from parley.cli.output import Column, Result
from parley.cli.reach import reach
from parley.cli.shown import when
from parley.core.courier import (
    CODE_CHARACTERS,
    FILE_BYTES_MAX,
    LINE_CHARACTERS,
    lines_of,
)
from parley.errors import MalformedError, UsageError

app = new_app("Courier.")
group = new_app("Courier: what a peer lacks as a file, lines or printed codes; and what comes so.")
app.add_typer(group, name="carry")

_READ_MAX: Final = 2 * FILE_BYTES_MAX


@declare(
    group,
    "out",
    schema="carry-out",
    examples=[
        "parley carry out BRAVO --out for-bravo.courier",
        "parley carry out BRAVO --max-size 20000 --as codes --out for-bravo.svg",
        "parley carry out BRAVO --max-size 4096 --as lines",
    ],
    exits=[4, 5, 8, 9, 10],
)
def carry_out(
    run: Run,
    peer: Annotated[str, typer.Argument(help="The peer's code.")],
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The file to write; - is standard output.")
    ] = Path("-"),
    form: Annotated[
        str, typer.Option("--as", help="`file`, `lines` to type or read out, or `codes` (SVG).")
    ] = "file",
    max_size: Annotated[
        int, typer.Option(min=4_096, max=FILE_BYTES_MAX, help="Largest file, in bytes.")
    ] = FILE_BYTES_MAX,
    force: Force = False,
) -> None:
    """Write what a peer has not receipted, the most urgent first; sealed, only it can open it.

    It is made anew each time, so that a later file holds what an earlier one held until that is
    receipted. Whoever takes in the later one needs the earlier one no more.
    """
    if form not in ("file", "lines", "codes"):
        raise UsageError(f"--as is {form!r}", next_step="It is file, lines or codes.")
    if str(out) == "-" and run.out.is_json:
        raise UsageError(
            "--json and the file would both go to standard output", next_step="Name --out FILE."
        )
    with reach(run) as door:
        made = door.post("/courier/out", {"peer": peer, "size_max": max_size})
    row = made["row"]
    raw = _formed(base64.b64decode(made["content"]), form, f"to {peer}, file {row['number']}")
    write_file(out, raw, force=force)
    if str(out) == "-":
        return
    lines = [f"{row['count']} entries for {row['peer']} in {out}, {len(raw)} bytes"]
    if row["left"]:
        lines.append(f"{row['left']} entries did not fit; they wait for the next file or the line")
    lines += [f"nothing of channel {code}: our log there is stopped" for code in made["stopped"]]
    data = {"file": str(out), "form": form, **row}
    run.finish(Result(data=data, lines=lines, quiet=[str(out)]))


def _formed(raw: bytes, form: str, title: str) -> bytes:
    if form == "file":
        return raw
    try:
        if form == "lines":
            return ("\n".join(lines_of(raw, LINE_CHARACTERS)) + "\n").encode("ascii")
        codes = lines_of(raw, CODE_CHARACTERS)
    except MalformedError as too_long:
        raise UsageError(
            str(too_long), next_step="Give a smaller --max-size, or carry the file itself."
        ) from None
    from parley.station.card_page import codes_page  # noqa: PLC0415 - only printing needs it

    return codes_page(codes, title).encode()


@declare(
    group,
    "in",
    schema="carry-in",
    examples=["parley carry in from-bravo.courier --dry-run", "parley carry in typed-lines.txt"],
    exits=[4, 6, 9, 10, 14],
)
def carry_in(
    run: Run,
    source: Annotated[
        str, typer.Argument(help="The file, or its lines or codes as text; - is standard input.")
    ],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it holds; take nothing in.")
    ] = False,
) -> None:
    """Take in what a courier brought; exit 14 where a part of it could not be read or used.

    Lines may stand in any order, and with spaces. A missing or damaged one is named, and nothing
    is taken in before all are there. What is taken in is checked as if it came over the line.
    """
    body = {
        "content": base64.b64encode(_read(source)).decode("ascii"),
        "dry_run": dry_run,
    }
    with reach(run) as door:
        look = door.post("/courier/in", body)
    in_part = bool(look["damaged"] or look["missing"] or look["standing"] != "whole")
    run.finish(
        Result(
            data=look,
            lines=_told(look),
            quiet=[str(look["new"])],
            exit_code=IN_PART if in_part else 0,
        )
    )


def _read(source: str) -> bytes:
    try:
        if source == "-":
            raw = sys.stdin.buffer.read(_READ_MAX + 1)
        else:
            with Path(source).open("rb") as opened:
                raw = opened.read(_READ_MAX + 1)
    except OSError as problem:
        raise UsageError(f"{source} cannot be read: {problem.strerror}") from None
    if len(raw) > _READ_MAX:
        raise UsageError(f"{source} has more bytes than a courier's file or its lines ever have")
    return raw


def _told(look: Mapping[str, Any]) -> list[str]:
    verb = "taken in" if look["taken"] else "holds"
    lines = [f"{verb}: {look['count']} entries from {look['peer'] or 'nobody known here'}"]
    lines[0] += f", {look['new']} of them new"
    if look["why"]:
        lines.append(f"cannot be taken in: {look['why']}")
    if look["damaged"]:
        lines.append(f"{look['damaged']} frames could not be read; ask for the file again")
    if look["missing"]:
        lines.append(f"{look['missing']} entries are not held yet: what leads to them is missing")
    if look["charters"]:
        lines.append(f"it proposes {look['charters']} channels; see parley channel list")
    return lines


@declare(group, "list", schema="carry-list", examples=["parley carry list"], exits=[4, 10, 11])
def list_files(run: Run) -> None:
    """List files that went and came, and how much of each is receipted."""
    with reach(run, offline=True) as door:
        page = door.get("/courier")
    columns = [
        Column(key="number", title="FILE"),
        Column(key="way", title="WAY"),
        Column(key="peer", title="PEER"),
        Column(key="at", title="WHEN", shown=when),
        Column(key="by", title="BY"),
        Column(key="count", title="ENTRIES"),
        Column(key="receipted", title="RECEIPTED"),
        Column(key="left", title="LEFT OVER"),
        Column(key="size", title="BYTES"),
    ]
    quiet = [str(row["number"]) for row in page["items"]]
    run.finish(Result(data=page, columns=columns, quiet=quiet))
