"""`parley exercise`: an exercise at this station, with a script and a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from parley.cli.command import Run, declare, new_app
from parley.cli.output import Column, Result
from parley.cli.reach import Door, reach, segment
from parley.cli.shown import span, when
from parley.core.instants import parse_duration
from parley.core.texts import visible
from parley.errors import ConflictError
from parley.station.directory import read_limited
from parley.station.exercise_views import read_script

app = new_app("Exercises.")
group = new_app("Exercises at this station: start, inject, stop, report.")
app.add_typer(group, name="exercise")

SCRIPT_BYTES_MAX: Final = 200_000

Number = Annotated[str, typer.Argument(help="The exercise; the newest one where left out.")]


@declare(
    group,
    "start",
    schema="exercise",
    examples=[
        'parley exercise start "Autumn watch" --channel OPS',
        'parley exercise start "Autumn watch" --channel OPS --script injects.txt --speed 10',
    ],
    exits=[4, 6, 10],
)
def start(
    run: Run,
    name: Annotated[str, typer.Argument(help="What it is called.")],
    *,
    channel: Annotated[list[str], typer.Option(help="A channel it is held on; repeat it.")],
    script: Annotated[
        Path | None, typer.Option(help="What happens in it: lines such as `10m: A tug calls.`")
    ] = None,
    speed: Annotated[int, typer.Option(help="How many times faster than the script.")] = 1,
) -> None:
    """Begin an exercise: what is written on its channels is marked EXERCISE unless one says LIVE.

    Each line of the script becomes an alarm here when its time has come, with the word EXERCISE
    first and last. Alarms about live things sound as ever.
    """
    raw = b"" if script is None else read_limited(script, SCRIPT_BYTES_MAX)
    injects = [asdict(each) for each in read_script(raw.decode("utf-8", "replace"))]
    body = {"name": name, "channels": channel, "injects": injects, "speed": speed}
    with reach(run) as door:
        exercise = door.post("/exercises", body)
    run.finish(Result(data=exercise, lines=_lines(exercise), quiet=[exercise["number"]]))


@declare(
    group,
    "inject",
    schema="exercise",
    examples=['parley exercise inject "A tug calls for help." --after 5m'],
    exits=[4, 5, 6, 10],
)
def inject(
    run: Run,
    text: Annotated[str, typer.Argument(help="What happens.")],
    *,
    after: Annotated[str, typer.Option(help="How long from now, such as 5m.")] = "0s",
) -> None:
    """Let something happen in the exercise that runs: an alarm here, marked EXERCISE."""
    body = {"text": text, "after_s": parse_duration(after)}
    with reach(run) as door:
        number = segment(_running(door)["number"])
        exercise = door.post(f"/exercises/{number}/injects", body)
    run.finish(Result(data=exercise, lines=_lines(exercise), quiet=[exercise["number"]]))


@declare(group, "stop", schema="exercise", examples=["parley exercise stop"], exits=[4, 5, 6, 10])
def stop(run: Run) -> None:
    """End the exercise that runs; what of its script has not happened never will."""
    with reach(run) as door:
        number = segment(_running(door)["number"])
        exercise = door.post(f"/exercises/{number}/stop")
    run.finish(Result(data=exercise, lines=_lines(exercise), quiet=[exercise["number"]]))


def _running(door: Door) -> dict[str, Any]:
    items = door.get("/exercises")["items"]
    found: dict[str, Any] | None = next((e for e in items if e["ended_at"] is None), None)
    if found is None:
        raise ConflictError("no exercise runs", next_step="parley exercise start NAME --channel C")
    return found


@declare(
    group,
    "list",
    schema="exercises",
    examples=["parley exercise list"],
    exits=[10, 11],
)
def list_exercises(run: Run) -> None:
    """List the exercises of this station, the newest first."""
    with reach(run, offline=True) as door:
        page = door.get("/exercises")
    columns = [
        Column(key="number", title="EXERCISE"),
        Column(key="name", title="NAME"),
        Column(key="channels", title="CHANNELS"),
        Column(key="started_at", title="STARTED"),
        Column(key="ended_at", title="ENDED"),
    ]
    quiet = [row["number"] for row in page["items"]]
    run.finish(Result(data=page, columns=columns, quiet=quiet))


@declare(
    group,
    "report",
    schema="exercise",
    examples=["parley exercise report", "parley exercise report EX-0001 --json"],
    exits=[5, 10, 11],
)
def report(run: Run, number: Number = "") -> None:
    """Show what happened in an exercise, who took it up, and after how long."""
    with reach(run, offline=True) as door:
        items = [] if number else door.get("/exercises")["items"]
        named = number or next((row["number"] for row in items), "EX-0001")
        exercise = door.get(f"/exercises/{segment(named)}")
    run.finish(Result(data=exercise, lines=_lines(exercise), quiet=[exercise["number"]]))


def _lines(exercise: Mapping[str, Any]) -> list[str]:
    ended = f"ended {when(exercise['ended_at'])}" if exercise["ended_at"] else "runs"
    lines = [
        f"{exercise['number']}  {visible(exercise['name'])}  {', '.join(exercise['channels'])}",
        f"started {when(exercise['started_at'])} by {exercise['started_by']}, {ended}",
    ]
    for row in exercise["reactions"]:
        what = row["entry"] or f"inject {row['number']}: {visible(row['text'])}"
        lines.append(f"{when(row['at'])}  {row['state']:<10} {_took(row)}  {what}")
    return lines


def _took(row: Mapping[str, Any]) -> str:
    claimed = row["claimed_after_s"]
    if claimed is None:
        return "claimed by nobody"
    told = f"claimed by {row['claimed_by']} after {span(claimed)}"
    handled = row["handled_after_s"]
    return told if handled is None else f"{told}, handled after {span(handled)}"
