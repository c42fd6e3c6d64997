"""The glossary: terms agreed with peers, from joint texts, beside our own, which interpreters keep.

What a peer agreed to is read from the record and cannot be changed here. Our own terms are papers;
nothing of them leaves the station.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from parley.core.instants import Instant
from parley.core.texts import misleading
from parley.desk.fields import LANGUAGE
from parley.desk.terms import agreed_terms
from parley.errors import ConflictError, NotFoundError, StaleVersionError, UsageError
from parley.station.actors import Actor
from parley.station.cabinet import Act, Cabinet, require
from parley.station.desk_book import DeskBook
from parley.station.haystack import fold
from parley.station.papers import Fields, change
from parley.station.tool_views import TermHit, TermView

TERMS_MAX: Final = 10_000
WORD_MAX: Final = 200
TEXT_MAX: Final = 2_000
AVOID_MAX: Final = 20
LANGUAGES_MAX: Final = 8
HITS_TEXT_MAX: Final = 64_000
HITS_MAX: Final = 1_000
STANDINGS: Final = ("agreed", "initialled", "proposed", "ours")
_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TermRequest:
    """A term of our own.

    Attributes:
        words: the term per language, two languages at least.
        definition: what it means, per language.
        source: where it is from.
        avoid: variants not to use, per language.
    """

    words: Mapping[str, str]
    definition: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    avoid: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Glossary:
    """Reads and keeps terms."""

    def __init__(self, cabinet: Cabinet, desk: DeskBook, *, now: Callable[[], Instant]) -> None:
        self._cabinet = cabinet
        self._desk = desk
        self._now = now

    def all(
        self,
        *,
        words: str = "",
        standing: str | None = None,
        sees: Callable[[str], bool] = lambda _: True,
    ) -> list[TermView]:
        """Return terms by code, what is agreed before what is ours.

        Args:
            words: only those in which this stands, in any language; case and width do not count.
            standing: only agreed, initialled, proposed or ours.
            sees: says of a channel's code whether the asker may read it.

        Raises:
            UsageError: there is no such standing.
        """
        if standing not in (None, *STANDINGS):
            raise UsageError(f"no term is {standing!r}", next_step=f"{', '.join(STANDINGS)}.")
        agreed = [
            TermView(
                code=term.code,
                standing=term.standing,
                words=term.words,
                parties=list(term.parties),
                channel=term.channel,
                case=term.case,
            )
            for term in agreed_terms(self._desk.registers())
            if sees(term.channel)
        ]
        own = [_own(code, fields, agreed) for code, fields in self._cabinet.all("glossary")]
        sought = fold(words.strip())
        found = [
            term
            for term in (*agreed, *own)
            if standing in (None, term.standing) and (not sought or _holds(term, sought))
        ]
        return sorted(found, key=lambda term: (term.code, STANDINGS.index(term.standing)))

    async def put(
        self, actor: Actor, code: str, term: TermRequest, *, version: int | None
    ) -> TermView:
        """Write a term of ours; `version` is the one that was seen, None where there was none.

        Raises:
            NotAllowedError: no interpreter. UsageError: the term is not well made.
            StaleVersionError: it was changed meanwhile.
        """
        actor.require("glossary")
        problem = "" if _CODE.fullmatch(code) else "a code is a-z, 0-9, . _ and -, at most 64"
        problem = problem or _wrong(term)
        if problem:
            raise UsageError(f"term {code[:64]!r}: {problem}")
        present = self._cabinet.get("glossary", code)
        if (None if present is None else present["version"]) != version:
            raise StaleVersionError(
                f"term {code} was changed meanwhile",
                version=0 if present is None else int(present["version"]),
            )
        if present is None and len(self._cabinet.raw("glossary")) >= TERMS_MAX:
            raise ConflictError(f"a glossary has at most {TERMS_MAX} terms of our own")
        fields: Fields = {
            "words": dict(term.words),
            "definition": dict(term.definition),
            "source": term.source,
            "avoid": {lang: list(words) for lang, words in term.avoid.items()},
            "version": 1 if present is None else present["version"] + 1,
            "changed_by": actor.officer,
            "changed_at": self._now(),
        }
        act = Act(actor=actor, act="write term", subject=code)
        await self._cabinet.store([change("glossary", code, fields)], act)
        return self._one(code)

    async def drop(self, actor: Actor, code: str) -> TermView:
        """Take a term of ours away; NotFoundError if it is none of ours."""
        actor.require("glossary")
        view = self._one(code)
        act = Act(actor=actor, act="drop term", subject=code)
        await self._cabinet.store([change("glossary", code, None)], act)
        return view

    def _one(self, code: str) -> TermView:
        fields = require(self._cabinet.get("glossary", code), f"term {code[:64]} of our own")
        return _own(code, fields, [t for t in self.all() if t.standing != "ours"])

    def hits(
        self, text: str, language: str, *, sees: Callable[[str], bool] = lambda _: True
    ) -> list[TermHit]:
        """Return where terms stand in a text, in its order, and variants that are not to be used.

        Raises:
            UsageError: the text is too long.
        """
        if len(text) > HITS_TEXT_MAX:
            raise UsageError(f"a text has at most {HITS_TEXT_MAX} characters here")
        folded, places = _folded(text)
        found: list[TermHit] = []
        for term in self.all(sees=sees):
            named = [(w, False) for lang, w in term.words.items() if _same(lang, language)]
            for lang, variants in term.avoid.items():
                named += [(w, True) for w in variants if _same(lang, language)]
            for word, avoided in named:
                found += [
                    TermHit(
                        code=term.code,
                        standing=term.standing,
                        at=places[at],
                        written=text[places[at] : places[end]],
                        is_variant=avoided,
                        words=term.words,
                        case=term.case,
                    )
                    for at, end in _places(folded, fold(word))
                ]
        if len(found) > HITS_MAX:
            raise NotFoundError(
                f"more than {HITS_MAX} terms stand in this text",
                next_step="Ask for it in parts.",
            )
        return sorted(found, key=lambda hit: (hit.at, -len(hit.written), hit.code))


def _wrong(term: TermRequest) -> str:
    """Return what is wrong with a term; empty when nothing is."""
    if not 2 <= len(term.words) <= LANGUAGES_MAX:
        return f"it has words in 2 to {LANGUAGES_MAX} languages"
    listed = {lang: tuple(words) for lang, words in term.avoid.items()}
    if any(len(words) > AVOID_MAX for words in listed.values()):
        return f"a language has at most {AVOID_MAX} variants not to use"
    texts = [(word, WORD_MAX) for word in term.words.values()]
    texts += [(word, WORD_MAX) for words in listed.values() for word in words]
    texts += [(text, TEXT_MAX) for text in term.definition.values()]
    texts += [(term.source, TEXT_MAX)] if term.source else []
    for text, most in texts:
        if not text.strip() or len(text) > most or misleading(text):
            return f"{text[:40]!r} is empty, too long, or holds characters that mislead"
    for lang in (*term.words, *term.definition, *listed):
        if not LANGUAGE.fullmatch(lang):
            return f"{lang[:20]!r} is no language"
    return ""


def _own(code: str, fields: Fields, agreed: Sequence[TermView]) -> TermView:
    words: Mapping[str, Any] = fields["words"]
    return TermView(
        code=code,
        standing="ours",
        words=words,
        definition=fields["definition"],
        source=fields["source"],
        avoid=fields["avoid"],
        version=fields["version"],
        changed_by=fields["changed_by"],
        changed_at=fields["changed_at"],
        differs_from=[
            f"{term.channel}/{term.case}"
            for term in agreed
            if term.code == code
            and any(lang in words and words[lang] != said for lang, said in term.words.items())
        ],
    )


def _holds(term: TermView, sought: str) -> bool:
    told = [term.code, *term.words.values(), *term.definition.values(), term.source]
    told += [word for words in term.avoid.values() for word in words]
    return any(sought in fold(text) for text in told)


def _same(one: str, other: str) -> bool:
    return one.partition("-")[0] == other.partition("-")[0]


def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text as it is compared, and for each of its characters where that one stood."""
    parts, places = [], []
    for at, sign in enumerate(text):
        told = fold(sign)
        parts.append(told)
        places += [at] * len(told)
    return "".join(parts), [*places, len(text)]


def _places(text: str, word: str) -> list[tuple[int, int]]:
    """Return where a word stands; one of Latin letters is a whole word, not part of another."""
    bounds = (
        r"(?<![^\W_])" if word[:1].isascii() else "",
        r"(?![^\W_])" if word[-1:].isascii() else "",
    )
    pattern = f"{bounds[0]}{re.escape(word)}{bounds[1]}"
    return [match.span() for match in re.finditer(pattern, text)]
