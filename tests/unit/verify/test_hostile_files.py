"""Nonsense is refused politely: no recursion, no endless memory, no trace of Python."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from parley_verify import bounds
from parley_verify.__main__ import main
from support import bundle_forge as forge
from support.bundle_forge import Story
from support.verifying import check


@pytest.mark.parametrize(
    ("raw", "offset"),
    [
        (b"", 0),
        (b"\x81" * 100_000, 16),
        (b"\xa1\x00" * 50_000, 32),
        (b"\x9b" + b"\xff" * 8, 0),
        (b"\x5b\x00\x00\x00\x01\x00\x00\x00\x00", 0),
        (b"\xbb\x00\xff\xff\xff\xff\xff\xff\xff", 0),
        (b"\x9f\xff", 0),
        (b"\x82\x6eparley1 bundle\xd8\x1c\x80", 16),
        (b"\x82\x6eparley1 bundle\xf9\x00\x00", 16),
        (b"\x82\x6eparley1 bundle\xa2\x00\x80\x00\x80", 19),
        (b"\x82\x6eparley1 bundle\xa1\x18\x00\x80", 17),
        (b"\x82\x6fparley1 bundle!\xa0", 1),
        (b"\x82\x62\xc3\x28\xa0", 1),
        (b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff", 0),
        (b"\x20", 0),
    ],
)
def test_nonsense_is_refused_at_its_byte(raw: bytes, offset: int) -> None:
    report = check(raw)

    assert (report.code, report.offset) == (7, offset)


def test_a_file_that_is_too_large_is_not_read_to_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "large.parley"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)

    assert main([str(path)]) == 14
    assert f"more than {bounds.FILE_BYTES_MAX} bytes" in capsys.readouterr().out


def test_more_values_than_a_verifier_takes_are_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parley_verify.cbor.VALUES_MAX", 1_000)
    raw = forge.cbor(["parley1 bundle", {0: [0] * 2_000}])

    report = check(raw)

    assert report.code == 14
    assert "more than 1000 values" in report.unchecked[0]


@pytest.mark.parametrize(("member", "count"), [(0, 65), (1, 65), (2, 1025), (5, 257)])
def test_more_members_than_a_verifier_takes_are_not_checked(member: int, count: int) -> None:
    story = Story()
    members: dict = {
        0: [story.alfa.card()],
        1: [story.channel.body],
        2: [story.note_a],
        3: [],
        5: [],
    }
    members[member] = [None] * count if member != 1 else [{}] * count
    if member == 5:
        members[5] = [[0]] * count

    assert check(forge.cbor(["parley1 bundle", members])).code == 14


def test_random_bytes_and_random_damage_never_raise() -> None:
    story = Story()
    raw = story.delivered()
    dice = random.Random(7)
    for _ in range(300):
        changed = bytearray(raw)
        for _ in range(dice.randrange(1, 6)):
            at = dice.randrange(len(changed))
            changed[at : at + dice.randrange(3)] = dice.randbytes(dice.randrange(4))
        assert check(bytes(changed), story.trust).code in (0, 7, 14)
        assert check(dice.randbytes(dice.randrange(200))).code == 7


def test_a_partys_text_cannot_play_with_the_readers_screen(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    story = Story()
    card = story.bravo.card(extra={2: "Nice\u202e\x1b[2J\nVALID: (exit 0)"})
    path = tmp_path / "card"
    path.write_bytes(forge.cbor(card))

    main([str(path)])

    lines = capsys.readouterr().out.splitlines()
    assert not any(line.startswith("VALID") for line in lines)
    assert "\\u{202e}\\u{1b}[2J\\u{a}VALID" in "\n".join(lines)
