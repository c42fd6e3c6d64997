"""Names that may stand in a scenario file."""

from __future__ import annotations

from typing import Final

KNOWN_PROCEDURES: Final = frozenset(
    [
        "line_check",
        "message",
        "ack",
        "call",
        "request",
        "channel",
        "exercise",
        "launch",
        "airspace",
        "warning",
        "incident",
        "emergency",
        "query",
        "inspection",
        "exchange",
        "meeting",
        "visit",
        "readout",
        "position",
        "demand",
        "sealed_offer",
        "linkage",
        "agenda",
        "list_exchange",
        "joint_text",
        "commitment",
        "humanitarian",
        "pause",
        "correction",
        "step_for_step",
        "translation",
        "protest",
        "note",
        "non_paper",
        "digest",
        "office",
        "claim",
    ]
)
"""Procedures that scenarios may name; a move of one that the desk does not have is not played."""

TOP: Final = frozenset(
    [
        "scenario",
        "version",
        "mark",
        "title",
        "about",
        "clock",
        "parties",
        "witnesses",
        "channels",
        "profiles",
        "link",
        "events",
        "variants",
        "expect",
        "cutoffs",
        "sources",
        "continues",
    ]
)
NEEDED: Final = ("scenario", "mark", "clock", "parties", "channels", "events", "expect")
EVENT: Final = frozenset(
    [
        "id",
        "at",
        "precision",
        "within",
        "by",
        "to",
        "info",
        "channel",
        "case",
        "do",
        "with",
        "precedence",
        "sure",
        "src",
        "source",
        "note",
        "authentic",
        "expect_refusal",
        "out_of_order",
        "why",
    ]
)
VARIANT: Final = frozenset(
    [
        "title",
        "about",
        "change",
        "drop",
        "add",
        "expect",
        "channels",
        "profiles",
        "link",
        "witnesses",
        "seed",
    ]
)
FAULT: Final = frozenset(["between", "party", "from", "until", "state", "clock_offset", "channel"])
