"""Every error Parley raises on purpose, grouped by who can put it right.

ParleyError
├── UsageError       our own caller asked for something the rules forbid
│   ├── NotFoundError, NotAllowedError, ConflictError, PeerNotTrustedError, HeldError ...
├── PeerError        the other station broke the protocol; the item is refused, the bytes kept
├── CarrierError     the path failed; the same bytes may be sent again
├── StoreError       our disk or database failed; nothing was confirmed
└── EvidenceError    the mathematics disagrees; never retried, always preserved

Each error may carry `next_step`, a sentence that says what the reader can do.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


class ParleyError(Exception):
    """Root of all errors raised on purpose.

    Attributes:
        code: stable name for programs (`snake_case`).
        exit_code: what the command line ends with (see `parley help exit-codes`).
        next_step: what the person can do now; empty when there is nothing.
        became: what became of the work, where that is not plain; empty otherwise.
        said: the message in other languages, by code, where whoever raised it knew them.
    """

    code = "failed"
    exit_code = 1
    became = ""
    said: Mapping[str, str] = MappingProxyType({})

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message)
        self.next_step = next_step

    @property
    def facts(self) -> dict[str, object]:
        """Return what the error knows besides its text, for programs; bytes as lower hex."""
        return {
            name: value.hex() if isinstance(value, bytes) else value
            for name, value in vars(self).items()
            if name not in ("next_step", "became", "said", "told") and not name.startswith("_")
        }


class UsageError(ParleyError):
    """Our own caller asked for something that makes no sense or is forbidden."""

    code = "usage"
    exit_code = 2


class NotFoundError(UsageError):
    """The thing named does not exist here."""

    code = "not_found"
    exit_code = 5


class NotAllowedError(UsageError):
    """Role, policy or procedure does not permit it; nothing changed."""

    code = "not_allowed"
    exit_code = 4


class MoveNotPermittedError(NotAllowedError):
    """A procedure does not permit this move now.

    Attributes:
        permitted: names of the moves that would have been permitted.
    """

    code = "move_not_permitted"

    def __init__(
        self,
        message: str,
        *,
        permitted: tuple[str, ...] = (),
        said: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        then = f"Permitted now: {', '.join(permitted)}." if permitted else "No move is open."
        super().__init__(message, next_step=then)
        self.said = said
        self.permitted = permitted


class OwnDraftError(NotAllowedError):
    """Nobody releases a draft that they wrote or edited; nothing was sent."""

    code = "own_draft"


class NotSignedInError(NotAllowedError):
    """The caller did not say who they are, or the session or token is no longer good."""

    code = "not_signed_in"


class InvalidFieldsError(UsageError):
    """Fields of a move are missing, unknown or out of bounds.

    Attributes:
        problems: one (field, sentence) each.
        told: the sentences in every language, in the same order; empty where only English is known.
    """

    code = "invalid"

    def __init__(
        self, problems: tuple[tuple[str, str], ...], *, told: tuple[Mapping[str, str], ...] = ()
    ) -> None:
        super().__init__("; ".join(f"{field}: {problem}" for field, problem in problems))
        self.problems = problems
        self.told = told


class FieldFaultError(UsageError):
    """One field of a move does not fit its type; the desk tells it in words.

    Attributes:
        field: dotted name of the field.
        fault: stable name of what is wrong.
        details: what the sentence needs: found, wanted, limits.
    """

    code = "invalid"

    def __init__(self, field: str, fault: str, details: Mapping[str, object]) -> None:
        super().__init__(f"{field}: {fault}")
        self.field = field
        self.fault = fault
        self.details = details


class ConflictError(UsageError):
    """Something changed meanwhile, or the state does not permit it."""

    code = "conflict"
    exit_code = 6


class StaleVersionError(ConflictError):
    """What is to be changed was changed by somebody else meanwhile.

    Attributes:
        version: the version that stands now.
    """

    code = "stale_version"

    def __init__(self, message: str, *, version: int) -> None:
        super().__init__(message, next_step="Read it again, look at what changed, then decide.")
        self.version = version


class DraftOfAnotherError(ConflictError):
    """A draft is written by another officer; two do not write one text at once.

    Attributes:
        writer: who writes it.
    """

    code = "draft_of_another"

    def __init__(self, message: str, *, writer: str) -> None:
        super().__init__(message, next_step="Take it over with a reason, or ask them.")
        self.writer = writer


class DraftChangedError(ConflictError):
    """The text to be released is not the one that was looked at; nothing was sent."""

    code = "draft_changed"


class IdempotencyError(ConflictError):
    """The same key came with another content, or its first call is still running."""

    code = "idempotency_mismatch"


class ChannelNotOpenError(ConflictError):
    """The channel is not open here, so nothing can be written on it."""

    code = "channel_not_open"


class HeldError(UsageError):
    """Stored as a draft; it waits for a releaser.

    Attributes:
        draft: its number.
    """

    code = "held"
    exit_code = 13

    def __init__(self, message: str, *, draft: str, next_step: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.draft = draft


class PeerNotTrustedError(UsageError):
    """The peer's key was not compared, or it changed; nothing was sent."""

    code = "peer_not_trusted"
    exit_code = 8


class PeerKeyChangedError(PeerNotTrustedError):
    """The peer shows another key than the one that was compared; nothing was sent.

    Attributes:
        peer: the peer's code.
    """

    code = "peer_key_changed"

    def __init__(self, message: str, *, peer: str, next_step: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.peer = peer


class StationUnreachableError(UsageError):
    """The station is not running or its socket does not answer."""

    code = "station_unreachable"
    exit_code = 9


class TooManyError(UsageError):
    """Somebody asks more often than is answered; nothing was done.

    Attributes:
        wait_s: after how many seconds to ask again, at least 1.
    """

    code = "too_many"
    exit_code = 9

    def __init__(self, message: str, *, wait_s: int, next_step: str = "") -> None:
        super().__init__(message, next_step=next_step or f"Try again in {wait_s} s.")
        self.wait_s = wait_s


class BehindError(UsageError):
    """The record has not the place yet that a caller wants an answer to reflect.

    Attributes:
        sequence: the newest place of the record.
    """

    code = "behind"
    exit_code = 9

    def __init__(self, sequence: int, wanted: int) -> None:
        super().__init__(
            f"the record reaches {sequence}, and an answer was asked for that reflects {wanted}",
            next_step="Ask again in some seconds; if it stays so, the station was restored from"
            " an older copy, or the number comes from another station.",
        )
        self.sequence = sequence


class NoStationError(UsageError):
    """There is no station at the place named."""

    code = "no_station"
    exit_code = 10


class LockedError(UsageError):
    """Another process holds the station's directory."""

    code = "locked"
    exit_code = 11


class KeyLockedError(UsageError):
    """A key is locked or the passphrase is wrong."""

    code = "key_locked"
    exit_code = 12


class TokenAwayError(KeyLockedError):
    """The PKCS#11 token with the station's key cannot be used.

    Attributes:
        module: path of the token maker's library.
        label: the token's label.
    """

    code = "token_away"

    def __init__(self, *, module: str, label: str, why: str) -> None:
        super().__init__(
            f"token {label!r} cannot be used by {module}: {why}",
            next_step="Put the token in, or see parley doctor; the key is nowhere else.",
        )
        self.module = module
        self.label = label


class PeerError(ParleyError):
    """The other station broke the protocol."""

    code = "peer_broke_protocol"


class MalformedError(PeerError):
    """Bytes do not follow the form that the specification gives them.

    Attributes:
        offset: byte at which the fault was seen, or None when it has no single place.
    """

    code = "malformed"

    def __init__(self, message: str, *, offset: int | None = None) -> None:
        where = f" at byte {offset}" if offset is not None else ""
        super().__init__(message + where)
        self.offset = offset


class LaterProtocolError(MalformedError):
    """The peer uses what only a later protocol knows and what must not be skipped."""


class TooLargeError(MalformedError):
    """The peer sends something larger than any station takes."""


class FrameLengthError(PeerError):
    """A stream announces a frame that cannot be.

    Attributes:
        frame_bytes: the length announced.
        salvaged: whole frames that stood before it.
    """

    code = "frame_length"

    def __init__(self, frame_bytes: int, frame_bytes_max: int, *, salvaged: list[bytes]) -> None:
        super().__init__(
            f"the peer announced a frame of {frame_bytes} bytes; "
            f"a frame on this path has 1 to {frame_bytes_max}"
        )
        self.frame_bytes = frame_bytes
        self.salvaged = salvaged


class CarrierError(ParleyError):
    """The path failed; the same bytes may be sent again."""

    code = "path_failed"


class PathClosedError(CarrierError):
    """The path is closed; what was not taken yet may be sent on another one.

    Attributes:
        reason: why it closed, as its `closed_reason` says.
    """

    code = "path_closed"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the path is closed: {reason}")
        self.reason = reason


class PinMismatchError(CarrierError):
    """The machine that answered shows another certificate than the address names.

    Attributes:
        address: the address dialled.
        expected: 32-byte SHA-256 the address names.
        found: 32-byte SHA-256 of the certificate shown.
    """

    code = "pin_mismatch"
    exit_code = 8

    def __init__(self, *, address: str, expected: bytes, found: bytes) -> None:
        super().__init__(
            f"certificate of {address} is not the pinned one: "
            f"expected {expected.hex()}, found {found.hex()}; nothing was sent",
            next_step=(
                "Ask the peer, over a way you already trust, for the pin of its certificate. "
                "If it is the one found, put it into the address; if not, somebody stands between."
            ),
        )
        self.address = address
        self.expected = expected
        self.found = found


class StoreError(ParleyError):
    """Our disk or database failed; nothing was confirmed."""

    code = "store_failed"
    reopens = True


class StorageFullError(StoreError):
    """No room is left; the transaction was rolled back whole."""

    code = "storage_full"
    reopens = False


class StoredOtherwiseError(StoreError):
    """Something else is stored at this place already: a second history is never stored."""

    code = "stored_otherwise"


class EvidenceError(ParleyError):
    """The mathematics disagrees; never retried, always preserved."""

    code = "does_not_hold"
    exit_code = 7


class ProofShapeError(EvidenceError):
    """A proof has too many or too few hashes for the place it speaks of."""


class SignatureError(EvidenceError):
    """A signature does not verify under the key it names."""


class RootMismatchError(EvidenceError):
    """A proof or a run of entries leads to a root that nobody signed.

    Attributes:
        tree_size: leaves in the tree in question.
        expected: 32-byte root from the signed statement.
        computed: 32-byte root the leaves lead to.
    """

    def __init__(self, *, tree_size: int, expected: bytes, computed: bytes) -> None:
        super().__init__(
            f"root mismatch at tree size {tree_size}: "
            f"statement says {expected.hex()}, leaves give {computed.hex()}"
        )
        self.tree_size = tree_size
        self.expected = expected
        self.computed = computed
