"""Builds bundles, true and false ones, straight from the specification.

Shares no code with the station and none with the verifier: own encoding, own tree, own notes.
Keys come from seeds; only ML-DSA signatures draw randomness of their own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from functools import cache

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey

T0 = 1_790_000_000

KEPT: dict[bytes, bytes] = {}
"""ML-DSA signatures by what they sign: a signature differs each time, a published vector must not."""

RECORD, DELIVERED, LAPSED, DARK, FORK, ROLLBACK, EXTRACT, ANSWERED = range(8)


def h(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def head(major: int, n: int) -> bytes:
    if n < 24:
        return bytes([major * 32 + n])
    for code, form, top in (
        (24, ">B", 2**8),
        (25, ">H", 2**16),
        (26, ">I", 2**32),
        (27, ">Q", 2**64),
    ):
        if n < top:
            return bytes([major * 32 + code]) + struct.pack(form, n)
    raise ValueError(n)


def cbor(value) -> bytes:
    if value is None:
        return b"\xf6"
    if value is False:
        return b"\xf4"
    if value is True:
        return b"\xf5"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -value - 1)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, Raw):
        return value.raw
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(cbor(k) + cbor(value[k]) for k in sorted(value))
    return head(4, len(value)) + b"".join(map(cbor, value))


class Raw:
    """Bytes that stand in an encoding as they are."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def root_of(leaves: list[bytes]) -> bytes:
    if not leaves:
        return h(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return h(b"\x01" + root_of(leaves[:k]) + root_of(leaves[k:]))


@cache
def ed(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(h(b"ed " + seed.encode()))


@cache
def pq(seed: str) -> MLDSA65PrivateKey:
    return MLDSA65PrivateKey.from_seed_bytes(h(b"pq " + seed.encode()))


def pq_sign(seed: str, message: bytes, context: bytes) -> bytes:
    slot = h(seed.encode() + b"\0" + context + b"\0" + message)
    if slot not in KEPT:
        KEPT[slot] = pq(seed).sign(message, context)
    return KEPT[slot]


def ed_public(seed: str) -> bytes:
    return ed(seed).public_key().public_bytes_raw()


def pq_public(seed: str) -> bytes:
    return pq(seed).public_key().public_bytes_raw()


class Party:
    """One party with its roots, one or more station keys, and its cards."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.root_ed = ed_public(f"{code} root")
        self.root_pq = pq_public(f"{code} root")
        self.fp = h(b"parley1 root\0" + self.root_ed + self.root_pq)
        self.pid = self.fp[:16]

    def station_key(self, number=1, start=T0 - 10**6, until=T0 + 10**8, revoked=None, sealed=False):
        key = [
            number,
            ed_public(f"{self.code} k{number}"),
            pq_public(f"{self.code} k{number}") if sealed else None,
            start,
            until,
        ]
        return key if revoked is None else [*key, revoked]

    def card_body(self, sequence=1, keys=None, issued=T0 - 1000, not_after=T0 + 10**8, extra=None):
        return {
            0: sequence,
            1: self.code,
            2: f"Party {self.code}",
            3: self.root_ed,
            4: self.root_pq,
            5: keys or [self.station_key()],
            6: issued,
            7: not_after,
            **(extra or {}),
        }

    def card(self, body: bytes | None = None, **facts) -> list:
        body = cbor(self.card_body(**facts)) if body is None else body
        message = b"parley1 card\0" + body
        return [
            "parley1 card",
            body,
            ed(f"{self.code} root").sign(message),
            pq_sign(f"{self.code} root", message, b"parley1 card"),
        ]


def vkey(name: str, seed: str) -> str:
    packed = b"\x04" + ed_public(seed)
    key_id = h(name.encode() + b"\n" + packed)[:4]
    return f"{name}+{key_id.hex()}+{b64(packed)}"


def cosign(text: str, name: str, seed: str, time: int) -> str:
    packed = b"\x04" + ed_public(seed)
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    key_id = h(name.encode() + b"\n" + packed)[:4]
    return f"\u2014 {name} {b64(key_id + struct.pack('>Q', time) + ed(seed).sign(message))}\n"


class Log:
    """One log: entries with their salts, leaves and roots."""

    def __init__(
        self, channel: Channel, party: Party, inc: bytes | None = None, opening=None
    ) -> None:
        self.channel, self.party = channel, party
        self.inc = inc or h(b"inc " + party.code.encode())[:8]
        self.hide = h(b"hide " + party.code.encode() + self.inc)
        self.entries: list[tuple[int, int, int, object, dict]] = []
        self.number = 0
        fields = {0: self.hide, 16: channel.hash, 17: self.inc, **(opening or {})}
        self.add(0, fields, time=T0)

    @property
    def origin(self) -> str:
        return f"parley1/{self.channel.id.hex()}/{self.party.pid.hex()}/{self.inc.hex()}"

    def copy(self) -> Log:
        """A log that goes on from here in another history."""
        twin = object.__new__(Log)
        twin.__dict__ = {**self.__dict__, "entries": list(self.entries)}
        return twin

    def add(
        self, kind: int, fields: dict | None = None, *, time: int = T0, flags: int = 0, seen=None
    ) -> int:
        if seen is None:
            others = len(self.channel.parties) - 1
            seen = 0 if others == 1 else [0] * others
        self.entries.append((kind, time, flags, seen, fields or {}))
        return len(self.entries) - 1

    def turn(self, other: Log, **facts) -> int:
        number = self.channel.parties.index(other.party)
        extra = facts.pop("extra", {})
        return self.add(3, {16: number, 17: other.inc, **extra}, **facts)

    def salt(self, index: int, n: int) -> bytes:
        key = self.hide
        if index == 0:
            key = h(b"parley1 open\0" + self.inc + self.entries[0][4][0])
        return hmac.new(key, struct.pack(">QI", index, n), hashlib.sha256).digest()[:16]

    def commitments(self, index: int):
        _, _, flags, _, fields = self.entries[index]
        if flags & 16:
            return self.salt(index, 0)
        return {
            n: h(b"parley1 field\0" + self.salt(index, n) + cbor([n, v])) for n, v in fields.items()
        }

    def leaf(self, index: int) -> bytes:
        kind, time, flags, seen, _ = self.entries[index]
        return h(b"\0" + cbor([kind, time, flags, seen, self.commitments(index)]))

    def leaves(self, size: int) -> list[bytes]:
        return [self.leaf(index) for index in range(size)]

    def root(self, size: int) -> bytes:
        return root_of(self.leaves(size))

    def view(self, index: int, withhold=()) -> list:
        kind, time, flags, seen, fields = self.entries[index]
        opened = {}
        if not flags & 16:
            opened = {
                n: [self.salt(index, n), v]
                for n, v in fields.items()
                if n != 0 and n not in withhold
            }
        return [kind, time, flags, seen, self.commitments(index), opened]

    def part(self, size: int | None = None, show=None, withhold=None, cuts=()) -> list:
        """A log part over `size` entries that shows `show`; the rest as subtrees.

        `cuts` are further sizes whose roots the part must be able to give.
        """
        size = len(self.entries) if size is None else size
        show = range(size) if show is None else show
        withhold = withhold or {}
        leaves = [[i, self.view(i, withhold.get(i, ()))] for i in sorted(show)]
        stops = sorted({*show, *(i + 1 for i in show), *cuts, size})
        nodes, at = [], 0
        while at < size:
            if at in show:
                at += 1
                continue
            stop = next(s for s in stops if s > at)
            level = 0
            while at % (2 << level) == 0 and at + (2 << level) <= stop:
                level += 1
            nodes.append(
                [level, at >> level, root_of([self.leaf(i) for i in range(at, at + (1 << level))])]
            )
            at += 1 << level
        return [self.origin, size, leaves, nodes]

    def text(
        self, size: int, *, time: int, holds=(), no: int | None = None, root: bytes | None = None
    ) -> str:
        """`holds` is a list of (log, size) or (log, size, missing) or (log, size, missing, root)."""
        if no is None:
            no, self.number = self.number, self.number + 1
        lines = [self.origin, str(size), b64(root or self.root(size)), f"no {no}", f"time {time}"]
        for log, held, *rest in holds:
            missing = rest[0] if rest else ""
            held_root = rest[1] if len(rest) > 1 else log.root(held)
            line = f"holds {log.party.pid.hex()}/{log.inc.hex()} {held} {b64(held_root)}"
            lines.append(line + (f" missing {missing}" if missing else ""))
        return "\n".join(lines) + "\n"

    def note(self, size: int | None = None, *, key: int = 1, extra: str = "", **facts) -> str:
        text = self.text(len(self.entries) if size is None else size, **facts)
        return self.sign(text, key=key, extra=extra)

    def sign(self, text: str, *, key: int = 1, extra: str = "") -> str:
        name = f"parley1/{self.party.pid.hex()}/k{key}"
        seed = f"{self.party.code} k{key}"
        key_id = h(name.encode() + b"\n\x01" + ed_public(seed))[:4]
        return f"{text}\n\u2014 {name} {b64(key_id + ed(seed).sign(text.encode()))}\n{extra}"

    def seal(self, text: str, *, key: int = 1) -> str:
        """Only the seal line."""
        name = f"parley1/{self.party.pid.hex()}/k{key}"
        seed = f"{self.party.code} k{key}"
        key_id = h(name.encode() + b"\n\xffparley1-mldsa65" + pq_public(seed))[:4]
        return f"\u2014 {name} {b64(key_id + pq_sign(seed, text.encode(), b'parley1 seal'))}\n"


class Channel:
    """A charter and the parties on it."""

    def __init__(self, *parties: Party, witnesses=(), extra=None) -> None:
        self.parties = list(parties)
        self.body = {
            0: "parley1 charter",
            1: [party.pid for party in parties],
            2: 7,
            3: "contact",
            4: "none",
            5: T0 - 500,
            6: h(b"nonce")[:16],
            12: "LINE-1",
            **(extra or {}),
        }
        if witnesses:
            self.body[8] = [list(witness) for witness in witnesses]
        self.hash = h(b"parley1 charter\0" + cbor(self.body))
        self.id = self.hash[:16]


def bundle(*, cards, charters, notes, parts, claims, tokens=None) -> bytes:
    """Members in the order that the specification fixes; a claim names notes by their text."""
    cards = sorted(cards, key=lambda card: _card_key(card[1]))
    charters = sorted(charters, key=lambda c: h(b"parley1 charter\0" + cbor(c)))
    notes = sorted(notes, key=_note_key)
    parts = sorted(parts, key=lambda part: (part[0], part[1], _part_root(part)))
    rows = [
        [what, party, index, inc, about, sorted(notes.index(note) for note in named)]
        for what, party, index, inc, about, named in claims
    ]
    members = {0: cards, 1: charters, 2: notes, 3: parts, 5: rows}
    if tokens is not None:
        members[4] = tokens
    return cbor(["parley1 bundle", members])


def _card_key(body: bytes) -> tuple[bytes, int]:
    fields = cbor2.loads(body)
    return h(b"parley1 root\0" + fields[3] + fields[4])[:16], fields[0]


def _note_key(note: str) -> tuple[str, int, str]:
    lines = note.split("\n")
    return lines[0], int(lines[3][3:]), note.partition("\n\n")[0] + "\n"


def _part_root(part: list) -> str:
    spans = [(i, h(b"\0" + cbor(view[:5])), 0) for i, view in part[2]]
    spans += [(pos << level, value, level) for level, pos, value in part[3]]
    whole = {start: (value, level) for start, value, level in spans}

    def fold(lo: int, hi: int) -> bytes:
        if lo in whole and 1 << whole[lo][1] == hi - lo:
            return whole[lo][0]
        k = 1
        while k * 2 < hi - lo:
            k *= 2
        return h(b"\x01" + fold(lo, lo + k) + fold(lo + k, hi))

    return fold(0, part[1]).hex()


class Story:
    """A request by ALFA to BRAVO that stays without an answer: the smallest lapse there is.

    ALFA: 0 open, 1 turn, 2 request (due in an hour), 3 remark.  BRAVO: 0 open, 1 turn, 2 remark.
    """

    def __init__(self, *, due: object = 3600, witnesses=(), extra=None) -> None:
        self.alfa, self.bravo = Party("ALFA"), Party("BRAVO")
        self.channel = Channel(self.alfa, self.bravo, witnesses=witnesses, extra=extra)
        self.a, self.b = Log(self.channel, self.alfa), Log(self.channel, self.bravo)
        self.a.turn(self.b, seen=0, time=T0 + 1)
        self.b.turn(self.a, seen=2, time=T0 + 2)
        fields = {2: "call us"} if due is None else {2: "call us", 5: due}
        self.r = self.a.add(16, fields, time=T0 + 10, seen=2)
        self.note_a = self.a.note(time=T0 + 10, holds=[(self.b, 2)])
        self.s0 = self.b.note(time=T0 + 5, holds=[(self.a, 2)])
        self.s1 = self.b.note(time=T0 + 20, holds=[(self.a, 3)])

    def pass_time(self, seconds: int = 7200, *, extra: str = "") -> None:
        """Both go on without an answer; BRAVO signs again."""
        self.a.add(1, {2: "still here"}, time=T0 + 30, seen=2)
        self.b.add(1, {2: "nice weather"}, time=T0 + 40, seen=4)
        self.s2 = self.b.note(time=T0 + 20 + seconds, holds=[(self.a, 4)], extra=extra)

    def claim(self, what: int, named, *, index: int | None = None, about: int = 1):
        return (what, 0, self.r if index is None else index, self.a.inc, about, list(named))

    def bundle(self, claims, *, notes, parts, cards=None, **more) -> bytes:
        return bundle(
            cards=cards or [self.alfa.card(), self.bravo.card()],
            charters=[self.channel.body],
            notes=notes,
            parts=parts,
            claims=claims,
            **more,
        )

    def delivered(self) -> bytes:
        return self.bundle(
            [self.claim(DELIVERED, [self.note_a, self.s1])],
            notes=[self.note_a, self.s1],
            parts=[self.a.part(3, show={0, 2}), self.b.part(2, show={0})],
        )

    def lapsed(self) -> bytes:
        """The whole proof of silence; call `pass_time` first."""
        return self.bundle(
            [self.claim(LAPSED, [self.note_a, self.s1, self.s2])],
            notes=[self.note_a, self.s1, self.s2],
            parts=[self.a.part(4, show={0, 2, 3}), self.b.part(3)],
        )

    @property
    def trust(self) -> list[str]:
        return [self.alfa.fp.hex(), self.bravo.fp.hex()]
