"""Progress: what the line says, where it is drawn, and that nothing else is written over."""

from __future__ import annotations

import io
import sys
import threading
import time
from contextlib import nullcontext

from parley.cli import progress
from parley.cli.output import Output
from parley.cli.progress import Progress, working
from parley_verify import waiting
from support.cli_run import run


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_line_tells_what_how_much_and_how_long():
    seconds = iter([0, 10, 20, 30, 40])
    known = Progress(io.StringIO(), "playing", total=8, now=lambda: next(seconds))

    assert known.text() == "playing ...  0 of 8  0:00:10 so far"
    known.step()
    known.step()
    assert known.text() == "playing ...  2 of 8  0:00:20 so far  0:01:00 left"
    known.step(8)
    assert known.text() == "playing ...  8 of 8  0:00:30 so far"
    unknown = Progress(io.StringIO(), "waiting", now=lambda: next(seconds, 55))
    assert unknown.text() == "waiting ...  0:00:15 so far"


def test_a_terminal_has_one_line_that_makes_room_and_goes(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "20")
    screen = Terminal()
    drawn = Progress(screen, "a work with a long name", now=lambda: 0)

    drawn.show()
    assert screen.getvalue() == "\r\x1b[Ka work with a long "
    for text in ("first\n", "second\n"):
        with drawn.room():
            screen.write(text)
    assert screen.getvalue().endswith("long \r\x1b[Kfirst\nsecond\n")


def test_elsewhere_and_on_a_dumb_terminal_it_is_a_plain_line(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    for stream in (io.StringIO(), Terminal()):
        plain = Progress(stream, "work", now=lambda: 0)
        plain.show()
        with plain.room():
            pass
        assert stream.getvalue() == "work ...  0:00:00 so far\n"


def test_it_is_shown_while_the_work_lasts_and_what_is_printed_takes_its_place(monkeypatch, capsys):
    shown = threading.Event()
    monkeypatch.setattr(progress, "TOLD_EVERY_S", 0)
    monkeypatch.setattr(Progress, "show", lambda self: shown.set())
    cleared = []
    monkeypatch.setattr(Progress, "room", lambda self: nullcontext(cleared.append(1)))
    out = Output()

    with working(out, "work") as work:
        assert shown.wait(30)
        out.line("a result")
        assert cleared == [1]
        work.step()
    assert len(cleared) == 2
    out.line("after")
    assert len(cleared) == 2

    shown.clear()
    for hushed, hidden in (
        (Output(is_json=True), False),
        (Output(is_quiet=True), False),
        (out, True),
    ):
        with working(hushed, "work", hidden=hidden):
            assert not shown.wait(0.05)


def test_the_verifier_tells_a_terminal_that_it_works_and_nobody_else(monkeypatch):
    monkeypatch.setattr(waiting, "_FIRST_SECONDS", 0)
    for screen, hidden in ((Terminal(), False), (Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", screen)
        with waiting.told_while_checking(2, hidden=hidden):
            for _ in range(1_000):
                if screen.getvalue() or hidden or not screen.isatty():
                    break
                time.sleep(0.01)
        said = screen.getvalue()
        if hidden or not screen.isatty():
            assert said == ""
        else:
            assert said.startswith("\r\x1b[Kchecking 2 files ...")
            assert said.endswith("\r\x1b[K")


def test_a_scenario_tells_how_far_it_is(monkeypatch):
    told = []
    monkeypatch.setattr(progress, "TOLD_EVERY_S", 0.05)
    monkeypatch.setattr(Progress, "show", lambda self: told.append(self.text()))

    assert run("scenario", "run", "unanswered-line").code == 0
    assert told[-1].startswith("playing unanswered-line ...")
    assert " of " in told[-1]
