"""Screen 25, translations and glossary: terms agreed with peers, our own, the screens' words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway, TermRequest
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.seat import Seat
from parley.console.terms import terms
from parley.errors import NotAllowedError, ParleyError, StaleVersionError, UsageError
from parley.station.case_lists import CaseQuery

TRANSLATIONS_MAX: Final = 100
WORD_MAX: Final = 100
PLACE: Final = "/station/glossary"


class GlossaryPage:
    """Terms with their standing, and the translations asked for; interpreters keep our own."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        act = self._frame.act
        return [
            Route(PLACE, self._frame.read(self.show)),
            Route(PLACE, act(self.put), methods=["POST"]),
            Route(PLACE + "/{code}/drop", act(self.drop), methods=["POST"]),
        ]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show every term, or those that hold a word; `edit` fills the form with one of ours."""
        edited = request.query_params.get("edit", "")
        own = {term.code: term for term in self._gateway.glossary(standing="ours")}
        return self._page(request, seat, _typed(own.get(edited)), None)

    def _page(
        self, request: Request, seat: Seat, typed: dict[str, str], problem: ParleyError | None
    ) -> Response:
        asked = request.query_params.get("q", "").strip()[:WORD_MAX]
        wanted = asked.casefold()

        def holds(texts: Sequence[str]) -> bool:
            return any(wanted in text.casefold() for text in texts)

        return self._frame.page(
            request,
            seat,
            "glossary.html",
            status=422 if problem else 200,
            asked=asked,
            glossary=self._gateway.glossary(words=asked),
            terms=[
                term
                for term in terms()
                if holds([term.en, term.zh, *term.means.values(), *term.avoided])
            ],
            translations=self._gateway.register(
                CaseQuery(procedure="translation", limit=TRANSLATIONS_MAX)
            ).items,
            typed=typed,
            problem=problem,
            may_write=seat.actor.may("glossary"),
        )

    async def put(self, request: Request, seat: Seat) -> Response:
        """Keep a term of our own; what was typed comes back where it is not well made."""
        form = await form_of(request)
        typed = {name: text_of(form, name).strip() for name in _typed(None)}
        try:
            await self._gateway.put_term(
                seat.actor,
                typed["code"],
                _term(form),
                version=int(typed["version"]) if typed["version"].isdecimal() else None,
            )
        except NotAllowedError:
            raise
        except (UsageError, StaleVersionError) as problem:
            return self._page(request, seat, typed, problem)
        return go(f"{PLACE}#agreed")

    async def drop(self, request: Request, seat: Seat) -> Response:
        """Take a term of ours away."""
        await self._gateway.drop_term(seat.actor, request.path_params["code"])
        return go(f"{PLACE}#agreed")


def _typed(term: Any) -> dict[str, str]:
    """Return what stands in the form: a term of ours, or nothing."""
    names = ("code", "en", "zh", "means_en", "means_zh", "avoid_en", "avoid_zh", "source")
    empty = dict.fromkeys((*names, "version"), "")
    if term is None:
        return empty
    return {
        "code": term.code,
        **{lang: term.words.get(lang, "") for lang in ("en", "zh")},
        **{f"means_{lang}": term.definition.get(lang, "") for lang in ("en", "zh")},
        **{f"avoid_{lang}": "; ".join(term.avoid.get(lang, ())) for lang in ("en", "zh")},
        "source": term.source,
        "version": str(term.version),
    }


def _term(form: FormData) -> TermRequest:
    def both(prefix: str) -> dict[str, str]:
        said = {lang: text_of(form, f"{prefix}{lang}").strip() for lang in ("en", "zh")}
        return {lang: text for lang, text in said.items() if text}

    return TermRequest(
        words=both(""),
        definition=both("means_"),
        source=text_of(form, "source").strip(),
        avoid={lang: _parted(text) for lang, text in both("avoid_").items()},
    )


def _parted(text: str) -> list[str]:
    for sign in ("；", "、"):
        text = text.replace(sign, ";")
    return [word.strip() for word in text.split(";") if word.strip()]
