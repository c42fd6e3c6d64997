"""`parley profile`: what agreements set, and a file of one's own that works."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.cli.schemas import schema_of
from support.cli_run import run

LINES = "lines: {border: {course: [[30.0, 74.0], [31.0, 74.0]], sure: B, source: a map}}\n"


def test_the_example_is_good_as_it_stands_and_is_read_at_start(alfa: Path) -> None:
    text = run("profile", "example").out
    (alfa / "profiles").mkdir()
    file = alfa / "profiles" / "pier.yaml"
    file.write_text(text)

    checked = run("profile", "check", str(file), "--json")
    shown = run("profile", "show", "pier", "--station", str(alfa), "--json")

    assert checked.code == shown.code == 0, checked.err
    assert checked.json["data"] == shown.json["data"]
    lines = {one["name"]: one for one in shown.json["data"]["lines"]}
    assert lines["border"]["course"][0] == [10.0, 20.0]
    assert lines["harbour"]["area"]
    assert lines["reef"]["course"] is None
    listed = {
        one["code"]: one
        for one in run("profile", "list", "--station", str(alfa), "--json").json["data"]["items"]
    }
    assert (listed["pier"]["own"], listed["pier"]["lines_known"], listed["pier"]["lines"]) == (
        True,
        2,
        3,
    )
    assert (listed["inpk2005"]["own"], listed["inpk2005"]["lines_known"]) == (False, 0)


def test_a_shipped_profile_says_of_each_line_why_no_course_is_known() -> None:
    said = run("profile", "show", "korea2018")
    assert said.code == 0
    assert "course not known (?: Military Demarcation Line" in said.out


def test_a_file_with_lines_alone_is_good_under_the_name_of_a_shipped_profile(folder: Path) -> None:
    file = folder / "inpk2005.yaml"
    file.write_text(LINES)
    said = run("profile", "check", str(file))
    assert said.code == 0, said.err
    assert "border: 2 points (B: a map)" in said.out


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("vd2011", "data: []\n", "comes with Parley"),
        ("pier", LINES, "has no list `data`"),
        ("pier", LINES + "data: []\n", "no limit measures from"),
        ("inpk2005", LINES.replace("30.0", "130.0"), "Latitude comes first"),
        ("inpk2005", LINES.replace("sure: B, ", ""), "lacks ['sure']"),
        ("inpk2005", LINES.replace("border", "river"), "Lines that limits name: border"),
        ("Pier", "data: []\n", "a-z, 0-9 and -"),
        ("pier", "data: [}\n", "parley profile example"),
        ("pier", "data: [{item: x}]\n", "value: null"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_write(
    folder: Path, name: str, text: str, told: str
) -> None:
    file = folder / f"{name}.yaml"
    file.write_text(text)
    said = run("profile", "check", str(file))
    assert said.code == 2
    assert told in " ".join(said.err.split())


def test_what_it_prints_has_a_schema() -> None:
    for name in ("profiles", "profile", "profile-check", "profile-example"):
        assert schema_of(name) is not None
