"""`parley scenario`: histories as files, played over simulated or real stations and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parley.cli.cards import Force
from parley.cli.command import Run, declare, new_app
from parley.cli.output import Column, Result
from parley.errors import UsageError

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
) -> None:
    """Play a history through real station engines and check every claim of its file.

    Exit 0 only if all hold; 7 if one does not; 14 if none fails but some moves are not played,
    because the desk does not have them yet.
    """
    from parley.cli import scenario_run as runs  # noqa: PLC0415 - brings the desk
    from parley.core.instants import rfc3339  # noqa: PLC0415

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
        runs.run_one(
            report,
            history,
            through=through,
            seed=seed,
            tell=lambda e: run.out.explain(f"  {rfc3339(e.at)}  {e.id}  {e.do}"),
            export=None if export is None else export / history.variant,
        )
    run.finish(Result(data=report.data(), lines=report.lines(), exit_code=report.exit_code))


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
