"""Drafts: written, looked at, released or refused; everything that leaves is one first."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from parley.api.bodies import DraftBody, ReasonBody, ReleaseBody, TakeOverBody
from parley.api.doors import (
    Drafter,
    EntryReader,
    GatewayHere,
    Releaser,
    door_of,
    sees,
    unless_stopping,
)
from parley.api.resources.entries import read_wait
from parley.api.routes import (
    KeyHere,
    VersionHere,
    VersionIfNamed,
    answer,
    answer_list,
    created,
    new_router,
)
from parley.errors import NotFoundError
from parley.station.actors import Actor
from parley.station.countersigning import CountersignView
from parley.station.desk_views import DraftView, Preview, Released
from parley.station.draft_book import OPEN_STATES
from parley.station.gateway import Gateway
from parley.station.views import Page

router = new_router("drafts")


def _seen(gateway: Gateway, actor: Actor, draft: str) -> DraftView:
    view = gateway.draft(draft)
    if not sees(actor, view.channel):
        raise NotFoundError(
            f"draft {draft} does not exist here",
            next_step="parley draft list shows those that are not released.",
        )
    return view


def _draft(view: DraftView) -> Response:
    return answer(view, headers={"etag": view.etag})


@router.get("/drafts", response_model=Page[DraftView])
async def drafts(
    gateway: GatewayHere, actor: EntryReader, state: Annotated[list[str] | None, Query()] = None
) -> Response:
    """Return drafts in these states; those that can still leave where none is named."""
    found = gateway.drafts(states=state or OPEN_STATES)
    return answer_list([view for view in found if sees(actor, view.channel)])


@router.post("/drafts", response_model=DraftView, status_code=201)
async def create(gateway: GatewayHere, actor: Drafter, key: KeyHere, body: DraftBody) -> Response:
    """Keep a new draft, complete or not."""
    view = await gateway.create_draft(actor, body.request(), idempotency_key=key)
    return created(view, f"/drafts/{view.id}", headers={"etag": view.etag})


@router.get("/drafts/{draft}", response_model=DraftView)
async def draft_one(
    request: Request,
    gateway: GatewayHere,
    actor: EntryReader,
    draft: str,
    wait: str | None = None,
) -> Response:
    """Return one draft; with `wait`, once it is settled one way or the other."""
    view = _seen(gateway, actor, draft)
    if wait is not None:
        waiting = gateway.wait_draft(draft, timeout_s=read_wait(wait))
        view = await unless_stopping(await door_of(request), waiting) or gateway.draft(draft)
    return _draft(view)


@router.put("/drafts/{draft}", response_model=DraftView)
async def change(
    gateway: GatewayHere, actor: Drafter, draft: str, version: VersionHere, body: DraftBody
) -> Response:
    """Put a new version in the place of the one that `If-Match` names."""
    _seen(gateway, actor, draft)
    return _draft(await gateway.change_draft(actor, draft, body.request(), version=version))


@router.delete("/drafts/{draft}", response_model=DraftView)
async def drop(
    gateway: GatewayHere, actor: Drafter, draft: str, version: VersionIfNamed
) -> Response:
    """Give a draft up; it stays readable."""
    _seen(gateway, actor, draft)
    return _draft(await gateway.drop_draft(actor, draft, version=version))


@router.get("/drafts/{draft}/preview", response_model=Preview)
async def preview(gateway: GatewayHere, actor: EntryReader, draft: str) -> Response:
    """Return exactly what a draft would send, and what to look at before."""
    _seen(gateway, actor, draft)
    return answer(gateway.preview(draft))


@router.post("/drafts/{draft}/take-over", response_model=DraftView)
async def take_over(
    gateway: GatewayHere, actor: Drafter, draft: str, body: TakeOverBody
) -> Response:
    """Write a draft from now on that another officer, `writer`, writes; they read the reason."""
    _seen(gateway, actor, draft)
    view = await gateway.take_draft_over(actor, draft, reason=body.reason, seen=body.writer)
    return _draft(view)


@router.post("/drafts/{draft}/review", response_model=DraftView)
async def review(
    gateway: GatewayHere, actor: Drafter, draft: str, version: VersionHere
) -> Response:
    """Hand the version that `If-Match` names to the releasers."""
    _seen(gateway, actor, draft)
    return _draft(await gateway.review_draft(actor, draft, version=version))


@router.post("/drafts/{draft}/release", response_model=Released)
async def release(
    gateway: GatewayHere, actor: Releaser, key: KeyHere, draft: str, body: ReleaseBody
) -> Response:
    """Sign and send a held draft, if its text is the one whose digest the person saw."""
    _seen(gateway, actor, draft)
    released = await gateway.release(actor, draft, digest=body.digest, idempotency_key=key)
    return answer(released, headers=replayed_header(is_replayed=released.replayed))


@router.post("/drafts/{draft}/countersign", response_model=CountersignView)
async def countersign(gateway: GatewayHere, actor: Drafter, draft: str) -> Response:
    """Stand, as a second officer, for an emergency that another released alone."""
    _seen(gateway, actor, draft)
    return answer(await gateway.countersign(actor, draft))


@router.get("/countersigns", response_model=Page[CountersignView])
async def countersigns(gateway: GatewayHere, actor: EntryReader) -> Response:
    """Return the emergencies that one officer released alone, with who stood for them."""
    return answer_list(
        [view for view in gateway.countersigns() if sees(actor, gateway.draft(view.draft).channel)]
    )


@router.post("/drafts/{draft}/refuse", response_model=DraftView)
async def refuse(gateway: GatewayHere, actor: Releaser, draft: str, body: ReasonBody) -> Response:
    """Send a held draft back to its writer."""
    _seen(gateway, actor, draft)
    return _draft(await gateway.refuse(actor, draft, reason=body.reason))


def replayed_header(*, is_replayed: bool) -> dict[str, str]:
    """Return the header that tells a repeated call from a first one."""
    return {"idempotency-replayed": "true"} if is_replayed else {}
