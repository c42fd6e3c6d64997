"""Who owes whom and how often was asked: counted from what is kept of cases, never from a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from parley.core.instants import Instant
from parley.desk.case_book import Brief, total
from parley.desk.deadlines import LAPSED
from parley.desk.registers import Registers
from parley.station.views import AskedCount, Balance, Owed

_ANSWERED: Final = ("answered", "answered late")


def balances(registers: Registers, codes: Sequence[str], *, own: str) -> list[Balance]:
    """Return who owes whom an answer to a request, for each peer by its code."""
    counts = {brief: n for brief, n in total(registers.books()).items() if _is_request(brief)}
    oldest = _oldest(registers)
    return [
        Balance(
            peer=code,
            they_owe=_owed(counts, oldest, debtor=code, creditor=own),
            we_owe=_owed(counts, oldest, debtor=own, creditor=code),
        )
        for code in codes
    ]


def asked_counts(registers: Registers, procedure: str, *, own: str) -> list[AskedCount]:
    """Return for each direction how often was asked and what became of it, ours first."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for brief, n in total(registers.books()).items():
        if brief.procedure == procedure:
            for asked in brief.asked:
                found.setdefault((brief.opener, asked), Counter())[brief.clock] += n
    return [
        AskedCount(
            asker=asker,
            asked=asked,
            n=states.total(),
            answered=_sum(states, _ANSWERED),
            lapsed=_sum(states, LAPSED),
            proved=states["lapsed silent"],
            open=states.total() - _sum(states, _ANSWERED) - _sum(states, LAPSED),
        )
        for (asker, asked), states in sorted(found.items(), key=lambda one: (one[0][0] != own, one))
    ]


def _sum(states: Counter[str], names: Iterable[str]) -> int:
    return sum(states[name] for name in names)


def _is_request(brief: Brief) -> bool:
    return brief.procedure == "request"


def _oldest(registers: Registers) -> dict[tuple[str, str], Instant]:
    """Return when the oldest open request was made, by who owes the answer and to whom."""
    found: dict[tuple[str, str], Instant] = {}
    for book in registers.books():
        for brief in book.counts:
            at = book.oldest(brief)
            if at is not None and brief.debtor is not None and _is_request(brief):
                key = brief.debtor, _creditor(brief)
                found[key] = min(Instant(at), found.get(key, Instant(at)))
    return found


def _creditor(brief: Brief) -> str:
    return brief.opener if brief.owes != brief.opener else brief.asked[0]


def _owed(
    counts: Mapping[Brief, int],
    oldest: Mapping[tuple[str, str], Instant],
    *,
    debtor: str,
    creditor: str,
) -> Owed:
    mine = [
        (brief, n)
        for brief, n in counts.items()
        if brief.owes == debtor and brief.asked and _creditor(brief) == creditor
    ]
    running = [(brief, n) for brief, n in mine if brief.clock == "running"]
    lapsed = [(brief, n) for brief, n in mine if brief.clock in LAPSED]
    return Owed(
        owed=sum(n for brief, n in running if brief.owed),
        asked=sum(n for brief, n in running if not brief.owed),
        lapsed=sum(n for _, n in lapsed),
        proved=sum(n for brief, n in lapsed if brief.clock == "lapsed silent"),
        dark=sum(n for brief, n in lapsed if brief.clock == "lapsed dark"),
        late=sum(n for brief, n in mine if brief.clock == "answered late"),
        oldest_at=oldest.get((debtor, creditor)),
    )
