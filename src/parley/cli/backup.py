"""`parley backup`: a copy of a station that runs, checked; and what `restore` does with one."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from parley.cli.command import NoProgress, Run, declare, new_app
from parley.cli.output import Result
from parley.cli.progress import working
from parley.core.instants import Instant, dtg, rfc3339
from parley.errors import UsageError
from parley.station.at_rest import Copied, note_copied
from parley.station.config import load
from parley.station.directory import find_station

if TYPE_CHECKING:
    from parley.station.backing_up import Checked

app = new_app("Copies of a station.")


@declare(
    app,
    "backup",
    schema="backup",
    examples=["parley backup /media/backup/alfa", "parley backup backups/today --json"],
    exits=[6, 10],
)
def backup(
    run: Run,
    out: Annotated[Path, typer.Argument(help="Folder to write; empty or missing.")],
    *,
    no_progress: NoProgress = False,
) -> None:
    """Copy settings, card, sealed keys and record while the station runs, and check the copy.

    Keys stay sealed under their passphrase; root keys are not copied. Everything in the copy is
    computed once more: files, roots, statements and signatures.
    """
    from parley.station.backing_up import back_up  # noqa: PLC0415 - help is quick without it

    config = load(find_station(run.station, start=Path.cwd()), environ=os.environ)
    now = int(time.time()) + config.station.clock_offset_s
    with working(run.out, "copying the station, and checking the copy", hidden=no_progress):
        made = back_up(config, out, now=now)
    note_copied(config.directory, Copied(at=now, card=made.card, record=now))
    run.finish(
        Result(
            data=_data(made, out, None),
            lines=[
                f"station {made.code} copied to {out}",
                *_lines(made),
                "Root keys are not in it. Carry it off this machine.",
            ],
            quiet=[str(out)],
        )
    )


def take_back(
    run: Run, source: Path, into: Path | None, *, verify_only: bool, others: Sequence[object]
) -> None:
    """Make a station of a backup, or only prove that it would work.

    Raises:
        UsageError: options that do not go together.
    """
    from parley.station.backing_up import check, put_back  # noqa: PLC0415 - help is quick without

    if any(others):
        raise UsageError(
            "a backup and peers are both named",
            next_step="Put the backup back first; then parley restore --from-peer CODE.",
        )
    if verify_only is (into is not None):
        raise UsageError(
            "where the station is to be made is not said, or said twice",
            next_step="Give --into DIRECTORY, or else --verify-only.",
        )
    with working(run.out, "checking the backup", hidden=False):
        found = check(source) if into is None else put_back(source, into)
    if into is None:
        lines = [f"a backup of {found.code}, and whole", *_lines(found)]
    else:
        lines = [
            f"station {found.code} put back into {into}",
            *_lines(found),
            "next   see that no other machine runs with these keys, and never will",
            f"       parley serve --station {into}",
            f"       parley restore --from-peer CODE --station {into}",
            "       Nothing is written into its logs before that: peers hold what came after.",
        ]
    told = replace(run.out, schema="parley.backup/1")
    replace(run, out=told).finish(
        Result(data=_data(found, source, into), lines=lines, quiet=[found.code])
    )


def _data(found: Checked, folder: Path, station: Path | None) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "code": found.code,
        "card": found.card,
        "made": rfc3339(Instant(found.made)),
        "entries": found.entries,
        "statements": found.statements,
        "unsigned": found.unsigned,
        "logs": [
            {
                "log": one.name,
                "size": one.size,
                "root": one.root,
                "signed_at": None if one.signed_at is None else rfc3339(Instant(one.signed_at)),
            }
            for one in found.logs
        ],
        "station": None if station is None else str(station),
    }


def _lines(found: Checked) -> list[str]:
    newest = max((one.signed_at for one in found.logs if one.signed_at is not None), default=None)
    signed = "" if newest is None else f"; signed last {dtg(Instant(newest))}"
    count = f"{found.entries} entries and {found.statements} statements in {len(found.logs)} logs"
    lines = [
        f"made   {dtg(Instant(found.made))}, card number {found.card}",
        f"holds  {count}, all computed again{signed}",
        *(f"       {one.name}  {one.size}  {one.root[:16]}" for one in found.logs),
    ]
    if found.unsigned:
        lines.append(f"look   {found.unsigned} statements of parties whose card is not in it")
    return lines
