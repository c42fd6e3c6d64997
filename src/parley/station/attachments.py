"""Files of entries as they are held: whole or not, on which side, and their content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from parley.core.attachment import join, parts_of
from parley.core.ids import LogId, PartyId
from parley.desk.attachments import fits
from parley.errors import ConflictError, MalformedError, NotFoundError
from parley.station.desk_book import DeskBook
from parley.station.interface import Station
from parley.station.part_index import FileKey, PartIndex
from parley.station.record_book import RecordBook
from parley.station.trust import Trust
from parley.station.views import AttachmentView

MISSING = "attachment-missing"
"""Code of rung 1x (cannot process) while a file of an entry is not whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A whole file."""

    name: str
    type: str
    content: bytes
    is_of_type: bool

    @property
    def served_as(self) -> str:
        """Return the media type with which it is handed out."""
        return self.type if self.is_of_type else "application/octet-stream"

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers by which no browser draws or runs it.

        Sources: RFC 6266 and 8187 (Content-Disposition), CSP level 3 (sandbox).
        """
        return {
            "content-disposition": f"attachment; filename*=UTF-8''{quote(self.name, safe='')}",
            "content-security-policy": "default-src 'none'; sandbox",
            "x-content-type-options": "nosniff",
            "cache-control": "private, no-store",
        }


class Attachments:
    """Reads what the record holds of the files of entries.

    Nothing is stated: whether a file is whole follows from the logs, here and at the author's,
    who knows from our statements what we hold.
    """

    def __init__(
        self,
        station: Station,
        trust: Trust,
        record: RecordBook,
        desk: DeskBook,
        index: PartIndex,
    ) -> None:
        self._station = station
        self._trust = trust
        self._record = record
        self._desk = desk
        self._index = index
        self._judged: dict[tuple[FileKey, int, str], str] = {}

    def of(self, log: LogId, index: int) -> list[AttachmentView]:
        """Return the files of an entry, in the order in which it names them."""
        files = self._named(log, index)
        if not files:
            return []
        is_attributable = self._record.decode(self._record.row(log, index)).is_attributable
        name = self._record.name(log, index)
        return [self._view(log, name, one, is_attributable=is_attributable) for one in files]

    def _named(self, log: LogId, index: int) -> Sequence[Mapping[str, Any]]:
        said = self._desk.said(self._desk.place(log, index))
        found = None if said is None else said.fields.get("attach")
        return found if isinstance(found, list | tuple) else ()

    def _view(
        self, log: LogId, name: str, file: Mapping[str, Any], *, is_attributable: bool
    ) -> AttachmentView:
        size, digest = int(file["bytes"]), str(file["digest"])
        key = FileKey(log.channel, log.party, bytes.fromhex(digest), is_attributable)
        places = self._index.places(key, size)
        state = "missing"
        if len(places) == parts_of(size):
            state = self._judge(key, size, str(file["type"]))
        return AttachmentView(
            name=str(file["name"]),
            type=str(file["type"]),
            bytes=size,
            digest=digest,
            state=state,
            parts=parts_of(size),
            parts_here=len(places),
            per_peer={
                self._trust.code_of(party): self._held(
                    party, [(one.log, one.index) for one in places.values()]
                )
                for party in self._record.channel_of(log).charter.others(log.party)
                if party != self._station.party
            },
            resource=f"/api/v1/attachments/{digest}?entry={name}",
        )

    def _held(self, party: PartyId, places: Sequence[tuple[LogId, int]]) -> int:
        """Return how many of these places a party's newest statement holds."""
        if not places:
            return 0
        log = self._record.channel_of(places[0][0]).logs.get(party)
        row = None if log is None else self._station.reader.last_statement(log.log)
        if row is None:
            return 0
        count = 0
        for of, index in places:
            held = row.signed.statement.holding(of.party)
            if held is not None and held.inc == of.inc:
                count += held.holds(index)
            else:  # it speaks of a log that its author has begun since
                count += self._record.first_holding(of, index, party) is not None
        return count

    def _judge(self, key: FileKey, size: int, kind: str) -> str:
        """Return what a file of which every part is here is; its content is hashed once."""
        known = self._judged.get((key, size, kind))
        if known is None:
            try:
                known = "here" if fits(kind, self._content(key, size)) else "type"
            except MalformedError:
                known = "damaged"
            self._judged[key, size, kind] = known
        return known

    def _content(self, key: FileKey, size: int) -> bytes:
        places = self._index.places(key, size)
        octets = {number: self._index.octets(place) for number, place in places.items()}
        return join(key.digest, size, octets)

    def content(self, log: LogId, index: int, digest: str) -> Content:
        """Return one file of an entry.

        Raises:
            NotFoundError: the entry names none of this digest, or it is not whole here.
            ConflictError: its parts give another digest than the entry names.
        """
        file = next((one for one in self._named(log, index) if one["digest"] == digest), None)
        if file is None:
            raise NotFoundError(f"{self._record.name(log, index)} names no file {digest}")
        size, kind = int(file["bytes"]), str(file["type"])
        entry = self._record.decode(self._record.row(log, index))
        key = FileKey(log.channel, log.party, bytes.fromhex(digest), entry.is_attributable)
        here, parts = len(self._index.places(key, size)), parts_of(size)
        if here < parts:
            raise NotFoundError(
                f"{here} of {parts} parts of {file['name']} are here",
                next_step="It is whole once its author's station has sent the others.",
            )
        try:
            content = self._content(key, size)
        except MalformedError as problem:
            raise ConflictError(
                f"{file['name']} is damaged: {problem}",
                next_step="Ask its author to send it once more.",
            ) from None
        return Content(
            name=str(file["name"]), type=kind, content=content, is_of_type=fits(kind, content)
        )

    def cannot_process(self, files: Sequence[AttachmentView]) -> str:
        """Return the code of rung 1x that stands at our side, empty for none."""
        return MISSING if any(one.state in ("missing", "damaged") for one in files) else ""
