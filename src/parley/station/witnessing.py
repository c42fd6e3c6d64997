"""Having statements cosigned: what is submitted to which witness, when, and what came back.

Pure. A witness that is away, slow or wrong delays nothing: it is asked again later, and what it
says is believed only as far as its signature over a statement held here goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final

from parley.core import items, witness
from parley.core.cosignature import (
    Cosignature,
    WitnessKey,
    verified_lines,
    witnesses_of,
)
from parley.core.ids import Hash, LogId, PartyId
from parley.core.items import Note
from parley.core.limits import SKEW_SECONDS
from parley.core.merkle import Tree
from parley.core.statement import SignedStatement, Statement
from parley.core.texts import visible
from parley.errors import ProofShapeError
from parley.station.channel_state import ChannelState
from parley.station.effects import Now, Submit
from parley.station.facts import Alarm, Cosigned
from parley.station.ledger import Ledger
from parley.station.link_state import Link
from parley.station.notes import note_of
from parley.store.interface import StatementRow

GROWN_SECONDS: Final = 1.0
"""At most one submission of a growing log in this time: whatever grew meanwhile is in it."""

UNCHANGED_SECONDS: Final = 60.0
"""A heartbeat that says nothing new is submitted no more often than this."""

OTHERS_SECONDS: Final = 120.0
"""How long another party has to submit its own statement before we do it."""

RETRY_SECONDS, RETRY_SECONDS_MAX = 5.0, 300.0
IN_FLIGHT_SECONDS: Final = 60.0
"""A submission that nobody answered is given up after this long."""

_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(slots=True)
class _Standing:
    """How one log stands with one witness.

    Attributes:
        known: the size that the witness is believed to know.
        no, size: the newest statement known to be cosigned; -1 and 0 for none.
        met: when the log was first looked at, steady seconds.
        last: when it was last submitted, steady seconds.
        due: not before this, steady seconds.
        failures: submissions in a row that led to nothing.
        token: of the submission under way, 0 for none.
        tried: the statement under way.
    """

    log: LogId
    witness: WitnessKey
    met: float
    known: int = 0
    no: int = -1
    size: int = 0
    last: float = float("-inf")
    due: float = 0.0
    failures: int = 0
    token: int = 0
    tried: SignedStatement | None = None
    complained: bool = False


class Witnessing:
    """The submissions of one station.

    Attributes:
        told_more: called when a witness knows more of our own log than we do, with its size.
    """

    def __init__(
        self,
        ledger: Ledger,
        links: dict[PartyId, Link],
        *,
        alarm: Callable[[Alarm], None],
        submit: Callable[[Submit], None],
    ) -> None:
        self._ledger = ledger
        self._links = links
        self._alarm = alarm
        self._submit = submit
        self._reachable: frozenset[bytes] = frozenset()
        self._standings: dict[tuple[LogId, WitnessKey], _Standing] = {}
        self._keys: dict[bytes, list[WitnessKey]] = {}
        self._newest: dict[LogId, tuple[int, Note]] = {}
        self._passed: dict[tuple[PartyId, LogId], int] = {}
        self._tokens = 0
        self.told_more: Callable[[ChannelState, int], None] = lambda _state, _size: None

    def is_asked(self, state: ChannelState) -> bool:
        """Say whether a witness that can be reached has still to say what it knows of our log."""
        own = state.record.own
        if own is None or not state.durable_size:
            return False
        for known in self._witnesses(state):
            standing = self._standings.get((own.log, known))
            is_open = standing is None or (standing.no < 0 and not standing.failures)
            if known.key in self._reachable and is_open:
                return True
        return False

    def set_reachable(self, keys: Collection[bytes]) -> None:
        """Take note of the witnesses, by public key, to whom the station has a way."""
        fresh = frozenset(keys)
        for (_, known), standing in self._standings.items():
            if known.key in fresh - self._reachable:
                standing.due, standing.failures = 0.0, 0
        self._reachable = fresh

    # --- submitting ---

    def tick(self, now: Now) -> None:
        """Submit what is due, and pass cosigned statements on."""
        for state, log, known in self._watched():
            standing = self._standing(log, known, now)
            if now.steady >= self._due(state, standing, now):
                self._send(state, standing, now)
        self.pass_on()

    def wake_at(self, now: Now) -> float:
        """Return when `tick` is wanted next."""
        due = float("inf")
        for state, log, known in self._watched():
            standing = self._standing(log, known, now)
            due = min(due, self._due(state, standing, now))
        return max(due, now.steady)

    def _watched(self) -> Iterator[tuple[ChannelState, LogId, WitnessKey]]:
        """Yield every present log of a channel with each witness that can be reached."""
        if not self._reachable:
            return
        for state in self._ledger.channels.values():
            if not state.opened or not state.record.charter.witnesses:
                continue
            for known in self._witnesses(state):
                if known.key in self._reachable:
                    for replica in state.record.logs.values():
                        if not replica.frozen:
                            yield state, replica.log, known

    def _witnesses(self, state: ChannelState) -> list[WitnessKey]:
        channel = state.record.channel
        if channel not in self._keys:
            self._keys[channel] = witnesses_of(state.record.charter)
        return self._keys[channel]

    def _standing(self, log: LogId, known: WitnessKey, now: Now) -> _Standing:
        found = self._standings.get((log, known))
        if found is None:
            found = _Standing(log=log, witness=known, met=now.steady)
            self._standings[log, known] = found
        return found

    def _due(self, state: ChannelState, standing: _Standing, now: Now) -> float:
        """Return when the newest statement of a log is to be submitted, in steady seconds."""
        log = standing.log
        if standing.token:
            return standing.last + IN_FLIGHT_SECONDS
        if log.party == state.record.me:
            newest = state.newest
            if state.durable_no <= standing.no or newest is None:
                return float("inf")
            if standing.no < 0:
                return standing.due
            grown = state.durable_size > standing.size
            wait = GROWN_SECONDS if grown else UNCHANGED_SECONDS
            return max(standing.due, standing.last + wait)
        said = state.said.get(log.party)
        if said is None or said.inc != log.inc or said.no <= standing.no:
            return float("inf")
        if said.time > now.wall + SKEW_SECONDS:
            return standing.due
        return max(standing.due, max(standing.last, standing.met) + OTHERS_SECONDS)

    def _send(self, state: ChannelState, standing: _Standing, now: Now) -> None:
        log = standing.log
        if standing.token:
            self._failed(standing, now)
            return
        signed = self._newest_of(state, log)
        note = None if signed is None else note_of(self._ledger.keys, signed)
        tree = state.record.all[log].tree
        proof = None if signed is None else _proof(tree, standing.known, signed.statement)
        if signed is None or note is None or proof is None:
            self._failed(standing, now)
            return
        self._tokens += 1
        standing.token, standing.tried, standing.last = self._tokens, signed, now.steady
        whole = "\n".join([note.text, *note.lines]) + "\n"
        body = witness.submission(standing.known, proof, whole)
        self._submit(Submit(token=self._tokens, key=standing.witness.key, body=body))

    def _newest_of(self, state: ChannelState, log: LogId) -> SignedStatement | None:
        if log.party == state.record.me:
            return state.durable_statement(self._ledger.reader)
        row = self._ledger.reader.last_statement(log)
        return None if row is None else row.signed

    # --- what came back ---

    def answered(self, token: int, status: int, body: str, now: Now) -> None:
        """Take a witness's answer; status 0 says that there was none."""
        found = [one for one in self._standings.values() if one.token == token and one.tried]
        if not found:
            return
        standing, signed = found[0], found[0].tried
        assert signed is not None
        standing.token, standing.tried = 0, None
        if status == 200:
            self._cosigned(standing, signed, body, now)
        elif status == 409:
            self._conflict(standing, signed, body.strip(), now)
        else:
            self._failed(standing, now)
            if status and standing.log.party == self._ledger.me:
                self._complain(standing, f"refused our statement ({status}): {body}", "refused")

    def _cosigned(self, standing: _Standing, signed: SignedStatement, body: str, now: Now) -> None:
        said = signed.statement
        found = verified_lines(body.split("\n"), said.text(), [standing.witness])
        if not found:
            self._failed(standing, now)
            self._complain(standing, "sent a cosignature that does not verify", "witness")
            return
        standing.known = max(standing.known, said.size)
        standing.failures, standing.due, standing.complained = 0, 0.0, False
        self.learned(signed, found, now)

    def _conflict(self, standing: _Standing, signed: SignedStatement, body: str, now: Now) -> None:
        """The witness knows another size than we believed: try again from there, once at once."""
        size = int(body) if _SIZE.fullmatch(body) else -1
        ours = signed.statement.size
        if 0 <= size <= ours and size != standing.known and not standing.failures:
            standing.known, standing.failures = size, 1
            standing.due, standing.last = now.steady, float("-inf")
            return
        self._failed(standing, now)
        if size == standing.known:
            what = f"holds another history of this log at size {size}"
            self._complain(standing, what, "witness")
        elif size > ours:
            what = f"knows {size} entries of this log, and we hold a statement over {ours}"
            self._complain(standing, what, "witness")
            if standing.log.party == self._ledger.me:
                self.told_more(self._ledger.channels[standing.log.channel], size)
        elif size >= 0:
            standing.known = size
        else:
            self._complain(standing, "answered 409 without a size", "refused")

    def _failed(self, standing: _Standing, now: Now) -> None:
        standing.token, standing.tried = 0, None
        wait = min(RETRY_SECONDS * 2.0 ** min(standing.failures, 16), RETRY_SECONDS_MAX)
        standing.failures += 1
        standing.due = now.steady + wait

    def _complain(self, standing: _Standing, what: str, kind: str) -> None:
        """Raise an alarm, once until the witness cosigns again."""
        if standing.complained:
            return
        standing.complained = True
        log = standing.log
        self._alarm(
            Alarm(
                kind=kind,
                peer=None if log.party == self._ledger.me else log.party,
                channel=log.channel,
                text=visible(f"witness {standing.witness.shown} {what.strip()[:300]}"),
            )
        )

    # --- what is known to be cosigned ---

    def learned(self, signed: SignedStatement, found: Collection[Cosignature], now: Now) -> None:
        """Keep verified cosignatures beside their statement, and pass them on."""
        said = signed.statement
        lines = tuple(one.line for one in found)
        row = StatementRow(signed=signed, received=now.wall, lines=lines)
        self._ledger.batch.statements.append(row)
        for one in found:
            standing = self._standing(said.log, one.witness, now)
            if said.no > standing.no:
                standing.no, standing.size = said.no, said.size
            self._ledger.tell(
                Cosigned(log=said.log, no=said.no, witness=one.witness.name, time=one.time)
            )
        note = note_of(self._ledger.keys, signed)
        kept = self._newest.get(said.log)
        if note is not None and (kept is None or kept[0] < said.no):
            whole = Note(text=note.text, lines=(*note.lines, *lines))
            self._newest[said.log] = (said.no, whole)

    def cosignatures(self, state: ChannelState, item: Note) -> list[Cosignature]:
        """Return what the charter's witnesses verifiably said of a whole note."""
        return verified_lines(item.lines, item.text, self._witnesses(state))

    def heard(self, peer: PartyId, said: Statement) -> None:
        """Take note that a peer showed us a cosigned statement: it need not be shown it."""
        known = self._passed.get((peer, said.log), -1)
        self._passed[peer, said.log] = max(known, said.no)

    def pass_on(self) -> None:
        """Hand each peer the newest cosigned statement of each log, once it holds the entries."""
        # This runs after everything that happens: what a link is, is asked once and not per log.
        links = [(link, link.party, can_take(link)) for link in self._links.values()]
        for log, (no, note) in self._newest.items():
            state = self._ledger.channels[log.channel]
            for link, party, is_able in links:
                if not is_able or party not in state.record.others:
                    self._passed.pop((party, log), None)
                    continue
                if self._passed.get((party, log), -1) < no and holds_it(state, link, note, log):
                    self._passed[party, log] = no
                    link.control.append(items.encode_item(note))


def _proof(tree: Tree, known: int, said: Statement) -> tuple[Hash, ...] | None:
    """Return the consistency proof that a submission needs; None where too little is held."""
    if known in (0, said.size):
        return ()
    try:
        return tuple(tree.consistency_path(known, said.size))
    except ProofShapeError:
        return None


def can_take(link: Link) -> bool:
    """Say whether cosignatures are worth their bytes on the way to a peer."""
    path = link.best_path()
    return link.trusted and path is not None and not path.traits.narrow


def holds_it(state: ChannelState, link: Link, note: Note, log: LogId) -> bool:
    """Say whether a peer has what it needs to rebuild the statement in a note."""
    if log.party == link.party:
        return True
    said = state.said.get(link.party)
    held = None if said is None else said.holding(log.party)
    size = int(note.text.split("\n", 2)[1])
    return held is not None and held.inc == log.inc and held.size >= size
