"""`parley peer` and `parley path`: other parties' stations, trust in them, and ways to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from parley.carriers.address import DEFAULT_COSTS, Address, parse_address, parse_on_carrier
from parley.cli.command import Run, declare, new_app
from parley.cli.exits import DOES_NOT_HOLD, HELD, IN_PART
from parley.cli.output import Column, Result
from parley.cli.reach import reach, segment
from parley.cli.shown import when
from parley.core import padding
from parley.core.cosignature import is_witness_address
from parley.core.limits import CARD_BYTES_MAX
from parley.core.texts import visible
from parley.errors import NotFoundError, UsageError
from parley.station.directory import read_limited

app = new_app("Peers.")
peer_app = new_app("Peers: other parties' stations, and trust in their keys.")
path_app = new_app("Paths: the addresses at which peers are dialled.")
app.add_typer(peer_app, name="peer")
app.add_typer(path_app, name="path")

METHODS: Final = "in-person, voice or paper"
_CARD_FILE_BYTES_MAX: Final = 2 * CARD_BYTES_MAX

Code = Annotated[str, typer.Argument(help="The peer's code.")]
Addresses = Annotated[
    list[str] | None,
    typer.Option("--address", help="host:port at which it is dialled; may be repeated."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stays in the record.")]

_COLUMNS: Final = (
    Column(key="code", title="PEER"),
    Column(key="name", title="NAME"),
    Column(key="key_state", title="KEY"),
    Column(key="trusted", title="TRUSTED"),
    Column(key="verified_at", title="COMPARED", shown=when),
    Column(key="addresses", title="PATHS"),
)


def card_bytes(file: Path) -> str:
    """Return a card file as the API takes it: armour as it is, raw bytes in base 64.

    Raises:
        NotFoundError: there is no such file.
    """
    import base64  # noqa: PLC0415 - only where a card is handed in

    if not file.is_file():
        raise NotFoundError(f"there is no file {file}", next_step="name the card's file.")
    raw = read_limited(file, _CARD_FILE_BYTES_MAX)
    if raw.lstrip().startswith(b"-----BEGIN"):
        return raw.decode("ascii", "replace")
    return base64.b64encode(raw).decode("ascii")


def peer_lines(peer: Mapping[str, Any]) -> list[str]:
    """Return a peer as people read it."""
    lines = [
        f"{peer['code']}  {visible(str(peer['name']))}",
        f"party      {peer['party']}",
        f"key        {peer['key_state']}, {'trusted' if peer['trusted'] else 'NOT trusted'}",
    ]
    if peer["verified_at"]:
        by = ", ".join(peer["verified_by"])
        lines.append(f"compared   {when(peer['verified_at'])} by {by}, {peer['method']}")
    if peer["locked_until"]:
        lines.append(f"locked     until {when(peer['locked_until'])}: the words differed too often")
    lines += [f"path       {visible(address)}" for address in peer["addresses"]]
    if peer["key_change"]:
        lines.append(f"KEY CHANGE seen {when(peer['key_change']['seen_at'])}: nothing is sent")
    if peer["next"]:
        lines.append(f"next       {visible(str(peer['next']))}")
    return lines


@declare(
    peer_app,
    "add",
    schema="peer",
    examples=["parley peer add bravo.card --address 127.0.0.1:7002"],
    exits=[4, 5, 6, 7, 10, 11],
)
def add(
    run: Run,
    file: Annotated[Path, typer.Argument(help="The peer's card: raw, text, or read from codes.")],
    *,
    address: Addresses = None,
    dry_run: DryRun = False,
) -> None:
    """Take in a peer's card; it is not trusted until its words are compared."""
    if dry_run:
        from parley.cli.cards import card_json, read_card  # noqa: PLC0415 - brings cryptography

        card = card_json(read_card(file))
        text = f"{card['code']} would be added with {len(address or [])} paths; nothing changed"
        run.finish(Result(data={"dry_run": True, **card}, lines=[text]))
        return
    with reach(run, offline=True) as door:
        body = {"card": card_bytes(file), "addresses": address or []}
        peer = door.post("/peers", body)
    run.finish(Result(data=peer, lines=peer_lines(peer), quiet=[peer["code"]]))


@declare(
    peer_app,
    "verify",
    schema="peer-verify",
    examples=[
        "parley peer verify BRAVO --method voice",
        'parley peer verify BRAVO --method paper --words "river anvil ... mint"',
    ],
    exits=[4, 5, 7, 10, 11, 13],
)
def verify(
    run: Run,
    code: Code,
    *,
    method: Annotated[str, typer.Option(help=f"How they reached you: {METHODS}.")] = "",
    words: Annotated[str, typer.Option(help="The twelve words that the other side read out.")] = "",
) -> None:
    """Compare the words that the other side reads out with its card; a match makes it trusted."""
    how = method or run.ask(f"How did the words reach you ({METHODS})", flag="--method")
    heard = words or run.ask("The twelve words that the other side read out", flag="--words")
    body = {"words": heard.replace(",", " ").split(), "method": how}
    with reach(run, offline=True) as door:
        done = door.post(f"/peers/{segment(code)}/verify", body)
    run.finish(_compared(done))


def _compared(done: Mapping[str, Any]) -> Result:
    code = done["peer"]["code"]
    if not done["match"]:
        trusted = done["peer"]["trusted"]
        means = "is trusted as before; nothing changed" if trusted else "is not trusted"
        lines = [f"differ at word {done['differs_at']}: {code} {means}"]
        if done["locked_until"]:
            lines.append(f"comparing is locked until {when(done['locked_until'])}")
        lines.append("Next: ask over another way which words its card has: somebody may lie")
        return Result(data=done, lines=lines, exit_code=DOES_NOT_HOLD)
    if done["needs"]:
        needed = ", ".join(done["needs"])
        lines = [
            f"match; {code} is trusted when the {needed} has compared too",
            f"Next: parley peer verify {code} --officer CODE        (exit {HELD})",
        ]
        return Result(data=done, lines=lines, exit_code=HELD)
    return Result(data=done, lines=[f"match: {code} is trusted"], quiet=[code])


@declare(peer_app, "list", schema="peers", examples=["parley peer list"], exits=[10, 11])
def list_peers(run: Run) -> None:
    """List the peers and how far each is trusted."""
    with reach(run, offline=True) as door:
        page = door.get("/peers")
    codes = [peer["code"] for peer in page["items"]]
    run.finish(Result(data=page, columns=_COLUMNS, quiet=codes))


@declare(peer_app, "show", schema="peer", examples=["parley peer show BRAVO"], exits=[5, 10, 11])
def show(run: Run, code: Code) -> None:
    """Show one peer; its words are not shown, they must be heard."""
    with reach(run, offline=True) as door:
        peer = door.get(f"/peers/{segment(code)}")
    run.finish(Result(data=peer, lines=peer_lines(peer), quiet=[peer["party"]]))


@declare(
    peer_app,
    "reject",
    schema="peer",
    examples=['parley peer reject BRAVO --reason "the words differ"'],
    exits=[4, 5, 10, 11],
)
def reject(run: Run, code: Code, *, reason: Reason = "") -> None:
    """Refuse a peer's key; nothing is sent to it any more."""
    why = reason or run.ask("Why", flag="--reason")
    with reach(run, offline=True) as door:
        peer = door.post(f"/peers/{segment(code)}/reject", {"reason": why})
    run.finish(Result(data=peer, lines=peer_lines(peer), quiet=[peer["code"]]))


@declare(
    peer_app,
    "remove",
    schema="peer-removed",
    examples=["parley peer remove BRAVO --yes"],
    exits=[4, 5, 10, 11],
)
def remove(
    run: Run,
    code: Code,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Answer the question with yes.")] = False,
) -> None:
    """Forget a peer; the record keeps what it signed."""
    run.confirm(f"Forget {code}", is_answered=yes)
    with reach(run, offline=True) as door:
        door.delete(f"/peers/{segment(code)}")
    run.finish(
        Result(
            data={"code": code, "removed": True},
            lines=[f"{code} is forgotten; the record keeps what it signed"],
            quiet=[code],
        )
    )


@declare(
    path_app,
    "add",
    schema="peer",
    examples=[
        "parley path add BRAVO 192.0.2.7:7300",
        "parley path add BRAVO b.example:7300 --carrier tls --rate 75 --cost 50",
        "parley path add BRAVO b.example:7300 --rate 4800 --pad 600",
        "parley path add CHARLIE https://witness.example",
    ],
    exits=[4, 5, 10, 11],
)
def add_path(
    run: Run,
    code: Code,
    address: Annotated[str, typer.Argument(help="host:port, or tls://host:port?pin=..&rate=..")],
    *,
    pad: Annotated[
        int | None,
        typer.Option(
            min=padding.FRAME_BYTES_MIN,
            help="Send frames of exactly so many bytes, always at --rate, so that sizes and times "
            "tell nothing of what is said.",
        ),
    ] = None,
    carrier: Annotated[
        str,
        typer.Option(
            help=f"Carrier of an address that names none: {', '.join(sorted(DEFAULT_COSTS))}; tls "
            "if left out. One that names another is refused."
        ),
    ] = "",
    rate: Annotated[
        int | None, typer.Option(min=1, help="Bits per second that it carries, such as 75.")
    ] = None,
    cost: Annotated[
        int | None, typer.Option(min=0, help="What it costs: the cheapest path that is up is used.")
    ] = None,
) -> None:
    """Add a way by which a peer is dialled, or at which a witness takes statements (http, https).

    An address at the same place takes the place of the one before and keeps its pin; one with
    another pin stands beside it.

    The loopback carrier reaches stations within one process only: between two machines, or two
    processes, it is TLS.
    """
    given = {"carrier": carrier or None, "rate": rate, "pad": pad, "cost": cost}
    if is_witness_address(address):
        if odd := next((name for name, value in given.items() if value is not None), ""):
            raise UsageError(
                f"a witness is asked by HTTP, and its address has no --{odd}",
                next_step=f"Leave --{odd} out.",
            )
    else:
        for name in ("rate", "pad", "cost"):
            if given[name] is not None:
                address += f"{'&' if '?' in address else '?'}{name}={given[name]}"
        parsed = parse_on_carrier(address, carrier) if carrier else parse_address(address)
        address = str(parsed)
    with reach(run, offline=True) as door:
        peer = door.get(f"/peers/{segment(code)}")
        addresses = _with(peer["addresses"], address)
        peer = door.put(f"/peers/{segment(code)}/paths", {"addresses": addresses})
    ways = [_path(code, each, None) for each in peer["addresses"]]
    lines = [*peer_lines(peer), *_padding_lines(ways)]
    run.finish(Result(data=peer, lines=lines, quiet=peer["addresses"]))


@declare(
    path_app,
    "remove",
    schema="peer",
    examples=["parley path remove BRAVO 192.0.2.7:7300"],
    exits=[4, 5, 10, 11],
)
def remove_path(
    run: Run, code: Code, address: Annotated[str, typer.Argument(help="As `path list` has it.")]
) -> None:
    """Remove a way; without any, the addresses on the peer's card are used."""
    with reach(run, offline=True) as door:
        address = _spelled(address)
        peer = door.get(f"/peers/{segment(code)}")
        left = _without(peer["addresses"], address)
        if len(left) == len(peer["addresses"]):
            raise NotFoundError(
                f"{code} has no path {address}", next_step=f"parley path list {code}"
            )
        peer = door.put(f"/peers/{segment(code)}/paths", {"addresses": left})
    run.finish(Result(data=peer, lines=peer_lines(peer), quiet=peer["addresses"]))


@declare(path_app, "list", schema="paths", examples=["parley path list"], exits=[5, 10, 11])
def list_paths(
    run: Run, code: Annotated[str, typer.Argument(help="Only of this peer.")] = ""
) -> None:
    """List the ways to every peer, and whether each is up."""
    with reach(run, offline=True) as door:
        peers = [door.get(f"/peers/{segment(code)}")] if code else door.get("/peers")["items"]
        links = {link["peer"]: link for link in door.get("/links")["items"]}
    items: list[dict[str, Any]] = []
    for peer in peers:
        known = {each["address"]: each for each in links.get(peer["code"], {}).get("paths", [])}
        items += [
            _path(peer["code"], address, known.pop(address, None))
            for address in peer["addresses"] or peer["card"]["paths"]
        ]
        items += [_path(peer["code"], address, path) for address, path in known.items()]
    columns = [
        Column(key="peer", title="PEER"),
        Column(key="address", title="ADDRESS"),
        Column(key="carrier", title="CARRIER"),
        Column(key="up", title="UP"),
        Column(key="rate_bps", title="BIT/S"),
        Column(key="cost", title="COST"),
        Column(key="pad_bytes", title="PAD"),
    ]
    quiet = [item["address"] for item in items]
    data = {"items": items, "next_cursor": None}
    run.finish(Result(data=data, columns=columns, lines=_padding_lines(items), quiet=quiet))


def _spelled(address: str) -> str:
    """Return an address as stations keep it."""
    return address if is_witness_address(address) else str(parse_address(address))


def _without(addresses: list[str], address: str) -> list[str]:
    """Return addresses without one, however that one is spelled: `host:port` means TLS."""
    meant = _spelled(address)
    return [each for each in addresses if each not in (address, meant)]


def _with(addresses: list[str], address: str) -> list[str]:
    """Return addresses with one more, which takes the place of one that leads to the same place."""
    left = _without(addresses, address)
    if is_witness_address(address):
        return [*left, address]
    new, kept = parse_address(address), []
    for each in left:
        old = None if is_witness_address(each) else parse_address(each)
        if old is None or _place(old) != _place(new) or new.pin not in (None, old.pin):
            kept.append(each)
        else:
            new = replace(new, pin=new.pin or old.pin)
    return [*kept, str(new)]


def _place(address: Address) -> tuple[str, str, int, str]:
    return address.carrier, address.host, address.port, address.name


_NAMED: Final = ("carrier", "rate_bps", "cost", "pad_bytes", "turn_s", "bytes_a_day", "peer_pads")


def _path(peer: str, address: str, path: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a path as it is listed: as the link has it, else as its address names it."""
    known = path or _as_named(address)
    about = {name: known.get(name) for name in _NAMED}
    return {"peer": peer, "address": address, "up": bool(known.get("up")), **about}


def _as_named(address: str) -> dict[str, Any]:
    try:
        named = parse_address(address)
    except UsageError:  # a witness's, or one of a card from elsewhere
        return {}
    found: dict[str, Any] = {"carrier": named.carrier, "rate_bps": named.rate_bps}
    if named.pad_bytes is not None and named.rate_bps is not None:
        found |= {
            "pad_bytes": named.pad_bytes,
            "turn_s": round(padding.turn_seconds(named.pad_bytes, named.rate_bps), 3),
            "bytes_a_day": padding.bytes_a_day(named.rate_bps),
        }
    return found | {"cost": named.cost}


def _padding_lines(paths: list[dict[str, Any]]) -> list[str]:
    """Say in words what padded paths take of the line, and what they do not hide."""
    lines: list[str] = []
    padded = [path for path in paths if path["pad_bytes"]]
    for path in padded:
        lines.append(
            f"padded     {path['peer']} {path['address'].split('?')[0]}: from here one frame of "
            f"{path['pad_bytes']} bytes every {path['turn_s']:g} s while it is up, "
            f"{path['bytes_a_day'] / 1e6:,.1f} MB a day"
        )
        if path["peer_pads"] is False:
            lines.append(
                f"           what comes back is NOT padded, and shows when {path['peer']} answers: "
                "its listener or its path needs pad and rate too"
            )
    bare = {path["peer"] for path in paths if not path["pad_bytes"]}
    lines += [
        f"           {peer} has paths without padding too: they carry everything while no padded "
        "one is up"
        for peer in dict.fromkeys(path["peer"] for path in padded)
        if peer in bare
    ]
    return lines


@declare(
    path_app,
    "test",
    schema="path-test",
    examples=["parley path test 192.0.2.7:7300", "parley path test BRAVO"],
    exits=[4, 5, 10, 11, 14],
)
def test_path(
    run: Run, target: Annotated[str, typer.Argument(help="An address, or a peer: all its paths.")]
) -> None:
    """Open a path and close it again; nothing is said on it. Exit 14 if one does not open."""
    with reach(run, offline=True) as door:
        if ":" in target:
            addresses = [target]
        else:
            peer = door.get(f"/peers/{segment(target)}")
            addresses = peer["addresses"] or peer["card"]["paths"]
        if not addresses:
            raise UsageError(f"{target} has no path", next_step=f"parley path add {target} ADDRESS")
        items = [door.post("/path-tests", {"address": address}) for address in addresses]
    columns = [
        Column(key="address", title="ADDRESS"),
        Column(key="ok", title="OPENS"),
        Column(key="detail", title="DETAIL"),
    ]
    is_good = all(item["ok"] for item in items)
    run.finish(
        Result(
            data={"items": items, "next_cursor": None},
            columns=columns,
            exit_code=0 if is_good else IN_PART,
        )
    )
