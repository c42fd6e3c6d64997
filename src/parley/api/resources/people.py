"""Officers, tokens, sign-in links and the audit: who may do what, and who did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Response

from parley.api.bodies import GlassCodeBody, OfficerBody, SignInLinkBody, TokenBody
from parley.api.doors import AdminReader, Auditor, GatewayHere, PersonHere, see_all
from parley.api.resources.entries import Limit, cursor_number
from parley.api.routes import answer, answer_list, created, new_router
from parley.station.desk_views import AuditRow, OfficerView, TokenMade, TokenView
from parley.station.tool_views import GlassMade, GlassState
from parley.station.views import Page

router = new_router("people")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInLink:
    """A secret with which an officer signs in once; `path` is where, on the console."""

    officer: str
    secret: str
    path: str
    minutes: int


@router.get("/officers", response_model=Page[OfficerView])
async def officers(gateway: GatewayHere, _: AdminReader) -> Response:
    """Return every officer, suspended ones too."""
    return answer_list(gateway.officers())


@router.post("/officers", response_model=OfficerView, status_code=201)
async def add_officer(gateway: GatewayHere, actor: PersonHere, body: OfficerBody) -> Response:
    """Add an officer, or bind another system account to one."""
    view = await gateway.add_officer(
        actor, body.code, roles=body.roles, name=body.name, account=body.account
    )
    return created(view, "/officers")


@router.post("/officers/{code}/suspend", response_model=OfficerView)
async def suspend_officer(gateway: GatewayHere, actor: PersonHere, code: str) -> Response:
    """Shut an officer out at once; what they did stays."""
    return answer(await gateway.suspend_officer(actor, code))


@router.post("/sign-in-links", response_model=SignInLink, status_code=201)
async def sign_in_link(gateway: GatewayHere, actor: PersonHere, body: SignInLinkBody) -> Response:
    """Make a link with which an officer signs in once; it is shown in this answer only."""
    secret = await gateway.sign_in_link(actor, body.officer, minutes=body.minutes)
    link = SignInLink(
        officer=body.officer, secret=secret, path=f"/sign-in/link/{secret}", minutes=body.minutes
    )
    return answer(link, 201)


@router.get("/break-glass", response_model=GlassState)
async def break_glass(gateway: GatewayHere, _: AdminReader) -> Response:
    """Return whether a break-glass session is open, and which codes were made; never a code."""
    return answer(gateway.break_glass())


@router.post("/break-glass/codes", response_model=GlassMade, status_code=201)
async def make_glass_code(gateway: GatewayHere, actor: PersonHere, body: GlassCodeBody) -> Response:
    """Make a break-glass code for a holder; it is shown in this answer only."""
    return answer(await gateway.make_glass_code(actor, body.holder, days=body.days), 201)


@router.post("/break-glass/end", response_model=GlassState)
async def end_break_glass(gateway: GatewayHere, actor: PersonHere) -> Response:
    """End the break-glass session at once."""
    return answer(await gateway.end_break_glass(actor))


@router.get("/tokens", response_model=Page[TokenView])
async def tokens(gateway: GatewayHere, _: AdminReader) -> Response:
    """Return every token, revoked ones too; never a secret."""
    return answer_list(gateway.tokens())


@router.post("/tokens", response_model=TokenMade, status_code=201)
async def add_token(gateway: GatewayHere, actor: PersonHere, body: TokenBody) -> Response:
    """Make a token; its secret is in this answer and nowhere else."""
    made = await gateway.add_token(
        actor,
        label=body.label,
        scopes=body.scopes,
        channels=body.channels,
        expires_days=body.expires_days,
    )
    return created(made, "/tokens")


@router.delete("/tokens/{token}", response_model=TokenView)
async def revoke_token(gateway: GatewayHere, actor: PersonHere, token: str) -> Response:
    """End a token at once."""
    return answer(await gateway.revoke_token(actor, token))


@router.get("/audit", response_model=Page[AuditRow])
async def audit(
    gateway: GatewayHere,
    actor: Auditor,
    after: Annotated[int, Query(ge=0, lt=2**53)] = 0,
    limit: Limit = 200,
    cursor: str | None = None,
) -> Response:
    """Return the audit after a row number: every act and every refused act, oldest first."""
    see_all(actor)
    place = cursor_number(cursor)
    return answer(gateway.audit(after=after if place is None else place, limit=limit))
