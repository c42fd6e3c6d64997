"""A card holds eight station keys; a stolen one can be revoked however many there are."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from parley.core.card import check_successor
from parley.errors import ConflictError
from parley.station import key_rotation
from parley.station.identity import create_station, identity_of, read_own_card
from parley.station.key_rotation import OVERLAP_DAYS, rotate
from parley.station.keystore import read_root_keys, read_station_keys

SECRET, BORN, DAY = b"a long passphrase", 1_800_000_000, 86_400
LATER = (OVERLAP_DAYS + 1) * DAY


@pytest.fixture
def folder(tmp_path):
    create_station(
        tmp_path / "alfa", code="ALFA", name="Alfa", passphrase=SECRET, now=BORN,
        random=os.urandom, kdf_kib=1024,
    )  # fmt: skip
    return tmp_path / "alfa"


def turned(folder, now, *, revoke=False):
    """Rotate, and check what holds of every rotation."""
    before = read_own_card(folder)
    made = rotate(
        folder, folder / "keys/station.key", passphrase=SECRET, now=now, revoke=revoke,
        root=read_root_keys(folder / "keys/root.key", passphrase=SECRET),
        random=os.urandom, kdf_kib=1024,
    )  # fmt: skip
    check_successor(before, made.card)
    held = read_station_keys(folder / "keys/station.key", passphrase=SECRET)
    assert identity_of(made.card, held).key_number == made.number
    if revoke:
        assert made.card.key(made.before).revoked == now
    return made.card


def numbers(card):
    return [key.number for key in card.station_keys]


def test_the_key_that_ended_longest_ago_makes_room_for_a_revocation_and_for_a_rotation(folder):
    for turn in range(1, 8):
        card = turned(folder, BORN + turn * LATER)
    assert numbers(card) == list(range(8))

    card = turned(folder, BORN + 8 * LATER, revoke=True)
    assert numbers(card) == list(range(1, 9))
    card = turned(folder, BORN + 9 * LATER)
    assert numbers(card) == list(range(2, 10))


def test_with_seven_keys_that_count_yet_a_rotation_waits_and_a_revocation_does_not(folder):
    for turn in range(1, 8):
        turned(folder, BORN + turn)
    with pytest.raises(ConflictError, match="keys that count yet or were revoked") as refused:
        turned(folder, BORN + 8)
    assert "parley keys rotate --revoke" in refused.value.next_step

    assert numbers(turned(folder, BORN + 9, revoke=True)) == list(range(1, 9))


def test_where_all_were_revoked_the_oldest_of_them_makes_room_for_a_revocation_only(folder):
    for turn in range(1, 8):
        turned(folder, BORN + turn * DAY, revoke=True)
    with pytest.raises(ConflictError, match="has room for no more"):
        turned(folder, BORN + 8 * DAY)

    card = turned(folder, BORN + 9 * DAY, revoke=True)
    assert numbers(card) == list(range(1, 9))
    assert [key.number for key in card.station_keys if key.revoked is None] == [8]


def test_a_revoked_key_is_dropped_after_every_one_that_was_not(folder):
    turned(folder, BORN + DAY, revoke=True)
    for turn in range(1, 7):
        turned(folder, BORN + turn * LATER)
    card = turned(folder, BORN + 7 * LATER, revoke=True)
    assert numbers(card) == [0, 2, 3, 4, 5, 6, 7, 8]


def test_numbers_that_are_used_up_are_not_said_to_be_a_matter_of_waiting(folder):
    card = read_own_card(folder)
    last = replace(card, station_keys=(replace(card.station_keys[0], number=255),))
    with pytest.raises(ConflictError, match="256 numbers") as refused:
        key_rotation._listed(last, 255, BORN, revoke=True)
    assert "new root" in refused.value.next_step
