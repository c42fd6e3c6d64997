"""Who may make a move: a role in the case, or the party that a field names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from parley.core.canon import Value
from parley.desk.problems import Problem, Words, problem


class By(StrEnum):
    """Who may make a move, by the role in the case."""

    OPENER = "opener"
    ADDRESSEE = "addressee"
    OTHER = "other"
    """Not the party whose step led to the present state."""
    EITHER = "either"
    SAME = "same"
    """The party whose step led to the present state."""
    ANY = "any"
    """Every party on the channel, party to the case or not."""
    EACH = "each"
    """Every party to the case, once; the last one completes it."""


def _words(english: str, chinese: str) -> Words:
    return {"en": english, "zh": chinese}


BY_WORDS: Mapping[By, Words] = {
    By.OPENER: _words("the party that opened the case", "开案一方"),
    By.ADDRESSEE: _words("a party that was addressed", "受文一方"),
    By.OTHER: _words("the party that did not make the last step", "未作上一步的一方"),
    By.SAME: _words("the party that made the last step", "作出上一步的一方"),
    By.EITHER: _words("any party to the case", "案件任何一方"),
    By.ANY: _words("any party on the channel", "渠道上任何一方"),
    By.EACH: _words("each party once", "各方各一次"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The party that a field names by its code or by one of its offices.

    Attributes:
        field: of the entry that opened the case; where `own`, of the very move.
        others: every party to the case but the one that is named.
        addressed: it must name a party that was addressed, never the opener.
        all_of_them: the value that names no single party; `otherwise` may then make the move.
        otherwise: who may where no single party is named.
    """

    field: str
    own: bool = False
    others: bool = False
    addressed: bool = False
    all_of_them: str = ""
    otherwise: By = By.EITHER

    def code(self, values: Mapping[str, Value]) -> str:
        """Return the code of the party that these values name, empty where they name no one."""
        said = values.get(self.field)
        if not isinstance(said, str) or said == self.all_of_them:
            return ""
        return said.partition("/")[0]

    @property
    def name(self) -> str:
        """Return how a schema names it: `named in owner`."""
        return f"{'not ' if self.others else ''}named in {self.field}"

    @property
    def words(self) -> Words:
        """Return it in words."""
        every = BY_WORDS[self.otherwise]
        both = self.all_of_them
        english, chinese = f"the party named in `{self.field}`", f"“{self.field}”项所列一方"
        if self.others:
            english, chinese = (
                f"a party not named in `{self.field}`",
                f"“{self.field}”项所列以外的一方",
            )
        if both:
            english += f" (where that is `{both}`: {every['en']})"
            chinese += f"（如为“{both}”，则为{every['zh']}）"
        return _words(english, chinese)


Actor = By | Named


def actor_words(actor: Actor) -> Words:
    """Return who may make a move, in words."""
    return actor.words if isinstance(actor, Named) else BY_WORDS[actor]


def actor_name(actor: Actor) -> str:
    """Return who may make a move, as a schema has it."""
    return actor.name if isinstance(actor, Named) else actor.value


def naming_fault(
    actor: Named, values: Mapping[str, Value], parties: Sequence[str]
) -> Problem | None:
    """Return what is wrong with whom an entry names.

    Args:
        actor: whom it is to name.
        values: wire values of the entry that names the party.
        parties: codes of those it may name: of the author alone for what is its `own`, else of the
            parties to the case, its opener first.
    """
    code = actor.code(values)
    known = parties[1:] if actor.addressed else parties
    if not code or code in known:
        return None
    choices = [*known, *([actor.all_of_them] if actor.all_of_them else [])]
    kind = "not_ones_own" if actor.own else "not_in_case"
    return problem(actor.field, kind, found=code, choices=", ".join(choices))
