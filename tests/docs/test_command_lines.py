"""Every command line that a page shows can be read by its command, options and all."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reference import commands

ROOT = Path(__file__).parents[2]
PROSE = ROOT / "docs/reference/topics.md"
"""Its blocks hold what the prompt explains in words; test_station_commands reads those."""

PAGES = [ROOT / "README.md", *sorted({*(ROOT / "docs").rglob("*.md")} - {PROSE})]
FENCED = re.compile(r"^```[a-z]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
CALL = re.compile(r"(?:^|[\s;{(]|bin/)parley (?=[a-z])")
TREE = {" ".join(words): command for words, command in commands.tree()}
PLACEHOLDER = re.compile(r"\[OPTIONS\]|\.\.\.")


def calls(text: str) -> Iterator[list[str]]:
    """The words after `parley` of each call in a page's blocks, up to a pipe, an `&` or a comment."""
    for block in FENCED.findall(text):
        for line in re.sub(r"\\\n", " ", block).replace(" 2>", " >").splitlines():
            found = CALL.search(line)
            if found is None or PLACEHOLDER.search(line):
                continue
            lexer = shlex.shlex(line[found.end() :], posix=True, punctuation_chars=True)
            lexer.whitespace_split = True
            words: list[str] = []
            for word in lexer:
                if word[0] in "|&;<>()":
                    break
                words.append(word)
            yield words


def of_pages() -> list[Any]:
    return [
        pytest.param(words, id=f"{page.relative_to(ROOT)}: {' '.join(words)}")
        for page in PAGES
        for words in calls(page.read_text())
    ]


def read(words: list[str]) -> None:
    """Let the command read its arguments; raises what it says of wrong ones."""
    names = [" ".join(words[:2]), words[0]]
    name = next(each for each in names if each in TREE)
    TREE[name].make_context(name, words[len(name.split()) :])


@pytest.mark.parametrize("words", of_pages())
def test_the_command_line_can_be_read(words: list[str]) -> None:
    read(words)


def test_there_are_many_of_them_and_a_wrong_one_is_found() -> None:
    assert len(of_pages()) > 60
    with pytest.raises(Exception, match="--nonsense"):
        read(["card", "show", "--nonsense"])
