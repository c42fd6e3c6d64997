"""`parley channel`: agreed lines, what each side declares of them and what is seen."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from parley.cli.command import HOW_PANEL, Run, declare, new_app
from parley.cli.exits import HELD
from parley.cli.output import Column, Result
from parley.cli.reach import Door, reach, segment
from parley.cli.shown import when
from parley.cli.submitting import hand_in
from parley.cli.writing import SHORT, draft_of, how_of, option, seconds_of
from parley.core.charter import QUOTA_MAX
from parley.core.instants import parse_duration, parse_instant, rfc3339
from parley.core.texts import visible
from parley.desk.times import until_instant
from parley.errors import NotFoundError, UsageError
from parley.station.channel_state import STOPPED

app = new_app("Channels.")
channel_app = new_app("Channels: agreed lines with a purpose, an end and declared states.")
app.add_typer(channel_app, name="channel")

_LOOK_EVERY_S: Final = 0.2
_DIGEST_LEAST: Final = 8

Code = Annotated[str, typer.Argument(help="The channel's code.")]
Yes = Annotated[bool, typer.Option("--yes", help="Answer the question with yes.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; the peer reads it.")]
_DECLARING: Final = {
    **SHORT,
    "yes": (bool, option("--yes", panel=HOW_PANEL, text="Answer the question with yes."), False),
}
Until = Annotated[str, typer.Option("--until", help="When: a time, or from now, such as 30d.")]


def moment_of(text: str) -> int:
    """Return the instant that a time, or a duration from now, means.

    Raises:
        UsageError: it is neither.
    """
    try:
        return int(time.time()) + parse_duration(text)
    except UsageError:
        return parse_instant(text)


def time_text(text: str) -> str:
    """Return a time as the desk reads it: a duration counts from now, all else is left as it is."""
    try:
        return rfc3339(int(time.time()) + parse_duration(text))
    except UsageError:
        return text


def due_text(text: str) -> str:
    """Return a term as it is: a date or time, a length of time, `event` or `none`.

    Raises:
        UsageError: it is a word that the desk would take for an event that nobody notes.
    """
    if text in ("event", "none") or until_instant(text) is not None:
        return text
    try:
        parse_duration(text)
    except UsageError:
        raise UsageError(
            f"--due {text!r} is no date",
            next_step='Write 2026-12-24, P30D with --once "minister named", event, or none.',
        ) from None
    return text


def channel_lines(channel: Mapping[str, Any]) -> list[str]:
    """Return a channel as people read it."""
    lines = [
        f"{channel['code']}  {' - '.join(channel['parties'])}  {channel['state']}",
        f"purpose    {visible(str(channel['purpose'])) or '-'}",
        f"basis      {visible(str(channel['basis'])) or '-'}",
        _ends(channel),
        f"observed   {channel['observed'].replace('-', ' ')}{_since(channel['observed_since'])}",
    ]
    if bounds := quota_text(channel):
        lines.append(f"quotas     each party at most {bounds}")
    if channel["stopped"] is not None:
        why = STOPPED.get(channel["stopped"], channel["stopped"])
        lines.append(f"STOPPED    nothing is written into our log: {why}; parley restore")
    for party in channel["parties_state"]:
        reason = f", {visible(str(party['reason']))}" if party["reason"] else ""
        lines.append(f"declared   {party['party']}: {_hold(party)}{_since(party['since'])}{reason}")
    for witness in channel["witnesses"]:
        asked = "" if witness["asked"] else "; not asked by this station: its card is not trusted"
        lines.append(
            f"witness    {visible(str(witness['code']))}: sees party ids, sizes, roots and times, "
            f"no text{asked}"
        )
    for log in channel["logs"]:
        held = ", ".join(f"{one['by']} holds {one['size']}" for one in log["receipts"])
        many = "entry" if log["size"] == 1 else "entries"
        lines.append(f"log        {log['name']}: {log['size']} {many}; {held or 'not receipted'}")
    return lines


def quota_text(agreed: Mapping[str, Any]) -> str:
    """Return what each party may write, empty where nothing is agreed."""
    bounds = (
        (agreed["entries_per_day"], "entries a day"),
        (agreed["bytes_per_day"], "bytes a day"),
        (agreed["flash_per_hour"], "FLASH an hour"),
    )
    return ", ".join(f"{number} {what}" for number, what in bounds if number)


def _ends(channel: Mapping[str, Any]) -> str:
    if not channel["ends_at"]:
        return "ends       no end is agreed"
    window = f"{when(channel['renew_from'])} to {when(channel['renew_until'])}"
    return f"ends       {when(channel['ends_at'])}; to be renewed from {window}"


def _since(value: Any) -> str:
    return f" since {when(value)}" if value else ""


def _hold(state: Mapping[str, Any]) -> str:
    """Return what a party declares; one that was only asked has declared nothing yet."""
    return "has not accepted yet" if state["declared"] == "proposed" else str(state["declared"])


def held_lines(held: Mapping[str, Any]) -> list[str]:
    """Return what waits for a second person, as people read it."""
    witnesses = ", ".join(visible(str(code)) for code in held["witnesses"])
    return [
        f"{held['code']}  {held['act']}, with {', '.join(held['peers'])}",
        f"purpose    {visible(str(held['purpose'])) or '-'}",
        f"basis      {visible(str(held['basis'])) or '-'}",
        f"ends       {when(held['ends_at']) if held['ends_at'] else 'no end is agreed'}",
        f"witnesses  {witnesses or 'none'}",
        f"quotas     {quota_text(held) or 'none'}",
        f"prepared   by {held['by']}, {when(held['at'])}; waits for a second person",
        f"digest     {held['digest']}",
    ]


def _finish(run: Run, done: Mapping[str, Any]) -> None:
    if "needs" in done:
        told = f"held: another person confirms it: parley channel confirm {done['code']}"
        run.finish(
            Result(
                data=done,
                lines=[*held_lines(done), told],
                quiet=[str(done["code"])],
                exit_code=HELD,
            )
        )
        return
    run.finish(Result(data=done, lines=channel_lines(done), quiet=[str(done["code"])]))


@declare(
    channel_app,
    "propose",
    schema="channel-act",
    examples=[
        'parley channel propose BRAVO --code OPS --purpose "Operations line" --yes',
        "parley channel propose BRAVO --code OPS --witness CHARLIE --yes",
        "parley channel propose BRAVO --code OPS --entries-per-day 2000 --flash-per-hour 20 --yes",
    ],
    exits=[4, 5, 6, 8, 9, 10, 13],
)
def propose(
    run: Run,
    peers: Annotated[list[str], typer.Argument(help="Codes of the peers.")],
    *,
    code: Annotated[str, typer.Option(help="Short code of the channel.")] = "",
    purpose: Annotated[str, typer.Option(help="What it is for.")] = "",
    basis: Annotated[
        str, typer.Option(help="The agreement it rests on; its first word names a profile.")
    ] = "none",
    until: Until = "",
    heartbeat: Annotated[
        str, typer.Option(help="How often each side gives a sign of life, such as 15s.")
    ] = "",
    witness: Annotated[
        list[str] | None,
        typer.Option(
            "--witness",
            help="Code of a witness, a trusted peer, that cosigns both sides' statements; "
            "may be repeated.",
        ),
    ] = None,
    entries_per_day: Annotated[
        int | None,
        typer.Option(min=1, max=QUOTA_MAX, help="Entries each party may write in 24 hours."),
    ] = None,
    bytes_per_day: Annotated[
        int | None,
        typer.Option(min=1, max=QUOTA_MAX, help="Bytes each party may write in 24 hours."),
    ] = None,
    flash_per_hour: Annotated[
        int | None,
        typer.Option(
            min=1, max=QUOTA_MAX, help="FLASH each party may write in an hour; counted apart."
        ),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Propose a channel to one or more peers; it is open when all have accepted.

    Where release needs two persons it is held until another one confirms it. Quotas bind every
    party alike, for as long as the charter stands: what is beyond them is not taken, which is on
    record, and is taken when there is room again.
    """
    body = {
        "code": code or run.ask("Code of the channel", flag="--code"),
        "peers": peers,
        "purpose": purpose,
        "basis": basis,
        "ends_at": moment_of(until) if until else None,
        "heartbeat_s": parse_duration(heartbeat) if heartbeat else None,
        "witnesses": witness or [],
        "entries_per_day": entries_per_day,
        "bytes_per_day": bytes_per_day,
        "flash_per_hour": flash_per_hour,
    }
    if dry_run:
        told = f"would propose channel {body['code']} to {', '.join(peers)}; nothing was sent"
        run.finish(Result(data={"dry_run": True, **body}, lines=[told]))
        return
    run.confirm(f"Propose channel {body['code']} to {', '.join(peers)}", is_answered=yes)
    with reach(run) as door:
        channel = door.post("/channels", body)
    _finish(run, channel)


@declare(
    channel_app,
    "accept",
    schema="channel-act",
    examples=["parley channel accept OPS --yes"],
    exits=[4, 5, 6, 8, 9, 10, 13],
)
def accept(
    run: Run,
    code: Code,
    *,
    timeout: Annotated[
        str, typer.Option(help="How long to wait for a proposal that is still on its way.")
    ] = "30s",
    yes: Yes = False,
) -> None:
    """Accept a channel that a peer proposed.

    Where release needs two persons it is held until another one confirms it.
    """
    with reach(run) as door:
        channel = _proposed(run, door, code, seconds_of(timeout) or 0)
        for line in channel_lines(channel):
            run.out.explain(line)
        run.confirm(f"Accept channel {code}", is_answered=yes)
        channel = door.post(f"/channels/{segment(code)}/accept")
    _finish(run, channel)


@declare(
    channel_app,
    "confirm",
    schema="channel",
    examples=["parley channel confirm OPS", "parley channel confirm OPS --digest 3f...e1"],
    exits=[4, 5, 6, 8, 9, 10],
)
def confirm(
    run: Run,
    code: Code,
    *,
    digest: Annotated[
        str, typer.Option(help="Digest of what you read; without it you are asked.")
    ] = "",
) -> None:
    """Propose or accept, as the second person, what another one prepared.

    It shows what will be signed and asks; a script names the digest of what was read instead. No
    --yes answers this.
    """
    with reach(run) as door:
        held = door.get(f"/channel-acts/{segment(code)}")
        if not digest:
            for line in held_lines(held):
                typer.echo(line, err=True)
            said = run.ask(
                f"Type the first 8 characters of its digest to {held['act']} {code}",
                flag="--digest",
            )
            digest = said.strip()
        if len(digest) >= _DIGEST_LEAST and str(held["digest"]).startswith(digest):
            digest = str(held["digest"])
        channel = door.post(f"/channel-acts/{segment(code)}/confirm", {"digest": digest})
    _finish(run, channel)


@declare(
    channel_app,
    "drop",
    schema="channel-held",
    examples=['parley channel drop OPS --reason "wrong purpose"'],
    exits=[4, 5, 9, 10],
)
def drop(run: Run, code: Code, *, reason: Annotated[str, typer.Option(help="Why.")] = "") -> None:
    """Give up what was prepared about a channel and not confirmed; nothing was sent."""
    why = reason or run.ask("Why", flag="--reason")
    with reach(run) as door:
        held = door.post(f"/channel-acts/{segment(code)}/drop", {"reason": why})
    told = f"given up: to {held['act']} {held['code']}; nothing was sent"
    run.finish(Result(data=held, lines=[told], quiet=[str(held["code"])]))


def _proposed(run: Run, door: Door, code: str, patience_s: int) -> dict[str, Any]:
    """Return a proposed channel, waiting for one that is on its way.

    Raises:
        NotFoundError: none came in time.
    """
    until = time.monotonic() + patience_s
    is_told = False
    while True:
        try:
            found: dict[str, Any] = door.get(f"/channels/{segment(code)}")
        except NotFoundError:
            if time.monotonic() >= until:
                raise
        else:
            return found
        if not is_told:
            run.out.tell(f"waiting for the proposal of {code} ...")
            is_told = True
        time.sleep(_LOOK_EVERY_S)


@declare(
    channel_app,
    "list",
    schema="channels",
    examples=["parley channel list"],
    exits=[10, 11],
)
def list_channels(run: Run) -> None:
    """List the channels: what each side declares, and what is seen, side by side."""
    with reach(run, offline=True) as door:
        page = door.get("/channels")
        held = door.get("/channel-acts")["items"]
    columns = [
        Column(key="code", title="CHANNEL"),
        Column(key="parties", title="PARTIES"),
        Column(key="state", title="STATE"),
        Column(key="parties_state", title="DECLARED", shown=_declared),
        Column(key="observed", title="OBSERVED", shown=lambda said: str(said).replace("-", " ")),
        Column(key="purpose", title="PURPOSE"),
    ]
    quiet = [channel["code"] for channel in page["items"]]
    waits = [
        f"{one['code']}: {one['act']}, prepared by {one['by']}; parley channel confirm"
        for one in held
    ]
    run.finish(Result(data=page, columns=columns, lines=waits, quiet=quiet))


def _declared(states: Any) -> str:
    return ", ".join(f"{one['party']} {_hold(one)}" for one in states)


@declare(
    channel_app, "show", schema="channel", examples=["parley channel show OPS"], exits=[5, 10, 11]
)
def show(run: Run, code: Code) -> None:
    """Show one channel: parties, purpose, states, logs and who holds how much of them."""
    with reach(run, offline=True) as door:
        channel = door.get(f"/channels/{segment(code)}")
    _finish(run, channel)


def _act(
    run: Run,
    code: str,
    move: str,
    *,
    fields: Mapping[str, Any],
    options: Mapping[str, str] | None = None,
    given: Mapping[str, Any],
) -> None:
    """Declare something of a channel, as an entry on it."""
    how = how_of(given)
    if not how.is_dry:
        run.confirm(f"{move.capitalize()} channel {code}", is_answered=given["yes"])
    with reach(run) as door:
        language = str(given.get("text_lang") or "")
        if not language:
            language = door.get("/station")["languages"][0]
        draft = draft_of(
            given,
            channel=code,
            language=language,
            procedure="channel",
            move=move,
            fields=fields,
            options=options,
        )
        hand_in(run, door, draft, how)


@declare(
    channel_app,
    "suspend",
    schema="send",
    examples=[
        'parley channel suspend OPS --reason "maintenance" --until 6h --stays "line checks" --yes'
    ],
    exits=[2, 3, 4, 5, 6, 9, 10, 13],
    options=_DECLARING,
)
def suspend(
    run: Run,
    code: Code,
    *,
    reason: Reason = "",
    until: Until = "",
    stays: Annotated[str, typer.Option(help="What is still answered meanwhile.")] = "",
    **given: Any,
) -> None:
    """Declare a channel suspended: why, until when, and what is still answered."""
    fields = {"cause": reason, "until": time_text(until), "what_stays": stays}
    options = {"cause": "--reason", "until": "--until", "what_stays": "--stays"}
    _act(run, code, "suspend", fields=fields, options=options, given=given)


@declare(
    channel_app,
    "resume",
    schema="send",
    examples=["parley channel resume OPS --yes"],
    exits=[3, 4, 5, 6, 9, 10, 13],
    options=_DECLARING,
)
def resume(run: Run, code: Code, **given: Any) -> None:
    """Declare a suspended channel in use again."""
    _act(run, code, "resume", fields={}, given=given)


@declare(
    channel_app,
    "renew",
    schema="send",
    examples=["parley channel renew OPS --until 365d --yes"],
    exits=[3, 4, 5, 6, 9, 10, 13],
    options=_DECLARING,
)
def renew(run: Run, code: Code, *, until: Until = "", **given: Any) -> None:
    """Propose or agree a new end of a channel."""
    fields = {"expiry": time_text(until)}
    _act(run, code, "renew", fields=fields, options={"expiry": "--until"}, given=given)


@declare(
    channel_app,
    "close",
    schema="send",
    examples=['parley channel close OPS --reason "agreement ended" --notice 30d --yes'],
    exits=[3, 4, 5, 6, 9, 10, 13],
    options=_DECLARING,
)
def close(
    run: Run,
    code: Code,
    *,
    reason: Reason = "",
    notice: Annotated[str, typer.Option(help="When it ends, such as 30d from now.")] = "",
    **given: Any,
) -> None:
    """Declare a channel terminated, with cause and notice; its logs stay."""
    fields = {"cause": reason, "notice": notice}
    options = {"cause": "--reason", "notice": "--notice"}
    _act(run, code, "terminate", fields=fields, options=options, given=given)
