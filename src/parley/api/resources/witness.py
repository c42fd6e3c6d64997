"""A witness as its own officers see it."""

from __future__ import annotations

from fastapi import Response

from parley.api.doors import GatewayHere, StatusReader
from parley.api.routes import answer, new_router
from parley.station.witness_pages import WitnessState

router = new_router("witness")


@router.get("/witness", response_model=WitnessState)
async def witness(gateway: GatewayHere, _: StatusReader) -> Response:
    """Return the key, the logs it keeps, and pairs of notes that contradict each other."""
    return answer(gateway.witness())
