"""Words for the codes that come from the gateway: states, precedences, marks, rungs."""

from __future__ import annotations

from typing import Any, Final

from parley.console.language import Language
from parley.station.channel_state import STOPPED

FAMILIES: Final[dict[str, dict[str, str]]] = {
    "precedence": {"Z": "FLASH", "O": "IMMEDIATE", "P": "PRIORITY", "R": "ROUTINE"},
    "mark": {
        "LIVE": "LIVE",
        "EXERCISE": "EXERCISE",
        "TEST": "TEST",
        "SIMULATION": "SIMULATION",
    },
    "line": {
        "alive": "alive",
        "slow": "slow",
        "silent": "SILENT",
        "never": "never heard",
        "witness": "witness",
        "stopped": "STOPPED",
    },
    "stopped": STOPPED,
    "group": {
        "requests": "Requests",
        "notifications": "Notifications",
        "incidents": "Incidents",
        "meetings": "Meetings and readouts",
        "texts": "Joint texts",
        "positions": "Positions and commitments",
        "messages": "Messages and notes",
        "line": "Line and channel",
        "other": "Other",
    },
    "person": {
        "answered": "answered",
        "waiting": "asked, waiting",
        "missed": "check missed",
        "never": "never checked",
    },
    "channel": {
        "proposed": "proposed",
        "open": "open",
        "suspended": "suspended",
        "expired": "expired",
        "terminated": "terminated",
        "partly-open": "open on one side",
        "accepted": "accepted",
        "resumed": "resumed",
        "ending": "notice given",
        "ended": "ended",
        "none": "nothing declared",
    },
    "observed": {
        "in-use": "in use",
        "idle": "idle",
        "resumed-unused": "resumed, unused",
        "never-used": "never used",
        "silent-though-open": "silent though open",
        "not-open": "not open",
    },
    "key": {
        "unverified": "words not compared",
        "verified": "verified",
        "changed": "KEY CHANGED",
        "rejected": "rejected",
        "locked": "locked",
    },
    "clock": {
        "not-delivered": "not delivered, no clock",
        "running": "running",
        "near": "near due",
        "extended": "extended",
        "lapsed-silent": "lapsed, silent (proved)",
        "lapsed-dark": "lapsed, dark (not proved)",
        "answered": "answered",
        "answered-late": "answered late",
        "none": "no clock",
    },
    "delivery": {
        "stored": "stored",
        "on-path": "on path",
        "delivered": "delivered",
        "acknowledged": "acknowledged",
        "answered": "answered",
    },
    "draft": {
        "open": "being written",
        "held": "held for a releaser",
        "releasing": "being released",
        "released": "released",
        "refused": "refused",
        "returned": "returned to the writer",
        "dropped": "dropped",
    },
    "role": {
        "watch": "watch officer",
        "desk": "desk officer",
        "releaser": "releaser",
        "interpreter": "interpreter",
        "auditor": "auditor",
        "administrator": "administrator",
    },
    "status": {
        "authentic": "authentic",
        "courtesy": "courtesy",
        "agreed": "agreed",
        "working": "working",
        "machine": "machine",
    },
    "level": {
        "read": "read",
        "understood": "understood",
        "not-understood": "not understood",
        "read-back": "read back",
        "passed-on": "passed to the unit concerned",
        "considering": "under consideration",
        "cannot-process": "cannot be processed",
        "will-comply": "will comply",
        "cannot-comply": "cannot comply",
        "complied": "complied",
    },
    "alarm": {
        "flash": "FLASH received",
        "immediate": "IMMEDIATE received",
        "clock-near": "clock near due",
        "clock-lapsed": "clock lapsed",
        "line-silent": "line silent",
        "line-check-missed": "line check missed",
        "key-changed": "key changed",
        "conflict": "record conflict",
        "programs-differ": "our programs disagree",
        "station": "station trouble",
        "proposal": "channel proposed",
    },
    "need": {
        "alarm": "ALARM",
        "acknowledge": "NOT ACKNOWLEDGED",
        "answer": "ANSWER",
        "draft": "HELD",
        "returned": "RETURNED",
        "key": "KEY CHANGED",
        "channel": "PROPOSED",
        "compare": "COMPARE WORDS",
        "commitment": "COMMITMENT",
    },
    "act": {
        "alarm": "Open",
        "acknowledge": "Open",
        "answer": "Open",
        "draft": "Review",
        "returned": "Open",
        "key": "Review the key",
        "compare": "Compare words",
        "channel": "Open",
        "commitment": "Open",
    },
    "method": {
        "in-person": "in person",
        "voice": "by voice",
        "paper": "on paper",
    },
    "not-proved": {
        "It does not prove that a person read it.": "that a person read it",
        "It does not prove why no answer came.": "why no answer came",
    },
    "reckoning": {
        "start": "start",
        "due": "due",
        "delivered to the addressee": "delivered to the addressee",
    },
    "via": {
        "console": "console",
        "socket": "command line",
        "token": "program",
        "offline": "command line, station stopped",
        "link": "link with the peer",
    },
    "written": {
        "due": "A length counted from delivery, such as PT3H, or a time with its zone.",
        "instant": "A time with its zone, such as 240512Z NOV 26.",
        "duration": "A length such as PT3H or P2D.",
    },
    "problem": {
        "not_found": "There is no such thing here.",
        "not_allowed": "Your role or the rules of this station do not permit it.",
        "own_draft": "Nobody releases what they wrote.",
        "move_not_permitted": "The procedure does not permit this now.",
        "conflict": "The state of things does not permit it.",
        "stale_version": "It was changed meanwhile.",
        "draft_changed": "This is not the text that was looked at.",
        "channel_not_open": "The channel is not open here.",
        "peer_not_trusted": "The peer's key was not compared.",
        "peer_key_changed": "The peer's key has changed.",
        "storage_full": "There is no room left; nothing was confirmed.",
        "invalid": "Fields are missing or wrong.",
        "usage": "What was asked cannot be understood.",
        "other": "It could not be done.",
    },
    "due": {
        "owed": "owed by rule",
        "asked-for": "asked for",
        "none": "no due time",
    },
}
"""Family to code to English sentence; each sentence is a key of the catalogues."""


def word(language: Language, family: str, code: Any) -> str:
    """Return the word for a code; a code we do not know is shown as it is (enums are open)."""
    key = str(code).replace("_", "-") if family in ("level", "method") else str(code)
    known = FAMILIES[family].get(key)
    return language.say(known) if known else key


def sentences() -> set[str]:
    """Return every sentence the families use, for the test of the catalogues."""
    return {sentence for family in FAMILIES.values() for sentence in family.values()}
