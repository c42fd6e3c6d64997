"""Make .venv from the lock files: every download is checked against a hash, none is chosen here.

    python3 tools/setup.py runtime      what `parley` needs to run
    python3 tools/setup.py dev          the same, and what its tests and checks need
    python3 tools/setup.py fuzz         the same, and the fuzzer

A second run with unchanged lock files does nothing. Standard library only, and written so that
an old Python gets as far as saying that it is too old.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON_MIN = (3, 11)
LOCKS = {
    "runtime": ("requirements/build.txt", "requirements/runtime.txt"),
    "dev": ("requirements/build.txt", "requirements/dev.txt"),
    "fuzz": ("requirements/build.txt", "requirements/dev.txt", "requirements/fuzz.txt"),
}


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] not in LOCKS:
        return say("usage: setup.py runtime|dev|fuzz", code=2)
    if sys.version_info < PYTHON_MIN:
        found = ".".join(str(part) for part in sys.version_info[:3])
        return say(
            f"Parley needs Python 3.11 or newer; {sys.executable} is {found}.\n"
            "Next: install one and name it, for example: make demo PYTHON=python3.11",
            code=2,
        )
    kind = sys.argv[1]
    environment = Path(os.environ.get("PARLEY_VENV", ROOT / ".venv"))
    # What a later kind needs contains what an earlier one needs.
    kinds = list(LOCKS)
    for satisfied in kinds[kinds.index(kind) :]:
        if is_current(environment, satisfied):
            return 0
    try:
        build(environment, kind)
    except subprocess.CalledProcessError as error:
        return say(
            f"Setting up {environment} failed: {' '.join(error.cmd)} ended with "
            f"{error.returncode}.\nNothing outside {environment} was touched. "
            "Next: read the message above; run the same command again when its cause is gone.",
            code=1,
        )
    return 0


def is_current(environment: Path, kind: str) -> bool:
    stamp = environment / f".parley-{kind}"
    return stamp.is_file() and stamp.read_text() == fingerprint(kind)


def fingerprint(kind: str) -> str:
    """Name everything the environment was made from; another name asks for a new set-up."""
    digest = hashlib.sha256(f"{ROOT}\n{sys.version}\n".encode())
    for name in (*LOCKS[kind], "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def build(environment: Path, kind: str) -> None:
    python = environment / "bin" / "python"
    if not works(python):
        say(f"making {environment}")
        shutil.rmtree(environment, ignore_errors=True)
        try:
            venv.create(environment, with_pip=True, symlinks=True)
        except subprocess.CalledProcessError:
            say("This Python makes no environments. On Debian: apt-get install python3-venv")
            raise
    for stamp in environment.glob(".parley-*"):
        stamp.unlink()
    say(f"installing what {kind} needs, every file checked against its hash")
    pip = (str(python), "-m", "pip", "--disable-pip-version-check", "install", "-qq")
    for lock in LOCKS[kind]:
        run(*pip, "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", ROOT / lock)
    # The build tools came from the lock, so nothing is downloaded unchecked for this step.
    run(*pip, "--no-deps", "--no-build-isolation", "--no-index", "--editable", ROOT)
    (environment / f".parley-{kind}").write_text(fingerprint(kind))


def works(python: Path) -> bool:
    if not python.exists():
        return False
    version = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([python, "-c", version], check=False, capture_output=True).returncode == 0


def run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT)


def say(text: str, *, code: int = 0) -> int:
    print(text, file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
