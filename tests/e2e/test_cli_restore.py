"""A station directory put back from an old copy, and one that runs twice, as an administrator sees it.

Real processes, real disks, real sockets: the copy is made with `cp` while the station is stopped.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from support.station_pair import READY_S, Pair

CHANGED = 6


@pytest.fixture
def pair(tmp_path: Path):
    made = Pair(tmp_path)
    made.make(channel="OPS")
    for station in ("alfa", "bravo"):
        made.serve(station)
    said(made, "before the copy")
    made.stop("alfa")
    shutil.copytree(tmp_path / "alfa", tmp_path / "copy")
    made.serve("alfa")
    yield made
    made.close()


def said(pair: Pair, text: str, station: str = "alfa"):
    """Say something and wait until the other station has receipted it."""
    done = pair.run(
        station, "send", "OPS", text, "--wait", "delivered", "--timeout", "60s", "--json"
    )
    assert done.code == 0, done.err
    return done


def put_back(pair: Pair) -> None:
    """Put the old copy in the place of the station's directory, its marks and all."""
    pair.stop("alfa")
    shutil.rmtree(pair.folder / "alfa")
    shutil.copytree(pair.folder / "copy", pair.folder / "alfa")


def until_stopped(pair: Pair, station: str = "alfa") -> str:
    ends = time.monotonic() + READY_S
    while time.monotonic() < ends:
        stopped = pair.run(station, "channel", "show", "OPS", "--json").data["stopped"]
        if stopped is not None:
            return str(stopped)
        time.sleep(0.2)
    raise AssertionError("the log was not stopped")


def shown(pair: Pair, station: str, entry: str) -> list[str]:
    """Return the texts of one entry as a station shows it."""
    return [one["text"] for one in pair.run(station, "show", entry, "--json").data["texts"]]


def texts(pair: Pair, station: str, party: str) -> list[str]:
    shown = pair.run(station, "log", "show", "--channel", "OPS", "--party", party, "--json")
    return [one["texts"][0]["text"] for one in shown.data["items"] if one["texts"]]


def test_an_old_copy_is_noticed_refuses_to_write_and_is_rebuilt_from_the_peer(pair: Pair) -> None:
    after = [f"after the copy {number}" for number in range(3)]
    names = [said(pair, text).data["entry"] for text in after]
    said(pair, "an answer", "bravo")
    put_back(pair)
    pair.serve("alfa")

    refused = pair.run("alfa", "send", "OPS", "written by the old copy", "--json")
    assert refused.code == CHANGED, refused.out
    assert "parley restore" in refused.json["error"]["next"]
    assert until_stopped(pair) == "behind"
    told = pair.run("alfa", "restore")
    assert "parley restore --from-peer BRAVO" in told.out
    doctor = pair.run("alfa", "doctor", "--only", "log", "--json")
    assert [one["level"] for one in doctor.json["data"]["items"]] == ["fix"]

    mended = pair.run("alfa", "restore", "--from-peer", "BRAVO", "--json")
    [item] = mended.data["items"]
    assert (item["brought"], item["missing"], item["log"]) == (3, [], "OPS/ALFA")
    said(pair, "back again")

    assert sorted(texts(pair, "alfa", "ALFA")) == sorted(texts(pair, "bravo", "ALFA"))
    for station in ("alfa", "bravo"):
        assert [shown(pair, station, name) for name in names] == [[text] for text in after]
    assert texts(pair, "alfa", "BRAVO") == ["an answer"]
    assert pair.run("bravo", "log", "check").code == 0
    assert pair.run("alfa", "log", "check").code == 0
    logs = pair.run("bravo", "channel", "show", "OPS", "--json").data["logs"]
    assert not any(log["frozen"] or log["conflicts"] for log in logs)
    assert pair.run("alfa", "restore", "--from-peer", "BRAVO").out.startswith("no log")


def test_two_machines_with_one_key_are_found_out_and_the_way_back_is_open(pair: Pair) -> None:
    """First one machine speaks to the peer, then the other to nobody; then the peer hears it."""
    first = said(pair, "the first machine").data["entry"]
    pair.stop("bravo")
    pair.stop("alfa")
    shutil.rmtree(pair.folder / "alfa")
    shutil.copytree(pair.folder / "copy", pair.folder / "alfa")
    # The copy hears nobody and goes on: the worst case, found when one peer has heard both.
    pair.serve("alfa")
    forked = pair.run("alfa", "send", "OPS", "said by the second")
    assert forked.code == 0, forked.err
    pair.serve("bravo")

    assert until_stopped(pair) in ("behind", "copy")
    assert pair.run("alfa", "send", "OPS", "once more").code == CHANGED
    mended = pair.run("alfa", "restore", "--from-peer", "BRAVO", "--json")
    [item] = mended.data["items"]
    assert item["asked"][0]["differs"] is True
    said(pair, "one machine is left")
    assert shown(pair, "bravo", first) == ["the first machine"]
    assert "one machine is left" in texts(pair, "bravo", "ALFA")
