"""Prekeys that a running station publishes: one a week, erased a week after it was replaced.

What was sent sealed to an erased prekey can no longer be opened here, whoever gets hold of the
disk and of the passphrase (specification: link, keys). The file is sealed under a key derived
from the station's key, so that no passphrase is needed when a week is over.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from parley.core.card import Card, Prekey, sign_prekey
from parley.core.hpke import PREKEY_SEED_BYTES, HpkeOpener, prekey_public
from parley.core.keys import Signer
from parley.core.link_secrets import Identity
from parley.errors import KeyLockedError
from parley.station.directory import read_limited
from parley.station.files import write_whole
from parley.station.identity import DAY

PREKEYS_NAME: Final = "keys/prekeys.key"
RENEW_DAYS, KEPT_DAYS, LIFE_DAYS = 7, 7, 28
"""A new one after 7 days; the old one opens for 7 more; peers seal to none older than 28."""

PREKEY_LOOK_SECONDS: Final = 3_600.0
"""How often a running station looks whether one is due."""

_MAGIC = b"parley prekeys 1\0"
_NONCE_BYTES = 12
_FILE_BYTES_MAX = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    number: int
    seed: bytes
    made: int
    replaced: int | None


class PrekeyBook:
    """The secret halves, on disk before the public ones are told to anybody."""

    def __init__(
        self, path: Path, *, secret: bytes, card: Card, random: Callable[[int], bytes]
    ) -> None:
        """Open the file; where there is none, none was published yet.

        Args:
            path: the file.
            secret: a secret of the station's own that does not change.
            card: our card, whose prekeys keep their numbers.
            random: returns that many random bytes.

        Raises:
            KeyLockedError: the file was changed, or belongs to other keys.
        """
        self._path = path
        self._random = random
        self._key = _key_of(secret)
        self._last = max((prekey.number for prekey in card.prekeys), default=0)
        self._kept: list[_Kept] = []
        if path.exists():
            self._kept, last = _open(path, self._key)
            self._last = max(self._last, last)

    @property
    def seeds(self) -> dict[int, bytes]:
        """Return the secret halves that are kept, by number."""
        return {one.number: one.seed for one in self._kept}

    def is_due(self, now: int) -> bool:
        """Say whether a new prekey is to be made, or an old one to be erased."""
        newest = self._newest()
        if newest is None or not newest.made <= now < newest.made + RENEW_DAYS * DAY:
            return True
        return len(self._live(now)) < len(self._kept)

    def renew(self, now: int) -> None:
        """Make what is due and erase what is over; on disk when it returns.

        Raises:
            StoreError, StorageFullError: it could not be written; nothing changed.
        """
        kept, newest = self._live(now), self._newest()
        last = self._last
        if newest is None or not newest.made <= now < newest.made + RENEW_DAYS * DAY:
            kept = [replace(one, replaced=one.replaced or now) for one in kept]
            last += 1
            seed = self._random(PREKEY_SEED_BYTES)
            kept.append(_Kept(number=last, seed=seed, made=now, replaced=None))
        self._write(kept, last)
        self._kept, self._last = kept, last

    def public(self, signer: Signer) -> Prekey | None:
        """Return the newest prekey, signed; None before the first was made."""
        newest = self._newest()
        if newest is None:
            return None
        expires = newest.made + LIFE_DAYS * DAY
        return sign_prekey(newest.number, expires, prekey_public(newest.seed), signer)

    def _newest(self) -> _Kept | None:
        return self._kept[-1] if self._kept else None

    def _live(self, now: int) -> list[_Kept]:
        return [
            one
            for one in self._kept
            # A clock that was set back erases nothing; one set forward erases too early, and
            # then the prekey on the card still opens.
            if one.replaced is None or now < one.replaced + KEPT_DAYS * DAY
        ]

    def _write(self, kept: list[_Kept], last: int) -> None:
        plain = {
            "last": last,
            "prekeys": [
                {
                    "number": one.number,
                    "seed": one.seed.hex(),
                    "made": one.made,
                    "replaced": one.replaced,
                }
                for one in kept
            ],
        }
        nonce = self._random(_NONCE_BYTES)
        text = json.dumps(plain).encode("ascii")
        sealed = AESGCMSIV(self._key).encrypt(nonce, text, _MAGIC)
        write_whole(self._path, _MAGIC + nonce + sealed, replace=True)


def _key_of(secret: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=_MAGIC).derive(secret)


def _open(path: Path, key: bytes) -> tuple[list[_Kept], int]:
    """Return what a file keeps, and the last number that was given.

    Raises:
        KeyLockedError: the file was changed, or belongs to other keys.
    """
    raw = read_limited(path, _FILE_BYTES_MAX)
    nonce, sealed = raw[len(_MAGIC) :][:_NONCE_BYTES], raw[len(_MAGIC) + _NONCE_BYTES :]
    try:
        plain = json.loads(AESGCMSIV(key).decrypt(nonce, sealed, _MAGIC))
        kept = [
            _Kept(
                number=int(one["number"]),
                seed=bytes.fromhex(one["seed"]),
                made=int(one["made"]),
                replaced=None if one["replaced"] is None else int(one["replaced"]),
            )
            for one in plain["prekeys"]
        ]
        return kept, int(plain["last"])
    except (InvalidTag, ValueError, KeyError, TypeError):
        raise KeyLockedError(
            f"{path} was changed, or belongs to other keys",
            next_step="Remove it: new prekeys are made, and peers ask again.",
        ) from None


def last_number(path: Path, secret: bytes) -> int:
    """Return the number of the newest prekey in a file, 0 where there is none or it is damaged."""
    if not path.exists():
        return 0
    try:
        return max(_open(path, _key_of(secret))[1], 0)
    except KeyLockedError:
        return 0


class PrekeyKeeper:
    """The book together with who signs what it makes, and what opens with it.

    Attributes:
        newest: what peers are to seal to; None before the first was made.
    """

    def __init__(self, book: PrekeyBook, *, signer: Signer, opener: HpkeOpener) -> None:
        self._book = book
        self._signer = signer
        self._opener = opener
        opener.hold(book.seeds)
        self.newest: Prekey | None = book.public(signer)

    def is_due(self, now: int) -> bool:
        """Say whether something is to be made or erased."""
        return self._book.is_due(now)

    def renew(self, now: int) -> None:
        """Make and erase what is due; errors as of `PrekeyBook.renew`."""
        self._book.renew(now)
        self._opener.hold(self._book.seeds)
        self.newest = self._book.public(self._signer)


def keep_prekeys(
    directory: Path, identity: Identity, secret: bytes, *, random: Callable[[int], bytes]
) -> PrekeyKeeper | None:
    """Return the keeper of a station's prekeys.

    None where the key that must sign them is not at hand (specification: identity, card): the
    card's own prekeys go on to serve.

    Args:
        directory: the station directory.
        identity: who it is.
        secret: the seed of the oldest station key at hand.
        random: returns that many random bytes.

    Raises:
        KeyLockedError: the file was changed, or belongs to other keys.
    """
    key = identity.card.prekey_signer()
    signer = next((one for no, one in identity.signers if key and no == key.number), None)
    if signer is None or not isinstance(identity.opener, HpkeOpener):
        return None
    path = directory / PREKEYS_NAME
    book = PrekeyBook(path, secret=secret, card=identity.card, random=random)
    return PrekeyKeeper(book, signer=signer, opener=identity.opener)
