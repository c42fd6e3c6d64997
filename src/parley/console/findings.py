"""What the station says about its health and its settings, in the language of the screen.

The station tells it in English, with facts in between; here the sentence is known again by its
pattern and said in another language. Commands and what is not known stay as they are.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from parley.console.language import Language

PATTERNS: Final = (
    # what is checked
    "audit",
    "backup",
    "break-glass",
    "card",
    "certificate",
    "channel {code}",
    "clock",
    "console",
    "damage",
    "desk",
    "disk",
    "files",
    "key",
    "log {code}",
    "path {code}",
    "peer {code}",
    "receipt {code}",
    "record",
    "release",
    "root-key",
    "settings",
    "token",
    "webhook {name}",
    # what was found
    "only {n} MiB free",
    "{n} MiB free",
    "{n} facts stored",
    "{n} facts of the record are still to be read",
    "entries damaged on the disk and awaited from peers: {n}; {entry} since {time}",
    "entries damaged on the disk and put back byte for byte: {n}; last {entry} from {code}, {time}",
    "{told}; it answered that it is gone",
    "{told}, {n} given up, {lost} lost: {error}",
    "{n} told, {waiting} waiting; {error}",
    "{n} told, {waiting} waiting",
    "the chain of hashes is whole",
    "row {n} does not fit the chain",
    "our card has ended: peers take nothing",
    "our card is good for {n} days",
    "station key {n} is {days} days old and counts until {time}",
    "station key {n} ended {time}",
    "the root keys lie on this machine: whoever takes it can be us",
    "station key {n} lies in token {name}, which is in",
    "token {name} does not show station key {n}",
    "keys are sealed, and no other account can open their files",
    "other accounts may open {files}",
    "the TLS certificate counts until {time}; peers go by its pin",
    "our clock is {n} s before what is stored already",
    "runs {n} s beside the machine's clock, as it was set to",
    "compared with {n} peer: see clock CODE below",
    "compared with {n} peers: see clock CODE below",
    "set from outside parley.toml: {settings}",
    "{n} settings, none unknown",
    "nothing is sent: key unverified",
    "nothing is sent: key changed",
    "nothing is sent: key rejected",
    "nothing is sent: key locked",
    "none is up, and no address is known to dial",
    "{n} of {all} path up",
    "{n} of {all} paths up",
    "never signed anything on {code}",
    "signed last {time}, holds {n} of our {all} on {code}",
    "nothing is written into our log: {reason}",
    "ends {time}, and we have not asked to renew it",
    "ended {time}, and we have not asked to renew it",
    "none is set up: [console] listen in parley.toml",
    "{n} console listening",
    "{n} consoles listening",
    "{n} console listening, and none can sound",
    "{n} consoles listening, and none can sound",
    "no console is listening: nobody sees or hears an alarm there",
    "codes of {holders} are ready",
    "only {code} has a code: if nobody can sign in, nothing opens the console",
    "no codes are ready: if nobody can sign in, nothing opens the console",
    "one person releases alone on this station (policy one-person)",
    "two persons are needed for a release, and only one can do it here",
    "two persons are needed for a release; {n} can do it here",
    "card and keys were never copied from here",
    "{told}; card {n} was not",
    "{told}; the record: never by parley backup",
    "{told}; the record: {time}",
    "card {n} and its keys were copied {time}",
    # what to do
    "Wait: it goes on by itself.",
    (
        "Let a peer that holds it be reached: it is put back by itself. If nobody has it, "
        "parley restore FILE puts the last backup back."
    ),
    "Check the disk and its cables: it lost what it had confirmed.",
    "Free space on the volume of the station directory.",
    "Keep the database as it is and ask who wrote into it.",
    "Carry keys/root.key to a safe place and remove it here.",
    "Put in the token that made the key, or parley keys rotate --revoke --in-file.",
    "parley keys certificate, where a gateway between the stations looks at dates.",
    "Set the machine's clock by a time server.",
    "parley path add {code} HOST:PORT, or wait until it dials.",
    "parley channel renew {code} --until 365d, or leave it to end.",
    "Open {address}, or parley watch --bell.",
    "Press SOUND OFF: turn on, at the top of the console.",
    "parley break-glass make HOLDER, for two holders.",
    "See that the copy can still be read, or {command}",
    "Wait until the lock ends, and ask {code} over another way what it sees.",
    "Compare the new words: parley peer verify {code}, or parley peer reject {other}.",
    "Nothing is sent to {code}. Compare its words again: parley peer verify {other}.",
    "Compare the words that {code} reads out: parley peer verify {other}.",
    # where a setting comes from
    "default",
    "parley.toml line {n}",
    "changed by {officer} {time}; before: {told}",
    # what a setting does
    "Short code of the party: A-Z, 0-9 and -, at most 16.",
    "Name of the party as it gives it.",
    "Marking of everything this station writes.",
    "Languages this station writes in, the first one first (BCP 47).",
    "Seconds added to the machine's clock: an exercise at another time; 0 when LIVE.",
    "Addresses at which peers reach this station, such as 127.0.0.1:7001.",
    "At most this long between two signed statements on a channel proposed here.",
    "host:port at which this station is a witness, and nothing else; empty: it is not.",
    (
        "Database of the record; a relative file lies in the station directory. PostgreSQL needs "
        "the extra `postgres`."
    ),
    "Least level that is logged.",
    "json: one object a line; console: for a person's eyes.",
    "host:port of the API for programs with a token; empty: the local socket only.",
    "Calls that one token may make in a minute, and at once; more are answered 429.",
    "host:port of the officers' console; empty: none.",
    "Address of the console as browsers write it, such as http://alfa.localhost:8101.",
    "Who may release: another person than the writer, or the writer too.",
    "Sealed file of the station's keys, inside the station directory.",
    "Program with its arguments that sounds an alarm nobody has claimed; JSON in.",
    "How long a claim of a FLASH is good without an acknowledgement.",
    "How long a claim of an IMMEDIATE is good without an acknowledgement.",
    "How long a claim of any other alarm is good without an acknowledgement.",
    "In what time what is {precedence} should be handled; shown, and nothing lapses by it.",
    "Hosts to which webhooks may go, as names or addresses; none without it.",
    "Program with its arguments that translates by machine; JSON in, JSON out.",
    "Address on this machine's loopback that does the same over HTTP.",
    "Name of the engine, told with every translation by machine.",
    "How long a translation by machine may take.",
)
"""Each is a key of the catalogues; the first that fits is said."""

_WHOLE: Final = ("told", "reason")
"""Facts that are sentences of their own."""

_SHAPES: Final = dict.fromkeys(("n", "all", "days", "code", "officer"), r"\S+")
"""Facts of one word; others may hold blanks."""


def finding_text(language: Language, text: str) -> str:
    """Return what the station told in English in the language of the screen.

    A sentence that is not known, such as that of the system about a file, stays as it was told.
    """
    if language.code == "en":
        return text
    for sentence, pattern in _compiled():
        if match := pattern.fullmatch(text):
            facts = {
                name: finding_text(language, value) if name in _WHOLE else value
                for name, value in match.groupdict().items()
            }
            return language.say(sentence, **facts)
    return language.sentences.get(text) or text


@cache
def _compiled() -> list[tuple[str, re.Pattern[str]]]:
    return [(sentence, re.compile(_as_pattern(sentence), re.DOTALL)) for sentence in PATTERNS]


def _as_pattern(sentence: str) -> str:
    parts = re.split(r"\{(\w+)\}", sentence)
    return "".join(
        f"(?P<{part}>{_SHAPES.get(part, '.+')})" if place % 2 else re.escape(part)
        for place, part in enumerate(parts)
    )
