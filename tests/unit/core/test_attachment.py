"""Files cut into parts, and what is no part."""

from __future__ import annotations

import pytest

from parley.core.attachment import (
    attachment_digest,
    cut,
    join,
    part_fields,
    parts_of,
    read_part,
)
from parley.core.entry import Entry, decode_entry, encode_entry
from parley.core.limits import ATTACHMENT_BYTES_MAX, PART_BYTES
from parley.errors import MalformedError
from support.records import seed

SALT = seed("salt")


def part_entry(**changed: object) -> Entry:
    fields: dict[int, object] = {16: seed("whole"), 17: 1, 18: 3, 19: bytes(PART_BYTES)}
    fields |= {int(name[1:]): value for name, value in changed.items()}
    fields = {number: value for number, value in fields.items() if value is not None}
    return Entry(kind=9, time=1_790_000_000, fields=fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("size", "parts"),
    [
        (0, 1),
        (1, 1),
        (PART_BYTES - 32, 1),
        (PART_BYTES - 31, 2),
        (100_000, 4),
        (ATTACHMENT_BYTES_MAX, 321),
    ],
)
def test_a_file_comes_together_from_its_parts(size: int, parts: int) -> None:
    content = (b"parley" * (size // 6 + 1))[:size]
    made = list(cut(SALT, content))

    read = [
        read_part(
            decode_entry(encode_entry(Entry(kind=9, time=1, fields=part_fields(one))), others=1)
        )
        for one in made
    ]

    assert read == made
    assert len(made) == parts == parts_of(size)
    digest = attachment_digest(SALT, content)
    assert {one.whole for one in made} == {digest}
    assert join(digest, size, {one.number: one.octets for one in made}) == content


def test_the_digest_tells_nothing_to_who_has_not_the_salt() -> None:
    """The same content under another salt has another digest: no likely content can be tried."""
    assert attachment_digest(SALT, b"yes") != attachment_digest(seed("other"), b"yes")
    with pytest.raises(MalformedError, match="salt"):
        next(cut(b"short", b"yes"))


@pytest.mark.parametrize(
    "changed",
    [
        {"f16": None},
        {"f16": bytes(31)},
        {"f16": "text"},
        {"f17": 3},
        {"f17": -1},
        {"f17": True},
        {"f18": 0},
        {"f18": 322},
        {"f18": 2**40},
        {"f19": b""},
        {"f19": bytes(PART_BYTES + 1)},
        {"f19": bytes(PART_BYTES - 1)},
        {"f19": "text"},
        {"f20": 1},
        {"f1": [0, 1]},
    ],
)
def test_what_is_no_part_is_refused(changed: dict[str, object]) -> None:
    assert read_part(part_entry())
    with pytest.raises(MalformedError):
        read_part(part_entry(**changed))


def test_parts_that_are_not_those_of_the_file_give_none() -> None:
    content = bytes(50_000)
    digest = attachment_digest(SALT, content)
    parts = {one.number: one.octets for one in cut(SALT, content)}

    for wrong in (
        {0: parts[0]},
        {0: parts[0], 1: parts[1] + b"\0"},
        {0: parts[0], 1: bytes(len(parts[1]) - 1) + b"\1"},
        {},
    ):
        with pytest.raises(MalformedError):
            join(digest, len(content), wrong)
    with pytest.raises(MalformedError):
        join(digest, 2**50, parts)


def test_a_file_larger_than_one_may_be_is_not_cut() -> None:
    with pytest.raises(MalformedError, match="at most"):
        next(cut(SALT, bytes(ATTACHMENT_BYTES_MAX + 1)))
