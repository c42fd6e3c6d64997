"""Screen 14: accounts of one meeting paragraph by paragraph, with our own reading of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.language import Language
from parley.console.moments import iso
from parley.console.seat import Seat
from parley.console.words import FAMILIES, word
from parley.errors import NotFoundError
from parley.station.table_cells import table

PARAGRAPHS_MAX: Final = 100
"""Paragraphs of one account that are marked on a page."""
_MARK: Final = re.compile(r"mark\.(.{1,120})\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\.[0-9]{1,4})")
FILE_TYPE: Final = "text/csv; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One paragraph of an account; `reading` is ours of it, None where we have none."""

    id: str
    lang: str
    text: str
    reading: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one party says of the meeting, in the order of its texts."""

    party: str
    entry: str
    paragraphs: Sequence[Paragraph]


class ReadingPages:
    """Keeps our own marks, and gives them as a table; nothing of them is sent."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        return [
            Route("/readings/{number:path}", self._frame.act(self.keep), methods=["POST"]),
            Route("/readings/{number:path}", self._frame.read(self.table)),
        ]

    async def keep(self, request: Request, seat: Seat) -> Response:
        """Keep what was marked, and go back to the accounts."""
        form = await form_of(request)
        number = request.path_params["number"]
        known = set(self._gateway.case(number).accounts.values())
        for entry, marks in marks_in(form).items():
            if entry in known:
                await self._gateway.put_readings(seat.actor, entry, marks)
        return go(f"/cases/{number}#paragraphs")

    async def table(self, request: Request, seat: Seat) -> Response:
        """Give the accounts with our reading as CSV.

        Raises:
            NotFoundError: the case has no accounts.
        """
        number = request.path_params["number"]
        found = accounts(self._gateway, self._gateway.case(number))
        if not found:
            raise NotFoundError(f"{number} holds no accounts of a meeting")
        own = self._gateway.station().code
        name = f"{number.rpartition('/')[2]}-{own}-reading.csv"
        saved = f'attachment; filename="{name}"' if name.isascii() else "attachment"
        content = readings_csv(found, own, seat.view.language)
        return Response(content, media_type=FILE_TYPE, headers={"content-disposition": saved})


def accounts(gateway: Gateway, case: Any) -> list[Account]:
    """Return the accounts of the matter of a case in paragraphs, our own first."""
    own = gateway.station().code
    named = sorted(case.accounts.items(), key=lambda pair: (pair[0] != own, pair[0]))
    return [_account(gateway, party, entry) for party, entry in named]


def _account(gateway: Gateway, party: str, entry: str) -> Account:
    readings = {one.paragraph: one for one in gateway.readings(entry)}
    found: list[Paragraph] = []
    for lang, text in _texts(gateway.entry(entry)):
        lines = [line for line in text.split("\n") if line.strip()]
        for at, line in enumerate(lines, start=1):
            key = f"{lang}.{at}"
            found.append(Paragraph(id=key, lang=lang, text=line, reading=readings.get(key)))
    return Account(party=party, entry=entry, paragraphs=found[:PARAGRAPHS_MAX])


def _texts(entry: Any) -> list[tuple[str, str]]:
    """Return language and words of an account; of one that was sealed, what was opened."""
    said = [(text.lang, text.text) for text in entry.texts]
    for field in entry.fields if not said else ():
        if field.name == "account" and isinstance(field.value, Mapping):
            said += [(str(lang), str(text)) for lang, text in field.value.items()]
    return said


def marks_in(form: FormData) -> dict[str, dict[str, tuple[str, str]]]:
    """Return mark and note by entry and paragraph, as they were posted."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for key in form:
        if named := _MARK.fullmatch(key):
            entry, paragraph = named[1], named[2]
            note = text_of(form, f"note.{entry}.{paragraph}").strip()
            found.setdefault(entry, {})[paragraph] = (text_of(form, key), note)
    return found


def readings_csv(found: Sequence[Account], own: str, language: Language) -> bytes:
    """Return the paragraphs with our reading; a peer's words are no formula in a spreadsheet."""
    heading = [
        language.say("party"),
        language.say("entry"),
        language.say("paragraph"),
        language.say("text"),
        language.say("reading of {party}", party=own),
        language.say("note"),
        language.say("officer"),
        language.say("time"),
    ]
    rows: list[Sequence[str]] = []
    for account in found:
        for one in account.paragraphs:
            mark, note, officer, at = "", "", "", ""
            if one.reading is not None:
                mark = word(language, "reading", one.reading.mark) if one.reading.mark else ""
                note, officer, at = one.reading.note, one.reading.officer, iso(one.reading.at)
            rows.append((account.party, account.entry, one.id, one.text, mark, note, officer, at))
    return table(heading, rows).encode("utf-8-sig")


READING_MARKS: Final = tuple(FAMILIES["reading"])
