"""`parley serve`: run a station until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from parley.cli.command import HOW_PANEL, Run, declare, new_app
from parley.cli.init import passphrase_for
from parley.cli.output import Result

app = new_app("Run a station.")

_LOCK_PATIENCE: Final = "10s"


@declare(
    app,
    "serve",
    schema="serve",
    examples=["parley serve", "parley serve --station ./alfa --log-format json"],
    exits=[6, 10, 11, 12],
)
def serve(
    run: Run,
    *,
    bind: Annotated[
        list[str] | None, typer.Option(help="Where peers reach it, in place of [link] listen.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", help="Another settings file.", rich_help_panel=HOW_PANEL),
    ] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="File with the passphrase of the station's keys.")
    ] = None,
    passphrase_fd: Annotated[
        int | None, typer.Option(help="Open file descriptor with that passphrase.")
    ] = None,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "",
    log_format: Annotated[str, typer.Option(help="json or console.")] = "",
    wait_lock: Annotated[
        str, typer.Option(help="How long to wait for another process to let go.")
    ] = _LOCK_PATIENCE,
) -> None:
    """Run a station: links to peers, desk, console and API, until Ctrl-C or SIGTERM."""
    from parley.core.instants import parse_duration  # noqa: PLC0415
    from parley.station.collector import settle  # noqa: PLC0415
    from parley.station.config import load  # noqa: PLC0415
    from parley.station.directory import find_station  # noqa: PLC0415
    from parley.station.keystore import open_beside  # noqa: PLC0415

    directory = find_station(run.station, start=Path.cwd())
    flags = {"log.level": log_level, "log.format": log_format}
    settings = load(
        directory,
        file=config,
        environ=os.environ,
        flags={key: value for key, value in flags.items() if value},
    )
    passphrase = passphrase_for(run, file=passphrase_file, fd=passphrase_fd)
    keys = open_beside(settings.path(settings.station_key), passphrase=passphrase)
    from parley.api.serving import serve as run_station  # noqa: PLC0415 - the whole station; beside

    def ready(opened: Any) -> None:
        settle()
        _tell(run, directory, opened)

    async def until_stopped() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await run_station(
            directory,
            passphrase=passphrase,
            keys=keys,
            ready=ready,
            stop=stop,
            consoles=[_console],
            listen_override=bind or None,
            config=settings,
            wait_lock_s=float(parse_duration(wait_lock)),
        )

    asyncio.run(until_stopped())
    data = {"type": "result", "station": str(directory), "stopped": True}
    run.finish(Result(data=data, lines=["stopped"]))


def _console(gateway: Any, settings: Any) -> Any:
    """Make the console; who has none need not load it."""
    from parley.console.app import console_app  # noqa: PLC0415

    return console_app(gateway, settings)


def _tell(run: Run, directory: Path, opened: Any) -> None:
    addresses = {
        "link": list(opened.link_addresses),
        "console": list(opened.console_addresses),
        "api": opened.api_address,
        "witness": opened.witness_address,
    }
    if run.out.is_json:
        run.out.event(
            {"type": "event", "event": "ready", "station": str(directory), "addresses": addresses}
        )
        return
    station = opened.running.config.station
    run.out.tell(f"station {station.code} ({station.mark}) runs in {directory}; Ctrl-C stops it")
    for what, where in addresses.items():
        for address in where if isinstance(where, list) else [where]:
            if address:
                run.out.tell(f"{what:<9} {address}")
