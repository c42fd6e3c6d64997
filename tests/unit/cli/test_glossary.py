"""`parley glossary` at a station that does not run: our own terms, and where they stand in a text."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli_run import run

HERE = ("--station", "./alfa")
TERM = ("--word", "en=lapse", "--word", "zh=届满", "--avoid", "zh=超时")


def test_a_term_is_written_changed_found_and_dropped(alfa: Path) -> None:
    made = run("glossary", "set", "lapse", *TERM, "--source", "manual", "--json", *HERE)
    assert made.code == 0, made.err
    assert (made.json["data"]["standing"], made.json["data"]["version"]) == ("ours", 1)
    again = run("glossary", "set", "lapse", *TERM, "--json", *HERE).json["data"]
    assert (again["version"], again["source"]) == (2, "")

    for words, count in (("届", 1), ("LAPSE", 1), ("超", 1), ("nothing", 0)):
        listed = run("glossary", "list", words, "--json", *HERE).json["data"]["items"]
        assert len(listed) == count, words
    assert run("glossary", "drop", "lapse", *HERE).code == 0
    assert run("glossary", "drop", "lapse", *HERE).code == 5


@pytest.mark.parametrize(
    "words",
    [
        ("--word", "en=lapse"),
        ("--word", "en=lapse", "--word", "zh="),
        ("--word", "en=lapse", "--word", "nonsense"),
        ("--word", "en=lapse", "--word", "ZH=届满"),
        ("--word", "en=lapse", "--word", "zh=届\u202e满"),
        ("--word", "en=lapse", "--word", "zh=" + "满" * 201),
    ],
)
def test_what_is_no_term_is_refused_and_nothing_is_kept(alfa: Path, words: tuple[str, ...]) -> None:
    assert run("glossary", "set", "lapse", *words, *HERE).code == 2
    assert run("glossary", "list", "--json", *HERE).json["data"]["items"] == []


def test_terms_are_found_in_a_text_as_whole_words_and_variants_end_with_14(alfa: Path) -> None:
    assert run("glossary", "set", "lapse", *TERM, *HERE).code == 0

    said = run("glossary", "check", "A Lapse, no relapse.", "--json", *HERE)
    assert said.code == 0
    assert [(hit["at"], hit["written"]) for hit in said.json["data"]["items"]] == [(2, "Lapse")]

    said = run("glossary", "check", "已超时，即届满。", "--text-lang", "zh-Hans", "--json", *HERE)
    assert said.code == 14
    assert [(hit["written"], hit["is_variant"]) for hit in said.json["data"]["items"]] == [
        ("超时", True),
        ("届满", False),
    ]


def test_only_an_interpreter_keeps_the_glossary(alfa: Path) -> None:
    # The account of this test becomes the desk officer's too: who acts is named.
    run(
        "officer",
        "add",
        "ALFA-3",
        "--role",
        "desk",
        "--account",
        str(Path.cwd().stat().st_uid),
        *HERE,
    )
    ended = run("glossary", "set", "lapse", *TERM, "--officer", "ALFA-3", *HERE)
    assert ended.code == 4
    assert "interpreter" in ended.err
