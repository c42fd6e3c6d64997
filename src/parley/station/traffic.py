"""The link side of the engine: paths, keys, liveness, and who gets what next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from parley.core import frame, items
from parley.core.frame import Header
from parley.core.ids import PartyId
from parley.core.item_reading import decode_items
from parley.core.items import (
    Held,
    Hello,
    Ping,
    Refuse,
)
from parley.core.link_secrets import Identity
from parley.core.padding import Turns
from parley.errors import LaterProtocolError, MalformedError, TooLargeError
from parley.station.card_news import CardNews
from parley.station.channel_state import ChannelState
from parley.station.courier import Courier
from parley.station.effects import Now
from parley.station.facts import Alarm, Fact, LinkChanged, ReceiptStored
from parley.station.hearing import Hearing
from parley.station.intake import Intake
from parley.station.key_exchange import KeyExchange
from parley.station.ledger import Ledger
from parley.station.line_times import (
    REKEY_SECONDS_MIN,
    alive_seconds,
    dead_paths,
    due_at,
    exchange_seconds,
    heartbeat_of,
    is_padded,
    key_is_old,
    ping_seconds,
)
from parley.station.link_state import SILENT_SECONDS, Link, PathRecord
from parley.station.newest import Newest
from parley.station.offering import offer_charter
from parley.station.packing import Packer
from parley.station.telling import put_conflict
from parley.station.witnessing import Witnessing

_UNDECODABLE_MAX = 64
STRANGERS_MAX, INCOMING_MAX = 24, 8
"""Paths that came in and show no key yet, and those of one peer; of more the oldest is closed. A
listener takes 64 in all: neither strangers nor one peer may take every place of another."""


class Traffic:
    """Every link and path of one station.

    Attributes:
        newest: watches over our own logs.
        hearing: takes what peers send.
        courier: makes and takes files that a person carries.
    """

    def __init__(
        self,
        identity: Identity,
        ledger: Ledger,
        links: dict[PartyId, Link],
        *,
        witnessing: Witnessing,
        news: CardNews,
        random: Callable[[int], bytes],
        alarm: Callable[[Alarm], None],
        notify: Callable[[Fact], None],
        close: Callable[[int, str], None],
    ) -> None:
        self._identity = identity
        self._me = identity.card.party
        self._ledger = ledger
        self._links = links
        self._random = random
        self._news = news
        self._alarm = alarm
        self._notify = notify
        self._close = close
        self._paths: dict[int, PathRecord] = {}
        self._intake = Intake(ledger, alarm, witnessing)
        self.newest = Newest(ledger, links, self._intake.judge, alarm=alarm)
        self._keys = KeyExchange(
            identity,
            links,
            random=random,
            alarm=alarm,
            bind=self._bind,
            rekey=self._rekey,
            unread=self._undecodable,
        )
        self.hearing = Hearing(
            identity,
            ledger,
            links,
            self._intake,
            self.newest,
            news=news,
            alarm=alarm,
            heard=self._heard,
            rekey=self._rekey,
            aside=self._keys.aside,
        )
        self.courier = Courier(
            identity,
            ledger,
            links,
            self.hearing,
            news=news,
            accepted=self._keys.accepted,
            random=random,
        )

    # --- paths ---

    def up(self, path: PathRecord, now: Now) -> None:
        """Take note of an open path."""
        self._paths[path.number] = path
        path.since = now.steady
        if path.traits.padded:
            path.turns = Turns(path.traits.turn_seconds, now=now.steady)
        if path.peer is not None:
            self._bind(path, path.peer, now)
            return
        path.incoming = True
        strangers = [
            one
            for one in self._paths.values()
            if one.peer is None and not one.traits.narrow and not one.traits.one_way
        ]
        self._keep_newest(strangers, STRANGERS_MAX, "too many paths on which nobody shows a key")

    def _keep_newest(self, paths: Sequence[PathRecord], most: int, why: str) -> None:
        """Close the oldest of too many paths."""
        open_ones = [path for path in paths if not path.leaving]
        if len(open_ones) > most:
            open_ones[0].leaving = True
            self._close(open_ones[0].number, why)

    def _bind(self, path: PathRecord, peer: PartyId, now: Now) -> None:
        link = self._links.get(peer)
        path.peer = peer
        if link is None:
            return
        link.paths[path.number] = path
        incoming = [one for one in link.paths.values() if one.incoming]
        self._keep_newest(incoming, INCOMING_MAX, "it opened more paths than a station needs")
        if not path.traits.narrow or not link.secrets.can_open:
            link.rekey = True
        link.ping_due = now.steady
        self.set_heartbeats(link)
        for outbox in link.outboxes.values():
            # On a fast path our newest statement goes out first of all: it says what we lack.
            outbox.told = outbox.told if path.traits.narrow else -1
            outbox.offer_due, outbox.offer_tries = now.steady, 0
        self._notify(LinkChanged(peer))
        self.stir(now)

    def stir(self, now: Now) -> None:
        """Look anew at who can be reached only through others."""
        self.hearing.stir(now)
        self.newest.stir()

    def trusted(self, link: Link, now: Now) -> None:
        """Ask for a key on the paths on which this peer knocked before it was trusted."""
        for path in self._paths.values():
            if path.peer is None and path.claimed == link.party:
                self._bind(path, link.party, now)
                self._keys.ask(link, now)

    def set_heartbeats(self, link: Link) -> None:
        """Let the charter, or else the fastest path, say how often a statement is owed."""
        for channel in link.outboxes:
            state = self._ledger.channels[channel]
            best = link.best_path()
            if state.record.charter.heartbeat is None and best is not None:
                state.heartbeat = heartbeat_of(best.traits.rate_bps)

    def down(self, number: int, now: Now) -> None:
        """Take note that a path is closed."""
        path = self._paths.pop(number, None)
        link = None if path is None or path.peer is None else self._links.get(path.peer)
        if link is None:
            return
        link.paths.pop(number, None)
        if not link.paths:
            link.control.clear()
            link.given.clear()
            link.ping = None
        self._resend_all(link)
        self._look_alive(link, now)
        self._notify(LinkChanged(link.party))

    def _resend_all(self, link: Link) -> None:
        """Take everything on the way for lost."""
        link.parcels.renew()
        for channel, outbox in link.outboxes.items():
            state = self._ledger.channels[channel]
            outbox.restart(told=-1, durable=state.durable_size)

    def _rekey(self, link: Link) -> None:
        """Start a new epoch before anything else is sent; the peer could not open the last one."""
        link.rekey = True
        self._resend_all(link)

    # --- sending ---

    def next_frames(self, number: int, now: Now, *, limit: int) -> list[bytes]:
        """Return the next frames for a path, most urgent first."""
        path = self._paths.get(number)
        if path is None:
            return []
        link = None if path.peer is None else self._links.get(path.peer)
        if path.turns is None:
            return self._next_frames(link, path, now, limit)
        if not path.turns.take(now.steady):
            return []
        if link is not None and link.trusted and link.best_path() is path:
            self._ask_and_key(link, now)
        found = self._next_frames(link, path, now, 1)
        if not found and link is not None and link.trusted:
            dummy = link.secrets.seal(path.traits.filled(b""))
            found = [] if dummy is None else [dummy]
        return found

    def next_turn(self, number: int) -> float | None:
        """Return when the next frame of a padded path is due, in steady seconds."""
        path = self._paths.get(number)
        return None if path is None or path.turns is None else path.turns.next

    def _next_frames(
        self, link: Link | None, path: PathRecord, now: Now, limit: int
    ) -> list[bytes]:
        many = 1 if path.traits.narrow else limit
        if path.replies:
            many = len(path.replies) if path.turns is None else 1
            replies, path.replies = path.replies[:many], path.replies[many:]
            return replies
        if link is None or not link.trusted:
            return []
        best = link.best_path()
        if best is None or (best is not path and path.greeted):
            return []
        frames: list[bytes] = []
        if link.rekey or not path.greeted:
            frames += self._greeting(link, path, now)
            if link.rekey:
                return frames
        frames += self._keys.next_pieces(link, path, now, limit=many)
        while len(frames) < many:
            plain = Packer(self._ledger, link, path.traits, now.steady).pack()
            if not plain:
                break
            sealed = link.secrets.seal(path.traits.filled(plain))
            assert sealed is not None
            frames.append(sealed)
        return frames

    def _greeting(self, link: Link, path: PathRecord, now: Now) -> list[bytes]:
        """Start a new epoch where one is due, and greet; the keying frame goes first."""
        frames = self._keys.start(link, path, now) if link.rekey else []
        if link.rekey:
            return frames
        if not path.greeted:
            path.greeted = True
            if link.best_path() is not path:
                for conflict in self._ledger.conflicts.values():
                    if conflict.log.party == link.party:
                        self._keys.aside(link, path, items.encode_item(conflict.item), now)
            for conflict in self._ledger.conflicts.values():
                state = self._ledger.channels.get(conflict.log.channel)
                if state and conflict.is_for(link.party) and link.party in state.record.others:
                    put_conflict(link, conflict)
            hello = Hello(features=items.FEATURE_RAPTORQ, frame_bytes=path.traits.frame_bytes_max)
            link.control.extendleft(reversed(self._news.greeting(path.traits)))
            link.control.appendleft(items.encode_item(hello))
            if path.traits.narrow and not link.secrets.can_open:
                # On a fast path the peer starts an epoch of its own when it sees the path.
                self._keys.ask(link, now)
        return frames

    def grown(self, state: ChannelState, *, urgent: bool) -> None:
        """Our log or our statements on a channel have grown, durably."""
        for link in self._links.values():
            outbox = link.outboxes.get(state.record.channel)
            if outbox is not None:
                outbox.grow(state.durable_size)
                outbox.urgent = outbox.urgent or urgent
                outbox.again = outbox.again and not urgent

    def receipted(self, fact: ReceiptStored, now: Now) -> None:
        """A peer's durable statement holds this much of our log."""
        link = self._links.get(fact.by)
        outbox = None if link is None else link.outboxes.get(fact.log.channel)
        state = self._ledger.channels[fact.log.channel]
        own = state.record.own
        said = state.said.get(fact.by)
        if link is None or outbox is None or own is None or own.log != fact.log:
            return
        link.answered = now.steady
        if said is not None and (said.inc != fact.inc or fact.time < said.time):
            return  # of an incarnation that came to its end meanwhile, or an older word
        outbox.begin_with(fact.inc)
        for sent in outbox.covered(Held(fact.size, fact.missing)):
            took = max(now.steady - sent, 0.0)
            link.ack_seconds = took if not link.ack_seconds else 0.8 * link.ack_seconds + 0.2 * took
            link.patience = SILENT_SECONDS

    def refuse_full(self, now: Now) -> None:
        """Tell every peer that nothing can be stored here at present."""
        del now
        refusal = Refuse(code=items.REFUSE_FULL, about=0, words="the store is full or failed")
        for link in self._links.values():
            link.control.clear()
            link.given.clear()
            link.control.append(items.encode_item(refusal))
            link.silent_until = float("inf")

    def stage_epochs(self) -> None:
        """Remember accepted epoch numbers, so that an old keying frame stays refused; and ours."""
        for (party, node), epoch in self._keys.accepted.items():
            paper = ("epochs", f"{party.hex()}/{node}", str(epoch).encode("ascii"))
            self._ledger.batch.papers.append(paper)
        self._keys.accepted.clear()
        for link in self._links.values():
            sent = link.secrets.last_sent
            if sent != link.sent_kept:
                link.sent_kept = sent
                paper = ("epochs-sent", link.party.hex(), str(sent).encode("ascii"))
                self._ledger.batch.papers.append(paper)

    # --- receiving ---

    def received(self, number: int, frames: Sequence[bytes], now: Now) -> None:
        """Take frames from a path."""
        for raw in frames:
            path = self._paths.get(number)
            if path is None:
                return
            path.note_length(len(raw))
            try:
                self._frame(path, raw, now)
            except MalformedError as fault:
                self._undecodable(path, str(fault))

    def _undecodable(self, path: PathRecord, what: str) -> None:
        path.undecodable += 1
        if path.undecodable >= _UNDECODABLE_MAX:
            self._close(path.number, f"too many frames in a row could not be read: {what}")
            path.undecodable = 0

    def _frame(self, path: PathRecord, raw: bytes, now: Now) -> None:
        header = frame.read_header(raw)
        if header.kind == frame.KEYING:
            self._keys.keying(path, raw[frame.HEADER_BYTES :], now)
            return
        if header.kind == frame.PIECE:
            self._keys.piece(path, raw, now)
            return
        link, plain = self._open(path, raw, header)
        if link is None or plain is None:
            known = None if path.peer is None else self._links.get(path.peer)
            if known is not None and known.trusted:
                self._keys.unopened(known, path, header.hint, now)
            self._undecodable(path, "no key opens them")
            return
        path.undecodable = 0
        if path.peer != link.party:
            self._bind(path, link.party, now)
        if not link.trusted:
            return
        self._items(link, path, plain, now)

    def _open(
        self, path: PathRecord, raw: bytes, header: Header
    ) -> tuple[Link | None, bytes | None]:
        first = None if path.peer is None else self._links.get(path.peer)
        links = [link for link in self._links.values() if link is not first]
        for link in ([first] if first is not None else []) + links:
            plain = link.secrets.open(raw, header)
            if plain is not None:
                return link, plain
        return None, None

    def _items(self, link: Link, path: PathRecord, plain: bytes, now: Now) -> None:
        try:
            found, faults = decode_items(plain)
        except MalformedError as fault:
            self._refuse_malformed(link, path, fault)
            return
        for item in found:
            try:
                self.hearing.take(link, path, item, now)
            except MalformedError as fault:
                faults.append(fault)
        if faults:
            self._refuse_malformed(link, path, faults[0])

    def _refuse_malformed(self, link: Link, path: PathRecord, fault: MalformedError) -> None:
        """Tell the peer what was wrong with its frame, and end this path."""
        text = str(fault)[:200]
        code = items.REFUSE_MALFORMED
        if isinstance(fault, LaterProtocolError):
            code = items.REFUSE_VERSION
        elif isinstance(fault, TooLargeError):
            code = items.REFUSE_TOO_LARGE
        refusal = Refuse(code=code, about=0, words=text)
        link.control.append(items.encode_item(refusal))
        self._alarm(Alarm(kind="malformed", peer=link.party, channel=None, text=text))
        self._close(path.number, f"the peer sent what the protocol does not allow: {text}")

    # --- time ---

    def dead_paths(self, now: Now) -> list[int]:
        """Return the paths that are to be closed and dialled again."""
        return dead_paths(self._paths.values(), self._links.values(), now)

    def _heard(self, link: Link, now: Now) -> None:
        if self.courier.is_taking:
            return  # a file says nothing of the line
        link.heard, link.heard_wall = now.steady, now.wall
        self._look_alive(link, now)

    def _look_alive(self, link: Link, now: Now) -> None:
        alive = bool(
            link.paths and link.heard is not None and now.steady < link.heard + alive_seconds(link)
        )
        if alive != link.alive:
            link.alive = alive
            self._notify(LinkChanged(link.party))
            self.stir(now)

    def tick(self, now: Now) -> None:
        """Do what is due on every link."""
        self.look_after_thirds(now)
        for link in self._links.values():
            self._look_alive(link, now)
            if not link.paths or not link.trusted:
                continue
            best = link.best_path()
            if not is_padded(link):  # there at each turn: when we were awake must not show
                self._ask_and_key(link, now)
            for channel, outbox in link.outboxes.items():
                lost = outbox.overdue(now.steady)
                patience = max(REKEY_SECONDS_MIN, 2 * exchange_seconds(link))
                # On a padded path only PINGs ask: a new key must not tell that entries wait.
                answers = best is not None and not (best.traits.one_way or best.traits.padded)
                if lost and answers and not link.alive and now.steady - link.keyed_at > patience:
                    self._rekey(link)
                if not outbox.met and now.steady >= outbox.offer_due:
                    offer_charter(link, self._ledger.channels[channel], now)

    def _ask_and_key(self, link: Link, now: Now) -> None:
        """Send pieces of a key again, ask whether the peer is there, and start a new key."""
        self._keys.tick(link, now)
        if now.steady >= link.ping_due:
            self._ping(link, now)
        if key_is_old(link, now):
            link.rekey = True

    def look_after_thirds(self, now: Now) -> None:
        """Pass on what members lack of each other, and ask for what we lack ourselves."""
        self.hearing.look_after_thirds(now)

    def _ping(self, link: Link, now: Now) -> None:
        if link.ping is not None and link.pieces is None:
            link.unanswered += 1
            if link.unanswered >= 3:
                # Perhaps the key exchange itself was lost.
                self._rekey(link)
                link.unanswered = 0
        number = int.from_bytes(self._random(4), "big")
        link.ping = (number, now.steady)
        link.ping_due = now.steady + ping_seconds(link)
        link.control.append(items.encode_item(Ping(number)))

    def wake_at(self, now: Now) -> float:
        """Return when `tick` is wanted next."""
        due = min(now.steady + 60.0, self.hearing.wake_at(now))
        for link in self._links.values():
            if link.alive and link.heard is not None:
                due = min(due, link.heard + alive_seconds(link))
            if not link.paths or not link.trusted:
                continue
            due = min(due, due_at(link))
            for channel, outbox in link.outboxes.items():
                if not outbox.met and self._ledger.channels[channel].durable_size:
                    due = min(due, outbox.offer_due)
        return max(due, now.steady)
