"""What the console says: every sentence in its templates and code, by reading them."""

from __future__ import annotations

import re
from pathlib import Path

import parley.console
from parley.console.words import sentences

CONSOLE = Path(parley.console.__file__).parent
_LITERAL = r"""(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")"""
_PLURAL = re.compile(r"\bn_\(\s*" + _LITERAL + r"\s*,\s*" + _LITERAL)
_SINGLE = re.compile(r"(?<!\w)_\(\s*" + _LITERAL)
_SAID = re.compile(r"\.say\(\s*" + _LITERAL)
_NAMED = re.compile(r'^_?[A-Z_]*(?:SENTENCE|STALE)[A-Z_]*(?:: Final)? = "([^"]+)"', re.MULTILINE)


def used_sentences() -> dict[str, str | None]:
    """Return every sentence with its plural, None where it has none."""
    found: dict[str, str | None] = {}
    for path in sorted((CONSOLE / "templates").glob("*.html")):
        text = path.read_text()
        for match in _PLURAL.finditer(text):
            found[match[1] or match[2]] = match[3] or match[4]
        for match in _SINGLE.finditer(text):
            found.setdefault(match[1] or match[2], None)
    for path in sorted(CONSOLE.rglob("*.py")):
        text = path.read_text()
        for match in _SAID.finditer(text):
            found.setdefault(match[1] or match[2], None)
        for match in _NAMED.finditer(text):
            found.setdefault(match[1], None)
    for sentence in sentences():
        found.setdefault(sentence, None)
    return found


def templates() -> dict[str, str]:
    """Return every template by file name."""
    return {path.name: path.read_text() for path in sorted((CONSOLE / "templates").glob("*.html"))}
