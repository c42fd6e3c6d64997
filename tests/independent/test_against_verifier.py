"""Bundles written from `spec/` alone, true and crooked: the verifier and a second reading agree."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from independent import chance
from independent.claims import judge
from independent.stories import STORIES, Talk
from independent.values import decode, encode
from support.verifying import check

PLAIN = (None, True, 0, 1, -1, 2**53, 2**64 - 1, b"", bytes(8), bytes(32), "", "a", [], {}, [[]])


def second_opinion(raw: bytes, talk: Talk) -> tuple[int, list[str]]:
    parties = [bytes.fromhex(each) for each in talk.trust if "+" not in each]
    return judge(raw, parties, [each for each in talk.trust if "+" in each])


@pytest.mark.parametrize("name", STORIES)
def test_a_strangers_bundle_earns_its_word(name: str) -> None:
    make, code, word = STORIES[name]
    talk, raw = make()

    report = check(raw, talk.trust)

    assert second_opinion(raw, talk)[0] == code
    assert report.code == code, (report.refused, report.verdicts)
    assert word in report.verdicts[0].word


@pytest.mark.parametrize("batch", range(4))
def test_dialogues_by_chance_are_judged_alike(batch: int) -> None:
    for seed in range(30 * batch, 30 * batch + 30):
        talk, raw = chance.tell(seed)
        report = check(raw, talk.trust)
        code, words = second_opinion(raw, talk)
        assert code == report.code, (seed, words, report.refused, report.verdicts)


@pytest.mark.parametrize("seed", chance.FOUND)
def test_dialogues_that_once_were_judged_apart_are_judged_alike(seed: int) -> None:
    talk, raw = chance.tell(seed)
    assert second_opinion(raw, talk)[0] == check(raw, talk.trust).code


@pytest.mark.parametrize("name", STORIES)
def test_a_member_changed_anywhere_is_judged_alike(name: str) -> None:
    talk, raw = STORIES[name][0]()
    dice = random.Random(name)
    for _ in range(30):
        changed, path = change(decode(raw, 16), dice)
        packed = encode(changed)
        report = check(packed, talk.trust)
        code, words = second_opinion(packed, talk)
        assert code == report.code, (path, words, report.refused, report.verdicts)


def change(value: Any, dice: random.Random) -> tuple[Any, tuple[int, ...]]:
    """Change one member of a bundle; the result is canonical again."""
    whole = copy.deepcopy(value)
    ways = [way for way in every_way(whole) if way and len(way) <= dice.choice([2, 3, 4, 5, 12])]
    way = dice.choice(ways)
    place = whole
    for step in way[:-1]:
        place = place[step]
    last, old = way[-1], place[way[-1]]
    roll = dice.randrange(6)
    if roll == 0:
        del place[last]
    elif roll == 1 and isinstance(place, list):
        place.insert(last, copy.deepcopy(old))
    elif roll == 2 and isinstance(place, list):
        other = dice.randrange(len(place))
        place[last], place[other] = place[other], place[last]
    elif roll == 3 and type(old) is int:
        place[last] = old + dice.choice([-1, 1, 2])
    elif roll == 4 and isinstance(old, bytes) and old:
        at = dice.randrange(len(old))
        place[last] = old[:at] + bytes([old[at] ^ 1 << dice.randrange(8)]) + old[at + 1 :]
    else:
        place[last] = dice.choice(PLAIN)
    return whole, way


def every_way(value: Any, way: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """The ways to all members."""
    found = [way]
    steps = enumerate(value) if isinstance(value, list) else []
    for step, member in value.items() if isinstance(value, dict) else steps:
        found += every_way(member, (*way, step))
    return found
