"""What is refused of a step on a joint text: the same for a draft and for the record."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from parley.core.canon import Value
from parley.desk.fields import items_of
from parley.desk.joint import (
    Act,
    Article,
    JointText,
    agreements,
    articles_of,
    joint_text,
    occurs,
    wording,
)
from parley.desk.problems import Problem, problem
from parley.desk.procedure import Draft
from parley.desk.times import start_of

ON_SIGNATURE, ON_DATE, ON_NOTIFICATION = 0, 1, 2
"""When a text enters into force; positions in the list of choices."""


def text_before(draft: Draft) -> JointText:
    """Return the text as it is before the move of this draft."""
    return joint_text(
        Act(said.move.partition(".")[2], said.party, said.values.get) for said in draft.earlier()
    )


def _languages(draft: Draft) -> list[str]:
    opening = draft.opening or draft.values
    return [str(one) for one in items_of(opening.get("languages", []))]


def whole_articles(draft: Draft) -> Problem | None:
    """Refuse an article or name that lacks a language without saying so, or comes twice."""
    languages = _languages(draft)
    if len(set(languages)) < len(languages):
        return problem("languages", "named_twice", found=", ".join(languages))
    seen: set[str] = set()
    for number, parts in articles_of(draft.values.get):
        field = "annexes" if number.startswith("annex ") else "articles"
        if number in seen:
            return problem(field, "named_twice", found=number)
        seen.add(number)
        owed = parts.get(2)
        missing = [str(one) for one in items_of(owed)] if owed is not None else []
        fault = _has_languages(f"{field}.{number}", parts.get(1), languages, missing)
        if fault is not None:
            return fault
    for field in ("names", "terms"):
        for row in items_of(draft.values.get(field, [])):
            words = row.get(1) if isinstance(row, dict) else None
            fault = _has_languages(field, words, languages, [])
            if fault is not None:
                return fault
    return _has_languages("title", draft.values.get("title"), languages, [])


def _has_languages(
    field: str, value: Value, languages: Sequence[str], missing: Sequence[str]
) -> Problem | None:
    """Refuse words that have other languages than these, but for those that are owed."""
    if value is None:
        return None
    given = set(wording(value))
    absent = sorted(set(languages) - set(missing) - given)
    if absent:
        return problem(field, "language_missing", found=", ".join(absent))
    other = sorted(given - (set(languages) - set(missing)))
    if other:
        return problem(field, "unknown_choice", found=other[0], choices=", ".join(languages))
    return None


def known_prevailing(draft: Draft) -> Problem | None:
    """Refuse a prevailing language that is none of the text, and a date that is not given."""
    prevailing, languages = draft.values.get("prevailing"), _languages(draft)
    if prevailing is not None and prevailing not in languages:
        choices = ", ".join(languages)
        return problem("prevailing", "unknown_choice", found=prevailing, choices=choices)
    entry = draft.values.get("entry")
    if isinstance(entry, dict) and (entry.get(0) == ON_DATE) != (1 in entry):
        if 1 in entry:
            return problem("entry.at", "unknown", known="on")
        return problem("entry.at", "missing")
    return None


def something_new(draft: Draft) -> Problem | None:
    """Refuse a redraft without articles or terms, or one that comes after an unknown article."""
    if not draft.values.keys() & {"articles", "annexes", "terms"}:
        return problem("articles", "missing")
    after = draft.values.get("after")
    if after is not None and after not in text_before(draft).articles:
        return problem("after", "unknown_article", found=after)
    return None


def known_article(draft: Draft) -> Problem | None:
    """Refuse an article that the text does not have."""
    number = str(draft.values.get("no"))
    if number not in text_before(draft).articles:
        return problem("no", "unknown_article", found=number)
    return None


def _article(draft: Draft) -> Article | None:
    return text_before(draft).articles.get(str(draft.values.get("no")))


def words_of_article(draft: Draft) -> Problem | None:
    """Refuse brackets round words that do not stand there, or not in all languages."""
    article, words = _article(draft), draft.values.get("words")
    if article is None or words is None:
        return None
    if str(draft.values.get("id")) in article.brackets:
        return problem("id", "named_twice", found=draft.values.get("id"))
    there = sorted(article.text)
    for field in ("words", "alt"):
        fault = _has_languages(field, draft.values.get(field), there, [])
        if fault is not None:
            return fault
    if not occurs(wording(words), article.text):
        return problem("words", "words_not_there", found=article.number)
    return None


def known_bracket(draft: Draft) -> Problem | None:
    """Refuse a bracket that is not open, and an alternative in some languages only."""
    article, name = _article(draft), draft.values.get("id")
    if article is None:
        return None
    bracket = article.brackets.get(str(name))
    if bracket is None:
        return problem("id", "unknown_bracket", found=name, article=article.number)
    return _has_languages("alt", draft.values.get("alt"), sorted(bracket.words), [])


def own_bracket(draft: Draft) -> Problem | None:
    """Refuse to lift another's bracket, unless by taking what that party offered."""
    article = _article(draft)
    bracket = article.brackets.get(str(draft.values.get("id"))) if article else None
    if bracket is None:
        return None
    take, offers = draft.values.get("take"), bracket.alternatives
    if type(take) is int and take > len(offers):
        return problem("take", "out_of_range", found=take, least=1, most=len(offers))
    if bracket.by != draft.party and not (type(take) is int and offers[take - 1][0] == bracket.by):
        return problem("id", "not_own_bracket", found=bracket.by)
    return None


def same_articles(draft: Draft) -> Problem | None:
    """Refuse agreement to an article that is another one now, has brackets or lacks a language."""
    text = text_before(draft)
    for number, digest in agreements(draft.values.get("articles")):
        article = text.articles.get(number)
        if article is None:
            return problem("articles", "unknown_article", found=number)
        if article.brackets:
            return problem("articles", "open_brackets", found=number)
        if article.missing:
            return problem("articles", "language_missing", found=", ".join(article.missing))
        if article.digest() != digest:
            return problem(f"articles.{number}", "text_changed", found=article.digest())
    return None


def all_agreed(draft: Draft) -> Problem | None:
    """Refuse to close a text of which an article is not agreed."""
    articles = text_before(draft).articles.values()
    found = [a.number for a in articles if a.status(draft.parties) not in ("agreed", "deleted")]
    return problem("", "not_all_agreed", found=", ".join(found)) if found else None


def same_text(draft: Draft) -> Problem | None:
    """Refuse to close, initial or sign another text than the one that stands."""
    digest = text_before(draft).digest()
    if draft.values.get("digest") != digest:
        return problem("digest", "text_changed", found=digest)
    return None


def known_articles(draft: Draft) -> Problem | None:
    """Refuse to suspend an article that the text does not have."""
    articles = text_before(draft).articles
    for number in items_of(draft.values.get("articles", [])):
        if str(number) not in articles:
            return problem("articles", "unknown_article", found=number)
    return None


def by_notification(draft: Draft) -> Problem | None:
    """Refuse a notice where the text enters into force without one."""
    if entry_of(draft.opening.get)[0] != ON_NOTIFICATION:
        return problem("", "no_notices")
    return None


def in_force(draft: Draft) -> Problem | None:
    """Refuse to suspend or amend what is signed and not in force."""
    if draft.state == "signed" and not has_entered(draft.opening.get, draft.at):
        return problem("", "not_in_force")
    return None


def entry_of(wire: Callable[[str], Value]) -> tuple[int, int | None]:
    """Return how a text enters into force, and from when (a day from its first second, UTC)."""
    entry = wire("entry")
    if not isinstance(entry, dict):
        return ON_SIGNATURE, None
    how = entry.get(0)
    return (how if type(how) is int else ON_SIGNATURE), start_of(entry.get(1))


def has_entered(wire: Callable[[str], Value], at: int) -> bool:
    """Say whether a text that all have signed is in force at this time."""
    how, day = entry_of(wire)
    return how == ON_SIGNATURE or (how == ON_DATE and day is not None and day <= at)
