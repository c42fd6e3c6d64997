"""`readout.give` with `mode: sealed` is a sealed readout: kept, opened after both have sealed."""

from __future__ import annotations

from parley.sim.scenario.claims import check
from parley.sim.scenario.loader import read_scenario
from parley.sim.scenario.player import play

FILE = """\
scenario: sealed
version: 1
mark: SIMULATION
title: {en: Sealed}
clock: {start: "2026-03-01T00:00:00Z", cutoff: "2026-03-02T06:00:00Z"}
parties:
  ALFA: {desks: {OPS: {}}}
  BRAVO: {desks: {OPS: {}}}
channels:
  ops: {parties: [ALFA, BRAVO], purpose: {en: Line}}
events:
  - {id: M, at: "2026-03-01T01:00:00Z", by: [ALFA/OPS, BRAVO/OPS], channel: ops, do: call.close,
     with: {medium: voice, began: "2026-03-01T00:30:00Z", ended: "2026-03-01T00:50:00Z"}}
  - {id: A, at: "2026-03-01T02:00:00Z", by: ALFA/OPS, to: [BRAVO/OPS], channel: ops, do: readout.give,
     with: {of: M, mode: sealed, publish_at: "2026-03-01T03:00:00Z", claims: [{kind: agreed, by: ALFA, about: nets}]}}
  - {id: B, at: "2026-03-01T02:10:00Z", by: BRAVO/OPS, case: A, do: readout.give,
     with: {of: M, mode: sealed, publish_at: "2026-03-01T03:00:00Z", claims: [{kind: said, by: ALFA, about: buoys}]}}
  - {id: C, at: "2026-03-01T03:01:00Z", by: [ALFA/OPS, BRAVO/OPS], case: A, do: readout.reveal}
expect:
  - {register: readouts, case: A, at: "2026-03-01T02:05:00Z", shows: {state: committed by one, mode: sealed, topics: []}}
  - {register: readouts, case: A, shows: {state: complete, committed: [ALFA, BRAVO], revealed: [ALFA, BRAVO]}}
  - {identical: registers}
"""


def test_each_seals_its_account_and_neither_is_read_before_both_have():
    played = play(read_scenario(FILE, "sealed.yaml").scenario(""))

    assert [one.line() for one in check(played, lambda *_: True) if one.status != "holds"] == []
