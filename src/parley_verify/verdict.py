"""What is answered to a claim: a word, and what is shown and not shown, step by step."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

HOLDS, WEAKER, FALSE = 0, 14, 7


@dataclass(slots=True)
class Verdict:
    """The answer to one claim.

    Attributes:
        title: the claim in words.
        word: the word that the evidence allows.
        code: 0 as claimed, 14 weaker than claimed, 7 the evidence itself speaks against it.
        shown: what is proved.
        lacking: what is not proved, and what would prove it.
        against: what in the evidence contradicts the claim.
        remarks: what a reader should know besides.
    """

    title: str
    word: str = ""
    code: int = WEAKER
    shown: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    steps: list[tuple[str, str]] = field(default_factory=list)

    def show(self, text: str) -> None:
        """Note something proved."""
        self.shown.append(text)
        self.steps.append(("shown", text))

    def lack(self, text: str) -> None:
        """Note something that is not shown."""
        self.lacking.append(text)
        self.steps.append(("not shown", text))

    def oppose(self, text: str) -> None:
        """Note something that contradicts the claim."""
        self.against.append(text)
        self.steps.append(("against", text))

    def remark(self, text: str) -> None:
        """Note something worth knowing; once."""
        if text not in self.remarks:
            self.remarks.append(text)

    def copy(self) -> Verdict:
        """Return a verdict that can go on from here on its own."""
        return Verdict(
            title=self.title,
            shown=list(self.shown),
            lacking=list(self.lacking),
            against=list(self.against),
            remarks=list(self.remarks),
            steps=list(self.steps),
        )

    def close(self, word: str, code: int) -> Verdict:
        """Set word and code and return itself."""
        self.word, self.code = word, code
        return self


def when(time: int) -> str:
    """Return a time in seconds as RFC 3339 in UTC, or as a number where no calendar reaches."""
    try:
        return datetime.fromtimestamp(time, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return f"{time} s"


def how_long(seconds: int) -> str:
    """Return a duration in words: 90 s, 15 min, 6 h, 3 d."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
