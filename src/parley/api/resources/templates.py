"""Templates: named, reviewed beginnings of drafts; what leaves is always a draft."""

from __future__ import annotations

from fastapi import Response

from parley.api.bodies import TemplateBody, UseTemplateBody, VersionBody
from parley.api.doors import Drafter, EntryReader, GatewayHere, Releaser, sees
from parley.api.routes import KeyHere, answer, answer_list, created, new_router
from parley.errors import NotFoundError
from parley.station.actors import Actor
from parley.station.desk_views import DraftView
from parley.station.gateway import Gateway
from parley.station.template_views import TemplateView
from parley.station.views import Page

router = new_router("templates")


def _seen(gateway: Gateway, actor: Actor, code: str) -> TemplateView:
    view = gateway.template(code)
    if not sees(actor, view.channel):
        raise NotFoundError(f"there is no template {code[:64]}")
    return view


@router.get("/templates", response_model=Page[TemplateView])
async def templates(gateway: GatewayHere, actor: EntryReader) -> Response:
    """Return templates by code, those that wait for a reviewer too."""
    return answer_list([view for view in gateway.templates() if sees(actor, view.channel)])


@router.get("/templates/{code}", response_model=TemplateView)
async def template_one(gateway: GatewayHere, actor: EntryReader, code: str) -> Response:
    """Return one template."""
    return answer(_seen(gateway, actor, code))


@router.put("/templates/{code}", response_model=TemplateView)
async def put_template(
    gateway: GatewayHere, actor: Drafter, code: str, body: TemplateBody
) -> Response:
    """Keep a template; it waits for a reviewer. 409 where it was changed since `version`."""
    return answer(await gateway.put_template(actor, code, body.request(), version=body.version))


@router.post("/templates/{code}/review", response_model=TemplateView)
async def review_template(
    gateway: GatewayHere, actor: Releaser, code: str, body: VersionBody
) -> Response:
    """Say, as a releaser who did not write it, that this version may be used."""
    _seen(gateway, actor, code)
    return answer(await gateway.review_template(actor, code, version=body.version))


@router.post("/templates/{code}/draft", response_model=DraftView, status_code=201)
async def use_template(
    gateway: GatewayHere, actor: Drafter, key: KeyHere, code: str, body: UseTemplateBody
) -> Response:
    """Begin a draft on a channel from a reviewed template."""
    _seen(gateway, actor, code)
    view = await gateway.use_template(
        actor, code, channel=body.channel, case=body.case, idempotency_key=key
    )
    return created(view, f"/drafts/{view.id}", headers={"etag": view.etag})


@router.delete("/templates/{code}", response_model=TemplateView)
async def drop_template(gateway: GatewayHere, actor: Drafter, code: str) -> Response:
    """Take a template away; drafts that began from it stay."""
    _seen(gateway, actor, code)
    return answer(await gateway.drop_template(actor, code))
