"""`parley simulate`: a network of stations, run with faults from one seed."""

from __future__ import annotations

from typing import Annotated

import typer

from parley.cli.command import NoProgress, Run, declare, new_app
from parley.cli.exits import DOES_NOT_HOLD
from parley.cli.output import Result
from parley.cli.progress import working
from parley.sim.plan import TOPOLOGIES, Options
from parley.sim.run import SimReport
from parley.sim.run import simulate as play

app = new_app("Simulated worlds.")


@declare(
    app,
    "simulate",
    schema="simulate",
    at_station=False,
    examples=[
        "parley simulate --seed 7",
        "parley simulate --seeds 200",
        "parley simulate --seeds 200 --hostile --files",
        "parley simulate --seed 7 --trace",
        "parley simulate --topology triangle --rate 2400 --loss 0.2 --hours 2",
        "parley simulate --topology pair --rate 75 --frame 64 --loss 0.1",
    ],
    exits=[2, 7],
)
def simulate(
    run: Run,
    *,
    seed: Annotated[int, typer.Option(min=0, help="The first seed to play.")] = 1,
    seeds: Annotated[int, typer.Option(min=1, max=100_000, help="How many, from there on.")] = 1,
    topology: Annotated[
        str, typer.Option(help=f"{', '.join(TOPOLOGIES)}; by the seed where left out.")
    ] = "",
    loss: Annotated[
        float | None, typer.Option(help="Chance from 0 to 0.9 that a frame is lost.")
    ] = None,
    rate: Annotated[int | None, typer.Option(help="Bits a second of every path.")] = None,
    frame: Annotated[
        int | None, typer.Option(help="Bytes of the longest frame of every path, 48 or more.")
    ] = None,
    hours: Annotated[
        float | None, typer.Option(help="For how long people talk and things go wrong.")
    ] = None,
    hostile: Annotated[
        bool,
        typer.Option(
            "--hostile", help="With a lying peer, a false forwarder, a replaying relay and a thief."
        ),
    ] = False,
    files: Annotated[
        bool,
        typer.Option("--files", help="Files travel as well; with --hostile some are lies."),
    ] = False,
    trace: Annotated[
        bool, typer.Option("--trace", help="Tell everything that happens, on standard error.")
    ] = False,
    no_progress: NoProgress = False,
) -> None:
    """Play worlds with loss, crashes, partitions and wrong clocks; exit 7 if a promise breaks.

    The same seed and options play the same world, to the byte. With --json each seed is one
    line, and the last line is the result.
    """
    options = Options(
        topology=topology or None,
        loss=loss,
        rate_bps=rate,
        hours=hours,
        frame_bytes=frame,
        hostile=hostile,
        files=files,
    )
    broken: list[int] = []
    is_hidden = no_progress or trace
    with working(run.out, "playing worlds", total=seeds, hidden=is_hidden) as progress:
        for number in range(seed, seed + seeds):
            report = play(number, options=options, trace=_trace if trace else None)
            if not report.ok:
                broken.append(number)
            progress.step()
            _tell(run, report)
    verdict = (
        f"{seeds} seeds: all promises held"
        if not broken
        else f"{len(broken)} of {seeds} seeds broke a promise; replay one with "
        f"parley simulate --seed {broken[0]}{' --hostile' if hostile else ''}"
        f"{' --files' if files else ''} --trace"
    )
    run.finish(
        Result(
            data={"type": "result", "seeds": seeds, "first": seed, "broken": broken},
            lines=[verdict] if seeds > 1 or broken else [],
            exit_code=DOES_NOT_HOLD if broken else 0,
        )
    )


def _tell(run: Run, report: SimReport) -> None:
    """Tell what became of one seed."""
    if run.out.is_json:
        run.out.event(
            {
                "type": "event",
                "event": "seed",
                "seed": report.seed,
                "world": report.world,
                "ok": report.ok,
                "entries": report.entries,
                "events": report.events,
                "frames": report.frames,
                "faults": report.faults,
                "broken": report.broken,
            }
        )
    elif not run.out.is_quiet or not report.ok:
        run.out.line(report.line())


def _trace(line: str) -> None:
    typer.echo(line, err=True)
