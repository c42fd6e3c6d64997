"""Bundles written and their form checked, from spec/bundle.md."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from independent import identity, notes
from independent.logs import Log, Part
from independent.values import array, decode, encode, fields, need, octets, uint

CLAIMS = {
    name: number
    for number, name in enumerate(
        ("record", "delivered", "lapsed", "dark", "fork", "rollback", "extract", "answered")
    )
}


def claim(what: str, log: Log, index: int, about: int, on: list[int]) -> list[Any]:
    """One claim."""
    return [CLAIMS[what], log.number, index, log.inc, about, sorted(on)]


def bundle(
    *,
    parties: list[identity.Party],
    charters: list[dict[int, Any]],
    texts: list[str],
    parts: list[list[Any]],
    claims: list[tuple[str, Log, int, int, list[str]]],
) -> bytes:
    """A bundle in the one order."""
    texts = sorted(texts, key=lambda each: (each.split("\n")[0], number_of(each), each.encode()))
    members = {
        0: [party.card() for party in sorted(parties, key=lambda party: party.pid)],
        1: sorted(charters, key=identity.charter_hash),
        2: texts,
        3: sorted(parts, key=lambda part: (part[0], part[1])),
        5: [
            claim(what, log, index, about, [texts.index(text) for text in on])
            for what, log, index, about, on in claims
        ],
    }
    return encode(["parley1 bundle", members])


def number_of(note: str) -> int:
    """The number of a note's statement."""
    return int(note.split("\n")[3][3:])


@dataclass
class Note:
    """A note of a bundle and what its signature lines are worth."""

    statement: notes.Statement
    key: list[Any]
    last_day: int
    cosigned: dict[bytes, int] = field(default_factory=dict)

    def in_window(self) -> bool:
        """Whether the key counted at the statement's own time."""
        time = self.statement.time
        return bool(self.key[3] <= time < self.key[4] and time <= self.last_day)


@dataclass
class Read:
    """A bundle whose form is in order."""

    cards: dict[bytes, list[dict[int, Any]]]
    charters: dict[bytes, dict[int, Any]]
    notes: list[Note]
    parts: list[Part]
    claims: list[list[Any]]
    unchecked: list[str] = field(default_factory=list)
    spoken_of: set[str] = field(default_factory=set)

    def fp(self, pid: bytes) -> bytes:
        """The fingerprint of a party."""
        return identity.fingerprint(self.cards[pid][0][3], self.cards[pid][0][4])


def _ascending(keys: list[Any]) -> None:
    need(all(a < b for a, b in itertools.pairwise(keys)), "wrong order or twice")


def read(raw: bytes, witnesses: list[str]) -> Read:
    """A bundle that MUST be accepted for its form, or RefusedError."""
    outer = array(decode(raw, 16), 2, 2)
    need(outer[0] == "parley1 bundle", "not parley1 bundle")
    body = fields(outer[1], {0, 1, 2, 3, 5}, {4})
    bodies = [identity.read_card(card) for card in array(body[0], 64, 1)]
    cards: dict[bytes, list[dict[int, Any]]] = {}
    places: dict[bytes, Any] = {}
    for card in bodies:
        pid = identity.fingerprint(card[3], card[4])[:16]
        for held in cards.get(pid, []):
            need((held[3], held[4]) == (card[3], card[4]), "two roots of one party id")
        cards.setdefault(pid, []).append(card)
        keys = [(card[3], "root"), (card[4], "root pq")]
        keys += [(key[1], key[0]) for key in card[5]]
        keys += [(key[2], (key[0], "pq")) for key in card[5] if key[2] is not None]
        keys += [(officer[1], ("officer", officer[0])) for officer in card.get(10, [])]
        for key, where in keys:
            need(places.setdefault(key, (pid, where)) == (pid, where), "one key in two places")
    numbers: dict[tuple[bytes, int, int], bytes] = {}
    for pid, listed in cards.items():
        for role, key in ((n, key) for card in listed for n in (5, 10) for key in card.get(n, [])):
            need(numbers.setdefault((pid, role, key[0]), key[1]) == key[1], "number of two keys")
    order = []
    for card in bodies:
        order.append((identity.fingerprint(card[3], card[4])[:16], card[0]))
    _ascending(order)
    charters = {}
    ids = []
    for made in array(body[1], 64, 1):
        identity.read_charter(made)
        ids.append(identity.charter_hash(made)[:16])
        charters[ids[-1]] = made
        for name, listed in made.get(8, []):
            key = identity.read_verifier_key(listed)[2]
            need(places.setdefault(key, name) == name, "one key in two places")
    _ascending(ids)
    found = Read(cards, charters, [], [], [])
    known = list(witnesses)
    known += [listed for made in charters.values() for _, listed in made.get(8, [])]
    order_of_notes = []
    for whole in array(body[2], 1024, 1):
        need(isinstance(whole, str), "no text")
        found.notes.append(read_one(found, whole, known))
        said = found.notes[-1].statement
        order_of_notes.append((said.origin, said.number, whole.encode()))
    _ascending(order_of_notes)
    for part in array(body[3], 65_536):
        need(isinstance(part, list) and len(part) == 4, "log part")
        origin = notes.re.fullmatch(
            r"parley1/([0-9a-f]{32})/([0-9a-f]{32})/([0-9a-f]{16})", str(part[0])
        )
        channel, pid, inc = (
            (bytes.fromhex(each) for each in origin.groups()) if origin else 3 * (b"",)
        )
        need(channel in charters and pid in charters[channel][1], "a log of a stranger")
        checked = Part(part, len(charters[channel][1]) - 1)
        found.parts.append(checked)
        digest = checked.root(checked.size)
        need((checked.origin, checked.size, digest) in _signed(found), "a root nobody signed")
        if 0 in checked.views and checked.views[0][0] == 0:
            named = checked.field(0, 16)
            whole = identity.charter_hash(charters[channel])
            need(named in (None, ..., whole), "opening of another charter")
            need(checked.field(0, 17) in (None, ..., inc), "opening of another incarnation")
    _ascending([(part.origin, part.size, part.root(part.size)) for part in found.parts])
    found.spoken_of = {name for name, _, _ in _signed(found)}
    if 4 in body:
        for n, token in enumerate(array(body[4], 1024)):
            note, kind, stamp = array(token, 3, 3)
            uint(note, len(found.notes) - 1)
            uint(kind)
            need(isinstance(stamp, bytes) and token not in body[4][:n], "token")
            found.unchecked.append("a time token")
    for each in array(body[5], 256):
        what, party, index, inc, about, on = array(each, 6, 6)
        uint(what, 7)
        uint(index)
        octets(inc, 8)
        need(all(uint(n) < len(found.notes) for n in array(on, 1024)), "a note not there")
        _ascending(on)
        need(what == 2 or (about == party) == (what in (0, 4, 5, 6)), "about")
        chosen = [found.notes[n] for n in on] or found.notes
        channels = {note.statement.channel for note in chosen}
        need(len(channels) == 1 and (bool(on) or len(charters) == 1), "notes of two channels")
        most = len(charters[channels.pop()][1]) - 1
        need(uint(party) <= most and uint(about) <= most, "a party that is not there")
        need(each not in found.claims, "a claim twice")
        found.claims.append(each)
    _serve(found)
    return found


def _signed(found: Read) -> list[tuple[str, int, bytes]]:
    """Name, size and root of every log that a note of the bundle speaks of."""
    signed = []
    for note in found.notes:
        said = note.statement
        signed.append((said.origin, said.size, said.root))
        for held in said.holds:
            name = f"parley1/{said.channel.hex()}/{held.pid.hex()}/{held.inc.hex()}"
            signed.append((name, held.size, held.root))
    return signed


def _serve(found: Read) -> None:
    members = {pid for made in found.charters.values() for pid in made[1]}
    need(set(found.cards) <= members, "a card of nobody")
    channels = {note.statement.channel for note in found.notes}
    need(set(found.charters) <= channels, "a charter of no note")
    if found.claims and all(each[5] for each in found.claims):
        used = {n for each in found.claims for n in each[5]}
        origins = {part.origin for part in found.parts}
        for n, note in enumerate(found.notes):
            said = note.statement
            names = {said.origin} | {
                f"parley1/{said.channel.hex()}/{held.pid.hex()}/{held.inc.hex()}"
                for held in said.holds
            }
            need(n in used or bool(names & origins), "a note that serves nothing")


def read_one(found: Read, whole: str, known: list[str]) -> Note:
    said, lines = notes.read_note(whole)
    need(said.channel in found.charters, "a note of no charter")
    members = found.charters[said.channel][1]
    need(said.pid in members, "a note of a stranger")
    need(said.pid in found.cards, "a signer without a card")
    others = [pid for pid in members if pid != said.pid]
    held = [each.pid for each in said.holds]
    need(held == [pid for pid in others if pid in held], "order of holds")
    keys = {}
    for card in sorted(found.cards[said.pid], key=lambda card: card[0]):
        for key in card[5]:
            keys[f"parley1/{said.pid.hex()}/k{key[0]}"] = (key, card[7])
    named = [identity.read_verifier_key(each) for each in known]
    used = None
    cosigned: dict[bytes, int] = {}
    for name, key_id, payload in lines:
        if notes.re.fullmatch(r"parley1/[0-9a-f]{32}/k(0|[1-9][0-9]{0,2})", name):
            need(name.startswith(f"parley1/{said.pid.hex()}/k"), "line of another party")
        if name in keys:
            key, last = keys[name]
            ed_id = identity.h(name.encode(), b"\n\x01", key[1])[:4]
            if key_id == ed_id:
                good = identity.verify_ed(key[1], payload, said.text.encode())
            else:
                need(key[2] is not None, "key id")
                kind = b"\n\xffparley1-mldsa65"
                need(key_id == identity.h(name.encode(), kind, key[2])[:4], "key id")
                good = identity.verify_pq(key[2], payload, said.text.encode(), b"parley1 seal")
            need(good, "wrong signature")
            used = Note(said, key, last)
            continue
        mine = [each for each in named if each[0] == name]
        for _, kind_of, key in mine:
            if key_id != identity.h(name.encode(), b"\n", bytes([kind_of]), key)[:4]:
                continue
            if kind_of == 4:
                stamp = int.from_bytes(payload[:8])
                head = f"cosignature/v1\ntime {stamp}\n".encode()
                good = identity.verify_ed(key, payload[8:], head + said.text.encode())
                need(good, "wrong cosignature")
                cosigned[key] = stamp
            else:
                found.unchecked.append(f"a line of {name}")
            break
        else:
            need(not mine, "key id")
            found.unchecked.append(f"a line of {name}")
    need(used is not None, "no line of a station key")
    assert used is not None
    used.cosigned = cosigned
    return used
