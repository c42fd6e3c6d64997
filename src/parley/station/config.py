"""`parley.toml`: every setting with its unit, default and reason; unknown keys are errors.

Highest first: flags, environment (`PARLEY_LOG__LEVEL`), the file, defaults. What keeps a station
safe (who it is, who may release, where its keys lie) can be set in the file only.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from parley.errors import NoStationError, UsageError
from parley.station.settings import (
    BY_KEY,
    SETTINGS,
    SettingValue,
    json_schema,
    problem_of,
)

CONFIG_NAME: Final = "parley.toml"
CONFIG_BYTES_MAX: Final = 65_536
_NOT_SETTINGS: Final = frozenset({"PARLEY_PASSPHRASE_FILE", "PARLEY_STATION", "PARLEY_LANG"})
_SECTION = re.compile(r"\s*\[\s*([A-Za-z0-9_.\"-]+)\s*\]")
_KEY = re.compile(r"\s*\"?([A-Za-z0-9_-]+)\"?\s*=")

SCHEMA: Final[dict[str, Any]] = json_schema()
"""JSON Schema (2020-12) of the file's content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigProblem:
    """One thing wrong in a settings file.

    Attributes:
        line: line number from 1; None where it is not in the file.
        key: the key as written, with its section.
        nearest: the known key that was probably meant; empty when none is near.
    """

    line: int | None
    key: str
    message: str
    nearest: str = ""

    def sentence(self, source: str) -> str:
        """Return the problem as one sentence with its place."""
        where = source if self.line is None else f"{source} line {self.line}"
        hint = f" (did you mean {self.nearest}?)" if self.nearest else ""
        return f"{where}: {self.key}: {self.message}{hint}"


class ConfigError(UsageError):
    """The settings cannot be used.

    Attributes:
        problems: each thing wrong.
    """

    code = "bad_setting"

    def __init__(self, source: str, problems: Sequence[ConfigProblem]) -> None:
        super().__init__(
            "; ".join(problem.sentence(source) for problem in problems),
            next_step="Put it right and run `parley config check`.",
        )
        self.problems = [problem.sentence(source) for problem in problems]


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSettings:
    """`[station]`: who this is."""

    code: str
    name: str
    mark: str
    languages: tuple[str, ...]
    clock_offset_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """`[link]`: how peers reach this station."""

    listen: tuple[str, ...]
    heartbeat_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """`[log]`: what is logged."""

    level: str
    format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorSettings:
    """`[api]` and `[console]`: where people and programs come in; empty listens nowhere."""

    listen: str
    origin: str = ""
    calls_a_minute: int = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationSettings:
    """`[translation]`: what translates by machine; without command and url nothing does."""

    command: tuple[str, ...] = ()
    url: str = ""
    engine: str = ""
    timeout_s: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings of one station, complete and checked.

    Attributes:
        directory: the station directory; relative paths in settings start from it.
        witness_listen: `host:port` of a witness; empty for a party's station.
        origins: where each value came from: `default`, the file with its line, the environment
            variable, or `flag`.
    """

    directory: Path
    station: StationSettings
    link: LinkSettings
    store_url: str
    log: LogSettings
    api: DoorSettings
    console: DoorSettings
    release_policy: str
    station_key: str
    witness_listen: str
    translation: TranslationSettings = TranslationSettings()
    alarm_sounders: tuple[str, ...] = ()
    webhook_hosts: tuple[str, ...] = ()
    values: Mapping[str, SettingValue] = field(repr=False, compare=False)
    origins: Mapping[str, str] = field(repr=False, compare=False)

    @property
    def is_witness(self) -> bool:
        """Say whether the station is a witness, and nothing else."""
        return bool(self.witness_listen)

    def path(self, relative: str) -> Path:
        """Return a path in settings as an absolute one."""
        return self.directory / relative


def load(
    directory: Path,
    *,
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, str] | None = None,
) -> Config:
    """Return a station's settings.

    Args:
        directory: the station directory.
        file: another settings file than the directory's `parley.toml`.
        environ: environment variables to look at; None looks at none.
        flags: `section.key` to text, as given on the command line.

    Raises:
        NoStationError: there is no settings file.
        ConfigError: unknown keys or values out of bounds; each is named with its line.
    """
    path = file or directory / CONFIG_NAME
    try:
        raw = path.read_bytes()[: CONFIG_BYTES_MAX + 1]
    except (FileNotFoundError, NotADirectoryError):
        raise NoStationError(
            f"there is no station at {directory}: {path.name} is missing",
            next_step="Make one with `parley init`, or name another with --station.",
        ) from None
    values, origins, problems = _read_text(raw, path.name)
    problems += _overlay(values, origins, environ or {}, flags or {})
    problems += [
        ConfigProblem(line=None, key=setting.key, message="must be set")
        for setting in SETTINGS
        if setting.default is None and setting.key not in values
    ]
    if values.get("station.clock_offset_s") and values.get("station.mark", "LIVE") == "LIVE":
        message = "must be 0 at a station marked LIVE"
        problems.append(ConfigProblem(line=None, key="station.clock_offset_s", message=message))
    if values.get("translation.command") and values.get("translation.url"):
        message = "must be empty where [translation] command is set"
        problems.append(ConfigProblem(line=None, key="translation.url", message=message))
    translates = values.get("translation.command") or values.get("translation.url")
    if translates and not values.get("translation.engine"):
        message = "must name the engine: every translation by machine says what made it"
        problems.append(ConfigProblem(line=None, key="translation.engine", message=message))
    problems += [
        ConfigProblem(line=None, key=key, message="must be empty at a witness, which is no party's")
        for key in ("link.listen", "console.listen")
        if values.get("witness.listen") and values.get(key)
    ]
    if problems:
        raise ConfigError(str(path), problems)
    for setting in SETTINGS:
        if setting.key not in values and setting.default is not None:
            values[setting.key] = setting.default
            origins[setting.key] = "default"
    return _build(directory, values, origins)


def check_text(text: str, file: str = CONFIG_NAME) -> list[ConfigProblem]:
    """Return what is wrong in the text of a settings file; empty when nothing is."""
    values, _, problems = _read_text(text.encode("utf-8"), file)
    return problems + [
        ConfigProblem(line=None, key=setting.key, message="must be set")
        for setting in SETTINGS
        if setting.default is None and setting.key not in values and not problems
    ]


def render(values: Mapping[str, SettingValue]) -> str:
    """Return a settings file that sets `values`, each with its meaning above it."""
    lines = ["# Settings of this station. `parley config show` explains each one."]
    section = ""
    for setting in SETTINGS:
        if setting.key not in values:
            continue
        if setting.section != section:
            section = setting.section
            lines += ["", f"[{section}]"]
        lines += [f"# {setting.help}", f"{setting.name} = {_toml(values[setting.key])}"]
    return "\n".join([*lines, ""])


def _toml(value: SettingValue) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return "[" + ", ".join(_toml(member) for member in value) + "]"


def _read_text(
    raw: bytes, source: str
) -> tuple[dict[str, SettingValue], dict[str, str], list[ConfigProblem]]:
    if len(raw) > CONFIG_BYTES_MAX:
        message = f"longer than {CONFIG_BYTES_MAX} bytes"
        return {}, {}, [ConfigProblem(line=None, key=source, message=message)]
    try:
        text = raw.decode("utf-8")
        tables = tomllib.loads(text)
    except UnicodeDecodeError:
        return {}, {}, [ConfigProblem(line=None, key=source, message="is not UTF-8 text")]
    except tomllib.TOMLDecodeError as problem:
        line = re.search(r"at line (\d+)", str(problem))
        return (
            {},
            {},
            [
                ConfigProblem(
                    line=int(line[1]) if line else None,
                    key=source,
                    message=f"is no TOML: {problem}",
                )
            ],
        )
    return _take(tables, _key_lines(text), source)


def _take(
    tables: Mapping[str, Any], lines: Mapping[str, int], source: str
) -> tuple[dict[str, SettingValue], dict[str, str], list[ConfigProblem]]:
    values: dict[str, SettingValue] = {}
    origins: dict[str, str] = {}
    problems: list[ConfigProblem] = []
    sections = {setting.section for setting in SETTINGS}
    for section, table in tables.items():
        if section not in sections or not isinstance(table, dict):
            problems.append(_unknown(section, lines.get(section), sections))
            continue
        for name, value in table.items():
            key = f"{section}.{name}"
            setting = BY_KEY.get(key)
            if setting is None:
                problems.append(_unknown(key, lines.get(key), set(BY_KEY)))
            elif message := problem_of(setting, value):
                problems.append(ConfigProblem(line=lines.get(key), key=key, message=message))
            else:
                values[key] = tuple(value) if isinstance(value, list) else value
                origins[key] = f"{source} line {lines.get(key, 0)}"
    return values, origins, problems


def _unknown(key: str, line: int | None, known: set[str]) -> ConfigProblem:
    near = get_close_matches(key, sorted(known), n=1, cutoff=0.5)
    if not near and "." in key:
        last = key.rsplit(".", 1)[1]
        near = [name for name in sorted(known) if name.rsplit(".", 1)[-1] == last][:1]
    return ConfigProblem(
        line=line, key=key, message="is not a setting", nearest=near[0] if near else ""
    )


def _key_lines(text: str) -> dict[str, int]:
    """Return the line of every section and key; good enough for what our files hold."""
    found: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _SECTION.match(line):
            section = match[1].strip('"')
            found.setdefault(section, number)
        elif match := _KEY.match(line):
            found.setdefault(f"{section}.{match[1]}" if section else match[1], number)
    return found


def _overlay(
    values: dict[str, SettingValue],
    origins: dict[str, str],
    environ: Mapping[str, str],
    flags: Mapping[str, str],
) -> list[ConfigProblem]:
    given: list[tuple[str, str, str]] = []
    for variable, text in sorted(environ.items()):
        if variable.startswith("PARLEY_") and "__" in variable and variable not in _NOT_SETTINGS:
            key = variable.removeprefix("PARLEY_").lower().replace("__", ".", 1)
            given.append((key, text, f"environment {variable}"))
    given += [(key, text, "flag") for key, text in flags.items()]
    problems: list[ConfigProblem] = []
    for key, text, origin in given:
        setting = BY_KEY.get(key)
        if setting is None:
            unknown = _unknown(key, None, set(BY_KEY))
            problems.append(
                ConfigProblem(
                    line=None,
                    key=f"{key} ({origin})",
                    message=unknown.message,
                    nearest=unknown.nearest,
                )
            )
            continue
        value = setting.parse(text)
        message = (
            "can be set in the station's file only"
            if setting.safety
            else problem_of(setting, value)
        )
        if message:
            problems.append(ConfigProblem(line=None, key=f"{key} ({origin})", message=message))
        else:
            values[key] = tuple(value) if isinstance(value, list) else value
            origins[key] = origin
    return problems


def _build(
    directory: Path, values: Mapping[str, SettingValue], origins: Mapping[str, str]
) -> Config:
    def text(key: str) -> str:
        value = values[key]
        assert isinstance(value, str)
        return value

    def texts(key: str) -> tuple[str, ...]:
        value = values[key]
        assert isinstance(value, tuple)
        return value

    def whole(key: str) -> int:
        value = values[key]
        assert isinstance(value, int)
        return value

    return Config(
        directory=directory,
        station=StationSettings(
            code=text("station.code"),
            name=text("station.name"),
            mark=text("station.mark"),
            languages=texts("station.languages"),
            clock_offset_s=whole("station.clock_offset_s"),
        ),
        link=LinkSettings(listen=texts("link.listen"), heartbeat_s=whole("link.heartbeat_s")),
        store_url=text("store.url"),
        log=LogSettings(level=text("log.level"), format=text("log.format")),
        api=DoorSettings(listen=text("api.listen"), calls_a_minute=whole("api.calls_a_minute")),
        console=DoorSettings(listen=text("console.listen"), origin=text("console.origin")),
        release_policy=text("release.policy"),
        station_key=text("keys.station"),
        witness_listen=text("witness.listen"),
        webhook_hosts=texts("webhooks.hosts"),
        translation=TranslationSettings(
            command=texts("translation.command"),
            url=text("translation.url"),
            engine=text("translation.engine"),
            timeout_s=whole("translation.timeout_s"),
        ),
        alarm_sounders=texts("alarm.sounders"),
        values=dict(values),
        origins=dict(origins),
    )
