"""Dialogues made by chance, some of them crooked, and bundles that claim something of them."""

from __future__ import annotations

import random
from typing import Any

from independent.bundles import CLAIMS
from independent.logs import OFF_RECORD
from independent.notes import b64
from independent.stories import START, Talk


def tell(seed: int) -> tuple[Talk, bytes]:
    """One dialogue and one bundle with one claim."""
    dice = random.Random(seed)
    talk = Talk(**({"_7": START + dice.choice([50, 5000, 90_000])} if dice.random() < 0.1 else {}))
    clock, asked = START + 5, []
    sides = {"a": talk.a, "b": talk.b}
    heads: dict[str, list[tuple[str, int]]] = {"a": [], "b": []}
    for _ in range(dice.randrange(3, 14)):
        clock += dice.choice([1, 5, 70, 2000, 4000])
        who = dice.choice("ab")
        me, other = sides[who], sides["b" if who == "a" else "a"]
        seen = len(other.log.entries) - dice.choice([0, 0, 0, 1])
        if dice.random() < 0.55:
            write(dice, me.log, clock=clock, seen=seen, asked=asked, who=who)
        else:
            sign(dice, me, other, clock, heads[who])
    sign(dice, talk.a, talk.b, clock + 1, heads["a"])
    sign(dice, talk.b, talk.a, clock + 2, heads["b"])
    return talk, gather(dice, talk, asked)


def write(
    dice: random.Random, log: Any, *, clock: int, seen: int, asked: list[tuple[str, int]], who: str
) -> None:
    """One entry of either side."""
    about = dice.choice(asked) if asked else None
    ref = [0 if about[0] == "a" else 1, about[1]] if about else [0, 9]
    roll = dice.random()
    if roll < 0.35:
        due = dice.choice([3600, 60, 59, [clock + 3000], [clock - 10], 120, None, "soon"])
        body = {5: due, 16: [["en", 0, "?"]]} if due is not None else {16: []}
        asked.append((who, log.write(32, clock, seen, body)))
    elif roll < 0.75:
        kind = dice.choice([1, 2, 2, 5, 6, 8, 32, 33, 4000])
        body = {dice.choice([1, 1, 4]): ref, **({32: dice.choice([2, 10])} if kind == 2 else {})}
        log.write(kind, clock, seen, body, dice.choice([0, 0, 0, OFF_RECORD]))
    else:
        log.write(1, clock, seen, {2: "talk"})


def sign(
    dice: random.Random, me: Any, other: Any, clock: int, heads: list[tuple[str, int]]
) -> None:
    """One statement, now and then a crooked one."""
    held = len(other.log.entries) - dice.choice([0, 0, 0, 0, 1])
    gaps = [[held - 1, held]] if dice.random() < 0.05 else []
    size = len(me.log.entries)
    if dice.random() < 0.06 and size > 3:
        size -= 1
    time = clock - (4000 if dice.random() < 0.05 else 0)
    crooked = dice.random() < 0.04
    if crooked:
        me.log.entries[-1][1] += 1
    stamp = clock + 3 if dice.random() < 0.3 else None
    me.sign(time, (other.log, held, gaps), size=size, cosigned=stamp)
    if crooked:
        me.log.entries[-1][1] -= 1


def gather(dice: random.Random, talk: Talk, asked: list[tuple[str, int]]) -> bytes:
    """A bundle with some of the notes, some of the leaves, and a claim."""
    texts = [note for side in (talk.a, talk.b) for note in side.made]
    if dice.random() < 0.4:
        texts = dice.sample(texts, dice.randrange(1, len(texts) + 1))
    parts = []
    for side in (talk.a, talk.b):
        sizes = {int(note.split("\n")[1]) for note in texts if note.startswith(side.log.origin)}
        good = sorted(
            size
            for size in sizes
            if any(
                note.startswith(side.log.origin)
                and note.split("\n")[1:3] == [str(size), b64(side.log.root(size))]
                for note in texts
            )
        )
        if not good:
            continue
        size = good[-1]
        shown = {i for i in range(size) if dice.random() < dice.choice([1, 1, 1, 0.8])} | {0}
        withheld: dict[int, tuple[int, ...]] = {}
        for index in shown:
            if dice.random() < 0.08:
                withheld[index] = (dice.choice([1, 2, 4, 5, 16, 17, 32]),)
        parts.append(side.log.part(size, shown, withheld, tuple(good)))
    what = dice.choice(["lapsed"] * 6 + ["delivered", "answered"] * 2 + list(CLAIMS))
    who, index = dice.choice(asked) if asked and dice.random() < 0.95 else ("a", 1)
    log = talk.a.log if who == "a" else talk.b.log
    single = CLAIMS[what] in (0, 4, 5, 6)
    if what in ("fork", "rollback"):
        ends = sorted(int(note.split("\n")[1]) for note in texts if note.startswith(log.origin))
        index = dice.choice(ends) if ends else 1
    about = log.number if single else 1 - log.number
    on = list(texts) if dice.random() < 0.7 else dice.sample(texts, dice.randrange(len(texts)))
    return talk.bundle(parts, texts, (what, log, index, about, on))


FOUND = (20, 99, 126, 596, 1631, 1664, 1704, 1720, 3535, 8274, 20527)
"""Seeds over which this reading and the verifier once disagreed."""
