"""What changed between two wordings: by word in alphabets, by character in Chinese."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["same", "out", "in"]

STEPS_MAX: Final = 400_000
"""What two texts may cost to compare; those that are further apart are shown whole, old and new."""

_IDEOGRAPH: Final = (
    "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_PART: Final = re.compile(
    rf"[0-9]+(?:[.,:][0-9]+)*|(?:(?![{_IDEOGRAPH}])\w)+(?:['’\-](?:(?![{_IDEOGRAPH}])\w)+)*|\s+|.",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Change:
    """A run of text that both wordings have, or that only the old (`out`) or the new one has."""

    kind: Kind
    text: str


def parts(text: str) -> list[str]:
    """Return the text in words, numbers, spaces, ideographs and signs; together they are it."""
    return _PART.findall(text)


def changes(old: str, new: str) -> list[Change]:
    """Return how one wording becomes the other, in the order of reading, what goes out first."""
    before, after = parts(old), parts(new)
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    middle = _shortest(before[start : len(before) - end], after[start : len(after) - end])
    whole: list[tuple[Kind, str]] = [("same", part) for part in before[:start]]
    whole += middle
    whole += [("same", part) for part in before[len(before) - end :]]
    return _runs(whole)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many parts two lists begin with alike."""
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length


def _shortest(old: Sequence[str], new: Sequence[str]) -> list[tuple[Kind, str]]:
    """Return the shortest way from one list to the other (Myers 1986, the greedy one)."""
    reached = {1: 0}
    trail: list[dict[int, int]] = []
    steps = 0
    for distance in range(len(old) + len(new) + 1):
        trail.append(dict(reached))
        for diagonal in range(-distance, distance + 1, 2):
            is_down = diagonal == -distance or (
                diagonal != distance and reached[diagonal - 1] < reached[diagonal + 1]
            )
            x = reached[diagonal + 1] if is_down else reached[diagonal - 1] + 1
            y = x - diagonal
            while x < len(old) and y < len(new) and old[x] == new[y]:
                x, y, steps = x + 1, y + 1, steps + 1
            reached[diagonal] = x
            if x >= len(old) and y >= len(new):
                return _walked(old, new, trail)
        steps += 2 * distance + 1
        if steps > STEPS_MAX:
            break
    out: list[tuple[Kind, str]] = [("out", part) for part in old]
    return out + [("in", part) for part in new]


def _walked(
    old: Sequence[str], new: Sequence[str], trail: Sequence[dict[int, int]]
) -> list[tuple[Kind, str]]:
    """Return the way that was found, from its end to its beginning and turned round."""
    way: list[tuple[Kind, str]] = []
    x, y = len(old), len(new)
    for distance in range(len(trail) - 1, -1, -1):
        reached, diagonal = trail[distance], x - y
        is_down = diagonal == -distance or (
            diagonal != distance and reached[diagonal - 1] < reached[diagonal + 1]
        )
        last_x = reached[diagonal + 1 if is_down else diagonal - 1]
        last_y = last_x - (diagonal + 1 if is_down else diagonal - 1)
        while x > last_x and y > last_y and x > 0 and y > 0:
            x, y = x - 1, y - 1
            way.append(("same", old[x]))
        if distance:
            way.append(("in", new[last_y]) if is_down else ("out", old[last_x]))
        x, y = last_x, last_y
    return way[::-1]


def _runs(way: Sequence[tuple[Kind, str]]) -> list[Change]:
    """Return the way in runs; between two changes a space alone is no stretch that stayed."""
    found: list[Change] = []
    out = new = ""
    place = 0
    while place < len(way):
        kind, part = way[place]
        place += 1
        if kind == "out":
            out += part
            continue
        if kind == "in":
            new += part
            continue
        is_between = (out or new) and place < len(way) and way[place][0] != "same"
        if is_between and part.isspace():
            out, new = out + part, new + part
            continue
        found += _changed(out, new)
        out = new = ""
        if found and found[-1].kind == "same":
            found[-1] = Change("same", found[-1].text + part)
        else:
            found.append(Change("same", part))
    return found + _changed(out, new)


def _changed(out: str, new: str) -> list[Change]:
    pair: tuple[tuple[Kind, str], ...] = (("out", out), ("in", new))
    return [Change(kind, text) for kind, text in pair if text]
