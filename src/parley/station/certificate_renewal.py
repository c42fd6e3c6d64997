"""A new TLS certificate, and a new card whose addresses name its pin; the keys stay the same.

Done while the station does not run. Frames are sealed within TLS, so that nothing rests on the
certificate but which machine answers at an address (decision 0010).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from parley.carriers.address import parse_address
from parley.core.card import Card, armour, card_body, sign_card
from parley.core.keys import Ed25519Signer, Mldsa65Signer
from parley.errors import KeyLockedError, UsageError
from parley.station.directory import CARD_NAME
from parley.station.files import write_whole
from parley.station.identity import CARD_DAYS, DAY, identity_of, new_certificate, read_own_card
from parley.station.keystore import KDF_KIB, RootKeys, read_station_keys, write_station_keys


def renew_certificate(
    directory: Path,
    key_path: Path,
    *,
    passphrase: bytes,
    root: RootKeys,
    now: int,
    random: Callable[[int], bytes],
    kdf_kib: int = KDF_KIB,
) -> Card:
    """Make a certificate and a card with its pin; return the card.

    The key file is written first. Where something fails in between, the command is repeated.

    Args:
        directory: the station directory, held by the caller.
        key_path: the station's key file.
        passphrase: of that file.
        root: the party's root keys.
        now: seconds since 1970.
        random: returns that many random bytes.
        kdf_kib: memory that opening the key file takes, KiB.

    Raises:
        KeyLockedError: wrong passphrase, or files that do not belong together.
    """
    card = read_own_card(directory)
    held = read_station_keys(key_path, passphrase=passphrase)
    identity_of(card, held)
    root_ed, root_pq = Ed25519Signer(root.ed), Mldsa65Signer(root.pq)
    if (root_ed.public_key, root_pq.public_key) != (card.root_ed, card.root_pq):
        raise KeyLockedError(
            "these root keys are not those of this station's card",
            next_step="Name the root key file of this party with --root-key.",
        )
    made = new_certificate(card.code, now, random)
    body = card_body(
        sequence=card.sequence + 1,
        code=card.code,
        name=card.name,
        root_ed=card.root_ed,
        root_pq=card.root_pq,
        station_keys=list(card.station_keys),
        issued=now,
        not_after=now + CARD_DAYS * DAY,
        prekeys=list(card.prekeys),
        paths=[_pinned(path, made.pin) for path in card.paths],
    )
    new = sign_card(body, root_ed=root_ed, root_pq=root_pq)
    write_station_keys(
        key_path,
        replace(held, tls_cert=made.cert_pem, tls_key=made.key_pem),
        party=card.party,
        passphrase=passphrase,
        random=random,
        kdf_kib=kdf_kib,
        replace=True,
    )
    write_whole(directory / CARD_NAME, armour(new).encode("ascii"), mode=0o644, replace=True)
    return new


def _pinned(path: str, pin: bytes) -> str:
    """Return an address of the card with another pin; one without a pin as it is."""
    try:
        address = parse_address(path)
    except UsageError:
        return path
    return path if address.pin is None else str(replace(address, pin=pin))
