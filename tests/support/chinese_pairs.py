"""Every Chinese text of the product with the English it stands for, by reading the sources."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import parley
from parley.console.language import read_sentences

SOURCE = Path(parley.__file__).parent
_LATIN = re.compile(r"[A-Za-z]{2}")
HAN = re.compile(r"[\u4e00-\u9fff]")
_COMMAND = re.compile(r"parley( [a-z-]+)+|--[a-z-]+")
PAIRED = ("desk", "station", "cli", "console")


@cache
def pairs() -> tuple[tuple[str, str, str], ...]:
    """Return English, Chinese and where: the catalogues, and two texts side by side in the code."""
    catalogue = [(en, zh, "zh.po") for en, zh in read_sentences("zh").items()]
    refused = read_sentences("refusals_zh", "zh").items()
    said = [(_COMMAND.sub("", en), zh, "refusals_zh.po") for en, zh in refused]
    return (*catalogue, *said, *_declared())


def _declared() -> Iterator[tuple[str, str, str]]:
    for room in PAIRED:
        for path in sorted((SOURCE / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if HAN.search(text):
                yield from _side_by_side(ast.parse(text), path.name)


def _side_by_side(tree: ast.AST, name: str) -> Iterator[tuple[str, str, str]]:
    for node in ast.walk(tree):
        texts: list[ast.expr] = []
        if isinstance(node, ast.Call):
            texts = node.args
        elif isinstance(node, ast.Tuple):
            texts = node.elts
        elif isinstance(node, ast.Dict):
            texts = node.values
        for one, other in itertools.pairwise(texts):
            en, zh = _text(one), _text(other)
            if HAN.search(zh) and not HAN.search(en) and _LATIN.search(en):
                yield en, zh, f"{name}:{other.lineno}"


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "{x}" for part in node.values)
    return ""
