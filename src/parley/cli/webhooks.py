"""`parley webhook`: programs elsewhere that are told what happens here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from parley.cli.cards import Force
from parley.cli.command import Run, declare, new_app, write_file
from parley.cli.output import Column, Result
from parley.cli.reach import reach, segment
from parley.cli.shown import when
from parley.errors import ParleyError, StationUnreachableError

app = new_app("Webhooks.")
webhook_app = new_app("Webhooks: programs elsewhere that are told what happens here.")
app.add_typer(webhook_app, name="webhook")

Hook = Annotated[str, typer.Argument(help="Its id, as `webhook list` has it.")]


@declare(
    webhook_app, "list", schema="webhooks", examples=["parley webhook list"], exits=[4, 10, 11]
)
def list_webhooks(run: Run) -> None:
    """List the webhooks, and how each fares."""
    with reach(run, offline=True) as door:
        page = door.get("/webhooks")
    columns = [
        Column(key="id", title="WEBHOOK"),
        Column(key="label", title="FOR"),
        Column(key="url", title="ADDRESS"),
        Column(key="delivered", title="TOLD"),
        Column(key="waiting", title="WAITING"),
        Column(key="given_up", title="GIVEN UP"),
        Column(key="last_at", title="LAST TRY", shown=when),
        Column(key="last_said", title="WENT WRONG"),
    ]
    quiet = [hook["id"] for hook in page["items"]]
    run.finish(Result(data=page, columns=columns, quiet=quiet))


@declare(
    webhook_app,
    "add",
    schema="webhook",
    examples=[
        "parley webhook add monitor https://monitor.example/parley --topic alarm --out hook.secret"
    ],
    exits=[2, 4, 6, 10, 11],
)
def add(
    run: Run,
    label: Annotated[str, typer.Argument(help="What it is for.")],
    url: Annotated[str, typer.Argument(help="HTTPS; its host stands in [webhooks] hosts.")],
    *,
    topic: Annotated[
        list[str] | None, typer.Option(help="Only this kind of event, such as alarm.")
    ] = None,
    channel: Annotated[list[str] | None, typer.Option(help="Only this channel.")] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="File for the secret; - is standard output.")
    ] = Path("-"),
    force: Force = False,
) -> None:
    """Tell a program elsewhere what happens here; its secret is shown once."""
    body = {"label": label, "url": url, "topics": topic or [], "channels": channel or []}
    with reach(run, offline=True) as door:
        made = door.post("/webhooks", body)
    hook = made["webhook"]
    data: dict[str, Any] = {**hook, "secret": made["secret"], "file": None}
    lines = [made["secret"]]
    if str(out) != "-":
        write_file(out, (made["secret"] + "\n").encode("ascii"), force=force)
        out.chmod(0o600)
        data |= {"secret": None, "file": str(out)}
        lines = [f"webhook {hook['id']} for {hook['label']}; its secret is in {out}"]
    run.finish(Result(data=data, lines=lines, quiet=lines if str(out) == "-" else [hook["id"]]))


@declare(
    webhook_app,
    "suspend",
    schema="webhook-ended",
    examples=["parley webhook suspend 5f0c21ab9e77"],
    exits=[4, 5, 10, 11],
)
def suspend(run: Run, hook: Hook) -> None:
    """End a webhook at once; what waits for it is thrown away."""
    with reach(run, offline=True) as door:
        ended = door.delete(f"/webhooks/{segment(hook)}")
    run.finish(Result(data=ended, lines=[f"{ended['id']} ended"], quiet=[ended["id"]]))


@declare(
    webhook_app,
    "test",
    schema="webhook-test",
    examples=["parley webhook test 5f0c21ab9e77"],
    exits=[4, 5, 9, 10, 11],
)
def test(run: Run, hook: Hook) -> None:
    """Send a message that says nothing, and say what came of it; 9 if it was not taken."""
    with reach(run) as door:
        tried = door.post(f"/webhooks/{segment(hook)}/test")
    if not tried["taken"]:
        raise _not_taken(tried["said"])
    run.finish(Result(data=tried, lines=[f"taken, status {tried['status']}"], quiet=["taken"]))


def _not_taken(said: str) -> ParleyError:
    return StationUnreachableError(
        f"the receiver did not take it: {said}",
        next_step="See its address and that its host stands in [webhooks] hosts.",
    )


@declare(
    webhook_app,
    "replay",
    schema="webhook-ended",
    examples=["parley webhook replay 5f0c21ab9e77 --after 28000"],
    exits=[4, 5, 9, 10, 11],
)
def replay(
    run: Run,
    hook: Hook,
    *,
    after: Annotated[
        int | None, typer.Option(min=0, help="Tell entries again from this place of the record on.")
    ] = None,
) -> None:
    """Try again at once what waits or was given up."""
    with reach(run) as door:
        view = door.post(f"/webhooks/{segment(hook)}/replay", {"after": after})
    lines = [f"{view['waiting']} waiting, {view['delivered']} told"]
    run.finish(Result(data=view, lines=lines, quiet=[str(view["waiting"])]))
