"""The door of the `parley` command: finds the command, runs it, tells how it ended.

Commands live in modules of their own and are imported when called, so that `parley version` does
not wait for what `parley serve` needs.
"""

from __future__ import annotations

import importlib
import logging
import os
import secrets
import signal
import sys
from collections.abc import Iterator, MutableMapping
from types import FrameType
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from parley.cli import failures
from parley.cli.exits import INTERRUPTED, READER_GONE, TERMINATED
from parley.cli.failures import Failure
from parley.errors import ParleyError

WATCH, DESK, TRUST = "The watch", "The desk", "Stations and trust"
EVIDENCE, HOUSE = "Evidence", "About"

TABLE: Final[dict[str, tuple[str, str, str]]] = {
    "status": ("parley.cli.status", WATCH, "Lines, what needs us, who owes whom, in 20 lines."),
    "inbox": ("parley.cli.inbox", WATCH, "What needs an act; or follow what peers send."),
    "show": ("parley.cli.inbox", WATCH, "Show one entry with its three times."),
    "send": ("parley.cli.send", WATCH, "Send a text on a channel."),
    "attachment": ("parley.cli.attachments", WATCH, "Files of entries: save one that is whole."),
    "wait": ("parley.cli.send", WATCH, "Wait until an entry is delivered, or answered."),
    "ack": ("parley.cli.watch", WATCH, "Acknowledge a peer's entry as a person."),
    "claim": ("parley.cli.watch", WATCH, "Stop an alarm here, or close it."),
    "watch": ("parley.cli.watch", WATCH, "Follow alarms and entries as they come."),
    "watch-log": ("parley.cli.floor", WATCH, "The watch: who has it, notes, hand-overs."),
    "timeline": ("parley.cli.floor", WATCH, "What came when on a channel, and every silence."),
    "line": ("parley.cli.cases", WATCH, "Line checks: does a person answer."),
    "draft": ("parley.cli.drafts", DESK, "Drafts: what is written and not released."),
    "template": ("parley.cli.templates", DESK, "Templates: reviewed beginnings of drafts."),
    "release": ("parley.cli.drafts", DESK, "Release a held draft as the second person."),
    "refuse": ("parley.cli.drafts", DESK, "Send a held draft back to its writer."),
    "request": ("parley.cli.requests", DESK, "Ask for dialogue."),
    "respond": ("parley.cli.requests", DESK, "Answer a request."),
    "withdraw": ("parley.cli.requests", DESK, "Take a request of ours back."),
    "remind": ("parley.cli.requests", DESK, "Remind the peer of a request."),
    "requests": ("parley.cli.requests", DESK, "Who owes whom an answer, and what is proved."),
    "case": ("parley.cli.cases", DESK, "Any procedure: new, show, moves, move, list."),
    "notify": ("parley.cli.short_forms", DESK, "Give notice of an exercise, launch or danger."),
    "notifications": ("parley.cli.short_forms", DESK, "Notices given and received."),
    "report": ("parley.cli.short_forms", DESK, "Report an incident as we saw it."),
    "incident": ("parley.cli.short_forms", DESK, "Incidents: list, compare both accounts."),
    "meeting": ("parley.cli.short_forms", DESK, "Meetings: propose, agree, record, list."),
    "readout": ("parley.cli.short_forms", DESK, "Readouts: publish ours, compare, list."),
    "position": ("parley.cli.short_forms", DESK, "State a position."),
    "commitment": ("parley.cli.short_forms", DESK, "Commitments: add, claim as kept, list."),
    "glossary": ("parley.cli.glossary", DESK, "Terms agreed with peers, and our own."),
    "history": ("parley.cli.history", DESK, "Claim a register kept before the line."),
    "text": ("parley.cli.texts", DESK, "Joint texts: new, propose, agree, sign, compare, export."),
    "translate": ("parley.cli.translate", DESK, "Translate an entry by machine into a draft."),
    "search": ("parley.cli.search", DESK, "Words and terms over everything said."),
    "calendar": ("parley.cli.calendar", DESK, "What is due: list, file, addresses to subscribe."),
    "notice": ("parley.cli.notices", DESK, "Published warnings: read, compare, convert."),
    "profile": ("parley.cli.profiles", DESK, "What agreements set: list, show, check one's own."),
    "demo": ("parley.cli.demo", HOUSE, "See it: two stations, a day between them, two consoles."),
    "init": ("parley.cli.init", TRUST, "Make a station: keys, card, settings, database."),
    "serve": ("parley.cli.serve", TRUST, "Run a station."),
    "card": ("parley.cli.cards", TRUST, "Cards: what a party hands over to be known."),
    "peer": ("parley.cli.peers", TRUST, "Peers: add a card, compare words, trust or reject."),
    "keys": ("parley.cli.keys", TRUST, "Keys of the station: rotate, revoke, back up, recover."),
    "path": ("parley.cli.peers", TRUST, "Paths: addresses at which peers are dialled."),
    "carry": ("parley.cli.carry", TRUST, "Courier: files that a person carries to a peer."),
    "channel": ("parley.cli.channels", TRUST, "Channels: propose, accept, suspend, renew, close."),
    "officer": ("parley.cli.people", TRUST, "Officers: who works here, in which roles."),
    "break-glass": ("parley.cli.people", TRUST, "Codes that open the console when nobody can."),
    "webhook": ("parley.cli.webhooks", TRUST, "Webhooks: programs elsewhere that are told."),
    "token": ("parley.cli.people", TRUST, "Tokens: programs that use the API."),
    "doctor": ("parley.cli.status", TRUST, "Check the station; each finding with its remedy."),
    "backup": ("parley.cli.backup", TRUST, "Copy a station while it runs, and check the copy."),
    "restore": ("parley.cli.restore", TRUST, "Put a backup back; bring our log back from peers."),
    "log": ("parley.cli.logs", EVIDENCE, "Logs: show, export, follow, check."),
    "config": ("parley.cli.settings", HOUSE, "Settings: show, check, where they lie."),
    "verify": ("parley.cli.verify", EVIDENCE, "Check a bundle, extract or log; needs no station."),
    "witness": ("parley.cli.witness", EVIDENCE, "What a witness keeps, at the witness."),
    "bench": ("parley.cli.bench", EVIDENCE, "Measure this machine: store, link, verify."),
    "exercise": ("parley.cli.exercises", WATCH, "Exercises: start, inject, stop, report."),
    "scenario": ("parley.cli.scenario", EVIDENCE, "Play a history from a file and check it."),
    "simulate": ("parley.cli.simulate", EVIDENCE, "Run a network of stations on one seed."),
    "schema": ("parley.cli.about", HOUSE, "JSON Schemas of what --json prints, and procedures."),
    "version": ("parley.cli.about", HOUSE, "Which version this is."),
    "completion": ("parley.cli.completion", HOUSE, "Completion for bash, zsh or fish."),
    "help": ("parley.cli.about", HOUSE, "Help on a command or a topic."),
}
"""Each command: the module that has it, the panel of `parley --help`, one sentence."""


class LazyCommands(MutableMapping[str, Any]):
    """Commands by name, each imported when somebody asks for it."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            module = importlib.import_module(TABLE[name][0])
            self._loaded[name] = typer.main.get_command(module.app).commands[name]  # type: ignore[attr-defined]
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(TABLE)

    def __len__(self) -> int:
        return len(TABLE)

    def __contains__(self, name: object) -> bool:
        return name in TABLE


class ParleyGroup(TyperGroup):
    """The root of all commands; lists them without importing any."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = LazyCommands()
        self._is_listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(TABLE)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command; while help is drawn, only its name and its sentence."""
        del ctx
        if cmd_name not in TABLE:
            return None
        if self._is_listing:
            _, panel, text = TABLE[cmd_name]
            return TyperCommand(cmd_name, help=text, rich_help_panel=panel)
        return self.commands[cmd_name]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Draw the list of commands."""
        self._is_listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._is_listing = False


app = typer.Typer(
    name="parley",
    cls=ParleyGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A verifiable crisis-communication link and dialogue desk, for people and for scripts.",
    epilog="parley help COMMAND explains one; parley help topics lists what else is explained.",
)


def _show_version(is_asked: bool) -> None:  # noqa: FBT001 - as Typer calls it
    if is_asked:
        raise typer.Exit(main(["version"]))


@app.callback()
def _root(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Which version this is.", is_eager=True, callback=_show_version
        ),
    ] = False,
) -> None:
    """Make this a group; each command takes its own options."""
    del version


class _Terminated(BaseException):
    """SIGTERM came."""


def _on_terminate(_number: int, _frame: FrameType | None) -> None:
    raise _Terminated


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return the code it ends with."""
    arguments = sys.argv[1:] if argv is None else argv
    is_json = failures.wants_json(arguments)
    is_verbose = "-v" in arguments or "--verbose" in arguments
    before = signal.signal(signal.SIGTERM, _on_terminate)
    try:
        ended = app(arguments, standalone_mode=False, prog_name="parley")
    except ParleyError as problem:
        return _tell(failures.of_error(problem), is_json=is_json)
    except (typer.Abort, KeyboardInterrupt):
        return _tell(_stopped("interrupted", INTERRUPTED), is_json=is_json)
    except _Terminated:
        return _tell(_stopped("terminated", TERMINATED), is_json=is_json)
    except typer.TyperException as problem:
        if type(problem).__name__ == "NoArgsIsHelpError":
            print(problem.format_message())  # noqa: T201 - the help itself
            return problem.exit_code
        return _tell(failures.of_usage(problem), is_json=is_json)
    except BrokenPipeError:
        _let_go()
        return READER_GONE
    except SystemExit as leaving:
        # How rich ends where it prints the help into a closed pipe.
        if not isinstance(leaving.__context__, BrokenPipeError):
            raise
        return READER_GONE
    except Exception as problem:
        reference = secrets.token_hex(4)
        if is_verbose:
            logging.getLogger("parley.cli").exception("fault %s", reference)
        return _tell(failures.of_fault(problem, reference), is_json=is_json)
    finally:
        signal.signal(signal.SIGTERM, before)
    if ended == INTERRUPTED:
        # Typer makes an exit code of Ctrl-C and says nothing; what became of the work is said here.
        return _tell(_stopped("interrupted", INTERRUPTED), is_json=is_json)
    return ended if isinstance(ended, int) else 0


def _let_go() -> None:
    """Say nothing more on an output that nobody reads, not even what is still buffered."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _stopped(code: str, exit_code: int) -> Failure:
    return Failure(
        code=code,
        exit_code=exit_code,
        detail=f"{code.capitalize()}.",
        became="What was stored before stays stored.",
    )


def _tell(failure: Failure, *, is_json: bool) -> int:
    failure.print(is_json=is_json)
    return failure.exit_code


if __name__ == "__main__":
    raise SystemExit(main())
