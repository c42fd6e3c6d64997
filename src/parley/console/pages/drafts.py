"""Screen 7, write: a form from the declaration, saved as one types; sending is another screen."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parley.console.desk_groups import moves_in_groups
from parley.console.door import DraftRequest, DraftText, Gateway
from parley.console.draft_files import ACCEPT, FIELD, Files, added, as_text, files_in, files_of
from parley.console.forms import TEXTS_MAX, read_fields, read_texts, typed_value, widget
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.language import LANGUAGES
from parley.console.pages.templates import uses, uses_in_case
from parley.console.seat import Seat
from parley.console.structures import members_of, schemas_of, takes_text
from parley.console.text_fields import (
    PROCEDURE,
    address_after,
    plain_fields,
    read_text_fields,
)
from parley.console.text_form import first_values, text_form
from parley.errors import (
    DraftOfAnotherError,
    IdempotencyError,
    InvalidFieldsError,
    NotFoundError,
    ParleyError,
    StaleVersionError,
)

OUTBOX_ROWS: Final = 60
"""More would be over 1,500 nodes and 200 kB (console budget; `benchmarks/pages.py`)."""

PRECEDENCES: Final = ("R", "P", "O", "Z")
URGENT: Final = ("O", "Z")
"""What an officer of the watch writes without a template (`station.templates`)."""
EXERCISE: Final = "EXERCISE"
MARKINGS: Final = (EXERCISE, "LIVE")
"""What the writer chooses from where an exercise runs on a channel of a live station."""
STALE: Final = "This draft was changed on another screen. Copy your text, then reload."
COPY_STALE: Final = "{draft} was changed elsewhere. What you typed is your own draft {copy} now."
TAKEN_STALE: Final = "{writer} writes {draft} now. What you typed is your own draft {copy} now."
ENDED: Final = ("released", "dropped", "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands in the form, whether it was typed, saved or is still empty."""

    channel: str
    procedure: str
    move: str
    case: str | None
    precedence: str
    to: str = ""
    texts: list[tuple[str, str, str]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    id: str = ""
    version: int = 0
    press: str = ""
    files: Files = field(default_factory=list)
    refs: str = ""
    mark: str = ""


class DraftPages:
    """List, form, and saving."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        act, read = self._frame.act, self._frame.read
        return [
            Route("/drafts", read(self.show_list)),
            Route("/drafts/new", read(self.new)),
            Route("/drafts/save", act(self.save), methods=["POST"]),
            Route("/drafts", act(self.create), methods=["POST"]),
            Route("/drafts/{id}", read(self.edit)),
            Route("/drafts/{id}", act(self.change), methods=["POST"]),
            Route("/drafts/{id}/save", act(self.save), methods=["POST"]),
            Route("/drafts/{id}/take-over", act(self.take_over), methods=["POST"]),
            Route("/outbox", read(self.outbox)),
        ]

    async def show_list(self, request: Request, seat: Seat) -> Response:
        """Show drafts by state, and what may be begun."""
        drafts = sorted(self._gateway.drafts(), key=lambda draft: draft.changed_at, reverse=True)
        return self._frame.page(
            request,
            seat,
            "drafts.html",
            drafts=drafts,
            channels=self._open_channels(),
            **self._uses(seat),
        )

    async def outbox(self, request: Request, seat: Seat) -> Response:
        """Show released entries and where each stands."""
        return self._frame.page(
            request, seat, "outbox.html", rows=self._gateway.outbox(limit=OUTBOX_ROWS)
        )

    def _uses(self, seat: Seat) -> dict[str, Any]:
        """Return the templates from which a draft can begin with one press, for those who may."""
        found = uses(self._gateway, self._gateway.templates()) if seat.actor.may("draft") else []
        many = len({channel for _, channel, _ in found}) > 1
        return {"uses": found, "many": many, "case_number": ""}

    def _open_channels(self) -> list[Any]:
        return [channel for channel in self._gateway.channels() if channel.opened]

    async def new(self, request: Request, seat: Seat) -> Response:
        """Show what may be written on each channel, or the empty form of one move."""
        seat.actor.require("draft")
        query = request.query_params
        channel, procedure = query.get("channel", ""), query.get("procedure", "")
        if not (channel and procedure):
            kinds = [
                (
                    each,
                    moves_in_groups(
                        m for m in self._gateway.moves(channel=each.code) if m.permitted
                    ),
                )
                for each in self._open_channels()
            ]
            return self._frame.page(
                request, seat, "draft_kinds.html", kinds=kinds, **self._uses(seat)
            )
        case = query.get("case") or None
        move = query.get("move", "")
        others = [p for p in self._gateway.channel(channel).parties if p != self._own()]
        sheet = Sheet(
            channel=channel,
            procedure=procedure,
            move=move,
            case=case,
            precedence=first_precedence(move, is_free=seat.actor.may("draft-freely"), of=procedure),
            to=" ".join(others) if len(others) == 1 else "",
            press=secrets.token_hex(16),
            refs=query.get("refs", ""),
            values=first_values(procedure, move, query, self._gateway.station().languages),
            mark=EXERCISE if case is None and self._in_exercise(channel) else "",
        )
        return self._form(request, seat, sheet)

    def _in_exercise(self, channel: str) -> bool:
        """Say whether a live station holds an exercise on a channel."""
        runs = self._gateway.exercise_running()
        return bool(
            runs and channel in runs.channels and self._gateway.station().mark == MARKINGS[1]
        )

    def _own(self) -> str:
        return str(self._gateway.station().code)

    async def edit(self, request: Request, seat: Seat) -> Response:
        """Show a draft: the form while it is being written, its fate afterwards."""
        draft = self._gateway.draft(request.path_params["id"])
        if draft.state in ENDED:
            return self._frame.page(request, seat, "draft_ended.html", draft=draft)
        if draft.writer != seat.actor.officer:
            return self._frame.page(request, seat, "draft_other.html", draft=draft)
        return self._form(request, seat, _sheet_of(draft), draft=draft)

    async def take_over(self, request: Request, seat: Seat) -> Response:
        """Write another officer's draft from now on; whoever wrote it reads the reason."""
        form = await form_of(request)
        draft = await self._gateway.take_draft_over(
            seat.actor,
            request.path_params["id"],
            reason=text_of(form, "reason"),
            seen=text_of(form, "writer"),
        )
        return go(f"/drafts/{draft.id}")

    def _move(self, sheet: Sheet) -> Any:
        moves = self._gateway.moves(channel=sheet.channel, case=sheet.case)
        for move in moves:
            if move.procedure == sheet.procedure and sheet.move in (move.move, ""):
                return move
        raise NotFoundError(
            f"{sheet.procedure} {sheet.move} is not open on {sheet.case or sheet.channel} now",
            next_step="Look at the case: its permitted moves stand there.",
        )

    def _form(
        self,
        request: Request,
        seat: Seat,
        sheet: Sheet,
        *,
        draft: Any = None,
        problem: ParleyError | None = None,
    ) -> Response:
        move = self._move(sheet)
        # Nobody asked for a review yet: what is still missing is told, and is no error.
        is_asked = problem is not None
        wrong = dict(self._told(seat, problem)) if isinstance(problem, InvalidFieldsError) else {}
        channel = self._gateway.channel(sheet.channel)
        links = {link.peer: link for link in self._gateway.links()}
        peers = {peer.code: peer for peer in self._gateway.peers()}
        others = [party for party in channel.parties if party != self._own()]
        preview = None
        if draft is not None:
            try:
                preview = self._gateway.preview(draft.id)
            except ParleyError as trouble:
                problem = problem or trouble
        schemas = schemas_of(move.procedure, move.move)
        template = draft.template if draft is not None else None
        is_marked = sheet.case is None and self._in_exercise(sheet.channel)
        is_free = seat.actor.may("draft-freely") or template or sheet.procedure == "emergency"
        status = HTTPStatus.UNPROCESSABLE_ENTITY if is_asked else HTTPStatus.OK
        return self._frame.page(
            request,
            seat,
            "draft.html",
            status=status,
            sheet=sheet,
            draft=draft,
            move=move,
            fields=[
                (
                    field,
                    widget(field),
                    typed_value(
                        sheet.values.get(field.name, field.default),
                        field.type,
                        schemas.get(field.name),
                    ),
                    members_of(schemas.get(field.name, {})),
                    takes_text(schemas.get(field.name, {})),
                )
                for field in plain_fields(move)
            ],
            text=text_form(move, sheet.values, self._case_of(sheet), request.query_params, draft),
            texts=self._text_rows(sheet),
            named_files=as_text(sheet.files),
            accept=ACCEPT,
            channel=channel,
            others=others,
            links=links,
            peers=peers,
            precedences=PRECEDENCES if is_free else URGENT,
            marks=MARKINGS if is_marked else (),
            uses=[] if draft else uses_in_case(self._gateway, sheet),
            many=False,
            case_number=sheet.case or "",
            template=template,
            template_names=self._template_names(template),
            targets=self._gateway.aims(),
            preview=preview,
            problem=problem,
            missing=self._told(seat, problem) if not is_asked else [],
            is_asked=is_asked,
            wrong=wrong,
        )

    def _case_of(self, sheet: Sheet) -> Any:
        """Return the case of a joint text that stands already; None for anything else."""
        of_text = sheet.case and sheet.procedure == PROCEDURE
        return self._gateway.case(sheet.case) if of_text else None

    def _template_names(self, code: str | None) -> dict[str, str]:
        """Return what a template is called, nothing where it is gone."""
        if code is None:
            return {}
        with suppress(NotFoundError):
            return dict(self._gateway.template(code).names)
        return {}

    def _text_rows(self, sheet: Sheet) -> list[tuple[str, str, str]]:
        """Return the texts with a place for each language of the station and of the console.

        A station that writes in one language still answers a note that counts in two.
        """
        rows = list(sheet.texts)
        have = {lang for lang, _, _ in rows}
        for lang in dict.fromkeys([*self._gateway.station().languages, *LANGUAGES]):
            tag = {"zh": "zh-Hans"}.get(lang, lang)
            if tag not in have and len(rows) < TEXTS_MAX:
                rows.append((tag, "courtesy" if rows else "authentic", ""))
        return rows or [("en", "authentic", "")]

    def _told(self, seat: Seat, problem: ParleyError | None) -> list[tuple[str, str]]:
        """Return what a draft still needs before it can go to review, by name of field."""
        refusals, language = self._frame.refusals, seat.view.language
        if isinstance(problem, InvalidFieldsError):
            return refusals.fields(language, problem)
        return [("", refusals.what(language, problem).text)] if problem else []

    async def create(self, request: Request, seat: Seat) -> Response:
        """Keep a new draft; with *take to review* hand it on."""
        form = await form_of(request)
        sheet = _sheet_in(form)
        try:
            sheet = await self._with_file(seat, form, sheet)
            made = await self._keep(seat, form, sheet)
            return await self._after(seat, form, made)
        except ParleyError as problem:
            return self._form(request, seat, self._typed(form, sheet), problem=problem)

    async def _with_file(self, seat: Seat, form: FormData, sheet: Sheet) -> Sheet:
        """Return what stands in the form with the file that was chosen in it."""
        more = await added(self._gateway, seat, form)
        return replace(sheet, files=[*sheet.files, *more]) if more else sheet

    async def change(self, request: Request, seat: Seat) -> Response:
        """Keep what was typed as a new version; then review or drop as the button says."""
        form = await form_of(request)
        draft = self._gateway.draft(request.path_params["id"])
        if text_of(form, "do") == "drop":
            await self._gateway.drop_draft(seat.actor, draft.id, version=draft.version)
            return go("/drafts")
        sheet = _sheet_in(form)
        try:
            sheet = await self._with_file(seat, form, sheet)
            made = await self._keep(seat, form, sheet)
            return await self._after(seat, form, made)
        except ParleyError as problem:
            typed = self._typed(form, sheet)
            return self._form(request, seat, typed, draft=draft, problem=problem)

    async def _after(self, seat: Seat, form: FormData, made: Any) -> Response:
        if text_of(form, "do") == "review":
            held = await self._gateway.review_draft(seat.actor, made.id, version=made.version)
            return go(f"/release/{held.id}")
        return go(f"/drafts/{made.id}{address_after(form)}")

    async def save(self, request: Request, seat: Seat) -> Response:
        """Keep what was typed so far, for the script in the page; answers with the new version."""
        form = await form_of(request)
        sheet = _sheet_in(form)
        try:
            made = await self._keep(seat, form, sheet)
        except (StaleVersionError, DraftOfAnotherError) as problem:
            standing = self._gateway.draft(sheet.id)
            if _says(standing, self._request(form, sheet)):
                # The page sent it at leaving, and again when it came back.
                return JSONResponse({"id": standing.id, "version": standing.version})
            return await self._keep_copy(seat, form, sheet, problem)
        except ParleyError as problem:
            told = self._frame.refusals.what(seat.view.language, problem).text
            return JSONResponse({"detail": told}, HTTPStatus.UNPROCESSABLE_ENTITY)
        return JSONResponse({"id": made.id, "version": made.version})

    async def _keep_copy(
        self, seat: Seat, form: FormData, sheet: Sheet, problem: ParleyError
    ) -> Response:
        """Keep what was typed into a draft that is another's by now: nothing typed is lost.

        The copy's key is made from its content, so that a save sent again makes no second copy.
        """
        say = seat.view.language.say
        wanted = self._request(form, sheet)
        typed = sha256(f"{seat.actor.officer} {sheet.id} {wanted!r}".encode()).hexdigest()
        try:
            copy = await self._gateway.create_draft(
                seat.actor, wanted, idempotency_key=f"copy-{typed[:40]}"
            )
        except ParleyError:
            return JSONResponse({"detail": say(STALE)}, HTTPStatus.CONFLICT)
        facts = {"draft": sheet.id, "copy": copy.id}
        if isinstance(problem, DraftOfAnotherError):
            detail = say(TAKEN_STALE, writer=problem.writer, **facts)
        else:
            detail = say(COPY_STALE, **facts)
        kept = {"detail": detail, "copy": copy.id, "version": copy.version}
        return JSONResponse(kept, HTTPStatus.CONFLICT)

    async def _keep(self, seat: Seat, form: FormData, sheet: Sheet) -> Any:
        wanted = self._request(form, sheet)
        if sheet.id:
            return await self._gateway.change_draft(
                seat.actor, sheet.id, wanted, version=sheet.version
            )
        try:
            return await self._gateway.create_draft(seat.actor, wanted, idempotency_key=sheet.press)
        except IdempotencyError:
            # Sent at leaving the page, and written on since: a draft of its own loses neither.
            return await self._gateway.create_draft(seat.actor, wanted)

    def _request(self, form: FormData, sheet: Sheet) -> DraftRequest:
        move = self._move(sheet)
        files = {FIELD: sheet.files} if sheet.files else {}
        return DraftRequest(
            channel=sheet.channel,
            procedure=sheet.procedure,
            move=sheet.move,
            case=sheet.case,
            precedence=sheet.precedence,
            action=tuple(sheet.to.replace(",", " ").split()),
            fields=read_fields(form, plain_fields(move), schemas_of(move.procedure, move.move))
            | read_text_fields(form, move)
            | files,
            texts=tuple(
                DraftText(lang=lang, status=status, text=text)
                for lang, status, text in read_texts(form)
            ),
            refs=tuple(sheet.refs.split()),
            mark=sheet.mark or None,
        )

    def _typed(self, form: FormData, sheet: Sheet) -> Sheet:
        move = self._move(sheet)
        values: dict[str, Any] = {
            field.name: text_of(form, f"f.{field.name}") for field in plain_fields(move)
        }
        return Sheet(
            channel=sheet.channel,
            procedure=sheet.procedure,
            move=sheet.move,
            case=sheet.case,
            precedence=sheet.precedence,
            to=sheet.to,
            texts=read_texts(form),
            values=values | read_text_fields(form, move),
            id=sheet.id,
            version=sheet.version,
            press=sheet.press,
            refs=sheet.refs,
            files=sheet.files,
            mark=sheet.mark,
        )


def _sheet_in(form: FormData) -> Sheet:
    version = text_of(form, "version", "0")
    letter = text_of(form, "precedence", "R")
    mark = text_of(form, "mark")
    return Sheet(
        channel=text_of(form, "channel"),
        procedure=text_of(form, "procedure"),
        move=text_of(form, "move"),
        case=text_of(form, "case") or None,
        precedence=letter if letter in PRECEDENCES else "R",
        to=text_of(form, "to"),
        id=text_of(form, "draft"),
        version=int(version) if version.isdecimal() and len(version) < 10 else 0,
        press=text_of(form, "press")[:64],
        refs=text_of(form, "refs"),
        mark=mark if mark in MARKINGS else "",
        files=files_in(form),
    )


def _sheet_of(draft: Any) -> Sheet:
    return Sheet(
        channel=draft.channel,
        procedure=draft.procedure,
        move=draft.move,
        case=draft.case,
        precedence=draft.precedence,
        to=" ".join(draft.action),
        texts=[(text.lang, text.status, text.text) for text in draft.texts],
        values=dict(draft.fields),
        id=draft.id,
        version=draft.version,
        mark=draft.mark,
        files=files_of(draft.fields),
    )


def first_precedence(move: str, *, is_free: bool, of: str) -> str:
    """Return the letter that a new draft begins with; an emergency is no routine."""
    if (of, move) == ("emergency", "raise"):
        return "Z"
    return "R" if is_free else "O"


def _says(draft: Any, wanted: DraftRequest) -> bool:
    """Say whether a draft holds word for word what somebody wants to save in it."""
    held = [(text.lang, text.status, text.text) for text in draft.texts]
    return (
        held == [(text.lang, text.status, text.text) for text in wanted.texts]
        and dict(draft.fields) == dict(wanted.fields)
        and draft.precedence == wanted.precedence
        and list(draft.action) == list(wanted.action)
        and list(draft.refs) == list(wanted.refs)
    )
