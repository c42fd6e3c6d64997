"""The demonstration, as a newcomer runs it."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

PARLEY = str(Path(sys.executable).with_name("parley"))


def test_the_day_is_played_and_leaves_what_it_must(tmp_path):
    place = tmp_path / "pier"

    ended = subprocess.run(
        [PARLEY, "demo", "--once", "--json", "--keep", str(place), "--speed", "90000x"],
        capture_output=True,
        timeout=240,
        check=False,
    )

    said = json.loads(ended.stdout)
    assert ended.returncode == 0, (said, ended.stderr)
    assert {each["finding"] for each in said["data"]["items"]} == {
        "delivered", "identical", "lapsed", "witnessed", "verified-silence", "verified-day",
    }  # fmt: skip
    assert all(each["holds"] for each in said["data"]["items"])
    trust = [f"--trust={place / code / 'own.card'}" for code in ("alfa", "bravo", "charlie")]
    verify = [PARLEY, "verify", str(place / "silence.parley")]
    verified = subprocess.run([*verify, *trust], capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout
    assert re.search(
        r"witness +CHARLIE signed .*; checked, and on your trust list", verified.stdout
    )
    assert "T3" in verified.stdout
    partly = subprocess.run([*verify, *trust[:2]], capture_output=True, text=True, check=False)
    assert partly.returncode == 14, partly.stdout
    assert re.search(
        r"witness +CHARLIE signed .*; card not given, so this was NOT checked", partly.stdout
    )
    again = subprocess.run(
        [PARLEY, "demo", "--once", "--keep", str(place)], capture_output=True, check=False
    )
    assert again.returncode == 6, "stations that are there are not written over"


def wait_for(log: Path, pattern: str, process: subprocess.Popen[bytes]) -> re.Match[str]:
    last = time.monotonic() + 240
    while (found := re.search(pattern, log.read_text())) is None:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < last, log.read_text()
        time.sleep(0.1)
    return found


@pytest.mark.faults
def test_two_consoles_live_one_is_killed_and_comes_back_and_all_ends_with_ctrl_c(tmp_path):
    log = tmp_path / "log"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [PARLEY, "demo"], stdout=out, stderr=out, env=environment, start_new_session=True
        )
    again = None
    try:
        wait_for(log, "Ctrl-C ends it", process)
        for code in ("ALFA", "BRAVO"):
            found = wait_for(log, rf"{code} +http://[a-z]+\.localhost:(\d+)(/\S+)", process)
            host = {"host": f"{code.lower()}.localhost:{found[1]}"}
            answer = httpx.get(f"http://127.0.0.1:{found[1]}{found[2]}", headers=host)
            assert answer.status_code in (200, 302, 303), answer.text
        killed = wait_for(log, r"kill -9 (\d+)\s+parley (serve .*)", process)
        os.kill(int(killed[1]), signal.SIGKILL)
        wait_for(log, "BRAVO: a station ended", process)
        words = shlex.split(killed[2])
        again = subprocess.Popen(
            [PARLEY, *words, "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert again.stdout is not None
        assert b'"ready"' in again.stdout.readline()
        again.terminate()
        assert again.wait(30) == 0
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0, log.read_text()
        assert "the demonstration holds" in log.read_text()
        assert not list(tmp_path.glob("parley-demo-*")), "its stations are removed"
    finally:
        for each in (again, process):
            if each is not None and each.poll() is None:
                each.kill()
                each.wait()
        if again is not None and again.stdout is not None:
            again.stdout.close()
