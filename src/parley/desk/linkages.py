"""The graph of declared preconditions: its cycles, named alike at every station.

Only linkages that are declared (or said to be met and not yet confirmed) and that block or are
traded make an edge, from what is held back to what it waits for. Nothing is inferred.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from parley.desk.facts import CaseFacts
from parley.desk.times import until_instant

_OPEN = ("declared", "claimed")
_EDGES = ("blocks", "traded")

Node = bytes
"""What a linkage speaks of: a case, or a topic by its words; see `CaseFacts.matter`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """Linkages that wait for each other in a ring.

    Attributes:
        name: `CYC-` and eight hex digits of a digest over its linkages.
        numbers: case numbers of its linkages, in the order of their identities.
        entries: names of their opening entries, in the same order.
        owners: by party, the linkages that it declared and could set aside.
        acts: by party, the linkages that wait for its act.
        unlocks: parties that alone could open it, by setting aside or by acting.
    """

    name: str
    numbers: tuple[str, ...]
    entries: tuple[str, ...]
    owners: Mapping[str, tuple[str, ...]]
    acts: Mapping[str, tuple[str, ...]]
    unlocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Edge:
    case: CaseFacts
    node: Node
    waits_for: Node

    @property
    def actor(self) -> str:
        """Return whose act is awaited."""
        return str(self.case.opening.json("owner_of_act"))


def is_expired(case: CaseFacts) -> bool:
    """Say whether a linkage is still declared although the date it set itself has come."""
    expires = until_instant(case.opening.json("expires"))
    return case.state in _OPEN and expires is not None and expires <= case.moment


def cycles_of(cases: Sequence[CaseFacts]) -> tuple[Cycle, ...]:
    """Return the cycles among linkages of the same parties and marking, by name."""
    edges = [edge for case in cases if (edge := _edge(case)) is not None]
    found = [
        _cycle([edge for edge in edges if edge.node in part and edge.waits_for in part])
        for part in _components(edges)
    ]
    return tuple(sorted(found, key=lambda cycle: cycle.name))


def _edge(case: CaseFacts) -> _Edge | None:
    if case.state not in _OPEN or is_expired(case) or case.opening.json("kind") not in _EDGES:
        return None
    node, waits_for = (case.matter(case.opening, field) for field in ("node", "waits_for"))
    return None if node is None or waits_for is None else _Edge(case, node, waits_for)


def _components(edges: Sequence[_Edge]) -> list[frozenset[Node]]:
    """Return the strongly connected parts that hold a cycle (Tarjan, without recursion)."""
    after: dict[Node, list[Node]] = {}
    for edge in edges:
        after.setdefault(edge.node, []).append(edge.waits_for)
        after.setdefault(edge.waits_for, [])
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    found: list[frozenset[Node]] = []
    for start, nexts in after.items():
        if start in index:
            continue
        work = [(start, iter(nexts))]
        index[start] = low[start] = len(index)
        stack.append(start)
        while work:
            node, rest = work[-1]
            step = next(rest, None)
            if step is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    cut = stack.index(node)
                    part, stack[cut:] = frozenset(stack[cut:]), []
                    if len(part) > 1 or node in after[node]:
                        found.append(part)
            elif step not in index:
                index[step] = low[step] = len(index)
                stack.append(step)
                work.append((step, iter(after[step])))
            elif step in stack:
                low[node] = min(low[node], index[step])
    return found


def _cycle(ring: Sequence[_Edge]) -> Cycle:
    ordered = sorted(ring, key=lambda edge: edge.case.identity)
    told = b"".join(sha256(edge.case.identity).digest() for edge in ordered)
    owners: dict[str, list[str]] = {}
    acts: dict[str, list[str]] = {}
    for edge in ordered:
        owners.setdefault(edge.case.opener, []).append(edge.case.number)
        acts.setdefault(edge.actor, []).append(edge.case.number)
    return Cycle(
        name=f"CYC-{sha256(b'parley1 cycle' + bytes(1) + told).hexdigest()[:8]}",
        numbers=tuple(edge.case.number for edge in ordered),
        entries=tuple(edge.case.opening.name for edge in ordered),
        owners={who: tuple(owners[who]) for who in sorted(owners)},
        acts={who: tuple(acts[who]) for who in sorted(acts)},
        unlocks=tuple(who for who in sorted({*owners, *acts}) if _opens(who, ring)),
    )


def _opens(who: str, ring: Sequence[_Edge]) -> bool:
    """Say whether no ring is left when a party sets aside what it declared and does its acts."""
    return not _components([edge for edge in ring if who not in (edge.case.opener, edge.actor)])
