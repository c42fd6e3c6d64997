"""What stands beside the record, through both doors of one pair of stations: command line and API."""

from __future__ import annotations

import pytest

from support.cli_run import run
from support.live_stations import introduce, live, open_channel, until

HEAD = "number,date,register,by,to,what_en,what_zh,due,answered,outcome\n"


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    root = tmp_path_factory.mktemp("pair")
    with (
        live(root / "alfa", "ALFA") as alfa,
        live(root / "bravo", "BRAVO") as bravo,
        alfa.client() as a,
        bravo.client() as b,
    ):
        introduce(a, bravo.serving.link_addresses[0], b)
        introduce(b, alfa.serving.link_addresses[0], a)
        open_channel(a, b)
        yield alfa, bravo, a, b


@pytest.fixture
def at(pair):
    return ("--station", str(pair[0].directory))


# --- history ---


def test_a_bad_file_changes_nothing_and_a_good_one_is_a_claim_at_both_stations_once(
    pair, at, tmp_path
):
    _, _, a, b = pair
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    rows = [f"{n},2021-03-{n % 28 + 1:02},requests,ALFA,BRAVO,Call {n},,,,\n" for n in range(150)]
    bad.write_text(HEAD + "".join(rows) + "151,31 March,,,,Call,,,,\n")
    good.write_text(HEAD + "".join(rows))
    before = (a.get("/station")["sequence"], len(a.get("/drafts")["items"]))

    said = run("history", "import", str(bad), "--channel", "OPS", "--json", *at)
    assert said.code == 2
    assert "line 152, date" in said.out
    dry = run("history", "import", str(good), "--channel", "OPS", "--dry-run", "--json", *at)
    assert (dry.json["data"]["rows"], dry.json["data"]["entries"]) == (150, 2)
    assert (a.get("/station")["sequence"], len(a.get("/drafts")["items"])) == before

    done = run("history", "import", str(good), "--channel", "OPS", "--name", "Old", "--json", *at)
    assert done.code == 0, done.err
    assert len(done.json["data"]["submitted"]) == 2
    again = run("history", "import", str(good), "--channel", "OPS", "--json", *at)
    assert again.code == 6
    assert "imported already" in again.err

    def claims(door):
        return door.get("/registers/claims")["items"]

    until(lambda: len(claims(b)) == 2)
    told = [{row["values"]["rows_claimed"] for row in claims(door)} for door in (a, b)]
    assert told[0] == told[1]
    assert sum(row["values"]["rows_claimed"] for row in claims(b)) == 150
    assert {row["values"]["by"] for row in claims(b)} == {"ALFA/OPS"}
    assert b.get("/registers/requests")["items"] == []
