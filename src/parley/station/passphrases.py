"""Where a passphrase or a PIN comes from: a file, a descriptor, a credential, or a person."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal

from parley.errors import KeyLockedError, UsageError

PASSPHRASE_BYTES_MAX: Final = 1_024


def read_passphrase(
    *,
    file: Path | None = None,
    fd: int | None = None,
    environ: Mapping[str, str] | None = None,
    prompt: Callable[[], str] | None = None,
    what: Literal["passphrase", "pin"] = "passphrase",
) -> bytes:
    """Return the passphrase, or the PIN, from the first source there is.

    Looked at in this order: `file`, `fd`, the file that `PARLEY_PASSPHRASE_FILE` names, systemd's
    credential `parley-passphrase`, then `prompt`. Never an argument, never the environment itself.
    For the PIN of a token the same by the name of `PARLEY_PIN_FILE` and `parley-pin`.

    Raises:
        KeyLockedError: there is no source, or it is empty.
    """
    environ = environ or {}
    variable = f"PARLEY_{what.upper()}_FILE"
    if file is not None:
        return _clean(_read_file(file, what), str(file), what)
    if fd is not None:
        with os.fdopen(fd, "rb", closefd=False) as source:
            return _clean(source.read(PASSPHRASE_BYTES_MAX + 2), f"descriptor {fd}", what)
    if named := environ.get(variable):
        return _clean(_read_file(Path(named), what), named, what)
    if credentials := environ.get("CREDENTIALS_DIRECTORY"):
        given = Path(credentials, f"parley-{what}")
        if given.is_file():
            return _clean(_read_file(given, what), str(given), what)
    if prompt is not None:
        return _clean(prompt().encode("utf-8"), "the prompt", what)
    raise KeyLockedError(
        f"the keys are locked and no {what} was given",
        next_step=f"Name a file with --{what}-file or {variable}.",
    )


def _read_file(path: Path, what: str) -> bytes:
    try:
        with path.open("rb") as source:
            return source.read(PASSPHRASE_BYTES_MAX + 2)
    except OSError as problem:
        raise KeyLockedError(
            f"{what} file {path} cannot be read: {problem.strerror}",
            next_step="Name a file that this account may read.",
        ) from None


def _clean(raw: bytes, source: str, what: str) -> bytes:
    passphrase = raw.rstrip(b"\r\n")
    if not passphrase:
        raise KeyLockedError(f"the {what} from {source} is empty")
    if len(passphrase) > PASSPHRASE_BYTES_MAX:
        raise UsageError(f"the {what} from {source} is over {PASSPHRASE_BYTES_MAX} bytes")
    return passphrase
