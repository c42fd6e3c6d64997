"""The registers of the desk in groups, so that a person finds one of forty without reading all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from parley.station.views import MoveView, ProcedureView

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "requests": ("request",),
    "notifications": (
        "exercise",
        "warning",
        "airspace",
        "launch",
        "humanitarian",
        "inspection",
        "list_exchange",
    ),
    "incidents": ("incident", "emergency", "query", "protest"),
    "meetings": ("meeting", "call", "visit", "readout", "agenda"),
    "texts": ("joint_text", "translation"),
    "positions": (
        "position",
        "demand",
        "linkage",
        "step_for_step",
        "commitment",
        "pause",
        "sealed_offer",
        "claim",
    ),
    "messages": ("message", "note", "non_paper", "ack", "correction", "exchange"),
    "line": ("line_check", "channel", "office", "digest"),
}
"""Which procedures stand together (console design, screens 10 to 16); others are in `other`."""

_GROUP_OF: Final = {name: group for group, names in GROUPS.items() for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group as a page shows it: its registers, and whether the one shown is among them."""

    name: str
    procedures: Sequence[ProcedureView]
    is_shown: bool


def groups(procedures: Sequence[ProcedureView], shown: str) -> list[Group]:
    """Return the groups that have a register here, each with its registers in order."""
    found: dict[str, list[ProcedureView]] = {name: [] for name in (*GROUPS, "other")}
    for procedure in procedures:
        found[_GROUP_OF.get(procedure.name, "other")].append(procedure)
    return [
        Group(
            name=name,
            procedures=sorted(members, key=lambda one: _place(name, one.name)),
            is_shown=shown in {one.name for one in members},
        )
        for name, members in found.items()
        if members
    ]


def moves_in_groups(moves: Iterable[MoveView]) -> list[tuple[str, list[MoveView]]]:
    """Return what may be begun, in the groups of the registers and in their order."""
    found: dict[str, list[MoveView]] = {name: [] for name in (*GROUPS, "other")}
    for move in moves:
        found[_GROUP_OF.get(move.procedure, "other")].append(move)
    return [
        (name, sorted(members, key=lambda one: _place(name, one.procedure)))
        for name, members in found.items()
        if members
    ]


def _place(group: str, name: str) -> int:
    names = GROUPS.get(group, ())
    return names.index(name) if name in names else len(names)
