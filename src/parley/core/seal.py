"""Seals: a second signature over a statement that a quantum computer does not forge.

ML-DSA-65 by the twin of a station key, over the same text (specification: statement, signature
lines). Whoever can forge Ed25519 one day cannot change what was sealed before.
"""

from __future__ import annotations

from collections.abc import Iterable

from parley.core import keys
from parley.core.card import Card
from parley.core.cosignature import read_line
from parley.core.link_secrets import Twin
from parley.core.statement import (
    SEAL_CONTEXT,
    SEAL_TYPE,
    Statement,
    key_id,
    key_name,
    seal_line,
)


def make_seal(said: Statement, number: int, twin: Twin) -> str:
    """Return the signature line of a seal by the twin of station key `number`."""
    signature = twin.sign(said.text().encode("utf-8"), context=SEAL_CONTEXT)
    return seal_line(said.party, number, twin.public_key, signature)


def verified_seals(said: Statement, lines: Iterable[str], card: Card | None) -> tuple[str, ...]:
    """Return the seals among the lines of a note; others are passed over.

    Args:
        said: the statement.
        lines: signature lines of its note.
        card: the author's.

    Raises:
        MalformedError: a line has another form.
        SignatureError: a seal of a known key does not verify.
    """
    listed = () if card is None else card.station_keys
    names = {key_name(said.party, key.number): key.pq for key in listed}
    text, found = said.text().encode("utf-8"), []
    for line in lines:
        name, packed = read_line(line)
        key = names.get(name)
        if key is not None and packed[:4] == key_id(name, SEAL_TYPE, key):
            keys.verify_mldsa65(key, packed[4:], text, context=SEAL_CONTEXT)
            found.append(line)
    return tuple(found)


def is_sealed(said: Statement, lines: Iterable[str]) -> bool:
    """Say whether a seal is among stored lines; they were verified before they were stored."""
    own = f"\u2014 parley1/{said.party.hex()}/k"
    return any(line.startswith(own) for line in lines)


__all__ = ["is_sealed", "make_seal", "verified_seals"]
