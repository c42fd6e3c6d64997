"""Evidence for strangers: bundles that `parley-verify` checks without any station."""

from __future__ import annotations

from typing import Final

from fastapi import Response

from parley.api.bodies import BundleBody
from parley.api.doors import Exporter, GatewayHere, see_channel
from parley.api.routes import new_router

BUNDLE_TYPE: Final = "application/vnd.parley.bundle"

router = new_router("evidence")


@router.post(
    "/bundles",
    response_class=Response,
    responses={200: {"content": {BUNDLE_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def export(gateway: GatewayHere, actor: Exporter, body: BundleBody) -> Response:
    """Return a bundle of a channel, of a conflict, or the strongest proof there is of a case.

    `case` may name several of one channel, with spaces between: then every entry of each.
    """
    if body.channel is not None:
        see_channel(gateway, actor, body.channel)
    if body.case is not None:
        for name in body.case.replace(",", " ").replace("~", "/").split():
            see_channel(gateway, actor, gateway.case(name).channel)
    if body.conflict is not None:
        see_channel(gateway, actor, body.conflict.rpartition("/")[0])
    content = gateway.export(
        channel=body.channel, case=body.case, conflict=body.conflict, withhold=body.withhold
    )
    return Response(
        content,
        media_type=BUNDLE_TYPE,
        headers={"content-disposition": 'attachment; filename="record.parley"'},
    )
