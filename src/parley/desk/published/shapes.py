"""Areas, circles, corridors and lines: what the words around positions make of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from parley.desk.areas import crosses_itself
from parley.desk.published.lengths import AROUND, LENGTH, length_of
from parley.desk.published.letters import tidy
from parley.desk.published.model import (
    CORNERS_MAX,
    Shape,
    Span,
    Spot,
    Unread,
    same_ring,
)
from parley.desk.published.odd import first_sentence, has_edge, last_sentence, odd_of

_SEPARATOR: Final = re.compile(
    r"(?:[\s,;.:/()\-]|TO\b|THEN(?:CE)?\b|AND\b|至|和|及|与|[A-Z]\s?[.()点]|[A-Z]{1,2}\s?:|"
    r"\(?[0-9]{1,2}\s?[.):,]|[①-⑳]|[一二三四五六七八九十]{1,3}[,.]|POINT\s[A-Z0-9]{1,2}\b|点\s?[0-9A-Z一二三四五六七八九十]{1,2}(?=\s?[(:,])|第?[一二三四五六七八九十0-9]{1,2}点)*+"
)
"""What may stand between two corners; possessive, so that no text makes it try twice."""
_LABEL: Final = re.compile(
    r"(?:^|[\s,;:.(一-鿿])(?:AREA\s)?([A-Z]{1,2}|[0-9]{1,2})\s?[.):(](?=\s|$)|([①-⑳])"
    r"|(?:^|[\s;:,.(])([一二三四五六七八九十]{1,3})[,.)]"
    r"|([A-Z]|[0-9]{1,2}|[一二三四五六七八九十]{1,3})\s?号?(?:区域|海域|区)\s?[:,(]?(?=\s?(?:$|在|[0-9NS北南东西]))"
)
_NO_LABELS: Final = ("BY", "IN", "OF", "TO", "AT", "AS", "IS", "ON", "WI", "NM", "KM")
"""Words that stand before positions and a colon: `BOUNDED BY: 24-30N 059-15E`."""
_POLYGON: Final = re.compile(
    r"BOUND(?:ED)?\b|\bAREAS?\b|\bSECTOR\b|\bWI\b|\bWITHIN\b|\bDEFINED\b|\bJOIN\w*\s+(?:THE\s+)?F|LINES\s+JOIN"
    r"|CONNECTION|POLYGON|\bLIMITS?\b|范围|海域|水域|区域|空域|连线|围成"
)
_BOUND: Final = re.compile(r"BOUND(?:ED)?\s+BY")
"""Nearer to the positions than a word for a line it decides: `ON THE ROUTE IN AREA BOUND BY`."""
_ENCLOSED: Final = re.compile(
    r"BOUND(?:ED)?\b|JOINING|CONNECT|\bDEFINED\b|POLYGON|范围|连线|围成|各点|连成|按序|按顺序|依次"
    r"|\bDANGER\s+ZONE\s?:\s?\(?A?[).]?\s?$|(?:以下|下列|下述)[^,.;]{0,6}点|(?:区域|海域|水域|空域)(?:如下|为|是)\s?:?\s?(?:点\s?[0-9A-Z一]{1,2})?[\s(]{0,3}$"
)
_POLYGON_AFTER: Final = re.compile(
    r"[\s,.;:()\-]*(?:CONNECTION|(?:THEN\s+|AND\s+)?(?:RETURN\s+)?(?:BAC\s?K\s+)?TO\s+(?:THE\s+)?"
    r"(?:START|BEGINNING|POINT\s+OF\s+(?:ORIGIN|BEGINNING|START)|ORIGIN|FIRST)"
    r"|\w{1,8}[- ]POINT\s+CONNECTION"
    r"|等?\s?(?:上述|以上)?(?:[诸各]|[0-9一二两三四五六七八九十]{1,3})?\s?[个]?点?\s?(?:的|之间|间)?"
    r"(?:首尾)?(?:按?顺次|按?依次|按?顺序|按序)?(?:首尾)?"
    r"(?:连线|连成|连接|相连|围成|所围|合围|环绕|构成|组成)|各?点连线)"
)
_AREA_AFTER: Final = re.compile(
    r"\s?\)?\s?(?:等)?(?:[诸各]|[0-9一二两三四五六七八九十]{1,3})?点?\s?(?:的|之间)?\s?(?:范围|海域|水域|区域|空域|海区|海面|以内|之内|内)"
)
"""Behind three and more positions: `…、20-00N/113-50E范围内施工`."""
_LINE_AFTER: Final = re.compile(r"\s?\)?\s?(?:[两二2]点)?\s?(?:之间|间)?(?:的)?(?:连线|连接线)")
_LINE: Final = re.compile(
    r"(?:TRACK)?LINES?\s+(?:JOINING|CONNECTING|BETWEEN|FROM)|\bCORRIDOR\b|ALONG\s+(?:A\s+|THE\s+)?(?:TRACK|LINE|ROUTE)|TRACKLINE"
    r"|SIDES?\s+OF\s+(?:A\s+|THE\s+)?(?:[A-Z]{1,12}\s+)?(?:TRACK|LINE|ROUTE|AXIS|CENTRE\s?LINE|CENTER\s?LINE)"
    r"|\bBETWEEN\b|\bROUTE\b|\bCABLE\b\s+(?:FROM|ALONG)|航线|沿线"
)
_ALONG: Final = re.compile(r"沿着?[\s:(]*$")
_LINES_JOINING_AREA: Final = re.compile(r"BOUND\w*\s+BY\s+(?:THE\s+)?(?:STRAIGHT\s+)?LINES?")
_CENTRE_AFTER: Final = re.compile(r"\s?\)?\s?(?:点)?为(?:圆心|中心)")
_NEXT_LABEL: Final = re.compile(r"(?:\s|^)(?:[A-Z]|[0-9]{1,2})[.)](?=\s)")
_AROUND_MANY: Final = re.compile(
    rf"(?:WITHIN|WI)\s+(?:A\s+)?{LENGTH}\s+OF\b[^.;]{{0,60}}$|RADI(?:US|I)\b[^.;]{{0,60}}$"
)
_CENTRES: Final = re.compile(r"\s?\)?\s?(?:[0-9一二两三四五六七八九十]{0,3}点)?为(?:圆心|中心)")
_BESIDE: Final = re.compile(
    rf"({LENGTH})\s+(?:ON\s+)?(?:EITHER|EACH|BOTH)\s+SIDES?|(?:两侧|两边)\s?各?\s?({LENGTH})"
    rf"|WITHIN\s+({LENGTH})\s+OF\s+(?:A\s+|THE\s+)?(?:TRACK)?LINE"
)
_WIDE: Final = re.compile(
    rf"({LENGTH})\s+(?:WIDE|IN\s+WIDTH)|(?:宽度?|WIDTH)\s?(?:OF|为|:)?\s?({LENGTH})"
)
_WORDS: Final = re.compile(r"[A-Z]{3}|[一-鿿]{2}")
_AREA_WORD: Final = re.compile(r"\b(?:AREA|ZONE)\b|区域|海域|水域|空域")
_LEAD: Final = 400
_TRAIL: Final = 120


@dataclass(slots=True)
class _Run:
    spots: list[Spot]
    label: str
    lead: str
    lead_at: int
    trail: str
    trail_at: int
    is_last: bool = True

    @property
    def span(self) -> Span:
        return self.spots[0].span[0], self.spots[-1].span[1]


def find_shapes(
    text: str, plain: str, spots: list[Spot]
) -> tuple[list[Shape], list[Unread], list[Span]]:
    """Return the shapes that positions make, what makes none, and the spans used besides.

    Three and more positions in a row are an area only where words call them one.
    """
    shapes: list[Shape] = []
    unread: list[Unread] = []
    used: list[Span] = []
    is_area = is_line = False
    around: int | None = None
    found = _joined(_runs(plain, spots), plain)
    unread += [_lost(text, "several positions", span) for span in _loose(found, plain)]
    runs, edges = _without_edges(found)
    unread += [_lost(text, "a side along a coast, boundary or arc", span) for span in edges]
    for run in runs:
        if _POLYGON.search(run.lead) or _LINE.search(run.lead):
            is_line = _last(_LINE, run.lead) > _last(_BOUND, run.lead)
            is_line = is_line and not _LINES_JOINING_AREA.search(run.lead)
            is_area = not is_line
        elif _WORDS.search(run.lead):
            is_area = is_line = False
        if _WORDS.search(run.lead):
            around = None
        closed = _is_closed(run)
        if len(run.spots) == 2 and _LINE_AFTER.match(run.trail):
            is_line, is_area = True, False
        if _ALONG.search(run.lead):
            is_line, is_area, closed = True, False, False
        if (odd := odd_of(run.lead, run.trail, len(run.spots))) is not None:
            unread.append(_lost(text, odd[0], (run.span[0] - odd[1], run.span[1] + odd[2])))
            continue
        shape = _round_or_long(run, used, is_line=is_line and not closed)
        if shape is not None and shape.kind == "circle":
            around = shape.metres
        elif shape is None and around is not None and len(run.spots) == 1:
            # `WITHIN ONE MILE OF: A. ... B. ...`: said once for all of the list.
            shape = _shape("circle", run, around)
        if shape is None and len(run.spots) > 1 and (begin := _around_many(run)) is not None:
            # Circles, a corridor or a wider area: the text does not say which.
            why = "a distance around several positions"
            unread.append(_lost(text, why, (begin, run.span[1])))
        made = [shape] if shape else _flat(run, is_area=is_area or closed, is_line=is_line)
        if len(made) >= 3:
            unread.append(_lost(text, "several positions", run.span))
        for each in made:
            fault = _fault_of(each)
            if fault:
                unread.append(_lost(text, fault, each.span))
            else:
                shapes.append(each)
    return shapes, unread, used


def _is_closed(run: _Run) -> bool:
    """Say whether the words behind positions, or the first of them said again, close a ring."""
    if len(run.spots) < 3:
        return False
    after = _POLYGON_AFTER.match(run.trail) or _AREA_AFTER.match(run.trail)
    return bool(after) or _repeats(run.spots)


def _lost(text: str, why: str, span: Span) -> Unread:
    return Unread(what="area", why=why, written=tidy(text, span), span=span)


def _around_many(run: _Run) -> int | None:
    """Return where a distance around several positions begins, None where none is said."""
    if match := _AROUND_MANY.search(run.lead):
        return run.lead_at + match.start()
    return run.span[0] if _CENTRES.match(run.trail) else None


def _without_edges(runs: list[_Run]) -> tuple[list[_Run], list[Span]]:
    """Return the runs but those of areas with a side that is no straight line, and where these are.

    `15-10N 115-50E, THENCE ALONG THE COAST TO 14-40N 115-10E` are two runs of one area.
    """
    lost: list[bool] = []
    spans: list[Span] = []
    for run in runs:
        before, behind = last_sentence(run.lead), first_sentence(run.trail)
        was = bool(lost) and lost[-1] and before == run.lead
        is_lost = was or has_edge(before) or has_edge(behind)
        lost.append(is_lost)
        if not is_lost:
            continue
        end = run.span[1] + (len(behind) if has_edge(behind) else 0)
        if was and spans:
            spans[-1] = spans[-1][0], end
        else:
            spans.append((run.span[0] - (len(before) if has_edge(before) else 0), end))
    return [run for run, gone in zip(runs, lost, strict=True) if not gone], spans


def _last(pattern: re.Pattern[str], words: str) -> int:
    """Return where a pattern stands last, -1 where it does not."""
    return max((match.start() for match in pattern.finditer(words)), default=-1)


def _runs(plain: str, spots: list[Spot]) -> list[_Run]:
    """Return positions that follow one another, cut where words or labels stand between."""
    runs: list[_Run] = []
    before = 0
    for spot in spots:
        lead = plain[before : spot.span[0]]
        label = _label_of(lead)
        if runs and _SEPARATOR.fullmatch(lead) and (not label or runs[-1].label == ""):
            is_next = not label
        else:
            is_next = False
        if is_next:
            runs[-1].spots.append(spot)
        else:
            at = max(before, spot.span[0] - _LEAD)
            runs.append(_Run([spot], label, plain[at : spot.span[0]], at, "", 0))
        before = spot.span[1]
    for place, run in enumerate(runs):
        after = runs[place + 1] if place + 1 < len(runs) else None
        end = after.spots[0].span[0] if after else len(plain)
        run.is_last = after is None
        run.trail_at = run.span[1]
        run.trail = plain[run.trail_at : min(end, run.trail_at + _TRAIL)]
    return runs


def _label_of(lead: str) -> str:
    found = [
        next(part for part in match.groups() if part)
        for match in _LABEL.finditer(lead[-12:])
        if match[1] not in _NO_LABELS
    ]
    return found[-1] if found else ""


def _joined(runs: list[_Run], plain: str) -> list[_Run]:
    """Return the runs; single corners that each carry a letter of their own become one run."""
    joined: list[_Run] = []
    place = 0
    while place < len(runs):
        end = place + 1
        while end < len(runs) and _follows(runs[end - 1], runs[end], plain):
            end += 1
        group = runs[place:end]
        if len(group) >= 3 and (
            _ENCLOSED.search(group[0].lead) or _POLYGON_AFTER.match(group[-1].trail)
        ):
            spots = [spot for run in group for spot in run.spots]
            group = [replace(group[0], spots=spots, label="", trail=group[-1].trail)]
            group[0].trail_at = runs[end - 1].trail_at
        joined += group
        place = end
    return joined


def _loose(runs: list[_Run], plain: str) -> list[Span]:
    """Return where single corners follow one another in what words call an area, and no more."""
    spans: list[Span] = []
    place = 0
    while place < len(runs):
        end = place + 1
        while end < len(runs) and _follows(runs[end - 1], runs[end], plain):
            end += 1
        lead = runs[place].lead
        if end - place >= 3 and _AREA_WORD.search(lead) and not _AROUND_MANY.search(lead):
            spans.append((runs[place].span[0], runs[end - 1].span[1]))
        place = end
    return spans


def _follows(first: _Run, second: _Run, plain: str) -> bool:
    """Say whether two runs are single corners with labels and nothing but these between them."""
    return (
        len(first.spots) == len(second.spots) == 1
        and bool(first.label and second.label)
        and bool(_SEPARATOR.fullmatch(plain[first.span[1] : second.span[0]]))
    )


def _repeats(spots: list[Spot]) -> bool:
    return len(spots) > 3 and len(same_ring(spots)) < len(spots)


def _round_or_long(run: _Run, used: list[Span], *, is_line: bool) -> Shape | None:
    """Return the circle around one position, or the corridor along several, if words say so."""
    near_lead, at = run.lead[-160:], run.lead_at + max(0, len(run.lead) - 160)
    sources = [(near_lead, at), (_own_trail(run), run.trail_at)]
    if _CENTRE_AFTER.match(run.trail):
        sources.reverse()
    if len(run.spots) == 1:
        for words, start in sources:
            found = _measured(AROUND, words, start, used)
            if found is not None:
                return _shape("circle", run, found)
        return None
    for pattern, factor in ((_BESIDE, 2), (_WIDE, 1)):
        for words, start in sources:
            found = _measured(pattern, words, start, used) if is_line or "侧" in words else None
            if found is not None:
                return _shape("corridor", run, found * factor)
    return None


def _own_trail(run: _Run) -> str:
    """Return of the words behind positions those that speak of these and not of the next ones."""
    trail = run.trail
    if run.is_last or _CENTRE_AFTER.match(trail):
        return trail
    label = _NEXT_LABEL.search(trail)
    trail = trail[: label.start()] if label else trail
    # Up to the last end of a sentence: what follows it leads to the next position.
    return trail[: max(trail.rfind("."), trail.rfind(";"), 0)]


def _shape(kind: str, run: _Run, metres: int) -> Shape:
    spots = tuple(run.spots)
    return Shape(kind=kind, corners=spots, metres=metres, label=run.label, span=run.span)


def _measured(pattern: re.Pattern[str], words: str, at: int, used: list[Span]) -> int | None:
    """Return metres of the last length of a pattern that nothing has used yet."""
    for match in reversed(list(pattern.finditer(words))):
        span = at + match.start(), at + match.end()
        metres = length_of(match.group())
        if metres and span not in used:
            used.append(span)
            return metres
    return None


def _flat(run: _Run, *, is_area: bool, is_line: bool) -> list[Shape]:
    ring = same_ring(run.spots)
    if len(run.spots) >= 3 and is_area:
        return [Shape(kind="polygon", corners=ring, label=run.label, span=run.span)]
    if len(run.spots) >= 2 and is_line:
        corners = tuple(run.spots)
        return [Shape(kind="line", corners=corners, label=run.label, span=run.span)]
    point = Shape(kind="point", corners=(), label=run.label)
    return [replace(point, corners=(spot,), span=spot.span) for spot in run.spots]


def _fault_of(shape: Shape) -> str:
    """Return why a shape cannot be, empty where it can."""
    if len(shape.corners) > CORNERS_MAX:
        return "too many corners"
    if shape.kind == "polygon" and len(shape.corners) < 3:
        return "fewer than three corners"
    if shape.kind == "polygon" and crosses_itself([spot.point for spot in shape.corners]):
        return "sides cross"
    return ""
