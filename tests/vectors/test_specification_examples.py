"""The bytes in the pages of the specification are those of the published vectors."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from parley_verify.ed25519 import SMALL_ORDER

SPEC = Path(__file__).parents[2] / "spec"
PAGES = sorted(SPEC.glob("*.md"))
HEX = re.compile(r"\b[0-9a-f]{24,}\b")


def published() -> str:
    texts = [path.read_text(encoding="utf-8") for path in sorted((SPEC / "vectors").glob("*.json"))]
    texts.append(hashlib.sha256(b"".join(sorted(SMALL_ORDER))).hexdigest())
    texts.append(b"parley1 charter".hex() + " " + b"parley1 card".hex())
    return "\n".join(texts)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_long_hex_strings_of_a_page_are_published_values(page: Path) -> None:
    found = HEX.findall(page.read_text(encoding="utf-8"))
    values = [value for value in found if not value.isdecimal()]
    known = published()

    assert [value for value in values if value not in known] == []


def test_the_example_statement_is_the_published_one() -> None:
    page = (SPEC / "statement.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```\n(.*?)```", page, flags=re.DOTALL)
    notes = (SPEC / "vectors/statement.json").read_text(encoding="utf-8").encode().decode("utf-8")

    note = blocks[0] + "\n" + blocks[1]

    assert note.replace("\n", "\\n") in notes


def test_every_page_begins_with_an_example_and_the_map_names_it() -> None:
    readme = (SPEC / "README.md").read_text(encoding="utf-8")
    for page in PAGES:
        if page.name != "README.md":
            assert "\n## Example\n" in page.read_text(encoding="utf-8"), page.name
            assert f"({page.name})" in readme


@pytest.mark.parametrize("name", ["dictionary1.txt", "words_en.txt", "words_zh.txt"])
def test_the_lists_of_the_specification_are_those_of_the_station(name: str) -> None:
    told = dict(
        reversed(line.split("  ")) for line in (SPEC / "digests.txt").read_text().splitlines()
    )
    ours = (SPEC.parent / "src/parley/core/data" / name).read_bytes()

    assert (SPEC / name).read_bytes() == ours
    assert hashlib.sha256(ours).hexdigest() == told[name]
