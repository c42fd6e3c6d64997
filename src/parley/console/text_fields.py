"""A joint text as it is typed: article by article, a field for each paragraph in each language.

Names in the form: `w.title.en` for words, `r.articles.3.code`, `r.articles.3.en.0` for the first
paragraph of the fourth row, `r.articles.3.was` for the digest of the article as it was shown.
What is typed as it was shown is no change, also where the article is another one by now.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from starlette.datastructures import FormData

from parley.console.forms import fields_for
from parley.console.frame import text_of
from parley.desk.joint import Article

PROCEDURE: Final = "joint_text"
ROWS: Final[Mapping[str, tuple[str, str]]] = {
    "articles": ("no", "text"),
    "annexes": ("no", "text"),
    "names": ("party", "name"),
    "terms": ("id", "words"),
}
"""Fields that are lists of one text in every language: the member that names it, and the text."""
WORDS: Final = ("title", "words", "alt", "power")
AGREEING: Final = ("agree", "agree_ad_referendum")
SIGNING: Final = ("close", "initial", "sign")
OWN_FIELDS: Final = frozenset({*ROWS, *WORDS, "no", "id", "take", "after", "digest", "seen"})
"""Fields with a place of their own in the form of a joint text, `articles` in every move."""
_TAG: Final = r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*"
_CELL: Final = re.compile(rf"r\.({'|'.join(ROWS)})\.([0-9]{{1,3}})\.({_TAG})\.([0-9]{{1,3}})")
_CODE: Final = re.compile(rf"r\.({'|'.join(ROWS)})\.([0-9]{{1,3}})\.code")
_ACT: Final = re.compile(rf"(insert|paragraph|up|leave) ({'|'.join(ROWS)}) ([0-9]{{1,3}})")


@dataclass(slots=True)
class Row:
    """One row: an article, an annex, the name of a party or a term.

    Attributes:
        paragraphs: by language.
        owed: languages whose text follows later.
        was: digest of the article as it was shown; empty for one that the text has not.
    """

    code: str = ""
    paragraphs: dict[str, list[str]] = field(default_factory=dict)
    owed: list[str] = field(default_factory=list)
    was: str = ""

    @property
    def texts(self) -> dict[str, str]:
        """Return the text by language; paragraphs are lines, and empty ones at the end are none."""
        joined = {tag: "\n".join(said).rstrip() for tag, said in self.paragraphs.items()}
        return {tag: text for tag, text in joined.items() if text.strip()}

    def value(self, name: str) -> dict[str, Any]:
        """Return the row as a draft holds it."""
        code, text = ROWS[name]
        value: dict[str, Any] = {code: self.code} if self.code else {}
        if self.texts:
            value[text] = self.texts
        return value | ({"missing": self.owed} if self.owed else {})


def plain_fields(move: Any) -> list[Any]:
    """Return the fields of a form that have no place of their own in that of a joint text."""
    fields = fields_for(move)
    return [f for f in fields if move.procedure != PROCEDURE or f.name not in OWN_FIELDS]


def address_after(form: FormData) -> str:
    """Return what the address of a draft ends with once a button asked for one more row."""
    pressed = text_of(form, "do")
    if pressed.startswith("open "):
        return f"?open={quote(pressed.removeprefix('open '), safe='')}#joint"
    act = act_of(form)
    if act is None:
        return ""
    what, name, place = act
    at = {"insert": place + 1, "up": max(0, place - 1)}.get(what, place)
    query = f"?{what}={name}.{place}" if what in ("insert", "paragraph") else ""
    return f"{query}#r-{name}-{at}"


def act_of(form: FormData) -> tuple[str, str, int] | None:
    """Return what a button does with a row: the act, the field and the row's place."""
    found = _ACT.fullmatch(text_of(form, "do"))
    return (found[1], found[2], int(found[3])) if found else None


def read_text_fields(form: FormData, move: Any) -> dict[str, Any]:
    """Return what was typed in the fields of a joint text, by field name."""
    if move.procedure != PROCEDURE:
        return {}
    names = {each.name for each in move.fields}
    values: dict[str, Any] = {}
    for name in WORDS:
        prefix = f"w.{name}."
        said = {
            key.removeprefix(prefix): text_of(form, key).strip()
            for key in form
            if key.startswith(prefix)
        }
        if name in names and any(said.values()):
            values[name] = {tag: text for tag, text in said.items() if text}
    for name in ROWS:
        rows = [row.value(name) for row in read_rows(form, name)]
        if name in names and rows:
            values[name] = rows
    for name in ("no", "id", "after", "digest"):
        if name in names and (said_once := text_of(form, f"f.{name}").strip()):
            values[name] = said_once
    take = text_of(form, "f.take")
    if "take" in names and take.isdecimal():
        values["take"] = int(take[:3])
    return values | _ticked(form, move, names)


def _ticked(form: FormData, move: Any, names: set[str]) -> dict[str, Any]:
    """Return what was chosen by ticks: articles agreed to or suspended, differences seen."""
    values: dict[str, Any] = {}
    chosen = [str(one) for one in form.getlist("chosen")]
    if move.move in AGREEING and chosen:
        pairs = [one.partition(" ") for one in chosen]
        values["articles"] = [{"no": number, "digest": digest} for digest, _, number in pairs]
    if move.move == "suspend_articles" and chosen:
        values["articles"] = chosen
    if "seen" in names:
        values["seen"] = [str(one) for one in form.getlist("seen")]
    return values


def read_rows(form: FormData, name: str) -> list[Row]:
    """Return the rows of a field that say something, as the pressed button orders them."""
    rows: dict[int, Row] = {}
    for key in form:
        if (code := _CODE.fullmatch(key)) and code[1] == name:
            place = int(code[2])
            row = rows.setdefault(place, Row())
            row.code = text_of(form, key).strip()
            row.was = text_of(form, f"r.{name}.{place}.was")
            row.owed = [str(tag) for tag in form.getlist(f"r.{name}.{place}.owed")]
        if (cell := _CELL.fullmatch(key)) and cell[1] == name:
            said = rows.setdefault(int(cell[2]), Row()).paragraphs.setdefault(cell[3], [])
            at = int(cell[4])
            said += [""] * (at + 1 - len(said))
            said[at] = text_of(form, key)
    act = act_of(form)
    order = sorted(rows)
    if act is not None and act[1] == name and act[2] in rows:
        order = _ordered(order, act[0], act[2])
    return [rows[place] for place in order if _says(rows[place])]


def _ordered(order: list[int], act: str, place: int) -> list[int]:
    if act == "leave":
        return [each for each in order if each != place]
    at = order.index(place)
    if act == "up" and at > 0:
        order[at - 1], order[at] = order[at], order[at - 1]
    return order


def _says(row: Row) -> bool:
    """Say whether a row has words, and others than those that were shown."""
    return bool(row.texts) and article_digest(row.code, row.texts) != row.was


def article_digest(number: str, texts: Mapping[str, str]) -> str:
    """Return the digest of an article in all its languages, as its parties agree to it."""
    return Article(number, dict(texts)).digest()


def rows_of(value: Any, name: str, languages: Sequence[str]) -> list[Row]:
    """Return the rows of a field of a draft, with a place for each language."""
    code, text = ROWS[name]
    rows: list[Row] = []
    for each in value if isinstance(value, list) else []:
        if not isinstance(each, Mapping):
            continue
        said = each.get(text)
        texts = said if isinstance(said, Mapping) else {}
        owed = each.get("missing")
        row = Row(code=str(each.get(code, "")))
        row.owed = [str(tag) for tag in owed] if isinstance(owed, list) else []
        row.paragraphs = paragraphs_of(texts, languages)
        rows.append(row)
    return rows


def paragraphs_of(texts: Mapping[str, Any], languages: Sequence[str]) -> dict[str, list[str]]:
    """Return the paragraphs of a text in each language, as many in each."""
    tags = list(dict.fromkeys([*languages, *map(str, texts)]))
    cut = {tag: str(texts.get(tag, "")).split("\n") for tag in tags}
    most = max((len(said) for said in cut.values()), default=1)
    return {tag: [*said, *[""] * (most - len(said))] for tag, said in cut.items()}


def next_code(rows: Sequence[Row], taken: Sequence[str] = ()) -> str:
    """Return the number for one more article: one more than the highest that is a number."""
    numbers = [int(one) for one in (*taken, *(row.code for row in rows)) if one.isdecimal()]
    return str(max(numbers, default=0) + 1)
