"""Key files: scrypt over a passphrase, AES-256-GCM-SIV over the keys, JSON around both.

A key file never holds a key in the open, and nothing here logs one. The nonce is fresh for every
file written; the header is authenticated with the content.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from parley.core.hpke import PREKEY_SEED_BYTES
from parley.errors import KeyLockedError, NotFoundError, UsageError
from parley.station.files import write_whole

FORM: Final = "parley key 1"
SCRYPT_N: Final = 2**17
"""128 MiB and about half a second: what OWASP's password storage sheet asks of scrypt."""

SCRYPT_N_LEAST, SCRYPT_N_MOST = 2**10, 2**20
SCRYPT_R, SCRYPT_P = 8, 1
KEY_FILE_BYTES_MAX: Final = 65_536
PASSPHRASE_BYTES_MAX: Final = 1_024
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
    """

    number: int
    ed: bytes = field(repr=False)
    pq: bytes = field(repr=False)
    prekeys: Mapping[int, bytes] = field(repr=False)
    tls_cert: bytes = field(repr=False)
    tls_key: bytes = field(repr=False)
    older: Mapping[int, tuple[bytes, bytes]] = field(default_factory=dict, repr=False)

    @property
    def oldest_seed(self) -> bytes:
        """Return the Ed25519 seed of the lowest number at hand."""
        seeds = {self.number: self.ed, **{number: ed for number, (ed, _) in self.older.items()}}
        return seeds[min(seeds)]


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
    scrypt_n: int = SCRYPT_N,
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
    }
    sealed = _seal(
        "station", secrets, party=party, passphrase=passphrase, random=random, scrypt_n=scrypt_n
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
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _damaged(path) from None
    seeds = [keys.ed, keys.pq, *(seed for pair in keys.older.values() for seed in pair)]
    lengths = {len(seed) for seed in (*seeds, *keys.prekeys.values())}
    if not lengths <= {SEED_BYTES, PREKEY_SEED_BYTES}:
        raise _damaged(path)
    return keys


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
    scrypt_n: int = SCRYPT_N,
) -> None:
    """Seal the root keys into a file of mode 0600; see `files.write_whole` for errors."""
    secrets = {"ed": keys.ed.hex(), "pq": keys.pq.hex()}
    sealed = _seal(
        "root", secrets, party=party, passphrase=passphrase, random=random, scrypt_n=scrypt_n
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


def _header(role: str, party: bytes, scrypt_n: int, salt: bytes, nonce: bytes) -> dict[str, Any]:
    return {
        "form": FORM,
        "role": role,
        "party": party.hex(),
        "kdf": {"name": "scrypt", "n": scrypt_n, "r": SCRYPT_R, "p": SCRYPT_P, "salt": salt.hex()},
        "cipher": {"name": "AES-256-GCM-SIV", "nonce": nonce.hex()},
    }


def _seal(
    role: str,
    secrets: Mapping[str, Any],
    *,
    party: bytes,
    passphrase: bytes,
    random: Callable[[int], bytes],
    scrypt_n: int,
) -> bytes:
    header = _header(role, party, scrypt_n, random(16), random(12))
    key = _derive(passphrase, bytes.fromhex(header["kdf"]["salt"]), scrypt_n)
    plain = json.dumps(secrets, sort_keys=True).encode()
    nonce = bytes.fromhex(header["cipher"]["nonce"])
    sealed = AESGCMSIV(key).encrypt(nonce, plain, _bound(header))
    text = json.dumps({**header, "sealed": base64.b64encode(sealed).decode("ascii")}, indent=1)
    return text.encode() + b"\n"


def _open(path: Path, role: str, passphrase: bytes) -> dict[str, Any]:
    try:
        raw = path.read_bytes()[: KEY_FILE_BYTES_MAX + 1]
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(
            f"key file {path} is missing",
            next_step="Put it back from the backup; without it the station cannot speak.",
        ) from None
    try:
        members = json.loads(raw)
        header = {name: members[name] for name in ("form", "role", "party", "kdf", "cipher")}
        scrypt_n, salt = header["kdf"]["n"], bytes.fromhex(header["kdf"]["salt"])
        nonce = bytes.fromhex(header["cipher"]["nonce"])
        sealed = base64.b64decode(members["sealed"], validate=True)
        expected = _header(role, bytes.fromhex(header["party"]), scrypt_n, salt, nonce)
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise _damaged(path) from None
    is_cost_sane = (
        type(scrypt_n) is int
        and SCRYPT_N_LEAST <= scrypt_n <= SCRYPT_N_MOST
        and scrypt_n & (scrypt_n - 1) == 0
    )
    if len(raw) > KEY_FILE_BYTES_MAX or header != expected or not is_cost_sane or len(nonce) != 12:
        raise _damaged(path)
    try:
        plain = AESGCMSIV(_derive(passphrase, salt, scrypt_n)).decrypt(
            nonce, sealed, _bound(header)
        )
    except InvalidTag:
        raise KeyLockedError(
            f"key file {path.name} does not open: the passphrase is wrong, or the file was changed",
            next_step="Try the passphrase again. If it is right, put the file back from backup.",
        ) from None
    secrets = json.loads(plain)
    if not isinstance(secrets, dict):
        raise _damaged(path)
    return secrets


def _derive(passphrase: bytes, salt: bytes, scrypt_n: int) -> bytes:
    return hashlib.scrypt(
        passphrase,
        salt=salt,
        n=scrypt_n,
        r=SCRYPT_R,
        p=SCRYPT_P,
        dklen=32,
        maxmem=256 * scrypt_n * SCRYPT_R,
    )


def _bound(header: Mapping[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode()


def _damaged(path: Path) -> KeyLockedError:
    return KeyLockedError(
        f"key file {path.name} is not in the form {FORM!r}, or is damaged",
        next_step="Put it back from the backup.",
    )


def read_passphrase(
    *,
    file: Path | None = None,
    fd: int | None = None,
    environ: Mapping[str, str] | None = None,
    prompt: Callable[[], str] | None = None,
) -> bytes:
    """Return the passphrase from the first source there is.

    Looked at in this order: `file`, `fd`, the file that `PARLEY_PASSPHRASE_FILE` names, systemd's
    credential `parley-passphrase`, then `prompt`. Never an argument, never the environment itself.

    Raises:
        KeyLockedError: there is no source, or it is empty.
    """
    environ = environ or {}
    if file is not None:
        return _clean(_read_file(file), str(file))
    if fd is not None:
        with os.fdopen(fd, "rb", closefd=False) as source:
            return _clean(source.read(PASSPHRASE_BYTES_MAX + 2), f"file descriptor {fd}")
    if named := environ.get("PARLEY_PASSPHRASE_FILE"):
        return _clean(_read_file(Path(named)), named)
    if credentials := environ.get("CREDENTIALS_DIRECTORY"):
        given = Path(credentials, "parley-passphrase")
        if given.is_file():
            return _clean(_read_file(given), str(given))
    if prompt is not None:
        return _clean(prompt().encode("utf-8"), "the prompt")
    raise KeyLockedError(
        "the keys are locked and no passphrase was given",
        next_step="Name a file with --passphrase-file or PARLEY_PASSPHRASE_FILE.",
    )


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as source:
            return source.read(PASSPHRASE_BYTES_MAX + 2)
    except OSError as problem:
        raise KeyLockedError(
            f"passphrase file {path} cannot be read: {problem.strerror}",
            next_step="Name a file that this account may read.",
        ) from None


def _clean(raw: bytes, source: str) -> bytes:
    passphrase = raw.rstrip(b"\r\n")
    if not passphrase:
        raise KeyLockedError(f"the passphrase from {source} is empty")
    if len(passphrase) > PASSPHRASE_BYTES_MAX:
        raise UsageError(f"the passphrase from {source} is over {PASSPHRASE_BYTES_MAX} bytes")
    return passphrase
