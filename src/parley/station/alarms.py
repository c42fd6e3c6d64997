"""Alarms: what a person must know, from the record itself and from what the engine reports.

An alarm about an urgent entry is derived from the entry, so that no crash can lose it; those of
the engine are kept as papers. Claims and handling are papers too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from parley.core.entry import Kind, Precedence
from parley.core.ids import LogId
from parley.core.instants import Instant, dtg
from parley.errors import ConflictError, NotAllowedError, NotFoundError, StoreError, UsageError
from parley.station.actors import STATION, Actor
from parley.station.cabinet import Act, Cabinet
from parley.station.desk_views import AlarmView
from parley.station.facts import Alarm, EntryStored
from parley.station.interface import Station
from parley.station.papers import Fields, PaperChange, change
from parley.station.record_book import RecordBook
from parley.station.trust import Trust

_KINDS: Final = {
    "fork": "conflict",
    "rollback": "conflict",
    "breach": "conflict",
    "contradiction": "conflict",
    "behind": "conflict",
    "witness": "conflict",
    "wrong-key": "key-changed",
    "old-card": "key-changed",
    "registers": "programs-differ",
}
TEXT_MAX: Final = 500
REASON_MAX: Final = 500
SNOOZE_MAX_S: Final = 8 * 3_600


class Alarms:
    """Raises, claims and closes alarms."""

    def __init__(
        self,
        station: Station,
        cabinet: Cabinet,
        record: RecordBook,
        trust: Trust,
        *,
        claim_s: Callable[[str | None], int],
    ) -> None:
        """Take what alarms are about; `claim_s` says how long a claim of a precedence is good."""
        self._claim_s = claim_s
        self._station = station
        self._cabinet = cabinet
        self._record = record
        self._trust = trust
        self._urgent: dict[str, tuple[LogId, int, Precedence]] = {}
        self._unstored: dict[str, Fields] = {}

    def load(self) -> None:
        """Find the urgent entries of peers in the record; done once at start."""
        for channel in self._station.channels():
            for row in self._station.reader.marked_rows(channel.charter.channel_id):
                precedence = Precedence(row.flags & 3)
                if row.log.party != self._station.party and _alarms(row.kind, precedence):
                    self._urgent[self.id_of(row.log, row.index)] = (row.log, row.index, precedence)

    def id_of(self, log: LogId, index: int) -> str:
        """Return the id of the alarm about an entry, fit for an address."""
        return self._record.name(log, index).replace("/", "~")

    def entry_stored(self, fact: EntryStored) -> str | None:
        """Take note of a new entry; return the alarm it raises, if any."""
        if fact.own or not _alarms(fact.entry.kind, fact.entry.precedence):
            return None
        alarm = self.id_of(fact.log, fact.index)
        self._urgent[alarm] = (fact.log, fact.index, fact.entry.precedence)
        return alarm

    async def raised(self, fact: Alarm) -> str | None:
        """Keep an alarm of the engine; None where the same one is open already."""
        code = None if fact.peer is None else self._trust.code_of(fact.peer)
        channel = None
        for known in self._station.channels():
            if known.charter.channel_id == fact.channel:
                channel = self._record.called(known)
        kind = _KINDS.get(fact.kind, "station")
        return await self.keep(kind, fact.text, fact=fact.kind, peer=code, channel=channel)

    async def keep(
        self,
        kind: str,
        text: str,
        *,
        fact: str,
        peer: str | None = None,
        channel: str | None = None,
        case: str | None = None,
    ) -> str | None:
        """Keep an alarm that is about no entry; None where the same one is open already."""
        same = (fact, peer, channel, case)
        for key, kept in self._kept():
            is_same = (kept["fact"], kept["peer"], kept["channel"], kept.get("case")) == same
            if is_same and self._view_kept(key, kept).open:
                return None
        key, fields = self._new(kind, text, fact=fact, peer=peer, channel=channel, case=case)
        try:
            await self._cabinet.store([change("alarms", key, fields)])
        except StoreError:
            # A full disk must not silence the alarm about the full disk.
            self._unstored[key] = fields
        return key

    def cases_of(self, fact: str) -> set[str]:
        """Return the cases about which there ever was an alarm of this kind, open or handled."""
        return {f["case"] for _, f in self._kept() if f["fact"] == fact and f.get("case")}

    def about(self, prefix: str) -> dict[str, AlarmView]:
        """Return the alarms, open or handled, whose cause begins so, by their cause."""
        return {
            f["fact"]: self._view_kept(key, f)
            for key, f in self._kept()
            if f["fact"].startswith(prefix)
        }

    async def over(
        self, *, fact: str, peer: str | None, reason: str, alarm: str | None = None
    ) -> list[str]:
        """Close what is open about a peer where its cause is gone; return what was closed.

        The alarm stays on the record, with when it was closed, that the station did it, and why.
        With `alarm` that one alone is closed.
        """
        views = [
            self._view_kept(key, kept)
            for key, kept in self._kept()
            if (kept["fact"], kept["peer"]) == (fact, peer) and alarm in (None, key)
        ]
        closed = [view for view in views if view.open]
        for view in closed:
            act = Act(actor=STATION, act="handle alarm", subject=view.id, detail=reason)
            await self._cabinet.store([self._handled(view, STATION, reason)], act)
        return [view.id for view in closed]

    def paper(self, kind: str, text: str, *, fact: str) -> tuple[str, PaperChange]:
        """Return a new alarm's id, and what keeps it in the transaction of what it is about."""
        key, fields = self._new(kind, text, fact=fact)
        return key, change("alarms", key, fields)

    def _new(
        self,
        kind: str,
        text: str,
        *,
        fact: str,
        peer: str | None = None,
        channel: str | None = None,
        case: str | None = None,
    ) -> tuple[str, Fields]:
        fields: Fields = {
            "kind": kind,
            "peer": peer,
            "channel": channel,
            "case": case,
            "text": text[:TEXT_MAX],
            "at": self._station.now(),
            "fact": fact,
        }
        return f"A-{len(self._kept()) + 1:06d}", fields

    def _kept(self) -> list[tuple[str, Fields]]:
        return [*self._cabinet.all("alarms"), *self._unstored.items()]

    def all(self, *, open_only: bool) -> list[AlarmView]:
        """Return alarms, the most urgent and oldest first."""
        views = [self._view_urgent(key) for key in self._urgent]
        views += [self._view_kept(key, fields) for key, fields in self._kept()]
        shown = [view for view in views if view.open or not open_only]
        order = {"Z": 0, "O": 1}
        return sorted(
            shown,
            key=lambda view: (not view.open, order.get(view.precedence or "", 2), view.raised_at),
        )

    def get(self, alarm: str) -> AlarmView:
        """Return one alarm; NotFoundError if there is none."""
        if alarm in self._urgent:
            return self._view_urgent(alarm)
        for key, fields in self._kept():
            if key == alarm:
                return self._view_kept(key, fields)
        raise NotFoundError(
            f"there is no alarm {alarm}", next_step="parley inbox lists what is open."
        )

    def _view_urgent(self, alarm: str) -> AlarmView:
        log, index, precedence = self._urgent[alarm]
        row = self._record.row(log, index)
        peer = self._trust.code_of(log.party)
        word = "FLASH" if precedence is Precedence.FLASH else "IMMEDIATE"
        return self._with_claim(
            AlarmView(
                id=alarm,
                kind=word.lower(),
                peer=peer,
                channel=self._record.called(self._record.channel_of(log)),
                precedence=precedence.letter,
                text=f"{word} from {peer}",
                entry=self._record.name(log, index),
                case=None,
                raised_at=row.received,
            )
        )

    def _view_kept(self, key: str, fields: Fields) -> AlarmView:
        return self._with_claim(
            AlarmView(
                id=key,
                kind=fields["kind"],
                peer=fields["peer"],
                channel=fields["channel"],
                precedence=None,
                text=fields["text"],
                entry=None,
                case=fields.get("case"),
                raised_at=Instant(fields["at"]),
            )
        )

    def _with_claim(self, view: AlarmView) -> AlarmView:
        claim = self._cabinet.get("claims", view.id)
        if claim is None:
            return view
        snoozed = claim.get("snoozed_until")
        again = snoozed or claim["claimed_at"] + self._claim_s(view.precedence)
        is_open = claim["handled_at"] is None
        return replace(
            view,
            claimed_by=claim["claimed_by"],
            claimed_at=claim["claimed_at"],
            handled_by=claim["handled_by"],
            handled_at=claim["handled_at"],
            reason=claim["reason"],
            open=is_open,
            sounds=is_open and again <= self._station.now(),
            again_at=Instant(again) if is_open else None,
            snoozed_until=snoozed,
            handed_by=claim.get("handed_by"),
        )

    async def claim(self, actor: Actor, alarm: str) -> AlarmView:
        """Stop an alarm's sound here; tells nobody outside. A second claim changes nothing.

        A claim that was good until now is renewed, by whoever claims.

        Raises:
            ConflictError: it is handled already.
        """
        view = self._open(actor, alarm)
        if view.sounds:
            act = Act(actor=actor, act="claim alarm", subject=alarm)
            await self._cabinet.store([self._claimed(alarm, actor.officer)], act)
        return self.get(alarm)

    async def hand_over(
        self, actor: Actor, alarm: str, to: str, *, able: Sequence[str]
    ) -> AlarmView:
        """Hand one alarm to another officer, whose claim it then is.

        Args:
            actor: who has it.
            alarm: its id.
            to: who gets it.
            able: codes of the officers who may claim.

        Raises:
            ConflictError: it is handled already, or not the actor's.
            UsageError: nobody of that code can have it.
        """
        view = self._open(actor, alarm)
        if view.claimed_by != actor.officer:
            raise ConflictError(
                f"{actor.officer} has not claimed alarm {alarm}",
                next_step="Claim it first; then hand it over.",
            )
        if to == actor.officer or to not in able:
            raise UsageError(
                f"the alarm cannot go to {to[:40]!r}", next_step="Choose another watch officer."
            )
        act = Act(actor=actor, act="hand over alarm", subject=alarm, detail=to)
        await self._cabinet.store([self._claimed(alarm, to, handed_by=actor.officer)], act)
        return self.get(alarm)

    def snooze(
        self, actor: Actor, alarm: str, *, seconds: int, reason: str
    ) -> tuple[tuple[PaperChange, Act], str]:
        """Keep an alarm silent for a while, with a reason; a FLASH is never kept silent.

        Returns:
            what keeps it silent, and what the watch log says of it; both are stored at once.

        Raises:
            ConflictError: it is a FLASH, or handled already.
            UsageError: no reason, or a time that is none or more than 8 hours.
        """
        view = self._open(actor, alarm)
        if view.precedence == "Z":
            raise ConflictError(
                "a FLASH is never kept silent",
                next_step="Claim it, then acknowledge it or hand it over.",
            )
        if not 60 <= seconds <= SNOOZE_MAX_S:
            raise UsageError("an alarm is kept silent for 1 minute to 8 hours")
        if not reason.strip():
            raise UsageError("keeping an alarm silent needs a reason")
        until = self._station.now() + seconds
        paper = self._claimed(alarm, actor.officer, until=until, reason=reason)
        act = Act(actor=actor, act="snooze alarm", subject=alarm, detail=str(until))
        said = f"{alarm} ({view.text[:120]}) is kept silent until {dtg(until)}: {reason.strip()}"
        return (paper, act), said

    def _open(self, actor: Actor, alarm: str) -> AlarmView:
        actor.require("claim")
        view = self.get(alarm)
        if actor.via == view.kind == "break-glass":
            raise NotAllowedError(
                "who broke the glass does not silence the alarm about it",
                next_step="An officer of the watch claims it at another console.",
            )
        if not view.open:
            raise ConflictError(f"alarm {alarm} was handled by {view.handled_by} already")
        return view

    def _claimed(
        self,
        alarm: str,
        officer: str,
        *,
        handed_by: str | None = None,
        until: int | None = None,
        reason: str | None = None,
    ) -> PaperChange:
        return change(
            "claims",
            alarm,
            {
                "claimed_by": officer,
                "claimed_at": self._station.now(),
                "handed_by": handed_by,
                "snoozed_until": until,
                "handled_by": None,
                "handled_at": None,
                "reason": None if reason is None else reason.strip()[:REASON_MAX],
            },
        )

    async def handle(self, actor: Actor, alarm: str, *, reason: str) -> AlarmView:
        """Close an alarm with a reason.

        Raises:
            UsageError: no reason.
            ConflictError: it is handled already.
        """
        if not reason.strip():
            raise UsageError("closing an alarm needs a reason")
        view = self._open(actor, alarm)
        act = Act(actor=actor, act="handle alarm", subject=alarm)
        await self._cabinet.store([self._handled(view, actor, reason)], act)
        return self.get(alarm)

    def handled_by_answer(self, actor: Actor, entry: str, how: str) -> list[PaperChange]:
        """Return what closes the alarm about an entry when it is acknowledged or answered."""
        alarm = entry.replace("/", "~")
        if alarm not in self._urgent or not self._view_urgent(alarm).open:
            return []
        return [self._handled(self._view_urgent(alarm), actor, how)]

    def _handled(self, view: AlarmView, actor: Actor, reason: str) -> PaperChange:
        now = self._station.now()
        return change(
            "claims",
            view.id,
            {
                "claimed_by": view.claimed_by or actor.officer,
                "claimed_at": view.claimed_at or now,
                "handled_by": actor.officer,
                "handled_at": now,
                "reason": reason[:REASON_MAX],
            },
        )


def _alarms(kind: int, precedence: Precedence) -> bool:
    """Say whether an entry of a peer raises an alarm: urgent, and no mere acknowledgement."""
    return precedence >= Precedence.IMMEDIATE and kind != Kind.ACKNOWLEDGE
