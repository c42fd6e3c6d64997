"""Which card may take the place of another one of its party."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parley.core.card import check_successor
from parley.errors import ConflictError
from support.renewed_cards import renewed


def test_a_party_keeps_its_code() -> None:
    held = renewed("ALFA").card

    with pytest.raises(ConflictError, match="names itself CHARLIE: a party keeps its code"):
        check_successor(held, replace(held, sequence=3, body=b"another", code="CHARLIE"))


def test_what_was_revoked_stays_revoked() -> None:
    held, later = renewed("ALFA", revoke=True).card, renewed("ALFA", 3).card

    with pytest.raises(ConflictError, match="takes back the revocation of key 0"):
        check_successor(held, later)
    check_successor(held, renewed("ALFA", 3, revoke=True).card)
