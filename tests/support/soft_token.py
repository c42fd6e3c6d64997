"""A PKCS#11 token in software for tests: Debian's SoftHSM, with a token of this test alone."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from parley.station.token import Place

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
LABEL, PIN = "parley-test", "4711-ganz-geheim"

needs_token = pytest.mark.skipif(
    not MODULE.exists() or shutil.which("softhsm2-util") is None,
    reason="SoftHSM is not installed; tools/install_programs.sh does it as root",
)


def make_token(folder: Path) -> Place:
    """Make a token in `folder`; the library reads where it is when it is first loaded."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    new = ["softhsm2-util", "--init-token", "--free", "--label", LABEL]
    subprocess.run([*new, "--pin", PIN, "--so-pin", "00000000"], check=True, capture_output=True)
    return Place(module=str(MODULE), label=LABEL)
