"""`parley ack`, `claim` and `watch`: the acts of a watch, and what it follows."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from parley.cli.command import HOW_PANEL, Run, declare, new_app
from parley.cli.output import Result
from parley.cli.reach import entry_path, follow_events, reach, segment
from parley.cli.refusing import refused
from parley.cli.shown import place
from parley.cli.submitting import tell
from parley.cli.writing import Draft, how_of
from parley.core.instants import parse_duration
from parley.core.texts import visible
from parley.errors import InvalidFieldsError, UsageError

app = new_app("The watch.")

LEVELS: Final = (
    "read", "understood", "not-understood", "passed-on", "considering", "will-comply",
    "cannot-comply", "complied", "cannot-process", "read-back",
)  # fmt: skip
_ORDER: Final = "ZOPR"


@declare(
    app,
    "ack",
    schema="send",
    examples=[
        "parley ack OPS/BRAVO/12",
        'parley ack OPS/BRAVO/12 --level passed-on --unit "2nd Squadron"',
        "parley ack OPS/BRAVO/12 --level read-back --value height=3000",
    ],
    exits=[3, 4, 5, 6, 8, 9, 10],
)
def ack(
    run: Run,
    entry: Annotated[str, typer.Argument(help="A peer's entry.")],
    *,
    level: Annotated[str, typer.Option(help=", ".join(LEVELS))] = "read",
    unit: Annotated[str, typer.Option(help="Whom it was passed on to.")] = "",
    value: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE read back; may be repeated.")
    ] = None,
    point: Annotated[
        list[str] | None, typer.Option(help="What was not understood; may be repeated.")
    ] = None,
    note: Annotated[str, typer.Option(help="Some words to it.")] = "",
    wait: Annotated[str, typer.Option(help="Until delivered.", rich_help_panel=HOW_PANEL)] = "",
    timeout: Annotated[str, typer.Option(help="How long.", rich_help_panel=HOW_PANEL)] = "",
    idempotency_key: Annotated[
        str, typer.Option(help="The same key acts once.", rich_help_panel=HOW_PANEL)
    ] = "",
) -> None:
    """Acknowledge a peer's entry as a person: the peer reads that somebody has it."""
    how = how_of({"wait": wait, "timeout": timeout, "idempotency_key": idempotency_key})
    body = {
        "entry": entry,
        "level": level,
        "unit": unit or None,
        "values": _pairs(value) if value else None,
        "note": note or None,
        "points": point or [],
    }
    entry_path(entry)
    with reach(run) as door:
        try:
            done = door.post("/acknowledgements", body, key=how.key or secrets.token_hex(16))
        except InvalidFieldsError as problem:
            raise refused(problem, Draft(channel="", procedure="ack", move="give"), door) from None
        tell(run, door, done, how)


def _pairs(given: list[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    if wrong := [name for name, is_named, _ in pairs if not is_named or not name]:
        raise UsageError(f"--value {wrong[0]!r} is not understood", next_step="give NAME=VALUE.")
    return {name: text for name, _, text in pairs}


@declare(
    app,
    "claim",
    schema="alarm",
    examples=[
        "parley claim OPS/BRAVO/12",
        'parley claim OPS/BRAVO/12 --handled "called back"',
        "parley claim OPS/BRAVO/12 --to ALFA-2",
        'parley claim A-000003 --silent PT2H --why "the mast is being repaired"',
    ],
    exits=[4, 5, 6, 9, 10],
)
def claim(
    run: Run,
    alarm: Annotated[str, typer.Argument(help="The alarm's id, as `parley inbox -q` has it.")],
    *,
    handled: Annotated[str, typer.Option(help="Close it: what was done about it.")] = "",
    to: Annotated[str, typer.Option(help="Hand it to this officer of the watch.")] = "",
    silent: Annotated[
        str, typer.Option(help="Keep it silent for so long, such as PT2H; at most 8 h.")
    ] = "",
    why: Annotated[str, typer.Option(help="With --silent: the reason, for the watch log.")] = "",
) -> None:
    """Stop an alarm's sound here; nobody outside is told. Or close it, or hand it over."""
    if sum(map(bool, (handled, to, silent))) > 1 or bool(why) != bool(silent):
        raise UsageError("say one of --handled, --to, and --silent with --why")
    act, what = "claim", "claimed"
    body: dict[str, str | int] | None = None
    if handled:
        act, body, what = "handle", {"reason": handled}, "handled"
    elif to:
        act, body, what = "hand-over", {"to": to}, "handed over, now claimed"
    elif silent:
        act, what = "snooze", "kept silent"
        body = {"seconds": parse_duration(silent), "reason": why}
    with reach(run) as door:
        view = door.post(f"/alarms/{segment(alarm.removeprefix('alarms/'))}/{act}", body)
    who = view["handled_by"] or view["claimed_by"]
    run.finish(
        Result(
            data=view,
            lines=[f"{what} by {who}: {visible(str(view['text']))}"],
            quiet=[str(view["id"])],
        )
    )


@declare(
    app,
    "watch",
    schema="watch",
    examples=["parley watch", "parley watch --min-precedence O --json", "parley watch --bell"],
    exits=[9, 10],
)
def watch(
    run: Run,
    *,
    topics: Annotated[
        str, typer.Option(help="Only these, such as `alarm,entry`; all where left out.")
    ] = "",
    min_precedence: Annotated[
        str, typer.Option(help="Entries and alarms of at least this: Z, O, P or R.")
    ] = "R",
    bell: Annotated[bool, typer.Option("--bell", help="Ring the terminal on an alarm.")] = False,
    exec_: Annotated[
        str, typer.Option("--exec", help="Run this program on an alarm; its JSON is the input.")
    ] = "",
) -> None:
    """Follow what happens at the station until Ctrl-C: entries, receipts, alarms, lines."""
    least = min_precedence.upper()
    if least not in _ORDER or len(least) != 1:
        raise UsageError(f"--min-precedence {min_precedence!r} is not Z, O, P or R")
    wanted = tuple(part.strip() for part in topics.split(",") if part.strip())

    def act(event: Mapping[str, Any]) -> None:
        is_low = _ORDER.find(str(event.get("precedence"))) > _ORDER.index(least)
        if event["type"] == "beat" or is_low:
            return
        _print_event(run, event)
        if event["type"] == "alarm" and event.get("what") == "raised":
            if bell and sys.stderr.isatty():
                typer.echo("\a", nl=False, err=True)
            if exec_:
                _run_program(run, exec_, event)

    with reach(run) as door:
        follow_events(run, door, wanted, act)


def _print_event(run: Run, event: Mapping[str, Any]) -> None:
    if run.out.is_json:
        run.out.event({**event, "type": "event", "event": event["type"]})
        return
    parts = [
        event.get(name) for name in ("what", "peer", "channel", "precedence", "entry", "state")
    ]
    where = place(event.get("resource"))
    said = [str(part) for part in [*parts, where] if part]
    run.out.line(visible("  ".join([f"{event['type']!s:<15}", *said])))


def _run_program(run: Run, program: str, event: Mapping[str, Any]) -> None:
    """Run a program of the officer's own choosing; no shell reads what a peer wrote."""
    try:
        subprocess.run(  # noqa: S603 - the officer named it; the event goes to its input only
            [program], input=json.dumps(event).encode(), timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError) as problem:
        run.out.warn(f"{program} failed: {problem}")
