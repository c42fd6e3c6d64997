"""What insiders can sign and a careless reader might believe; and bundles put together wrongly."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from independent.identity import Party, h
from independent.logs import OFF_RECORD, Log
from independent.stories import START, STORIES, WITNESS, WITNESS_LISTED, Signer, Talk
from independent.tampering import LARGE, arrange
from independent.values import decode, encode

Made = tuple[str, bytes, Talk]


# --- parts and members -----------------------------------------------------------------------------


def put_together_wrongly(story: str) -> Iterator[Made]:
    """Each way to take a bundle apart and put it together again."""
    talk, raw = STORIES[story][0]()
    other = STORIES["three parties" if story == "delivered" else "delivered"][0]()[1]
    for name, made in changes_of_members(raw, other, story):
        yield f"{story}: {name}", made, talk


def changes_of_members(raw: bytes, other: bytes, seed: str) -> Iterator[tuple[str, bytes]]:
    """The same for any bundle, with members of another one."""
    for name, change in MEMBERS.items():
        dice = random.Random(f"{seed} {name}")
        bundle = decode(raw, 16)
        try:
            change(bundle[1], decode(other, 16)[1], dice)
        except (IndexError, ValueError, StopIteration):
            continue
        yield name, encode(bundle)


def _part(members: dict[int, Any], dice: random.Random, *, with_nodes: bool = False) -> list[Any]:
    return dice.choice([part for part in members[3] if part[3] or not with_nodes])


def _hide_leaf(members: dict[int, Any], dice: random.Random) -> None:
    part = _part(members, dice)
    index, view = part[2].pop(dice.randrange(len(part[2])))
    part[3].append([0, index, h(b"\0", encode(view[:5]))])
    part[3].sort(key=lambda node: node[1] << node[0])


def _size(by: int) -> Any:
    def change(members: dict[int, Any], _: Any, dice: random.Random) -> None:
        _part(members, dice)[1] += by

    return change


def _claim(place: int, value: Any) -> Any:
    def change(members: dict[int, Any], _: Any, dice: random.Random) -> None:
        claim = dice.choice(members[5])
        claim[place] = value(claim[place]) if callable(value) else value

    return change


def _withhold(*numbers: int) -> Any:
    def change(members: dict[int, Any], _: Any, __: random.Random) -> None:
        for part in members[3]:
            for _, view in part[2]:
                for n in numbers:
                    view[5].pop(n, None)

    return change


def _of_part(work: Any, *, with_nodes: bool = False) -> Any:
    def change(members: dict[int, Any], other: dict[int, Any], dice: random.Random) -> None:
        work(_part(members, dice, with_nodes=with_nodes), other, dice)

    return change


MEMBERS: dict[str, Any] = {
    "a leaf as its hash": lambda m, _, dice: _hide_leaf(m, dice),
    "size one more": _size(1),
    "size one less": _size(-1),
    "size 0": _of_part(lambda part, _, __: part.__setitem__(slice(1, 4), [0, [], []])),
    "a node left out": _of_part(lambda part, _, dice: part[3].pop(), with_nodes=True),
    "a node twice": _of_part(lambda part, _, __: part[3].append(part[3][-1]), with_nodes=True),
    "a spare node": _of_part(lambda part, _, __: part[3].append([0, part[1], bytes(32)])),
    "a node above all": _of_part(lambda part, _, __: part[3].insert(0, [52, 0, bytes(32)])),
    "a node of level 53": _of_part(lambda part, _, __: part[3].append([53, 0, bytes(32)])),
    "a node over leaves": _of_part(lambda part, _, __: part[3].insert(0, [1, 0, bytes(32)])),
    "a node for another": _of_part(
        lambda part, _, __: part[3][0].__setitem__(1, part[3][0][1] + 1), with_nodes=True
    ),
    "no nodes": _of_part(lambda part, _, __: part[3].clear(), with_nodes=True),
    "nodes falling": _of_part(lambda part, _, __: part[3].reverse(), with_nodes=True),
    "a leaf left out": _of_part(lambda part, _, __: part[2].pop()),
    "leaves falling": _of_part(lambda part, _, __: part[2].reverse()),
    "a leaf twice": _of_part(lambda part, _, __: part[2].append(part[2][-1])),
    "leaves of each other": _of_part(lambda part, _, __: part[2][0].__setitem__(1, part[2][-1][1])),
    "a leaf of another bundle": _of_part(
        lambda part, other, __: part[2][-1].__setitem__(1, other[3][0][2][-1][1])
    ),
    "another log's name": _of_part(lambda part, other, __: part.__setitem__(0, other[3][0][0])),
    "a log of nobody": _of_part(lambda part, _, __: part.__setitem__(0, part[0][:-1] + "g")),
    "a part left out": lambda m, _, dice: m[3].pop(dice.randrange(len(m[3]))),
    "a part twice": lambda m, _, dice: m[3].append(copy.deepcopy(dice.choice(m[3]))),
    "parts falling": lambda m, _, dice: m[3].reverse(),
    "no parts": lambda m, _, dice: m[3].clear(),
    "a part of another bundle": lambda m, other, dice: m[3].append(other[3][0]),
    "a card left out": lambda m, _, dice: m[0].pop(dice.randrange(len(m[0]))),
    "no cards": lambda m, _, dice: m[0].clear(),
    "a card twice": lambda m, _, dice: m[0].insert(0, m[0][0]),
    "cards falling": lambda m, _, dice: m[0].reverse(),
    "a card of nobody": lambda m, _, dice: m[0].append(Party("dora").card()),
    "a charter of nobody": lambda m, other, dice: m[1].append(other[1][0]),
    "a charter twice": lambda m, _, dice: m[1].append(m[1][0]),
    "no charters": lambda m, _, dice: m[1].clear(),
    "a note left out": lambda m, _, dice: m[2].pop(dice.randrange(len(m[2]))),
    "a note twice": lambda m, _, dice: m[2].append(m[2][-1]),
    "notes falling": lambda m, _, dice: m[2].reverse(),
    "a note of another bundle": lambda m, other, dice: m[2].append(other[2][0]),
    "no notes": lambda m, _, dice: m[2].clear(),
    "no claims": lambda m, _, dice: m[5].clear(),
    "a claim twice": lambda m, _, dice: m[5].append(m[5][0]),
    "a claim on all notes": _claim(5, []),
    "a claim on the last note": _claim(5, lambda on: on[-1:]),
    "a claim on the first note": _claim(5, lambda on: on[:1]),
    "a claim on notes falling": _claim(5, lambda on: on[::-1]),
    "a claim on a note twice": _claim(5, lambda on: [*on, on[-1]]),
    "a claim on a note not there": _claim(5, lambda on: [*on, 1000]),
    "a claim of one entry more": _claim(2, lambda index: index + 1),
    "a claim of one entry less": _claim(2, lambda index: index - 1),
    "a claim of the opening": _claim(2, 0),
    "a claim of an entry far away": _claim(2, 2**53 - 1),
    "a claim of another log": _claim(3, bytes(8)),
    "a claim of the other party": _claim(1, lambda party: 1 - party),
    "a claim about the other party": _claim(4, lambda party: 1 - party),
    "a claim about party 2": _claim(4, 2),
    "a claim of party 2": _claim(1, 2),
    "a claim of kind 8": _claim(0, 8),
    **{f"a claim of kind {n}": _claim(0, n) for n in range(8)},
    "a token": lambda m, _, dice: m.__setitem__(4, [[0, 1, b"token"]]),
    "no token in a list": lambda m, _, dice: m.__setitem__(4, []),
    "a token twice": lambda m, _, dice: m.__setitem__(4, 2 * [[0, 1, b"token"]]),
    "a token on no note": lambda m, _, dice: m.__setitem__(4, [[1000, 1, b"token"]]),
    "a token of text": lambda m, _, dice: m.__setitem__(4, [[0, 1, "token"]]),
    "a token of any type": lambda m, _, dice: m.__setitem__(4, [[0, LARGE, b""]]),
    "a member more": lambda m, _, dice: m.__setitem__(6, []),
    "a member less": lambda m, _, dice: m.pop(5),
    "the charter's hash withheld": _withhold(16),
    "the incarnation withheld": _withhold(17),
    "references withheld": _withhold(1),
    "cases withheld": _withhold(4),
    "the due withheld": _withhold(5),
    "rungs withheld": _withhold(32),
    "all withheld": _withhold(*range(64)),
}


# --- odd entries, signed by their author --------------------------------------------------------


@dataclass
class OddLog(Log):
    """A log some of whose leaves are not as the rules want them."""

    odd: dict[int, Any] = field(default_factory=dict)

    def view(self, index: int, withheld: tuple[int, ...] = ()) -> list[Any]:
        """The leaf as it is shown, and signed."""
        view = super().view(index, withheld)
        return self.odd[index](view) if index in self.odd else view


def _set(place: int, value: Any) -> Any:
    return lambda view: [*view[:place], value, *view[place + 1 :]]


ODD_LEAVES: dict[str, Any] = {
    "plain": lambda view: view,
    "a kind above all": _set(0, LARGE),
    "kind 0": _set(0, 0),
    "kind 5": _set(0, 5),
    "kind 6": _set(0, 6),
    "kind 9": _set(0, 9),
    "kind 4": _set(0, 4),
    "kind 3": _set(0, 3),
    "a time above all": _set(1, LARGE),
    "time 0": _set(1, 0),
    "all flags": _set(2, LARGE),
    "flags without bit 4": _set(2, LARGE - 16),
    "bit 4 with a body": _set(2, 16),
    "bit 5": _set(2, 32),
    "seen nothing": _set(3, 0),
    "seen above all": _set(3, LARGE),
    "seen a list": _set(3, [3]),
    "seen no one": _set(3, []),
    "seen two": _set(3, [3, 0]),
    "no body and no flag": lambda view: [*view[:4], bytes(16), {}],
    "nothing that stands for a body": lambda view: [*view[:4], None, {}],
    "a body of fifteen bytes": lambda view: [*view[:4], bytes(15), {}],
    "no fields": lambda view: [*view[:4], {}, {}],
    "nothing opened": _set(5, {}),
    "field 0": lambda view: [*view[:4], {0: bytes(32), **view[4]}, view[5]],
    "a field above all": lambda view: [*view[:4], {**view[4], LARGE: bytes(32)}, view[5]],
    "ninety fields": lambda view: [
        *view[:4],
        {**view[4], **{n: bytes(32) for n in range(100, 190)}},
        view[5],
    ],
}
INC = h(b"inc a")[:8]
REFERENCES: dict[str, Any] = {
    "long": [0, 2, INC],
    "another log": [0, 2, bytes(8)],
    "seven bytes": [0, 2, INC[:7]],
    "four members": [0, 2, INC, 0],
    "one member": [0],
    "true": [False, 2],
    "null behind": [0, 2, None],
    "another party": [1, 2],
    "a party not there": [2, 2],
    "above all": [0, LARGE],
    "below zero": [0, -2],
    "text": "0/2",
    "a map": {0: 0, 1: 2},
    "nothing": None,
}
DUES: dict[str, Any] = {
    "60": 60,
    "59": 59,
    "0": 0,
    "above all": LARGE,
    "2^53": 2**53,
    "below zero": -3600,
    "true": True,
    "text": "3600",
    "bytes": b"\x0e\x10",
    "null": None,
    "no instant": [],
    "two instants": [START + 100, START + 200],
    "an instant in text": [str(START + 100)],
    "an instant in a list": [[START + 100]],
    "true as an instant": [True],
    "an instant below zero": [-1],
    "an instant above all": [LARGE],
    "the instant of delivery": [START + 20],
    "a second after delivery": [START + 21],
    "the instant of the last word": [START + 4020],
    "a second after it": [START + 4021],
}
RUNGS: dict[str, Any] = {
    "10": 10,
    "2": 2,
    "text": "10",
    "true": True,
    "in a list": [10],
    "null": None,
    "above all": LARGE,
}


def odd_dialogue(
    *,
    due: Any = 3600,
    odd: Any = None,
    body: dict[int, Any] | None = None,
    kind: int = 33,
    of_alfa: bool = False,
    what: str = "lapsed",
    flags: int = 0,
) -> tuple[Talk, bytes]:
    """ALFA asks, one odd entry follows by either side, BRAVO signs on to the end."""
    talk = Talk(_8=[[WITNESS, WITNESS_LISTED]])
    log = (talk.a if of_alfa else talk.b).log
    odd_log = OddLog(log.party, log.charter, log.inc, log.entries)
    (talk.a if of_alfa else talk.b).log = odd_log
    index = talk.ask(due)
    place = odd_log.write(kind, START + 15, 3, body or {}, flags)
    if odd is not None:
        odd_log.odd[place] = odd
    size = len(talk.a.log.entries)
    mine = talk.a.sign(START + 16, (talk.b.log, 2)) if of_alfa else talk.a.made[0]
    first = talk.b.sign(START + 20, (talk.a.log, size), size=2)
    second = talk.b.sign(START + 4020, (talk.a.log, size))
    parts = [
        talk.a.log.part(size, set(range(size)), sizes=(index + 1,)),
        talk.b.log.part(len(talk.b.log.entries), set(range(len(talk.b.log.entries)))),
    ]
    texts = [mine, first, second]
    return talk, talk.bundle(parts, texts, (what, talk.a.log, index, 1, texts))


def odd_entries() -> Iterator[Made]:
    """Each odd leaf, reference, due and rung, in a lapse and in an answer."""
    ref = {1: [0, 2]}
    for what in ("lapsed", "answered"):
        for name, odd in ODD_LEAVES.items():
            for whose in (False, True):
                made = odd_dialogue(odd=odd, body={**ref, 16: 1}, of_alfa=whose, what=what)
                yield f"{what}: {name}, of {'ALFA' if whose else 'BRAVO'}", *made[::-1]
        for name, value in REFERENCES.items():
            for n in (1, 4):
                for whose in (False, True):
                    made = odd_dialogue(body={n: value}, of_alfa=whose, what=what)
                    yield f"{what}: field {n} {name}, {whose}", *made[::-1]
        for name, value in RUNGS.items():
            made = odd_dialogue(body={**ref, 32: value}, kind=2, what=what)
            yield f"{what}: rung {name}", *made[::-1]
        for kind in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 32, 65_535):
            for flags in (0, OFF_RECORD):
                for whose in (False, True):
                    made = odd_dialogue(body=ref, kind=kind, flags=flags, of_alfa=whose, what=what)
                    yield f"{what}: kind {kind}, flags {flags}, {whose}", *made[::-1]
    for what in ("lapsed", "dark"):
        for name, value in DUES.items():
            yield f"{what}: due {name}", *odd_dialogue(due=value, what=what)[::-1]


# --- cards, keys and revocation ------------------------------------------------------------------


CARDS: dict[str, Any] = {
    "plain": {},
    "a code of nothing": {1: ""},
    "a code in small letters": {1: "alfa"},
    "a name of nothing": {2: ""},
    "a name decomposed": {2: "e\u0301"},
    "a name with a zero": {2: "a\0b"},
    "a name of 120 wide letters": {2: "\U0001f600" * 120},
    "a name of 121 letters": {2: "a" * 121},
    "number 2^53 - 1": {0: 2**53 - 1},
    "number 2^53": {0: 2**53},
    "issued never": {6: 2**53 - 1, 7: 0},
    "over before": {7: START},
    "no keys": {5: []},
    "no list of prekeys": {8: None},
    "empty lists": {8: [], 9: [], 10: []},
    "a hint of nothing": {9: [""]},
    "a hint of 201 bytes": {9: ["a" * 201]},
    "an officer with a large id": {10: [[LARGE, Party("o").body()[3], LARGE]]},
    "an officer with the root's key": {10: [[1, Party("alfa").body()[3], 0]]},
    "an officer of small order": {10: [[1, b"\1" + bytes(31), 0]]},
    "an unknown member": {11: 0},
}


def cards_changed() -> Iterator[Made]:
    """Each card that its owner could sign, in a bundle that is good otherwise."""
    for name, more in CARDS.items():
        talk, raw = STORIES["delivered"][0]()
        bundle = decode(raw, 16)
        at = next(n for n, card in enumerate(bundle[1][0]) if b"\x64ALFA" in card[1])
        bundle[1][0][at] = talk.alfa.card({**talk.alfa.body(), **more})
        yield f"card: {name}", encode(bundle), talk
    for name, key in _station_keys().items():
        talk, raw = STORIES["delivered"][0]()
        bundle = decode(raw, 16)
        at = next(n for n, card in enumerate(bundle[1][0]) if b"\x64ALFA" in card[1])
        body = talk.alfa.body()
        bundle[1][0][at] = talk.alfa.card({**body, 5: [*body[5][:0], *key(body[5][0])]})
        yield f"card: {name}", encode(bundle), talk


def _station_keys() -> dict[str, Any]:
    return {
        "a window closed before": lambda key: [[*key[:4], START]],
        "a window that opens after": lambda key: [[*key[:3], START + 12, 2**32]],
        "a window to the very second": lambda key: [[*key[:3], START + 11, START + 12]],
        "a window reversed": lambda key: [[*key[:3], 2**32, 0]],
        "revoked": lambda key: [[*key, START]],
        "revoked in text": lambda key: [[*key, "now"]],
        "seven members": lambda key: [[*key, 1, 2]],
        "key number 256": lambda key: [[256, *key[1:]]],
        "another key under its number": lambda key: [[1, Party("x").body()[3], *key[2:]]],
        "its key under another number": lambda key: [[2, *key[1:]]],
        "one key twice": lambda key: [key, [2, *key[1:]]],
        "one number twice": lambda key: [key, [1, Party("x").body()[3], *key[2:]]],
        "a twin of another length": lambda key: [[*key[:2], bytes(1951), *key[3:]]],
        "the root's twin": lambda key: [[*key[:2], Party("alfa").body()[4], *key[3:]]],
    }


def revoked(
    *,
    entry: bool = True,
    shown: bool = True,
    late: bool = False,
    cosigned: int | None = None,
    newer: bool = True,
    branch: bool = False,
    signed: int = 2,
    restart: bool = False,
) -> tuple[Talk, bytes]:
    """ALFA's key 1 was revoked: by a `card` entry, by a new log, or by the card alone."""
    talk = Talk(_8=[[WITNESS, WITNESS_LISTED]])
    old, new = talk.alfa, Party("alfa", [1, 2], {1: START + 15}, sequence=2)
    index = talk.a.log.write(1, START + 10, 2, {2: "before"})
    if late:
        index = talk.a.log.write(4, START + 12, 2, {16: encode(new.card())})
        index = talk.a.log.write(1, START + 13, 2, {2: "after"})
    if branch:
        talk.a.log.entries[-1][1] += 1
    mine = talk.a.sign(START + 14, (talk.b.log, 2), cosigned=cosigned)
    if branch:
        talk.a.log.entries[-1][1] -= 1
    if entry and not late:
        talk.a.log.write(4, START + 16, 2, {16: encode(new.card()) if shown else new.card()})
    size = len(talk.a.log.entries)
    texts, parts = [mine], []
    covering = Signer(Log(new, talk.charter, talk.a.log.inc, talk.a.log.entries), key=signed)
    covering.made = list(talk.a.made)
    if restart:
        again = Signer(Log(new, talk.charter, h(b"inc a2")[:8]), key=signed)
        again.log.open(START + 17, _18=[talk.a.log.inc, size, talk.a.log.root()])
        texts.append(again.sign(START + 18))
        parts.append(again.log.part(1, {0}))
    elif entry:
        texts.append(covering.sign(START + 18, (talk.b.log, 2)))
    theirs = talk.b.sign(START + 20, (talk.a.log, index + 1))
    if entry or restart:
        parts.append(talk.a.log.part(size, set(range(size)), sizes=(index + 1,)))
    else:
        parts.append(talk.a.log.part(index + 1, {0, index}))
    parts.append(talk.b.log.part(2, {0}))
    if restart:
        # Something of the old log over its whole size has to be signed: BRAVO holds it.
        texts.append(talk.b.sign(START + 21, (talk.a.log, size)))
    texts.append(theirs)
    raw = talk.bundle(parts, list(dict.fromkeys(texts)), ("delivered", talk.a.log, index, 1, texts))
    bundle = decode(raw, 16)
    cards = [old.card(), new.card()] if newer else [old.card()]
    bundle[1][0] = sorted([*cards, talk.bravo.card()], key=lambda card: _card_order(talk, card))
    return talk, encode(arrange(bundle))


def _card_order(talk: Talk, card: list[Any]) -> tuple[bytes, int]:
    body = decode(card[1])
    pid = talk.alfa.pid if body[1] == "ALFA" else talk.bravo.pid
    return pid, body[0]


def revocations() -> Iterator[Made]:
    """Every way in which a note under a revoked key may stand in a bundle."""
    for entry in (True, False):
        for late in (False, True):
            for cosigned in (None, 1_789_990_000, START + 14, 1_789_990_001):
                for newer in (True, False):
                    for branch in (False, True):
                        for restart in (False, True):
                            for signed in (1, 2):
                                if signed == 2 and not newer:
                                    continue
                                made = revoked(
                                    entry=entry,
                                    late=late,
                                    cosigned=cosigned,
                                    newer=newer,
                                    branch=branch,
                                    signed=signed,
                                    restart=restart,
                                )
                                name = (
                                    f"revoked: entry {entry}, late {late}, cosigned {cosigned}, "
                                    f"newer {newer}, branch {branch}, restart {restart}, by {signed}"
                                )
                                yield name, *made[::-1]
