"""The rules of scenario files, one by one, on small histories."""

from __future__ import annotations

import re

import pytest

from parley.errors import NotFoundError
from parley.sim.scenario.claims import check
from parley.sim.scenario.loader import ScenarioError, read_scenario, subject
from parley.sim.scenario.player import play

HEAD = """\
scenario: small
version: 1
mark: SIMULATION
title: {en: Small}
clock: {start: "2026-03-01T00:00:00Z", cutoff: "2026-03-01T06:00:00Z"}
parties:
  ALFA: {desks: {OPS: {}, CHIEF: {}}}
  BRAVO: {desks: {OPS: {}, CHIEF: {}}}
channels:
  ops: {parties: [ALFA, BRAVO], purpose: {en: Line}, profile: quick}
  aux: {parties: [ALFA, BRAVO], purpose: {en: Second line}, profile: quick}
profiles:
  quick: {owed: true, request.reply_by: PT1H}
"""
ASK = """\
  - {id: %s, at: "2026-03-01T%s:00Z", by: ALFA/OPS, to: [BRAVO/OPS], channel: %s, do: request.open,
     with: {form: call, level: {ours: ALFA/OPS, theirs: BRAVO/OPS}, topics: [{en: Nets}]}}
"""
SAY = """\
  - {id: %s, at: "2026-03-01T%s:00Z", by: ALFA/OPS, to: [BRAVO/OPS], channel: %s, do: message.send,
     with: {subject: {en: Barge}, answer_wanted: none, text: {en: Late.}}}
"""
EXPECT = "expect: [{identical: registers}]\n"


def events(*each):
    return "events:\n" + "".join(each)


def run(text, variant="", find=None, **more):
    file = read_scenario(text, "small.yaml", *([find] if find else []))
    played = play(file.scenario(variant), **more)
    return played, check(played, lambda _bundle, _cards: True)


def failing(found):
    return [each.line() for each in found if each.status != "holds"]


def ask(played, claim):
    return [each.status for each in check(played, lambda *_: True, [claim]) if each.claim is claim]


def test_a_party_that_loses_what_it_sends_is_heard_of_by_nobody_and_hears_all():
    fault = 'link: [{party: ALFA, direction: out, from: "2026-03-01T01:30:00Z", until: "2026-03-01T03:00:00Z"}]\n'
    other = (
        SAY % ("E2", "02:00", "ops")
        + (SAY % ("E3", "02:10", "ops")).replace("ALFA", "X").replace("BRAVO", "ALFA").replace("X", "BRAVO")
    )  # fmt: skip

    played, found = run(HEAD + fault + events(ASK % ("E1", "01:00", "ops"), other) + EXPECT)

    assert failing(found) == []
    late = {"delivered_at": {"at_least": "2026-03-01T03:00:00Z"}}
    assert ask(played, {"register": "messages", "case": "E2", "shows": late}) == ["holds"] * 2
    during = {"at": "2026-03-01T02:30:00Z", "register": "messages", "count": {}}
    assert ask(played, {**during, "station": "ALFA", "equals": 2}) == ["holds"]
    assert ask(played, {**during, "station": "BRAVO", "equals": 1}) == ["holds"]


def test_a_party_that_is_deaf_learns_nothing_while_it_is():
    fault = 'link: [{party: BRAVO, direction: in, from: "2026-03-01T01:30:00Z", until: "2026-03-01T03:00:00Z"}]\n'

    played, found = run(HEAD + fault + events(SAY % ("E2", "02:00", "ops")) + EXPECT)

    assert failing(found) == []
    late = {"delivered_at": {"at_least": "2026-03-01T03:00:00Z"}}
    assert ask(played, {"register": "messages", "case": "E2", "shows": late}) == ["holds"] * 2


def test_a_cut_of_one_channel_leaves_the_other():
    fault = 'link: [{between: [ALFA, BRAVO], channel: aux, from: "2026-03-01T01:30:00Z", until: "2026-03-01T03:00:00Z", state: down}]\n'
    said = SAY % ("E1", "02:00", "ops") + SAY % ("E2", "02:00", "aux")

    played, found = run(HEAD + fault + events(said) + EXPECT)

    assert failing(found) == []
    at_once = {"delivered_at": {"at_most": "2026-03-01T02:01:00Z"}}
    late = {"delivered_at": {"at_least": "2026-03-01T03:00:00Z"}}
    assert ask(played, {"register": "messages", "case": "E1", "shows": at_once}) == ["holds"] * 2
    assert ask(played, {"register": "messages", "case": "E2", "shows": late}) == ["holds"] * 2


def test_a_cut_that_lasts_to_the_cutoff_is_not_mended_and_left_out_of_what_must_be_identical():
    fault = 'link: [{party: BRAVO, state: down, from: "2026-03-01T01:30:00Z", until: "2026-03-01T06:00:00Z"}]\n'

    played, found = run(HEAD + fault + events(SAY % ("E1", "02:00", "ops")) + EXPECT)

    assert failing(found) == []
    known = {"register": "messages", "count": {}}
    assert ask(played, {**known, "station": "ALFA", "equals": 1}) == ["holds"]
    assert ask(played, {**known, "station": "BRAVO", "equals": 0}) == ["holds"]


def test_a_state_that_is_up_lifts_an_earlier_cut():
    fault = (
        "link:\n"
        '  - {party: BRAVO, state: down, from: "2026-03-01T01:30:00Z", until: "2026-03-01T05:00:00Z"}\n'
        '  - {party: BRAVO, state: up, from: "2026-03-01T02:30:00Z", until: "2026-03-01T03:00:00Z"}\n'
    )

    played, _ = run(HEAD + fault + events(SAY % ("E1", "02:00", "ops")) + EXPECT)

    when = {"delivered_at": {"between": ["2026-03-01T02:30:00Z", "2026-03-01T02:31:00Z"]}}
    assert ask(played, {"register": "messages", "case": "E1", "shows": when}) == ["holds"] * 2


def test_clocks_that_differ_and_slow_lossy_paths_change_no_register():
    fault = (
        "link:\n"
        "  - {party: BRAVO, clock_offset: 11min}\n"
        '  - {between: [ALFA, BRAVO], delay: 5s, loss: 0.2, rate_bps: 9600, from: "2026-03-01T01:00:00Z"}\n'
    )
    said = ASK % ("E1", "01:00", "ops") + SAY % ("E2", "02:00", "ops")

    _, found = run(
        HEAD + fault + events(said)
        + "expect: [{identical: registers}, {identical: order}, {register: requests, case: E1, shows: {lapse: silent}}]\n"
    )  # fmt: skip

    assert failing(found) == []


def test_a_channel_that_is_only_proposed_is_open_from_its_proposal_on():
    text = (HEAD + events(
        '  - {id: P1, at: "2026-03-01T01:00:00Z", by: ALFA/OPS, to: [BRAVO/OPS], channel: aux,'
        " do: channel.propose, with: {name: Second line, scope: [boats]}}\n"
        '  - {id: P2, at: "2026-03-01T01:10:00Z", by: BRAVO/OPS, case: P1, do: channel.accept}\n'
        + SAY % ("E1", "02:00", "aux")
    ) + EXPECT).replace("purpose: {en: Second line},", "purpose: {en: Second line}, proposed_only: true,")  # fmt: skip

    played, found = run(text)

    assert failing(found) == []
    row = {"register": "channels", "case": "aux", "party": "BRAVO", "shows": {"declared": "open"}}
    assert ask(played, row) == ["holds"] * 2
    assert ask(played, {**row, "at": "2026-03-01T00:30:00Z"}) == ["fails"] * 2
    before = text.replace('id: P1, at: "2026-03-01T01:00', 'id: P1, at: "2026-03-01T02:30').replace(
        'id: P2, at: "2026-03-01T01:10', 'id: P2, out_of_order: test, at: "2026-03-01T02:40'
    )
    with pytest.raises(ScenarioError, match=r"E1.*is not open yet"):
        run(before.replace("id: E1,", "id: E1, out_of_order: test,"))


def test_a_channel_for_some_procedures_refuses_the_others():
    text = HEAD.replace("Second line}", "Second line}, procedures: [message]")
    said = SAY % ("E1", "01:00", "aux")

    assert failing(run(text + events(said) + EXPECT)[1]) == []
    with pytest.raises(ScenarioError, match="is not for the procedure request"):
        run(text + events(ASK % ("E1", "01:00", "aux")) + EXPECT)
    refused = (ASK % ("E1", "01:00", "aux")).replace(
        "do: r", "expect_refusal: unknown-procedure, do: r"
    )
    assert run(text + events(refused) + EXPECT)[0].refused == ["E1"]


def test_a_resumption_may_name_the_suspension_it_ends():
    text = HEAD + events(
        '  - {id: E1, at: "2026-03-01T01:00:00Z", by: BRAVO/OPS, to: [ALFA/OPS], channel: ops,'
        " do: channel.suspend, with: {cause: {en: Storm}, until: open, what_stays: []}}\n"
        '  - {id: E2, at: "2026-03-01T02:00:00Z", by: BRAVO/OPS, case: E1, do: channel.resume}\n'
    ) + EXPECT  # fmt: skip

    played, found = run(text)

    assert failing(found) == []
    row = {"register": "channels", "case": "ops", "party": "BRAVO"}
    assert ask(played, {**row, "shows": {"declared": "open"}}) == ["holds"] * 2
    then = {**row, "at": "2026-03-01T01:30:00Z", "shows": {"declared": "suspended"}}
    assert ask(played, then) == ["holds"] * 2


def first_part(name):
    if name != "small":
        raise NotFoundError(f"{name} is not here")
    return read_scenario(HEAD + events(ASK % ("E1", "01:00", "ops")) + EXPECT, "first.yaml")


NEXT = """\
scenario: next
version: 1
mark: SIMULATION
title: {en: Next}
continues: small
clock: {start: "2026-03-01T06:00:00Z", cutoff: "2026-03-01T09:00:00Z"}
cutoffs: {c1: "2026-03-01T06:30:00Z"}
parties:
  ALFA: {desks: {LEGAL: {}}}
events:
  - {id: F1, at: "2026-03-01T07:00:00Z", by: BRAVO/OPS, case: E1, do: request.decline, with: {reason: scheduling}}
  - {id: F2, at: "2026-03-01T08:00:00Z", by: ALFA/LEGAL, to: [BRAVO/OPS], channel: aux, do: message.send,
     with: {subject: {en: Barge}, answer_wanted: none, text: {en: Late.}}}
expect:
  - {register: requests, case: E1, shows: {state: declined, lapsed_first: true}}
  - {at: c1, register: requests, case: E1, shows: {state: lapsed}}
  - {at: "2026-03-01T01:30:00Z", register: requests, case: E1, shows: {state: pending}}
"""


def test_a_scenario_goes_on_where_another_ended_on_the_same_stations():
    _, found = run(NEXT, find=first_part)

    assert failing(found) == []
    assert len(found) == 7


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("continues: small", "continues: smal", "there is no scenario smal"),
        ("continues: small", "continues: next", "goes in a circle"),
        ("id: F1", "id: E1", "event E1 stands twice"),
        ("mark: SIMULATION", "mark: EXERCISE", "what it continues is SIMULATION"),
        ("case: E1, do", "case: E9, do", "there is no event 'E9'"),
        ("at: c1", "at: c2", "there is no cutoff 'c2'"),
        ("cutoffs:", "channels: {ops: {parties: [BRAVO, ALFA], purpose: {en: X}}}\ncutoffs:", "is open already"),
    ],
)  # fmt: skip
def test_a_continuation_that_does_not_fit_is_refused(was, becomes, said):
    assert was in NEXT

    with pytest.raises(ScenarioError, match=re.escape(said)):
        read_scenario(NEXT.replace(was, becomes, 1), "next.yaml", first_part).scenario()


def test_profiles_build_on_each_other_and_on_those_of_the_desk():
    text = HEAD.replace(
        "quick: {owed: true, request.reply_by: PT1H}",
        "quick: {like: base, visit.reply_by: P3D}\n  base: {like: default, owed: true, request.reply_by: PT2H}",
    )
    channel = (
        read_scenario(text + events(SAY % ("E1", "01:00", "ops")) + EXPECT, "x")
        .scenario()
        .channels[0]
    )

    assert channel.profile.owed
    assert channel.profile.clock("request.reply_by") == 7200
    assert channel.profile.clock("call.reply_by") == 1800
    with pytest.raises(ScenarioError, match="goes in a circle"):
        read_scenario(
            text.replace("like: default", "like: quick") + events(SAY % ("E1", "01:00", "ops")) + EXPECT, "x"
        ).scenario()  # fmt: skip


def test_what_was_meant_to_be_refused_is_told_apart_from_other_refusals():
    said = '  - {id: E2, at: "2026-03-01T01:30:00Z", by: ALFA/OPS, case: E1, do: request.accept, expect_refusal: %s}\n'
    asked = ASK % ("E1", "01:00", "ops")

    for code in ("wrong-party", "move-not-permitted", "wrong_party"):
        played, found = run(HEAD + events(asked, said % code) + EXPECT)
        assert played.refused == ["E2"]
        assert failing(found) == []
    with pytest.raises(
        ScenarioError, match=r"expected was the refusal clock, this one is .*wrong-party"
    ):
        run(HEAD + events(asked, said % "clock") + EXPECT)


def test_claims_of_a_variant_replace_those_about_the_same():
    count = {"register": "requests", "count": {"by": "ALFA", "fate": "lapsed"}, "equals": 1}
    turned = {"register": "requests", "count": {"fate": "lapsed", "by": "ALFA"}, "equals": 2}

    assert subject(count) == subject(turned)
    assert subject({"cycle": ["E1"]}) == subject({"no_cycle": True})
    assert subject(count) != subject({**count, "register": "meetings"})


@pytest.mark.parametrize("seed", [1, 7, 2**32 - 1])
def test_frames_that_overtake_each_other_vanish_and_repeat_change_no_register(seed):
    said = [
        ASK % ("E1", "01:00", "ops"),
        *(SAY % (f"M{n}", f"01:{n:02}", "ops") for n in range(1, 9)),
    ]
    decline = '  - {id: E2, at: "2026-03-01T01:30:00Z", by: BRAVO/OPS, case: E1, do: request.decline, with: {reason: scheduling}}\n'
    text = HEAD + events(*said, decline) + EXPECT

    calm, rough = run(text)[0], run(text, seed=seed)[0]

    def rows(played, code):
        registers = played.stage.registers(code, played.scenario.cutoff)
        return [
            (row.case, row["state"])
            for row in (*registers.rows("requests"), *registers.rows("messages"))
        ]

    for code in ("ALFA", "BRAVO"):
        assert rows(rough, code) == rows(calm, code)
    assert rough.stage.world.events != calm.stage.world.events


def test_a_meeting_named_as_part_of_the_request_or_question_that_led_to_it_is_a_case_of_its_own():
    text = HEAD + events(
        ASK % ("R1", "01:00", "ops"),
        '  - {id: R1a, at: "2026-03-01T01:10:00Z", by: BRAVO/OPS, case: R1, do: request.accept,'
        ' with: {time: "2026-03-01T02:00:00Z"}}\n',
        '  - {id: C1, at: "2026-03-01T02:30:00Z", by: [ALFA/OPS, BRAVO/OPS], case: R1, do: call.close,'
        ' with: {medium: voice, began: "2026-03-01T02:00:00Z", ended: "2026-03-01T02:20:00Z"}}\n',
        '  - {id: Q1, at: "2026-03-01T03:00:00Z", by: ALFA/OPS, to: [BRAVO/OPS], channel: ops,'
        ' do: query.ask, with: {activity: {en: Nets}, where: {area: Bay}, since: "2026-03-01",'
        " concern: {en: Size}, questions: [{en: How many}]}}\n",
        '  - {id: M1, at: "2026-03-01T03:10:00Z", by: [ALFA/OPS, BRAVO/OPS], case: Q1, do: meeting.fix,'
        " with: {title: {en: Nets}, venue: Pier,"
        ' windows: [["2026-03-01T04:00:00Z", "2026-03-01T05:00:00Z"]]}}\n',
        '  - {id: M2, at: "2026-03-01T05:10:00Z", by: ALFA/OPS, case: Q1, do: meeting.not_attended}\n',
    )  # fmt: skip
    claims = (
        "expect:\n"
        "  - {register: requests, case: R1, shows: {state: held}}\n"
        "  - {register: calls, case: C1, shows: {both: true, request: R1}}\n"
        "  - {register: meetings, count: {}, equals: 1}\n"
        "  - {register: meetings, case: M1, shows: {state: not attended, attended: false}}\n"
        "  - {register: queries, case: Q1, shows: {meeting: M1, attended: false}}\n"
    )

    _, found = run(text + claims)

    assert failing(found) == []
