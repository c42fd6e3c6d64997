"""Published items of a frame: each, and each with one fault."""

from __future__ import annotations

from support.bundle_forge import T0, cbor, h


def items() -> dict:
    sig, root, note = bytes(range(64)), h(b"root"), "text\n"
    line = "\u2014 name AAAAAAAA"
    entry = [1, T0, 0, 0, {2: "hello"}]
    prekey = [1, T0, bytes(1216), sig]
    good = {
        "PAD": [0, bytes(4)],
        "RUN": [1, 7, 0, 5, [entry, entry]],
        "RUN with tail": [1, 7, 0, 5, [entry], [1, 9, 0, [4], sig]],
        "STMT": [2, 7, 1, 1, 9, T0, 6, [4], sig],
        "STMT with gaps": [2, 7, 1, 1, 9, T0, 6, [[9, 1, 2, 5, 1]], sig],
        "STMT, one of two not met": [2, 7, 1, 1, 9, T0, 6, [None, 3], sig],
        "HAVE": [3, 7, [4, 6]],
        "NODES": [4, 7, 0, 3, [root, root]],
        "PING": [5, 2**32 - 1],
        "PONG": [6, 0],
        "NEED entries": [7, 7, 1, None, [[2, 4], [6, 7]], 0],
        "NEED of one incarnation": [7, 7, 1, bytes(8), [[0, 1]], 1],
        "NEED a card": [7, 7, 1, None, [], 3],
        "NOTE": [8, note, [line, line]],
        "SYM": [9, root[:4], 300, 2, bytes(64)],
        "PREKEY": [10, prekey],
        "CARD": [11, b"card"],
        "CHARTER": [12, b"charter"],
        "REFUSE": [13, 5, T0, "no key"],
        "HELLO": [14, 1, 1, 65_536, 1, 65_535],
        "FORK": [15, note, line, note, line],
    }
    faulty = {
        "an item that is no array": 5,
        "an empty array": [],
        "a type that is no number": ["5", 1],
        "RUN without entries": [1, 7, 0, 5, []],
        "RUN of party 16": [1, 7, 16, 5, [entry]],
        "RUN of channel 65536": [1, 65_536, 0, 5, [entry]],
        "RUN tail with a short signature": [1, 7, 0, 5, [entry], [1, 9, 0, [4], sig[:63]]],
        "STMT cut short": [2, 7, 1, 1, 9, T0, 6, [4]],
        "STMT with a gap beyond the size": [2, 7, 1, 1, 9, T0, 6, [[9, 8, 2]], sig],
        "STMT with gaps that touch": [2, 7, 1, 1, 9, T0, 6, [[9, 1, 2, 3, 1]], sig],
        "STMT with an empty gap": [2, 7, 1, 1, 9, T0, 6, [[9, 1, 0]], sig],
        "HAVE without holdings": [3, 7, []],
        "NODES with a short hash": [4, 7, 0, 3, [root[:31]]],
        "PING beyond 32 bits": [5, 2**32],
        "NEED with ranges out of order": [7, 7, 1, None, [[4, 5], [1, 2]], 0],
        "NEED with a short incarnation": [7, 7, 1, bytes(7), [[0, 1]], 0],
        "NOTE without lines": [8, note, []],
        "NOTE with 17 lines": [8, note, [line] * 17],
        "SYM of an object too large": [9, root[:4], 65_537, 2, bytes(64)],
        "SYM with a long id": [9, root[:5], 300, 2, bytes(64)],
        "PREKEY of three": [10, prekey[:3]],
        "CARD that is no byte string": [11, ["card"]],
        "REFUSE with long words": [13, 1, 0, "x" * 501],
        "HELLO cut short": [14, 1, 1, 65_536, 1],
        "FORK of one": [15, note, line],
    }
    unreadable = {
        "cut inside an item": cbor([5, 1]) + b"\x82\x05",
        "a type of 64": cbor([64]),
        "4,097 items": cbor([5, 1]) * 4_097,
        "nested deeper than 12": b"\x81" * 13,
        "a float in an item": b"\x82\x05\xf9\x00\x00",
    }
    return {
        "about": "Items. A faulty one is left out alone; an unreadable frame is dropped whole.",
        "good": [{"name": n, "hex": cbor(v).hex()} for n, v in good.items()],
        "skipped": cbor([63, "of a later time"]).hex(),
        "faulty": [{"name": n, "hex": cbor(v).hex()} for n, v in faulty.items()],
        "unreadable": [{"name": n, "hex": v.hex()} for n, v in unreadable.items()],
    }
