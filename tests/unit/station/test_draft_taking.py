"""One officer writes a draft at a time; another takes it over with a reason, and both can see it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from parley.errors import (
    ConflictError,
    DraftOfAnotherError,
    NotAllowedError,
    StaleVersionError,
    UsageError,
)
from parley.station.actors import Actor
from parley.station.cabinet import Cabinet
from parley.station.desk_views import DraftRequest, DraftText
from parley.station.draft_writing import DraftDesk
from parley.station.once import Once

ONE, TWO, THREE = (
    Actor(officer=f"ALFA-{number}", roles=frozenset({"desk"}), via="console")
    for number in (1, 2, 3)
)
READER = Actor(officer="ALFA-9", roles=frozenset({"auditor"}), via="console")


class Station:
    """Papers and a clock; what is stored can be read only a while after it was handed over."""

    def __init__(self):
        self.kept, self.time = {}, 1_000_000
        self.reader = SimpleNamespace(
            paper=lambda collection, key: self.kept.get((collection, key)),
            papers=lambda collection: sorted(
                (key, raw) for (name, key), raw in self.kept.items() if name == collection
            ),
        )

    def now(self):
        return self.time

    async def store_papers(self, papers):
        await asyncio.sleep(0.001)
        self.kept |= {(collection, key): value for collection, key, value in papers}
        self.time += 60


def asks(text):
    return DraftRequest(
        channel="OPS", procedure="message", move="send", texts=(DraftText(lang="en", text=text),)
    )


@pytest.fixture
def desk():
    station = Station()
    cabinet = Cabinet(station)
    drafting = SimpleNamespace(
        released=None,
        salted=lambda request: request,
        mark=lambda request: "LIVE",
        is_exercise_over=lambda request: False,
        marked=lambda request, begun=None: request,
        move=lambda request: None,
        build=lambda request: SimpleNamespace(digest="ab" * 32, raw=b"raw"),
    )
    made = DraftDesk(
        station,
        cabinet,
        trust=None,
        record=SimpleNamespace(channel=lambda code: None),
        drafting=drafting,
        once=Once(station, cabinet),
    )
    made.cabinet = cabinet
    return made


def do(work):
    return asyncio.run(work)


def begun(desk, text="First words."):
    return do(desk.create(ONE, asks(text), key=None))


def text_of(view):
    return view.texts[0].text


def test_only_whoever_writes_it_changes_it(desk):
    draft = begun(desk)
    for act in (
        desk.change(TWO, draft.id, asks("Other words."), version=1),
        desk.review(TWO, draft.id, version=1),
        desk.drop(TWO, draft.id, version=1),
    ):
        with pytest.raises(DraftOfAnotherError, match="ALFA-1 writes") as refused:
            do(act)
        assert refused.value.writer == "ALFA-1"
    assert text_of(desk.get(draft.id)) == "First words."


def test_it_is_taken_over_with_a_reason_that_all_can_read(desk):
    draft = begun(desk)
    taken = do(desk.take_over(TWO, draft.id, reason=" Off watch. ", seen="ALFA-1"))

    assert (taken.author, taken.writer, taken.taken_from) == ("ALFA-1", "ALFA-2", "ALFA-1")
    assert (taken.taken_why, text_of(taken)) == ("Off watch.", "First words.")
    assert taken.taken_at == desk.cabinet.audit(after=0, limit=9).items[-1].at
    row = desk.cabinet.audit(after=0, limit=9).items[-1]
    assert (row.officer, row.act, row.subject, row.detail) == (
        "ALFA-2", "take draft over", draft.id, "from ALFA-1",
    )  # fmt: skip
    with pytest.raises(DraftOfAnotherError):
        do(desk.change(ONE, draft.id, asks("More of mine."), version=1))
    changed = do(desk.change(TWO, draft.id, asks("Mine now."), version=taken.version))
    assert changed.edited_by == ["ALFA-1", "ALFA-2"]
    back = do(desk.take_over(ONE, draft.id, reason="Back again.", seen="ALFA-2"))
    assert (back.writer, text_of(back)) == ("ALFA-1", "Mine now.")


@pytest.mark.parametrize(
    ("actor", "reason", "seen", "error"),
    [
        (TWO, "  ", "ALFA-1", UsageError),
        (TWO, "why", "ALFA-3", ConflictError),
        (ONE, "why", "ALFA-1", ConflictError),
        (READER, "why", "ALFA-1", NotAllowedError),
    ],
)
def test_it_is_not_taken_without_right_or_reason_or_from_whom_nobody_saw(
    desk, actor, reason, seen, error
):
    draft = begun(desk)
    with pytest.raises(error):
        do(desk.take_over(actor, draft.id, reason=reason, seen=seen))
    assert desk.get(draft.id).writer == "ALFA-1"


def test_what_was_dropped_is_not_taken(desk):
    draft = begun(desk)
    do(desk.drop(ONE, draft.id, version=1))
    with pytest.raises(ConflictError, match="dropped"):
        do(desk.take_over(TWO, draft.id, reason="why", seen="ALFA-1"))


def test_of_two_who_take_it_at_once_one_has_it(desk):
    draft = begun(desk)

    async def both():
        return await asyncio.gather(
            desk.take_over(TWO, draft.id, reason="why", seen="ALFA-1"),
            desk.take_over(THREE, draft.id, reason="why", seen="ALFA-1"),
            return_exceptions=True,
        )

    first, second = do(both())
    assert first.writer == "ALFA-2"
    assert isinstance(second, ConflictError)
    assert desk.get(draft.id).writer == "ALFA-2"


def test_of_two_screens_that_save_one_version_at_once_one_is_told(desk):
    draft = begun(desk)

    async def both():
        return await asyncio.gather(
            desk.change(ONE, draft.id, asks("From the left."), version=1),
            desk.change(ONE, draft.id, asks("From the right."), version=1),
            return_exceptions=True,
        )

    first, second = do(both())
    assert text_of(first) == text_of(desk.get(draft.id)) == "From the left."
    assert isinstance(second, StaleVersionError)


def test_a_draft_of_before_is_written_by_whoever_began_it(desk):
    draft = begun(desk)
    paper = desk.cabinet.get("drafts", draft.id)
    del paper["writer"]

    assert desk._view(draft.id, paper).writer == "ALFA-1"
