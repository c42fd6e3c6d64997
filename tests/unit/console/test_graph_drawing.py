"""The drawing of preconditions: every line is drawn, rings run back, words stay in their box."""

from __future__ import annotations

from parley.console.graph_drawing import BOX_WIDTH, LINE_WIDE, drawn_graph
from parley.station.preconditions import EdgeView, GraphView


def edge(number, node, waits_for, party="ALFA", cycle=""):
    return EdgeView(
        case=f"LNK-{party}-{number}",
        channel="OPS",
        party=party,
        node=node,
        waits_for=waits_for,
        node_key=node,
        waits_key=waits_for,
        actor="BRAVO",
        kind="blocks",
        state="declared",
        cycle=cycle,
    )


def drawn(*edges):
    return drawn_graph(GraphView(edges=edges, cycles=[], is_cut=False), "ALFA")


def test_what_waits_stands_left_of_what_it_waits_for():
    graph = drawn(edge(1, "talks", "visit"), edge(2, "visit", "letter"), edge(3, "talks", "letter"))
    at = {box.lines[0]: box.x for box in graph.boxes}

    assert at["talks"] < at["visit"] < at["letter"]
    assert len(graph.arrows) == 3
    assert graph.width > max(at.values()) + BOX_WIDTH


def test_a_ring_is_drawn_whole_and_what_waits_for_itself_too():
    graph = drawn(
        edge(1, "a", "b", cycle="CYC-1"),
        edge(2, "b", "a", party="BRAVO", cycle="CYC-1"),
        edge(3, "c", "c"),
    )

    assert len(graph.arrows) == 3
    assert len({(box.x, box.y) for box in graph.boxes}) == 3
    assert [box.is_in_ring for box in graph.boxes] == [True, True, False]
    assert dict(graph.parties) == {"ALFA": "a", "BRAVO": "b"}


def test_a_ring_further_on_does_not_turn_the_way_to_it_round():
    graph = drawn(
        edge(1, "talks", "ship"),
        edge(2, "ship", "talks"),
        edge(3, "exercise", "talks"),
        edge(4, "dates", "exercise"),
    )
    at = {box.lines[0]: box.x for box in graph.boxes}

    assert at["dates"] < at["exercise"] < at["talks"] < at["ship"]


def test_two_declarations_of_the_same_are_two_lines():
    one, two = drawn(edge(1, "a", "b"), edge(2, "a", "b", party="BRAVO")).arrows

    assert one.path != two.path
    assert one.label != two.label


def test_words_stay_in_their_box_in_both_languages():
    long = "Access of the repair ship to the southern harbour before the winter"
    for words in (long, "在冬季之前允许维修船进入南部港口并停靠至维修工作全部完成为止方可"):
        (box, _) = drawn(edge(1, words, "x")).boxes
        assert len(box.lines) == 2
        assert box.lines[1].endswith("…") or not words.isascii()
        assert all(len(line) <= LINE_WIDE for line in box.lines)
