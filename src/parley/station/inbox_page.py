"""The inbox: what needs an act here, the most pressing first, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from parley.core.ids import ChannelId
from parley.core.instants import Instant
from parley.desk.calendar import Due
from parley.desk.case_book import BookWatch
from parley.desk.catalogue import KINDS, PROCEDURES
from parley.desk.channel_rows import RENEWAL_S
from parley.desk.derived import Channel
from parley.desk.record import Place
from parley.desk.registers import Registers
from parley.desk.times import DAY
from parley.desk.yearly import said_of
from parley.errors import UsageError
from parley.station.alarms import Alarms
from parley.station.case_pages import CasePages
from parley.station.channel_pages import ChannelPages
from parley.station.desk_book import DeskBook
from parley.station.desk_views import AlarmView, DraftView, HeldChannelAct, PeerView
from parley.station.drafts import Drafts
from parley.station.entry_pages import EntryPages
from parley.station.interface import Station
from parley.station.needs import Key, Need, Needs, in_order
from parley.station.record_book import RecordBook
from parley.station.summary import ChannelSummary
from parley.station.trust import Trust
from parley.station.views import CaseRow, InboxRow, Page, TextView, Words

UNACKNOWLEDGED_MAX: Final = 2_000
"""Unacknowledged entries that are listed, the newest; a station that acknowledges has fewer."""
PAGE_MAX: Final = 500
_KINDS_OF_ROLE: Final = {
    "watch": {"alarm", "acknowledge"},
    "desk": {"acknowledge", "answer", "returned", "renew", "date"},
    "releaser": {"draft", "acknowledge", "answer"},
    "administrator": {"key", "compare", "channel"},
}


class InboxPage:
    """Finds what needs an act."""

    def __init__(
        self,
        station: Station,
        *,
        trust: Trust,
        record: RecordBook,
        desk: DeskBook,
        entries: EntryPages,
        cases: CasePages,
        channels: ChannelPages,
        drafts: Drafts,
        alarms: Alarms,
        dates: Callable[[], Sequence[Due]],
    ) -> None:
        self._station = station
        self._dates = dates
        self._trust = trust
        self._record = record
        self._desk = desk
        self._entries = entries
        self._cases = cases
        self._channels = channels
        self._drafts = drafts
        self._alarms = alarms
        self._silent: dict[Place, Instant] = {}
        self._read: dict[ChannelId, int] = {}
        self._looked = -1
        self._watch = BookWatch(only_open=True)
        self._owed: dict[Place, Need] = {}
        self._answers_owed: list[Need] = []
        self._unread: dict[Place, Need] = {}
        self._built: Mapping[Place, Instant] = {}
        self._stands = Needs()
        self._stands_for: tuple[Sequence[Need], Mapping[Place, Instant], frozenset[str]] = (
            self._answers_owed,
            self._silent,
            frozenset(),
        )

    def needs(self) -> Needs:
        """Return everything that needs an act here, the most pressing first."""
        alarms, now = self._alarms.all(open_only=True), int(self._station.now())
        found = [self._alarm(alarm) for alarm in alarms]
        found += [self._key(peer) for peer in self._trust.peers() if not peer.trusted]
        found += [self._draft(draft) for draft in self._drafts.all(("held", "returned"))]
        found += [
            self._channel(channel) for channel in self._station.channels() if not channel.opened
        ]
        found += [self._renewal(*due) for due in self._channels.renewals()]
        own = self._station.own_card.code
        found += [
            self._date(due)
            for due in self._dates()
            if due.state(now) != "ahead" and (not due.stands or due.owes(own))
        ]
        found += [self._held_channel(held) for held in self._channels.acts.all()]
        named = frozenset(alarm.entry for alarm in alarms if alarm.entry is not None)
        return self._standing(named).and_also(found)

    def _standing(self, named: frozenset[str]) -> Needs:
        """Return what entries ask of us, put in order anew only when something of it changed."""
        answers, silent = self._answers(), self._without_answer()
        if (
            answers is not self._stands_for[0]
            or silent is not self._stands_for[1]
            or named != self._stands_for[2]
        ):
            self._stands = in_order([*answers, *self._unacknowledged(silent, named)])
            self._stands_for = answers, silent, named
        return self._stands

    def page(
        self,
        *,
        role: str | None,
        limit: int,
        cursor: str | None,
        sees: Callable[[str], bool] = lambda _: True,
    ) -> Page[InboxRow]:
        """Return one page of the inbox.

        Args:
            role: only what this role can do.
            limit: 1 to 500 rows.
            cursor: from the page before.
            sees: says of a channel's code whether the asker may read it.

        Raises:
            UsageError: the limit or the cursor is none.
        """
        if not 1 <= limit <= PAGE_MAX:
            raise UsageError(f"a page has 1 to {PAGE_MAX} rows, not {limit}")
        after = None if cursor is None else _key(cursor)
        kinds = None if role is None else _KINDS_OF_ROLE.get(role, set())
        fitting = [
            need
            for need in self.needs().rows
            if (kinds is None or need.kind in kinds)
            and (need.channel is None or sees(need.channel))
            and (after is None or need.key > after)
        ]
        shown = fitting[:limit]
        more = len(fitting) > limit
        return Page(
            items=[need.build() for need in shown],
            next_cursor=":".join(map(str, shown[-1].key)) if more else None,
        )

    # --- alarms ---

    def _alarm(self, alarm: AlarmView) -> Need:
        return Need(
            id=f"alarm-{alarm.id}",
            kind="alarm",
            precedence=alarm.precedence,
            channel=alarm.channel,
            since=alarm.raised_at,
            build=lambda: self._alarm_row(alarm),
        )

    def _alarm_row(self, alarm: AlarmView) -> InboxRow:
        about = self._about(alarm.entry)
        return InboxRow(
            id=f"alarm-{alarm.id}",
            kind="alarm",
            precedence=alarm.precedence,
            peer=alarm.peer,
            channel=alarm.channel,
            title=alarm.text,
            subject=about[0] or {"en": alarm.text},
            since=alarm.raised_at,
            entry=alarm.entry,
            case=about[1],
            claimed_by=None if alarm.sounds else alarm.claimed_by,
            claimed_at=alarm.claimed_at,
            resource=f"/api/v1/alarms/{alarm.id}",
            texts=about[2],
            received_at=alarm.raised_at,
            claimed_at_by_sender=about[3],
        )

    def _about(
        self, entry: str | None
    ) -> tuple[Words, str | None, Sequence[TextView], Instant | None]:
        if entry is None:
            return {}, None, (), None
        row = self._entries.row(*self._record.place(entry))
        return row.subject, row.case, row.texts, row.times.claimed_at

    # --- answers ---

    def _answers(self) -> Sequence[Need]:
        """Return the requests that we have to answer: the same list until one of them changes."""
        own, registers = self._station.own_card.code, self._desk.registers()
        is_changed = False
        for book in registers.books():
            for place in self._watch.changed(book):
                is_changed |= self._owed.pop(place, None) is not None
                brief = book.briefs.get(place)
                if brief is None or brief.procedure != "request" or brief.debtor != own:
                    continue
                self._owed[place] = self._answer(registers, place, book.open[place].due)
                is_changed = True
        if is_changed:
            self._answers_owed = list(self._owed.values())
        return self._answers_owed

    def _answer(self, registers: Registers, place: Place, due: int | None) -> Need:
        channel = registers.channel(place.channel)
        entry = channel.fold.cases[place].opening.ordered.entry
        number = registers.directory.case_number(PROCEDURES["request"].prefix, place)
        return Need(
            id=f"answer-{channel.view.label}-{number}",
            kind="answer",
            precedence=entry.precedence.letter,
            channel=channel.view.label,
            since=entry.time,
            due=due,
            build=partial(self._built_answer, place),
        )

    def _built_answer(self, place: Place) -> InboxRow:
        return self._answer_row(self._cases.row(place))

    def _answer_row(self, row: CaseRow) -> InboxRow:
        return InboxRow(
            id=f"answer-{row.channel}-{row.number}",
            kind="answer",
            precedence=row.precedence,
            peer=row.opener,
            channel=row.channel,
            title="an answer is due",
            subject=row.subject,
            since=row.opened.at,
            due_at=row.due_at,
            left_s=row.left_s,
            entry=row.opened.entry,
            case=row.number,
            resource=row.resource,
            received_at=row.delivered_at,
            claimed_at_by_sender=row.opened.at,
        )

    # --- entries nobody acknowledged ---

    def _unacknowledged(
        self, silent: Mapping[Place, Instant], named: frozenset[str]
    ) -> Iterator[Need]:
        """Yield entries that nobody here took or answered, but those that stand here already."""
        if silent is not self._built:
            self._unread = {
                place: self._unread.get(place) or self._acknowledge(place, received)
                for place, received in silent.items()
            }
            self._built = silent
        skipped = {f"acknowledge-{name.replace('/', '~')}" for name in named}
        for place, need in self._unread.items():
            if place not in self._owed and need.id not in skipped:
                yield need

    def _acknowledge(self, place: Place, received: Instant) -> Need:
        registers = self._desk.registers()
        channel = registers.channel(place.channel)
        return Need(
            id=f"acknowledge-{registers.name_of(place).replace('/', '~')}",
            kind="acknowledge",
            precedence=channel.fold.taken_at[place].ordered.entry.precedence.letter,
            channel=channel.view.label,
            since=received,
            build=partial(self._entry_row, place, received),
        )

    def _without_answer(self) -> Mapping[Place, Instant]:
        """Return when each entry came that others said and nobody here took or answered.

        It is the same mapping until something of it changes.
        What came since the last time is read; of the rest it is only seen whether that holds still.
        """
        sequence = self._station.reader.sequence()
        if self._looked == sequence:
            return self._silent
        registers = self._desk.registers()
        still = dict(self._silent)
        for view in self._desk.views():
            channel = registers.channel(view.id)
            own, known = view.charter.party_number(self._station.party), self._read.get(view.id, 0)
            self._read[view.id] = len(view.entries)
            for place in [each for each in still if each.channel == view.id]:
                if not _wants_acknowledgement(channel, place, own):
                    del still[place]
            found = 0
            for at in range(len(view.entries) - 1, known - 1, -1):
                place = view.entries[at].place(view.id)
                if place.party != own and _wants_acknowledgement(channel, place, own):
                    still[place] = self._record.row(*self._desk.log_place(place)).received
                    found += 1
                if found == UNACKNOWLEDGED_MAX:
                    break
        if len(still) > UNACKNOWLEDGED_MAX:
            newest = sorted(still.items(), key=lambda one: -one[1])
            still = dict(newest[:UNACKNOWLEDGED_MAX])
        self._looked = sequence
        if still != self._silent:
            self._silent = still
        return self._silent

    def _entry_row(self, place: Place, received: Instant) -> InboxRow:
        shown = self._entries.row(*self._desk.log_place(place))
        return InboxRow(
            id=f"acknowledge-{shown.name.replace('/', '~')}",
            kind="acknowledge",
            precedence=shown.precedence,
            peer=shown.party,
            channel=shown.channel,
            title="not acknowledged",
            subject=shown.subject,
            since=received,
            entry=shown.name,
            case=shown.case,
            resource=f"/api/v1/entries/{shown.name}",
            texts=shown.texts,
            received_at=received,
            claimed_at_by_sender=shown.times.claimed_at,
        )

    # --- keys, drafts, channels ---

    def _key(self, peer: PeerView) -> Need:
        kind = "key" if peer.key_state in ("changed", "rejected", "locked") else "compare"
        since = peer.key_change.seen_at if peer.key_change is not None else peer.card.issued
        row = InboxRow(
            id=f"{kind}-{peer.code}",
            kind=kind,
            precedence=None,
            peer=peer.code,
            channel=None,
            title=peer.next,
            since=since,
            resource=f"/api/v1/peers/{peer.code}",
            subject={
                "en": f"Release to {peer.code} is stopped",
                "zh": f"已停止向 {peer.code} 发布",
            },
        )
        return _need(row)

    def _draft(self, draft: DraftView) -> Need:
        row = InboxRow(
            id=f"draft-{draft.id}",
            kind="draft" if draft.state == "held" else "returned",
            precedence=draft.precedence,
            peer=None,
            channel=draft.channel,
            title="waits for a releaser" if draft.state == "held" else str(draft.reason),
            subject=draft.subject,
            since=draft.changed_at,
            case=draft.case,
            draft=draft.id,
            resource=f"/api/v1/drafts/{draft.id}",
            texts=draft.texts,
        )
        return _need(row)

    def _held_channel(self, held: HeldChannelAct) -> Need:
        row = InboxRow(
            id=f"channel-act-{held.code}",
            kind="draft",
            precedence=None,
            peer=held.peers[0],
            channel=held.code,
            title="waits for a second person",
            subject={"en": held.purpose or held.code},
            since=held.at,
            resource=f"/api/v1/channel-acts/{held.code}",
        )
        return _need(row)

    def _channel(self, channel: ChannelSummary) -> Need:
        code = channel.charter.code
        row = InboxRow(
            id=f"channel-{channel.charter.channel_id.hex()}",
            kind="channel",
            precedence=None,
            peer=self._trust.code_of(channel.charter.parties[0]),
            channel=code,
            title="proposed, not accepted here",
            subject={"en": channel.charter.purpose or code},
            since=Instant(channel.charter.proposed_at),
            resource=f"/api/v1/channels/{code}",
        )
        return _need(row)

    def _renewal(self, channel: ChannelSummary, ends: Instant) -> Need:
        code, now = channel.charter.code, self._station.now()
        days = abs(ends - now) // DAY
        if ends > now:
            when = {"en": f"ends in {days} days", "zh": f"{days}天后期满"}
        else:
            when = {"en": f"ended {days} days ago", "zh": f"已期满{days}天"}
        others = channel.charter.others(self._station.party)
        row = InboxRow(
            id=f"renew-{channel.charter.channel_id.hex()}",
            kind="renew",
            precedence=None,
            peer=self._trust.code_of(others[0]),
            channel=code,
            title="to be renewed, or left to end",
            subject=when,
            since=Instant(ends - RENEWAL_S),
            due_at=ends,
            left_s=ends - now,
            resource=f"/api/v1/channels/{code}",
        )
        return _need(row)

    def _date(self, due: Due) -> Need:
        """Return a day of every year of an agreement, from its first warning.

        It goes when this party has met it, as the profile says; without such a rule with the day.
        """
        name, title = due.what, due.subject if isinstance(due.subject, Mapping) else {}
        both = {lang: f"{title.get(lang, '')}: {name[lang]}".lstrip(": ") for lang in name}
        if due.stands:
            both = {lang: f"{text} ({said_of(due.stands)[lang]})" for lang, text in both.items()}
        row = InboxRow(
            id=f"date-{due.uid}",
            kind="date",
            precedence=None,
            peer=None,
            channel=due.channel,
            title=both["en"],
            subject=both,
            since=Instant(due.at - max(due.warnings)),
            due_at=Instant(due.at),
            left_s=due.at - int(self._station.now()),
            resource="/api/v1/calendar",
        )
        return _need(row)


def _need(row: InboxRow) -> Need:
    return Need(
        id=row.id,
        kind=row.kind,
        precedence=row.precedence,
        channel=row.channel,
        since=row.since,
        build=lambda: row,
    )


def _wants_acknowledgement(channel: Channel, place: Place, own: int) -> bool:
    """Say whether an entry was said by people and nobody of ours took it or answered its case."""
    taken = channel.fold.taken_at.get(place)
    move = None if taken is None else KINDS.get(taken.ordered.entry.kind)
    if move is None or move.procedure in ("ack", "channel"):
        return False
    for note in channel.fold.acks.get(place, ()):
        if note.place.party == own and note.read and note.read.move.procedure == "ack":
            return False
    case = channel.fold.case_of.get(place)
    return case is None or all(one.place.party != own for one in channel.fold.cases[case].log)


def _key(cursor: str) -> Key:
    """Return the place of a cursor in the order of the inbox."""
    parts = cursor.split(":", 3)
    numbers = [part for part in parts[:3] if part.isascii() and part.isdigit() and len(part) < 20]
    if len(parts) != 4 or len(numbers) != 3:
        raise UsageError(
            f"{cursor!r} is no cursor of this list",
            next_step="Take `next_cursor` of the page before, or leave it out.",
        )
    return int(numbers[0]), int(numbers[1]), int(numbers[2]), parts[3]
