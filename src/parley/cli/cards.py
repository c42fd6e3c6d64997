"""`parley card`: what a party hands over to be known. Works without a running station."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from parley.cli.command import LANGUAGES, Run, declare, new_app, write_file
from parley.cli.output import Result
from parley.core.card import Card, armour, read_card_file
from parley.core.cosignature import is_witness_address, witness_of
from parley.core.instants import dtg, rfc3339
from parley.core.limits import CARD_BYTES_MAX
from parley.core.texts import visible
from parley.errors import EvidenceError, MalformedError, NotFoundError, UsageError
from parley.station.card_page import card_page
from parley.station.directory import CARD_NAME, find_station, read_limited

app = new_app("Cards.")
card_app = new_app("Cards: what a party hands over to be known.")
app.add_typer(card_app, name="card")

_FILE_BYTES_MAX = 2 * CARD_BYTES_MAX
"""Armour is four thirds of the card and some lines; the texts of its codes are a little more."""

Out = Annotated[Path, typer.Option("--out", "-o", help="File to write; - is standard output.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")]
CardFile = Annotated[
    Path | None,
    typer.Argument(help="A card, in any of its forms; our own where left out."),
]


def own_card(run: Run) -> Card:
    """Return the card of the station meant.

    Raises:
        NoStationError: there is none.
    """
    directory = find_station(run.station, start=Path.cwd())
    return read_card_file(read_limited(directory / CARD_NAME, _FILE_BYTES_MAX))


def read_card(path: Path) -> Card:
    """Return a peer's card from a file.

    Raises:
        NotFoundError: there is no such file.
        EvidenceError: it is no card, or does not verify.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}", next_step="name the card's file.")
    try:
        return read_card_file(read_limited(path, _FILE_BYTES_MAX))
    except MalformedError as problem:
        raise EvidenceError(
            f"{path} is no card, or was damaged: {problem}",
            next_step="ask for the card again; nothing of it was kept.",
        ) from None


def card_json(card: Card) -> dict[str, Any]:
    """Return a card as `--json` shows it."""
    known = witness_of(card) if any(map(is_witness_address, card.paths)) else None
    return {
        "code": card.code,
        "name": card.name,
        "party": card.party.hex(),
        "witness_key": None if known is None else known.vkey,
        "fingerprint": card.fingerprint.hex(),
        "words": {lang: list(card.words(lang)) for lang in ("en", "zh")},
        "sequence": card.sequence,
        "issued": rfc3339(card.issued),
        "not_after": rfc3339(card.not_after),
        "paths": list(card.paths),
        "station_keys": [
            {
                "number": key.number,
                "ed": key.ed.hex(),
                "not_before": rfc3339(key.not_before),
                "until": rfc3339(key.until),
                "revoked": None if key.revoked is None else rfc3339(key.revoked),
            }
            for key in card.station_keys
        ],
        "armour": armour(card),
    }


def word_lines(words: Mapping[str, Any], language: str) -> list[str]:
    """Return twelve words, six to a line, as they are read out."""
    all_words = list(words[language])
    return ["    " + "  ".join(all_words[at : at + 6]) for at in (0, 6)]


@declare(
    card_app,
    "show",
    schema="card",
    examples=["parley card show", "parley card show --words zh", "parley card show --text"],
    exits=[5, 7, 10],
)
def show(
    run: Run,
    file: CardFile = None,
    *,
    words: Annotated[str, typer.Option(help="Only the words to read out, `en` or `zh`.")] = "",
    text: Annotated[
        bool, typer.Option("--text", help="The card itself, as text for mail and paper.")
    ] = False,
) -> None:
    """Show a card and the twelve words that two people compare by voice."""
    if words not in ("", *LANGUAGES):
        raise UsageError(f"--words {words!r} is not en or zh", next_step="give --words en or zh.")
    if words and text:
        raise UsageError("--words and --text are two different things", next_step="give one.")
    card = read_card(file) if file else own_card(run)
    data = card_json(card)
    if words or text:
        only = armour(card).rstrip("\n").split("\n") if text else word_lines(data["words"], words)
        run.finish(Result(data=data, lines=only, quiet=[line.strip() for line in only]))
        return
    run.finish(
        Result(
            data=data,
            lines=[
                f"{card.code}  {visible(card.name)}",
                f"party      {card.party.hex()}",
                f"card       number {card.sequence}, issued {dtg(card.issued)}",
                f"good until {dtg(card.not_after)}",
                *(f"reached at {visible(path)}" for path in card.paths),
                *([f"witness    {data['witness_key']}"] if data["witness_key"] else []),
                "words",
                *word_lines(data["words"], run.language),
            ],
            quiet=[card.party.hex()],
            detail=[f"fingerprint {card.fingerprint.hex()}"],
        )
    )


@declare(
    card_app,
    "export",
    schema="card-export",
    examples=[
        "parley card export --out alfa.card",
        "parley card export --raw --out alfa.bin",
        "parley card export --qr --out alfa.svg",
    ],
    exits=[10],
)
def export(
    run: Run,
    *,
    out: Out = Path("-"),
    raw: Annotated[
        bool, typer.Option("--raw", help="The signed bytes instead of text for mail and paper.")
    ] = False,
    qr: Annotated[
        bool,
        typer.Option("--qr", help="A page of QR codes (SVG); what a reader gives is a card file."),
    ] = False,
    force: Force = False,
) -> None:
    """Write our own card, to be handed to a peer."""
    if raw and qr:
        raise UsageError("--raw and --qr are two forms of one file", next_step="give one of them.")
    card = own_card(run)
    content = card.raw if raw else armour(card).encode("ascii")
    if qr:
        content = card_page(card).encode("utf-8")
    if str(out) == "-" and run.out.is_json:
        raise UsageError(
            "--json and the card would both go to standard output",
            next_step="name a file with --out, or read data.armour of card show.",
        )
    write_file(out, content, force=force)
    if str(out) == "-":
        return
    run.finish(
        Result(
            data={
                "code": card.code,
                "party": card.party.hex(),
                "file": str(out),
                "bytes": len(content),
            },
            lines=[f"card of {card.code} written to {out}, {len(content)} bytes"],
            quiet=[str(out)],
        )
    )


@declare(
    card_app,
    "import",
    schema="card",
    at_station=False,
    examples=["parley card import bravo.card"],
    exits=[5, 7],
)
def import_card(
    run: Run,
    file: Annotated[Path, typer.Argument(help="The card: raw, text, or read from codes.")],
) -> None:
    """Read a peer's card and check its signatures; it becomes a peer with `parley peer add`."""
    card = read_card(file)
    run.finish(
        Result(
            data=card_json(card),
            lines=[
                f"{card.code}  {visible(card.name)}: the card's signatures hold",
                "Whether it is theirs is told by the words alone: compare them by voice.",
                *word_lines({"en": card.words("en"), "zh": card.words("zh")}, run.language),
            ],
            quiet=[card.code],
        )
    )
