"""`parley init`: make a station."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from parley.cli.command import Run, declare, new_app
from parley.cli.output import Result
from parley.errors import KeyLockedError, UsageError
from parley.station.config import ConfigError
from parley.station.identity import create_station
from parley.station.passphrases import read_passphrase
from parley.station.token import Place

app = new_app("Make a station.")


def passphrase_for(
    run: Run, *, file: Path | None, fd: int | None, again: bool = False, what: str = "Passphrase"
) -> bytes:
    """Return a passphrase from a file, a descriptor, a credential or a prompt; never an argument.

    Raises:
        KeyLockedError: there is none.
        UsageError: typed twice, it differs.
    """

    def prompt() -> str:
        first = run.ask(what, flag="--passphrase-file", hidden=True)
        if again and run.ask(f"{what} again", flag="--passphrase-file", hidden=True) != first:
            raise UsageError("the two passphrases differ", next_step="type them again.")
        return first

    return read_passphrase(
        file=file, fd=fd, environ=os.environ, prompt=prompt if run.can_ask else None
    )


def token_for(
    run: Run, *, module: str, label: str, file: Path | None, fd: int | None
) -> tuple[Place, str] | None:
    """Return the token that is to make a key, and its PIN; None where none is named.

    Raises:
        UsageError: a library without a label, or a label without a library.
        KeyLockedError: there is no PIN.
    """
    if not label and not module:
        return None
    if not label or not module:
        raise UsageError(
            "a token is named by the library of its maker and by its label",
            next_step="Give both --token-module and --token.",
        )
    return Place(module=module, label=label), pin_for(run, file=file, fd=fd)


def pin_for(run: Run, *, file: Path | None, fd: int | None) -> str:
    """Return the PIN of a token, from the same kinds of source as a passphrase.

    Raises:
        KeyLockedError: there is none, or it is no text.
    """

    def prompt() -> str:
        return run.ask("PIN of the token", flag="--pin-file", hidden=True)

    raw = read_passphrase(
        file=file, fd=fd, environ=os.environ, prompt=prompt if run.can_ask else None, what="pin"
    )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise KeyLockedError("the PIN is no text", next_step="Give another file.") from None


TokenModule = Annotated[
    str,
    typer.Option(help="Library of the PKCS#11 token's maker, such as /usr/lib/softhsm/….so."),
]
TokenLabel = Annotated[
    str, typer.Option(help="Label of the PKCS#11 token that makes and holds the station key.")
]
PinFile = Annotated[Path | None, typer.Option(help="File with the token's PIN.")]
PinFd = Annotated[int | None, typer.Option(help="Open file descriptor with that PIN.")]

_OPTIONS: Final = {
    "station.code": "--code",
    "station.name": "--name",
    "station.mark": "--mark",
    "station.languages": "--language",
    "link.listen": "--listen",
    "release.policy": "--release",
    "store.url": "--database",
    "console.listen": "--console",
    "api.listen": "--api",
}


def _by_option(error: ConfigError) -> UsageError:
    """Return what is wrong with settings that options gave, by the options' names."""
    said = []
    for each in error.problems:
        _, key, text = each.split(": ", 2)
        said.append(f"{_OPTIONS.get(key, key)}: {text}")
    return UsageError("; ".join(said), next_step="put it right; parley init --help explains.")


@declare(
    app,
    "init",
    schema="init",
    at_station=False,
    examples=[
        'parley init ./alfa --code ALFA --name "Alfa Coast Guard" --listen 127.0.0.1:7001',
        "parley init ./alfa --code ALFA --release one-person --passphrase-file pw --no-input",
        "parley init ./charlie --code CHARLIE --witness-only --listen 127.0.0.1:7003",
        "parley init --code DELTA --token-module /usr/lib/softhsm/libsofthsm2.so --token parley",
    ],
    exits=[6, 12],
)
def init(
    run: Run,
    directory: Annotated[Path, typer.Argument(help="An empty or missing directory.")] = Path(),
    *,
    code: Annotated[
        str, typer.Option(help="Short code of your party: A-Z, 0-9 and -, at most 16.")
    ] = "",
    name: Annotated[str, typer.Option(help="Your party's name; the code where left out.")] = "",
    listen: Annotated[
        list[str] | None,
        typer.Option(help="host:port at which peers reach this station; may be repeated."),
    ] = None,
    release: Annotated[
        str,
        typer.Option(help="Who may release a text: `two-person`, or `one-person` (the writer)."),
    ] = "two-person",
    mark: Annotated[
        str,
        typer.Option(help="Marking of all it writes: LIVE (default), EXERCISE, TEST, SIMULATION."),
    ] = "",
    exercise: Annotated[
        bool, typer.Option("--exercise", help="The same as --mark EXERCISE.")
    ] = False,
    language: Annotated[
        list[str] | None, typer.Option(help="A language it writes in; may be repeated.")
    ] = None,
    database: Annotated[
        str, typer.Option(help="Database URL; a file in the directory where left out.")
    ] = "",
    witness_only: Annotated[
        bool,
        typer.Option(
            "--witness-only",
            help="A witness: it cosigns parties' statements at --listen, and does nothing else.",
        ),
    ] = False,
    url: Annotated[
        str,
        typer.Option(help="Address of the witness for its card, where another stands before it."),
    ] = "",
    console: Annotated[
        str, typer.Option(help="host:port of the officers' console; none where left out.")
    ] = "",
    api: Annotated[
        str, typer.Option(help="host:port of the API for programs; none where left out.")
    ] = "",
    passphrase_file: Annotated[
        Path | None, typer.Option(help="File with the passphrase of the station's keys.")
    ] = None,
    passphrase_fd: Annotated[
        int | None, typer.Option(help="Open file descriptor with that passphrase.")
    ] = None,
    root_passphrase_file: Annotated[
        Path | None,
        typer.Option(help="File with another passphrase for the root keys; the same if left out."),
    ] = None,
    token_module: TokenModule = "",
    token: TokenLabel = "",
    pin_file: PinFile = None,
    pin_fd: PinFd = None,
) -> None:
    """Make a station: root and station keys, card, settings, place of the database."""
    if exercise and mark not in ("", "EXERCISE"):
        raise UsageError(f"--exercise and --mark {mark} are both given", next_step="Give one.")
    if witness_only and len(listen or []) != 1:
        raise UsageError(
            "a witness needs one address at which it takes statements",
            next_step="Give it with --listen, such as 127.0.0.1:7003.",
        )
    if url and not witness_only:
        raise UsageError("--url is for a witness", next_step="Use it with --witness-only.")
    code = code or run.ask("Code of your party", flag="--code")
    passphrase = passphrase_for(run, file=passphrase_file, fd=passphrase_fd, again=True)
    root = read_passphrase(file=root_passphrase_file) if root_passphrase_file else None
    held_by = token_for(run, module=token_module, label=token, file=pin_file, fd=pin_fd)
    run.out.tell("making keys ...")
    try:
        made = create_station(
            directory.absolute(),
            code=code,
            name=name or code,
            listen=[] if witness_only else listen or [],
            witness_listen=(listen or [""])[0] if witness_only else "",
            witness_url=url,
            release=release,
            mark=mark or ("EXERCISE" if exercise else "LIVE"),
            languages=language or ["en"],
            store_url=database or None,
            console_listen=console,
            api_listen=api,
            passphrase=passphrase,
            root_passphrase=root,
            token=held_by,
            now=int(time.time()),
            random=os.urandom,
        )
    except ConfigError as problem:
        raise _by_option(problem) from None
    words = {lang: list(made.card.words(lang)) for lang in ("en", "zh")}
    warnings = ["one person may write and release: the console and the record show that for good"]
    run.finish(
        Result(
            data={
                "code": made.card.code,
                "name": made.card.name,
                "party": made.card.party.hex(),
                "words": words,
                "officer": made.officer,
                "directory": str(made.directory),
                "card": str(made.card_path),
                "config": str(made.config_path),
                "root_key": str(made.root_key_path),
            },
            lines=[
                f"station {made.card.code} made in {directory}",
                f"first officer  {made.officer}, whoever holds the account that ran this",
                f"words          {' '.join(words[run.language])}",
                f"root keys      {made.root_key_path.relative_to(made.directory)}",
                "               carry this file off the machine, into a safe",
                *_second_person(made.card.code, release, directory),
                f"next           parley serve --station {directory}",
            ],
            quiet=[made.card.code],
            warnings=warnings if release == "one-person" else [],
        )
    )


def _second_person(code: str, release: str, directory: Path) -> list[str]:
    """Return what a station needs on which nobody releases what they wrote."""
    if release != "two-person":
        return []
    return [
        "release        by two persons: add the second before anything is to be sent",
        f"               parley officer add {code}-2 --role releaser --role administrator \\",
        f"                 --account UID --station {directory}",
    ]
