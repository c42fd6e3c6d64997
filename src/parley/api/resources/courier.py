"""What a courier carries: files for peers, and files that came from them."""

from __future__ import annotations

from fastapi import Response

from parley.api.bodies import CarryInBody, CarryOutBody
from parley.api.doors import Carrier, GatewayHere, StatusReader, see_all
from parley.api.routes import answer, answer_list, new_router
from parley.station.courier_book import decoded
from parley.station.tool_views import CourierLook, CourierMade, CourierRow
from parley.station.views import Page

router = new_router("courier")


@router.get("/courier", response_model=Page[CourierRow])
async def files(gateway: GatewayHere, actor: StatusReader) -> Response:
    """Return the newest files that went and came, and how much of each is receipted."""
    see_all(actor)
    return answer_list(gateway.courier_rows())


@router.post("/courier/out", response_model=CourierMade, status_code=201)
async def carry_out(gateway: GatewayHere, actor: Carrier, body: CarryOutBody) -> Response:
    """Make a file with what a peer has not receipted, the most urgent first; sealed to it."""
    see_all(actor)
    made = await gateway.carry_out(actor, body.peer, size_max=body.size_max)
    return answer(made, 201)


@router.post("/courier/in", response_model=CourierLook)
async def carry_in(gateway: GatewayHere, actor: Carrier, body: CarryInBody) -> Response:
    """Take in a file or its lines; `dry_run` only says what it holds.

    409 where it cannot be taken (for another station, older than what came since, taken before,
    damaged), and nothing of it was. 400 where it is no file, or lines of it are missing.
    """
    see_all(actor)
    raw = decoded(body.content)
    if body.dry_run:
        actor.require("courier")
        return answer(await gateway.carry_look(raw))
    return answer(await gateway.carry_in(actor, raw))
