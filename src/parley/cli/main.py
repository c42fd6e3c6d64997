"""The `parley` command: what works without a running station, so far."""

from __future__ import annotations

import json
import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from parley.errors import NotFoundError, ParleyError

app = typer.Typer(
    name="parley",
    help="A verifiable crisis-communication link and dialogue desk.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
card_app = typer.Typer(help="Cards: what a party hands over to be known.", no_args_is_help=True)
app.add_typer(card_app, name="card")

Json = Annotated[bool, typer.Option("--json", help="Write JSON instead of text.")]


@app.command()
def version(*, as_json: Json = False) -> None:
    """Say which version this is."""
    number = metadata.version("parley-link")
    typer.echo(json.dumps({"schema": "parley.version/1", "version": number}) if as_json else number)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def verify(context: typer.Context) -> None:
    """Check exported evidence; the same as `parley-verify` (try `parley verify --help`)."""
    from parley_verify.__main__ import main as run_verifier  # noqa: PLC0415 - keeps others fast

    raise typer.Exit(run_verifier(context.args))


@app.command()
def simulate(
    *,
    seed: Annotated[int, typer.Option(help="The first seed to play.")] = 1,
    seeds: Annotated[int, typer.Option(min=1, max=100_000, help="How many, from there on.")] = 1,
    trace: Annotated[bool, typer.Option("--trace", help="Write everything that happens.")] = False,
    as_json: Json = False,
) -> None:
    """Play worlds with faults from seeds; exit 7 if an invariant breaks in one."""
    from parley.sim.run import simulate as play  # noqa: PLC0415 - keeps other commands fast

    broken = 0
    for number in range(seed, seed + seeds):
        report = play(number, trace=typer.echo if trace else None)
        broken += not report.ok
        if as_json:
            shown = {
                "schema": "parley.simulation/1", "seed": report.seed, "entries": report.entries,
                "events": report.events, "faults": report.faults, "broken": report.broken,
            }
            typer.echo(json.dumps(shown))
        else:
            typer.echo(report.line())
    raise typer.Exit(7 if broken else 0)


@card_app.command("show")
def show_card(
    file: Annotated[Path, typer.Argument(help="A card, raw or as armoured text.")],
    *,
    as_json: Json = False,
) -> None:
    """Read a card, check it, and show the words to compare by voice."""
    from parley.core.card import read_card_file  # noqa: PLC0415 - keeps other commands fast

    try:
        raw = file.read_bytes()
    except OSError as problem:
        raise NotFoundError(
            f"cannot read {file}: {problem.strerror}", next_step="Check the path of the card."
        ) from None
    card = read_card_file(raw)
    words = {language: card.words(language) for language in ("en", "zh")}
    if as_json:
        shown = {
            "schema": "parley.card/1", "code": card.code, "name": card.name,
            "party": card.party.hex(), "fingerprint": card.fingerprint.hex(),
            "sequence": card.sequence, "words": words,
        }
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    typer.echo(f"{card.code}  {card.name}\nparty        {card.party.hex()}")
    typer.echo(f"fingerprint  {card.fingerprint.hex()}")
    for language in ("en", "zh"):
        typer.echo(f"words {language}     {' '.join(words[language])}")


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit code, errors told in plain words."""
    arguments = sys.argv[1:] if argv is None else argv
    try:
        result = app(arguments, standalone_mode=False)
    except ParleyError as error:
        if "--json" in arguments:
            told = {"schema": "parley.error/1", "code": error.code, "message": str(error)}
            typer.echo(json.dumps(told | {"next": error.next_step}), err=True)
        else:
            typer.echo(f"parley: {error}", err=True)
            if error.next_step:
                typer.echo(f"  {error.next_step}", err=True)
        return error.exit_code
    except typer.Exit as done:
        return done.exit_code
    except typer.Abort:
        return 130
    except Exception as error:
        exit_code = getattr(error, "exit_code", None)
        show = getattr(error, "show", None)
        if exit_code is None or show is None:
            raise
        show()
        return int(exit_code)
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    raise SystemExit(main())
