"""Row 39: two nodes of one station, and a standby that was promoted without the newest commits."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from parley.api.client import Client
from parley.errors import ParleyError, StoreError
from parley.station.config import load
from support.live_stations import LiveStation, introduce, live, make_station, open_channel, until
from support.postgres_server import Server, needs_postgres, server

pytestmark = needs_postgres


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with server() as made:
        yield made


def node(directory: Path, address: str) -> LiveStation:
    """Return a node of a station whose record lies in a database."""
    return LiveStation(directory, config=load(directory, environ={"PARLEY_STORE__URL": address}))


def another(directory: Path, name: str) -> Path:
    """Return the directory of a second node: what the first has, its marks too (a shared volume)."""
    target = directory.with_name(name)
    without = shutil.ignore_patterns("control.sock", "lock", "log")
    shutil.copytree(directory, target, ignore=without)
    (target / "log").mkdir(mode=0o700)
    return target


def say(client: Client, words: str) -> None:
    body = {"channel": "OPS", "texts": [{"lang": "en", "text": words}]}
    client.post("/submissions", body | {"fields": {"subject": "Node"}})


def texts(client: Client) -> list[str]:
    items = client.get("/entries", limit="50")["items"]
    return [text["text"] for row in items for text in row["texts"]]


def test_row_39_one_node_writes_at_a_time_and_a_standby_without_the_newest_writes_nothing(
    tmp_path: Path, running: Server
) -> None:
    record = running.new()
    make_station(tmp_path / "alfa", "ALFA")
    with live(tmp_path / "bravo", "BRAVO") as bravo, bravo.client() as b:
        first = node(tmp_path / "alfa", running.address(record))
        first.start()
        with first.client() as a:
            introduce(a, bravo.serving.link_addresses[0], b)
            introduce(b, first.serving.link_addresses[0], a)
            open_channel(a, b)
            say(a, "from the first node")
            until(lambda: "from the first node" in texts(b))
        # Two nodes on one database: the second does not open its doors.
        with pytest.raises(StoreError, match="another node has the record"):
            node(another(tmp_path / "alfa", "early"), running.address(record)).start()
        # A server that ends its sessions stops nobody: the record is opened afresh.
        ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{record}'"
        running.ask(ended)
        with first.client() as a:
            until(lambda: says(a, "after the server went away"))
            until(lambda: "after the server went away" in texts(b))
        first.stop()

        # What an asynchronous standby holds when the newest commits had not reached it.
        standby = running.new(template=record)
        second = node(another(tmp_path / "alfa", "second"), running.address(record))
        second.start()
        with second.client() as a:
            until(lambda: says(a, "from the second node"))
            until(lambda: "from the second node" in texts(b))
            assert texts(b).count("from the first node") == 1
        second.stop()

        third = node(another(tmp_path / "second", "third"), running.address(standby))
        third.start()
        with third.client() as a:
            assert not says(a, "from the standby")
            assert a.get("/channels/OPS")["stopped"] in ("marks", "behind")
            with pytest.raises(ParleyError) as refused:
                say(a, "from the standby, once more")
            assert "parley restore" in str(refused.value.next_step)
        third.stop()
        assert "from the standby" not in texts(b)
        assert not any(log["frozen"] or log["conflicts"] for log in b.get("/channels/OPS")["logs"])


def says(client: Client, words: str) -> bool:
    with suppress(ParleyError):
        say(client, words)
        return True
    return False
