"""One text in several languages, side by side: what differs, and where.

The alternat is honoured: each side's original names that side first, so the order of parties that
are listed together is no difference. Their order elsewhere is: who notifies whom.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from parley.desk.extraction import extract, readers_for
from parley.desk.numerals import narrow
from parley.desk.wording import Found

PLURALS: Final = {
    "date": "dates",
    "time": "times",
    "weekday": "weekdays",
    "zone": "time zones",
    "coordinate": "coordinates",
    "duration": "durations",
    "distance": "distances",
    "area": "areas",
    "speed": "speeds",
    "mass": "masses",
    "angle": "angles",
    "frequency": "frequencies",
    "flight level": "flight levels",
    "percentage": "percentages",
    "fraction": "fractions",
    "reference": "references",
    "ordinal": "ordinals",
    "number": "numbers",
    "designation": "designations",
    "item": "list items",
    "name": "names",
    "term": "terms",
}
"""Kinds of what is compared, as they are called in a comparison."""
ORDER: Final = "order of names"


@dataclass(frozen=True, slots=True)
class Words:
    """Names of the parties and defined terms, by code and language."""

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    terms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How the languages of one passage compare in one kind of thing.

    Attributes:
        kind: `dates`, `numbers`, `names` and so on; `language` where one is not read here.
        status: agree, differ, only_one_side or not_comparable.
        values: per language what stands there and nowhere else; all of it where they agree.
    """

    kind: str
    status: str
    values: Mapping[str, Sequence[Found]]


def compare_wordings(texts: Mapping[str, str], words: Words | None = None) -> list[Finding]:
    """Return how the languages of one passage compare, kind by kind; nothing to say is left out.

    Args:
        texts: language to text.
        words: names and terms to look for.
    """
    words = words or Words()
    read = {language: text for language, text in texts.items() if readers_for(language)}
    unread = sorted(set(texts) - set(read))
    found = [_unread(unread)] if unread else []
    if len(read) < 2:
        return found
    said = {
        language: [*extract(text, language), *_named(text, language, words)]
        for language, text in read.items()
    }
    for kind, plural in PLURALS.items():
        finding = _compare(kind, plural, said)
        if finding is not None:
            found.append(finding)
    order = _order(read, words.names)
    return [*found, order] if order is not None else found


def differences(findings: Sequence[Finding]) -> list[str]:
    """Return the kinds in which a person must look before anybody initials."""
    return [one.kind for one in findings if one.status in ("differ", "only_one_side")]


def _unread(languages: Sequence[str]) -> Finding:
    return Finding(kind="language", status="not_comparable", values=dict.fromkeys(languages, ()))


def _compare(kind: str, plural: str, said: Mapping[str, Sequence[Found]]) -> Finding | None:
    of_kind = {
        language: [one for one in all_ if one.kind == kind] for language, all_ in said.items()
    }
    if not any(of_kind.values()):
        return None
    counts = {language: Counter(one.value for one in ones) for language, ones in of_kind.items()}
    if kind in ("name", "term"):
        # A language may say `it` where the other says the name again.
        counts = {language: Counter(set(count)) for language, count in counts.items()}
    shared = counts[next(iter(counts))].copy()
    for count in counts.values():
        shared &= count
    left = {language: count - shared for language, count in counts.items()}
    if not any(left.values()):
        return Finding(kind=plural, status="agree", values=of_kind)
    values = {language: _last(of_kind[language], rest) for language, rest in left.items()}
    lonely = not all(of_kind.values())
    return Finding(kind=plural, status="only_one_side" if lonely else "differ", values=values)


def _last(ones: Sequence[Found], rest: Counter[str]) -> list[Found]:
    """Return what is left over, in the order of the text; of equal ones the last."""
    left, found = rest.copy(), []
    for one in reversed(ones):
        if left[one.value] > 0:
            left[one.value] -= 1
            found.append(one)
    return found[::-1]


# --- names and terms -----------------------------------------------------------------------------


def _named(text: str, language: str, words: Words) -> list[Found]:
    found: list[Found] = []
    for kind, given in (("name", words.names), ("term", words.terms)):
        for code, _, start, end in _places(text, language, given, loose=kind == "term"):
            found.append(Found(kind, code, text[start:end], start))
    return found


def _places(
    text: str, language: str, given: Mapping[str, Mapping[str, str]], *, loose: bool = False
) -> list[tuple[str, str, int, int]]:
    """Return (code, word, start, end) of each occurrence; the longest word wins."""
    wanted = {
        narrow(said): code
        for code, words in given.items()
        if (said := _in(words, language)) is not None
    }
    if not wanted:
        return []
    edge = r"(?<![A-Za-z])", r"(?:s|es)?(?![A-Za-z])" if loose else r"(?![A-Za-z])"
    options = "|".join(re.escape(one) for one in sorted(wanted, key=len, reverse=True))
    pattern = re.compile(f"{edge[0]}(?P<word>{options}){edge[1]}", re.IGNORECASE if loose else 0)
    lower = {one.lower(): code for one, code in wanted.items()}
    return [
        (lower[match["word"].lower()], match["word"], match.start(), match.end())
        for match in pattern.finditer(narrow(text))
    ]


def _in(words: Mapping[str, str], language: str) -> str | None:
    """Return the word of a language: the very code, or the first of the same language."""
    if language in words:
        return words[language]
    base = language.partition("-")[0]
    return next((said for code, said in words.items() if code.partition("-")[0] == base), None)


_JOINED: Final = re.compile(r"\s*(?:,\s*(?:and\s+)?|and\s+|、|和|与|與|及|同|–|—|-)\s*(?:the\s+)?")


def _groups(
    text: str, language: str, names: Mapping[str, Mapping[str, str]]
) -> list[list[tuple[str, int, int]]]:
    """Return the occurrences of names, those listed together in one group."""
    flat = narrow(text)
    groups: list[list[tuple[str, int, int]]] = []
    for code, _, start, end in _places(text, language, names):
        last = groups[-1][-1] if groups else None
        if last is not None and _JOINED.fullmatch(flat[last[2] : start]):
            groups[-1].append((code, start, end))
        else:
            groups.append([(code, start, end)])
    return groups


def _order(texts: Mapping[str, str], names: Mapping[str, Mapping[str, str]]) -> Finding | None:
    """Return a finding where names follow each other otherwise, lists of parties apart.

    Grammar may put them in another order without another meaning: a person must look, and nothing
    is blocked.
    """
    orders = {
        language: [code for group in _groups(text, language, names) for code, _, _ in sorted(group)]
        for language, text in texts.items()
    }
    told = list(orders.values())
    same_names = all(Counter(one) == Counter(told[0]) for one in told)
    if not same_names or all(one == told[0] for one in told):
        return None
    values = {
        language: [
            Found("name", code, text[start:end], start)
            for code, _, start, end in _places(text, language, names)
        ]
        for language, text in texts.items()
    }
    return Finding(kind=ORDER, status="not_comparable", values=values)


def original_of(
    text: str, language: str, names: Mapping[str, Mapping[str, str]], first: str
) -> str:
    """Return the text of one side's original.

    Where parties are listed together, the side of code `first` comes first.
    """
    parts: list[str] = []
    at = 0
    for group in _groups(text, language, names):
        spans = [(_with_article(text, start), end) for _, start, end in group]
        said = [text[start:end] for start, end in spans]
        mine = next((n for n, (code, _, _) in enumerate(group) if code == first), 0)
        if mine:
            begins = re.search(r"(?:^|[.!?:])\s*$", text[: spans[0][0]]) is not None
            said = _begun_alike([said.pop(mine), *said], starts=begins)
        for (start, end), word in zip(spans, said, strict=True):
            parts += [text[at:start], word]
            at = end
    return "".join((*parts, text[at:]))


def _with_article(text: str, start: int) -> int:
    """Return where a name begins with the English article before it, if there is one."""
    before = re.search(r"(?<![A-Za-z])[Tt]he\s+$", text[:start])
    return start if before is None else before.start()


def _begun_alike(said: list[str], *, starts: bool) -> list[str]:
    """Return names in their new order, with a capital article where a sentence begins."""
    moved = [f"t{one[1:]}" if one.startswith("The ") else one for one in said]
    if starts:
        moved[0] = moved[0][0].upper() + moved[0][1:]
    return moved
