"""A tamperer: bundles changed in their encoding, in their notes, and by insiders who sign anew.

Every way is given by name, so that a bundle judged apart can be made again.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from independent import notes
from independent.identity import Party, public
from independent.stories import START, STORIES, WITNESS, WITNESS_KEY, Talk
from independent.values import decode, encode

LARGE = 2**64 - 1
L = 2**252 + 27742317777372353535851937790883648493
Hook = Callable[[tuple[int, ...], Any], bytes | None]


def write(value: Any, hook: Hook, way: tuple[int, ...] = ()) -> bytes:
    """Encode a value; where the hook gives bytes, they stand instead."""
    given = hook(way, value)
    if given is not None:
        return given
    if isinstance(value, list):
        members = [write(each, hook, (*way, n)) for n, each in enumerate(value)]
        return head(4, len(value)) + b"".join(members)
    if isinstance(value, dict):
        pairs = [encode(n) + write(value[n], hook, (*way, n)) for n in sorted(value)]
        return head(5, len(value)) + b"".join(pairs)
    return encode(value)


def head(major: int, number: int, width: int = 0) -> bytes:
    """The head of an item, wider than needed where asked."""
    if number < 24 and not width:
        return bytes([major << 5 | number])
    least = next(w for w in (1, 2, 4, 8) if number < 1 << 8 * w)
    width = max(width, least)
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[width]]) + number.to_bytes(width)


def _wider(value: Any) -> bytes:
    whole = encode(value)
    first = whole[0]
    if first >> 5 == 7:
        return bytes([0xF8, first & 31])
    info = first & 31
    if info < 24:
        return bytes([first >> 5 << 5 | 24, info]) + whole[1:]
    if info == 27:
        return b"\xc2\x48" + whole[1:]
    size = 1 << info - 24
    return bytes([first + 1]) + bytes(size) + whole[1:]


def _endless(value: Any) -> bytes:
    if isinstance(value, list):
        return b"\x9f" + b"".join(encode(each) for each in value) + b"\xff"
    if isinstance(value, dict):
        return b"\xbf" + b"".join(encode(n) + encode(value[n]) for n in value) + b"\xff"
    if isinstance(value, str):
        return b"\x7f" + encode(value) + b"\xff"
    return b"\x5f" + encode(value if isinstance(value, bytes) else b"") + b"\xff"


def _map(pairs: list[tuple[bytes, bytes]]) -> bytes:
    return head(5, len(pairs)) + b"".join(n + each for n, each in pairs)


def _pairs(value: Any) -> list[tuple[bytes, bytes]]:
    members = value if isinstance(value, dict) else {0: 0, 1: 1}
    return [(encode(n), encode(members[n])) for n in sorted(members)]


ENCODINGS: dict[str, Callable[[Any], bytes]] = {
    "a wider head": _wider,
    "no end given": _endless,
    "a tag": lambda value: b"\xc1" + encode(value),
    "the tag of CBOR itself": lambda value: b"\xd9\xd9\xf7" + encode(value),
    "half a float": lambda _: bytes.fromhex("f93c00"),
    "a double": lambda _: bytes.fromhex("fb4000000000000000"),
    "undefined": lambda _: b"\xf7",
    "false in two bytes": lambda _: b"\xf8\x14",
    "simple value 255": lambda _: b"\xf8\xff",
    "a reserved head": lambda _: b"\x1c",
    "a break": lambda _: b"\xff",
    "a bignum": lambda _: bytes.fromhex("c249010000000000000000"),
    "the largest number": lambda _: encode(LARGE),
    "2^53": lambda _: encode(2**53),
    "below zero": lambda _: b"\x20",
    "below -2^63": lambda _: bytes.fromhex("3b8000000000000000"),
    "seventeen deep": lambda _: b"\x81" * 17 + b"\x00",
    "sixteen deep": lambda _: b"\x81" * 14 + b"\x80",
    "no UTF-8": lambda _: b"\x61\xff",
    "half a pair": lambda _: b"\x63\xed\xa0\x80",
    "a zero byte in two": lambda _: b"\x62\xc0\x80",
    "text beyond Unicode": lambda _: b"\x64\xf4\x90\x80\x80",
    "bytes for text": lambda value: encode(
        value.encode() if isinstance(value, str) else str(value)
    ),
    "too many bytes": lambda _: b"\x5b" + b"\xff" * 8,
    "too many members": lambda _: b"\x9a\xff\xff\xff\xff",
    "too many pairs": lambda _: b"\xbb\x7f" + b"\xff" * 7,
    "cut": lambda value: encode(value)[:-1],
    "nothing": lambda _: b"",
    "a key twice": lambda value: _map([*_pairs(value), *_pairs(value)[-1:]]),
    "keys falling": lambda value: _map(_pairs(value)[::-1]),
    "a key of text": lambda value: _map([*_pairs(value), (b"\x61a", b"\x00")]),
    "a key below zero": lambda value: _map([*_pairs(value), (b"\x20", b"\x00")]),
    "one key more": lambda value: _map([*_pairs(value), (encode(LARGE), b"\x00")]),
}


def encoded_otherwise(name: str, story: str, count: int) -> Iterator[tuple[str, bytes, Talk]]:
    """One item at a time in another encoding, at `count` places."""
    talk, raw = STORIES[story][0]()
    value = decode(raw, 16)
    dice = random.Random(f"{name} {story}")
    ways = list(_ways(value))
    for _ in range(count):
        depth = dice.choice([1, 2, 3, 4, 5, 6, 12])
        chosen = dice.choice([way for way in ways if len(way) <= depth])
        yield f"{story}: {name} at {chosen}", encoded_at(value, name, chosen), talk


def encoded_at(value: Any, name: str, chosen: tuple[int, ...]) -> bytes:
    """A value with the one item at a place in another encoding."""
    return write(value, partial(_at, name, chosen))


def _at(name: str, chosen: tuple[int, ...], way: tuple[int, ...], each: Any) -> bytes | None:
    return ENCODINGS[name](each) if way == chosen else None


def _ways(value: Any, way: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    yield way
    steps = enumerate(value) if isinstance(value, list) else []
    for step, member in value.items() if isinstance(value, dict) else steps:
        yield from _ways(member, (*way, step))


def whole_files() -> Iterator[tuple[str, bytes, Talk]]:
    """What stands around a bundle."""
    talk, raw = STORIES["lapsed"][0]()
    other = STORIES["delivered"][0]()[1]
    yield from (
        ("nothing at all", b"", talk),
        ("a byte more", raw + b"\0", talk),
        ("a line feed more", raw + b"\n", talk),
        ("two bundles", raw + raw, talk),
        ("a tag before", b"\xd9\xd9\xf7" + raw, talk),
        ("a mark before", b"\xef\xbb\xbf" + raw, talk),
        ("in base16", raw.hex().encode(), talk),
        ("a bundle in a byte string", encode(raw), talk),
        ("another version", raw.replace(b"parley1 bundle", b"parley2 bundle", 1), talk),
        ("a word in capitals", raw.replace(b"parley1 bundle", b"Parley1 bundle", 1), talk),
        ("three members", b"\x83" + raw[1:] + b"\x00", talk),
        ("the end of another", raw[:-300] + other[-300:], talk),
    )


# --- notes ---------------------------------------------------------------------------------------


def _lines(note: str) -> tuple[str, list[str]]:
    text, _, tail = note.partition("\n\n")
    return text + "\n", tail[:-1].split("\n")


def _row(number: int, put: Callable[[str], str]) -> Callable[[str], str]:
    def change(text: str) -> str:
        rows = text[:-1].split("\n")
        if number < len(rows):
            rows[number] = put(rows[number])
        return "\n".join(rows) + "\n"

    return change


def _holds(put: Callable[[list[str]], str]) -> Callable[[str], str]:
    return _row(5, lambda row: put(row.split(" ")))


TEXTS: dict[str, Callable[[str], str]] = {
    "size one more": _row(1, lambda row: str(int(row) + 1)),
    "size one less": _row(1, lambda row: str(int(row) - 1)),
    "size 0": _row(1, lambda _: "0"),
    "size with a zero": _row(1, lambda row: "0" + row),
    "size with a sign": _row(1, lambda row: "+" + row),
    "size in wide digits": _row(1, lambda row: chr(0xFF10 + int(row[-1]))),
    "size 2^53": _row(1, lambda _: str(2**53)),
    "a root of nothing": _row(2, lambda _: notes.b64(notes.h())),
    "a root of zeros": _row(2, lambda _: notes.b64(bytes(32))),
    "a root unpadded": _row(2, lambda row: row.rstrip("=")),
    "a root with spare bits": _row(2, lambda row: row[:-2] + chr(ord(row[-2]) + 1) + "="),
    "a root for URLs": _row(2, lambda row: row.replace("+", "-").replace("/", "_")),
    "a root of 33 bytes": _row(2, lambda row: notes.b64(bytes(33))),
    "a later number": _row(3, lambda row: f"no {int(row[3:]) + 1000}"),
    "no number": _row(3, lambda _: "no "),
    "number below zero": _row(3, lambda _: "no -1"),
    "time 0": _row(4, lambda _: "time 0"),
    "time 2^53 - 1": _row(4, lambda _: f"time {2**53 - 1}"),
    "time 2^53": _row(4, lambda _: f"time {2**53}"),
    "time as a float": _row(4, lambda row: row + ".0"),
    "two spaces": _row(4, lambda row: row.replace(" ", "  ")),
    "a space behind": _row(4, lambda row: row + " "),
    "a tab": _row(4, lambda row: row.replace(" ", "\t")),
    "a wide space": _row(4, lambda row: row.replace(" ", "\u00a0")),
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "a form feed": _row(4, lambda row: row + "\f"),
    "another separator": lambda text: text.replace("\ntime", "\u2028time"),
    "a mark before": lambda text: "\ufeff" + text,
    "a zero behind": lambda text: text[:-1] + "\0\n",
    "a word in capitals": lambda text: text.replace("parley1/", "PARLEY1/"),
    "hex in capitals": _row(0, lambda row: row[:8] + row[8:].upper()),
    "another version": lambda text: text.replace("parley1/", "parley2/"),
    "another incarnation": _row(0, lambda row: row[:-1] + ("0" if row[-1] != "0" else "1")),
    "another channel": _row(0, lambda row: row.replace(row[8:10], "00", 1)),
    "a short incarnation": _row(0, lambda row: row[:-2]),
    "lines swapped": lambda text: text.replace("no ", "time\0").replace("time ", "no "),
    "an unknown line": lambda text: text + "seen 3\n",
    "an empty line in it": lambda text: text.replace("\ntime", "\n\ntime"),
    "no time": lambda text: "\n".join(text.split("\n")[:4]) + "\n",
    "three lines": lambda text: "\n".join(text.split("\n")[:3]) + "\n",
    "nothing held": lambda text: "\n".join(text.split("\n")[:5]) + "\n",
    "one held twice": lambda text: text + [*text[:-1].split("\n"), ""][5] + "\n",
    "held of a stranger": _holds(lambda w: " ".join([w[0], f"{'0' * 32}/{'0' * 16}", *w[2:]])),
    "held one more": _holds(lambda w: " ".join([*w[:2], str(int(w[2]) + 1), *w[3:]])),
    "held one less": _holds(lambda w: " ".join([*w[:2], str(int(w[2]) - 1), *w[3:]])),
    "held nothing": _holds(lambda w: " ".join([*w[:2], "0", notes.b64(notes.h())])),
    "held nothing under a root": _holds(lambda w: " ".join([*w[:2], "0", *w[3:4]])),
    "held another log": _holds(lambda w: " ".join([w[0], w[1][:-4] + "0000", *w[2:]])),
    "held another root": _holds(lambda w: " ".join([*w[:3], notes.b64(bytes(32)), *w[4:]])),
    "missing all": _holds(lambda w: " ".join([*w[:4], "missing", f"0-{w[2]}"])),
    "missing the last": _holds(lambda w: " ".join([*w[:4], "missing", f"{int(w[2]) - 1}-{w[2]}"])),
    "missing the first": _holds(lambda w: " ".join([*w[:4], "missing", "0-1"])),
    "missing too much": _holds(lambda w: " ".join([*w[:4], "missing", f"1-{int(w[2]) + 1}"])),
    "missing nothing": _holds(lambda w: " ".join([*w[:4], "missing", "1-1"])),
    "missing what touches": _holds(lambda w: " ".join([*w[:4], "missing", "0-1,1-2"])),
    "missing out of order": _holds(lambda w: " ".join([*w[:4], "missing", "2-3,0-1"])),
    "missing without ranges": _holds(lambda w: " ".join([*w[:4], "missing"])),
    "missing with a comma": _holds(lambda w: " ".join([*w[:4], "missing", "0-1,"])),
    "missing three": _holds(lambda w: " ".join([*w[:4], "missing", "0-1-2"])),
}


def _payload(line: str, put: Callable[[bytes], bytes]) -> str:
    dash, name, packed = line.split(" ")
    return f"{dash} {name} {notes.b64(put(notes.base64.b64decode(packed)))}"


def _first(put: Callable[[str], str]) -> Callable[[str, list[str]], list[str]]:
    return lambda _, rows: [put(rows[0]), *rows[1:]]


def _plus_l(raw: bytes) -> bytes:
    return raw[:36] + (int.from_bytes(raw[36:], "little") + L).to_bytes(32, "little")


def _stranger(text: str, name: str = "stranger.example", stamp: int = START + 50) -> str:
    return notes.cosign_line(name, Party("stranger").ed("cosign"), stamp, text)


LINES: dict[str, Callable[[str, list[str]], list[str]]] = {
    "no line": lambda _, rows: [],
    "a line twice": lambda _, rows: [*rows, rows[0]],
    "lines in the other order": lambda _, rows: rows[::-1],
    "an empty line more": lambda _, rows: [*rows, ""],
    "seventeen lines": lambda text, rows: [*rows, *(_stranger(text, f"w{n}") for n in range(17))],
    "sixteen lines": lambda text, rows: [
        *rows,
        *(_stranger(text, f"w{n}") for n in range(16 - len(rows))),
    ],
    "a stranger's line before": lambda text, rows: [_stranger(text), *rows],
    "a stranger alone": lambda text, _: [_stranger(text)],
    "a line of another key number": lambda _, rows: [*rows, rows[0].replace("/k1 ", "/k9 ")],
    "a key number with a zero": lambda _, rows: [*rows, rows[0].replace("/k1 ", "/k01 ")],
    "another key number alone": _first(lambda row: row.replace("/k1 ", "/k9 ")),
    "a key number of four digits": lambda _, rows: [*rows, rows[0].replace("/k1 ", "/k1000 ")],
    "a station of nobody": lambda _, rows: [
        *rows,
        f"— parley1/{'ab' * 16}/k1 " + rows[0].split(" ")[2],
    ],
    "a name of no party": lambda _, rows: [*rows, "— parley1/k1 " + rows[0].split(" ")[2]],
    "a name of nothing": lambda _, rows: [*rows, "—  " + rows[0].split(" ")[2]],
    "a name with a plus": lambda _, rows: [*rows, "— a+b " + rows[0].split(" ")[2]],
    "a name with a wide space": lambda _, rows: [*rows, "— a\u3000b " + rows[0].split(" ")[2]],
    "a name with a new line sign": lambda _, rows: [*rows, "— a\u0085b " + rows[0].split(" ")[2]],
    "a name with a file separator": lambda _, rows: [*rows, "— a\x1cb " + rows[0].split(" ")[2]],
    "a name with a control": lambda _, rows: [*rows, "— a\x01b " + rows[0].split(" ")[2]],
    "a name without width": lambda _, rows: [*rows, "— a\u200bb " + rows[0].split(" ")[2]],
    "a name decomposed": lambda _, rows: [*rows, "— e\u0301 " + rows[0].split(" ")[2]],
    "a mark before a line": _first(lambda row: "\ufeff" + row),
    "a hyphen": _first(lambda row: row.replace("—", "-")),
    "an en dash": _first(lambda row: row.replace("—", "–")),
    "a space behind": _first(lambda row: row + " "),
    "a carriage return behind": _first(lambda row: row + "\r"),
    "no padding": lambda _, rows: [*rows, "— a " + rows[0].split(" ")[2].rstrip("=") + "A"],
    "four bytes": lambda _, rows: [*rows, "— a " + notes.b64(b"abcd")],
    "five bytes": lambda _, rows: [*rows, "— a " + notes.b64(b"abcde")],
    "S above L": _first(lambda row: _payload(row, _plus_l)),
    "a small R": _first(
        lambda row: _payload(row, lambda raw: raw[:4] + b"\1" + bytes(31) + raw[36:])
    ),
    "63 bytes of signature": _first(lambda row: _payload(row, lambda raw: raw[:-1])),
    "65 bytes of signature": _first(lambda row: _payload(row, lambda raw: raw + b"\0")),
    "another key id": _first(lambda row: _payload(row, lambda raw: b"\0\0\0\0" + raw[4:])),
    "a signature of zeros": _first(lambda row: _payload(row, lambda raw: raw[:4] + bytes(64))),
    "the witness at time 0": lambda text, rows: _with_witness(text, rows, 0),
    "the witness long before": lambda text, rows: _with_witness(text, rows, 1),
    "the witness at the end of time": lambda text, rows: _with_witness(text, rows, LARGE),
    "the witness twice": lambda text, rows: [
        *_with_witness(text, rows, START + 50),
        notes.cosign_line(WITNESS, WITNESS_KEY, START + 51, text),
    ],
    "the witness over another text": lambda text, rows: _with_witness(text + "a", rows, START + 50),
    "the witness's name": lambda text, rows: [*_others(rows), _stranger(text, WITNESS)],
    "the witness in 71 bytes": lambda text, rows: [
        *_others(rows),
        _payload(notes.cosign_line(WITNESS, WITNESS_KEY, 9, text), lambda raw: raw[:-1]),
    ],
    "the witness as a station": lambda text, rows: [
        *_others(rows),
        notes.line(WITNESS, b"\1", public(WITNESS_KEY), WITNESS_KEY.sign(text.encode())),
    ],
}


def _others(rows: list[str]) -> list[str]:
    return [row for row in rows if f" {WITNESS} " not in row]


def _with_witness(text: str, rows: list[str], stamp: int) -> list[str]:
    return [*_others(rows), notes.cosign_line(WITNESS, WITNESS_KEY, stamp, text)]


DOMAINS: dict[str, Callable[[str], bytes]] = {
    "the text without its end": lambda text: text[:-1].encode(),
    "the text with an empty line": lambda text: f"{text}\n".encode(),
    "as a witness": lambda text: f"cosignature/v1\ntime {START}\n{text}".encode(),
    "a word before": lambda text: b"parley1 statement\0" + text.encode(),
    "its hash": lambda text: notes.h(text.encode()),
}


def arrange(bundle: list[Any]) -> list[Any]:
    """Put members into their order again; claims go on to name the same notes."""
    members = bundle[1]
    before = list(members[2])
    members[2].sort(key=_note_order)
    for claim in members[5]:
        claim[5] = sorted(members[2].index(before[n]) for n in claim[5] if n < len(before))
    return bundle


def _note_order(note: str) -> tuple[bytes, int, bytes]:
    rows = note.split("\n")
    number = rows[3][3:] if len(rows) > 3 else ""
    plain = number.isascii() and number.isdigit()
    return rows[0].encode(), int(number) if plain else 0, _lines(note)[0].encode()


def signed_anew(signers: Sequence[Any], text: str, rows: list[str]) -> list[str]:
    """The lines over another text, by those who could sign it."""
    made = []
    for row in rows:
        name = row.split(" ")[1]
        if name == WITNESS:
            stamp = int.from_bytes(notes.base64.b64decode(row.split(" ")[2])[4:12])
            made.append(notes.cosign_line(WITNESS, WITNESS_KEY, stamp, text))
        else:
            party = next(p for p in signers if p.pid.hex() in name)
            made.append(notes.station_line(party, 1, text))
    return made


def notes_changed(story: str) -> Iterator[tuple[str, bytes, Talk]]:
    """Each way to change a note, at one note of the story, left as it was signed and signed anew."""
    talk, raw = STORIES[story][0]()
    for name, made in changes_of_notes(raw, (talk.alfa, talk.bravo), story):
        yield f"{story}: {name}", made, talk


def changes_of_notes(raw: bytes, signers: Sequence[Any], seed: str) -> Iterator[tuple[str, bytes]]:
    """The same for any bundle; `signers` are its parties, with `pid` and `ed`."""
    whole = decode(raw, 16)
    dice = random.Random(seed)
    for name, put in TEXTS.items():
        at = dice.randrange(len(whole[1][2]))
        text, rows = _lines(whole[1][2][at])
        other = put(text)
        yield name, _with_note(whole, at, other, rows)
        anew = signed_anew(signers, other, rows)
        yield f"{name}, signed", _with_note(whole, at, other, anew)
    for name, change in LINES.items():
        at = dice.randrange(len(whole[1][2]))
        text, rows = _lines(whole[1][2][at])
        yield name, _with_note(whole, at, text, change(text, rows))
    for name, over in DOMAINS.items():
        at = dice.randrange(len(whole[1][2]))
        text, rows = _lines(whole[1][2][at])
        key = next(p for p in signers if p.pid.hex() in rows[0]).ed("k1")
        line = _payload(rows[0], lambda raw, o=over, k=key, t=text: raw[:4] + k.sign(o(t)))
        yield f"signed {name}", _with_note(whole, at, text, [line, *rows[1:]])


def _with_note(whole: list[Any], at: int, text: str, rows: list[str]) -> bytes:
    bundle = copy.deepcopy(whole)
    bundle[1][2][at] = text + "\n" + "".join(f"{row}\n" for row in rows)
    return encode(arrange(bundle))
