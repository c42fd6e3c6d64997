"""CSV (RFC 4180): one row a notice, a place, a window, a height, a reference."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Final

from parley.core.instants import Instant, rfc3339
from parley.desk.fields import Json
from parley.desk.published.exchange import NOTICES_MAX, notice_of, plain_notice, refused
from parley.desk.published.model import Notice

COLUMNS: Final = (
    "notice", "row", "number", "label", "kind", "corners", "metres", "from", "until", "written",
)  # fmt: skip
_ROWS_MAX: Final = 100_000
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "'")
_CORNER: Final = re.compile(r"(-?[0-9]{1,2}\.[0-9]{7}) (-?[0-9]{1,3}\.[0-9]{7})")
csv.field_size_limit(1 << 20)


def write_csv(notices: Sequence[Notice]) -> str:
    """Return the rows of some notices.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for place, notice in enumerate(notices, start=1):
        for row in _rows(notice):
            cells = [str(place), *(row.get(name, "") for name in COLUMNS[1:])]
            writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue()


def _rows(notice: Notice) -> list[dict[str, str]]:
    rows = [
        {
            "row": "notice",
            "number": notice.number,
            "kind": notice.kind,
            "from": _time(notice.issued),
            "written": notice.text,
        }
    ]
    rows += [
        {
            "row": "place",
            "label": shape.label,
            "kind": shape.kind,
            "corners": "; ".join(
                f"{spot.point.latitude / 1e7:.7f} {spot.point.longitude / 1e7:.7f}"
                for spot in shape.corners
            ),
            "metres": "" if shape.metres is None else str(shape.metres),
            "written": "; ".join(spot.point.notation for spot in shape.corners),
        }
        for shape in notice.shapes
    ]
    rows += [
        {
            "row": "window",
            "kind": window.precision,
            "label": str(window.zone),
            "from": _time(window.start),
            "until": _time(window.end),
        }
        for window in notice.windows
    ]
    rows += [
        {
            "row": "height",
            "label": height.edge,
            "kind": height.datum,
            "metres": "" if height.metres is None else str(height.metres),
            "written": height.written,
        }
        for height in notice.heights
    ]
    rows += [
        {"row": "reference", "kind": r.act, "number": r.number, "from": _time(r.at)}
        for r in notice.references
    ]
    return rows


def _time(at: int | None) -> str:
    return "" if at is None else rfc3339(Instant(at))


def read_csv(text: str) -> list[Notice]:
    """Return the notices of a sheet with our columns.

    Raises:
        UsageError: other columns, or a row that cannot be.
    """
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as problem:
        raise refused(f"this is no CSV: {problem}") from None
    if not rows or tuple(rows[0]) != COLUMNS or len(rows) > _ROWS_MAX:
        raise refused(f"this CSV does not begin with the columns {','.join(COLUMNS)}")
    found: dict[str, dict[str, Json]] = {}
    for row in rows[1:]:
        if len(row) != len(COLUMNS):
            raise refused("CSV: a row has cells too many or too few")
        cells = dict(zip(COLUMNS, (_bare(cell) for cell in row), strict=True))
        _add(found.setdefault(cells["notice"], plain_notice(Notice(kind="csv", text=""))), cells)
        if len(found) > NOTICES_MAX:
            raise refused(f"CSV: more than {NOTICES_MAX} notices")
    return [notice_of(each, "csv") for each in found.values()]


def _bare(cell: str) -> str:
    return cell.removeprefix("'")


def _add(notice: dict[str, Json], cells: dict[str, str]) -> None:
    row = cells["row"]
    if row == "notice":
        notice.update(number=cells["number"], text=cells["written"], issued=cells["from"] or None)
        return
    made: dict[str, Json]
    if row == "place":
        made = {
            "kind": cells["kind"],
            "label": cells["label"],
            "corners": [_corner(each) for each in cells["corners"].split("; ")],
            "notation": list(cells["written"].split("; ")),
            "metres": _whole(cells["metres"]),
        }
    elif row == "window":
        made = {
            "from": cells["from"] or None,
            "until": cells["until"] or None,
            "precision": cells["kind"],
            "zone": _whole(cells["label"]),
        }
    elif row == "height":
        metres = _whole(cells["metres"])
        made = {
            "edge": cells["label"],
            "metres": metres,
            "datum": cells["kind"],
            "written": cells["written"],
        }
    elif row == "reference":
        made = {"act": cells["kind"], "number": cells["number"], "at": cells["from"] or None}
    else:
        raise refused(f"CSV: {row[:40]!r} is no kind of row")
    parts = notice[
        {"place": "shapes", "window": "windows", "height": "heights"}.get(row, "references")
    ]
    if isinstance(parts, list):
        parts.append(made)


def _corner(written: str) -> Json:
    match = _CORNER.fullmatch(written)
    if match is None:
        raise refused("CSV: a corner is no pair of degrees")
    return [round(float(part) * 10_000_000) for part in match.groups()]


def _whole(cell: str) -> int | None:
    if cell == "":
        return None
    if not re.fullmatch(r"-?[0-9]{1,9}", cell):
        raise refused("CSV: a number is none")
    return int(cell)
