"""Checks that several procedures share; each returns what is wrong with a move, or None."""

from __future__ import annotations

from parley.core import texts as core_texts
from parley.core.instants import rfc3339
from parley.desk.problems import Problem, problem
from parley.desk.procedure import Check, Draft
from parley.desk.times import DAY, pairs_of, span_of
from parley.errors import MalformedError


def text_at_most(most: int) -> Check:
    """Return the check that no text of the move is longer than `most` characters."""

    def check(draft: Draft) -> Problem | None:
        rows = draft.values.get("text")
        for row in rows if isinstance(rows, list | tuple) else ():
            if not isinstance(row, list | tuple) or len(row) != 3:
                continue
            try:
                found = len(core_texts.unpack_text(row[2]))
            except MalformedError:
                continue
            if found > most:
                unit = ("characters", "字")
                return problem("text", "too_long", found=found, unit=unit, most=most)
        return None

    return check


def one_needed(*fields: str) -> Check:
    """Return the check that the move carries at least one of these fields."""

    def check(draft: Draft) -> Problem | None:
        if any(name in draft.values for name in fields):
            return None
        return problem("", "one_of", fields=", ".join(fields))

    return check


def lies_ahead(field: str, *, days: int | None = None) -> Check:
    """Return the check that a time lies ahead, and no further than `days` where that is given."""

    def check(draft: Draft) -> Problem | None:
        span = span_of(draft.values.get(field))
        if span is None:
            return None
        if span[1] <= draft.at:
            return problem(
                field, "wrong_order", later=("the date", "日期"), earlier=("now", "此刻")
            )
        if days is not None and span[0] > draft.at + days * DAY:
            return problem(field, "too_far_ahead", found=rfc3339(span[0]), most=days)
        return None

    return check


def windows_ahead(field: str) -> Check:
    """Return the check that no window offered is over already."""

    def check(draft: Draft) -> Problem | None:
        for place, (_, end) in enumerate(pairs_of(draft.values.get(field)) or []):
            if end <= draft.at:
                return problem(f"{field}[{place}]", "in_the_past", found=rfc3339(end))
        return None

    return check


def ends_after(began: str, ended: str) -> Check:
    """Return the check that what ended did not end before it began."""

    def check(draft: Draft) -> Problem | None:
        first, last = span_of(draft.values.get(began)), span_of(draft.values.get(ended))
        if first is None or last is None or last[1] > first[0]:
            return None
        words = {"later": ("the end", "结束"), "earlier": ("the beginning", "开始")}
        return problem(ended, "wrong_order", **words)

    return check
