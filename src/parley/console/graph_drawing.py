"""A graph of preconditions as its template writes it: boxes in layers, a line each declaration.

An edge leads from what is held back to what it waits for. What closes a ring runs back below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from unicodedata import east_asian_width

BOX_WIDTH: Final = 230
BOX_HEIGHT: Final = 62
LAYER: Final = 320
ROW: Final = 116
EDGE: Final = 24
LINE_WIDE: Final = 25
"""Latin letters in one line of a box; a Chinese character is as wide as two."""
SIDES: Final = ("a", "b", "c", "d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One matter: its upper left corner, its words in at most two lines."""

    x: float
    y: float
    lines: Sequence[str]
    is_in_ring: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """One precondition: its line, the head of it, and where its number stands."""

    number: int
    edge: Any
    side: str
    path: str
    head: str
    label: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnGraph:
    """A whole graph and its size."""

    width: float
    height: float
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]
    parties: Sequence[tuple[str, str]]


def drawn_graph(view: Any, own: str) -> DrawnGraph:
    """Return a graph as it is drawn; `own` is this station's code."""
    words: dict[str, str] = {}
    for edge in view.edges:
        words.setdefault(edge.node_key, edge.node)
        words.setdefault(edge.waits_key, edge.waits_for)
    layers = _layers(list(words), [(edge.node_key, edge.waits_key) for edge in view.edges])
    places = _places(layers)
    ringed = {key for edge in view.edges if edge.cycle for key in (edge.node_key, edge.waits_key)}
    codes = sorted({edge.party for edge in view.edges}, key=lambda code: (code != own, code))
    first = 0 if own in codes else 1
    sides = {code: SIDES[min(n + first, len(SIDES) - 1)] for n, code in enumerate(codes)}
    return DrawnGraph(
        width=max((x for x, _ in places.values()), default=0) + BOX_WIDTH + EDGE,
        height=max((y for _, y in places.values()), default=0) + ROW,
        boxes=[
            Box(x=x, y=y, lines=_lines(words[key]), is_in_ring=key in ringed)
            for key, (x, y) in places.items()
        ],
        arrows=list(_arrows(view.edges, places, sides)),
        parties=list(sides.items()),
    )


def _layers(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return the layer of each node: after all that wait for it, rings cut where they close."""
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for node, waits_for in edges:
        after[node].append(waits_for)
    waited = {waits_for for _, waits_for in edges}
    starts = [node for node in nodes if node not in waited] + list(nodes)
    order = _order(starts, after)
    finished = {node: n for n, node in enumerate(order)}
    layer = dict.fromkeys(nodes, 0)
    for node in reversed(order):
        for waits_for in after[node]:
            # What is finished later is still being followed from: such an edge closes a ring.
            if finished[waits_for] < finished[node]:
                layer[waits_for] = max(layer[waits_for], layer[node] + 1)
    return layer


def _order(starts: Sequence[str], after: Mapping[str, Sequence[str]]) -> list[str]:
    """Return every node after those that it leads to (depth first, without recursion)."""
    seen: set[str] = set()
    found: list[str] = []
    for start in starts:
        if start in seen:
            continue
        seen.add(start)
        work: list[tuple[str, Iterator[str]]] = [(start, iter(after[start]))]
        while work:
            node, rest = work[-1]
            step = next((each for each in rest if each not in seen), None)
            if step is None:
                found.append(node)
                work.pop()
            else:
                seen.add(step)
                work.append((step, iter(after[step])))
    return found


def _places(layers: Mapping[str, int]) -> dict[str, tuple[float, float]]:
    rows: dict[int, int] = {}
    places = {}
    for node, layer in layers.items():
        row = rows.get(layer, 0)
        rows[layer] = row + 1
        places[node] = (float(EDGE + layer * LAYER), float(EDGE + row * ROW))
    return places


def _arrows(
    edges: Sequence[Any], places: Mapping[str, tuple[float, float]], sides: Mapping[str, str]
) -> Iterator[Arrow]:
    beside: dict[tuple[str, str], int] = {}
    for number, edge in enumerate(edges, start=1):
        here, there = places[edge.node_key], places[edge.waits_key]
        nth = beside.get((edge.node_key, edge.waits_key), 0)
        beside[edge.node_key, edge.waits_key] = nth + 1
        path, head, label = _line(here, there, nth)
        yield Arrow(
            number=number, edge=edge, side=sides[edge.party], path=path, head=head, label=label
        )


def _line(
    here: tuple[float, float], there: tuple[float, float], nth: int
) -> tuple[str, str, tuple[float, float]]:
    """Return the line between two boxes: to the right, or back below both."""
    shift = nth * 14.0
    if there[0] > here[0]:
        x, y = here[0] + BOX_WIDTH, here[1] + BOX_HEIGHT / 2 + shift - 6
        u, v = there[0] - 12, there[1] + BOX_HEIGHT / 2 + shift - 6
        bend = max(40.0, (u - x) / 2)
        path = f"M{x:.0f} {y:.0f}C{x + bend:.0f} {y:.0f} {u - bend:.0f} {v:.0f} {u:.0f} {v:.0f}"
        return path, f"M{u + 12:.0f} {v:.0f}l-13 -7v14z", ((x + u) / 2, (y + v) / 2 - 8)
    x, y = here[0] + BOX_WIDTH / 2 + 30 + shift, here[1] + BOX_HEIGHT
    u, v = there[0] + BOX_WIDTH / 2 - 30 - shift, there[1] + BOX_HEIGHT + 12
    low = max(y, v) + 30 + shift
    path = f"M{x:.0f} {y:.0f}C{x:.0f} {low:.0f} {u:.0f} {low:.0f} {u:.0f} {v:.0f}"
    return path, f"M{u:.0f} {v - 12:.0f}l-7 13h14z", ((x + u) / 2, low - 8)


def _lines(words: str) -> list[str]:
    """Return words in at most two lines, what is left shown by an ellipsis."""
    lines, line, wide = [], "", 0
    for letter in words:
        step = 2 if east_asian_width(letter) in "WF" else 1
        if wide + step > LINE_WIDE:
            cut = line.rfind(" ")
            head, rest = (line[:cut], line[cut + 1 :]) if cut > LINE_WIDE // 2 else (line, "")
            lines.append(head)
            if len(lines) == 2:
                return [lines[0], lines[1][: LINE_WIDE - 1] + "…"]
            line, wide = rest, sum(2 if east_asian_width(one) in "WF" else 1 for one in rest)
        line += letter
        wide += step
    return [*lines, line]
