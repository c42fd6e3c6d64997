"""`parley demo --scenario`: a history over real stations, checked, and then their consoles."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from pathlib import Path

from parley.cli import demo_living, demo_options
from parley.cli import scenario_run as runs
from parley.cli.children import running, write_secret
from parley.cli.command import Run
from parley.cli.exits import DOES_NOT_HOLD
from parley.cli.output import Result
from parley.cli.scenario_homes import Home, introduce, make_homes, ports_needed
from parley.cli.scenario_live import LiveStage
from parley.core.instants import rfc3339
from parley.sim.scenario.model import Event, Scenario


def demonstrate(
    run: Run,
    place: Path,
    name: str,
    *,
    first_port: int | None,
    pace: float | None,
    once: bool,
    is_kept: bool,
) -> None:
    """Play a scenario, check it, and open a console for each of its parties.

    The scenario is a file, or a shipped one by its name. Cards and bundles lie in `place`, an empty
    directory, beside the stations. Where a claim fails, or only the play is wanted (`once`), no
    console is opened. `first_port` begins a row of as many as the stations need; None takes free
    ones. `pace` is how many seconds of the history pass in one; None plays it at once.
    """
    history = runs.read_file(name).scenario()
    ports = demo_options.ports_from(first_port, ports_needed(history))
    passphrase = secrets.token_hex(16).encode()
    secret = place / "passphrase"
    write_secret(secret, passphrase)
    homes = make_homes(history, place, passphrase=passphrase, ports=ports)
    run.out.tell(f"{history.name} ({history.mark})")
    report = _play(run, history, place, homes, pace)
    # What goes to standard error is read before the consoles; the result comes when all has ended.
    if report.exit_code != DOES_NOT_HOLD and not once:
        asyncio.run(introduce(history, homes, history.cutoff))
        for line in report.lines():
            run.out.tell(f"  {line}")
        parties = [homes[code].child(secret) for code in history.parties]
        witnesses = [homes[code].child(secret) for code in history.witnesses]
        with running([*witnesses, *parties]):
            demo_living.show(
                run,
                place,
                parties,
                witnesses,
                {code: homes[code].origin for code in history.parties},
                proof=("record", place / f"{history.channels[0].code}.parley"),
                is_kept=is_kept,
            )
    run.finish(_result(report, place if is_kept else None))


def _play(
    run: Run, history: Scenario, place: Path, homes: Mapping[str, Home], pace: float | None
) -> runs.Report:
    """Play the history on the stations that stay; leave cards and bundles."""
    report = runs.Report()
    stage = LiveStage(history, place, seed=history.seed, homes=homes)
    times = sorted(event.at for event in history.events)

    def tell(event: Event) -> None:
        run.out.tell(f"  {rfc3339(event.at)}  {', '.join(event.by)}  {event.do}")
        left = next((at - event.at for at in times if at > event.at), 0)
        if pace is not None:
            stage.pause(left / pace)

    try:
        runs.run_on(report, history, stage, tell=tell, export=place)
    finally:
        stage.close()
    return report


def _result(report: runs.Report, kept: Path | None) -> Result:
    items = [
        {"finding": f"claim {number}", "holds": one.status == "holds", "text": one.line()}
        for number, (_, one) in enumerate(report.verdicts, 1)
    ]
    data = {
        "items": items,
        "next_cursor": None,
        "holds": report.exit_code == 0,
        "directory": None if kept is None else str(kept),
    }
    return Result(data=data, lines=report.lines(), exit_code=report.exit_code)
