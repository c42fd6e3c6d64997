"""What the reader vouches for: fingerprints of parties, and witnesses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from parley_verify.bounds import CARD_BYTES_MAX
from parley_verify.card import Card, read_card_file
from parley_verify.charter import COSIGNATURE_ED25519, Witness, read_vkey
from parley_verify.refusal import BadArgumentError, RefusedError
from parley_verify.signatures import Signatures

_FINGERPRINT = re.compile("[0-9a-fA-F]{64}")


@dataclass(slots=True, kw_only=True)
class Trust:
    """The reader's own list.

    Attributes:
        fingerprints: 32 bytes each.
        witnesses: keys given as C2SP verifier keys.
        cards: cards given as files; their fingerprints are in the list too.
    """

    fingerprints: set[bytes] = field(default_factory=set)
    witnesses: list[Witness] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Say whether the reader vouched for no party."""
        return not self.fingerprints

    def has_party(self, fingerprint: bytes) -> bool:
        """Say whether the reader vouched for this party."""
        return fingerprint in self.fingerprints

    def has_witness(self, witness: Witness) -> bool:
        """Say whether the reader vouched for this witness, by its key or by its card."""
        if witness in self.witnesses:
            return True
        keys = {key.ed for card in self.cards for key in card.keys if not key.is_revoked}
        return witness.key_type == COSIGNATURE_ED25519 and witness.key in keys


def read_trust(arguments: Sequence[str], signatures: Signatures) -> Trust:
    """Return the trust list of the command line.

    Each argument is 64 hex digits, a witness's `<name>+<id>+<base64>`, or the name of a file
    that holds a card or such a key.

    Raises:
        BadArgumentError: an argument is none of these, or its file cannot be read.
    """
    trust = Trust()
    for argument in arguments:
        if _FINGERPRINT.fullmatch(argument):
            trust.fingerprints.add(bytes.fromhex(argument))
        elif argument.count("+") >= 2 and not _is_file_name(argument):
            trust.witnesses.append(_vkey(argument, argument))
        else:
            _read_trust_file(argument, trust, signatures)
    return trust


def _is_file_name(argument: str) -> bool:
    try:
        return FilePath(argument).exists()
    except (OSError, ValueError):
        return False


def _vkey(text: str, argument: str) -> Witness:
    try:
        return read_vkey(text)
    except RefusedError as refusal:
        raise BadArgumentError(f"--trust {argument}: {refusal.reason}") from None


def _read_trust_file(argument: str, trust: Trust, signatures: Signatures) -> None:
    try:
        with FilePath(argument).open("rb") as file:
            raw = file.read(2 * CARD_BYTES_MAX)
    except FileNotFoundError:
        raise BadArgumentError(
            f"--trust {argument}: neither 64 hex digits nor a file that exists", code=5
        ) from None
    except OSError as problem:
        raise BadArgumentError(f"--trust {argument}: {problem.strerror}") from None
    except ValueError:
        raise BadArgumentError(f"--trust {argument!r}: no name of a file") from None
    text = raw.decode("ascii", "replace").strip()
    if _FINGERPRINT.fullmatch(text):
        trust.fingerprints.add(bytes.fromhex(text))
        return
    if text.count("+") >= 2 and "\n" not in text and text.isprintable():
        trust.witnesses.append(_vkey(text, argument))
        return
    try:
        card = read_card_file(raw, signatures)
    except RefusedError as refusal:
        raise BadArgumentError(
            f"--trust {argument}: {refusal.reason}; give a card file or its 64 hex digits"
        ) from None
    trust.cards.append(card)
    trust.fingerprints.add(card.fingerprint)
