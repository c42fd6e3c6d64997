"""Files that entries name: whether what is shown of them is what was named (entry, attachments)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256

from parley_verify.evidence import Evidence
from parley_verify.part import Leaf

_SAY, _PART, _DESK = 1, 9, 16
_FILES = 26
_FIELDS = frozenset({16, 17, 18, 19})
_FILES_MAX, _BYTES_MAX, _PART_BYTES, _SALT_BYTES = 20, 10_485_760, 32_768, 32
_HEX_DIGEST = re.compile("[0-9a-f]{64}")

Whose = tuple[bytes, bytes, bytes, bool]
"""Channel, author and digest of a file, and whether its entry binds a body to its author."""

Files = dict[Whose, dict[tuple[int, int, int], bytes]]
"""The bytes of parts, by number, by how many parts there are, and by length."""


def list_files(evidence: Evidence) -> None:
    """Add a finding for each file of each entry shown: whole, damaged, or how much is shown.

    A file that gives its digest is what the entry names, wherever its parts stand.
    """
    parts: Files | None = None
    known: dict[tuple[Whose, int], str] = {}
    for part in evidence.bundle.parts:
        for index in sorted(part.leaves):
            leaf = part.leaves[index]
            for place, (size, digest) in enumerate(_named_files(leaf)):
                parts = _shown_parts(evidence) if parts is None else parts
                whose = (part.origin.channel, part.origin.pid, digest, leaf.is_attributable)
                state = known.get((whose, size))
                if state is None:
                    state = known[whose, size] = _file_state(digest, size, parts.get(whose, {}))
                who = f"{evidence.name(part.origin.pid)}/{index}"
                evidence.findings.append(f"file {place + 1} of entry {who}, {size} bytes: {state}")


def _named_files(leaf: Leaf) -> list[tuple[int, bytes]]:
    """Return size and digest of the files that an entry names in the one form."""
    files = leaf.opened.get(_FILES)
    if leaf.kind != _SAY and leaf.kind < _DESK:
        return []
    if not isinstance(files, list) or not 1 <= len(files) <= _FILES_MAX:
        return []
    found = []
    for file in files:
        if not isinstance(file, dict) or set(file) != {0, 1, 2, 3}:
            return []
        size, digest = file[2], file[3]
        if type(size) is not int or not 0 <= size <= _BYTES_MAX:
            return []
        if not isinstance(digest, str) or not _HEX_DIGEST.fullmatch(digest):
            return []
        found.append((size, bytes.fromhex(digest)))
    return found


def _shown_parts(evidence: Evidence) -> Files:
    """Return every part that is opened; of two that fit one place the first in the bundle."""
    files: Files = {}
    for part in evidence.bundle.parts:
        for index in sorted(part.leaves):
            leaf = part.leaves[index]
            for digest, number, count, octets in _read_part(leaf):
                whose = (part.origin.channel, part.origin.pid, digest, leaf.is_attributable)
                files.setdefault(whose, {}).setdefault((number, count, len(octets)), octets)
    return files


def _read_part(leaf: Leaf) -> Iterator[tuple[bytes, int, int, bytes]]:
    """Yield digest, number, count and bytes of a part in the one form."""
    if leaf.kind != _PART or leaf.committed != _FIELDS or set(leaf.opened) != _FIELDS:
        return
    digest, number, count, octets = (leaf.opened[n] for n in sorted(_FIELDS))
    most = _parts_of(_BYTES_MAX)
    if (
        isinstance(digest, bytes)
        and len(digest) == 32
        and isinstance(count, int)
        and isinstance(number, int)
        and not isinstance(count, bool)
        and not isinstance(number, bool)
        and 1 <= count <= most
        and 0 <= number < count
        and isinstance(octets, bytes)
        and 1 <= len(octets) <= _PART_BYTES
        and (number == count - 1 or len(octets) == _PART_BYTES)
    ):
        yield digest, number, count, octets


def _parts_of(size: int) -> int:
    return -(-(_SALT_BYTES + size) // _PART_BYTES)


def _file_state(digest: bytes, size: int, shown: dict[tuple[int, int, int], bytes]) -> str:
    count, whole = _parts_of(size), []
    for number in range(count):
        wanted = min(_PART_BYTES, _SALT_BYTES + size - number * _PART_BYTES)
        octets = shown.get((number, count, wanted))
        if octets is not None:
            whole.append(octets)
    if len(whole) < count:
        return f"{len(whole)} of {count} parts are shown; what is not shown cannot be guessed"
    if sha256(b"parley1 attachment\0" + b"".join(whole)).digest() == digest:
        return "whole, its digest agrees"
    return "damaged: its parts give another digest"
