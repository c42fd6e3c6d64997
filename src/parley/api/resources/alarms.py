"""Alarms: what a person must know, claimed and handled."""

from __future__ import annotations

from fastapi import Response

from parley.api.bodies import HandOverBody, ReasonBody, SnoozeBody
from parley.api.doors import Claimer, GatewayHere, PersonHere, StatusReader, sees
from parley.api.routes import answer, answer_list, new_router
from parley.errors import NotFoundError
from parley.station.actors import Actor
from parley.station.desk_views import AlarmView
from parley.station.gateway import Gateway
from parley.station.views import Page

router = new_router("alarms")


def _seen(gateway: Gateway, actor: Actor, alarm: str) -> AlarmView:
    view = gateway.alarm(alarm)
    if not sees(actor, view.channel):
        raise NotFoundError(
            f"there is no alarm {alarm}", next_step="parley inbox lists what is open."
        )
    return view


@router.get("/alarms", response_model=Page[AlarmView])
async def alarms(*, gateway: GatewayHere, actor: StatusReader, open_only: bool = True) -> Response:
    """Return alarms, the most urgent first."""
    found = gateway.alarms(open_only=open_only)
    return answer_list([view for view in found if sees(actor, view.channel)])


@router.get("/alarms/{alarm}", response_model=AlarmView)
async def alarm_one(gateway: GatewayHere, actor: StatusReader, alarm: str) -> Response:
    """Return one alarm."""
    return answer(_seen(gateway, actor, alarm))


@router.post("/alarms/{alarm}/claim", response_model=AlarmView)
async def claim(gateway: GatewayHere, actor: Claimer, alarm: str) -> Response:
    """Stop an alarm's sound here; tells nobody outside."""
    _seen(gateway, actor, alarm)
    return answer(await gateway.claim(actor, alarm))


@router.post("/alarms/{alarm}/handle", response_model=AlarmView)
async def handle(gateway: GatewayHere, actor: Claimer, alarm: str, body: ReasonBody) -> Response:
    """Close an alarm with a reason."""
    _seen(gateway, actor, alarm)
    return answer(await gateway.handle(actor, alarm, reason=body.reason))


@router.post("/alarms/{alarm}/hand-over", response_model=AlarmView)
async def hand_over(
    gateway: GatewayHere, actor: Claimer, alarm: str, body: HandOverBody
) -> Response:
    """Hand one claimed alarm to another officer of the watch."""
    _seen(gateway, actor, alarm)
    return answer(await gateway.hand_over_alarm(actor, alarm, body.to))


@router.post("/alarms/{alarm}/snooze", response_model=AlarmView)
async def snooze(gateway: GatewayHere, actor: PersonHere, alarm: str, body: SnoozeBody) -> Response:
    """Keep an alarm silent for a while, with a reason; a FLASH is never kept silent."""
    _seen(gateway, actor, alarm)
    return answer(await gateway.snooze(actor, alarm, seconds=body.seconds, reason=body.reason))
