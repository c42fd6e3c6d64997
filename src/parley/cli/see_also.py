"""What the help of each command names at its end: commands and topics that belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SEE_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "status": ("inbox", "requests", "doctor"),
    "inbox": ("show", "ack", "claim", "watch"),
    "show": ("inbox", "log", "help proofs"),
    "send": ("wait", "draft", "inbox", "help delivery", "help programs"),
    "wait": ("send", "show", "help delivery"),
    "ack": ("inbox", "claim", "help delivery"),
    "claim": ("inbox", "watch", "ack"),
    "watch": ("inbox", "claim", "log"),
    "line": ("status", "case"),
    "draft": ("release", "refuse", "send", "help release"),
    "release": ("draft", "refuse", "help release"),
    "refuse": ("draft", "release", "help release"),
    "request": ("requests", "respond", "remind", "withdraw"),
    "respond": ("requests", "request"),
    "withdraw": ("requests", "request"),
    "remind": ("requests", "request"),
    "requests": ("request", "respond", "case", "help proofs"),
    "case": ("requests", "schema"),
    "glossary": ("case", "draft"),
    "calendar": ("requests", "inbox", "status"),
    "demo": ("scenario", "init", "verify", "help exercise"),
    "init": ("serve", "card", "peer", "help stations"),
    "serve": ("init", "doctor", "help stations"),
    "card": ("peer", "keys", "help stations"),
    "peer": ("card", "path", "channel", "help stations"),
    "keys": ("card", "doctor", "help stations"),
    "path": ("peer", "status"),
    "channel": ("peer", "send", "log"),
    "officer": ("token", "help release"),
    "token": ("officer", "help programs"),
    "doctor": ("status", "config", "log"),
    "restore": ("doctor", "log", "keys"),
    "log": ("verify", "show", "help proofs"),
    "verify": ("log", "help proofs"),
    "witness": ("init", "log", "help proofs"),
    "bench": ("simulate", "doctor"),
    "scenario": ("demo", "simulate", "help exercise"),
    "simulate": ("scenario", "bench"),
    "notice": ("case", "schema"),
    "config": ("doctor", "help settings"),
    "schema": ("case", "help json"),
    "version": ("help",),
    "completion": ("help",),
    "help": ("schema", "completion"),
}
"""By the first word of a command. `help TOPIC` stands for a topic."""
