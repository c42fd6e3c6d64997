"""The stand-alone verifier, asked as a stranger would: in a process of its own, with files only."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def holds(bundle: Path, cards: Sequence[Path]) -> bool:
    """Say whether the verifier accepts a bundle, given the cards of those who are known."""
    return exit_of(bundle, cards) == 0


def exit_of(bundle: Path, cards: Sequence[Path]) -> int:
    """Return how the verifier ends: 0 valid, 7 does not hold, 14 in part or not all checked."""
    trust = [word for card in cards for word in ("--trust", str(card))]
    # Isolated, so that nothing of this process or of the folder it runs in can help.
    ended = subprocess.run(  # noqa: S603 - our own program, no shell
        [sys.executable, "-I", "-m", "parley_verify", str(bundle), *trust],
        check=False,
        capture_output=True,
        env={name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
    )
    return ended.returncode
