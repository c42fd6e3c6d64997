"""Channels: proposing, accepting, and what may be done on one."""

from __future__ import annotations

from fastapi import Response

from parley.api.bodies import ChannelBody, ReasonBody, ReleaseBody, RestoreBody
from parley.api.doors import (
    Administrator,
    GatewayHere,
    Releaser,
    StatusReader,
    see_channel,
    sees,
)
from parley.api.routes import answer, answer_list, created, new_router
from parley.errors import NotFoundError
from parley.station.desk_views import HeldChannelAct
from parley.station.tool_views import ChannelDays
from parley.station.views import ChannelView, MoveView, Page, RestoreView

router = new_router("channels")


@router.get("/channels", response_model=Page[ChannelView])
async def channels(gateway: GatewayHere, actor: StatusReader) -> Response:
    """Return every channel."""
    return answer_list([view for view in gateway.channels() if sees(actor, view.code)])


def _done(view: ChannelView | HeldChannelAct) -> Response:
    """Return what became of a channel act: 202 where a second person has to confirm it."""
    if isinstance(view, HeldChannelAct):
        location = f"/api/v1/channel-acts/{view.code}"
        return answer(view, 202, headers={"location": location})
    return answer(view)


@router.post(
    "/channels",
    response_model=ChannelView,
    status_code=201,
    responses={202: {"model": HeldChannelAct}},
)
async def propose(gateway: GatewayHere, actor: Administrator, body: ChannelBody) -> Response:
    """Propose a channel to peers; our log on it opens, or a second person is waited for."""
    actor.require_channel(body.code)
    view = await gateway.propose_channel(actor, body.request())
    if isinstance(view, HeldChannelAct):
        return _done(view)
    return created(view, f"/channels/{view.id}")


@router.get("/channel-acts", response_model=Page[HeldChannelAct])
async def held_acts(gateway: GatewayHere, actor: StatusReader) -> Response:
    """Return what is prepared about channels and waits for a second person."""
    return answer_list([held for held in gateway.held_channel_acts() if sees(actor, held.code)])


@router.get("/channel-acts/{channel}", response_model=HeldChannelAct)
async def held_act(gateway: GatewayHere, actor: StatusReader, channel: str) -> Response:
    """Return what waits for a second person under a channel's code."""
    held = gateway.held_channel_act(channel)
    if not sees(actor, held.code):
        raise NotFoundError(f"nothing about a channel {channel} waits for a second person")
    return answer(held)


@router.post("/channel-acts/{channel}/confirm", response_model=ChannelView)
async def confirm(
    gateway: GatewayHere, actor: Releaser, channel: str, body: ReleaseBody
) -> Response:
    """Do, as the second person, what another one prepared; `digest` says what was looked at."""
    actor.require_channel(channel)
    return answer(await gateway.confirm_channel(actor, channel, digest=body.digest))


@router.post("/channel-acts/{channel}/drop", response_model=HeldChannelAct)
async def drop(
    gateway: GatewayHere, actor: Administrator, channel: str, body: ReasonBody
) -> Response:
    """Give up what was prepared; nothing of it was sent."""
    actor.require_channel(channel)
    return answer(await gateway.drop_channel_act(actor, channel, reason=body.reason))


@router.get("/channels/{channel}", response_model=ChannelView)
async def channel_one(gateway: GatewayHere, actor: StatusReader, channel: str) -> Response:
    """Return one channel by its code, or by its id in hex."""
    see_channel(gateway, actor, channel)
    return answer(gateway.channel(channel))


@router.get("/channels/{channel}/days", response_model=ChannelDays)
async def days(gateway: GatewayHere, actor: StatusReader, channel: str) -> Response:
    """Return its last 30 days by party: declared by its own word, and whether it was heard."""
    see_channel(gateway, actor, channel)
    return answer(gateway.channel_days(channel))


@router.post(
    "/channels/{channel}/accept",
    response_model=ChannelView,
    responses={202: {"model": HeldChannelAct}},
)
async def accept(gateway: GatewayHere, actor: Administrator, channel: str) -> Response:
    """Accept a proposed channel; our log on it opens, or a second person is waited for."""
    see_channel(gateway, actor, channel)
    return _done(await gateway.accept_channel(actor, channel))


@router.post("/channels/{channel}/restore", response_model=RestoreView)
async def restore(
    gateway: GatewayHere, actor: Administrator, channel: str, body: RestoreBody
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
