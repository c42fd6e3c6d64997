"""Emergencies that one officer of the watch released alone, and who stands for them afterwards.

An emergency must not wait for a second person (design: console, screen 8); a second one looks at it
within the hour, or an alarm says that nobody has. Nothing of it leaves the station: what was
released is released.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from parley.core.instants import Instant
from parley.errors import ConflictError, NotAllowedError, OwnDraftError
from parley.station.actors import GLASS_ROLE, Actor
from parley.station.alarms import Alarms
from parley.station.cabinet import Act, Cabinet, require
from parley.station.desk_views import DraftRequest
from parley.station.papers import Fields, PaperChange, change
from parley.station.view_values import Moment

WITHIN_S: Final = 3_600
_ALONE: Final = ("", "raise", "update")
"""What of an emergency is released alone: beginning one, and adding to it. Its end can wait."""
_KIND: Final = "countersign"


def may_alone(actor: Actor, request: DraftRequest) -> bool:
    """Say whether an actor releases this without a second person, as an officer of the watch."""
    is_officer = actor.is_person and "watch" in actor.roles and GLASS_ROLE not in actor.roles
    return is_officer and request.procedure == "emergency" and request.move in _ALONE


@dataclass(frozen=True, slots=True, kw_only=True)
class CountersignView:
    """An emergency that one officer released alone.

    Attributes:
        due_at: until when a second officer should have looked at it.
        by, at: who did, and when; None while nobody has.
    """

    draft: str
    released_by: str
    released_at: Moment
    due_at: Moment
    by: str | None
    at: Moment | None


class Countersigning:
    """Keeps what was released alone until somebody stands for it."""

    def __init__(self, cabinet: Cabinet, alarms: Alarms, *, now: Callable[[], Instant]) -> None:
        self._cabinet = cabinet
        self._alarms = alarms
        self._now = now

    def paper(self, actor: Actor, draft: str, wrote: list[str]) -> PaperChange:
        """Return what keeps a release made alone, in the transaction that carries it out."""
        now = self._now()
        fields = {"released_by": actor.officer, "released_at": now, "wrote": [*wrote]}
        return change("countersigns", draft, {**fields, "by": None, "at": None})

    def all(self) -> list[CountersignView]:
        """Return what was released alone, the newest first."""
        kept = self._cabinet.all("countersigns")
        return [_view(draft, fields) for draft, fields in reversed(kept)]

    async def sign(self, actor: Actor, draft: str) -> CountersignView:
        """Stand, as a second officer, for what another released alone.

        Raises:
            NotAllowedError: the actor may not. OwnDraftError: it is the actor's own.
            NotFoundError: nothing of this number was released alone.
            ConflictError: somebody did already.
        """
        actor.require("draft")
        if not actor.is_person or GLASS_ROLE in actor.roles:
            raise NotAllowedError("an officer countersigns, no program and no break-glass session")
        fields = require(self._cabinet.get("countersigns", draft), f"release of {draft[:16]} alone")
        if actor.officer in (fields["released_by"], *fields["wrote"]):
            raise OwnDraftError(
                f"{actor.officer} wrote or released {draft} and cannot countersign it",
                next_step="Ask another officer.",
            )
        if fields["by"] is not None:
            raise ConflictError(f"{draft} is countersigned by {fields['by']} already")
        fields |= {"by": actor.officer, "at": self._now()}
        act = Act(actor=actor, act="countersign", subject=draft)
        await self._cabinet.store([change("countersigns", draft, fields)], act)
        return _view(draft, fields)

    def due(self) -> Iterator[Mapping[str, Any]]:
        """Yield what nobody stood for in time and about which there was no alarm yet."""
        known: dict[str, Any] | None = None
        for view in self.all():
            if view.by is not None or view.due_at > self._now():
                continue
            known = self._alarms.about(f"{_KIND} ") if known is None else known
            if f"{_KIND} {view.draft}" not in known:
                text = f"{view.released_by} released {view.draft} alone; nobody has countersigned"
                yield {"kind": _KIND, "fact": f"{_KIND} {view.draft}", "text": text}

    def over(self) -> Iterator[Mapping[str, Any]]:
        """Yield the open alarms about what somebody stands for by now."""
        if not any(alarm.kind == _KIND for alarm in self._alarms.all(open_only=True)):
            return
        for view in self.all():
            if view.by is not None:
                reason = f"{view.by} countersigned {view.draft}"
                yield {"fact": f"{_KIND} {view.draft}", "peer": None, "reason": reason}


def _view(draft: str, fields: Fields) -> CountersignView:
    released = Instant(fields["released_at"])
    return CountersignView(
        draft=draft,
        released_by=fields["released_by"],
        released_at=released,
        due_at=Instant(released + WITHIN_S),
        by=fields["by"],
        at=fields["at"],
    )
