"""What the systemd unit starts works with what the unit hands over, and ends as systemd expects."""

from __future__ import annotations

import configparser
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from support.live_stations import PASSPHRASE, make_station
from support.station_pair import BIN, READY_S, clean_environment

UNIT = Path(__file__).parents[2] / "deploy/parley.service"
AS_THE_UNIT_DOES = (
    "import ctypes, os, sys;"
    "ctypes.CDLL(None).prctl(65, 1, 0, 0, 0);"
    "os.execv(sys.argv[1], sys.argv[1:])"
)
"""Forbids memory that is written and executed, as MemoryDenyWriteExecute; old kernels ignore it."""


def service() -> configparser.SectionProxy:
    unit = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=True)
    unit.optionxform = str
    unit.read_string(UNIT.read_text())
    return unit["Service"]


def iter_until(stream: IO[bytes], sign: bytes) -> Iterator[bytes]:
    """Yield lines up to the one with the sign, or the end."""
    for line in stream:
        yield line
        if sign in line:
            return


def test_the_unit_starts_a_station_with_its_credential_and_stops_it_in_order(
    tmp_path: Path,
) -> None:
    make_station(tmp_path / "station", "ALFA")
    name, _, source = service()["LoadCredential"].partition(":")
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / name).write_bytes(PASSPHRASE + b"\n")
    binary, *words = shlex.split(service()["ExecStart"])
    place = words[words.index("--station") + 1]
    environment = clean_environment(CREDENTIALS_DIRECTORY=str(tmp_path / "credentials"))

    running = subprocess.Popen(
        [BIN / Path(binary).name, *(str(tmp_path / "station") if w == place else w for w in words)],
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    try:
        # A command that only reads would open the directory itself until the station is seen.
        before = list(iter_until(running.stderr, b"doors open"))
        asked = subprocess.run(
            [BIN / "parley", "status", "--station", tmp_path / "station", "-q"],
            env=environment,
            timeout=READY_S,
            check=False,
        )
    finally:
        running.send_signal(signal.SIGTERM)
        _, after = running.communicate(timeout=READY_S)

    said = b"".join([*before, after]).decode()
    assert "doors open" in said
    assert (asked.returncode, running.returncode) == (0, 0), said
    assert Path(source).is_absolute()


def test_the_unit_may_write_where_its_station_lies_and_nowhere_else() -> None:
    unit = service()
    words = shlex.split(unit["ExecStart"])

    assert words[words.index("--station") + 1] == f"/var/lib/{unit['StateDirectory']}"
    assert unit["ProtectSystem"] == "strict"
    assert "ReadWritePaths" not in unit
