"""The reference says what the code does: it is written from the code, and everything has its place."""

from __future__ import annotations

import re
from functools import cache

import pytest

import reference_pages
from parley.cli.exits import EXIT_CODES
from parley.desk.catalogue import PROCEDURES
from parley.desk.fields import FieldType
from parley.station.settings import SETTINGS
from reference import commands, tables
from reference.fields import type_words

PLACE = reference_pages.PLACE


@cache
def written() -> dict[str, str]:
    return reference_pages.all_pages()


def committed(path: str) -> str:
    return (PLACE / path).read_text(encoding="utf-8")


def first_cells(path: str) -> set[str]:
    return set(re.findall(r"^\| `([^`]+)`", committed(path), re.MULTILINE))


def test_the_committed_pages_are_what_the_code_says() -> None:
    assert reference_pages.differences(written()) == [], "run make docs"


def test_a_page_that_differs_is_missing_or_is_left_over_is_found() -> None:
    pages = dict(written())
    pages["settings.md"] += "changed"
    pages["new.md"] = "a page not written yet"
    del pages["limits.md"]

    assert reference_pages.differences(pages) == ["limits.md", "new.md", "settings.md"]


@pytest.mark.parametrize("name", sorted(PROCEDURES))
def test_each_procedure_has_its_page_with_all_of_its_parts(name: str) -> None:
    text, procedure = committed(f"procedures/{name}.md"), PROCEDURES[name]

    named = [
        *(state.name for state in (*procedure.states, *procedure.standings)),
        *(move.full_name for move in procedure.moves),
        *(field.name for move in procedure.moves for field in move.fields),
        *(clock.name for clock in procedure.clocks),
        *(column.name for column in procedure.columns),
    ]
    said = [
        *(state.words["zh"] for state in (*procedure.states, *procedure.standings)),
        *(field.words["zh"] for move in procedure.moves for field in move.fields),
    ]

    assert [each for each in named if f"`{each}`" not in text] == []
    assert [each for each in said if each not in text] == []


def test_a_drawing_names_only_states_that_are_declared() -> None:
    for name, procedure in PROCEDURES.items():
        (first, *_) = re.findall(
            r"```mermaid\n(.*?)```", committed(f"procedures/{name}.md"), re.DOTALL
        )
        drawn = set(re.findall(r"^    (\w+) -->", first, re.MULTILINE))
        drawn |= set(re.findall(r"--> (\w+) :", first))

        declared = {re.sub(r"\W", "_", s.name) for s in procedure.states if not s.derived}
        assert drawn == declared, name


@pytest.mark.parametrize(
    ("words", "command"), [pytest.param(*each, id=" ".join(each[0])) for each in commands.tree()]
)
def test_each_command_has_its_place_with_every_option(
    words: tuple[str, ...], command: object
) -> None:
    text = committed(f"commands/{words[0]}.md") + committed("commands/README.md")

    flags = [flag for one in command.params for flag in one.opts if flag.startswith("-")]
    said = commands.declared(command)

    assert f"parley {' '.join(words)}" in text
    assert [
        flag for flag in flags if f"`{flag}`" not in text and flag not in ("--help", "-h")
    ] == []
    assert [each for each in (said.examples if said else ()) if each not in text] == []


def test_each_setting_limit_error_and_exit_code_has_its_place() -> None:
    assert first_cells("settings.md") == {setting.key for setting in SETTINGS}
    assert first_cells("limits.md") == {name for name, _, _ in tables.limit_rows()}
    assert first_cells("errors.md") == {each.__name__ for each in tables.error_classes()}
    assert set(re.findall(r"^\| (\d+) \|", committed("exit-codes.md"), re.MULTILINE)) == {
        str(code) for code in EXIT_CODES
    }


def test_each_limit_says_why_and_each_error_says_what_happened() -> None:
    assert [name for name, _, reason in tables.limit_rows() if not reason] == []
    assert [each.__name__ for each in tables.error_classes() if not each.__doc__] == []


def test_what_an_error_says_to_do_next_can_be_done() -> None:
    known = {" ".join(words) for words, _ in commands.tree()}
    groups = {name.split()[0] for name in known}
    options = {
        flag for _, command in commands.tree() for one in command.params for flag in one.opts
    }
    steps = [step for each in tables.next_steps().values() for step in each]

    flags = {flag for step in steps for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]+", step)}
    names = {name for step in steps for name in re.findall(r"(?<=parley )[a-z]+(?: [a-z]+)?", step)}

    assert len(flags) > 10
    assert len(names) > 10
    assert flags - options - {"--help"} == set()
    assert {
        name for name in names if not {name, name.split()[0]} & known and name not in groups
    } == set()


def test_a_type_of_field_that_has_no_words_stops_the_writer() -> None:
    class Odd(FieldType):
        kind = "odd"
        read = show = schema = lambda self: None

    with pytest.raises(TypeError, match="Odd"):
        type_words(Odd())
