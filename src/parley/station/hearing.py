"""What each item of a peer leads to: for the record, for the link, and as an answer."""

from __future__ import annotations

from collections.abc import Callable

from parley.core import charter as charters
from parley.core import items, limits, statement
from parley.core.ids import PartyId
from parley.core.item_reading import decode_items
from parley.core.items import (
    CardItem,
    CharterItem,
    Fork,
    Have,
    Hello,
    Need,
    Nodes,
    Note,
    Ping,
    Pong,
    PrekeyItem,
    Refuse,
    Run,
    Stmt,
    Symbol,
)
from parley.core.link_secrets import Identity
from parley.core.outbox import Outbox
from parley.errors import MalformedError
from parley.station.asking import may_ask, may_rekey
from parley.station.card_news import CardNews
from parley.station.channel_state import ChannelState
from parley.station.damage import Damage
from parley.station.effects import Now
from parley.station.facts import Alarm
from parley.station.giving_back import GivingBack
from parley.station.intake import Intake
from parley.station.ledger import Ledger
from parley.station.line_times import ask_note_seconds, exchange_seconds, note_answer
from parley.station.link_state import Link, PathRecord
from parley.station.missed import Missed
from parley.station.newest import Newest
from parley.station.notes import note_of
from parley.station.offering import OFFER_SECONDS
from parley.station.outcome import Outcome
from parley.station.passing_on import PassingOn
from parley.station.questions import question
from parley.station.shared_channels import shared_with
from parley.station.telling import Telling
from parley.station.through_others import ThroughOthers

_PAUSE_SECONDS = 30.0
_TRAILING_FRAMES = 8
"""Frames of a round that may follow the one that made its object whole."""
_PROPOSALS_MAX = 64
_COMPARE_SECONDS = 60.0
_QUOTA_TOLD_SECONDS = 60.0


class Hearing:
    """Takes the items of every peer.

    Attributes:
        damage: watches over what the disk holds.
        giving: answers those who ask for logs that are not ours.
        missed: what members signed while they could not be heard.
        passing: what members have from one another through this station.
        through: what this station has of members through others.
        telling: tells of logs with two histories.
    """

    def __init__(
        self,
        identity: Identity,
        ledger: Ledger,
        links: dict[PartyId, Link],
        intake: Intake,
        newest: Newest,
        *,
        news: CardNews,
        alarm: Callable[[Alarm], None],
        heard: Callable[[Link, Now], None],
        rekey: Callable[[Link], None],
        aside: Callable[[Link, PathRecord, bytes, Now], None],
    ) -> None:
        """Hand to `intake` what is for the record.

        Args:
            identity: who we are, for statements that are asked for.
            ledger: the record side.
            links: by party id.
            intake: checks entries and statements.
            newest: watches over our own logs.
            news: takes cards and prekeys.
            alarm: raises an alarm.
            heard: called when a peer has shown that it is there.
            rekey: called when a peer cannot open what we send.
            aside: sends an item on one path that is not the best of its link.
        """
        self._identity = identity
        self._me = identity.card.party
        self._ledger = ledger
        self._links = links
        self._intake = intake
        self._news = news
        self._newest = newest
        self.giving = GivingBack(ledger)
        self.passing = PassingOn(ledger, links)
        self.through = ThroughOthers(ledger, links, intake, alarm=alarm)
        self.missed = Missed(ledger, links)
        self.damage = Damage(ledger, links, alarm=alarm)
        self.telling = Telling(ledger, links, intake.judge, newest, aside=aside)
        self._alarm = alarm
        self._heard = heard
        self._rekey = rekey
        self._aside = aside

    def stir(self, now: Now) -> None:
        """Look anew at who can be reached only through others: paths have come or gone."""
        self.passing.stir(now)
        self.through.stir()
        self.missed.stir()
        self.damage.stir()

    def look_after_thirds(self, now: Now) -> None:
        """Pass on what members lack of each other, and ask for what we lack ourselves."""
        self.missed.look(now)
        self.passing.look(now)
        self.through.look(now)
        self.telling.look(now)
        self.damage.look(now)

    def wake_at(self, now: Now) -> float:
        """Return when `look_after_thirds` is wanted next."""
        parts = (self.passing, self.through, self.missed, self.damage)
        return min(part.wake_at(now) for part in parts)

    def take(self, link: Link, path: PathRecord, item: items.Item, now: Now) -> None:
        """Take one item.

        Raises:
            MalformedError: it breaks its form; the path it came by must end.
        """
        match item:
            case Run() | Stmt() | Nodes() | Have():
                self._record_item(link, path, item, now)
            case Ping():
                link.control.append(items.encode_item(Pong(item.number)))
            case Pong():
                if link.ping is not None and link.ping[0] == item.number:
                    link.round_trip = now.steady - link.ping[1]
                    note_answer(link, link.ping[1], now)
                    if link.pieces is not None and link.ping[1] >= link.pieces.ended:
                        link.pieces = None
                    link.ping = None
                    link.unanswered = 0
                    link.secrets.answered()
                    self._heard(link, now)
            case CharterItem():
                self._charter(link, item)
            case Need():
                self._need(link, path, item, now)
            case Note():
                self._note(link, path, item, now)
            case Fork():
                self._intake.judge.told(link.party, item, now)
                self._newest.told(item, now)
                self.telling.conflicts(now)
                self._ask_hashes(link)
            case Refuse():
                self._refused(link, item, now)
            case Symbol():
                self._symbol(link, path, item, now)
            case Hello():
                link.parcels.repair = bool(item.features & items.FEATURE_RAPTORQ)
                if item.least > 1:
                    refusal = Refuse(code=items.REFUSE_VERSION, about=1, words="parley1 only")
                    link.control.append(items.encode_item(refusal))
            case CardItem():
                self._news.shown(link, self._links, item.raw, now)
            case PrekeyItem():
                self._news.take_prekey(link, item)
            case _:
                pass  # padding, and what a later station may say

    def _symbol(self, link: Link, path: PathRecord, item: Symbol, now: Now) -> None:
        """Gather a symbol; take the item once its object is whole."""
        traits = path.traits
        both_ways = traits.airtime(_TRAILING_FRAMES * traits.symbol_frame + traits.receipt_bytes)
        raw = link.gathering.take(
            item.ident,
            item.size,
            item.esi,
            item.data,
            now=now.steady,
            pause=max(2 * (link.round_trip or 0.0) + both_ways, 2.0),
        )
        if raw is None:
            return
        found, faults = decode_items(raw)
        if faults:
            raise faults[0]
        if len(found) > 1 or any(isinstance(one, Symbol) for one in found):
            raise MalformedError("an object of symbols is not exactly one item")
        for one in found:
            self.take(link, path, one, now)

    def _note(self, link: Link, path: PathRecord, item: Note, now: Now) -> None:
        said = statement.parse_text(item.text)
        state = self._ledger.channels.get(said.channel)
        if state is not None and link.party in state.record.others and not state.unfit:
            if said.party == self._me:
                self._newest.note(link, state, item, now)
            outcome = self._intake.note(state, item, link.party, now)
            needed = self._intake.judge.needs_card
            if said.party in needed and said.party not in (self._me, link.party):
                # A key that the card held does not carry: whoever shows its words has the card.
                needed.discard(said.party)
                self._news.need_of_third(link, state, said.party, now)
            if said.party == link.party or outcome.shown is not None:
                self.missed.shown(link, said, now)
            if outcome.shown is None:
                self._outcome(link, path, state, outcome, now)
                return
            # Of a third one, or of a log that its author ended: nothing of what this peer says now.
            self._of_third(link, state, outcome, now)
            more = self.through.shown(link, state, outcome.shown, now)
            self._of_third(link, state, more, now)

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
        if isinstance(item, Run) and self.damage.take(link, state, item, now):
            return
        if state.unfit:
            return  # nothing is taken that could not be read rightly; it comes again
        outbox = link.outboxes.get(state.record.channel)
        number = state.record.charter.party_number(link.party)
        if isinstance(item, Have):
            if len(item.held) == len(state.record.charter.parties):
                held = item.held[state.record.number]
                if held is None:
                    self._newest.has_nothing(link, state)
                elif outbox is not None:
                    outbox.covered(held)
            return
        if item.party == state.record.number:
            # Our own, which a peer gives back; our whole store may be lost.
            if isinstance(item, Run):
                self._newest.mending.run(link, state, item, now)
            elif isinstance(item, Nodes):
                self._newest.mending.nodes(link, state, item)
            return
        if not state.opened:
            return
        if item.party != number or self.through.is_of_ended(link, state, item, now):
            # Of a third one, and of a log that is over, only what was asked for is taken.
            if isinstance(item, Run):
                more = self.through.run(link, state, item, now)
                self._of_third(link, state, more, now)
            elif isinstance(item, Nodes):
                self._nodes_of_third(link, state, item, now)
            return
        if isinstance(item, Nodes):
            self._outcome(link, path, state, self._intake.nodes(state, link.party, item, now), now)
            return
        if isinstance(item, Run):
            outcome = self._intake.run(state, link.party, item, now)
            self._newest.turned(link, state, now)
        else:
            outcome = self._intake.stmt(state, link.party, item, now)
        if outbox is not None:
            outbox.met = outbox.met or link.party in state.record.logs
            if outcome.repeated and not path.traits.one_way:
                # It sends again what we hold: our receipt was lost on the way, or waits here
                # behind entries that are sent again for want of its receipts.
                outbox.told = min(outbox.told, state.durable_no - 1)
                outbox.again = outbox.again or not outbox.urgent
                outbox.urgent = True
            outbox.owed += (
                max(len(item.entries) - outcome.repeated, 0) if isinstance(item, Run) else 0
            )
        self._outcome(link, path, state, outcome, now)

    def _channel(self, link: Link, number: int) -> ChannelState | None:
        for state in self._ledger.channels.values():
            if state.record.charter.number == number and link.party in state.record.others:
                return state
        return None

    def _outcome(
        self, link: Link, path: PathRecord, state: ChannelState, outcome: Outcome, now: Now
    ) -> None:
        outbox = link.outboxes.get(state.record.channel)
        for said in outcome.held:
            newest = state.record.logs[link.party]
            if newest.log != said.log or newest.last is None:
                continue
            if outbox is not None:
                outbox.begin_with(said.inc)
            if said.no == newest.last.statement.no:  # an older one was asked for, and is no news
                self._heard(link, now)
                link.clock_offset = said.time - now.wall
        number = state.record.charter.number
        pause = ask_note_seconds(link)
        if outcome.need_note and now.steady >= link.asked_notes.get(number, -pause) + pause:
            # Whatever is not known yet comes with the next entries: asking at once would only
            # bring the same text again.
            link.asked_notes[number] = now.steady
            need = question(state.record.charter, link.party, items.NEED_NOTE)
            if path is link.best_path():
                link.control.append(need)
            else:
                # Perhaps another machine with the same key speaks there: it must be asked there.
                self._aside(link, path, need, now)
        if link.party in self._intake.judge.needs_card:
            self._intake.judge.needs_card.discard(link.party)
            self._news.need(link, number, state.record.charter.party_number(link.party), now)
        if outcome.behind and state.record.own is not None:
            self._newest.claimed(link, state, now)
        if outcome.over_quota and now.steady - link.quota_told_at > _QUOTA_TOLD_SECONDS:
            link.quota_told_at = now.steady
            words = "over the quota of the charter: what is not held is listed as missing"
            refusal = Refuse(code=items.REFUSE_QUOTA, about=number, words=words)
            link.control.append(items.encode_item(refusal))
            text = "it writes more than the charter allows: entries are not taken"
            channel = state.record.channel
            self._alarm(Alarm(kind="refused", peer=link.party, channel=channel, text=text))
        if outcome.frozen:
            self.telling.frozen(link, path, state, now)
        self._compare(link, state, now)
        self.telling.conflicts(now)

    def _nodes_of_third(self, link: Link, state: ChannelState, item: Nodes, now: Now) -> None:
        parties = state.record.charter.parties
        if item.party < len(parties):
            about = parties[item.party]
            self._intake.judge.nodes(link.party, state, about, item, now)
            self.telling.conflicts(now)
        self.through.nodes(link, state, item)

    def _of_third(self, link: Link, state: ChannelState, outcome: Outcome | None, now: Now) -> None:
        """Go on after what a member brought of another one's log."""
        self._ask_hashes(link)
        if outcome is None:
            return
        for said in outcome.held:
            author = self._links.get(said.party)
            outbox = None if author is None else author.outboxes.get(said.channel)
            if outbox is not None and state.record.logs[said.party].log == said.log:
                outbox.met = True
                outbox.begin_with(said.inc)
        if outcome.behind and state.record.own is not None:
            self._newest.claimed(link, state, now)
        self._compare(link, state, now)
        self.telling.conflicts(now)

    def _ask_hashes(self, link: Link) -> None:
        """Ask a peer for what shows that two statements of which it told do not go together."""
        questions = self._intake.judge.hearsay.take_questions(link.party)
        self.giving.ask_hashes(link, questions)

    def _compare(self, link: Link, state: ChannelState, now: Now) -> None:
        """Compare with a peer what a third party signed for each of us, not too often."""
        for log in self._intake.judge.take_compared():
            if log.party in (self._me, link.party):
                continue
            if now.steady >= link.compared_at.get(log, -_COMPARE_SECONDS) + _COMPARE_SECONDS:
                link.compared_at[log] = now.steady
                self.giving.compare(link, state, log)

    def _charter(self, link: Link, item: CharterItem) -> None:
        charter = charters.decode_charter(item.raw)
        if self._me not in charter.parties or link.party not in charter.parties:
            raise MalformedError("a charter is offered that does not name both of us")
        outbox = link.outboxes.get(charter.channel_id)
        if outbox is not None:
            outbox.met = True
            if outbox.theirs.size:
                # It offers what was open long ago: it does not know our log (any more).
                outbox.doubt()
        if charter.channel_id in self._ledger.channels:
            link.offered.add(charter.channel_id)
            return
        if self._is_too_many(link):
            words = "too many channels, or charters that wait for an answer"
            refusal = Refuse(code=items.REFUSE_QUOTA, about=charter.number, words=words)
            link.control.append(items.encode_item(refusal))
            return
        if self._ledger.offered(charter):
            link.offered.add(charter.channel_id)
            return
        words, code = "this channel number is in use", items.REFUSE_UNKNOWN_CHANNEL
        refusal = Refuse(code=code, about=charter.number, words=words)
        link.control.append(items.encode_item(refusal))

    def _is_too_many(self, link: Link) -> bool:
        """Say whether a peer has as many channels, or open proposals, as it may have.

        Each answers for itself: what one proposes leaves room for what another does.
        """
        shared = shared_with(self._ledger.channels.values(), link.party)
        waiting = sum(not state.opened and state.record.channel in link.offered for state in shared)
        return len(shared) >= limits.CHANNELS_PER_LINK_MAX or waiting >= _PROPOSALS_MAX

    def _need(self, link: Link, path: PathRecord, item: Need, now: Now) -> None:
        if not may_ask(link, item, now):
            return
        state = self._channel(link, item.channel)
        own = None if state is None else state.record.own
        if state is not None and self.giving.said_between(link, state, item):
            return
        if state is not None and item.party != state.record.number:
            if item.what == items.NEED_NOTE and path is not link.best_path():
                note = self.giving.own_note(link, state, item)
                if note is not None:
                    # Perhaps another machine with the same key asks there: it must hear it there.
                    self._aside(link, path, items.encode_item(note), now)
            if item.inc is None and item.party < len(state.record.charter.parties):
                self.passing.asked(link, state, item, now)
            self.giving.answer(link, state, item)
            return
        if state is None or own is None:
            return
        if item.what == items.NEED_NOTE and item.inc not in (None, own.log.inc):
            self.giving.answer(link, state, item)
        elif item.what == items.NEED_NOTE:
            signed = state.durable_statement(self._ledger.reader)
            if signed is not None:
                note = note_of(self._ledger.keys, signed)
                assert note is not None  # a card carries every key for years after its last use
                link.control.append(items.encode_item(note))
        elif item.what == items.NEED_CARD:
            self._news.asked(link)
        elif item.what == items.NEED_CHARTER:
            link.control.append(items.encode_item(CharterItem(state.record.charter.encode())))
        elif item.what == items.NEED_ENTRIES and item.inc is not None and item.ranges:
            self.giving.answer(link, state, item)
        elif item.what == items.NEED_ENTRIES:
            outbox = link.outboxes.get(state.record.channel)
            if outbox is not None:
                outbox.restart(told=outbox.told, durable=state.durable_size)

    def _knows_nothing(self, link: Link, state: ChannelState, outbox: Outbox, now: Now) -> None:
        """Offer the charter of a channel that a peer does not know.

        Where it had opened its log there it has lost its store: what it signed last comes first, so
        that it does not begin as if there had been nothing.
        """
        if outbox.met:
            outbox.met, outbox.offer_tries = False, 0
            outbox.offer_due = now.steady + OFFER_SECONDS
            link.control.append(items.encode_item(CharterItem(state.record.charter.encode())))
            self.giving.show(link, state)
        elif outbox.offer_due > now.steady + OFFER_SECONDS:
            outbox.offer_due = now.steady + OFFER_SECONDS

    def _refused(self, link: Link, item: Refuse, now: Now) -> None:
        match item.code:
            case items.REFUSE_NO_KEY:
                if item.about > now.wall + limits.EPOCH_AHEAD_MAX or not may_rekey(link, now):
                    return  # no epoch of ours was ever so far ahead, or it asks all the time
                is_stale = link.secrets.ask_above(item.about)
                if link.pieces is not None and not is_stale:
                    # The exchange is under way: it wants more pieces, not another one.
                    link.pieces.wanted(now.steady)
                    return
                # On a slow line it may have been written before our key exchange came through.
                if is_stale or now.steady - link.keyed_at >= exchange_seconds(link):
                    self._rekey(link)
                return
            case items.REFUSE_FULL:
                link.silent_until = now.steady + _PAUSE_SECONDS
            case items.REFUSE_UNKNOWN_CHANNEL:
                for channel, outbox in link.outboxes.items():
                    state = self._ledger.channels[channel]
                    if state.record.charter.number == item.about:
                        self._knows_nothing(link, state, outbox, now)
                        return
            case items.REFUSE_QUOTA:
                for channel, outbox in link.outboxes.items():
                    if self._ledger.channels[channel].record.charter.number == item.about:
                        outbox.refused_at = now.steady
            case _:
                pass
        text = f"the peer refused (code {item.code}): {item.words}"
        self._alarm(Alarm(kind="refused", peer=link.party, channel=None, text=text))
