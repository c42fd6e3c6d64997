"""Templates at the console: kept from a draft, reviewed by another officer, used with one press."""

from __future__ import annotations

import secrets
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import DraftText, Gateway, TemplateRequest
from parley.console.forms import typed_value
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.seat import Seat
from parley.console.structures import schemas_of
from parley.desk.catalogue import PROCEDURES, fields_of
from parley.errors import ConflictError

NAME_LANGUAGES: Final = ("en", "zh")


class TemplatePages:
    """Lists templates, shows one whole, and begins drafts from them."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        act, read = self._frame.act, self._frame.read
        return [
            Route("/templates", read(self.show_list)),
            Route("/templates/{code}", read(self.show)),
            Route("/templates/{code}/use", act(self.use), methods=["POST"]),
            Route("/templates/{code}/review", act(self.review), methods=["POST"]),
            Route("/templates/{code}/drop", act(self.drop), methods=["POST"]),
            Route("/drafts/{id}/template", act(self.keep), methods=["POST"]),
        ]

    async def show_list(self, request: Request, seat: Seat) -> Response:
        """Show every template with its standing."""
        return self._frame.page(
            request, seat, "templates.html", templates=self._gateway.templates()
        )

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show what a draft that begins from a template holds."""
        template = self._gateway.template(request.path_params["code"])
        is_own = template.written_by == seat.actor.officer
        two_persons = self._gateway.station().release_policy == "two-person"
        return self._frame.page(
            request,
            seat,
            "template.html",
            template=template,
            rows=_rows(template),
            uses=uses(self._gateway, [template]),
            many=True,
            case_number="",
            may_review=seat.actor.may("release") and not (is_own and two_persons),
            is_own=is_own,
        )

    async def use(self, request: Request, seat: Seat) -> Response:
        """Begin a draft; a second press finds the first one."""
        form = await form_of(request)
        draft = await self._gateway.use_template(
            seat.actor,
            request.path_params["code"],
            channel=text_of(form, "channel"),
            case=text_of(form, "case") or None,
            idempotency_key=text_of(form, "press")[:64] or secrets.token_hex(16),
        )
        return go(f"/drafts/{draft.id}")

    async def review(self, request: Request, seat: Seat) -> Response:
        """Say that the version that was looked at may be used."""
        form = await form_of(request)
        version = text_of(form, "version", "0")
        code = request.path_params["code"]
        await self._gateway.review_template(
            seat.actor, code, version=int(version) if version.isdecimal() else 0
        )
        return go(f"/templates/{code}")

    async def drop(self, request: Request, seat: Seat) -> Response:
        """Take a template away."""
        await self._gateway.drop_template(seat.actor, request.path_params["code"])
        return go("/templates")

    async def keep(self, request: Request, seat: Seat) -> Response:
        """Keep what a draft holds as a template, under its own code or the one it began from.

        Raises:
            ConflictError: another template has this code.
        """
        form = await form_of(request)
        draft = self._gateway.draft(request.path_params["id"])
        code = text_of(form, "code").strip()
        known = {view.code: view.version for view in self._gateway.templates()}
        if code in known and draft.template != code:
            raise ConflictError(
                f"there is a template {code} already",
                next_step="Choose another code; or begin a draft from that one, and change it.",
            )
        wanted = _wanted(form, draft)
        await self._gateway.put_template(seat.actor, code, wanted, version=known.get(code))
        return go(f"/templates/{code}")


def uses(gateway: Gateway, templates: list[Any]) -> list[tuple[Any, str, str]]:
    """Return what can be begun with one press: template, channel, and the key of that press.

    A template for a move in a case is begun from the case.
    """
    channels = [channel.code for channel in gateway.channels() if channel.opened]
    return [
        (template, channel, secrets.token_hex(16))
        for template in templates
        if template.reviewed_by is not None and _opens(template)
        for channel in channels
        if template.channel in (None, channel)
    ]


def uses_in_case(gateway: Gateway, sheet: Any) -> list[tuple[Any, str, str]]:
    """Return the templates from which a draft of this act, in this case, can begin."""
    act = (sheet.procedure, sheet.move)
    return [
        (template, sheet.channel, secrets.token_hex(16))
        for template in gateway.templates()
        if template.reviewed_by is not None
        and (template.procedure, template.move) == act
        and template.channel in (None, sheet.channel)
    ]


def _opens(template: Any) -> bool:
    move = PROCEDURES[template.procedure].move(template.move)
    return move is not None and move.opens != "no"


def _rows(template: Any) -> list[tuple[Any, str]]:
    """Return the fields of a template as a person would type them, by label."""
    move = PROCEDURES[template.procedure].move(template.move)
    declared = {} if move is None else fields_of(move)
    schemas = schemas_of(template.procedure, template.move)
    return [
        (field.words, typed_value(template.fields[name], field.type.kind, schemas.get(name)))
        for name, field in declared.items()
        if name in template.fields
    ]


def _wanted(form: FormData, draft: Any) -> TemplateRequest:
    names = {lang: text_of(form, f"name_{lang}").strip() for lang in NAME_LANGUAGES}
    return TemplateRequest(
        names={lang: name for lang, name in names.items() if name},
        procedure=draft.procedure,
        move=draft.move,
        channel="" if text_of(form, "any_channel") == "yes" else draft.channel,
        precedence=draft.precedence,
        action=list(draft.action),
        info=list(draft.info),
        fields=dict(draft.fields),
        texts=[DraftText(lang=t.lang, status=t.status, text=t.text) for t in draft.texts],
    )
