"""Files that travel with an entry: cut into `part` entries, named by a salted digest.

Specification: `entry.md`, "Attachments". What is cut is `salt32 || content`, so that who knows the
digest but not the salt can try no likely content.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from parley.core import limits
from parley.core.canon import Value
from parley.core.entry import Entry, Kind
from parley.errors import MalformedError

F_WHOLE, F_NUMBER, F_COUNT, F_BYTES = 16, 17, 18, 19
_FIELDS: Final = frozenset({F_WHOLE, F_NUMBER, F_COUNT, F_BYTES})
SALT_BYTES: Final = 32
_BEGINS: Final = b"parley1 attachment\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a file.

    Attributes:
        whole: digest of the file that it belongs to.
        number: its place, from 0.
        count: how many parts the file has.
        octets: its bytes of `salt32 || content`.
    """

    whole: bytes
    number: int
    count: int
    octets: bytes


def attachment_digest(salt: bytes, content: bytes) -> bytes:
    """Return the 32 bytes by which an entry names a file."""
    return sha256(_BEGINS + salt + content).digest()


def parts_of(size: int) -> int:
    """Return into how many parts a file of `size` bytes is cut."""
    return -(-(SALT_BYTES + size) // limits.PART_BYTES)


def cut(salt: bytes, content: bytes) -> Iterator[Part]:
    """Yield the parts of a file in order.

    Raises:
        MalformedError: the salt is not 32 bytes, or the file is larger than one may be.
    """
    if len(salt) != SALT_BYTES:
        raise MalformedError(f"the salt of a file has {SALT_BYTES} bytes")
    if len(content) > limits.ATTACHMENT_BYTES_MAX:
        raise MalformedError(
            f"a file of {len(content)} bytes; at most {limits.ATTACHMENT_BYTES_MAX}"
        )
    whole, joined = attachment_digest(salt, content), salt + content
    count = parts_of(len(content))
    for number in range(count):
        at = number * limits.PART_BYTES
        yield Part(
            whole=whole,
            number=number,
            count=count,
            octets=joined[at : at + limits.PART_BYTES],
        )


def part_fields(part: Part) -> dict[int, Value]:
    """Return the fields of the entry that carries a part."""
    return {
        F_WHOLE: part.whole,
        F_NUMBER: part.number,
        F_COUNT: part.count,
        F_BYTES: part.octets,
    }


def read_part(entry: Entry) -> Part:
    """Return the part that an entry of kind 9 carries.

    Raises:
        MalformedError: it is not of the one form that a part has.
    """
    if entry.kind != Kind.PART:
        raise MalformedError("the entry is no part of a file")
    return part_from_fields(entry.fields)


def part_from_fields(fields: Mapping[int, Value]) -> Part:
    """Return the part that these fields say; see `read_part`."""
    if set(fields) != _FIELDS:
        raise MalformedError("a part has the fields 16 to 19 and no other")
    whole, number, count, octets = (fields[n] for n in (F_WHOLE, F_NUMBER, F_COUNT, F_BYTES))
    if not isinstance(whole, bytes) or len(whole) != 32:
        raise MalformedError("the digest of a part is not 32 bytes")
    most = parts_of(limits.ATTACHMENT_BYTES_MAX)
    if type(count) is not int or not 1 <= count <= most:
        raise MalformedError(f"a file has 1 to {most} parts")
    if type(number) is not int or not 0 <= number < count:
        raise MalformedError("the number of a part is not below their count")
    if not isinstance(octets, bytes) or not 1 <= len(octets) <= limits.PART_BYTES:
        raise MalformedError(f"a part has 1 to {limits.PART_BYTES} bytes")
    if number < count - 1 and len(octets) != limits.PART_BYTES:
        raise MalformedError(f"only the last part has fewer than {limits.PART_BYTES} bytes")
    return Part(whole=whole, number=number, count=count, octets=octets)


def part_bytes(number: int, size: int) -> int:
    """Return how many bytes the part with this number has in a file of `size` bytes."""
    return min(limits.PART_BYTES, SALT_BYTES + size - number * limits.PART_BYTES)


def fits_file(part: Part, size: int) -> bool:
    """Say whether count and length of a part are those that a file of `size` bytes gives."""
    return part.count == parts_of(size) and len(part.octets) == part_bytes(part.number, size)


def join(digest: bytes, size: int, octets: Mapping[int, bytes]) -> bytes:
    """Return a file's content from the bytes of all its parts, by number.

    Raises:
        MalformedError: a part is not there or has another length, or they give another digest.
    """
    numbers = range(parts_of(size))
    if any(len(octets.get(n, b"")) != part_bytes(n, size) for n in numbers):
        raise MalformedError("the parts are not those of a file of this size")
    joined = b"".join(octets[n] for n in numbers)
    if sha256(_BEGINS + joined).digest() != digest:
        raise MalformedError("the parts give another digest than the entry names")
    return joined[SALT_BYTES:]
