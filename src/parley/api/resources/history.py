"""A register that we kept before the line was there becomes claims of ours."""

from __future__ import annotations

from fastapi import Response

from parley.api.bodies import HistoryBody
from parley.api.doors import (
    Drafter,
    GatewayHere,
    see_channel,
)
from parley.api.routes import answer, new_router
from parley.station.tool_views import HistoryImport

router = new_router("history")


@router.post("/history-imports", response_model=HistoryImport, status_code=201)
async def import_history(gateway: GatewayHere, actor: Drafter, body: HistoryBody) -> Response:
    """Claim what a CSV or YAML file says, whole or not at all; `dry_run` only says what would be.

    With `good_rows` rows with a problem are left out, told in `problems`, and counted in the claim.
    The same file is never claimed twice on a channel. A dry run answers 200.
    """
    code = see_channel(gateway, actor, body.channel)
    made = await gateway.import_history(
        actor,
        code,
        body.content.encode(),
        name=body.name,
        dry_run=body.dry_run,
        good_rows=body.good_rows,
    )
    return answer(made, 200 if body.dry_run else 201)
