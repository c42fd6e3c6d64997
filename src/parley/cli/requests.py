"""`parley request`, `respond`, `withdraw`, `remind`, `requests`: dialogue asked for, answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from parley.cli.cases import case_of, move_in
from parley.cli.channels import time_text
from parley.cli.command import Run, declare, new_app
from parley.cli.exits import MATCHED
from parley.cli.output import Result
from parley.cli.paging import Cursor, Every, Limit, gather, more
from parley.cli.reach import reach
from parley.cli.send import language_of
from parley.cli.shown import case_columns, case_items
from parley.cli.submitting import hand_in
from parley.cli.writing import MESSAGE, SHORT, draft_of, how_of
from parley.desk.catalogue import PROCEDURES
from parley.errors import UsageError

app = new_app("Requests for dialogue.")

Request = Annotated[str, typer.Argument(help="The request's number, such as REQ-ALFA-31.")]
Text = Annotated[str | None, typer.Argument(help="Words to it; - reads standard input.")]

_STATES = ("open", "lapsed", *(state.name for state in PROCEDURES["request"].states))

_ASKING = {
    "form": "--medium",
    "level": "--level",
    "topics": "--topic",
    "reply_by": "--reply-by",
    "place": "--place",
    "linked": "--precondition",
}
_ANSWERING = {
    "time": "--at",
    "to_be_set_by": "--in-principle",
    "reason": "--decline",
    "level": "--level",
    "until": "--defer-until",
}


@declare(
    app,
    "request",
    schema="send",
    examples=[
        'parley request OPS --medium call --level "theatre command" --topic drills --reply-by 6h',
        "parley request OPS --medium meeting --level ministers --topic fisheries --dry-run",
    ],
    exits=[3, 4, 5, 6, 8, 9, 10, 13],
    options=MESSAGE,
)
def request(
    run: Run,
    channel: Annotated[str, typer.Argument(help="The channel's code.")],
    text: Text = None,
    *,
    medium: Annotated[str, typer.Option(help="call, video, meeting, visit or letters.")] = "",
    level: Annotated[str, typer.Option(help="Between whom, such as theatre command.")] = "",
    topic: Annotated[list[str] | None, typer.Option(help="What about; may be repeated.")] = None,
    reply_by: Annotated[
        str, typer.Option(help="Until when an answer is asked for: 6h, 3d, or a time.")
    ] = "",
    place: Annotated[str, typer.Option(help="Where.")] = "",
    precondition: Annotated[
        list[str] | None, typer.Option(help="An entry or case that must come first.")
    ] = None,
    **given: Any,
) -> None:
    """Ask for dialogue: a call, a meeting, a visit; the clock runs from its delivery."""
    fields = {
        "form": medium,
        "level": level,
        "topics": topic,
        "reply_by": reply_by,
        "place": place,
        "linked": precondition,
    }
    with reach(run) as door:
        draft = draft_of(
            given,
            channel=channel,
            language=language_of(door, given),
            procedure="request",
            move="open",
            text=text,
            fields=fields,
            options=_ASKING,
        )
        hand_in(run, door, draft, how_of(given))


@declare(
    app,
    "respond",
    schema="send",
    examples=[
        'parley respond REQ-BRAVO-12 --accept --at "260900Z NOV 26"',
        "parley respond REQ-BRAVO-12 --decline scheduling",
        "parley respond REQ-BRAVO-12 --defer-until 3d",
    ],
    exits=[3, 4, 5, 6, 8, 9, 10, 13],
    options=SHORT,
)
def respond(
    run: Run,
    number: Request,
    text: Text = None,
    *,
    accept: Annotated[bool, typer.Option("--accept", help="Yes; --at says when.")] = False,
    at: Annotated[str, typer.Option(help="With --accept: the time, or 3h from now.")] = "",
    in_principle: Annotated[
        str, typer.Option(help="Yes in principle; the time is set by then, such as 3d.")
    ] = "",
    decline: Annotated[str, typer.Option(help="No, with a coded reason; `no-reason` is one.")] = "",
    counter: Annotated[bool, typer.Option("--counter", help="Propose something else.")] = False,
    level: Annotated[str, typer.Option(help="With --counter: between whom.")] = "",
    defer_until: Annotated[str, typer.Option(help="An answer comes by then: 3d, or a time.")] = "",
    **given: Any,
) -> None:
    """Answer a request: accept, in principle, decline, counter, or defer; exactly one."""
    moves: dict[str, tuple[bool, Mapping[str, Any]]] = {
        "accept": (accept, {"time": time_text(at)}),
        "accept_in_principle": (bool(in_principle), {"to_be_set_by": time_text(in_principle)}),
        "decline": (bool(decline), {"reason": decline}),
        "counter": (counter, {"level": level}),
        "defer": (bool(defer_until), {"until": time_text(defer_until)}),
    }
    chosen = [(move, fields) for move, (is_chosen, fields) in moves.items() if is_chosen]
    if len(chosen) != 1:
        raise UsageError(
            "say one answer",
            next_step="give --accept, --in-principle, --decline, --counter or --defer-until.",
        )
    move, fields = chosen[0]
    for option, value, fitting in (("--at", at, "accept"), ("--level", level, "counter")):
        if value and move != fitting:
            raise UsageError(f"{option} goes with --{fitting} alone")
    move_in(run, number, move, fields=fields, text=text, given=given, options=_ANSWERING)


@declare(
    app,
    "withdraw",
    schema="send",
    examples=["parley withdraw REQ-ALFA-31"],
    exits=[3, 4, 5, 6, 8, 9, 10, 13],
    options=SHORT,
)
def withdraw(run: Run, number: Request, text: Text = None, **given: Any) -> None:
    """Take a request of ours back."""
    move_in(run, number, "withdraw", fields={}, text=text, given=given)


@declare(
    app,
    "remind",
    schema="send",
    examples=['parley remind REQ-ALFA-31 "We still wait for your answer."'],
    exits=[3, 4, 5, 6, 8, 9, 10, 13],
    options=SHORT,
)
def remind(
    run: Run,
    number: Request,
    text: Annotated[str, typer.Argument(help="The reminder; - reads standard input.")] = "-",
    **given: Any,
) -> None:
    """Remind the peer of a request: a message that refers to it; its clock is not touched."""
    with reach(run) as door:
        case = case_of(door, number)
        given["ref"] = [*(given.get("ref") or []), case["opened"]["entry"]]
        draft = draft_of(
            given,
            channel=case["channel"],
            language=language_of(door, given),
            text=text,
            needs_text=True,
        )
        hand_in(run, door, draft, how_of(given))


@declare(
    app,
    "requests",
    schema="requests",
    examples=[
        "parley requests",
        "parley requests --owed-by us --fail-if-any",
        "parley requests --state sent,lapsed --as-of 2026-11-24T05:12:00Z",
    ],
    exits=[10, 11, 20],
)
def requests(
    run: Run,
    *,
    owed_by: Annotated[str, typer.Option(help="`us`, `them`, or a peer's code.")] = "",
    state: Annotated[str, typer.Option(help="States with commas; open means unanswered.")] = "",
    lapsed: Annotated[
        bool | None, typer.Option("--lapsed/--not-lapsed", help="Past their time, or not.")
    ] = None,
    proved: Annotated[
        bool | None, typer.Option("--proved/--not-proved", help="Provable to others, or not.")
    ] = None,
    channel: Annotated[str, typer.Option(help="Only on this channel.")] = "",
    as_of: Annotated[str, typer.Option(help="As it stood at a time.")] = "",
    by_due: Annotated[
        bool, typer.Option("--by-due", help="Unanswered ones alone, the one due first on top.")
    ] = False,
    limit: Limit = 100,
    cursor: Cursor = "",
    every: Every = False,
    fail_if_any: Annotated[
        bool, typer.Option("--fail-if-any", help="End with 20 if any fits, for monitors.")
    ] = False,
) -> None:
    """List requests for dialogue: who owes whom an answer, until when, and what is proved.

    The newest come first, 100 at a time.
    """
    wanted = {one.strip() for one in state.split(",") if one.strip()}
    if unknown := sorted(wanted - set(_STATES)):
        raise UsageError(
            f"--state {unknown[0]!r} is no state of a request",
            next_step=f"States: {', '.join(_STATES)}.",
        )
    with reach(run, offline=True) as door:
        rows, after = gather(
            door,
            "/registers/request",
            limit=limit,
            cursor=cursor,
            every=every,
            owed_by=owed_by or None,
            state=",".join(sorted(wanted)) or None,
            lapsed=lapsed,
            proved=proved,
            channel=channel or None,
            as_of=as_of or None,
            order="due" if by_due else None,
        )
    run.finish(
        Result(
            data={"items": case_items(rows), "next_cursor": after},
            columns=case_columns(run.language),
            lines=[_owing(rows, is_part=bool(cursor or after)), *more(after)],
            quiet=[row["number"] for row in rows],
            exit_code=MATCHED if rows and fail_if_any else 0,
        )
    )


def _owing(rows: Sequence[Mapping[str, Any]], *, is_part: bool) -> str:
    """Return one line that says who owes how many answers, and how many of them are proved.

    Without a rule nobody owes: what was only asked for is counted apart.
    """
    owed: Counter[str] = Counter()
    proved: Counter[str] = Counter()
    dark: Counter[str] = Counter()
    for row in rows:
        if row["owed_by"] is None:
            continue
        us, by_rule = row["us_owe"], row["due_rule"] == "owed"
        verb = ("owe" if us else "owes") if by_rule else ("were asked" if us else "was asked")
        who = f"{'We' if us else row['owed_by']} {verb}{'' if by_rule else ' for'}"
        owed[who] += 1
        proved[who] += bool(row["proved"])
        dark[who] += row["clock"] == "lapsed-dark"
    parts = []
    for who, count in owed.items():
        notes = [f"{proved[who]} proved"] * bool(proved[who]) + [f"{dark[who]} dark"] * bool(
            dark[who]
        )
        said = f" ({', '.join(notes)})" if notes else ""
        parts.append(f"{who} {count}{said}")
    shown = " on this page" if is_part else ""
    total = f"1 request{shown}." if len(rows) == 1 else f"{len(rows)} requests{shown}."
    return f"{total} {', '.join(parts)}".strip() + ("." if parts else "")
