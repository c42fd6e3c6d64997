"""A station may run at another time than the machine, but never one in earnest."""

from __future__ import annotations

from pathlib import Path

import pytest

from parley.station import wiring
from parley.station.config import CONFIG_NAME, ConfigError, load

TEN_DAYS = 10 * 86_400


def settings(directory: Path, mark: str, offset: int) -> Path:
    (directory / CONFIG_NAME).write_text(
        f'[station]\ncode = "ALFA"\nname = "Alfa"\nmark = "{mark}"\nclock_offset_s = {offset}\n'
    )
    return directory


def test_an_exercise_runs_at_the_time_it_is_set_to(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(wiring, "system_now", lambda: wiring.Instant(1_800_000_000))
    config = load(settings(tmp_path, "EXERCISE", -TEN_DAYS))

    assert wiring.clock_of(config)() == 1_800_000_000 - TEN_DAYS


def test_a_station_marked_live_has_no_time_but_the_machines(tmp_path) -> None:
    with pytest.raises(ConfigError) as refusal:
        load(settings(tmp_path, "LIVE", 1))

    assert "clock_offset_s" in refusal.value.problems[0]


def test_neither_flag_nor_environment_moves_the_clock(tmp_path) -> None:
    directory = settings(tmp_path, "EXERCISE", 0)

    with pytest.raises(ConfigError):
        load(directory, environ={"PARLEY_STATION__CLOCK_OFFSET_S": "60"})
