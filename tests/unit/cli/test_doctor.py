"""`parley doctor` on a closed station: what it mends, what it writes down, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

from support.cli_run import run


def test_what_is_safe_is_mended_when_asked(alfa: Path) -> None:
    key = alfa / "keys" / "station.key"
    key.chmod(0o640)
    doctor = ("doctor", "--station", str(alfa), "--only", "files")

    before = run(*doctor)
    mended = run(*doctor, "--fix", "--json")

    assert before.code == 14
    assert "parley doctor --fix" in before.out
    assert mended.code == 0, mended.out
    assert mended.json["data"]["mended"] == [str(key)]
    assert key.stat().st_mode & 0o777 == 0o600
    assert run("doctor", "--fix", "--station", "https://alfa.example").code == 2


def test_a_report_holds_the_findings_and_nothing_secret(alfa: Path, folder: Path) -> None:
    report = folder / "doctor.json"
    ended = run("doctor", "--station", str(alfa), "--report", str(report), "--json")

    assert ended.code == 0, ended.out
    said = json.loads(report.read_text("utf-8"))
    assert said["items"] == ended.json["data"]["items"]
    assert "passphrase" not in report.read_text("utf-8")
    again = run("doctor", "--station", str(alfa), "--report", str(report))
    assert again.code == 2, "it writes over nothing without --force"


def test_a_copy_of_the_keys_is_noted(alfa: Path, folder: Path) -> None:
    doctor = ("doctor", "--station", str(alfa), "--only", "backup", "--json")

    assert run(*doctor).json["data"]["items"][0]["level"] == "look"
    assert run("keys", "backup", str(folder / "copy"), "--station", str(alfa)).code == 0
    assert run(*doctor).json["data"]["items"][0]["level"] == "ok"
