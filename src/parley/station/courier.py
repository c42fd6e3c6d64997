"""The courier's side of the engine: files made for a peer, files of a peer read and taken in.

A file is a path that goes one way and is slow: the same frames under an epoch of their own, so
that nothing of the line at hand changes when one is made (specification: `link.md`, streams).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from parley.core import courier, frame, items, keying, limits
from parley.core.ids import ChannelId, PartyId
from parley.core.item_reading import decode_items
from parley.core.items import CharterItem, Held, Hello, Run, Symbol
from parley.core.link_secrets import Identity, LinkSecrets
from parley.core.outbox import Outbox
from parley.errors import MalformedError, PeerNotTrustedError, UsageError
from parley.station.card_news import CardNews
from parley.station.effects import Now
from parley.station.gathering import Gathering
from parley.station.hearing import Hearing
from parley.station.ledger import Ledger
from parley.station.link_state import Link, PathRecord
from parley.station.packing import Packer
from parley.station.traits import Traits

Standing = Literal["whole", "for-another", "stranger", "too-old", "seen-before", "damaged"]
PATH: Final = -1
"""Number of the path that a file is; no real one has it."""

SIZE_MIN: Final = 4_096
_FRAME_MIN: Final = 1_024
_FRAMES_MAX: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Entries of one log in a file.

    Attributes:
        channel: the channel.
        first: the first place.
        end: the place after the last.
    """

    channel: ChannelId
    first: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A file made for a peer.

    Attributes:
        raw: its bytes.
        carried: the entries in it.
        left: entries that did not fit.
        stopped: channels of which nothing is sent, since our log there is stopped.
    """

    raw: bytes
    carried: tuple[Carried, ...]
    left: int
    stopped: tuple[ChannelId, ...]


@dataclass(slots=True, kw_only=True)
class Look:
    """What a file holds, before anything of it is taken.

    Attributes:
        standing: whether it can be taken, or why not.
        peer: whose it is; None where nobody we know made it.
        carried: the entries in it.
        new: how many of them are not held here.
        charters: channels that it proposes.
        damaged: frames that cannot be read, and bytes at its end that are no frame.
        plains: what its frames hold.
        keyings: the key exchanges in it.
        sealed: the frames under them.
    """

    standing: Standing = "damaged"
    peer: PartyId | None = None
    carried: list[Carried] = field(default_factory=list)
    new: int = 0
    charters: int = 0
    damaged: int = 0
    plains: list[bytes] = field(default_factory=list)
    keyings: list[keying.Keying] = field(default_factory=list)
    sealed: list[bytes] = field(default_factory=list)


class _WholeOutbox(Outbox):
    """An outbox of which everything may be on the way at once: nobody answers a file."""

    __slots__ = ()

    @property
    def in_flight(self) -> int:
        return 0


class Courier:
    """Makes and takes files.

    Attributes:
        is_taking: a file is being taken in: it does not show that the line is alive.
    """

    def __init__(
        self,
        identity: Identity,
        ledger: Ledger,
        links: dict[PartyId, Link],
        hearing: Hearing,
        *,
        news: CardNews,
        accepted: dict[tuple[PartyId, int], int],
        random: Callable[[int], bytes],
    ) -> None:
        """Work on the record of `ledger`; `accepted` takes epoch numbers that are to be stored."""
        self._identity = identity
        self._ledger = ledger
        self._links = links
        self._hearing = hearing
        self._news = news
        self._accepted = accepted
        self._random = random
        self.is_taking = False

    # --- out ---

    def make(self, peer: PartyId, size_max: int, now: Now) -> Made:
        """Return a file with what a peer has not receipted, the most urgent first.

        Args:
            peer: for whom.
            size_max: most bytes, `SIZE_MIN` to `courier.FILE_BYTES_MAX`.
            now: the time.

        Raises:
            PeerNotTrustedError: its key was not compared. UsageError: no size of a file.
            MalformedError: all of its prekeys have expired.
        """
        if not SIZE_MIN <= size_max <= courier.FILE_BYTES_MAX:
            raise UsageError(
                f"a courier file has {SIZE_MIN} to {courier.FILE_BYTES_MAX} bytes",
                next_step="Name another size.",
            )
        link = self._links.get(peer)
        if link is None or not link.trusted:
            raise PeerNotTrustedError(
                "nothing is sealed to a peer whose key was not compared",
                next_step="Compare its words first: parley peer verify.",
            )
        scratch, stopped = self._scratch(link)
        frames = self._begin(link, scratch, now)
        size = len(courier.HEAD) + sum(len(one) + 2 for one in frames)
        room = max(_FRAME_MIN, min(limits.FRAME_BYTES_MAX, size_max - size - 2))
        plains: list[bytes] = []
        while len(frames) < _FRAMES_MAX:
            bytes_max = min(room, size_max - size - 2)
            if bytes_max < _FRAME_MIN:
                break
            traits = Traits(one_way=True, frame_bytes_max=bytes_max)
            plain = Packer(self._ledger, scratch, traits, now.steady).pack()
            sealed = scratch.secrets.seal(plain) if plain else None
            if sealed is None or size + len(sealed) + 2 > size_max:
                break
            plains.append(plain)
            frames.append(sealed)
            size += len(sealed) + 2
        carried = self._carried(plains, self._ledger.me, link)
        lacking = sum(_lacking(one, box) for one, box in self._boxes(scratch))
        left = max(lacking - sum(one.end - one.first for one in carried), 0)
        raw = courier.write_file(frames)
        return Made(raw=raw, carried=tuple(carried), left=left, stopped=stopped)

    def _scratch(self, link: Link) -> tuple[Link, tuple[ChannelId, ...]]:
        """Return a link on which everything lacking waits, beside the one that is at work."""
        secrets = LinkSecrets(self._identity, link.card, last_sent=link.secrets.last_sent)
        secrets.fresh = link.secrets.fresh
        scratch = Link(card=link.card, trusted=True, secrets=secrets)
        stopped: list[ChannelId] = []
        for channel, box in link.outboxes.items():
            state = self._ledger.channels[channel]
            own = state.record.own
            if own is None or state.stopped is not None:
                stopped.append(channel)
                continue
            theirs = Held(box.theirs.size, box.theirs.missing)
            fresh = _WholeOutbox(own.flags, theirs, durable=state.durable_size)
            fresh.by, fresh.met = box.by, box.met
            scratch.outboxes[channel] = fresh
            if not box.met and state.durable_size:
                charter = CharterItem(state.record.charter.encode())
                scratch.control.append(items.encode_item(charter))
        scratch.control.extendleft(reversed(self._news.greeting(Traits())))
        return scratch, tuple(stopped)

    def _begin(self, link: Link, scratch: Link, now: Now) -> list[bytes]:
        """Begin an epoch for the file alone; the line's own next one will be above it."""
        started = scratch.secrets.start_epoch(now.wall, self._random)
        if started is None:
            raise MalformedError("all prekeys of the peer have expired; a newer card is needed")
        link.secrets.last_sent = scratch.secrets.last_sent
        hello = Hello(features=items.FEATURE_RAPTORQ, frame_bytes=limits.FRAME_BYTES_MAX)
        scratch.control.appendleft(items.encode_item(hello))
        return [started, *scratch.secrets.signed_again()]

    def _boxes(self, link: Link) -> list[tuple[int, Outbox]]:
        channels = self._ledger.channels
        return [(channels[one].durable_size, box) for one, box in link.outboxes.items() if box.met]

    # --- in ---

    def look(self, raw: bytes, now: Now) -> Look:
        """Return what a file holds; nothing is taken and nothing is remembered.

        Raises:
            MalformedError: it is no courier file.
        """
        opened = courier.read_file(raw)
        found = Look(damaged=1 if opened.torn else 0)
        secrets: LinkSecrets | None = None
        for one in opened.frames:
            try:
                header = frame.read_header(one)
                if header.kind == frame.KEYING:
                    secrets = self._keying(found, one, now) or secrets
                    continue
                plain = None if secrets is None else secrets.open(one, header)
            except MalformedError:
                plain = None
            if plain is None:
                found.damaged += 1
            else:
                found.plains.append(plain)
                found.sealed.append(one)
        link = None if found.peer is None else self._links.get(found.peer)
        if link is not None:
            found.carried = self._carried(found.plains, link.party, link)
            found.charters = _charters(found.plains)
            found.new = self.lacking(found)
        return found

    def _keying(self, found: Look, raw: bytes, now: Now) -> LinkSecrets | None:
        """Return secrets that open what follows a key exchange; None where it is not for us."""
        offered = keying.decode_keying(raw[frame.HEADER_BYTES :])
        link = self._links.get(offered.sender)
        if offered.receiver != self._ledger.me:
            found.standing = "for-another"
            return None
        if link is None or not link.trusted:
            found.standing = "stranger"
            return None
        found.peer = link.party
        secrets = LinkSecrets(self._identity, link.card)
        if not link.secrets.is_alive(offered):
            found.standing = "too-old"
            return None
        if not secrets.accept(offered, now.wall):
            return None
        found.keyings.append(offered)
        if link.secrets.is_copy(offered):
            found.standing = "seen-before"
        elif link.secrets.is_stale(offered):
            found.standing = "too-old"
        else:
            found.standing = "whole"
        return secrets

    def take(self, raw: bytes, now: Now) -> Look:
        """Take a file in: what it carries goes where it would go from the line.

        Raises:
            MalformedError: it is no courier file, or cannot be taken; nothing was.
        """
        found = self.look(raw, now)
        link = None if found.peer is None else self._links.get(found.peer)
        if found.standing != "whole" or link is None:
            raise MalformedError(f"nothing was taken in: {WHY[found.standing]}")
        for offered in found.keyings:
            if offered.epoch > now.wall + limits.EPOCH_AHEAD_MAX:
                raise MalformedError("nothing was taken in: its epoch is of no honest station")
            if link.secrets.accept(offered, now.wall):
                self._accepted[link.party, offered.node] = offered.epoch
        path = PathRecord(number=PATH, traits=Traits(one_way=True), peer=link.party)
        offset, self.is_taking = link.clock_offset, True
        try:
            for sealed in found.sealed:
                plain = link.secrets.open(sealed, frame.read_header(sealed))
                if plain is None:
                    continue
                found.damaged += self._hear(link, path, plain, now)
        finally:
            self.is_taking, link.clock_offset = False, offset
        return found

    def lacking(self, found: Look) -> int:
        """Return how many entries of a file are not held here, before or after it was taken in."""
        peer = found.peer
        return 0 if peer is None else sum(self._lacks(peer, one) for one in found.carried)

    def _hear(self, link: Link, path: PathRecord, plain: bytes, now: Now) -> int:
        """Take what a frame holds; return how many of its items break their form."""
        try:
            read, faults = decode_items(plain)
        except MalformedError:
            return 1
        broken = len(faults)
        for item in read:
            try:
                self._hearing.take(link, path, item, now)
            except MalformedError:
                broken += 1
        return broken

    # --- what frames carry ---

    def _carried(self, plains: Sequence[bytes], author: PartyId, link: Link) -> list[Carried]:
        """Return the entries of an author's logs in what frames hold, by channel and place."""
        numbers = {
            state.record.charter.number: (channel, state.record.charter.party_number(author))
            for channel, state in self._ledger.channels.items()
            if link.party in state.record.others
        }
        found: dict[tuple[ChannelId, int, int], Carried] = {}
        for run in _runs(plains):
            channel, party = numbers.get(run.channel, (None, -1))
            if channel is None or run.party != party or not run.entries:
                continue
            one = Carried(channel=channel, first=run.first, end=run.first + len(run.entries))
            found[channel, one.first, one.end] = one
        return _merged(sorted(found.values(), key=lambda one: (one.channel, one.first)))

    def _lacks(self, party: PartyId, carried: Carried) -> int:
        replica = self._ledger.channels[carried.channel].record.logs.get(party)
        places = range(carried.first, carried.end)
        return sum(replica is None or not replica.held(index) for index in places)


WHY: Final[dict[Standing, str]] = {
    "whole": "",
    "for-another": "it is for another station",
    "stranger": "it is of no peer whose key was compared here",
    "too-old": "it is older than what came since; ask for a new one",
    "seen-before": "it was taken in before",
    "damaged": "it is damaged, or its key exchange does not verify",
}
"""Why a file is not taken in, by its standing."""


def _lacking(durable: int, box: Outbox) -> int:
    gaps = sum(end - first for first, end in box.theirs.missing)
    return max(durable - box.theirs.size, 0) + gaps


def _items(plains: Sequence[bytes]) -> list[items.Item]:
    """Return the items in what frames hold, those in symbols put together."""
    found: list[items.Item] = []
    gathering = Gathering()
    for plain in plains:
        try:
            read, _ = decode_items(plain)
            for item in read:
                if isinstance(item, Symbol):
                    whole = gathering.take(
                        item.ident, item.size, item.esi, item.data, now=0.0, pause=1.0
                    )
                    found += decode_items(whole)[0] if whole is not None else []
                else:
                    found.append(item)
        except MalformedError:
            continue
    return found


def _runs(plains: Sequence[bytes]) -> list[Run]:
    return [one for one in _items(plains) if isinstance(one, Run)]


def _charters(plains: Sequence[bytes]) -> int:
    return sum(isinstance(one, CharterItem) for one in _items(plains))


def _merged(sorted_ones: Sequence[Carried]) -> list[Carried]:
    found: list[Carried] = []
    for one in sorted_ones:
        last = found[-1] if found else None
        if last is not None and last.channel == one.channel and one.first <= last.end:
            end = max(last.end, one.end)
            found[-1] = Carried(channel=last.channel, first=last.first, end=end)
        else:
            found.append(one)
    return found
