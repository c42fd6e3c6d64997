"""`parley profile`: what agreements set, those that come with Parley and a station's own."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from parley.cli.command import Run, declare, new_app
from parley.cli.output import Column, Result
from parley.cli.shown import words
from parley.desk import profiles
from parley.desk.profile_names import check_names
from parley.desk.profiles import Datum, Profile
from parley.desk.profiles.lines import Line
from parley.errors import NoStationError, NotFoundError
from parley.station.directory import find_station, read_limited
from parley.station.own_profiles import FILE_BYTES_MAX, FOLDER, own_profiles

app = new_app("Profiles of agreements.")
group = new_app("Profiles of agreements: what clocks, limits, dates and lines they set.")
app.add_typer(group, name="profile")

EXAMPLE: Final = "own-example.yml"


def _own(run: Run) -> tuple[dict[str, Profile], Path | None]:
    """Return the profiles of the station at hand and their folder; none where there is none."""
    try:
        directory = find_station(run.station, start=Path.cwd())
    except NoStationError:
        if run.station is not None:
            raise
        return {}, None
    return own_profiles(directory), directory / FOLDER


@declare(group, "list", schema="profiles", examples=["parley profile list"], exits=[5, 10])
def list_profiles(run: Run) -> None:
    """List the profiles that a channel's basis can name with its first word.

    LINES tells how many lines a profile measures from, and of how many the course is known.
    """
    own, _ = _own(run)
    found = {code: profiles.load(code) for code in profiles.names()} | own
    items = [
        {
            "code": code,
            "title": dict(profile.title),
            "owed": profile.owed,
            "values": len(profile.data),
            "unknown": sum(datum.value is None for datum in profile.data),
            "lines": len(profile.lines),
            "lines_known": sum(bool(line.course) for line in profile.lines.values()),
            "own": code in own,
        }
        for code, profile in sorted(found.items())
    ]
    columns = [
        Column(key="code", title="CODE"),
        Column(key="title", title="AGREEMENT", shown=words(run.language)),
        Column(key="owed", title="OWED", shown=lambda owed: "owed" if owed else "asked for"),
        Column(key="values", title="VALUES"),
        Column(key="unknown", title="UNKNOWN"),
        Column(key="of", title="LINES"),
        Column(key="from", title="FROM"),
    ]
    shown = [
        {
            **item,
            "of": f"{item['lines_known']} of {item['lines']}" if item["lines"] else "-",
            "from": "this station" if item["own"] else "Parley",
        }
        for item in items
    ]
    run.finish(
        Result(
            data={"items": shown, "next_cursor": None},
            columns=columns,
            quiet=[str(item["code"]) for item in items],
        )
    )


@declare(
    group,
    "show",
    schema="profile",
    examples=["parley profile show vd2011", "parley profile show korea2018 --json"],
    exits=[5, 10],
)
def show(
    run: Run, code: Annotated[str, typer.Argument(help="As `parley profile list` has it.")]
) -> None:
    """Print every value of a profile with its source and how sure it is; unknown stays unknown."""
    own, _ = _own(run)
    profile = own[code] if code in own else profiles.load(code)
    run.finish(Result(data=_data(profile), lines=_lines(profile, run.language), quiet=[code]))


@declare(
    group,
    "check",
    schema="profile-check",
    examples=["parley profile check pier.yaml"],
    exits=[5],
    at_station=False,
)
def check(run: Run, file: Annotated[Path, typer.Argument(help="CODE.yaml")]) -> None:
    """Say what is wrong in a profile of one's own, as the start of the station would."""
    if not file.is_file():
        raise NotFoundError(
            f"there is no file {file}", next_step="`parley profile example > pier.yaml` makes one."
        )
    code = file.stem
    profile = profiles.read_own({code: read_limited(file, FILE_BYTES_MAX)})[code]
    check_names(profile)
    told = [
        f"{file}: good; {len(profile.data)} values, {len(profile.lines)} lines",
        *(f"  {_line(name, line)}" for name, line in profile.lines.items()),
        f"It is read at start from {FOLDER}/{code}.yaml in the station's directory.",
        "The other party needs the same file under the same name.",
    ]
    run.finish(Result(data=_data(profile), lines=told, quiet=[code]))


@declare(
    group,
    "example",
    schema="profile-example",
    examples=["parley profile example > pier.yaml"],
    at_station=False,
)
def example(run: Run) -> None:
    """Print a profile of one's own that works, to be changed: lines, clocks, limits, dates."""
    text = resources.files(profiles).joinpath(EXAMPLE).read_text("utf-8")
    run.finish(Result(data={"text": text}, lines=text.splitlines()))


def _data(profile: Profile) -> dict[str, Any]:
    return {
        "code": profile.code,
        "title": dict(profile.title),
        "owed": profile.owed,
        "values": [
            {
                "item": datum.item,
                "kind": datum.kind,
                "value": datum.value,
                "from": datum.counted_from or None,
                "sure": datum.sure,
                "source": datum.source,
                "clock": datum.clock or None,
            }
            for datum in profile.data
        ],
        "lines": [
            {
                "name": name,
                "area": line.is_area,
                "course": [list(point) for point in line.course] or None,
                "sure": line.sure,
                "source": line.source,
            }
            for name, line in profile.lines.items()
        ],
    }


def _lines(profile: Profile, language: str) -> list[str]:
    owed = "answers within its own clocks are owed" if profile.owed else "answers are asked for"
    told = [f"{profile.code}  {words(language)(dict(profile.title))}; {owed}"]
    told += [_value(datum, language) for datum in profile.data]
    return told + [_line(name, line) for name, line in profile.lines.items()]


def _value(datum: Datum, language: str) -> str:
    value = "not known" if datum.value is None else datum.value
    counted = f", from {datum.counted_from}" if datum.counted_from else ""
    source = f": {datum.source}" if datum.source else ""
    return (
        f"{datum.kind:<10} {words(language)(datum.words)}: {value}{counted} ({datum.sure}{source})"
    )


def _line(name: str, line: Line) -> str:
    kind = "area" if line.is_area else "line"
    points = f"{len(line.course)} points" if line.course else "course not known"
    return f"{kind:<10} {name}: {points} ({line.sure}: {line.source})"
