"""The script of two stations, run as a shell runs it: real processes, sockets, disks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

from support.station_pair import READY_S, clean_environment, free_port

SCRIPT = """
set -e
export PARLEY_PASSPHRASE_FILE=./pw
words() { python3 -c "import json,sys; print(*json.load(sys.stdin)['data']['words']['$1'])"; }
parley init ./alfa  --code ALFA  --name "Alfa"  --listen 127.0.0.1:PORT_A --release one-person --no-input
parley init ./bravo --code BRAVO --name "Bravo" --listen 127.0.0.1:PORT_B --release one-person --no-input
parley card export --station ./alfa  --out alfa.card
parley card export --station ./bravo --out bravo.card
parley card show   --station ./alfa  --json > alfa.json
parley card show   --station ./bravo --json > bravo.json
parley peer add bravo.card --station ./alfa  --address 127.0.0.1:PORT_B --no-input
parley peer add alfa.card  --station ./bravo --address 127.0.0.1:PORT_A --no-input
parley peer verify BRAVO --station ./alfa  --method paper --words "$(words en < bravo.json)"
parley peer verify ALFA  --station ./bravo --method paper --words "$(words zh < alfa.json)"
parley serve --station ./alfa &
parley serve --station ./bravo &
parley channel propose BRAVO --code OPS --purpose "Operations line" --station ./alfa --yes
parley channel accept OPS --station ./bravo --yes
parley send OPS "First words." -p Z --subject "First" --station ./alfa --wait delivered --timeout 60s
parley log show --channel OPS --party ALFA --station ./bravo --json > log.json
parley log export --channel OPS --station ./bravo --out ops.parley
parley-verify ops.parley --trust alfa.card --trust bravo.card > verified.txt
"""


def test_two_stations_talk_from_a_script_and_a_stranger_can_check_it(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("a long enough passphrase\n")
    script = SCRIPT.replace("PORT_A", str(free_port())).replace("PORT_B", str(free_port()))
    with (tmp_path / "err").open("wb") as errors:
        running = subprocess.Popen(
            ["bash", "-c", script],
            cwd=tmp_path,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )
    try:
        running.wait(READY_S)
    finally:
        # The two stations are in the script's session and outlive it, as its last lines leave them.
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(READY_S)

    assert running.returncode == 0, (tmp_path / "err").read_text()
    [item] = json.loads((tmp_path / "log.json").read_text())["data"]["items"]
    assert item["entry"].startswith("OPS/ALFA/")
    assert [text["text"] for text in item["texts"]] == ["First words."]
    assert item["precedence"] == "Z"
    assert item["times"]["claimed_at"] <= item["times"]["received_at"]
    assert "VALID" in (tmp_path / "verified.txt").read_text()
