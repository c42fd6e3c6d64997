"""What readouts say, item by item: which items meet, which contradict, and by how much they differ.

An item is a claim: who said, agreed, asked, refused or undertook what, or did not. Items meet where
both say the same of the same party and matter. Where officers marked two matters as one, items of
either meet. What one side does not mention it has not denied: such an item stays only its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, TypeAlias

from parley.desk.comparison import Sides, compare_counts, compare_time, one_side, two
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import Json
from parley.desk.procedure import Difference

Item: TypeAlias = Mapping[str, Json]
_GIVEN: Final = ("agreed", "undertook")
_REFUSED: Final = "refused"


@dataclass(slots=True)
class Matters:
    """Which codes of matters are one, by the last word of each party about each two codes.

    Attributes:
        said: by pair of codes what each party says of it, `same` or `apart`.
    """

    said: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    _heads: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cases: Iterable[CaseFacts]) -> Matters:
        """Return what the marks in these cases make one, the latest word of each party.

        Times order only the words of one party, which are its own.
        """
        made = cls()
        marks = [step for case in cases for step in case.steps_of("mark")]
        for step in sorted(marks, key=lambda step: (step.claimed, len(step.name), step.name)):
            one, other = sorted((str(step.json("one")), str(step.json("other"))))
            made.said.setdefault((one, other), {})[step.party] = str(step.json("verdict"))
        for (one, other), words in sorted(made.said.items()):
            if set(words.values()) == {"same"}:
                heads = sorted({made.head(one), made.head(other)})
                known = {*made._heads, one, other}
                moved = {code: heads[0] for code in known if made.head(code) in heads}
                made._heads |= moved
        return made

    def head(self, code: str) -> str:
        """Return the code that stands for everything that is one with `code`."""
        return self._heads.get(code, code)

    def is_marked(self, code: str) -> bool:
        """Say whether another code was marked as one with this."""
        return code in self._heads


def items_of(step: StepFacts) -> list[Item]:
    """Return the items of an account, in order."""
    told = step.json("claims")
    return [one for one in (told if isinstance(told, list) else []) if isinstance(one, Mapping)]


def matter_of(item: Item) -> str:
    """Return the code of what an item is about."""
    return str(item.get("about"))


def key_of(item: Item, matters: Matters) -> tuple[str, str, str, bool]:
    """Return what has to be the same in two items that say the same."""
    return (
        str(item.get("kind")),
        str(item.get("by")),
        matters.head(matter_of(item)),
        item.get("not") is True,
    )


def contradict(one: Item, other: Item) -> bool:
    """Say whether one item denies the other: agreed and not agreed, undertook and refused."""
    kinds = (str(one.get("kind")), str(other.get("kind")))
    denied = (one.get("not") is True, other.get("not") is True)
    if kinds[0] == kinds[1]:
        return denied[0] is not denied[1]
    given, refused = _sense(kinds[0], denied=denied[0]), _sense(kinds[1], denied=denied[1])
    return {given, refused} == {True, False}


def _sense(kind: str, *, denied: bool) -> bool | None:
    """Return whether a matter was granted; None where the item says neither."""
    if kind in _GIVEN:
        return not denied
    return None if kind != _REFUSED or denied else False


def compare_items(
    sides: Sides, accounts: Sequence[StepFacts], matters: Matters
) -> list[Difference]:
    """Return the matters and the items of two accounts side by side."""
    told = [items_of(step) for step in accounts]
    return [*_matters(sides, told, matters), *_items(sides, told, matters), *_marks(sides, matters)]


def _matters(sides: Sides, told: Sequence[list[Item]], matters: Matters) -> list[Difference]:
    named: list[dict[str, str]] = [{}, {}]
    for own, items in zip(named, told, strict=True):
        for item in items:
            own.setdefault(matters.head(matter_of(item)), matter_of(item))
    found: list[Difference] = []
    for head in sorted({*named[0], *named[1]}):
        pair = (named[0].get(head), named[1].get(head))
        name = f"topics.{head}"
        found.append(one_side(name, sides, pair) or two(name, sides, pair, "agree"))
    return found


def _items(sides: Sides, told: Sequence[list[Item]], matters: Matters) -> list[Difference]:
    left = [_by_key(items, matters) for items in told]
    found: list[Difference] = []
    for key in sorted({*left[0]} & {*left[1]}):
        one, other = left[0].pop(key), left[1].pop(key)
        found += _pair(f"claims.{_name(key)}", sides, (one, other), "agree")
    for ours, theirs in _opposites(left, matters):
        one, other = left[0].pop(ours), left[1].pop(theirs)
        status = "disputed" if contradict(one, other) else "differ"
        found += _pair(f"claims.{_name(ours)}", sides, (one, other), status)
    for at, items in enumerate(left):
        for key, item in items.items():
            pair: tuple[Json, Json] = (dict(item), None) if at == 0 else (None, dict(item))
            lonely = one_side(f"claims.{_name(key)}", sides, pair)
            assert lonely is not None
            found.append(lonely)
    return sorted(found, key=lambda one: one.field)


_Key: TypeAlias = tuple[str, str, str, bool]


def _by_key(items: Sequence[Item], matters: Matters) -> dict[_Key, Item]:
    """Return the items by what they say; of two that say the same the later holds."""
    return {key_of(item, matters): item for item in items}


def _opposites(left: Sequence[dict[_Key, Item]], matters: Matters) -> list[tuple[_Key, _Key]]:
    """Return which leftover items of both sides speak of one matter and do not say the same.

    Contradictions first. Other kinds meet only where people marked the matter: else somebody may
    have said one thing and asked another of the same matter, and both stand.
    """
    found: list[tuple[_Key, _Key]] = []
    taken: list[set[_Key]] = [set(), set()]
    for is_open in (False, True):
        for ours, one in sorted(left[0].items()):
            for theirs, other in sorted(left[1].items()):
                if ours in taken[0] or theirs in taken[1] or ours[1:3] != theirs[1:3]:
                    continue
                marked = matters.is_marked(ours[2])
                if contradict(one, other) if not is_open else marked:
                    found.append((ours, theirs))
                    taken[0].add(ours)
                    taken[1].add(theirs)
    return found


def _name(key: _Key) -> str:
    kind, by, head, denied = key
    return f"{kind}.{'not.' if denied else ''}{by}.{head}"


def _pair(name: str, sides: Sides, items: tuple[Item, Item], status: str) -> list[Difference]:
    """Return two items that meet, and their numbers and dates where either gives one."""
    one, other = items
    found: list[Difference | None] = [two(name, sides, (dict(one), dict(other)), status)]
    counts = tuple({"count": item["count"]} if "count" in item else None for item in items)
    found.append(compare_counts(f"{name}.count", sides, (counts[0], counts[1]), ("count",)))
    found.append(compare_time(f"{name}.when", sides, (one.get("when"), other.get("when"))))
    return [difference for difference in found if difference is not None]


def _marks(sides: Sides, matters: Matters) -> list[Difference]:
    """Return what these two sides say of codes that somebody marked as one or apart."""
    found: list[Difference] = []
    for (one, other), words in sorted(matters.said.items()):
        pair = (words.get(sides[0]), words.get(sides[1]))
        if pair == (None, None):
            continue
        name = f"marked.{one}.{other}"
        status = "agree" if pair[0] == pair[1] else "disputed"
        found.append(one_side(name, sides, pair) or two(name, sides, pair, status))
    return found


def each_two(newest: Mapping[str, StepFacts], matters: Matters) -> list[Difference]:
    """Return the comparison of each two parties' accounts."""
    return [
        found
        for one, other in combinations(newest.items(), 2)
        for found in compare_items((one[0], other[0]), (one[1], other[1]), matters)
    ]
