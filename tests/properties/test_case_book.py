"""What is kept of cases from one question to the next is what working them out anew would give."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from parley.core.instants import Instant
from parley.desk.desk import registers
from parley.desk.profiles import Profile
from parley.errors import ParleyError
from support.desk_talk import REQUEST, START, Line, Talk

HOUR = 3600
PROFILE = Profile.make(
    "pier", owed=True, clocks={"request.reply_by": 4 * HOUR, "undelivered": 24 * HOUR}
)

acts = st.tuples(
    st.sampled_from(
        [
            "open",
            "accept",
            "decline",
            "defer",
            "withdraw",
            "counter",
            "sign",
            "sign",
            "cut",
            "mend",
            "hide",
            "late",
        ]
    ),
    st.integers(0, 2),
    st.integers(0, 3),
    st.sampled_from([60, HOUR, 3 * HOUR, 5 * HOUR, 26 * HOUR]),
)


class World:
    def __init__(self):
        self.line = Line("ALFA", "BRAVO", "CHARLIE", profile=PROFILE)
        self.talk = Talk(self.line)
        self.cases = []
        self.now = START + 1
        self.held_back = []

    def act(self, what, who, which, later):
        self.now += later
        line = self.line
        if what == "sign":
            line.exchange(self.now)
            line.sign(self.now, who)
        elif what == "cut":
            line.cut |= {(who, other) for other in range(3) if other != who}
        elif what == "mend":
            line.cut.clear()
        elif what == "hide":
            # Signed now and on its way: it comes after newer ones of the same party.
            line.exchange(self.now)
            line.sign(self.now, who)
            self.held_back.append(line.statements.pop())
        elif what == "late":
            line.statements += self.held_back
            self.held_back.clear()
        elif what == "open":
            self.say(who, "request.open", REQUEST | {"reply_by": "2h"} if which == 0 else REQUEST)
        elif self.cases:
            fields = {
                "decline": {"reason": "scheduling"},
                "defer": {"until": "2026-03-02"},
                "counter": {"form": "meeting"},
            }.get(what, {})
            self.say(who, f"request.{what}", fields, self.cases[which % len(self.cases)])

    def say(self, who, move, fields, case=None):
        office = f"{self.line.codes[who]}/OPS"
        try:
            place = self.talk.say(self.line, office, self.now, move, fields, case=case)
        except ParleyError:
            return
        if case is None:
            self.cases.append(place)


def kept(found):
    (book,) = found.books()
    return book.briefs, book.open, book.counts


@settings(max_examples=80, deadline=None)
@given(st.lists(acts, max_size=25))
def test_the_book_kept_is_the_book_worked_out_anew(history):
    world = World()
    for step in history:
        world.act(*step)

        anew = registers([world.line.view], Instant(world.now))
        assert kept(world.talk.registers(world.now)) == kept(anew)


@settings(max_examples=20, deadline=None)
@given(st.lists(acts, max_size=15), st.integers(0, 40 * HOUR))
def test_the_book_follows_a_clock_that_is_set_back(history, back):
    world = World()
    for step in history:
        world.act(*step)
    world.talk.registers(world.now + 30 * HOUR).books()

    at = max(world.now - back, START)

    assert kept(world.talk.registers(at)) == kept(registers([world.line.view], Instant(at)))
