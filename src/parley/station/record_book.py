"""The record as the gateway reads it: names of places, statements, proofs and delivery."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from parley.core import merkle
from parley.core.cosignature import shown_name, stored_cosignatures
from parley.core.entry import Entry, decode_entry
from parley.core.ids import Hash, Incarnation, LogId, PartyId
from parley.core.keys import fingerprint_words
from parley.core.statement import Holding, verify_statement
from parley.errors import MalformedError, NotFoundError, ParleyError, StoreError
from parley.station.channel_names import called, named, proposed
from parley.station.channel_state import stored_tree
from parley.station.conflicts import STOLEN, Conflict, stored_conflicts, whole_note
from parley.station.interface import Station
from parley.station.soundness import entry_of, hide_of, leaf_of
from parley.station.summary import ChannelSummary
from parley.station.trust import Trust
from parley.station.views import (
    ConflictView,
    CosignatureView,
    LogCheck,
    LogName,
    LogReceipt,
    LogView,
    PeerDelivery,
    ProofView,
    ReceiptView,
    StatementView,
)
from parley.store.interface import EntryRow, StatementRow

_NAME = re.compile(r"([^/]{1,40})/([^/]{1,40})/(?:([1-9][0-9]{0,5})\.)?(0|[1-9][0-9]{0,15})")


_SEALED_BETWEEN = 16
"""So many sealed statements may stand before the first one that a witness cosigned."""


class RecordBook:
    """Reads what is stored, under the names people use."""

    def __init__(self, station: Station, trust: Trust) -> None:
        self._station = station
        self._trust = trust
        self._ordinals: dict[LogId, int] = {}

    # --- names ---

    def channel(self, name: str) -> ChannelSummary:
        """Return a channel by code, or by its id in hex.

        Raises:
            NotFoundError: there is none.
            ConflictError: two channels share the code; the message names their ids.
        """
        return named(self._station.channels(), name, self._is_with_known)

    def proposal(self, name: str) -> ChannelSummary:
        """Return the channel that is to be accepted: of several with one code, what is proposed.

        Raises:
            NotFoundError, ConflictError: see `channel`.
        """
        return proposed(self._station.channels(), name, self._is_with_known)

    def called(self, channel: ChannelSummary) -> str:
        """Return the name that leads to a channel: its code, or its id where another has that."""
        return called(self._station.channels(), channel, self._is_with_known)

    def _is_with_known(self, channel: ChannelSummary) -> bool:
        others = channel.charter.others(self._station.party)
        return all(self._trust.card_of(party) is not None for party in others)

    def channel_of(self, log: LogId) -> ChannelSummary:
        """Return the channel of a log; NotFoundError if it is not known."""
        for channel in self._station.channels():
            if channel.charter.channel_id == log.channel:
                return channel
        raise NotFoundError(f"there is no channel {log.channel.hex()}")

    def ordinal(self, log: LogId) -> int:
        """Return which incarnation of its party's log this is, from 1."""
        if log not in self._ordinals:
            self._ordinals = {row.log: row.ordinal for row in self._station.reader.logs()}
        return self._ordinals.get(log, 1)

    def name(self, log: LogId, index: int) -> str:
        """Return an entry's name, such as `OPS/ALFA/31`."""
        code = self.called(self.channel_of(log))
        ordinal = self.ordinal(log)
        place = f"{index}" if ordinal == 1 else f"{ordinal}.{index}"
        return f"{code}/{self._trust.code_of(log.party)}/{place}"

    def place(self, name: str) -> tuple[LogId, int]:
        """Return the log and index that an entry name means.

        Raises:
            NotFoundError: no such channel, party or incarnation, or the name has another form.
        """
        match = _NAME.fullmatch(name)
        if match is None:
            raise NotFoundError(
                f"{name!r} is no entry name", next_step="Write CHANNEL/PARTY/INDEX: OPS/ALFA/31."
            )
        channel = self.channel(match[1])
        party = self._trust.party_of(match[2])
        return self.log_of(channel, party, int(match[3] or 1)), int(match[4])

    def log_of(self, channel: ChannelSummary, party: PartyId, ordinal: int | None) -> LogId:
        """Return one incarnation of a party's log; the newest where `ordinal` is None.

        Raises:
            NotFoundError: there is none.
        """
        rows = [
            row
            for row in self._station.reader.logs()
            if row.log.channel == channel.charter.channel_id and row.log.party == party
        ]
        if ordinal is None and rows:
            return max(rows, key=lambda row: row.ordinal).log
        for row in rows:
            if row.ordinal == ordinal:
                return row.log
        code = self._trust.code_of(party)
        raise NotFoundError(f"{code} has no such log on {channel.charter.code}")

    # --- entries ---

    def row(self, log: LogId, index: int) -> EntryRow:
        """Return one stored entry.

        Raises:
            NotFoundError: it is not held here.
        """
        row = self._station.reader.entry(log, index)
        if row is None:
            raise NotFoundError(
                f"{self.name(log, index)} is not held here",
                next_step="It may be under way; `parley log show` tells what is missing.",
            )
        return row

    def decode(self, row: EntryRow) -> Entry:
        """Return the entry of a stored row."""
        others = len(self.channel_of(row.log).charter.parties) - 1
        try:
            return decode_entry(row.raw, others=others)
        except MalformedError as fault:
            raise StoreError(
                f"{self.name(row.log, row.index)} is damaged on our disk: {fault}",
                next_step="It is asked for again from peers; parley doctor shows how it stands.",
            ) from None

    # --- statements ---

    def statements(self, log: LogId, first: int = 0) -> Iterator[StatementRow]:
        """Yield a log's stored statements from a number on."""
        while rows := self._station.reader.statements(log, first, 200):
            yield from rows
            first = rows[-1].signed.statement.no + 1

    def logs_of(self, channel: ChannelSummary, party: PartyId) -> list[LogId]:
        """Return every incarnation of a party's log, oldest first."""
        rows = [
            row
            for row in self._station.reader.logs()
            if row.log.channel == channel.charter.channel_id and row.log.party == party
        ]
        return [row.log for row in sorted(rows, key=lambda row: row.ordinal)]

    def first_holding(
        self, log: LogId, index: int, by: PartyId
    ) -> tuple[StatementRow, Holding] | None:
        """Return the first stored statement of `by` that holds an entry of `log`."""
        for peer_log in self.logs_of(self.channel_of(log), by):
            row = self._first_reaching(peer_log, log, index)
            if row is None:
                continue
            for later in self.statements(peer_log, row.signed.statement.no):
                held = _held(later, log)
                if held is None:
                    break  # from here on it speaks of a log that the author began later
                if held.holds(index):
                    return later, held
        return None

    def _first_reaching(self, peer_log: LogId, log: LogId, index: int) -> StatementRow | None:
        """Find by halving the first statement whose size passes `index`: sizes never go down.

        What speaks of a log that the author began later comes after all of those.
        """
        later = self._begun_after(log)
        last = self._station.reader.last_statement(peer_log)
        if last is None or not (_reaches(last, log, index) or _speaks_of(last, log, later)):
            return None
        low, high, found = 0, last.signed.statement.no, last
        while low < high:
            middle = (low + high) // 2
            rows = self._station.reader.statements(peer_log, middle, 1)
            assert rows
            if _reaches(rows[0], log, index) or _speaks_of(rows[0], log, later):
                found, high = rows[0], middle
            else:
                low = rows[0].signed.statement.no + 1
        return found if _reaches(found, log, index) else None

    def _begun_after(self, log: LogId) -> set[Incarnation]:
        """Return the incarnations that a log's author began after it."""
        logs = self.logs_of(self.channel_of(log), log.party)
        return {one.inc for one in logs[logs.index(log) + 1 :]}

    def covering(self, log: LogId, index: int) -> StatementRow | None:
        """Return the author's newest stored statement that covers an entry."""
        last = self._station.reader.last_statement(log)
        return last if last is not None and last.signed.statement.size > index else None

    def cosigned(self, log: LogId, index: int) -> CosignatureView | None:
        """Return the first cosignature on a statement of the author that covers an entry."""
        if not self.channel_of(log).charter.witnesses:
            return None
        no = self._first_covering(log, index)
        rows = [] if no is None else self._station.reader.cosigned(log, no, _SEALED_BETWEEN)
        rows = [row for row in rows if stored_cosignatures(row.lines)]
        if not rows:
            return None
        name, time = stored_cosignatures(rows[0].lines)[0]
        said = rows[0].signed.statement
        return CosignatureView(
            by=shown_name(name),
            name=name,
            time=time,
            statement_no=said.no,
            size=said.size,
            note=self.note(rows[0])[0],
        )

    def _first_covering(self, log: LogId, index: int) -> int | None:
        """Find by halving the number of the first statement over an entry."""
        last = self.covering(log, index)
        if last is None:
            return None
        low, high = 0, last.signed.statement.no
        while low < high:
            middle = (low + high) // 2
            said = self._station.reader.statements(log, middle, 1)[0].signed.statement
            if said.size > index:
                high = middle
            else:
                low = said.no + 1
        return high

    # --- delivery and proof ---

    def delivery_to(self, log: LogId, index: int, peer: PartyId) -> PeerDelivery:
        """Return whether a peer has receipted an own entry, and when."""
        found = self.first_holding(log, index, peer)
        if found is None:
            newest = [
                row
                for peer_log in self.logs_of(self.channel_of(log), peer)
                if (row := self._station.reader.last_statement(peer_log)) is not None
            ]
            missing = any(_reaches(row, log, index) for row in newest)
            return PeerDelivery(delivered_at=None, delivered_claimed=None, missing=missing)
        row, _ = found
        return PeerDelivery(
            delivered_at=row.received, delivered_claimed=row.signed.statement.time, missing=False
        )

    def proof(self, log: LogId, index: int) -> ProofView:
        """Return why an entry must be believed; every signature in it is checked now."""
        row = self.row(log, index)
        covering = self.covering(log, index)
        statement: StatementView | None = None
        inclusion: Sequence[Hash] = []
        if covering is not None:
            statement = self._statement_view(covering)
            inclusion = self._path(log, index, covering.signed.statement.size)
        receipts: list[ReceiptView] = []
        channel = self.channel_of(log)
        for party in channel.charter.others(log.party):
            found = self.first_holding(log, index, party)
            if found is not None:
                receipts.append(self._receipt_view(found[0], found[1]))
        return ProofView(
            entry=self.name(log, index),
            leaf=row.leaf.hex(),
            index=index,
            log=LogName(
                origin=log.origin,
                channel=self.called(channel),
                party=self._trust.code_of(log.party),
                inc=log.inc.hex(),
                ordinal=self.ordinal(log),
            ),
            statement=statement,
            inclusion=[node.hex() for node in inclusion],
            receipts=receipts,
            cosignature=self.cosigned(log, index),
            words=list(fingerprint_words(row.leaf, "en")),
        )

    def _path(self, log: LogId, index: int, size: int) -> Sequence[Hash]:
        """Return the inclusion path; empty where too little of the log is held."""
        tree = self.tree(log)
        return [] if tree.root_at(size) is None else tree.inclusion_path(index, size)

    def tree(self, log: LogId) -> merkle.Tree:
        """Return the tree of a log; the caller only reads it.

        A running station has it in memory. Else it is made of what is stored, leaf by leaf.
        """
        kept = self._station.tree(log)
        return stored_tree(self._station.reader, log)[0] if kept is None else kept

    def note(self, row: StatementRow) -> tuple[str, bool]:
        """Return a statement as a signed note, and whether its signature verifies now."""
        signed = row.signed
        found = self._trust.keys.key(signed.statement.party, signed.key_number)
        if found is None:
            return signed.statement.text(), False
        key = found[1]
        try:
            verify_statement(signed, key.ed)
        except ParleyError:
            return signed.note(key.ed, row.lines), False
        return signed.note(key.ed, row.lines), True

    def _statement_view(self, row: StatementRow) -> StatementView:
        said = row.signed.statement
        note, verified = self.note(row)
        return StatementView(
            text=said.text(),
            note=note,
            no=said.no,
            time=said.time,
            size=said.size,
            root=said.root.hex(),
            key_number=row.signed.key_number,
            verified=verified,
        )

    def _receipt_view(self, row: StatementRow, held: Holding) -> ReceiptView:
        said = row.signed.statement
        note, verified = self.note(row)
        return ReceiptView(
            by=self._trust.code_of(said.party),
            no=said.no,
            time=said.time,
            received_at=row.received,
            size=held.size,
            note=note,
            verified=verified,
        )

    # --- logs ---

    def newest_statement(self, log: LogId) -> StatementView | None:
        """Return a log's newest statement."""
        row = self._station.reader.last_statement(log)
        return None if row is None else self._statement_view(row)

    def log_view(self, channel: ChannelSummary, party: PartyId) -> LogView | None:
        """Return one party's present log on a channel, None until it opened one."""
        state = channel.logs.get(party)
        if state is None:
            return None
        receipts = []
        for other in channel.charter.others(party):
            log = channel.logs.get(other)
            row = None if log is None else self._station.reader.last_statement(log.log)
            held = None if row is None else _held(row, state.log)
            if row is not None and held is not None:
                receipts.append(
                    LogReceipt(
                        by=self._trust.code_of(other),
                        size=held.size,
                        missing=[list(gap) for gap in held.missing],
                        time=row.signed.statement.time,
                    )
                )
        code = self._trust.code_of(party)
        return LogView(
            name=f"{self.called(channel)}/{code}",
            channel=self.called(channel),
            party=code,
            ordinal=state.ordinal,
            inc=state.log.inc.hex(),
            size=state.size,
            signed_size=state.signed_size,
            missing=[list(gap) for gap in state.missing],
            frozen=state.frozen,
            conflicts=[
                ConflictView(
                    kind=found.kind,
                    log=found.log.origin,
                    what=found.what,
                    found_at=found.found,
                    notes=[whole_note(note) for note in found.notes],
                )
                for found in self.conflicts(channel, party)
            ],
            receipts=receipts,
            last_statement_at=channel.last_statement_time.get(party),
        )

    def conflicts(self, channel: ChannelSummary, party: PartyId) -> list[Conflict]:
        """Return the evidence kept against a party on a channel, in every incarnation."""
        place = (channel.charter.channel_id, party)
        return [
            found
            for found in stored_conflicts(self._station.reader)
            if (found.log.channel, found.log.party) == place
        ]

    def check(self, channel: ChannelSummary, party: PartyId) -> LogCheck:
        """Recompute every leaf and root of a party's logs from their stored bytes."""
        problems = [
            f"{found.kind}: {found.what}; both notes are kept"
            for found in self.conflicts(channel, party)
            if found.kind != STOLEN
        ]
        entries = size = 0
        for log in self.logs_of(channel, party):
            entries_here, size_here = self._check_log(log, problems)
            entries, size = entries + entries_here, size + size_here
        code = self._trust.code_of(party)
        return LogCheck(
            log=f"{channel.charter.code}/{code}",
            entries=entries,
            size=size,
            ok=not problems,
            problems=problems,
        )

    def _check_log(self, log: LogId, problems: list[str]) -> tuple[int, int]:
        hide: bytes | None = None
        others = len(self.channel_of(log).charter.parties) - 1
        tree = merkle.Tree()
        for node in self._station.reader.nodes(log):
            tree.learn(node.level, node.pos, node.hash)
        count, first = 0, 0
        while rows := self._station.reader.entries(log, first, 500):
            for row in rows:
                if row.index == 0:
                    hide = hide_of(entry_of(row, others=others))
                leaf = leaf_of(row, hide=hide, others=others)
                if leaf != row.leaf:
                    problems.append(f"{self.name(log, row.index)}: the leaf does not fit the bytes")
                leaf = leaf or row.leaf
                if row.index == tree.size:
                    tree.append(leaf)
                else:
                    tree.learn(0, row.index, leaf)
                count += 1
            first = rows[-1].index + 1
        tree.absorb()
        last = self._station.reader.last_statement(log)
        if last is None:
            return count, tree.size
        said = last.signed.statement
        root = tree.root_at(said.size)
        if root is None:
            problems.append(f"statement {said.no}: entries are missing below size {said.size}")
        elif root != said.root:
            problems.append(f"statement {said.no}: the entries lead to another root")
        if not self.note(last)[1]:
            problems.append(f"statement {said.no}: its signature does not verify")
        return count, said.size


def _held(row: StatementRow, log: LogId) -> Holding | None:
    held = row.signed.statement.holding(log.party)
    return held if held is not None and held.inc == log.inc else None


def _speaks_of(row: StatementRow, log: LogId, incs: set[Incarnation]) -> bool:
    """Say whether a statement means one of these incarnations of the author of a log."""
    held = row.signed.statement.holding(log.party)
    return held is not None and held.inc in incs


def _reaches(row: StatementRow, log: LogId, index: int) -> bool:
    held = _held(row, log)
    return held is not None and held.size > index
