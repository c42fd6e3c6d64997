"""The gateway's parts, put together once; each takes exactly what it uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from parley import __version__
from parley.core.instants import Instant
from parley.desk.case_book import BookWatch
from parley.desk.record import Place
from parley.station.agreement import Agreement
from parley.station.alarms import Alarms
from parley.station.attachments import Attachments
from parley.station.break_glass import BreakGlass
from parley.station.cabinet import Cabinet
from parley.station.calendar_page import CalendarPage
from parley.station.card_views import words_of
from parley.station.case_pages import CasePages
from parley.station.case_views import CaseRow
from parley.station.channel_days import ChannelStrip
from parley.station.channel_pages import ChannelPages
from parley.station.config import Config
from parley.station.countersigning import Countersigning
from parley.station.courier_book import CourierBook
from parley.station.desk_book import DeskBook
from parley.station.desk_views import HealthCheck
from parley.station.digests import Digests
from parley.station.drafting import Drafting
from parley.station.drafts import Drafts
from parley.station.entry_pages import EntryPages
from parley.station.events import EventHub
from parley.station.exercises import Exercises
from parley.station.feeds import Feeds
from parley.station.file_keep import FileKeep
from parley.station.glossary import Glossary
from parley.station.health import Health
from parley.station.history import HistoryDesk
from parley.station.inbox_page import InboxPage
from parley.station.interface import Station
from parley.station.live_settings import LiveSettings
from parley.station.map_page import MapPage
from parley.station.officers import Officers
from parley.station.once import Once
from parley.station.overview_page import OverviewPage
from parley.station.own_profiles import own_profiles
from parley.station.part_index import PartIndex
from parley.station.readings import Readings
from parley.station.receipt_watch import ReceiptWatch
from parley.station.record_book import RecordBook
from parley.station.sounding import CLOCK_KINDS, AnswerWatch, LineWatch, Sounding, program
from parley.station.taking_up import TakingUp
from parley.station.templates import Templates
from parley.station.timeline import Timeline
from parley.station.tours import Tours
from parley.station.translating import Translator
from parley.station.trust import Trust
from parley.station.views import StationView
from parley.station.watch_book import WatchBook
from parley.station.webhook_sending import HttpSender
from parley.station.webhooks import Webhooks, entries_after

DATES_EVERY_S: Final = 60
DATES_AHEAD_DAYS: Final = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything behind the gateway.

    Attributes:
        describe: returns what the station is.
        health: returns what is well with it.
        is_running: False for a station that is only read.
    """

    station: Station
    config: Config
    cabinet: Cabinet
    trust: Trust
    record: RecordBook
    desk: DeskBook
    taking_up: TakingUp
    agreement: Agreement
    entries: EntryPages
    attachments: Attachments
    files: FileKeep
    cases: CasePages
    channels: ChannelPages
    drafting: Drafting
    drafts: Drafts
    alarms: Alarms
    officers: Officers
    live: LiveSettings
    break_glass: BreakGlass
    courier: CourierBook
    overview: OverviewPage
    inbox: InboxPage
    hub: EventHub
    once: Once
    calendar: CalendarPage
    feeds: Feeds
    webhooks: Webhooks
    tours: Tours
    readings: Readings
    glossary: Glossary
    templates: Templates
    exercises: Exercises
    countersigning: Countersigning
    history: HistoryDesk
    translator: Translator
    timeline: Timeline
    strip: ChannelStrip
    digests: Digests
    map: MapPage
    watch: WatchBook
    sounding: Sounding
    describe: Callable[[], StationView]
    health: Callable[[], list[HealthCheck]]
    is_running: bool


def build_parts(
    station: Station,
    config: Config,
    *,
    random: Callable[[int], bytes],
    is_running: bool,
    certificate_ends: int | None = None,
) -> Parts:
    """Put the parts of a gateway together.

    Args:
        station: the running service, or the closed station.
        config: the station's settings.
        random: returns that many random bytes.
        is_running: whether the station signs and sends.
        certificate_ends: when its TLS certificate ends; None where its file is sealed.
    """
    two_persons = config.release_policy == "two-person"
    cabinet = Cabinet(station)
    trust = Trust(station, cabinet, persons_needed=2 if two_persons else 1)
    record = RecordBook(station, trust)
    desk = DeskBook(station, trust, record, own_profiles(config.directory))
    agreement, taking_up = Agreement(station, trust, desk), TakingUp(desk)
    part_index = PartIndex(station, record)
    attachments = Attachments(station, trust, record, desk, part_index)
    entries = EntryPages(station, trust, record, desk, attachments)
    cases = CasePages(station, trust, record, desk)
    channels = ChannelPages(
        station,
        cabinet,
        trust=trust,
        record=record,
        desk=desk,
        cases=cases,
        random=random,
        heartbeat_s=config.link.heartbeat_s,
        mark=config.station.mark,
        two_persons=two_persons,
    )
    live = LiveSettings(config, cabinet, now=station.now)
    alarms = Alarms(station, cabinet, record, trust, claim_s=live.claim_s)
    drafting = Drafting(
        station,
        trust,
        record,
        desk,
        mark=config.station.mark,
        language=config.station.languages[0] if config.station.languages else "und",
        random=random,
    )
    once = Once(station, cabinet)
    files = FileKeep(station, cabinet, part_index, random=random)
    drafting.check_files = files.check
    countersigning = Countersigning(cabinet, alarms, now=station.now)
    drafts = Drafts(
        station,
        cabinet,
        trust=trust,
        record=record,
        drafting=drafting,
        alarms=alarms,
        once=once,
        two_persons=two_persons,
        files=files,
        countersigning=countersigning,
    )
    files.named = drafts.files_named
    officers = Officers(cabinet, now=station.now, random=random)
    calendar = CalendarPage(station, trust, desk)
    feeds = Feeds(cabinet, officers, now=station.now, random=random)
    watch = _ClockWatch(station, cases, calendar, alarms)
    hub = EventHub(
        station,
        record,
        trust,
        alarms,
        epoch=random(4).hex(),
        build=__version__,
        clocks=watch.changed,
        agreement=agreement,
        mended=taking_up.again,
    )
    break_glass = BreakGlass(
        cabinet, alarms, now=station.now, random=random, tell=hub.publish_alarm
    )
    started = station.now()

    def describe() -> StationView:
        return StationView(
            code=config.station.code,
            name=config.station.name,
            party=station.party.hex(),
            mark=config.station.mark,
            version=__version__,
            words=words_of(station.own_card),
            release_policy=config.release_policy,
            languages=list(config.station.languages),
            started_at=started,
            sequence=station.reader.sequence(),
            epoch=hub.epoch,
            directory=str(config.directory),
            listen=station.addresses,
            officers_count=sum(officer.active for officer in officers.all()),
        )

    inbox = InboxPage(
        station,
        trust=trust,
        record=record,
        desk=desk,
        entries=entries,
        cases=cases,
        channels=channels,
        drafts=drafts,
        alarms=alarms,
        dates=calendar.yearly,
    )
    overview = OverviewPage(
        station,
        trust=trust,
        record=record,
        inbox=inbox,
        cases=cases,
        channels=channels,
        drafts=drafts,
        describe=describe,
    )

    async def hook_alarm(hook: str, label: str) -> None:
        text = f"webhook {label} is not told any more: parley webhook replay {hook}"
        raised = await alarms.keep("webhook", text, fact=f"webhook {hook}")
        if raised is not None:
            await hub.publish_alarm("raised", raised)

    webhooks = Webhooks(
        cabinet,
        hub,
        hosts=config.webhook_hosts,
        send=HttpSender(config.webhook_hosts),
        entries_after=lambda place: entries_after(station.reader, record, entries, place),
        sequence=station.reader.sequence,
        now=station.now,
        random=random,
        alarm=hook_alarm,
    )
    health = Health(
        station,
        config,
        cabinet,
        trust=trust,
        record=record,
        channels=channels,
        overview=overview,
        officers=officers,
        glass_holders=break_glass.ready_holders,
        desk=desk,
        consoles=hub.consoles,
        heard=hub.heard,
        webhooks=webhooks.all,
        certificate_ends=certificate_ends,
        is_running=is_running,
    )
    book = WatchBook(
        station, cabinet, alarms, officers, lambda: [need.id for need in inbox.needs().rows]
    )
    lines, answers = LineWatch(overview.links, station.now), AnswerWatch(alarms, cases.row_of)
    receipts = ReceiptWatch(overview.links, overview.record_rows, station.now)
    exercises = Exercises(
        cabinet,
        alarms,
        now=station.now,
        codes=lambda: [each.charter.code for each in station.channels() if each.opened],
        mark_of=lambda entry: record.decode(record.row(*record.place(entry))).marking.name,
    )
    drafting.in_exercise = exercises.covers
    sounding = Sounding(
        alarms,
        cabinet,
        now=station.now,
        tell=hub.publish_alarm,
        consoles=hub.consoles,
        heard=hub.heard,
        on_watch=lambda: book.state().officer,
        has_console=bool(config.console.listen),
        run=program(config.alarm_sounders),
        own_alarms=lambda: chain(
            lines.fallen(), receipts.stalled(), exercises.due(), countersigning.due()
        ),
        own_ends=lambda: chain(
            lines.returned(),
            receipts.receipted(),
            answers.given(),
            exercises.over(),
            countersigning.over(),
        ),
    )
    courier = CourierBook(station, cabinet, trust)
    return Parts(
        station=station,
        config=config,
        cabinet=cabinet,
        trust=trust,
        record=record,
        desk=desk,
        taking_up=taking_up,
        agreement=agreement,
        entries=entries,
        attachments=attachments,
        files=files,
        cases=cases,
        channels=channels,
        drafting=drafting,
        drafts=drafts,
        alarms=alarms,
        officers=officers,
        live=live,
        break_glass=break_glass,
        courier=courier,
        overview=overview,
        inbox=inbox,
        hub=hub,
        once=once,
        calendar=calendar,
        feeds=feeds,
        tours=Tours(cabinet),
        readings=Readings(cabinet, now=station.now),
        webhooks=webhooks,
        glossary=Glossary(cabinet, desk, now=station.now),
        exercises=exercises,
        countersigning=countersigning,
        templates=Templates(cabinet, drafting, two_persons=two_persons, now=station.now),
        history=HistoryDesk(station, desk, drafting, drafts),
        translator=Translator(config.translation),
        timeline=Timeline(station, trust, record, entries),
        digests=Digests(station, record, courier),
        strip=ChannelStrip(station, trust, record, desk, mark=config.station.mark),
        map=MapPage(desk, station.own_card.code),
        watch=book,
        sounding=sounding,
        describe=describe,
        is_running=is_running,
        health=health.checks,
    )


_FEW, _MANY = 5, 50
"""How many answers past their time are told one by one at a start, and how many are looked at."""


class _ClockWatch:
    """Notices clocks that come near their end or lapse; looks only when something can change."""

    def __init__(
        self, station: Station, cases: CasePages, calendar: CalendarPage, alarms: Alarms
    ) -> None:
        self._station = station
        self._alarms = alarms
        self._cases = cases
        self._calendar = calendar
        self._watch = BookWatch(only_open=True)
        self._known: dict[Place, str] = {}
        self._warned: dict[str, str] = {}
        self._dates_at: Instant | None = None
        self._looked: tuple[int, Instant] | None = None

    def changed(self, now: Instant) -> list[Mapping[str, Any]]:
        """Return what a `clock` event says of every clock whose state changed."""
        sequence = self._station.reader.sequence()
        if self._looked == (sequence, now):
            return []
        # While a long record is read there is no answer; that look does not count as the first.
        turned = sorted(self._cases.turned(self._watch))
        is_first = self._looked is None
        self._looked = (sequence, now)
        fresh = [(place, word) for place, word, _ in turned if self._known.get(place) != word]
        self._known |= fresh
        if is_first:
            ours = {place for place, _, is_ours in turned if is_ours}
            events = self._meanwhile([place for place, _ in fresh if place in ours])
        else:
            events = [self._event(self._cases.row(place)) for place, _ in fresh]
        return events + self._dates(now)

    def _meanwhile(self, ours: Sequence[Place]) -> list[Mapping[str, Any]]:
        """Return the events about answers of ours whose time ran out while the station was down.

        Each is told once, which its alarm remembers; where there are many, only how many.
        """
        if len(ours) <= _MANY:
            rows = [self._cases.row(place) for place in ours]
            told = {fact: self._alarms.cases_of(fact) for fact in CLOCK_KINDS}
            events = [self._event(row) for row in rows]
            events = [one for one in events if one["case"] not in told[f"clock-{one['what']}"]]
            if len(events) <= _FEW:
                return events
        many: dict[str, Any] = dict.fromkeys(("peer", "case", "channel", "precedence"))
        many |= {"what": "lapsed", "own": True, "state": "lapsed", "proved": False}
        return [{**many, "count": len(ours), "resource": "/api/v1/cases"}]

    @staticmethod
    def _event(row: CaseRow) -> Mapping[str, Any]:
        return {
            "what": "near" if row.clock == "near" else "lapsed",
            "own": row.us_owe,
            "peer": row.opener,
            "case": row.number,
            "channel": row.channel,
            "state": row.clock,
            "proved": row.proved,
            "precedence": row.precedence,
            "resource": row.resource,
        }

    def _dates(self, now: Instant) -> list[Mapping[str, Any]]:
        """Return what a `clock` event says of fixed dates and endings that come near."""
        if self._dates_at is not None and 0 <= now - self._dates_at < DATES_EVERY_S:
            return []
        is_first, self._dates_at = self._dates_at is None, now
        dues = self._calendar.dues(DATES_AHEAD_DAYS, cases=False)
        states = {due.uid: due.state(now) for due in dues}
        before, self._warned = self._warned, states
        return [
            {
                "what": states[due.uid],
                "case": due.case or None,
                "channel": due.channel or None,
                "state": states[due.uid],
                "proved": False,
                "resource": "/api/v1/calendar",
            }
            for due in dues
            if not is_first and states[due.uid] not in ("ahead", before.get(due.uid))
        ]
