"""A text in a scenario file: articles are agreed by number, and signed, without a digest to copy."""

from __future__ import annotations

import pytest

from parley.sim.scenario.claims import check
from parley.sim.scenario.loader import ScenarioError, read_scenario
from parley.sim.scenario.player import play

FILE = """\
scenario: paper
version: 1
mark: SIMULATION
title: {en: Paper}
clock: {start: "2026-03-01T00:00:00Z", cutoff: "2026-03-01T06:00:00Z"}
parties:
  ALFA: {desks: {OPS: {}}}
  BRAVO: {desks: {OPS: {}}}
channels:
  ops: {parties: [ALFA, BRAVO], purpose: {en: Line}}
events:
  - {id: T, at: "2026-03-01T01:00:00Z", by: ALFA/OPS, to: [BRAVO/OPS], channel: ops, do: joint_text.table,
     with: {title: {en: Nets, zh: 渔网}, languages: [en, zh], articles: [
       {no: 1, text: {en: Nets lie 2 km apart., zh: 渔网相距2公里。}}, {no: 2, text: {en: End., zh: 完。}}]}}
  - {id: R, at: "2026-03-01T01:10:00Z", by: BRAVO/OPS, case: T, do: joint_text.redraft,
     with: {articles: [{no: 2, text: {en: Finished., zh: 完毕。}}]}}
  - {id: A, at: "2026-03-01T02:00:00Z", by: [ALFA/OPS, BRAVO/OPS], case: T, do: joint_text.agree, with: {articles: [1, %s]}}
  - {id: C, at: "2026-03-01T03:00:00Z", by: [ALFA/OPS, BRAVO/OPS], case: T, do: joint_text.close, with: {seen: []}}
  - {id: I, at: "2026-03-01T04:00:00Z", by: [ALFA/OPS, BRAVO/OPS], case: T, do: joint_text.initial, with: {seen: []}}
  - {id: S, at: "2026-03-01T05:00:00Z", by: [ALFA/OPS, BRAVO/OPS], case: T, do: joint_text.sign, with: {power: {en: Full powers}}}
expect:
  - {register: texts, case: T, shows: {initialled_by: [ALFA, BRAVO], signed_by: [ALFA, BRAVO], open_brackets: 0}}
  - {register: texts, case: T, at: "2026-03-01T02:30:00Z", shows: {state: draft}}
  - {identical: registers}
"""


@pytest.mark.parametrize("article", ["{no: 2}", '"2"'])
def test_articles_are_agreed_by_number_and_the_text_is_signed_as_it_stands(article):
    played = play(read_scenario(FILE % article, "paper.yaml").scenario(""))

    said = [each.line() for each in check(played, lambda *_: True) if each.status != "holds"]
    assert said == []


@pytest.mark.parametrize(
    ("article", "said"),
    [("3", "The text has no article 3"), ("{no: 2, digest: %s}" % ("a" * 64), "no longer the one")],
)
def test_an_unknown_article_and_a_digest_of_other_words_stop_the_run(article, said):
    with pytest.raises(ScenarioError, match=said):
        play(read_scenario(FILE % article, "paper.yaml").scenario(""))
