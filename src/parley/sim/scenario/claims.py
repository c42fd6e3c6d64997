"""What a scenario claims, checked at the station of every party that can know it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from parley.core.instants import Instant
from parley.desk.catalogue import REGISTERS
from parley.desk.record import ChannelView, Place
from parley.desk.registers import Registers, Row, fits
from parley.errors import NotFoundError, ParleyError
from parley.sim.scenario.compare import agrees, differs_by, is_soon_after
from parley.sim.scenario.model import Event, ScenarioChannel
from parley.sim.scenario.player import Played

Verify = Callable[[bytes, Sequence[bytes]], bool]
"""Says whether a stand-alone verifier accepts a bundle, given the parties' cards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One claim at one station.

    Attributes:
        station: where it was asked; empty where it is about all of them.
        status: `holds`, `fails`, or `not played` where the desk does not have what it asks for.
        expected: what the claim says.
        found: what stands there.
        why: what is wrong, or why it cannot be told, in words; empty where it holds.
    """

    claim: Mapping[str, Any]
    station: str
    status: str
    expected: Any = None
    found: Any = None
    why: str = ""

    def line(self) -> str:
        """Return one line for a person."""
        word = {"holds": "OK ", "fails": "NO ", "not played": "-- "}[self.status]
        where = f" at {self.station}" if self.station else ""
        rest = f": {self.why}" if self.why else ""
        return f"{word} {_json(self.claim)}{where}{rest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What a station says to a claim."""

    holds: bool
    expected: Any = None
    found: Any = None
    why: str = ""


class _NotKeptError(Exception):
    """The desk does not have what a claim asks for; its words say what."""


def check(
    played: Played, verify: Verify, claims: Sequence[Mapping[str, Any]] | None = None
) -> list[Verdict]:
    """Return the verdict on every claim; that all registers are identical is always claimed.

    Args:
        played: the scenario after its last event.
        verify: the stand-alone verifier.
        claims: other claims than those of the scenario.
    """
    asked = list(played.scenario.claims if claims is None else claims)
    if not any(claim.get("identical") == "registers" for claim in asked):
        asked.append({"identical": "registers"})
    checker = _Checker(played, verify)
    return [verdict for claim in asked for verdict in checker.verdicts(claim)]


class _Checker:
    def __init__(self, played: Played, verify: Verify) -> None:
        self._played = played
        self._scenario = played.scenario
        self._stage = played.stage
        self._verify = verify
        self._registers: dict[tuple[str, Instant], Registers] = {}
        self._events: Mapping[str, Event] = {each.id: each for each in self._scenario.events}

    def verdicts(self, claim: Mapping[str, Any]) -> Iterator[Verdict]:
        codes = [""] if "identical" in claim else self._stations(claim)
        for code in codes:
            try:
                answer = self._answer(claim, code)
                status = "holds" if answer.holds else "fails"
            except _NotKeptError as problem:
                answer = _Answer(holds=False, expected=_said(claim), why=str(problem))
                status = "not played"
            except ParleyError as problem:
                answer = _Answer(holds=False, expected=_said(claim), why=str(problem))
                status = "fails"
            yield Verdict(
                claim=claim,
                station=code,
                status=status,
                expected=answer.expected,
                found=answer.found,
                why=answer.why,
            )

    def _stations(self, claim: Mapping[str, Any]) -> Sequence[str]:
        """Return the stations that can know it: those on every channel that it is about, or all."""
        if "station" in claim:
            return [str(claim["station"])]
        parties = self._scenario.parties
        about = [self._scenario.channel(code).parties for code in self._about(claim)]
        knowing = [code for code in parties if all(code in members for members in about)]
        return knowing or parties

    def _about(self, claim: Mapping[str, Any]) -> set[str]:
        """Return the codes of the channels of its case, its events, or the rows that it counts."""
        if "count" in claim:
            return self._counted(claim)
        difference = claim.get("difference")
        event = difference.get("case") if isinstance(difference, Mapping) else None
        event = claim.get("case", claim.get("proof", event))
        if event is not None and claim.get("register") == "channels":
            return {str(event)}
        events = claim.get("cycle", []) if event is None else [event]
        places = [self._played.case_of(str(each)) for each in events]
        held = {place.channel for place in places if place is not None}
        return {
            each.code
            for each in self._scenario.channels
            if self._stage.channel_id(each.code) in held
        }

    def _counted(self, claim: Mapping[str, Any]) -> set[str]:
        """Return the channels of the rows that any station counts; none where nobody can tell."""
        found: set[str] = set()
        for code in self._scenario.parties:
            try:
                registers = self._at(code, self._scenario.asked_at(claim))
                rows = self._matching(registers, str(claim["register"]), claim["count"])
            except (_NotKeptError, ParleyError):
                return set()
            found |= {row.channel for row in rows}
        return found & {each.code for each in self._scenario.channels}

    def _at(self, code: str, moment: Instant) -> Registers:
        key = (code, moment)
        if key not in self._registers:
            self._registers[key] = self._stage.registers(code, moment)
        return self._registers[key]

    def _answer(self, claim: Mapping[str, Any], code: str) -> _Answer:
        """Return what a station says to a claim.

        Raises:
            _NotKeptError: the desk does not have what it asks for.
            ParleyError: it is asked for something that is not there.
        """
        moment = self._scenario.asked_at(claim)
        if "identical" in claim:
            return self._identical(str(claim["identical"]), moment)
        if "proof" in claim:
            return self._proof(str(claim["proof"]), code)
        registers = self._at(code, moment)
        if "cycle" in claim or "no_cycle" in claim:
            return self._cycle(registers, claim.get("cycle"))
        if "difference" in claim:
            return self._difference(registers, claim["difference"])
        if "absent" in claim:
            return self._absent(registers, claim["absent"])
        if "count" in claim:
            return self._count(registers, claim)
        return self._shows(registers, claim)

    # --- rows ---

    def _place(self, event: str) -> Place:
        """Return where the case of an event was opened.

        Raises:
            _NotKeptError: it was not played.
            NotFoundError: it was refused.
        """
        place = self._played.case_of(event)
        if place is None and event in self._played.refused:
            raise NotFoundError(f"{event} was refused, as the file wants")
        if place is None:
            raise _NotKeptError(f"{event} was not played")
        return place

    @staticmethod
    def _kept(register: str, columns: Sequence[str]) -> None:
        """Refuse a register or columns that the desk does not keep.

        Raises:
            _NotKeptError: it does not.
        """
        if register not in REGISTERS:
            raise _NotKeptError(f"the register {register} is not kept yet")
        kept = {column.name for column in REGISTERS[register].columns}
        if missing := sorted(set(columns) - kept):
            raise _NotKeptError(f"{register} has no column {', '.join(missing)} yet")

    def _shows(self, registers: Registers, claim: Mapping[str, Any]) -> _Answer:
        register, shows = str(claim["register"]), claim["shows"]
        self._kept(register, ())
        case: Any = claim["case"]
        if register != "channels":
            case = self._place(str(case))
        row = registers.row(register, case, claim.get("party"))
        found = {column: row.values.get(column) for column in shows}
        columns = {column.name for column in REGISTERS[register].columns}
        missing = self._played.not_played
        open_ones = {
            column: f"{column} names {wanted}, which was not played"
            for column, wanted in shows.items()
            if isinstance(wanted, str) and wanted in missing
        }
        open_ones |= {
            column: f"{register} has no column {column} yet"
            for column in shows
            if column not in columns
        }
        wrong = {
            column: found[column]
            for column, wanted in shows.items()
            if column not in open_ones and not self._is_shown(registers, row, column, wanted)
        }
        if wrong:
            why = f"found {_json(wrong)}, expected {_json({each: shows[each] for each in wrong})}"
            return _Answer(holds=False, expected=shows, found=found, why=why)
        if open_ones:
            raise _NotKeptError("; ".join(open_ones.values()))
        return _Answer(holds=True, expected=shows, found=found)

    def _is_shown(self, registers: Registers, row: Row, column: str, wanted: Any) -> bool:
        """Say whether a column shows what a claim wants.

        A map by party asks each party's own row. A term that waits for an event has no date yet:
        `event` is its word beside `none`, which is also that of what has no term at all. Where
        frames are lost a delivery, and what counts from it, comes a little later.
        """
        found = row.values.get(column)
        if isinstance(wanted, Mapping) and wanted and set(wanted) <= set(self._scenario.parties):
            own = {party: row.of_party(party) for party in wanted}
            if not isinstance(found, Mapping) and all(own.values()):
                return all(
                    one is not None and self._is_shown(registers, one, column, wanted[party])
                    for party, one in own.items()
                )
        if type(found) is bool and isinstance(wanted, list) and (told := self._own(row, wanted)):
            # Of yes and no a list of parties names those of whom it is so.
            so = {party for party, one in told.items() if one.values.get(column) is True}
            return so == set(wanted)
        if column == "due" and wanted == "event":
            return found is None and row.values.get("due_event") is not None
        if self._stage.is_rough and is_soon_after(found, wanted):
            return True
        return agrees(found, self._named(registers, wanted))

    def _own(self, row: Row, wanted: Sequence[Any]) -> dict[str, Row]:
        """Return the own rows of all parties; none where a list names anything but parties."""
        parties = (
            self._scenario.parties if wanted and set(wanted) <= set(self._scenario.parties) else ()
        )
        found = {party: row.of_party(party) for party in parties}
        return {party: one for party, one in found.items() if one is not None}

    def _named(self, registers: Registers, wanted: Any) -> Any:
        """Return what a claim wants with events replaced by the names of their entries."""
        if isinstance(wanted, str) and wanted in self._played.places:
            return registers.name_of(self._played.places[wanted])
        if isinstance(wanted, list):
            return [self._named(registers, each) for each in wanted]
        if isinstance(wanted, Mapping):
            return {name: self._named(registers, each) for name, each in wanted.items()}
        return wanted

    def _matching(
        self, registers: Registers, register: str, wanted: Mapping[str, Any]
    ) -> list[Row]:
        """Return the rows of a register in which every column is as wanted."""
        always = ("party", "channel", "case")
        self._kept(register, [column for column in wanted if column not in always])
        for value in wanted.values():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, str) and each in self._events:
                    self._place(each)
        rows = registers.rows(register)
        return [row for row in rows if self._counts(registers, row, wanted)]

    def _counts(self, registers: Registers, row: Row, wanted: Mapping[str, Any]) -> bool:
        for column, value in sorted(wanted.items(), key=lambda item: item[0] != "party"):
            if column == "case":
                is_event = value in self._events and row.place is not None
                fitting = (
                    row.place == self._played.case_of(value) if is_event else row.case == value
                )
            elif column == "party":
                own = None if not isinstance(value, str) else row.of_party(value)
                fitting = own is not None or agrees(row.party, value)
                row = row if own is None else own
            else:
                found = row.values.get(column, row.channel if column == "channel" else None)
                said = self._named(registers, value)
                each = found if column == "to" and isinstance(found, list | tuple) else [found]
                fitting = any(agrees(one, said) for one in each)
            if not fitting:
                return False
        return True

    def _count(self, registers: Registers, claim: Mapping[str, Any]) -> _Answer:
        number = len(self._matching(registers, str(claim["register"]), claim["count"]))
        exact = "equals" in claim
        wanted = claim["equals"] if exact else claim["at_least"]
        holds = number == wanted if exact else number >= wanted
        said = "" if exact else "at least "
        return _Answer(
            holds=holds,
            expected=wanted if exact else {"at_least": wanted},
            found=number,
            why="" if holds else f"found {number} rows, expected {said}{wanted}",
        )

    def _absent(self, registers: Registers, claim: Mapping[str, Any]) -> _Answer:
        wanted = {name: value for name, value in claim.items() if name != "register"}
        number = len(self._matching(registers, str(claim["register"]), wanted))
        why = f"found {number} rows, expected none" if number else ""
        return _Answer(holds=not number, expected=0, found=number, why=why)

    def _difference(self, registers: Registers, claim: Mapping[str, Any]) -> _Answer:
        rows = {each.field: each for each in registers.comparison(self._place(str(claim["case"])))}
        wanted = {name: claim[name] for name in claim if name not in ("case", "field")}
        one = rows.get(str(claim["field"]))
        if one is None:
            compared = ", ".join(sorted(rows)) or "nothing"
            why = f"{claim['field']} is not compared; compared is {compared}"
            return _Answer(holds=False, expected=wanted, why=why)
        found = {name: getattr(one, name) for name in ("status", "side", "by")}
        holding = {"status": fits, "side": fits, "by": differs_by}
        wrong = {n: found[n] for n in wanted if not holding.get(n, fits)(found[n], wanted[n])}
        told = _json({name: wanted[name] for name in wrong})
        why = f"found {_json(wrong)}, expected {told}" if wrong else ""
        return _Answer(holds=not wrong, expected=wanted, found=found, why=why)

    # --- cycles ---

    def _cycle(self, registers: Registers, events: Sequence[str] | None) -> _Answer:
        """Say whether just these linkages form a cycle; without events, whether there is none."""
        found = [sorted(cycle.entries) for cycle in registers.cycles]
        if events is None:
            why = f"found {_json(found)}, expected no cycle" if found else ""
            return _Answer(holds=not found, expected=[], found=found, why=why)
        wanted = sorted(registers.name_of(self._place(event)) for event in events)
        holds = wanted in found
        why = "" if holds else f"found {_json(found)}, expected {_json(wanted)} among them"
        return _Answer(holds=holds, expected=wanted, found=found, why=why)

    # --- proofs ---

    def _proof(self, event: str, code: str) -> _Answer:
        bundle = self._stage.bundle(code, self._place(event))
        cards = [card.raw for card in self._stage.cards().values()]
        changed = bytearray(bundle)
        changed[len(changed) // 2] ^= 1
        found = {"verifies": self._verify(bundle, cards), "verifies_changed": False}
        if found["verifies"]:
            found["verifies_changed"] = self._verify(bytes(changed), cards)
        why = ""
        if not found["verifies"]:
            why = "the bundle does not verify"
        elif found["verifies_changed"]:
            why = "the bundle verifies although a byte was changed"
        wanted = {"verifies": True, "verifies_changed": False}
        return _Answer(holds=found == wanted, expected=wanted, found=found, why=why)

    # --- the same on all sides ---

    def _identical(self, what: str, moment: Instant) -> _Answer:
        """Compare what stations make of what they all hold; where no fault is open, that is all."""
        for channel in self._scenario.channels:
            if self._stage.is_cut(channel, moment) or not self._stage.is_open(channel.code):
                continue
            why = self._differs(channel, what, moment)
            if why:
                return _Answer(holds=False, expected="identical", found="different", why=why)
        return _Answer(holds=True, expected="identical", found="identical")

    def _differs(self, channel: ScenarioChannel, what: str, moment: Instant) -> str:
        last = None if moment == self._scenario.cutoff else moment
        views = [self._stage.view(code, channel.code, last) for code in channel.parties]
        held = [{one.place(view.id) for one in view.entries} for view in views]
        if any(each != held[0] for each in held):
            return f"{channel.code}: the stations do not hold the same entries"
        said = [{(each.party, each.inc, each.no) for each in view.statements} for view in views]
        common = set.intersection(*said)
        answers = {self._told(view, common, what, moment) for view in views}
        return "" if len(answers) == 1 else f"{channel.code}: the {what} differ between stations"

    def _told(
        self, view: ChannelView, common: set[tuple[Any, Any, Any]], what: str, moment: Instant
    ) -> bytes:
        shared = [one for one in view.statements if (one.party, one.inc, one.no) in common]
        registers = self._stage.registers_of([replace(view, statements=shared)], moment)
        if what == "registers":
            return registers.encode()
        log = registers.channel(view.id).fold.log
        return json.dumps([None if one is None else repr(one.place) for one in log]).encode()


def _said(claim: Mapping[str, Any]) -> Any:
    """Return what a claim expects, for one that could not be asked."""
    for name in ("shows", "difference", "equals", "at_least", "absent"):
        if name in claim:
            return claim[name]
    return True


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


__all__ = ["Verdict", "Verify", "check"]
