"""`parley template`: named, reviewed beginnings of drafts."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from parley.cli.command import Run, declare, new_app
from parley.cli.output import Column, Result
from parley.cli.reach import reach, segment
from parley.cli.shown import precedence_name, text_lines, when, words
from parley.core.texts import visible
from parley.errors import UsageError

app = new_app("Templates.")
group = new_app("Templates: reviewed beginnings of drafts.")
app.add_typer(group, name="template")

Code = Annotated[str, typer.Argument(help="The template's code, such as converging-track.")]
_MEMBERS = ("procedure", "move", "channel", "precedence", "action", "info", "fields")


@declare(group, "list", schema="templates", examples=["parley template list"], exits=[10, 11])
def list_templates(run: Run) -> None:
    """List templates, with who wrote each and who reviewed it."""
    with reach(run, offline=True) as door:
        page = door.get("/templates")
    columns = [
        Column(key="code", title="TEMPLATE"),
        Column(key="names", title="NAME", shown=words(run.language)),
        Column(key="procedure", title="PROCEDURE"),
        Column(key="move", title="MOVE"),
        Column(key="precedence", title="P"),
        Column(key="channel", title="CHANNEL"),
        Column(key="written_by", title="BY"),
        Column(key="reviewed_by", title="REVIEWED BY"),
    ]
    quiet = [row["code"] for row in page["items"]]
    run.finish(Result(data=page, columns=columns, quiet=quiet))


@declare(
    group,
    "show",
    schema="template",
    examples=["parley template show converging-track"],
    exits=[5, 10, 11],
)
def show(run: Run, code: Code) -> None:
    """Show what a draft that begins from a template holds."""
    with reach(run, offline=True) as door:
        template = door.get(f"/templates/{segment(code)}")
    run.finish(Result(data=template, lines=_lines(template), quiet=[template["code"]]))


def _lines(template: Mapping[str, Any]) -> list[str]:
    act = f"{template['procedure']}.{template['move']}"
    place = template["channel"] or "every channel"
    names = "  ".join(f"{lang}: {visible(name)}" for lang, name in template["names"].items())
    reviewed = "waits for a releaser who did not write it"
    if template["reviewed_by"]:
        reviewed = f"{when(template['reviewed_at'])} by {template['reviewed_by']}"
    lines = [
        f"{template['code']}  {act}  {precedence_name(template['precedence'])}  {place}",
        f"name       {names}",
        f"written    {when(template['changed_at'])} by {template['written_by']}",
        f"reviewed   {reviewed}",
    ]
    lines += [
        f"{visible(str(name))[:10]:<10} {visible(str(value))}"
        for name, value in template["fields"].items()
    ]
    return [*lines, *text_lines(template["texts"])]


@declare(
    group,
    "set",
    schema="template",
    examples=[
        'parley template set night --draft D-0412 --name en="Night exercise" --name zh=夜间演习',
        "parley template set night --draft D-0413 --name en=Night --any-channel",
    ],
    exits=[4, 5, 6, 10, 11],
)
def set_template(
    run: Run,
    code: Code,
    *,
    draft: Annotated[str, typer.Option(help="The draft that it is to hold, such as D-0412.")],
    name: Annotated[list[str], typer.Option(help="What it is called, as LANG=TEXT; repeat it.")],
    any_channel: Annotated[
        bool, typer.Option("--any-channel", help="For every channel, not only the draft's.")
    ] = False,
) -> None:
    """Keep what a draft holds as a template; a releaser who did not write it reviews it then.

    Case, files and entries referred to stay out of it. The draft stays as it is.
    """
    names = dict(_named(name))
    with reach(run, offline=True) as door:
        written = door.get(f"/drafts/{segment(draft)}")
        known = {row["code"]: row["version"] for row in door.get("/templates")["items"]}
        body = {member: written[member] for member in _MEMBERS}
        body["channel"] = None if any_channel else written["channel"]
        body["texts"] = [
            {member: text[member] for member in ("lang", "status", "text")}
            for text in written["texts"]
        ]
        body |= {"names": names, "version": known.get(code)}
        template = door.put(f"/templates/{segment(code)}", body)
    run.finish(Result(data=template, lines=_lines(template), quiet=[template["code"]]))


def _named(given: Sequence[str]) -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in given]
    for lang, equals, text in pairs:
        if not equals or not lang or not text:
            raise UsageError(
                f"--name {lang!r} is no LANG=TEXT", next_step="Write it as zh=夜间演习."
            )
    return [(lang, text) for lang, _, text in pairs]


@declare(
    group,
    "review",
    schema="template",
    examples=["parley template review night"],
    exits=[4, 5, 6, 10, 11],
)
def review(run: Run, code: Code) -> None:
    """Say, as a releaser who did not write it, that a template may be used as it stands."""
    with reach(run, offline=True) as door:
        path = f"/templates/{segment(code)}"
        seen = door.get(path)
        for line in _lines(seen):
            typer.echo(line, err=True)
        template = door.post(f"{path}/review", {"version": seen["version"]})
    lines = [f"{template['code']}  reviewed by {template['reviewed_by']}"]
    run.finish(Result(data=template, lines=lines, quiet=[template["code"]]))


@declare(
    group,
    "use",
    schema="template-draft",
    examples=["parley template use night OPS", "parley template use remind OPS --case REQ-0012"],
    exits=[4, 5, 6, 8, 10, 11],
)
def use(
    run: Run,
    code: Code,
    channel: Annotated[str, typer.Argument(help="The channel's code.")],
    *,
    case: Annotated[str, typer.Option(help="The case, where it is for a move in one.")] = "",
) -> None:
    """Begin a draft from a reviewed template; nothing is sent."""
    with reach(run, offline=True) as door:
        draft = door.post(
            f"/templates/{segment(code)}/draft",
            {"channel": channel, "case": case or None},
            key=secrets.token_hex(16),
        )
    line = f"{draft['id']}  {draft['channel']}  {draft['procedure']}.{draft['move']}  open"
    run.finish(Result(data=draft, lines=[line], quiet=[draft["id"]]))


@declare(
    group,
    "drop",
    schema="template",
    examples=["parley template drop night"],
    exits=[4, 5, 10, 11],
)
def drop(run: Run, code: Code) -> None:
    """Take a template away; drafts that began from it stay as they are."""
    with reach(run, offline=True) as door:
        template = door.delete(f"/templates/{segment(code)}")
    lines = [f"{template['code']}  dropped"]
    run.finish(Result(data=template, lines=lines, quiet=[template["code"]]))
