"""`parley notice read`: published notices without a station, as a script and an officer meet them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from parley.cli.schemas import schema_of
from support.cli_run import run

ENGLISH = """NAVAREA XI 0234/23
LIVE FIRING 040400Z TO 070400Z AUG IN AREA BOUND BY
25-15.26N 120-29.20E, 24-50.30N 120-05.45E, 25-04.32N 119-51.22E.
"""
CHINESE = (
    "浙航警0456/23 2023年8月4日12时至7日12时，在25-15.26N 120-29.20E、24-50.30N 120-05.45E、"
    "25-04.32N 119-51.22E三点连线范围内实弹射击。"
)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("en.txt").write_text(ENGLISH)
    Path("zh.txt").write_text(CHINESE)
    Path("slip.txt").write_text(ENGLISH.replace("25-15.26N 120-29.20E", "25-15-26N 120-29-20E"))
    Path("part.txt").write_text(ENGLISH.replace("040400Z TO", "040400J TO"))
    return tmp_path


def test_a_notice_is_read_whole_and_its_json_is_what_the_schema_says(files: Path) -> None:
    ended = run("notice", "read", "zh.txt", "--json")

    assert ended.code == 0
    jsonschema.validate(ended.json, schema_of("notice-read"))
    (item,) = ended.json["data"]["items"]
    assert (item["number"], item["share"], item["hazards"]) == (
        "浙航警0456/23",
        "whole",
        ["live-fire"],
    )
    start, end = item["places"][0]["corners"][0]["at"]
    assert item["text"][start:end] == "25-15.26N 120-29.20E"
    assert item["windows"][0]["from"] == "2023-08-04T04:00:00Z"


def test_what_is_not_understood_is_told_with_its_reason_and_ends_with_14(files: Path) -> None:
    ended = run("notice", "read", "part.txt")

    assert ended.code == 14
    assert "no time zone" in ended.out
    assert "0 read whole, 1 in part" in ended.err
    assert "无时区" in run("notice", "read", "part.txt", "--lang", "zh").out


def test_two_languages_that_agree_end_with_0_and_a_slip_is_told_in_metres(files: Path) -> None:
    assert run("notice", "read", "zh.txt", "--pair", "en.txt").code == 0

    ended = run("notice", "read", "zh.txt", "--pair", "slip.txt", "--json")

    assert ended.code == 14
    jsonschema.validate(ended.json, schema_of("notice-read"))
    (pair,) = ended.json["data"]["pairs"]
    (difference,) = pair["differences"]
    assert (difference["amount"], difference["unit"], difference["note"]) == (
        391,
        "metres",
        "minutes-as-seconds",
    )
    assert "391 metres" in run("notice", "read", "zh.txt", "--pair", "slip.txt").out


@pytest.mark.parametrize(("form", "begins"), [
    ("geojson", "{"), ("cap", "<?xml"), ("ical", "BEGIN:VCALENDAR"), ("csv", "notice,row"),
])  # fmt: skip
def test_a_notice_is_written_in_each_format_and_read_again_as_the_same(
    files: Path, form: str, begins: str
) -> None:
    ended = run("notice", "read", "en.txt", "--as", form, "--issued", "2023-08-01T00:00:00Z")
    Path("again").write_text(ended.out)

    assert ended.code == 0
    assert ended.out.startswith(begins)
    assert run("notice", "read", "again", "--pair", "en.txt").code == 0


def test_zone_and_time_of_issue_help_where_the_text_is_silent(files: Path) -> None:
    Path("bare.txt").write_text("8月5日8时至18时，在25-15N 120-29E射击。")

    ended = run(
        "notice",
        "read",
        "bare.txt",
        "--zone",
        "+08:00",
        "--issued",
        "2023-08-01T00:00:00Z",
        "--json",
    )

    assert ended.code == 0
    assert ended.json["data"]["items"][0]["windows"][0]["until"] == "2023-08-05T10:00:00Z"
    assert run("notice", "read", "bare.txt").code == 14
    assert run("notice", "read", "bare.txt", "--zone", "Mars").code == 2


def test_one_of_many_is_chosen_by_its_number(files: Path) -> None:
    Path("two.txt").write_text(ENGLISH + ENGLISH.replace("0234", "0235"))

    assert run("notice", "read", "two.txt", "-q").out.split("\n")[:2] == [
        "NAVAREA XI 0234/23",
        "NAVAREA XI 0235/23",
    ]
    assert "--only" in run("notice", "read", "two.txt", "--as", "cap").err
    chosen = run("notice", "read", "two.txt", "--only", "NAVAREA XI 0235/23", "--as", "geojson")
    assert len(json.loads(chosen.out)["features"]) == 1
    assert run("notice", "read", "two.txt", "--only", "NAVAREA XI 9/23").code == 5


def test_what_cannot_be_asked_for_is_refused(files: Path) -> None:
    assert run("notice", "read", "none.txt").code == 5
    assert "--issued" in run("notice", "read", "en.txt", "--as", "cap").err
    assert run("notice", "read", "en.txt", "--as", "kml").code == 2
    assert run("notice", "read", "en.txt", "--as", "csv", "--pair", "zh.txt").code == 2
    Path("bomb.xml").write_text('<!DOCTYPE a [<!ENTITY a "aa">]><alert>&a;</alert>')
    assert run("notice", "read", "bomb.xml").code == 2
