"""The graph of preconditions: only what stands and is declared, alike in words, rings named."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from parley.station import preconditions
from parley.station.preconditions import graph
from support.desk_talk import START, two


def declared(*edges):
    talk, line = two()
    cases = []
    for n, (who, node, waits_for, owner) in enumerate(edges):
        fields = {"node": node, "waits_for": waits_for, "owner_of_act": owner, "kind": "blocks"}
        other = "BRAVO/OPS" if who == "ALFA" else "ALFA/OPS"
        at = START + 60 * n
        cases.append(talk.say(line, f"{who}/OPS", at, "linkage.declare", fields, to=[other]))
    return talk, line, cases


def seen(talk, sees=lambda _: True):
    registers = talk.registers(START + 86_400)
    places = [case.place for case in registers.cases if case.procedure == "linkage"]
    index = SimpleNamespace(newest=lambda *_, **__: reversed(list(enumerate(places))))
    desk = SimpleNamespace(registers=lambda _: registers, index=lambda _: index)
    return graph(desk, as_of=None, sees=sees)


RING = (("BRAVO", "talks", "sanctions", "ALFA"), ("ALFA", "Sanctions", "talks ", "BRAVO"))


def test_a_ring_names_who_could_open_it_alone_and_the_newest_stands_first():
    talk, _, _ = declared(*RING)
    view = seen(talk)

    first, second = view.edges
    assert (first.party, second.party) == ("ALFA", "BRAVO")
    assert first.node_key == second.waits_key
    assert first.waits_key == second.node_key
    (cycle,) = view.cycles
    assert first.cycle == cycle.name
    assert list(cycle.unlocks) == ["ALFA", "BRAVO"]


def test_what_is_set_aside_is_no_edge_any_more():
    talk, line, cases = declared(*RING)
    talk.say(line, "ALFA/OPS", START + 600, "linkage.set_aside", case=cases[1])
    view = seen(talk)

    assert [edge.party for edge in view.edges] == ["BRAVO"]
    assert view.cycles == []


def test_a_channel_that_is_not_the_askers_to_read_is_not_shown(monkeypatch):
    talk, _, _ = declared(*RING)

    assert seen(talk, sees=lambda _: False).edges == []
    monkeypatch.setattr(preconditions, "EDGES_MAX", 1)
    cut = seen(talk)
    assert (len(cut.edges), cut.is_cut) == (1, True)
    with pytest.raises(AttributeError):
        cut.is_cut = False
