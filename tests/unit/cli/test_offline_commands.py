"""Commands that need no running station, as a script meets them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import segno

from parley.cli.main import TABLE
from parley.cli.schemas import names_of_schemas, schema_of
from parley.core.card import read_card_file
from parley.core.card_codes import parts_of
from support.cli_run import run


def test_init_makes_a_station_whose_words_are_those_of_its_card(alfa: Path) -> None:
    shown = run("card", "show", "--station", "./alfa", "--json")

    again = run("card", "show", str(alfa / "own.card"), "--json")
    assert shown.code == 0
    assert len(shown.json["data"]["words"]["en"]) == 12
    assert len(shown.json["data"]["words"]["zh"]) == 12
    assert shown.json["data"]["words"] == again.json["data"]["words"]


def test_init_tells_what_to_do_with_the_root_keys_and_warns_of_one_person(folder: Path) -> None:
    ended = run("init", "b", "--code", "BRAVO", "--release", "one-person", "--no-input", "--json")

    assert ended.code == 0
    assert ended.json["data"]["officer"] == "BRAVO-1"
    assert Path(ended.json["data"]["root_key"]).is_file()
    assert "one person" in ended.json["warnings"][0]


def test_a_second_station_is_never_made_over_the_first(alfa: Path) -> None:
    before = (alfa / "own.card").read_bytes()

    ended = run("init", "./alfa", "--code", "OTHER", "--no-input")

    assert ended.code == 6
    assert (alfa / "own.card").read_bytes() == before


def test_init_without_a_passphrase_says_how_to_give_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PARLEY_PASSPHRASE_FILE")

    ended = run("init", "c", "--code", "CHARLIE", "--no-input", "--json")

    assert ended.code == 12
    assert ended.json["error"]["code"] == "key_locked"
    assert "--passphrase-file" in ended.json["error"]["next"]
    assert not (folder / "c" / "parley.toml").exists()


def test_init_without_a_code_is_a_usage_error_that_names_the_flag(folder: Path) -> None:
    ended = run("init", "c", "--no-input", "--json")

    assert ended.code == 2
    assert "--code" in ended.json["error"]["detail"]


def test_the_exported_card_is_read_again_and_checked(alfa: Path) -> None:
    assert run("card", "export", "--station", "./alfa", "--out", "alfa.card").code == 0

    ended = run("card", "import", "alfa.card", "--json")

    assert ended.code == 0
    assert ended.json["data"]["code"] == "ALFA"


def test_a_card_read_from_its_codes_is_the_same_card(alfa: Path) -> None:
    parts = parts_of(read_card_file((alfa / "own.card").read_bytes()).raw)
    Path("scanned.txt").write_text("\n".join(reversed(parts)))

    read = run("card", "import", "scanned.txt", "--json")

    own = run("card", "show", "--station", "./alfa", "--json")
    assert read.code == 0
    assert read.json["data"] == own.json["data"]


def test_the_printed_page_shows_the_code_of_each_part(alfa: Path) -> None:
    assert run("card", "export", "--station", "./alfa", "--qr", "--out", "alfa.svg").code == 0

    page = ET.parse("alfa.svg").getroot()

    parts = parts_of(read_card_file((alfa / "own.card").read_bytes()).raw)
    paths = [each.attrib["d"] for each in page.iter("{http://www.w3.org/2000/svg}path")]
    captions = [each.text for each in page.iter("{http://www.w3.org/2000/svg}text")]
    dark = [
        {
            (int(x) + step, int(y))
            for x, y, long in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", drawn)
            for step in range(int(long))
        }
        for drawn in paths
    ]
    assert captions == [f"ALFA, card 1: {n} of {len(parts)}" for n in range(1, len(parts) + 1)]
    assert dark == [
        {
            (x, y)
            for y, row in enumerate(segno.make(part, error="m", boost_error=False).matrix)
            for x in range(len(row))
            if row[x]
        }
        for part in parts
    ]


def test_a_card_with_a_code_not_read_yet_says_which(alfa: Path) -> None:
    parts = parts_of(read_card_file((alfa / "own.card").read_bytes()).raw)
    Path("scanned.txt").write_text("\n".join(parts[:1] + parts[2:]))

    ended = run("card", "import", "scanned.txt", "--json")

    assert ended.code == 7
    assert f"of {len(parts)} parts of the card, 2 is not read yet" in ended.json["error"]["detail"]


def test_two_forms_of_one_card_at_once_are_refused(alfa: Path) -> None:
    assert run("card", "export", "--station", "./alfa", "--qr", "--raw", "--out", "a").code == 2
    assert not Path("a").exists()


def test_a_card_with_one_letter_changed_does_not_hold(alfa: Path) -> None:
    lines = (alfa / "own.card").read_text().split("\n")
    at = len(lines) // 2
    lines[at] = ("B" if lines[at][0] != "B" else "C") + lines[at][1:]
    Path("bad.card").write_text("\n".join(lines))

    ended = run("card", "import", "bad.card", "--json")

    assert ended.code == 7
    assert ended.json["error"]["code"] == "does_not_hold"


def test_an_export_never_replaces_a_file_unless_told_to(alfa: Path) -> None:
    Path("alfa.card").write_text("precious")

    refused = run("card", "export", "--station", "./alfa", "--out", "alfa.card")

    assert refused.code == 2
    assert "--force" in refused.err
    assert Path("alfa.card").read_text() == "precious"
    assert run("card", "export", "--station", "./alfa", "--out", "alfa.card", "--force").code == 0
    assert Path("alfa.card").read_text().startswith("-----BEGIN PARLEY CARD-----")


def test_where_there_is_no_station_the_code_is_10_and_the_next_step_makes_one(folder: Path) -> None:
    ended = run("card", "show", "--station", "./none", "--json")

    assert ended.code == 10
    assert ended.json["schema"] == "parley.error/1"
    assert "parley init" in ended.json["error"]["next"]


def test_the_station_of_the_environment_is_used_and_the_option_wins(
    alfa: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_STATION", "./alfa")

    assert run("config", "path", "-q").out.strip().endswith("alfa/parley.toml")
    assert run("config", "path", "--station", "./none").code == 10


def test_config_show_says_where_each_value_comes_from(
    alfa: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_LOG__LEVEL", "debug")

    ended = run("config", "show", "--station", "./alfa", "--json")

    rows = {row["key"]: row for row in ended.json["data"]["items"]}
    assert rows["log.level"]["value"] == "debug"
    assert rows["log.level"]["origin"] == "environment PARLEY_LOG__LEVEL"
    assert rows["link.heartbeat_s"]["origin"] == "default"
    assert rows["station.code"]["origin"].startswith("parley.toml line ")


def test_config_check_refuses_an_unknown_key_and_says_what_was_meant(alfa: Path) -> None:
    text = (alfa / "parley.toml").read_text()
    Path("new.toml").write_text(text.replace("\nlisten", "\nlisetn", 1))

    ended = run("config", "check", "--config", "new.toml", "--json")

    assert ended.code == 2
    assert ended.json["error"]["code"] == "bad_setting"
    assert "did you mean link.listen" in ended.json["error"]["detail"]


def test_fields_choose_columns_and_an_unknown_field_is_named(alfa: Path) -> None:
    chosen = run("config", "show", "--station", "./alfa", "--json", "--fields", "key")
    wrong = run("config", "show", "--station", "./alfa", "--json", "--fields", "kye")

    assert all(set(row) == {"key"} for row in chosen.json["data"]["items"])
    assert wrong.code == 2
    assert "key" in wrong.json["error"]["next"]


def test_off_a_terminal_a_table_is_tab_separated_without_a_heading(alfa: Path) -> None:
    ended = run("config", "show", "--station", "./alfa")

    rows = [line.split("\t") for line in ended.out.splitlines()]
    assert ["station.code", "ALFA"] in rows
    assert all(len(row) == 2 for row in rows)


def test_verify_is_the_stand_alone_verifier(alfa: Path) -> None:
    fingerprint = run("card", "show", "--station", "./alfa", "--json").json["data"]["fingerprint"]

    assert run("verify", str(alfa / "own.card")).code == 14
    assert run("verify", str(alfa / "own.card"), "--trust", fingerprint).code == 0


def test_simulate_plays_a_seed_and_ends_with_its_verdict() -> None:
    ended = run("simulate", "--seed", "3", "--json")

    lines = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.code == 0
    assert lines[0]["seed"] == 3
    assert lines[0]["ok"] is True
    assert lines[-1]["data"] == {"type": "result", "seeds": 1, "first": 3, "broken": []}


@pytest.mark.parametrize(
    "arguments",
    [
        ["version"],
        ["help", "exit-codes"],
        ["completion", "bash"],
        ["card", "show", "--station", "./alfa"],
        ["config", "show", "--station", "./alfa"],
        ["config", "check", "--station", "./alfa"],
        ["config", "path", "--station", "./alfa"],
        ["card", "export", "--station", "./alfa", "--out", "x.card"],
        ["init", "./bravo", "--code", "BRAVO", "--no-input"],
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_what_json_prints_fits_its_published_schema(alfa: Path, arguments: list[str]) -> None:
    ended = run(*arguments, "--json")

    assert ended.code == 0, ended.err
    schema = schema_of(ended.json["schema"].split(".", 1)[1].split("/")[0])
    assert schema is not None
    jsonschema.validate(ended.json, schema)


def test_every_published_schema_is_a_schema() -> None:
    for name in names_of_schemas():
        found = schema_of(name)
        assert found is not None
        if name != "procedures":
            jsonschema.Draft202012Validator.check_schema(found)


def test_a_failure_fits_the_schema_of_failures(folder: Path) -> None:
    ended = run("card", "show", "nothing.card", "--json")

    schema = schema_of("error")
    assert schema is not None
    assert ended.code == 5
    jsonschema.validate(ended.json, schema)


def test_a_mistyped_command_is_told_the_nearest_and_ends_with_2() -> None:
    ended = run("verison")

    assert ended.code == 2
    assert "'version'" in ended.err


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_command_of_the_table_exists_and_explains_itself(name: str) -> None:
    ended = run(name, "--help")

    assert ended.code == 0
    assert name in ended.out
    assert all(len(line) <= 80 for line in ended.out.splitlines())


HEAVY = """
import sys
from parley.cli.main import main
main(["version"])
heavy = {"fastapi", "sqlalchemy", "httpx", "uvicorn", "cryptography", "rich"}
print(sorted(heavy & set(sys.modules)))
"""


def test_version_does_not_wait_for_what_a_server_needs() -> None:
    said = subprocess.run([sys.executable, "-c", HEAVY], capture_output=True, text=True, check=True)

    assert said.stdout.splitlines()[-1] == "[]"


def test_the_index_of_a_closed_station_can_be_rebuilt(alfa: Path) -> None:
    ended = run("log", "reindex", "--station", str(alfa))

    assert ended.code == 0, ended.err
    assert "0 differed" in ended.out


def test_a_reader_that_went_away_is_no_fault_and_nothing_is_said_to_it():
    """`parley help topics | head -1`, with a reader that reads nothing at all."""
    read, write = os.pipe()
    os.close(read)
    try:
        ended = subprocess.run(
            [str(Path(sys.executable).with_name("parley")), "--help"],
            stdout=write,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    finally:
        os.close(write)

    assert ended.returncode == 141
    assert ended.stderr == b""
