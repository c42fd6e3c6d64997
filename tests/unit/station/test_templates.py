"""Templates: kept, reviewed by another, used; and what an officer of the watch may write at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest

from parley.errors import (
    ConflictError,
    NotAllowedError,
    NotFoundError,
    OwnDraftError,
    StaleVersionError,
    UsageError,
)
from parley.station.actors import Actor
from parley.station.cabinet import Cabinet
from parley.station.desk_views import DraftRequest, DraftText
from parley.station.draft_writing import DraftDesk
from parley.station.drafting import Drafting
from parley.station.once import Once
from parley.station.template_views import TemplateRequest
from parley.station.templates import Templates
from unit.station.test_draft_taking import Station


def officer(code, *roles):
    return Actor(officer=code, roles=frozenset(roles), via="console")


WATCH = officer("ALFA-W1", "watch")
DESK = officer("ALFA-2", "desk")
RELEASER = officer("ALFA-3", "releaser", "desk")
AUDITOR = officer("ALFA-9", "auditor")
MACHINE = Actor(
    officer="token:feed", roles=frozenset(), via="token", scopes=frozenset({"drafts:write"})
)
NIGHT = TemplateRequest(
    names={"en": "Exercise at night", "zh": "夜间演习"},
    procedure="message",
    precedence="P",
    action=["BRAVO"],
    fields={"subject": "Night"},
    texts=[DraftText(lang="en", text="An exercise is held."), DraftText(lang="zh", text="演习。")],
)
WITHDRAW = TemplateRequest(names={"en": "Withdraw"}, procedure="request", move="withdraw")


def do(work):
    return asyncio.run(work)


@pytest.fixture
def here():
    station = Station()
    cabinet = Cabinet(station)
    drafting = SimpleNamespace(
        released=None,
        salted=lambda request: request,
        mark=lambda request: "LIVE",
        marked=lambda request, *, begun=None: request,
        move=lambda request: Drafting.move(None, request),
        is_exercise_over=lambda request: False,
        build=lambda request: SimpleNamespace(digest="ab" * 32, raw=b"raw"),
    )
    drafts = DraftDesk(
        station,
        cabinet,
        trust=None,
        record=SimpleNamespace(channel=lambda code: None),
        drafting=drafting,
        once=Once(station, cabinet),
    )
    templates = Templates(cabinet, drafting, two_persons=True, now=station.now)
    return SimpleNamespace(templates=templates, drafts=drafts, cabinet=cabinet)


def reviewed(here, wanted=NIGHT, code="night"):
    view = do(here.templates.put(DESK, code, wanted, version=None))
    return do(here.templates.review(RELEASER, code, version=view.version))


def test_a_template_is_used_only_as_somebody_else_reviewed_it(here):
    made = do(here.templates.put(RELEASER, "night", NIGHT, version=None))
    assert (made.version, made.reviewed_by, made.move) == (1, None, "send")
    with pytest.raises(ConflictError, match="waits for a reviewer"):
        here.templates.request("night", channel="OPS", case=None)
    with pytest.raises(OwnDraftError):
        do(here.templates.review(RELEASER, "night", version=1))

    changed = do(here.templates.put(DESK, "night", NIGHT, version=1))
    with pytest.raises(StaleVersionError):
        do(here.templates.review(RELEASER, "night", version=1))
    assert do(here.templates.review(RELEASER, "night", version=2)).reviewed_by == "ALFA-3"
    request = here.templates.request("night", channel="OPS", case=None)
    assert (request.channel, request.precedence, request.action) == ("OPS", "P", ("BRAVO",))
    assert (request.texts, request.fields) == (tuple(NIGHT.texts), {"subject": "Night"})

    do(here.templates.put(DESK, "night", NIGHT, version=changed.version))
    with pytest.raises(ConflictError):
        here.templates.request("night", channel="OPS", case=None)


def test_where_one_person_may_release_alone_a_releaser_reviews_alone_too(here):
    alone = Templates(here.cabinet, here.drafts._drafting, two_persons=False, now=lambda: 5)
    do(alone.put(RELEASER, "night", NIGHT, version=None))
    assert do(alone.review(RELEASER, "night", version=1)).reviewed_by == "ALFA-3"


@pytest.mark.parametrize("who", [WATCH, AUDITOR])
def test_neither_watch_nor_auditor_keeps_templates(here, who):
    reviewed(here)
    for act in (
        here.templates.put(who, "other", NIGHT, version=None),
        here.templates.review(who, "night", version=1),
        here.templates.drop(who, "night"),
    ):
        with pytest.raises(NotAllowedError):
            do(act)
    assert [view.code for view in here.templates.all()] == ["night"]


def test_a_program_may_write_a_template_and_never_review_one(here):
    do(here.templates.put(MACHINE, "night", NIGHT, version=None))
    with pytest.raises(NotAllowedError, match="person"):
        do(here.templates.review(MACHINE, "night", version=1))


@pytest.mark.parametrize(
    ("code", "change", "why"),
    [
        ("Night", {}, "a code is"),
        ("night", {"names": {}}, "names in 1"),
        ("night", {"names": {"en": "a\u202eb"}}, "mislead"),
        ("night", {"names": {"EN": "Night"}}, "no language"),
        ("night", {"precedence": "ZO"}, "no precedence"),
        ("night", {"fields": {"depth": 3}}, "no field 'depth'"),
        ("night", {"texts": [DraftText(lang="en", text="x" * 200_001)]}, "too large"),
    ],
)
def test_what_is_no_template_is_refused_and_nothing_is_kept(here, code, change, why):
    with pytest.raises(UsageError, match=why):
        do(here.templates.put(DESK, code, replace(NIGHT, **change), version=None))
    assert here.templates.all() == []


def test_case_and_files_stay_out_of_a_template(here):
    fields = {"attach": [{"digest": "ab"}], "refs": ["OPS/BRAVO/1"], "subject": "Night"}
    view = do(here.templates.put(DESK, "night", replace(NIGHT, fields=fields), version=None))
    assert view.fields == {"subject": "Night"}


def test_a_template_for_one_channel_or_one_case_is_used_only_there(here):
    reviewed(here, replace(NIGHT, channel="OPS"))
    with pytest.raises(UsageError, match="OPS only"):
        here.templates.request("night", channel="LAW", case=None)
    reviewed(here, WITHDRAW, "withdraw")
    with pytest.raises(UsageError, match="move in a case"):
        here.templates.request("withdraw", channel="OPS", case=None)
    assert here.templates.request("withdraw", channel="OPS", case="REQ-1").case == "REQ-1"
    with pytest.raises(NotFoundError):
        here.templates.request("other", channel="OPS", case=None)


def asks(**more):
    text = DraftText(lang="en", text="Words.")
    return DraftRequest(channel="OPS", move="send", texts=(text,), **more)


def test_the_watch_writes_from_templates_what_is_urgent_and_emergencies(here):
    reviewed(here)
    with pytest.raises(NotAllowedError, match="writes from templates"):
        do(here.drafts.create(WATCH, asks(), key=None))
    for letter in ("Z", "O"):
        do(here.drafts.create(WATCH, asks(precedence=letter), key=None))
    emergency = DraftRequest(channel="OPS", procedure="emergency", move="raise")
    do(here.drafts.create(WATCH, emergency, key=None))
    do(here.drafts.create(DESK, asks(), key=None))
    do(here.drafts.create(MACHINE, asks(), key=None))

    request = here.templates.request("night", channel="OPS", case=None)
    begun = do(here.drafts.create(WATCH, request, key=None))
    assert begun.template == "night"
    kept = do(here.drafts.change(WATCH, begun.id, asks(), version=1))
    assert (kept.template, kept.precedence) == ("night", "R")


def test_nobody_takes_the_name_of_a_template_for_another_act(here):
    reviewed(here)
    begun = do(
        here.drafts.create(
            WATCH, here.templates.request("night", channel="OPS", case=None), key=None
        )
    )
    other = DraftRequest(channel="OPS", procedure="request", move="open", template="night")
    with pytest.raises(NotAllowedError):
        do(here.drafts.change(WATCH, begun.id, other, version=1))
    flash = do(here.drafts.create(WATCH, asks(precedence="Z"), key=None))
    with pytest.raises(NotAllowedError):
        do(here.drafts.change(WATCH, flash.id, asks(template="night"), version=1))


def test_the_watch_takes_over_only_what_it_may_write(here):
    routine = do(here.drafts.create(DESK, asks(), key=None))
    with pytest.raises(NotAllowedError):
        do(here.drafts.take_over(WATCH, routine.id, reason="I see.", seen="ALFA-2"))
    urgent = do(here.drafts.create(DESK, asks(precedence="O"), key=None))
    taken = do(here.drafts.take_over(WATCH, urgent.id, reason="I see.", seen="ALFA-2"))
    assert taken.writer == "ALFA-W1"
