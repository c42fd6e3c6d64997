"""`parley scenario run` as a subprocess, and what its JSON says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PARLEY = str(Path(sys.executable).with_name("parley"))
FILES = Path(__file__).parents[2] / "src/parley/sim/scenario/files"


def run(*words):
    ended = subprocess.run(
        [PARLEY, "scenario", "run", *words, "--json"],
        capture_output=True,
        check=False,
        timeout=1800,
    )
    return ended.returncode, json.loads(ended.stdout)


def claims(said):
    return [
        (item["variant"], str(item["claim"]), item["station"]) for item in said["data"]["items"]
    ]


def not_holding(said):
    return [item for item in said["data"]["items"] if item["status"] != "holds"]
