"""A station directory that `parley init` made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from parley.station import identity
from support.cli_run import run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with a passphrase file, and no `PARLEY_` variable but its name."""
    for name in [name for name in os.environ if name.startswith("PARLEY_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    Path("pw").write_text("a long enough passphrase\n")
    monkeypatch.setenv("PARLEY_PASSPHRASE_FILE", "./pw")
    # Argon2id at a low cost: what a passphrase costs is tested where key files are.
    monkeypatch.setitem(identity.create_station.__kwdefaults__, "kdf_kib", 1024)
    return tmp_path


@pytest.fixture
def alfa(folder: Path) -> Path:
    """A station ALFA in `./alfa`."""
    ended = run(
        "init",
        "./alfa",
        "--code",
        "ALFA",
        "--name",
        "Alfa",
        "--listen",
        "127.0.0.1:7001",
        "--release",
        "one-person",
        "--no-input",
    )
    assert ended.code == 0, ended.err
    return folder / "alfa"
