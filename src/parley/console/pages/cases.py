"""Screen 11, case: state, who may move next, history in the record's order, what it proves."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console import moments
from parley.console.brackets import open_brackets
from parley.console.door import Gateway
from parley.console.frame import Frame
from parley.console.language import Language
from parley.console.pages.map import map_facts
from parley.console.pages.readings import READING_MARKS, accounts
from parley.console.seat import Seat
from parley.console.side_by_side import tables
from parley.console.time_axis import WIDTH, time_axis
from parley.core.instants import parse_instant
from parley.errors import NotFoundError, ParleyError, UsageError

TIME_MAX: Final = 40

_HELD_ONLY: Final = ("running", "near", "extended")
"""States of a clock in which nothing but the receipt is proved."""


class CasePages:
    """One frame for the cases of every procedure."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        return [
            Route("/cases/{number:path}", self._frame.read(self.show)),
            Route("/texts/{form}/{number:path}", self._frame.read(self.copy)),
        ]

    async def copy(self, request: Request, _: Seat) -> Response:
        """Give a joint text as a file: a page to print, or PDF; a copy for reading."""
        form, number = request.path_params["form"], request.path_params["number"]
        if form not in ("html", "pdf"):
            raise NotFoundError(f"a text is no {form}")
        content = self._gateway.text_copy(number, form=form)
        media = "application/pdf" if form == "pdf" else "text/html; charset=utf-8"
        name = number.rpartition("/")[2]
        saved = f'attachment; filename="{name}.{form}"' if name.isascii() else "attachment"
        return Response(content, media_type=media, headers={"content-disposition": saved})

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show a case; both facts stay when an answer came late."""
        text = request.query_params.get("as_of", "").strip()[:TIME_MAX]
        as_of = None
        wrong: ParleyError | None = None
        try:
            as_of = parse_instant(text) if text else None
        except UsageError as problem:
            wrong = problem
        case = self._gateway.case(request.path_params["number"], as_of=as_of)
        opening = self._gateway.entry(case.opened.entry) if case.opened.entry else None
        places = self._gateway.map_of_case(case.number, as_of=as_of)
        return self._frame.page(
            request,
            seat,
            "case.html",
            case=case,
            map=map_facts(request, places, self._gateway.station().code) if places.shapes else None,
            opening=opening,
            proves=proved_sentences(case, seat.view.language),
            as_of=as_of,
            as_of_text=text,
            wrong=wrong,
            axis=time_axis(case, seat.view.language),
            width=WIDTH,
            accounts=accounts(self._gateway, case) if case.accounts else [],
            reading_marks=READING_MARKS,
            compared=tables(case, seat.view.language),
            recipients=recipients(case.parties),
            brackets=open_brackets(case.passages),
            newest=newest_wording(case.passages),
        )


def newest_wording(passages: Any) -> int:
    """Return the draft of a text in which words changed last; 1 where none have."""
    return max((one.version for one in passages), default=1)


def recipients(parties: Any) -> dict[str, Any] | None:
    """Return what stands for each of several recipients as one table; None for one alone."""
    told = [party for party in parties if party.facts]
    if len(told) < 2:
        return None
    labels = {fact.column: fact.label for party in told for fact in party.facts}
    rows = []
    for party in told:
        values = {fact.column: fact.value for fact in party.facts}
        rows.append((party.party, [values.get(column) for column in labels]))
    return {"labels": list(labels.values()), "rows": rows}


def proved_sentences(case: Any, language: Language) -> list[Any]:
    """Return what can be shown to others, in words with this console's times and names."""
    proof = case.proof
    if proof is None:
        return list(case.shows.proves)
    held = language.say("{peer} signed that it holds {entry}.", peer=proof.by, entry=proof.entry)
    if case.clock in _HELD_ONLY:
        return [held]
    if case.due_at is None or proof.statement_time is None or not case.clock.startswith("lapsed"):
        return [proof.text]
    if case.clock == "lapsed-dark":
        dark = language.say(
            "Nothing that it signed after {due} is here, so its silence is not proved.",
            due=moments.stamp(case.due_at),
        )
        return [held, dark]
    later = language.say(
        "It signed its log again {time}, after the time was up {due}: no answer is in it.",
        time=moments.stamp(proof.statement_time),
        due=moments.stamp(case.due_at),
    )
    return [held, later]
