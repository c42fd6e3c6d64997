"""A peer whose every frame a test writes by hand, and the real station that it talks to.

The station is the simulator's: the engine over a memory store that commits at once. The peer
keeps its own logs with the core's tree, signs what it is told to sign, and sees every item sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from parley.core import frame, items, keying, statement
from parley.core.charter import Charter
from parley.core.entry import Entry, encode_entry, entry_value, leaf_hash
from parley.core.ids import ChannelId, Incarnation, LogId, PartyId
from parley.core.instants import Instant
from parley.core.item_reading import decode_items
from parley.core.link_secrets import Identity, LinkSecrets
from parley.core.merkle import EMPTY_ROOT, Tree
from parley.core.statement import Holding, SignedStatement, Statement, sign_statement
from parley.sim.people import WORLD_START, make_identity
from parley.sim.station import Last, SimStation
from parley.station.facts import Alarm
from parley.station.link_state import Traits

CHANNEL_NUMBER = 7


class RealStation:
    """The station under test, with a clock that the test moves."""

    def __init__(self, code: str = "BRAVO", *, peers: Sequence[str] = ("ALFA",)) -> None:
        self.sim = SimStation(make_identity(code), seed=1, wall_start=WORLD_START)
        self.steady = 0.0
        for peer in peers:
            card = make_identity(peer).card
            self.sim.peers[card.party] = card
        self.sim.start(self.steady)
        self.settle()

    @property
    def engine(self):
        assert self.sim.engine is not None
        return self.sim.engine

    @property
    def now(self):
        return self.sim.now(self.steady)

    @property
    def store(self):
        return self.sim.disk.store

    def settle(self) -> None:
        """Commit whatever is to be committed, as often as it takes."""
        while self.sim.take_effects():
            self.sim.finish_commit(self.steady)

    def pass_time(self, seconds: float) -> None:
        self.steady += seconds
        self.engine.tick(self.now)
        self.settle()

    def restart(self) -> None:
        self.steady += 1
        self.sim.crash(Last.LOST)
        self.sim.start(self.steady)
        self.settle()

    def alarms(self, kind: str) -> list[Alarm]:
        return [alarm for alarm in self.sim.alarms() if alarm.kind == kind]


@dataclass(slots=True)
class HandLog:
    """One log that the peer writes; `entries` may be rewritten to forge another history."""

    id: LogId
    hide: bytes
    entries: list[Entry] = field(default_factory=list)
    no: int = 0

    def tree(self, size: int | None = None) -> Tree:
        tree = Tree()
        for index, entry in enumerate(self.entries[:size]):
            tree.append(leaf_hash(entry, hide=self.hide, index=index, inc=self.id.inc))
        return tree


class HandPeer:
    """The peer: its identity, its paths to the station, its logs."""

    def __init__(self, station: RealStation, code: str = "ALFA", *, path: int = 1) -> None:
        self.station = station
        self.identity: Identity = make_identity(code)
        self.party: PartyId = self.identity.card.party
        self.path = path
        self.secrets = LinkSecrets(self.identity, station.sim.identity.card)
        self.time = WORLD_START
        self.keyings: list[keying.Keying] = []

    # --- frames ---

    def connect(self, traits: Traits | None = None) -> None:
        """Open a path that the station took, and start an epoch on it."""
        self.station.engine.path_up(
            self.path, traits or Traits(), self.station.now, peer=self.party
        )
        self.deliver(self.new_epoch())
        self.send(items.Hello())

    def new_epoch(self, *, node: int = 0) -> bytes:
        self.secrets._identity = replace(self.identity, node=node)
        raw = self.secrets.start_epoch(self.time, lambda size: bytes(range(size)))
        assert raw is not None
        return raw

    def deliver(self, *frames: bytes) -> None:
        self.station.engine.frames_received(self.path, frames, self.station.now)
        self.station.settle()

    def send(self, *sent: items.Item) -> None:
        self.send_raw(b"".join(items.encode_item(item) for item in sent))

    def send_raw(self, plain: bytes) -> None:
        sealed = self.secrets.seal(plain)
        assert sealed is not None
        self.deliver(sealed)

    def received(self) -> list[items.Item]:
        """Return every item that the station has for us now."""
        found: list[items.Item] = []
        while frames := self.station.engine.next_frames(self.path, self.station.now):
            for raw in frames:
                header = frame.read_header(raw)
                if header.kind == frame.KEYING:
                    offered = keying.decode_keying(raw[frame.HEADER_BYTES :])
                    self.keyings.append(offered)
                    if not self.secrets.is_copy(offered) and self.secrets.verifies(
                        offered, self.time
                    ):
                        assert self.secrets.accept(offered, self.time)
                    continue
                plain = self.secrets.open(raw, header)
                assert plain is not None
                read, faults = decode_items(plain)
                assert not faults
                found += read
            self.station.settle()
        return found

    # --- the record ---

    def propose(self, *others: str, code: str = "OPS") -> Charter:
        """Offer a charter with the station (and others), and let the station open its log."""
        parties = (self.party, self.station.sim.party)
        parties += tuple(make_identity(other).card.party for other in others)
        charter = Charter(
            parties=parties,
            number=CHANNEL_NUMBER,
            purpose="by hand",
            basis="none",
            proposed_at=WORLD_START,
            nonce=code.encode().ljust(16, b"\0"),
            code=code,
        )
        self.send(items.CharterItem(charter.encode()))
        self.station.engine.accept_charter(
            self.station.sim.token(), charter.channel_id, self.station.now
        )
        self.station.settle()
        return charter

    def open_log(self, charter: Charter, *, inc: int = 1, **fields: object) -> HandLog:
        """Begin a log; entry 0 is written, not sent."""
        incarnation = Incarnation(bytes([inc]) * 8)
        log = HandLog(
            LogId(charter.channel_id, self.party, incarnation), hide=bytes([0x40 + inc]) * 32
        )
        opening: dict[int, object] = {0: log.hide, 16: charter.hash, 17: incarnation}
        opening |= {int(name[1:]): value for name, value in fields.items()}
        self.write(log, 0, opening, others=len(charter.parties) - 1)
        return log

    def write(
        self,
        log: HandLog,
        kind: int,
        fields: Mapping[int, object],
        *,
        flags: int = 0,
        seen: Sequence[int] | None = None,
        others: int = 1,
    ) -> int:
        """Append an entry to a log of ours; return its index."""
        log.entries.append(
            Entry(
                kind=kind,
                time=Instant(self.time),
                flags=flags,
                seen=tuple(seen) if seen is not None else (0,) * others,
                fields=fields,  # type: ignore[arg-type]
            )
        )
        return len(log.entries) - 1

    def say(self, log: HandLog, text: str, *, others: int = 1) -> int:
        return self.write(log, 1, {2: text}, others=others)

    def statement(
        self,
        log: HandLog,
        size: int | None = None,
        *,
        no: int | None = None,
        time: int | None = None,
        holds: Sequence[Holding] = (),
        root: bytes | None = None,
    ) -> SignedStatement:
        """Sign what the log says now, or whatever a test wants to have signed."""
        size = len(log.entries) if size is None else size
        number = log.no if no is None else no
        log.no = max(log.no, number + 1)
        said = Statement(
            channel=log.id.channel,
            party=self.party,
            inc=log.id.inc,
            size=size,
            root=root or log.tree(size).root_at(size),  # type: ignore[arg-type]
            no=number,
            time=Instant(self.time if time is None else time),
            holds=tuple(holds),
        )
        return sign_statement(
            said, key_number=self.identity.key_number, signer=self.identity.signer
        )

    def run(
        self, log: HandLog, first: int = 0, end: int | None = None, *, party: int = 0
    ) -> items.Run:
        """Return a run of entries without a tail."""
        chosen = log.entries[first : len(log.entries) if end is None else end]
        return items.Run(
            channel=CHANNEL_NUMBER,
            party=party,
            first=first,
            entries=[entry_value(entry) for entry in chosen],
        )

    def stmt(
        self, signed: SignedStatement, *, held: items.Holdings = (None,), party: int = 0
    ) -> items.Stmt:
        """Return the item that carries a statement by itself."""
        said = signed.statement
        return items.Stmt(
            channel=CHANNEL_NUMBER,
            party=party,
            key_number=signed.key_number,
            no=said.no,
            time=said.time,
            size=said.size,
            held=held,
            signature=signed.signature,
        )

    def note(self, signed: SignedStatement) -> items.Note:
        """Return the item that carries a statement's full text."""
        line = statement.signature_line(
            signed.statement.party,
            signed.key_number,
            self.identity.signer.public_key,
            signed.signature,
        )
        return items.Note(text=signed.statement.text(), lines=(line,))


def nothing_held(party: PartyId, inc: Incarnation) -> Holding:
    """Return a `holds` line over an empty log."""
    return Holding(party=party, inc=inc, size=0, root=EMPTY_ROOT)


__all__ = ["ChannelId", "HandLog", "HandPeer", "RealStation", "encode_entry", "nothing_held"]
