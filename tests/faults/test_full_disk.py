"""The disk of a station fills up under load, and has room again: no word is lost or invented."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.load import Follower, Sender, check_record, until
from support.station_pair import READY_S, Pair, Said

pytestmark = pytest.mark.faults

DISK_BYTES = 24 * 1024 * 1024


class SmallDisk:
    """A folder on a file system of its own, which only processes started through `inside` see."""

    def __init__(self, folder: Path, *, source: Path) -> None:
        mount = (
            f'mount -t tmpfs -o size={DISK_BYTES} tmpfs "$1" && cp -a "$2"/. "$1" '
            "&& echo ready && exec sleep infinity"
        )
        command = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-U", "-r", "-m"]
        self._keeper = subprocess.Popen(
            [*command, "sh", "-c", mount, "sh", str(folder), str(source)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._keeper.stdout is not None
        self.is_there = self._keeper.stdout.readline() == "ready\n"
        self._folder = folder
        self._filler = folder / "filler"

    def inside(self, *command: str) -> list[str]:
        """Return a command line that runs where the small disk is seen."""
        spaces = ["-m"] if os.geteuid() == 0 else ["-U", "--preserve-credentials", "-m"]
        enter = ["nsenter", "-t", str(self._keeper.pid), *spaces]
        return [*enter, "sh", "-c", f'cd "{self._folder.parent}" && exec "$@"', "sh", *command]

    def fill(self) -> None:
        """Leave no byte."""
        write = f'dd if=/dev/zero of="{self._filler}" bs=4096 2>/dev/null; test -s "{self._filler}"'
        subprocess.run(self.inside("sh", "-c", write), check=True, timeout=READY_S)

    def make_room(self) -> None:
        """Give the bytes back."""
        subprocess.run(self.inside("rm", str(self._filler)), check=True, timeout=READY_S)

    def close(self) -> None:
        """Take the disk away; everything that uses it has ended."""
        self._keeper.kill()
        self._keeper.wait(READY_S)
        for stream in (self._keeper.stdout, self._keeper.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def make_cramped(
    unserved: Pair,
) -> Iterator[Callable[[str], tuple[Pair, SmallDisk]]]:
    """Make a pair of which one station lies on a small disk."""
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        pytest.skip("needs unshare and nsenter of util-linux for a disk of its own")
    with ExitStack() as stack:

        def make(station: str) -> tuple[Pair, SmallDisk]:
            source = unserved.folder / f"{station}.disk"
            (unserved.folder / station).rename(source)
            (unserved.folder / station).mkdir()
            disk = SmallDisk(unserved.folder / station, source=source)
            stack.callback(disk.close)
            stack.callback(unserved.close)
            if not disk.is_there:
                pytest.skip("this system lets us mount no file system, not even in a namespace")
            unserved.inside[station] = disk.inside
            unserved.serve("alfa")
            unserved.serve("bravo")
            until(lambda: all("doors open" in unserved.log(name) for name in ("alfa", "bravo")))
            return unserved, disk

        yield make


def send_refused(pair: Pair, disk: SmallDisk, *more: str) -> tuple[Said, int]:
    """Send from ALFA on a full disk until it is refused; return how, and how many went before.

    What SQLite gives back when its file is closed after a failure may hold one more message.
    """
    for taken in range(20):
        disk.fill()
        said = pair.run("alfa", "send", "OPS", "No room for this. " * 800, *more)
        if said.code != 0:
            return said, taken
    raise AssertionError("a full disk refuses nothing")


def test_a_sender_on_a_full_disk_is_refused_and_goes_on_when_there_is_room(
    make_cramped: Callable[[str], tuple[Pair, SmallDisk]],
) -> None:
    pair, disk = make_cramped("alfa")
    sender, follower = Sender(pair, "alfa", seed=8, window=10_000), Follower(pair, "bravo")
    sender.write(20)
    until(lambda: len(sender.told["delivered"]) == 20)

    person, first = send_refused(pair, disk)
    program, second = send_refused(pair, disk, "--json")
    taken = first + second
    for _ in range(20):
        disk.fill()
        sender.write(1, words=3_000)
        until(lambda: len(sender.told["stored"]) + len(sender.failed) == len(sender.written))
        if sender.failed:
            break

    assert person.code == program.code == 1
    assert "Free space" in person.err
    assert "Traceback" not in person.err
    assert program.json["error"]["code"] == "storage_full"
    assert [event["event"] for event in sender.failed] == ["failed"]
    assert sender.failed[0]["error"]["code"] == "storage_full"
    assert sender.failed[0]["id"] not in sender.told["stored"]

    disk.make_room()
    # It tries its disk again every few seconds, and refuses until then.
    until(lambda: pair.run("alfa", "send", "OPS", "Room again.").code == 0, "it does not recover")
    taken += 1
    sender.repeat(sender.failed.pop()["id"])
    sender.write(20)
    sender.finish(code=14)  # one was refused before it was sent again

    check_record(pair, sender, follower, others=taken)


def test_a_receiver_on_a_full_disk_confirms_nothing_and_goes_on_when_there_is_room(
    make_cramped: Callable[[str], tuple[Pair, SmallDisk]],
) -> None:
    pair, disk = make_cramped("bravo")
    sender, follower = Sender(pair, "alfa", seed=8, window=10_000), Follower(pair, "bravo")
    sender.write(20)
    until(lambda: len(sender.told["delivered"]) == 20)

    while "store failed" not in pair.log("bravo"):
        disk.fill()
        sender.write(5, words=1_000)
        until(lambda: len(sender.told["stored"]) == len(sender.written))
    assert sender.under_way, "what was not stored was confirmed"
    assert pair.run("bravo", "log", "check", "--json").code == 0
    disk.make_room()
    sender.finish()

    check_record(pair, sender, follower)
