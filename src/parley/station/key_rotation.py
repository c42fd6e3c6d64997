"""A new station key on a new card, signed by the root; and a copy of the keys to keep elsewhere.

Done while the station does not run. The key file is written before the card: whatever happens in
between, the station starts with the keys that its card names (specification: identity).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from parley.core.card import Card, StationKey, armour, card_body, read_card_file, sign_card
from parley.core.hpke import PREKEY_SEED_BYTES
from parley.core.keys import Ed25519Signer, Mldsa65Signer
from parley.core.limits import CARD_BYTES_MAX
from parley.errors import ConflictError, KeyLockedError, UsageError
from parley.station.directory import CARD_NAME, read_limited
from parley.station.files import write_whole
from parley.station.identity import (
    CARD_DAYS,
    DAY,
    STATION_KEY_DAYS,
    identity_of,
    key_in_token,
    read_own_card,
    signed_prekey,
)
from parley.station.keystore import (
    KDF_KIB,
    KEY_FILE_BYTES_MAX,
    SEED_BYTES,
    RootKeys,
    StationKeys,
    read_station_keys,
    write_station_keys,
)
from parley.station.prekeys import PREKEYS_NAME, last_number
from parley.station.token import Place, TokenSigner

OVERLAP_DAYS: Final = 30
"""So long the key before goes on to count, for peers that have not heard of the new one."""

LISTED_YEARS: Final = 5
"""A card carries the keys whose `until` lies less than this back, as far as eight go
(specification: identity)."""

_KEYS_MAX, _NUMBER_MAX = 8, 255
_BACKUP_FORM: Final = "parley keys backup 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What a rotation makes.

    Attributes:
        card: the new card.
        number: number of the new station key.
        before: number of the key that it takes the place of.
        revoked: whether that one is revoked by it.
    """

    card: Card
    number: int
    before: int
    revoked: bool


def rotate(
    directory: Path,
    key_path: Path,
    *,
    passphrase: bytes,
    root: RootKeys,
    now: int,
    random: Callable[[int], bytes],
    revoke: bool = False,
    write: bool = True,
    token: tuple[Place, str] | None = None,
    in_file: bool = False,
    kdf_kib: int = KDF_KIB,
) -> Rotation:
    """Make a new station key and card; peers learn of them when the station runs again.

    Args:
        directory: the station directory, held by the caller.
        key_path: the station's key file.
        passphrase: of that file.
        root: the party's root keys.
        now: seconds since 1970.
        random: returns that many random bytes.
        revoke: the key in use was stolen or lost; nothing it signs from now on counts.
        write: False changes nothing and tells what would be.
        token: the PKCS#11 token that makes the new key, and its PIN; where it is None, the new
            key lies where the one in use does.
        in_file: the new key lies in the key file, wherever the one in use does.
        kdf_kib: memory that opening the key file takes, KiB.

    Raises:
        KeyLockedError: wrong passphrase, or files that do not belong together.
        TokenAwayError: a token that is needed cannot be used.
        ConflictError: the card has no room for another key yet (never where `revoke` is set), or
            all numbers of keys are used up.
    """
    card = read_own_card(directory)
    held = read_station_keys(key_path, passphrase=passphrase)
    used = identity_of(card, held)
    root_ed, root_pq = Ed25519Signer(root.ed), Mldsa65Signer(root.pq)
    if (root_ed.public_key, root_pq.public_key) != (card.root_ed, card.root_pq):
        raise KeyLockedError(
            "these root keys are not those of this station's card",
            next_step="Name the root key file of this party with --root-key.",
        )
    number = max(key.number for key in card.station_keys) + 1
    listed = _listed(card, used.key_number, now, revoke=revoke)
    seeds = {used.key_number: _seeds(held, used.key_number), **held.older}
    kept = {key.number: seeds[key.number] for key in listed if key.number in seeds}
    tokens = {no: key for no, key in held.tokens.items() if no in kept}
    place = None if in_file else token or _place_of(held, used.key_number)
    if place is not None and write:
        tokens[number] = key_in_token(place, card.code, number, random)
    fresh = StationKeys(
        number=number,
        ed=random(SEED_BYTES),
        pq=random(SEED_BYTES),
        prekeys=_prekeys(held, directory, card, random, revoke=revoke),
        tls_cert=held.tls_cert,
        tls_key=held.tls_key,
        older=kept,
        tokens=tokens,
    )
    new = _sign(card, fresh, listed, root=(root_ed, root_pq), now=now)
    if write:
        write_station_keys(
            key_path,
            fresh,
            party=card.party,
            passphrase=passphrase,
            random=random,
            kdf_kib=kdf_kib,
            replace=True,
        )
        write_whole(directory / CARD_NAME, armour(new).encode("ascii"), mode=0o644, replace=True)
        if fresh.oldest_seed != held.oldest_seed:
            # What is sealed under a key that fell off the card cannot be read any more.
            (directory / PREKEYS_NAME).unlink(missing_ok=True)
    return Rotation(card=new, number=number, before=used.key_number, revoked=revoke)


def _place_of(held: StationKeys, number: int) -> tuple[Place, str] | None:
    key = held.tokens.get(number)
    return None if key is None else (key.place, key.pin)


def change_pin(
    key_path: Path,
    pin: str,
    *,
    party: bytes,
    passphrase: bytes,
    random: Callable[[int], bytes],
    module: str = "",
    kdf_kib: int = KDF_KIB,
) -> Place:
    """Let the key file know the PIN that its token takes by now, once the token has taken it.

    Args:
        key_path: the station's key file.
        pin: the new one.
        party: whose station it is.
        passphrase: of that file.
        random: returns that many random bytes.
        module: where the library of the token lies now; as before where it is empty.
        kdf_kib: memory that opening the key file takes, KiB.

    Raises:
        ConflictError: the key in use lies in no token.
        TokenAwayError: the token does not take it; the file is as it was.
    """
    held = read_station_keys(key_path, passphrase=passphrase)
    used = held.tokens.get(held.number)
    if used is None:
        raise ConflictError(
            "the station key in use lies in the key file, not in a token",
            next_step="A token takes over with the next key: parley keys rotate --token LABEL.",
        )
    place = replace(used.place, module=module or used.place.module)
    tokens = {
        number: replace(key, pin=pin, place=place) if key.place == used.place else key
        for number, key in held.tokens.items()
    }
    TokenSigner(tokens[held.number]).sign(b"parley keys pin")
    write_station_keys(
        key_path,
        replace(held, tokens=tokens),
        party=party,
        passphrase=passphrase,
        random=random,
        kdf_kib=kdf_kib,
        replace=True,
    )
    return place


def _seeds(held: StationKeys, number: int) -> tuple[bytes, bytes]:
    return (held.ed, held.pq) if held.number == number else held.older[number]


def _listed(card: Card, used: int, now: int, *, revoke: bool) -> list[StationKey]:
    """Return the older keys that the new card carries, the one in use ended."""
    until = now if revoke else now + OVERLAP_DAYS * DAY
    listed = [
        replace(key, until=min(key.until, until), revoked=now if revoke else key.revoked)
        if key.number == used
        else key
        for key in card.station_keys
        if key.until > now - LISTED_YEARS * 365 * DAY
    ]
    if max(key.number for key in listed) >= _NUMBER_MAX:
        raise ConflictError(
            f"all {_NUMBER_MAX + 1} numbers of station keys of this party are used up",
            next_step="Make a new station with new root keys, and let its peers compare the words.",
        )
    while len(listed) >= _KEYS_MAX:
        listed.remove(_dispensable(listed, used, now, revoke=revoke))
    return listed


def _dispensable(listed: list[StationKey], used: int, now: int, *, revoke: bool) -> StationKey:
    """Return the key that a full card can do without: the one that ended longest ago.

    A revocation is never refused for want of room. Revoked keys go last, for a reader without the
    card that revoked one would count it; an ordinary rotation drops none, nor one that counts yet.
    """
    found = [
        key
        for key in listed
        if key.number != used and (revoke or (key.revoked is None and key.until <= now))
    ]
    if not found:
        raise ConflictError(
            f"the card carries {len(listed)} keys that count yet or were revoked, and has room "
            "for no more",
            next_step=f"Wait until one has ended: at most {OVERLAP_DAYS} days after its rotation. "
            "A stolen key is revoked at any time: parley keys rotate --revoke.",
        )
    return min(found, key=lambda key: (key.revoked is not None, key.until, key.number))


def _prekeys(
    held: StationKeys,
    directory: Path,
    card: Card,
    random: Callable[[int], bytes],
    *,
    revoke: bool,
) -> dict[int, bytes]:
    """Return the card's new prekey, and the one before it for peers with the old card."""
    published = [prekey.number for prekey in card.prekeys]
    last = max([*published, last_number(directory / PREKEYS_NAME, held.oldest_seed)], default=0)
    kept = {} if revoke else {n: seed for n, seed in held.prekeys.items() if n in published}
    return {**kept, last + 1: random(PREKEY_SEED_BYTES)}


def _sign(
    card: Card,
    fresh: StationKeys,
    listed: list[StationKey],
    *,
    root: tuple[Ed25519Signer, Mldsa65Signer],
    now: int,
) -> Card:
    own = StationKey(
        number=fresh.number,
        ed=fresh.signer(fresh.number).public_key,
        pq=Mldsa65Signer(fresh.pq).public_key,
        not_before=max(0, now - DAY),
        until=now + STATION_KEY_DAYS * DAY,
    )
    signs = min(key.number for key in (*listed, own) if key.revoked is None)
    if signs != fresh.number and signs not in fresh.older:
        raise KeyLockedError(
            f"station key {signs}, which must sign prekeys, is not in the key file",
            next_step="Put the key file back from its backup, or revoke that key.",
        )
    number = max(fresh.prekeys)
    body = card_body(
        sequence=card.sequence + 1,
        code=card.code,
        name=card.name,
        root_ed=card.root_ed,
        root_pq=card.root_pq,
        station_keys=[*listed, own],
        issued=now,
        not_after=now + CARD_DAYS * DAY,
        prekeys=[signed_prekey(number, fresh.prekeys[number], now, fresh.signer(signs))],
        paths=card.paths,
    )
    return sign_card(body, root_ed=root[0], root_pq=root[1])


def backup(directory: Path, key_path: Path, out: Path, *, replace_it: bool) -> None:
    """Write card and key file, which stays sealed under its passphrase, into one file.

    Raises:
        UsageError: there is no key file or card.
        ConflictError: `out` is there already.
    """
    content = {
        "form": _BACKUP_FORM,
        "card": read_limited(directory / CARD_NAME, 2 * CARD_BYTES_MAX).decode("ascii"),
        "station": read_limited(key_path, KEY_FILE_BYTES_MAX).decode("ascii"),
    }
    write_whole(out, (json.dumps(content, indent=1) + "\n").encode("ascii"), replace=replace_it)


def recover(directory: Path, key_path: Path, source: Path, *, passphrase: bytes) -> Card:
    """Put card and key file back from such a file, once it opens and goes together.

    What published prekeys would open is not in it: peers seal to the card's prekey again.

    Raises:
        UsageError: it is no such file.
        KeyLockedError: the passphrase does not open it.
        ConflictError: the card here is newer than the one in the file.
    """
    raw = read_limited(source, 2 * KEY_FILE_BYTES_MAX + 2 * CARD_BYTES_MAX)
    try:
        content = json.loads(raw)
        form = content["form"]
        card_text, keys_text = content["card"].encode("ascii"), content["station"].encode("ascii")
    except (ValueError, KeyError, TypeError, AttributeError):
        form, card_text, keys_text = None, b"", b""
    if form != _BACKUP_FORM:
        raise UsageError(
            f"{source} is no backup of keys", next_step="Name what `parley keys backup` wrote."
        )
    card = read_card_file(card_text)
    if (directory / CARD_NAME).exists():
        here = read_own_card(directory)
        if here.party != card.party or here.sequence > card.sequence:
            raise ConflictError(
                f"the card here ({here.code}, number {here.sequence}) is another party's, or newer "
                f"than that of the backup ({card.code}, number {card.sequence})",
                next_step="Use the backup made after the last `parley keys rotate`.",
            )
    for part in (directory / "marks", directory / "log", key_path.parent):
        # Of a station that was lost but for this file nothing is there.
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = key_path.with_name(f"{key_path.name}.recovered")
    write_whole(beside, keys_text, replace=True)
    try:
        identity_of(card, read_station_keys(beside, passphrase=passphrase))
        write_whole(key_path, keys_text, replace=True)
        write_whole(directory / CARD_NAME, card_text, mode=0o644, replace=True)
    finally:
        beside.unlink(missing_ok=True)
    return card
