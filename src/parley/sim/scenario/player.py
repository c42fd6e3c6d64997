"""Playing a scenario: its events in order, each as a move of the desk by its author's station."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from parley.core.instants import Instant
from parley.desk.catalogue import MOVES, PROCEDURES, fields_of
from parley.desk.fields import Matter, Ref
from parley.desk.record import Place
from parley.desk.rules import MoveDraft
from parley.desk.structures import ListOf
from parley.errors import ConflictError, MoveNotPermittedError, ParleyError
from parley.sim.scenario.as_written import (
    answer_of,
    in_one_text,
    is_left_out,
    rung_of,
    term_of,
    with_digests,
    with_what_it_needs,
)
from parley.sim.scenario.model import Event, Scenario, ScenarioError
from parley.sim.scenario.sim_stage import SimStage
from parley.sim.scenario.stage import RefusedError, Stage
from parley.sim.scenario.zones import in_zone

_REFERENCES: Final = frozenset(
    {
        *("about", "agreed_in", "basis_of", "counter", "due_event", "event", "evidence"),
        *("linkage", "linked", "node", "of", "pair", "query", "referred_from", "request"),
        *("source", "succeeds", "target", "used_for", "visit", "waits_for"),
    }
)
"""Fields whose value names an event of the file; the entry carries its entry name instead."""
_MEETS: Final = frozenset({"meeting", "call"})
_LED_TO: Final = ("request", "query")
_OVER: Final = frozenset({"meeting.hold", "meeting.not_attended", "meeting.cancel", "call.close"})
_LOCAL: Final = frozenset({"began", "ended"})
"""Times of a call that a party with a `zone` writes by its own clock where the file has UTC."""
_HEARD_S: Final = 60
"""So long before the moment of a claim every station signs that it is there."""
_ALWAYS: Final = frozenset({"ack", "channel"})
"""Procedures of every channel: without them nothing could be received or ended."""


@dataclass(slots=True, kw_only=True)
class Played:
    """A scenario after its last event.

    Attributes:
        places: where the entries of each event stand, by event id.
        cases: the event that opened the case of an event.
        not_played: events whose move the desk does not have, or whose case was not played.
        refused: events that were refused, as their `expect_refusal` wants.
        meets: the meeting or call that a request or question has led to, until it is over; by the
            event that opened that case, and procedure.
    """

    scenario: Scenario
    stage: Stage
    places: dict[str, Place] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    not_played: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    meets: dict[tuple[str, str], str] = field(default_factory=dict)

    def case_of(self, event: str) -> Place | None:
        """Return where the case of an event was opened; None where it was not played."""
        return self.places.get(self.cases.get(event, event))


def play(
    scenario: Scenario,
    *,
    seed: int | None = None,
    tell: Callable[[Event], None] | None = None,
    stage: Stage | None = None,
) -> Played:
    """Play a scenario to its cutoff.

    Args:
        scenario: the history.
        seed: shuffles what arrives, drops and repeats it; the variant's own where it is None.
        tell: called with each event that was played.
        stage: what to play it on; the simulated one where it is None.

    Raises:
        ScenarioError: a move is refused; says where, why, and what would have been permitted.
    """
    if stage is None:
        stage = SimStage(scenario, seed=scenario.seed if seed is None else seed)
    played = Played(scenario=scenario, stage=stage)
    waiting = sorted(scenario.events, key=lambda event: event.at)
    edges = {at for at in scenario.edges if scenario.start <= at <= scenario.cutoff}
    moments = {*stage.beats(), *edges, *(each.at for each in waiting), scenario.cutoff}
    moments |= _before_questions(stage)
    for moment in sorted(moments):
        stage.advance(Instant(moment))
        while waiting and waiting[0].at <= moment:
            event = waiting.pop(0)
            if _play_event(played, event) and tell is not None:
                tell(event)
    stage.settle()
    return played


def _before_questions(stage: Stage) -> set[Instant]:
    """Return moments shortly before those that claims ask about.

    Stations on a line say many times an hour that they are there; what is asked must not turn on
    when the last of the few heartbeats that are played happened to be.
    """
    scenario = stage.scenario
    asked = {scenario.asked_at(claim) for claim in scenario.claims}
    # Where frames are lost one statement is not enough.
    times = range(1, 4) if stage.is_rough else range(1, 2)
    before = {at - _HEARD_S * often for at in asked for often in times}
    return {Instant(at) for at in before if at > scenario.start}


def _play_event(played: Played, event: Event) -> bool:
    if event.is_context:
        return False
    if _rests_on_missing(played, event):
        played.not_played.append(event.id)
        return False
    for number, office in enumerate(event.by):
        _move(played, event, office, again=number > 0)
        if event.id in played.refused:
            return False
    _note_meeting(played, event)
    return True


def _note_meeting(played: Played, event: Event) -> None:
    """Keep in mind which meeting or call a request or question has led to, until it is over."""
    procedure = event.do.partition(".")[0]
    if procedure not in _MEETS:
        return
    named = [event.case, *(event.values.get(each) for each in _LED_TO)]
    for root in (played.cases.get(each) for each in named if isinstance(each, str)):
        if root is not None and event.do in _OVER:
            played.meets.pop((root, procedure), None)
        elif root is not None and root != played.cases[event.id]:
            played.meets[root, procedure] = played.cases[event.id]


def _rests_on_missing(played: Played, event: Event) -> bool:
    """Say whether the desk lacks the move, or what the move is about was not played."""
    if not event.is_declared:
        return event.refusal is None
    missing = set(played.not_played)
    if event.case is not None and played.cases.get(event.case, event.case) in missing:
        return True
    needed = (one.name for one in MOVES[event.do].fields if one.required)
    return any(event.values.get(name) in missing for name in needed if _names_event(event, name))


def _names_event(event: Event, name: str) -> bool:
    return isinstance(event.values.get(name), str) and (
        name in _REFERENCES or name in _ref_fields(event.do)
    )


def _ref_fields(move: str) -> set[str]:
    """Return the fields of a move that name another entry."""
    if move not in MOVES:
        return set()
    types = {name: one.type for name, one in fields_of(MOVES[move]).items()}
    return {
        name
        for name, kind in types.items()
        if isinstance(kind.item if isinstance(kind, ListOf) else kind, Ref | Matter)
    }


def _move(played: Played, event: Event, office: str, *, again: bool) -> None:
    code, _, desk = office.partition("/")
    stage = played.stage
    opener = event.case if event.case is not None else event.id if again else _about(event)
    if opener is not None and played.cases.get(opener, opener) not in played.places:
        # Its opening was refused, as the file wants: nothing can be said about it.
        text = f"the case {opener} was not opened"
        _refuse(played, event, RefusedError(ConflictError(text), ["case-needed", "conflict"]))
        return
    root = None if opener is None else played.cases[opener]
    case = None if root is None else played.places[root]
    if case is not None:
        stage.wait_for(code, case)
        if again:
            stage.wait_for(code, played.places[event.id])
    channel = event.channel or _channel_of(played, event, case)
    _open(played, event, code, channel)
    to, led_from = event.to, None
    if root is not None and _leads_elsewhere(played, event, root):
        led_from, root = root, _meeting_of(played, event, root, again=again)
        if root is None and case is not None:
            said = [each for each in event.by if each != office]
            to = to or tuple(dict.fromkeys([*said, *_others(played, code, case)]))
        case = None if root is None else played.places[root]
    if case is not None and _opens_its_own(event.do):
        to = to or _others(played, code, case)
        root = case = None
    if not to and case is None:
        to = tuple(each for each in event.by if each != office)
    fields = _named(played, code, event, led_from)
    try:
        _allow(played, event, code, channel)
        place = stage.say(
            code,
            channel,
            MoveDraft(
                move=event.do,
                party=played.scenario.channel(channel).parties.index(code),
                desk=desk,
                action=to,
                info=event.info,
                case=case,
                fields=_with_digests(played, code, event, case, fields),
                precedence=event.precedence,
                marking=played.scenario.mark,
                moment=stage.wall(code),
            ),
        )
    except ParleyError as problem:
        _refuse(played, event, problem)
        return
    if event.refusal is not None:
        raise _refused(event, ConflictError(f"it was to be refused as {event.refusal}"))
    stage.settle()
    played.places.setdefault(event.id, place)
    played.cases.setdefault(event.id, event.id if root is None else root)


def _leads_elsewhere(played: Played, event: Event, root: str) -> bool:
    """Say whether a meeting or call is named as part of a request or question that led to it."""
    procedure = event.do.partition(".")[0]
    opened = next(each.do for each in played.scenario.events if each.id == root).partition(".")[0]
    return procedure in _MEETS and opened in _LED_TO and opened not in MOVES[event.do].on


def _meeting_of(played: Played, event: Event, root: str, *, again: bool) -> str | None:
    """Return the event that opened the meeting or call meant; None where this one opens it."""
    if again:
        return played.cases[event.id]
    found = played.meets.get((root, event.do.partition(".")[0]))
    return found if found is not None or MOVES[event.do].opens else root


def _about(event: Event) -> str | None:
    """Return the event that a move is about and whose case it follows, as a correction is."""
    move = MOVES.get(event.do)
    named = event.values.get(move.about) if move is not None and move.about else None
    return named if isinstance(named, str) else None


def _opens_its_own(move: str) -> bool:
    """Say whether a move opens a case of its own even where it names one, as `channel.resume`."""
    return move == "channel.resume"


def _open(played: Played, event: Event, code: str, channel: str) -> None:
    """Open a channel that is only proposed, where this event proposes it."""
    if event.do != "channel.propose":
        return
    named = event.values.get("name")
    for each in played.scenario.channels:
        is_meant = each.code == channel or (isinstance(named, str) and named == each.code)
        if is_meant and each.proposed_only and not played.stage.is_open(each.code):
            played.stage.open_channel(each.code, code)


def _allow(played: Played, event: Event, code: str, channel: str) -> None:
    """Refuse what the channel itself does not carry.

    Raises:
        RefusedError: it is not open, or not for this procedure.
    """
    found = played.scenario.channel(channel)
    procedure = event.do.partition(".")[0]
    if code not in found.parties:
        text = f"{code} is not on the channel {channel}"
        raise RefusedError(ConflictError(text), ["conflict", "wrong-party"])
    if not played.stage.is_open(channel):
        text = f"the channel {channel} is not open yet: a channel.propose opens it"
        raise RefusedError(ConflictError(text), ["conflict", "channel-not-open"])
    if found.procedures is not None and procedure not in found.procedures | _ALWAYS:
        allowed = ", ".join(sorted(found.procedures | _ALWAYS))
        text = f"the channel {channel} is not for the procedure {procedure}"
        problem = MoveNotPermittedError(f"{text}; it is for: {allowed}", permitted=())
        raise RefusedError(problem, ["move_not_permitted", "unknown-procedure"])


def _channel_of(played: Played, event: Event, case: Place | None) -> str:
    for channel in played.scenario.channels:
        if case is not None and played.stage.channel_id(channel.code) == case.channel:
            return channel.code
    raise _refused(event, ConflictError("it names neither a channel nor a case"))


def _others(played: Played, code: str, case: Place) -> tuple[str, ...]:
    """Return the desks of a case that are not of this party."""
    found = played.stage.registers(code).case(case)
    desks = dict.fromkeys([found.by, *found.to])
    return tuple(each for each in desks if "/" in each and each.partition("/")[0] != code)


def _named(played: Played, code: str, event: Event, led_from: str | None = None) -> dict[str, Any]:
    """Return the fields with events replaced by entry names; those not played are left out.

    `led_from` opened the request or question that a meeting or call of its own comes from.
    """
    refs = _ref_fields(event.do) | _REFERENCES
    events = {each.id for each in played.scenario.events}
    found: dict[str, Any] = {}
    zone = played.scenario.zones.get(code)
    types = {n: one.type for n, one in fields_of(MOVES[event.do]).items()}
    values = term_of(event.values) if event.do.startswith("commitment.") else event.values
    for name, given in with_what_it_needs(MOVES[event.do], values).items():
        if is_left_out(types.get(name), given):
            continue
        is_answers = event.do == "query.answer" and name == "answers" and isinstance(given, list)
        said = [answer_of(each) for each in given] if is_answers else given
        value = in_one_text(types.get(name), said)
        if name in _LOCAL and event.do == "call.close" and isinstance(value, str):
            together = len({office.partition("/")[0] for office in event.by}) > 1
            found[name] = value if zone is None else in_zone(value, zone, always=together)
        elif name == "rung":
            found[name] = rung_of(value)
        elif name not in refs:
            found[name] = value
        elif isinstance(value, list):
            members = [_entry_name(played, code, each, events) for each in value]
            kept = [each for each in members if each is not None]
            if kept or not members:
                found[name] = kept
        elif (entry := _entry_name(played, code, value, events)) is not None:
            found[name] = entry
    if led_from is not None:
        opened = next(e.do for e in played.scenario.events if e.id == led_from).partition(".")[0]
        name = _entry_name(played, code, led_from, events)
        if opened in _ref_fields(event.do):
            found.setdefault(opened, name)
    return found


def _with_digests(
    played: Played, code: str, event: Event, case: Place | None, fields: dict[str, Any]
) -> dict[str, Any]:
    """Return the fields of a move on a text with the digests of what stands at its author's."""
    procedure = PROCEDURES[MOVES[event.do].procedure]
    if case is None or procedure.passages is None:
        return fields
    row = played.stage.registers(code).row(procedure.register, case)
    return with_digests(MOVES[event.do], fields, row.values)


def _entry_name(played: Played, code: str, value: Any, events: set[str]) -> Any:
    """Return the entry name of an event, None if it was not played; any other value as it is."""
    if not isinstance(value, str) or value not in events:
        return value
    place = played.places.get(value)
    return None if place is None else played.stage.registers(code).name_of(place)


def _refuse(played: Played, event: Event, problem: ParleyError) -> None:
    """Take note of a refusal that the file expects; stop at any other."""
    codes = problem.codes if isinstance(problem, RefusedError) else {problem.code}
    if event.refusal is not None and _plain(event.refusal) in {_plain(each) for each in codes}:
        played.refused.append(event.id)
        return
    raise _refused(event, problem)


def _plain(code: str) -> str:
    return code.replace("_", "-")


def _refused(event: Event, problem: ParleyError) -> ScenarioError:
    said = problem.problem if isinstance(problem, RefusedError) else problem
    permitted = getattr(said, "permitted", ())
    text = f"event {event.id}, {event.do}: {said}"
    if event.refusal is not None and isinstance(problem, RefusedError):
        codes = ", ".join(sorted({_plain(each) for each in problem.codes}))
        text = f"{text} (expected was the refusal {event.refusal}, this one is {codes})"
    step = said.next_step
    if permitted:
        step = f"Permitted at that moment: {', '.join(permitted)}."
    return ScenarioError(event.file, event.line, text, next_step=step)
