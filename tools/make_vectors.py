"""Write the test vectors of the specification: `spec/vectors/*.json`.

Usage: python tools/make_vectors.py

They are made by the independent builder of the tests, which shares no code with the station, and
are checked against station and verifier by `tests/vectors`. ML-DSA signatures differ each time
they are made, so those published once are kept in `spec/vectors/signatures.json` and used again:
a second run gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support import bundle_forge as forge  # noqa: E402
from support import (  # noqa: E402
    vector_attachments,
    vector_bundles,
    vector_frames,
    vector_items,
    vector_rules,
    vector_tampered,
    vector_transcript,
    vector_witness,
)
from support.bundle_forge import T0, b64, cbor, ed, ed_public, h  # noqa: E402

FOLDER = ROOT / "spec/vectors"
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493


def encoding() -> dict:
    accept = {
        "zero": 0,
        "twenty-three": 23,
        "twenty-four": 24,
        "largest": 2**64 - 1,
        "smallest": -(2**63),
        "empty bytes": b"",
        "bytes": b"\x01\x02",
        "text with a letter of three bytes": "\u4f60",
        "text that begins with U+FEFF": "\ufeffa",
        "empty array": [],
        "empty map": {},
        "map": {0: 1, 24: [True, False, None], 65535: "x"},
        "depth eight": [[[[[[[[]]]]]]]],
    }
    refuse = {
        "no input": "",
        "trailing byte": "0000",
        "head longer than needed": "1800",
        "head longer than needed, 16 bits": "1900ff",
        "64 bits for 32": "1b00000000ffffffff",
        "float": "f93c00",
        "undefined": "f7",
        "simple value 24": "f818",
        "false in two bytes": "f814",
        "tag": "c000",
        "indefinite array": "9fff",
        "indefinite text": "7f6161ff",
        "break": "ff",
        "reserved head": "1c",
        "length beyond the input": "5a00010000",
        "cut inside a head": "19ff",
        "map keys out of order": "a201000000",
        "map key twice": "a200000000",
        "text key": "a1616100",
        "negative key": "a12000",
        "text not UTF-8": "62c328",
        "lone surrogate": "63eda080",
        "integer below -2^63": "3b8000000000000000",
        "depth nine": "818181818181818180",
        "array that claims too much": "9bffffffffffffffff",
    }
    return {
        "about": "Strict CBOR of an entry, charter or card body: depth at most 8.",
        "accept": [{"name": n, "hex": cbor(v).hex()} for n, v in accept.items()],
        "refuse": [{"name": n, "hex": v} for n, v in refuse.items()],
    }


# A point of order L times 8, and two signatures under it that the equation with cofactor takes. They
# were found by trying nonces until 8 divides k (the first), or does not (the second).
MIXED_KEY = bytes.fromhex("6c88f32c48f79d427a8c0e328ea85170f4f9a9d648ce6df58f1f149b1909beb5")
MIXED = [
    (
        "without cofactor met",
        bytes.fromhex(
            "9c9006f72aaee3be7d986cd83df56853845e320a0a65659abae0d323b68892ce"
            "5b9f541e26c2c09aaad55e176e4d882a393f55e617ab8e644d4e549e9e0bd209"
        ),
        True,
    ),
    (
        "with cofactor alone met",
        bytes.fromhex(
            "72e6529f8c273f1fc66688cf15ab63195702c173034b6346c210131b79979127"
            "7d00434aeb2395a36394c927a712dfd82d91aa535eeb141951447c22ea720c04"
        ),
        False,
    ),
]


def ed25519() -> dict:
    y8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
    heights = [0, 1, P - 1, P, P + 1, y8, P - y8]
    small = sorted((y | s << 255).to_bytes(32, "little") for y in heights for s in (0, 1))
    key, good = ed_public("ALFA k1"), ed("ALFA k1").sign(b"message")
    beyond = good[:32] + (int.from_bytes(good[32:], "little") + ORDER).to_bytes(32, "little")
    cases = [
        ("good", key, good, b"message", True),
        ("other message", key, good, b"massage", False),
        ("S not below L", key, beyond, b"message", False),
        ("cut short", key, good[:63], b"message", False),
        ("key not below p", (P + 3).to_bytes(32, "little"), good, b"message", False),
    ]
    cases += [
        (f"key of mixed order, equation {which}", MIXED_KEY, signature, b"message", accept)
        for which, signature, accept in MIXED
    ]
    for n, point in enumerate(small):
        cases.append((f"key of small order {n}", point, point + bytes(32), b"message", False))
        cases.append((f"R of small order {n}", key, point + good[32:], b"message", False))
    return {
        "about": "Which Ed25519 signatures every implementation accepts.",
        "small_order": [point.hex() for point in small],
        "cases": [
            {"name": n, "key": k.hex(), "signature": s.hex(), "message": m.hex(), "accept": a}
            for n, k, s, m, a in cases
        ],
    }


def words(fp: bytes, language: str) -> list[str]:
    path = ROOT / f"spec/words_{language}.txt"
    listed = path.read_text(encoding="utf-8").split()
    bits = f"{int.from_bytes(fp, 'big'):0256b}"
    return [listed[int(bits[11 * k : 11 * k + 11], 2)] for k in range(12)]


def _station_key(number: int) -> list:
    return [number, ed_public(f"ALFA k{number}"), None, 0, 2**40]


def _prekey(number: int) -> list:
    first = [number, T0, bytes(1216)]
    return [*first, ed("ALFA k1").sign(b"parley1 prekey\0" + cbor(first))]


def identity() -> dict:
    alfa = forge.Party("ALFA")
    card = alfa.card()
    body = alfa.card_body()
    changes = {
        "unknown key": {**body, 11: 0},
        "code in lower case": {**body, 1: "alfa"},
        "no station key": {**body, 5: []},
        "key number twice": {**body, 5: [body[5][0]] * 2},
        "one key in two places": {**body, 10: [[1, body[5][0][1], 0]]},
        "officer key of small order": {**body, 10: [[1, bytes(32), 0]]},
        "empty name": {**body, 2: ""},
        "number beyond 2^53 - 1": {**body, 0: 2**53},
        "no sequence number": {n: value for n, value in body.items() if n != 0},
        "code of 17 letters": {**body, 1: "A" * 17},
        "name of 121 characters": {**body, 2: "x" * 121},
        "root key of 31 bytes": {**body, 3: body[3][:31]},
        "post-quantum root key of 1,951 bytes": {**body, 4: body[4][:1951]},
        "nine station keys": {**body, 5: [_station_key(n) for n in range(9)]},
        "station key number 256": {**body, 5: [_station_key(256)]},
        "station key of four members": {**body, 5: [_station_key(1)[:4]]},
        "station key of small order": {**body, 5: [[1, bytes(32), None, 0, T0]]},
        "station key not below p": {**body, 5: [[1, b"\xff" * 32, None, 0, T0]]},
        "twin of another length": {**body, 5: [[*_station_key(1)[:2], bytes(32), 0, T0]]},
        "root key as station key": {**body, 5: [[1, body[3], None, 0, T0]]},
        "path hint of 201 bytes": {**body, 9: ["x" * 201]},
        "nine path hints": {**body, 9: ["x"] * 9},
        "seventeen officers": {**body, 10: [[n, ed_public(f"o{n}"), 0] for n in range(17)]},
        "officer id twice": {**body, 10: [[1, ed_public("o1"), 0], [1, ed_public("o2"), 0]]},
        "prekey of another length": {**body, 8: [[1, T0, bytes(1215), bytes(64)]]},
        "prekey signature wrong": {**body, 8: [[1, T0, bytes(1216), bytes(64)]]},
        "prekey id beyond 32 bits": {**body, 8: [_prekey(2**32)]},
        "prekey id twice": {**body, 8: [_prekey(1), _prekey(1)]},
        "prekey but every key revoked": {
            **body,
            5: [[*body[5][0][:5], T0]],
            8: [_prekey(1)],
        },
    }
    refuse = [{"name": n, "hex": cbor(alfa.card(cbor(b))).hex()} for n, b in changes.items()]
    changed = cbor([*card[:2], card[2][:-1] + bytes([card[2][-1] ^ 1]), card[3]])
    refuse.append({"name": "Ed25519 signature changed", "hex": changed.hex()})
    changed = cbor([*card[:3], card[3][:-1] + bytes([card[3][-1] ^ 1])])
    refuse.append({"name": "ML-DSA-65 signature changed", "hex": changed.hex()})
    return {
        "about": "A card, its fingerprint and words; cards that are refused.",
        "root_ed": alfa.root_ed.hex(),
        "root_pq_sha256": h(alfa.root_pq).hex(),
        "fingerprint": alfa.fp.hex(),
        "pid": alfa.pid.hex(),
        "words_en": words(alfa.fp, "en"),
        "words_zh": words(alfa.fp, "zh"),
        "card": cbor(card).hex(),
        "refuse": refuse,
    }


def _vkey(name: str, kind: int, key: bytes) -> str:
    typed = bytes([kind]) + key
    return f"{name}+{h(name.encode() + bytes([10]) + typed)[:4].hex()}+{b64(typed)}"


def card_codes() -> dict:
    raw = cbor(forge.Party("ALFA").card())
    name = h(raw).hex()[:8].upper()
    letters = base64.b32encode(raw).decode().rstrip("=")
    portions = [letters[at : at + 1400] for at in range(0, len(letters), 1400)]
    count = len(portions)
    texts = [f"PARLEY:CARD:{name}:{i}/{count}:{each}" for i, each in enumerate(portions, 1)]
    short = base64.b32encode(b"abc").decode().rstrip("=")
    other = h(b"abc").hex()[:8].upper()
    refuse = {
        "a part missing": texts[:1] + texts[2:],
        "parts of two names": [*texts, f"PARLEY:CARD:{other}:1/{count}:{short}"],
        "two numbers of parts": [*texts, texts[0].replace(f":1/{count}:", f":1/{count + 1}:")],
        "one part with two portions": [*texts, f"PARLEY:CARD:{name}:1/{count}:{short}"],
        "bytes that do not give the name": [f"PARLEY:CARD:{name}:1/1:{short}"],
        "a part beyond the last": [f"PARLEY:CARD:{other}:2/1:{short}"],
        "a part number 0": [f"PARLEY:CARD:{other}:0/1:{short}"],
        "small letters": [f"PARLEY:CARD:{other}:1/1:{short.lower()}"],
        "a length that base32 has not": [f"PARLEY:CARD:{other}:1/1:{short}A"],
        "a line that is no part": [*texts, "hello"],
    }
    return {
        "about": "The card of identity.json as the texts of its codes; texts that are refused.",
        "card_sha256": h(raw).hex(),
        "texts": texts,
        "refuse": [{"name": n, "lines": lines} for n, lines in refuse.items()],
    }


def _capitals(vkey: str) -> str:
    name, key_id, packed = vkey.split("+", 2)
    return f"{name}+{key_id.upper()}+{packed}"


def _spare_bits(name: str) -> str:
    """An ML-DSA-44 key, whose base64 ends in two bits that mean nothing, here set."""
    vkey = _vkey(name, 6, bytes(1312))
    return vkey[:-2] + chr(ord(vkey[-2]) + 1) + "=" if vkey.endswith("=") else vkey[:-1] + "+"


def charter() -> dict:
    channel = forge.Channel(forge.Party("ALFA"), forge.Party("BRAVO"))
    body = channel.body
    lacking = {k: v for k, v in body.items() if k != 6}
    changes = {
        "one party twice": {**body, 1: [body[1][0]] * 2},
        "one party": {**body, 1: body[1][:1]},
        "unknown key": {**body, 13: 0},
        "no nonce": lacking,
        "code with a space": {**body, 12: "A B"},
        "channel number beyond 16 bits": {**body, 2: 65_536},
        "witness of another name": {**body, 8: [["x", forge.vkey("w", "w")]]},
        "witness key of a wrong id": {
            **body,
            8: [["w", "w+00000000+" + forge.vkey("w", "w").split("+", 2)[2]]],
        },
        "empty list of witnesses": {**body, 8: []},
        "empty terms": {**body, 10: {}},
        "heartbeat of 0": {**body, 9: 0},
        "another name": {**body, 0: "parley2 charter"},
        "seventeen parties": {**body, 1: [h(bytes([n]))[:16] for n in range(17)]},
        "party id of 15 bytes": {**body, 1: [body[1][0], body[1][1][:15]]},
        "purpose of 2,001 bytes": {**body, 3: "x" * 2001},
        "basis that is no text": {**body, 4: b"none"},
        "proposed before all times": {**body, 5: -1},
        "nonce of 15 bytes": {**body, 6: body[6][:15]},
        "nine witnesses": {**body, 8: [[f"w{n}", forge.vkey(f"w{n}", f"w{n}")] for n in range(9)]},
        "witness key of small order": {**body, 8: [["w", _vkey("w", 4, bytes(32))]]},
        "witness key of type 1": {**body, 8: [["w", _vkey("w", 1, ed_public("w"))]]},
        "witness key of 31 bytes": {**body, 8: [["w", _vkey("w", 4, ed_public("w")[:31])]]},
        "witness without a name": {**body, 8: [["", _vkey("", 4, ed_public("w"))]]},
        "witness with a wide space": {**body, 8: [["w\u3000w", forge.vkey("w\u3000w", "w")]]},
        "witness key with its id in capitals": {
            **body,
            8: [["w", _capitals(forge.vkey("w", "w"))]],
        },
        "witness key with spare bits": {**body, 8: [["w", _spare_bits("w")]]},
        "ML-DSA-44 witness key of 1,311 bytes": {**body, 8: [["w", _vkey("w", 6, bytes(1311))]]},
        "terms that are a list": {**body, 10: [1]},
        "predecessor of one member": {**body, 11: [bytes(16)]},
        "predecessor root of 31 bytes": {
            **body,
            11: [bytes(16), [[bytes(16), bytes(8), 1, bytes(31)]]],
        },
        "empty channel code": {**body, 12: ""},
        "channel code of 25 letters": {**body, 12: "A" * 25},
    }
    return {
        "about": "A charter, its hash and channel id; charters that are refused.",
        "charter": cbor(body).hex(),
        "hash": channel.hash.hex(),
        "channel": channel.id.hex(),
        "refuse": [{"name": n, "hex": cbor(b).hex()} for n, b in changes.items()],
    }


def entries() -> dict:
    hide, inc = bytes(range(32, 64)), bytes(range(8))
    cases = [
        ("opening", 0, [0, T0, 0, 0, {0: hide, 16: h(b"charter"), 17: inc}]),
        ("say", 1, [1, T0 + 1, 0, 0, {2: "hello"}]),
        ("flash with a reference", 2, [1, T0 + 2, 3, 4, {1: [0, 0], 2: "answer"}]),
        ("no fields", 3, [5, T0 + 3, 0, 4, {}]),
        ("64 fields", 4, [16, T0 + 4, 0, [1, 2], {n: n for n in range(1, 65)}]),
        ("non-attributable", 5, [1, T0 + 5, 16, 4, {2: "off the record"}]),
        ("every kind of value", 6, [20, T0 + 6, 4, 5, {32: [-1, b"b", "t", True, None, {0: 0}]}]),
    ]
    rows = []
    for name, index, (kind, time, flags, seen, fields) in cases:
        key = hide if index else h(b"parley1 open\0" + inc + hide)

        def salt(n: int, key: bytes = key, index: int = index) -> bytes:
            return hmac.new(key, struct.pack(">QI", index, n), hashlib.sha256).digest()[:16]

        salts = {n: salt(n) for n in fields}
        commitments = {
            n: h(b"parley1 field\0" + salts[n] + cbor([n, v])) for n, v in fields.items()
        }
        view = [kind, time, flags, seen, salt(0) if flags & 16 else commitments]
        rows.append(
            {
                "name": name,
                "index": index,
                "others": len(seen) if isinstance(seen, list) else 1,
                "entry": cbor([kind, time, flags, seen, fields]).hex(),
                "salts": {str(n): s.hex() for n, s in salts.items()},
                "commitments": {str(n): c.hex() for n, c in commitments.items()},
                "preimage": cbor(view).hex(),
                "leaf": h(b"\0" + cbor(view)).hex(),
            }
        )
    refuse = {
        "four members": [1, T0, 0, 0],
        "reserved flag": [1, T0, 32, 0, {}],
        "seen of two for one other": [1, T0, 0, [0, 0], {}],
        "negative time": [1, -1, 0, 0, {}],
        "time beyond 2^53 - 1": [1, 2**53, 0, 0, {}],
        "fields no map": [1, T0, 0, 0, []],
        "65 fields": [1, T0, 0, 0, dict.fromkeys(range(1, 66), 0)],
        "field number beyond 16 bits": [1, T0, 0, 0, {65_536: 0}],
        "kind no number": ["1", T0, 0, 0, {}],
        "depth nine": [1, T0, 0, 0, {32: [[[[[[[]]]]]]]}],
        "kind beyond 16 bits": [65_536, T0, 0, 0, {}],
        "negative kind": [-1, T0, 0, 0, {}],
        "seen beyond 2^53 - 1": [1, T0, 0, 2**53, {}],
        "seen no number": [1, T0, 0, None, {}],
        "flags no number": [1, T0, True, 0, {}],
        "longer than 65,536 bytes": [1, T0, 0, 0, {32: bytes(65_536)}],
    }
    return {
        "about": "Entries, salts, commitments and leaves of one log; entries that are refused.",
        "hide": hide.hex(),
        "inc": inc.hex(),
        "entries": rows,
        "refuse": [{"name": n, "hex": cbor(v).hex()} for n, v in refuse.items()],
    }


def merkle() -> dict:
    leaves = [h(b"\0" + struct.pack(">I", n)) for n in range(257)]
    return {
        "about": "Leaf n is SHA-256 of a zero byte and n in 32 bits; roots of the first n leaves.",
        "roots": [forge.root_of(leaves[:size]).hex() for size in range(258)],
        **vector_rules.tree_proofs(),
    }


def statements() -> dict:
    alfa, bravo, charlie = (forge.Party(code) for code in ("ALFA", "BRAVO", "CHARLIE"))
    two, three = forge.Channel(alfa, bravo), forge.Channel(alfa, bravo, charlie)
    a, b = forge.Log(two, alfa), forge.Log(two, bravo)
    for n in range(6):
        b.add(1, {2: str(n)})
    a3, b3, c3 = forge.Log(three, alfa), forge.Log(three, bravo), forge.Log(three, charlie)
    rows = [
        ("nobody met yet", a, a.text(1, time=T0)),
        ("two parties", a, a.text(1, time=T0 + 1, holds=[(b, 7)])),
        ("gaps", a, a.text(1, time=T0 + 2, holds=[(b, 7, "1-2,4-6")])),
        ("an empty log held", a, a.text(1, time=T0 + 3, holds=[(b, 0)])),
        ("three parties", a3, a3.text(1, time=T0, holds=[(b3, 1), (c3, 1)])),
        ("one of three not met", a3, a3.text(1, time=T0 + 1, holds=[(c3, 1)])),
    ]
    good = rows[1][2]
    lines = good.split("\n")
    refuse = {
        "three lines": "\n".join(lines[:3]) + "\n",
        "another name": good.replace("parley1", "parley2", 1),
        "hex in upper case": good.replace(lines[0], lines[0].upper().replace("PARLEY1", "parley1")),
        "size 0": good.replace("\n1\n", "\n0\n", 1),
        "leading zero": good.replace("\n1\n", "\n01\n", 1),
        "no number": good.replace("no 1\n", ""),
        "unknown line": good + "more 1\n",
        "carriage returns": good.replace("\n", "\r\n"),
        "no last line feed": good[:-1],
        "gap beyond the size": good[:-1] + " missing 6-8\n",
        "empty gap": good[:-1] + " missing 3-3\n",
        "gaps that touch": good[:-1] + " missing 1-2,2-3\n",
        "gaps out of order": good[:-1] + " missing 4-5,1-2\n",
        "65 gaps": good.replace(" 7 ", " 200 ")[:-1]
        + " missing "
        + ",".join(f"{2 * n}-{2 * n + 1}" for n in range(65))
        + "\n",
        "time below 0": good.replace("time ", "time -"),
        "a plus sign": good.replace("\n1\n", "\n+1\n", 1),
        "size beyond 2^53 - 1": good.replace("\n1\n", f"\n{2**53}\n", 1),
        "two spaces": good.replace("holds ", "holds  "),
        "a party twice": good + lines[5] + "\n",
        "the signer's own log held": good.replace(
            "holds " + b.party.pid.hex(), "holds " + a.party.pid.hex()
        ),
        "an incarnation of 7 bytes": good.replace(b.inc.hex(), b.inc.hex()[2:]),
        "root of 31 bytes": good.replace(lines[2], b64(bytes(31))),
        "missing without ranges": good[:-1] + " missing \n",
        "an empty line inside": good.replace("no 1\n", "no 1\n\n"),
        "root with spare bits": good.replace(lines[2], lines[2][:-2] + "B="),
        "root of an empty log that is not H of nothing": good.replace(" 7 ", " 0 "),
    }
    return {
        "about": "Statement texts, note lines and signatures; texts that are refused.",
        "accept": [
            {
                "name": n,
                "text": t,
                "note": log.sign(t),
                "key": ed_public(f"{log.party.code} k1").hex(),
            }
            for n, log, t in rows
        ],
        "refuse": [{"name": n, "text": t} for n, t in refuse.items()],
        "orders": vector_rules.statement_orders(),
        "notes_refused": vector_rules.notes_refused(),
        "key": ed_public("ALFA k1").hex(),
        "party": alfa.pid.hex(),
    }


def seal() -> dict:
    alfa = forge.Party("ALFA")
    log = forge.Log(forge.Channel(alfa, forge.Party("BRAVO")), alfa)
    text = log.text(1, time=T0)
    return {
        "about": "A seal: ML-DSA-65 over a statement's text, context `parley1 seal`.",
        "text": text,
        "line": log.seal(text),
        "key": forge.pq_public("ALFA k1").hex(),
    }


def bundles() -> dict:
    rows = [
        {
            "name": case.name,
            "exit": case.code,
            "verdict": case.word,
            "trust": case.trust,
            "bundle": b64(case.raw),
        }
        for case in vector_bundles.cases()
    ]
    return {
        "about": "Bundles in base64, the reader's trust list, the exit code and how the verdict "
        "begins. What ends with 7 or 14 has true signatures and chosen evidence.",
        "cases": rows,
    }


def attachments() -> dict:
    good = vector_attachments.cut(vector_attachments.SMALL)[0]
    wrong = {
        "no digest": {16: None},
        "digest of 31 bytes": {16: bytes(31)},
        "number at the count": {17: 1},
        "no parts": {18: 0},
        "more parts than a file has": {18: 322},
        "empty": {19: b""},
        "longer than a part": {19: bytes(32_769)},
        "shorter than a part, and not the last": {18: 2},
        "a further field": {4: [0, 1]},
    }
    files = [("small", vector_attachments.SMALL, 1), ("two parts", b"depth 1\n", 5_000)]
    return {
        "about": "Files of entries: how they are cut (content repeated `times`; the last eight bytes of "
        "each part's fields), fields that are a part or none, and bundles (base64) of an extract, exit 0, "
        "with entry, number, size and state of each file.",
        "cut": [
            {
                "name": name,
                "salt": vector_attachments.SALT.hex(),
                "content": content.hex(),
                "times": times,
                "digest": vector_attachments.digest(content * times).hex(),
                "ends": [cbor(one)[-8:].hex() for one in vector_attachments.cut(content * times)],
            }
            for name, content, times in files
        ],
        "parts": [{"name": "a part", "is_part": True, "fields": cbor(good).hex()}]
        + [
            {"name": name, "is_part": False, "fields": cbor({**good, **change}).hex()}
            for name, change in wrong.items()
        ],
        "cases": [
            {
                "name": case.name,
                "files": case.files,
                "trust": case.trust,
                "bundle": b64(case.raw),
            }
            for case in vector_attachments.cases()
        ],
    }


MADE = {
    "encoding": encoding,
    "ed25519": ed25519,
    "identity": identity,
    "card-codes": card_codes,
    "charter": charter,
    "entry": entries,
    "merkle": merkle,
    "statement": statements,
    "seal": seal,
    "frame": vector_frames.frames,
    "items": vector_items.items,
    "texts": vector_rules.texts,
    "commit": vector_rules.commitments,
    "courier": vector_rules.courier,
    "symbols": vector_rules.symbols,
    "keying": vector_rules.keying,
    "witness": vector_witness.witness,
    "attachment": attachments,
    "bundle": bundles,
    "tampered": vector_tampered.published,
}


def main(folder: Path = FOLDER) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "signatures.json"
    if kept.exists():
        stored = json.loads(kept.read_text(encoding="utf-8"))
        forge.KEPT.update({bytes.fromhex(k): bytes.fromhex(v) for k, v in stored.items()})
    for name, make in MADE.items():
        _write(folder / f"{name}.json", make())
    _write(kept, {k.hex(): v.hex() for k, v in sorted(forge.KEPT.items())})


def _write(path: Path, value: object) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
    if "transcript" in sys.argv[1:]:
        # What stations say when is no rule: this one is made anew on purpose, not each time.
        _write(FOLDER / "transcript.json", vector_transcript.transcript())
