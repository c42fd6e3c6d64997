"""The fake gateway has the shapes of the real one, so that pages tested on it fit."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass

import pytest

from parley.station import desk_views, tool_views, views
from parley.station.case_lists import CaseQuery
from support.fake_gateway import FakeGateway

GATEWAY = FakeGateway()
SHAPES = {
    "station": (GATEWAY.station(), views.StationView),
    "overview": (GATEWAY.overview(), views.Overview),
    "inbox": (GATEWAY.inbox().items, Sequence[views.InboxRow]),
    "received": (GATEWAY.entry("OPS/BRAVO/33"), views.EntryView),
    "released": (GATEWAY.entry("OPS/ALFA/41"), views.EntryView),
    "proof": (GATEWAY.proof("OPS/BRAVO/33"), views.ProofView),
    "requests": (GATEWAY.register(CaseQuery(procedure="request")).items, Sequence[views.CaseRow]),
    "asked": (GATEWAY.asked_counts("request"), Sequence[views.AskedCount]),
    "calendar": (GATEWAY.calendar().items, Sequence[tool_views.DueRow]),
    "case": (GATEWAY.case("REQ-ALFA-40"), views.CaseView),
    "procedures": (GATEWAY.procedures(), Sequence[views.ProcedureView]),
    "channels": (GATEWAY.channels(), Sequence[views.ChannelView]),
    "links": (GATEWAY.links(), Sequence[views.LinkView]),
    "check": (GATEWAY.check_log("OPS", "BRAVO"), views.LogCheck),
    "drafts": (GATEWAY.drafts(), Sequence[desk_views.DraftView]),
    "preview": (GATEWAY.preview("D-0412"), desk_views.Preview),
    "alarms": (GATEWAY.alarms(), Sequence[desk_views.AlarmView]),
    "peers": (GATEWAY.peers(), Sequence[desk_views.PeerView]),
    "card": (GATEWAY.own_card(), desk_views.CardView),
    "officers": (GATEWAY.officers(), Sequence[desk_views.OfficerView]),
    "audit": (GATEWAY.audit().items, Sequence[desk_views.AuditRow]),
    "health": (GATEWAY.health(), Sequence[desk_views.HealthCheck]),
    "settings": (GATEWAY.settings(), Sequence[desk_views.SettingView]),
}


def misfits(shape, wanted, where):
    """Return where a shape lacks what the view has, or has what it lacks."""
    while typing.get_origin(wanted) is typing.Annotated:
        wanted = typing.get_args(wanted)[0]
    wanted = getattr(wanted, "__supertype__", wanted)
    origin = typing.get_origin(wanted)
    if wanted is typing.Any:
        return []
    if origin in (typing.Union, types.UnionType):
        inner = [each for each in typing.get_args(wanted) if each is not type(None)]
        return [] if shape is None else misfits(shape, inner[0], where)
    if origin is Sequence:
        (inner,) = typing.get_args(wanted)
        return [wrong for each in shape for wrong in misfits(each, inner, f"{where}[]")]
    if not is_dataclass(wanted):
        kind = Mapping if origin is Mapping else (int, float) if wanted is float else wanted
        return [] if isinstance(shape, kind) else [f"{where} is {shape!r}, not {wanted}"]
    hints = typing.get_type_hints(wanted, include_extras=True)
    have, want = set(vars(shape)), {each.name for each in fields(wanted)}
    also = {name for name in have if isinstance(getattr(wanted, name, None), property)}
    wrong = [f"{where}.{name} is not in the view" for name in sorted(have - want - also)]
    wrong += [f"{where}.{name} is missing" for name in sorted(want - have)]
    for name in sorted(have & want):
        wrong += misfits(getattr(shape, name), hints[name], f"{where}.{name}")
    return wrong


@pytest.mark.parametrize("name", SHAPES)
def test_the_fake_shows_what_the_gateway_shows(name):
    shape, wanted = SHAPES[name]

    assert sorted(set(misfits(shape, wanted, name))) == []
