"""Land shapes for the console's map, out of the npm package `world-atlas`: `tools/land.py ARCHIVE`.

The archive is what `npm pack world-atlas@2.0.2` writes; any other is refused by its digest. It holds
Natural Earth's land (public domain). Written are rings of land alone, in hundredths of a degree, each
point as its step from the one before. Longitudes go on beyond 180 degrees where a shore does, and
what lies round a pole is closed over the pole: no stripe crosses the plane.
"""

from __future__ import annotations

import json
import sys
import tarfile
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

ARCHIVE_SHA256 = "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97"
SCALES = ("110m", "50m")
HERE = Path(__file__).parents[1] / "src" / "parley" / "console" / "land"


def arcs_of(topology: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """Return the arcs of a quantised TopoJSON in degrees (TopoJSON 1, section 2.1.3)."""
    (scale_x, scale_y), (move_x, move_y) = (
        topology["transform"]["scale"],
        topology["transform"]["translate"],
    )
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            points.append((x * scale_x + move_x, y * scale_y + move_y))
        found.append(points)
    return found


def rings_of(topology: dict[str, Any]) -> list[list[tuple[int, int]]]:
    """Return every ring of the land in hundredths of a degree, the largest first."""
    arcs = arcs_of(topology)
    (land,) = topology["objects"]["land"]["geometries"]
    rings = []
    for polygon in land["arcs"]:
        for numbers in polygon:
            points: list[tuple[int, int]] = []
            for number in numbers:
                # A negative number is an arc taken backwards: ~n.
                arc = arcs[number] if number >= 0 else arcs[~number][::-1]
                rounded = [(round(x * 100), round(y * 100)) for x, y in arc]
                points += rounded[1:] if points else rounded
            kept = [points[0], *(b for a, b in pairwise(points) if a != b)]
            if len(kept) > 3 and any(abs(y) < 9000 for _, y in kept):
                rings.append(unwound(kept))
    return sorted(rings, key=lambda ring: (-len(ring), ring[0]))


def unwound(ring: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return a ring without jumps at 180 degrees."""
    points = [ring[0]]
    for x, y in ring[1:]:
        before = points[-1][0]
        points.append((before + (x - before + 18000) % 36000 - 18000, y))
    first, last = points[0], points[-1]
    if first[0] != last[0]:
        pole = 9000 if first[1] > 0 else -9000
        points += [(last[0], pole), (first[0], pole), first]
    return points


def line_of(ring: list[tuple[int, int]]) -> str:
    """Return a ring as one line of text: where it begins, then each step."""
    steps = [ring[0], *((b[0] - a[0], b[1] - a[1]) for a, b in pairwise(ring))]
    return " ".join(f"{x},{y}" for x, y in steps)


def main(archive: str) -> None:
    """Write the files."""
    content = Path(archive).read_bytes()
    if sha256(content).hexdigest() != ARCHIVE_SHA256:
        raise SystemExit("this is not world-atlas 2.0.2 as it was looked at; nothing was written")
    HERE.mkdir(exist_ok=True)
    with tarfile.open(archive) as packed:
        for scale in SCALES:
            member = packed.extractfile(f"package/land-{scale}.json")
            assert member is not None
            lines = [line_of(ring) for ring in rings_of(json.load(member))]
            (HERE / f"land-{scale}.txt").write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1])
