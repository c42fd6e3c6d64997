"""Exercises at a station: begun and ended by a person, on named channels, apart from what is live.

While one runs, what is written on its channels is marked EXERCISE unless its writer says LIVE, and
nothing can be marked EXERCISE anywhere else. What happens in it (an inject) is an alarm of its own
kind with the word EXERCISE first and last; alarms about live things sound as ever. Nothing of an
exercise but the entries that officers release leaves the station.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from parley.core.instants import Instant
from parley.core.texts import misleading
from parley.errors import ConflictError, UsageError
from parley.station.actors import Actor
from parley.station.alarms import Alarms
from parley.station.cabinet import Act, Cabinet, require
from parley.station.desk_views import AlarmView
from parley.station.exercise_views import (
    ExerciseRequest,
    ExerciseView,
    InjectRequest,
    ReactionView,
)
from parley.station.papers import Fields, change

NAME_MAX: Final = 120
TEXT_MAX: Final = 400
INJECTS_MAX: Final = 200
AFTER_MAX_S: Final = 30 * 86_400
SPEED_MAX: Final = 100
MARK: Final = "EXERCISE"
_KIND: Final = "inject"


class Exercises:
    """Starts and stops exercises, brings what happens in them, and tells who reacted when."""

    def __init__(
        self,
        cabinet: Cabinet,
        alarms: Alarms,
        *,
        now: Callable[[], Instant],
        codes: Callable[[], Sequence[str]],
        mark_of: Callable[[str], str],
    ) -> None:
        """Take what exercises are about.

        Args:
            cabinet: keeps them.
            alarms: raises what happens in them.
            now: the station's clock.
            codes: returns the codes of the channels on which we write.
            mark_of: returns the marking of an entry.
        """
        self._cabinet = cabinet
        self._alarms = alarms
        self._now = now
        self._codes = codes
        self._mark_of = mark_of
        self._raised: set[str] = set()

    def all(self) -> list[ExerciseView]:
        """Return every exercise, the newest first."""
        kept = self._cabinet.all("exercises")
        return [self._view(number, fields) for number, fields in reversed(kept)]

    def get(self, number: str) -> ExerciseView:
        """Return one exercise; NotFoundError if there is none."""
        return self._view(number, self._fields(number))

    def _fields(self, number: str) -> Fields:
        return require(
            self._cabinet.get("exercises", number),
            f"exercise {number[:16]}",
            "parley exercise list shows those that there were.",
        )

    def running(self) -> tuple[str, Fields] | None:
        """Return the exercise that runs, as it is kept; None where none does."""
        for number, fields in self._cabinet.all("exercises"):
            if fields["ended_at"] is None:
                return number, fields
        return None

    def covers(self, channel: str) -> bool:
        """Say whether an exercise runs on the channel of this code."""
        found = self.running()
        return found is not None and channel in found[1]["channels"]

    async def start(self, actor: Actor, wanted: ExerciseRequest) -> ExerciseView:
        """Begin an exercise.

        Raises:
            NotAllowedError: the actor may not. ConflictError: one runs already.
            UsageError: it is not well made.
        """
        actor.require("exercise")
        for channel in wanted.channels:
            actor.require_channel(channel)
        if self.running() is not None:
            raise ConflictError(
                "an exercise runs already", next_step="Stop it first: parley exercise stop."
            )
        if problem := self._wrong(wanted):
            raise UsageError(f"exercise: {problem}")
        number = f"EX-{len(self._cabinet.raw('exercises')) + 1:04d}"
        fields: Fields = {
            "name": wanted.name.strip(),
            "channels": list(wanted.channels),
            "speed": wanted.speed,
            "injects": [
                {"after_s": each.after_s // wanted.speed, "text": each.text.strip()}
                for each in sorted(wanted.injects, key=lambda each: each.after_s)
            ],
            "started_at": self._now(),
            "started_by": actor.officer,
            "ended_at": None,
            "ended_by": None,
        }
        act = Act(
            actor=actor, act="start exercise", subject=number, detail=" ".join(wanted.channels)
        )
        await self._cabinet.store([change("exercises", number, fields)], act)
        return self._view(number, fields)

    def _wrong(self, wanted: ExerciseRequest) -> str:
        if not wanted.name.strip() or len(wanted.name) > NAME_MAX or misleading(wanted.name):
            return f"a name has 1 to {NAME_MAX} characters, and none that misleads"
        if not wanted.channels:
            return "name the channels that it is held on"
        if unknown := sorted(set(wanted.channels) - set(self._codes())):
            return f"channel {unknown[0][:40]} is not open here"
        if not 1 <= wanted.speed <= SPEED_MAX:
            return f"it runs 1 to {SPEED_MAX} times as fast as its script"
        if len(wanted.injects) > INJECTS_MAX:
            return f"a script has at most {INJECTS_MAX} injects"
        return next((told for each in wanted.injects if (told := _wrong_inject(each))), "")

    async def inject(self, actor: Actor, number: str, wanted: InjectRequest) -> ExerciseView:
        """Let something happen in an exercise that runs: so many seconds from now."""
        actor.require("exercise")
        fields = self._running_one(number)
        if problem := _wrong_inject(wanted):
            raise UsageError(f"exercise: {problem}")
        if len(fields["injects"]) >= INJECTS_MAX:
            raise ConflictError(f"a script has at most {INJECTS_MAX} injects")
        after = self._now() - fields["started_at"] + wanted.after_s
        fields["injects"].append({"after_s": after, "text": wanted.text.strip()})
        act = Act(actor=actor, act="inject", subject=number, detail=str(len(fields["injects"])))
        await self._cabinet.store([change("exercises", number, fields)], act)
        return self._view(number, fields)

    async def stop(self, actor: Actor, number: str) -> ExerciseView:
        """End an exercise; what of its script has not happened never will."""
        actor.require("exercise")
        fields = self._running_one(number)
        fields |= {"ended_at": self._now(), "ended_by": actor.officer}
        act = Act(actor=actor, act="stop exercise", subject=number)
        await self._cabinet.store([change("exercises", number, fields)], act)
        return self._view(number, fields)

    def _running_one(self, number: str) -> Fields:
        fields = self._fields(number)
        if fields["ended_at"] is not None:
            raise ConflictError(f"exercise {number} ended {fields['ended_by']} already")
        return fields

    # --- what the station itself does ---

    def due(self) -> Iterator[Mapping[str, Any]]:
        """Yield the injects whose time has come and about which there was no alarm yet."""
        found = self.running()
        if found is None:
            return
        number, fields = found
        for place, each in enumerate(fields["injects"], 1):
            fact = _fact(number, place)
            if fields["started_at"] + each["after_s"] > self._now() or fact in self._raised:
                continue
            self._raised.add(fact)
            if fact not in self._alarms.about(f"{_KIND} {number}/"):
                yield {"kind": _KIND, "fact": fact, "text": f"{MARK} {each['text']} {MARK}"}

    def over(self) -> Iterator[Mapping[str, Any]]:
        """Yield the open alarms about injects of exercises that have ended."""
        for alarm in self._alarms.all(open_only=True):
            if alarm.kind != _KIND:
                continue
            for number, fields in self._cabinet.all("exercises"):
                facts = self._alarms.about(f"{_KIND} {number}/")
                mine = [fact for fact, view in facts.items() if view.id == alarm.id]
                if mine and fields["ended_at"] is not None:
                    yield {"fact": mine[0], "peer": None, "reason": f"{number} has ended"}

    # --- the report ---

    def _view(self, number: str, fields: Fields) -> ExerciseView:
        rows = [*self._of_injects(number, fields), *self._of_entries(fields)]
        return ExerciseView(
            number=number,
            name=fields["name"],
            channels=fields["channels"],
            speed=fields["speed"],
            started_at=fields["started_at"],
            started_by=fields["started_by"],
            ended_at=fields["ended_at"],
            ended_by=fields["ended_by"],
            reactions=sorted(rows, key=lambda row: row.at),
        )

    def _of_injects(self, number: str, fields: Fields) -> Iterator[ReactionView]:
        alarms = self._alarms.about(f"{_KIND} {number}/")
        for place, each in enumerate(fields["injects"], 1):
            facts: dict[str, Any] = {"what": "inject", "number": place, "text": each["text"]}
            alarm = alarms.get(_fact(number, place))
            if alarm is None:
                state = "ahead" if fields["ended_at"] is None else "not-raised"
                at = Instant(fields["started_at"] + each["after_s"])
                yield ReactionView(at=at, state=state, **facts)
            else:
                yield _reaction(alarm, **facts)

    def _of_entries(self, fields: Fields) -> Iterator[ReactionView]:
        """Yield the urgent entries of peers that were marked EXERCISE and came meanwhile."""
        until = fields["ended_at"] or self._now()
        for alarm in self._alarms.all(open_only=False):
            is_here = alarm.entry is not None and alarm.channel in fields["channels"]
            if is_here and fields["started_at"] <= alarm.raised_at <= until:
                assert alarm.entry is not None
                if self._mark_of(alarm.entry) == MARK:
                    yield _reaction(alarm, what="entry", number=None, text="")


def _fact(number: str, place: int) -> str:
    return f"{_KIND} {number}/{place}"


def _wrong_inject(wanted: InjectRequest) -> str:
    if not 0 <= wanted.after_s <= AFTER_MAX_S:
        return "an inject comes 0 seconds to 30 days after the start"
    text = wanted.text.strip()
    if not text or len(text) > TEXT_MAX or misleading(text):
        return f"an inject has 1 to {TEXT_MAX} characters, and none that misleads"
    return ""


def _reaction(alarm: AlarmView, **facts: Any) -> ReactionView:
    state = "open" if alarm.open and alarm.claimed_by is None else "claimed"
    claimed = None if alarm.claimed_at is None else alarm.claimed_at - alarm.raised_at
    handled = None if alarm.handled_at is None else alarm.handled_at - alarm.raised_at
    return ReactionView(
        at=alarm.raised_at,
        state=state if alarm.open else "handled",
        alarm=alarm.id,
        entry=alarm.entry,
        peer=alarm.peer,
        precedence=alarm.precedence,
        claimed_by=alarm.claimed_by,
        claimed_after_s=claimed,
        handled_by=alarm.handled_by,
        handled_after_s=handled,
        how=alarm.reason,
        **facts,
    )
