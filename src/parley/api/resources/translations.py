"""Translation by machine: a draft, never an entry."""

from __future__ import annotations

from fastapi import Response

from parley.api.bodies import TranslationBody
from parley.api.doors import (
    Drafter,
    GatewayHere,
    see_channel,
)
from parley.api.routes import created, new_router
from parley.station.desk_views import DraftView

router = new_router("translations")


@router.post(
    "/entries/{channel}/{party}/{index}/machine-translation",
    response_model=DraftView,
    status_code=201,
)
async def machine_translation(
    *,
    gateway: GatewayHere,
    actor: Drafter,
    channel: str,
    party: str,
    index: str,
    body: TranslationBody,
) -> Response:
    """Have an entry translated by machine into a draft marked `machine`; nothing is sent."""
    see_channel(gateway, actor, channel)
    name = f"{channel}/{party}/{index}"
    view = await gateway.draft_translation(actor, name, lang=body.lang)
    return created(view, f"/drafts/{view.id}", headers={"etag": view.etag})
