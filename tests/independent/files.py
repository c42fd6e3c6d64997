"""Files that entries name, read from spec/entry.md (attachments) and spec/bundle.md."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from independent.values import decode

LARGEST, PIECE = 10_485_760, 32_768


def said(raw: bytes) -> list[tuple[int, int, int, str]]:
    """Entry, number, size and state of each file that an entry of a bundle names.

    The bundle is one that was accepted; a state is `whole`, `damaged`, or how many parts are shown.
    """
    body = decode(raw, 16)[1]
    pieces: dict[Any, bytes] = {}
    for origin, _, leaves, _ in body[3]:
        for _, view in leaves:
            one = _piece(view)
            if one is not None:
                whole, number, count, octets = one
                place = (number, count, len(octets))
                pieces.setdefault((_author(origin), view[2] & 16, whole, place), octets)
    found = []
    for origin, _, leaves, _ in body[3]:
        for index, view in leaves:
            for place, (size, whole) in enumerate(_named(view)):
                count = -(-(size + 32) // PIECE)
                lengths = [PIECE] * (count - 1) + [size + 32 - PIECE * (count - 1)]
                octets = [
                    pieces[key]
                    for number, length in enumerate(lengths)
                    if (key := (_author(origin), view[2] & 16, whole, (number, count, length)))
                    in pieces
                ]
                state = f"{len(octets)} of {count}"
                if len(octets) == count:
                    fits = sha256(b"parley1 attachment\0" + b"".join(octets)).digest() == whole
                    state = "whole" if fits else "damaged"
                found.append((index, place + 1, size, state))
    return list(dict.fromkeys(found))  # two log parts may show one entry


def _author(origin: str) -> tuple[str, str]:
    channel, pid = origin.split("/")[1:3]
    return channel, pid


def _plain(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _piece(view: list[Any]) -> tuple[bytes, int, int, bytes] | None:
    kind, _, _, _, committed, opened = view
    if kind != 9 or committed is None or set(committed) != {16, 17, 18, 19}:
        return None
    if set(opened) != set(committed):
        return None
    whole, number, count, octets = (opened[n][1] for n in (16, 17, 18, 19))
    good = (
        isinstance(whole, bytes)
        and len(whole) == 32
        and _plain(count, 1, -(-(LARGEST + 32) // PIECE))
        and _plain(number, 0, count - 1)
        and isinstance(octets, bytes)
        and 1 <= len(octets) <= PIECE
        and (len(octets) == PIECE or number == count - 1)
    )
    return (whole, number, count, octets) if good else None


def _named(view: list[Any]) -> list[tuple[int, bytes]]:
    kind, opened = view[0], view[5]
    if 26 not in opened or (kind < 16 and kind != 1):
        return []
    files = opened[26][1]
    if not isinstance(files, list) or not 1 <= len(files) <= 20:
        return []
    found = []
    for each in files:
        if not isinstance(each, dict) or sorted(each) != [0, 1, 2, 3]:
            return []
        size, whole = each[2], each[3]
        if not _plain(size, 0, LARGEST) or not isinstance(whole, str) or len(whole) != 64:
            return []
        if not set(whole) <= set("0123456789abcdef"):
            return []
        found.append((size, bytes.fromhex(whole)))
    return found
