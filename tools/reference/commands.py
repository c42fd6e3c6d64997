"""A page for each command, from the declarations that `--help` is drawn from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from parley.cli import topics
from parley.cli.command import Declared
from parley.cli.exits import EXIT_CODES
from parley.cli.main import TABLE, app
from parley_verify.__main__ import command_parser
from reference.markdown import block, code, page, section, table

SHARED = ("Output", "Which station")


def tree() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command with the words that call it."""
    root: Any = typer.main.get_command(app)
    for name in TABLE:
        yield from _below((name,), root.commands[name])


def verifier_page() -> str:
    """Return the page of `parley verify`, which hands its arguments to the stand-alone verifier."""
    parser = command_parser()
    given = [each for each in parser._actions if "--help" not in each.option_strings]
    return page(
        "parley verify",
        f"{parser.description} `parley verify` is `parley-verify` under the name that people try first; the latter needs"
        " nothing of Parley's station, and also ships as one file (`python3 tools/single_file.py OUT`).",
        block(["parley verify [OPTIONS] BUNDLE..."]),
        table(
            ["argument or option", "what it is"],
            [
                [
                    ", ".join(code(name) for name in each.option_strings or [each.dest.upper()]),
                    each.help or "",
                ]
                for each in given
            ],
        ),
        block(["parley verify ops.parley --trust alfa.card --trust bravo.card"], "sh"),
        block((parser.epilog or "").rstrip("\n").split("\n")),
        "`--json` prints `parley.verify/1`.",
    )


def _below(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not hasattr(command, "commands"):
        yield words, command
        return
    for name, each in command.commands.items():
        yield from _below((*words, name), each)


def declared(command: Any) -> Declared | None:
    """Return what a command was declared with; None for the verifier's, which is no part of ours."""
    return getattr(command.callback, "declared", None)


def pages() -> dict[str, str]:
    """Return every page about commands, by its path in the reference."""
    grouped: dict[str, list[tuple[tuple[str, ...], Any]]] = {}
    for words, command in tree():
        grouped.setdefault(words[0], []).append((words, command))
    del grouped["verify"]
    found = {"commands/verify.md": verifier_page()}
    found |= {f"commands/{name}.md": _page(name, each) for name, each in grouped.items()}
    found["commands/README.md"] = _index()
    found["topics.md"] = _topics()
    found["exit-codes.md"] = page(
        "Exit codes",
        "A script treats a code that it does not know as failure. Which command ends with which stands on the"
        " page of the command.",
        table(["code", "meaning"], [[str(each), said] for each, said in EXIT_CODES.items()]),
    )
    return found


def _index() -> str:
    panels: dict[str, list[list[str]]] = {}
    for name, (_, panel, sentence) in TABLE.items():
        panels.setdefault(panel, []).append([f"[`parley {name}`]({name}.md)", sentence])
    shared = next(command for words, command in tree() if words == ("send",))
    return page(
        "Commands",
        "What `parley --help` lists, with the same words.",
        *(section(panel, table(["command", "does"], rows)) for panel, rows in panels.items()),
        section(
            "Options of every command",
            _options(shared, only=SHARED),
            "Commands that speak to no station do not take the last two.",
        ),
    )


def _page(name: str, commands: list[tuple[tuple[str, ...], Any]]) -> str:
    if len(commands) == 1 and commands[0][0] == (name,):
        return page(f"parley {name}", *_command(commands[0][0], commands[0][1]))
    return page(
        f"parley {name}",
        TABLE[name][2],
        *(
            section(" ".join(("parley", *words)), *_command(words, each))
            for words, each in commands
        ),
    )


def _command(words: tuple[str, ...], command: Any) -> list[str]:
    said = declared(command)
    assert said is not None, words
    exits = [f"- {each}: {EXIT_CODES[each]}" for each in sorted({0, 1, 2, *said.exits})]
    return [
        (command.help or "").strip(),
        block([_usage(words, command)]),
        _arguments(command),
        _options(command, leave=SHARED),
        "Examples:",
        block(said.examples, "sh"),
        "Exit codes:",
        "\n".join(exits),
        f"`--json` prints {code(f'parley.{said.schema}/1')} ([schemas](../schemas.md)).",
    ]


def _usage(words: tuple[str, ...], command: Any) -> str:
    named = [
        (each.name.upper() if each.required else f"[{each.name.upper()}]")
        for each in command.params
        if each.param_type_name == "argument"
    ]
    return " ".join(["parley", *words, "[OPTIONS]", *named])


def _arguments(command: Any) -> str:
    rows = [
        [code(each.name.upper()), each.help or "", "needed" if each.required else ""]
        for each in command.params
        if each.param_type_name == "argument"
    ]
    return table(["argument", "what it is", ""], rows)


def _options(command: Any, *, only: tuple[str, ...] = (), leave: tuple[str, ...] = ()) -> str:
    rows = []
    for each in command.params:
        panel = getattr(each, "rich_help_panel", None) or ""
        if each.param_type_name != "option" or each.name == "help" or each.hidden:
            continue
        if (only and panel not in only) or panel in leave:
            continue
        names = ", ".join(code(name) for name in sorted(each.opts, key=len))
        many = " May be repeated." if each.multiple else ""
        rows.append([names, f"{each.help or ''}{many}", _default(each)])
    return table(["option", "what it does", "default"], rows)


def _default(option: Any) -> str:
    if option.default in (None, "", False, ()) or callable(option.default):
        return ""
    return code(str(option.default))


def _topics() -> str:
    texts = [(name, topics.text_of(name)) for name in topics.names() if name != "topics"]
    return page(
        "Topics",
        "What `parley help TOPIC` says.",
        *(section(name, block((text or "").rstrip("\n").split("\n"))) for name, text in texts),
    )
