"""`parley case`: any procedure, from its declaration; and `parley line check`."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from parley.cli.command import HOW_PANEL, Run, declare, new_app
from parley.cli.compared import compared_lines
from parley.cli.output import Column, Result, chosen_text
from parley.cli.paging import Cursor, Every, Limit, gather, more
from parley.cli.reach import Door, reach, segment
from parley.cli.send import language_of
from parley.cli.shown import case_columns, case_items, clock, standing, text_lines, when, who
from parley.cli.submitting import hand_in, tell
from parley.cli.writing import MESSAGE, SHORT, draft_of, how_of
from parley.core.texts import visible
from parley.desk.plain import plain
from parley.errors import NotFoundError, UsageError

app = new_app("Cases.")
case_app = new_app("Cases: any procedure, from its declaration.")
line_app = new_app("The line: does a person answer.")
app.add_typer(case_app, name="case")
app.add_typer(line_app, name="line")

Number = Annotated[str, typer.Argument(help="The case's number, such as REQ-ALFA-31.")]
Text = Annotated[str | None, typer.Argument(help="The text; - reads standard input.")]
AsOf = Annotated[str, typer.Option(help="As it stood at a time.")]


def case_of(door: Door, number: str, as_of: str = "") -> dict[str, Any]:
    """Return a case by its number; `CHANNEL/NUMBER` where two channels have it."""
    found: dict[str, Any] = door.get(f"/cases/{segment(number)}", as_of=as_of or None)
    return found


def move_in(
    run: Run,
    number: str,
    move: str,
    *,
    fields: Mapping[str, Any],
    text: str | None,
    given: Mapping[str, Any],
    options: Mapping[str, str] | None = None,
) -> None:
    """Make a move in a case, and end the command with what became of it."""
    with reach(run) as door:
        case = case_of(door, number)
        draft = draft_of(
            given,
            channel=case["channel"],
            language=language_of(door, dict(given)),
            procedure=case["procedure"],
            move=move,
            case=f"{case['channel']}/{case['number']}",
            text=text,
            fields=fields,
            options=options,
        )
        hand_in(run, door, draft, how_of(given))


@declare(
    case_app,
    "new",
    schema="send",
    examples=[
        "parley case new emergency --channel OPS --form emergency.toml",
        'parley case new note "Text of the note." --channel OPS --field number=12',
    ],
    exits=[3, 4, 5, 6, 8, 9, 10, 13],
    options=MESSAGE,
)
def new(
    run: Run,
    procedure: Annotated[str, typer.Argument(help="Such as request, incident, note.")],
    text: Text = None,
    *,
    channel: Annotated[str, typer.Option("--channel", help="The channel's code.")] = "",
    move: Annotated[str, typer.Option(help="Where several moves open a case.")] = "",
    **given: Any,
) -> None:
    """Open a case of any procedure; `parley schema PROCEDURE.MOVE` has its fields."""
    code = channel or run.ask("On which channel", flag="--channel")
    with reach(run) as door:
        draft = draft_of(
            given,
            channel=code,
            language=language_of(door, given),
            procedure=procedure,
            move=move,
            text=text,
        )
        hand_in(run, door, draft, how_of(given))


@declare(
    case_app,
    "move",
    schema="send",
    examples=[
        "parley case move REQ-ALFA-31 withdraw",
        "parley case move INC-BRAVO-7 counter --form ours.toml --dry-run",
    ],
    exits=[3, 4, 5, 6, 8, 9, 10, 13],
    options=SHORT,
)
def move(
    run: Run,
    number: Number,
    name: Annotated[str, typer.Argument(help="As `parley case moves` has it.")],
    text: Text = None,
    **given: Any,
) -> None:
    """Make a move in a case."""
    move_in(run, number, name, fields={}, text=text, given=given)


@declare(
    case_app,
    "moves",
    schema="moves",
    examples=["parley case moves REQ-ALFA-31", "parley case moves --channel OPS"],
    exits=[5, 9, 10, 11],
)
def moves(
    run: Run,
    number: Annotated[str, typer.Argument(help="The case; left out, what opens one.")] = "",
    *,
    channel: Annotated[str, typer.Option(help="With no case: on which channel.")] = "",
) -> None:
    """List what we may do now in a case, or begin on a channel, with the fields of each move."""
    with reach(run, offline=True) as door:
        if number:
            page = door.get(f"/cases/{segment(number)}/moves")
        else:
            code = channel or run.ask("On which channel", flag="--channel")
            page = door.get(f"/channels/{segment(code)}/moves")
    columns = [
        Column(key="procedure", title="PROCEDURE"),
        Column(key="move", title="MOVE"),
        Column(key="label", title="WHAT", shown=lambda label: chosen_text(label, run.language)),
        Column(key="permitted", title="NOW"),
        Column(key="why_not", title="WHY NOT"),
        Column(key="fields", title="REQUIRED FIELDS", shown=_required),
    ]
    quiet = [f"{one['procedure']}.{one['move']}" for one in page["items"] if one["permitted"]]
    run.finish(Result(data=page, columns=columns, quiet=quiet))


def _required(fields: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(str(one["name"]) for one in fields if one["required"]) or "-"


@declare(
    case_app,
    "list",
    schema="cases",
    examples=["parley case list", "parley case list incident --channel OPS"],
    exits=[5, 10, 11],
)
def list_cases(
    run: Run,
    procedure: Annotated[str, typer.Argument(help="Only of this procedure.")] = "",
    *,
    channel: Annotated[str, typer.Option(help="Only on this channel.")] = "",
    as_of: AsOf = "",
    limit: Limit = 100,
    cursor: Cursor = "",
    every: Every = False,
) -> None:
    """List the cases of a procedure, or of every procedure that has a register.

    The newest of each procedure come first, 100 at a time.
    """
    with reach(run, offline=True) as door:
        names = [one["name"] for one in door.get("/procedures")["items"] if one["register"]]
        if procedure and procedure not in names:
            raise NotFoundError(
                f"there is no procedure {procedure}", next_step=f"there are {', '.join(names)}."
            )
        begin, _, at = cursor.rpartition(":")
        wanted = [procedure] if procedure else names
        if cursor and begin not in wanted:
            raise UsageError(
                f"{cursor!r} is no cursor of this list",
                next_step="take `next_cursor` of the page before, or leave it out.",
            )
        rows: list[dict[str, Any]] = []
        after: str | None = None
        for name in wanted[wanted.index(begin) if cursor else 0 :]:
            found, further = gather(
                door,
                f"/registers/{segment(name)}",
                limit=limit - len(rows),
                cursor=at,
                every=every,
                channel=channel or None,
                as_of=as_of or None,
            )
            at, rows = "", [*rows, *found]
            if further is not None:
                after = f"{name}:{further}"
                break
    run.finish(case_list(run, rows, after))


def case_list(run: Run, rows: Sequence[dict[str, Any]], after: str | None) -> Result:
    """Return a page of registers as it is listed, with the cursor of the next one."""
    return Result(
        data={"items": case_items(rows), "next_cursor": after},
        columns=case_columns(run.language),
        lines=more(after),
        quiet=[row["number"] for row in rows],
    )


@declare(
    case_app,
    "show",
    schema="case",
    examples=[
        "parley case show REQ-ALFA-31",
        "parley case show REQ-ALFA-31 --as-of 2026-11-24T05:12:00Z",
    ],
    exits=[5, 10, 11],
)
def show(run: Run, number: Number, *, as_of: AsOf = "") -> None:
    """Show one case: its history, how its time is reckoned, what it proves and what not."""
    with reach(run, offline=True) as door:
        case = case_of(door, number, as_of)
    run.finish(Result(data=case, lines=_case_lines(case, run.language), quiet=[case["number"]]))


def passage_lines(passages: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a negotiated text as it stands: each passage in every language, then its brackets."""
    lines: list[str] = []
    for one in passages:
        lines.append(f"text       {visible(str(one['number']))}  {one['status']}".rstrip())
        lines += _wordings(one["texts"], "    ") or ["    struck"]
        for bracket in one["brackets"]:
            lines.append(f"    bracket {visible(str(bracket['id']))} of {bracket['by']}")
            lines += _wordings(bracket["words"], "        ")
            for number, other in enumerate(bracket["alternatives"], start=1):
                lines.append(f"        alternative {number}, by {other['by']}")
                lines += _wordings(other["words"], "            ")
    return lines


def _wordings(texts: Mapping[str, str], indent: str) -> list[str]:
    return [f"{indent}{code}: {visible(text)}" for code, text in texts.items()]


def _fact_lines(case: Mapping[str, Any], language: str) -> Iterator[tuple[str, str]]:
    """Yield what the desk has worked out: of the whole, and of each party."""
    groups = [("shows", case["facts"])]
    groups += [(f"of {one['party']}", one["facts"]) for one in case["parties"]]
    for name, facts in groups:
        for fact in facts:
            label = chosen_text(fact["label"], language)
            yield name, f"{label}: {visible(plain(fact['value'], language))}"


def _case_lines(case: Mapping[str, Any], language: str) -> list[str]:
    lines = [
        f"{case['number']}  {case['procedure']}  {who(case)}  on {case['channel']}",
        f"subject    {chosen_text(case['subject'], language) or '-'}",
        f"state      {standing(case)}",
    ]
    if case["due_at"]:
        rule = "by rule" if case["due_rule"] == "owed" else "asked for; no rule sets it"
        lines.append(f"due        {when(case['due_at'])}, {rule}")
        if case["due_from"]:
            span = f"{when(case['due_from'])} {clock(case['due_from'])} and "
            span += f"{when(case['due_to'])} {clock(case['due_to'])}"
            lines.append(f"           between {span} by our clock: the two clocks differ")
    lines += [
        f"reckoned   {visible(str(one['label']))}: {when(one['at'])}, {visible(str(one['rule']))}"
        for one in case["reckoning"]
    ]
    for one in case["history"]:
        crossed = "  (crossed)" if one["crossed"] else ""
        lines.append(
            f"{when(one['at'])}  {one['party']}  {one['move']}  {visible(str(one['summary']))}"
            f"  {one['entry']}{crossed}"
        )
        lines += [f"    {line}" for line in text_lines(one["texts"])]
    lines += passage_lines(case["passages"])
    lines += [f"{name:<10} {text}" for name, text in _fact_lines(case, language)]
    lines += compared_lines(case["procedure"], case["comparison"], language)
    lines += [f"proves     {visible(str(one))}" for one in case["shows"]["proves"]]
    lines += [f"not proved {visible(str(one))}" for one in case["shows"]["not_proves"]]
    lines += [f"note       {visible(str(one))}" for one in case["notes"]]
    may = [one["move"] for one in case["moves"] if one["permitted"]]
    lines.append(f"we may     {', '.join(may) or 'nothing now'}")
    return lines


@declare(
    line_app,
    "check",
    schema="line-check",
    examples=[
        "parley line check BRAVO --wait answered --timeout 5m",
        "parley line check BRAVO --log",
        "parley line check BRAVO --answer OPS/BRAVO/31",
    ],
    exits=[3, 4, 5, 6, 8, 9, 10],
)
def check(
    run: Run,
    peer: Annotated[str, typer.Argument(help="The peer's code.")],
    *,
    text: Annotated[str, typer.Option(help="Words to it.")] = "",
    channel: Annotated[str, typer.Option(help="On which channel; any open one else.")] = "",
    answer: Annotated[str, typer.Option(help="Answer this check of theirs.")] = "",
    log: Annotated[bool, typer.Option("--log", help="Show when a person last answered.")] = False,
    wait: Annotated[
        str, typer.Option(help="Until delivered or answered.", rich_help_panel=HOW_PANEL)
    ] = "",
    timeout: Annotated[str, typer.Option(help="How long.", rich_help_panel=HOW_PANEL)] = "",
    idempotency_key: Annotated[
        str, typer.Option(help="The same key sends once.", rich_help_panel=HOW_PANEL)
    ] = "",
) -> None:
    """Ask the officer on duty at a peer whether they hear us, or answer; or show when one did."""
    if log:
        _show_log(run, peer)
        return
    how = how_of({"wait": wait, "timeout": timeout, "idempotency_key": idempotency_key})
    body = {"peer": peer, "text": text or None, "channel": channel or None}
    body["answers"] = answer or None
    with reach(run) as door:
        done = door.post("/line-checks", body, key=how.key or secrets.token_hex(16))
        tell(run, door, done, how)


def _show_log(run: Run, peer: str) -> None:
    with reach(run, offline=True) as door:
        lines = [line for line in door.get("/overview")["lines"] if line["peer"] == peer]
        if not lines:
            raise NotFoundError(f"there is no line to {peer}", next_step="parley peer list")
        page = door.get("/entries", procedure="line_check", newest_first=True, limit=100)
    items = [row for row in page["items"] if peer in (row["party"], *_offices(row["action"]))]
    person = lines[0]["person"]
    rows = [
        f"{when(row['times']['received_at'])} {clock(row['times']['received_at'])}  "
        f"{row['party']}  {row['move']}  {row['name']}"
        for row in items
    ]
    state = f"a person of {peer} {person['state']}, last {when(person['at'])}"
    run.finish(
        Result(
            data={"peer": peer, "person": person, "items": items, "next_cursor": None},
            lines=[f"{state}, {person['misses']} missed since", *rows],
            quiet=[row["name"] for row in items],
        )
    )


def _offices(action: Sequence[str]) -> list[str]:
    return [office.partition("/")[0] for office in action]
