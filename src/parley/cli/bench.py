"""`parley bench`: measure this machine, with real stations on its disk."""

from __future__ import annotations

import asyncio
import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from parley.cli.command import Run, declare, new_app
from parley.cli.output import Column, Result
from parley.errors import UsageError
from parley.station.directory import read_limited

app = new_app("Measure this machine.")

_EARLIER_BYTES_MAX: Final = 1_000_000


@declare(
    app,
    "bench",
    schema="bench",
    at_station=False,
    examples=[
        "parley bench",
        "parley bench link --entries 2000",
        "parley bench --compare old.json",
    ],
    exits=[7],
)
def bench(
    run: Run,
    suite: Annotated[str, typer.Argument(help="store, link or verify; all where left out.")] = "",
    *,
    entries: Annotated[
        int, typer.Option(min=10, max=50_000, help="Entries for each figure.")
    ] = 500,
    directory: Annotated[
        Path | None, typer.Option(help="On this disk; the temporary one where left out.")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(help="What `bench --json` printed earlier.")
    ] = None,
) -> None:
    """Measure two real stations on this machine: storing, delivering, verifying.

    They run in one process with keys of their own, and leave nothing behind.
    """
    from parley.cli.bench_suites import SUITES, measure  # noqa: PLC0415 - brings whole stations

    if suite and suite not in SUITES:
        raise UsageError(f"there is no suite {suite!r}", next_step=f"give {', '.join(SUITES)}.")
    before = _earlier(compare) if compare else {}
    items: list[dict[str, Any]] = []
    for name in [suite] if suite else SUITES:
        run.out.tell(f"measuring {name} ...")
        with tempfile.TemporaryDirectory(prefix="parley-bench-", dir=directory) as place:
            figures = asyncio.run(measure(name, Path(place), entries))
        for figure in figures:
            item = asdict(figure)
            earlier = before.get((name, figure.measure))
            item["earlier"] = earlier
            item["ratio"] = round(figure.value / earlier, 3) if earlier else None
            items.append(item)
            if run.out.is_json:
                run.out.event({"type": "progress", **item})
    columns = [
        Column(key="suite", title="SUITE"),
        Column(key="measure", title="WHAT"),
        Column(key="value", title="VALUE"),
        Column(key="unit", title="UNIT"),
        Column(key="entries", title="ENTRIES"),
    ]
    if compare:
        columns += [Column(key="earlier", title="EARLIER"), Column(key="ratio", title="RATIO")]
    run.finish(
        Result(
            data={"type": "result", "items": items, "next_cursor": None},
            columns=columns,
        )
    )


def _earlier(path: Path) -> dict[tuple[str, str], float]:
    """Return the figures of an earlier run: the last line of what it printed.

    Raises:
        UsageError: it is no such file.
    """
    try:
        lines = read_limited(path, _EARLIER_BYTES_MAX).decode("utf-8").strip().split("\n")
        items = json.loads(lines[-1])["data"]["items"]
        return {(str(one["suite"]), str(one["measure"])): float(one["value"]) for one in items}
    except (ValueError, KeyError, TypeError, IndexError):
        raise UsageError(
            f"{path} holds no figures", next_step="keep what parley bench --json prints."
        ) from None
