"""The audit page by page: narrowed, whole, and every broken link of its chain found."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from types import SimpleNamespace

import pytest

from parley.errors import NotAllowedError
from parley.station import cabinet
from parley.station.actors import Actor
from parley.station.cabinet import Act, Cabinet

WATCH = Actor(officer="ALFA-1", roles=frozenset({"watch"}), via="console")
DESK = Actor(officer="ALFA-2", roles=frozenset({"desk"}), via="console")


class Papers:
    """A station that has papers and a clock, and nothing else."""

    def __init__(self):
        self.kept = {}
        self.reader = SimpleNamespace(
            paper=lambda collection, key: self.kept.get((collection, key)),
            papers=lambda collection: [
                (key, raw) for (kind, key), raw in sorted(self.kept.items()) if kind == collection
            ],
        )

    def now(self):
        return 1_795_469_047

    async def store_papers(self, papers):
        self.kept |= {(collection, key): value for collection, key, value in papers}


@pytest.fixture
def station():
    return Papers()


@pytest.fixture
def audit(station):
    made = Cabinet(station)

    async def write():
        for number in range(9):
            actor = WATCH if number % 3 else DESK
            await made.store([], Act(actor=actor, act="claim alarm", subject=f"A-{number}"))
        with pytest.raises(NotAllowedError):
            async with made.attempt(DESK, "release", "D-1"):
                raise NotAllowedError("no releaser")

    asyncio.run(write())
    return made


def pages(audit, limit, **narrowed):
    wanted = {"officer": "", "act": "", "refused": False} | narrowed
    before, numbers = None, []
    while True:
        page = audit.audit_back(before=before, limit=limit, **wanted)
        numbers.append([row.number for row in page.items])
        if page.next_cursor is None:
            return numbers
        before = int(page.next_cursor)


def test_pages_hold_every_row_once_newest_first(audit):
    assert pages(audit, 4) == [[10, 9, 8, 7], [6, 5, 4, 3], [2, 1]]
    assert pages(audit, 5) == [[10, 9, 8, 7, 6], [5, 4, 3, 2, 1]]


@pytest.mark.parametrize(
    ("narrowed", "numbers"),
    [
        ({"officer": "ALFA-2"}, [10, 7, 4, 1]),
        ({"refused": True}, [10]),
        ({"act": "A-3"}, [4]),
        ({"act": "claim", "officer": "ALFA-2"}, [7, 4, 1]),
        ({"officer": "NOBODY"}, []),
    ],
)
def test_what_does_not_fit_is_left_out(audit, narrowed, numbers):
    assert pages(audit, 50, **narrowed) == [numbers]


def test_a_page_that_few_rows_fit_ends_early_and_goes_on(audit, monkeypatch):
    monkeypatch.setattr(cabinet, "AUDIT_SCAN", 4)

    assert pages(audit, 50, officer="ALFA-2") == [[10, 7], [4], [1]]


def test_the_lines_are_what_the_chain_is_made_of(audit):
    previous = "0" * 64
    for line in audit.audit_lines():
        row = json.loads(line)
        said = row.pop("hash")
        assert row["previous"] == previous
        bare = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
        assert sha256(bare).hexdigest() == said
        previous = said
    assert audit.check_audit() is None


def test_a_changed_row_is_found(audit, station):
    key = ("audit", f"{4:012d}")
    station.kept[key] = station.kept[key].replace(b"ALFA-2", b"ALFA-9")

    assert audit.check_audit() == 4
