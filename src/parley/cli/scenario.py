"""`parley scenario`: histories as files, played over simulated or real stations and checked."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parley.cli.cards import Force
from parley.cli.command import NoProgress, Run, declare, new_app
from parley.cli.output import Column, Result
from parley.cli.progress import Progress, working
from parley.core.instants import rfc3339
from parley.errors import UsageError

if TYPE_CHECKING:
    from parley.sim.scenario.model import Event

app = new_app("Scenarios.")
group = new_app("Scenarios: histories as files, played over stations and checked.")
app.add_typer(group, name="scenario")


@declare(
    group,
    "run",
    schema="scenario-run",
    examples=[
        "parley scenario run demo-pier",
        "parley scenario run demo-pier --variant all",
        "parley scenario run demo-pier --through tls --export ./pier",
    ],
    exits=[5, 7, 9, 14],
    at_station=False,
)
def run_scenario(
    run: Run,
    scenario: Annotated[str, typer.Argument(help="A file, or the name of a shipped scenario.")],
    *,
    variant: Annotated[
        str, typer.Option(help="Play this variant; `all` plays the history and every variant.")
    ] = "",
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=2**32 - 1,
            help="Shuffle what arrives, drop and repeat some of it; no register may change.",
        ),
    ] = None,
    through: Annotated[
        str, typer.Option(help="`sim`: a simulated world; `tls`: real stations on loopback.")
    ] = "sim",
    export: Annotated[
        Path | None,
        typer.Option(help="Leave every party's card and a bundle for each channel in this folder."),
    ] = None,
    force: Force = False,
    no_progress: NoProgress = False,
) -> None:
    """Play a history through real station engines and check every claim of its file.

    Exit 0 only if all hold; 7 if one does not; 14 if none fails but some moves are not played,
    because the desk does not have them yet.
    """
    from parley.cli import scenario_run as runs  # noqa: PLC0415 - brings the desk

    if through not in runs.THROUGH:
        choices = ", ".join(runs.THROUGH)
        raise UsageError(f"--through is {through!r}", next_step=f"It is one of: {choices}.")
    file = runs.read_file(scenario)
    named = ["", *file.variants] if variant == "all" else [variant]
    histories = [file.scenario(each) for each in named]
    if export is not None:
        runs.prepare_export(export, histories, force=force)
    report = runs.Report()
    for history in histories:
        title = f"{history.name} / {history.variant}" if history.variant else history.name
        run.out.tell(f"{title} ({history.mark})")
        count = sum(not event.is_context for event in history.events)
        with working(run.out, f"playing {title}", total=count, hidden=no_progress) as progress:
            tell = partial(_told, run, progress)
            place = None if export is None else export / history.variant
            runs.run_one(report, history, through=through, seed=seed, tell=tell, export=place)
    run.finish(Result(data=report.data(), lines=report.lines(), exit_code=report.exit_code))


def _told(run: Run, progress: Progress, event: Event) -> None:
    progress.step()
    run.out.explain(f"  {rfc3339(event.at)}  {event.id}  {event.do}")


@declare(
    group,
    "list",
    schema="scenario-list",
    examples=["parley scenario list"],
    at_station=False,
)
def list_scenarios(run: Run) -> None:
    """List the scenarios that are shipped, and their variants."""
    from parley.cli import scenario_run as runs  # noqa: PLC0415 - brings the desk

    items = []
    for name in sorted(runs.shipped()):
        file = runs.read_file(name)
        title = file.raw["title"]
        items.append(
            {
                "name": name,
                "title": title.get(run.language, next(iter(title.values()))),
                "variants": list(file.variants),
            }
        )
    run.finish(
        Result(
            data={"items": items, "next_cursor": None},
            columns=[
                Column(key="name", title="Scenario"),
                Column(key="title", title="Title"),
                Column(key="variants", title="Variants"),
            ],
            quiet=[str(item["name"]) for item in items],
        )
    )
