"""The link side of the engine: paths, keys, liveness, and who gets what next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from parley.core import charter as charters
from parley.core import frame, items, keying, limits, statement
from parley.core.frame import Header
from parley.core.ids import LogId, PartyId
from parley.core.item_reading import decode_items
from parley.core.items import (
    CharterItem,
    Fork,
    Have,
    Held,
    Hello,
    Need,
    Nodes,
    Note,
    Ping,
    Pong,
    Refuse,
    Run,
    Stmt,
)
from parley.core.link_secrets import Identity
from parley.core.statement import signature_line
from parley.errors import LaterProtocolError, MalformedError
from parley.station.channel_state import ChannelState
from parley.station.conflicts import FREEZING, Conflict
from parley.station.effects import Now
from parley.station.facts import Alarm, Fact, LinkChanged, ReceiptStored
from parley.station.intake import Intake, Outcome
from parley.station.ledger import Ledger
from parley.station.link_state import SILENT_SECONDS, SILENT_SECONDS_MAX, Link, PathRecord
from parley.station.packing import Packer
from parley.station.witnessing import Witnessing
from parley.store.interface import Reader

PING_SECONDS_FAST, PING_SECONDS_NARROW = 5.0, 600.0
ALIVE_SECONDS_FAST, ALIVE_SECONDS_NARROW = 15.0, 1_800.0
REKEY_SECONDS_FAST, REKEY_SECONDS_NARROW = 7 * 86_400.0, 90 * 86_400.0
_ASK_KEY_SECONDS_FAST, _ASK_KEY_SECONDS_NARROW = 1.0, 10.0
_ASK_NOTE_SECONDS_FAST, _ASK_NOTE_SECONDS_NARROW = 1.0, 30.0
_KEYING_BYTES = 1_300
_REKEY_SECONDS_MIN = 60.0
_UNDECODABLE_MAX = 64
_PAUSE_SECONDS = 30.0
STRANGER_SECONDS = 60.0
_SLOWEST_FACTOR = 3
_OFFER_SECONDS, _OFFER_SECONDS_MAX = 5.0, 300.0
_PROPOSALS_MAX = 64
_FROZEN_SECONDS = 60.0


class Traffic:
    """Every link and path of one station."""

    def __init__(
        self,
        identity: Identity,
        ledger: Ledger,
        links: dict[PartyId, Link],
        *,
        witnessing: Witnessing,
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
        self._alarm = alarm
        self._notify = notify
        self._close = close
        self._paths: dict[int, PathRecord] = {}
        self._intake = Intake(ledger, alarm, witnessing)
        self._behind: list[tuple[LogId, str]] = []
        self._new_epochs: dict[tuple[PartyId, int], int] = {}

    # --- paths ---

    def up(self, path: PathRecord, now: Now) -> None:
        """Take note of an open path."""
        self._paths[path.number] = path
        path.since = now.steady
        if path.peer is not None:
            self._bind(path, path.peer, now)

    def _bind(self, path: PathRecord, peer: PartyId, now: Now) -> None:
        link = self._links.get(peer)
        path.peer = peer
        if link is None:
            return
        link.paths[path.number] = path
        if not path.traits.narrow or not link.secrets.can_open:
            link.rekey = True
        link.ping_due = now.steady
        self._set_heartbeats(link)
        for outbox in link.outboxes.values():
            # On a fast path our newest statement goes out first of all: it says what we lack.
            outbox.told = outbox.told if path.traits.narrow else -1
            outbox.offer_due, outbox.offer_tries = now.steady, 0
        self._notify(LinkChanged(peer))

    def trusted(self, link: Link, now: Now) -> None:
        """Ask for a key on the paths on which this peer knocked before it was trusted."""
        for path in self._paths.values():
            if path.peer is None and path.claimed == link.party:
                self._bind(path, link.party, now)
                self._ask_for_key(link, now)

    def _set_heartbeats(self, link: Link) -> None:
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
            link.ping = None
        self._resend_all(link)
        self._look_alive(link, now)
        self._notify(LinkChanged(link.party))

    def _resend_all(self, link: Link) -> None:
        """Take everything on the way for lost."""
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
        if path is not None and path.replies:
            replies, path.replies = path.replies, []
            return replies
        link = None if path is None or path.peer is None else self._links.get(path.peer)
        if path is None or link is None or not link.trusted:
            return []
        best = link.best_path()
        if best is None or (best is not path and path.greeted):
            return []
        frames: list[bytes] = []
        if link.rekey or not path.greeted:
            frames += self._greeting(link, path, now)
            if link.rekey:
                return frames
        many = 1 if path.traits.narrow else limit
        while len(frames) < many:
            plain = Packer(self._ledger, link, path.traits, now.steady).pack()
            if not plain:
                break
            sealed = link.secrets.seal(plain)
            assert sealed is not None
            frames.append(sealed)
        return frames

    def _greeting(self, link: Link, path: PathRecord, now: Now) -> list[bytes]:
        """Start a new epoch where one is due, and greet; the keying frame goes first."""
        frames: list[bytes] = []
        if link.rekey:
            started = link.secrets.start_epoch(now.wall, self._random)
            if started is None or len(started) > path.traits.frame_bytes_max:
                what = (
                    "all of its prekeys have expired; a newer card is needed"
                    if started is None
                    else "this path's frames are too short for a key exchange"
                )
                self._alarm(Alarm(kind="wrong-key", peer=link.party, channel=None, text=what))
                link.asked_key_at = now.steady
                return frames
            frames.append(started)
            link.rekey = False
            link.keyed_at = now.steady
        if not path.greeted:
            path.greeted = True
            for conflict in self._ledger.conflicts.values():
                state = self._ledger.channels.get(conflict.log.channel)
                if state and conflict.kind in FREEZING and link.party in state.record.others:
                    _put_conflict(link, conflict)
            hello = Hello(frame_bytes=path.traits.frame_bytes_max)
            link.control.appendleft(items.encode_item(hello))
            if path.traits.narrow and not link.secrets.can_open:
                # On a fast path the peer starts an epoch of its own when it sees the path.
                self._ask_for_key(link, now)
        return frames

    def _ask_for_key(self, link: Link, now: Now) -> None:
        if now.steady - link.asked_key_at < _ask_key(link):
            return
        link.asked_key_at = now.steady
        asked = Refuse(
            code=items.REFUSE_NO_KEY, about=link.secrets.newest_accepted, words="send a new key"
        )
        link.control.append(items.encode_item(asked))

    def grown(self, state: ChannelState, *, urgent: bool) -> None:
        """Our log or our statements on a channel have grown, durably."""
        for link in self._links.values():
            outbox = link.outboxes.get(state.record.channel)
            if outbox is not None:
                outbox.grow(state.durable_size)
                outbox.urgent = outbox.urgent or urgent

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
        if said is not None and said.inc != fact.inc:
            return  # the word of an incarnation that came to its end meanwhile
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
            link.control.append(items.encode_item(refusal))
            link.silent_until = float("inf")

    def stage_epochs(self) -> None:
        """Remember accepted epoch numbers, so that an old keying frame stays refused."""
        for (party, node), epoch in self._new_epochs.items():
            paper = ("epochs", f"{party.hex()}/{node}", str(epoch).encode("ascii"))
            self._ledger.batch.papers.append(paper)
        self._new_epochs.clear()

    def take_behind(self) -> list[tuple[LogId, str]]:
        """Return own logs of which a peer holds more than we do, and forget them."""
        behind, self._behind = self._behind, []
        return behind

    # --- receiving ---

    def received(self, number: int, frames: Sequence[bytes], now: Now) -> None:
        """Take frames from a path."""
        for raw in frames:
            path = self._paths.get(number)
            if path is None:
                return
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
            self._keying(path, raw[frame.HEADER_BYTES :], now)
            return
        link, plain = self._open(path, raw, header)
        if link is None or plain is None:
            known = None if path.peer is None else self._links.get(path.peer)
            if known is not None and known.trusted:
                self._ask_for_key(known, now)
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

    def _keying(self, path: PathRecord, body: bytes, now: Now) -> None:
        offered = keying.decode_keying(body)
        link = self._links.get(offered.sender)
        path.claimed = offered.sender
        if offered.receiver != self._me or link is None or not link.trusted:
            self._undecodable(path, "the key is not for this station, or from a stranger")
            return
        if not link.secrets.is_alive(offered):
            self._undecodable(path, "a key exchange is sealed to a prekey that is gone")
            return
        if link.secrets.is_stale(offered):
            self._stale_key(link, path, offered, now)
            return
        if not _may_check(path, now):
            return
        if not link.secrets.accept(offered, now.wall):
            self._undecodable(path, "a key exchange does not verify")
            self._ask_for_key(link, now)
            return
        path.undecodable = 0
        self._new_epochs[link.party, offered.node] = offered.epoch
        if path.peer != link.party:
            self._bind(path, link.party, now)

    def _stale_key(self, link: Link, path: PathRecord, offered: keying.Keying, now: Now) -> None:
        """Tell a peer that its epoch number is too low: it restarted, or its clock is behind.

        It has forgotten our keys as well, so that a new epoch of ours goes first. It may as well
        be a replay: on a path that is not bound yet the answer goes out there alone.
        """
        if now.steady - link.stale_checked_at < _ask_key(link) or not _may_check(path, now):
            return
        link.stale_checked_at = now.steady
        if not link.secrets.verifies(offered, now.wall):
            return
        link.asked_key_at = now.steady
        last = link.secrets.accepted.get(offered.node, offered.epoch)
        refusal = Refuse(code=items.REFUSE_NO_KEY, about=last, words="send a newer key")
        if path.peer is not None:
            self._rekey(link)
            link.control.appendleft(items.encode_item(refusal))
            return
        started = link.secrets.start_epoch(now.wall, self._random)
        sealed = link.secrets.seal(items.encode_item(refusal))
        if started is not None and sealed is not None:
            link.rekey = True
            path.replies += [started, sealed]

    def _items(self, link: Link, path: PathRecord, plain: bytes, now: Now) -> None:
        try:
            found, faults = decode_items(plain)
        except MalformedError as fault:
            self._refuse_malformed(link, path, fault)
            return
        for item in found:
            try:
                self._item(link, path, item, now)
            except MalformedError as fault:
                faults.append(fault)
        if faults:
            self._refuse_malformed(link, path, faults[0])

    def _refuse_malformed(self, link: Link, path: PathRecord, fault: MalformedError) -> None:
        """Tell the peer what was wrong with its frame, and end this path."""
        text = str(fault)[:200]
        later = isinstance(fault, LaterProtocolError)
        code = items.REFUSE_VERSION if later else items.REFUSE_MALFORMED
        refusal = Refuse(code=code, about=0, words=text)
        link.control.append(items.encode_item(refusal))
        self._alarm(Alarm(kind="malformed", peer=link.party, channel=None, text=text))
        self._close(path.number, f"the peer sent what the protocol does not allow: {text}")

    def _item(self, link: Link, path: PathRecord, item: items.Item, now: Now) -> None:
        match item:
            case Run() | Stmt() | Nodes() | Have():
                self._record_item(link, path, item, now)
            case Ping():
                link.control.append(items.encode_item(Pong(item.number)))
            case Pong():
                if link.ping is not None and link.ping[0] == item.number:
                    link.round_trip = now.steady - link.ping[1]
                    self._answered(link, link.ping[1], now)
                    link.ping = None
                    link.unanswered = 0
                    link.secrets.answered()
                    self._heard(link, now)
            case CharterItem():
                self._charter(link, item)
            case Need():
                self._need(link, item)
            case Note():
                self._note(link, item, now)
            case Fork():
                self._intake.judge.told(item, now)
                self._tell_conflicts()
            case Refuse():
                self._refused(link, item, now)
            case Hello():
                if item.least > 1:
                    refusal = Refuse(code=items.REFUSE_VERSION, about=1, words="parley1 only")
                    link.control.append(items.encode_item(refusal))
            case _:
                pass  # symbols, prekeys and cards are offered by paths not built yet

    def _note(self, link: Link, item: Note, now: Now) -> None:
        state = self._ledger.channels.get(statement.parse_text(item.text).channel)
        if state is not None and link.party in state.record.others:
            self._outcome(link, state, self._intake.note(state, item, link.party, now), now)

    def _record_item(
        self, link: Link, path: PathRecord, item: Run | Stmt | Nodes | Have, now: Now
    ) -> None:
        state = self._channel(link, item.channel)
        if state is None:
            refusal = Refuse(
                code=items.REFUSE_UNKNOWN_CHANNEL, about=item.channel, words="unknown channel"
            )
            link.control.append(items.encode_item(refusal))
            return
        if not state.opened:
            return
        outbox = link.outboxes.get(state.record.channel)
        number = state.record.charter.party_number(link.party)
        if isinstance(item, Have):
            others = state.record.charter.parties
            if len(item.held) == len(others) and outbox is not None:
                held = item.held[state.record.number]
                if held is not None:
                    outbox.covered(held)
            return
        if item.party != number:
            return  # a member speaks for itself only; what it relays of others is not taken yet
        if isinstance(item, Nodes):
            self._intake.nodes(state, link.party, item)
            return
        if isinstance(item, Run):
            outcome = self._intake.run(state, link.party, item, now)
        else:
            outcome = self._intake.stmt(state, link.party, item, now)
        if outbox is not None:
            outbox.met = outbox.met or link.party in state.record.logs
            if outcome.repeated and not path.traits.one_way:
                # It sends again what we hold: our receipt was lost on the way.
                outbox.told = min(outbox.told, state.durable_no - 1)
            outbox.owed += (
                max(len(item.entries) - outcome.repeated, 0) if isinstance(item, Run) else 0
            )
        self._outcome(link, state, outcome, now)

    def _channel(self, link: Link, number: int) -> ChannelState | None:
        for state in self._ledger.channels.values():
            if state.record.charter.number == number and link.party in state.record.others:
                return state
        return None

    def _outcome(self, link: Link, state: ChannelState, outcome: Outcome, now: Now) -> None:
        for said in outcome.held:
            self._heard(link, now)
            link.clock_offset = said.time - now.wall
        number = state.record.charter.number
        pause = _ASK_NOTE_SECONDS_NARROW if _narrow(link) else _ASK_NOTE_SECONDS_FAST
        if outcome.need_note and now.steady >= link.asked_notes.get(number, -pause) + pause:
            # Whatever is not known yet comes with the next entries: asking at once would only
            # bring the same text again.
            link.asked_notes[number] = now.steady
            need = Need(
                channel=number,
                party=state.record.charter.party_number(link.party),
                inc=None,
                ranges=(),
                what=items.NEED_NOTE,
            )
            link.control.append(items.encode_item(need))
        if outcome.behind and state.record.own is not None:
            why = "a peer holds more of our log than this store; a new log was begun"
            self._behind.append((state.record.own.log, why))
        if outcome.frozen and now.steady - link.frozen_told_at > _FROZEN_SECONDS:
            link.frozen_told_at = now.steady
            words = "your log has two histories; open a new one that names both notes"
            refusal = Refuse(code=items.REFUSE_FROZEN, about=number, words=words)
            link.control.append(items.encode_item(refusal))
        self._tell_conflicts()

    def _tell_conflicts(self) -> None:
        """Tell every member, its author too, of a log that has just been frozen."""
        for conflict in self._intake.judge.take_new():
            state = self._ledger.channels[conflict.log.channel]
            for link in self._links.values():
                if link.trusted and link.party in state.record.others:
                    _put_conflict(link, conflict)
            own = state.record.own
            if own is not None and own.log == conflict.log:
                why = "two histories were signed with our key; a new log was begun"
                self._behind.append((own.log, why))

    def _charter(self, link: Link, item: CharterItem) -> None:
        charter = charters.decode_charter(item.raw)
        if self._me not in charter.parties or link.party not in charter.parties:
            raise MalformedError("a charter is offered that does not name both of us")
        link.offered.add(charter.channel_id)
        outbox = link.outboxes.get(charter.channel_id)
        if outbox is not None:
            outbox.met = True
            if outbox.theirs.size:
                # It offers what was open long ago: it does not know our log (any more).
                outbox.doubt()
        if charter.channel_id in self._ledger.channels:
            return
        proposals = sum(not state.opened for state in self._ledger.channels.values())
        if proposals >= _PROPOSALS_MAX or not self._ledger.offered(charter):
            refusal = Refuse(
                code=items.REFUSE_UNKNOWN_CHANNEL,
                about=charter.number,
                words="this channel number is in use, or too many charters are open",
            )
            link.control.append(items.encode_item(refusal))
            return

    def _need(self, link: Link, item: Need) -> None:
        state = self._channel(link, item.channel)
        own = None if state is None else state.record.own
        if state is None or own is None or item.party != state.record.number:
            return
        if item.what == items.NEED_NOTE:
            signed = state.durable_statement(self._ledger.reader)
            if signed is not None:
                key = self._identity.signer.public_key
                line = signature_line(self._me, signed.key_number, key, signed.signature)
                note = Note(text=signed.statement.text(), lines=(line,))
                link.control.append(items.encode_item(note))
        elif item.what == items.NEED_CHARTER:
            link.control.append(items.encode_item(CharterItem(state.record.charter.encode())))
        elif item.what == items.NEED_ENTRIES:
            outbox = link.outboxes.get(state.record.channel)
            if outbox is not None:
                outbox.restart(told=outbox.told, durable=state.durable_size)

    def _refused(self, link: Link, item: Refuse, now: Now) -> None:
        match item.code:
            case items.REFUSE_NO_KEY:
                is_stale = link.secrets.ask_above(item.about)
                # On a slow line it may have been written before our key exchange came through.
                if is_stale or now.steady - link.keyed_at >= _exchange_seconds(link):
                    self._rekey(link)
                return
            case items.REFUSE_FULL:
                link.silent_until = now.steady + _PAUSE_SECONDS
            case items.REFUSE_UNKNOWN_CHANNEL:
                for channel, outbox in link.outboxes.items():
                    state = self._ledger.channels[channel]
                    if state.record.charter.number == item.about and not outbox.met:
                        outbox.offer_due = now.steady + _OFFER_SECONDS
                        return
            case _:
                pass
        self._alarm(
            Alarm(
                kind="refused",
                peer=link.party,
                channel=None,
                text=f"the peer refused (code {item.code}): {item.words}",
            )
        )

    # --- time ---

    def _answered(self, link: Link, asked: float, now: Now) -> None:
        link.answered = now.steady
        best = link.best_path()
        if best is not None and asked > best.since + PING_SECONDS_FAST / 2:
            link.patience = SILENT_SECONDS

    def dead_paths(self, now: Now) -> list[int]:
        """Return paths on which nothing was answered for too long, and be more patient next time.

        Whoever keeps the paths closes them and dials again. A narrow or one-way path may be silent.
        An incoming one on which nobody proved who they are takes a place that a peer may need.
        """
        found = [
            path.number
            for path in self._paths.values()
            if path.peer is None
            and not path.traits.narrow
            and not path.traits.one_way
            and now.steady >= path.since + STRANGER_SECONDS
        ]
        for link in self._links.values():
            # An answer may come back over another path than the question went out on, so that
            # silence speaks against all of them alike.
            patience = max(link.patience, _SLOWEST_FACTOR * link.ack_seconds)
            dead = [
                path.number
                for path in link.paths.values()
                if link.trusted
                and not path.traits.narrow
                and not path.traits.one_way
                and now.steady >= max(path.since, link.answered) + patience
            ]
            if dead:
                link.patience = min(2 * link.patience, SILENT_SECONDS_MAX)
                found += dead
        return found

    def _heard(self, link: Link, now: Now) -> None:
        link.heard, link.heard_wall = now.steady, now.wall
        self._look_alive(link, now)

    def _look_alive(self, link: Link, now: Now) -> None:
        alive = bool(
            link.paths and link.heard is not None and now.steady < link.heard + _alive(link)
        )
        if alive != link.alive:
            link.alive = alive
            self._notify(LinkChanged(link.party))

    def tick(self, now: Now) -> None:
        """Do what is due on every link."""
        for link in self._links.values():
            self._look_alive(link, now)
            if not link.paths or not link.trusted:
                continue
            narrow = _narrow(link)
            if now.steady >= link.ping_due:
                self._ping(link, now, narrow=narrow)
            lifetime = REKEY_SECONDS_NARROW if narrow else REKEY_SECONDS_FAST
            if now.steady > link.keyed_at + lifetime:
                link.rekey = True
            for channel, outbox in link.outboxes.items():
                lost = outbox.overdue(now.steady)
                patience = max(_REKEY_SECONDS_MIN, 2 * _exchange_seconds(link))
                if lost and not link.alive and now.steady - link.keyed_at > patience:
                    self._rekey(link)
                if not outbox.met and now.steady >= outbox.offer_due:
                    self._offer(link, self._ledger.channels[channel], now)

    def _ping(self, link: Link, now: Now, *, narrow: bool) -> None:
        if link.ping is not None:
            link.unanswered += 1
            if link.unanswered >= 3:
                # Perhaps the key exchange itself was lost.
                self._rekey(link)
                link.unanswered = 0
        number = int.from_bytes(self._random(4), "big")
        link.ping = (number, now.steady)
        link.ping_due = now.steady + (PING_SECONDS_NARROW if narrow else PING_SECONDS_FAST)
        link.control.append(items.encode_item(Ping(number)))

    def _offer(self, link: Link, state: ChannelState, now: Now) -> None:
        """Offer our charter until the peer opens its log on it."""
        if not state.durable_size:
            return
        outbox = link.outboxes[state.record.channel]
        wait = min(_OFFER_SECONDS * 2**outbox.offer_tries, _OFFER_SECONDS_MAX)
        outbox.offer_tries = min(outbox.offer_tries + 1, 16)
        outbox.offer_due = now.steady + wait
        raw = state.record.charter.encode()
        link.control.append(items.encode_item(CharterItem(raw)))

    def wake_at(self, now: Now) -> float:
        """Return when `tick` is wanted next."""
        due = now.steady + 60.0
        for link in self._links.values():
            if link.alive and link.heard is not None:
                due = min(due, link.heard + _alive(link))
            if not link.paths or not link.trusted:
                continue
            due = min(due, link.ping_due)
            for channel, outbox in link.outboxes.items():
                flight = outbox.next_due()
                if flight is not None:
                    due = min(due, flight)
                if not outbox.met and self._ledger.channels[channel].durable_size:
                    due = min(due, outbox.offer_due)
        return max(due, now.steady)


def _put_conflict(link: Link, conflict: Conflict) -> None:
    if max(len(note.text) for note in conflict.notes) <= limits.FORK_NOTE_BYTES_MAX:
        link.control.append(items.encode_item(conflict.item))


def stored_epochs(reader: Reader, party: PartyId) -> dict[int, int]:
    """Return the newest epoch accepted from each node of a party, as it is stored."""
    found: dict[int, int] = {}
    for key, epoch in reader.papers("epochs"):
        of, _, node = key.partition("/")
        if of == party.hex():
            found[int(node)] = int(epoch)
    return found


def _may_check(path: PathRecord, now: Now) -> bool:
    """Count one piece of public-key work for a stranger; False when this second has had enough."""
    second = int(now.steady)
    if path.keying_second != second:
        path.keying_second, path.keying_checks = second, 0
    path.keying_checks += 1
    return path.keying_checks <= limits.KEYING_CHECKS_PER_SECOND


def _exchange_seconds(link: Link) -> float:
    """Return how long a key exchange and the word that it failed are on the way, both ways."""
    best = link.best_path()
    airtime = 0.0 if best is None else best.traits.airtime(_KEYING_BYTES)
    return 2 * airtime + 2 * (link.round_trip or 0.0) if airtime else 0.0


def _narrow(link: Link) -> bool:
    best = link.best_path()
    return best is not None and best.traits.narrow


def _alive(link: Link) -> float:
    return ALIVE_SECONDS_NARROW if _narrow(link) else ALIVE_SECONDS_FAST


def _ask_key(link: Link) -> float:
    shortest = _ASK_KEY_SECONDS_NARROW if _narrow(link) else _ASK_KEY_SECONDS_FAST
    return max(shortest, _exchange_seconds(link))


def heartbeat_of(rate_bps: int | None) -> int:
    """Return the default seconds between statements for a path (specification: statement)."""
    if rate_bps is None or rate_bps >= 9_600:
        return 60
    return 3_600 if rate_bps >= 2_400 else 21_600
