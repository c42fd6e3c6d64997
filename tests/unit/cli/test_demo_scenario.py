"""`parley demo --scenario`: what is left of a history is stations that know each other."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext

import pytest

from parley.cli import demo_living, demo_scenario
from parley.station.wiring import open_offline
from support.cli_run import run

HISTORY = """
scenario: three
version: 1
mark: EXERCISE
title: {en: Three parties, zh: 三方}
clock: {start: "2026-03-02T08:00:00Z", cutoff: "2026-03-02T10:00:00Z"}
parties:
  ALFA: {name: {en: Alfa}, languages: [en], zone: Etc/UTC, desks: {OPS: {office: {en: Desk}}}}
  BRAVO: {name: {en: Bravo}, languages: [zh, en], zone: Etc/UTC, desks: {OPS: {office: {en: Desk}}}}
  DELTA: {name: {en: Delta}, languages: [en], zone: Etc/UTC, desks: {OPS: {office: {en: Desk}}}}
witnesses: [CHARLIE]
channels:
  sea: {parties: [ALFA, BRAVO, DELTA], purpose: {en: At sea}, basis: none, procedures: all}
events:
  - {id: M1, at: "2026-03-02T09:00:00Z", by: ALFA/OPS, to: [BRAVO/OPS], channel: sea, sure: S,
     do: message.send, with: {subject: {en: Noon}, text: {en: All quiet}}}
expect:
  - {register: messages, case: M1, shows: {state: CLAIMED}}
"""


@pytest.fixture
def shown(monkeypatch):
    """What would be run and shown; no process is started."""
    calls = []
    monkeypatch.setattr(demo_scenario, "running", nullcontext)
    monkeypatch.setattr(demo_living, "show", lambda *given, **more: calls.append((given, more)))
    return calls


def test_a_history_of_three_leaves_three_consoles_whose_stations_know_each_other(tmp_path, shown):
    file, place = tmp_path / "three.yaml", tmp_path / "kept"
    file.write_text(HISTORY.replace("CLAIMED", "sent"), encoding="utf-8")

    ended = run("demo", "--scenario", str(file), "--keep", str(place), "--speed", "7200000x")

    assert ended.code == 0, ended.err or ended.out
    [((_, _, parties, witnesses, origins), more)] = shown
    assert [child.code for child in parties] == ["ALFA", "BRAVO", "DELTA"]
    assert [child.code for child in witnesses] == ["CHARLIE"]
    assert [origins[child.code].split(":")[1] for child in parties] == [
        "//alfa.localhost", "//bravo.localhost", "//delta.localhost",
    ]  # fmt: skip
    assert more["proof"][1].is_file()

    async def look(code):
        async with open_offline(place / code) as gateway:
            overview = gateway.overview()
            lines = [(row.peer, row.trusted, row.line) for row in overview.lines]
            [channel] = gateway.channels()
            texts = [row.texts[0].text for row in gateway.entries(channel="sea").items]
            dials = {peer.code: len(peer.addresses) for peer in gateway.peers()}
            return lines, channel.state, texts, dials, gateway.own_card().party

    found = {code: asyncio.run(look(code)) for code in ("alfa", "bravo", "delta")}
    assert found["delta"][0] == [
        ("ALFA", True, "never"), ("BRAVO", True, "never"), ("CHARLIE", True, "witness"),
    ]  # fmt: skip
    assert {one[1] for one in found.values()} == {"open"}
    assert all("All quiet" in one[2] for one in found.values())
    # Of two parties one dials, and the witness is where its card says.
    assert found["alfa"][3] == {"BRAVO": 0, "DELTA": 0, "CHARLIE": 1}
    assert found["delta"][3] == {"ALFA": 1, "BRAVO": 1, "CHARLIE": 1}


def test_no_console_is_opened_on_a_history_whose_claim_fails(tmp_path, shown):
    file = tmp_path / "three.yaml"
    file.write_text(HISTORY.replace("CLAIMED", "answered"), encoding="utf-8")

    assert run("demo", "--scenario", str(file)).code == 7
    assert shown == []
