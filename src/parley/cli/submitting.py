"""Handing a draft to the station: what became of it, how far it came, and how to keep waiting."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from parley.cli.command import Run
from parley.cli.exits import HELD, WAITED_IN_VAIN
from parley.cli.output import Result
from parley.cli.reach import Door, entry_path, segment
from parley.cli.refusing import refused
from parley.cli.shown import clock, precedence_name, span
from parley.cli.writing import Draft, How
from parley.core.instants import parse_instant
from parley.core.limits import ATTACHMENT_BYTES_MAX
from parley.core.texts import visible
from parley.desk.attachments import TYPES, type_of
from parley.errors import InvalidFieldsError, ParleyError, UsageError
from parley.station.directory import read_limited

_ASK_S: Final = 20
"""Seconds for which one question for a delivery is held open."""

_DRAFT_EVERY_S: Final = 0.5
_ORDER: Final = ("stored", "on-path", "delivered", "acknowledged", "answered")
_SETTLED: Final = ("released", "refused", "returned", "dropped")


def hand_in(run: Run, door: Door, draft: Draft, how: How) -> None:
    """Submit a draft, wait as asked for, print what became of it and end."""
    key = how.key or secrets.token_hex(16)
    draft = with_files(door, draft, key)
    if how.is_dry:
        run.finish(plan(door, draft))
        return
    try:
        done: dict[str, Any] = door.post("/submissions", draft.as_json(), key=key)
    except InvalidFieldsError as problem:
        raise refused(problem, draft, door) from None
    tell(run, door, done, how)


def with_files(door: Door, draft: Draft, key: str) -> Draft:
    """Return a draft that names its files, which the station keeps from now on.

    Raises:
        UsageError: one cannot be read, or is of a type that is not taken.
    """
    if not draft.files:
        return draft
    named: list[Any] = list(draft.fields.get("attach", ()))
    for place, path in enumerate(draft.files):
        content = read_limited(path, ATTACHMENT_BYTES_MAX)
        kind = type_of(path.name)
        if not kind:
            raise UsageError(
                f"{path} is of no type that is taken; nothing was sent",
                next_step=f"Types: {', '.join(TYPES)}.",
            )
        named.append(
            door.put_file(
                f"/attachments/{sha256(content).hexdigest()}",
                content,
                kind=kind,
                key=f"{key}.{place}",
                name=path.name,
            )
        )
    return replace(draft, fields={**draft.fields, "attach": named})


def tell(run: Run, door: Door, done: Mapping[str, Any], how: How) -> None:
    """Print what became of a submission, wait as asked for, and end.

    Args:
        run: the call.
        door: the station.
        done: what the station answered: `Submitted`.
        how: what to wait for.
    """
    try:
        _tell(run, door, done, how)
    except ParleyError as problem:
        # Whatever failed after that, the text is where the station said it is.
        kept = done["entry"] or done["draft"]
        problem.became = problem.became or f"{kept} is stored; that stays so."
        raise


def _tell(run: Run, door: Door, done: Mapping[str, Any], how: How) -> None:
    until = None if how.timeout is None else time.monotonic() + how.timeout
    result = dict(done) | {"delivery": None}
    if result["entry"] is None and how.wait:
        run.out.tell(f"held       {result['draft']} waits for: {', '.join(result['needs'])}")
        result |= wait_release(run, door, str(result["draft"]), until)
    if result["entry"] is None:
        run.finish(_held(result))
        return
    entry = str(result["entry"])
    row = door.get(entry_path(entry)) if not (run.out.is_quiet or run.out.is_json) else {}
    run.out.tell(
        f"stored     {clock(result['stored_at'])}  {entry}  "
        f"{precedence_name(row.get('precedence'))}  {row.get('size')} bytes"
    )
    if how.wait:
        result["delivery"] = wait_delivery(run, door, entry, how.wait, until)
    run.finish(_result(result, entry, how))


def plan(door: Door, draft: Draft) -> Result:
    """Return what would leave the station, which nothing does.

    Raises:
        InvalidFieldsError: the desk would refuse it.
    """
    checked: dict[str, Any] = door.post("/checks", draft.as_json())
    if not checked["ok"]:
        wrong = tuple((str(one["field"]), str(one["en"])) for one in checked["problems"])
        raise refused(InvalidFieldsError(wrong), draft, door)
    starts = [
        f"starts     a clock: {one['owed_by']} owes an answer within {span(one['due_after_s'])}"
        for one in checked["starts_clocks"]
    ]
    return Result(
        data={"dry_run": True, **checked},
        lines=[
            "nothing was sent; this would leave:",
            f"bytes      {checked['size']}",
            f"digest     {checked['digest']}",
            *starts,
        ],
        warnings=checked["warnings"],
    )


def _held(result: Mapping[str, Any]) -> Result:
    draft = result["draft"]
    state = str(result["state"])
    told = f"held: {draft} waits for {', '.join(result['needs']) or 'a releaser'}"
    if state in ("refused", "returned", "dropped"):
        told = f"not sent: {draft} was {state}"
    return Result(
        data=result,
        lines=[told, f"Next: parley draft show {draft}        (exit {HELD})"],
        quiet=[str(draft)],
        exit_code=HELD,
    )


def _result(result: Mapping[str, Any], entry: str, how: How) -> Result:
    delivery = result["delivery"]
    in_vain = delivery is not None and not delivery["reached"]
    warnings = []
    if in_vain:
        warnings.append(
            f"{entry} is stored and goes on its way, but was not {how.wait} in time; "
            f"keep waiting: parley wait {entry} --for {how.wait}"
        )
    return Result(
        data=result,
        lines=[entry],
        quiet=[entry],
        warnings=warnings,
        detail=[f"idempotency key {result['idempotency_key']}"],
        exit_code=WAITED_IN_VAIN if in_vain else 0,
    )


def wait_release(run: Run, door: Door, draft: str, until: float | None) -> dict[str, Any]:
    """Wait until a draft is released or given up; return how it stands."""
    while True:
        try:
            view = door.get(f"/drafts/{segment(draft)}")
            if view["state"] in _SETTLED or (until is not None and time.monotonic() >= until):
                return {"state": view["state"], "entry": view["entry"], "needs": view["needs"]} | (
                    _stored_of(door, view["entry"]) if view["entry"] else {}
                )
            time.sleep(_DRAFT_EVERY_S)
        except KeyboardInterrupt:
            run.out.tell(f"{draft} is kept and waits for its releaser; nothing left yet")
            raise


def _stored_of(door: Door, entry: str) -> dict[str, Any]:
    row = door.get(entry_path(entry))
    return {"hash": row["hash"], "stored_at": row["times"]["received_at"]}


def wait_delivery(
    run: Run, door: Door, entry: str, step: str, until: float | None
) -> dict[str, Any]:
    """Wait until an own entry has come to a step; tell each step once; return its delivery."""
    told: set[tuple[Any, ...]] = set()
    while True:
        left = _ASK_S if until is None else min(_ASK_S, max(0.0, until - time.monotonic()))
        try:
            delivery: dict[str, Any] = door.get(
                f"{entry_path(entry)}/delivery", wait=f"{max(int(left), 0)}s", until=step
            )
            for one in delivery["steps"]:
                mark = (one["step"], one["by"], one["entry"], one["statement_no"])
                if one["step"] != "stored" and mark not in told:
                    told.add(mark)
                    run.out.tell(_step_line(one, delivery["stored_at"]))
            delivery["reached"] = _ORDER.index(delivery["state"]) >= _ORDER.index(step)
            if delivery["reached"] or (until is not None and time.monotonic() + 1 > until):
                return delivery
        except KeyboardInterrupt:
            run.out.tell(
                f"{entry} is stored and goes on its way; "
                f"keep waiting: parley wait {entry} --for {step}"
            )
            raise


def _step_line(step: Mapping[str, Any], stored_at: str) -> str:
    said = visible(str(step["text"] or ""))
    if step["step"] == "delivered":
        took_s = parse_instant(str(step["at"])) - parse_instant(stored_at)
        said = f"{said}, {took_s} s after storing"
    elif step["step"] == "acknowledged":
        said = f"by {step['by']}: {said}"
    elif step["step"] == "answered":
        said = f"by {step['by']}: {step['entry']}"
    return f"{step['step']:<9}  {clock(step['at'])}  {said}"
