"""A joint text as a person reads it: passage by passage, in the original of one side."""

from __future__ import annotations

from collections.abc import Sequence

from parley.desk.joint import JointText
from parley.desk.parallel import original_of
from parley.desk.procedure import Passage


def passages_of(text: JointText, parties: Sequence[str], opener: str, side: str) -> list[Passage]:
    """Return the text as it stands, in the original of that side; what is struck is empty."""
    title = Passage(
        number="title",
        status="",
        texts=_original(text, text.title, side),
        said=dict(text.title),
        by=opener,
    )
    return [
        title,
        *(
            Passage(
                number=one.number,
                status=one.status(parties),
                texts=_original(text, one.text, side),
                said=dict(one.text),
                before=None if one.before is None else _original(text, one.before, side),
                version=one.version,
                by=one.by,
                brackets=[
                    {
                        "id": name,
                        "by": bracket.by,
                        "words": dict(bracket.words),
                        "alternatives": [
                            {"by": by, "words": dict(words)} for by, words in bracket.alternatives
                        ],
                    }
                    for name, bracket in one.brackets.items()
                ],
            )
            for one in text.articles.values()
        ),
    ]


def _original(text: JointText, said: dict[str, str], side: str) -> dict[str, str]:
    return {
        language: original_of(said[language], language, text.names, side)
        for language in text.languages
        if language in said
    }
