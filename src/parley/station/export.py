"""Makes bundles from the record: what was said, delivered, answered, or left without answer."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

from parley.core import bundle as bundles
from parley.core import limits
from parley.core.card import Card
from parley.core.entry import F_DUE, NEVER_ANSWERS, Entry, Kind
from parley.core.ids import ChannelId, LogId, PartyId
from parley.core.items import Note
from parley.core.statement import SignedStatement, read_note
from parley.errors import ConflictError, NotFoundError, UsageError
from parley.station.conflicts import FORK, NAMED, STOLEN, Conflict, stored_conflicts, whole_note
from parley.station.evidence import COSIGNED_TRIED, F_RUNG, Gathering
from parley.station.file_evidence import Withheld, opened_fields, show_files
from parley.station.hearsay import ProofNodes, proof_tree
from parley.store.interface import Reader, StatementRow

_CANNOT_PROCESS = 10
_HARMLESS = frozenset({Kind.ACKNOWLEDGE, Kind.TIME_TOKEN})
Place = tuple[LogId, int]


class Exporter:
    """Makes bundles from one station's record."""

    def __init__(self, reader: Reader, cards: Mapping[PartyId, Sequence[Card]]) -> None:
        """Take the record and every known card of each party, the newest last."""
        self._reader = reader
        self._cards = cards

    def record(
        self, channel: ChannelId, *, first: int = 0, withhold: Collection[Withheld] = ()
    ) -> bytes:
        """Return everything held of a channel, each log from index `first` on.

        Raises:
            NotFoundError: no such channel, or nothing signed in it.
            UsageError: more than a verifier takes on.
        """
        gathering = Gathering(self._reader, self._cards, channel)
        for party in gathering.charter.parties:
            for log in gathering.logs_of(party):
                self._whole_log(gathering, log, first, withhold)
        return gathering.encode()

    def _whole_log(
        self, gathering: Gathering, log: LogId, first: int, withhold: Collection[Withheld]
    ) -> None:
        last = self._reader.last_statement(log)
        if last is None or last.signed.statement.size <= first:
            return
        for index, entry in list(gathering.entries(log, first, last.signed.statement.size)):
            gathering.show(log, index, opened_fields(entry, withhold))
        gathering.show_opening(log)
        notes = [gathering.note(last)]
        seen = gathering.newest_cosigned(log)
        if seen is not None and seen.signed.statement.size > first:
            notes.append(gathering.note(seen))
        no = last.signed.statement.no
        before = max(no - COSIGNED_TRIED, 0)
        sealed = gathering.sealed(
            log, lambda row: row.signed.statement.size > first, before, newest=True
        )
        notes += [] if sealed is None else [gathering.note(sealed)]
        gathering.claim(bundles.RECORD, log, first, log.party, list(dict.fromkeys(notes)))

    def extract(self, places: Sequence[Place], *, withhold: Collection[Withheld] = ()) -> bytes:
        """Return these entries of one channel, without the fields withheld."""
        if not places:
            raise UsageError("an extract of no entry", next_step="Name at least one entry.")
        gathering = Gathering(self._reader, self._cards, places[0][0].channel)
        self._add_extracts(gathering, places, withhold)
        return gathering.encode()

    def _add_extracts(
        self, gathering: Gathering, places: Sequence[Place], withhold: Collection[Withheld]
    ) -> None:
        for log, index in places:
            entry = gathering.entry(log, index)
            gathering.show(log, index, opened_fields(entry, withhold))
            show_files(gathering, self._reader, log, index, withhold)
        for log in dict.fromkeys(log for log, _ in places):
            top = max(index for of, index in places if of == log)
            note = gathering.note(gathering.covering(log, top))
            for of, index in places:
                if of == log and index:
                    gathering.claim(bundles.EXTRACT, log, index, log.party, [note])

    def case_parts(self, log: LogId, index: int) -> list[Entry]:
        """Return the entries of the case opened at this place, as far as they are held."""
        gathering = Gathering(self._reader, self._cards, log.channel)
        places = [(row.log, row.index) for row in self._reader.case_entries(log, index)]
        return [gathering.entry(*place) for place in places]

    def case(self, log: LogId, index: int, *, withhold: Collection[Withheld] = ()) -> bytes:
        """Return every entry of the case opened at this place, and who held its opening."""
        return self.cases([(log, index)], withhold=withhold)

    def cases(self, openings: Sequence[Place], *, withhold: Collection[Withheld] = ()) -> bytes:
        """Return every entry of several cases of one channel, and who held each opening.

        Raises:
            NotFoundError: no case was opened at such a place.
            UsageError: no case, or cases of two channels: a bundle has one charter.
        """
        channels = {log.channel for log, _ in openings}
        if len(channels) != 1:
            raise UsageError(
                "a bundle holds cases of one channel", next_step="Make one for each channel."
            )
        gathering = Gathering(self._reader, self._cards, channels.pop())
        for log, index in dict.fromkeys(openings):
            self._add_case(gathering, log, index, withhold)
        return gathering.encode()

    def _add_case(
        self, gathering: Gathering, log: LogId, index: int, withhold: Collection[Withheld]
    ) -> None:
        places = [(row.log, row.index) for row in self._reader.case_entries(log, index)]
        if not places:
            raise NotFoundError(f"no case was opened at {index} of {log.origin}")
        self._add_extracts(gathering, places, withhold)
        author = gathering.note(gathering.covering(log, index))
        for party in gathering.charter.others(log.party):
            receipt = self._receipt(gathering, (log, index), party)
            if receipt is not None:
                gathering.show_opening(receipt.signed.statement.log)
                notes = [author, *self._receipt_notes(gathering, receipt, (log, index))]
                gathering.claim(bundles.DELIVERED, log, index, party, notes)

    def receipt(
        self,
        log: LogId,
        index: int,
        by: PartyId | None = None,
        *,
        withhold: Collection[Withheld] = (),
    ) -> bytes:
        """Return the proof that an entry was delivered.

        Raises:
            NotFoundError: no statement of the other party holds it.
        """
        gathering, party, notes, receipt = self._delivered(log, index, by, withhold)
        show_files(gathering, self._reader, log, index, withhold)
        notes = [*notes, *self._receipt_notes(gathering, receipt, (log, index))]
        gathering.claim(bundles.DELIVERED, log, index, party, list(dict.fromkeys(notes)))
        return gathering.encode()

    def _delivered(
        self, log: LogId, index: int, by: PartyId | None, withhold: Collection[Withheld]
    ) -> tuple[Gathering, PartyId, list[str], StatementRow]:
        gathering = Gathering(self._reader, self._cards, log.channel)
        party = gathering.party(log, by)
        entry = gathering.entry(log, index)
        receipt = self._receipt(gathering, (log, index), party)
        if receipt is None:
            raise NotFoundError(f"no statement of {party.hex()} holds entry {index} yet")
        gathering.show(log, index, opened_fields(entry, withhold))
        gathering.show_opening(receipt.signed.statement.log)
        notes = [gathering.note(gathering.covering(log, index)), gathering.note(receipt)]
        sealed = gathering.sealed(log, lambda row: row.signed.statement.size > index, 0)
        notes += [] if sealed is None else [gathering.note(sealed)]
        return gathering, party, notes, receipt

    @staticmethod
    def _receipt_notes(gathering: Gathering, receipt: StatementRow, place: Place) -> list[str]:
        """Return a receipt and, where that was not cosigned, the first one after it that was."""
        said = receipt.signed.statement
        seen = gathering.cosigned(said.log, lambda row: _holds(row.signed, place), said.no)
        rows = [receipt] if seen is None or receipt == seen else [receipt, seen]
        sealed = gathering.sealed(said.log, lambda row: _holds(row.signed, place), said.no)
        rows += [sealed] if sealed is not None and sealed not in rows else []
        return [gathering.note(row) for row in rows]

    @staticmethod
    def _receipt(gathering: Gathering, place: Place, by: PartyId) -> StatementRow | None:
        """Return the earliest statement of a party that holds an entry."""
        for log in gathering.logs_of(by):
            found = gathering.first_statement(log, lambda row: _holds(row.signed, place))
            if found is not None:
                return found
        return None

    def answer(self, log: LogId, index: int, by: PartyId | None = None) -> bytes:
        """Return the proof that an entry was answered.

        Raises:
            NotFoundError: it was not delivered, or not answered.
        """
        gathering, party, notes, receipt = self._delivered(log, index, by, ())
        theirs = receipt.signed.statement.log
        size = gathering.tree(theirs).size
        at = self._answer_in(gathering, (log, index), theirs, 0, size)
        covering = (
            None
            if at is None
            else gathering.first_statement(
                theirs,
                lambda row: row.signed.statement.size > at and _holds(row.signed, (log, index)),
            )
        )
        if at is None or covering is None:
            raise NotFoundError(f"no answer of {party.hex()} to entry {index}")
        entry = gathering.entry(theirs, at)
        gathering.show(theirs, at, set(entry.fields))
        # What follows the answer up to the statement shows whom its short reference means.
        gathering.show_range(theirs, at, covering.signed.statement.size)
        gathering.claim(bundles.ANSWERED, log, index, party, [*notes, gathering.note(covering)])
        return gathering.encode()

    def lapse(self, log: LogId, index: int, by: PartyId | None = None) -> bytes:
        """Return the proof that an entry was delivered and not answered in its time.

        By the other party's own clock (T1) where that suffices, else by a witness's (T2); a
        cosigned later statement is preferred (T3).

        Raises:
            NotFoundError: not delivered, or the other party's later statement is not held yet.
            ConflictError: answered, withdrawn, or the channel was closed.
            UsageError: the entry starts no clock.
        """
        gathering, party, notes, first = self._delivered(log, index, by, ())
        theirs = first.signed.statement.log
        entry = gathering.entry(log, index)
        late = self._late(gathering, (log, index), entry, first, notes)
        said = late.signed.statement
        start = 0
        before = [
            row
            for row in gathering.statements(theirs)
            if row.signed.statement.no < first.signed.statement.no
        ]
        if before:
            notes.append(gathering.note(before[-1]))
            start = before[-1].signed.statement.size
        at = self._answer_in(gathering, (log, index), theirs, start, said.size)
        if at is not None:
            raise ConflictError(f"it was answered by entry {at} of {theirs.origin}")
        holding = said.holding(log.party)
        assert holding is not None
        self._check_own_side(gathering, (log, index), entry, holding.size)
        gathering.show_range(theirs, start, said.size)
        gathering.show_range(log, index + 1, holding.size)
        notes.append(gathering.note(late))
        gathering.claim(bundles.LAPSED, log, index, party, list(dict.fromkeys(notes)))
        return gathering.encode()

    def _late(
        self,
        gathering: Gathering,
        place: Place,
        entry: Entry,
        first: StatementRow,
        notes: list[str],
    ) -> StatementRow:
        """Return the statement after the time was over, cosigned if there is such a one."""
        s1 = first.signed.statement
        over = _over(entry, s1.time)
        best: StatementRow | None = None
        tried = 0
        for row in gathering.statements(s1.log, s1.no + 1):
            said = row.signed.statement
            if said.time < over or not _speaks_of(row.signed, place):
                continue
            late = self._answer_in(gathering, place, s1.log, s1.size, said.size)
            if best is not None and (late is not None or tried == COSIGNED_TRIED):
                break
            best = best or row
            tried += 1
            if _cosigned_at(row) is not None:
                return row
        if best is not None:
            return best
        return self._late_by_witness(gathering, place, entry, first, notes)

    def _late_by_witness(
        self,
        gathering: Gathering,
        place: Place,
        entry: Entry,
        first: StatementRow,
        notes: list[str],
    ) -> StatementRow:
        """Return a statement that holds a time token after the end, both by witnesses' clocks."""
        s1 = first.signed.statement
        cosigned = [
            (time, row)
            for row in gathering.statements(s1.log, s1.no)
            if _holds(row.signed, place) and (time := _cosigned_at(row)) is not None
        ]
        if cosigned:
            begin, bound = min(cosigned, key=lambda pair: pair[0])
            over = _over(entry, begin)
            for index, token in gathering.entries(place[0], place[1] + 1, limits.COUNT_MAX):
                if token.kind != Kind.TIME_TOKEN or (_token_time(token) or 0) < over:
                    continue
                late = gathering.first_statement(
                    s1.log,
                    lambda row, index=index: _held_size(row.signed, place[0]) > index,  # type: ignore[misc]
                    s1.no + 1,
                )
                if late is not None:
                    notes.append(gathering.note(bound))
                    return late
        raise NotFoundError(
            "the other party signed nothing yet that shows the time to be over",
            next_step="Wait for its next statement, or see the claim `dark`.",
        )

    @staticmethod
    def _answer_in(
        gathering: Gathering, place: Place, theirs: LogId, first: int, end: int
    ) -> int | None:
        """Return where the other party answers within a range of its log, None if nowhere."""
        for index, entry in gathering.entries(theirs, first, end):
            if entry.kind == Kind.CLOSE:
                raise ConflictError(f"the channel was closed by entry {index} of {theirs.origin}")
            refuses = entry.kind == Kind.ACKNOWLEDGE and (
                entry.fields.get(F_RUNG) == _CANNOT_PROCESS
            )
            if not entry.is_attributable or (entry.kind in NEVER_ANSWERS and not refuses):
                continue
            if gathering.refers(theirs, index, entry, place):
                return index
        return None

    @staticmethod
    def _check_own_side(gathering: Gathering, place: Place, entry: Entry, size: int) -> None:
        """Refuse a lapse that its own author took back or took up again."""
        log, index = place
        for at, own in gathering.entries(log, index + 1, size):
            if own.kind == Kind.CLOSE:
                raise ConflictError(f"the channel was closed by entry {at} of {log.origin}")
            if own.kind in _HARMLESS or own.kind == entry.kind or not own.is_attributable:
                continue
            if gathering.refers(log, at, own, place):
                raise ConflictError(f"entry {at} of {log.origin} took it back or up again")

    def conflict(self, channel: ChannelId, party: PartyId) -> bytes:
        """Return the proof that a party's log has two histories, or was signed shorter later.

        Raises:
            NotFoundError: no such evidence is kept of this party.
        """
        for found in stored_conflicts(self._reader):
            if (found.log.channel, found.log.party) != (channel, party):
                continue
            if found.kind not in NAMED:
                continue
            one, two = (self._row(note, found) for note in found.notes)
            if found.kind == STOLEN:
                with suppress(ConflictError):
                    return self.fork(one, two, found.nodes)
            if found.kind == FORK:
                return self.fork(one, two, found.nodes)
            return self.rollback(one, two)
        raise NotFoundError(
            f"no two notes of party {party.hex()} are kept that show a fork or a rollback",
            next_step="`parley log check` names what is kept of each log.",
        )

    def _row(self, note: Note, found: Conflict) -> StatementRow:
        keys = {
            key.number: key.ed
            for card in self._cards.get(found.log.party, ())
            for key in card.station_keys
        }
        return StatementRow(signed=read_note(whole_note(note), keys), received=found.found)

    def fork(self, one: StatementRow, two: StatementRow, nodes: ProofNodes | None = None) -> bytes:
        """Return the proof that one log has two histories, from two statements of it.

        Args:
            one: a statement.
            two: another one of the same log.
            nodes: hashes that show that they do not go together, where the record here does not.

        Raises:
            ConflictError: they agree, or the nodes that would show it are not held.
        """
        a, b = one.signed.statement, two.signed.statement
        if a.log != b.log:
            raise UsageError("two statements of one log are needed")
        gathering = Gathering(self._reader, self._cards, a.channel)
        notes = [gathering.note(one), gathering.note(two)]
        small, large = sorted((a, b), key=lambda said: said.size)
        if small.size == large.size:
            if small.root == large.root:
                raise ConflictError("the two statements agree")
            gathering.claim(bundles.FORK, a.log, small.size, a.party, notes)
            return gathering.without_parts()
        shown = None if nodes is None else proof_tree(small.size, large.size, nodes)
        tree = shown or gathering.tree(a.log)
        if tree.root_at(large.size) != large.root or tree.root_at(small.size) in (None, small.root):
            raise ConflictError(
                "the two statements are of different size, and what is held here does not show "
                "that they contradict each other"
            )
        gathering.claim(bundles.FORK, a.log, small.size, a.party, notes)
        return gathering.cut_part(a.log, [small.size, large.size], tree)

    def rollback(self, one: StatementRow, two: StatementRow) -> bytes:
        """Return the proof that a party signed a shorter log later."""
        a, b = sorted((one.signed.statement, two.signed.statement), key=lambda said: said.no)
        if a.log != b.log or b.size >= a.size or b.time < a.time:
            raise ConflictError("the two statements show no rollback")
        gathering = Gathering(self._reader, self._cards, a.channel)
        notes = [gathering.note(one), gathering.note(two)]
        gathering.claim(bundles.ROLLBACK, a.log, b.size, a.party, notes)
        return gathering.without_parts()


def _holds(signed: SignedStatement, place: Place) -> bool:
    held = signed.statement.holding(place[0].party)
    return held is not None and held.inc == place[0].inc and held.holds(place[1])


def _speaks_of(signed: SignedStatement, place: Place) -> bool:
    return _held_size(signed, place[0]) > 0


def _held_size(signed: SignedStatement, log: LogId) -> int:
    held = signed.statement.holding(log.party)
    return held.size if held is not None and held.inc == log.inc else 0


def _over(entry: Entry, delivered: int) -> int:
    """Return when the time of an entry is over, for a delivery by the same clock.

    Raises:
        UsageError: it starts no clock.
    """
    due = entry.fields.get(F_DUE)
    if type(due) is int and due >= limits.CLOCK_MIN_SECONDS:
        return delivered + due
    if isinstance(due, list) and len(due) == 1 and type(due[0]) is int and due[0] > delivered:
        return due[0]
    raise UsageError("the entry asked for no answer by a time that starts a clock")


def _cosigned_at(row: StatementRow) -> int | None:
    """Return the earliest time that a witness's line gives a statement (C2SP, Ed25519 v1)."""
    times = [time for line in row.lines if (time := _line_time(line)) is not None]
    return min(times, default=None)


def _line_time(line: str) -> int | None:
    parts = line.split(" ")
    if len(parts) != 3 or parts[1].startswith("parley1/"):
        return None
    try:
        packed = base64.b64decode(parts[2], validate=True)
    except (binascii.Error, ValueError):
        return None
    # 4 bytes of key id, 8 of time, 64 of signature.
    time = int.from_bytes(packed[4:12], "big")
    return time if len(packed) == 76 and time else None


def _token_time(entry: Entry) -> int | None:
    """Return the witness's time in a time token of type 3: a whole note with its line."""
    token = entry.fields.get(17)
    if entry.fields.get(16) != 3 or not isinstance(token, str):
        return None
    times = [time for line in token.split("\n") if (time := _line_time(line)) is not None]
    return min(times, default=None)


__all__ = ["Exporter", "Place"]
