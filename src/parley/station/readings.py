"""Our own reading of an account, paragraph by paragraph: what both say, what only one side says.

A desk officer sets it; it is a paper of this station and no entry, and nothing of it leaves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from parley.core.instants import Instant
from parley.core.texts import misleading
from parley.errors import UsageError
from parley.station.actors import Actor
from parley.station.cabinet import Act, Cabinet
from parley.station.papers import change
from parley.station.view_values import Moment

MARKS: Final = ("both", "differs", "only", "ask")
"""In both accounts; in both and not the same; in this one only; to be asked."""
NOTE_MAX: Final = 500
PARAGRAPHS_MAX: Final = 400
_PARAGRAPH: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\.[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingView:
    """Our own reading of one paragraph of an account; nothing of it leaves.

    Attributes:
        paragraph: `zh-Hans.2`, the language and the place of the paragraph from 1.
        mark: both, differs, only or ask.
    """

    paragraph: str
    mark: str
    note: str
    officer: str
    at: Moment


class Readings:
    """Reads and keeps the marks of paragraphs."""

    def __init__(self, cabinet: Cabinet, *, now: Callable[[], Instant]) -> None:
        self._cabinet = cabinet
        self._now = now

    def of(self, entry: str) -> list[ReadingView]:
        """Return the marks of an entry's paragraphs, by paragraph."""
        kept = (self._cabinet.get("readings", entry) or {}).get("marks", {})
        return [
            ReadingView(
                paragraph=paragraph,
                mark=str(one["mark"]),
                note=str(one["note"]),
                officer=str(one["officer"]),
                at=Instant(int(one["at"])),
            )
            for paragraph, one in sorted(kept.items())
        ]

    async def put(
        self, actor: Actor, entry: str, marks: Mapping[str, tuple[str, str]]
    ) -> list[ReadingView]:
        """Set the mark and the note of paragraphs; an empty mark with no note takes both away.

        A paragraph that is not named stays as it is, and so does who marked one that says the same.

        Raises:
            NotAllowedError: no desk officer. UsageError: there is no such mark or paragraph.
        """
        actor.require("draft-freely")
        actor.require_channel(entry.partition("/")[0])
        _check(marks)
        kept = dict((self._cabinet.get("readings", entry) or {}).get("marks", {}))
        before = dict(kept)
        for paragraph, (mark, note) in marks.items():
            old = kept.get(paragraph, {})
            if (mark, note) == (old.get("mark", ""), old.get("note", "")):
                continue
            if not mark and not note:
                del kept[paragraph]
                continue
            said = {"mark": mark, "note": note, "officer": actor.officer, "at": int(self._now())}
            kept[paragraph] = said
        if len(kept) > PARAGRAPHS_MAX:
            raise UsageError(f"more than {PARAGRAPHS_MAX} paragraphs of {entry} are marked")
        if kept != before:
            paper = change("readings", entry, {"marks": kept} if kept else None)
            await self._cabinet.store([paper], Act(actor=actor, act="mark account", subject=entry))
        return self.of(entry)


def _check(marks: Mapping[str, tuple[str, str]]) -> None:
    for paragraph, (mark, note) in marks.items():
        if not _PARAGRAPH.fullmatch(paragraph):
            raise UsageError(f"there is no paragraph {paragraph[:40]!r}")
        if mark not in ("", *MARKS):
            raise UsageError(f"no mark is {mark[:40]!r}", next_step=f"{', '.join(MARKS)}.")
        if len(note) > NOTE_MAX or misleading(note):
            raise UsageError(
                f"the note on {paragraph} is too long or hides characters",
                next_step=f"Write up to {NOTE_MAX} characters.",
            )
