"""Scenario files: what is refused with which words, variants, claims that hold and that do not."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.core.cosignature import stored_cosignatures
from parley.errors import MoveNotPermittedError
from parley.sim.scenario import checks
from parley.sim.scenario.claims import check
from parley.sim.scenario.loader import ScenarioError, merged, read_scenario, subject
from parley.sim.scenario.player import play

TEXT = """\
scenario: two-calls
version: 1
title: {en: Two calls}
mark: SIMULATION
clock: {start: "2026-03-01T00:00:00Z", cutoff: "2026-03-01T06:00:00Z"}
parties:
  ALFA: {name: {en: Alfa}, languages: [en], desks: {OPS: {}}}
  BRAVO: {name: {en: Bravo}, languages: [en], desks: {OPS: {}}}
channels:
  ops: {parties: [ALFA, BRAVO], purpose: {en: Line}, profile: quick}
profiles:
  quick: {owed: true, request.reply_by: PT1H}
events:
  - {id: E1, at: "2026-03-01T01:00:00Z", by: ALFA/OPS, to: [BRAVO/OPS], channel: ops, do: request.open,
     with: {form: call, level: {ours: ALFA/OPS, theirs: BRAVO/OPS}, topics: [{en: Nets}]}}
  - {id: E2, at: "2026-03-01T01:30:00Z", by: BRAVO/OPS, case: E1, do: request.decline, with: {reason: scheduling}}
  - {id: E3, at: "2026-03-01T02:00:00Z", by: ALFA/OPS, to: [BRAVO/OPS], channel: ops, do: message.send,
     with: {subject: {en: Barge}, answer_wanted: none, text: {en: Late.}}}
variants:
  silent:
    drop: [E2]
    expect: [{register: requests, case: E1, shows: {state: lapsed, lapse: silent}}]
  cut:
    link: [{between: [ALFA, BRAVO], from: "2026-03-01T01:50:00Z", until: "2026-03-01T03:00:00Z", state: down}]
    expect: [{register: messages, case: E3, shows: {delivered_at: {at_least: "2026-03-01T03:00:00Z"}}}]
expect:
  - {register: requests, case: E1, shows: {state: declined, reason: scheduling}}
  - {register: messages, case: E3, shows: {delivered_at: {between: ["2026-03-01T02:00:00Z", "2026-03-01T02:01:00Z"]}}}
"""


def trusting(bundle, cards):
    return len(cards) == 2 and bundle[len(bundle) // 2] == trusting.seen.setdefault(
        len(bundle), bundle[len(bundle) // 2]
    )


trusting.seen = {}


def verdicts(text=TEXT, variant="", *, claims=None):
    raw = yaml.load(text, Loader=yaml.BaseLoader)
    scenario = read_scenario(text, "two.yaml").scenario(variant)
    assert raw["scenario"] == scenario.name
    played = play(scenario)
    return played, check(played, trusting, claims)


@pytest.mark.parametrize("variant", ["", "silent", "cut"])
def test_a_history_and_its_variants_leave_what_they_claim(variant):
    played, found = verdicts(variant=variant)

    assert [each.line() for each in found if each.status != "holds"] == []
    assert len(found) >= 5
    assert played.not_played == []


WITNESSED = TEXT.replace("channels:\n", "witnesses: [CHARLIE]\nchannels:\n", 1)


def test_a_witness_of_the_file_cosigns_on_every_channel_and_its_card_is_handed_over():
    played, found = verdicts(WITNESSED)

    assert [each.line() for each in found if each.status != "holds"] == []
    world = played.stage.world
    assert not world.witnesses["CHARLIE"].memory.accusations()
    for station in world.stations.values():
        for row in station.disk.store.logs():
            assert station.disk.store.cosigned(row.log, 0, 1), row.log.origin
    assert len(played.stage.cards()) == 3


def test_a_fault_takes_a_witness_away_for_its_time():
    down = (
        'link: [{party: CHARLIE, from: "2026-03-01T00:00:00Z", until: "2026-03-01T05:00:00Z", '
        "state: down}]\n"
    )
    played, _ = verdicts(WITNESSED + down)
    witness = played.stage.world.witnesses["CHARLIE"]
    seen = [
        time
        for station in played.stage.world.stations.values()
        for row in station.disk.store.logs()
        for signed in station.disk.store.cosigned(row.log, 0, 10_000)
        for _, time in stored_cosignatures(signed.lines)
    ]

    assert witness.answered
    start = played.scenario.start
    assert not [time for time in seen if start + 60 < time < start + 5 * 3600]


@pytest.mark.parametrize("names", ["[ALFA]", "[charlie]", "[CHARLIE, CHARLIE]", "[7]"])
def test_a_witness_that_is_no_code_or_is_a_party_is_refused(names):
    with pytest.raises(ScenarioError, match="witness"):
        read_scenario(WITNESSED.replace("[CHARLIE]", names), "two.yaml").scenario("")


@pytest.mark.parametrize(
    "claim",
    [
        {"register": "requests", "case": "E1", "shows": {"state": "accepted"}},
        {"register": "requests", "case": "E1", "shows": {"state": {"any_of": ["met", "open"]}}},
        {"register": "requests", "count": {"state": "declined"}, "equals": 2},
        {"register": "requests", "count": {"state": "declined"}, "at_least": 2},
        {"register": "messages", "case": "E3", "shows": {"delivered_at": {"at_most": "2026-03-01T01:00:00Z"}}},
        {"register": "messages", "case": "E3", "shows": {"delivered_at": {"about": "2026-03-01T05:00:00Z", "within": 60}}},
        {"absent": {"register": "requests", "state": "declined"}},
        {"at": "2026-03-01T01:10:00Z", "register": "requests", "case": "E1", "shows": {"state": "declined"}},
    ],
)  # fmt: skip
def test_a_claim_that_is_false_is_found_false_at_every_station(claim):
    _, found = verdicts(claims=[claim])

    asked = [each for each in found if each.claim is claim]
    assert [each.status for each in asked] == ["fails", "fails"]
    assert all(each.found for each in asked)


@pytest.mark.parametrize(
    "claim",
    [
        {"register": "requests", "count": {"state": "declined"}, "equals": 1},
        {"register": "requests", "case": "E1", "shows": {"state": {"any_of": ["met", "declined"]}}},
        {"absent": {"register": "requests", "state": "lapsed"}},
        {"at": "2026-03-01T01:10:00Z", "register": "requests", "case": "E1", "shows": {"state": "pending"}},
        {"proof": "E1"},
        {"identical": "order"},
    ],
)  # fmt: skip
def test_a_claim_that_is_true_holds(claim):
    _, found = verdicts(claims=[claim])

    assert {each.status for each in found if each.claim is claim} == {"holds"}


def test_what_the_desk_does_not_have_is_counted_and_not_judged(monkeypatch):
    monkeypatch.setattr(checks, "KNOWN_MOVES", frozenset({"siesta.take"}))
    monkeypatch.setattr(checks, "KNOWN_COLUMNS", {"siestas": frozenset({"state"})})
    text = TEXT.replace("do: message.send", "do: siesta.take")

    played, found = verdicts(
        text, claims=[{"register": "siestas", "case": "E3", "shows": {"state": "taken"}}]
    )

    assert played.not_played == ["E3"]
    assert {each.status for each in found} == {"not played", "holds"}


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("mark: SIMULATION", "mark: LIVE", "mark: is 'LIVE'; it must be one of SIMULATION"),
        ('at: "2026-03-01T01:00:00Z"', 'at: "2026-03-01T01:00:00"', "must be a time with a zone"),
        ('at: "2026-03-01T01:00:00Z"', 'at: "2026-02-30T01:00:00Z"', "not a possible time"),
        ("do: request.open", "do: requests.open", "there is no move 'requests.open' here; did you"),
        ("do: request.open", "do: request.opens", "did you mean request.open?"),
        ("do: message.send", "do: visit.fly", "there is no move 'visit.fly'"),
        ("by: ALFA/OPS, to", "by: DELTA/OPS, to", "there is no desk 'DELTA/OPS'"),
        ("by: ALFA/OPS, to", "by: ALFA/CHIEF, to", "there is no desk 'ALFA/CHIEF'"),
        ("to: [BRAVO/OPS]", "to: [ALFA/OPS]", "addressed to the desk that sends it"),
        ("to: [BRAVO/OPS], channel", "channel", "addressed to nobody"),
        ("channel: ops, do: request", "do: request", "neither a channel nor a case"),
        ("case: E1, do", "case: E9, do", "there is no event 'E9'"),
        ("case: E1, do", "case: E3, do", "case E3 is no event before this one"),
        ("case: E1, do", "case: E2, do", "case E2 is no event before this one"),
        ("channel: ops, do", "channel: opps, do", "there is no channel 'opps' here; did you"),
        ("id: E2", "id: E1", "E1 stands twice"),
        ("id: E3, at", "idd: E3, at", "there is no name 'idd' here; did you mean id?"),
        ('at: "2026-03-01T02:00:00Z"', 'at: "2026-03-01T01:10:00Z"', "is earlier than E2"),
        ('at: "2026-03-01T02:00:00Z"', 'at: "2026-03-01T07:00:00Z"', "not between clock.start"),
        ("state: down", "state: wet", "must be one of down, up"),
        ("state: down", "stat: down", "did you mean state?"),
        ("between: [ALFA, BRAVO]", "between: [ALFA, DELTA]", "there is no party 'DELTA'"),
        ("between: [ALFA, BRAVO]", "direction: in, between: [ALFA, BRAVO]", "is of a `party`"),
        ("drop: [E2]", "drop: [E8]", "E8, which is no event"),
        ("drop: [E2]", "drop: [E1]", "there is no event 'E1'"),
        ("drop: [E2]", "change: {E2: {}}", "variant silent, change.E2: is empty"),
        ("version: 1", "version: one", "must be a whole number"),
        ("title: {en: Two calls}", "title: Two calls", "must be a map"),
        ("scenario: two-calls", "scenario: Two calls", "small letters"),
        (
            "parties: [ALFA, BRAVO]",
            "parties: [ALFA]",
            "has 1 members; it must be a list with at least 2",
        ),
        ("expect:\n  - {reg", "expect: []\nabout:\n  - {reg", "claims nothing proves nothing"),
        ("profile: quick", "profile: quik", "there is no profile quik"),
        ("request.reply_by", "request.answer_soon", "no clock of any procedure"),
        ("{state: declined, reason", "{stat: declined, reason", "did you mean state?"),
        (
            "register: requests, case: E1, shows: {state: declined",
            "register: request, case: E1, shows: {state: declined",
            "did you mean requests?",
        ),
        ("case: E1, shows: {state: declined", "case: E7, shows: {state: declined", "no event 'E7'"),
        ("{between: [", "{betwen: [", "did you mean between?"),
        ("shows: {state: declined, reason: scheduling}", "equals: 1", "a claim says one thing"),
        ("scenario: two-calls", "scenario: &a two-calls\nversion: *a", "alias"),
        ("mark: SIMULATION", "mark: SIMULATION\nmark: EXERCISE", "'mark' stands twice"),
        ("mark: SIMULATION", "mark: [", "expected"),
        ("request.reply_by: PT1H", "request.reply_by: soon", "must be a length of time"),
        ("request.reply_by: PT1H", "request.reply_by: -5min", "profile quick"),
        ("version: 1", "version: 1\nversion: 2", "'version' stands twice"),
        ("version: 1", "version: .inf", "a number must be finite"),
        ("version: 1", f"version: {'9' * 5000}", "cannot be read"),
        ("title: {en: Two calls}", "title: {7: To samtaler}", "a name must be text, not 7"),
        ("version: 1", f"version: {'[' * 40}1{']' * 40}", "levels inside each other"),
        ("version: 1", "version: !!python/object:os.system 1", "python/object"),
        ("version: 1", 'version: "\\ud800"', "half of a character pair"),
        ("mark: SIMULATION", "mark: SIMULATION\ncontinues: other", "there is no scenario other"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_words(was, becomes, said):
    assert was in TEXT

    with pytest.raises(ScenarioError, match=re.escape(said)):
        for variant in ("", "silent", "cut"):
            read_scenario(TEXT.replace(was, becomes, 1), "two.yaml").scenario(variant)


def test_a_mistake_in_an_event_is_named_with_its_line():
    line = 1 + TEXT.splitlines().index(next(x for x in TEXT.splitlines() if "id: E2" in x))

    with pytest.raises(ScenarioError, match=f"two.yaml:{line}: event E2, case"):
        read_scenario(TEXT.replace("case: E1,", "case: E9,"), "two.yaml").scenario()


def test_a_move_that_is_refused_stops_the_run_and_says_what_is_permitted():
    text = TEXT.replace("do: request.decline, with: {reason: scheduling}", "do: request.withdraw")

    with pytest.raises(ScenarioError, match="event E2, request.withdraw") as refused:
        play(read_scenario(text, "two.yaml").scenario())

    assert "request.decline" in refused.value.next_step


def test_a_refusal_that_is_expected_is_no_mistake_and_one_that_does_not_come_is():
    move = "do: request.decline, with: {reason: scheduling}"
    code = MoveNotPermittedError("no", permitted=()).code

    refused = TEXT.replace(move, f"do: request.withdraw, expect_refusal: {code}")
    played = play(read_scenario(refused, "two.yaml").scenario())
    assert "E2" not in played.places

    with pytest.raises(ScenarioError, match="was to be refused"):
        text = TEXT.replace(move, f"{move}, expect_refusal: {code}")
        play(read_scenario(text, "two.yaml").scenario())


def test_a_change_reaches_inside_and_leaves_the_rest():
    assert merged({"a": {"x": 1, "y": 2}, "b": 3}, {"a": {"x": 5}}) == {
        "a": {"x": 5, "y": 2},
        "b": 3,
    }
    assert subject({"register": "r", "case": "E"}) != subject({"register": "r", "case": "F"})


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(TEXT) - 1), st.integers(0, 12), st.text(max_size=6))
def test_no_change_of_the_text_is_worse_than_a_refusal(place, length, other):
    text = TEXT[:place] + other + TEXT[place + length :]
    with suppress(ScenarioError):
        file = read_scenario(text, "two.yaml")
        for variant in ("", *file.variants):
            assert file.scenario(variant).claims
