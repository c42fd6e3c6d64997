"""Published vectors beyond the first of each kind: proofs, texts, symbols, courier files, keying.

Made by the independent builder alone; `tools/make_vectors.py` writes them.
"""

from __future__ import annotations

import struct
import zlib
from itertools import islice
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite
from raptorq import Encoder

from support import bundle_forge as forge
from support.bundle_forge import T0, b64, cbor, ed, h

SPEC = Path(__file__).parents[2] / "spec"


def cover(first: int, end: int) -> list[tuple[int, int]]:
    """Largest full subtrees from `first` to below `end`, first to last."""
    found = []
    while first < end:
        level = 0
        while first % (2 << level) == 0 and first + (2 << level) <= end:
            level += 1
        found.append((level, first >> level))
        first += 1 << level
    return found


def _split(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1


def inclusion(leaves: list[bytes], index: int) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return [*inclusion(leaves[:k], index), forge.root_of(leaves[k:])]
    return [*inclusion(leaves[k:], index - k), forge.root_of(leaves[:k])]


def consistency(leaves: list[bytes], old: int, *, whole: bool = True) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962, section 2.1.2."""
    if old == len(leaves):
        return [] if whole else [forge.root_of(leaves)]
    k = _split(len(leaves))
    if old <= k:
        return [*consistency(leaves[:k], old, whole=whole), forge.root_of(leaves[k:])]
    return [*consistency(leaves[k:], old - k, whole=False), forge.root_of(leaves[:k])]


def tree_proofs() -> dict:
    """Inclusion, consistency and covers over the leaves of `merkle.json`."""
    leaves = [h(b"\0" + struct.pack(">I", n)) for n in range(257)]
    places = [(0, 1), (0, 2), (1, 2), (2, 3), (4, 7), (6, 7), (7, 8), (128, 257), (256, 257)]
    sizes = [(1, 1), (1, 2), (2, 3), (3, 7), (4, 7), (6, 8), (8, 8), (128, 257), (256, 257)]
    ranges = [(0, 0), (0, 1), (0, 7), (3, 11), (5, 6), (8, 16), (1, 256), (0, 257), (200, 257)]
    return {
        "inclusion": [
            {
                "index": i,
                "size": n,
                "leaf": leaves[i].hex(),
                "path": [each.hex() for each in inclusion(leaves[:n], i)],
            }
            for i, n in places
        ],
        "consistency": [
            {"old": m, "new": n, "path": [each.hex() for each in consistency(leaves[:n], m)]}
            for m, n in sizes
        ],
        "covers": [
            {
                "first": a,
                "end": b,
                "nodes": [[level, pos] for level, pos in cover(a, b)],
                "hashes": [
                    forge.root_of(leaves[pos << level : (pos + 1) << level]).hex()
                    for level, pos in cover(a, b)
                ],
            }
            for a, b in ranges
        ],
    }


def texts() -> dict:
    """Packed texts; the packed form is one of many that are right."""
    dictionary = (SPEC / "dictionary1.txt").read_bytes()

    def pack(raw: bytes, level: int = 9) -> bytes:
        packer = zlib.compressobj(level, zlib.DEFLATED, -15, zdict=dictionary)
        return packer.compress(raw) + packer.flush()

    good = {
        "empty": "",
        "words of the dictionary": "request acknowledged, will comply",
        "three scripts": "Call us. 请回电。 Позвоните нам.",
        "as long as allowed": "a" * 65_536,
    }
    packed = pack(b"hello, hello, hello")
    refuse = {
        "inflates beyond 65,536 bytes": pack(b"a" * 65_537),
        "cut short": packed[:-1],
        "followed by a byte": packed + b"\0",
        "two streams": packed + packed,
        "nothing": b"",
        "not UTF-8": pack(b"\xff\xfe"),
        "a lone surrogate": pack(b"\xed\xa0\x80"),
        "no stream": b"\x07",
        "zlib's own head": zlib.compress(b"hello"),
    }
    return {
        "about": "Byte strings as text values (raw DEFLATE with dictionary 1). `stored` is the same "
        "text packed without compression: a reader takes both.",
        "accept": [
            {
                "name": name,
                "text_sha256": h(text.encode()).hex(),
                "text": text if len(text) < 1000 else None,
                "packed": pack(text.encode()).hex(),
                **({"stored": pack(text.encode(), 0).hex()} if len(text) < 1000 else {}),
            }
            for name, text in good.items()
        ],
        "refuse": [{"name": name, "packed": raw.hex()} for name, raw in refuse.items()],
    }


def commitments() -> dict:
    """A commitment and its reveal; and what does not open it."""
    channel = forge.Channel(forge.Party("ALFA"), forge.Party("BRAVO"))
    alfa, bravo = channel.parties
    salt = bytes(range(32))

    def commit(pid: bytes, value: object, salted: bytes = salt, where: bytes = channel.id) -> str:
        return h(b"parley1 commit\0" + salted + pid + where + cbor(value)).hex()

    value = [1, "we hold no one"]
    return {
        "about": "Fields 16 of a commit and 14 of its reveal. A commitment copied by another party "
        "does not open for it.",
        "salt": salt.hex(),
        "channel": channel.id.hex(),
        "value": cbor(value).hex(),
        "cases": [
            {"name": "opens", "pid": alfa.pid.hex(), "commitment": commit(alfa.pid, value)},
            {
                "name": "of the other",
                "pid": bravo.pid.hex(),
                "commitment": commit(bravo.pid, value),
            },
        ],
        "refuse": [
            {
                "name": "copied by the other",
                "pid": bravo.pid.hex(),
                "commitment": commit(alfa.pid, value),
            },
            {
                "name": "another value",
                "pid": alfa.pid.hex(),
                "commitment": commit(alfa.pid, [1, "we hold one"]),
            },
            {
                "name": "another salt",
                "pid": alfa.pid.hex(),
                "commitment": commit(alfa.pid, value, bytes(32)),
            },
            {
                "name": "another channel",
                "pid": alfa.pid.hex(),
                "commitment": commit(alfa.pid, value, salt, bytes(16)),
            },
        ],
    }


def courier() -> dict:
    """Frames in a stream and in a courier file."""
    frames = [b"\x40" + bytes(21), b"\x50" + bytes(1241), b"\x41" + bytes(65_534)]

    def stream(*parts: bytes) -> bytes:
        return b"".join(struct.pack(">H", len(part)) + part for part in parts)

    short = stream(*frames[:2])
    return {
        "about": "A stream of frames: two bytes of length, then the frame. A courier file has `head` "
        "before it. `torn` ends inside its last frame: the ones before are good.",
        "head": b"PARLEY1\n".hex(),
        "accept": [
            {"name": "nothing", "stream": "", "frames": []},
            {"name": "two frames", "stream": short.hex(), "frames": [f.hex() for f in frames[:2]]},
            {
                "name": "the largest frame",
                "stream_sha256": h(stream(frames[2])).hex(),
                "frames_sha256": [h(frames[2]).hex()],
                "largest": len(frames[2]),
            },
        ],
        "torn": [
            {"name": "one byte missing", "stream": short[:-1].hex(), "frames": [frames[0].hex()]},
            {
                "name": "half a length",
                "stream": (stream(frames[0]) + b"\0").hex(),
                "frames": [frames[0].hex()],
            },
        ],
        "refuse": [
            {
                "name": "length 0",
                "stream": (stream(frames[0]) + b"\0\0").hex(),
                "frames": [frames[0].hex()],
            },
        ],
    }


def symbols() -> dict:
    """RaptorQ, one source block, alignment 8; made with the `raptorq` package of the station."""
    rows = []
    for count in (1, 2, 9, 100):
        size, symbol = count * 64 - 3, 64
        obj = b"".join(h(struct.pack(">II", count, n)) for n in range(2 * count))[:size]
        packets = Encoder.with_defaults(obj, symbol).get_encoded_packets(count + 6)
        sent = [(int.from_bytes(p[1:4], "big"), bytes(p[4:])) for p in packets]
        repair = sent[count : 2 * count + 6]
        rows.append(
            {
                "name": f"{count} symbols",
                "object": obj.hex(),
                "id": h(obj)[:4].hex(),
                "symbol_bytes": symbol,
                "source": [[esi, data.hex()] for esi, data in islice(sent, count)],
                "repair": [[esi, data.hex()] for esi, data in repair],
            }
        )
    obj = rows[1]
    wrong = [[esi, data] for esi, data in obj["source"]]
    wrong[1] = [1, "00" * 64]
    return {
        "about": "Objects and their symbols. `source` alone gives the object, and so does `repair` "
        "alone. Refused: symbols that give an object of another hash, or are of another length.",
        "cases": rows,
        "refuse": [
            {
                "name": "another hash",
                "id": obj["id"],
                "size": 125,
                "symbol_bytes": 64,
                "symbols": wrong,
            },
            {
                "name": "a short symbol",
                "id": obj["id"],
                "size": 125,
                "symbol_bytes": 64,
                "symbols": [[0, "00" * 63]],
            },
            {
                "name": "object too large",
                "id": obj["id"],
                "size": 65_537,
                "symbol_bytes": 64,
                "symbols": [[0, "00" * 64]],
            },
            {
                "name": "symbols not a multiple of 8",
                "id": obj["id"],
                "size": 125,
                "symbol_bytes": 63,
                "symbols": [[0, "00" * 63]],
            },
        ],
    }


def keying() -> dict:
    """A keying frame whose HPKE message opens, and its refused twins."""
    alfa, bravo = forge.Party("ALFA"), forge.Party("BRAVO")
    seed = b"".join(h(b"prekey %d" % n) for n in range(3))
    ml, x = (
        MLKEM768PrivateKey.from_seed_bytes(seed[:64]),
        X25519PrivateKey.from_private_bytes(seed[64:]),
    )
    private = MLKEM768X25519PrivateKey(ml, x)
    public = ml.public_key().public_bytes_raw() + x.public_key().public_bytes_raw()
    secret, node, epoch, prekey = h(b"s"), 0, T0, 7
    info = b"parley1 key\0" + alfa.fp + bravo.fp + struct.pack(">IQI", node, epoch, prekey)
    slot = h(b"hpke\0" + public + info + secret)
    if slot not in forge.KEPT:
        suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
        forge.KEPT[slot] = suite.encrypt(secret, private.public_key(), info)
    sealed = forge.KEPT[slot]

    def frame(six: list, key: str = "ALFA k1", number: int = 1) -> bytes:
        signature = ed(key).sign(b"parley1 keying\0" + h(cbor(six)))
        return b"\x50" + bytes(5) + cbor([*six, number, signature])

    six = [alfa.pid, bravo.pid, node, epoch, prekey, sealed]
    good = frame(six)
    twins = {
        "signed by another key": frame(six, "BRAVO k1"),
        "signature changed": good[:-1] + bytes([good[-1] ^ 1]),
        "for another party": frame([alfa.pid, alfa.pid, *six[2:]]),
        "of another epoch than it was sealed for": frame([*six[:3], epoch + 1, *six[4:]]),
        "another prekey": frame([*six[:4], prekey + 1, sealed]),
        "sealed cut short": frame([*six[:5], sealed[:-1]]),
        "sealed changed": frame([*six[:5], sealed[:-1] + bytes([sealed[-1] ^ 1])]),
        "a station key number beyond 255": frame(six, number=256),
        "a byte more": good + b"\0",
    }
    return {
        "about": "A keying frame that opens. `prekey_seed` is the seed of ML-KEM-768 (64 bytes), then "
        "the X25519 private key (32). What stands under `refuse` opens for nobody.",
        "prekey_seed": seed.hex(),
        "prekey": public.hex(),
        "from": alfa.fp.hex(),
        "to": bravo.fp.hex(),
        "info": info.hex(),
        "secret": secret.hex(),
        "station_key": forge.ed_public("ALFA k1").hex(),
        "frame": good.hex(),
        "refuse": [{"name": name, "frame": raw.hex()} for name, raw in twins.items()],
    }


def notes_refused() -> list[dict]:
    """Notes whose text is right and whose signature lines are not."""
    alfa, bravo = forge.Party("ALFA"), forge.Party("BRAVO")
    channel = forge.Channel(alfa, bravo)
    log, other = forge.Log(channel, alfa), forge.Log(channel, bravo)
    text = log.text(1, time=T0)
    good = log.sign(text)
    line = good.partition("\n\n")[2]
    name, blob = line.split(" ")[1], line.split(" ")[2].rstrip("\n")
    spare = f"{blob[:-2]}{chr(ord(blob[-2]) + 1)}="
    changed = b64(forge.base64.b64decode(blob)[:-1] + b"\0")
    foreign = f"\u2014 parley1/{bravo.pid.hex()}/k1 " + other.sign(text).split(" ")[-1]
    twins = {
        "no signature line": text + "\n",
        "no empty line": text + line,
        "no last line feed": good[:-1],
        "an empty line more": good + "\n",
        "a hyphen for the dash": good.replace("\u2014", "-"),
        "two spaces": good.replace("\u2014 ", "\u2014  "),
        "a name with a plus": good.replace(f"{name} ", f"{name}+ "),
        "a name with a wide space": good.replace(f"{name} ", f"{name}\u2003x "),
        "spare bits": good.replace(blob, spare),
        "no padding": good.replace(blob, blob.rstrip("=")),
        "base64 of the URL kind": good.replace(blob, "_" + blob[1:]),
        "a key id alone": good.replace(blob, "AAAAAA=="),
        "two lines of one key": good + line,
        "seventeen lines": good + "".join(f"\u2014 w{n} AAAAAAAA\n" for n in range(16)),
        "signature changed": good.replace(blob, changed),
        "another text": good.replace("no 0", "no 1"),
        "only a line of the other party": f"{text}\n{foreign}",
        "a line of the other party too": good + foreign,
        "only a line of a witness": f"{text}\n\u2014 witness.example AAAAAAAA\n",
        "another key id": good.replace(blob, b64(bytes(4) + forge.base64.b64decode(blob)[4:])),
    }
    return [{"name": each, "note": raw} for each, raw in twins.items()]


def statement_orders() -> list[dict]:
    """Two statements of one log in the order in which they come, and what they show together.

    Which one came first says nothing: their numbers do.
    """
    alfa, bravo = forge.Party("ALFA"), forge.Party("BRAVO")
    channel = forge.Channel(alfa, bravo)
    log, other = forge.Log(channel, alfa), forge.Log(channel, bravo)
    for number in range(5):
        log.add(1, {2: str(number)})
        other.add(1, {2: str(number)})

    def said(no: int, size: int, held: int, root: bytes | None = None) -> str:
        return log.text(size, time=forge.T0 + 10 * no, no=no, holds=[(other, held)], root=root)

    three, five = said(3, 2, 1), said(5, 4, 3)
    rows = [
        ("a newer one comes after an older one", [three, five], "nothing"),
        ("stale: an older one comes after a newer one", [five, three], "nothing"),
        ("the same one comes again", [five, five], "nothing"),
        ("a later number covers fewer entries", [five, said(6, 3, 3)], "rollback"),
        ("a later number that covers fewer entries came first", [said(6, 3, 3), five], "rollback"),
        ("one size and two roots", [five, said(6, 4, 3, forge.h(b"another"))], "fork"),
        ("a later number holds less", [five, said(6, 5, 2)], "breach"),
        ("a later number that holds less came first", [said(6, 5, 2), five], "breach"),
    ]
    return [
        {"name": name, "notes": [log.sign(text) for text in texts], "shows": shows}
        for name, texts, shows in rows
    ]
