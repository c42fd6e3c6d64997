"""Webhooks: programs elsewhere that are told what happens here (Standard Webhooks)."""

from __future__ import annotations

from fastapi import Response

from parley.api.bodies import ReplayBody, WebhookBody
from parley.api.doors import AdminReader, GatewayHere, PersonHere
from parley.api.routes import answer, answer_list, created, new_router
from parley.station.tool_views import WebhookMade, WebhookTest, WebhookView
from parley.station.views import Page

router = new_router("webhooks")


@router.get("/webhooks", response_model=Page[WebhookView])
async def webhooks(gateway: GatewayHere, _: AdminReader) -> Response:
    """Return every webhook and how it fares; never a secret."""
    return answer_list(gateway.webhooks())


@router.post("/webhooks", response_model=WebhookMade, status_code=201)
async def add(gateway: GatewayHere, actor: PersonHere, body: WebhookBody) -> Response:
    """Make a webhook; its secret is in this answer and nowhere else."""
    made = await gateway.add_webhook(
        actor, label=body.label, url=body.url, topics=body.topics, channels=body.channels
    )
    return created(made, "/webhooks")


@router.delete("/webhooks/{hook}", response_model=WebhookView)
async def end(gateway: GatewayHere, actor: PersonHere, hook: str) -> Response:
    """End a webhook at once; what waits for it is thrown away."""
    return answer(await gateway.end_webhook(actor, hook))


@router.post("/webhooks/{hook}/test", response_model=WebhookTest)
async def test(gateway: GatewayHere, actor: PersonHere, hook: str) -> Response:
    """Send a message that says nothing, and return what came of it."""
    return answer(await gateway.test_webhook(actor, hook))


@router.post("/webhooks/{hook}/replay", response_model=WebhookView)
async def replay(gateway: GatewayHere, actor: PersonHere, hook: str, body: ReplayBody) -> Response:
    """Try again at once what waits or was given up, and entries after a place of the record."""
    return answer(await gateway.replay_webhook(actor, hook, after=body.after))
