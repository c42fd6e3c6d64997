"""Peers and trust: cards, the comparing of words, addresses."""

from __future__ import annotations

import base64
import binascii

from fastapi import Response

from parley.api.bodies import PathsBody, PathTestBody, PeerBody, ReasonBody, VerifyBody
from parley.api.doors import GatewayHere, PersonHere, StatusReader
from parley.api.problems import RequestError
from parley.api.routes import answer, answer_list, created, new_router
from parley.station.desk_views import PathTest, PeerView, VerifyResult
from parley.station.views import Page

router = new_router("peers")


@router.get("/peers", response_model=Page[PeerView])
async def peers(gateway: GatewayHere, _: StatusReader) -> Response:
    """Return every peer."""
    return answer_list(gateway.peers())


@router.get("/peers/{code}", response_model=PeerView)
async def peer(gateway: GatewayHere, _: StatusReader, code: str) -> Response:
    """Return one peer."""
    return answer(gateway.peer(code))


@router.post("/peers", response_model=PeerView, status_code=201)
async def add(gateway: GatewayHere, actor: PersonHere, body: PeerBody) -> Response:
    """Take in a peer's card; it is not trusted by that.

    A card of a known code with other root keys is a change of key: everything to that peer stops.
    """
    view = await gateway.add_peer(actor, _card(body.card), addresses=body.addresses)
    return created(view, f"/peers/{view.code}")


def _card(text: str) -> bytes:
    """Return the bytes of a card given as armour or in Base64."""
    if text.lstrip().startswith("-----"):
        return text.encode("utf-8")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise RequestError(
            "malformed",
            "the card is neither armoured text nor Base64",
            next_step="Send what `parley card export` wrote.",
        ) from None


@router.post("/peers/{code}/verify", response_model=VerifyResult)
async def verify(gateway: GatewayHere, actor: PersonHere, code: str, body: VerifyBody) -> Response:
    """Compare the words that the other side read out with those of its card.

    Where two persons are needed, each compares on their own; `needs` says who is still missing.
    """
    return answer(await gateway.verify_peer(actor, code, words=body.words, method=body.method))


@router.post("/peers/{code}/reject", response_model=PeerView)
async def reject(gateway: GatewayHere, actor: PersonHere, code: str, body: ReasonBody) -> Response:
    """Refuse a peer's key; nothing is sent to it any more."""
    return answer(await gateway.reject_peer(actor, code, reason=body.reason))


@router.delete("/peers/{code}", status_code=204)
async def remove(gateway: GatewayHere, actor: PersonHere, code: str) -> Response:
    """Forget a peer; the record keeps what it signed."""
    await gateway.remove_peer(actor, code)
    return Response(status_code=204)


@router.put("/peers/{code}/paths", response_model=PeerView)
async def paths(gateway: GatewayHere, actor: PersonHere, code: str, body: PathsBody) -> Response:
    """Set the ways by which a peer is dialled; none means those of its card."""
    return answer(await gateway.set_paths(actor, code, body.addresses))


@router.post("/path-tests", response_model=PathTest)
async def path_test(gateway: GatewayHere, actor: PersonHere, body: PathTestBody) -> Response:
    """Try to open a path to an address and close it again; nothing is said on it."""
    return answer(await gateway.test_path(actor, body.address))
