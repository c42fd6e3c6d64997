"""Statements: checkpoint and receipts in one signed text (specification: `statement.md`).

The signed bytes are a C2SP signed note. Only what the reader cannot compute travels; both ends
rebuild the text.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final

from parley.core import keys, limits
from parley.core.ids import ChannelId, Hash, Incarnation, LogId, PartyId, Ranges
from parley.core.instants import Instant
from parley.core.merkle import EMPTY_ROOT
from parley.errors import MalformedError, SignatureError

_SAME_AGAIN: Final = 1_024
"""Statements that are remembered as parsed or as verified: each comes again from every member."""

_ORIGIN = re.compile(r"parley1/([0-9a-f]{32})/([0-9a-f]{32})/([0-9a-f]{16})")
_HOLDS = re.compile(r"holds ([0-9a-f]{32})/([0-9a-f]{16}) (0|[1-9][0-9]*) (\S+)(?: missing (\S+))?")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NUMBER = re.compile(r"0|[1-9][0-9]*")
_STATION_KEY = re.compile(r"parley1/[0-9a-f]{32}/k(0|[1-9][0-9]{0,2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What a signer holds of one other log: every entry below `size` except `missing`."""

    party: PartyId
    inc: Incarnation
    size: int
    root: Hash
    missing: Ranges = ()

    def holds(self, index: int) -> bool:
        """Say whether the entry at `index` is held, body and all."""
        return index < self.size and not any(a <= index < b for a, b in self.missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one station said at one moment about its own log and all it holds.

    Attributes:
        no: rises by exactly 1 from statement to statement of an incarnation, from 0.
        time: seconds, the signer's claim; never goes down.
        holds: one for each other party whose log the signer has met, in charter order.
    """

    channel: ChannelId
    party: PartyId
    inc: Incarnation
    size: int
    root: Hash
    no: int
    time: Instant
    holds: tuple[Holding, ...] = ()

    @property
    def log(self) -> LogId:
        """Return the log it speaks for."""
        return LogId(self.channel, self.party, self.inc)

    def holding(self, party: PartyId) -> Holding | None:
        """Return what it says of `party`'s log."""
        return next((holding for holding in self.holds if holding.party == party), None)

    def text(self) -> str:
        """Return the signed text, line feed at the end."""
        lines = [
            self.log.origin,
            str(self.size),
            _b64(self.root),
            f"no {self.no}",
            f"time {self.time}",
        ]
        for held in self.holds:
            line = f"holds {held.party.hex()}/{held.inc.hex()} {held.size} {_b64(held.root)}"
            if held.missing:
                line += " missing " + ",".join(f"{a}-{b}" for a, b in held.missing)
            lines.append(line)
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedStatement:
    """A statement with its Ed25519 signature by station key `key_number`."""

    statement: Statement
    key_number: int
    signature: bytes

    def note(self, public_key: bytes, extra: Sequence[str] = ()) -> str:
        """Return the whole signed note; `extra` are further signature lines."""
        line = signature_line(self.statement.party, self.key_number, public_key, self.signature)
        return "\n".join([self.statement.text(), line, *extra]) + "\n"


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def key_name(party: PartyId, number: int) -> str:
    """Return the note key name of a station key."""
    return f"parley1/{party.hex()}/k{number}"


def key_id(name: str, key_type: bytes, public_key: bytes) -> bytes:
    """Return the 4-byte C2SP key id."""
    return sha256(name.encode("utf-8") + b"\n" + key_type + public_key).digest()[:4]


def signature_line(party: PartyId, number: int, public_key: bytes, signature: bytes) -> str:
    """Return the note line of an Ed25519 signature (type 0x01)."""
    name = key_name(party, number)
    return f"\u2014 {name} {_b64(key_id(name, _ED25519_TYPE, public_key) + signature)}"


def seal_line(party: PartyId, number: int, public_key: bytes, signature: bytes) -> str:
    """Return the note line of an ML-DSA-65 seal (type 0xff, `parley1-mldsa65`)."""
    name = key_name(party, number)
    return f"\u2014 {name} {_b64(key_id(name, SEAL_TYPE, public_key) + signature)}"


_ED25519_TYPE = b"\x01"
SEAL_TYPE = b"\xffparley1-mldsa65"
SEAL_CONTEXT = b"parley1 seal"


def sign_statement(
    statement: Statement, *, key_number: int, signer: keys.Signer
) -> SignedStatement:
    """Return the statement signed by the station key."""
    return SignedStatement(
        statement=statement,
        key_number=key_number,
        signature=signer.sign(statement.text().encode("utf-8")),
    )


@lru_cache(maxsize=_SAME_AGAIN)
def verify_statement(signed: SignedStatement, public_key: bytes) -> None:
    """Accept the signature or raise SignatureError.

    The same statement comes from every member of a channel; what was accepted is remembered, a
    refusal never.
    """
    keys.verify_ed25519(public_key, signed.signature, signed.statement.text().encode("utf-8"))


def check_ranges(missing: Sequence[tuple[int, int]], size: int) -> Ranges:
    """Return `missing` if it is ascending, apart and within `size`.

    Raises:
        MalformedError: it is not.
    """
    if len(missing) > limits.GAPS_MAX:
        raise MalformedError(f"more than {limits.GAPS_MAX} gaps")
    last = -1
    for first, end in missing:
        if not last < first < end <= size:
            raise MalformedError("missing ranges overlap, touch, are empty or go beyond the size")
        last = end
    return tuple((first, end) for first, end in missing)


def read_origin(line: str) -> LogId:
    """Return the log that an origin line names.

    Raises:
        MalformedError: it is not written in its only form.
    """
    origin = _ORIGIN.fullmatch(line)
    if origin is None:
        raise MalformedError("origin is not parley1/<channel>/<party>/<incarnation>")
    channel, party, inc = (bytes.fromhex(part) for part in origin.groups())
    return LogId(ChannelId(channel), PartyId(party), Incarnation(inc))


@lru_cache(maxsize=_SAME_AGAIN)
def parse_text(text: str) -> Statement:
    """Return the statement of a signed text.

    Raises:
        MalformedError: any line is not exactly as the specification writes it.
    """
    lines = text.split("\n")
    if len(lines) < 6 or lines[-1] != "":
        raise MalformedError("a statement has at least five lines, each ended by a line feed")
    log = read_origin(lines[0])
    if not lines[3].startswith("no ") or not lines[4].startswith("time "):
        raise MalformedError("lines four and five are not `no` and `time`")
    size = _number(lines[1])
    if size < 1:
        raise MalformedError("own size below 1")
    statement = Statement(
        channel=log.channel,
        party=log.party,
        inc=log.inc,
        size=size,
        root=_root(lines[2]),
        no=_number(lines[3][3:]),
        time=Instant(_number(lines[4][5:])),
        holds=tuple(_parse_holds(line) for line in lines[5:-1]),
    )
    if statement.text() != text:
        raise MalformedError("the text is not written in its only form")
    parties = {log.party, *(held.party for held in statement.holds)}
    if len(parties) != len(statement.holds) + 1:
        raise MalformedError("a party stands twice, or the signer holds its own log")
    return statement


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text) or len(text) > 16 or int(text) > limits.COUNT_MAX:
        raise MalformedError(f"{text[:20]!r} is not a number in its only form")
    return int(text)


def _root(text: str) -> Hash:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 32 or _b64(raw) != text:
        raise MalformedError("root is not 32 bytes of base64")
    return Hash(raw)


def _parse_holds(line: str) -> Holding:
    match = _HOLDS.fullmatch(line)
    if match is None:
        raise MalformedError("unknown line in a statement")
    party, inc, size_text, root_text, gaps = match.groups()
    size = _number(size_text)
    missing: list[tuple[int, int]] = []
    for part in gaps.split(",") if gaps else []:
        first, dash, end = part.partition("-")
        if not dash:
            raise MalformedError("a missing range is not <a>-<b>")
        missing.append((_number(first), _number(end)))
    root = _root(root_text)
    if size == 0 and root != EMPTY_ROOT:
        raise MalformedError("root of an empty log is not that of no leaves")
    return Holding(
        party=PartyId(bytes.fromhex(party)),
        inc=Incarnation(bytes.fromhex(inc)),
        size=size,
        root=root,
        missing=check_ranges(missing, size),
    )


def split_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return the text and the (key name, id and signature bytes) of each signature line.

    Raises:
        MalformedError: not a C2SP signed note, or more than 16 signature lines.
    """
    if _CONTROL.search(note):
        raise MalformedError("a note has a control character other than the line feed")
    text, blank, tail = note.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise MalformedError("a note needs an empty line before its signatures")
    lines = tail[:-1].split("\n")
    if not 1 <= len(lines) <= limits.NOTE_SIGNATURES_MAX:
        raise MalformedError("a note carries 1 to 16 signature lines")
    parsed: list[tuple[str, bytes]] = []
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not keys.is_key_name(parts[1]):
            raise MalformedError("a signature line is not `— name base64`")
        try:
            raw = base64.b64decode(parts[2], validate=True)
        except (binascii.Error, ValueError):
            raise MalformedError("a signature is not base64") from None
        if len(raw) < 5 or _b64(raw) != parts[2]:
            raise MalformedError("a signature is too short or has spare bits set")
        parsed.append((parts[1], raw))
    return text + "\n", parsed


def read_note(note: str, keys_of: dict[int, bytes]) -> SignedStatement:
    """Return the statement of a whole note, verified under one of its author's station keys.

    Args:
        note: text, empty line, signature lines.
        keys_of: the author's Ed25519 station keys by number.

    Raises:
        MalformedError: the form is wrong.
        SignatureError: no line of a known key, two of one key, one by a station key of another
            party, or one of a known key that does not verify.
    """
    text, lines = split_note(note)
    statement = parse_text(text)
    if len({(name, raw[:4]) for name, raw in lines}) != len(lines):
        raise SignatureError("two signature lines of one key")
    own = f"parley1/{statement.party.hex()}/k"
    if any(_STATION_KEY.fullmatch(name) and not name.startswith(own) for name, _ in lines):
        raise SignatureError("a station key of another party signs this note")
    found: SignedStatement | None = None
    for number, public_key in keys_of.items():
        name = key_name(statement.party, number)
        wanted = key_id(name, _ED25519_TYPE, public_key)
        for line_name, raw in lines:
            if line_name != name or raw[:4] != wanted:
                continue
            signed = SignedStatement(statement=statement, key_number=number, signature=raw[4:])
            verify_statement(signed, public_key)
            found = found or signed
    if found is None:
        raise SignatureError("no signature line of a known key")
    return found
