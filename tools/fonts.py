"""Take the console's fonts out of the npm packages that the lock file names; needs npm.

python tools/fonts.py            write them into the console
python tools/fonts.py --check    only say whether the packages hold what the console has; else 1
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "fonts" / "package-lock.json"
PLACE = ROOT / "src" / "parley" / "console" / "static" / "fonts"
FONTS = {
    "plex-sans-400.woff2": ("@fontsource/ibm-plex-sans", "ibm-plex-sans-latin-400-normal.woff2"),
    "plex-sans-600.woff2": ("@fontsource/ibm-plex-sans", "ibm-plex-sans-latin-600-normal.woff2"),
    "plex-mono-400.woff2": ("@fontsource/ibm-plex-mono", "ibm-plex-mono-latin-400-normal.woff2"),
}
DIGESTS = {
    "plex-sans-400.woff2": "3b646991d30055a93a4ecc499713d4347953a74a947ecab435ab72070cbdab0e",
    "plex-sans-600.woff2": "8960851d691c054ed38e259bdcf1a6190d157b4203ed5bb32c632a863fb8ec2f",
    "plex-mono-400.woff2": "08949f728dc52d528e69b1667d15c89a5686a4ee9a296ff90983985f99c380f7",
}
"""SHA-256 of each, so that the tree is checked where there is no npm."""


def locked() -> dict[str, tuple[str, str]]:
    """Return version and integrity of each package that the lock file names."""
    packages = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    return {
        path.removeprefix("node_modules/"): (entry["version"], entry["integrity"])
        for path, entry in packages.items()
        if path
    }


def fetch(package: str, folder: Path) -> Path:
    """Return the package as npm hands it out, if it is the one that was locked."""
    version, integrity = locked()[package]
    command = ["npm", "pack", "--silent", f"{package}@{version}"]
    said = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    path = folder / said.stdout.split()[-1]
    digest = hashlib.sha512(path.read_bytes()).digest()
    if f"sha512-{base64.b64encode(digest).decode()}" != integrity:
        raise SystemExit(f"{package} {version} is not what the lock file says; nothing was written")
    return path


def taken() -> dict[str, bytes]:
    """Return every font as its package has it."""
    found = {}
    with tempfile.TemporaryDirectory() as name:
        archives = {package: fetch(package, Path(name)) for package, _ in FONTS.values()}
        for font, (package, file) in FONTS.items():
            with tarfile.open(archives[package]) as archive:
                member = archive.extractfile(f"package/files/{file}")
                assert member is not None
                found[font] = member.read()
    return found


def main(arguments: list[str]) -> int:
    fonts = taken()
    changed = [name for name, raw in fonts.items() if (PLACE / name).read_bytes() != raw]
    if arguments == ["--check"]:
        print(f"{len(fonts)} fonts, {len(changed)} of them not those of the packages")
        return 1 if changed else 0
    for name, raw in fonts.items():
        (PLACE / name).write_bytes(raw)
        print(f'    "{name}": "{hashlib.sha256(raw).hexdigest()}",')
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
