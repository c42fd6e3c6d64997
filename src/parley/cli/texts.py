"""`parley text`: a joint text tabled, redrafted, agreed, signed, compared and taken out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from parley.cli.cards import Force
from parley.cli.cases import case_list, case_of, passage_lines
from parley.cli.command import Run, declare, new_app, read_text, write_file
from parley.cli.compared import compared_lines
from parley.cli.exits import IN_PART
from parley.cli.output import Result
from parley.cli.paging import Cursor, Every, Limit, gather
from parley.cli.reach import Door, reach, segment
from parley.cli.send import language_of
from parley.cli.submitting import hand_in
from parley.cli.writing import MESSAGE, SHORT, draft_of, how_of
from parley.errors import ConflictError, NotFoundError, UsageError

app = new_app("Joint texts.")
group = new_app("Joint texts: agreed by all parties in every authentic language.")
app.add_typer(group, name="text")

_EXITS: Final = (3, 4, 5, 6, 8, 9, 10, 13)
_SIGNING: Final = ("close", "initial", "sign")
_PAIR: Final = "as LANG=TEXT"
_POWER: Final = "as LANG=TEXT in each language: --power en='full powers' --power zh=全权证书"
Number = Annotated[str, typer.Argument(help="The text's number, such as JTX-ALFA-31.")]
Language = Annotated[
    list[str] | None,
    typer.Option("--lang-text", help="LANG=FILE: articles, parted by blank lines."),
]
Paragraphs = Annotated[
    list[str] | None, typer.Option("--paragraph", help="Number of an article; repeat it.")
]


def _pairs(flag: str, given: Sequence[str] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for said in given or ():
        lang, is_pair, text = said.partition("=")
        if not is_pair or not lang or not text:
            raise UsageError(f"{flag} {said!r} is not understood", next_step=f"Give it {_PAIR}.")
        found[lang] = text
    return found


def seen_of(number: str, differs: Sequence[str], seen: Sequence[str]) -> list[str]:
    """Return the differences that whoever closes or initials has looked at.

    Args:
        number: of the text.
        differs: where its languages differ, such as `2.durations`.
        seen: what was named.

    Raises:
        UsageError: a difference is not named, or one is named that there is not.
    """
    left = [name for name in differs if name not in seen]
    strange = [name for name in seen if name not in differs]
    if strange:
        raise UsageError(
            f"--seen {strange[0]!r} is no difference of {number}",
            next_step=f"The languages differ in: {', '.join(differs) or 'nothing'}.",
        )
    if left:
        raise UsageError(
            f"the languages of {number} differ in {', '.join(left)}",
            next_step=f"Look with `parley text compare {number}`; mend it with `parley text "
            f"propose`, or name what may stand: {' '.join(f'--seen {name}' for name in left)}",
        )
    return list(differs)


def _text_case(door: Door, number: str) -> dict[str, Any]:
    case = case_of(door, number)
    if case["procedure"] != "joint_text":
        raise NotFoundError(
            f"{number} is no joint text but {case['procedure']}", next_step="parley text list"
        )
    return case


def _articles(given: Sequence[str] | None) -> list[dict[str, Any]]:
    """Return the articles of files, one a language: the same number of them in each."""
    by_language = {
        lang: [part.strip() for part in re.split(r"\n[ \t]*\n", _file(path)) if part.strip()]
        for lang, path in _pairs("--lang-text", given).items()
    }
    counts = {len(parts) for parts in by_language.values()}
    if len(counts) > 1:
        said = ", ".join(f"{lang} has {len(parts)}" for lang, parts in by_language.items())
        raise UsageError(
            f"the languages have not the same number of articles: {said}",
            next_step="Part articles by one blank line each, in every file.",
        )
    return [
        {"no": str(at + 1), "text": {lang: parts[at] for lang, parts in by_language.items()}}
        for at in range(next(iter(counts), 0))
    ]


def _file(path: str) -> str:
    return read_text(None, Path(path)).replace("\r\n", "\n")


@declare(
    group,
    "new",
    schema="send",
    examples=["parley text new OPS --title en=Nets --title zh=渔网 --lang-text en=a.txt"],
    exits=_EXITS,
    options=MESSAGE,
)
def new(
    run: Run,
    channel: Annotated[str, typer.Argument(help="The channel's code.")],
    *,
    title: Annotated[list[str] | None, typer.Option(help=f"The title, {_PAIR}.")] = None,
    lang_text: Language = None,
    glossary: Annotated[bool, typer.Option("--glossary", help="It is a glossary.")] = False,
    **given: Any,
) -> None:
    """Table a joint text; its languages are those of the title, names and terms come by --field."""
    titles = _pairs("--title", title)
    fields = {
        "title": titles,
        "languages": list(titles),
        "articles": _articles(lang_text),
        "kind": "glossary" if glossary else "text",
    }
    with reach(run) as door:
        draft = draft_of(
            given,
            channel=channel,
            language=language_of(door, given),
            procedure="joint_text",
            move="table",
            fields=fields,
        )
        # An empty list of articles is one: a glossary may have terms alone.
        draft = replace(draft, fields={"articles": [], **draft.fields})
        hand_in(run, door, draft, how_of(given))


@declare(
    group,
    "propose",
    schema="send",
    examples=[
        "parley text propose JTX-ALFA-31 --paragraph 2 --words en='In 24 hours.' --words zh=24小时"
    ],
    exits=_EXITS,
    options=SHORT,
)
def propose(
    run: Run,
    number: Number,
    *,
    paragraph: Annotated[str, typer.Option(help="Number of the article.")] = "",
    words: Annotated[list[str] | None, typer.Option(help=f"Its wording, {_PAIR}.")] = None,
    after: Annotated[str, typer.Option(help="A new article comes after this one.")] = "",
    **given: Any,
) -> None:
    """Offer another wording of an article, or a new one, in every language at once."""
    at = paragraph or run.ask("Which article", flag="--paragraph")
    fields = {"articles": [{"no": at, "text": _pairs("--words", words)}], "after": after}
    _move(run, number, "redraft", fields, given)


@declare(
    group,
    "agree",
    schema="send",
    examples=[
        "parley text agree JTX-ALFA-31 --paragraph 1 --paragraph 2",
        "parley text agree JTX-ALFA-31 --ad-referendum",
    ],
    exits=[*_EXITS, 14],
    options=SHORT,
)
def agree(
    run: Run,
    number: Number,
    *,
    paragraph: Paragraphs = None,
    ad_referendum: Annotated[
        bool, typer.Option("--ad-referendum", help="Subject to approval at home.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Send nothing where the languages differ; exit 14.")
    ] = False,
    **given: Any,
) -> None:
    """Agree to articles as they stand in every language; to all of them where none is named."""
    with reach(run) as door:
        case = _text_case(door, number)
        known = {str(one["no"]): one for one in case["values"]["articles"]}
        wanted = paragraph or list(known)
        if missing := [at for at in wanted if at not in known]:
            raise NotFoundError(f"there is no article {missing[0]} in {number}")
        if check and _differing(case, wanted):
            _finish_comparison(run, case, wanted)
            return
        fields = {"articles": [{"no": at, "digest": known[at]["digest"]} for at in wanted]}
        move = "agree_ad_referendum" if ad_referendum else "agree"
        _hand_in(run, door, case, move, fields=fields, given=given)


@declare(
    group,
    "sign",
    schema="send",
    examples=[
        "parley text sign JTX-ALFA-31",
        "parley text sign JTX-ALFA-31 --seen 2.durations",
        "parley text sign JTX-ALFA-31 --power en='full powers' --power zh=全权证书",
    ],
    exits=_EXITS,
    options=SHORT,
)
def sign(
    run: Run,
    number: Number,
    *,
    power: Annotated[list[str] | None, typer.Option(help=f"By what power, {_PAIR}.")] = None,
    seen: Annotated[
        list[str] | None,
        typer.Option(help="A difference between the languages that you looked at; name each."),
    ] = None,
    act: Annotated[
        str, typer.Option(help="close, initial or sign; the one that is next where left out.")
    ] = "",
    **given: Any,
) -> None:
    """Close, initial or sign the whole text in all its languages, whichever is next.

    It is bound to the digest of what stands there now. Where the languages differ, such as 48 hours
    in one and 24 in the other, a text is closed and initialled only when --seen names each
    difference, as `parley text compare` lists them: 2.durations.
    """
    if act and act not in _SIGNING:
        raise UsageError(f"--act {act!r} is none", next_step=f"{', '.join(_SIGNING)}.")
    with reach(run) as door:
        case = _text_case(door, number)
        may = [one["move"] for one in case["moves"] if one["move"] in _SIGNING]
        chosen = act or next(iter(may), "")
        if chosen not in may:
            raise ConflictError(
                f"{number} is {case['state']}: nothing of it can be "
                f"{'done' if not act else act + ' now'}",
                next_step=f"parley text show {number}",
            )
        fields: dict[str, Any] = {"digest": case["values"]["digest"]}
        if chosen == "sign":
            fields["power"] = _pairs("--power", power)
            if not fields["power"]:
                raise UsageError("--power is missing", next_step=f"Give it {_POWER}.")
        else:
            fields["seen"] = seen_of(number, case["values"]["differs"], seen or ())
        draft = draft_of(
            given,
            channel=case["channel"],
            language=language_of(door, given),
            procedure="joint_text",
            move=chosen,
            case=case["number"],
        )
        draft = replace(draft, fields={**draft.fields, **fields})
        hand_in(run, door, draft, how_of(given))


def _move(
    run: Run, number: str, move: str, fields: Mapping[str, Any], given: Mapping[str, Any]
) -> None:
    with reach(run) as door:
        _hand_in(run, door, _text_case(door, number), move, fields=fields, given=given)


def _hand_in(
    run: Run,
    door: Door,
    case: Mapping[str, Any],
    move: str,
    *,
    fields: Mapping[str, Any],
    given: Mapping[str, Any],
) -> None:
    draft = draft_of(
        given,
        channel=case["channel"],
        language=language_of(door, dict(given)),
        procedure="joint_text",
        move=move,
        case=case["number"],
        fields=fields,
    )
    hand_in(run, door, draft, how_of(given))


# --- looking -------------------------------------------------------------------------------------


@declare(
    group,
    "list",
    schema="cases",
    examples=["parley text list", "parley text list --channel OPS"],
    exits=[5, 10, 11],
)
def list_texts(
    run: Run,
    *,
    channel: Annotated[str, typer.Option(help="Only on this channel.")] = "",
    limit: Limit = 100,
    cursor: Cursor = "",
    every: Every = False,
) -> None:
    """List joint texts, the newest first."""
    with reach(run, offline=True) as door:
        rows, after = gather(
            door,
            "/registers/joint_text",
            limit=limit,
            cursor=cursor,
            every=every,
            channel=channel or None,
        )
    run.finish(case_list(run, rows, after))


@declare(
    group,
    "show",
    schema="case",
    examples=["parley text show JTX-ALFA-31"],
    exits=[5, 10, 11],
)
def show(run: Run, number: Number) -> None:
    """Show a joint text as it stands, in our own original: articles, brackets, who agreed."""
    with reach(run, offline=True) as door:
        case = _text_case(door, number)
    values = case["values"]
    signed, initialled = values["signed_by"], values["initialled_by"]
    lines = [
        f"{case['number']}  {case['state']}  version {values['version']}  on {case['channel']}",
        f"digest     {values['digest']}",
        f"initialled {', '.join(initialled) or '-'}   signed {', '.join(signed) or '-'}",
        *passage_lines(case["passages"]),
        *compared_lines(case["procedure"], case["comparison"], run.language),
    ]
    run.finish(Result(data=case, lines=lines, quiet=[values["digest"]]))


@declare(
    group,
    "compare",
    schema="case",
    examples=[
        "parley text compare JTX-ALFA-31",
        "parley text compare JTX-ALFA-31 --paragraph 2",
    ],
    exits=[5, 10, 11, 14],
)
def compare(run: Run, number: Number, *, paragraph: Paragraphs = None) -> None:
    """Compare the languages of a joint text: numbers, dates, places, units, names, terms.

    Exit 14 where they differ, or where a person must look.
    """
    with reach(run, offline=True) as door:
        case = _text_case(door, number)
    _finish_comparison(run, case, paragraph or [])


def _differing(case: Mapping[str, Any], wanted: Sequence[str]) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = [
        row
        for row in case["comparison"]
        if not wanted or str(row["field"]).rpartition(".")[0] in wanted
    ]
    return [row for row in rows if row["status"] != "agree"]


def _finish_comparison(run: Run, case: Mapping[str, Any], wanted: Sequence[str]) -> None:
    rows = [
        row
        for row in case["comparison"]
        if not wanted or str(row["field"]).rpartition(".")[0] in wanted
    ]
    differs = _differing(case, wanted)
    run.finish(
        Result(
            data=dict(case),
            lines=compared_lines(case["procedure"], rows, run.language) or ["nothing to compare"],
            quiet=[str(row["field"]) for row in differs],
            exit_code=IN_PART if differs else 0,
        )
    )


@declare(
    group,
    "export",
    schema="text-export",
    examples=[
        "parley text export JTX-ALFA-31 --out text.html",
        "parley text export JTX-ALFA-31 --as pdf --out text.pdf --only-lang zh",
    ],
    exits=[5, 10, 11],
)
def export(
    run: Run,
    number: Number,
    *,
    out: Annotated[Path, typer.Option(help="The file; - is standard output.")],
    form: Annotated[
        str | None,
        typer.Option("--as", help="html (to be printed) or pdf; else as the file's name ends."),
    ] = None,
    only_lang: Annotated[
        list[str] | None, typer.Option(help="Only this language; repeat it. All where left out.")
    ] = None,
    force: Force = False,
) -> None:
    """Write a joint text as a page to print, or as PDF, in our own original of every language.

    It is a copy for reading, and says so: the proof is in the record and its bundles. PDF needs
    what `requirements/pdf.txt` names at the station; html is printed by any browser.
    """
    form = form or ("pdf" if out.suffix.lower() == ".pdf" else "html")
    if form not in ("html", "pdf"):
        raise UsageError(f"--as {form!r} is none", next_step="html or pdf.")
    with reach(run, offline=True) as door:
        case = _text_case(door, number)
        name = segment(f"{case['channel']}/{case['number']}")
        content = door.get_bytes(f"/cases/{name}/text", form=form, lang=only_lang or None)
    write_file(out, content, force=force)
    if str(out) != "-":
        run.finish(
            Result(
                data={"file": str(out), "bytes": len(content)},
                lines=[f"{out}  {len(content)} bytes"],
                quiet=[str(out)],
            )
        )
