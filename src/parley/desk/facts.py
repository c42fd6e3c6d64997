"""What a declaration may ask of a case when it fills a row of its register."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from parley.core.canon import Value
from parley.desk.fields import Json


class StepFacts(ABC):
    """One taken step of a case, or an annotation on it.

    Attributes:
        party: code of the author.
        office: the author's desk, `ALFA/OPS`; the party's code alone when no desk was named.
        move: full name, `request.accept`.
        claimed: the author's own time.
        name: the entry's name.
    """

    party: str
    office: str
    move: str
    claimed: int
    name: str

    @abstractmethod
    def wire(self, field: str) -> Value:
        """Return the wire value of a field of the move, None when absent."""

    @abstractmethod
    def json(self, field: str) -> Json:
        """Return the JSON form of a field of the move or a common field, None when absent."""

    @abstractmethod
    def fields(self) -> dict[str, Json]:
        """Return every field it carries in JSON form, by name."""

    @property
    @abstractmethod
    def languages(self) -> tuple[str, ...]:
        """Return the languages of its texts, in order."""

    @property
    @abstractmethod
    def precision(self) -> str:
        """Return how exactly the author's time is known."""


class ClockFacts(ABC):
    """One clock of the case.

    Attributes:
        state: as in `deadlines.Clock`.
        due: instant, or None.
        owed: whether the answer is owed or only asked for.
        lapse: `silent`, `dark` or None: how it lapsed, if it did (an answer may have come later).
        answered_at: the author's time of the first answer, or None.
    """

    state: str
    due: int | None
    owed: bool
    lapse: str | None
    answered_at: int | None


class CaseFacts(ABC):
    """One case at one moment.

    Attributes:
        number: case number.
        state: the declared state: what the moves taken so far amount to.
        moment: when the question is asked.
        channel: code of the channel.
        by: office that opened it; `opener` is its party's code.
        to: offices asked to act.
        parties: codes of the parties to the case, opener first.
        identity: bytes that name the case alike at every station.
    """

    number: str
    identity: bytes
    procedure: str
    state: str
    moment: int
    channel: str
    by: str
    opener: str
    to: tuple[str, ...]
    parties: tuple[str, ...]
    opening: StepFacts
    steps: Sequence[StepFacts]
    annotations: Sequence[StepFacts]

    @property
    @abstractmethod
    def is_crossed(self) -> bool:
        """Say whether two moves of it crossed."""

    @abstractmethod
    def delivered(self, step: StepFacts) -> int | None:
        """Return when the first other party to the case signed that it holds the step."""

    @abstractmethod
    def clock(self, name: str) -> ClockFacts | None:
        """Return the newest clock of that name, None if none was ever started."""

    @property
    @abstractmethod
    def clocks(self) -> Sequence[ClockFacts]:
        """Return every clock of the case, in the order of the rules and entries."""

    @abstractmethod
    def setting(self, name: str) -> int | None:
        """Return the length in seconds of a clock of the channel's profile."""

    @abstractmethod
    def rung(self) -> tuple[int, int | None]:
        """Return the highest rung on the opening entry, and the author's time of it."""

    @abstractmethod
    def rung_of(self, party: str) -> tuple[int, int | None]:
        """Return the highest rung one party has given on the opening entry, and when."""

    @abstractmethod
    def delivered_to(self, party: str, step: StepFacts) -> int | None:
        """Return when a party signed that it holds a step, None if it has not."""

    @abstractmethod
    def notes_about(self, step: StepFacts) -> Sequence[StepFacts]:
        """Return the notes on the case that are about this very step, in order."""

    @abstractmethod
    def desk_rungs(self) -> dict[str, int]:
        """Return the highest rung each desk has given on the opening entry, by office."""

    @abstractmethod
    def acknowledged(self) -> tuple[int | None, tuple[str, ...]]:
        """Return when a person first took it, and the languages of that acknowledgement."""

    @abstractmethod
    def referrers(self, field: str) -> Sequence[CaseFacts]:
        """Return the cases with a step whose `field` refers to an entry of this case."""

    @abstractmethod
    def referred(self, step: StepFacts, field: str) -> CaseFacts | None:
        """Return the case of the entry that a field of a step refers to, None where not held."""

    @abstractmethod
    def referred_time(self, step: StepFacts, field: str) -> int | None:
        """Return the author's time of the entry that a field of a step refers to."""

    @abstractmethod
    def referred_receipt(self, step: StepFacts, field: str, party: str) -> int | None:
        """Return when a party signed that it holds the entry that a field of a step refers to."""

    @abstractmethod
    def seal_of(self, step: StepFacts, salt: str, value: Value) -> str:
        """Return the commitment that a step's author would have given to a value."""

    @abstractmethod
    def matter(self, step: StepFacts, field: str) -> bytes | None:
        """Return the identity of the case that a field refers to, or of the topic it names."""

    @abstractmethod
    def cycle(self) -> str | None:
        """Return the name of the cycle of preconditions that the case is part of, or None."""

    @abstractmethod
    def could_open(self) -> Sequence[str]:
        """Return the parties that alone could open that cycle; nobody where there is none."""

    @abstractmethod
    def row_of(self, other: CaseFacts) -> dict[str, Json]:
        """Return the row of another case of the same parties."""

    @abstractmethod
    def cases_of(self, procedure: str) -> Sequence[CaseFacts]:
        """Return the cases of a procedure on all channels of these parties, same marking."""

    @abstractmethod
    def on_channel(self, procedure: str) -> Sequence[CaseFacts]:
        """Return the cases of a procedure on the same channel and marking, in order."""

    @abstractmethod
    def rows(self, register: str) -> Sequence[dict[str, Json]]:
        """Return finished rows of another register, same parties and marking."""

    def steps_of(self, *moves: str) -> list[StepFacts]:
        """Return the steps of these moves, in order."""
        return [step for step in self.steps if step.move.partition(".")[2] in moves]

    def last_of(self, *moves: str) -> StepFacts | None:
        """Return the last step of these moves."""
        found = self.steps_of(*moves)
        return found[-1] if found else None

    def has_both(self, *moves: str) -> bool:
        """Say whether every party to the case has made one of these moves."""
        return {step.party for step in self.steps_of(*moves)} >= set(self.parties)


class PartyFacts(ABC):
    """One channel as one party has declared it, at one moment."""

    party: str
    state: str
    since: StepFacts | None


class ChannelFacts(ABC):
    """One channel at one moment: what the register of channels is filled from.

    Attributes:
        channel: its code.
        standings: one for each party, in charter order.
        acts: the acts about the channel itself, in order.
        renewals: the cases in which it was renewed, in order.
    """

    channel: str
    moment: int
    standings: Sequence[PartyFacts]
    acts: Sequence[StepFacts]
    renewals: Sequence[CaseFacts]

    @abstractmethod
    def cases_of(self, procedure: str) -> Sequence[CaseFacts]:
        """Return the cases of a procedure on the channel, in order."""

    @abstractmethod
    def unmet(self) -> Iterator[CaseFacts]:
        """Yield the requests that were refused, or of which a clock lapsed, in no order."""

    @abstractmethod
    def row_of(self, case: CaseFacts) -> dict[str, Json]:
        """Return the case's row in its own register."""

    @abstractmethod
    def setting(self, name: str) -> int | None:
        """Return the length in seconds of a clock of the channel's profile."""

    @abstractmethod
    def delivered(self, step: StepFacts) -> int | None:
        """Return when the first other party signed that it holds an act about the channel."""

    @abstractmethod
    def proposals(self) -> Sequence[StepFacts]:
        """Return what opened each case about a channel, on any channel of the same parties."""

    @property
    @abstractmethod
    def ends_at(self) -> int | None:
        """Return when the charter ends, None when it is open."""


def attempts_of(steps: Sequence[StepFacts]) -> int:
    """Return how often a call was tried: the rings, or more where an entry says which it was."""
    rings = tried = 0
    for step in steps:
        said = step.json("attempt") if step.move in {"call.request", "call.ring"} else None
        if step.move == "call.ring":
            rings += 1
            tried += not isinstance(said, int)
        if isinstance(said, int):
            tried = max(tried, said)
    return max(rings, tried)
