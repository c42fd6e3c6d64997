"""What a demonstration leaves a person in front of: living consoles, and three things to try."""

from __future__ import annotations

import shlex
import signal
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from parley.cli.children import Child
from parley.cli.command import Run

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "open": "{count} consoles run. Each address signs you in, once:",
        "try": "Three things to try:",
        "try1": "send a FLASH in one console; it rings in the other.",
        "try2": "kill a station in the middle of a sentence, and start it again:",
        "silence": "check the proof of the silence without any station:",
        "record": "check the record of a channel without any station:",
        "end": "Ctrl-C ends it and removes the stations.",
        "kept": "Ctrl-C ends it; the stations stay in",
        "ended": "a station ended; start it again with the command above, or press Ctrl-C",
        "elsewhere": "a station ended; parley serve --station starts it again, or press Ctrl-C",
    },
    "zh": {
        "open": "{count}个控制台已运行。以下地址可登录一次：",
        "try": "可以试三件事：",
        "try1": "在一个控制台发出特急，另一个会响铃。",
        "try2": "在书写中途杀死一个站点，再启动：",
        "silence": "不用站点即可验证沉默的证据：",
        "record": "不用站点即可验证一条渠道的记录：",
        "end": "按Ctrl-C结束并删除站点。",
        "kept": "按Ctrl-C结束；站点保留在",
        "ended": "一个站点已停止；用上面的命令重新启动，或按Ctrl-C",
        "elsewhere": "一个站点已停止；可用parley serve --station重新启动，或按Ctrl-C",
    },
}


def show(
    run: Run,
    place: Path,
    parties: Sequence[Child],
    witnesses: Sequence[Child],
    origins: Mapping[str, str],
    *,
    proof: tuple[str, Path],
    is_kept: bool,
) -> None:
    """Tell what can be tried with stations that run in `place`, and wait for Ctrl-C.

    Each of `parties` has a console at its address of `origins`; a one-time link is told for it.
    `proof` is what a bundle shows (`silence` or `record`), and the bundle's file.
    """
    words = WORDS[run.language]
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        _tell_consoles(run, parties, origins)
        last = parties[-1]
        assert last.process is not None
        known = [*parties, *witnesses]
        what, bundle = proof
        trust = " ".join(f"--trust {_quoted(each.directory / 'own.card')}" for each in known)
        run.out.tell(f"\n{words['try']}")
        run.out.tell(f"  1  {words['try1']}")
        run.out.tell(f"  2  {words['try2']}")
        run.out.tell(f"     kill -9 {last.process.pid}")
        run.out.tell(f"     {shlex.join(last.command)}")
        run.out.tell(f"  3  {words[what]}")
        run.out.tell(f"     parley-verify {_quoted(bundle)} {trust}")
        run.out.tell(f"\n{words['kept']} {place}" if is_kept else f"\n{words['end']}")
        told: set[str] = set()
        while not stop.wait(0.5):
            for child in known:
                if child.has_ended and child.code not in told:
                    told.add(child.code)
                    how = "ended" if child is last else "elsewhere"
                    run.out.tell(f"{child.code}: {words[how]}")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell_consoles(run: Run, parties: Sequence[Child], origins: Mapping[str, str]) -> None:
    from parley.api.client import Client  # noqa: PLC0415 - needed here only

    run.out.tell("\n" + WORDS[run.language]["open"].format(count=len(parties)))
    width = max(5, *(len(child.code) for child in parties))
    for child in parties:
        with Client(child.socket) as client:
            client.put("/me/tour", {"step": 1})
            link = client.post("/sign-in-links", {"officer": f"{child.code}-1"})
        run.out.tell(f"  {child.code:<{width}}  {origins[child.code]}{link['path']}")


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
