"""A notice as programs see it: every value with where in the text it stands."""

from __future__ import annotations

from collections.abc import Sequence

from parley.core.instants import Instant, rfc3339
from parley.desk.fields import Json
from parley.desk.published.exchange import plain_window
from parley.desk.published.model import Notice, Shape, Span
from parley.desk.published.pairing import Difference, Pair
from parley.desk.published.told import WHY, sentence


def view_of(notice: Notice, language: str = "en") -> dict[str, Json]:
    """Return a notice as JSON; `at` is [from, until) in characters of its text."""
    return {
        "number": notice.number or None,
        "kind": notice.kind,
        "share": notice.share,
        "languages": list(notice.languages),
        "issued": _time(notice.issued),
        "places": [_place(each) for each in notice.shapes],
        "windows": [
            {**plain_window(w), "rule": w.rule, "zone_from": w.zone_from, "at": _at(w.span)}
            for w in notice.windows
        ],
        "heights": [
            {
                "edge": h.edge,
                "metres": h.metres,
                "datum": h.datum,
                "written": h.written,
                "at": _at(h.span),
            }
            for h in notice.heights
        ],
        "references": [
            {"act": r.act, "number": r.number or None, "when": _time(r.at), "at": _at(r.span)}
            for r in notice.references
        ],
        "amounts": [
            {"metres": a.metres, "written": a.written, "at": _at(a.span)} for a in notice.amounts
        ],
        "hazards": list(notice.hazards),
        "restriction": notice.restriction or None,
        "unread": [
            {
                "what": u.what,
                "why": u.why,
                "words": sentence(WHY, u.why, language),
                "written": u.written,
                "at": _at(u.span),
            }
            for u in notice.unread
        ],
        "notes": list(notice.notes),
        "figures": notice.figures,
        "text": notice.text,
    }


def _place(shape: Shape) -> dict[str, Json]:
    return {
        "kind": shape.kind,
        "label": shape.label or None,
        "metres": shape.metres,
        "corners": [
            {
                "lat": round(spot.point.latitude / 1e7, 5),
                "lon": round(spot.point.longitude / 1e7, 5),
                "notation": spot.point.notation,
                "written": spot.written,
                "at": _at(spot.span),
            }
            for spot in shape.corners
        ],
        "at": _at(shape.span),
    }


def _at(span: Span) -> list[Json]:
    return [span[0], span[1]]


def _time(at: int | None) -> str | None:
    return None if at is None else rfc3339(Instant(at))


def pair_view(pair: Pair) -> dict[str, Json]:
    """Return a pair of notices and their differences as JSON."""
    both = pair.first is not None and pair.second is not None
    return {
        "first": _name(pair.first),
        "second": _name(pair.second),
        "status": "only one side" if not both else "differ" if pair.differences else "agree",
        "differences": [_difference(each) for each in pair.differences],
    }


def _name(notice: Notice | None) -> str | None:
    if notice is None:
        return None
    return notice.number or " ".join(notice.text.split())[:60]


def _difference(found: Difference) -> dict[str, Json]:
    values: list[Json] = [found.first, found.second]
    if found.unit == "seconds":
        values = [_time(each) if isinstance(each, int) else None for each in values]
    return {
        "what": found.what,
        "where": found.where,
        "first": values[0],
        "second": values[1],
        "amount": found.amount,
        "unit": found.unit,
        "note": found.note or None,
    }


def shares(notices: Sequence[Notice]) -> dict[str, Json]:
    """Return how many notices were read whole, in part and not at all."""
    return {
        name: sum(1 for each in notices if each.share == name) for name in ("whole", "part", "none")
    }
