"""`parley config`: what a station is set to, and where each value comes from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from parley.cli.command import HOW_PANEL, Run, declare, new_app
from parley.cli.output import Column, Result
from parley.cli.reach import reach, segment
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
    """Print every setting as file and environment give it; `config running` asks the station."""
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
    "running",
    schema="config-running",
    examples=["parley config running", "parley config running --json"],
    exits=[4, 10, 11],
)
def running(run: Run) -> None:
    """Print every setting as it stands in the station, changes while it runs included."""
    with reach(run, offline=True) as door:
        page = door.get("/settings")
    columns = [
        Column(key="key", title="SETTING"),
        Column(key="value", title="VALUE"),
        Column(key="default", title="DEFAULT"),
        Column(key="source", title="FROM"),
        Column(key="effect", title="IS CHANGED"),
    ]
    run.finish(Result(data=page, columns=columns))


@declare(
    config_app,
    "set",
    schema="config-set",
    examples=["parley config set aims.flash_s 300"],
    exits=[4, 5, 6, 9, 10],
)
def set_value(
    run: Run,
    key: Annotated[str, typer.Argument(help="Such as aims.flash_s; `config running` lists them.")],
    value: Annotated[str, typer.Argument(help="The new value; empty: what the file says.")],
) -> None:
    """Change a setting of a running station at once, if `config running` calls it live."""
    with reach(run) as door:
        changed = door.put(f"/settings/{segment(key)}", {"value": value})
    line = f"{changed['key']}  {changed['value']} {changed['unit']}".rstrip()
    run.finish(Result(data=changed, lines=[line, f"  {changed['source']}"], quiet=[line]))


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
