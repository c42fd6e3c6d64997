"""`parley demo`: two stations and a witness, a day between them, and two consoles to look at."""

from __future__ import annotations

import asyncio
import os
import secrets
import shlex
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from parley.cli import demo_options
from parley.cli.children import Child, running, write_secret
from parley.cli.command import Run, declare, new_app
from parley.cli.exits import DOES_NOT_HOLD
from parley.cli.output import Result
from parley.errors import ConflictError, UsageError

if TYPE_CHECKING:
    from parley.cli.demo_day import Event
    from parley.cli.demo_play import Finding

app = new_app("See it work.")

_HEARTBEAT_S: Final = 5
_SCRYPT_N: Final = 1 << 14
_PORTS: Final = 5
"""A console and a link for each of two stations, and the witness."""
"""A demonstration's keys guard nothing: they need not cost a second each."""

_SCREEN: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "made": "Two stations that do not trust each other, and a witness; all is an EXERCISE.",
        "day": "One day at pier 4, played over TLS; their clocks jump from event to event:",
        "left": "What the day left:",
        "open": "Two consoles run. Each address signs you in, once:",
        "try": "Three things to try:",
        "try1": "send a FLASH in one console; it rings in the other.",
        "try2": "kill a station in the middle of a sentence, and start it again:",
        "try3": "check the proof of the silence without any station:",
        "end": "Ctrl-C ends it and removes the stations.",
        "kept": "Ctrl-C ends it; the stations stay in",
        "cut": "--- the line is cut ---",
        "healed": "--- the line is back ---",
        "ended": "a station ended; start it again with the command above, or press Ctrl-C",
    },
    "zh": {
        "made": "两个互不信任的站点和一个见证方；全部为演习。",
        "day": "四号码头的一天，经TLS重演；时钟逐事件跳转：",
        "left": "这一天留下了什么：",
        "open": "两个控制台已运行。以下地址可登录一次：",
        "try": "可以试三件事：",
        "try1": "在一个控制台发出特急，另一个会响铃。",
        "try2": "在书写中途杀死一个站点，再启动：",
        "try3": "不用站点即可验证沉默的证据：",
        "end": "按Ctrl-C结束并删除站点。",
        "kept": "按Ctrl-C结束；站点保留在",
        "cut": "--- 线路中断 ---",
        "healed": "--- 线路恢复 ---",
        "ended": "一个站点已停止；用上面的命令重新启动，或按Ctrl-C",
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
        typer.Option(help="With --once: play this scenario, a file or a shipped one, instead."),
    ] = "",
    speed: Annotated[
        str, typer.Option(help="How fast the day passes, such as `3600x`; at once if left out.")
    ] = "",
    ports: Annotated[
        int | None,
        typer.Option(help="First of five free ports in a row: the two consoles, then the rest."),
    ] = None,
) -> None:
    """Play a day between two stations and a witness, check what it left, open two consoles."""
    if scenario and not once:
        raise UsageError(
            "--scenario is played and checked, and no consoles are opened on it",
            next_step="give --once too.",
        )
    if scenario and (speed or ports is not None):
        raise UsageError(
            "--speed and --ports are for the day at the pier", next_step="leave out --scenario."
        )
    pace = demo_options.pace_of(speed)
    chosen = demo_options.ports_from(ports, _PORTS)
    place = _place(keep)
    try:
        if scenario:
            _play_scenario(run, place, scenario, is_kept=keep is not None)
            return
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
            _show(run, place, children, witness, origins, is_kept=is_kept)
    run.finish(_result(place, findings, is_kept=is_kept))


def _play_scenario(run: Run, place: Path, name: str, *, is_kept: bool) -> None:
    """Play a scenario over real stations, check it, and leave cards and bundles where wanted."""
    from parley.cli import scenario_run as runs  # noqa: PLC0415 - brings the whole station
    from parley.core.instants import rfc3339  # noqa: PLC0415

    history = runs.read_file(name).scenario()
    run.out.tell(f"{history.name} ({history.mark})")
    report = runs.Report()
    runs.run_one(
        report,
        history,
        through="tls",
        seed=None,
        tell=lambda e: run.out.tell(f"  {rfc3339(e.at)}  {', '.join(e.by)}  {e.do}"),
        export=place if is_kept else None,
    )
    items = [
        {"finding": f"claim {number}", "holds": one.status == "holds", "text": one.line()}
        for number, (_, one) in enumerate(report.verdicts, 1)
    ]
    data = {
        "items": items,
        "next_cursor": None,
        "holds": report.exit_code == 0,
        "directory": str(place) if is_kept else None,
    }
    run.finish(Result(data=data, lines=report.lines(), exit_code=report.exit_code))


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
        scrypt_n=_SCRYPT_N,
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
            scrypt_n=_SCRYPT_N,
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


def _show(
    run: Run,
    place: Path,
    children: Sequence[Child],
    witness: Child,
    origins: Mapping[str, str],
    *,
    is_kept: bool,
) -> None:
    """Tell what can be tried, and wait for Ctrl-C."""
    from parley.api.client import Client  # noqa: PLC0415 - needed here only

    words = _SCREEN[run.language]
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        run.out.tell(f"\n{words['open']}")
        for child in children:
            with Client(child.socket) as client:
                link = client.post("/sign-in-links", {"officer": f"{child.code}-1"})
            run.out.tell(f"  {child.code:<5}  {origins[child.code]}{link['path']}")
        last = children[-1]
        assert last.process is not None
        known = [*children, witness]
        trust = " ".join(f"--trust {_quoted(each.directory / 'own.card')}" for each in known)
        run.out.tell(f"\n{words['try']}")
        run.out.tell(f"  1  {words['try1']}")
        run.out.tell(f"  2  {words['try2']}")
        run.out.tell(f"     kill -9 {last.process.pid}")
        run.out.tell(f"     {shlex.join(last.command)}")
        run.out.tell(f"  3  {words['try3']}")
        run.out.tell(f"     parley-verify {_quoted(place / 'silence.parley')} {trust}")
        run.out.tell(f"\n{words['kept']} {place}" if is_kept else f"\n{words['end']}")
        told: set[str] = set()
        while not stop.wait(0.5):
            for child in known:
                if child.has_ended and child.code not in told:
                    told.add(child.code)
                    run.out.tell(f"{child.code}: {words['ended']}")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


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
