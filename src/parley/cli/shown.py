"""How entries, cases, channels and their times read on a line, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from parley.cli.output import Column, chosen_text, plain
from parley.core.instants import dtg, parse_instant
from parley.core.texts import visible
from parley.errors import UsageError

PRECEDENCES: Final = {"Z": "FLASH", "O": "IMMEDIATE", "P": "PRIORITY", "R": "ROUTINE"}
_SUBJECT_CHARS: Final = 40


def when(value: Any) -> str:
    """Return an RFC 3339 time as a date-time group; absent is `-`."""
    if not isinstance(value, str):
        return "-"
    try:
        return dtg(parse_instant(value))
    except UsageError:
        return value


def clock(value: Any) -> str:
    """Return only hour, minute and second of an RFC 3339 time, as `212407Z`."""
    text = str(value)
    return f"{text[11:19].replace(':', '')}Z" if len(text) >= 19 else "-"


def span(seconds: Any) -> str:
    """Return seconds as people say them: `0:18:20`, `3 d 04 h`; a minus says that it is over."""
    if not isinstance(seconds, int | float):
        return "-"
    sign, left = ("-" if seconds < 0 else ""), int(abs(seconds))
    if left >= 86_400:
        return f"{sign}{left // 86_400} d {left % 86_400 // 3600:02} h"
    return f"{sign}{left // 3600}:{left % 3600 // 60:02}:{left % 60:02}"


def words(language: str) -> Any:
    """Return a function that shows a text in the language wanted, cut to one line."""

    def show(value: Any) -> str:
        text = chosen_text(value, language).replace("\n", " ")
        return text if len(text) <= _SUBJECT_CHARS else text[: _SUBJECT_CHARS - 3] + "..."

    return show


def entry_columns(language: str) -> list[Column]:
    """Return the columns of a list of entries."""
    return [
        Column(key="name", title="ENTRY"),
        Column(key="times.received_at", title="RECEIVED", shown=when),
        Column(key="precedence", title="P"),
        Column(key="procedure", title="ABOUT"),
        Column(key="move", title="ACT"),
        Column(key="words", title="TEXT", shown=words(language)),
    ]


def entry_items(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return entries as `--json` lists them: with `entry`, their name, and one line of words."""
    return [
        {**row, "entry": row["name"], "words": row.get("subject") or row.get("texts") or {}}
        for row in rows
    ]


def case_columns(language: str) -> list[Column]:
    """Return the columns of a register."""
    return [
        Column(key="number", title="NUMBER"),
        Column(key="who", title="FROM -> TO"),
        Column(key="subject", title="SUBJECT", shown=words(language)),
        Column(key="due_at", title="DUE", shown=when),
        Column(key="standing", title="STATE"),
        Column(key="proof", title="PROOF", shown=lambda proof: _proof(proof, language)),
    ]


def case_items(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return cases as `--json` lists them, with who speaks to whom and how it stands in words."""
    return [{**row, "who": who(row), "standing": standing(row)} for row in rows]


def who(row: Mapping[str, Any]) -> str:
    """Return whose case it is, and to whom."""
    return f"{row['opener']} -> {', '.join(row['addressees'])}"


def standing(row: Mapping[str, Any]) -> str:
    """Return a case's state, and how long there is or was to answer."""
    state = str(row["state"])
    told = {"lapsed-silent": "lapsed, silent", "lapsed-dark": "lapsed, dark"}.get(row["clock"])
    if told:
        return told
    if row["clock"] in ("running", "near", "extended") and row.get("left_s") is not None:
        differ = ", by the clock of whoever owes it" if row.get("due_from") else ""
        return f"{state}, due in {span(row['left_s'])}{differ}"
    return state


def _proof(proof: Any, language: str) -> str:
    if not isinstance(proof, Mapping):
        return "-"
    return chosen_text(proof.get("text"), language)


_LABEL_CHARS: Final = 32
"""Names of fields stand in one column up to this width; a longer one is not cut."""


def shown_fields(fields: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    """Return the fields of an entry as lines."""
    named = [
        (chosen_text(field["label"], language), visible(str(field["shown"]))) for field in fields
    ]
    wide = min(max((len(label) for label, _ in named), default=0), _LABEL_CHARS)
    return [f"{label:<{wide}}  {shown}" for label, shown in named]


def text_lines(texts: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the texts of an entry, each under its language and status."""
    lines: list[str] = []
    for text in texts:
        lines.append(f"[{visible(str(text['lang']))}, {text['status']}]")
        # `visible` keeps line feeds; each line is indented so that no text can pass for our own.
        lines += [f"  {line}" for line in visible(str(text["text"])).split("\n")]
    return lines


def place(resource: Any) -> str:
    """Return where something stands, from the address of its resource."""
    return str(resource or "").removeprefix("/api/v1/").replace("entries/", "")


def precedence_name(letter: Any) -> str:
    """Return the word for a precedence letter."""
    return PRECEDENCES.get(str(letter), plain(letter))


_FILE_STATES: Final = {
    "here": "whole, digest agrees",
    "damaged": "DAMAGED: its parts give another digest",
    "type": "whole, but NOT what its type says",
}


def file_line(file: Mapping[str, Any]) -> str:
    """Return one file of an entry on a line: name, type, size, and whether it is whole here."""
    state = str(file["state"])
    said = _FILE_STATES.get(state, f"{file['parts_here']} of {file['parts']} parts are here")
    there = "".join(
        f"; {code} has {count} of {file['parts']}" for code, count in file["per_peer"].items()
    )
    name = visible(str(file["name"]))
    return f"file       {name}  {file['type']}  {file['bytes']} bytes  {said}{there}"
