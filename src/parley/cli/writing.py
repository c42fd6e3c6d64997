"""Options of every command that writes an entry, and the draft they make together.

What leaves a station is always a draft first; see `submitting` for what becomes of it.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import typer

from parley.cli.command import HOW_PANEL, read_text
from parley.errors import UsageError
from parley.station.directory import read_limited

WHAT_PANEL: Final = "What"
FORM_BYTES_MAX: Final = 262_144
SUBJECT_CHARS: Final = 60
"""How much of a text stands for its subject."""

STEPS: Final = ("delivered", "acknowledged", "answered")

Options: TypeAlias = dict[str, tuple[Any, Any, Any]]


def option(*names: str, text: str, panel: str = WHAT_PANEL, **more: Any) -> Any:
    """Return an option as Typer takes it."""
    return typer.Option(*names, help=text, rich_help_panel=panel, **more)


_TEXT: Final[Options] = {
    "file": (Path | None, option("--file", text="Take the text from this UTF-8 file."), None),
    "text_lang": (
        str,
        option("--text-lang", text="Language of the text; the station's where left out."),
        "",
    ),
    "translation": (
        list[str] | None,
        option("--translation", text="LANG=FILE: the same in another language."),
        None,
    ),
}
_ENVELOPE: Final[Options] = {
    "precedence": (str, option("-p", "--precedence", text="Z flash, O, P or R routine."), "R"),
    "to": (list[str] | None, option("--to", text="Who must act; all peers if left out."), None),
    "info": (list[str] | None, option("--info", text="Who is told only."), None),
    "subject": (
        str,
        option("--subject", text="What it is about; the first words if left out."),
        "",
    ),
    "ref": (list[str] | None, option("--ref", text="An entry it refers to."), None),
    "attach": (
        list[Path] | None,
        option("--attach", text="A file that goes with it; it comes after the words."),
        None,
    ),
    "exercise": (bool, option("--exercise", text="Mark it EXERCISE."), False),
}
_FIELDS: Final[Options] = {
    "field": (
        list[str] | None,
        option(
            "--field",
            text="NAME=VALUE, such as `live_fire=yes` or `windows=FROM/UNTIL`; else NAME:=JSON.",
        ),
        None,
    ),
    "form": (Path | None, option("--form", text="TOML or JSON file with fields."), None),
}
_HOW: Final[Options] = {
    "wait": (str, option("--wait", panel=HOW_PANEL, text=f"Until {', '.join(STEPS)}."), ""),
    "timeout": (str, option("--timeout", panel=HOW_PANEL, text="How long, such as 90s."), ""),
    "dry_run": (bool, option("--dry-run", panel=HOW_PANEL, text="Say what would leave."), False),
    "idempotency_key": (
        str,
        option("--idempotency-key", panel=HOW_PANEL, text="The same key sends once."),
        "",
    ),
}
MESSAGE: Final[Options] = _TEXT | _ENVELOPE | _FIELDS | _HOW
"""Options of a command that writes an entry with a text."""

SHORT: Final[Options] = {
    name: said for name, said in MESSAGE.items() if name not in ("to", "info", "subject")
}
"""Options of a command that writes an entry within a case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """What is to happen around an entry.

    Attributes:
        wait: step of delivery to wait for; empty waits for none.
        timeout: seconds to wait; None waits until interrupted.
        is_dry: only say what would leave.
        key: idempotency key; empty makes one.
    """

    wait: str = ""
    timeout: int | None = None
    is_dry: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants to say; members as the API names them.

    `files` are uploaded before it is handed in. `options` names the option of the command that
    gave a field, for what is said when it is wrong.
    """

    channel: str
    procedure: str = "message"
    move: str = ""
    case: str | None = None
    precedence: str = "R"
    mark: str | None = None
    action: Sequence[str] = ()
    info: Sequence[str] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    texts: Sequence[Mapping[str, str]] = ()
    refs: Sequence[str] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[Path] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the body of a submission."""
        return {
            "channel": self.channel,
            "procedure": self.procedure,
            "move": self.move,
            "case": self.case,
            "precedence": self.precedence,
            "mark": self.mark,
            "action": list(self.action),
            "info": list(self.info),
            "fields": dict(self.fields),
            "texts": [dict(text) for text in self.texts],
            "refs": list(self.refs),
        }


def how_of(given: Mapping[str, Any]) -> How:
    """Return what the options say of waiting and repeating.

    Raises:
        UsageError: an unknown step or no duration.
    """
    wait = str(given.get("wait") or "")
    if wait and wait not in STEPS:
        raise UsageError(
            f"--wait {wait!r} is no step of delivery", next_step=f"give {', '.join(STEPS)}."
        )
    return How(
        wait=wait,
        timeout=seconds_of(given.get("timeout") or ""),
        is_dry=bool(given.get("dry_run")),
        key=str(given.get("idempotency_key") or ""),
    )


def seconds_of(text: str) -> int | None:
    """Return the seconds of a duration option, None where it is left out.

    Raises:
        UsageError: it is no duration, or less than none.
    """
    from parley.core.instants import parse_duration  # noqa: PLC0415 - brings regular expressions

    if not text:
        return None
    seconds = parse_duration(text)
    if seconds < 0:
        raise UsageError(f"--timeout {text} is less than nothing")
    return seconds


def draft_of(
    given: Mapping[str, Any],
    *,
    channel: str,
    language: str,
    procedure: str = "message",
    move: str = "",
    case: str | None = None,
    text: str | None = None,
    needs_text: bool = False,
    fields: Mapping[str, Any] | None = None,
    options: Mapping[str, str] | None = None,
) -> Draft:
    """Return the draft that arguments and options make together.

    Args:
        given: options of `MESSAGE` or `SHORT`, by name.
        channel: code or id of the channel.
        language: of the text, where `--text-lang` says nothing.
        procedure: which one.
        move: which move; the opening one where empty.
        case: what it belongs to.
        text: the argument; `-` reads standard input.
        needs_text: read standard input where neither argument nor `--file` gives a text.
        fields: those that have options of their own.
        options: the name of that option, by field.

    Raises:
        UsageError: a file, a field or a text cannot be read.
    """
    values = {**form_fields(given.get("form")), **named_fields(given.get("field") or ())}
    values |= {name: value for name, value in (fields or {}).items() if value not in (None, "", [])}
    if given.get("subject"):
        values["subject"] = given["subject"]
    texts = _texts(given, text, language=language, needs_text=needs_text)
    if procedure == "message" and case is None and texts:
        values.setdefault("subject", first_words(texts[0]["text"]))
    return Draft(
        channel=channel,
        procedure=procedure,
        move=move,
        case=case,
        precedence=str(given.get("precedence") or "R").upper(),
        mark="EXERCISE" if given.get("exercise") else None,
        action=given.get("to") or (),
        info=given.get("info") or (),
        fields=values,
        texts=texts,
        refs=given.get("ref") or (),
        options=options or {},
        files=given.get("attach") or (),
    )


def first_words(text: str) -> str:
    """Return the first words of a text, as the subject of a message that names none."""
    line = next((line.strip() for line in text.split("\n") if line.strip()), "")
    if len(line) <= SUBJECT_CHARS:
        return line
    cut = line[: SUBJECT_CHARS - 1]
    return (cut.rpartition(" ")[0] or cut) + "\u2026"


def _texts(
    given: Mapping[str, Any], text: str | None, *, language: str, needs_text: bool
) -> list[dict[str, str]]:
    file = given.get("file")
    texts: list[dict[str, str]] = []
    if text is not None or file is not None or needs_text:
        words = read_text(text, file)
        if needs_text and not words.strip():
            raise UsageError(
                "the text is empty", next_step="write it as an argument, or on standard input."
            )
        lang = str(given.get("text_lang") or language)
        texts.append({"lang": lang, "status": "authentic", "text": words})
    for named in given.get("translation") or ():
        lang, is_named, path = str(named).partition("=")
        if not is_named or not texts:
            raise UsageError(
                f"--translation {named!r} is not understood",
                next_step="give LANG=FILE, beside the text itself.",
            )
        texts.append({"lang": lang, "status": "courtesy", "text": read_text(None, Path(path))})
    return texts


def named_fields(given: Sequence[str]) -> dict[str, Any]:
    """Return fields given as `NAME=VALUE` or `NAME:=JSON`; a name given twice makes a list.

    Raises:
        UsageError: one is neither.
    """
    fields: dict[str, Any] = {}
    for said in given:
        name, is_named, text = said.partition("=")
        value: Any = text
        if name.endswith(":"):
            name = name[:-1]
            try:
                value = json.loads(text)
            except ValueError as problem:
                raise UsageError(f"--field {name}: {text!r} is no JSON: {problem}") from None
        if not is_named or not name:
            raise UsageError(
                f"--field {said!r} is not understood", next_step="give NAME=VALUE or NAME:=JSON."
            )
        if name in fields:
            before = fields[name]
            fields[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            fields[name] = value
    return fields


def form_fields(path: Path | None) -> dict[str, Any]:
    """Return the fields of a form file, TOML or JSON.

    Raises:
        UsageError: it is missing, too long or no object.
    """
    if path is None:
        return {}
    raw = read_limited(path, FORM_BYTES_MAX)
    try:
        text = raw.decode("utf-8")
        found = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as problem:
        raise UsageError(f"{path} cannot be read: {problem}") from None
    if not isinstance(found, dict):
        raise UsageError(f"{path} holds no fields by name")
    return found
