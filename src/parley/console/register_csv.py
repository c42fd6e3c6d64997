"""A register as a table for a spreadsheet: CSV as of RFC 4180, in UTF-8 with a byte order mark.

A peer's words may begin like a formula; no spreadsheet carries it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from parley.console.labels import Labels
from parley.console.language import Language
from parley.console.moments import iso
from parley.console.words import word
from parley.station.table_cells import table

ROWS_MAX: Final = 10_000
"""Rows of one table; the record itself goes out as a bundle."""


def register_csv(rows: Iterable[Any], language: Language, labels: Labels) -> bytes:
    """Return the table of cases, with words in the reader's language and times in RFC 3339."""
    columns = _columns(language, labels)
    cells = ([value(row) or "" for _, value in columns] for row in rows)
    return table([name for name, _ in columns], cells).encode("utf-8-sig")


def _columns(
    language: Language, labels: Labels
) -> Sequence[tuple[str, Callable[[Any], str | None]]]:
    def reason(row: Any) -> str:
        return language.pick(labels.choice(row.procedure, "reason", row.reason or ""))

    return (
        (language.say("number"), lambda row: row.number),
        (language.say("channel"), lambda row: row.channel),
        (language.say("marking"), lambda row: word(language, "mark", row.mark.upper())),
        (language.say("precedence"), lambda row: row.precedence),
        (language.say("from"), lambda row: row.opener),
        (language.say("to"), lambda row: " ".join(row.addressees)),
        (language.say("subject"), lambda row: language.pick(row.subject)),
        (
            language.say("state"),
            lambda row: language.pick(labels.state(row.procedure, row.state)),
        ),
        (language.say("reason"), reason),
        (language.say("asked"), lambda row: iso(row.opened.at)),
        (language.say("delivered"), lambda row: iso(row.delivered_at)),
        (language.say("acknowledged"), lambda row: iso(row.acknowledged_at)),
        (language.say("answered"), lambda row: iso(row.answered_at)),
        (language.say("due"), lambda row: iso(row.due_at)),
        (language.say("set by"), lambda row: word(language, "due", row.due_rule)),
        (language.say("state of the clock"), lambda row: word(language, "clock", row.clock)),
        (language.say("owed by"), lambda row: row.owed_by),
        (language.say("entry"), lambda row: row.opened.entry),
    )
