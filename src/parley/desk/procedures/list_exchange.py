"""An exchange of lists at one time: both sealed first, then opened, so that nobody goes first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from parley.core.canon import Value, encode
from parley.core.instants import rfc3339
from parley.desk.actors import By
from parley.desk.facts import CaseFacts
from parley.desk.fields import FieldType, Integer, Json, Names, Text, code
from parley.desk.places import Position
from parley.desk.procedure import Move, Procedure, columns, put, words
from parley.desk.sealing import (
    COLUMNS,
    COMMIT,
    COMMIT_GO,
    OPENED,
    REVEAL_GO,
    SALT,
    WITHDRAW_GO,
    commit_given,
    differs,
    opened,
    party_columns,
    same_terms,
    sealed_columns,
    states,
)
from parley.desk.structures import ListOf, Struct, member
from parley.desk.times import InstantType, start_of

ROW = Struct(
    (
        member("name", 0, Text(120), "name", "名称"),
        member("position", 1, Position(), "position", "位置"),
        member("kind", 2, Text(60), "kind", "类别"),
        member("number", 3, Text(40), "number", "编号"),
        member("remark", 4, Text(200), "remark", "备注"),
    ),
    bare="name",
)


@dataclass(frozen=True, slots=True)
class Rows(FieldType):
    """The rows of a list in the order of their bytes, so that their order tells nothing."""

    kind = "list"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the rows, sorted; none is a list of no rows.

        A row may give its place as `position`, as `coordinates`, or as `lat` and `long`.
        """
        if isinstance(json, list | tuple):
            json = [_placed(row) for row in json]
        rows = _ROWS.read(json, where, names)
        assert isinstance(rows, list)
        return sorted(rows, key=encode)

    def show(self, value: Value, names: Names) -> Json:
        """Return the rows."""
        return _ROWS.show(value, names)

    def schema(self) -> dict[str, Json]:
        """Return an array."""
        return _ROWS.schema()


_ROWS = ListOf(item=ROW, least=0, most=2000)


def _placed(row: Json) -> Json:
    """Return a row with its coordinates as a position, as the columns of real lists name them."""
    if not isinstance(row, Mapping) or "position" in row:
        return row
    kept = {name: part for name, part in row.items() if name not in _COORDINATES}
    given = row.get("coordinates")
    if given is None and "lat" in row:
        given = {"lat": row["lat"], "long": next((row[n] for n in _LONG if n in row), None)}
    return row if given is None else {**kept, "position": given}


_LONG = ("long", "lon")
_COORDINATES = ("coordinates", "lat", *_LONG)


@dataclass(frozen=True, slots=True)
class Changed(FieldType):
    """Rows other than those that were sealed, or how many differ."""

    kind = "list"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return rows, a number of rows, or `true`."""
        if isinstance(json, bool | int):
            return json if isinstance(json, bool) else Integer(0, 2000).read(json, where, names)
        return Rows().read(json, where, names)

    def show(self, value: Value, names: Names) -> Json:
        """Return rows, a number of rows, or `true`."""
        if isinstance(value, bool):
            return value
        return Rows().show(value, names) if not isinstance(value, int) else value

    def schema(self) -> dict[str, Json]:
        """Return an array, a number or a boolean."""
        return {"anyOf": [_ROWS.schema(), {"type": ["integer", "boolean"]}]}


def _listed(case: CaseFacts, who: str) -> list[str] | None:
    """Return the names on the list that a party has opened, None while it has not."""
    step = opened(case, who)
    rows = None if step is None else step.json("rows_changed") or step.json("rows")
    if not isinstance(rows, list):
        return None
    return [str(row.get("name")) for row in rows if isinstance(row, Mapping)]


def _count(case: CaseFacts, who: str) -> int | None:
    named = _listed(case, who)
    if named is not None:
        return len(named)
    said = [step.json("count") for step in case.steps_of("commit") if step.party == who]
    return said[0] if said and isinstance(said[0], int) else None


def _before(case: CaseFacts, who: str) -> list[str] | None:
    """Return the party's list of the exchange before, of the same series."""
    due, series = start_of(case.opening.wire("due")), case.opening.json("series")
    earlier = [
        (start_of(other.opening.wire("due")) or 0, other)
        for other in case.cases_of("list_exchange")
        if other.opening.json("series") == series and _listed(other, who) is not None
    ]
    past = [(at, other) for at, other in earlier if due is not None and at < due]
    return _listed(max(past, key=lambda pair: pair[0])[1], who) if past else None


def _row(case: CaseFacts) -> dict[str, Json]:
    counts = {who: _count(case, who) for who in case.parties}
    known = {count for count in counts.values() if count is not None}
    due = start_of(case.opening.wire("due"))
    return {
        **sealed_columns(case, "rows"),
        "by": case.by,
        "series": case.opening.json("series"),
        "due": None if due is None else rfc3339(due),
        "count": known.pop() if len(known) == 1 and None not in counts.values() else dict(counts),
        "commit": None,
        "revealed_at": None,
        "added": None,
        "gone": None,
        "rung": case.rung()[0],
    }


def _parts(case: CaseFacts) -> dict[str, dict[str, Json]]:
    found: dict[str, dict[str, Json]] = {}
    for who in case.parties:
        now, before = _listed(case, who), _before(case, who)
        own = party_columns(case, who, "rows") | {"count": _count(case, who)}
        if now is not None and before is not None and not differs(case, who, "rows"):
            own |= {
                "added": sorted(set(now) - set(before)),
                "gone": sorted(set(before) - set(now)),
            }
        found[who] = own
    return found


LIST_EXCHANGE = Procedure(
    name="list_exchange",
    code="P24",
    prefix="LST",
    words=words("exchange of lists", "名单交换"),
    register="list_exchanges",
    states=states(),
    settings=("sealed.window",),
    moves=(
        Move(
            name="commit",
            kind=2400,
            words=words("seal a list", "封存名单"),
            by=By.EACH,
            opens="may",
            initial="committed by one",
            go=COMMIT_GO,
            done="both committed",
            seals=("rows",),
            fields=(
                put("series", 32, code(), "series", "系列", required=True),
                put("due", 33, InstantType(), "due", "期限", required=True),
                replace(put("rows", 34, Rows(), "rows", "各行", required=True), kept=True),
                put("count", 35, Integer(0, 2000), "how many rows", "行数"),
                put("schema", 36, code(), "columns of the list", "名单栏目"),
                replace(SALT, kept=True),
                COMMIT,
            ),
            checks=(commit_given, same_terms()),
        ),
        Move(
            name="reveal",
            kind=2401,
            words=words("open one's list", "开启名单"),
            by=By.EACH,
            go=REVEAL_GO,
            done="complete",
            unseals="commit",
            fields=(
                replace(put("rows", 34, Rows(), "rows", "各行"), help=OPENED),
                put("rows_changed", 37, Changed(), "rows other than sealed", "与封存不同的行"),
                SALT,
            ),
        ),
        Move(
            name="withdraw",
            kind=2402,
            words=words("withdraw what was sealed", "撤回封存"),
            by=By.OPENER,
            go=WITHDRAW_GO,
        ),
    ),
    columns=COLUMNS
    + columns(
        series=("series", "系列"),
        count=("rows", "行数"),
        added=("added since the last", "较上次新增"),
        gone=("gone since the last", "较上次删去"),
        rung=("rung", "确认级别"),
    ),
    row=_row,
    parts=_parts,
)
