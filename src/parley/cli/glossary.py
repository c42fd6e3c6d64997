"""`parley glossary`: terms agreed with peers, from joint texts, and our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from parley.cli.command import Run, declare, new_app, read_text
from parley.cli.exits import IN_PART
from parley.cli.output import Column, Result
from parley.cli.reach import reach, segment
from parley.core.texts import visible
from parley.errors import UsageError

app = new_app("The glossary.")
group = new_app("Terms: agreed with peers in joint texts, and our own.")
app.add_typer(group, name="glossary")

Code = Annotated[str, typer.Argument(help="The term's code, such as safe-distance.")]
_PAIR = "as LANG=TEXT, such as zh=安全距离"


@declare(
    group,
    "list",
    schema="glossary",
    examples=["parley glossary list", "parley glossary list 距离 --standing agreed"],
    exits=[10, 11],
)
def list_terms(
    run: Run,
    words: Annotated[str, typer.Argument(help="Only terms in which this stands.")] = "",
    *,
    standing: Annotated[str, typer.Option(help="Only agreed, initialled, proposed or ours.")] = "",
) -> None:
    """List terms in every language, with whom each is agreed and in which joint text."""
    with reach(run, offline=True) as door:
        page = door.get("/glossary", words=words or None, standing=standing or None)
    items = [{**row, "with": _with(row)} for row in page["items"]]
    columns = [
        Column(key="code", title="TERM"),
        Column(key="standing", title="STANDING"),
        Column(key="words", title="WORDS"),
        Column(key="with", title="WITH, IN"),
        Column(key="avoid", title="NOT"),
        Column(key="differs_from", title="DIFFERS FROM"),
    ]
    run.finish(
        Result(data={**page, "items": items}, columns=columns, quiet=[row["code"] for row in items])
    )


def _with(row: Mapping[str, Any]) -> str:
    return f"{', '.join(row['parties'])} {row['channel']}/{row['case']}" if row["case"] else "-"


@declare(
    group,
    "set",
    schema="term",
    examples=[
        'parley glossary set safe-distance --word en="safe distance" --word zh=安全距离',
        "parley glossary set lapse --word en=lapse --word zh=届满 --avoid zh=超时 --source manual",
    ],
    exits=[4, 6, 10, 11],
)
def set_term(
    run: Run,
    code: Code,
    *,
    word: Annotated[list[str] | None, typer.Option(help=f"The term, {_PAIR}.")] = None,
    definition: Annotated[list[str] | None, typer.Option(help="What it means, LANG=TEXT.")] = None,
    avoid: Annotated[
        list[str] | None, typer.Option(help="A variant not to use, LANG=TEXT; repeat it.")
    ] = None,
    source: Annotated[str, typer.Option(help="Where it is from.")] = "",
) -> None:
    """Write a term of our own, whole: what is left out is empty. Needs the role interpreter."""
    listed: dict[str, list[str]] = {}
    for lang, text in _pairs("--avoid", avoid):
        listed.setdefault(lang, []).append(text)
    with reach(run, offline=True) as door:
        known = door.get("/glossary", standing="ours")["items"]
        version = next((row["version"] for row in known if row["code"] == code), None)
        body = {
            "words": dict(_pairs("--word", word)),
            "definition": dict(_pairs("--definition", definition)),
            "source": source,
            "avoid": listed,
            "version": version,
        }
        term = door.put(f"/glossary/{segment(code)}", body)
    run.finish(Result(data=term, lines=[_line(term)], quiet=[term["code"]]))


def _pairs(flag: str, given: Sequence[str] | None) -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in given or ()]
    for lang, equals, text in pairs:
        if not equals or not lang or not text:
            raise UsageError(f"{flag} {lang!r} is no LANG=TEXT", next_step=f"Write it {_PAIR}.")
    return [(lang, text) for lang, _, text in pairs]


def _line(term: Mapping[str, Any]) -> str:
    said = "  ".join(f"{lang}: {visible(text)}" for lang, text in term["words"].items())
    differs = ", ".join(term["differs_from"])
    return f"{term['code']}  {said}" + (f"  DIFFERS FROM {differs}" if differs else "")


@declare(
    group,
    "drop",
    schema="term",
    examples=["parley glossary drop safe-distance"],
    exits=[4, 5, 10, 11],
)
def drop_term(run: Run, code: Code) -> None:
    """Take a term of our own away; what is agreed in a joint text stays."""
    with reach(run, offline=True) as door:
        term = door.delete(f"/glossary/{segment(code)}")
    run.finish(Result(data=term, lines=[f"{term['code']}  dropped"], quiet=[term["code"]]))


@declare(
    group,
    "check",
    schema="glossary-check",
    examples=["parley glossary check --text-lang zh --file draft.txt", "parley glossary check -"],
    exits=[5, 10, 11, 14],
)
def check(
    run: Run,
    text: Annotated[str | None, typer.Argument(help="The text; - reads standard input.")] = None,
    *,
    file: Annotated[Path | None, typer.Option(help="A file with the text.")] = None,
    text_lang: Annotated[str, typer.Option(help="The language of the text.")] = "en",
) -> None:
    """Find terms in a text; exit 14 where a variant stands that the glossary says not to use."""
    body = {"text": read_text(text, file), "lang": text_lang}
    with reach(run, offline=True) as door:
        page = door.post("/glossary/hits", body)
    columns = [
        Column(key="at", title="AT"),
        Column(key="written", title="WRITTEN"),
        Column(key="code", title="TERM"),
        Column(key="standing", title="STANDING"),
        Column(key="is_variant", title="NOT TO USE"),
        Column(key="words", title="WORDS"),
    ]
    has_variant = any(row["is_variant"] for row in page["items"])
    run.finish(
        Result(
            data=page,
            columns=columns,
            quiet=[row["code"] for row in page["items"]],
            exit_code=IN_PART if has_variant else 0,
        )
    )
