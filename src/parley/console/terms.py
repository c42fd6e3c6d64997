"""The words of the screens: one term for each thing, in English and in Chinese.

`texts/terms.toml` is the one place where a term is chosen; the catalogue, the desk's declarations,
the console's glossary and `docs/reference/terms.md` follow it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term.

    Attributes:
        en, zh: the word for it.
        means: what it is, by language.
        avoided: Chinese words that are not said for it.
        said: a Chinese sentence whose English has the term holds one of these; empty where the
            English word also means other things.
        other: English phrases in which the word is something else.
    """

    en: str
    zh: str
    means: Mapping[str, str]
    avoided: Sequence[str] = ()
    said: Sequence[str] = ()
    other: Sequence[str] = ()


@cache
def terms() -> tuple[Term, ...]:
    """Return every term, in the order of the English words."""
    text = resources.files("parley.console").joinpath("texts/terms.toml").read_text("utf-8")
    return tuple(
        Term(
            en=row["en"],
            zh=row["zh"],
            means=row["means"],
            avoided=tuple(row.get("not", ())),
            said=tuple(row.get("said", ())),
            other=tuple(row.get("other", ())),
        )
        for row in tomllib.loads(text)["term"]
    )
