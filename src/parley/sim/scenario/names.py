"""Names that may stand in a scenario file: moves and columns of all procedures that are planned.

What the desk has is in its declarations. A name that stands only here is known and not there yet:
such an event is not played, such a claim is not checked, and both are counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

_MOVES: Final = {
    "line_check": "check answer",
    "message": "send reply",
    "ack": "give",
    "call": "request ring close",
    "request": (
        "open accept accept_in_principle counter decline give_reason defer refer not_under withdraw"
    ),
    "channel": "propose accept suspend resume cancel_session observe terminate",
    "exercise": "notify begin end cancel",
    "launch": "notify report",
    "warning": "issue cancel",
    "incident": "report update counter confirm_pair no_report close",
    "emergency": "raise end",
    "query": "ask join answer ask_again ask_meeting decline close",
    "meeting": "fix hold not_attended postpone",
    "visit": "invite accept fix postpone make",
    "readout": "give",
    "correction": "supersede correct",
    "position": "state withdraw",
    "demand": "open",
    "linkage": "declare claim_met set_aside overtaken withdraw",
    "agenda": "understanding reaffirm",
    "list_exchange": "commit reveal",
    "commitment": "make done accept_done",
    "translation": "offer accept dispute",
    "note": "send",
    "office": "fill vacate",
    "claim": "state",
}
KNOWN_MOVES: Final = frozenset(
    f"{procedure}.{move}" for procedure, moves in _MOVES.items() for move in moves.split()
)
"""Moves that a file may name, whether the desk has them or not."""

KNOWN_PROCEDURES: Final = frozenset(_MOVES) | frozenset(
    [
        *("airspace", "inspection", "exchange", "sealed_offer", "joint_text", "humanitarian"),
        *("pause", "step_for_step", "protest", "non_paper", "digest"),
    ]
)
"""Procedures of the catalogue."""

_COLUMNS: Final = {
    "line_checks": "state answered_at kind miss_run response",
    "messages": "state rung precedence sent_at delivered_at acknowledged_at ack_in languages",
    "calls": "state began ended length medium level both local_dates attempts",
    "requests": (
        "state fate by to form reason reason_first reason_later lapse lapsed_first due "
        "sent_at delivered_at answered_at attempts owed standing linkage precision answer "
        "followed_by act"
    ),
    "channels": (
        "declared declared_at observed last_use days idle_days unused_days until what_stays "
        "succeeds longest_gap_days days_resume_to_use days_ended_to_use "
        "days_use_to_suspension first_use_since"
    ),
    "exercises": "state complete missing outcome lead_days timely",
    "launches": "state notice rung lead launched_at complete missing recipients timely",
    "warnings": "state areas corners from until divergent_areas divergence_m hazard read_back",
    "incidents": "state sides reported_by paired single_sided",
    "emergencies": "state rung",
    "queries": (
        "state askers answered questions lapse lapsed_first due owed answer meeting "
        "attended answered_late reason rounds"
    ),
    "meetings": (
        "state venue length began ended parts both announced_before visit form attended channel"
    ),
    "visits": (
        "state invitee person invited_on made_on days_from_invitation "
        "days_from_postponement postponed meetings meeting_time date_open used_by_successor "
        "accepted_by"
    ),
    "readouts": "state of by visit delay_days superseded_by",
    "positions": "state topic by firmness",
    "demands": "state by act linked",
    "linkages": "state by node waits_for owner_of_act kind met withdrawn",
    "agendas": "state invoked_by agreed_text items_by overlap only_by",
    "list_exchanges": "state committed revealed count due both_committed_at one_sided mismatch",
    "commitments": "state by due due_in_days kept_by kept_as days overdue",
    "translations": "state of lang status",
    "notes": "state by to number",
    "offices": "state holder since vacant_since",
    "claims": "claimed_at_least provable gap_at_least itemised rows_added channels_cancelled",
}
KNOWN_COLUMNS: Final = {
    register: frozenset(columns.split()) for register, columns in _COLUMNS.items()
}
"""Registers that a claim may ask, and their columns."""

ASKED_OF_ALL: Final = frozenset(["party", "to", "by", "of", "channel", "case", "visit"])
"""What rows of every register may be counted by."""

_CLOCKS: Final = {
    "reply_by": ("answer_by", "answer", "reply", "due"),
    "lead": ("notice", "lead_time", "advance", "advance_notice"),
    "report": ("report_by", "reply_by", "answer_by"),
    "grace": ("reply_by", "answer_by", "answer"),
    "due": ("reply_by", "answer_by"),
}
"""Words that people use for a clock, by the one that the desk has."""


def clock_named(key: str, known: Collection[str]) -> str:
    """Return the name of the clock that is meant: `query.answer_by` is `query.reply_by`."""
    procedure, _, word = key.partition(".")
    meant = (f"{procedure}.{name}" for name, words in _CLOCKS.items() if word in words)
    return key if key in known else next((one for one in meant if one in known), key)


def register_named(name: Any, registers: Mapping[str, str]) -> Any:
    """Return the register that is meant by the plural of a procedure, as `joint_texts`.

    Args:
        name: as a claim has it.
        registers: the desk's register of each procedure.
    """
    meant = {f"{procedure}s": register for procedure, register in registers.items() if register}
    meant |= {each.replace("_for_", "s_for_"): meant[each] for each in meant if "_for_" in each}
    return name if name in registers.values() else meant.get(name, name)
