"""The disk of a station fills up under load, and has room again: no word is lost or invented."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.load import Follower, Sender, check_record, until
from support.station_pair import READY_S, Pair

from .conftest import cheapen, make_pair

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


@pytest.fixture(params=["alfa", "bravo"])
def cramped(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Pair, SmallDisk, str]]:
    """A pair of which one station lies on a small disk."""
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        pytest.skip("needs unshare and nsenter of util-linux for a disk of its own")
    pair, station = make_pair(tmp_path_factory), request.param
    pair.make()
    cheapen(pair)
    source = pair.folder / f"{station}.disk"
    (pair.folder / station).rename(source)
    (pair.folder / station).mkdir()
    disk = SmallDisk(pair.folder / station, source=source)
    try:
        if not disk.is_there:
            pytest.skip("this system lets us mount no file system, not even in a namespace")
        pair.inside[station] = disk.inside
        pair.serve("alfa")
        pair.serve("bravo")
        until(lambda: all("doors open" in pair.log(name) for name in ("alfa", "bravo")))
        pair.open_channel()
        yield pair, disk, station
    finally:
        pair.close()
        disk.close()


def test_a_full_disk_refuses_confirms_nothing_and_recovers(
    cramped: tuple[Pair, SmallDisk, str],
) -> None:
    pair, disk, station = cramped
    sender, follower = Sender(pair, "alfa", seed=8, window=10_000), Follower(pair, "bravo")
    sender.write(20)
    until(lambda: len(sender.told["delivered"]) == 20)

    disk.fill()
    refused = None
    if station == "alfa":
        refused = pair.run("alfa", "send", "OPS", "No room for this.", "--json")
        person = pair.run("alfa", "send", "OPS", "No room for this.")
        assert refused.code == person.code == 1
        assert refused.json["error"]["code"] == "storage_full"
        assert "Free space" in person.err
        assert "Traceback" not in person.err
    sender.write(20, words=300)
    until(lambda: "store failed" in pair.log(station))
    if station == "bravo":
        until(lambda: len(sender.told["stored"]) == 40)
    assert len(sender.told["delivered"]) == 20
    disk.make_room()
    sender.finish()

    check_record(pair, sender, follower)
