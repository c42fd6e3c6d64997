"""A joint text as the steps of its case leave it: articles, brackets, who agrees to what.

Nothing here is stored: both sides fold the same steps and find the same text, and a digest over
*all* its languages, so that a word changed in one language alone is a changed text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeAlias

from parley.core.canon import Value, encode
from parley.desk.fields import items_of, pair_of

Wording: TypeAlias = "dict[str, str]"
"""One text per language."""
CHANGES = frozenset({"table", "redraft", "bracket", "alternative", "unbracket", "strike"})
"""Moves that make a new version: what was closed or initialled before is open again."""
WHOLE = b"parley joint text 1\n"
ARTICLE = b"parley joint article 1\n"


@dataclass(frozen=True, slots=True)
class Act:
    """One step of the case: short name of the move, author's code, and its wire values."""

    move: str
    party: str
    wire: Callable[[str], Value]


@dataclass(slots=True)
class Bracket:
    """Words that one party has not accepted, and what may stand in their place.

    Attributes:
        alternatives: (party, wording), in the order given.
    """

    by: str
    words: Wording
    alternatives: list[tuple[str, Wording]] = field(default_factory=list)


@dataclass(slots=True)
class Article:
    """One article or annex.

    Attributes:
        text: empty once it is struck.
        missing: languages whose text is still owed.
        agreed: per party the digest it agreed to, and whether that was final.
        before: the wording that the present one took the place of; None where it is the first.
        version: of the whole text, in which the present wording came.
        by: who gave it.
    """

    number: str
    text: Wording
    missing: tuple[str, ...] = ()
    brackets: dict[str, Bracket] = field(default_factory=dict)
    agreed: dict[str, tuple[str, bool]] = field(default_factory=dict)
    before: Wording | None = None
    version: int = 1
    by: str = ""

    def digest(self) -> str:
        """Return the digest of the article in all its languages, hex."""
        texts: Value = [[language, text] for language, text in sorted(self.text.items())]
        return sha256(ARTICLE + encode([self.number, texts])).hexdigest()

    def status(self, parties: Iterable[str]) -> str:
        """Return open, bracketed, agreed in part, agreed ad referendum, agreed or deleted."""
        if self.brackets:
            return "bracketed"
        now = self.digest()
        given = {who: final for who, (said, final) in self.agreed.items() if said == now}
        if not given or self.missing:
            return "open"
        if not set(parties) <= set(given):
            return "agreed in part"
        if not all(given.values()):
            return "agreed ad referendum"
        return "agreed" if self.text else "deleted"


@dataclass(slots=True)
class JointText:
    """The whole text.

    Attributes:
        title: per language.
        languages: authentic languages, in the order tabled.
        articles: by number, in order; annexes follow under `annex N`.
        names: parties' names per language, by code.
        terms: defined terms per language, by code.
        version: 1 as tabled, one more with each change.
    """

    title: Wording = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    prevailing: str | None = None
    kind: int = 0
    entry: Value = None
    articles: dict[str, Article] = field(default_factory=dict)
    names: dict[str, Wording] = field(default_factory=dict)
    terms: dict[str, Wording] = field(default_factory=dict)
    version: int = 0

    def digest(self) -> str:
        """Return the digest of everything that is initialled and signed, in all languages."""
        parts: list[Value] = [
            _sorted(self.title),
            list(self.languages),
            self.prevailing,
            self.kind,
            self.entry,
            [[number, bytes.fromhex(one.digest())] for number, one in self.articles.items()],
            [[code, _sorted(words)] for code, words in sorted(self.names.items())],
            [[code, _sorted(words)] for code, words in sorted(self.terms.items())],
        ]
        return sha256(WHOLE + encode(parts)).hexdigest()

    @property
    def brackets(self) -> dict[str, int]:
        """Return how many brackets of each party are open."""
        counts: dict[str, int] = {}
        for article in self.articles.values():
            for bracket in article.brackets.values():
                counts[bracket.by] = counts.get(bracket.by, 0) + 1
        return dict(sorted(counts.items()))

    @property
    def standing(self) -> list[Article]:
        """Return the articles that have a text."""
        return [one for one in self.articles.values() if one.text]

    def is_agreed(self, parties: Iterable[str]) -> bool:
        """Say whether every article is agreed, or its deletion is."""
        parties = tuple(parties)
        return all(one.status(parties) in ("agreed", "deleted") for one in self.articles.values())


def joint_text(acts: Iterable[Act]) -> JointText:
    """Return the text as these steps leave it."""
    text = JointText()
    for act in acts:
        if act.move in CHANGES:
            text.version += 1
        _ACTS.get(act.move, _nothing)(text, act)
    return text


def _nothing(text: JointText, act: Act) -> None:
    del text, act


def _table(text: JointText, act: Act) -> None:
    text.title = wording(act.wire("title"))
    text.languages = tuple(str(one) for one in items_of(act.wire("languages")))
    prevailing, kind = act.wire("prevailing"), act.wire("kind")
    text.prevailing = prevailing if isinstance(prevailing, str) else None
    text.kind = kind if type(kind) is int else 0
    text.entry = act.wire("entry")
    text.names = _named(act.wire("names"))
    _redraft(text, act)


def _redraft(text: JointText, act: Act) -> None:
    """Put new wordings; an article not there yet comes after the one named, or last."""
    after = act.wire("after")
    for number, parts in articles_of(act.wire):
        old = text.articles.get(number)
        new = Article(number, wording(parts.get(1)), _codes(parts.get(2)))
        new.version, new.by = text.version, act.party
        if old is not None:
            if new.text == old.text:
                new.before, new.version, new.by = old.before, old.version, old.by
            else:
                new.before = old.text
            new.agreed = old.agreed
            new.brackets = {
                name: bracket
                for name, bracket in old.brackets.items()
                if occurs(bracket.words, new.text)
            }
        text.articles[number] = new
        if old is None and isinstance(after, str) and after in text.articles:
            _move_behind(text, number, after)
            after = number
    text.terms |= _named(act.wire("terms"))


def _move_behind(text: JointText, number: str, after: str) -> None:
    order = [one for one in text.articles if one != number]
    order.insert(order.index(after) + 1, number)
    text.articles = {one: text.articles[one] for one in order}


def _bracket(text: JointText, act: Act) -> None:
    bracket = Bracket(act.party, wording(act.wire("words")))
    if act.wire("alt") is not None:
        bracket.alternatives.append((act.party, wording(act.wire("alt"))))
    _article(text, act).brackets[str(act.wire("id"))] = bracket


def _alternative(text: JointText, act: Act) -> None:
    bracket = _article(text, act).brackets[str(act.wire("id"))]
    bracket.alternatives.append((act.party, wording(act.wire("alt"))))


def _unbracket(text: JointText, act: Act) -> None:
    article, take = _article(text, act), act.wire("take")
    bracket = article.brackets.pop(str(act.wire("id")))
    if type(take) is int:
        new = bracket.alternatives[take - 1][1]
        taken = {
            language: said.replace(bracket.words[language], new[language], 1)
            if language in bracket.words
            else said
            for language, said in article.text.items()
        }
        _put(article, taken, text, act)


def _strike(text: JointText, act: Act) -> None:
    article = _article(text, act)
    _put(article, {}, text, act)
    article.missing, article.brackets = (), {}


def _put(article: Article, words: Wording, text: JointText, act: Act) -> None:
    """Give an article other words, and keep those that stood there before."""
    article.before, article.text = article.text, words
    article.version, article.by = text.version, act.party


def _agree(text: JointText, act: Act) -> None:
    final = act.move == "agree"
    for number, digest in agreements(act.wire("articles")):
        text.articles[number].agreed[act.party] = (digest, final)


_ACTS: Mapping[str, Callable[[JointText, Act], None]] = {
    "table": _table,
    "redraft": _redraft,
    "bracket": _bracket,
    "alternative": _alternative,
    "unbracket": _unbracket,
    "strike": _strike,
    "agree": _agree,
    "agree_ad_referendum": _agree,
}


def _article(text: JointText, act: Act) -> Article:
    return text.articles[str(act.wire("no"))]


def occurs(words: Wording, text: Wording) -> bool:
    """Say whether the words stand in the text, in every language that they are given in."""
    return all(said in text.get(language, "") for language, said in words.items())


def wording(value: Value) -> Wording:
    """Return {language: text} of the wire value of words."""
    pairs = [pair_of(pair) for pair in items_of(value)] if value is not None else []
    return {str(language): str(text) for language, text in pairs}


def articles_of(wire: Callable[[str], Value]) -> list[tuple[str, Mapping[int, Value]]]:
    """Return (number, parts) of the articles and annexes of a step; an annex is `annex N`."""
    found: list[tuple[str, Mapping[int, Value]]] = []
    for name, before in (("articles", ""), ("annexes", "annex ")):
        value = wire(name)
        for parts in items_of(value) if value is not None else ():
            assert isinstance(parts, Mapping), "checked as it was read"
            found.append((f"{before}{parts.get(0)}", parts))
    return found


def agreements(value: Value) -> list[tuple[str, str]]:
    """Return (number, digest) of the articles that a step agrees to."""
    rows = items_of(value) if value is not None else ()
    return [(str(row.get(0)), str(row.get(1))) for row in rows if isinstance(row, Mapping)]


def _named(value: Value) -> dict[str, Wording]:
    rows = items_of(value) if value is not None else ()
    return {str(row.get(0)): wording(row.get(1)) for row in rows if isinstance(row, Mapping)}


def _codes(value: Value) -> tuple[str, ...]:
    return tuple(str(one) for one in items_of(value)) if value is not None else ()


def _sorted(words: Wording) -> Value:
    return [[language, text] for language, text in sorted(words.items())]
