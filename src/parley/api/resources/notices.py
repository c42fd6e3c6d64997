"""Published notices become drafts of what they say they are."""

from __future__ import annotations

from fastapi import Response

from parley.api.bodies import NoticesBody
from parley.api.doors import (
    Drafter,
    GatewayHere,
    see_channel,
)
from parley.api.routes import answer_list, new_router
from parley.station.desk_views import DraftRequest
from parley.station.tool_views import NoticeDraft
from parley.station.views import Page

router = new_router("notices")


@router.post("/notices/drafts", response_model=Page[NoticeDraft])
async def notices(gateway: GatewayHere, actor: Drafter, body: NoticesBody) -> Response:
    """Keep a draft for each notice, its text as published; `dry_run` keeps none.

    `content` is in any format that `parley notice read` knows. A notice becomes the warning,
    exercise, launch or cancellation that its words say; `why` has these, and `procedure` chooses
    one for all. `left` of each says what a person has to look at before it can leave.
    """
    code = see_channel(gateway, actor, body.channel)
    made = await gateway.draft_notices(
        actor,
        DraftRequest(channel=code, precedence=body.precedence, action=body.action),
        body.content.encode(),
        only=body.only,
        issued=body.issued,
        zone=body.zone,
        procedure=body.procedure,
        dry_run=body.dry_run,
    )
    return answer_list(made)
