"""Key files: Argon2id over a passphrase, AES-256-GCM-SIV over the keys, JSON around both.

A key file never holds a key in the open, and nothing here logs one. The nonce is fresh for every
file written; the header is authenticated with the content. Files of before, under scrypt, open as
ever; each is written anew under Argon2id when keys change (decision 0081).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from parley.core.hpke import PREKEY_SEED_BYTES
from parley.core.keys import Ed25519Signer, Signer
from parley.errors import KeyLockedError, NotFoundError
from parley.station.files import write_whole
from parley.station.token import Place, TokenKey, TokenSigner

FORM: Final = "parley key 1"
KDF_KIB: Final = 128 * 1024
"""Memory of Argon2id for a key file: twice what RFC 9106 section 4 names for tight machines."""

KDF_PASSES, KDF_LANES = 3, 4
_KIB_LEAST, _KIB_MOST, _PASSES_MOST, _LANES_MOST = 64, 2**21, 64, 64
_SCRYPT_N_LEAST, _SCRYPT_N_MOST = 2**10, 2**20
_SCRYPT_R, _SCRYPT_P = 8, 1
KEY_FILE_BYTES_MAX: Final = 65_536
SEED_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class StationKeys:
    """What the station needs to run; held in memory only, never shown.

    Attributes:
        number: number of the station key on the card.
        ed, pq: 32-byte seeds of the Ed25519 key and its ML-DSA-65 twin.
        prekeys: 96-byte seeds by prekey number.
        tls_cert, tls_key: certificate of the TLS listener and its key, PEM.
        older: by number, the two seeds of keys used before. The lowest number that is not
            revoked goes on to sign prekeys; what was not seen by a peer is signed for it.
        tokens: by number, keys that lie in a token. The seed that stands for such a key here
            signs nothing: published prekeys are sealed under what is derived from it.
    """

    number: int
    ed: bytes = field(repr=False)
    pq: bytes = field(repr=False)
    prekeys: Mapping[int, bytes] = field(repr=False)
    tls_cert: bytes = field(repr=False)
    tls_key: bytes = field(repr=False)
    older: Mapping[int, tuple[bytes, bytes]] = field(default_factory=dict, repr=False)
    tokens: Mapping[int, TokenKey] = field(default_factory=dict)

    @property
    def oldest_seed(self) -> bytes:
        """Return the Ed25519 seed of the lowest number at hand."""
        seeds = self.seeds
        return seeds[min(seeds)]

    @property
    def seeds(self) -> dict[int, bytes]:
        """Return the Ed25519 seed of each number at hand."""
        return {self.number: self.ed, **{number: ed for number, (ed, _) in self.older.items()}}

    def signer(self, number: int) -> Signer:
        """Return what signs with the station key of this number.

        Raises:
            TokenAwayError: the key lies in a token that cannot be used.
        """
        if number in self.tokens:
            return TokenSigner(self.tokens[number])
        return Ed25519Signer(self.seeds[number])


@dataclass(frozen=True, slots=True, kw_only=True)
class RootKeys:
    """The two 32-byte seeds of a party's root keys; meant to lie in a safe."""

    ed: bytes = field(repr=False)
    pq: bytes = field(repr=False)


def write_station_keys(
    path: Path,
    keys: StationKeys,
    *,
    party: bytes,
    passphrase: bytes,
    random: Callable[[int], bytes],
    kdf_kib: int = KDF_KIB,
    replace: bool = False,
) -> None:
    """Seal the station's keys into a file of mode 0600; see `files.write_whole` for errors."""
    secrets: dict[str, Any] = {
        "number": keys.number,
        "ed": keys.ed.hex(),
        "pq": keys.pq.hex(),
        "prekeys": {str(number): seed.hex() for number, seed in keys.prekeys.items()},
        "tls_cert": keys.tls_cert.decode("ascii"),
        "tls_key": keys.tls_key.decode("ascii"),
        "older": {str(n): [ed.hex(), pq.hex()] for n, (ed, pq) in keys.older.items()},
        "tokens": {str(number): _token_out(key) for number, key in keys.tokens.items()},
    }
    used = keys.tokens.get(keys.number)
    sealed = _seal(
        "station",
        secrets,
        party=party,
        passphrase=passphrase,
        random=random,
        kdf_kib=kdf_kib,
        place=None if used is None else used.place,
    )
    write_whole(path, sealed, replace=replace)


def read_station_keys(path: Path, *, passphrase: bytes) -> StationKeys:
    """Open the station's key file.

    Raises:
        NotFoundError: there is no such file.
        KeyLockedError: the passphrase is wrong, or the file was changed.
    """
    secrets = _open(path, "station", passphrase)
    try:
        keys = StationKeys(
            number=int(secrets["number"]),
            ed=bytes.fromhex(secrets["ed"]),
            pq=bytes.fromhex(secrets["pq"]),
            prekeys={int(n): bytes.fromhex(seed) for n, seed in secrets["prekeys"].items()},
            tls_cert=secrets["tls_cert"].encode("ascii"),
            tls_key=secrets["tls_key"].encode("ascii"),
            older={
                int(n): (bytes.fromhex(ed), bytes.fromhex(pq))
                for n, (ed, pq) in secrets.get("older", {}).items()
            },
            tokens={int(n): _token_in(key) for n, key in secrets.get("tokens", {}).items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _damaged(path) from None
    seeds = [keys.ed, keys.pq, *(seed for pair in keys.older.values() for seed in pair)]
    lengths = {len(seed) for seed in (*seeds, *keys.prekeys.values())}
    if not lengths <= {SEED_BYTES, PREKEY_SEED_BYTES}:
        raise _damaged(path)
    return keys


def _token_out(key: TokenKey) -> dict[str, str]:
    return {
        "module": key.place.module,
        "label": key.place.label,
        "pin": key.pin,
        "id": key.id.hex(),
        "public": key.public.hex(),
    }


def _token_in(raw: Mapping[str, str]) -> TokenKey:
    return TokenKey(
        place=Place(module=raw["module"], label=raw["label"]),
        pin=raw["pin"],
        id=bytes.fromhex(raw["id"]),
        public=bytes.fromhex(raw["public"]),
    )


def token_named(path: Path) -> Place | None:
    """Return the token that holds the key in use, as the file says unopened; None for none."""
    try:
        named = json.loads(path.read_bytes()[: KEY_FILE_BYTES_MAX + 1]).get("token")
        return None if named is None else Place(module=named["module"], label=named["label"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def open_beside(path: Path, *, passphrase: bytes) -> Future[StationKeys]:
    """Open the station's key file in a thread of its own.

    What a passphrase costs is half of the start of a station; the caller loads meanwhile what
    else it needs. The result raises what `read_station_keys` raises.
    """
    worker = ThreadPoolExecutor(1, thread_name_prefix="parley-keys")
    opening = worker.submit(read_station_keys, path, passphrase=passphrase)
    worker.shutdown(wait=False)
    return opening


def write_root_keys(
    path: Path,
    keys: RootKeys,
    *,
    party: bytes,
    passphrase: bytes,
    random: Callable[[int], bytes],
    kdf_kib: int = KDF_KIB,
) -> None:
    """Seal the root keys into a file of mode 0600; see `files.write_whole` for errors."""
    secrets = {"ed": keys.ed.hex(), "pq": keys.pq.hex()}
    sealed = _seal(
        "root", secrets, party=party, passphrase=passphrase, random=random, kdf_kib=kdf_kib
    )
    write_whole(path, sealed)


def read_root_keys(path: Path, *, passphrase: bytes) -> RootKeys:
    """Open the root key file; errors as of `read_station_keys`."""
    secrets = _open(path, "root", passphrase)
    try:
        keys = RootKeys(ed=bytes.fromhex(secrets["ed"]), pq=bytes.fromhex(secrets["pq"]))
    except (KeyError, TypeError, ValueError):
        raise _damaged(path) from None
    if {len(keys.ed), len(keys.pq)} != {SEED_BYTES}:
        raise _damaged(path)
    return keys


def _header(
    role: str, party: bytes, kdf: Mapping[str, Any], nonce: bytes, place: Place | None
) -> dict[str, Any]:
    token = {} if place is None else {"token": {"module": place.module, "label": place.label}}
    return {
        "form": FORM,
        "role": role,
        "party": party.hex(),
        "kdf": dict(kdf),
        "cipher": {"name": "AES-256-GCM-SIV", "nonce": nonce.hex()},
        **token,
    }


def _seal(
    role: str,
    secrets: Mapping[str, Any],
    *,
    party: bytes,
    passphrase: bytes,
    random: Callable[[int], bytes],
    kdf_kib: int,
    place: Place | None = None,
) -> bytes:
    cost = {"kib": kdf_kib, "passes": KDF_PASSES, "lanes": KDF_LANES}
    kdf = {"name": "argon2id", **cost, "salt": random(16).hex()}
    header = _header(role, party, kdf, random(12), place)
    key = _derive(passphrase, kdf)
    plain = json.dumps(secrets, sort_keys=True).encode()
    nonce = bytes.fromhex(header["cipher"]["nonce"])
    sealed = AESGCMSIV(key).encrypt(nonce, plain, _bound(header))
    text = json.dumps({**header, "sealed": base64.b64encode(sealed).decode("ascii")}, indent=1)
    return text.encode() + b"\n"


_MISSING: Final = {
    "station": "Put it back from the backup; without it the station cannot speak.",
    "root": "Bring the root key from its safe: --root-key FILE. If it is lost for good, only a new "
    "party helps: see docs/operate.md. The station goes on until its card ends.",
}


def _open(path: Path, role: str, passphrase: bytes) -> dict[str, Any]:
    try:
        raw = path.read_bytes()[: KEY_FILE_BYTES_MAX + 1]
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(
            f"key file {path} is missing",
            next_step=_MISSING[role],
        ) from None
    try:
        members = json.loads(raw)
        sealed = base64.b64decode(members.pop("sealed"), validate=True)
        kdf, nonce = members["kdf"], bytes.fromhex(members["cipher"]["nonce"])
        named = members.get("token")
        place = None if named is None else Place(module=named["module"], label=named["label"])
        expected = _header(role, bytes.fromhex(members["party"]), kdf, nonce, place)
        is_sane = _is_sane(kdf)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        raise _damaged(path) from None
    if len(raw) > KEY_FILE_BYTES_MAX or members != expected or not is_sane or len(nonce) != 12:
        raise _damaged(path)
    try:
        plain = AESGCMSIV(_derive(passphrase, kdf)).decrypt(nonce, sealed, _bound(members))
    except InvalidTag:
        raise KeyLockedError(
            f"key file {path.name} does not open: the passphrase is wrong, or the file was changed",
            next_step="Try the passphrase again. If it is right, put the file back from backup.",
        ) from None
    secrets = json.loads(plain)
    if not isinstance(secrets, dict):
        raise _damaged(path)
    return secrets


def _is_sane(kdf: Mapping[str, Any]) -> bool:
    """Say whether this is a cost that we would take: a file of another hand may ask for any."""
    bytes.fromhex(kdf["salt"])
    if kdf["name"] == "scrypt":
        n = kdf["n"]
        is_power = type(n) is int and n > 0 and n & (n - 1) == 0
        is_known = kdf.keys() == {"name", "n", "r", "p", "salt"}
        is_usual = is_known and (kdf["r"], kdf["p"]) == (_SCRYPT_R, _SCRYPT_P)
        return is_power and is_usual and _SCRYPT_N_LEAST <= n <= _SCRYPT_N_MOST
    kib, passes, lanes = kdf["kib"], kdf["passes"], kdf["lanes"]
    return (
        kdf["name"] == "argon2id"
        and kdf.keys() == {"name", "kib", "passes", "lanes", "salt"}
        and {type(kib), type(passes), type(lanes)} == {int}
        and max(_KIB_LEAST, 8 * lanes) <= kib <= _KIB_MOST
        and 1 <= passes <= _PASSES_MOST
        and 1 <= lanes <= _LANES_MOST
        and len(kdf["salt"]) >= 16
    )


def _derive(passphrase: bytes, kdf: Mapping[str, Any]) -> bytes:
    salt = bytes.fromhex(kdf["salt"])
    if kdf["name"] == "argon2id":
        return Argon2id(
            salt=salt,
            length=32,
            iterations=kdf["passes"],
            lanes=kdf["lanes"],
            memory_cost=kdf["kib"],
        ).derive(passphrase)
    return hashlib.scrypt(
        passphrase,
        salt=salt,
        n=kdf["n"],
        r=_SCRYPT_R,
        p=_SCRYPT_P,
        dklen=32,
        maxmem=256 * int(kdf["n"]) * _SCRYPT_R,
    )


def _bound(header: Mapping[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode()


def _damaged(path: Path) -> KeyLockedError:
    return KeyLockedError(
        f"key file {path.name} is not in the form {FORM!r}, or is damaged",
        next_step="Put it back from the backup.",
    )
