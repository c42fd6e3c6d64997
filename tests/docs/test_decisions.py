"""Every decision is found in the index, once."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs/decisions"
INDEX = "0000-how-decisions-are-kept.md"


def test_the_index_names_every_record_once_and_in_order() -> None:
    rows = re.findall(
        r"^\| \[(\d{4})\]\((\d{4}-[a-z0-9-]+\.md)\) \| \S.* \|$",
        (FOLDER / INDEX).read_text(),
        re.MULTILINE,
    )
    records = sorted(path.name for path in FOLDER.glob("*.md") if path.name != INDEX)

    assert [name for _, name in rows] == records
    assert [number for number, _ in rows] == [name[:4] for name in records]
    assert len({name[:4] for name in records}) == len(records)


def test_every_record_begins_with_its_number() -> None:
    for path in FOLDER.glob("*.md"):
        assert path.read_text().startswith(f"# {path.name[:4]} "), path.name
