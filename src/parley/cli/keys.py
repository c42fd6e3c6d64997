"""`parley keys`: the station's keys through their life. Works while the station does not run."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from parley.cli.cards import Force, own_card
from parley.cli.command import Run, declare, new_app
from parley.cli.init import (
    PinFd,
    PinFile,
    TokenLabel,
    TokenModule,
    passphrase_for,
    pin_for,
    token_for,
)
from parley.cli.output import Column, Result
from parley.cli.shown import when
from parley.core.instants import dtg, rfc3339
from parley.errors import UsageError
from parley.station.at_rest import Copied, note_copied
from parley.station.certificate_renewal import renew_certificate
from parley.station.config import Config, load
from parley.station.directory import ROOT_KEY_NAME, find_station, hold
from parley.station.key_rotation import Rotation, backup, change_pin, recover, rotate
from parley.station.keystore import RootKeys, read_root_keys, token_named
from parley.station.passphrases import read_passphrase

app = new_app("Keys.")
keys_app = new_app("Keys of the station: list, rotate, revoke, back up, recover.")
app.add_typer(keys_app, name="keys")

PassphraseFile = Annotated[
    Path | None, typer.Option(help="File with the passphrase of the station's keys.")
]
PassphraseFd = Annotated[
    int | None, typer.Option(help="Open file descriptor with that passphrase.")
]
RootKey = Annotated[
    Path | None, typer.Option(help="The root key file; that in the station where left out.")
]
RootPassphraseFile = Annotated[
    Path | None,
    typer.Option(help="File with the passphrase of the root keys; the same if left out."),
]


def _settings(run: Run) -> Config:
    return load(find_station(run.station, start=Path.cwd()), environ=os.environ)


def _root_keys(
    config: Config, root_key: Path | None, root_passphrase_file: Path | None, passphrase: bytes
) -> RootKeys:
    """Return the root keys, opened with their own passphrase or else with the station's."""
    own = read_passphrase(file=root_passphrase_file) if root_passphrase_file else passphrase
    return read_root_keys(root_key or config.directory / ROOT_KEY_NAME, passphrase=own)


def _now(config: Config) -> int:
    return int(time.time()) + config.station.clock_offset_s


@declare(keys_app, "list", schema="keys", examples=["parley keys list"], exits=[10])
def list_keys(run: Run) -> None:
    """List the station keys on our card, and where the root keys lie."""
    config, card = _settings(run), own_card(run)
    newest = max(key.number for key in card.station_keys)
    items = [
        {
            "number": key.number,
            "in_use": key.number == newest,
            "not_before": rfc3339(key.not_before),
            "until": rfc3339(key.until),
            "revoked": None if key.revoked is None else rfc3339(key.revoked),
            "ed": key.ed.hex(),
        }
        for key in card.station_keys
    ]
    root = config.directory / ROOT_KEY_NAME
    place = token_named(config.path(config.station_key))
    warnings = []
    if root.exists():
        warnings.append(
            f"the root keys lie on this machine ({root.name} in {root.parent.name}/): carry that "
            "file off it, into a safe; it is needed again only for `parley keys rotate` and "
            "`parley keys certificate`"
        )
    run.finish(
        Result(
            data={
                "items": items,
                "next_cursor": None,
                "card": card.sequence,
                "card_until": rfc3339(card.not_after),
                "root_here": root.exists(),
                "token": None if place is None else place.label,
                "token_module": None if place is None else place.module,
            },
            columns=[
                Column(key="number", title="KEY"),
                Column(key="in_use", title="IN USE"),
                Column(key="not_before", title="FROM", shown=when),
                Column(key="until", title="UNTIL", shown=when),
                Column(key="revoked", title="REVOKED", shown=when),
            ],
            quiet=[str(newest)],
            warnings=warnings,
        )
    )


@declare(
    keys_app,
    "rotate",
    schema="keys-rotate",
    examples=[
        "parley keys rotate --root-key /media/safe/root.key",
        "parley keys rotate --dry-run",
        "parley keys rotate --revoke",
        "parley keys rotate --token-module /usr/lib/softhsm/libsofthsm2.so --token parley",
    ],
    exits=[6, 10, 12],
)
def rotate_key(
    run: Run,
    *,
    root_key: RootKey = None,
    revoke: Annotated[
        bool,
        typer.Option(
            "--revoke", help="The key in use was stolen: nothing it signs from now on counts."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")
    ] = False,
    passphrase_file: PassphraseFile = None,
    passphrase_fd: PassphraseFd = None,
    root_passphrase_file: RootPassphraseFile = None,
    token_module: TokenModule = "",
    token: TokenLabel = "",
    pin_file: PinFile = None,
    pin_fd: PinFd = None,
    in_file: Annotated[
        bool,
        typer.Option("--in-file", help="The new key lies in the key file, not in the token."),
    ] = False,
) -> None:
    """Make a new station key and a new card; peers take both in when the station runs again."""
    config = _settings(run)
    if in_file and (token or token_module):
        raise UsageError("--in-file and --token are both given", next_step="Give one.")
    held_by = token_for(run, module=token_module, label=token, file=pin_file, fd=pin_fd)
    with hold(config.directory, purpose="parley keys rotate"):
        passphrase = passphrase_for(run, file=passphrase_file, fd=passphrase_fd)
        made = rotate(
            config.directory,
            config.path(config.station_key),
            passphrase=passphrase,
            root=_root_keys(config, root_key, root_passphrase_file, passphrase),
            now=_now(config),
            random=os.urandom,
            revoke=revoke,
            write=not dry_run,
            token=held_by,
            in_file=in_file,
        )
    before = made.card.key(made.before)
    data = {
        "number": made.number,
        "before": made.before,
        "before_until": None if before is None else rfc3339(before.until),
        "revoked": made.revoked,
        "card": made.card.sequence,
        "written": not dry_run,
    }
    lines = [*_made(made), "nothing was written"] if dry_run else [*_made(made), *_next(made)]
    run.finish(Result(data=data, lines=lines, quiet=[str(made.number)]))


def _made(made: Rotation) -> list[str]:
    before = made.card.key(made.before)
    until = "now" if before is None else dtg(before.until)
    ends = (
        "revoked: what it signs from now on is worthless"
        if made.revoked
        else f"counts until {until}, for peers that hear of it late"
    )
    return [
        f"key {made.number}  the station key, on card number {made.card.sequence}",
        f"key {made.before}  {ends}",
        "words  stay the same: peers compare nothing again",
    ]


def _next(made: Rotation) -> list[str]:
    lines = [
        "next   start the station: it shows the card on every link and in every open log",
        "       give the card to peers that no link reaches, and to witnesses: parley card export",
        "       copy the new keys to a safe place: parley keys backup FILE",
    ]
    if made.revoked:
        lines.append("       a thief may have spoken: ask the peers what they last received")
    return lines


@declare(
    keys_app,
    "backup",
    schema="keys-backup",
    examples=["parley keys backup /media/safe/alfa.keys"],
    exits=[6, 10],
)
def backup_keys(
    run: Run,
    out: Annotated[Path, typer.Argument(help="File to write, outside this machine.")],
    *,
    force: Force = False,
) -> None:
    """Copy card and station keys into one file; the keys stay sealed under their passphrase."""
    config, card = _settings(run), own_card(run)
    backup(config.directory, config.path(config.station_key), out, replace_it=force)
    note_copied(config.directory, Copied(at=_now(config), card=card.sequence))
    run.finish(
        Result(
            data={"file": str(out), "card": card.sequence, "bytes": out.stat().st_size},
            lines=[
                f"card number {card.sequence} and its station keys copied to {out}",
                "Root keys are not in it. Make another copy after each `parley keys rotate`.",
            ],
            quiet=[str(out)],
        )
    )


@declare(
    keys_app,
    "recover",
    schema="keys-recover",
    examples=["parley keys recover /media/safe/alfa.keys"],
    exits=[6, 10, 12],
)
def recover_keys(
    run: Run,
    source: Annotated[Path, typer.Argument(help="What `parley keys backup` wrote.")],
    *,
    passphrase_file: PassphraseFile = None,
    passphrase_fd: PassphraseFd = None,
) -> None:
    """Put card and station keys back from a backup, once they open and belong together."""
    if not source.is_file():
        raise UsageError(f"there is no file {source}", next_step="name the backup of the keys.")
    config = _settings(run)
    with hold(config.directory, purpose="parley keys recover"):
        passphrase = passphrase_for(run, file=passphrase_file, fd=passphrase_fd)
        card = recover(
            config.directory, config.path(config.station_key), source, passphrase=passphrase
        )
    run.finish(
        Result(
            data={"code": card.code, "card": card.sequence},
            lines=[
                f"keys of {card.code} put back, with card number {card.sequence}",
                "next   parley doctor, then parley serve",
            ],
            quiet=[card.code],
        )
    )


@declare(
    keys_app,
    "pin",
    schema="keys-pin",
    examples=["parley keys pin", "parley keys pin --pin-file pin"],
    exits=[6, 10, 12],
)
def change_token_pin(
    run: Run,
    *,
    token_module: Annotated[
        str, typer.Option(help="Where the library of the token's maker lies now.")
    ] = "",
    pin_file: PinFile = None,
    pin_fd: PinFd = None,
    passphrase_file: PassphraseFile = None,
    passphrase_fd: PassphraseFd = None,
) -> None:
    """Tell the station the PIN that its token takes by now; the token itself is not changed."""
    config, card = _settings(run), own_card(run)
    with hold(config.directory, purpose="parley keys pin"):
        passphrase = passphrase_for(run, file=passphrase_file, fd=passphrase_fd)
        place = change_pin(
            config.path(config.station_key),
            pin_for(run, file=pin_file, fd=pin_fd),
            party=card.party,
            passphrase=passphrase,
            random=os.urandom,
            module=token_module,
        )
    run.finish(
        Result(
            data={"token": place.label, "token_module": place.module},
            lines=[f"token {place.label!r} took the PIN and signed; it is kept in the key file"],
            quiet=[place.label],
        )
    )


@declare(
    keys_app,
    "certificate",
    schema="keys-certificate",
    examples=["parley keys certificate --root-key /media/safe/root.key"],
    exits=[6, 10, 12],
)
def renew_tls_certificate(
    run: Run,
    *,
    root_key: RootKey = None,
    passphrase_file: PassphraseFile = None,
    passphrase_fd: PassphraseFd = None,
    root_passphrase_file: RootPassphraseFile = None,
) -> None:
    """Make a new TLS certificate, and a card whose addresses name it; station keys stay."""
    config = _settings(run)
    with hold(config.directory, purpose="parley keys certificate"):
        passphrase = passphrase_for(run, file=passphrase_file, fd=passphrase_fd)
        card = renew_certificate(
            config.directory,
            config.path(config.station_key),
            passphrase=passphrase,
            root=_root_keys(config, root_key, root_passphrase_file, passphrase),
            now=_now(config),
            random=os.urandom,
        )
    run.finish(
        Result(
            data={"card": card.sequence, "card_until": rfc3339(card.not_after)},
            lines=[
                f"a new TLS certificate, on card number {card.sequence}; words stay the same",
                "next   start the station: it shows the card to peers that it dials itself",
                "       give it to peers that only dial us: they go by the old pin",
                "       parley card export",
            ],
            quiet=[str(card.sequence)],
        )
    )
