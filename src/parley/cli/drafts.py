"""`parley draft`, `release` and `refuse`: what is not released yet, and the second person's act."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from parley.cli.command import Run, declare, new_app, read_text
from parley.cli.output import Column, Result, chosen_text
from parley.cli.reach import Door, reach, segment
from parley.cli.shown import precedence_name, text_lines, when, words
from parley.cli.writing import named_fields
from parley.core.texts import visible
from parley.errors import DraftChangedError, UsageError

app = new_app("Drafts.")
draft_app = new_app("Drafts: what is written and not released.")
app.add_typer(draft_app, name="draft")

_DIGEST_CHARS_LEAST = 16

Number = Annotated[str, typer.Argument(help="The draft's number, such as D-0412.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; its writer reads it.")]

_MEMBERS = (
    "channel", "procedure", "move", "case", "precedence", "mark", "action", "info", "refs",
    "non_attributable",
)  # fmt: skip


@declare(
    draft_app,
    "list",
    schema="drafts",
    examples=["parley draft list", "parley draft list --state held"],
    exits=[10, 11],
)
def list_drafts(
    run: Run,
    *,
    state: Annotated[
        list[str] | None, typer.Option(help="open, held, returned, released, dropped.")
    ] = None,
) -> None:
    """List the drafts that can still leave, or those in the states named."""
    with reach(run, offline=True) as door:
        page = door.get("/drafts", state=state)
    columns = [
        Column(key="id", title="DRAFT"),
        Column(key="state", title="STATE"),
        Column(key="channel", title="CHANNEL"),
        Column(key="precedence", title="P"),
        Column(key="subject", title="SUBJECT", shown=words(run.language)),
        Column(key="author", title="BY"),
        Column(key="needs", title="NEEDS"),
    ]
    quiet = [draft["id"] for draft in page["items"]]
    run.finish(Result(data=page, columns=columns, quiet=quiet))


@declare(
    draft_app, "show", schema="draft", examples=["parley draft show D-0412"], exits=[5, 10, 11]
)
def show(run: Run, number: Number) -> None:
    """Show exactly what a draft would send, and what to look at before."""
    with reach(run, offline=True) as door:
        draft = _read(door, number)
    run.finish(Result(data=draft, lines=_lines(draft, run.language), quiet=[draft["digest"]]))


def _read(door: Door, number: str) -> dict[str, Any]:
    """Return a draft, with the preview of what it would send where it is complete."""
    draft: dict[str, Any] = door.get(f"/drafts/{segment(number)}")
    draft["preview"] = door.get(f"/drafts/{segment(number)}/preview") if draft["digest"] else None
    return draft


def _lines(draft: Mapping[str, Any], language: str) -> list[str]:
    lines = [
        "  ".join(
            (
                draft["id"],
                draft["state"],
                draft["channel"],
                precedence_name(draft["precedence"]),
                draft["mark"],
                f"{draft['procedure']}.{draft['move']}",
            )
        ),
        f"written    {when(draft['created_at'])} by {draft['author']}",
    ]
    if draft["taken_from"]:
        taken = f"{when(draft['taken_at'])} by {draft['writer']} from {draft['taken_from']}"
        lines.append(f"taken over {taken}: {visible(str(draft['taken_why']))}")
    if draft["edited_by"]:
        lines.append(f"edited by  {', '.join(draft['edited_by'])}")
    if draft["needs"]:
        lines.append(f"needs      {', '.join(draft['needs'])}")
    if draft["reason"]:
        lines.append(f"reason     {visible(str(draft['reason']))}")
    if draft["entry"]:
        lines.append(f"entry      {draft['entry']}")
    for name, value in draft["fields"].items():
        lines.append(f"{visible(str(name))[:10]:<10} {visible(str(value))}")
    lines += text_lines(draft["texts"])
    preview = draft["preview"]
    if preview:
        lines += [f"goes to    {', '.join(preview['recipients'])}, {preview['size']} bytes"]
        lines += [
            f"{one['level']:<10} {visible(chosen_text(one['words'] or one['text'], language))}"
            for one in preview["checks"]
        ]
        lines.append(f"digest     {preview['digest']}  {' '.join(preview['digest_words'])}")
    return lines


@declare(
    draft_app,
    "take-over",
    schema="draft",
    examples=['parley draft take-over D-0412 --reason "ALFA-2 is off watch."'],
    exits=[4, 5, 6, 9, 10],
)
def take_over(run: Run, number: Number, *, reason: Reason) -> None:
    """Write a draft from now on that another officer writes; they read the reason."""
    with reach(run) as door:
        path = f"/drafts/{segment(number)}"
        writer = door.get(path)["writer"]
        draft = door.post(f"{path}/take-over", {"reason": reason, "writer": writer})
    lines = [f"{draft['id']}  {draft['writer']} writes it now, before {writer}"]
    run.finish(Result(data=draft, lines=lines, quiet=[draft["id"]]))


@declare(
    draft_app,
    "edit",
    schema="draft",
    examples=[
        'parley draft edit D-0412 --text "Another wording."',
        "parley draft edit D-0412 --file answer.txt --subject Answer",
    ],
    exits=[4, 5, 6, 9, 10],
)
def edit(
    run: Run,
    number: Number,
    *,
    text: Annotated[str | None, typer.Option("--text", help="The new text.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="A file with the new text.")] = None,
    subject: Annotated[str, typer.Option(help="The new subject.")] = "",
    precedence: Annotated[str, typer.Option("-p", "--precedence", help="Z, O, P or R.")] = "",
    field: Annotated[list[str] | None, typer.Option(help="NAME=VALUE or NAME:=JSON.")] = None,
    review: Annotated[bool, typer.Option("--review", help="Hand it to the releasers.")] = False,
) -> None:
    """Put a new version in a draft's place; approvals of the old one fall."""
    with reach(run) as door:
        path = f"/drafts/{segment(number)}"
        draft = door.get(path)
        body = {name: draft[name] for name in _MEMBERS}
        body["fields"] = {**draft["fields"], **named_fields(field or ())}
        if subject:
            body["fields"]["subject"] = subject
        if precedence:
            body["precedence"] = precedence.upper()
        texts = [{name: one[name] for name in ("lang", "status", "text")} for one in draft["texts"]]
        if text is not None or file is not None:
            if len(texts) > 1:
                raise UsageError(
                    "the draft has several languages; change them in the console",
                    next_step=f"or drop it: parley draft drop {number}, and write it again.",
                )
            language = texts[0]["lang"] if texts else door.get("/station")["languages"][0]
            texts = [{"lang": language, "status": "authentic", "text": read_text(text, file)}]
        body["texts"] = texts
        if text is not None or file is not None or subject or precedence or field:
            draft = door.put(path, body, etag=draft["etag"])
        if review:
            draft = door.post(f"{path}/review", etag=draft["etag"])
        draft = _read(door, number)
    run.finish(Result(data=draft, lines=_lines(draft, run.language), quiet=[draft["id"]]))


@declare(
    draft_app,
    "countersign",
    schema="countersign",
    examples=["parley draft countersign D-0412"],
    exits=[4, 5, 6, 10],
)
def countersign(run: Run, number: Number) -> None:
    """Stand, as a second officer, for an emergency that another released alone."""
    with reach(run) as door:
        draft = _read(door, number)
        for line in _lines(draft, run.language):
            typer.echo(line, err=True)
        done = door.post(f"/drafts/{segment(number)}/countersign")
    line = f"{done['draft']}  countersigned by {done['by']}"
    run.finish(Result(data=done, lines=[line], quiet=[done["draft"]]))


@declare(
    draft_app,
    "drop",
    schema="draft-dropped",
    examples=["parley draft drop D-0412 --yes"],
    exits=[4, 5, 6, 9, 10],
)
def drop(
    run: Run,
    number: Number,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Answer the question with yes.")] = False,
) -> None:
    """Give a draft up; it stays readable and can not leave any more."""
    run.confirm(f"Give up {number}", is_answered=yes)
    with reach(run) as door:
        draft = door.delete(f"/drafts/{segment(number)}")
    run.finish(Result(data=draft, lines=[f"{draft['id']} {draft['state']}"], quiet=[draft["id"]]))


@declare(
    app,
    "release",
    schema="release",
    examples=["parley release D-0412", "parley release D-0412 --digest 3f...e1"],
    exits=[4, 5, 6, 8, 9, 10],
)
def release(
    run: Run,
    number: Number,
    *,
    digest: Annotated[
        str, typer.Option(help="Digest of the text you read, as `draft show` prints it.")
    ] = "",
) -> None:
    """Release a held draft as the second person: it is signed and leaves.

    It shows the exact text and asks; a script names the digest of the text that was read instead.
    No --yes answers this.
    """
    with reach(run) as door:
        draft = _read(door, number)
        if not digest:
            for line in _lines(draft, run.language):
                typer.echo(line, err=True)
            said = run.ask(
                f"Type the four words of its digest to release {number}", flag="--digest"
            )
            if said.split() != list(draft["digest_words"]):
                raise DraftChangedError(
                    "these are not the words of this text; nothing was sent",
                    next_step=f"read it: parley draft show {number}",
                )
            digest = draft["digest"]
        elif len(digest) >= _DIGEST_CHARS_LEAST and str(draft["digest"]).startswith(digest):
            digest = draft["digest"]
        done = door.post(f"/drafts/{segment(number)}/release", {"digest": digest})
    run.finish(Result(data=done, lines=[f"released {done['entry']}"], quiet=[str(done["entry"])]))


@declare(
    app,
    "refuse",
    schema="draft",
    examples=['parley refuse D-0412 --reason "wrong position"'],
    exits=[4, 5, 6, 9, 10],
)
def refuse(run: Run, number: Number, *, reason: Reason = "") -> None:
    """Send a held draft back to its writer, with a reason."""
    why = reason or run.ask("Why", flag="--reason")
    with reach(run) as door:
        door.post(f"/drafts/{segment(number)}/refuse", {"reason": why})
        draft = _read(door, number)
    run.finish(Result(data=draft, lines=[f"{draft['id']} {draft['state']}"], quiet=[draft["id"]]))
