"""Files in a simulated world: cut into parts as a station cuts them, by people who lie as well.

What must hold at the end: a file of which every part was written is whole at every member, byte for
byte; of one whose author left out or changed a part each of them says so; nobody's parts spoil the
file of another. The checker folds the record by the words of `entry.md`, not by the station's code.
"""

from __future__ import annotations

import random as random_module
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from parley.core.attachment import (
    Part,
    attachment_digest,
    cut,
    fits_file,
    join,
    part_fields,
    parts_of,
    read_part,
)
from parley.core.canon import Value
from parley.core.entry import Kind, decode_entry
from parley.core.ids import ChannelId, PartyId
from parley.core.limits import PART_BYTES
from parley.errors import MalformedError
from parley.sim.invariants import InvariantBroken
from parley.sim.station import SimStation
from parley.sim.verdict import charter_of
from parley.sim.world import World
from parley.station.effects import NewEntry

WHOLE: Final = "whole"
MISSING: Final = "missing"
DAMAGED: Final = "damaged"
_SMALL_BYTES, _LARGE_BYTES = 400, 100_000
_F_TEXT, _F_ATTACH = 25, 26
_ALL = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """A file that somebody sent.

    Attributes:
        token: names the command that wrote its entry and parts.
        state: what it is at whoever holds all that was written.
    """

    code: str
    channel: ChannelId
    token: int
    digest: bytes
    content: bytes
    state: str


class FileTraffic:
    """Lets people send files, and checks what became of them.

    Attributes:
        sent: how many were sent, lies among them.
    """

    def __init__(
        self,
        world: World,
        channels: Sequence[tuple[ChannelId, Sequence[str]]],
        random: random_module.Random,
        *,
        small: bool,
        lies: bool,
    ) -> None:
        """Send over these channels; `small` files where lines are slow, some false with `lies`."""
        self._world = world
        self._channels = channels
        self._random = random
        self._most = _SMALL_BYTES if small else _LARGE_BYTES
        self._lies = lies
        self._sent: list[_Sent] = []

    @property
    def sent(self) -> int:
        """Return how many files were sent."""
        return len(self._sent)

    def send(self) -> None:
        """Let somebody send a file: its entry and all of its parts, in any order."""
        random = self._random
        channel, codes = random.choice(list(self._channels))
        code = random.choice(list(codes))
        station = self._world.stations[code]
        if station.engine is None or station.engine.halted is not None:
            return
        salt, content = random.randbytes(32), random.randbytes(random.randint(1, self._most))
        digest = attachment_digest(salt, content)
        parts, state = list(cut(salt, content)), WHOLE
        if self._lies and random.random() < 0.5:
            parts, state = self._changed(code, parts)
        random.shuffle(parts)
        named: Value = {0: f"{self.sent}.pdf", 1: "application/pdf", 2: len(content), 3: digest}
        text = f"{code} sends file {len(self._sent)}"
        entries = [
            NewEntry(kind=int(Kind.SAY), flags=0, fields={_F_TEXT: text, _F_ATTACH: [named]}),
            *(NewEntry(kind=Kind.PART, flags=0, fields=part_fields(part)) for part in parts),
        ]
        random.shuffle(entries)
        token = station.append(channel, entries, self._world.steady)
        self._sent.append(
            _Sent(
                code=code,
                channel=channel,
                token=token,
                digest=digest,
                content=content,
                state=state,
            )
        )

    def _changed(self, code: str, parts: list[Part]) -> tuple[list[Part], str]:
        """Return what a liar writes in place of these parts, and what the file is by that."""
        random = self._random
        at = random.randrange(len(parts))
        lie = random.choice(("left out", "changed", "twice", "of other counts", "for another"))
        match lie:
            case "left out":
                return parts[:at] + parts[at + 1 :], MISSING
            case "changed":
                changed = replace(parts[at], octets=random.randbytes(len(parts[at].octets)))
                return [*parts[:at], changed, *parts[at + 1 :]], DAMAGED
            case "twice":
                return [*parts, *parts], WHOLE
            case "of other counts":
                octets = random.randbytes(PART_BYTES)
                other = Part(whole=parts[0].whole, number=0, count=9, octets=octets)
                return [other, replace(other, number=8), *parts], WHOLE
            case _:
                # Parts under the digest of another one's file stand in the way of none.
                others = [one.digest for one in self._sent if one.code != code]
                if not others:
                    return parts, WHOLE
                whole = random.choice(others)
                false = [random.randbytes(len(part.octets)) for part in parts]
                made = zip(parts, false, strict=True)
                return [*parts, *(replace(p, whole=whole, octets=o) for p, o in made)], WHOLE

    # --- what became of them ---

    def check(self, restored: set[str]) -> None:
        """Check that every file is at every member what its author made of it.

        Args:
            restored: stations whose disk was replaced by an older copy: what they lost is lost.

        Raises:
            InvariantBroken: one is not.
        """
        for one in self._sent:
            station = self._world.stations[one.code]
            reply = station.confirmed.get(one.token)
            if reply is None or not reply.places or one.code in restored:
                continue
            charter = charter_of(station.disk.store, one.channel)
            for other, member in self._world.stations.items():
                if member.party in charter.parties and other not in restored:
                    self._check_at(one, station.party, member, other)

    def _check_at(self, one: _Sent, author: PartyId, member: SimStation, code: str) -> None:
        octets = held_parts(member, one.channel, author, one.digest, len(one.content))
        state = _state(one.digest, len(one.content), octets)
        if state != one.state:
            raise InvariantBroken(
                f"{one.code} sent a file that is {one.state}, and at {code} it is {state}"
            )
        if state == WHOLE and join(one.digest, len(one.content), octets) != one.content:
            raise InvariantBroken(f"a file of {one.code} has another content at {code}")


def held_parts(
    station: SimStation, channel: ChannelId, author: PartyId, digest: bytes, size: int
) -> dict[int, bytes]:
    """Return the bytes of a file's parts, by number, as a disk holds them (`entry.md`)."""
    store = station.disk.store
    others = len(charter_of(store, channel).parties) - 1
    rows = [row for row in store.logs() if (row.log.channel, row.log.party) == (channel, author)]
    found: dict[int, bytes] = {}
    for log in (row.log for row in sorted(rows, key=lambda row: row.ordinal)):
        for row in store.entries(log, 0, _ALL):
            entry = decode_entry(row.raw, others=others)
            if entry.kind != Kind.PART or not entry.is_attributable:
                continue
            try:
                part = read_part(entry)
            except MalformedError:
                continue
            if part.whole == digest and fits_file(part, size):
                found.setdefault(part.number, part.octets)
    return found


def _state(digest: bytes, size: int, octets: Mapping[int, bytes]) -> str:
    if len(octets) < parts_of(size):
        return MISSING
    try:
        join(digest, size, octets)
    except MalformedError:
        return DAMAGED
    return WHOLE


__all__ = ["FileTraffic", "held_parts"]
