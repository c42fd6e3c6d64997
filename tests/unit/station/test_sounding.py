"""An alarm that nobody has in hand sounds without a browser, and again when a claim runs out."""

from __future__ import annotations

import asyncio
import json
import sys
from types import SimpleNamespace

import pytest

from parley.core.entry import Precedence
from parley.errors import (
    ConflictError,
    NotAllowedError,
    StationUnreachableError,
    UsageError,
)
from parley.station.actors import Actor
from parley.station.alarms import Alarms
from parley.station.cabinet import Cabinet
from parley.station.sounding import (
    AGAIN_S,
    CLOCK_KINDS,
    EMPTY_S,
    LINE_S,
    AnswerWatch,
    LineWatch,
    Sounding,
    program,
)

ONE, TWO = (
    Actor(officer=f"ALFA-{number}", roles=frozenset({"watch"}), via="console") for number in (1, 2)
)
DESK = Actor(officer="ALFA-9", roles=frozenset({"desk"}), via="console")


class Station:
    """Papers and a clock that tests set."""

    def __init__(self):
        self.kept, self.time = {}, 1_000_000
        self.reader = SimpleNamespace(
            paper=lambda collection, key: self.kept.get((collection, key)),
            papers=lambda collection: sorted(
                (key, raw) for (name, key), raw in self.kept.items() if name == collection
            ),
        )

    def now(self):
        return self.time

    async def store_papers(self, papers):
        self.kept |= {(collection, key): value for collection, key, value in papers}


class Floor:
    """A station's alarms and what sounds them; `ran` holds what the sounders were told."""

    def __init__(self):
        self.station = Station()
        self.cabinet = Cabinet(self.station)
        record = SimpleNamespace(
            row=lambda log, index: SimpleNamespace(received=1_000_000),
            name=lambda log, index: f"OPS/BRAVO/{index}",
            channel_of=lambda log: SimpleNamespace(charter=SimpleNamespace(code="OPS")),
            called=lambda channel: channel.charter.code,
        )
        trust = SimpleNamespace(code_of=lambda party: "BRAVO")
        self.alarms = Alarms(
            self.station,
            self.cabinet,
            record,
            trust,
            claim_s=lambda letter: {"Z": 300, "O": 900}.get(letter, 3_600),
        )
        self.mute = False
        self.told, self.ran, self.consoles, self.officer, self.own, self.ends = (
            [],
            [],
            1,
            None,
            [],
            [],
        )
        self.sounding = Sounding(
            self.alarms,
            self.cabinet,
            now=self.station.now,
            tell=self.tell,
            consoles=lambda: self.consoles,
            heard=lambda: 0 if self.mute else self.consoles,
            on_watch=lambda: self.officer,
            has_console=True,
            run=self.run,
            own_alarms=lambda: iter(self.own),
            own_ends=lambda: iter(self.ends),
        )

    async def tell(self, what, alarm):
        self.told.append((what, alarm))

    async def run(self, facts):
        self.ran.append(json.loads(facts))
        return "exit 0"

    def look(self, later=0):
        self.station.time += later
        asyncio.run(self.sounding.look())

    def flash(self):
        """Take note of a FLASH as the record would."""
        log = SimpleNamespace(party=b"bravo")
        self.alarms._urgent["OPS~BRAVO~7"] = (log, 7, Precedence.FLASH)
        return "OPS~BRAVO~7"

    def keep(self):
        return asyncio.run(self.alarms.keep("station", "the disk is full", fact="storage-full"))

    def audit(self):
        return [
            (row.act, row.subject, row.detail)
            for row in self.cabinet.audit(after=0, limit=99).items
        ]


@pytest.fixture
def floor():
    return Floor()


def do(work):
    return asyncio.run(work)


def test_the_sounders_run_when_nobody_claims_and_each_minute_until_somebody_does(floor):
    flash = floor.flash()
    floor.look(29)
    assert floor.ran == []
    floor.look(1)
    floor.look(AGAIN_S - 1)
    assert len(floor.ran) == 1
    floor.look(1)
    assert [facts["precedence"] for facts in floor.ran] == ["Z", "Z"]
    do(floor.alarms.claim(ONE, flash))
    floor.look(2 * AGAIN_S)

    assert len(floor.ran) == 2
    assert floor.audit()[:2] == [("run sounders", flash, "exit 0")] * 2
    assert "text" not in floor.ran[0]


def test_with_no_console_listening_the_sounders_run_at_once(floor):
    floor.consoles = 0
    floor.flash()
    floor.look()

    assert len(floor.ran) == 1


def test_a_claim_that_comes_to_nothing_sounds_again_on_every_console(floor):
    flash, trouble = floor.flash(), floor.keep()
    do(floor.alarms.claim(ONE, flash))
    do(floor.alarms.claim(ONE, trouble))
    floor.look(299)
    assert floor.told == []
    floor.look(1)
    assert floor.told == [("again", flash)]
    floor.look(1)
    assert floor.told == [("again", flash)]
    assert not floor.ran

    claimed = do(floor.alarms.claim(TWO, flash))
    assert (claimed.claimed_by, claimed.sounds) == ("ALFA-2", False)
    floor.look(3_600)
    assert ("again", trouble) in floor.told


def test_claiming_twice_does_no_harm_and_what_is_handled_stays_so(floor):
    flash = floor.flash()
    first = do(floor.alarms.claim(ONE, flash))
    floor.station.time += 60
    assert do(floor.alarms.claim(TWO, flash)) == first
    do(floor.alarms.handle(ONE, flash, reason="answered by voice"))
    with pytest.raises(ConflictError):
        do(floor.alarms.claim(TWO, flash))
    floor.look(10_000)
    assert floor.told == []
    assert floor.ran == []


def test_an_alarm_is_handed_to_another_watch_officer_by_whoever_has_it(floor):
    trouble = floor.keep()
    able = ["ALFA-1", "ALFA-2"]
    with pytest.raises(ConflictError, match="has not claimed"):
        do(floor.alarms.hand_over(ONE, trouble, "ALFA-2", able=able))
    do(floor.alarms.claim(ONE, trouble))
    for to in ("ALFA-9", "ALFA-1"):
        with pytest.raises(UsageError, match="cannot go to"):
            do(floor.alarms.hand_over(ONE, trouble, to, able=able))
    given = do(floor.alarms.hand_over(ONE, trouble, "ALFA-2", able=able))

    assert (given.claimed_by, given.handed_by, given.sounds) == ("ALFA-2", "ALFA-1", False)
    with pytest.raises(NotAllowedError):
        do(floor.alarms.hand_over(DESK, trouble, "ALFA-2", able=able))


def test_a_flash_is_never_kept_silent_and_anything_else_for_a_while_with_a_reason(floor):
    flash, trouble = floor.flash(), floor.keep()
    with pytest.raises(ConflictError, match="never kept silent"):
        floor.alarms.snooze(ONE, flash, seconds=600, reason="later")
    for seconds, reason in ((59, "x"), (28_801, "x"), (600, " ")):
        with pytest.raises(UsageError):
            floor.alarms.snooze(ONE, trouble, seconds=seconds, reason=reason)
    (paper, act), said = floor.alarms.snooze(ONE, trouble, seconds=7_200, reason="known")
    assert floor.alarms.get(trouble).sounds, "nothing is stored before the watch log says so"
    do(floor.cabinet.store([paper], act))
    assert not floor.alarms.get(trouble).sounds
    assert said.endswith(": known")
    do(floor.alarms.handle(ONE, flash, reason="answered"))
    floor.look(7_199)
    assert floor.told == []
    floor.look(1)
    assert floor.told == [("again", trouble)]


def test_a_watch_that_no_console_listens_to_is_an_alarm(floor):
    floor.consoles = 0
    floor.look(1_000)
    assert floor.told == []
    floor.officer = "ALFA-1"
    floor.look()
    floor.look(EMPTY_S - 1)
    assert floor.told == []
    floor.look(1)
    assert [what for what, _ in floor.told] == ["raised"]
    floor.look(1)
    assert len(floor.told) == 1
    assert floor.alarms.all(open_only=True)[0].kind == "no-console"
    assert len(floor.ran) == 1


def test_with_every_console_mute_the_sounders_run_at_once(floor):
    floor.mute = True
    floor.flash()
    floor.look()

    assert len(floor.ran) == 1


def test_a_watch_whose_consoles_are_all_mute_is_an_alarm_until_one_can_sound(floor):
    floor.mute, floor.officer = True, "ALFA-1"
    floor.look()
    floor.look(EMPTY_S - 1)
    assert floor.told == []
    floor.look(1)
    floor.look(1)
    (alarm,) = floor.alarms.all(open_only=True)
    assert (alarm.kind, floor.told) == ("sound-off", [("raised", alarm.id)])
    assert len(floor.ran) == 1

    floor.mute = False
    floor.look(1)
    assert floor.told[1:] == [("handled", alarm.id)]
    assert floor.alarms.all(open_only=True) == []


def test_a_page_that_loads_again_is_no_empty_watch(floor):
    floor.officer = "ALFA-1"
    for _ in range(4):
        floor.consoles = 0
        floor.look(EMPTY_S - 1)
        floor.consoles = 1
        floor.look(1)

    assert floor.told == []


def test_a_line_that_falls_silent_for_a_minute_is_told_once():
    link = SimpleNamespace(peer="BRAVO", alive=False, trusted=True, last_heard=None)
    clock = SimpleNamespace(now=0)
    watch = LineWatch(lambda: [link], lambda: clock.now)

    def fallen(at, alive):
        clock.now, link.alive, link.last_heard = at, alive, at if alive else link.last_heard
        return [facts["peer"] for facts in watch.fallen()]

    assert fallen(0, alive=False) + fallen(500, alive=False) == []
    assert fallen(1_000, alive=True) + fallen(1_001, alive=False) == []
    assert fallen(1_030, alive=True) + fallen(1_040, alive=False) == []
    assert fallen(1_040 + LINE_S, alive=False) == ["BRAVO"]
    assert fallen(9_000, alive=False) == []
    link.trusted = False
    assert fallen(9_001, alive=True) + fallen(9_100, alive=False) + fallen(9_200, alive=False) == []


def test_the_alarm_of_a_silent_line_is_closed_by_the_station_when_the_line_is_heard_again(floor):
    silent = {"kind": "line-silent", "fact": "line-silent", "text": "silent"}
    floor.own = [{**silent, "peer": "BRAVO"}, {**silent, "peer": "ECHO"}]
    floor.look()
    floor.own = []
    floor.ends = [{"fact": "line-silent", "peer": "BRAVO", "reason": "BRAVO is heard again"}]
    floor.look(5)

    left = floor.alarms.all(open_only=True)
    closed = next(each for each in floor.alarms.all(open_only=False) if not each.open)
    assert [each.peer for each in left] == ["ECHO"]
    assert (closed.handled_by, closed.reason) == ("station", "BRAVO is heard again")
    assert floor.told[-1] == ("handled", closed.id)
    assert ("handle alarm", closed.id, "BRAVO is heard again") in floor.audit()
    floor.look(5)
    assert floor.told[-1] == ("handled", closed.id)
    assert [what for what, _ in floor.told].count("handled") == 1


def test_the_alarms_about_our_clock_are_closed_by_our_answer_and_stay_open_until_then(floor):
    rows = {
        number: SimpleNamespace(us_owe=True, clock="lapsed-silent", state="asked")
        for number in ("REQ-BRAVO-1", "REQ-BRAVO-2", "REQ-BRAVO-3")
    }
    answers = AnswerWatch(floor.alarms, lambda channel, number: rows[number])
    floor.own = [
        {
            "kind": kind,
            "fact": kind,
            "text": "over",
            "peer": "BRAVO",
            "channel": "OPS",
            "case": case,
        }
        for case in rows
        for kind in CLOCK_KINDS
    ]
    floor.own.append({"kind": "clock-lapsed", "fact": "clock-lapsed", "text": "9 of our answers"})
    floor.look()
    floor.own = []
    assert list(answers.given()) == []

    rows["REQ-BRAVO-1"] = SimpleNamespace(us_owe=False, clock="answered", state="declined")
    rows["REQ-BRAVO-2"] = SimpleNamespace(us_owe=True, clock="running", state="deferred")
    floor.ends = list(answers.given())
    floor.look(5)

    left = [each.case for each in floor.alarms.all(open_only=True)]
    closed = {each.reason for each in floor.alarms.all(open_only=False) if not each.open}
    assert sorted(left, key=str) == [None, "REQ-BRAVO-3", "REQ-BRAVO-3"]
    assert closed == {
        "REQ-BRAVO-1 is declined, and no answer of ours is due",
        "REQ-BRAVO-2 has more time",
    }
    assert [what for what, _ in floor.told].count("handled") == 4


def test_while_the_record_is_read_no_alarm_about_our_clock_is_closed(floor):
    def still_reading(channel, number):
        raise StationUnreachableError("still reading the record")

    lapsed = {"kind": "clock-lapsed", "fact": "clock-lapsed", "text": "over"}
    floor.own = [{**lapsed, "peer": "BRAVO", "channel": "OPS", "case": "REQ-BRAVO-1"}]
    floor.look()
    assert list(AnswerWatch(floor.alarms, still_reading).given()) == []


def test_a_line_is_told_as_heard_again_once_and_at_the_first_look():
    link = SimpleNamespace(peer="BRAVO", alive=True, trusted=True, last_heard=None)
    watch = LineWatch(lambda: [link], lambda: 1_000)

    def returned(alive):
        link.alive = alive
        return [facts["peer"] for facts in watch.returned() if facts["fact"] == "line-silent"]

    assert returned(alive=True) == ["BRAVO"]
    assert returned(alive=True) + returned(alive=False) == []
    assert returned(alive=True) == ["BRAVO"]


def test_the_program_gets_the_alarm_and_little_else_and_its_end_is_told(tmp_path):
    out = tmp_path / "out"
    script = "import os, sys; open(sys.argv[1], 'w').write(sys.stdin.read() + repr(sorted(os.environ))); sys.exit(3)"
    run = program((sys.executable, "-c", script, str(out)))

    assert do(run(b'{"alarm":"A-1"}')) == "exit 3"
    assert out.read_text().startswith('{"alarm":"A-1"}')
    assert "PARLEY" not in out.read_text()
    assert do(program(("/nowhere/bell",))(b"{}")).startswith("not started")
    assert program(()) is None
