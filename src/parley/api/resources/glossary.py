"""The glossary: terms agreed with peers in joint texts, and our own."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Response

from parley.api.bodies import HitsBody, TermBody
from parley.api.doors import (
    CaseReader,
    Drafter,
    GatewayHere,
    sees,
)
from parley.api.routes import answer, answer_list, new_router
from parley.station.glossary import TermRequest
from parley.station.tool_views import TermHit, TermView
from parley.station.views import Page

router = new_router("glossary")


@router.get("/glossary", response_model=Page[TermView])
async def glossary(
    gateway: GatewayHere,
    actor: CaseReader,
    words: Annotated[str, Query(max_length=200)] = "",
    standing: Literal["agreed", "initialled", "proposed", "ours"] | None = None,
) -> Response:
    """Return terms by code; `words` finds those in which it stands, in any language."""
    found = gateway.glossary(words=words, standing=standing, sees=lambda code: sees(actor, code))
    return answer_list(found)


@router.post("/glossary/hits", response_model=Page[TermHit])
async def hits(gateway: GatewayHere, actor: CaseReader, body: HitsBody) -> Response:
    """Return where terms stand in a text, and variants that are not to be used; keeps nothing."""
    found = gateway.term_hits(body.text, body.lang, sees=lambda code: sees(actor, code))
    return answer_list(found)


@router.put("/glossary/{code}", response_model=TermView)
async def put_term(gateway: GatewayHere, actor: Drafter, code: str, body: TermBody) -> Response:
    """Write a term of our own; 409 where it was changed since the version named."""
    term = TermRequest(
        words=body.words, definition=body.definition, source=body.source, avoid=body.avoid
    )
    return answer(await gateway.put_term(actor, code, term, version=body.version))


@router.delete("/glossary/{code}", response_model=TermView)
async def drop_term(gateway: GatewayHere, actor: Drafter, code: str) -> Response:
    """Take a term of our own away."""
    return answer(await gateway.drop_term(actor, code))
