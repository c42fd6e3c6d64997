"""What the form and the sheet of a joint text show: rows to write in, and what the text becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from parley.console.text_fields import (
    AGREEING,
    PROCEDURE,
    SIGNING,
    Row,
    article_digest,
    next_code,
    paragraphs_of,
    rows_of,
)
from parley.desk.joint import CHANGES

SHOWN: Final = ("en", "zh")
"""Languages of a new text, where the station writes in fewer than two."""
OPEN_MAX: Final = 30
"""Articles that are open for writing on one page; the others are opened by their number."""
TABLED: Final = ("articles", "annexes", "names", "terms")
TEXTS: Final = ("articles", "annexes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """One row as it is written.

    Attributes:
        place: in the field; names of its inputs begin with it.
        standing: the article as it stands, None for one that the text has not.
        now: what is written, by language; the standing text where nothing is.
        is_changed: what is written is another text than the one that stands.
    """

    place: int
    row: Row
    standing: Any = None
    now: Mapping[str, str] = field(default_factory=dict)
    is_changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Becomes:
    """What an act makes of one passage.

    Attributes:
        before: None where there was nothing.
        after: by language; None where the words stay as they are.
        brackets: that stand in it then, the new one among them.
        meanwhile: who changed the passage after the draft was saved last, and when; else None.
    """

    number: str
    before: Mapping[str, str] | None
    after: Mapping[str, str] | None
    brackets: Sequence[Mapping[str, Any]] = ()
    meanwhile: tuple[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextForm:
    """What the form of a joint text shows.

    Attributes:
        closed: numbers of articles that are not open for writing here.
        passage: that the act is about; `bracket` likewise.
        new_bracket: an id that is free for one more.
        choices: passages and brackets that an act may be about, where none is chosen yet.
    """

    move: str
    languages: Sequence[str]
    groups: Mapping[str, Sequence[Writing]]
    passages: Sequence[Any]
    closed: Sequence[str]
    passage: Any
    bracket: Any
    new_bracket: str
    choices: Sequence[tuple[str, str]]
    values: Mapping[str, Any]
    facts: Mapping[str, Any]
    becomes: Sequence[Becomes]


def text_form(
    move: Any, values: Mapping[str, Any], case: Any, asked: Mapping[str, str], draft: Any = None
) -> TextForm | None:
    """Return what the form of a move of a joint text shows; None for any other move.

    Args:
        move: the move that is written.
        values: what stands in the draft.
        case: of the text; None where it is only being tabled.
        asked: of the address: `open` names articles, `insert` and `paragraph` a row to add to.
        draft: as it was saved last, None for one that was not saved.
    """
    if move.procedure != PROCEDURE:
        return None
    passages = [one for one in case.passages if one.number != "title"] if case else []
    facts = case.values if case else {}
    languages = _languages(values, facts)
    closed: list[str] = []
    groups: dict[str, list[Writing]] = {}
    if move.move == "table":
        for name in TABLED:
            groups[name] = _rows_to_write(values, name, languages, asked)
    elif move.move == "redraft":
        groups, closed = _redraft(values, passages, languages, asked)
        groups["terms"] = _rows_to_write(values, "terms", languages, asked)
    passage, bracket = _about(values, passages)
    return TextForm(
        move=move.move,
        languages=languages,
        groups=groups,
        passages=passages,
        closed=closed,
        passage=passage,
        bracket=bracket,
        new_bracket=next_bracket(passages),
        choices=_choices(move.move, passages, passage, bracket),
        values=values,
        facts=facts,
        becomes=becomes(move.move, values, case, draft),
    )


def first_values(
    procedure: str, move: str, query: Mapping[str, str], spoken: Sequence[str]
) -> dict[str, Any]:
    """Return what stands in an empty form: what the address names, languages of a new text."""
    if procedure != PROCEDURE:
        return {}
    if move == "table":
        tags = {"zh": "zh-Hans"}
        languages = dict.fromkeys(tags.get(tag, tag) for tag in (*spoken, *SHOWN))
        return {"languages": list(languages)[:2]}
    values: dict[str, Any] = {name: query[name] for name in ("no", "id") if query.get(name)}
    take = query.get("take", "")
    return values | ({"take": int(take)} if take.isdecimal() and len(take) < 3 else {})


def _languages(values: Mapping[str, Any], facts: Mapping[str, Any]) -> list[str]:
    named = facts.get("languages") or values.get("languages")
    if isinstance(named, str):
        named = named.split()
    return [str(one) for one in named][:8] if isinstance(named, list) and named else list(SHOWN)


def _rows_to_write(
    values: Mapping[str, Any], name: str, languages: Sequence[str], asked: Mapping[str, str]
) -> list[Writing]:
    rows = rows_of(values.get(name), name, languages)
    blank = Row(code=next_code(rows) if name == "articles" else "")
    blank.paragraphs = paragraphs_of({}, languages)
    place = _asked(asked, "insert", name)
    rows.insert(len(rows) if place is None else min(place + 1, len(rows)), blank)
    place = _asked(asked, "paragraph", name)
    if place is not None and place < len(rows):
        for said in rows[place].paragraphs.values():
            said.append("")
    return [Writing(place=at, row=row, now=row.texts) for at, row in enumerate(rows)]


def _asked(asked: Mapping[str, str], act: str, name: str) -> int | None:
    field_name, _, place = asked.get(act, "").partition(".")
    return int(place) if field_name == name and place.isdecimal() and len(place) < 4 else None


def _redraft(
    values: Mapping[str, Any],
    passages: Sequence[Any],
    languages: Sequence[str],
    asked: Mapping[str, str],
) -> tuple[dict[str, list[Writing]], list[str]]:
    """Return articles and annexes as they stand, with what is written over them, and new ones."""
    known = {one.number: one for one in passages}
    wanted = set(asked.get("open", "").split(","))
    groups: dict[str, list[Writing]] = {}
    closed: list[str] = []
    for name in TEXTS:
        before = "annex " if name == "annexes" else ""
        written = {f"{before}{row.code}": row for row in rows_of(values.get(name), name, languages)}
        own = [one for one in passages if one.number.startswith("annex ") == bool(before)]
        found: list[Writing] = []
        for one in own:
            row = written.pop(one.number, None)
            if row is None and len(passages) > OPEN_MAX and one.number not in wanted:
                closed.append(one.number)
                continue
            found.append(_over(one, row, languages, place=len(found), before=before))
        for row in [*written.values(), _blank(name, languages, known, written)]:
            found.append(
                Writing(place=len(found), row=row, now=row.texts, is_changed=bool(row.texts))
            )
        place = _asked(asked, "paragraph", name)
        if place is not None and place < len(found):
            for said in found[place].row.paragraphs.values():
                said.append("")
        groups[name] = found
    return groups, closed


def _blank(
    name: str, languages: Sequence[str], known: Mapping[str, Any], written: Mapping[str, Row]
) -> Row:
    code = next_code(list(written.values()), list(known)) if name == "articles" else ""
    return Row(code=code, paragraphs=paragraphs_of({}, languages))


def _over(
    one: Any, row: Row | None, languages: Sequence[str], *, place: int, before: str
) -> Writing:
    """Return a standing article with what is written over it, if anything is."""
    code = one.number.removeprefix(before)
    stands = Row(code=code, paragraphs=paragraphs_of(one.said, languages))
    shown = row or stands
    shown.was = article_digest(code, stands.texts)
    is_changed = shown.texts != stands.texts
    return Writing(place=place, row=shown, standing=one, now=shown.texts, is_changed=is_changed)


def _about(values: Mapping[str, Any], passages: Sequence[Any]) -> tuple[Any, Any]:
    """Return the passage and the bracket that an act names, None for what is not there."""
    passage = next((one for one in passages if one.number == values.get("no")), None)
    found = passage.brackets if passage else ()
    return passage, next((each for each in found if each["id"] == values.get("id")), None)


def _choices(
    move: str, passages: Sequence[Any], passage: Any, bracket: Any
) -> list[tuple[str, str]]:
    """Return (article, bracket) that an act may be about; empty once one is chosen."""
    if move in ("bracket", "strike"):
        return [] if passage else [(one.number, "") for one in passages if one.said]
    if move in ("alternative", "unbracket"):
        return (
            []
            if bracket
            else [(one.number, each["id"]) for one in passages for each in one.brackets]
        )
    return []


def next_bracket(passages: Sequence[Any]) -> str:
    """Return an id for one more bracket of a text."""
    taken = {each["id"] for one in passages for each in one.brackets}
    return next(f"b{n}" for n in range(1, len(taken) + 2) if f"b{n}" not in taken)


def becomes(move: str, values: Mapping[str, Any], case: Any, draft: Any = None) -> list[Becomes]:
    """Return what an act makes of each passage that it is about, as the text stands now."""
    found = _becomes_of(move, values, case)
    return [replace(one, meanwhile=_meanwhile(one, case, draft)) for one in found]


def _becomes_of(move: str, values: Mapping[str, Any], case: Any) -> list[Becomes]:
    passages = [one for one in case.passages if one.number != "title"] if case else []
    known = {one.number: one for one in passages}
    if move in ("table", "redraft"):
        return [
            _becomes(number, known.get(number), row.texts)
            for name in TEXTS
            for row in rows_of(values.get(name), name, ())
            for number in [f"annex {row.code}" if name == "annexes" else row.code]
        ]
    if move in SIGNING:
        return [_stays(one) for one in passages if one.said]
    if move in (*AGREEING, "suspend_articles"):
        named = [each.get("no") if isinstance(each, Mapping) else each for each in _list(values)]
        return [_stays(known[number]) for number in named if number in known]
    passage, bracket = _about(values, passages)
    if passage is None:
        return []
    if move == "strike":
        return [_becomes(passage.number, passage, {})]
    if move == "bracket":
        return [_bracketed(passage, values)]
    return [_of_bracket(move, passage, bracket, values)] if bracket else []


def _list(values: Mapping[str, Any]) -> list[Any]:
    named = values.get("articles")
    return named if isinstance(named, list) else []


def _stays(one: Any) -> Becomes:
    return Becomes(number=one.number, before=one.said, after=None, brackets=one.brackets)


def _becomes(number: str, one: Any, texts: Mapping[str, str]) -> Becomes:
    return Becomes(number=number, before=one.said if one else None, after=texts)


def _bracketed(passage: Any, values: Mapping[str, Any]) -> Becomes:
    said, alt = values.get("words"), values.get("alt")
    new = {
        "id": str(values.get("id", "")),
        "by": "",
        "words": said if isinstance(said, Mapping) else {},
        "alternatives": [{"by": "", "words": alt}] if isinstance(alt, Mapping) else [],
    }
    return Becomes(
        number=passage.number, before=passage.said, after=None, brackets=[*passage.brackets, new]
    )


def _of_bracket(move: str, passage: Any, bracket: Any, values: Mapping[str, Any]) -> Becomes:
    """Return the words in brackets beside what is offered, or the article once they are lifted."""
    offered = values.get("alt") if move == "alternative" else None
    if isinstance(offered, Mapping):
        number = f"{passage.number} [{bracket['id']}]"
        return Becomes(number=number, before=bracket["words"], after=offered)
    take, others = values.get("take"), bracket["alternatives"]
    if isinstance(take, int) and 0 < take <= len(others):
        new = others[take - 1]["words"]
        texts = {
            tag: text.replace(bracket["words"].get(tag, ""), new.get(tag, ""), 1)
            if tag in bracket["words"]
            else text
            for tag, text in passage.said.items()
        }
        return _becomes(passage.number, passage, texts)
    left = [each for each in passage.brackets if each["id"] != bracket["id"]]
    is_lift = move == "unbracket"
    return Becomes(
        number=passage.number,
        before=passage.said,
        after=None,
        brackets=left if is_lift else passage.brackets,
    )


def _meanwhile(becoming: Becomes, case: Any, draft: Any) -> tuple[str, Any] | None:
    """Return who changed a passage after a draft was saved last, and when that came here."""
    if case is None or draft is None:
        return None
    number = becoming.number.partition(" [")[0]
    one = next((each for each in case.passages if each.number == number), None)
    steps = [step for step in case.history if step.move.rpartition(".")[2] in CHANGES]
    if one is None or one.before is None or one.version > len(steps):
        return None
    step = steps[one.version - 1]
    came = step.received_at or step.at
    return (one.by, came) if came > draft.changed_at else None
