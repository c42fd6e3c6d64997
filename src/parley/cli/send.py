"""`parley send` and `parley wait`: an entry leaves, and how far it has come."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from parley.cli.command import Run, declare, new_app
from parley.cli.exits import WAITED_IN_VAIN
from parley.cli.output import Result
from parley.cli.reach import Door, reach
from parley.cli.submitting import hand_in, wait_delivery
from parley.cli.writing import MESSAGE, STEPS, draft_of, how_of, seconds_of
from parley.errors import UsageError

app = new_app("Sending.")


def language_of(door: Door, given: dict[str, Any]) -> str:
    """Return the language of a text: as `--text-lang` says, else the station's first."""
    return str(given.get("text_lang") or door.get("/station")["languages"][0])


@declare(
    app,
    "send",
    schema="send",
    examples=[
        'parley send OPS "First words." -p Z --subject "First" --wait delivered --timeout 60s',
        "parley send OPS --file answer.txt --subject Answer --dry-run",
        'parley send OPS "The chart of the area." --attach chart.pdf',
        "parley send --batch --wait delivered < messages.jsonl",
    ],
    exits=[3, 4, 5, 6, 8, 9, 10, 13, 14],
    options=MESSAGE,
)
def send(
    run: Run,
    channel: Annotated[str, typer.Argument(help="The channel's code.")] = "",
    text: Annotated[
        str | None, typer.Argument(help="The text; standard input where left out.")
    ] = None,
    *,
    answer_by: Annotated[
        str, typer.Option(help="An answer is wanted by then: a time, or such as 6h.")
    ] = "",
    batch: Annotated[
        bool, typer.Option("--batch", help="JSON Lines in, one message each; JSON Lines out.")
    ] = False,
    **given: Any,
) -> None:
    """Send a text on a channel; what one person may not release alone is held as a draft.

    It returns when the entry is on disk here; --wait waits for what comes after. With --batch each
    line of standard input is an object with `id`, `channel`, `text` and what else send takes.
    """
    how = how_of(given)
    if batch:
        if channel or text is not None:
            raise UsageError("--batch takes its messages from standard input, not from arguments")
        if given.get("attach"):
            raise UsageError("--batch sends no files", next_step="send those one by one.")
        from parley.cli.batch import send_batch  # noqa: PLC0415 - threads and queues

        send_batch(run, given, how)
        return
    if not channel:
        raise UsageError("the channel is missing", next_step="parley channel list")
    with reach(run) as door:
        draft = draft_of(
            given,
            channel=channel,
            language=language_of(door, given),
            text=text,
            needs_text=True,
            fields={"answer_wanted": "reply", "reply_by": answer_by} if answer_by else None,
            options={"reply_by": "--answer-by"},
        )
        hand_in(run, door, draft, how)


@declare(
    app,
    "wait",
    schema="wait",
    examples=[
        "parley wait OPS/ALFA/31",
        "parley wait OPS/ALFA/31 --for acknowledged --timeout 15m",
    ],
    exits=[3, 5, 9, 10],
)
def wait(
    run: Run,
    entry: Annotated[str, typer.Argument(help="An entry of ours.")],
    *,
    step: Annotated[str, typer.Option("--for", help=f"{', '.join(STEPS)}.")] = "delivered",
    timeout: Annotated[str, typer.Option(help="How long, such as 90s; else until it is so.")] = "",
) -> None:
    """Wait until an entry of ours has come to a step, or take up a wait again."""
    if step not in STEPS:
        raise UsageError(f"--for {step!r} is no step", next_step=f"give {', '.join(STEPS)}.")
    seconds = seconds_of(timeout)
    until = None if seconds is None else time.monotonic() + seconds
    with reach(run) as door:
        delivery = wait_delivery(run, door, entry, step, until)
    reached = bool(delivery["reached"])
    lines = [entry if reached else f"{entry} is stored and goes on its way; not {step} yet"]
    run.finish(
        Result(
            data={"entry": entry, "for": step, "delivery": delivery},
            lines=lines,
            quiet=[entry],
            exit_code=0 if reached else WAITED_IN_VAIN,
        )
    )
