"""Making a station: its keys, its card, its settings and its first officer's place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from parley.carriers.address import parse_address
from parley.carriers.certificate import Certificate, make_certificate, read_certificate
from parley.core import card as cards
from parley.core.card import Card, Prekey, StationKey, armour, card_body, sign_card, sign_prekey
from parley.core.cosignature import is_witness_address
from parley.core.hpke import PREKEY_SEED_BYTES, HpkeOpener, HpkeSealer, prekey_public
from parley.core.keys import Ed25519Signer, Mldsa65Signer, Signer
from parley.core.limits import CARD_BYTES_MAX
from parley.core.link_secrets import Identity, KeyInUse
from parley.errors import ConflictError, KeyLockedError, UsageError
from parley.station.config import CONFIG_NAME, ConfigError, check_text, render
from parley.station.directory import CARD_NAME, ROOT_KEY_NAME, read_limited
from parley.station.files import write_whole
from parley.station.keystore import (
    KDF_KIB,
    SEED_BYTES,
    RootKeys,
    StationKeys,
    write_root_keys,
    write_station_keys,
)
from parley.station.settings import BY_KEY, SettingValue
from parley.station.token import KEY_ID_BYTES, Place, TokenKey, make_key

DAY: Final = 86_400
CARD_DAYS: Final = 5 * 365
STATION_KEY_DAYS: Final = 2 * 365
"""A station key is meant to be replaced once a year; the second year is for those who forget."""

PREKEY_DAYS: Final = 365
"""Recorded traffic can be opened by whoever gets the prekey while it lives; a year is the most."""

STATION_KEY_NAME: Final = "keys/station.key"
_UNSPECIFIED = frozenset({"0.0.0.0", "::"})  # noqa: S104 - recognised here, never bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A station just made.

    Attributes:
        officer: code of its first officer.
        root_key_path: to be carried off the machine.
    """

    directory: Path
    card: Card
    officer: str
    card_path: Path
    config_path: Path
    root_key_path: Path


def create_station(
    directory: Path,
    *,
    code: str,
    name: str,
    passphrase: bytes,
    now: int,
    random: Callable[[int], bytes],
    root_passphrase: bytes | None = None,
    listen: Sequence[str] = (),
    advertise: Sequence[str] | None = None,
    release: str = "two-person",
    mark: str = "LIVE",
    languages: Sequence[str] = ("en",),
    store_url: str | None = None,
    api_listen: str = "",
    console_listen: str = "",
    console_origin: str = "",
    heartbeat_s: int | None = None,
    witness_listen: str = "",
    witness_url: str = "",
    clock_offset_s: int = 0,
    valid_until: int | None = None,
    token: tuple[Place, str] | None = None,
    kdf_kib: int = KDF_KIB,
) -> Created:
    """Make keys, card and settings of a new station; the database is made when it is first opened.

    The settings file is written last, so that a directory holds a whole station or none.

    Args:
        directory: an empty or missing directory.
        code: party code, A-Z 0-9 and -, at most 16.
        name: the party's name as it gives it.
        passphrase: seals the station's keys.
        now: seconds since 1970.
        random: returns that many random bytes.
        root_passphrase: seals the root keys; the same passphrase where it is None.
        listen: addresses at which peers reach this station.
        advertise: addresses written on the card; those of `listen` where it is None.
        release: `two-person` or `one-person`.
        mark: marking of all that the station writes.
        languages: BCP 47, the first one first.
        store_url: database; a file in the directory where it is None.
        api_listen: host:port of the API, empty for none.
        console_listen: host:port of the console, empty for none.
        console_origin: the console's address as browsers write it.
        heartbeat_s: at most this many seconds between own statements.
        witness_listen: host:port at which it is a witness; empty for a party's station.
        witness_url: the address of the witness as written on the card, where it is another.
        clock_offset_s: seconds added to the machine's clock; an exercise at another time.
        valid_until: when its card and first keys end; None gives each the time it has in earnest.
        token: the PKCS#11 token that is to make and hold the station key, and its PIN.
        kdf_kib: memory that opening a key file takes, KiB.

    Raises:
        ConflictError: there is a station, or anything else, in the directory.
        ConfigError: a value is out of bounds.
        UsageError: what a witness cannot have, or its address is no HTTP address.
    """
    settings: dict[str, SettingValue] = {
        "station.code": code,
        "station.name": name,
        "station.mark": mark,
        "station.languages": tuple(languages),
        "link.listen": tuple(listen),
        "store.url": store_url or str(BY_KEY["store.url"].default),
        "api.listen": api_listen,
        "console.listen": console_listen,
        "console.origin": console_origin,
        "release.policy": release,
        "keys.station": STATION_KEY_NAME,
    }
    if heartbeat_s is not None:
        settings["link.heartbeat_s"] = heartbeat_s
    if clock_offset_s:
        settings["station.clock_offset_s"] = clock_offset_s
    if witness_listen:
        settings["witness.listen"] = witness_listen
    text = render(settings)
    if problems := check_text(text):
        raise ConfigError("the new station", problems)
    if witness_listen and (listen or console_listen):
        raise UsageError(
            "a witness has no links and no console, for it is no party",
            next_step="Give it the one address at which it takes statements.",
        )
    witness_path = witness_hint(witness_listen, witness_url) if witness_listen else None
    _prepare(directory)
    certificate = new_certificate(code, now, random)
    hints = listen if advertise is None else advertise
    paths = [path for hint in hints if (path := path_hint(hint, certificate.pin))]
    paths += [witness_path] if witness_path else []
    root = RootKeys(ed=random(SEED_BYTES), pq=random(SEED_BYTES))
    station = StationKeys(
        number=0,
        ed=random(SEED_BYTES),
        pq=random(SEED_BYTES),
        prekeys={1: random(PREKEY_SEED_BYTES)},
        tls_cert=certificate.cert_pem,
        tls_key=certificate.key_pem,
        tokens={} if token is None else {0: key_in_token(token, code, 0, random)},
    )
    card = _make_card(
        root,
        station,
        code=code,
        name=name,
        now=now,
        valid_until=valid_until,
        paths=paths,
    )
    root_path, key_path = directory / ROOT_KEY_NAME, directory / STATION_KEY_NAME
    write_root_keys(
        root_path,
        root,
        party=card.party,
        random=random,
        kdf_kib=kdf_kib,
        passphrase=passphrase if root_passphrase is None else root_passphrase,
    )
    write_station_keys(
        key_path,
        station,
        party=card.party,
        passphrase=passphrase,
        random=random,
        kdf_kib=kdf_kib,
    )
    write_whole(directory / CARD_NAME, armour(card).encode("ascii"), mode=0o644)
    write_whole(directory / CONFIG_NAME, text.encode("utf-8"))
    return Created(
        directory=directory,
        card=card,
        officer=f"{code}-1",
        card_path=directory / CARD_NAME,
        config_path=directory / CONFIG_NAME,
        root_key_path=root_path,
    )


def key_in_token(
    token: tuple[Place, str], code: str, number: int, random: Callable[[int], bytes]
) -> TokenKey:
    """Let a token make the station key of this number; errors as of `token.make_key`."""
    place, pin = token
    name = f"parley {code} {number}"
    return make_key(place, pin, key_id=random(KEY_ID_BYTES), name=name)


def _prepare(directory: Path) -> None:
    if (directory / CONFIG_NAME).exists():
        raise ConflictError(
            f"there is a station at {directory} already",
            next_step="Choose another directory; a station is never made over another one.",
        )
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise ConflictError(
                f"{directory} is not empty", next_step="Name an empty or a new directory."
            )
        directory.chmod(0o700)
        for part in ("keys", "marks", "log"):
            (directory / part).mkdir(mode=0o700)
    except OSError as problem:
        raise UsageError(f"{directory} cannot be made: {problem.strerror}") from None


def new_certificate(code: str, now: int, random: Callable[[int], bytes]) -> Certificate:
    """Return a TLS certificate of the station, for as long as a card."""
    return make_certificate(
        common_name=f"parley {code}",
        not_before=max(0, now - DAY),
        not_after=now + CARD_DAYS * DAY,
        serial=int.from_bytes(random(16), "big") + 1,
    )


def path_hint(listen: str, pin: bytes) -> str | None:
    """Return what a card says of a listening address; None where a peer could not dial it."""
    address = parse_address(listen)
    if address.carrier != "tls" or address.port == 0 or address.host in _UNSPECIFIED:
        return None
    return str(replace(address, pin=pin))


def witness_hint(listen: str, url: str) -> str | None:
    """Return what a witness's card says of where it takes statements; None where nobody could.

    Raises:
        UsageError: `url` is no HTTP address.
    """
    if url:
        if not is_witness_address(url):
            raise UsageError(
                f"{url!r} is not http(s)://host[:port][/path]", next_step="Give another --url."
            )
        return url
    host, _, port = listen.rpartition(":")
    return None if port == "0" or host.strip("[]") in _UNSPECIFIED else f"http://{listen}"


def _make_card(
    root: RootKeys,
    station: StationKeys,
    *,
    code: str,
    name: str,
    now: int,
    valid_until: int | None,
    paths: Sequence[str],
) -> Card:
    root_ed, root_pq = Ed25519Signer(root.ed), Mldsa65Signer(root.pq)
    signer = station.signer(station.number)
    prekey_end = now + PREKEY_DAYS * DAY if valid_until is None else valid_until
    prekeys = [
        sign_prekey(no, prekey_end, prekey_public(seed), signer)
        for no, seed in station.prekeys.items()
    ]
    body = card_body(
        sequence=1,
        code=code,
        name=name,
        root_ed=root_ed.public_key,
        root_pq=root_pq.public_key,
        station_keys=[
            StationKey(
                number=station.number,
                ed=signer.public_key,
                pq=Mldsa65Signer(station.pq).public_key,
                not_before=max(0, now - DAY),
                until=now + STATION_KEY_DAYS * DAY if valid_until is None else valid_until,
            )
        ],
        issued=now,
        not_after=now + CARD_DAYS * DAY if valid_until is None else valid_until,
        prekeys=prekeys,
        paths=paths,
    )
    return sign_card(body, root_ed=root_ed, root_pq=root_pq)


def signed_prekey(number: int, seed: bytes, now: int, signer: Signer) -> Prekey:
    """Return the prekey of a card issued now."""
    return sign_prekey(number, now + PREKEY_DAYS * DAY, prekey_public(seed), signer)


def read_own_card(directory: Path) -> Card:
    """Return the station's own card; errors as of `core.card.read_card_file`."""
    return cards.read_card_file(read_limited(directory / CARD_NAME, 2 * CARD_BYTES_MAX))


def identity_of(card: Card, station: StationKeys) -> Identity:
    """Return what the station can do with its keys.

    The newest key that the card carries is the one in use: a key file is written before its card.

    Raises:
        KeyLockedError: the keys are not those on the card.
        TokenAwayError: one lies in a token that cannot be used.
    """
    known: list[KeyInUse] = []
    for number in sorted(station.seeds, reverse=True):
        listed, signer = card.key(number), station.signer(number)
        if listed is not None and listed.ed == signer.public_key:
            known.append((number, signer))
    if not known or known[0][0] != max(key.number for key in card.station_keys):
        raise KeyLockedError(
            "the key file and the card of this station do not belong together",
            next_step="Put both back from the same backup.",
        )
    return Identity(
        card=card,
        key_number=known[0][0],
        signer=known[0][1],
        older=tuple(known[1:]),
        twin=_twin(card, station, known[0][0]),
        opener=HpkeOpener(station.prekeys),
        sealer=HpkeSealer(),
    )


def _twin(card: Card, station: StationKeys, number: int) -> Mldsa65Signer | None:
    """Return what makes seals, None where the card does not carry the key."""
    seed = station.pq if number == station.number else station.older[number][1]
    twin, listed = Mldsa65Signer(seed), card.key(number)
    return twin if listed is not None and listed.pq == twin.public_key else None


def certificate_of(station: StationKeys) -> Certificate:
    """Return the certificate that the station's TLS listener shows."""
    return read_certificate(cert_pem=station.tls_cert, key_pem=station.tls_key)
