"""The strict encoding: deterministic CBOR, narrowed (specification: encoding)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from parley_verify.bounds import COUNT_MAX, VALUES_MAX
from parley_verify.refusal import Path, RefusedError, TooMuchError

Value: TypeAlias = "int | bytes | str | bool | list[Value] | dict[int, Value] | None"

_SIMPLE: dict[int, bool | None] = {0xF4: False, 0xF5: True, 0xF6: None}


def decode(raw: bytes, *, depth_max: int) -> Value:
    """Return the one value that `raw` encodes.

    Raises:
        RefusedError: not canonical, outside the profile or nested deeper than `depth_max`.
        TooMuchError: more values than a verifier takes on.
    """
    reader = _Reader(raw)
    try:
        value = reader.value(depth_max)
    except RefusedError as refusal:
        # A wrong length shows only later: say which arrays and maps were open.
        inside = ", ".join(map(str, reader.open)) or "none"
        reason = f"{refusal.reason} (arrays and maps open here begin at bytes: {inside})"
        raise RefusedError(reason, offset=refusal.offset) from None
    if reader.at != len(raw):
        raise RefusedError(f"{len(raw) - reader.at} bytes follow the value", offset=reader.at)
    return value


class _Reader:
    """A place in the input."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.at = 0
        self.count = 0
        self.open: list[int] = []

    def head(self) -> tuple[int, int]:
        """Return major type and argument of the head here, and step over it."""
        start = self.at
        if start >= len(self.raw):
            raise RefusedError("the input ends where a value is expected", offset=start)
        first = self.raw[start]
        low = first & 31
        if low < 24:
            self.at = start + 1
            return first >> 5, low
        if low > 27:
            raise RefusedError("indefinite length or reserved head", offset=start)
        width = 1, 2, 4, 8
        end = start + 1 + width[low - 24]
        if end > len(self.raw):
            raise RefusedError("the input ends inside a head", offset=start)
        argument = int.from_bytes(self.raw[start + 1 : end], "big")
        smallest = 24, 1 << 8, 1 << 16, 1 << 32
        if argument < smallest[low - 24]:
            raise RefusedError("a head is longer than needed", offset=start)
        self.at = end
        return first >> 5, argument

    def value(self, depth: int) -> Value:
        """Return the value here, with `depth` levels of arrays and maps left."""
        self.count += 1
        if self.count > VALUES_MAX:
            raise TooMuchError(f"more than {VALUES_MAX} values")
        start = self.at
        if start < len(self.raw) and self.raw[start] >> 5 == 7:
            if self.raw[start] not in _SIMPLE:
                raise RefusedError("float or simple value outside the profile", offset=start)
            self.at += 1
            return _SIMPLE[self.raw[start]]
        major, argument = self.head()
        if major == 0:
            return argument
        if major == 1:
            if argument >= 1 << 63:
                raise RefusedError("integer below -2^63", offset=start)
            return -1 - argument
        if major == 6:
            raise RefusedError("tag outside the profile", offset=start)
        if argument > len(self.raw) - self.at:
            raise RefusedError("a length goes beyond the end of the input", offset=start)
        if major == 2:
            return self.take(argument)
        if major == 3:
            try:
                return self.take(argument).decode("utf-8")
            except UnicodeDecodeError:
                raise RefusedError("text is not UTF-8", offset=start) from None
        if depth == 0:
            raise RefusedError("arrays and maps are nested too deep", offset=start)
        self.open.append(start)
        found: Value
        if major == 4:
            found = [self.value(depth - 1) for _ in range(argument)]
        else:
            found = self.pairs(argument, depth - 1)
        self.open.pop()
        return found

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        self.at += count
        return self.raw[self.at - count : self.at]

    def pairs(self, count: int, depth: int) -> dict[int, Value]:
        """Return the map of `count` pairs here; keys unsigned and ascending."""
        found: dict[int, Value] = {}
        last = -1
        for _ in range(count):
            start = self.at
            major, key = self.head()
            if major != 0:
                raise RefusedError("a map key is not an unsigned integer", offset=start)
            if key <= last:
                raise RefusedError("map keys are doubled or out of order", offset=start)
            last = key
            found[key] = self.value(depth)
        return found


def encode(value: object) -> bytes:
    """Return the only encoding of a value made of integers, bytes, text, arrays and maps."""
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        raw = value.encode("utf-8")
        return _head(3, len(raw)) + raw
    if isinstance(value, Mapping):
        pairs = [encode(key) + encode(value[key]) for key in sorted(value)]
        return _head(5, len(value)) + b"".join(pairs)
    assert isinstance(value, Sequence)
    return _head(4, len(value)) + b"".join(encode(member) for member in value)


def _head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes([major << 5 | argument])
    for low, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << 8 * width:
            return bytes([major << 5 | low]) + argument.to_bytes(width, "big")
    raise AssertionError("an argument above 64 bits was never decoded")


def depth_of(value: Value) -> int:
    """Return how deep arrays and maps are nested in `value`; 0 for a plain one."""
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    return 0


def locate(raw: bytes, path: Path) -> int:
    """Return the byte at which the value at the end of `path` begins, as far as it leads."""
    reader = _Reader(raw)
    for step in path:
        start = reader.at
        if raw[start] >> 5 == 7:
            return start
        major, count = reader.head()
        if major not in (4, 5):
            return start
        for place in range(count):
            key = place
            if major == 5:
                _, key = reader.head()
            if key == step:
                break
            _skip(reader)
        else:
            return start
    return reader.at


def _skip(reader: _Reader) -> None:
    left = 1
    while left:
        left -= 1
        if reader.raw[reader.at] >> 5 == 7:
            reader.at += 1
            continue
        major, argument = reader.head()
        if major in (2, 3):
            reader.at += argument
        elif major in (4, 5):
            left += argument * (major - 3)


def as_uint(value: Value, what: str, path: Path, *, most: int = COUNT_MAX) -> int:
    """Return an unsigned integer up to `most`, or refuse it by name."""
    if type(value) is not int or not 0 <= value <= most:
        raise RefusedError(f"{what} is not an unsigned integer up to {most}", path=path)
    return value


def as_bytes(value: Value, what: str, path: Path, *, size: int | None = None) -> bytes:
    """Return a byte string, of `size` bytes where given, or refuse it by name."""
    if not isinstance(value, bytes) or (size is not None and len(value) != size):
        form = "a byte string" if size is None else f"{size} bytes"
        raise RefusedError(f"{what} is not {form}", path=path)
    return value


def as_text(value: Value, what: str, path: Path, *, least: int = 0, most: int = 65_536) -> str:
    """Return a text of `least` to `most` bytes of UTF-8, or refuse it by name."""
    if not isinstance(value, str) or not least <= len(value.encode()) <= most:
        raise RefusedError(f"{what} is not text of {least} to {most} bytes", path=path)
    return value


def as_list(
    value: Value, what: str, path: Path, *, least: int = 0, most: int = COUNT_MAX
) -> list[Value]:
    """Return an array of `least` to `most` members, or refuse it by name."""
    if not isinstance(value, list) or not least <= len(value) <= most:
        wanted = f"{least}" if least == most else f"{least} to {most}"
        raise RefusedError(f"{what} is not an array of {wanted} members", path=path)
    return value


def as_map(
    value: Value, what: str, path: Path, *, needed: range = range(0), known: range | None = None
) -> dict[int, Value]:
    """Return a map that has every `needed` key and none but `known` ones, or refuse it."""
    if not isinstance(value, dict):
        raise RefusedError(f"{what} is not a map", path=path)
    for key in needed:
        if key not in value:
            raise RefusedError(f"{what} lacks key {key}", path=path)
    for key in value:
        if known is not None and key not in known:
            raise RefusedError(f"{what} has the unknown key {key}", path=(*path, key))
    return value
