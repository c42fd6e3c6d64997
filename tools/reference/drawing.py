"""The drawing of a procedure's states, as a Mermaid state diagram."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parley.desk.actors import By
from parley.desk.procedure import Move, Procedure, State
from reference.markdown import block


def of_cases(procedure: Procedure) -> str:
    """Return the drawing of the states of a case."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for move in procedure.moves:
        if move.initial:
            _add(arrows, "", move.initial, move.name)
        for go in move.go:
            after = move.done if move.by is By.EACH and move.done else go.after
            _add(arrows, go.before, after, move.name)
            if after != go.after:
                _add(arrows, go.before, go.after, f"{move.name} (one party)")
        for go in move.crossed:
            _add(arrows, go.before, go.after, f"{move.name} (crossed)")
    declared = [state for state in procedure.states if not state.derived]
    return _draw(declared, arrows)


def of_standings(procedure: Procedure) -> str:
    """Return the drawing of a channel as one party declares it; empty for other procedures."""
    if not procedure.standings:
        return ""
    arrows: dict[tuple[str, str], list[str]] = {}
    for move in procedure.moves:
        for go in move.standing:
            _add(arrows, go.before, go.after, move.name)
    return _draw(procedure.standings, arrows)


def makes_standing(move: Move) -> str:
    """Return what a move does to the channel as its author declares it, in words."""
    together: dict[str, list[str]] = {}
    for go in move.standing:
        together.setdefault(go.after, []).append(f"`{go.before}`")
    return "; ".join(f"{', '.join(befores)} to `{after}`" for after, befores in together.items())


def _add(arrows: dict[tuple[str, str], list[str]], before: str, after: str, name: str) -> None:
    names = arrows.setdefault((before, after), [])
    if name not in names:
        names.append(name)


def _draw(states: Sequence[State], arrows: dict[tuple[str, str], list[str]]) -> str:
    lines = ["stateDiagram-v2"]
    lines += [
        f'    state "{state.name}" as {_id(state.name)}'
        for state in states
        if _id(state.name) != state.name
    ]
    for (before, after), names in arrows.items():
        start = _id(before) if before else "[*]"
        lines.append(f"    {start} --> {_id(after)} : {', '.join(names)}")
    lines += [f"    {_id(state.name)} --> [*]" for state in states if state.final]
    return block(lines, "mermaid")


def _id(name: str) -> str:
    return re.sub(r"\W", "_", name)
