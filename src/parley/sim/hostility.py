"""Who means harm in a world: a peer that lies, a forwarder that changes, a relay, a thief.

Each of them keeps to the form of the protocol, for what breaks that is refused at the door. What
must hold all the same: everything arrives, nobody is blamed for what another did, and a stolen key
is found out.
"""

from __future__ import annotations

import random as random_module
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from parley.core import canon, items
from parley.core.ids import ChannelId, Hash, LogId, PartyId
from parley.core.items import Fork, Have, Held, Need, Nodes, Note, Refuse, Run, Stmt
from parley.core.link_secrets import KeyInUse
from parley.core.replica import Replica
from parley.core.statement import SignedStatement, sign_statement
from parley.sim.invariants import InvariantBroken
from parley.sim.station import SimStation
from parley.sim.world import World
from parley.station.channel_state import ChannelState
from parley.station.conflicts import FREEZING
from parley.station.engine import Engine
from parley.station.giving_back import GivingBack
from parley.station.kept_cards import KeyBook
from parley.station.link_state import Link
from parley.station.notes import note_of

_KEPT_FRAMES: Final = 400
_REPLAYED: Final = 30
_LIES_AT_ONCE: Final = 8
_REFUSALS: Final = (items.REFUSE_UNKNOWN_CHANNEL, items.REFUSE_QUOTA, items.REFUSE_FROZEN)


class Hostility:
    """Does harm on purpose, by chance.

    Attributes:
        done: how often each kind was done, by name.
        robbed: codes of stations whose key was stolen and used.
    """

    def __init__(
        self,
        world: World,
        channels: Sequence[tuple[ChannelId, Sequence[str]]],
        random: random_module.Random,
        *,
        seconds: float,
    ) -> None:
        """Take a world with its channels; whoever changes things does so for up to `seconds`."""
        self._world = world
        self._channels = channels
        self._random = random
        self._seconds = seconds
        self._kept: deque[tuple[int, str, bytes]] = deque(maxlen=_KEPT_FRAMES)
        world.keep = lambda path, sender, raw: self._kept.append((path.number, sender.code, raw))
        self.done: dict[str, int] = {}
        self.robbed: set[str] = set()
        self._kinds: dict[str, Callable[[], bool]] = {
            "lying peer": self._lies,
            "false forwarder": self._changes,
            "replaying relay": self._replays,
            "thief": self._steals,
        }

    def strike(self) -> None:
        """Do one thing, where there is somebody to do it to."""
        name = self._random.choice(sorted(self._kinds))
        if self._kinds[name]():
            self.done[name] = self.done.get(name, 0) + 1

    def check(self) -> None:
        """Check that nobody counts as having signed two histories but who was robbed.

        Raises:
            InvariantBroken: somebody was framed.
        """
        codes = {station.party: code for code, station in self._world.stations.items()}
        for code, station in self._world.stations.items():
            if station.engine is None:
                continue
            for conflict in station.engine.ledger.conflicts.values():
                signer = codes[conflict.log.party]
                if conflict.kind in FREEZING and signer not in self.robbed:
                    raise InvariantBroken(f"{code} holds a {conflict.kind} against {signer}")

    # --- a peer that lies ---

    def _lies(self) -> bool:
        found = self._pair()
        if found is None:
            return False
        liar, link, channel = found
        for _ in range(self._random.randint(1, _LIES_AT_ONCE)):
            lie = self._lie(liar, channel)
            if lie is not None:
                link.control.append(lie)
        return True

    def _pair(self) -> tuple[SimStation, Link, ChannelId] | None:
        """Return a station, its link to a member of one of its channels, and that channel."""
        channel, codes = self._random.choice(self._channels)
        liar, other = self._random.sample(list(codes), 2)
        station = self._world.stations[liar]
        if station.engine is None or station.engine.halted is not None:
            return None
        link = station.engine.links[self._world.stations[other].party]
        return (station, link, channel) if link.paths else None

    def _lie(self, liar: SimStation, channel: ChannelId) -> bytes | None:
        random = self._random
        engine = liar.engine
        assert engine is not None
        charter = engine.ledger.channels[channel].record.charter
        party = random.choice(charter.parties)
        number = charter.party_number(party)
        logs = [row.log for row in liar.disk.store.logs() if row.log.channel == channel]
        log = random.choice(logs)
        row = liar.disk.store.last_statement(log)
        first = random.randrange(40)
        junk = random.randbytes(32)
        lies: list[items.Item] = [
            Have(channel=charter.number, held=tuple(Held(0) for _ in charter.parties)),
            Need(
                channel=charter.number,
                party=number,
                inc=log.inc if random.random() < 0.5 else None,
                ranges=((first, first + random.randint(1, 60)),),
                what=random.randrange(6),
            ),
            Nodes(channel=charter.number, party=number, first=first, hashes=(Hash(junk),) * 3),
            Refuse(code=random.choice(_REFUSALS), about=charter.number, words="so it says"),
        ]
        if row is not None and party != liar.party:
            lies += self._about_statements(liar, row.signed, number, charter.number)
        entries = liar.disk.store.entries(log, 0, 20)
        if entries and party != liar.party:
            raws = [_changed(entry.raw) for entry in entries]
            lies.append(_run(charter.number, number, first if random.random() < 0.5 else 0, raws))
        return items.encode_item(random.choice(lies))

    def _about_statements(
        self, liar: SimStation, signed: SignedStatement, number: int, channel: int
    ) -> list[items.Item]:
        """Return lies made of a true statement: with another size, another signature, twice."""
        engine = liar.engine
        assert engine is not None
        note = note_of(engine.ledger.keys, signed)
        if note is None:
            return []
        said = signed.statement
        larger = replace(said, size=said.size + 1, no=said.no + 1)
        held = tuple(Held(self._random.randrange(50)) for _ in engine.links)
        state = engine.ledger.channels[said.channel]
        return [
            Note(text=larger.text(), lines=note.lines),
            Fork(first=note, second=Note(text=larger.text(), lines=note.lines)),
            Fork(first=note, second=note),
            Stmt(
                channel=channel,
                party=number,
                key_number=signed.key_number,
                no=said.no + 1,
                time=int(said.time) + 1,
                size=said.size + 3,
                held=held[: len(state.record.others)],
                signature=self._random.randbytes(64),
            ),
        ]

    # --- a forwarder that changes what it passes on ---

    def _changes(self) -> bool:
        code = self._random.choice(list(self._world.stations))
        engine = self._world.stations[code].engine
        if engine is None:
            return False
        engine.traffic.hearing.giving = _FalseGiving(engine.ledger)
        self._world.after(self._random.random() * self._seconds, lambda: _be_honest(engine))
        return True

    def heal(self) -> None:
        """Let everybody be honest from now on."""
        for station in self._world.stations.values():
            if station.engine is not None:
                _be_honest(station.engine)

    # --- a relay that plays old frames again, and back to their sender ---

    def _replays(self) -> bool:
        if not self._kept:
            return False
        for number, sender, raw in self._random.choices(list(self._kept), k=_REPLAYED):
            path = self._world.paths[number]
            back = self._random.random() < 0.3
            code = sender if back else path.other(sender)
            self._world.after(
                self._random.random() * self._seconds,
                lambda code=code, path=path, raw=raw: self._world.arrive(code, path, raw),  # type: ignore[misc]
            )
        return True

    # --- a thief of a station key ---

    def _steals(self) -> bool:
        """Sign another history of a log with its owner's key, and show it to a member."""
        found = self._pair()
        if found is None or self.robbed:
            return False
        victim, link, channel = found
        log = victim.own_log(channel)
        signed = None if log is None else self._stolen(victim, log)
        reader = self._world.stations[self._code_of(link)]
        if signed is None or reader.engine is None or reader.engine.halted is not None:
            return False
        note = note_of(KeyBook({victim.party: victim.identity.card}.get), signed)
        assert note is not None
        # It speaks to that member as its owner would: with the owner's keys it is on the line.
        link.control.append(items.encode_item(note))
        self.robbed.add(victim.code)
        return True

    def _code_of(self, link: Link) -> str:
        codes = {station.party: code for code, station in self._world.stations.items()}
        return codes[link.party]

    def _stolen(self, victim: SimStation, log: LogId) -> SignedStatement | None:
        row = victim.disk.store.last_statement(log)
        if row is None:
            return None
        said = row.signed.statement
        forged = replace(said, no=said.no + 1, root=Hash(self._random.randbytes(32)))
        key: KeyInUse = victim.identity.signers[0]
        return sign_statement(forged, key_number=key[0], signer=key[1])


class _FalseGiving(GivingBack):
    """Gives others' entries with another text to whoever is not their author."""

    _to: PartyId | None = None

    def answer(self, link: Link, state: ChannelState, item: Need) -> None:
        self._to = link.party
        super().answer(link, state, item)

    def _raws(
        self, state: ChannelState, replica: Replica, first: int, end: int, room: int
    ) -> list[bytes]:
        raws = super()._raws(state, replica, first, end, room)
        return raws if replica.log.party == self._to else [_changed(raw) for raw in raws]


def _be_honest(engine: Engine) -> None:
    engine.traffic.hearing.giving = GivingBack(engine.ledger)


def _changed(raw: bytes) -> bytes:
    """Return an entry with another text."""
    value = canon.decode(raw)
    assert isinstance(value, list)
    fields = value[4]
    assert isinstance(fields, dict)
    return canon.encode([*value[:4], {**fields, 25: "what somebody else put there"}])


def _run(channel: int, party: int, first: int, raws: list[bytes]) -> Run:
    entries = tuple(canon.decode(raw) for raw in raws)
    return Run(channel=channel, party=party, first=first, entries=entries)


__all__ = ["Hostility"]
