"""Submitting statements and keeping cosignatures, over engines in a simulated world."""

from __future__ import annotations

import re
from base64 import b64encode

import pytest

from parley.core.cosignature import WitnessKey, cosign, stored_cosignatures, verified_lines
from parley.core.ids import LogId
from parley.core.items import Note
from parley.core.witness import Answer
from parley.sim.network import Weather
from parley.sim.station import Last
from parley.sim.witness import SimWitness
from parley.sim.world import World
from parley.station.facts import Alarm, Cosigned
from parley.station.link_state import Traits
from parley.station.witnessing import OTHERS_SECONDS


class Line:
    """ALFA and BRAVO on one channel, and WEST, who cosigns."""

    def __init__(self, *, traits=None) -> None:
        self.world = World(1, ["ALFA", "BRAVO"], witnesses=["WEST"])
        self.path = self.world.connect("ALFA", "BRAVO", traits=traits)
        self.channel = self.world.open_channel("OPS", ["ALFA", "BRAVO"], witnesses=["WEST"])
        self.alfa, self.bravo = self.world.stations["ALFA"], self.world.stations["BRAVO"]

    @property
    def witness(self) -> SimWitness:
        return self.world.witnesses["WEST"]

    def log(self, code: str) -> LogId:
        log = self.world.stations[code].own_log(self.channel)
        assert log is not None
        return log

    def cosigned(self, at: str, of: str) -> int:
        """Return the largest size of a cosigned statement of a log that a disk holds."""
        rows = self.world.stations[at].disk.store.cosigned(self.log(of), 0, 10_000)
        return max((row.signed.statement.size for row in rows), default=0)

    def say(self, code: str, text: str = "words") -> None:
        self.world.say(code, self.channel, text)

    def until(self, found, *, within: float = 30.0) -> None:
        assert self.world.run_until(found, within=within)

    def alarms(self, code: str) -> list[Alarm]:
        return [a for a in self.world.stations[code].alarms() if "witness WEST" in a.text]


def test_the_first_statement_of_each_log_is_cosigned_at_once_and_both_hold_it():
    line = Line()

    line.until(
        lambda: all(line.cosigned(at, of) for at in ("ALFA", "BRAVO") for of in ("ALFA", "BRAVO")),
        within=10,
    )
    facts = [fact for fact in line.bravo.facts if isinstance(fact, Cosigned)]
    assert {fact.log for fact in facts} == {line.log("ALFA"), line.log("BRAVO")}
    assert {fact.witness for fact in facts} == {line.witness.key.name}


def test_what_grows_is_in_the_next_statement_shown_and_not_every_statement_is():
    line = Line()
    line.until(lambda: line.cosigned("ALFA", "ALFA"))
    before = sum(line.witness.answered.values())

    for number in range(40):
        line.say("ALFA", f"entry {number}")
        line.world.run(line.world.steady + 0.05)
    own = line.alfa.engine.ledger.channels[line.channel].durable_size
    line.until(lambda: line.cosigned("BRAVO", "ALFA") >= own)

    assert sum(line.witness.answered.values()) - before <= 8


def test_every_line_kept_verifies_and_no_statement_has_two_of_one_key():
    line = Line()
    for number in range(20):
        line.say("ALFA" if number % 2 else "BRAVO")
        line.world.run(line.world.steady + 1.5)

    for station in line.world.stations.values():
        for code in line.world.stations:
            rows = station.disk.store.cosigned(line.log(code), 0, 1_000)
            assert rows
            for row in rows:
                text = row.signed.statement.text()
                assert len(verified_lines(row.lines, text, [line.witness.key])) == 1
                assert len(row.lines) == 1


def test_a_witness_that_is_away_slows_nothing_and_is_asked_less_and_less_often():
    line = Line()
    line.witness.down = True
    line.world.run(line.world.steady + 5)

    line.say("ALFA", "while it is away")
    line.until(lambda: line.bravo.disk.store.entry(line.log("ALFA"), 2) is not None, within=5)
    asked: list[float] = []
    line.world.trace = lambda text: None
    reached = line.witness.is_reached_by

    def count(code: str) -> bool:
        asked.append(line.world.steady)
        return reached(code)

    line.witness.is_reached_by = count
    line.world.run(line.world.steady + 3_600)

    assert 10 < len(asked) < 80, "back-off grows to minutes"
    assert not line.alarms("ALFA"), "that a witness is away is no alarm"
    line.witness.down = False
    line.until(lambda: line.cosigned("BRAVO", "ALFA") >= 3, within=400)


def test_an_answer_lost_after_the_witness_kept_its_state_is_made_good():
    line = Line()
    line.until(lambda: line.cosigned("ALFA", "ALFA"))
    line.witness.loss = 1.0
    line.say("ALFA", "its answer is lost")
    line.world.run(line.world.steady + 3)
    lost = line.alfa.engine.ledger.channels[line.channel].durable_size
    assert line.cosigned("ALFA", "ALFA") < lost

    line.witness.loss = 0.0

    line.until(lambda: line.cosigned("ALFA", "ALFA") >= lost, within=60)
    assert line.witness.answered.get(409), "it told the size it knew"
    assert not line.alarms("ALFA")


def test_a_restarted_station_learns_from_the_witness_where_they_stood():
    line = Line()
    line.until(lambda: line.cosigned("ALFA", "ALFA"))
    line.world.crash("ALFA", Last.LOST)
    line.world.restart("ALFA")
    line.world.pick_up(line.path)

    line.say("ALFA", "after the restart")
    line.until(lambda: line.cosigned("BRAVO", "ALFA") >= 3)

    assert not line.alarms("ALFA")


def test_one_side_has_the_others_statements_cosigned_where_that_side_cannot():
    line = Line()
    line.witness.cut_from = {"BRAVO"}

    line.world.run(line.world.steady + OTHERS_SECONDS / 2)
    assert not line.cosigned("ALFA", "BRAVO")

    line.until(lambda: line.cosigned("ALFA", "BRAVO"), within=2 * OTHERS_SECONDS)
    line.until(lambda: line.cosigned("BRAVO", "BRAVO"), within=5)


def test_a_statement_dated_ahead_is_shown_to_the_witness_at_once():
    line = Line()
    line.witness.cut_from = {"BRAVO"}
    line.until(lambda: line.cosigned("ALFA", "ALFA"))
    line.bravo.wall_offset = 10_000

    line.say("BRAVO", "from the future")

    line.until(lambda: line.cosigned("ALFA", "BRAVO") >= 3, within=10)


class Liar:
    """A witness that answers what a test says."""

    def __init__(self, line: Line, answer) -> None:
        self.asked = 0
        line.witness._witness.add_checkpoint = self.add
        self._answer = answer

    def add(self, body: bytes, *, now: int) -> Answer:
        self.asked += 1
        return self._answer(body, now)


def _text(body: bytes) -> str:
    return body.decode().split("\n\n")[1] + "\n"


def _by_another_key(line: Line):
    other = line.alfa.identity.signer
    key = WitnessKey(line.witness.key.name, line.witness.key.key)
    return lambda body, now: Answer(
        200, cosign(_text(body), witness=key, signer=other, time=now) + "\n"
    )


def _over_another_text(line: Line):
    key, signer = line.witness.key, line.witness.identity.signer
    return lambda body, now: Answer(
        200, cosign(_text(body) + "x", witness=key, signer=signer, time=now) + "\n"
    )


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_by_another_key, "does not verify"),
        (_over_another_text, "does not verify"),
        (lambda _: lambda _b, _n: Answer(200, "\u2014 x y\n"), "does not verify"),
        (lambda _: lambda _b, _n: Answer(200, ""), "does not verify"),
        (lambda _: lambda _b, _n: Answer(409, "0\n"), "another history"),
        (lambda _: lambda _b, _n: Answer(409, "999999\n"), "knows 999999 entries"),
        (lambda _: lambda _b, _n: Answer(409, "-5\n"), "without a size"),
        (lambda _: lambda _b, _n: Answer(409, "9" * 400), "without a size"),
        (lambda _: lambda _b, _n: Answer(404, "who?\u202e\n"), r"refused our statement \(404\)"),
        (lambda _: lambda _b, _n: Answer(500, "\x1b[2J" * 9_999), r"refused our .* \(500\)"),
    ],
)
def test_what_a_witness_says_wrongly_is_not_kept_and_is_told_once(make, words):
    line = Line()
    liar = Liar(line, make(line))
    line.world.run(line.world.steady + 2)
    line.say("ALFA")

    line.world.run(line.world.steady + 700)

    assert liar.asked > 2
    assert not any(line.cosigned(at, of) for at in ("ALFA", "BRAVO") for of in ("ALFA", "BRAVO"))
    (alarm,) = [a for a in line.alarms("ALFA") if a.peer is None]
    assert re.search(words, alarm.text)
    assert alarm.text.isprintable()
    assert len(alarm.text) < 700


def _newest(line: Line, code: str) -> Note:
    station = line.world.stations[code]
    row = station.disk.store.last_statement(line.log(code))
    assert row is not None
    note = row.signed.note(station.identity.signer.public_key)
    text, _, tail = note.partition("\n\n")
    return Note(text=text + "\n", lines=tuple(tail.split("\n")[:-1]))


def test_a_peers_note_counts_only_as_far_as_a_charters_witness_signed_it():
    line = Line()
    line.witness.down = True
    line.world.run(line.world.steady + 5)
    note = _newest(line, "BRAVO")
    key, signer = line.witness.key, line.witness.identity.signer
    stranger = WitnessKey("stranger", line.alfa.identity.signer.public_key)
    lines = [
        cosign(note.text, witness=stranger, signer=line.alfa.identity.signer, time=5),
        cosign(note.text + "x", witness=key, signer=signer, time=5),
        f"\u2014 {key.name} {b64encode(key.key_id + bytes(72)).decode()}",
    ]
    engine = line.alfa.engine
    intake = engine.traffic._intake
    now = line.alfa.now(line.world.steady)

    state = engine.ledger.channels[line.channel]
    wrong = Note(text=note.text, lines=(*note.lines, *lines))
    intake.note(state, wrong, line.bravo.party, now)
    line.world.run(line.world.steady + 1)
    assert not line.cosigned("ALFA", "BRAVO")

    good = cosign(note.text, witness=key, signer=signer, time=7)
    for time in (7, 8):
        again = cosign(note.text, witness=key, signer=signer, time=time)
        whole = Note(text=note.text, lines=(*note.lines, again))
        intake.note(state, whole, line.bravo.party, line.alfa.now(line.world.steady))
        line.world.run(line.world.steady + 70)
    (row,) = [
        row for row in line.alfa.disk.store.cosigned(line.log("BRAVO"), 0, 99)
        if row.signed.statement.text() == note.text
    ]  # fmt: skip
    assert row.lines == (good,)
    assert stored_cosignatures(row.lines) == [(key.name, 7)]


def test_a_narrow_path_carries_no_cosignatures():
    line = Line(traits=Traits(rate_bps=1_200, frame_bytes_max=2_048))
    line.until(lambda: line.cosigned("ALFA", "ALFA"), within=60)

    line.world.run(line.world.steady + 60)

    assert not line.cosigned("BRAVO", "ALFA")


def test_after_an_outage_the_peer_is_handed_the_newest_cosigned_statement():
    line = Line()
    line.until(lambda: line.cosigned("BRAVO", "ALFA"))
    line.world.hang_up(line.path)
    line.say("ALFA", "cut off")
    line.until(lambda: line.cosigned("ALFA", "ALFA") >= 3)

    line.path.weather = Weather()
    line.world.pick_up(line.path)

    line.until(lambda: line.cosigned("BRAVO", "ALFA") >= 3, within=30)
