"""Witnesses of a scenario file: they cosign in the played world, and faults take them away."""

from __future__ import annotations

import pytest

from parley.core.cosignature import stored_cosignatures
from parley.sim.scenario.loader import ScenarioError, read_scenario
from parley.sim.scenario.player import play

TEXT = """\
scenario: watched
version: 1
title: {en: Watched, zh: 有人见证}
mark: SIMULATION
clock: {start: "2026-03-01T00:00:00Z", cutoff: "2026-03-01T06:00:00Z"}
parties:
  ALFA: {name: {en: Alfa}, languages: [en], desks: {OPS: {}}}
  BRAVO: {name: {en: Bravo}, languages: [en], desks: {OPS: {}}}
witnesses: [CHARLIE]
channels:
  ops: {parties: [ALFA, BRAVO], purpose: {en: Line}, basis: none, procedures: all, profile: default}
events:
  - {id: E1, at: "2026-03-01T02:00:00Z", by: ALFA/OPS, to: [BRAVO/OPS], channel: ops, do: message.send,
     with: {subject: {en: Barge}, text: {en: Late.}}}
expect:
  - {register: messages, case: E1, shows: {rung: 0}}
"""


def seen_by_witness(played):
    """Every time at which a cosignature kept anywhere was made."""
    return [
        time
        for station in played.stage.world.stations.values()
        for row in station.disk.store.logs()
        for signed in station.disk.store.cosigned(row.log, 0, 10_000)
        for _, time in stored_cosignatures(signed.lines)
    ]


def test_a_witness_cosigns_every_log_and_its_card_is_handed_over():
    played = play(read_scenario(TEXT, "watched.yaml").scenario(""))

    stage = played.stage
    assert not stage.world.witnesses["CHARLIE"].memory.accusations()
    for station in stage.world.stations.values():
        for row in station.disk.store.logs():
            assert station.disk.store.cosigned(row.log, 0, 1), row.log.origin
    assert set(stage.cards()) == {"ALFA", "BRAVO", "CHARLIE"}


def test_a_fault_takes_a_witness_away_for_its_time():
    down = (
        'link: [{party: CHARLIE, from: "2026-03-01T00:00:00Z", until: "2026-03-01T05:00:00Z", '
        "state: down}]\n"
    )
    played = play(read_scenario(TEXT + down, "watched.yaml").scenario(""))

    start, seen = played.scenario.start, seen_by_witness(played)
    assert seen
    assert not [time for time in seen if start + 60 < time < start + 5 * 3600]


def test_a_witness_has_a_clock_of_its_own():
    ahead = (
        'link: [{party: CHARLIE, from: "2026-03-01T01:00:00Z", until: "2026-03-01T06:00:00Z", '
        "clock_offset: 2h}]\n"
    )
    played = play(read_scenario(TEXT + ahead, "watched.yaml").scenario(""))

    assert max(seen_by_witness(played)) > played.scenario.cutoff


@pytest.mark.parametrize("names", ["[ALFA]", "[charlie]", "[CHARLIE, CHARLIE]", "[7.5]"])
def test_a_witness_that_is_no_code_or_is_a_party_is_refused(names):
    with pytest.raises(ScenarioError):
        read_scenario(TEXT.replace("[CHARLIE]", names), "watched.yaml").scenario("")
