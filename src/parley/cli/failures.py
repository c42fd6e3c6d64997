"""How a command ends that cannot do what was asked: lines for people, an object for programs.

The first line says what happened, the second what became of it, the third what to do next.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import typer

from parley.core.texts import visible
from parley.errors import ParleyError, StationUnreachableError, UsageError

SCHEMA: Final = "parley.error/1"

TITLES: Final[dict[str, str]] = {
    "usage": "Not understood",
    "not_found": "Not found",
    "not_allowed": "Not allowed",
    "move_not_permitted": "Not permitted now",
    "invalid": "Fields are missing or wrong",
    "conflict": "Changed meanwhile, or not possible in this state",
    "peer_not_trusted": "Peer not trusted",
    "peer_key_changed": "The peer's key changed",
    "station_unreachable": "Station not running",
    "no_station": "No station here",
    "locked": "Locked by another process",
    "key_locked": "Key locked",
    "token_away": "Token away",
    "does_not_hold": "Does not hold",
    "storage_full": "No room left",
    "bad_setting": "A setting is wrong",
    "held": "Held for a releaser",
    "failed": "Failed",
    "interrupted": "Interrupted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a command could not do what was asked.

    Attributes:
        code: stable name for programs.
        exit_code: see `exits.EXIT_CODES`.
        detail: what happened, one sentence.
        became: what became of the work; empty where the detail says it.
        next_step: what to do now; empty where there is nothing.
        facts: further members for programs.
    """

    code: str
    exit_code: int
    detail: str
    became: str = ""
    next_step: str = ""
    facts: tuple[tuple[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints on standard output."""
        error = {
            "code": self.code,
            "exit": self.exit_code,
            "title": TITLES.get(self.code, self.code.replace("_", " ").capitalize()),
            "detail": self.detail,
            "became": self.became or None,
            "next": self.next_step or None,
        }
        error |= {name: value for name, value in self.facts if name not in error}
        return {"schema": SCHEMA, "type": "error", "ok": False, "error": error}

    def lines(self) -> list[str]:
        """Return the lines that people read."""
        lines = [_sentence(visible(self.detail))]
        if self.became:
            lines.append(visible(self.became))
        step = visible(self.next_step)
        lines.append(
            f"Next: {step}        (exit {self.exit_code})" if step else f"(exit {self.exit_code})"
        )
        return lines

    def print(self, *, is_json: bool) -> None:
        """Print it: the object on standard output where asked for, the lines on standard error."""
        if is_json:
            print(json.dumps(self.as_json(), ensure_ascii=False), flush=True)  # noqa: T201
        for line in self.lines():
            print(line, file=sys.stderr, flush=True)  # noqa: T201


def of_error(problem: ParleyError) -> Failure:
    """Return the failure that an error of ours means."""
    facts: list[tuple[str, Any]] = []
    if permitted := getattr(problem, "permitted", None):
        facts.append(("permitted", list(permitted)))
    if problems := getattr(problem, "problems", None):
        facts.append(("problems", [_problem(member) for member in problems]))
    given = getattr(problem, "facts", None)
    if isinstance(given, dict):
        facts += [(name, value) for name, value in given.items() if _is_json(value)]
    return Failure(
        code=problem.code,
        exit_code=problem.exit_code,
        detail=str(problem) or problem.code,
        became=problem.became or _untouched(problem),
        next_step=problem.next_step,
        facts=tuple(facts),
    )


def of_problem(problem: Mapping[str, Any]) -> Failure:
    """Return the failure that a problem of the API means (`application/problem+json`)."""
    return Failure(
        code=str(problem["code"]),
        exit_code=int(problem["exit"]),
        detail=str(problem["detail"]),
        became="Nothing was changed or sent." if problem["sent"] is False else "",
        next_step=str(problem["next"] or ""),
        facts=(("errors", list(problem["errors"])),),
    )


def _sentence(detail: str) -> str:
    """Return a detail as a sentence begins; names and options stay as they are."""
    first = detail.partition(" ")[0].rstrip(":;,")
    is_word = first.isascii() and first.isalpha() and first.islower()
    return detail[:1].upper() + detail[1:] if is_word else detail


def _untouched(problem: ParleyError) -> str:
    """Return what a refusal means for the work: nothing was done, where that is certain."""
    is_refusal = isinstance(problem, UsageError) and not isinstance(
        problem, StationUnreachableError
    )
    says_so = "nothing" in str(problem)
    return "Nothing was changed or sent." if is_refusal and not says_so else ""


def _problem(member: Any) -> Any:
    return list(member) if isinstance(member, tuple) else str(member)


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def of_usage(problem: typer.TyperException) -> Failure:
    """Return the failure that a command line which cannot be read means."""
    context = getattr(problem, "ctx", None)
    path = context.command_path if context is not None else "parley"
    detail = problem.format_message().rstrip()
    return Failure(
        code="usage",
        exit_code=problem.exit_code,
        detail=detail,
        became="Nothing was changed or sent.",
        next_step=f"{path} --help",
    )


def of_fault(problem: BaseException, reference: str) -> Failure:
    """Return the failure that a fault of ours means; `-v` logs the trace."""
    return Failure(
        code="failed",
        exit_code=1,
        detail=f"Something went wrong that should not: {type(problem).__name__}, "
        f"reference {reference}.",
        next_step="run the command again with -v for the trace, and report it with the reference.",
        facts=(("reference", reference),),
    )


def wants_json(arguments: Sequence[str]) -> bool:
    """Say whether the output is for programs, also where the rest cannot be read."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options or "--batch" in options
