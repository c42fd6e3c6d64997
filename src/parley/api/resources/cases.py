"""Cases and registers: dialogue requests and every other procedure, with their clocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from fastapi import Query, Request, Response
from starlette.responses import JSONResponse

from parley.api.bodies import MoveBody
from parley.api.doors import (
    CaseReader,
    Drafter,
    GatewayHere,
    sees,
)
from parley.api.register_table import register_table
from parley.api.resources.submissions import told
from parley.api.routes import KeyHere, answer, answer_list, answer_page, new_router
from parley.core.instants import parse_instant
from parley.errors import NotFoundError
from parley.station.actors import Actor
from parley.station.case_lists import CaseQuery
from parley.station.desk_views import Submitted
from parley.station.gateway import Gateway
from parley.station.views import (
    CaseProof,
    CaseRow,
    CaseView,
    FieldView,
    MoveView,
    Page,
    ProcedureView,
    Reckoning,
    Shows,
    to_json,
)

router = new_router("cases")
SCHEMA_TYPE: Final = "application/schema+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseProofView:
    """What can be shown to others of a case, and how its due time was reckoned."""

    number: str
    channel: str
    proved: bool
    proof: CaseProof | None
    shows: Shows
    reckoning: list[Reckoning]


def _case(gateway: Gateway, actor: Actor, number: str, as_of: str | None = None) -> CaseView:
    """Return a case; `~` stands for `/` in its number."""
    view = gateway.case(number.replace("~", "/"), as_of=as_of)
    if not sees(actor, view.channel):
        raise NotFoundError(f"there is no case {number}")
    return view


@router.get(
    "/registers/{procedure}",
    response_model=Page[CaseRow],
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def register(
    *,
    request: Request,
    gateway: GatewayHere,
    actor: CaseReader,
    procedure: str,
    as_of: str | None = None,
    channel: str | None = None,
    owed_by: str | None = None,
    state: Annotated[list[str] | None, Query()] = None,
    lapsed: bool | None = None,
    proved: bool | None = None,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    order: str = "newest",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=64)] = None,
    form: Literal["json", "csv"] = "json",
) -> Response:
    """Return one page of the cases of a procedure, now or as they stood at a time.

    `owed_by` (`us`, `them` or a code), `state`, `lapsed`, `proved` and `open` narrow it. `order` is
    `newest` first, or `due`: open cases alone, the one due first before others. A page that holds
    fewer rows than `limit` is not the last one while `next_cursor` is given. With `form=csv` the
    page is a table; the link in its head leads to the next.
    """
    page = gateway.register(
        CaseQuery(
            procedure=procedure,
            as_of=None if as_of is None else parse_instant(as_of),
            channel=channel,
            owed_by=owed_by,
            state=state or (),
            lapsed=lapsed,
            proved=proved,
            is_open=is_open,
            order=order,
            limit=limit,
            cursor=cursor,
            sees=lambda code: sees(actor, code),
        )
    )
    answered = answer_page(page, request)
    if form == "json":
        return answered
    head = {"content-disposition": f'attachment; filename="{procedure}.csv"'}
    head |= {"link": answered.headers["link"]} if "link" in answered.headers else {}
    table = register_table(to_json(list(page.items)))
    return Response(table, media_type="text/csv; charset=utf-8", headers=head)


@router.get("/cases/{number}", response_model=CaseView)
async def case_one(
    gateway: GatewayHere, actor: CaseReader, number: str, as_of: str | None = None
) -> Response:
    """Return one case whole, now or as it stood at a time."""
    return answer(_case(gateway, actor, number, as_of))


@router.get("/cases/{number}/moves", response_model=Page[MoveView])
async def moves(gateway: GatewayHere, actor: CaseReader, number: str) -> Response:
    """Return what we may do now in a case, with the forms."""
    view = _case(gateway, actor, number)
    found = gateway.moves(channel=view.channel, case=f"{view.channel}/{view.number}")
    return answer_list(found)


@router.get("/cases/{number}/proof", response_model=CaseProofView)
async def proof(gateway: GatewayHere, actor: CaseReader, number: str) -> Response:
    """Return what can be shown to others of a case, and what cannot."""
    view = _case(gateway, actor, number)
    return answer(
        CaseProofView(
            number=view.number,
            channel=view.channel,
            proved=view.proved,
            proof=view.proof,
            shows=view.shows,
            reckoning=list(view.reckoning),
        )
    )


@router.get(
    "/cases/{number}/text",
    response_class=Response,
    responses={
        200: {
            "content": {
                "text/html": {"schema": {"type": "string"}},
                "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            }
        }
    },
)
async def text(
    *,
    gateway: GatewayHere,
    actor: CaseReader,
    number: str,
    form: Literal["html", "pdf"] = "html",
    lang: Annotated[list[str] | None, Query(max_length=8)] = None,
) -> Response:
    """Return a joint text as a page to print or as PDF, in our own original of each language.

    It is a copy for reading; the proof is in the record. It comes as a file to be saved.
    """
    view = _case(gateway, actor, number)
    name = f"{view.channel}/{view.number}"
    content = gateway.text_copy(name, form=form, languages=lang or ())
    media = "application/pdf" if form == "pdf" else "text/html; charset=utf-8"
    saved = f'attachment; filename="{view.number}.{form}"'
    return Response(content, media_type=media, headers={"content-disposition": saved})


@router.post("/cases/{number}/moves", response_model=Submitted, status_code=201)
async def move(
    gateway: GatewayHere, actor: Drafter, key: KeyHere, number: str, body: MoveBody
) -> Response:
    """Make a move in a case: a draft, released at once where policy lets the caller."""
    view = _case(gateway, actor, number)
    wanted = body.request(
        channel=view.channel,
        procedure=view.procedure,
        case=f"{view.channel}/{view.number}",
        precedence=view.precedence,
    )
    return told(await gateway.submit(actor, wanted, idempotency_key=key))


@router.get("/procedures/{procedure}", response_model=ProcedureView)
async def procedure_one(gateway: GatewayHere, _: CaseReader, procedure: str) -> Response:
    """Return one procedure with its states, and the forms of its moves."""
    return answer(_procedure(gateway, procedure))


def _procedure(gateway: Gateway, name: str) -> ProcedureView:
    for view in gateway.procedures():
        if view.name == name:
            return view
    raise NotFoundError(f"there is no procedure {name}")


@router.get(
    "/schemas/{procedure}/{move}",
    response_class=Response,
    responses={200: {"content": {SCHEMA_TYPE: {"schema": {"type": "object"}}}}},
)
async def schema(gateway: GatewayHere, _: CaseReader, procedure: str, move: str) -> Response:
    """Return the JSON Schema (2020-12) of `fields` of a move."""
    for view in _procedure(gateway, procedure).moves:
        if view.move == move:
            return JSONResponse(_schema(view), media_type=SCHEMA_TYPE)
    raise NotFoundError(f"{procedure} has no move {move}")


def _schema(move: MoveView) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{move.procedure}.{move.move}",
        "description": move.label.get("en", ""),
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in move.fields if field.required],
        "properties": {field.name: _field_schema(field) for field in move.fields},
    }


def _field_schema(field: FieldView) -> dict[str, Any]:
    """Return what a field takes; its type of the desk says how people may write it."""
    schema: dict[str, Any] = {
        "title": field.label.get("en", field.name),
        "description": field.help.get("en", ""),
        "x-parley-type": field.type,
        "x-parley-number": field.number,
    }
    if field.choices:
        schema["x-parley-choices"] = [choice.value for choice in field.choices]
    if field.unit is not None:
        schema["x-parley-unit"] = field.unit
    return schema | {f"x-parley-{name}": value for name, value in field.bounds.items()}
