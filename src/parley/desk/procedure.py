"""The language in which procedures are declared, and what it refuses at import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from parley.core.canon import Value
from parley.desk.actors import Actor, By, Named
from parley.desk.facts import CaseFacts, ChannelFacts, StepFacts
from parley.desk.fields import FieldType, Json
from parley.desk.problems import Problem, Words


def words(english: str, chinese: str) -> Words:
    """Return one text in both languages of the desk."""
    return {"en": english, "zh": chinese}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a move.

    Attributes:
        number: its number on the wire, 32 and up (common fields 16 to 31; 5 is the core's due).
        kept: it stays with its author; only a commitment to it travels.
        help: what to write, per language; empty when the words say it.
    """

    name: str
    number: int
    type: FieldType
    words: Words
    required: bool = False
    kept: bool = False
    help: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One state of a case.

    Attributes:
        final: no move leads out of it.
        derived: the desk works it out; no entry declares it.
    """

    name: str
    words: Words
    final: bool = False
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Go:
    """A step from one state to another, by the party the move names unless `by` says otherwise.

    Attributes:
        when: only with such fields; for the channel's declared states alone.
    """

    before: str
    after: str
    by: Actor | None = None
    when: Callable[[Draft], bool] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One step that a case has taken: what a check may look back at.

    Attributes:
        move: full name, `joint_text.bracket`.
        party: code of its author.
        values: wire values of its fields, by name.
    """

    move: str
    party: str
    values: Mapping[str, Value]


def _nothing() -> tuple[Said, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a check looks at: the move about to be made, or found in the record.

    Attributes:
        party: code of its author.
        at: the author's time, seconds.
        values: wire values of the move's fields, by name.
        opening: wire values of the case's opening entry; empty for an opening move.
        terms: the opening's values with those of later counters over them.
        rungs: highest rung each desk has given on the entry referred to, by office.
        office: the author's desk, `ALFA/OPS`.
        author_of_target: code of the author of the entry referred to, None where there is none.
        target_move: full name of the move of the entry referred to; empty where there is none.
        target_notes: full names of the moves already noted about that entry.
        standing: the state of the channel as this party declared it.
        state: the state of the case before the move; empty for an opening move.
        asked, told: offices that the entry referred to asks to act, and tells.
        parties: codes of the parties to the case, opener first; empty for an opening move.
        earlier: returns the steps the case has taken so far, the opening one first.
    """

    party: str
    at: int
    values: Mapping[str, Value]
    opening: Mapping[str, Value]
    terms: Mapping[str, Value]
    rungs: Mapping[str, int]
    office: str
    author_of_target: str | None
    standing: str
    state: str = ""
    asked: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    target_move: str = ""
    target_notes: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    earlier: Callable[[], tuple[Said, ...]] = _nothing


Check = Callable[[Draft], Problem | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """A move that one means by a value of a field of another.

    Attributes:
        field, value: where the field has this value, the other is meant.
        move: short name of that other one.
        renamed: fields that are called otherwise there, where they are given and that one is not.
    """

    field: str
    value: str
    move: str
    renamed: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One act within a procedure.

    Attributes:
        name: short name, `accept`; `procedure` is filled in by the procedure.
        kind: number of the entry's kind; never used again.
        opens: `yes` opens a case, `may` opens one unless a case is named, `no` needs a case.
        initial: state after it has opened a case.
        go: steps that it can make; for EACH the state while others have not done it.
        done: for EACH: the state when every party has made the move.
        crossed: steps for a move that crossed with the one that led to the present state.
        standing: steps of the channel's declared state of the author.
        on: procedures whose cases it can be about without being an act of them; `*` is all.
        keeps: states in which it is allowed and changes nothing.
        needs: common fields that it must carry.
        cautions: checks of a draft alone, never of the record. What they say may change with a
            version of this program; what an entry did may not.
        most: how often it may be made in one case; 0 where that has no bound.
        seals: the kept fields to which the entry's field `commit` binds its author.
        binds: names of the fields, matter and time, that the commitment is bound to with them;
            all parties give the same.
        unseals: the move whose kept fields this one opens; the other side must hold that entry.
        private: its entry is non-attributable: its receiver cannot show it as proof.
        about: field that names the entry it is about; its case follows from that where none is
            named, and it is a note on that case.
        instead: the move that a draft of this one may mean; the record is read as it stands.
    """

    name: str
    kind: int
    words: Words
    by: Actor = By.OPENER
    opens: str = "no"
    initial: str = ""
    go: tuple[Go, ...] = ()
    done: str = ""
    crossed: tuple[Go, ...] = ()
    standing: tuple[Go, ...] = ()
    on: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    checks: tuple[Check, ...] = ()
    needs: tuple[str, ...] = ()
    cautions: tuple[Check, ...] = ()
    most: int = 0
    seals: tuple[str, ...] = ()
    binds: tuple[str, str] = ("series", "due")
    unseals: str = ""
    private: bool = False
    about: str = ""
    instead: Instead | None = None
    procedure: str = ""

    @property
    def full_name(self) -> str:
        """Return `request.accept`."""
        return f"{self.procedure}.{self.name}"

    def field(self, name: str) -> Field | None:
        """Return the field of that name."""
        return next((field for field in self.fields if field.name == name), None)

    def allowed_in(self, state: str) -> bool:
        """Say whether any party could make it in this state."""
        return state in self.keeps or any(go.before == state for go in self.go)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """A clock that some entries start.

    Attributes:
        name: also the name of the profile's clock.
        starts: moves whose entry starts it; the party that did not write it owes the answer.
        runs_in: declared states in which it can run out.
        applies: tells from the entry whether it starts the clock at all.
        person: a person's acknowledgement answers it; else what answers is the core's rule.
        writer_owes: the author of the entry owes what follows; else the other party does.
        due_field: field of the entry that sets the due time; the core's own `due` when empty.
        then: the profile's clock that starts only at that time.
    """

    name: str
    words: Words
    starts: tuple[str, ...]
    runs_in: tuple[str, ...]
    applies: Callable[[StepFacts], bool] | None = None
    person: bool = False
    writer_owes: bool = False
    due_field: str = ""
    then: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a register."""

    name: str
    words: Words


def columns(**names: tuple[str, str]) -> tuple[Column, ...]:
    """Return columns from name=(English, Chinese)."""
    return tuple(Column(name=name, words=words(*pair)) for name, pair in names.items())


def state(
    name: str, english: str, chinese: str, *, final: bool = False, derived: bool = False
) -> State:
    """Return a state."""
    return State(name=name, words=words(english, chinese), final=final, derived=derived)


def put(
    name: str, number: int, kind: FieldType, english: str, chinese: str, *, required: bool = False
) -> Field:
    """Return a field."""
    return Field(
        name=name, number=number, type=kind, words=words(english, chinese), required=required
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How two accounts of one thing compare in one field.

    Attributes:
        status: agree, differ, only_one_side, not_comparable or disputed.
        by: how much they differ, `{"metres": 60}`.
        side: code of the only party that says it.
        values: what each says, by code.
    """

    field: str
    status: str
    by: Json = None
    side: str | None = None
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One passage of a text that is negotiated, as it stands now.

    Attributes:
        number: of the article; `title` for the title.
        status: how far it is agreed.
        texts: by language.
        brackets: what is in brackets: who put them, round what, and what is offered instead.
        said: the words as they are in the record, before a side's own original is made of them.
        before: what stood there before the present wording; None where it is the first.
        version, by: of the whole text in which the present wording came, and who gave it.
    """

    number: str
    status: str
    texts: Mapping[str, str]
    brackets: Sequence[Mapping[str, Json]] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, str] | None = None
    version: int = 1
    by: str = ""


Parts = Callable[[CaseFacts], Mapping[str, Mapping[str, Json]]]
"""Per party or recipient, by code: the columns that differ from those of the whole case."""
Row = Callable[[CaseFacts], dict[str, Json]]
ChannelRows = Callable[[ChannelFacts], Sequence[tuple[str | None, dict[str, Json]]]]
Compare = Callable[[CaseFacts], Sequence[Difference]]
CompareDraft = Callable[[CaseFacts | None, StepFacts], Sequence[Difference]]
"""From the case before a draft, None where it opens one, and the draft as a step of it."""
Passages = Callable[[CaseFacts, str], Sequence[Passage]]
"""From the case and the code of a side: that side's original, which names it first."""
Accounts = Callable[[CaseFacts], Mapping[str, str]]
"""Of each party that has told of a matter, the entry that holds its account, by its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A declared small protocol.

    Attributes:
        code: number in the catalogue of procedures, `P05`.
        prefix: letters before a case number.
        register: name of the table of its cases; empty when it has none.
        row: fills a row from a case.
        parts: fills what a row shows for single parties or recipients.
        settings: clocks of the profile that its rows read beside those it declares.
        late: its rows are filled after all others, because they count other rows.
        channel_rows: fills rows per channel instead (register of channels).
        passages: gives the text that the case is about, whole.
        compare: puts the accounts of a case side by side.
        compare_draft: the same of what a draft is about, as it would stand with that draft.
        accounts: names the entries whose texts are accounts of one matter.
        standings: states of a channel as one party declares it.
        naming: filled in: fields of what opens a case that say who may make later moves.
    """

    name: str
    code: str
    prefix: str
    words: Words
    states: tuple[State, ...]
    moves: tuple[Move, ...]
    version: int = 1
    register: str = ""
    columns: tuple[Column, ...] = ()
    clocks: tuple[ClockRule, ...] = ()
    row: Row | None = None
    parts: Parts | None = None
    settings: tuple[str, ...] = ()
    late: bool = False
    channel_rows: ChannelRows | None = None
    passages: Passages | None = None
    compare: Compare | None = None
    compare_draft: CompareDraft | None = None
    accounts: Accounts | None = None
    standings: tuple[State, ...] = ()
    naming: tuple[Named, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        moves = tuple(_named(move, self.name) for move in self.moves)
        object.__setattr__(self, "moves", moves)
        actors = (go.by for move in moves for go in (*move.go, *move.crossed))
        named = dict.fromkeys([*(move.by for move in moves), *actors])
        naming = tuple(one for one in named if isinstance(one, Named) and not one.own)
        object.__setattr__(self, "naming", naming)
        _check(self)

    def move(self, name: str) -> Move | None:
        """Return the move of that short name."""
        return next((move for move in self.moves if move.name == name), None)

    def state(self, name: str) -> State | None:
        """Return the state of that name."""
        known = (*self.states, *self.standings)
        return next((state for state in known if state.name == name), None)


def _named(move: Move, procedure: str) -> Move:
    object.__setattr__(move, "procedure", procedure)
    return move


def _check(procedure: Procedure) -> None:
    """Refuse a declaration that cannot work."""
    declared = {state.name for state in procedure.states if not state.derived}
    final = {state.name for state in procedure.states if state.final}
    reached: set[str] = set()
    for move in procedure.moves:
        where = move.full_name
        assert move.opens in ("yes", "may", "no"), where
        assert (move.opens == "no") != bool(move.initial), f"{where}: initial state"
        kept = {field.name for field in move.fields if field.kept}
        assert kept == ({*move.seals, "salt"} if move.seals else set()), f"{where}: kept fields"
        names = {field.name for field in move.fields}
        assert not move.seals or {"salt", "commit", *move.binds} <= names, where
        opened = next((one.seals for one in procedure.moves if one.name == move.unseals), ())
        assert bool(opened) == bool(move.unseals), f"{where}: {move.unseals} seals nothing"
        assert not opened or {"salt", *opened} <= names, f"{where}: what it opens"
        assert not move.about or move.field(move.about) is not None, f"{where}: {move.about}"
        other = None if move.instead is None else procedure.move(move.instead.move)
        assert move.instead is None or (other is not None and move.instead.field in names), where
        assert not (move.by is By.EACH and move.go and not move.done), f"{where}: done"
        targets = {move.initial, move.done} | {go.after for go in (*move.go, *move.crossed)}
        reached |= targets - {""}
        sources = {go.before for go in (*move.go, *move.crossed)} | set(move.keeps)
        assert targets | sources <= declared | {""}, f"{where}: {targets | sources} - {declared}"
        leaving = {go.before for go in move.go if go.after != go.before}
        assert not leaving & final, f"{where} leads out of {leaving & final}"
        numbers = [field.number for field in move.fields]
        assert len(set(numbers)) == len(numbers), f"{where}: field number twice"
        assert all(number >= 32 or number in (1, 5) for number in numbers), where
        assert move.opens == "no" or not isinstance(move.by, Named) or move.by.own, where
        assert not isinstance(move.by, Named) or not move.by.own or move.by.field in names, where
    for actor in procedure.naming:
        opening = [move for move in procedure.moves if move.opens != "no"]
        assert all(move.field(actor.field) is not None for move in opening), actor.field
    assert declared <= reached, f"{procedure.name}: nobody reaches {declared - reached}"
    kinds = Counter(move.kind for move in procedure.moves)
    assert max(kinds.values()) == 1, f"{procedure.name}: one kind for two moves"
    assert all(rule.runs_in for rule in procedure.clocks), procedure.name
    assert not {s for rule in procedure.clocks for s in rule.runs_in} & final, procedure.name
