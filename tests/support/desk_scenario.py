"""Plays a scenario file on lines without stations, for what the desk makes of it.

The stations of the simulator play the same files with real signatures; this is the short way to
the registers. Link faults are played as cuts of the lines of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from parley.core.instants import Instant, parse_duration, parse_instant
from parley.desk.catalogue import MOVES, REGISTERS
from parley.desk.desk import Desk
from parley.desk.profiles import Profile, load
from parley.desk.record import ChannelView, Place, as_of
from parley.desk.registers import Registers
from parley.desk.rows import fits
from support.desk_talk import Line, Talk

FOLDER = Path(__file__).parents[3] / "shared" / "scenarios"


def moment(text: str) -> int:
    return parse_instant(text if "T" in text else f"{text}T00:00:00Z")


class Played:
    """One scenario, played to its end."""

    def __init__(self, name: str, variant: str = "") -> None:
        self.raw = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
        self.variant = self.raw["variants"][variant] if variant else {}
        self.start = moment(self.raw["clock"]["start"])
        self.cutoff = moment(self.raw["clock"]["cutoff"])
        self.lines: dict[str, Line] = {}
        self.places: dict[str, Place] = {}
        self.skipped: list[str] = []
        self.heard: dict[str, list[tuple[int, Any]]] = {}
        for code, channel in {**self.raw["channels"], **self.variant.get("channels", {})}.items():
            self.lines[code] = Line(
                *channel["parties"],
                code=code,
                profile=self._profile(channel["profile"]),
                start=self.start,
            )
        self.talk = Talk(*self.lines.values())
        self._play()

    def _profile(self, name: str) -> Profile:
        raw = self.raw.get("profiles", {}).get(name)
        if raw is None:
            return load(name)
        clocks = {key: parse_duration(value) for key, value in raw.items() if key != "owed"}
        return Profile.make(name, owed=bool(raw.get("owed")), clocks=clocks)

    def _events(self) -> list[dict[str, Any]]:
        events = [dict(event) for event in self.raw["events"]]
        dropped = set(self.variant.get("drop", []))
        for event in events:
            _deep(event, self.variant.get("change", {}).get(event["id"], {}))
        events += self.variant.get("add", [])
        return sorted((e for e in events if e["id"] not in dropped), key=lambda e: moment(e["at"]))

    def _cuts(self) -> list[dict[str, Any]]:
        return [*self.raw.get("link", []), *self.variant.get("link", [])]

    def _down(self, at: int, code: str) -> bool:
        for cut in self._cuts():
            until = moment(cut["until"]) if "until" in cut else 2**40
            if (
                cut.get("state") != "down"
                or not moment(cut.get("from", self.raw["clock"]["start"])) <= at < until
            ):
                continue
            if cut.get("channel") in (None, code):
                return True
        return False

    def _play(self) -> None:
        marks = [moment(e["at"]) for e in self._events()]
        beats = self._beats()
        cuts = [moment(c[k]) for c in self._cuts() for k in ("from", "until") if k in c]
        now = sorted({*marks, *beats, *cuts, self.cutoff})
        waiting = self._events()
        for at in now:
            for code, line in self.lines.items():
                down = self._down(at, code)
                line.cut = {(0, 1), (1, 0)} if down else set()
                line.silent = {1} if down else set()
                before = [row[:] for row in line.held]
                line.exchange(at)
                if before != line.held or at in beats:
                    line.sign(at)
            while waiting and moment(waiting[0]["at"]) == at:
                self._event(waiting.pop(0), at)

    def _beats(self) -> set[int]:
        span = self.cutoff - self.start
        step = 600 if span < 10 * 86_400 else 86_400
        return set(range(self.start, self.cutoff, step))

    def _event(self, event: dict[str, Any], at: int) -> None:
        if event["do"] not in MOVES or event.get("case") not in (None, *self.places):
            self.skipped.append(event["id"])
            return
        desks = event["by"] if isinstance(event["by"], list) else [event["by"]]
        for number, office in enumerate(desks):
            self._one(event, office, at, desks, again=number > 0)

    def _one(
        self, event: dict[str, Any], office: str, at: int, desks: list[str], *, again: bool
    ) -> None:
        case = self.places.get(event.get("case", event["id"] if again else ""))
        code = event.get("channel") or self._code(case)
        line = self.lines[code]
        fields = self._named(event.get("with", {}))
        for name in ("precision", "authentic"):
            if name in event:
                fields[name] = event[name]
        if "within" in event:
            fields["within"] = (
                [event["within"]] if event["within"][0] < event["within"][1] else None
            )
            if fields["within"] is None:
                del fields["within"]
        to = event.get("to", []) or ([] if case else [d for d in desks if d != office])
        place = self.talk.say(
            line,
            office,
            at,
            event["do"],
            fields,
            case=case,
            to=to,
            precedence=event.get("precedence", "R"),
            marking=self.raw["mark"],
        )
        self.places.setdefault(event["id"], place)

    def _code(self, case: Place) -> str:
        return next(
            code for code, line in self.lines.items() if line.charter.channel_id == case.channel
        )

    def _named(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields with events replaced by entry names; those not played are left out."""
        found: dict[str, Any] = {}
        refs = {"request", "visit", "linkage", "agreed_in", "of", "query", "referred_from"}
        for name, value in fields.items():
            if name in refs and isinstance(value, str):
                if value in self.places:
                    found[name] = self.registers().name_of(self.places[value])
                continue
            found[name] = value
        return found

    def registers(self, at: int | None = None) -> Registers:
        views: list[ChannelView] = [line.view for line in self.lines.values()]
        if at is not None:
            return Desk().registers(as_of(views, Instant(at)), Instant(at))
        return self.talk.desk.registers(views, Instant(self.cutoff))

    def claims(self) -> list[dict[str, Any]]:
        """Return the claims of the file that this way of playing can decide."""
        own = self.variant.get("expect", [])
        return [
            *own,
            *(c for c in self.raw["expect"] if not any(_subject(c) == _subject(o) for o in own)),
        ]

    def check(self, claim: dict[str, Any]) -> str | None:
        """Return what is wrong with a claim, `skip` where it was not played, None when it holds."""
        registers = self.registers(moment(claim["at"]) if "at" in claim else self.cutoff)
        if "difference" in claim:
            return self._difference(registers, claim["difference"])
        register = claim.get("register")
        if register is None or register not in REGISTERS:
            return "skip"
        if "count" in claim:
            if any(
                wanted in self.skipped
                for wanted in claim["count"].values()
                if isinstance(wanted, str)
            ):
                return "skip"
            found = sum(_matches(row, claim["count"]) for row in registers.rows(register))
            wanted = claim.get("equals")
            good = found == wanted if wanted is not None else found >= claim["at_least"]
            return None if good else f"{claim}: found {found}"
        if register != "channels" and claim["case"] not in self.places:
            return "skip"
        case = claim["case"] if register == "channels" else self.places[claim["case"]]
        row = registers.row(register, case, claim.get("party"))
        wrong = {
            column: row.values.get(column)
            for column, wanted in claim["shows"].items()
            if not self._fits(registers, row, column, wanted)
        }
        return f"{claim}: found {wrong}" if wrong else None

    def _fits(self, registers: Registers, row: Any, column: str, wanted: Any) -> bool:
        if isinstance(wanted, str) and wanted in self.skipped:
            return True
        if isinstance(wanted, str) and wanted in self.places:
            wanted = registers.name_of(self.places[wanted])
        found = row.values.get(column)
        if isinstance(wanted, dict):
            low = wanted.get("at_least", (wanted.get("between") or [None, None])[0])
            high = wanted.get("at_most", (wanted.get("between") or [None, None])[1])
            return (
                found is not None
                and (low is None or found >= low)
                and (high is None or found <= high)
            )
        return fits(found, wanted)

    def _difference(self, registers: Registers, claim: dict[str, Any]) -> str | None:
        found = {d.field: d for d in registers.comparison(self.places[claim["case"]])}
        one = found.get(claim["field"])
        if one is None:
            return f"{claim}: not compared; {sorted(found)}"
        good = one.status == claim["status"] and all(
            getattr(one, name) == claim[name] for name in ("by", "side") if name in claim
        )
        return None if good else f"{claim}: found {one}"


def _matches(row: Any, wanted: Mapping[str, Any]) -> bool:
    for column, value in wanted.items():
        if column == "party":
            if row.party != value:
                return False
        elif not row.fits(column, value):
            return False
    return True


def _subject(claim: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(
        str(claim.get(k)) for k in ("register", "case", "party", "at", "count", "difference")
    )


def _deep(target: dict[str, Any], changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        if isinstance(value, Mapping) and isinstance(target.get(name), dict):
            target[name] = dict(target[name])
            _deep(target[name], value)
        else:
            target[name] = value
