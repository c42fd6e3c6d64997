"""The published bundles that were tampered with, as files."""

from __future__ import annotations

import base64
import json
from pathlib import Path

_FILE = Path(__file__).parents[2] / "spec/vectors/tampered.json"


def published() -> list[tuple[str, int, str | None, list[str], bytes]]:
    """Name, exit code, how the verdict begins (None where that is not told), trust list, bundle."""
    told = json.loads(_FILE.read_text(encoding="utf-8"))
    base = base64.b64decode(told["bundle"])
    found: list[tuple[str, int, str | None, list[str], bytes]] = []
    for each in told["changes"]:
        end = each["at"] + each["removed"]
        raw = base[: each["at"]] + bytes.fromhex(each["put"]) + base[end:]
        found.append((each["name"], each["exit"], None, told["trust"], raw))
    for each in told["rules"]:
        raw = base64.b64decode(each["bundle"])
        found.append((each["name"], each["exit"], each["verdict"], each["trust"], raw))
    return found
