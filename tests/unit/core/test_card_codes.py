"""A card on paper: its codes are read in any order, and nothing false gets through."""

from __future__ import annotations

import re

import pytest

from parley.core.card_codes import PARTS_MAX, join_parts, parts_of
from parley.core.limits import CARD_BYTES_MAX
from parley.errors import MalformedError

RAW = bytes(range(256)) * 12
PARTS = parts_of(RAW)


def test_parts_hold_only_what_every_code_holds_in_its_short_form() -> None:
    assert len(PARTS) == 4
    assert all(re.fullmatch(r"[0-9A-Z:/]{20,1450}", part) for part in PARTS)


def test_the_largest_card_has_not_too_many_parts() -> None:
    raw = bytes(CARD_BYTES_MAX)

    assert len(parts_of(raw)) <= PARTS_MAX
    assert join_parts("\n".join(parts_of(raw))) == raw


@pytest.mark.parametrize("raw", [b"a", b"ab", b"abc", b"abcd", b"abcde", RAW])
def test_parts_are_put_together_in_any_order_and_read_twice(raw: bytes) -> None:
    parts = parts_of(raw)

    assert join_parts("\r\n".join([*reversed(parts), parts[0]])) == raw


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (PARTS[:2], "3, 4 is not read yet"),
        ([*PARTS, parts_of(b"another card")[0]], "two different cards"),
        ([*PARTS, PARTS[0][:-1] + "A"], "part 1 was read twice"),
        ([PARTS[0][:-1] + "A", *PARTS[1:]], "do not fit together"),
        ([PARTS[0].lower(), *PARTS[1:]], "not a part"),
        ([*PARTS, "hello"], "not a part"),
        ([PARTS[0].replace(":1/4:", ":5/4:")], "no part 5 of 4"),
        ([PARTS[0].replace(":1/4:", ":1/99:")], "no part 1 of 99"),
        ([parts_of(b"abc")[0] + "A"], "not base32"),
    ],
)
def test_what_is_not_a_whole_card_is_refused_with_the_reason(lines: list[str], told: str) -> None:
    with pytest.raises(MalformedError, match=told):
        join_parts("\n".join(lines))
