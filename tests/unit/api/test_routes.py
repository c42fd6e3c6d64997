"""Bodies are read so that no two readers can read them differently."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.api.problems import RequestError
from parley.api.resources.entries import cursor_number, read_wait
from parley.api.routes import BODY_DEPTH_MAX, read_json, seen_version, tag_of

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=3
        )
    ),
    max_leaves=20,
)


@given(json_values)
def test_what_a_writer_wrote_is_what_is_read(value):
    raw = json.dumps(value).encode()
    assert read_json(raw) == value
    assert read_json(json.dumps(value, ensure_ascii=False, indent=1).encode()) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw):
    try:
        value = read_json(raw)
    except RequestError:
        return
    assert value == json.loads(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}',
        b'[{"a":{"b":1,"b":1}}]',
        b"NaN",
        b"[Infinity]",
        b'"\\udc00"',
        b'{"\\ud800":1}',
        b"\xff",
        b"",
        b"1 2",
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(raw):
    with pytest.raises(RequestError):
        read_json(raw)


def test_nesting_has_a_bound_and_brackets_in_texts_do_not_count():
    just = b"[" * BODY_DEPTH_MAX + b"]" * BODY_DEPTH_MAX
    assert read_json(just)
    with pytest.raises(RequestError, match="nested"):
        read_json(b"[" + just + b"]")
    with pytest.raises(RequestError, match="nested"):
        read_json(b"[" * 500_000)
    assert read_json(json.dumps("[" * 100 + '\\"{').encode()) == "[" * 100 + '\\"{'


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("1m", 60), ("500ms", 0.5), ("7", 7), ("0s", 0)]
)
def test_times_to_wait_are_read(text, seconds):
    assert read_wait(text) == seconds


@pytest.mark.parametrize("text", ["61s", "2m", "", "s", "-1s", "1.5s", "1h", "9999999s", "٣s"])
def test_other_times_are_refused(text):
    with pytest.raises(RequestError):
        read_wait(text)


@pytest.mark.parametrize("cursor", ["", "-1", "1.5", "x", "9" * 19, "٣"])
def test_a_cursor_of_somebody_else_is_refused(cursor):
    with pytest.raises(RequestError):
        cursor_number(cursor)


async def test_a_version_is_read_from_its_tag():
    assert await seen_version('"3.held"') == 3
    assert await seen_version(None) is None
    for tag in ("*", '"x"', '"9999999999.open"', 'W/"3.held"'):
        with pytest.raises(RequestError):
            await seen_version(tag)


def test_tags_differ_where_the_content_does():
    assert tag_of(b"a") == tag_of(b"a") != tag_of(b"b")
