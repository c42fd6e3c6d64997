"""What `parley help TOPIC` says: the few things that hold for every command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import typer

from parley.cli.exits import EXIT_CODES

_TEXTS: Final[dict[str, str]] = {
    "stations": """\
Which station a command speaks to: --station DIR, else the variable PARLEY_STATION, else a station
directory above the current one, else /var/lib/parley. A running station is reached through its
control socket, under the account that runs the command; where several officers share it, --officer
names one. --station http://HOST:PORT reaches the API of a station elsewhere, with the token in the
file that PARLEY_TOKEN_FILE names.
A station that was started a moment ago is waited for: 20 seconds for a sign of it, a minute while
it opens its keys. Where it does not run, what only reads, and peers, paths, officers and tokens,
work on its directory; what leaves the station needs it to run (exit 9).
""",
    "json": """\
--json prints one object on standard output:
  {"schema":"parley.card/1","ok":true,"data":{...},"warnings":[]}
Lists stand in data.items. A failure is {"schema":"parley.error/1","ok":false,"error":{...}} with
code, exit, title, detail, became and next, also on standard output; people read the same on
standard error. Times are RFC 3339 in UTC, durations seconds, hashes lower-case hex; what is absent
is null. Streams are JSON Lines: each line has "type", and the last one is the result.
`parley schema NAME` prints the JSON Schema. Fields are only added within a version.
""",
    "settings": """\
Highest first: options, the environment (PARLEY_LOG__LEVEL=debug sets level under [log]), --config
FILE or the station's parley.toml, defaults. What keeps a station safe (who it is, who may release,
where its keys lie) can be set in the file only. `parley config show --origin` prints each value and
where it came from; `parley config check` says what is wrong in a file.
A passphrase comes from a prompt, --passphrase-file, --passphrase-fd, the file that
PARLEY_PASSPHRASE_FILE names, or systemd's credential parley-passphrase; never from an argument.
""",
    "release": """\
Nothing leaves a station without a release. Under two-person release `parley send` stores a draft
and ends with 13: somebody else reads it (parley draft show), then releases it (parley release) or
sends it back (parley refuse). Nobody releases what they wrote or edited, and no --yes answers this.
A script names the digest of the text that was read: parley release D-0412 --digest HEX.
Under one-person release the writer releases; console, doctor and record show that for good.
An acknowledgement is released by whoever gives it: it commits to nothing but what it says.
""",
    "delivery": """\
How far an entry of ours has come:
  stored        on disk here and signed; `parley send` returns now
  on path       a link is open
  delivered     the peer's station has it: its signed receipt is verified and on disk here
  acknowledged  a person there has said so
  answered      an entry of theirs closes the case
`parley send --wait STEP` waits; Ctrl-C stops the waiting, not the entry, and `parley wait ENTRY
--for STEP` takes it up again. With --timeout it ends with 3 when the time is over.
""",
    "precedence": """\
-p says what goes first on the line, and what rings at the other side:
  Z  FLASH      before everything, also in the middle of a long transfer; alarm until claimed
  O  IMMEDIATE  alarm until claimed
  P  PRIORITY   before routine
  R  ROUTINE    the default
""",
    "exercise": """\
Every entry carries a marking: LIVE, EXERCISE, TEST or SIMULATION. It is signed with the entry and
cannot be lost on the way. `parley init --mark EXERCISE` makes a station all of whose entries are an
exercise. At a live station `parley exercise start` begins one on channels that you name: what is
written there is marked EXERCISE until `parley exercise stop`, and nothing anywhere else is, but for
answers to what a peer marked so. `parley exercise report` tells who took up what, and how fast.
`parley status` names the station's marking in its first line; the console draws an edge around
every page that is not LIVE, and says on every page that an exercise runs. `parley demo` and
`parley scenario run` are exercises.
""",
    "programs": """\
`parley send --batch` reads JSON Lines from standard input, one message each:
  {"id":"m1","channel":"OPS","precedence":"R","subject":"Report","text":"..."}
and writes JSON Lines: `ready` first; for each id `stored` (or `held`, `failed`), and with --wait
`delivered` or `acknowledged`; the result last. The same id again, also after a crash of either
program or station, makes no second message. It goes on while the line is down, and ends when input
has ended and nothing is waited for.
`parley inbox --follow --consumer NAME --json` gives each entry of a peer once, as `received`, from
a place kept under NAME. With --confirm stdin the reader writes back the `id` of each line it has
kept; what is not confirmed comes again after a crash.
""",
    "proofs": """\
`parley verify FILE` checks a bundle, an extract or a card with nothing but the file. Name the cards
you know with --trust. It ends with 0 only if everything was checked and is valid, with 14 if a part
was not checked, with 7 if something does not hold. `parley-verify` is the same program without a
station around it.
""",
}


def names() -> list[str]:
    """Return every topic."""
    return sorted([*_TEXTS, "exit-codes", "topics"])


def text_of(name: str) -> str | None:
    """Return a topic's text, None where there is no such topic."""
    if name == "topics":
        return "\n".join(["Topics:", *(f"  {each}" for each in names()), ""])
    if name == "exit-codes":
        return "".join(f"{code:>3}  {meaning}\n" for code, meaning in EXIT_CODES.items())
    return _TEXTS.get(name)


def help_of_command(words: Sequence[str]) -> str | None:
    """Return what `--help` prints for a command, None where there is none."""
    from parley.cli.main import app  # noqa: PLC0415 - main imports us when help is called

    here = typer.main.get_command(app)
    context = here.make_context("parley", [], resilient_parsing=True)
    for word in words:
        found = getattr(here, "get_command", lambda *_: None)(context, word)
        if found is None:
            return None
        here = found
        context = here.make_context(word, [], parent=context, resilient_parsing=True)
    return "\n".join(line.rstrip() for line in here.get_help(context).split("\n"))
