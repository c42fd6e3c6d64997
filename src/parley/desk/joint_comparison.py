"""The languages of a joint text side by side, article by article.

What this finds may grow with a version of the program: it cautions who closes or initials, and no
entry of the record is judged by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from parley.desk.facts import StepFacts
from parley.desk.fields import Json, items_of
from parley.desk.joint import JointText
from parley.desk.joint_checks import text_before
from parley.desk.parallel import Finding, Words, compare_wordings
from parley.desk.problems import Problem, problem
from parley.desk.procedure import Difference, Draft
from parley.desk.wording import Found

BLOCKING = frozenset({"differ", "only_one_side"})


def compare_text(text: JointText) -> list[Difference]:
    """Return how the languages of title and articles compare: `1.distances`, `title.dates`."""
    words = Words(text.names, text.terms)
    passages = [("title", text.title), *((one.number, one.text) for one in text.standing)]
    return [
        difference_of(f"{number}.{finding.kind}", finding)
        for number, said in passages
        for finding in compare_wordings(said, words)
    ]


def compare_step(step: StepFacts) -> list[Difference]:
    """Return how the texts of one entry compare, where it has them in several languages."""
    return compare_languages(step.name, texts_of(step))


def compare_languages(name: str, texts: Mapping[str, str]) -> list[Difference]:
    """Return how one passage compares in its languages, its fields beginning with `name`."""
    if len(texts) < 2:
        return []
    return [difference_of(f"{name}.{one.kind}", one) for one in compare_wordings(texts)]


def texts_of(step: StepFacts) -> dict[str, str]:
    """Return the texts of an entry by language; the first counts where one is there twice."""
    rows = step.json("text")
    texts: dict[str, str] = {}
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, Mapping):
            texts.setdefault(str(row.get("lang")), str(row.get("text")))
    return texts


def difference_of(field: str, finding: Finding) -> Difference:
    """Return a finding as every comparison of a case is shown."""
    values: dict[str, Json] = {lang: list(_shown(ones)) for lang, ones in finding.values.items()}
    lonely = [language for language, ones in finding.values.items() if ones]
    one_side = finding.status == "only_one_side"
    return Difference(
        field=field,
        status=finding.status,
        side=lonely[0] if one_side and len(lonely) == 1 else None,
        values=values,
    )


def _shown(ones: Sequence[Found]) -> Iterator[Json]:
    for one in ones:
        yield {"written": one.written, "value": one.value, "at": one.at}


def unlike(found: Sequence[Difference]) -> list[str]:
    """Return the names of what must be mended or seen."""
    return [one.field for one in found if one.status in BLOCKING]


def differences_seen(draft: Draft) -> Problem | None:
    """Caution who closes or initials a text whose languages differ, and does not say so."""
    seen = {str(one) for one in items_of(draft.values.get("seen", []))}
    left = [name for name in unlike(compare_text(text_before(draft))) if name not in seen]
    return problem("seen", "differences_unseen", found=", ".join(left)) if left else None
