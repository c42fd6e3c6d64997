"""Channels: proposing, accepting, and what may be done on one."""

from __future__ import annotations

from fastapi import Response

from parley.api.bodies import ChannelBody, RestoreBody
from parley.api.doors import ActorHere, GatewayHere, StatusReader, see_channel, sees
from parley.api.routes import answer, answer_list, created, new_router
from parley.station.views import ChannelView, MoveView, Page, RestoreView

router = new_router("channels")


@router.get("/channels", response_model=Page[ChannelView])
async def channels(gateway: GatewayHere, actor: StatusReader) -> Response:
    """Return every channel."""
    return answer_list([view for view in gateway.channels() if sees(actor, view.code)])


@router.post("/channels", response_model=ChannelView, status_code=201)
async def propose(gateway: GatewayHere, actor: ActorHere, body: ChannelBody) -> Response:
    """Propose a channel to peers; our log on it opens."""
    actor.require_channel(body.code)
    view = await gateway.propose_channel(actor, body.request())
    return created(view, f"/channels/{view.id}")


@router.get("/channels/{channel}", response_model=ChannelView)
async def channel_one(gateway: GatewayHere, actor: StatusReader, channel: str) -> Response:
    """Return one channel by its code, or by its id in hex."""
    see_channel(gateway, actor, channel)
    return answer(gateway.channel(channel))


@router.post("/channels/{channel}/accept", response_model=ChannelView)
async def accept(gateway: GatewayHere, actor: ActorHere, channel: str) -> Response:
    """Accept a proposed channel; our log on it opens."""
    see_channel(gateway, actor, channel)
    return answer(await gateway.accept_channel(actor, channel))


@router.post("/channels/{channel}/restore", response_model=RestoreView)
async def restore(
    gateway: GatewayHere, actor: ActorHere, channel: str, body: RestoreBody
) -> Response:
    """Bring back what peers hold of our stopped log on a channel; a new log begins."""
    see_channel(gateway, actor, channel)
    return answer(
        await gateway.restore_log(actor, channel, list(body.peers), timeout_s=body.timeout_s)
    )


@router.get("/channels/{channel}/moves", response_model=Page[MoveView])
async def moves(gateway: GatewayHere, actor: StatusReader, channel: str) -> Response:
    """Return what we may begin on a channel now, with the forms."""
    see_channel(gateway, actor, channel)
    return answer_list(gateway.moves(channel=channel))
