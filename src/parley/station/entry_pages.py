"""Entries as they are shown: rows, whole entries, delivery step by step."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from parley.core.entry import Entry, Kind
from parley.core.ids import LogId, PartyId
from parley.core.instants import Instant
from parley.desk.catalogue import KINDS, fields_of
from parley.desk.registers import subject_of
from parley.errors import ParleyError
from parley.station.ack_levels import level_of
from parley.station.attachments import MISSING, Attachments
from parley.station.desk_book import DeskBook, Said
from parley.station.forms import shown_value, text_views
from parley.station.interface import Station
from parley.station.record_book import RecordBook
from parley.station.trust import Trust
from parley.station.views import (
    AckView,
    Delivery,
    DeliveryStep,
    EntryRow,
    EntryView,
    FieldValue,
    MoveView,
    PeerDelivery,
    ProofSummary,
    Times,
)

_CORE_NAMES = {kind.value: kind.name.lower().replace("_", "-") for kind in Kind}
STEPS = ("stored", "on-path", "delivered", "acknowledged", "answered")


class EntryPages:
    """Builds what is shown of entries."""

    def __init__(
        self,
        station: Station,
        trust: Trust,
        record: RecordBook,
        desk: DeskBook,
        attachments: Attachments,
    ) -> None:
        self._station = station
        self._trust = trust
        self._record = record
        self._desk = desk
        self._attachments = attachments

    def row(self, log: LogId, index: int) -> EntryRow:
        """Return one entry as a row of a list."""
        stored = self._record.row(log, index)
        entry = self._record.decode(stored)
        place = self._desk.place(log, index)
        said = self._desk.said(place)
        case = self._desk.registers_about(place).case_now(place)
        own = log.party == self._station.party
        procedure, move = _move_of(entry, said)
        seen = self._record.cosigned(log, index)
        return EntryRow(
            name=self._record.name(log, index),
            channel=self._record.called(self._record.channel_of(log)),
            party=self._trust.code_of(log.party),
            index=index,
            ordinal=self._record.ordinal(log),
            own=own,
            kind=entry.kind,
            procedure=procedure,
            move=move,
            precedence=entry.precedence.letter,
            mark=entry.marking.name,
            attributable=entry.is_attributable,
            subject=_subject(said, subject_of(case) if case is not None else None),
            texts=text_views(said.texts) if said is not None else [],
            case=None if case is None else case.number,
            refs=self._refs(said),
            action=list(said.action) if said is not None else [],
            info=list(said.info) if said is not None else [],
            times=Times(
                claimed_at=entry.time,
                received_at=stored.received,
                witnessed_at=None if seen is None else seen.time,
                differs_s=stored.received - entry.time,
            ),
            delivery=self.delivery(log, index) if own else None,
            hash=stored.leaf.hex(),
            sequence=self._station.reader.number_of(log, index) or 0,
            size=len(stored.raw),
            is_read=not self._desk.is_taking_up,
        )

    def _refs(self, said: Said | None) -> list[str]:
        if said is None:
            return []
        refs = said.fields.get("refs")
        return [str(ref) for ref in refs] if isinstance(refs, list | tuple) else []

    def entry(self, log: LogId, index: int, moves: Sequence[MoveView]) -> EntryView:
        """Return one entry whole."""
        row = self.row(log, index)
        stored = self._record.row(log, index)
        entry = self._record.decode(stored)
        said = self._desk.said(self._desk.place(log, index))
        charter = self._record.channel_of(log).charter
        covering = self._record.covering(log, index)
        witness = self._record.cosigned(log, index)
        files = self._attachments.of(log, index)
        return EntryView(
            **{name: getattr(row, name) for name in EntryRow.__dataclass_fields__},
            fields=_fields(said, entry),
            seen={
                self._trust.code_of(party): count
                for party, count in zip(charter.others(log.party), entry.seen, strict=True)
            },
            acknowledgements=self.acknowledgements(log, index),
            proof_summary=ProofSummary(
                signed=covering is not None,
                statement_no=None if covering is None else covering.signed.statement.no,
                receipted_by=[
                    self._trust.code_of(party)
                    for party in charter.others(log.party)
                    if self._record.first_holding(log, index, party) is not None
                ],
                witnessed_by=[] if witness is None else [witness.by],
            ),
            moves=moves,
            withheld=[],
            attachments=files,
            cannot_process=self._attachments.cannot_process(files),
        )

    # --- what became of it ---

    def acknowledgements(self, log: LogId, index: int) -> list[AckView]:
        """Return every acknowledgement of an entry, in the order in which they stand."""
        place = self._desk.place(log, index)
        found: list[AckView] = []
        for ack in self._desk.acks_of(place):
            said = self._desk.said(ack)
            if said is None:
                continue
            log_of_ack, index_of_ack = self._desk.log_place(ack)
            entry = self._record.decode(self._record.row(log_of_ack, index_of_ack))
            unit = said.fields.get("unit")
            found.append(
                AckView(
                    desk=said.office,
                    level=level_of(said.fields),
                    at=entry.time,
                    entry=self._record.name(log_of_ack, index_of_ack),
                    by=self._trust.code_of(log_of_ack.party),
                    unit=None if unit is None else str(unit),
                    note=str(said.texts[0]["text"]) if said.texts else None,
                )
            )
        return found

    def delivery(self, log: LogId, index: int) -> Delivery:
        """Return how far an own entry has come."""
        stored = self._record.row(log, index)
        own = self._trust.code_of(self._station.party)
        steps = [DeliveryStep(step="stored", at=stored.received, by=own)]
        peers: dict[str, PeerDelivery] = {}
        files = self._attachments.of(log, index)
        for party in self._record.channel_of(log).charter.others(log.party):
            code = self._trust.code_of(party)
            there = self._record.delivery_to(log, index, party)
            lacks = any(file.per_peer.get(code, 0) < file.parts for file in files)
            peers[code] = replace(there, cannot_process=MISSING) if lacks else there
            step = self._delivered_step(log, index, party, code)
            if step is not None:
                steps.append(step)
        for ack in self.acknowledgements(log, index):
            received = self._received(ack.entry)
            steps.append(
                DeliveryStep(
                    step="acknowledged", at=received, by=ack.by, entry=ack.entry, text=ack.level
                )
            )
        steps += self._answers(log, index)
        state = max((step.step for step in steps), key=STEPS.index)
        if state == "stored" and self._is_on_path(log):
            state = "on-path"
        return Delivery(
            state=state, reached=True, stored_at=stored.received, steps=steps, per_peer=peers
        )

    def _delivered_step(
        self, log: LogId, index: int, party: PartyId, code: str
    ) -> DeliveryStep | None:
        found = self._record.first_holding(log, index, party)
        if found is None:
            return None
        said = found[0].signed.statement
        return DeliveryStep(
            step="delivered",
            at=found[0].received,
            by=code,
            statement_no=said.no,
            text=f"receipt {code} size {said.size}",
        )

    def _answers(self, log: LogId, index: int) -> list[DeliveryStep]:
        place = self._desk.place(log, index)
        registers = self._desk.registers_about(place)
        case = registers.case_of(place)
        if case is None or case.place != place:
            return []
        opener = self._desk.log_place(place)[0].party
        steps: list[DeliveryStep] = []
        for step in case.steps:
            author = self._desk.log_place(step.place)[0].party
            if author != opener and step.status == "step":
                name = self._desk.name(step.place)
                steps.append(
                    DeliveryStep(
                        step="answered",
                        at=self._received(name),
                        by=self._trust.code_of(author),
                        entry=name,
                        text=step.move,
                    )
                )
        return steps[:1]

    def _received(self, name: str) -> Instant:
        return self._record.row(*self._record.place(name)).received

    def _is_on_path(self, log: LogId) -> bool:
        others = self._record.channel_of(log).charter.others(log.party)
        return any(
            link.peer in others and any(path.up for path in link.paths)
            for link in self._station.links()
        )


def _move_of(entry: Entry, said: Said | None) -> tuple[str, str]:
    if said is not None and said.procedure:
        return said.procedure, said.move
    move = KINDS.get(entry.kind)
    if move is not None:
        return move.procedure, move.name
    return "core", _CORE_NAMES.get(entry.kind, f"kind-{entry.kind}")


def _subject(said: Said | None, case_subject: object) -> dict[str, str]:
    for subject in (said.fields.get("subject") if said is not None else None, case_subject):
        if isinstance(subject, Mapping) and subject:
            return {str(lang): str(text) for lang, text in subject.items()}
        if isinstance(subject, str) and subject:
            return {"und": subject}
    if said is not None and said.texts:
        first = said.texts[0]
        return {str(first["lang"]): str(first["text"]).split("\n", 1)[0][:120]}
    return {}


def _fields(said: Said | None, entry: Entry) -> list[FieldValue]:
    move = KINDS.get(entry.kind)
    if said is None or move is None:
        return [
            FieldValue(number=number, name=str(number), label={}, value=None, shown=_plain(value))
            for number, value in sorted(entry.fields.items())
        ]
    declared = fields_of(move)
    return [
        FieldValue(
            number=declared[name].number,
            name=name,
            label=dict(declared[name].words),
            value=value,
            shown=shown_value(value),
        )
        for name, value in said.fields.items()
    ]


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, default=_hex)
    except (TypeError, ValueError, ParleyError):
        return repr(value)


def _hex(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
