"""What the program tells people to type exists: every option and every command it names."""

from __future__ import annotations

import re
from pathlib import Path

from parley_verify.__main__ import command_parser
from reference import commands

ROOT = Path(__file__).parents[2]
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
COMMAND = re.compile(r"parley ((?:[a-z-]+ ?)+)")
TREE = dict(commands.tree())
GROUPS = {words[0] for words in TREE if len(words) > 1}


def named(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """Return where the source names something, and what."""
    return [
        (path.name, found[0])
        for path in sorted((ROOT / "src").rglob("*.py"))
        for found in pattern.finditer(path.read_text("utf-8"))
    ]


def test_every_option_that_a_sentence_names_exists() -> None:
    known = {
        flag
        for one in TREE.values()
        for each in one.params
        for flag in each.opts + each.secondary_opts
    }
    known |= {flag for action in command_parser()._actions for flag in action.option_strings}
    known.add("--version")

    assert len(named(OPTION)) > 200
    assert [(where, flag) for where, flag in named(OPTION) if flag not in known] == []


def test_every_command_that_a_sentence_names_exists() -> None:
    told = [(where, tuple(said.split()[1:3])) for where, said in named(COMMAND)]
    of_groups = [(where, words) for where, words in told if len(words) > 1 and words[0] in GROUPS]

    assert len(of_groups) > 100
    assert [(where, words) for where, words in of_groups if words not in TREE] == []
