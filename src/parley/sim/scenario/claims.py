"""What a scenario claims, checked at the station of every party that can know it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from parley.core.instants import Instant, parse_instant
from parley.desk.catalogue import REGISTERS
from parley.desk.record import ChannelView, Place
from parley.desk.registers import Registers, Row, fits
from parley.errors import ParleyError
from parley.sim.scenario.loader import ScenarioError
from parley.sim.scenario.player import Played

_BOUNDS: Final = frozenset(
    {"at_least", "at_most", "between", "about", "within", "any_of", "includes"}
)
Verify = Callable[[bytes, Sequence[bytes]], bool]
"""Says whether a stand-alone verifier accepts a bundle, given the parties' cards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One claim at one station.

    Attributes:
        station: where it was asked; empty where it is about all of them.
        status: `holds`, `fails`, or `not played` where the desk does not have what it asks for.
        found: what was found instead, or why it cannot be told.
    """

    claim: Mapping[str, Any]
    station: str
    status: str
    found: str = ""

    def line(self) -> str:
        """Return one line for a person."""
        word = {"holds": "OK ", "fails": "NO ", "not played": "-- "}[self.status]
        where = f" at {self.station}" if self.station else ""
        rest = f": {self.found}" if self.found else ""
        return f"{word} {json.dumps(self.claim, ensure_ascii=False, default=str)}{where}{rest}"


def check(played: Played, verify: Verify) -> list[Verdict]:
    """Return the verdict on every claim; that all registers are identical is always claimed."""
    claims = list(played.scenario.claims)
    if not any("identical" in claim for claim in claims):
        claims.append({"identical": "registers"})
    checker = _Checker(played, verify)
    return [verdict for claim in claims for verdict in checker.verdicts(claim)]


class _Checker:
    def __init__(self, played: Played, verify: Verify) -> None:
        self._played = played
        self._stage = played.stage
        self._verify = verify
        self._registers: dict[tuple[str, Instant], Registers] = {}

    def verdicts(self, claim: Mapping[str, Any]) -> Iterator[Verdict]:
        if "identical" in claim:
            found = self._identical(str(claim["identical"]))
            yield Verdict(
                claim=claim, station="", status="fails" if found else "holds", found=found or ""
            )
            return
        for code in self._stations(claim):
            found = self._found(claim, code)
            status = "holds" if found is None else "fails"
            if found is not None and found.startswith("not played"):
                status, found = "not played", found.removeprefix("not played: ")
            yield Verdict(claim=claim, station=code, status=status, found=found or "")

    def _moment(self, claim: Mapping[str, Any]) -> Instant:
        at = claim.get("at")
        if at is None:
            return self._played.scenario.cutoff
        named = self._played.scenario.cutoffs.get(str(at))
        return parse_instant(str(at)) if named is None else named

    def _stations(self, claim: Mapping[str, Any]) -> Sequence[str]:
        """Return the stations that can know it: those on the channel of its case, or all."""
        if "station" in claim:
            return [str(claim["station"])]
        difference = claim.get("difference")
        event = difference.get("case") if isinstance(difference, dict) else None
        event = claim.get("case", claim.get("proof", event))
        for channel in self._played.scenario.channels:
            if claim.get("register") == "channels" and channel.code == event:
                return channel.parties
        place = None if event is None else self._played.case_of(str(event))
        for channel in self._played.scenario.channels if place is not None else ():
            view = self._stage.view(channel.parties[0], channel.code)
            if place is not None and view.id == place.channel:
                return channel.parties
        return self._played.scenario.parties

    def _at(self, code: str, moment: Instant) -> Registers:
        key = (code, moment)
        if key not in self._registers:
            self._registers[key] = self._stage.registers(code, moment)
        return self._registers[key]

    def _found(self, claim: Mapping[str, Any], code: str) -> str | None:
        """Return what is wrong with a claim at a station; None where it holds."""
        try:
            if "proof" in claim:
                return self._proof(str(claim["proof"]), code)
            registers = self._at(code, self._moment(claim))
            if "difference" in claim:
                return self._difference(registers, claim["difference"])
            if "absent" in claim:
                return self._absent(registers, claim["absent"])
            if "register" not in claim or claim["register"] not in REGISTERS:
                return f"not played: {claim.get('register', 'this kind of claim')} is not kept yet"
            if "count" in claim:
                return self._count(registers, claim)
            return self._shows(registers, claim)
        except ParleyError as problem:
            return str(problem)

    def _shows(self, registers: Registers, claim: Mapping[str, Any]) -> str | None:
        case: Any = claim.get("case")
        if claim["register"] != "channels":
            case = self._played.case_of(str(case))
            if case is None:
                return f"not played: {claim.get('case')}"
        row = registers.row(claim["register"], case, claim.get("party"))
        shows = claim.get("shows", {})
        absent = {
            column
            for column, wanted in shows.items()
            if isinstance(wanted, str) and wanted in self._played.not_played
        }
        wrong = {
            column: row.values.get(column)
            for column, wanted in shows.items()
            if column not in absent and not self._fits(registers, row.values.get(column), wanted)
        }
        if wrong:
            return f"found {json.dumps(wrong, ensure_ascii=False, default=str)}"
        return f"not played: {', '.join(sorted(absent))} names such an event" if absent else None

    def _fits(self, registers: Registers, found: Any, wanted: Any) -> bool:
        if isinstance(wanted, str) and wanted in self._played.places:
            wanted = registers.name_of(self._played.places[wanted])
        if not isinstance(wanted, Mapping) or not set(wanted) <= _BOUNDS or not wanted:
            return fits(found, wanted)
        return all(self._bound(registers, found, name, wanted) for name in wanted)

    def _bound(
        self, registers: Registers, found: Any, name: str, wanted: Mapping[str, Any]
    ) -> bool:
        value = wanted[name]
        if name == "any_of":
            return any(self._fits(registers, found, each) for each in value)
        if name == "includes":
            members = found if isinstance(found, list | tuple) else [found]
            asked = value if isinstance(value, list) else [value]
            return all(any(self._fits(registers, one, each) for one in members) for each in asked)
        number = _number(found)
        if number is None:
            return False
        if name == "between":
            low, high = (_number(each) for each in value)
            return low is not None and high is not None and low <= number <= high
        limit = _number(value)
        if limit is None:
            return False
        if name == "at_least":
            return number >= limit
        if name == "at_most":
            return number <= limit
        if name == "about":
            return abs(number - limit) <= (_number(wanted.get("within", 0)) or 0)
        return True  # `within` belongs to `about`

    def _count(self, registers: Registers, claim: Mapping[str, Any]) -> str | None:
        wanted = claim["count"]
        events = {each.id for each in self._played.scenario.events}
        for value in wanted.values():
            if isinstance(value, str) and value in events and value not in self._played.places:
                return f"not played: {value}"
        rows = [row for row in registers.rows(claim["register"]) if self._counted(row, wanted)]
        number = len(rows)
        if "equals" in claim and number != claim["equals"]:
            return f"found {number}"
        if "at_least" in claim and number < claim["at_least"]:
            return f"found {number}"
        return None

    def _counted(self, row: Row, wanted: Mapping[str, Any]) -> bool:
        return all(
            fits(row.party, value) if column == "party" else row.fits(column, value)
            for column, value in wanted.items()
        )

    def _difference(self, registers: Registers, claim: Mapping[str, Any]) -> str | None:
        place = self._played.case_of(str(claim["case"]))
        if place is None:
            return f"not played: {claim['case']}"
        rows = {each.field: each for each in registers.comparison(place)}
        one = rows.get(str(claim["field"]))
        if one is None:
            return f"{claim['field']} is not compared; compared are {', '.join(sorted(rows))}"
        wrong = {
            name: getattr(one, name, None)
            for name in claim
            if name not in ("case", "field") and not fits(getattr(one, name, None), claim[name])
        }
        return f"found {wrong}" if wrong else None

    def _absent(self, registers: Registers, claim: Mapping[str, Any]) -> str | None:
        if claim.get("register") not in REGISTERS:
            return f"not played: {claim.get('register')} is not kept yet"
        wanted = {name: value for name, value in claim.items() if name != "register"}
        rows = [row for row in registers.rows(claim["register"]) if self._counted(row, wanted)]
        return f"found {len(rows)} rows" if rows else None

    def _proof(self, event: str, code: str) -> str | None:
        place = self._played.case_of(event)
        if place is None:
            return f"not played: {event}"
        bundle = self._stage.bundle(code, place)
        cards = self._stage.cards()
        if not self._verify(bundle, cards):
            return "the bundle does not verify"
        changed = bytearray(bundle)
        changed[len(changed) // 2] ^= 1
        if self._verify(bytes(changed), cards):
            return "the bundle verifies although a bit was flipped"
        return None

    # --- the same on all sides ---

    def _identical(self, what: str) -> str | None:
        """Compare what stations make of what they all hold; where no fault is open, that is all."""
        if what not in ("registers", "order"):
            return f"`identical` is registers or order, not {what}"
        cutoff = self._played.scenario.cutoff
        for channel in self._played.scenario.channels:
            if self._stage.is_cut(channel.parties, cutoff):
                continue
            views = [self._stage.view(code, channel.code) for code in channel.parties]
            held = [{_place(view, one) for one in view.entries} for view in views]
            if any(each != held[0] for each in held):
                return f"{channel.code}: the stations do not hold the same entries"
            common = set.intersection(
                *({(s.party, s.inc, s.no) for s in view.statements} for view in views)
            )
            answers = set()
            for view in views:
                both = replace(
                    view,
                    statements=[s for s in view.statements if (s.party, s.inc, s.no) in common],
                )
                registers = self._stage.registers_of([both], cutoff)
                if what == "registers":
                    answers.add(registers.encode())
                else:
                    log = registers.channel(view.id).fold.log
                    order = [None if one is None else repr(one.place) for one in log]
                    answers.add(json.dumps(order).encode())
            if len(answers) != 1:
                return f"{channel.code}: the {what} differ between the stations"
        return None


def _place(view: ChannelView, placed: Any) -> Place:
    place: Place = placed.place(view.id)
    return place


def _number(value: Any) -> float | None:
    """Return a number or an instant as a number; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    try:
        return float(parse_instant(str(value)))
    except (ParleyError, ValueError):
        return None


__all__ = ["ScenarioError", "Verdict", "Verify", "check"]
