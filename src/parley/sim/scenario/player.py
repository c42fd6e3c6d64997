"""Playing a scenario: its events in order, each as a move of the desk by its author's station."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from parley.core.instants import Instant
from parley.desk.record import Place
from parley.desk.rules import MoveDraft
from parley.errors import ConflictError, MoveNotPermittedError, ParleyError
from parley.sim.scenario.loader import Event, Scenario, ScenarioError
from parley.sim.scenario.stage import Stage

_REFERENCES: Final = frozenset(
    {
        *("about", "agreed_in", "basis_of", "counter", "due_event", "event", "evidence"),
        *("linkage", "linked", "node", "of", "pair", "query", "referred_from", "request"),
        *("source", "succeeds", "target", "used_for", "visit", "waits_for"),
    }
)
"""Fields whose value names an event of the file; the entry carries its entry name instead."""


@dataclass(slots=True, kw_only=True)
class Played:
    """A scenario after its last event.

    Attributes:
        places: where the entries of each event stand, by event id.
        cases: the event that opened the case of an event.
        not_played: events whose move the desk does not have, or whose case was not played.
    """

    scenario: Scenario
    stage: Stage
    places: dict[str, Place] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    not_played: list[str] = field(default_factory=list)

    def case_of(self, event: str) -> Place | None:
        """Return where the case of an event was opened; None where it was not played."""
        return self.places.get(self.cases.get(event, event))


def play(
    scenario: Scenario, *, seed: int | None = None, tell: Callable[[Event], None] | None = None
) -> Played:
    """Play a scenario to its cutoff.

    Args:
        scenario: the history.
        seed: order of arrival and chance; the scenario's own where it is None.
        tell: called with each event that was played.

    Raises:
        ScenarioError: a move is refused; says where, why, and what would have been permitted.
    """
    played = Played(
        scenario=scenario, stage=Stage(scenario, seed=scenario.seed if seed is None else seed)
    )
    waiting = [each for each in scenario.events if each.at <= scenario.cutoff]
    edges = {at for fault in scenario.faults for at in (fault.begins, fault.ends)}
    moments = {*played.stage.beats(), *edges, *(each.at for each in waiting), scenario.cutoff}
    for moment in sorted(Instant(at) for at in moments if scenario.start <= at):
        if moment > scenario.cutoff:
            break
        played.stage.advance(moment)
        while waiting and waiting[0].at <= moment:
            event = waiting.pop(0)
            if _play_event(played, event) and tell is not None:
                tell(event)
    played.stage.settle()
    return played


def _play_event(played: Played, event: Event) -> bool:
    if event.is_context:
        return False
    if not event.is_declared or (event.case is not None and event.case not in played.cases):
        played.not_played.append(event.id)
        return False
    for number, office in enumerate(event.by):
        _move(played, event, office, again=number > 0)
    return True


def _move(played: Played, event: Event, office: str, *, again: bool) -> None:
    code, _, desk = office.partition("/")
    opener = event.case if event.case is not None else event.id if again else None
    root = None if opener is None else played.cases[opener]
    case = None if root is None else played.places[root]
    channel = event.channel or _channel_of(played, event, case)
    to = event.to
    if not to and case is None:
        to = tuple(each for each in event.by if each != office)
    draft = MoveDraft(
        move=event.do,
        party=_number(played, channel, code, event),
        desk=desk,
        action=to,
        info=event.info,
        case=case,
        fields=_named(played, code, event),
        precedence=event.precedence,
        marking=played.scenario.mark,
        moment=played.stage.world.stations[code].now(played.stage.world.steady).wall,
    )
    try:
        place = played.stage.say(code, channel, draft)
    except ParleyError as problem:
        if event.refusal is not None and problem.code == event.refusal:
            played.cases.setdefault(event.id, event.id)
            return
        raise _refused(played.scenario, event, problem) from None
    if event.refusal is not None:
        raise _refused(
            played.scenario, event, ConflictError(f"it was to be refused as {event.refusal}")
        )
    played.stage.settle()
    played.places.setdefault(event.id, place)
    played.cases.setdefault(event.id, event.id if root is None else root)


def _number(played: Played, channel: str, code: str, event: Event) -> int:
    found = next(each for each in played.scenario.channels if each.code == channel)
    if code not in found.parties:
        raise _refused(
            played.scenario, event, ConflictError(f"{code} is not on the channel {channel}")
        )
    return found.parties.index(code)


def _channel_of(played: Played, event: Event, case: Place | None) -> str:
    if case is None:
        raise _refused(played.scenario, event, ConflictError("it names neither channel nor case"))
    for channel in played.scenario.channels:
        view = played.stage.view(channel.parties[0], channel.code)
        if view.id == case.channel:
            return channel.code
    raise _refused(played.scenario, event, ConflictError("its case is on no channel of the file"))


def _named(played: Played, code: str, event: Event) -> dict[str, Any]:
    """Return the fields with events replaced by entry names; those not played are left out."""
    found: dict[str, Any] = {}
    for name, value in event.values.items():
        if name in _REFERENCES and isinstance(value, str) and _is_event(played, value):
            if value in played.places:
                found[name] = played.stage.registers(code).name_of(played.places[value])
            continue
        found[name] = value
    return found


def _is_event(played: Played, name: str) -> bool:
    return any(each.id == name for each in played.scenario.events)


def _refused(scenario: Scenario, event: Event, problem: ParleyError) -> ScenarioError:
    permitted: Mapping[str, Any] = {}
    text = f"event {event.id}, {event.do}: {problem}"
    if isinstance(problem, MoveNotPermittedError):
        permitted = {"moves": problem.permitted}
    allowed = ", ".join(permitted.get("moves", ()))
    return ScenarioError(
        scenario.file,
        event.line,
        text,
        next_step=f"Permitted at that moment: {allowed}." if allowed else "",
    )
