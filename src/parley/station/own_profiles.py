"""A station's own agreement profiles: `profiles/CODE.yaml` in its directory, no code needed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from parley.desk.profile_names import check_names
from parley.desk.profiles import Profile, read_own
from parley.errors import UsageError

FOLDER: Final = "profiles"
FILES_MAX: Final = 64
FILE_BYTES_MAX: Final = 262_144


def own_profiles(directory: Path) -> dict[str, Profile]:
    """Return the profiles that lie in a station's directory, by code.

    Raises:
        UsageError: there are too many, one is too long, or one is not well made.
    """
    folder = directory / FOLDER
    if not folder.is_dir():
        return {}
    paths = sorted(folder.glob("*.yaml"))
    if len(paths) > FILES_MAX:
        raise UsageError(f"{folder} holds more than {FILES_MAX} profiles")
    files: dict[str, bytes] = {}
    for path in paths:
        with path.open("rb") as opened:
            raw = opened.read(FILE_BYTES_MAX + 1)
        if len(raw) > FILE_BYTES_MAX:
            raise UsageError(f"{path} has more than {FILE_BYTES_MAX} bytes")
        files[path.stem] = raw
    found = read_own(files)
    for profile in found.values():
        check_names(profile)
    return found
