"""What an item about the record led to, for the link on which it came."""

from __future__ import annotations

from dataclasses import dataclass, field

from parley.core.statement import SignedStatement, Statement


@dataclass(slots=True)
class Outcome:
    """What an item led to.

    Attributes:
        repeated: entries that were held already: the peer missed our receipt.
        held: the peer's newest statement, when one was accepted just now.
        need_note: the statement cannot be recomputed here; its full text is wanted.
        frozen: the log ended with a conflict; nothing more is taken into it.
        behind: the peer holds more of our log than we do.
        over_quota: entries were not taken: the charter, or a bound, does not allow them now.
        shown: the verified statement of a third party that the peer showed.
    """

    repeated: int = 0
    held: list[Statement] = field(default_factory=list)
    need_note: bool = False
    frozen: bool = False
    behind: bool = False
    over_quota: bool = False
    shown: SignedStatement | None = None
