"""The one encoding of every value: a strict profile of deterministic CBOR.

RFC 8949 section 4.2.1, narrowed: integers, byte strings, text, arrays, maps with ascending
unsigned keys, false, true, null. `encode(decode(raw)) == raw` for every accepted `raw`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from parley.core import limits
from parley.errors import MalformedError, UsageError

Value: TypeAlias = "int | bytes | str | bool | Sequence[Value] | Mapping[int, Value] | None"

_INT_MIN, _INT_MAX = -(2**63), 2**64 - 1


def _head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes((major << 5 | argument,))
    if argument < 0x100:
        return bytes((major << 5 | 24, argument))
    if argument < 0x1_0000:
        return bytes((major << 5 | 25,)) + argument.to_bytes(2, "big")
    if argument < 0x1_0000_0000:
        return bytes((major << 5 | 26,)) + argument.to_bytes(4, "big")
    return bytes((major << 5 | 27,)) + argument.to_bytes(8, "big")


def array_head(count: int) -> bytes:
    """Return the head of an array of `count` members, for splicing encoded members behind it."""
    return _head(4, count)


def encode(value: Value) -> bytes:
    """Return the only encoding of `value`.

    Raises:
        UsageError: the value holds something the profile does not know.
    """
    out: list[bytes] = []
    _encode_into(value, out)
    return b"".join(out)


def _encode_into(value: Value, out: list[bytes]) -> None:
    kind = type(value)
    if kind is int:
        assert isinstance(value, int)
        if not _INT_MIN <= value <= _INT_MAX:
            raise UsageError(f"integer {value} does not fit 64 bits")
        out.append(_head(0, value) if value >= 0 else _head(1, -1 - value))
    elif isinstance(value, bytes | bytearray | memoryview):
        out.append(_head(2, len(value)))
        out.append(bytes(value))
    elif isinstance(value, str):
        try:
            raw = value.encode("utf-8")
        except UnicodeEncodeError as problem:
            raise UsageError("text holds a lone surrogate") from problem
        out.append(_head(3, len(raw)))
        out.append(raw)
    elif value is None:
        out.append(b"\xf6")
    elif value is False:
        out.append(b"\xf4")
    elif value is True:
        out.append(b"\xf5")
    elif isinstance(value, Mapping):
        out.append(_head(5, len(value)))
        for key in sorted(value):
            if type(key) is not int or key < 0:
                raise UsageError("map keys are unsigned integers")
            _encode_into(key, out)
            _encode_into(value[key], out)
    elif isinstance(value, list | tuple):
        out.append(_head(4, len(value)))
        for member in value:
            _encode_into(member, out)
    elif isinstance(value, int):
        _encode_into(int(value), out)
    else:
        raise UsageError(f"{kind.__name__} has no encoding")


def decode(raw: bytes, *, depth_max: int = limits.DEPTH_ENTRY) -> Value:
    """Return the value that `raw` encodes, arrays as lists and maps as dicts.

    Raises:
        MalformedError: `raw` is not the canonical encoding of one value; says at which byte.
    """
    value, end = _decode_at(raw, 0, depth_max)
    if end != len(raw):
        raise MalformedError(f"{len(raw) - end} bytes follow the value", offset=end)
    return value


def decode_sequence(raw: bytes, *, depth_max: int, count_max: int) -> list[Value]:
    """Return the values of a CBOR sequence (RFC 8742) that fills `raw`.

    Raises:
        MalformedError: one of them is not canonical, or there are more than `count_max`.
    """
    values: list[Value] = []
    at = 0
    while at < len(raw):
        if len(values) == count_max:
            raise MalformedError(f"more than {count_max} items", offset=at)
        value, at = _decode_at(raw, at, depth_max)
        values.append(value)
    return values


def _argument(raw: bytes, at: int) -> tuple[int, int]:
    """Return the argument of the head at `at` and the place after the head."""
    info = raw[at] & 0x1F
    if info < 24:
        return info, at + 1
    if info > 27:
        raise MalformedError("indefinite length or reserved head", offset=at)
    width = 1 << (info - 24)
    if at + 1 + width > len(raw):
        raise MalformedError("input ends inside a head", offset=at)
    argument = int.from_bytes(raw[at + 1 : at + 1 + width], "big")
    if argument < (24, 0x100, 0x1_0000, 0x1_0000_0000)[info - 24]:
        raise MalformedError("head longer than needed", offset=at)
    return argument, at + 1 + width


def _decode_at(raw: bytes, at: int, depth: int) -> tuple[Value, int]:
    if at >= len(raw):
        raise MalformedError("input ends where a value is expected", offset=at)
    major = raw[at] >> 5
    if major == 7:
        simple = {0xF4: False, 0xF5: True, 0xF6: None}
        if raw[at] not in simple:
            raise MalformedError("float or simple value outside the profile", offset=at)
        return simple[raw[at]], at + 1
    if major == 6:
        raise MalformedError("tag outside the profile", offset=at)
    argument, after = _argument(raw, at)
    if major == 0:
        return argument, after
    if major == 1:
        if argument >= 2**63:
            raise MalformedError("integer below -2^63", offset=at)
        return -1 - argument, after
    if major in (2, 3):
        end = after + argument
        if end > len(raw):
            raise MalformedError("string longer than the input", offset=at)
        if major == 2:
            return raw[after:end], end
        try:
            return raw[after:end].decode("utf-8"), end
        except UnicodeDecodeError:
            raise MalformedError("text is not UTF-8", offset=after) from None
    if depth == 0:
        raise MalformedError("nested too deep", offset=at)
    if argument > len(raw) - after:
        raise MalformedError("more members than bytes left", offset=at)
    if major == 4:
        members: list[Value] = []
        for _ in range(argument):
            member, after = _decode_at(raw, after, depth - 1)
            members.append(member)
        return members, after
    return _decode_map(raw, at, after, argument, depth)


def _decode_map(raw: bytes, at: int, after: int, count: int, depth: int) -> tuple[Value, int]:
    pairs: dict[int, Value] = {}
    last = -1
    for _ in range(count):
        if after >= len(raw) or raw[after] >> 5 != 0:
            raise MalformedError("map key is not an unsigned integer", offset=after)
        place = after
        key, after = _argument(raw, after)
        if key <= last:
            raise MalformedError("map keys are doubled or out of order", offset=place)
        last = key
        pairs[key], after = _decode_at(raw, after, depth - 1)
    del at
    return pairs, after


def depth(value: Value) -> int:
    """Return how deeply a decoded value is nested: 0 for a scalar, 1 for a flat array or map."""
    if isinstance(value, dict):
        return 1 + max((depth(member) for member in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


def expect_uint(value: Value, what: str, *, most: int = limits.COUNT_MAX) -> int:
    """Return `value` as an unsigned integer up to `most`, or refuse it by name."""
    if type(value) is not int or not 0 <= value <= most:
        raise MalformedError(f"{what} is not an unsigned integer up to {most}")
    return value


def expect_bytes(value: Value, what: str, *, size: int | None = None) -> bytes:
    """Return `value` as bytes, of exactly `size` bytes when given, or refuse it by name."""
    if not isinstance(value, bytes) or (size is not None and len(value) != size):
        wanted = f"{size} bytes" if size is not None else "a byte string"
        raise MalformedError(f"{what} is not {wanted}")
    return value


def expect_text(value: Value, what: str, *, least: int = 0, most: int = 65_536) -> str:
    """Return `value` as text of `least` to `most` bytes of UTF-8, or refuse it by name."""
    if not isinstance(value, str) or not least <= len(value.encode("utf-8")) <= most:
        raise MalformedError(f"{what} is not text of {least} to {most} bytes")
    return value


def expect_list(value: Value, what: str, *, least: int = 0, most: int = 65_536) -> list[Value]:
    """Return `value` as a list of `least` to `most` members, or refuse it by name."""
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise MalformedError(f"{what} is not an array of {least} to {most} members")
    return value


def expect_map(value: Value, what: str) -> dict[int, Value]:
    """Return `value` as a map, or refuse it by name."""
    if not isinstance(value, dict):
        raise MalformedError(f"{what} is not a map")
    return value
