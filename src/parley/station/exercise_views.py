"""What the gateway shows of exercises, and how one is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.core.instants import parse_duration
from parley.errors import UsageError
from parley.station.view_values import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectRequest:
    """Something that happens in an exercise, so many seconds after its start."""

    after_s: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseRequest:
    """An exercise to be started.

    Attributes:
        name: what it is called.
        channels: codes of the channels that it is held on.
        injects: the script.
        speed: how many times faster than its script it runs.
    """

    name: str
    channels: Sequence[str]
    injects: Sequence[InjectRequest] = ()
    speed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionView:
    """How fast somebody here took up one alarm of an exercise.

    Attributes:
        what: `inject`, or `entry` for a FLASH or IMMEDIATE of a peer that is marked EXERCISE.
        number: of the inject, from 1; None for an entry.
        text: of the inject; empty for an entry, whose words stand under `entry`.
        at: when it is due, or came.
        state: `ahead`, `open`, `claimed`, `handled`, `not-raised` (ended first).
        claimed_after_s, handled_after_s: seconds from when it was raised; None while nobody did.
    """

    what: str
    number: int | None
    text: str
    at: Moment
    state: str
    alarm: str | None = None
    entry: str | None = None
    peer: str | None = None
    precedence: str | None = None
    claimed_by: str | None = None
    claimed_after_s: int | None = None
    handled_by: str | None = None
    handled_after_s: int | None = None
    how: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseView:
    """An exercise of this station; it runs while `ended_at` is None."""

    number: str
    name: str
    channels: Sequence[str]
    speed: int
    started_at: Moment
    started_by: str
    ended_at: Moment | None
    ended_by: str | None
    reactions: Sequence[ReactionView]


def read_script(text: str) -> list[InjectRequest]:
    """Return the injects of a script; empty lines and those that begin with # say nothing.

    Raises:
        UsageError: a line is not `DURATION: TEXT`, such as `10m: A tug calls.`
    """
    injects = []
    for number, line in enumerate(text.replace("\uff1a", ":").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        length, colon, words = line.partition(":")
        if not colon or not words.strip():
            raise UsageError(
                f"line {number} of the script is no inject",
                next_step="Write it as `10m: A tug calls.`",
            )
        injects.append(InjectRequest(after_s=parse_duration(length), text=words.strip()))
    return injects
