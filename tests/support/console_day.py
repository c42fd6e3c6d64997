"""A day between two real stations, for pictures and for pages that need something to show."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from parley.api.client import Client
from support.console_stations import ConsoleStation
from support.live_stations import introduce, open_channel, until

EARLIER_S = 3 * 3600 + 18 * 60
"""Both stations begin at this time ago, and are then started again at the time of the machine."""
NAMES = {"ALFA": "Alfa, Coast Guard Command", "BRAVO": "Bravo, Coast Guard Command"}


def words(en: str, zh: str) -> dict[str, Any]:
    return {
        "texts": [
            {"lang": "en", "status": "authentic", "text": en},
            {"lang": "zh-Hans", "status": "courtesy", "text": zh},
        ]
    }


def say(client: Client, **draft: Any) -> str:
    """Send a text at once; return the name of the entry."""
    done = client.post("/submissions", {"channel": "OPS", **draft})
    assert done["state"] == "released", done
    return str(done["entry"])


def delivered(client: Client, entry: str) -> None:
    """Wait until the peer's receipt for an entry is here."""
    until(
        lambda: client.get(f"/entries/{entry}/delivery")["state"] in ("delivered", "acknowledged")
    )


def earlier(seconds: int) -> dict[str, Any]:
    """Return settings of a station that lives that long ago; only an exercise may."""
    return {
        "mark": "EXERCISE",
        "clock_offset_s": -seconds,
        "now": int(time.time()) - seconds,
    }


def set_clock(station: ConsoleStation, offset_s: int) -> None:
    path = station.directory / "parley.toml"
    text = path.read_text()
    changed = re.sub(r"(?m)^clock_offset_s = .*$", f"clock_offset_s = {offset_s}", text)
    assert changed != text
    path.write_text(changed)


def later(*stations: ConsoleStation) -> None:
    """Start stations again whose clocks were behind, now at the time of the machine."""
    for station in stations:
        station.stop()
        set_clock(station, 0)
    for station in stations:
        station.start()


@contextmanager
def day(folder: Path) -> Iterator[tuple[ConsoleStation, ConsoleStation]]:
    """Run ALFA and BRAVO on a day with messages, requests, a lapse, a held draft and a FLASH."""
    alfa, bravo = stations = [
        ConsoleStation(
            folder,
            code,
            name=NAMES[code],
            languages=("en", "zh"),
            **earlier(EARLIER_S),
        )
        for code in ("ALFA", "BRAVO")
    ]
    try:
        _begin(alfa, bravo)
        later(alfa, bravo)
        _continue(folder, alfa, bravo)
        yield alfa, bravo
    finally:
        for station in stations:
            station.client.close()
            station.stop()


def _begin(alfa: ConsoleStation, bravo: ConsoleStation) -> None:
    for station in (alfa, bravo):
        station.start()
    introduce(alfa.client, bravo.address, bravo.client)
    introduce(bravo.client, alfa.address, alfa.client)
    open_channel(alfa.client, bravo.client)
    check = alfa.client.post("/line-checks", {"peer": "BRAVO"})["entry"]
    until(lambda: bravo.client.get("/alarms")["items"] or bravo.client.get("/inbox")["items"])
    bravo.client.post("/acknowledgements", {"entry": check, "level": "read"})
    schedule = say(
        bravo.client,
        action=["ALFA"],
        fields={"subject": {"en": "Line checks in December", "zh": "十二月线路检查"}},
        **words(
            "Line checks in December stay at 0100Z and 0900Z daily.",
            "十二月线路检查仍按每日 0100Z 和 0900Z 进行。",
        ),
    )
    until(lambda: alfa.client.get("/inbox")["items"])
    alfa.client.post("/acknowledgements", {"entry": schedule, "level": "understood"})
    asked = say(
        alfa.client,
        procedure="request",
        precedence="P",
        action=["BRAVO"],
        fields={
            "subject": {"en": "Call between the duty commanders", "zh": "值班指挥官通话"},
            "level": "watch",
            "form": "call",
            "topics": ["Fishing vessels at the northern bank"],
            "reply_by": "PT3H",
        },
        **words(
            "We ask for a call between the duty commanders on the fishing vessels at the northern bank.",
            "我方请求值班指挥官就北部渔场渔船情况通话。",
        ),
    )
    delivered(alfa.client, asked)


def _continue(folder: Path, alfa: ConsoleStation, bravo: ConsoleStation) -> None:
    charlie = ConsoleStation(folder, "CHARLIE", name="Charlie, Port Authority")
    card = base64.b64encode((charlie.directory / "own.card").read_bytes()).decode()
    alfa.client.post("/peers", {"card": card, "addresses": []})
    draft = alfa.client.post(
        "/drafts",
        {
            "channel": "OPS",
            "procedure": "message",
            "move": "send",
            "precedence": "R",
            "action": ["BRAVO"],
            "fields": {"subject": {"en": "Duty hours on holidays", "zh": "节假日值班时间"}},
            **words(
                "Our desk is staffed on 24 and 25 December from 0800Z to 1600Z.",
                "我方值班席位于12月24日和25日 0800Z 至 1600Z 有人值守。",
            ),
        },
        key="held",
    )
    alfa.client.post(f"/drafts/{draft['id']}/review", etag=draft["etag"])
    delivered(
        bravo.client,
        say(
            bravo.client,
            procedure="request",
            precedence="O",
            action=["ALFA"],
            fields={
                "subject": {"en": "Meeting on safety at sea", "zh": "海上安全会晤"},
                "level": "watch",
                "form": "meeting",
                "topics": ["Safety at sea"],
                "reply_by": "PT3H",
            },
            **words(
                "We ask for a meeting of the working group on safety at sea this week.",
                "我方请求本周举行海上安全工作组会晤。",
            ),
        ),
    )
    until(lambda: _lapsed(alfa.client))


def _lapsed(client: Client) -> bool:
    rows = client.get("/registers/request")["items"]
    return any(row["clock"] == "lapsed-silent" for row in rows)


def flash(bravo: ConsoleStation) -> str:
    """Let BRAVO send a FLASH about two ships on a collision course."""
    return say(
        bravo.client,
        precedence="Z",
        action=["ALFA"],
        fields={"subject": {"en": "Two ships on collision course", "zh": "两船存在碰撞危险"}},
        **words(
            "Our patrol vessel 3301 and your vessel 2502 close on crossing courses near "
            "10-02N 114-31E, 2 nautical miles apart. Turn to starboard at once and confirm on this line.",
            "我方3301船与贵方2502船正以交叉航向接近，位置北纬10度02分、东经114度31分，相距2海里。"
            "请立即向右转向，并在本线路确认。",
        ),
    )
