"""Values as bytes, read and written as spec/encoding.md says."""

from __future__ import annotations

from typing import Any

LARGEST = 2**53 - 1

NAME = r"[^+\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"


class RefusedError(Exception):
    """Something that spec/ says a reader MUST refuse."""


def need(true: bool, why: str) -> None:
    """Refuse, unless it is true."""
    if not true:
        raise RefusedError(why)


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for code, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * width:
            return bytes([major << 5 | code]) + number.to_bytes(width)
    raise ValueError(number)


def encode(value: Any) -> bytes:
    """The one encoding of a value."""
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        raw = value.encode()
        return _head(3, len(raw)) + raw
    if isinstance(value, dict):
        pairs = sorted(value.items())
        return _head(5, len(pairs)) + b"".join(encode(k) + encode(v) for k, v in pairs)
    return _head(4, len(value)) + b"".join(encode(member) for member in value)


def decode_one(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """The value that begins at a place, and where it ends."""
    need(at < len(data), "ends inside a value")
    major, low = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        need(low in (20, 21, 22), "float, simple value, undefined or break")
        return {20: False, 21: True, 22: None}[low], at
    number = low
    if low >= 24:
        need(low <= 27, "indefinite or reserved")
        width = 1 << low - 24
        need(at + width <= len(data), "ends inside a head")
        number = int.from_bytes(data[at : at + width])
        at += width
        need(number >= (24 if width == 1 else 1 << 4 * width), "head longer than needed")
    if major == 0:
        return number, at
    if major == 1:
        need(number < 2**63, "below -2^63")
        return -1 - number, at
    need(major != 6, "a tag")
    need(number <= len(data) - at, "length beyond what is left")
    if major in (2, 3):
        raw = data[at : at + number]
        if major == 2:
            return raw, at + number
        try:
            return raw.decode(), at + number
        except UnicodeDecodeError:
            raise RefusedError("not UTF-8") from None
    need(depth > 0, "too deep")
    if major == 4:
        members = []
        for _ in range(number):
            member, at = decode_one(data, at, depth - 1)
            members.append(member)
        return members, at
    pairs: dict[int, Any] = {}
    last = -1
    for _ in range(number):
        key, at = decode_one(data, at, 0)
        need(type(key) is int and key > last, "key not an ascending unsigned number")
        last = key
        pairs[key], at = decode_one(data, at, depth - 1)
    return pairs, at


def decode(data: bytes, depth: int = 8) -> Any:
    """The value whose bytes these are."""
    value, end = decode_one(data, 0, depth)
    need(end == len(data), "bytes behind the value")
    return value


def uint(value: Any, most: int = LARGEST, least: int = 0) -> int:
    """An unsigned number within bounds."""
    need(type(value) is int and least <= value <= most, "no number in its bounds")
    return int(value)


def octets(value: Any, size: int) -> bytes:
    """A byte string of one size."""
    need(isinstance(value, bytes) and len(value) == size, f"not {size} bytes")
    return bytes(value)


def text(value: Any, most: int, least: int = 0) -> str:
    """A text whose bytes lie within bounds."""
    need(isinstance(value, str) and least <= len(value.encode()) <= most, "no text in its bounds")
    return str(value)


def array(value: Any, most: int, least: int = 0) -> list[Any]:
    """An array of a bounded size."""
    need(isinstance(value, list) and least <= len(value) <= most, "no array in its bounds")
    return list(value)


def fields(value: Any, required: set[int], optional: set[int]) -> dict[int, Any]:
    """A map with these keys and no others."""
    need(isinstance(value, dict), "no map")
    need(required <= set(value) <= required | optional, "unknown or missing key")
    return dict(value)
