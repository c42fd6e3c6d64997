"""A new TLS certificate on a new card: the pin changes, and nothing that people compared."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from parley.carriers.address import parse_address
from parley.core.card import check_successor
from parley.errors import KeyLockedError
from parley.station.certificate_renewal import renew_certificate
from parley.station.identity import certificate_of, create_station, identity_of, read_own_card
from parley.station.keystore import read_root_keys, read_station_keys

SECRET, BORN, YEAR = b"a long passphrase", 1_800_000_000, 31_536_000


@pytest.fixture
def alfa(tmp_path: Path) -> Path:
    create_station(
        tmp_path / "alfa", code="ALFA", name="Alfa", passphrase=SECRET, now=BORN,
        random=os.urandom, kdf_kib=1024, listen=["127.0.0.1:7001", "alfa.example:7002"],
    )  # fmt: skip
    return tmp_path / "alfa"


def renew(folder: Path, **more):
    root = read_root_keys(folder / "keys/root.key", passphrase=SECRET)
    return renew_certificate(
        folder, folder / "keys/station.key", passphrase=SECRET, now=BORN + 5 * YEAR,
        random=os.urandom, kdf_kib=1024, **({"root": root} | more),
    )  # fmt: skip


def test_addresses_name_the_new_pin_and_keys_and_words_stay(alfa):
    before = read_own_card(alfa)
    old = read_station_keys(alfa / "keys/station.key", passphrase=SECRET)

    card = renew(alfa)

    keys = read_station_keys(alfa / "keys/station.key", passphrase=SECRET)
    pin = certificate_of(keys).pin
    assert pin != certificate_of(old).pin
    assert len(card.paths) == 2
    assert {parse_address(path).pin for path in card.paths} == {pin}
    assert {parse_address(path).pin for path in before.paths} == {certificate_of(old).pin}
    assert (card.station_keys, card.words("zh")) == (before.station_keys, before.words("zh"))
    assert replace(keys, tls_cert=b"", tls_key=b"") == replace(old, tls_cert=b"", tls_key=b"")
    check_successor(before, card)
    identity = identity_of(read_own_card(alfa), keys)
    assert identity.card == card
    # What makes seals is the post-quantum half that the card names for the key in use.
    assert identity.twin is not None
    assert identity.twin.public_key == card.key(identity.key_number).pq


def test_what_was_cut_short_between_key_file_and_card_is_mended_by_the_same_command(alfa):
    before = (alfa / "own.card").read_bytes()
    renew(alfa)
    (alfa / "own.card").write_bytes(before)

    card = renew(alfa)

    keys = read_station_keys(alfa / "keys/station.key", passphrase=SECRET)
    assert {parse_address(path).pin for path in card.paths} == {certificate_of(keys).pin}


def test_root_keys_of_another_party_change_nothing(alfa):
    before = (alfa / "keys/station.key").read_bytes()
    other = replace(read_root_keys(alfa / "keys/root.key", passphrase=SECRET), ed=bytes(32))

    with pytest.raises(KeyLockedError, match="not those of this station"):
        renew(alfa, root=other)
    assert (alfa / "keys/station.key").read_bytes() == before
