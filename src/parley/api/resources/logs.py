"""Logs: what each party's log holds, and whether it holds together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Response

from parley.api.doors import EntryReader, GatewayHere, PersonHere, see_channel
from parley.api.resources.entries import Limit, cursor_number
from parley.api.routes import answer, new_router
from parley.errors import NotFoundError
from parley.station.views import EntryRow, IndexRebuilt, LogCheck, LogView, Page, StatementView

router = new_router("logs")


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionView:
    """A path from one leaf to a signed root (RFC 9162, section 2.1.3); hashes in hex."""

    entry: str
    leaf: str
    index: int
    size: int
    root: str
    path: list[str]


@router.get("/logs/{channel}/{party}", response_model=LogView)
async def log(gateway: GatewayHere, actor: EntryReader, channel: str, party: str) -> Response:
    """Return one party's log on a channel: its size, what is missing, who holds how much."""
    see_channel(gateway, actor, channel)
    return answer(gateway.log(channel, party))


@router.get("/logs/{channel}/{party}/entries", response_model=Page[EntryRow])
async def log_entries(
    *,
    gateway: GatewayHere,
    actor: EntryReader,
    channel: str,
    party: str,
    from_index: Annotated[int, Query(ge=0, lt=2**62)] = 0,
    limit: Limit = 100,
    cursor: str | None = None,
) -> Response:
    """Return every entry of a party's present log from an index on, the core's own included."""
    see_channel(gateway, actor, channel)
    place = cursor_number(cursor)
    first = from_index if place is None else place
    return answer(gateway.log_entries(channel, party, from_index=first, limit=limit))


@router.get("/logs/{channel}/{party}/statement", response_model=StatementView)
async def statement(gateway: GatewayHere, actor: EntryReader, channel: str, party: str) -> Response:
    """Return the newest statement of a party on a channel, checked just now."""
    see_channel(gateway, actor, channel)
    return answer(gateway.statement(channel, party))


@router.get("/logs/{channel}/{party}/inclusion", response_model=InclusionView)
async def inclusion(
    gateway: GatewayHere, actor: EntryReader, channel: str, party: str, index: str
) -> Response:
    """Return the path from an entry to the root that its author signed."""
    see_channel(gateway, actor, channel)
    found = gateway.proof(f"{channel}/{party}/{index}")
    if found.statement is None:
        raise NotFoundError(f"no statement held here covers {found.entry} yet")
    return answer(
        InclusionView(
            entry=found.entry,
            leaf=found.leaf,
            index=found.index,
            size=found.statement.size,
            root=found.statement.root,
            path=list(found.inclusion),
        )
    )


@router.post("/index", response_model=IndexRebuilt)
async def rebuild_index(gateway: GatewayHere, actor: PersonHere) -> Response:
    """Write the case index anew from the logs, which are the truth."""
    return answer(await gateway.rebuild_index(actor))


@router.get("/logs/{channel}/{party}/check", response_model=LogCheck)
async def check(gateway: GatewayHere, actor: EntryReader, channel: str, party: str) -> Response:
    """Recompute a log from its stored bytes against its newest statement."""
    see_channel(gateway, actor, channel)
    return answer(gateway.check_log(channel, party))
