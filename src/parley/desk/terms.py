"""Terms that parties have agreed, or are about to: the defined terms of their joint texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from parley.desk.derived import CaseNow
from parley.desk.joint import Act, joint_text
from parley.desk.problems import Words
from parley.desk.registers import Registers

_AGREED = frozenset({"signed", "in force", "suspended", "amended", "notifying"})
_INITIALLED = frozenset({"closed", "initialling", "initialled", "signing"})
_GONE = frozenset({"ended", "given up"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedTerm:
    """One defined term of one joint text.

    Attributes:
        code: its code in that text. words: per authentic language.
        standing: `agreed` once all have signed, `initialled` before that, else `proposed`.
        parties: codes of the parties to the text.
    """

    code: str
    words: Words
    standing: str
    parties: tuple[str, ...]
    channel: str
    case: str


def agreed_terms(registers: Registers) -> Iterator[AgreedTerm]:
    """Yield every defined term of the joint texts that still stand, in the order of the texts."""
    for channel in registers.channels:
        for marking in channel.markings():
            for case in channel.cases_of("joint_text", marking):
                yield from _terms_of(case)


def _terms_of(case: CaseNow) -> Iterator[AgreedTerm]:
    if case.state in _GONE:
        return
    text = joint_text(Act(s.move.partition(".")[2], s.party, s.wire) for s in case.steps)
    standing = "proposed"
    if case.state in _AGREED:
        standing = "agreed"
    elif case.state in _INITIALLED:
        standing = "initialled"
    for code, words in text.terms.items():
        yield AgreedTerm(
            code=code,
            words=dict(words),
            standing=standing,
            parties=case.parties,
            channel=case.channel,
            case=case.number,
        )
