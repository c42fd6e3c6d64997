"""`parley demo`: two stations and a witness, a day between them, and two consoles to look at."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from parley.cli import demo_living, demo_options
from parley.cli.children import Child, running, write_secret
from parley.cli.command import Run, declare, new_app
from parley.cli.exits import DOES_NOT_HOLD
from parley.cli.output import Result
from parley.errors import ConflictError

if TYPE_CHECKING:
    from parley.cli.demo_day import Event
    from parley.cli.demo_play import Finding

app = new_app("See it work.")

_HEARTBEAT_S: Final = 5
_KDF_KIB: Final = 1 << 14
_PORTS: Final = 5
"""A console and a link for each of two stations, and the witness."""
"""A demonstration's keys guard nothing: they need not cost a second each."""

_SCREEN: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "made": "Two stations that do not trust each other, and a witness; all is an EXERCISE.",
        "day": "One day at pier 4, played over TLS; their clocks jump from event to event:",
        "left": "What the day left:",
        "cut": "--- the line is cut ---",
        "healed": "--- the line is back ---",
    },
    "zh": {
        "made": "两个互不信任的站点和一个见证方；全部为演习。",
        "day": "四号码头的一天，经TLS重演；时钟逐事件跳转：",
        "left": "这一天留下了什么：",
        "cut": "--- 线路中断 ---",
        "healed": "--- 线路恢复 ---",
    },
}


@declare(
    app,
    "demo",
    schema="demo",
    examples=[
        "parley demo",
        "parley demo --once",
        "parley demo --once --scenario demo-pier",
        "parley demo --scenario unanswered-line",
        "parley demo --keep ./pier",
        "parley demo --ports 8101 --speed 3600x",
    ],
    exits=[5, 6, 7, 9, 14],
    at_station=False,
)
def demo(
    run: Run,
    *,
    once: Annotated[bool, typer.Option("--once", help="Play and check the day, then end.")] = False,
    keep: Annotated[
        Path | None, typer.Option(help="Make the stations here, and leave them.")
    ] = None,
    scenario: Annotated[
        str,
        typer.Option(help="Play this scenario instead: a file, or the name of a shipped one."),
    ] = "",
    speed: Annotated[
        str, typer.Option(help="How fast the day passes, such as `3600x`; at once if left out.")
    ] = "",
    ports: Annotated[
        int | None,
        typer.Option(
            help="First of some free ports in a row, five for two stations: consoles come first."
        ),
    ] = None,
) -> None:
    """Play a day between two stations and a witness, check what it left, open two consoles.

    With --scenario another history is played over real stations, one for each of its parties, and
    each party has a console; where a claim of the file does not hold, no console is opened.
    """
    pace = demo_options.pace_of(speed)
    place = _place(keep)
    try:
        if scenario:
            from parley.cli.demo_scenario import demonstrate  # noqa: PLC0415 - the whole station

            demonstrate(
                run,
                place,
                scenario,
                first_port=ports,
                pace=pace,
                once=once,
                is_kept=keep is not None,
            )
            return
        chosen = demo_options.ports_from(ports, _PORTS)
        _demonstrate(run, place, chosen, pace=pace, once=once, is_kept=keep is not None)
    finally:
        if keep is None:
            shutil.rmtree(place, ignore_errors=True)


def _place(keep: Path | None) -> Path:
    if keep is None:
        return Path(tempfile.mkdtemp(prefix="parley-demo-"))
    if keep.exists() and any(keep.iterdir()):
        raise ConflictError(f"{keep} is not empty", next_step="Name an empty or a new directory.")
    keep.mkdir(parents=True, exist_ok=True)
    return keep.resolve()


def _demonstrate(
    run: Run, place: Path, ports: Sequence[int], *, pace: float | None, once: bool, is_kept: bool
) -> None:
    from parley.cli.demo_play import Day  # noqa: PLC0415 - brings the whole station

    words = _SCREEN[run.language]
    run.out.tell(words["made"])
    passphrase = secrets.token_hex(16).encode()
    write_secret(place / "passphrase", passphrase)
    children, witness, origins = _make(place, passphrase, ports)
    directories = {child.code: child.directory for child in children}
    run.out.tell(words["day"])
    day = Day(
        directories=directories,
        witness=witness.directory,
        passphrase=passphrase,
        tell=lambda e: _tell(run, e),
        pace=pace,
    )
    findings = asyncio.run(day.play(place))
    run.out.tell(words["left"])
    for each in findings:
        run.out.tell(f"  {'OK ' if each.holds else 'NO '} {each.told[run.language]}")
    holds = all(each.holds for each in findings)
    if holds and not once:
        with running([witness, *children]):
            demo_living.show(
                run,
                place,
                children,
                [witness],
                origins,
                proof=("silence", place / "silence.parley"),
                is_kept=is_kept,
            )
    run.finish(_result(place, findings, is_kept=is_kept))


def _make(
    place: Path, passphrase: bytes, ports: Sequence[int]
) -> tuple[list[Child], Child, dict[str, str]]:
    """Make both stations and the witness; return how to run them, and the consoles' addresses."""
    from parley.cli.demo_day import (  # noqa: PLC0415 - as above
        END,
        LANGUAGES,
        NAMES,
        WITNESS,
        WITNESS_NAME,
    )
    from parley.core.instants import parse_instant  # noqa: PLC0415
    from parley.station.identity import create_station  # noqa: PLC0415

    offset = parse_instant(END) - int(time.time())
    began = parse_instant(f"{END[:10]}T00:00:00Z")
    secret = place / "passphrase"
    create_station(
        place / WITNESS.lower(),
        code=WITNESS,
        name=WITNESS_NAME,
        passphrase=passphrase,
        now=began,
        random=os.urandom,
        release="one-person",
        mark="EXERCISE",
        witness_listen=f"127.0.0.1:{ports[-1]}",
        clock_offset_s=offset,
        kdf_kib=_KDF_KIB,
    )
    witness = Child(code=WITNESS, directory=place / WITNESS.lower(), passphrase_file=secret)
    children: list[Child] = []
    origins: dict[str, str] = {}
    for number, (code, name) in enumerate(NAMES.items()):
        console, link = ports[number], ports[len(NAMES) + number]
        origins[code] = f"http://{code.lower()}.localhost:{console}"
        create_station(
            place / code.lower(),
            code=code,
            name=name,
            passphrase=passphrase,
            now=began,
            random=os.urandom,
            listen=(f"tls://127.0.0.1:{link}",),
            # Only BRAVO dials, and only where the demonstration says: so the line can be cut.
            advertise=(),
            release="one-person",
            mark="EXERCISE",
            languages=LANGUAGES[code],
            console_listen=f"127.0.0.1:{console}",
            console_origin=origins[code],
            heartbeat_s=_HEARTBEAT_S,
            clock_offset_s=offset,
            kdf_kib=_KDF_KIB,
        )
        children.append(
            Child(
                code=code,
                directory=place / code.lower(),
                passphrase_file=secret,
            )
        )
    return children, witness, origins


def _tell(run: Run, event: Event) -> None:
    words = _SCREEN[run.language]
    if event.key == "barge":
        run.out.tell(f"  15:00  {words['cut']}")
    if event.key == "barge-read":
        run.out.tell(f"  16:30  {words['healed']}")
    run.out.tell(f"  {event.at[:5]}  {event.by:<5}  {event.told[run.language]}")


def _result(place: Path, findings: Sequence[Finding], *, is_kept: bool) -> Result:
    holds = all(each.holds for each in findings)
    items: list[dict[str, Any]] = [
        {"finding": each.key, "holds": each.holds, "text": each.told["en"]} for each in findings
    ]
    return Result(
        data={
            "items": items,
            "next_cursor": None,
            "holds": holds,
            "directory": str(place) if is_kept else None,
        },
        lines=["the demonstration holds" if holds else "THE DEMONSTRATION DOES NOT HOLD"],
        exit_code=0 if holds else DOES_NOT_HOLD,
    )
