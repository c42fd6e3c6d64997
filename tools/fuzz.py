"""Coverage-guided fuzzing of everything that reads bytes of others: `make fuzz`.

Each target of `tests/support/fuzz_targets.py` runs in a process of its own. It begins with the
published vectors and the corpus kept in `tests/fuzz/corpus`; what reached new code goes back into
that corpus, a fault goes to `tests/fuzz/faults` as a file that the tests replay from then on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS, FAULTS = ROOT / "tests/fuzz/corpus", ROOT / "tests/fuzz/faults"
INPUT_BYTES_MAX, KEPT_INPUT_BYTES, KEPT_MOST = 16_384, 2_048, 150


def main() -> int:
    """Run the targets asked for; 1 where a fault was found."""
    if sys.argv[1:2] == ["--inside"]:
        return run_inside(sys.argv[2], sys.argv[3:])
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", help="names; all where left out")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    from support.fuzz_targets import TARGETS  # noqa: PLC0415 - after the path is set

    if unknown := set(options.targets) - set(TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}; there are: {', '.join(TARGETS)}")
    found = [name for name in options.targets or TARGETS if not fuzz(name, options.seconds)]
    if found:
        print(f"faults in: {', '.join(found)}; the inputs lie in {FAULTS.relative_to(ROOT)}")
    return bool(found)


def fuzz(name: str, seconds: int) -> bool:
    """Fuzz one target, keep what it learned, and say whether it held."""
    from support.fuzz_targets import seeds_of  # noqa: PLC0415 - after the path is set

    FAULTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        learned, seeds = Path(place, "learned"), Path(place, "seeds")
        for folder in (learned, seeds):
            folder.mkdir()
        for raw in (*seeds_of(name, INPUT_BYTES_MAX), *kept(name)):
            (seeds / hashlib.sha256(raw).hexdigest()[:16]).write_bytes(raw)
        print(f"{name}: {seconds} s", flush=True)
        code = inside(
            name,
            f"-max_total_time={seconds}",
            f"-max_len={INPUT_BYTES_MAX}",
            "-timeout=20",
            "-rss_limit_mb=2048",
            "-verbosity=0",
            f"-artifact_prefix={FAULTS}/{name}-",
            str(learned),
            str(seeds),
        )
        # Here lies only what reached something that neither seeds nor corpus did.
        keep(name, [path.read_bytes() for path in learned.iterdir()])
    return code == 0


def inside(name: str, *arguments: str) -> int:
    """Run the fuzzer over one target in a process of its own."""
    command = [sys.executable, __file__, "--inside", name, *arguments]
    done = subprocess.run(command, check=False, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        print(done.stderr[-4_000:])
    return done.returncode


def run_inside(name: str, arguments: list[str]) -> int:
    """Be the fuzzer: instrument what is imported from here on, and go."""
    import atheris  # noqa: PLC0415 - installed by `make fuzz` alone

    sys.path.insert(0, str(ROOT / "tests"))
    with atheris.instrument_imports(include=["parley", "parley_verify"]):
        from support.fuzz_targets import TARGETS  # noqa: PLC0415

    atheris.Setup([sys.argv[0], *arguments], TARGETS[name])
    atheris.Fuzz()
    return 0


def kept(name: str) -> list[bytes]:
    """Return the inputs kept for a target."""
    path = CORPUS / f"{name}.json"
    return [bytes.fromhex(each) for each in json.loads(path.read_text())] if path.exists() else []


def keep(name: str, inputs: list[bytes]) -> None:
    """Write a target's corpus: short inputs first, no more than a test replays in a moment."""
    CORPUS.mkdir(parents=True, exist_ok=True)
    short = {raw for raw in (*kept(name), *inputs) if len(raw) <= KEPT_INPUT_BYTES}
    chosen = sorted(short, key=lambda raw: (len(raw), raw))[:KEPT_MOST]
    text = json.dumps([raw.hex() for raw in chosen], indent=0)
    (CORPUS / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
