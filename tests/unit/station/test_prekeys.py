"""Prekeys on disk: made weekly, erased a week later, gone for whoever takes the disk."""

import json
import random as randoms
import shutil

import pytest

from parley.core import keying
from parley.core.hpke import HpkeOpener, HpkeSealer
from parley.core.keys import Ed25519Signer
from parley.errors import KeyLockedError
from parley.sim.people import make_identity
from parley.station import keystore
from parley.station.identity import create_station, identity_of, read_own_card
from parley.station.prekeys import PREKEYS_NAME, PrekeyBook, keep_prekeys, last_number

DAY = 86_400
START = 1_800_000_000
SECRET = bytes(range(32))
CARD = make_identity("ALFA").card


def book(path, *, secret=SECRET, seed=1):
    return PrekeyBook(path, secret=secret, card=CARD, random=randoms.Random(seed).randbytes)


def test_one_a_week_and_the_one_before_opens_for_a_week_more(tmp_path):
    kept = book(tmp_path / "prekeys")
    held = []
    for day in range(30):
        now = START + day * DAY
        if kept.is_due(now):
            kept.renew(now)
        held.append(sorted(kept.seeds))

    assert held[0] == [2]  # number 1 is on the card
    assert held[6] == [2]
    assert held[7] == held[13] == [2, 3]
    assert held[14] == [3, 4]
    assert held[29] == [5, 6]


def test_what_is_kept_is_on_disk_before_it_is_told_and_numbers_are_never_given_twice(tmp_path):
    path = tmp_path / "prekeys"
    kept = book(path)
    kept.renew(START)
    signer = Ed25519Signer(SECRET)
    told = kept.public(signer)

    again = book(path, seed=2)

    assert again.seeds == kept.seeds
    assert again.public(signer) == told
    assert last_number(path, SECRET) == 2
    again.renew(START + 60 * DAY)
    assert sorted(again.seeds) == [2, 3]  # told late that it is over, it has a week from now


def test_a_clock_set_back_makes_a_new_one_and_erases_nothing(tmp_path):
    kept = book(tmp_path / "prekeys")
    kept.renew(START)

    assert kept.is_due(START - 10 * DAY)
    kept.renew(START - 10 * DAY)

    assert sorted(kept.seeds) == [2, 3]


@pytest.mark.parametrize("spoil", ["flip", "cut", "other secret"])
def test_a_changed_file_is_refused_and_says_what_to_do(tmp_path, spoil):
    path = tmp_path / "prekeys"
    book(path).renew(START)
    raw = path.read_bytes()
    if spoil == "flip":
        path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    elif spoil == "cut":
        path.write_bytes(raw[:20])

    with pytest.raises(KeyLockedError, match="was changed"):
        book(path, secret=bytes(32) if spoil == "other secret" else SECRET)
    assert last_number(path, SECRET if spoil != "other secret" else bytes(32)) == 0


def test_a_thief_with_todays_disk_and_passphrase_cannot_open_what_was_sealed_last_month(tmp_path):
    directory, dice = tmp_path / "bravo", randoms.Random(3)
    create_station(
        directory,
        code="BRAVO",
        name="Bravo",
        passphrase=b"known to the thief",
        now=START,
        random=dice.randbytes,
        kdf_kib=1024,
    )
    keys = keystore.read_station_keys(
        directory / "keys/station.key", passphrase=b"known to the thief"
    )
    card = read_own_card(directory)

    def station():
        identity = identity_of(card, keys)
        return identity, keep_prekeys(directory, identity, keys.oldest_seed, random=dice.randbytes)

    _, keeper = station()
    keeper.renew(START)
    alfa = make_identity("ALFA")
    recorded, _ = keying.start_keying(
        sender_fp=alfa.card.fingerprint,
        receiver_fp=card.fingerprint,
        node=0,
        epoch=START,
        prekey=keeper.newest.number,
        prekey_public=keeper.newest.public_key,
        secret=bytes(range(32)),
        sealer=HpkeSealer(),
        key_number=0,
        signer=alfa.signer,
    )
    info = keying.keying_info(
        alfa.card.fingerprint, card.fingerprint, 0, START, keeper.newest.number
    )

    def tries(copy):
        """Open with all that the copy of a disk yields."""
        read = keystore.read_station_keys(
            copy / "keys/station.key", passphrase=b"known to the thief"
        )
        opener = HpkeOpener(read.prekeys)
        path = copy / PREKEYS_NAME
        stolen = PrekeyBook(path, secret=read.oldest_seed, card=card, random=dice.randbytes)
        opener.hold(stolen.seeds)
        return opener.open(recorded.prekey, recorded.sealed, info)

    shutil.copytree(directory, tmp_path / "disk-then")
    for day in (7, 14, 21, 28):
        _, keeper = station()
        keeper.renew(START + day * DAY)
    shutil.copytree(directory, tmp_path / "disk-today")

    assert tries(tmp_path / "disk-then") == bytes(range(32))
    assert tries(tmp_path / "disk-today") is None


def test_no_secret_lies_open_in_the_file(tmp_path):
    path = tmp_path / "prekeys"
    kept = book(path)
    kept.renew(START)
    raw = path.read_bytes()

    assert path.stat().st_mode & 0o077 == 0
    assert all(seed not in raw and seed.hex().encode() not in raw for seed in kept.seeds.values())
    with pytest.raises(ValueError):
        json.loads(raw)
