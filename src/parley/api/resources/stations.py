"""The station itself: what it is, what it sees, how well it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request, Response

from parley.api.bodies import SettingBody, TourBody
from parley.api.doors import (
    ActorHere,
    AdminReader,
    CaseReader,
    GatewayHere,
    PersonHere,
    SearchReader,
    StatusReader,
    see_all,
    sees,
)
from parley.api.problems import RequestError
from parley.api.resources.entries import cursor_number
from parley.api.routes import answer, answer_list, answer_page, new_router
from parley.station.desk_views import CardView, HealthCheck, SettingView
from parley.station.tool_views import DigestHit
from parley.station.views import (
    Balance,
    EntryRow,
    InboxRow,
    LinkView,
    Overview,
    Page,
    ProcedureView,
    StationView,
)

CARD_TYPE = "application/vnd.parley.card"
CODES_TYPE = "image/svg+xml"

router = new_router("station")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeView:
    """Who asks, and what they may do; `scopes` is null for a person."""

    officer: str
    roles: list[str]
    via: str
    scopes: list[str] | None
    channels: list[str]


@router.get("/station", response_model=StationView)
async def station(gateway: GatewayHere, _: StatusReader) -> Response:
    """Return this station."""
    return answer(gateway.station())


@router.get("/me", response_model=MeView)
async def me(actor: ActorHere) -> Response:
    """Return who is asking."""
    return answer(
        MeView(
            officer=actor.officer,
            roles=sorted(actor.roles),
            via=actor.via,
            scopes=None if actor.scopes is None else sorted(actor.scopes),
            channels=sorted(actor.channels),
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TourView:
    """At which step of the console's tour an officer is; null: they take none."""

    step: int | None


@router.get("/me/tour", response_model=TourView)
async def tour(gateway: GatewayHere, actor: PersonHere) -> Response:
    """Return where one stands in the tour of the console."""
    return answer(TourView(step=gateway.tour(actor)))


@router.put("/me/tour", response_model=TourView)
async def set_tour(gateway: GatewayHere, actor: PersonHere, body: TourBody) -> Response:
    """Go to a step of the tour of the console, or end it."""
    await gateway.set_tour(actor, body.step)
    return answer(TourView(step=gateway.tour(actor)))


@router.get("/overview", response_model=Overview)
async def overview(gateway: GatewayHere, actor: StatusReader) -> Response:
    """Return the three questions in one answer: the lines, what needs us, who owes whom."""
    see_all(actor)
    return answer(gateway.overview())


@router.get("/links", response_model=Page[LinkView])
async def links(gateway: GatewayHere, _: StatusReader) -> Response:
    """Return the link to every peer."""
    return answer_list(gateway.links())


@router.get("/links/{peer}", response_model=LinkView)
async def link(gateway: GatewayHere, _: StatusReader, peer: str) -> Response:
    """Return the link to one peer."""
    return answer(gateway.link(peer))


@router.get("/inbox", response_model=Page[InboxRow])
async def inbox(
    request: Request,
    gateway: GatewayHere,
    actor: CaseReader,
    *,
    role: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """Return one page of what needs an act here, the most urgent first."""
    page = gateway.inbox(role=role, limit=limit, cursor=cursor, sees=lambda code: sees(actor, code))
    return answer_page(page, request)


@router.get("/balances", response_model=Page[Balance])
async def balances(gateway: GatewayHere, actor: CaseReader, as_of: str | None = None) -> Response:
    """Return who owes whom, now or as it stood at a time."""
    see_all(actor)
    return answer_list(gateway.balances(as_of=as_of))


@router.get("/search", response_model=Page[EntryRow])
async def search(
    *,
    request: Request,
    gateway: GatewayHere,
    actor: SearchReader,
    words: str,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """Return entries that hold all words and fit all `from:` and like terms, newest first.

    A page that holds fewer rows than `limit` is not the last one while `next_cursor` is given.
    """
    found = gateway.search(words, limit=limit, before_sequence=cursor_number(cursor))
    rows = [row for row in found.items if sees(actor, row.channel)]
    return answer_page(Page(items=rows, next_cursor=found.next_cursor), request)


@router.get("/digests/{digest}", response_model=Page[DigestHit])
async def digests(gateway: GatewayHere, actor: SearchReader, digest: str) -> Response:
    """Return what a digest, or its first eight hex digits or more, names here; at most 20."""
    confined = bool(actor.channels)
    return answer_list(
        [
            hit
            for hit in gateway.digests(digest)
            if sees(actor, hit.channel) and not (confined and hit.channel is None)
        ]
    )


@router.get("/procedures", response_model=Page[ProcedureView])
async def procedures(gateway: GatewayHere, _: CaseReader) -> Response:
    """Return every procedure declared, with the forms of its moves."""
    return answer_list(gateway.procedures())


@router.get("/settings", response_model=Page[SettingView])
async def settings(gateway: GatewayHere, _: AdminReader) -> Response:
    """Return every setting with where its value comes from."""
    return answer_list(gateway.settings())


@router.put("/settings/{key}", response_model=SettingView)
async def change_setting(
    gateway: GatewayHere, actor: PersonHere, key: str, body: SettingBody
) -> Response:
    """Change a setting while the station runs; an empty value goes back to the file's."""
    return answer(await gateway.change_setting(actor, key, body.value))


@router.get("/health", response_model=Page[HealthCheck])
async def health(gateway: GatewayHere, _: StatusReader) -> Response:
    """Return what is well with the station, and what is not with what to do."""
    return answer_list(gateway.health())


@router.get(
    "/card",
    response_model=CardView,
    responses={
        200: {
            "content": {
                "text/plain": {"schema": {"type": "string"}},
                CARD_TYPE: {"schema": {"type": "string", "format": "binary"}},
                CODES_TYPE: {"schema": {"type": "string"}},
            }
        }
    },
)
async def card(
    request: Request,
    gateway: GatewayHere,
    _: StatusReader,
    format: str | None = None,  # noqa: A002
) -> Response:
    """Return our own card: JSON, armoured text, its bytes, or codes (`format`, or `Accept`)."""
    view = gateway.own_card()
    match format or _accepted(request):
        case "json":
            return answer(view)
        case "armour":
            return Response(view.armour, media_type="text/plain; charset=us-ascii")
        case "raw":
            return Response(gateway.own_card_bytes(), media_type=CARD_TYPE)
        case "codes":
            return Response(gateway.own_card_page(), media_type=CODES_TYPE)
        case _:
            raise RequestError(
                "usage", f"a card has no form {format!r}", next_step="json, armour, raw or codes."
            )


def _accepted(request: Request) -> str:
    accept = request.headers.get("accept", "")
    if CARD_TYPE in accept:
        return "raw"
    if CODES_TYPE in accept:
        return "codes"
    return "armour" if accept.startswith("text/plain") else "json"
