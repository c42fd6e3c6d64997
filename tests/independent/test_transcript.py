"""The transcript at 75 bit/s, read by what was written from `spec/` alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from independent import identity, link, logs, notes, values

TOLD = json.loads((Path(__file__).parents[2] / "spec/vectors/transcript.json").read_text())


class Side:
    """One party as the other one comes to know it from its frames."""

    def __init__(self, card: bytes) -> None:
        body = values.decode(values.decode(card)[1])
        self.fp = identity.fingerprint(body[3], body[4])
        self.keys = {one[0]: one[1] for one in body[5]}
        self.k0: bytes | None = None
        self.body: dict[int, bytes] = {}
        self.symbols: dict[bytes, dict[int, bytes]] = {}
        self.entries: list[list[Any]] = []
        self.claims: list[list[Any]] = []

    @property
    def pid(self) -> bytes:
        return self.fp[:16]

    @property
    def inc(self) -> bytes:
        inc: bytes = self.entries[0][4][17]
        return inc

    def leaf(self, index: int) -> bytes:
        kind, time, flags, seen, body = self.entries[index]
        hide = self.entries[0][4][0]
        hidden = {
            n: logs.commit(logs.salt(hide, self.inc, index, n), n, value)
            for n, value in body.items()
        }
        return logs.leaf_of([kind, time, flags, seen, hidden])

    def root(self, size: int) -> bytes:
        return logs.root([self.leaf(index) for index in range(size)])


def take_piece(frame: bytes, sender: Side, receiver: Side) -> None:
    size, esi, symbol = link.read_piece(frame, sender.fp, receiver.fp)
    sender.body[esi] = symbol
    count = -(-size // len(symbol))
    if sender.k0 is None and len(sender.body) == count:
        body = b"".join(sender.body[esi] for esi in range(count))[:size]
        told = next(one for one in TOLD["keyings"] if one["body"] == body.hex())
        members = values.decode(body)
        assert members[:2] == [sender.pid, receiver.pid]
        signed = b"parley1 keying\0" + identity.h(values.encode(members[:6]))
        assert identity.verify_ed(sender.keys[members[6]], members[7], signed)
        bound = link.info(sender.fp, receiver.fp, members[2], members[3], members[4])
        sender.k0 = link.first_chain_key(bytes.fromhex(told["secret"]), bound)


def take_item(item: list[Any], sender: Side) -> None:
    if item[0] == 9:
        _, ident, size, esi, symbol = item
        got = sender.symbols.setdefault(ident, {})
        got[esi] = symbol
        count = -(-size // len(symbol))
        if esi == count - 1 and len(got) >= count:
            whole = b"".join(got[at] for at in range(count))[:size]
            assert identity.h(whole)[:4] == ident
            (inner,) = link.read_frame(whole)
            take_item(inner, sender)
    elif item[0] == 1:
        first, entries = item[3], item[4]
        for at, entry in enumerate(entries):
            logs.read_entry(values.encode(entry), 1)
            if first + at == len(sender.entries):
                sender.entries.append(entry)
        if len(item) == 6:
            key, number, delay, held, signature = item[5]
            time = entries[-1][1] + delay
            sender.claims.append([key, number, time, first + len(entries), held, signature])
    elif item[0] == 2:
        sender.claims.append([item[3], item[4], item[5], item[6], item[7], item[8]])


def text_of(claim: list[Any], signer: Side, other: Side) -> str:
    _, number, time, size, held, _ = claim
    channel = TOLD["channel"]
    lines = [f"parley1/{channel}/{signer.pid.hex()}/{signer.inc.hex()}", str(size)]
    lines += [notes.b64(signer.root(size)), f"no {number}", f"time {time}"]
    if any(entry[0] == 3 for entry in signer.entries[:size]):
        name = f"{other.pid.hex()}/{other.inc.hex()}"
        lines.append(f"holds {name} {held[0]} {notes.b64(other.root(held[0]))}")
    else:
        assert held == [None]
    return "\n".join(lines) + "\n"


def test_the_frames_lead_to_the_logs_and_statements_that_are_told() -> None:
    sides = {one["code"]: Side(bytes.fromhex(one["card"])) for one in TOLD["stations"]}
    longest = 0
    for told in TOLD["frames"]:
        frame = bytes.fromhex(told["hex"])
        longest = max(longest, len(frame))
        sender = sides[told["from"]]
        (receiver,) = (side for side in sides.values() if side is not sender)
        if frame[0] == 0x60:
            take_piece(frame, sender, receiver)
            continue
        assert sender.k0 is not None
        for item in link.read_frame(link.unseal(sender.k0, 0, frame)):
            take_item(item, sender)

    assert longest == 64
    signed: dict[str, bytes] = {}
    for signer in sides.values():
        (other,) = (side for side in sides.values() if side is not signer)
        for claim in signer.claims:
            text = text_of(claim, signer, other)
            assert identity.verify_ed(signer.keys[claim[0]], claim[5], text.encode())
            signed[text] = claim[5]
    for log in TOLD["logs"]:
        (author,) = (side for side in sides.values() if side.pid.hex() in log["origin"])
        assert [values.encode(entry).hex() for entry in author.entries] == log["entries"]
        assert signed[log["statement"]].hex() == log["signature"]


def test_the_registers_are_canonical() -> None:
    raw = TOLD["register"]["messages"]
    rows = values.decode(bytes.fromhex(raw))

    assert isinstance(rows, list)
    assert len(rows) == 1
    assert values.encode(rows).hex() == raw
