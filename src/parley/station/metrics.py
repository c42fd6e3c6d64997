"""The station's state as numbers for monitors (OpenMetrics 1.0, text form).

Labels are codes of parties and channels, letters and fixed words; no text of anybody is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from parley import __version__
from parley.core.instants import Instant
from parley.station import at_rest
from parley.station.desk_views import AlarmView
from parley.station.line_views import Balance, LinkView
from parley.station.parts import Parts

MEDIA_TYPE: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"
Labels = Mapping[str, str]
Sample = tuple[Labels, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One metric with its samples.

    Attributes:
        name: without the suffix of its kind.
        kind: `gauge`, `counter` (its samples end in `_total`) or `info` (in `_info`).
        unit: as in the name's end; empty for a count.
    """

    name: str
    kind: str
    help: str
    samples: Sequence[Sample]
    unit: str = ""

    def lines(self) -> Iterator[str]:
        """Yield the lines of the text form."""
        suffix = {"counter": "_total", "info": "_info"}.get(self.kind, "")
        yield f"# TYPE {self.name} {self.kind}"
        if self.unit:
            yield f"# UNIT {self.name} {self.unit}"
        yield f"# HELP {self.name} {self.help}"
        for labels, value in self.samples:
            named = ",".join(f'{key}="{_escaped(each)}"' for key, each in labels.items())
            yield f"{self.name}{suffix}{'{' + named + '}' if named else ''} {value:.15g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def write(families: Iterable[Family]) -> str:
    """Return families in the text form, with its end mark."""
    return "\n".join([line for family in families for line in family.lines()] + ["# EOF", ""])


def metrics(parts: Parts) -> list[Family]:
    """Return what is measured of a station now."""
    now, stored = parts.station.now(), parts.station.reader.sequence()
    found = [
        _one("parley_build", "info", "Which program answers.", 1, version=__version__),
        _one("parley_facts_stored", "counter", "Facts in the record.", stored),
        _one("parley_consoles_listening", "gauge", "Consoles that listen.", parts.hub.consoles()),
        _one("parley_consoles_sounding", "gauge", "Consoles that can sound.", parts.hub.heard()),
        *_alarms(parts.alarms.all(open_only=True), now),
        *_links(parts.overview.links(), now),
        *_logs(parts, now),
    ]
    if not parts.desk.is_taking_up:
        found += _balances(parts.cases.balances(as_of=None), now)
    return [*found, *_backups(parts, now)]


def _one(name: str, kind: str, help_: str, value: float, **labels: str) -> Family:
    return Family(name=name, kind=kind, help=help_, samples=[(labels, value)])


def _alarms(alarms: Sequence[AlarmView], now: Instant) -> Iterator[Family]:
    unclaimed = [alarm for alarm in alarms if alarm.sounds]
    oldest = max((now - (alarm.again_at or alarm.raised_at) for alarm in unclaimed), default=0)
    kinds = sorted({alarm.kind for alarm in alarms})
    yield Family(
        name="parley_alarms_open",
        kind="gauge",
        help="Alarms that nobody has closed, by kind.",
        samples=[({"kind": kind}, sum(a.kind == kind for a in alarms)) for kind in kinds],
    )
    yield Family(
        name="parley_alarm_unclaimed_seconds",
        kind="gauge",
        unit="seconds",
        help="For how long the oldest alarm has had nobody; 0 where each is in hand.",
        samples=[({}, max(0, oldest))],
    )


def _links(links: Sequence[LinkView], now: Instant) -> Iterator[Family]:
    yield Family(
        name="parley_link_up",
        kind="gauge",
        help="1 while the peer's station answers.",
        samples=[({"peer": link.peer}, int(link.alive)) for link in links],
    )
    yield Family(
        name="parley_peer_trusted",
        kind="gauge",
        help="1 while the peer's key is verified; without it nothing is sent.",
        samples=[({"peer": link.peer}, int(link.trusted)) for link in links],
    )
    yield _ages("parley_link_heard_age", "Since the peer was heard.", now, {
        link.peer: link.last_heard for link in links
    })  # fmt: skip
    yield Family(
        name="parley_clock_offset_seconds",
        kind="gauge",
        unit="seconds",
        help="How far the peer's clock is before ours.",
        samples=[
            ({"peer": link.peer}, link.clock_offset_s)
            for link in links
            if link.clock_offset_s is not None
        ],
    )
    yield Family(
        name="parley_queue_entries",
        kind="gauge",
        help="Entries that wait for the peer's receipt, by precedence.",
        samples=[
            ({"peer": link.peer, "precedence": letter}, link.queued.get(letter, 0))
            for link in links
            for letter in "ZOPR"
        ],
    )


def _ages(name: str, help_: str, now: Instant, at: Mapping[str, Instant | None]) -> Family:
    return Family(
        name=f"{name}_seconds",
        kind="gauge",
        unit="seconds",
        help=help_,
        samples=[
            ({"peer": peer}, max(0, now - heard)) for peer, heard in at.items() if heard is not None
        ],
    )


def _logs(parts: Parts, now: Instant) -> Iterator[Family]:
    rows = parts.overview.record_rows()
    marked = [({"channel": row.channel, "peer": row.peer}, row) for row in rows]
    yield Family(
        name="parley_log_entries",
        kind="gauge",
        help="Entries of our own log on a channel.",
        samples=[({"channel": c}, n) for c, n in {r.channel: r.own_size for r in rows}.items()],
    )
    yield Family(
        name="parley_log_unreceipted_entries",
        kind="gauge",
        help="Entries of ours that the peer has not signed for.",
        samples=[(labels, max(0, row.own_size - row.their_receipt_size)) for labels, row in marked],
    )
    yield Family(
        name="parley_receipt_age_seconds",
        kind="gauge",
        unit="seconds",
        help="Since the peer signed on a channel what it holds.",
        samples=[
            (labels, max(0, now - row.statement_at))
            for labels, row in marked
            if row.statement_at is not None
        ],
    )
    stopped = [channel for channel in parts.station.channels() if channel.stopped is not None]
    yield Family(
        name="parley_logs_stopped",
        kind="gauge",
        help="Own logs into which nothing is written.",
        samples=[({}, len(stopped))],
    )


def _balances(balances: Sequence[Balance], now: Instant) -> Iterator[Family]:
    both = [
        ({"peer": row.peer, "by": by}, owed)
        for row in balances
        for by, owed in (("us", row.we_owe), ("them", row.they_owe))
    ]
    yield Family(
        name="parley_answers_owed",
        kind="gauge",
        help="Answers due by a rule and not given yet.",
        samples=[(labels, owed.owed) for labels, owed in both],
    )
    yield Family(
        name="parley_answers_lapsed",
        kind="gauge",
        help="Answers that were not given in time.",
        samples=[(labels, owed.lapsed) for labels, owed in both],
    )
    yield Family(
        name="parley_answer_owed_age_seconds",
        kind="gauge",
        unit="seconds",
        help="Since the oldest answer that is owed was asked for.",
        samples=[
            (labels, max(0, now - owed.oldest_at))
            for labels, owed in both
            if owed.oldest_at is not None
        ],
    )


def _backups(parts: Parts, now: Instant) -> Iterator[Family]:
    copied = at_rest.last_copied(parts.config.directory)
    if copied is not None:
        kinds = {"keys": copied.at, "record": copied.record}
        yield Family(
            name="parley_backup_age_seconds",
            kind="gauge",
            unit="seconds",
            help="Since keys and record were copied by `parley keys backup` or `parley backup`.",
            samples=[({"of": kind}, max(0, now - at)) for kind, at in kinds.items() if at],
        )
