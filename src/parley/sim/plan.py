"""What a world is made of: stations, channels, and paths of every kind the protocol must fit."""

from __future__ import annotations

import random as random_module
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from parley.core.limits import FRAME_BYTES_MAX
from parley.errors import UsageError
from parley.station.traits import SYMBOL_FRAME_BYTES, Traits

CODES: Final = ("ALFA", "BRAVO", "CHARLIE", "DELTA")
TOPOLOGIES: Final = ("pair", "triangle", "star")
NARROW_RATES: Final = (1_200, 2_400, 4_800)
SLOW_RATES: Final = (75, 75, 300)
SLOW_BPS: Final = 75
CELL_BYTES: Final = 64
_SHORT_FRAMES_COST: Final = 4
"""A frame of 64 bytes carries 24 of an entry, and every receipt takes four of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPlan:
    """One path.

    Attributes:
        kind: `fast`, `narrow`, `slow` (75 bit/s, cells of 64 bytes, half duplex), `one-way`, or
            `tiny` (frames of 64 bytes, into which no entry and no key exchange fits whole).
    """

    ends: tuple[str, str]
    kind: str
    traits: Traits
    half_duplex: bool = False
    cell_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One world.

    Attributes:
        channels: code and parties of each, the proposer first.
        slow: some path takes minutes for a key exchange; everything has to be given time.
    """

    topology: str
    codes: tuple[str, ...]
    channels: tuple[tuple[str, tuple[str, ...]], ...]
    paths: tuple[PathPlan, ...]

    @property
    def slow(self) -> bool:
        """Say whether some pair has nothing better than a very slow path."""
        best: dict[tuple[str, str], int] = {}
        for path in self.paths:
            if path.kind not in ("one-way", "tiny"):
                rate = path.traits.rate_bps or 10**9
                if path.traits.frame_bytes_max < SYMBOL_FRAME_BYTES:
                    rate //= _SHORT_FRAMES_COST
                best[path.ends] = max(best.get(path.ends, 0), rate)
        return min(best.values()) < 1_200


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a person may fix; what is left None comes from the seed.

    Attributes:
        topology: `pair`, `triangle` or `star`.
        loss: chance that a frame is lost.
        rate_bps: bits a second of every path.
        frame_bytes: the longest frame of every path; without a rate it has 2,400 bit/s.
        hours: for how long there are traffic and faults.
        hostile: some mean harm: a peer that lies, a forwarder that changes, a relay, a thief.
        files: files travel as well; with `hostile` some of them are lies.
    """

    topology: str | None = None
    loss: float | None = None
    rate_bps: int | None = None
    hours: float | None = None
    frame_bytes: int | None = None
    hostile: bool = False
    files: bool = False

    def __post_init__(self) -> None:
        """Refuse what no world can be made of.

        Raises:
            UsageError: one of them is out of bounds.
        """
        if self.topology is not None and self.topology not in TOPOLOGIES:
            raise UsageError(
                f"there is no topology {self.topology!r}", next_step=f"{', '.join(TOPOLOGIES)}."
            )
        if self.loss is not None and not 0.0 <= self.loss <= 0.9:
            raise UsageError("loss is a chance from 0 to 0.9")
        if self.rate_bps is not None and self.rate_bps < SLOW_BPS:
            raise UsageError(f"a path carries {SLOW_BPS} bit/s or more")
        if self.frame_bytes is not None and not 48 <= self.frame_bytes <= FRAME_BYTES_MAX:
            raise UsageError(f"a frame has 48 to {FRAME_BYTES_MAX} bytes")
        if self.hours is not None and not 0.0 < self.hours <= 1_000.0:
            raise UsageError("hours are more than 0 and at most 1000")


NO_OPTIONS: Final = Options()


def make_plan(random: random_module.Random, options: Options = NO_OPTIONS) -> Plan:
    """Return a world by chance, as far as the options leave it open."""
    chance = random.random()
    topology = options.topology or (
        "pair" if chance < 0.55 else "triangle" if chance < 0.85 else "star"
    )
    codes = CODES[: 2 if topology == "pair" else 3 if topology == "triangle" else 4]
    links = (
        [(codes[0], leaf) for leaf in codes[1:]]
        if topology == "star"
        else list(combinations(codes, 2))
    )
    paths: list[PathPlan] = []
    for ends in links:
        paths += _paths(random, ends, options, may_be_slow=topology == "pair")
    return Plan(
        topology=topology, codes=codes, channels=_channels(random, codes, links), paths=tuple(paths)
    )


def _channels(
    random: random_module.Random, codes: Sequence[str], links: Sequence[tuple[str, str]]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return one to three channels; where three are linked, one of all three among them."""
    channels: list[tuple[str, tuple[str, ...]]] = []
    if len(codes) == 3:
        parties = list(codes)
        random.shuffle(parties)
        channels.append(("ALL", tuple(parties)))
        links = random.sample(links, random.randint(0, 2))
    for ends in links:
        parties = list(ends)
        random.shuffle(parties)
        more = random.randint(1, 2) if len(codes) != 2 else random.randint(1, 3)
        channels += [
            (f"{ends[0][0]}{ends[1][0]}{number}", tuple(parties)) for number in range(more)
        ]
    return tuple(channels)


def _paths(
    random: random_module.Random, ends: tuple[str, str], options: Options, *, may_be_slow: bool
) -> list[PathPlan]:
    if options.rate_bps is not None or options.frame_bytes is not None:
        traits = Traits(
            rate_bps=options.rate_bps or NARROW_RATES[1],
            frame_bytes_max=options.frame_bytes or 2_048,
        )
        half_duplex = options.frame_bytes is not None and random.random() < 0.5
        return [PathPlan(ends=ends, kind="narrow", traits=traits, half_duplex=half_duplex)]
    chance = random.random()
    if chance < 0.60:
        return [_fast(ends)]
    if chance < 0.76:
        return [_narrow(random, ends)]
    if chance < 0.86:
        # Hours pass on such a line; others beside it would only make noise meanwhile.
        return [_slow(random, ends) if may_be_slow else _narrow(random, ends)]
    other = _fast(ends)
    if chance < 0.90:
        return [other, _narrow(random, ends)]
    if chance < 0.96:
        way = ends if random.random() < 0.5 else (ends[1], ends[0])
        traits = Traits(one_way=True, cost=5, frame_bytes_max=4_096, rate_bps=19_200)
        return [other, PathPlan(ends=way, kind="one-way", traits=traits)]
    tiny = Traits(rate_bps=SLOW_BPS, frame_bytes_max=CELL_BYTES, cost=9)
    return [other, PathPlan(ends=ends, kind="tiny", traits=tiny, half_duplex=True)]


def _fast(ends: tuple[str, str]) -> PathPlan:
    return PathPlan(ends=ends, kind="fast", traits=Traits())


def _narrow(random: random_module.Random, ends: tuple[str, str]) -> PathPlan:
    traits = Traits(rate_bps=random.choice(NARROW_RATES), frame_bytes_max=2_048)
    half_duplex = random.random() < 0.3
    return PathPlan(ends=ends, kind="narrow", traits=traits, half_duplex=half_duplex)


def _slow(random: random_module.Random, ends: tuple[str, str]) -> PathPlan:
    """Return the narrowest line: its modem cuts frames into pieces and puts them together."""
    return PathPlan(
        ends=ends,
        kind="slow",
        traits=Traits(rate_bps=random.choice(SLOW_RATES), frame_bytes_max=2_048),
        half_duplex=random.random() < 0.7,
        cell_bytes=CELL_BYTES,
    )
