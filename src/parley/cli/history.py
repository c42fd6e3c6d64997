"""`parley history import`: a register kept before the line was there becomes claims of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parley.cli.command import Run, declare, new_app
from parley.cli.exits import HELD, IN_PART
from parley.cli.output import Result
from parley.cli.reach import reach
from parley.errors import UsageError

app = new_app("History.")
group = new_app("A register that we kept before the line was there.")
app.add_typer(group, name="history")


@declare(
    group,
    "import",
    schema="history-import",
    examples=[
        "parley history import register.csv --channel OPS --dry-run",
        'parley history import register.csv --channel OPS --name "Register of the ministry"',
        "parley history import register.csv --channel OPS --good-rows",
    ],
    exits=[4, 5, 6, 9, 10, 13, 14],
)
def import_history(
    run: Run,
    file: Annotated[Path, typer.Argument(help="CSV with a heading, or a YAML list, in UTF-8.")],
    *,
    channel: Annotated[str, typer.Option("--channel", help="The channel's code.")] = "",
    name: Annotated[
        str, typer.Option(help="What we call the register; else the file's name.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be made.")
    ] = False,
    good_rows: Annotated[
        bool,
        typer.Option("--good-rows", help="Leave out rows with a problem; they are listed."),
    ] = False,
) -> None:
    """Claim each row of a register; it is our word and no register of the record counts it.

    Columns: number, date and what_en, what_zh or another language are needed; register, by, to,
    due, answered and outcome may stand. Every problem is told with its line and column, and a file
    with one problem changes nothing; --good-rows claims the other rows, says in the claim how many
    of how many they are, and ends with 14. The same file is claimed once.
    """
    from parley.desk.history import FILE_BYTES_MAX  # noqa: PLC0415 - brings every procedure

    code = channel or run.ask("On which channel", flag="--channel")
    try:
        with file.open("rb") as opened:
            raw = opened.read(FILE_BYTES_MAX + 1)
        content = raw.decode("utf-8")
    except OSError as problem:
        raise UsageError(f"{file} cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        raise UsageError(
            f"{file} is not UTF-8: byte {problem.start} cannot stand there",
            next_step="convert it, as with iconv -t UTF-8.",
        ) from None
    if len(raw) > FILE_BYTES_MAX:
        raise UsageError(
            f"{file} has more than {FILE_BYTES_MAX} bytes", next_step="import it in several files."
        )
    body = {
        "channel": code,
        "name": name or file.name,
        "content": content,
        "dry_run": dry_run,
        "good_rows": good_rows,
    }
    with reach(run) as door:
        made = door.post("/history-imports", body)
    what = f"{made['rows']} rows in {made['entries']} claims on {made['channel']}"
    lines = [f"would claim {what}, {made['size']} bytes" if dry_run else f"claimed {what}"]
    lines += [
        f"{one['entry'] or one['draft']}  {one['state']}"
        + (f", needs {', '.join(one['needs'])}" if one["needs"] else "")
        for one in made["submitted"]
    ]
    if made["left"]:
        lines += [f"left out: {where}: {said}" for where, said in made["problems"]]
        lines.append(
            f"{made['left']} rows are left out. Mend them in a file of their own: rows of this one"
            " would be claimed twice."
        )
    is_held = any(one["entry"] is None for one in made["submitted"])
    run.finish(
        Result(
            data=made,
            lines=lines,
            quiet=[one["entry"] or one["draft"] for one in made["submitted"]],
            exit_code=HELD if is_held else IN_PART if made["left"] else 0,
        )
    )
