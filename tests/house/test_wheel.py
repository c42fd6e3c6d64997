"""What is installed: every asset, from packages that are locked, with no tool but pip."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import fonts

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"


def test_the_wheel_holds_every_file_of_the_packages_and_runs_where_it_is_installed(tmp_path):
    python = sys.executable
    build = [python, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    kept = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == kept
    assert sum(name.startswith("parley/console/static/") for name in packed) > 15

    place = tmp_path / "installed"
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, "--target", str(place), str(wheel)], check=True, capture_output=True)
    asked = "import parley.console.assets as a; print(a.__file__, a.asset_path('js/main.js'))"
    environment = {"PATH": "", "PYTHONPATH": str(place), "HOME": str(tmp_path)}
    said = subprocess.run(
        [python, "-c", asked], env=environment, check=True, capture_output=True, text=True
    )
    helped = subprocess.run(
        [python, str(place / "bin" / "parley"), "--help"],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip

    assert said.stdout.startswith(str(place) + os.sep)
    assert "parley" in helped.stdout


def test_the_fonts_are_those_of_the_locked_packages():
    held = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in fonts.PLACE.glob("*.woff2")
    }
    assert held == fonts.DIGESTS
    assert {package for package, _ in fonts.FONTS.values()} == set(fonts.locked())
    assert all(integrity.startswith("sha512-") for _, integrity in fonts.locked().values())
