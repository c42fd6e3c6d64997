"""A file of notices: which format it is in, and the notices in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from parley.core.instants import parse_instant
from parley.desk.published.cap import read_cap
from parley.desk.published.exchange import FILE_MAX, NOTICES_MAX, refused
from parley.desk.published.geojson import read_geojson, read_json
from parley.desk.published.ical import read_ical
from parley.desk.published.markup import Element, read_xml
from parley.desk.published.model import Notice
from parley.desk.published.reading import read_notice
from parley.desk.published.sheet import COLUMNS, read_csv
from parley.desk.published.years import Anchor
from parley.errors import UsageError

_NEW_MESSAGE: Final = re.compile(
    r"(?m)^(?=[ \t]{0,4}[0-9]{6}[A-Z] [A-Z]{3} [0-9]{2,4}[ \t]*\r?\n)"
    r"|^(?=(?:NAVAREA [IVX]{1,5}|HYDRO(?:LANT|PAC|ARC)) [0-9])"
    r"|^(?=[一-鿿]{1,3}航警[ (（]?[0-9])|^(?=\(?[A-Z][0-9]{4}/[0-9]{2} NOTAM[NRC])"
)
_END: Final = re.compile(r"(?m)^(?:NNNN|ZCZC.*|-{3,}|={3,})[ \t]*\r?$")


@dataclass(frozen=True, slots=True)
class Found:
    """What a file holds.

    Attributes:
        format: geojson, cap, ical, csv, broadcast-warnings, json-lines or text.
        broken: how many parts of it were no notice at all.
    """

    format: str
    notices: tuple[Notice, ...]
    broken: int = 0


def read_file(raw: bytes, anchor: Anchor | None = None) -> Found:
    """Return the notices of a file in any format that is known.

    Args:
        raw: its bytes, at most `FILE_MAX`.
        anchor: what is known of all of them.

    Raises:
        UsageError: too large, no UTF-8, or broken in the format that it begins with.
    """
    if len(raw) > FILE_MAX:
        raise refused(f"the file has more than {FILE_MAX} bytes", next_step="give it in parts.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise refused(
            f"the file is no UTF-8: byte {problem.start} cannot stand there",
            next_step="store it as UTF-8.",
        ) from None
    known = anchor or Anchor()
    begins = text.lstrip()[:200]
    if begins.startswith("<"):
        return _xml(read_xml(text.strip()), known)
    if begins.startswith("{"):
        return _json(text, known)
    if begins.upper().startswith("BEGIN:VCALENDAR"):
        return Found("ical", tuple(read_ical(text.lstrip())))
    if begins.startswith(",".join(COLUMNS)):
        return Found("csv", tuple(read_csv(text.lstrip())))
    return Found("text", tuple(read_notice(part, known) for part in texts_of(text)))


def _too_many() -> UsageError:
    return refused(f"the file has more than {NOTICES_MAX} notices", next_step="give it in parts.")


def texts_of(text: str) -> list[str]:
    """Return the single notices of a text: cut where a new one begins, or at `NNNN` and rules."""
    parts: list[str] = []
    for piece in _END.split(text):
        starts = [match.start() for match in _NEW_MESSAGE.finditer(piece)]
        # A date-time group on a line of its own belongs to the number on the next line.
        starts = [at for n, at in enumerate(starts) if n == 0 or at - starts[n - 1] > 24]
        cuts = [0, *(at for at in starts if piece[:at].strip()), len(piece)]
        parts += [piece[a:b] for a, b in pairwise(cuts) if piece[a:b].strip()]
    if len(parts) > NOTICES_MAX:
        raise _too_many()
    return parts or [text]


def _xml(root: Element, anchor: Anchor) -> Found:
    if root.name == "broadcast-warn":
        if len(root.children) > NOTICES_MAX:
            raise _too_many()
        return Found(
            "broadcast-warnings", tuple(_broadcast(each, anchor) for each in root.children)
        )
    return Found("cap", (read_cap(root),))


_SERIES: Final = {
    "A": "HYDROLANT",
    "P": "HYDROPAC",
    "C": "HYDROARC",
    "4": "NAVAREA IV",
    "12": "NAVAREA XII",
}


def _broadcast(entity: Element, anchor: Anchor) -> Notice:
    """Return the warning of one entity of the broadcast-warning service."""
    issued = entity.said("issueDate")
    try:
        at = int(parse_instant(issued)) if issued else anchor.issued
    except UsageError:
        at = anchor.issued
    text = next((child.text for child in entity.children if child.name == "text"), "")
    notice = read_notice(text, replace(anchor, issued=at))
    area = entity.said("navArea")
    series = _SERIES.get(area, area)
    number = f"{series} {entity.said('msgNumber')}/{entity.said('msgYear')[-2:]}"
    return replace(notice, number=notice.number or number[:80], issued=at, kind="maritime")


def _json(text: str, anchor: Anchor) -> Found:
    """Return GeoJSON, or one notice a line: objects with the text under `raw` or `text`."""
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        first = json.loads(lines[0])
    except (ValueError, RecursionError):
        first = None
    if not isinstance(first, dict) or not ({"raw", "text"} & set(first)):
        return Found("geojson", tuple(read_geojson(read_json(text))))
    if len(lines) > NOTICES_MAX:
        raise _too_many()
    notices: list[Notice] = []
    broken = 0
    for line in lines:
        record = read_json(line)
        said = record.get("raw") or record.get("text") if isinstance(record, dict) else None
        if isinstance(said, str) and isinstance(record, dict):
            notice = read_notice(said, anchor)
            code = record.get("code")
            if not notice.number and isinstance(code, str):
                notice = replace(notice, number=code[:80])
            notices.append(notice)
        else:
            broken += 1
    return Found("json-lines", tuple(notices), broken)
