"""Statements: texts, notes and signature lines, from spec/statement.md."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from independent.identity import Party, h, public
from independent.logs import Log
from independent.values import LARGEST, NAME, need

DASH = "\u2014"


def b64(raw: bytes) -> str:
    """Base64 with padding."""
    return base64.b64encode(raw).decode()


def text_of(
    log: Log, size: int, number: int, time: int, holds: list[tuple[Log, int, list[Any]]]
) -> str:
    """The text of a statement; `holds` in charter order."""
    lines = [log.origin, str(size), b64(log.root(size)), f"no {number}", f"time {time}"]
    for other, held, gaps in holds:
        name = f"{other.party.pid.hex()}/{other.inc.hex()}"
        line = f"holds {name} {held} {b64(other.root(held))}"
        if gaps:
            line += " missing " + ",".join(f"{a}-{b}" for a, b in gaps)
        lines.append(line)
    return "\n".join(lines) + "\n"


def line(name: str, kind: bytes, key: bytes, payload: bytes) -> str:
    """A signature line, without its line feed."""
    key_id = h(name.encode(), b"\n", kind, key)[:4]
    return f"{DASH} {name} {b64(key_id + payload)}"


def station_line(party: Party, number: int, text: str) -> str:
    """The line of a station key."""
    key = party.ed(f"k{number}")
    name = f"parley1/{party.pid.hex()}/k{number}"
    return line(name, b"\x01", public(key), key.sign(text.encode()))


def seal_line(party: Party, number: int, text: str) -> str:
    """The seal of a station key's twin."""
    key = party.pq(f"k{number}")
    name = f"parley1/{party.pid.hex()}/k{number}"
    signature = key.sign(text.encode(), b"parley1 seal")
    return line(name, b"\xffparley1-mldsa65", public(key), signature)


def cosign_line(name: str, key: Ed25519PrivateKey, time: int, text: str) -> str:
    """A witness's cosignature over the whole text."""
    signature = key.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
    return line(name, b"\x04", public(key), time.to_bytes(8, "big") + signature)


def note(text: str, *lines: str) -> str:
    """A text with its signature lines."""
    return text + "\n" + "".join(f"{each}\n" for each in lines)


@dataclass
class Holding:
    """One `holds` line."""

    pid: bytes
    inc: bytes
    size: int
    root: bytes
    missing: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Statement:
    """The content of a text."""

    text: str
    channel: bytes
    pid: bytes
    inc: bytes
    size: int
    root: bytes
    number: int
    time: int
    holds: list[Holding]

    @property
    def origin(self) -> str:
        """The name of the signer's log."""
        return self.text.split("\n", 1)[0]


def _number(spelled: str, least: int = 0) -> int:
    need(re.fullmatch(r"0|[1-9][0-9]{0,15}", spelled) is not None, "spelling of a number")
    need(least <= int(spelled) <= LARGEST, "number out of range")
    return int(spelled)


def _root(spelled: str) -> bytes:
    need(re.fullmatch(r"[A-Za-z0-9+/]{43}=", spelled) is not None, "spelling of a root")
    raw = base64.b64decode(spelled)
    need(b64(raw) == spelled, "spare bits")
    return raw


def read_text(text: str) -> Statement:
    """A text that MUST be accepted, or RefusedError (as far as the text alone shows)."""
    need(text.endswith("\n"), "no last line feed")
    lines = text[:-1].split("\n")
    need(len(lines) >= 5, "too few lines")
    named = re.fullmatch(r"parley1/([0-9a-f]{32})/([0-9a-f]{32})/([0-9a-f]{16})", lines[0])
    assert named or named is None
    need(named is not None, "origin")
    channel, pid, inc = (bytes.fromhex(part) for part in named.groups()) if named else 3 * (b"",)
    need(lines[3].startswith("no ") and lines[4].startswith("time "), "no or time")
    holds = []
    for spelled in lines[5:]:
        found = re.fullmatch(
            r"holds ([0-9a-f]{32})/([0-9a-f]{16}) ([0-9]+) (\S+)(?: missing ([0-9,-]+))?", spelled
        )
        if found is None:
            need(false := False, "unknown line")
            raise AssertionError(false)
        size = _number(found[3])
        missing: list[tuple[int, int]] = []
        for spelled_range in found[5].split(",") if found[5] else []:
            ends = spelled_range.split("-")
            need(len(ends) == 2, "range")
            a, b = _number(ends[0]), _number(ends[1])
            need(a < b <= size and (not missing or missing[-1][1] < a), "range")
            missing.append((a, b))
        need(len(missing) <= 64, "too many gaps")
        held = Holding(bytes.fromhex(found[1]), bytes.fromhex(found[2]), size, _root(found[4]))
        need(held.pid != pid, "holds itself")
        need(held.pid not in [each.pid for each in holds], "a party twice")
        need(size > 0 or held.root == h(), "root of an empty log")
        held.missing = missing
        holds.append(held)
    own = _number(lines[1], 1)
    number, time = _number(lines[3][3:]), _number(lines[4][5:])
    return Statement(text, channel, pid, inc, own, _root(lines[2]), number, time, holds)


def read_note(whole: str) -> tuple[Statement, list[tuple[str, bytes, bytes]]]:
    """A note's statement and its lines: name, key id, signature."""
    text, between, rest = whole.partition("\n\n")
    need(between != "" and rest.endswith("\n"), "no empty line or no last line feed")
    lines = []
    for spelled in rest[:-1].split("\n"):
        found = re.fullmatch(DASH + rf" ({NAME}) ([A-Za-z0-9+/]+={{0,2}})", spelled)
        if found is None:
            need(false := False, "signature line")
            raise AssertionError(false)
        try:
            raw = base64.b64decode(found[2], validate=True)
        except ValueError:
            raw = b""
        need(len(raw) > 4 and b64(raw) == found[2], "base64 of a line")
        lines.append((found[1], raw[:4], raw[4:]))
    need(1 <= len(lines) <= 16, "1 to 16 lines")
    need(len({each[:2] for each in lines}) == len(lines), "two lines of one key")
    return read_text(text + "\n"), lines
