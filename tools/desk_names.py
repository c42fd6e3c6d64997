"""Writes the names of the desk's kinds and fields for the verifier page, which shares no code with the desk.

    python tools/desk_names.py src/parley_verify/page/desk_names.js

The page proves by numbers and shows names beside them; `tests/unit/verify/test_desk_names.py` holds
the file to the declarations.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from parley.console.labels import CORE_MOVES
from parley.core.entry import Kind
from parley.desk.catalogue import KINDS, fields_of

LINE_MAX = 130
MOVES_FROM = 32
"""Fields from this number on are of one move; those below mean the same in all."""

_TEMPLATE = """// Names of the desk's kinds and fields, made by tools/desk_names.py from its declarations: change those.

const NAMES = {names};

/** Fields that mean the same in every entry of the desk: place of the name. */
const COMMON = {common};

/** Kind: place of its name, then number and place of the name of each field of its own. */
const KINDS = {kinds};

function nameAt(place, language) {{
  return place === undefined ? "" : NAMES[place][language === "zh" ? 1 : 0];
}}

/** @param {{string | number}} kind @param {{string}} language @returns {{string}} empty for a kind that is not known here */
export function nameOfKind(kind, language) {{
  return nameAt(KINDS[kind]?.[0], language);
}}

/** @param {{string | number}} kind @param {{string | number}} field @param {{string}} language @returns {{string}} */
export function nameOfField(kind, field, language) {{
  const row = KINDS[kind] ?? [];
  for (let place = 1; place < row.length; place += 2) {{
    if (row[place] === Number(field)) return nameAt(row[place + 1], language);
  }}
  return Number(kind) < {desk} ? "" : nameAt(COMMON[field], language);
}}
"""


def module() -> str:
    """Return the text of the module."""
    names: dict[tuple[str, str], int] = {}

    def place(words: Mapping[str, str]) -> int:
        return names.setdefault((words["en"], words["zh"]), len(names))

    common: dict[int, int] = {}
    kinds: dict[int, list[int]] = {
        kind.value: [place(CORE_MOVES[kind.name.lower().replace("_", "-")])] for kind in Kind
    }
    for number, move in sorted(KINDS.items()):
        row = kinds[number] = [place(move.words)]
        for field in sorted(fields_of(move).values(), key=lambda each: each.number):
            if field.number < MOVES_FROM and common.get(field.number) in (None, place(field.words)):
                common[field.number] = place(field.words)
            else:
                row += [field.number, place(field.words)]
    return _TEMPLATE.format(
        names=_packed("[", [json.dumps(pair, ensure_ascii=False) for pair in names], "]"),
        common=json.dumps(common).replace('"', ""),
        kinds=_packed("{", [f"{kind}: {json.dumps(row)}" for kind, row in kinds.items()], "}"),
        desk=16,
    )


def _packed(begin: str, rows: list[str], end: str) -> str:
    """Return rows in lines that are not too long to read."""
    lines = [""]
    for row in rows:
        if len(lines[-1]) + len(row) > LINE_MAX:
            lines.append("")
        lines[-1] += f" {row},"
    return "\n".join([begin, *(f" {line}" for line in lines), end])


def main() -> None:
    """Write the module to the file that is named."""
    parser = argparse.ArgumentParser(description="write the desk's names for the verifier page")
    parser.add_argument("file", type=Path, help="where to write it")
    parser.parse_args().file.write_text(module(), encoding="utf-8")


if __name__ == "__main__":
    main()
