"""CAP 1.2 (OASIS Common Alerting Protocol): one notice an alert, one `info` a window.

What we write has the status `Draft`: nothing that acts on alerts by itself should act on it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import escape

from parley.desk.published.drawing import e7, rings, without_last
from parley.desk.published.exchange import (
    checked,
    made_window,
    notice_of,
    plain_notice,
    refused,
    spot_of,
    time_of,
)
from parley.desk.published.geojson import read_json
from parley.desk.published.markup import Element, read_xml
from parley.desk.published.model import (
    CORNERS_MAX,
    TEXT_MAX,
    Height,
    Notice,
    Reference,
    Shape,
    Window,
)
from parley.errors import UsageError

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
_BESIDE: Final = "parley:notice"
_UNNUMBERED: Final = "unnumbered"
_FOOT: Final = 0.3048


def write_cap(notice: Notice, *, sent: int, sender: str = "not-stated") -> str:
    """Return one alert.

    Args:
        notice: the notice.
        sent: when it was issued, seconds of UTC; CAP demands it.
        sender: who issued it, without blanks, commas, `<` and `&`.

    Raises:
        UsageError: the sender holds a character that CAP forbids.
    """
    if not sender or _bare(sender) != sender:
        raise refused(f"{sender!r} is no sender: CAP forbids blanks, commas, < and & there")
    cancels = [r for r in notice.references if r.act in ("cancels", "replaces")]
    identifier = _bare(notice.number) or _UNNUMBERED
    is_end = bool(cancels) and not notice.shapes and not notice.windows
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<alert xmlns="{NAMESPACE}">',
        _tag("identifier", identifier),
        _tag("sender", sender),
        _tag("sent", cap_time(sent)),
        _tag("status", "Draft"),
        _tag("msgType", "Cancel" if is_end else "Update" if cancels else "Alert"),
        _tag("scope", "Public"),
        _tag("note", "Made by Parley from a published notice; nobody has released it."),
    ]
    if cancels:
        # Of a notice that is named without its time CAP still demands one.
        told = " ".join(
            f"{sender},{_bare(r.number) or _UNNUMBERED},{cap_time(sent if r.at is None else r.at)}"
            for r in cancels
        )
        parts.append(_tag("references", told))
    windows: list[Window | None] = [*notice.windows] or [None]
    for place, window in enumerate(windows):
        parts += _info(notice, window, is_first=place == 0)
    return "\n".join([*parts, "</alert>"]) + "\n"


def cap_time(at: int) -> str:
    """Return a time as CAP writes UTC: `-00:00`, since it forbids `Z`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def _bare(text: str) -> str:
    """Return a text without what CAP forbids in names: blanks, commas, `<` and `&`."""
    return "".join("-" if sign in ",<&" or sign.isspace() else sign for sign in _printable(text))


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(_printable(text))}</{name}>"


def _info(notice: Notice, window: Window | None, *, is_first: bool) -> list[str]:
    hazard = notice.hazards[0] if notice.hazards else "navigational warning"
    chinese = notice.languages == ("zh",)
    parts = ["<info>", _tag("language", "zh" if chinese else "en"), _tag("category", "Safety")]
    parts += [_tag("event", hazard), _tag("urgency", "Unknown"), _tag("severity", "Unknown")]
    parts.append(_tag("certainty", "Unknown"))
    if window is not None and window.start is not None:
        parts.append(_tag("onset", cap_time(window.start)))
    if window is not None and window.end is not None:
        parts.append(_tag("expires", cap_time(window.end)))
    parts.append(_tag("headline", (notice.number.strip() or hazard)[:160]))
    parts.append(_tag("description", notice.text))
    if is_first:
        beside = json.dumps(plain_notice(notice), ensure_ascii=True)
        parts += ["<parameter>", _tag("valueName", _BESIDE), _tag("value", beside), "</parameter>"]
    for shape in notice.shapes:
        parts += _area(shape, notice.heights)
    return [*parts, "</info>"]


def _printable(text: str) -> str:
    """Return the text without the control characters that XML cannot hold."""
    return "".join(
        sign
        if sign in "\n\t"
        or (sign >= " " and not "\ud800" <= sign <= "\udfff" and sign < "\ufffe")
        or sign > "\uffff"
        else " "
        for sign in text
    )


def _area(shape: Shape, heights: tuple[Height, ...]) -> list[str]:
    parts = ["<area>", _tag("areaDesc", " ".join(filter(None, (shape.label, shape.kind))))]
    point = shape.corners[0].point
    if shape.kind == "polygon":
        parts += [
            _tag("polygon", " ".join(f"{lat:.7f},{lon:.7f}" for lon, lat in ring))
            for ring in rings(shape) or []
        ]
    elif shape.kind in ("circle", "point"):
        centre = f"{point.latitude / 1e7:.7f},{point.longitude / 1e7:.7f}"
        parts.append(_tag("circle", f"{centre} {(shape.metres or 0) / 1000:.3f}"))
    feet = {each.edge: _feet(each) for each in heights}
    if feet.get("low") is not None and shape.kind in ("polygon", "circle", "point"):
        parts.append(_tag("altitude", str(feet["low"])))
        if feet.get("high") is not None:
            parts.append(_tag("ceiling", str(feet["high"])))
    return [*parts, "</area>"]


def _feet(height: Height) -> int | None:
    """Return feet above mean sea level, the one datum CAP has; None for any other."""
    is_known = height.datum == "AMSL" and height.metres is not None
    return round((height.metres or 0) / _FOOT) if is_known else None


def read_cap(alert: Element) -> Notice:
    """Return the notice of an `alert`.

    What our exporter put beside it is taken only where it still says what the alert says.

    Raises:
        UsageError: it is no alert that can be read.
    """
    if alert.name != "alert":
        raise refused(f"this XML is no CAP alert: it begins with <{alert.name[:40]}>")
    for parameter in (p for info in alert.all("info") for p in info.all("parameter")):
        if parameter.said("valueName") != _BESIDE:
            continue
        try:
            kept = notice_of(read_json(parameter.said("value")), "cap")
        except UsageError:
            break
        again = read_xml(write_cap(kept, sent=kept.issued or 0))
        if _drawn(again) == _drawn(alert):
            return kept
    return _native(alert)


def _drawn(alert: Element) -> list[list[str]]:
    """Return what an alert draws, as written: times and geometry of each `info`."""
    return [
        [info.said("onset"), info.said("expires")]
        + [each.text for area in info.all("area") for each in area.children]
        for info in alert.all("info")
    ]


def _native(alert: Element) -> Notice:
    infos = alert.all("info")
    shapes: dict[str, Shape] = {}
    windows: list[Window] = []
    for info in infos:
        start, end = (
            _time(info.said("onset") or info.said("effective")),
            _time(info.said("expires")),
        )
        if start is not None or end is not None:
            windows.append(made_window(start, end))
        for area in info.all("area"):
            for shape in _shapes_of(area):
                shapes.setdefault(repr((shape.kind, shape.corners, shape.metres)), shape)
    return Notice(
        kind="cap",
        number=alert.said("identifier")[:80],
        issued=_time(alert.said("sent")),
        text=(infos[0].said("description") if infos else "")[:TEXT_MAX],
        shapes=tuple(shapes.values()),
        windows=tuple(dict.fromkeys(windows)),
        references=_references(alert),
    )


def _references(alert: Element) -> tuple[Reference, ...]:
    act = "cancels" if alert.said("msgType") == "Cancel" else "replaces"
    told = [part.split(",") for part in alert.said("references").split()[:200]]
    return tuple(Reference(act=act, number=each[1][:80]) for each in told if len(each) == 3)


def _time(text: str) -> int | None:
    return time_of(text or None)


def _shapes_of(area: Element) -> list[Shape]:
    found: list[Shape] = []
    for polygon in area.all("polygon"):
        pairs = polygon.text.split()
        if len(pairs) > CORNERS_MAX + 1:
            raise refused("CAP: a polygon has too many corners")
        corners = without_last([_pair(each) for each in pairs])
        spots = tuple(spot_of(e7(lat), e7(lon)) for lat, lon in corners)
        found.append(checked(Shape(kind="polygon", corners=spots)))
    for drawn in area.all("circle"):
        centre, _, radius = drawn.text.strip().partition(" ")
        lat, lon = _pair(centre)
        metres = round(_number(radius) * 1000)
        if not 0 <= metres <= 20_100_000:
            raise refused("CAP: a radius is out of bounds")
        spot = spot_of(e7(lat), e7(lon))
        kind = "circle" if metres else "point"
        found.append(Shape(kind=kind, corners=(spot,), metres=metres or None))
    return found


def _pair(text: str) -> tuple[float, float]:
    first, comma, second = text.partition(",")
    if not comma:
        raise refused("CAP: a position is no pair of degrees")
    return _number(first), _number(second)


def _number(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        raise refused("CAP: a number is none") from None
    if not abs(found) <= 100_000:
        raise refused("CAP: a number is out of bounds")
    return found
