"""Gathers what a bundle needs from the record: statements, log parts, cards, claims."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress

from parley.core import bundle as bundles
from parley.core.bundle import Bundle, BundleClaim, LeafView, make_part, view_entry
from parley.core.card import Card
from parley.core.charter import Charter, decode_charter
from parley.core.cosignature import stored_cosignatures
from parley.core.entry import F_CASE, F_HIDE, F_REF, Entry, Kind, decode_entry
from parley.core.ids import ChannelId, LogId, PartyId
from parley.core.merkle import Tree
from parley.core.record import F_OPEN_PREVIOUS, ChannelRecord
from parley.core.replica import Replica
from parley.core.seal import is_sealed
from parley.errors import NotFoundError, ProofShapeError, UsageError
from parley.station.channel_state import stored_tree
from parley.station.kept_cards import card_in, with_those_shown
from parley.store.interface import Reader, StatementRow

F_RUNG = 32
"""Field of an acknowledgement that says how far a person went; 10 is `cannot process`."""

_HEADER: dict[int, set[int]] = {
    Kind.OPEN: {16, 17, 18, 19},
    Kind.TURN: {16, 17, 18},
    Kind.ACKNOWLEDGE: {F_RUNG},
    Kind.TIME_TOKEN: {16, 17},
}
_PAGE = 500
Place = tuple[LogId, int]
COSIGNED_TRIED = 1_000
"""How many statements are looked at for one that a witness cosigned."""


class Gathering:
    """One bundle while it is being put together.

    Attributes:
        charter: the channel's.
    """

    def __init__(
        self, reader: Reader, cards: Mapping[PartyId, Sequence[Card]], channel: ChannelId
    ) -> None:
        """Begin an empty bundle about one channel.

        Raises:
            NotFoundError: the channel is not known here.
        """
        charters = (decode_charter(raw) for raw in reader.charters())
        found = next((one for one in charters if one.channel_id == channel), None)
        if found is None:
            raise NotFoundError(f"no channel {channel.hex()}")
        self.charter: Charter = found
        self._reader = reader
        self._cards = with_those_shown(cards, reader, found)
        self._trees: dict[LogId, Tree] = {}
        self._hides: dict[LogId, bytes] = {}
        self._views: dict[LogId, dict[int, LeafView]] = {}
        self._notes: dict[tuple[LogId, int, str], str] = {}
        self._roots: dict[LogId, dict[int, set[bytes]]] = {}
        self._shown_cards: dict[PartyId, dict[int, Card]] = {}
        self._claims: list[BundleClaim] = []
        self._taken: list[StatementRow] = []

    def tree(self, log: LogId) -> Tree:
        """Return the tree of a log as far as it is known here."""
        if log not in self._trees:
            self._trees[log] = stored_tree(self._reader, log)[0]
        return self._trees[log]

    def entries(self, log: LogId, first: int, end: int) -> Iterator[tuple[int, Entry]]:
        """Yield the held entries of a log from `first` to below `end`."""
        at = first
        while at < end and (rows := self._reader.entries(log, at, min(_PAGE, end - at))):
            for row in rows:
                if row.index >= end:
                    return
                yield row.index, decode_entry(row.raw, others=len(self.charter.parties) - 1)
            at = rows[-1].index + 1

    def entry(self, log: LogId, index: int) -> Entry:
        """Return one entry.

        Raises:
            NotFoundError: it is not held.
        """
        for found, entry in self.entries(log, index, index + 1):
            if found == index:
                return entry
        raise NotFoundError(f"entry {index} of {log.origin} is not held here")

    def logs_of(self, party: PartyId) -> list[LogId]:
        """Return the party's logs on this channel, the oldest first."""
        return [
            row.log
            for row in self._reader.logs()
            if row.log.channel == self.charter.channel_id and row.log.party == party
        ]

    def show(self, log: LogId, index: int, opened: Collection[int] | None = None) -> None:
        """Show one entry, with these fields opened; by default what a proof needs of it."""
        entry = self.entry(log, index)
        fields = {F_REF, F_CASE} | _HEADER.get(
            Kind(entry.kind) if entry.kind < 10 else Kind.SAY, set()
        )
        if entry.kind == Kind.CARD:
            fields |= set(entry.fields)
        if opened is not None:
            fields = set(opened) | (fields if index == 0 else set())
        view = view_entry(entry, hide=self._hide(log), index=index, inc=log.inc, opened=fields)
        self._views.setdefault(log, {})[index] = view
        if index:
            self.show_opening(log)

    def show_range(self, log: LogId, first: int, end: int) -> None:
        """Show every held entry of a range that is not shown yet; the rest stays a hash."""
        shown = self._views.get(log, {})
        for index, _ in list(self.entries(log, first, end)):
            if index not in shown:
                self.show(log, index)

    def show_opening(self, log: LogId) -> None:
        """Show entry 0: it binds the log to the whole charter."""
        if 0 not in self._views.get(log, {}):
            self.show(log, 0)

    def _hide(self, log: LogId) -> bytes:
        if log not in self._hides:
            secret = self.entry(log, 0).fields.get(F_HIDE)
            self._hides[log] = secret if isinstance(secret, bytes) else b""
        return self._hides[log]

    def note(self, row: StatementRow) -> str:
        """Take a statement into the bundle and return its note.

        Raises:
            NotFoundError: no card known here has the key that signed it.
        """
        said = row.signed.statement
        known = self._cards.get(said.party, [])
        for card in reversed(known):
            key = card.key(row.signed.key_number)
            if key is not None:
                break
        else:
            raise NotFoundError(
                f"no card known here shows key {row.signed.key_number} of party "
                f"{said.party.hex()}, which signed statement {said.no}; the newest is "
                f"{known[-1].sequence if known else 'none'}",
                next_step="Where the store was lost, older cards were lost with it: a peer that "
                "heard this statement has that card. Let it export the same.",
            )
        note = row.signed.note(key.ed, row.lines)
        self._taken.append(row)
        self._notes[said.log, said.no, note] = note
        shown = {one.sequence: one for one in (card, known[-1])}
        self._shown_cards.setdefault(said.party, {}).update(shown)
        self._roots.setdefault(said.log, {}).setdefault(said.size, set()).add(said.root)
        for held in said.holds:
            other = LogId(said.channel, held.party, held.inc)
            self._roots.setdefault(other, {}).setdefault(held.size, set()).add(held.root)
        return note

    def claim(
        self, what: int, log: LogId, index: int, about: PartyId, notes: Sequence[str]
    ) -> None:
        """Say what the bundle shows."""
        self._claims.append(
            BundleClaim(
                what=what,
                party=self.charter.party_number(log.party),
                index=index,
                inc=log.inc,
                about=self.charter.party_number(about),
                notes=tuple(notes),
            )
        )

    def encode(self) -> bytes:
        """Return the bundle: every log shown, cut at every size that a note names."""
        for row in list(self._taken):
            if self._is_revoked(row):
                self._show_place(row.signed.statement.log, row.signed.key_number)
        for log in list(self._views):
            self._show_cards(log)
        parts = []
        for log, views in self._views.items():
            tree = self.tree(log)
            signed = [
                size
                for size, roots in self._roots.get(log, {}).items()
                if size and tree.root_at(size) in roots
            ]
            size = max(signed, default=0)
            if size <= max(views):
                raise NotFoundError(f"entry {max(views)} of {log.origin} is not signed yet")
            try:
                parts.append(make_part(log, size, tree, views, signed))
            except ProofShapeError:
                parts.append(self._what_can_be_shown(log, size, tree, signed))
        return self._bundle(parts)

    def _what_can_be_shown(
        self, log: LogId, size: int, tree: Tree, signed: Sequence[int]
    ) -> bundles.LogPart:
        """Return the part without what stands beside a lost entry whose own hash is not known.

        After a log was brought back, one hash may be all that is known of a held entry's
        neighbour and of itself: its place in the larger tree can be shown by nobody.
        """
        views = self._views[log]
        for least in sorted((one for one in signed if max(views) < one < size), reverse=True):
            with suppress(ProofShapeError):
                return make_part(log, least, tree, views, [one for one in signed if one <= least])
        lost = list(_beside_lost(tree, stored_tree(self._reader, log)[1], size))
        claims = [one for one in self._claims if one.what != bundles.RECORD]
        places = [one.index for one in claims if one.inc == log.inc]
        if any(a <= at < b for a, b in lost for at in places):
            raise NotFoundError(
                f"the place of an entry of {log.origin} cannot be shown: what stood beside it is "
                "lost, and its hash with it",
                next_step="Export the whole channel: parley log export --channel CODE.",
            )
        shown = {at: view for at, view in views.items() if not any(a <= at < b for a, b in lost)}
        cuts = [one for one in signed if not any(a < one < b for a, b in lost)]
        return make_part(log, size, tree, shown, cuts)

    def cut_part(self, log: LogId, sizes: Sequence[int], tree: Tree) -> bytes:
        """Return the bundle with one part that shows no entry and gives the roots of `sizes`."""
        return self._bundle([make_part(log, max(sizes), tree, {}, sizes)])

    def without_parts(self) -> bytes:
        """Return the bundle of notes alone."""
        return self._bundle([])

    def _bundle(self, parts: Sequence[bundles.LogPart]) -> bytes:
        return Bundle(
            cards=[card for of in self._shown_cards.values() for card in of.values()],
            charters=[self.charter],
            notes=list(self._notes.values()),
            parts=parts,
            claims=self._claims,
        ).encode()

    def _show_cards(self, log: LogId) -> None:
        """Show every change of card below the last entry shown: it may revoke a key."""
        last = max(self._views[log])
        for row in list(self._reader.marked_rows(self.charter.channel_id)):
            if row.log == log and row.kind == Kind.CARD and row.index <= last:
                self.show(log, row.index)

    # --- revoked keys ---

    def _is_revoked(self, row: StatementRow) -> bool:
        cards = self._cards.get(row.signed.statement.party, ())
        keys = (card.key(row.signed.key_number) for card in reversed(cards))
        found = next((key for key in keys if key is not None), None)
        return found is not None and found.revoked is not None

    def _show_place(self, log: LogId, number: int) -> None:
        """Show where a revocation takes effect: what the key had signed below it stays good.

        That is the `card` entry of this log that carries it; else the opening of the next one.
        """
        place = self._revoking_entry(log, number) or self._next_opening(log)
        if place is None:
            return
        where, at = place

        def binds(row: StatementRow) -> bool:
            said = row.signed.statement
            return said.log == where and said.size > at and not self._is_revoked(row)

        anchor = next(filter(binds, self._taken), None) or self.first_statement(where, binds)
        if anchor is not None:
            self.note(anchor)
            self.show(where, at)

    def _revoking_entry(self, log: LogId, number: int) -> Place | None:
        for row in self._reader.marked_rows(self.charter.channel_id):
            if row.log == log and row.kind == Kind.CARD:
                card = card_in(self.entry(log, row.index), log.party)
                key = None if card is None else card.key(number)
                if key is not None and key.revoked is not None:
                    return log, row.index
        return None

    def _next_opening(self, log: LogId) -> Place | None:
        for other in self.logs_of(log.party):
            before = self.entry(other, 0).fields.get(F_OPEN_PREVIOUS) if other != log else None
            if isinstance(before, list) and before[:1] == [log.inc]:
                return other, 0
        return None

    # --- statements ---

    def first_statement(
        self, log: LogId, wanted: Callable[[StatementRow], bool], first_no: int = 0
    ) -> StatementRow | None:
        """Return the first statement of a log, from a number on, that is wanted."""
        return next((row for row in self.statements(log, first_no) if wanted(row)), None)

    def statements(self, log: LogId, first_no: int = 0) -> Iterator[StatementRow]:
        """Yield a log's statements from a number on."""
        while rows := self._reader.statements(log, first_no, _PAGE):
            yield from rows
            first_no = rows[-1].signed.statement.no + 1

    def covering(self, log: LogId, index: int) -> StatementRow:
        """Return the author's first statement over the entry.

        Raises:
            NotFoundError: there is none yet.
        """
        found = self.first_statement(log, lambda row: row.signed.statement.size > index)
        if found is None:
            raise NotFoundError(f"entry {index} of {log.origin} is not signed yet")
        return found

    def cosigned(
        self, log: LogId, wanted: Callable[[StatementRow], bool], first_no: int
    ) -> StatementRow | None:
        """Return the first cosigned statement of a log, from a number on, that is wanted."""
        if not self.charter.witnesses:
            return None
        rows = self._reader.cosigned(log, first_no, COSIGNED_TRIED)
        return next((row for row in rows if stored_cosignatures(row.lines) and wanted(row)), None)

    def sealed(
        self,
        log: LogId,
        wanted: Callable[[StatementRow], bool],
        first_no: int,
        *,
        newest: bool = False,
    ) -> StatementRow | None:
        """Return the first statement, or the newest, from a number on that its author sealed."""
        rows = list(self._reader.cosigned(log, first_no, COSIGNED_TRIED))
        rows = rows[::-1] if newest else rows
        found = (row for row in rows if is_sealed(row.signed.statement, row.lines))
        return next((row for row in found if wanted(row)), None)

    def newest_cosigned(self, log: LogId) -> StatementRow | None:
        """Return a log's newest cosigned statement, if one of the last was cosigned."""
        last = self._reader.last_statement(log)
        if last is None or not self.charter.witnesses:
            return None
        first_no = max(last.signed.statement.no - COSIGNED_TRIED, 0)
        rows = self._reader.cosigned(log, first_no, COSIGNED_TRIED + 1)
        return next((row for row in reversed(rows) if stored_cosignatures(row.lines)), None)

    def refers(self, log: LogId, index: int, entry: Entry, to: tuple[LogId, int]) -> bool:
        """Say whether `ref` or `case` of an entry means the entry at a place."""
        record = ChannelRecord(self.charter, log.party)
        replica: Replica = record.add(log)
        replica.signed = index + 1
        for number in (F_REF, F_CASE):
            ref = entry.ref(number)
            if ref is None or ref.index != to[1] or self.charter.parties[ref.party] != to[0].party:
                continue
            if ref.inc is not None or ref.party == self.charter.party_number(log.party):
                if record.place_of(replica, index, ref) == to:
                    return True
                continue
            for at, turn in self.entries(log, 0, index):
                if turn.kind == Kind.TURN:
                    record.note_turn(replica, at, turn)
            if record.place_of(replica, index, ref) == to:
                return True
        return False

    def party(self, log: LogId, by: PartyId | None) -> PartyId:
        """Return the party of whom something is claimed: the only other one unless named.

        Raises:
            UsageError: it must be named, or is no other party of the channel.
        """
        others = self.charter.others(log.party)
        if by is None and len(others) == 1:
            return others[0]
        if by not in others or by is None:
            raise UsageError("name another party of the channel", next_step="Use --party CODE.")
        return by


def _beside_lost(
    tree: Tree, held: Sequence[tuple[int, int]], size: int
) -> Iterator[tuple[int, int]]:
    """Yield the ranges of a log of which one hash alone is known, below a size.

    Args:
        tree: the log's tree.
        held: the ranges of entries held, ascending.
        size: of the log.
    """
    starts = [*(first for first, _ in held[1:]), size]
    for (_, first), end in zip(held, starts, strict=True):
        at = first
        while at < end and (node := tree.binding(at, size)) is not None:
            at = (node[1] + 1) << node[0]
            yield node[1] << node[0], at
