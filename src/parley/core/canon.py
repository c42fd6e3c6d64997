"""The one encoding of every value: a strict profile of deterministic CBOR.

RFC 8949 section 4.2.1, narrowed: integers, byte strings, text, arrays, maps with ascending
unsigned keys, false, true, null. `encode(decode(raw)) == raw` for every accepted `raw`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from parley.core import limits
from parley.errors import MalformedError, UsageError

Value: TypeAlias = "int | bytes | str | bool | Sequence[Value] | Mapping[int, Value] | None"

_INT_MIN, _INT_MAX = -(2**63), 2**64 - 1
_UINT, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_SIMPLE_VALUES: dict[int, bool | None] = {0xF4: False, 0xF5: True, 0xF6: None}
_LEAST = (24, 0x100, 0x1_0000, 0x1_0000_0000)
"""The least number that a head of two, three, five and nine bytes may hold."""


def _long_head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes((major << 5 | argument,))
    if argument < 0x100:
        return bytes((major << 5 | 24, argument))
    if argument < 0x1_0000:
        return bytes((major << 5 | 25,)) + argument.to_bytes(2, "big")
    if argument < 0x1_0000_0000:
        return bytes((major << 5 | 26,)) + argument.to_bytes(4, "big")
    return bytes((major << 5 | 27,)) + argument.to_bytes(8, "big")


_SHORT = 256
_HEADS = tuple(tuple(_long_head(major, n) for n in range(_SHORT)) for major in range(6))
"""Nearly every head is one of these: making it anew took a third of an encoding's time."""


def _head(major: int, argument: int) -> bytes:
    return _HEADS[major][argument] if argument < _SHORT else _long_head(major, argument)


def array_head(count: int) -> bytes:
    """Return the head of an array of `count` members, for splicing encoded members behind it."""
    return _head(_ARRAY, count)


def map_head(count: int) -> bytes:
    """Return the head of a map of `count` pairs, for splicing encoded pairs behind it."""
    return _head(_MAP, count)


def encode(value: Value) -> bytes:
    """Return the only encoding of `value`.

    Raises:
        UsageError: the value holds something the profile does not know.
    """
    out: list[bytes] = []
    _encode_into(value, out.append)
    return b"".join(out)


def _encode_into(value: Value, put: Callable[[bytes], None]) -> None:
    # The exact types come first: they are what is encoded all day.
    if type(value) is int:
        put(_integer(value))
    elif type(value) is bytes:
        put(_head(_BYTES, len(value)))
        put(value)
    elif type(value) is str:
        put(_text(value))
    elif type(value) is list or type(value) is tuple:
        put(_head(_ARRAY, len(value)))
        for member in value:
            _encode_into(member, put)
    elif type(value) is dict or isinstance(value, Mapping):
        put(_head(_MAP, len(value)))
        for key in sorted(value):
            if type(key) is not int or key < 0:
                raise UsageError("map keys are unsigned integers")
            put(_integer(key))
            _encode_into(value[key], put)
    elif isinstance(value, list | tuple):
        _encode_into(list(value), put)
    elif value is None:
        put(b"\xf6")
    elif value is False:
        put(b"\xf4")
    elif value is True:
        put(b"\xf5")
    else:
        put(_unusual(value))


def _integer(value: int) -> bytes:
    if 0 <= value < _SHORT:
        return _HEADS[_UINT][value]
    if not _INT_MIN <= value <= _INT_MAX:
        raise UsageError(f"integer {value} does not fit 64 bits")
    return _long_head(_UINT, value) if value >= 0 else _head(_NEGATIVE, -1 - value)


def _text(value: str) -> bytes:
    try:
        raw = value.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise UsageError("text holds a lone surrogate") from problem
    return _head(_TEXT, len(raw)) + raw


def _unusual(value: object) -> bytes:
    """Encode what is one of the profile's types by another name, such as an `IntEnum`."""
    if isinstance(value, bytes | bytearray | memoryview):
        raw = bytes(value)
        return _head(_BYTES, len(raw)) + raw
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return _integer(int(value))
    raise UsageError(f"{type(value).__name__} has no encoding")


def decode(raw: bytes, *, depth_max: int = limits.DEPTH_ENTRY) -> Value:
    """Return the value that `raw` encodes, arrays as lists and maps as dicts.

    Raises:
        MalformedError: `raw` is not the canonical encoding of one value; says at which byte.
    """
    value, end = value_at(raw, 0, depth_max)
    if end != len(raw):
        raise MalformedError(f"{len(raw) - end} bytes follow the value", offset=end)
    return value


def _long_argument(raw: bytes, at: int, info: int) -> tuple[int, int]:
    """Return the argument of the long head at `at` and the place after the head."""
    if info > 27:
        raise MalformedError("indefinite length or reserved head", offset=at)
    after = at + 1 + (1 << (info - 24))
    if after > len(raw):
        raise MalformedError("input ends inside a head", offset=at)
    argument = int.from_bytes(raw[at + 1 : after], "big")
    if argument < _LEAST[info - 24]:
        raise MalformedError("head longer than needed", offset=at)
    return argument, after


def value_at(raw: bytes, at: int, depth: int) -> tuple[Value, int]:
    """Return the value that begins at `at`, and the place behind it.

    Args:
        raw: bytes that may hold more, before and behind.
        at: where the value begins.
        depth: how deeply it may be nested, itself counted.

    Raises:
        MalformedError: there is no canonical encoding of a value; says at which byte.
    """
    if at >= len(raw):
        raise MalformedError("input ends where a value is expected", offset=at)
    first = raw[at]
    if first < 24:
        return first, at + 1
    major = first >> 5
    if major >= _TAG:
        if first in _SIMPLE_VALUES:
            return _SIMPLE_VALUES[first], at + 1
        what = "tag" if major == _TAG else "float or simple value"
        raise MalformedError(f"{what} outside the profile", offset=at)
    argument, after = first & 0x1F, at + 1
    if argument == 24 and after < len(raw) and raw[after] > 23:
        argument, after = raw[after], after + 1  # the usual one of the long heads, inline
    elif argument > 23:
        argument, after = _long_argument(raw, at, argument)
    if major in (_BYTES, _TEXT):
        end = after + argument
        if end > len(raw):
            raise MalformedError("string longer than the input", offset=at)
        if major == _BYTES:
            return raw[after:end], end
        try:
            return raw[after:end].decode("utf-8"), end
        except UnicodeDecodeError:
            raise MalformedError("text is not UTF-8", offset=after) from None
    if major == _UINT:
        return argument, after
    if major == _NEGATIVE:
        if argument >= 2**63:
            raise MalformedError("integer below -2^63", offset=at)
        return -1 - argument, after
    if depth == 0:
        raise MalformedError("nested too deep", offset=at)
    if argument > len(raw) - after:
        raise MalformedError("more members than bytes left", offset=at)
    if major == _MAP:
        return _map_at(raw, after, argument, depth - 1)
    members: list[Value] = []
    for _ in range(argument):
        member, after = value_at(raw, after, depth - 1)
        members.append(member)
    return members, after


def _map_at(raw: bytes, after: int, count: int, depth: int) -> tuple[Value, int]:
    pairs: dict[int, Value] = {}
    last = -1
    for _ in range(count):
        place = after
        if place >= len(raw) or raw[place] >> 5 != _UINT:
            raise MalformedError("map key is not an unsigned integer", offset=place)
        key, after = raw[place], place + 1
        if key > 23:
            key, after = _long_argument(raw, place, key)
        if key <= last:
            raise MalformedError("map keys are doubled or out of order", offset=place)
        last = key
        pairs[key], after = value_at(raw, after, depth)
    return pairs, after


def is_array(raw: bytes, at: int) -> bool:
    """Say whether an array begins at `at`."""
    return at < len(raw) and raw[at] >> 5 == _ARRAY


def array_at(raw: bytes, at: int) -> tuple[int, int]:
    """Return how many members the array at `at` has, and where the first begins.

    Raises:
        MalformedError: there is no array.
    """
    if not is_array(raw, at):
        raise MalformedError("no array where one is expected", offset=at)
    count, after = raw[at] & 0x1F, at + 1
    if count > 23:
        count, after = _long_argument(raw, at, count)
    if count > len(raw) - after:
        raise MalformedError("more members than bytes left", offset=at)
    return count, after


def map_at(raw: bytes, at: int) -> tuple[int, int]:
    """Return how many pairs the map at `at` of a canonical encoding has, and where they begin."""
    count = raw[at] & 0x1F
    return (count, at + 1) if count < 24 else _long_argument(raw, at, count)


def uint_at(raw: bytes, at: int) -> tuple[int, int]:
    """Return the unsigned integer at `at` of a canonical encoding, and the place behind it."""
    number = raw[at]
    return (number, at + 1) if number < 24 else _long_argument(raw, at, number & 0x1F)


def end_of(raw: bytes, at: int) -> int:
    """Return the place behind the value at `at` of an encoding that is known to be canonical."""
    first = raw[at]
    info, after = first & 0x1F, at + 1
    if info == 24:
        info, after = raw[after], after + 1
    elif info > 24:
        info, after = _long_argument(raw, at, info)
    major = first >> 5
    if major < _BYTES or major == _SIMPLE:
        return after
    if major < _ARRAY:
        return after + info
    for _ in range(info if major == _ARRAY else 2 * info):
        after = end_of(raw, after)
    return after


def depth(value: Value) -> int:
    """Return how deeply a decoded value is nested: 0 for a scalar, 1 for a flat array or map."""
    if isinstance(value, dict):
        members: Iterable[Value] = value.values()
    elif isinstance(value, list):
        members = value
    else:
        return 0
    inside = [depth(member) for member in members if isinstance(member, (dict, list))]
    return 1 + max(inside, default=0)


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
