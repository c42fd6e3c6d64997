"""Search: words, and terms such as `from:` and `after:`, over everything that was said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from parley.core.instants import Instant, parse_instant
from parley.errors import UsageError
from parley.station.haystack import fold
from parley.station.views import EntryRow, Page

TERMS: Final = (
    "from",
    "to",
    "channel",
    "procedure",
    "precedence",
    "case",
    "state",
    "after",
    "before",
    "lang",
)
WORDS_MAX: Final = 20
QUERY_MAX: Final = 500
PAGE_ROWS: Final = 200
LOOKED_AT_MAX: Final = 20_000
"""Rows that are built for one search: of a record of any size the newest that can fit."""

_DAY_LETTERS: Final = len("2026-11-24")


def words_of(query: str) -> list[str]:
    """Return the words of a query, folded, without its terms."""
    return [
        fold(part)
        for part in query.split()
        if not (":" in part and part.partition(":")[0] in TERMS)
    ]


def find_entries(
    entries: Callable[..., Page[EntryRow]],
    holding: Callable[[Sequence[str], int | None], Iterator[int]],
    query: str,
    *,
    line_of: Callable[[EntryRow], str],
    state_of: Callable[[EntryRow], str],
    limit: int,
    before: int | None = None,
) -> Page[EntryRow]:
    """Return entries that hold every word and fit every term of a query, newest first.

    Args:
        entries: lists entries by condition, see `Gateway.entries`.
        holding: yields running numbers of entries that may hold some folded words, below a number.
        line_of: returns everything an entry can be found by.
        state_of: returns the state in which an entry's case is now; empty where it has none.
        query: words, and terms `from: to: channel: procedure: precedence: case: state: after:
            before: lang:`; a state of several words is written with hyphens.
        limit: most rows.
        before: only what was stored before this number; the cursor of the page before.

    Raises:
        UsageError: the query is empty, too long, or holds an unknown term.
    """
    if len(query) > QUERY_MAX:
        raise UsageError(f"a search has at most {QUERY_MAX} characters")
    words, terms = _parse(query)
    conditions: dict[str, Any] = {
        name: terms[name]
        for name in ("channel", "procedure", "precedence", "case")
        if name in terms
    }
    if "from" in terms:
        conditions["party"] = terms["from"]
    after = _moment(terms["after"]) if "after" in terms else None
    until = _moment(terms["before"]) if "before" in terms else None

    def fits(row: EntryRow) -> bool:
        received = row.times.received_at
        if (after is not None and received < after) or (until is not None and received >= until):
            return False
        if "to" in terms and not any(
            office.partition("/")[0] == terms["to"] for office in (*row.action, *row.info)
        ):
            return False
        if "lang" in terms and terms["lang"] not in {text.lang for text in row.texts}:
            return False
        if "state" in terms and state_of(row).replace(" ", "-") != terms["state"]:
            return False
        held = fold(line_of(row)) if words else ""
        return all(word in held for word in words)

    rows: list[EntryRow] = []
    among = holding(words, before) if words else None
    place = before
    looked, size = 0, min(limit, PAGE_ROWS) if words else PAGE_ROWS
    while looked < LOOKED_AT_MAX:
        page = entries(
            newest_first=True, before_sequence=place, limit=size, among=among, **conditions
        )
        for row in page.items:
            if fits(row):
                rows.append(row)
                if len(rows) == limit:
                    return Page(items=rows, next_cursor=str(row.sequence))
        if page.next_cursor is None:
            return Page(items=rows)
        place = int(page.next_cursor)
        looked += len(page.items)
        if len(page.items) < size:
            break
    return Page(items=rows, next_cursor=str(place))


def _moment(text: str) -> Instant:
    """Return the instant of a term: a day in UTC begins it; a date-time group has hyphens here."""
    with suppress(UsageError):
        return parse_instant(f"{text}T00:00:00Z" if len(text) == _DAY_LETTERS else text)
    with suppress(UsageError):
        return parse_instant(text.replace("-", " "))
    raise UsageError(
        f"{text!r} is neither a day nor a time with a zone",
        next_step="Write after:2026-11-24, after:2026-11-24T05:12:00Z or after:240512Z-NOV-26.",
    )


def _parse(query: str) -> tuple[list[str], dict[str, str]]:
    words: list[str] = []
    terms: dict[str, str] = {}
    for part in query.split():
        name, colon, value = part.partition(":")
        if colon and name in TERMS:
            if not value:
                raise UsageError(f"search term {name}: has no value")
            terms[name] = value
        else:
            words.append(fold(part))
    if not words and not terms:
        raise UsageError("nothing to search for", next_step=f"Words, or {': '.join(TERMS)}:.")
    if len(words) > WORDS_MAX:
        raise UsageError(f"a search has at most {WORDS_MAX} words")
    return words, terms
