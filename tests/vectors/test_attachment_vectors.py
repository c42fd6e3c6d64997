"""The published files: cut by the station, judged by the verifier and by a second reading alike."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from independent import files
from parley.core.attachment import attachment_digest, cut, part_fields, part_from_fields
from parley.core.canon import decode, encode
from parley.errors import MalformedError
from support.verifying import check

VECTORS = json.loads(
    (Path(__file__).parents[2] / "spec/vectors/attachment.json").read_text(encoding="utf-8")
)
CASES = [pytest.param(case, id=case["name"]) for case in VECTORS["cases"]]


@pytest.mark.parametrize("case", VECTORS["cut"], ids=lambda case: case["name"])
def test_the_station_cuts_a_file_as_is_published(case: dict) -> None:
    salt, content = bytes.fromhex(case["salt"]), bytes.fromhex(case["content"]) * case["times"]

    assert attachment_digest(salt, content).hex() == case["digest"]
    assert [encode(part_fields(part))[-8:].hex() for part in cut(salt, content)] == case["ends"]


@pytest.mark.parametrize("case", VECTORS["parts"], ids=lambda case: case["name"])
def test_the_station_takes_what_is_a_part_and_nothing_else(case: dict) -> None:
    fields = decode(bytes.fromhex(case["fields"]))
    assert isinstance(fields, dict)
    if case["is_part"]:
        assert part_fields(part_from_fields(fields)) == fields
    else:
        with pytest.raises(MalformedError):
            part_from_fields(fields)


SENTENCES = {
    "whole": "whole, its digest agrees",
    "damaged": "damaged: its parts give another digest",
}


@pytest.mark.parametrize("case", CASES)
def test_the_verifier_tells_of_files_what_is_published(case: dict) -> None:
    report = check(base64.b64decode(case["bundle"]), case["trust"])

    assert (report.code, report.refused) == (0, None)
    assert [each for each in report.findings if each.startswith("file")] == [
        f"file {place} of entry ALFA/{index}, {size} bytes: "
        + SENTENCES.get(state, f"{state} parts are shown; what is not shown cannot be guessed")
        for index, place, size, state in case["files"]
    ]


@pytest.mark.parametrize("case", CASES)
def test_a_second_reading_says_the_same(case: dict) -> None:
    assert [list(each) for each in files.said(base64.b64decode(case["bundle"]))] == case["files"]
