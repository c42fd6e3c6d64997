"""`parley officer` and `parley token`: who works here, and which programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from parley.cli.cards import Force
from parley.cli.command import Run, declare, new_app, write_file
from parley.cli.output import Column, Result
from parley.cli.reach import reach, segment
from parley.cli.shown import when

app = new_app("People and programs.")
officer_app = new_app("Officers: the people who work at this station, in roles.")
token_app = new_app("Tokens: programs that use the API.")
app.add_typer(officer_app, name="officer")
app.add_typer(token_app, name="token")
glass_app = new_app("Break-glass: codes that open the console when nobody can sign in.")
app.add_typer(glass_app, name="break-glass")

_ROLES = "watch, desk, releaser, interpreter, auditor, administrator"

Code = Annotated[str, typer.Argument(help="The officer's code, such as ALFA-2.")]


@declare(officer_app, "list", schema="officers", examples=["parley officer list"], exits=[10, 11])
def list_officers(run: Run) -> None:
    """List the officers, suspended ones too."""
    with reach(run, offline=True) as door:
        page = door.get("/officers")
    columns = [
        Column(key="code", title="OFFICER"),
        Column(key="name", title="NAME"),
        Column(key="roles", title="ROLES"),
        Column(key="accounts", title="ACCOUNTS"),
        Column(key="active", title="ACTIVE"),
        Column(key="passkeys", title="PASSKEYS"),
        Column(key="last_sign_in", title="LAST SIGNED IN", shown=when),
    ]
    quiet = [officer["code"] for officer in page["items"]]
    run.finish(Result(data=page, columns=columns, quiet=quiet))


@declare(
    officer_app,
    "add",
    schema="officer",
    examples=['parley officer add ALFA-2 --role releaser --role desk --name "Lt. Moreau"'],
    exits=[4, 6, 10, 11],
)
def add(
    run: Run,
    code: Code,
    *,
    role: Annotated[list[str] | None, typer.Option(help=_ROLES)] = None,
    name: Annotated[str, typer.Option(help="As it is shown here; it never leaves.")] = "",
    account: Annotated[
        int | None, typer.Option(help="System account (user id) under which they work.")
    ] = None,
) -> None:
    """Add an officer in roles, or bind another system account to one."""
    body = {"code": code, "roles": role or [], "name": name, "account": account}
    with reach(run, offline=True) as door:
        officer = door.post("/officers", body)
    _finish(run, officer)


@declare(
    officer_app,
    "suspend",
    schema="officer",
    examples=["parley officer suspend ALFA-2"],
    exits=[4, 5, 6, 10, 11],
)
def suspend(run: Run, code: Code) -> None:
    """Shut an officer out at once; what they did stays."""
    with reach(run, offline=True) as door:
        officer = door.post(f"/officers/{segment(code)}/suspend")
    _finish(run, officer)


def _finish(run: Run, officer: dict[str, Any]) -> None:
    state = "active" if officer["active"] else "suspended"
    roles = ", ".join(officer["roles"])
    run.finish(
        Result(
            data=officer, lines=[f"{officer['code']}  {state}  {roles}"], quiet=[officer["code"]]
        )
    )


@declare(
    officer_app,
    "link",
    schema="sign-in-link",
    examples=["parley officer link ALFA-2 --minutes 30"],
    exits=[4, 5, 10, 11],
)
def link(
    run: Run,
    code: Code,
    *,
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="How long it is good.")] = 60,
) -> None:
    """Make a link with which an officer signs in to the console, once."""
    with reach(run, offline=True) as door:
        made = door.post("/sign-in-links", {"officer": code, "minutes": minutes})
    run.finish(
        Result(
            data=made,
            lines=[
                f"{made['path']}",
                f"Open it at the console's address; good once, for {made['minutes']} minutes.",
            ],
            quiet=[made["path"]],
        )
    )


@declare(
    glass_app,
    "make",
    schema="break-glass-made",
    examples=["parley break-glass make ALFA-2 --out alfa-2.code"],
    exits=[4, 10, 11],
)
def make_code(
    run: Run,
    holder: Annotated[str, typer.Argument(help="Who will keep it: a code such as ALFA-2.")],
    *,
    days: Annotated[int, typer.Option(min=1, max=3 * 366, help="How long it is good.")] = 366,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="File for the code; - is standard output.")
    ] = Path("-"),
    force: Force = False,
) -> None:
    """Make a break-glass code for a holder; it is shown once, and ends their earlier one."""
    with reach(run, offline=True) as door:
        made = door.post("/break-glass/codes", {"holder": holder, "days": days})
    code, secret = made["code"], made["secret"]
    until = when(code["expires_at"])
    lines = [
        f"break-glass code {code['number']} of {code['holder']}, good until {until}",
        f"  {secret}",
        "Seal it on paper and give it to its holder. Two codes of two holders open the console",
        "for 60 minutes, once, at its page /break-glass; every console sounds an alarm.",
    ]
    if str(out) != "-":
        write_file(out, (secret + "\n").encode("ascii"), force=force)
        out.chmod(0o600)
        made, lines[1] = {**made, "secret": None}, f"  written to {out}"
    run.finish(Result(data=made, lines=lines, quiet=[secret if str(out) == "-" else str(out)]))


@declare(
    glass_app,
    "list",
    schema="break-glass",
    examples=["parley break-glass list"],
    exits=[10, 11],
)
def list_codes(run: Run) -> None:
    """List the codes and say whether a session is open; the codes are not kept anywhere."""
    with reach(run, offline=True) as door:
        state = door.get("/break-glass")
    _finish_glass(run, state)


@declare(
    glass_app,
    "end",
    schema="break-glass",
    examples=["parley break-glass end"],
    exits=[4, 6, 9, 10],
)
def end_session(run: Run) -> None:
    """End the break-glass session at once."""
    with reach(run) as door:
        state = door.post("/break-glass/end")
    _finish_glass(run, state)


def _finish_glass(run: Run, state: dict[str, Any]) -> None:
    lines = ["no break-glass session is open"]
    if state["until"]:
        who = " and ".join(state["open_by"])
        lines = [f"OPEN until {when(state['until'])}, by the codes of {who}"]
    for code in state["items"]:
        until = when(code["expires_at"])
        lines.append(f"  {code['number']}  {code['holder']}  {code['state']}  until {until}")
    run.finish(Result(data=state, lines=lines, quiet=[c["holder"] for c in state["items"]]))


@declare(token_app, "list", schema="tokens", examples=["parley token list"], exits=[10, 11])
def list_tokens(run: Run) -> None:
    """List the tokens; their secrets are not kept anywhere."""
    with reach(run, offline=True) as door:
        page = door.get("/tokens")
    columns = [
        Column(key="id", title="TOKEN"),
        Column(key="label", title="FOR"),
        Column(key="scopes", title="SCOPES"),
        Column(key="channels", title="CHANNELS"),
        Column(key="expires_at", title="UNTIL", shown=when),
        Column(key="last_used_at", title="LAST USED", shown=when),
        Column(key="active", title="ACTIVE"),
    ]
    quiet = [token["id"] for token in page["items"]]
    run.finish(Result(data=page, columns=columns, quiet=quiet))


@declare(
    token_app,
    "add",
    schema="token",
    examples=["parley token add radar --scope drafts:write --channel OPS --out radar.token"],
    exits=[4, 10, 11],
)
def add_token(
    run: Run,
    label: Annotated[str, typer.Argument(help="What it is for.")],
    *,
    scope: Annotated[list[str] | None, typer.Option(help="Such as entries:read.")] = None,
    channel: Annotated[
        list[str] | None, typer.Option(help="Only this channel; may be repeated.")
    ] = None,
    expires: Annotated[int, typer.Option(min=1, max=365, help="Days.")] = 90,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="File for the secret; - is standard output.")
    ] = Path("-"),
    force: Force = False,
) -> None:
    """Make a token for a program; its secret is shown once. PARLEY_TOKEN_FILE names its file."""
    body = {
        "label": label,
        "scopes": scope or [],
        "channels": channel or [],
        "expires_days": expires,
    }
    with reach(run, offline=True) as door:
        made = door.post("/tokens", body)
    token = made["token"]
    data = {**token, "secret": made["secret"], "file": None}
    lines = [made["secret"]]
    if str(out) != "-":
        write_file(out, (made["secret"] + "\n").encode("ascii"), force=force)
        out.chmod(0o600)
        data |= {"secret": None, "file": str(out)}
        lines = [f"token {token['id']} for {token['label']} written to {out}"]
    run.finish(Result(data=data, lines=lines, quiet=lines if str(out) == "-" else [token["id"]]))


@declare(
    token_app,
    "suspend",
    schema="token-ended",
    examples=["parley token suspend T-1"],
    exits=[4, 5, 10, 11],
)
def suspend_token(
    run: Run, token: Annotated[str, typer.Argument(help="Its id, as `token list` has it.")]
) -> None:
    """End a token at once."""
    with reach(run, offline=True) as door:
        ended = door.delete(f"/tokens/{segment(token)}")
    run.finish(Result(data=ended, lines=[f"{ended['id']} ended"], quiet=[ended["id"]]))
