"""Who is asking: the officer behind a system account, or the machine behind a token."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar

from fastapi import Depends, Request
from starlette.datastructures import Headers
from starlette.types import Scope

from parley.api.listeners import ACCOUNT_PREFIX
from parley.errors import NotAllowedError, NotFoundError, NotSignedInError
from parley.station.actors import Actor
from parley.station.gateway import Gateway
from parley.station.pace import Pace

Way: TypeAlias = Literal["socket", "tcp"]
"""How a caller came in: by the control socket, or over the network with a token."""

Log: TypeAlias = Callable[..., None]
T = TypeVar("T")

OPEN_PATHS: Final = ("/livez", "/problems/", "/api/v1/calendar/feed/")
"""What anybody may read who reaches the address."""

OPEN_WITHOUT_SCOPE: Final = ("/api/v1/me", "/readyz", "/version")
"""What every token may read."""

STRANGERS_MOST, STRANGERS_EVERY_S = 60, 1.0
"""Calls without a good token from one address: sixty at once, then one a second."""

OFFICER_HEADER: Final = "parley-officer"


def log_nothing(event: str, **details: Any) -> None:
    """Log nothing."""
    del event, details


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One way into a station.

    Attributes:
        gateway: the station.
        way: who can come in, and how they say who they are.
        stopping: set when the station is about to stop: streams and waiting end.
        log: structured logger; `log(event, **details)`.
        calls: how often each token may call; None where nothing is counted.
        strangers: how often an address may come without a good token.
    """

    gateway: Gateway
    way: Way
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    log: Log = log_nothing
    calls: Pace | None = None
    strangers: Pace = field(
        default_factory=lambda: Pace(
            most=STRANGERS_MOST, every_s=STRANGERS_EVERY_S, now=time.monotonic
        )
    )

    def count(self, actor: Actor) -> None:
        """Count a call of a token; officers are never counted.

        Raises:
            TooManyError: it calls too often.
        """
        if self.calls is not None and not actor.is_person:
            self.calls.take(actor.officer, "this token calls too often; nothing was done")

    def refuse_stranger(self, scope: Scope) -> None:
        """Count a call of nobody known; whoever brings a good token is never counted here.

        Raises:
            TooManyError: too many came from that address.
        """
        host = scope["client"][0] if scope.get("client") else ""
        said = "too many calls without a good token came from this address"
        self.strangers.take(host, said)

    def identify(self, scope: Scope) -> Actor:
        """Return who is asking.

        Raises:
            NotSignedInError: nobody known.
        """
        headers = Headers(scope=scope)
        given = headers.get("authorization", "")
        scheme, _, secret = given.partition(" ")
        if scheme.lower() == "bearer" and secret:
            return self.gateway.actor_of_token(secret.strip())
        if given:
            raise NotSignedInError(
                "the Authorization header holds no bearer token",
                next_step="Send `Authorization: Bearer pat_...`.",
            )
        host = scope["client"][0] if scope.get("client") else ""
        if self.way == "socket" and host.startswith(ACCOUNT_PREFIX):
            account = int(host.removeprefix(ACCOUNT_PREFIX))
            return self.gateway.actor_of_account(account, headers.get(OFFICER_HEADER))
        raise NotSignedInError(
            "this address needs a token",
            next_step="Send `Authorization: Bearer pat_...`; an administrator makes tokens.",
        )


async def door_of(request: Request) -> Door:
    """Return the door by which a request came."""
    door = request.app.state.door
    assert isinstance(door, Door)
    return door


async def unless_stopping(door: Door, waiting: Coroutine[Any, Any, T]) -> T | None:
    """Return what is waited for, or None as soon as the station is about to stop."""
    task = asyncio.create_task(waiting)
    ending = asyncio.create_task(door.stopping.wait())
    try:
        await asyncio.wait((task, ending), return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        ending.cancel()
        task.cancel()


async def gateway_of(request: Request) -> Gateway:
    """Return the station's gateway."""
    return (await door_of(request)).gateway


async def actor_of(request: Request) -> Actor:
    """Return who is asking; the envelope has found it out before anything was read."""
    actor = request.state.actor
    assert isinstance(actor, Actor)
    return actor


async def person_of(request: Request) -> Actor:
    """Return the person who is asking.

    Raises:
        NotAllowedError: a machine asks for what a person must do.
    """
    actor = await actor_of(request)
    if not actor.is_person:
        raise NotAllowedError(
            "a token cannot do that: a person must",
            next_step="Do it in the console, or with `parley` on the station's machine.",
        )
    return actor


def reading(
    scope: str, right: str | None = None
) -> Callable[[Request], Coroutine[Any, Any, Actor]]:
    """Return a dependency that lets machines pass whose token has the scope, and people.

    Args:
        scope: what a token needs.
        right: what a person's role must give; None where every officer may read.
    """

    async def check(request: Request) -> Actor:
        actor = await actor_of(request)
        if actor.scopes is not None and scope not in actor.scopes:
            raise NotAllowedError(
                f"this token may not read that: it lacks the scope {scope}",
                next_step="Ask an administrator for a token with that scope.",
            )
        if actor.is_person and right is not None:
            actor.require(right)
        return actor

    check.__dict__["scope"] = scope
    return check


def sees(actor: Actor, channel: str | None) -> bool:
    """Say whether an actor may read what stands on a channel; None is no channel's."""
    return not actor.channels or channel is None or channel in actor.channels


def see_channel(gateway: Gateway, actor: Actor, channel: str) -> str:
    """Return a channel's code if the actor may read it; another one learns nothing.

    Raises:
        NotFoundError: there is none, or the token is confined to others.
    """
    code = gateway.channel_code(channel)
    if not sees(actor, code):
        raise NotFoundError(f"there is no channel {channel}")
    return code


def see_all(actor: Actor) -> None:
    """Let pass who may read every channel.

    Raises:
        NotAllowedError: the token is confined to some.
    """
    if actor.channels:
        raise NotAllowedError(
            "this token is confined to channels, and this speaks of all of them",
            next_step=f"Read what belongs to {', '.join(sorted(actor.channels))}.",
        )


def acting(scope: str) -> Callable[[Request], Coroutine[Any, Any, Actor]]:
    """Return a dependency that gives who acts; the gateway refuses, and writes it into the audit.

    Args:
        scope: what a token needs for the act; a test holds it to what the gateway does.
    """

    async def act(request: Request) -> Actor:
        return await actor_of(request)

    act.__dict__["scope"] = scope
    return act


GatewayHere = Annotated[Gateway, Depends(gateway_of)]
ActorHere = Annotated[Actor, Depends(actor_of)]
PersonHere = Annotated[Actor, Depends(person_of)]
StatusReader = Annotated[Actor, Depends(reading("status:read"))]
EntryReader = Annotated[Actor, Depends(reading("entries:read"))]
CaseReader = Annotated[Actor, Depends(reading("cases:read"))]
SearchReader = Annotated[Actor, Depends(reading("search:read"))]
AdminReader = Annotated[Actor, Depends(reading("admin:read"))]
Auditor = Annotated[Actor, Depends(reading("audit:read", "audit"))]
Exporter = Annotated[Actor, Depends(reading("evidence:export", "export"))]
Claimer = Annotated[Actor, Depends(acting("alarms:claim"))]
Acknowledger = Annotated[Actor, Depends(acting("acknowledgements:write"))]
Drafter = Annotated[Actor, Depends(acting("drafts:write"))]
Releaser = Annotated[Actor, Depends(acting("releases:write"))]
Carrier = Annotated[Actor, Depends(acting("courier:write"))]
Administrator = Annotated[Actor, Depends(acting("admin:write"))]
