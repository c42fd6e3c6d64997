"""Cases folded from the common order of one channel, and taken back when the order changes.

Only what entries declare is folded here; what time and statements add is derived when a register
is asked for. Every entry that was folded can be taken back, so that an entry that arrives late
costs the entries after its place and not the whole record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from parley.core.canon import Value
from parley.core.entry import F_CASE, F_REF
from parley.core.ids import Incarnation
from parley.desk.actors import By, actor_words
from parley.desk.case import Case, Taken
from parley.desk.case_actors import case_parties, may, misnamed
from parley.desk.case_index import CaseIndex
from parley.desk.catalogue import PROCEDURES
from parley.desk.naming import Directory, ref_place
from parley.desk.order import CommonOrder, Ordered
from parley.desk.problems import Problem, problem
from parley.desk.procedure import Draft, Move, Said
from parley.desk.reading import ReadMove, about_place, read_move
from parley.desk.reasons import ladder_rung
from parley.desk.record import ChannelView, Place, Placed

OPEN = "open"
"""How a party holds a channel as long as it has declared nothing else."""


class Fold:
    """The cases of one channel."""

    def __init__(self) -> None:
        self.log: list[Taken | None] = []
        self.cases: dict[Place, Case] = {}
        self.case_of: dict[Place, Place] = {}
        self.taken_at: dict[Place, Taken] = {}
        self.acks: dict[Place, list[Taken]] = {}
        self.standings: dict[tuple[int, int], list[Taken]] = {}
        self.index = CaseIndex()
        self._last: tuple[object, int] = (None, 0)
        self._newest: Placed | None = None
        self._common = CommonOrder()

    @property
    def order(self) -> Sequence[Ordered]:
        """Return the entries in the common order."""
        return self._common.order

    @property
    def incs(self) -> Mapping[int, Sequence[Incarnation]]:
        """Return each party's incarnations, each after the one it follows."""
        return self._common.incs

    def goes_on_to(self, view: ChannelView) -> bool:
        """Say whether the view holds what was folded, in the same sequence, and perhaps more."""
        entries, count = self._last
        if count == 0 or entries is view.entries:
            return True
        assert isinstance(entries, Sequence)
        return len(view.entries) >= count and view.entries[count - 1] == self._newest

    def update(self, view: ChannelView) -> int:
        """Bring the fold to what the view holds; return how many entries were folded for it."""
        mark = (view.entries, len(view.entries))
        if self._last[0] is mark[0] and self._last[1] == mark[1]:
            return 0
        same = self._order(view)
        while len(self.log) > same:
            self._take_back(self.log.pop())
        for ordered in self.order[same:]:
            self._fold(ordered, view.codes)
        self._last = mark
        self._newest = view.entries[-1] if view.entries else None
        return len(self.order) - same

    def _order(self, view: ChannelView) -> int:
        """Bring the order to what the view holds; return how much of its beginning stays."""
        same = len(self.log)
        if view.entries is self._last[0]:
            for at in range(self._last[1], len(view.entries)):
                place = self._common.add(view, view.entries[at])
                if place is None:
                    break
                same = min(same, place)
            else:
                return same
        old = self.order[:same]
        self._common.start(view)
        return _same(old, self.order)

    def _take_back(self, taken: Taken | None) -> None:
        if taken is None:
            return
        place = taken.place
        del self.taken_at[place]
        if taken.case is not None:
            case = self.cases[taken.case]
            case.log.pop()
            del self.case_of[place]
            self.index.touched(taken.case)
            self.index.refers_no_more(taken)
            if taken.opens:
                self.index.taken_back(case)
                del self.cases[taken.case]
        if taken.stands is not None:
            self.standings[(taken.ordered.entry.marking, place.party)].pop()
        if taken.status == "note" and taken.read is not None and taken.read.target is not None:
            self.acks[taken.read.target].pop()

    def _fold(self, ordered: Ordered, codes: tuple[str, ...]) -> None:
        read = read_move(ordered)
        if read is None:
            self.log.append(None)
            return
        taken = self._judge(ordered, read, codes)
        self.log.append(taken)
        self.taken_at[ordered.place] = taken
        if taken.case is not None:
            if taken.opens:
                case = Case(
                    opening=taken,
                    procedure=PROCEDURES[taken.read.move.procedure] if taken.read else NO_PROCEDURE,
                    parties=case_parties(
                        ordered.place.party, taken.read.action if taken.read else (), len(codes)
                    ),
                    codes=codes,
                )
                self.cases[taken.case] = case
                self.index.opened(case)
            self.cases[taken.case].log.append(taken)
            self.case_of[ordered.place] = taken.case
            self.index.touched(taken.case)
            self.index.refers(taken.case, taken)
        if taken.stands is not None:
            key = (ordered.entry.marking, ordered.place.party)
            self.standings.setdefault(key, []).append(taken)
        if taken.status == "note" and taken.read is not None and taken.read.target is not None:
            self.acks.setdefault(taken.read.target, []).append(taken)

    def _judge(self, ordered: Ordered, read: ReadMove | Problem, codes: tuple[str, ...]) -> Taken:
        """Return what the entry does."""
        if isinstance(read, Problem):
            return self._unread(ordered, read)
        if ordered.forced:
            return self._refused(ordered, read, problem("", "bad_seen"))
        case, fault = self.case_for(read)
        if fault is not None:
            return self._refused(ordered, read, fault)
        verdict = self.judge_move(
            read.move,
            case,
            marking=ordered.entry.marking,
            author=ordered,
            values=read.values,
            target=read.target,
            desk=read.desk,
            codes=codes,
        )
        opens = case is None and verdict.status == "step"
        return Taken(
            ordered=ordered,
            read=read,
            status=verdict.status,
            case=ordered.place if opens else case.place if case else None,
            problem=verdict.problem,
            before=verdict.before,
            after=verdict.after,
            opens=opens,
            crossed=verdict.crossed,
            stands=verdict.stands,
        )

    def _unread(self, ordered: Ordered, fault: Problem) -> Taken:
        """Return an entry that no declaration fits, beside the case it names."""
        for number in (F_CASE, F_REF):
            ref = ordered.entry.ref(number)
            named = ordered.resolve(ref) if ref is not None else None
            case = self.case_of.get(named) if named is not None else None
            if case is not None:
                state = self.cases[case].state
                return Taken(
                    ordered=ordered,
                    read=None,
                    status="irregular",
                    case=case,
                    problem=fault,
                    before=state,
                    after=state,
                )
        return Taken(ordered=ordered, read=None, status="irregular", problem=fault)

    def _refused(self, ordered: Ordered, read: ReadMove, fault: Problem) -> Taken:
        case = self.case_of.get(read.case) if read.case is not None else None
        state = self.cases[case].state if case is not None else ""
        return Taken(
            ordered=ordered,
            read=read,
            status="irregular",
            case=case,
            problem=fault,
            before=state,
            after=state,
        )

    def case_for(self, read: ReadMove) -> tuple[Case | None, Problem | None]:
        """Return the case a move belongs to or is about, or why there is none."""
        named = read.case or read.about or (read.target if read.move.on else None)
        if named is None:
            if read.move.opens == "no":
                return None, problem("", "case_needed", move=pair(read.move))
            return None, None
        if named not in self.case_of:
            return None, problem("", "unknown_case")
        return self.cases[self.case_of[named]], None

    def judge_move(
        self,
        move: Move,
        case: Case | None,
        *,
        marking: int,
        author: Ordered,
        values: Mapping[str, Value],
        target: Place | None,
        desk: str,
        codes: tuple[str, ...],
        drafting: bool = False,
    ) -> Verdict:
        """Return what a move does to a case: the same for drafts, but for a draft's cautions."""
        party = author.place.party
        verdict = self.step_of(move, case, marking, author)
        if verdict.status == "irregular":
            return verdict
        fault = misnamed(move, case, author, values, codes)
        if fault is not None:
            return Verdict.refused(fault, verdict.before)
        held = self.standing(marking, party)
        if move.about:
            target = ref_place(values.get(move.about), author)
        referred = self.taken_at.get(target) if target else None
        if move.about and (referred is None or case is None or referred.case != case.place):
            unknown = problem(move.about, "no_such_entry", found=move.about)
            return Verdict.refused(unknown, verdict.before)
        named = referred.read if referred is not None else None
        draft = Draft(
            party=codes[party] if party < len(codes) else str(party),
            at=author.entry.time,
            values=values,
            opening=case.opening.read.values if case and case.opening.read else {},
            terms=terms_of(case),
            rungs=self.rungs_on(target, codes),
            office=office_of(codes, party, desk),
            author_of_target=codes[target.party] if target and target.party < len(codes) else None,
            standing=held,
            state=verdict.before,
            asked=tuple(office_of(codes, *one) for one in named.action) if named else (),
            told=tuple(office_of(codes, *one) for one in named.info) if named else (),
            target_move=named.move.full_name if named else "",
            target_notes=_notes_about(case, target) if move.about else (),
            parties=tuple(codes[number] for number in case.parties) if case else (),
            earlier=partial(_said, case, codes),
        )
        for check in (*move.checks, *(move.cautions if drafting else ())):
            fault = check(draft)
            if fault is not None:
                return Verdict.refused(fault, verdict.before)
        if not move.standing:
            return verdict
        for go in move.standing:
            if go.before == held and (go.when is None or go.when(draft)):
                return Verdict(
                    status=verdict.status,
                    before=verdict.before,
                    after=verdict.after,
                    crossed=verdict.crossed,
                    stands=(held, go.after),
                )
        state = PROCEDURES[move.procedure].state(held)
        told = (state.words["en"], state.words["zh"]) if state else (held, held)
        return Verdict.refused(
            problem("", "not_permitted", move=pair(move), state=told), verdict.before
        )

    def step_of(self, move: Move, case: Case | None, marking: int, author: Ordered) -> Verdict:
        """Return what a move does to the state, whatever its fields say."""
        if case is None:
            if move.opens == "no":
                return Verdict.refused(problem("", "case_needed", move=pair(move)), "")
            return Verdict(status="step", before="", after=move.initial)
        state = case.state
        if marking != case.marking:
            found, wanted = MARKS[marking], MARKS[case.marking]
            return Verdict.refused(problem("", "mark_mismatch", found=found, wanted=wanted), state)
        own = move.procedure == case.procedure.name
        is_opening = case.opening.read is not None and move is case.opening.read.move
        if own and is_opening and move.opens == "yes" and author.place.party == case.parties[0]:
            return Verdict(status="note", before=state, after=state)
        if not own or not (move.go or move.keeps):
            if "*" in move.on or case.procedure.name in move.on:
                return Verdict(status="note", before=state, after=state)
            name = case.procedure.words
            return Verdict.refused(
                problem("", "other_procedure", move=pair(move), procedure=(name["en"], name["zh"])),
                state,
            )
        return self._own_step(move, case, author)

    def _own_step(self, move: Move, case: Case, author: Ordered) -> Verdict:
        state, party = case.state, author.place.party
        if move.most and _times_made(case, move) >= move.most:
            fault = problem("", "made_too_often", move=pair(move), most=move.most)
            return Verdict.refused(fault, state)
        if move.by is By.EACH:
            done = _done_by(case, move)
            matching = [go for go in move.go if go.before == state]
            if matching and party in done and matching[0].after == state:
                return Verdict.refused(problem("", "already_done"), state)
            if matching and party in case.parties:
                everyone = done | {party} >= set(case.parties)
                after = move.done if everyone else matching[0].after
                return Verdict(status="step", before=state, after=after)
        mover = case.mover
        unseen = mover.place.party != party and not author.has_seen(mover.place)
        for go in move.crossed if unseen else ():
            if go.before == state and may(go.by or move.by, party, case):
                return Verdict(status="step", before=state, after=go.after, crossed=True)
        for go in move.go:
            if go.before == state and may(go.by or move.by, party, case):
                return Verdict(status="step", before=state, after=go.after)
        if state in move.keeps and may(move.by, party, case):
            return Verdict(status="step", before=state, after=state)
        if unseen and move.allowed_in(mover.before):
            return Verdict(
                status="crossed",
                before=state,
                after=state,
                crossed=True,
                problem=problem("", "crossed"),
            )
        who = next((go.by or move.by for go in move.go if go.before == state), None)
        if who is None and state in move.keeps:
            who = move.by
        if who is not None:
            told = actor_words(who)
            return Verdict.refused(
                problem("", "wrong_party", move=pair(move), who=(told["en"], told["zh"])), state
            )
        declared = case.procedure.state(state)
        named = (declared.words["en"], declared.words["zh"]) if declared else (state, state)
        return Verdict.refused(problem("", "not_permitted", move=pair(move), state=named), state)

    def standing(self, marking: int, party: int) -> str:
        """Return how a party holds the channel by its own word."""
        acts = self.standings.get((marking, party))
        return acts[-1].stands[1] if acts and acts[-1].stands else OPEN

    def rungs_on(self, target: Place | None, codes: tuple[str, ...]) -> dict[str, int]:
        """Return the highest rung each desk has given on an entry."""
        best: dict[str, int] = {}
        for taken in self.acks.get(target, []) if target else []:
            if taken.read is not None and taken.read.move.name == "give":
                office = office_of(codes, taken.place.party, taken.read.desk)
                best[office] = max(best.get(office, 0), ladder_rung(taken.read.values))
        return best


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a move does, or why it does nothing."""

    status: str
    before: str
    after: str
    problem: Problem | None = None
    crossed: bool = False
    stands: tuple[str, str] | None = None

    @classmethod
    def refused(cls, fault: Problem, state: str) -> Verdict:
        """Return the verdict on a move that is not permitted."""
        return cls(status="irregular", before=state, after=state, problem=fault)


TERMS = frozenset({"counter", "fix", "change", "postpone", "extend"})
"""Moves that set the terms of a case anew."""
MARKS = ("LIVE", "EXERCISE", "TEST", "SIMULATION")
NO_PROCEDURE = next(iter(PROCEDURES.values()))


def pair(move: Move) -> tuple[str, str]:
    """Return the words of a move in both languages, for a sentence."""
    return move.words["en"], move.words["zh"]


def office_of(codes: tuple[str, ...], party: int, desk: str) -> str:
    """Return `ALFA/OPS`, or the party's code where no desk is named."""
    code = codes[party] if party < len(codes) else str(party)
    return f"{code}/{desk}" if desk else code


def terms_of(case: Case | None) -> dict[str, Value]:
    """Return the fields of the opening entry with those of later proposals over them."""
    terms: dict[str, Value] = {}
    for taken in case.steps if case else ():
        if taken.read is not None and (taken.opens or taken.read.move.name in TERMS):
            terms.update(taken.read.values)
    return terms


def _said(case: Case | None, codes: tuple[str, ...]) -> tuple[Said, ...]:
    """Return the steps a case has taken so far."""
    return tuple(
        Said(taken.read.move.full_name, codes[taken.place.party], taken.read.values)
        for taken in (case.steps if case is not None else ())
        if taken.read is not None
    )


def _notes_about(case: Case | None, target: Place | None) -> tuple[str, ...]:
    """Return the moves noted about an entry of the case so far."""
    return tuple(
        taken.read.move.full_name
        for taken in (case.log if case is not None else ())
        if taken.status == "note"
        and taken.read is not None
        and about_place(taken.read, taken.ordered) == target
    )


def _times_made(case: Case, move: Move) -> int:
    return sum(taken.read is not None and taken.read.move is move for taken in case.steps)


def _done_by(case: Case, move: Move) -> set[int]:
    """Return who has made the move since another one last changed the state."""
    done: set[int] = set()
    for taken in reversed(case.log):
        if taken.status != "step" or taken.read is None:
            continue
        if taken.read.move is move:
            done.add(taken.place.party)
        elif taken.before != taken.after:
            break
    return done


def _same(old: Sequence[Ordered], new: Sequence[Ordered]) -> int:
    """Return how many entries both orders begin with alike."""
    for at, (before, after) in enumerate(zip(old, new, strict=False)):
        if not (
            before.place == after.place
            and (before.entry is after.entry or before.entry == after.entry)
            and (before.forced, before.takes_back) == (after.forced, after.takes_back)
            and before.seen == after.seen
            and before.means == after.means
        ):
            return at
    return min(len(old), len(new))


__all__ = ["Directory", "Fold", "Verdict", "office_of", "terms_of"]
