"""Texts: what may be written, how it is compressed, and how a peer's text is shown.

A text on the wire is plain UTF-8 (`tstr`) or raw DEFLATE with preset dictionary 1 (`bstr`).
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from functools import cache
from importlib import resources

from parley.core import limits
from parley.core.canon import Value
from parley.errors import MalformedError, UsageError

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_INVISIBLE = frozenset("\u200b\u2060\ufeff\u00ad\u180e")
_JOINERS = frozenset("\u200c\u200d")
_PLAIN = re.compile("[\n\x20-\x7e\u4e00-\u9fef，。、；：？！（）《》]*")
"""Texts of these letters alone need no look at each of them."""


_SHORT_BYTES = 2_048
_SHORT_PACKER, _LONG_PACKER = (-13, 5), (-15, 8)
"""Window and memory level of zlib. Both give a short text the same bytes; the long one's 260 kB
come fresh from the system for each text, and took longer than the packing."""


@cache
def dictionary() -> bytes:
    """Return preset dictionary 1 (specification: encoding)."""
    return resources.files("parley.core").joinpath("data/dictionary1.txt").read_bytes()


def pack_text(text: str) -> str | bytes:
    """Return the shorter wire form of `text`.

    Raises:
        UsageError: the text holds a control character other than line feed, or is too long.
    """
    check_written(text)
    raw = text.encode("utf-8")
    if len(raw) > limits.TEXT_BYTES_MAX:
        raise UsageError(f"text of {len(raw)} bytes; at most {limits.TEXT_BYTES_MAX}")
    # A copy of one that has learned the dictionary: learning it took longer than packing.
    packer = _packer(*(_SHORT_PACKER if len(raw) <= _SHORT_BYTES else _LONG_PACKER)).copy()
    packed = packer.compress(raw) + packer.flush()
    return packed if len(packed) < len(raw) else text


@cache
def _packer(window: int, memory: int) -> zlib._Compress:
    return zlib.compressobj(9, zlib.DEFLATED, window, memory, zdict=dictionary())


def unpack_text(value: Value) -> str:
    """Return the text of a wire value.

    Raises:
        MalformedError: not a text, over 65,536 bytes inflated, or not one whole DEFLATE stream.
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, bytes):
        raise MalformedError("a text is neither text nor a byte string")
    unpacker = zlib.decompressobj(-15, zdict=dictionary())
    try:
        raw = unpacker.decompress(value, limits.TEXT_BYTES_MAX + 1)
    except zlib.error as problem:
        raise MalformedError(f"text does not inflate: {problem}") from None
    if len(raw) > limits.TEXT_BYTES_MAX:
        raise MalformedError(f"text inflates beyond {limits.TEXT_BYTES_MAX} bytes")
    if not unpacker.eof or unpacker.unused_data:
        raise MalformedError("text is cut short or followed by other bytes")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedError("inflated text is not UTF-8") from None


def check_written(text: str) -> None:
    """Refuse what a writer must not write: C0, C1 and DEL (line feed excepted), lone surrogates.

    Raises:
        UsageError: names the character and its position.
    """
    if _PLAIN.fullmatch(text):
        return
    for place, letter in enumerate(text):
        code = ord(letter)
        if (code < 0x20 and letter != "\n") or 0x7F <= code <= 0x9F or 0xD800 <= code <= 0xDFFF:
            raise UsageError(
                f"character U+{code:04X} at position {place} cannot be sent",
                next_step="Remove it and send again.",
            )


def suspicious(text: str) -> list[tuple[int, str]]:
    """Return position and name (`U+202E`) of every character that could mislead a reader."""
    if _PLAIN.fullmatch(text):
        return []
    return [(place, f"U+{ord(c):04X}") for place, c in enumerate(text) if is_hidden(c)]


def misleading(text: str) -> list[tuple[int, str]]:
    """Return position and name of every character that an entry of the desk must not hold."""
    if _PLAIN.fullmatch(text):
        return []
    return [(place, f"U+{ord(c):04X}") for place, c in enumerate(text) if misleads(c)]


def misleads(letter: str) -> bool:
    """Say whether a character is unseen or turns text around.

    The answer hangs on no version of Unicode: two stations must judge an entry alike.
    """
    code = ord(letter)
    if letter == "\n" or letter in _JOINERS:
        return False
    if code < 0x20 or 0x7F <= code <= 0x9F or 0xE0000 <= code <= 0xE0FFF:
        return True
    if letter in _BIDI or letter in _INVISIBLE or code in (0x2028, 0x2029):
        return True
    return 0xD800 <= code <= 0xDFFF or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def is_hidden(letter: str) -> bool:
    """Say whether a reader must be shown this character by its number."""
    return misleads(letter) or unicodedata.category(letter) == "Cn"


def visible(text: str) -> str:
    r"""Return `text` with every misleading character written out, as in `\u202e`."""
    return "".join(f"\\u{ord(c):04x}" if is_hidden(c) else c for c in text)
