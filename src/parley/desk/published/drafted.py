"""A published notice as the fields of a notification of ours: what was read, what a person adds.

It is a warning, unless its words say that it is an exercise, a launch or a mere cancellation.

Nothing is guessed. The text stays as it was published; what was not understood, or does not fit
the form, is told and left to whoever edits the draft.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from parley.core.instants import Instant, rfc3339
from parley.core.texts import misleading
from parley.desk.catalogue import fields_of, move_named
from parley.desk.fields import Json
from parley.desk.places import E7, parse_position
from parley.desk.problems import Words
from parley.desk.procedures.warning import HAZARDS
from parley.desk.published.fitting import SPACE_LAUNCH, cancelled_alone, fitting
from parley.desk.published.letters import plain_letters
from parley.desk.published.model import Height, Notice, Shape, Spot
from parley.desk.published.told import WHY, sentence

AREAS_MAX: Final = 20
AREA_CORNERS_MAX: Final = 40
WINDOWS_MAX: Final = 40
WINDOWS_OF_EXERCISE: Final = 20
WINDOWS_OF_LAUNCH: Final = 10
LEFT_MAX: Final = 50
SERIAL_MAX: Final = 80
_HAZARD: Final = {"search-rescue": "sar"}
_DATUM: Final = {"AMSL": "AMSL", "AGL": "AGL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What a draft is made of.

    Attributes:
        move: the move that fits, such as `warning.issue`; why: the words that decide it.
        cancels: the numbers that a mere cancellation names.
        fields: as the move takes them; what the notice does not say is absent.
        language: of the text. text: exactly as it was published.
        left: what a person has to look at, per language.
    """

    move: str
    why: Words
    cancels: tuple[str, ...] = ()
    fields: dict[str, Json]
    language: str
    text: str
    left: tuple[Words, ...]


def drafted(notice: Notice, wanted: str = "") -> Drafted:
    """Return the notification that fits a notice, with what the notice says.

    Args:
        notice: as it was read.
        wanted: `warning`, `exercise` or `launch` where a person chose; else the words decide.
    """
    fits = fitting(notice, wanted)
    fields: dict[str, Json] = {}
    left: list[Words] = []
    if fits.is_open:
        left.append({"en": f"choose: {fits.why['en']}", "zh": f"请选择：{fits.why['zh']}"})
    if fits.move != "warning.cancel":
        fields = _FIELDS[fits.move](notice, left)
        left += _missing(fits.move, fields)
    left += [
        {lang: f"{sentence(WHY, one.why, lang)}: {one.written[:80]}" for lang in ("en", "zh")}
        for one in notice.unread
    ]
    if misleading(notice.text):
        left.append(
            {
                "en": "the text holds characters that mislead; they cannot be sent",
                "zh": "原文含有易误导的字符，不能发送",
            }
        )
    return Drafted(
        move=fits.move,
        why=fits.why,
        cancels=tuple(cancelled_alone(notice)) if fits.move == "warning.cancel" else (),
        fields=fields,
        language=notice.languages[0] if notice.languages else "und",
        text=notice.text,
        left=tuple(left[:LEFT_MAX]),
    )


def _missing(move: str, fields: dict[str, Json]) -> list[Words]:
    """Return what the form needs and the notice does not say; its own words say the rest."""
    told = ("hazard", "restriction")
    lacking = [
        one
        for one in fields_of(move_named(move)).values()
        if one.required and one.name not in fields and one.name not in told
    ]
    if not lacking:
        return []
    return [
        {
            "en": "the notice does not say: " + ", ".join(one.words["en"] for one in lacking),
            "zh": "原文未写明：" + "、".join(one.words["zh"] for one in lacking),
        }
    ]


def _exercise(notice: Notice, left: list[Words]) -> dict[str, Json]:
    """Return the fields of an exercise; designation, purpose and type are for a person."""
    fields = _placed(notice, left, "area", "windows", WINDOWS_OF_EXERCISE)
    if "live-fire" in notice.hazards:
        fields["live_fire"] = True
    if notice.number:
        fields["nav_refs"] = [notice.number[:SERIAL_MAX]]
    _not_taken(notice, left)
    return fields


def _launch(notice: Notice, left: list[Words]) -> dict[str, Json]:
    """Return the fields of a launch; how many and from where are for a person."""
    fields = _placed(notice, left, "impact_areas", "window", WINDOWS_OF_LAUNCH)
    if SPACE_LAUNCH.search(plain_letters(notice.text)):
        fields["launch_class"] = "slv"
    if notice.number:
        fields["nav_refs"] = [notice.number[:SERIAL_MAX]]
    _not_taken(notice, left)
    return fields


def _not_taken(notice: Notice, left: list[Words]) -> None:
    """Tell of heights and cancelled notices, which this form has no place for."""
    left += [
        {"en": f"height: {each.written}", "zh": f"高度：{each.written}"} for each in notice.heights
    ]
    left += [
        {"en": f"cancels {each.number}", "zh": f"取消 {each.number}"}
        for each in notice.references
        if each.act in ("cancels", "replaces") and each.number
    ]


def _warning(notice: Notice, left: list[Words]) -> dict[str, Json]:
    fields = _placed(notice, left, "area", "windows", WINDOWS_MAX)
    if notice.number:
        serial = notice.number[:SERIAL_MAX]
        fields["serial"] = serial
        fields["public_refs"] = [{"serial": serial}]
    _words(notice, fields, left)
    heights = _heights(notice, left)
    if heights:
        fields["height"] = heights
    cancelled = [r.number for r in notice.references if r.act == "cancels" and r.number]
    if cancelled:
        fields["cancels"] = cancelled[0][:SERIAL_MAX]
    if len(cancelled) > 1:
        left.append(_too_many("cancelled notices", "被取消的通告", len(cancelled), 1))
    return fields


_FIELDS: Final = {
    "warning.issue": _warning,
    "exercise.notify": _exercise,
    "launch.notify": _launch,
}


def _placed(notice: Notice, left: list[Words], area: str, times: str, most: int) -> dict[str, Json]:
    """Return areas and times under the names that a move has for them."""
    fields: dict[str, Json] = {}
    areas = _areas(notice, left)
    if areas:
        fields[area] = areas
    windows: list[Json] = []
    for window in notice.windows:
        if window.start is None or window.end is None:
            left.append(
                {
                    "en": "a time has no beginning or no end in the text",
                    "zh": "原文中某一时段没有起点或终点",
                }
            )
        else:
            windows.append([rfc3339(Instant(window.start)), rfc3339(Instant(window.end))])
    if len(windows) > most:
        left.append(_too_many("times", "时段", len(windows), most))
    if windows:
        fields[times] = windows[:most]
    return fields


def _too_many(english: str, chinese: str, count: int, most: int) -> Words:
    return {
        "en": f"{count} {english}, and the form takes {most}: the rest is left out",
        "zh": f"{chinese}共 {count} 个，表格只收 {most} 个，其余略去",
    }


def _areas(notice: Notice, left: list[Words]) -> list[Json]:
    found: list[Json] = []
    for shape in notice.shapes:
        area = _area(shape)
        if area is None:
            left.append(
                {
                    "en": f"{shape.kind} {shape.label}: the form has no place for it".strip(),
                    "zh": f"{shape.kind} {shape.label}：表格容不下".strip(),
                }
            )
            continue
        if "named" in area:
            left.append(
                {
                    "en": f"{area['named']}: a point or line has no extent; give a radius or width",
                    "zh": f"{area['named']}：点或线没有范围，请给出半径或宽度",
                }
            )
        found.append(area)
    if len(found) > AREAS_MAX:
        left.append(_too_many("areas", "区域", len(found), AREAS_MAX))
    return found[:AREAS_MAX]


def _area(shape: Shape) -> dict[str, Json] | None:
    if len(shape.corners) > AREA_CORNERS_MAX:
        return None
    corners: list[Json] = [_position(spot) for spot in shape.corners]
    name: dict[str, Json] = {"name": shape.label[:40]} if shape.label else {}
    metres = None if shape.metres is None else f"{shape.metres} m"
    if shape.kind == "polygon" and len(corners) >= 3:
        return {**name, "corners": corners}
    if shape.kind == "circle" and metres is not None and corners:
        return {**name, "centre": corners[0], "radius": metres}
    if shape.kind == "corridor" and metres is not None and len(corners) >= 2:
        return {**name, "line": corners, "width": metres}
    if shape.kind in ("point", "line") and corners:
        return {**name, "named": " - ".join(str(one) for one in corners)[:120]}
    return None


def _position(spot: Spot) -> str:
    """Return a position as it was written, where our notation reads it as the same place."""
    text = " ".join(spot.written.split())
    try:
        point = parse_position(text)
    except (ValueError, InvalidOperation):
        point = None
    same = (spot.point.latitude, spot.point.longitude)
    if point is not None and (point.latitude, point.longitude) == same:
        return text
    halves = []
    for angle, letters in zip(same, ("NS", "EW"), strict=True):
        degrees = format(Decimal(abs(angle)) / E7, ".7f")
        halves.append(degrees + letters[angle < 0])
    return " ".join(halves)


def _words(notice: Notice, fields: dict[str, Json], left: list[Words]) -> None:
    """Put what the words say of hazard and restriction; several hazards are for a person."""
    known = [_HAZARD.get(code, code) for code in notice.hazards]
    named = [code if code in HAZARDS.codes else "other" for code in known]
    if len(set(named)) == 1:
        fields["hazard"] = named[0]
    else:
        listed = ", ".join(known) or "-"
        left.append(
            {
                "en": f"choose the hazard; words of the text say: {listed}",
                "zh": f"请选择危险类别；原文字样为：{listed}",
            }
        )
    if notice.restriction:
        fields["restriction"] = notice.restriction
    else:
        left.append({"en": "choose what is asked of ships and aircraft", "zh": "请选择所提要求"})


def _heights(notice: Notice, left: list[Words]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for height in notice.heights:
        written = _height(height)
        if written is None or height.edge in found:
            left.append(
                {"en": f"height: {height.written}", "zh": f"高度：{height.written}"},
            )
        else:
            found[height.edge] = written
    return found


def _height(height: Height) -> str | None:
    if height.datum in ("SFC", "UNL"):
        return height.datum
    if height.datum == "FL" and height.metres is not None:
        return f"{round(height.metres / 30.48)} FL pressure"
    if height.metres is None or height.datum not in _DATUM:
        return None
    return f"{height.metres} m {_DATUM[height.datum]}"
