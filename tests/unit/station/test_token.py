"""A station key in a PKCS#11 token: made there, signs there, and is said to be away when it is."""

from __future__ import annotations

import asyncio
import os
import subprocess
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from parley.api.client import Client
from parley.core.instants import Instant
from parley.core.keys import verify_ed25519
from parley.errors import ConflictError, ParleyError, StoreError, TokenAwayError, UsageError
from parley.station import token as tokens
from parley.station.identity import create_station, identity_of, read_own_card
from parley.station.key_rotation import change_pin, rotate
from parley.station.keystore import read_root_keys, read_station_keys, token_named
from parley.station.token import TokenKey, TokenSigner, make_key, public_keys
from parley.station.wiring import open_offline
from support.live_stations import introduce, live, open_channel, until
from support.soft_token import LABEL, PIN, make_token, needs_token
from support.station_pair import BIN

SECRET, BORN = b"a long passphrase", 1_800_000_000

pytestmark = needs_token


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    # The library reads its settings once in a process: one token for the module.
    return make_token(tmp_path_factory.mktemp("token"))


def station(directory: Path, place: tokens.Place | None, **more):
    return create_station(
        directory, code="ALFA", name="Alfa", passphrase=SECRET, now=BORN, random=os.urandom,
        kdf_kib=1024, token=None if place is None else (place, PIN), **more,
    )  # fmt: skip


def turned(directory: Path, **more):
    return rotate(
        directory, directory / "keys/station.key", passphrase=SECRET, now=BORN + 60,
        root=read_root_keys(directory / "keys/root.key", passphrase=SECRET),
        random=os.urandom, kdf_kib=1024, **more,
    )  # fmt: skip


def opened(directory: Path):
    return read_station_keys(directory / "keys/station.key", passphrase=SECRET)


def test_a_key_made_in_the_token_signs_for_the_card_and_lies_in_no_file(tmp_path, place):
    made = station(tmp_path / "alfa", place)

    keys = opened(tmp_path / "alfa")
    identity = identity_of(made.card, keys)
    verify_ed25519(made.card.station_keys[0].ed, identity.signer.sign(b"words"), b"words")
    assert made.card.station_keys[0].ed in public_keys(place)
    assert isinstance(identity.signer, TokenSigner)
    # The seed that stands in the file for it is another key's.
    assert replace(keys, tokens={}).signer(0).public_key != made.card.station_keys[0].ed
    assert PIN.encode() not in (tmp_path / "alfa/keys/station.key").read_bytes()
    assert PIN not in repr(keys)


def test_rotation_stays_in_the_token_until_it_is_told_otherwise(tmp_path, place):
    folder = tmp_path / "alfa"
    station(folder, None)
    assert token_named(folder / "keys/station.key") is None

    into = turned(folder, token=(place, PIN))
    stayed = turned(folder)
    assert token_named(folder / "keys/station.key") == place
    back = turned(folder, in_file=True)

    assert (into.number, stayed.number, back.number) == (1, 2, 3)
    assert token_named(folder / "keys/station.key") is None
    assert sorted(opened(folder).tokens) == [1, 2]
    used = identity_of(read_own_card(folder), opened(folder))
    for number, signer in used.signers:
        key = used.card.key(number)
        assert key is not None
        verify_ed25519(key.ed, signer.sign(b"by each"), b"by each")


def test_a_wrong_pin_is_said_and_a_new_one_is_taken_up(tmp_path, place):
    folder = tmp_path / "alfa"
    station(folder, place)
    path = folder / "keys/station.key"
    (tmp_path / "pw").write_bytes(SECRET)
    (tmp_path / "wrong").write_text("0000")
    (tmp_path / "right").write_text(PIN)
    before = path.read_bytes()

    refused, told = keys_pin(folder, tmp_path / "wrong")  # the token takes one PIN a process
    assert (refused, "the PIN is wrong" in told) == (12, True)
    assert path.read_bytes() == before

    taken, _ = keys_pin(folder, tmp_path / "right")
    assert taken == 0
    assert path.read_bytes() != before
    assert opened(folder).tokens[0].pin == PIN


def keys_pin(folder: Path, pin: Path) -> tuple[int, str]:
    command = [str(BIN / "parley"), "keys", "pin", "--station", str(folder), "--no-input"]
    files = ["--pin-file", str(pin), "--passphrase-file", str(folder.parent / "pw")]
    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_a_pin_for_keys_in_a_file_is_refused(tmp_path):
    station(tmp_path / "alfa", None)

    with pytest.raises(ConflictError, match="not in a token"):
        change_pin(
            tmp_path / "alfa/keys/station.key",
            PIN,
            party=bytes(16),
            passphrase=SECRET,
            random=os.urandom,
        )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"label": "another"}, f"0 tokens have that label; there are: '{LABEL}'"),
        ({"module": "/usr/lib/no-such.so"}, "cannot open shared object file"),
    ],
    ids=["label", "library"],
)
def test_a_token_that_is_away_is_named(place, wrong, said):
    elsewhere = replace(place, **wrong)

    for act in (
        lambda: make_key(elsewhere, PIN, key_id=bytes(16), name="x"),
        lambda: public_keys(elsewhere),
        lambda: TokenSigner(TokenKey(place=elsewhere, pin=PIN, id=bytes(16), public=bytes(32))),
    ):
        with pytest.raises(TokenAwayError) as told:
            act()
        assert said in str(told.value)
        assert told.value.exit_code == 12


def test_a_token_without_the_key_and_one_with_another_are_told_apart(place):
    one, two = (make_key(place, PIN, key_id=os.urandom(16), name="x") for _ in range(2))

    with pytest.raises(TokenAwayError, match="is not in it"):
        TokenSigner(replace(one, id=os.urandom(16)))
    with pytest.raises(TokenAwayError, match="another key than the one on the card"):
        TokenSigner(replace(one, id=two.id)).sign(b"words")


def test_the_doctor_says_whether_the_token_is_in_and_shows_the_key(tmp_path, place):
    station(tmp_path / "alfa", place)

    assert checks(tmp_path / "alfa")["token"][0] == "ok"
    path = tmp_path / "alfa/keys/station.key"
    # The head of the file is plain; opening it would find it changed.
    path.write_text(path.read_text().replace(LABEL, "parley-gone"))
    level, detail, remedy = checks(tmp_path / "alfa")["token"]
    assert (level, "parley-gone" in detail) == ("fix", True)
    assert remedy

    station(tmp_path / "bravo", place)
    station(tmp_path / "other", None)
    card = (tmp_path / "other/own.card").read_bytes()
    (tmp_path / "bravo/own.card").write_bytes(card)
    level, detail, _ = checks(tmp_path / "bravo")["token"]
    assert (level, "does not show station key 0" in detail) == ("fix", True)


def checks(directory: Path) -> dict[str, tuple[str, str, str]]:
    async def look():
        async with open_offline(directory, now=lambda: Instant(BORN + 60)) as gateway:
            return {one.check: (one.level, one.detail, one.remedy) for one in gateway.health()}

    return asyncio.run(look())


def test_without_the_library_the_reason_is_said(place, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pkcs11.exceptions", None)

    with pytest.raises(UsageError, match="python-pkcs11"):
        public_keys(place)


def test_pulled_out_it_stops_the_writing_and_put_back_the_station_goes_on(tmp_path, place):
    with (
        live(tmp_path / "alfa", "ALFA", token=(place, PIN)) as alfa,
        live(tmp_path / "bravo", "BRAVO") as bravo,
        alfa.client() as a,
        bravo.client() as b,
    ):
        introduce(a, bravo.serving.link_addresses[0], b)
        introduce(b, alfa.serving.link_addresses[0], a)
        open_channel(a, b, "OPS")
        signer = alfa.serving.running.service._identity.signer
        key = signer._key
        signer._key = replace(key, place=replace(place, label="pulled-out"))
        signer._handle.session.close()

        # A heartbeat may have found it out already; the record is then being opened afresh.
        with pytest.raises(StoreError, match="pulled-out|not open at present"):
            say(a, "While it is away.")
        signer._key = key
        until(lambda: says(a, "Put back."))

        until(lambda: "Put back." in texts(b))
        assert "While it is away." not in texts(b)


def say(client: Client, words: str) -> None:
    body = {"channel": "OPS", "texts": [{"lang": "en", "text": words}]}
    client.post("/submissions", body | {"fields": {"subject": "Token"}})


def says(client: Client, words: str) -> bool:
    with suppress(ParleyError):
        say(client, words)
        return True
    return False


def texts(client: Client) -> list[str]:
    names = [row["name"] for row in client.get("/entries", channel="OPS")["items"]]
    shown = [client.get(f"/entries/{name}") for name in names]
    return [text["text"] for entry in shown for text in entry["texts"]]
