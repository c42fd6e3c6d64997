"""`parley config`: what a station is set to, and where each value comes from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from parley.cli.command import HOW_PANEL, Run, declare, new_app
from parley.cli.output import Column, Result
from parley.errors import NotFoundError
from parley.station.config import CONFIG_BYTES_MAX, CONFIG_NAME, ConfigError, check_text, load
from parley.station.directory import find_station, read_limited

app = new_app("Settings.")
config_app = new_app("Settings: show, check, where they lie.")
app.add_typer(config_app, name="config")

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="Another settings file.", rich_help_panel=HOW_PANEL),
]


def _path(run: Run, file: Path | None) -> Path:
    return file or find_station(run.station, start=Path.cwd()) / CONFIG_NAME


@declare(
    config_app,
    "show",
    schema="config",
    examples=["parley config show --origin", "parley config show --json"],
    exits=[10],
)
def show(
    run: Run,
    *,
    origin: Annotated[bool, typer.Option("--origin", help="Say where each value is from.")] = False,
    config: ConfigFile = None,
) -> None:
    """Print every setting as the station would use it now."""
    directory = find_station(run.station, start=Path.cwd())
    loaded = load(directory, file=config, environ=os.environ)
    items: list[dict[str, Any]] = [
        {
            "key": key,
            "value": list(value) if isinstance(value, tuple) else value,
            "origin": loaded.origins[key],
        }
        for key, value in sorted(loaded.values.items())
    ]
    columns = [Column(key="key", title="SETTING"), Column(key="value", title="VALUE")]
    if origin:
        columns.append(Column(key="origin", title="FROM"))
    run.finish(Result(data={"items": items, "next_cursor": None}, columns=columns))


@declare(
    config_app,
    "check",
    schema="config-check",
    examples=["parley config check", "parley config check --config new.toml"],
    exits=[5, 10],
)
def check(run: Run, *, config: ConfigFile = None) -> None:
    """Say what is wrong in a settings file: unknown keys, values out of bounds."""
    path = _path(run, config)
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}", next_step="name it with --config.")
    raw = read_limited(path, CONFIG_BYTES_MAX)
    problems = check_text(raw.decode("utf-8", "replace"), path.name)
    if problems:
        raise ConfigError(str(path), problems)
    run.finish(Result(data={"file": str(path)}, lines=[f"{path}: every setting is good"]))


@declare(config_app, "path", schema="config-path", examples=["parley config path"], exits=[10])
def path_of_file(run: Run) -> None:
    """Print where the station's settings file lies."""
    path = _path(run, None)
    run.finish(Result(data={"file": str(path)}, lines=[str(path)], quiet=[str(path)]))
