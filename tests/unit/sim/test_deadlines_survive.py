"""What is due is the same after a restart, while a machine was suspended, and when a clock jumps."""

from __future__ import annotations

import pytest

from parley.core.instants import Instant
from parley.desk.calendar import Calendar
from parley.desk.desk import Desk
from parley.desk.rules import MoveDraft, build_move
from parley.sim.people import WORLD_START
from parley.sim.station import Last
from parley.sim.verdict import view_of
from parley.sim.world import World
from parley.station.effects import NewEntry
from support.desk_talk import REQUEST

HOUR = 3_600
TERM = 10 * HOUR


class Line:
    """ALFA asks BRAVO for a call with ten hours to answer; BRAVO's receipt starts the clock."""

    def __init__(self) -> None:
        self.world = World(1, ["ALFA", "BRAVO"])
        self.path = self.world.connect("ALFA", "BRAVO")
        self.channel = self.world.open_channel("OPS", ["ALFA", "BRAVO"])
        self.world.run(60)
        self.case = self.say("ALFA", "request.open", REQUEST | {"reply_by": TERM})
        self.world.run(120)

    def registers(self, code: str):
        station = self.world.stations[code]
        moment = station.now(self.world.steady).wall
        return Desk().registers([view_of(station, self.world, self.channel)], Instant(moment))

    def say(self, code: str, move: str, fields, case=None):
        station, registers = self.world.stations[code], self.registers(code)
        view = view_of(station, self.world, self.channel)
        draft = MoveDraft(
            move=move,
            party=view.codes.index(code),
            desk="OPS",
            action=("BRAVO/OPS",) if case is None else (),
            case=case,
            fields=fields,
            moment=registers.moment,
        )
        built = build_move(registers, view, draft)
        entry = NewEntry(kind=built.kind, flags=built.flags, fields=built.fields)
        station.append(self.channel, [entry], self.world.steady)
        self.world.run(self.world.steady + 30)
        after = self.registers(code)
        return max(after.channels[0].fold.cases, key=lambda place: place.index)

    def due(self, code: str):
        registers = self.registers(code)
        moment = int(registers.moment)
        found = Calendar().all(registers, until=moment + 400 * 86_400)
        return [(one.owed_by, one.at, one.state(moment)) for one in found if one.kind == "clock"]

    def restart(self, code: str) -> None:
        self.world.crash(code, Last.LOST)
        self.world.run(self.world.steady + 5)
        self.world.restart(code)
        self.world.pick_up(self.path)
        self.world.run(self.world.steady + 30)


def test_a_restart_changes_nothing_of_what_is_due():
    line = Line()
    before = line.due("ALFA")
    assert [(owes, state) for owes, _, state in before] == [("BRAVO", "ahead")]
    assert WORLD_START + TERM < before[0][1] <= WORLD_START + 120 + TERM

    line.restart("ALFA")
    line.restart("BRAVO")

    assert line.due("ALFA") == line.due("BRAVO") == before


def test_a_machine_that_was_suspended_past_the_time_shows_it_overdue_when_it_wakes():
    line = Line()
    ((_, at, _),) = line.due("ALFA")

    line.world.hang_up(line.path)
    line.world.jump(line.world.steady + 3 * TERM)

    assert line.due("ALFA") == line.due("BRAVO") == [("BRAVO", at, "overdue")]
    line.world.pick_up(line.path)
    line.world.run(line.world.steady + 60)
    assert line.due("ALFA") == [("BRAVO", at, "overdue")]


@pytest.mark.parametrize("jump", [-86_400, -3_600, 7_200])
def test_a_jump_of_a_clock_moves_no_due_time_and_warnings_follow_the_clock(jump):
    line = Line()
    ((_, at, _),) = line.due("ALFA")

    line.world.stations["ALFA"].wall_offset += jump
    line.world.run(line.world.steady + 600)

    assert line.due("ALFA") == line.due("BRAVO") == [("BRAVO", at, "ahead")]
    line.world.run(line.world.steady + TERM - HOUR // 2)
    states = {"BRAVO": "near", "ALFA": "near" if jump == 0 else "overdue" if jump > 0 else "ahead"}
    assert {code: line.due(code)[0][2] for code in ("ALFA", "BRAVO")} == states
    line.world.stations["ALFA"].wall_offset -= jump
    assert line.due("ALFA")[0][1:] == (at, "near")
