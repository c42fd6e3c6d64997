"""Every act that the audit can name has its words on the screen."""

from __future__ import annotations

import ast
import re

import parley.station
from parley.console.words import ACTS, FAMILIES
from support.chinese_pairs import SOURCE


def acts_written():
    """Return every act that the station's code writes into the audit, by reading it."""
    assert parley.station.__file__ == str(SOURCE / "station" / "__init__.py")
    for path in sorted((SOURCE / "station").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            found = [each.value for each in node.keywords if each.arg == "act"]
            if name == "attempt":
                found += node.args[1:2]
            for each in found:
                if isinstance(each, ast.Constant):
                    yield each.value


def test_the_screen_has_a_word_for_every_act():
    written = set(acts_written())

    assert len(written) > 30
    assert sorted(written - set(ACTS)) == []


def test_the_screen_has_a_word_for_every_way_to_sign_in():
    source = (SOURCE / "console" / "pages" / "sign_in.py").read_text(encoding="utf-8")
    ways = set(re.findall(r'self\._let_in\(\w+, "([a-z-]+)"', source))

    assert len(ways) >= 2
    assert sorted(ways - set(FAMILIES["sign-in"])) == []
