"""`parley demo --speed` and `--ports`: what is taken, and what is refused with a next step."""

import asyncio
import socket
from pathlib import Path

import pytest

from parley.cli import demo_day
from parley.cli.demo_options import pace_of, ports_from
from parley.cli.demo_play import Day
from parley.errors import UsageError


@pytest.mark.parametrize(
    ("text", "pace"), [("", None), ("60x", 60), ("60", 60), ("0.5x", 0.5), ("3600x", 3_600)]
)
def test_a_speed_is_seconds_of_the_day_in_one(text, pace):
    assert pace_of(text) == pace


@pytest.mark.parametrize("text", ["0", "0x", "-1x", "fast", "x", "1e3x", "99999999x"])
def test_what_is_no_speed_is_refused(text):
    with pytest.raises(UsageError, match="no speed"):
        pace_of(text)


def test_ports_in_a_row_are_taken_where_all_are_free():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} cannot be had"):
            ports_from(port - 1, 3)
    assert len(set(ports_from(None, 5))) == 5


@pytest.mark.parametrize("first", [0, -5, 65_532, 70_000])
def test_numbers_that_are_no_ports_are_refused(first):
    with pytest.raises(UsageError, match="there are no 5 ports"):
        ports_from(first, 5)


def test_at_a_pace_each_event_waits_for_its_time(monkeypatch):
    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    day = Day(directories={}, witness=Path(), passphrase=b"", tell=lambda _: None, pace=60)

    for event in demo_day.EVENTS[:3]:
        asyncio.run(day._wait_for(event))
        day._jump(f"{demo_day.DAY}T{event.at}Z")

    assert waited == [10, 2, 88]  # 06:50, 07:00, 07:02, 08:30
