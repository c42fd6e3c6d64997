"""`parley status` and `parley doctor`: how the lines stand, and whether the station is well."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer

from parley import __version__
from parley.cli.cards import Force
from parley.cli.command import Run, declare, new_app, write_file
from parley.cli.exits import IN_PART, MATCHED
from parley.cli.output import Result, chosen_text
from parley.cli.reach import Door, follow_events, reach
from parley.cli.shown import span, when
from parley.core.texts import visible
from parley.errors import UsageError
from parley.station.at_rest import close_to_others
from parley.station.case_rows import CLOCKS_DIFFER_S
from parley.station.directory import find_station

app = new_app("How it stands.")

_LINES_MAX: Final = 20
_LEVELS: Final = ("ok", "look", "fix")


@declare(
    app,
    "status",
    schema="status",
    examples=["parley status", "parley status --watch", "parley status --fail-if-any -q"],
    exits=[9, 10, 11, 20],
)
def status(
    run: Run,
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Again when something changes.")] = False,
    fail_if_any: Annotated[
        bool, typer.Option("--fail-if-any", help="End with 20 if something needs an act.")
    ] = False,
) -> None:
    """Tell in 20 lines: is each line alive, what needs us now, who owes whom."""
    with reach(run, offline=not watch) as door:
        if watch:
            _watch(run, door)
        overview = door.get("/overview")
    needs = overview["needs"]
    run.finish(
        Result(
            data=overview,
            lines=_lines(overview, run.language)[:_LINES_MAX],
            quiet=[str(need["id"]) for need in needs],
            exit_code=MATCHED if needs and fail_if_any else 0,
        )
    )


def _watch(run: Run, door: Door) -> NoReturn:
    """Print the overview again whenever it says something else, until Ctrl-C."""
    before: list[str] = []

    def act(_: Mapping[str, Any]) -> None:
        nonlocal before
        overview = door.get("/overview")
        lines = _lines(overview, run.language)[:_LINES_MAX]
        # The moment and what counts seconds change by themselves: they are no news.
        now = [line for line in lines[1:] if not line.startswith("line ")]
        states = [(line["peer"], line["line"], line["key_state"]) for line in overview["lines"]]
        news = [*now, str(states)]
        if news == before:
            return
        before = news
        if run.out.is_json:
            run.out.event({"type": "event", "event": "status", "overview": overview})
            return
        for line in [*lines, ""]:
            run.out.line(line)

    follow_events(run, door, (), act)


def _lines(overview: Mapping[str, Any], language: str) -> list[str]:
    station = overview["station"]
    lines = [f"{station['code']} ({station['mark']})  {when(overview['now'])}"]
    lines += [_line(row) for row in overview["lines"]] or ["no peer is known: parley peer add FILE"]
    needs = overview["needs"]
    count = overview["needs_count"]
    lines.append(f"needs us   {count}" if count else "needs us   nothing")
    lines += [_need(need, language) for need in needs[:8]]
    if count > 8:
        lines.append(f"           and {count - 8} more: parley inbox")
    for balance in overview["balances"]:
        they, we = balance["they_owe"], balance["we_owe"]
        lines.append(
            f"owed       {balance['peer']} owes us {they['owed']}, {they['lapsed']} lapsed, "
            f"{they['proved']} proved; we owe {we['owed']}, {we['lapsed']} lapsed"
        )
    if overview["drafts_held"]:
        oldest = when(overview["drafts_oldest"])
        lines.append(f"drafts     {overview['drafts_held']} wait for a releaser since {oldest}")
    for row in overview["record"]:
        # What is still on its way is no disagreement: a fork or a rollback rings by itself.
        theirs = f"{row['their_receipt_size']} of our {row['own_size']}"
        stands = "agree" if row["agrees"] else f"{row['peer']} holds {theirs}"
        lines.append(
            f"record     {row['channel']} with {row['peer']}: {stands}; {theirs} receipted, "
            f"{row['our_held_size']} of their {row['their_size']} here"
        )
    return lines


def _line(row: Mapping[str, Any]) -> str:
    lamp = row.get("witness")
    if lamp is not None:
        last = f", last {when(lamp['at'])}" if lamp["at"] else ""
        return f"witness    {row['peer']}  cosigned {lamp['size']} of {lamp['of']} entries{last}"
    if row["silent_s"] is not None:
        heard = f"heard {span(row['silent_s'])} ago"
    else:
        heard = f"heard {when(row['last_heard'])}" if row["last_heard"] else "never heard"
    person = row["person"]
    answered = f", last {when(person['at'])}" if person["at"] else ""
    key = "" if row["trusted"] else f", key {row['key_state']}"
    return (
        f"line       {row['peer']}  {row['line']}, {heard}; person {person['state']}{answered}{key}"
    )


def _need(need: Mapping[str, Any], language: str) -> str:
    subject = chosen_text(need["subject"], language)
    left = f", {span(need['left_s'])} left" if need["left_s"] is not None else ""
    what = visible(str(need["title"]))
    return f"  {need['precedence'] or '-'}  {what}{left}{': ' + subject if subject else ''}"


_CHECKS: Final = (
    "disk", "record", "desk", "audit", "card", "key", "root-key", "files", "certificate", "clock",
    "settings", "peer", "path", "line", "receipt", "channel", "log", "console", "release", "backup",
)  # fmt: skip


@declare(
    app,
    "doctor",
    schema="doctor",
    examples=[
        "parley doctor",
        "parley doctor --only disk,clock --json",
        "parley doctor --fix",
        "parley doctor --report ./doctor.json",
    ],
    exits=[4, 10, 11, 14],
)
def doctor(
    run: Run,
    *,
    only: Annotated[str, typer.Option(help="Only these checks, with commas.")] = "",
    fix: Annotated[
        bool,
        typer.Option("--fix", help="First close the station's files to other accounts."),
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(help="Write the findings there too, without secrets, to be sent to somebody."),
    ] = None,
    force: Force = False,
) -> None:
    """Check the station; each finding comes with the remedy. Exit 14 if something is `fix`.

    Checks: disk, record, audit, card, key, root-key, files, certificate, clock, settings, console,
    release, backup; and of each peer, path, line, last receipt and channel. What only a running
    station knows is left out where it does not run.
    """
    wanted = {one.strip() for one in only.split(",") if one.strip()}
    mended = _mended(run) if fix else []
    with reach(run, offline=True) as door:
        found = door.get("/health")["items"]
        checks = [one for one in found if not one["check"].startswith("peer ")]
        peers = door.get("/peers")["items"]
        # While a long record is read the overview has no answer; the finding `desk` says so.
        is_reading = any(one["check"] == "desk" for one in found)
        lines_seen = [] if is_reading else door.get("/overview")["lines"]
    items = [*checks, *(_peer_check(peer) for peer in peers)]
    items += [check for row in lines_seen for check in _line_checks(row)]
    if unknown := sorted(wanted - {*_CHECKS, *(one["check"].split()[0] for one in items)}):
        raise UsageError(
            f"there is no check {unknown[0]!r}", next_step=f"Checks: {', '.join(_CHECKS)}."
        )
    items = [one for one in items if not wanted or one["check"].split()[0] in wanted]
    items.sort(key=lambda one: _LEVELS.index(one["level"]))
    lines = [f"mended {path}: closed to other accounts" for path in mended]
    for one in items:
        lines.append(f"{one['level']:<5} {one['check']:<14} {visible(str(one['detail']))}")
        if one["remedy"]:
            lines.append(f"      {'':<14} {visible(str(one['remedy']))}")
    is_broken = any(one["level"] == "fix" for one in items)
    if report is not None:
        _write_report(report, items, force=force)
    run.finish(
        Result(
            data={"items": items, "next_cursor": None, "mended": mended},
            lines=lines,
            quiet=[one["check"] for one in items if one["level"] == "fix"],
            exit_code=IN_PART if is_broken else 0,
        )
    )


def _mended(run: Run) -> list[str]:
    """Close the files of a station on this machine to others; return what was changed."""
    if run.station is not None and "://" in run.station:
        raise UsageError(
            "--fix changes files, and a station behind a URL has them elsewhere",
            next_step="Run it on the station's own machine.",
        )
    directory = find_station(run.station, start=Path.cwd())
    return [str(path) for path in close_to_others(directory)]


def _write_report(path: Path, items: list[dict[str, Any]], *, force: bool) -> None:
    """Write what was found and what runs here; nothing in it is secret."""
    content = {
        "form": "parley doctor 1",
        "version": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "items": items,
    }
    raw = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    write_file(path, raw.encode("utf-8"), force=force)


def _line_checks(row: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what is seen of a trusted peer's line: whether it lives, and how its clock differs."""
    if not row["trusted"]:
        return []
    lamp = row.get("witness")
    if lamp is not None:
        return [
            {
                "check": f"line {row['peer']}",
                "level": "ok" if lamp["size"] == lamp["of"] else "look",
                "detail": f"a witness: cosigned {lamp['size']} of {lamp['of']} entries",
                "remedy": "" if lamp["size"] == lamp["of"] else "ask who runs it.",
            }
        ]
    is_alive = row["line"] == "alive"
    line = {
        "check": f"line {row['peer']}",
        "level": "ok" if is_alive else "look",
        "detail": str(row["line"]),
        "remedy": "" if is_alive else f"parley path test {row['peer']}",
    }
    offset = row["clock_offset_s"]
    if offset is None:
        return [line]
    is_near = abs(offset) <= CLOCKS_DIFFER_S
    clock = {
        "check": f"clock {row['peer']}",
        "level": "ok" if is_near else "look",
        "detail": f"{row['peer']}'s clock differs from ours by {offset} s",
        "remedy": "" if is_near else "set our clock by a time server, and ask them to do the same.",
    }
    return [line, clock]


def _peer_check(peer: Mapping[str, Any]) -> dict[str, str]:
    level = "ok" if peer["trusted"] else "look" if not peer["key_change"] else "fix"
    return {
        "check": f"peer {peer['code']}",
        "level": level,
        "detail": f"key {peer['key_state']}",
        "remedy": str(peer["next"] or ""),
    }
