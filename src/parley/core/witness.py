"""A witness: keeps the newest statement of every log it is shown, and cosigns what follows from it.

Pure: request bytes and the time in, status and body out. What it knows lies behind `WitnessMemory`,
whose writes are durable when they return, so nothing is cosigned before the newer state is kept.
Sources: C2SP tlog-witness, tlog-cosignature; specification: `witness.md`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from parley.core import limits, merkle, statement
from parley.core.card import Card
from parley.core.cosignature import WitnessKey, cosign
from parley.core.ids import Hash, LogId, PartyId
from parley.core.keys import Signer
from parley.core.statement import SignedStatement, Statement
from parley.errors import MalformedError, ProofShapeError, SignatureError

REQUEST_BYTES_MAX: Final = 131_072
"""A statement of 16 parties with all its gaps and 16 signature lines, and the longest proof."""

PROOF_LINES_MAX: Final = 63
LOGS_PER_PARTY_MAX: Final = 4_096
"""Each incarnation on each channel is one; a party cannot fill the disk of its witness."""

_OLD = re.compile(r"old (0|[1-9][0-9]{0,15})")
_TEXT: Final = "text/plain; charset=utf-8"
_SIZE: Final = "text/x.tlog.size"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The newest statement of one log that the witness cosigned.

    Attributes:
        note: the whole note as it was submitted, for evidence.
    """

    size: int
    root: Hash
    note: str


class WitnessMemory(Protocol):
    """What a witness must never forget."""

    def head(self, log: LogId) -> Head | None:
        """Return the newest state kept of a log."""

    def count(self, party: PartyId) -> int:
        """Return how many logs of a party are kept."""

    def advance(self, log: LogId, head: Head) -> None:
        """Put a newer state in the place of the old one; durable when it returns."""

    def accuse(self, log: LogId, kept: Head, shown: str) -> None:
        """Keep two notes that give one size two roots; durable when it returns."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    body: str
    media_type: str = _TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    old: int
    proof: tuple[Hash, ...]
    note: str
    said: Statement


class _Refused(Exception):  # noqa: N818 - an answer, not an error
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body)
        self.answer = answer


class Witness:
    """One witness. Calls must not overlap: the caller lets one finish before the next begins.

    Attributes:
        key: the name and key that charters give.
    """

    def __init__(
        self,
        key: WitnessKey,
        *,
        signer: Signer,
        cards: Callable[[PartyId], Card | None],
        memory: WitnessMemory,
    ) -> None:
        """Make a witness that takes logs of the parties whose cards `cards` returns."""
        assert signer.public_key == key.key
        self.key = key
        self._signer = signer
        self._cards = cards
        self._memory = memory

    def add_checkpoint(self, raw: bytes, *, now: int) -> Answer:
        """Return the answer to one submission; what it changes is durable before it returns.

        Args:
            raw: the request's body.
            now: the witness's clock, seconds since 1970.
        """
        try:
            return self._judge(_read_request(raw), now)
        except MalformedError as fault:
            return _told(400, str(fault))
        except _Refused as refused:
            return refused.answer

    def _judge(self, asked: _Request, now: int) -> Answer:
        log = asked.said.log
        self._check_signature(asked)
        if now <= 0:
            return _told(503, "this witness's clock is not set")
        kept = self._memory.head(log)
        known = 0 if kept is None else kept.size
        size = asked.said.size
        if kept is not None and size == known and asked.said.root != kept.root:
            self._memory.accuse(log, kept, asked.note)
            return _conflict(known)
        if asked.old > size:
            return _told(400, f"the old size {asked.old} is above the statement's {size}")
        if asked.old != known:
            return _conflict(known)
        if not _follows(kept, asked):
            return _told(422, f"the proof does not lead from size {known} to {size}")
        if kept is None and self._memory.count(log.party) >= LOGS_PER_PARTY_MAX:
            return _told(507, f"this witness keeps at most {LOGS_PER_PARTY_MAX} logs of one party")
        if kept is None or size > known:
            self._memory.advance(log, Head(size=size, root=asked.said.root, note=asked.note))
        line = cosign(asked.said.text(), witness=self.key, signer=self._signer, time=now)
        return Answer(200, f"{line}\n")

    def _check_signature(self, asked: _Request) -> None:
        """Let a statement pass that its author signed with a key that counts at its time."""
        card = self._cards(asked.said.party)
        if card is None:
            raise _Refused(_told(404, "no card of this log's owner is known here"))
        try:
            signed: SignedStatement = statement.read_note(
                asked.note, {key.number: key.ed for key in card.station_keys}
            )
        except SignatureError as fault:
            raise _Refused(_told(403, str(fault))) from None
        key = card.key(signed.key_number)
        time = asked.said.time
        if (
            key is None
            or not key.counts_at(time)
            or key.revoked is not None
            or time > card.not_after
        ):
            raise _Refused(
                _told(403, f"key {signed.key_number} does not count by the card held here")
            )


def _told(status: int, words: str) -> Answer:
    return Answer(status, f"{words}\n")


def _conflict(known: int) -> Answer:
    return Answer(409, f"{known}\n", _SIZE)


def _follows(kept: Head | None, asked: _Request) -> bool:
    """Say whether the statement's log has what was kept as its beginning."""
    if kept is None:
        return not asked.proof
    said = asked.said
    try:
        older, newer = merkle.roots_from_consistency(kept.size, said.size, kept.root, asked.proof)
    except ProofShapeError:
        return False
    return older == kept.root and newer == said.root


def _read_request(raw: bytes) -> _Request:
    """Return what a body asks.

    Raises:
        MalformedError: it has another form, or no statement in it.
    """
    if len(raw) > REQUEST_BYTES_MAX:
        raise _Refused(_told(413, f"a submission has at most {REQUEST_BYTES_MAX} bytes"))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedError("the body is not UTF-8 text") from None
    head, blank, note = text.partition("\n\n")
    if not blank:
        raise MalformedError("no empty line stands between the proof and the statement")
    first, *rest = head.split("\n")
    match = _OLD.fullmatch(first)
    if match is None or int(match[1]) > limits.COUNT_MAX:
        raise MalformedError("the first line is not `old <size>`")
    if len(rest) > PROOF_LINES_MAX:
        raise MalformedError(f"a proof has at most {PROOF_LINES_MAX} lines")
    said = statement.parse_text(statement.split_note(note)[0])
    return _Request(
        old=int(match[1]), proof=tuple(_hash(line) for line in rest), note=note, said=said
    )


def _hash(line: str) -> Hash:
    try:
        raw = base64.b64decode(line, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 32 or base64.b64encode(raw).decode("ascii") != line:
        raise MalformedError("a line of the proof is not 32 bytes of base64")
    return Hash(raw)


def submission(old: int, proof: tuple[Hash, ...], note: str) -> bytes:
    """Return the body that submits a note.

    Args:
        old: the size that the witness knows, 0 for none.
        proof: consistency proof from there to the note's size; empty from 0, or for equal sizes.
        note: the whole signed note.
    """
    lines = [f"old {old}", *(base64.b64encode(one).decode("ascii") for one in proof)]
    return ("\n".join(lines) + "\n\n" + note).encode()
