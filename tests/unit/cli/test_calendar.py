"""`parley calendar` at a station that does not run: list, file, addresses."""

from __future__ import annotations

from pathlib import Path

from support.cli_run import run

HERE = ("--station", "./alfa")


def test_a_new_station_has_the_end_of_its_card_before_it(alfa: Path) -> None:
    ended = run("calendar", "list", "--days", "3660", "--json", *HERE)

    assert ended.code == 0
    (row,) = ended.json["data"]["items"]
    assert (row["kind"], row["owed_by"], row["us_owe"]) == ("card", "ALFA", True)
    assert run("calendar", "list", "--days", "1", "--fail-if-any", *HERE).code == 0
    assert run("calendar", "list", "--days", "3660", "--fail-if-any", *HERE).code == 20
    assert run("calendar", "list", "--kind", "tea", *HERE).code == 2
    assert run("calendar", "list", "--channel", "SEA", *HERE).code == 5


def test_the_file_is_written_and_never_over_another(alfa: Path) -> None:
    assert run("calendar", "export", "--out", "due.ics", *HERE).code == 0
    content = Path("due.ics").read_bytes()
    assert content.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert run("calendar", "export", "--out", "due.ics", *HERE).code == 2
    assert run("calendar", "export", "--out", "due.ics", "--force", "--lang", "zh", *HERE).code == 0
    assert "应办事项" in Path("due.ics").read_text()


def test_an_address_is_shown_once_listed_without_its_secret_and_ended(alfa: Path) -> None:
    made = run("calendar", "subscribe", "wall", "--json", *HERE).json["data"]
    listed = run("calendar", "feeds", "--json", *HERE)

    assert made["secret"] in made["path"]
    assert [feed["label"] for feed in listed.json["data"]["items"]] == ["wall"]
    assert made["secret"] not in listed.out
    assert run("calendar", "revoke", made["feed"]["id"], *HERE).code == 0
    assert run("calendar", "revoke", made["feed"]["id"], *HERE).code == 5
