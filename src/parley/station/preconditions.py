"""The graph of declared preconditions: what waits for what, and who could open its rings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from parley.core.instants import Instant
from parley.desk.derived import CaseNow
from parley.desk.registers import Registers
from parley.station.desk_book import DeskBook

EDGES_MAX: Final = 200
"""Preconditions of one graph, the newest."""
_PROCEDURE: Final = "linkage"
_OPEN: Final = ("declared", "claimed")


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeView:
    """One declared precondition that still stands.

    Attributes:
        party: who declared it; only that party can say that it is met.
        node, waits_for: what is held back and what it waits for: a topic, or an entry by its name.
        node_key, waits_key: the same for the same matter, however it is written.
        actor: whose act is awaited.
        kind: blocks, eases or traded.
        cycle: name of the ring it is part of; empty for none.
    """

    case: str
    channel: str
    party: str
    node: str
    waits_for: str
    node_key: str
    waits_key: str
    actor: str
    kind: str
    state: str
    cycle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleView:
    """A ring of preconditions that wait for one another.

    Attributes:
        cases: its preconditions.
        owners: by party, those that it declared and could set aside.
        acts: by party, those that wait for its act.
        unlocks: parties that alone could open it.
    """

    name: str
    cases: Sequence[str]
    owners: Mapping[str, Sequence[str]]
    acts: Mapping[str, Sequence[str]]
    unlocks: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphView:
    """Every precondition that stands, and the rings among them."""

    edges: Sequence[EdgeView]
    cycles: Sequence[CycleView]
    is_cut: bool


def graph(desk: DeskBook, *, as_of: Instant | None, sees: Callable[[str], bool]) -> GraphView:
    """Return what is declared and stands, the newest first; nothing is inferred."""
    registers = desk.registers(as_of)
    edges: list[EdgeView] = []
    is_cut = False
    for _, place in desk.index(as_of).newest(_PROCEDURE, below=None, only_open=False):
        channel = registers.channel(place.channel).view.label
        now = registers.case_now(place)
        if now is None or not sees(channel):
            continue
        edge = _edge(registers, now, channel)
        if edge is None:
            continue
        if len(edges) == EDGES_MAX:
            is_cut = True
            break
        edges.append(edge)
    shown = {edge.cycle for edge in edges}
    cycles = [
        CycleView(
            name=cycle.name,
            cases=list(cycle.numbers),
            owners={who: list(numbers) for who, numbers in cycle.owners.items()},
            acts={who: list(numbers) for who, numbers in cycle.acts.items()},
            unlocks=list(cycle.unlocks),
        )
        for cycle in registers.cycles
        if cycle.name in shown
    ]
    return GraphView(edges=edges, cycles=cycles, is_cut=is_cut)


def _edge(registers: Registers, now: CaseNow, channel: str) -> EdgeView | None:
    values: Mapping[str, Any] = registers.row_of_case(now).values
    if values.get("state") not in _OPEN:
        return None
    keys = {name: now.matter(now.opening, name) for name in ("node", "waits_for")}
    return EdgeView(
        case=now.number,
        channel=channel,
        party=now.opener,
        node=str(values["node"]),
        waits_for=str(values["waits_for"]),
        node_key=_key(keys["node"], values["node"]),
        waits_key=_key(keys["waits_for"], values["waits_for"]),
        actor=str(values["owner_of_act"]),
        kind=str(values["kind"]),
        state=str(values["state"]),
        cycle=str(values["cycle"] or ""),
    )


def _key(identity: bytes | None, written: Any) -> str:
    return f"?{written}" if identity is None else identity.hex()
