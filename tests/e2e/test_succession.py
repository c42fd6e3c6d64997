"""A party that lost even its root key comes back under its code; what the old one said stays."""

from __future__ import annotations

import pytest

from parley.errors import ParleyError
from support.live_stations import LiveStation, introduce, live_pair, make_station, open_channel


def say(client, words: str) -> str:
    body = {"channel": "OPS", "texts": [{"lang": "en", "text": words}], "fields": {"subject": "K"}}
    entry = client.post("/submissions", body)["entry"]
    assert client.get(f"/entries/{entry}/delivery", wait="20s", until="delivered")["reached"]
    return entry


def test_a_party_whose_root_is_lost_takes_its_code_again_and_the_old_one_stays_readable(tmp_path):
    with live_pair(tmp_path) as (alfa, _, old, bravo):
        say(old, "The last words of the old one.")
        party = bravo.get("/peers/ALFA")["party"]
        (gone,) = (one["id"] for one in bravo.get("/channels")["items"])
        alfa.stop()
        make_station(tmp_path / "new", "ALFA")
        new = LiveStation(tmp_path / "new")
        new.start()
        with new.client() as fresh:
            card = fresh.get("/card")
            changed = bravo.post("/peers", {"card": card["armour"], "addresses": []})
            assert (changed["key_state"], changed["trusted"]) == ("changed", False)
            wrong = bravo.get("/card")["words"]["zh"]
            said = {"words": wrong, "method": "voice"}
            assert not bravo.post("/peers/ALFA/verify", said)["match"]
            assert bravo.get("/peers/ALFA")["key_state"] == "changed"
            said = {"words": card["words"]["zh"], "method": "voice"}
            assert bravo.post("/peers/ALFA/verify", said)["match"]
            assert bravo.get("/peers/ALFA")["party"] != party

            former = f"ALFA.{party[:8]}"
            # Every list that names the old party still reads.
            assert former in str(bravo.get("/inbox"))
            assert bravo.get("/health")["items"]
            introduce(fresh, listening(bravo), bravo)
            open_channel(fresh, bravo)
            entry = say(fresh, "The first words of the new one.")

            assert bravo.get(f"/entries/{entry}")["party"] == "ALFA"
            assert {one["code"] for one in bravo.get("/channels")["items"]} == {"OPS", gone}
            assert former in bravo.get(f"/channels/{gone}")["parties"]
            (last,) = bravo.get("/entries", channel=gone)["items"]
            assert last["name"].startswith(f"{gone}/{former}/")
            assert bravo.get(f"/entries/{last['name']}")["party"] == former
            with pytest.raises(ParleyError):
                bravo.get("/entries/OPS/ALFA/99")
        new.stop()


def listening(client) -> str:
    return client.get("/station")["listen"][0]
