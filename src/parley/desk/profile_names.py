"""Names that a profile takes from the procedures: moves that meet a day, fields that are held."""

from __future__ import annotations

from parley.desk.catalogue import PROCEDURES, fields_of
from parley.desk.procedure import Procedure
from parley.desk.profiles import Limit, Profile
from parley.desk.profiles.met import Met
from parley.errors import UsageError

_NEXT = "docs/reference/procedures names every procedure with its moves and fields."


def check_names(profile: Profile) -> None:
    """Hold what a profile names to the catalogue: a misspelt name would silently do nothing.

    Raises:
        UsageError: there is no such procedure, move, field or column.
    """
    used = {limit.line for datum in profile.data for limit in datum.limits}
    for name in profile.lines:
        if name not in used:
            known = ", ".join(sorted(used - {""})) or "none"
            raise UsageError(
                f"profile {profile.code}: no limit measures from the line {name!r}",
                next_step=f"Lines that limits name: {known}.",
            )
    for datum in profile.data:
        where = f"profile {profile.code}: {datum.item}"
        for limit in datum.limits:
            _check_limit(where, limit)
        if datum.met is not None:
            _check_met(where, datum.met)


def _procedure(where: str, name: str) -> Procedure:
    if name not in PROCEDURES:
        raise UsageError(
            f"{where}: there is no procedure {name!r}",
            next_step=f"Known: {', '.join(sorted(PROCEDURES))}.",
        )
    return PROCEDURES[name]


def _opening_fields(procedure: Procedure) -> set[str]:
    openers = [move for move in procedure.moves if move.opens != "no"]
    return {name for move in openers for name in fields_of(move)}


def _check_limit(where: str, limit: Limit) -> None:
    procedure = _procedure(where, limit.procedure)
    known = {name for move in procedure.moves for name in fields_of(move)}
    if limit.field.partition(".")[0] not in known:
        raise UsageError(
            f"{where}: {limit.procedure} has no field {limit.field!r}", next_step=_NEXT
        )


def _check_met(where: str, rule: Met) -> None:
    for full in rule.by:
        procedure = _procedure(where, full.partition(".")[0])
        if procedure.move(full.partition(".")[2]) is None:
            names = ", ".join(move.full_name for move in procedure.moves)
            raise UsageError(f"{where}: there is no move {full!r}", next_step=f"Known: {names}.")
    made = [PROCEDURES[name] for name in rule.procedures]
    fields = {name for procedure in made for name in _opening_fields(procedure)}
    columns = {column.name for procedure in made for column in procedure.columns}
    for name in set(rule.named) - fields:
        raise UsageError(f"{where}: no opening entry has a field {name!r}", next_step=_NEXT)
    for name in set(rule.without) - columns:
        raise UsageError(f"{where}: no row has a column {name!r}", next_step=_NEXT)
