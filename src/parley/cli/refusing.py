"""What the desk refuses of a draft, in the words of the command: options, each with an example."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from parley.cli.reach import Door, segment
from parley.cli.writing import Draft
from parley.desk.actors import Named
from parley.desk.catalogue import PROCEDURES, fields_of
from parley.desk.examples import Around, example_of
from parley.desk.fields import Names
from parley.desk.procedure import Move
from parley.errors import FieldFaultError, InvalidFieldsError, ParleyError
from parley.station.forms import opening_move

_OPTIONS: Final = {
    "subject": "--subject", "precedence": "--precedence", "action": "--to", "info": "--info",
    "refs": "--ref", "channel": "the channel", "case": "the entry",
    "mark": "--exercise", "attach": "--attach",
}  # fmt: skip
_THE_TEXT: Final = "the text"
_WORDS: Final = "The lights are out."


def refused(problem: InvalidFieldsError, draft: Draft, door: Door) -> InvalidFieldsError:
    """Return a refusal of the desk in the words of the command: options, not names of fields.

    A field that is missing or has not its form is named with an example that it takes.
    """
    said: dict[str, str] = {}
    shown: dict[str, str] = {}
    move, around = _move(draft), _around(draft, door)
    of_texts = {sentence for name, sentence in problem.problems if name.startswith("texts[")}
    of_texts |= {sentence for name, sentence in problem.problems if name.startswith("text[")}
    for name, sentence in problem.problems:
        # A subject that was taken from the text has the faults of the text.
        if name.startswith("subject") and sentence in of_texts:
            continue
        called, bare = _called(name, draft), _bare(name)
        inner = name.removeprefix(bare) if called.startswith("--field") else ""
        said.setdefault(
            called, (f"at {inner.lstrip('.')}: " if inner else "") + sentence.rstrip(".")
        )
        if called == _THE_TEXT:
            if not draft.texts:
                shown.setdefault(called, shlex.quote(_WORDS))
        elif move is not None and called.startswith("--") and _is_misshapen(move, bare, draft):
            shown.setdefault(called, _shown(called, bare, example_of(move, bare, around)))
    known = f"parley schema {move.full_name}" if move is not None else "parley schema"
    told = [
        f"{name}: {sentence}" + (f", such as {shown[name]}" if name in shown else "")
        for name, sentence in said.items()
    ]
    problem.args = ("; ".join(told) + ".",)
    problem.became = problem.became or "Nothing was stored or sent."
    problem.next_step = problem.next_step or f"put it right; {known} tells what may stand there."
    return problem


class _AnyName(Names):
    """Takes every name of an entry: whether there is one is for the station to say."""

    def ref_value(self, name: Any, where: str) -> Any:
        """Return a reference for every text."""
        if not isinstance(name, str):
            raise FieldFaultError(where, "wrong_form", {})
        return [0, 1]

    def ref_name(self, value: Any) -> Any:
        """Return a name."""
        return str(value)


def _is_misshapen(move: Move, field: str, draft: Draft) -> bool:
    """Say whether a field is missing or has not its form: an example helps there alone.

    What the state of a case does not permit has the right form.
    """
    declared = fields_of(move).get(field)
    if declared is None:
        return False
    if field not in draft.fields:
        return True
    try:
        declared.type.read(draft.fields[field], field, _AnyName())
    except FieldFaultError:
        return True
    return isinstance(move.by, Named) and move.by.field == field


def typed(name: str, value: Any) -> str:
    """Return a field as it is typed on a command line: `--field due=PT4H`, else as JSON."""
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(value, str | int):
        return f"--field {shlex.quote(f'{name}={value}')}"
    return f"--field {shlex.quote(f'{name}:={json.dumps(value, ensure_ascii=False)}')}"


def _shown(called: str, bare: str, value: Any) -> str:
    if called.startswith("--field"):
        return typed(bare, value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"{called} {shlex.quote(text)}"


def _move(draft: Draft) -> Move | None:
    """Return the move that a draft is, None where there is no such move."""
    procedure = PROCEDURES.get(draft.procedure)
    if procedure is None:
        return None
    return procedure.move(draft.move) if draft.move else opening_move(procedure)


def _around(draft: Draft, door: Door) -> Around:
    """Return what the examples are taken from: the channel, where the station knows it."""
    channel: Mapping[str, Any] = {}
    with suppress(ParleyError):
        channel = door.get(f"/channels/{segment(draft.channel)}") if draft.channel else {}
    ours = str(channel.get("ours") or "ALFA")
    others: Sequence[Any] = [one for one in channel.get("parties", ()) if one != ours]
    theirs = str(next(iter(others), "BRAVO"))
    logs: Sequence[Any] = channel.get("logs", ())
    last = [f"{one['name']}/{one['size'] - 1}" for one in logs if one["size"] > 1]
    return Around(
        channel=draft.channel or "OPS",
        ours=ours,
        theirs=theirs,
        moment=int(time.time()),
        entry=next(iter(last), ""),
    )


def _bare(name: str) -> str:
    return name.partition("[")[0].partition(".")[0]


def _called(name: str, draft: Draft) -> str:
    """Return how the command line calls a field: its option, or the text."""
    bare = _bare(name)
    if bare in ("text", "texts"):
        return _THE_TEXT if "[0]" in name or "[" not in name else "--translation"
    if draft.procedure == "ack" and bare == "of":
        return "the entry"  # the argument of `parley ack`
    option = draft.options.get(bare) or _OPTIONS.get(bare)
    return option or (f"--field {bare}" if bare else "the entry")
