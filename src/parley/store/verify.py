"""Compute everything stored once more: leaves, roots, statements, signatures, the index.

The simulator judges its worlds by it; `parley log check` recomputes a log in its own way. It
reads and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from parley.core.card import Card
from parley.core.charter import Charter, decode_charter
from parley.core.entry import F_HIDE, decode_entry, leaf_hash
from parley.core.ids import ChannelId, LogId, PartyId
from parley.core.instants import Instant
from parley.core.merkle import EMPTY_ROOT, Tree
from parley.core.record import ChannelRecord
from parley.core.statement import verify_statement
from parley.errors import EvidenceError, MalformedError
from parley.store.interface import EntryRow, IndexRow, Reader, StatementRow, Store

_PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongRow:
    """The first row that does not hold.

    Attributes:
        what: `charter`, `log`, `entry`, `node`, `statement` or `index`.
        log: whose; None for a charter.
        place: index of an entry, number of a statement, or None.
        problem: what was expected and what was found.
    """

    what: str
    log: LogId | None
    place: int | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a check of the whole record found.

    Attributes:
        entries, statements: how many were computed again.
        unsigned: statements whose signature could not be checked: no card of their signer.
        wrong: the first row that does not hold, None when all do.
    """

    entries: int
    statements: int
    unsigned: int
    wrong: WrongRow | None


class _Wrong(Exception):  # noqa: N818 - carries the finding out of the loops
    def __init__(self, what: str, log: LogId | None, place: int | None, problem: str) -> None:
        super().__init__(problem)
        self.row = WrongRow(what=what, log=log, place=place, problem=problem)


def verify_rows(reader: Reader, cards: Sequence[Card] = ()) -> Verified:
    """Compute the whole record again and report the first row that does not hold.

    Args:
        reader: the record.
        cards: our own and those of peers; statements of others stay unchecked as to signature.
    """
    check = _Check(reader, cards)
    wrong: WrongRow | None = None
    try:
        check.run()
    except _Wrong as found:
        wrong = found.row
    return Verified(
        entries=check.entries, statements=check.statements, unsigned=check.unsigned, wrong=wrong
    )


def derived_index(reader: Reader) -> Iterator[IndexRow]:
    """Yield the case index as the logs alone give it, for `Store.rebuild_index`.

    Raises:
        MalformedError: a stored entry is not one; `verify_rows` says which.
    """
    charters = {charter.channel_id: charter for charter in map(decode_charter, reader.charters())}
    records: dict[ChannelId, ChannelRecord] = {}
    for row in reader.logs():
        charter = charters[row.log.channel]
        record = records.setdefault(row.log.channel, ChannelRecord(charter, charter.parties[0]))
        record.add(row.log)
    for record in records.values():
        for log in record.all:
            yield from _index_of(reader, record, log)


def rebuild_index(store: Store) -> tuple[int, int]:
    """Write the whole case index anew from the logs; return how many rows, how many differed.

    Raises:
        StoreError: it cannot be written; the index is as it was.
        MalformedError: a stored entry is not one; `verify_rows` says which.
    """
    wanted = {(row.log, row.index): row for row in derived_index(store)}
    channels = {log.channel: None for log, _ in wanted}
    known = {(row.log, row.index): row for of in channels for row in store.index_rows(of)}
    differed = sum(known.get(place) != row for place, row in wanted.items())
    store.rebuild_index(wanted.values())
    return len(wanted), differed + len(known.keys() - wanted.keys())


def _index_of(reader: Reader, record: ChannelRecord, log: LogId) -> Iterator[IndexRow]:
    replica = record.all[log]
    for row in _entries(reader, log):
        entry = decode_entry(row.raw, others=len(record.charter.parties) - 1)
        replica.signed = row.index + 1
        record.note_turn(replica, row.index, entry)
        case_log, case_index = record.case_of(replica, row.index, entry)
        yield IndexRow(
            log=log,
            index=row.index,
            kind=entry.kind,
            flags=entry.flags,
            time=entry.time,
            case_log=case_log,
            case_index=case_index,
        )


def _entries(reader: Reader, log: LogId) -> Iterator[EntryRow]:
    first = 0
    while page := reader.entries(log, first, _PAGE):
        yield from page
        first = page[-1].index + 1


def _statements(reader: Reader, log: LogId) -> Iterator[StatementRow]:
    first = 0
    while page := reader.statements(log, first, _PAGE):
        yield from page
        first = page[-1].signed.statement.no + 1


class _Check:
    """One pass over the record."""

    def __init__(self, reader: Reader, cards: Sequence[Card]) -> None:
        self._reader = reader
        self._keys = {
            (card.party, key.number): key.ed for card in cards for key in card.station_keys
        }
        self._trees: dict[LogId, Tree] = {}
        self._sizes: dict[LogId, int] = {}
        self.entries = 0
        self.statements = 0
        self.unsigned = 0

    def run(self) -> None:
        charters = self._charters()
        logs = [row.log for row in self._reader.logs()]
        for log in logs:
            charter = charters.get(log.channel)
            if charter is None or log.party not in charter.parties:
                raise _Wrong("log", log, None, "no stored charter names this party and channel")
            self._trees[log] = self._tree(log, charter)
            last = self._reader.last_statement(log)
            # Beyond its newest statement held here a log may have been held by others alone.
            self._sizes[log] = 0 if last is None else last.signed.statement.size
        for log in logs:
            self._check_statements(log)
        self._check_index(logs)

    def _charters(self) -> Mapping[ChannelId, Charter]:
        found: dict[ChannelId, Charter] = {}
        for place, raw in enumerate(self._reader.charters()):
            try:
                charter = decode_charter(raw)
            except MalformedError as problem:
                raise _Wrong("charter", None, place, str(problem)) from None
            found[charter.channel_id] = charter
        return found

    def _tree(self, log: LogId, charter: Charter) -> Tree:
        """Return the log's tree from its entries, each leaf computed again."""
        tree, hide = Tree(), b""
        for row in _entries(self._reader, log):
            try:
                entry = decode_entry(row.raw, others=len(charter.parties) - 1)
            except MalformedError as problem:
                raise _Wrong("entry", log, row.index, str(problem)) from None
            if row.index == 0:
                secret = entry.fields.get(F_HIDE)
                hide = secret if isinstance(secret, bytes) else b""
            leaf = leaf_hash(entry, hide=hide, index=row.index, inc=log.inc, raw=row.raw)
            if leaf != row.leaf:
                raise _Wrong(
                    "entry",
                    log,
                    row.index,
                    f"its bytes give leaf {leaf.hex()}, stored is {row.leaf.hex()}",
                )
            self.entries += 1
            if row.index == tree.size:
                tree.append(leaf)
            else:
                tree.learn(0, row.index, leaf)
        for node in self._reader.nodes(log):
            below = None if node.level == 0 else tree.node(node.level, node.pos)
            if below is not None and below != node.hash:
                raise _Wrong(
                    "node",
                    log,
                    None,
                    f"node ({node.level}, {node.pos}) is {node.hash.hex()}, "
                    f"its entries give {below.hex()}",
                )
            tree.learn(node.level, node.pos, node.hash)
        tree.absorb()
        return tree

    def _check_statements(self, log: LogId) -> None:
        size, time, last = 0, Instant(0), -1
        place = f"{log.channel.hex()}/{log.party.hex()}/{log.inc.hex()}"
        # The signer's own breach, kept with both notes, is no fault of the record.
        is_breach_kept = self._reader.paper("conflicts", f"{place}/breach") is not None
        # Who was shown another history of a third party's log signs to hold that one.
        is_lied_to = self._reader.paper("conflicts", f"{place}/contradiction") is not None
        for row in _statements(self._reader, log):
            said = row.signed.statement
            self._check_root(log, said.no, log, said.size, said.root)
            for held in said.holds:
                other = LogId(log.channel, held.party, held.inc)
                if held.size <= self._sizes.get(other, 0) and not is_lied_to:
                    self._check_root(log, said.no, other, held.size, held.root)
            if said.size < size or (said.time < time and not is_breach_kept):
                raise _Wrong(
                    "statement", log, said.no, f"size or time is below that of number {last}"
                )
            size, time, last = said.size, said.time, said.no
            self._check_signature(log.party, row)
            self.statements += 1
        held_size = self._trees[log].size
        if last >= 0 and held_size > size and not self._reader.nodes(log):
            raise _Wrong(
                "entry", log, size, f"{held_size - size} entries that no stored statement covers"
            )

    def _check_root(self, log: LogId, no: int, of: LogId, size: int, root: bytes) -> None:
        computed = EMPTY_ROOT if size == 0 else self._trees[of].root_at(size)
        if computed is None:
            raise _Wrong(
                "statement", log, no, f"entries or nodes of {of.origin} below {size} are gone"
            )
        if computed != root:
            raise _Wrong(
                "statement",
                log,
                no,
                f"it signs root {root.hex()} for {size} entries of {of.origin}, "
                f"the entries give {computed.hex()}",
            )

    def _check_signature(self, party: PartyId, row: StatementRow) -> None:
        key = self._keys.get((party, row.signed.key_number))
        if key is None:
            self.unsigned += 1
            return
        try:
            verify_statement(row.signed, key)
        except EvidenceError as problem:
            said = row.signed.statement
            raise _Wrong("statement", said.log, said.no, str(problem)) from None

    def _check_index(self, logs: Sequence[LogId]) -> None:
        """Compare the stored index with the one that the logs give."""
        derived = {(row.log, row.index): row for row in derived_index(self._reader)}
        for channel in dict.fromkeys(log.channel for log in logs):
            for row in self._reader.index_rows(channel):
                wanted = derived.pop((row.log, row.index), None)
                if wanted != row:
                    raise _Wrong(
                        "index",
                        row.log,
                        row.index,
                        "it differs from what the log gives; `parley log reindex` rebuilds it",
                    )
        if derived:
            log, index = next(iter(derived))
            raise _Wrong("index", log, index, "it is missing; `parley log reindex` rebuilds it")
