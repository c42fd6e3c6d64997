"""What stands on a screen is in the language of whoever looks, and as people write it."""

from __future__ import annotations

import re
from types import SimpleNamespace as Shape

import pytest

from parley.console.moments import read_iso
from parley.console.pages.drafts import first_precedence
from support.fake_gateway import both, text
from unit.console.test_pages import desk, run


@pytest.mark.parametrize("path", ["/", "/inbox", "/watch"])
def test_an_alarm_about_no_entry_is_said_in_chinese_wherever_it_stands(path):
    async def work():
        async with desk() as at:
            alarm = next(iter(at.gateway._alarms.values()))
            alarm.kind, alarm.entry, alarm.case, alarm.open = (
                "clock-lapsed",
                None,
                "REQ-BRAVO-32",
                True,
            )
            alarm.precedence, alarm.text = None, "the time for our answer to REQ-BRAVO-32 is over"
            at.gateway._needs.insert(
                0,
                Shape(
                    **{
                        **vars(at.gateway._needs[0]),
                        "id": f"alarm-{alarm.id}",
                        "kind": "alarm",
                        "entry": None,
                        "subject": {"en": alarm.text},
                        "claimed_by": None,
                    }
                ),
            )
            await at.sign_in(view="zh.day.100.keys")
            return (await at.client.get(path)).text

    page = run(work)
    assert "我方答复REQ-BRAVO-32的期限已过。" in page
    assert "the time for our answer" not in page


@pytest.mark.parametrize(("code", "mark"), [("en", ", "), ("zh", "、")])
def test_members_of_a_list_are_parted_as_the_language_parts_them(code, mark):
    async def work():
        async with desk() as at:
            await at.sign_in(view=f"{code}.day.100.keys")
            return (await at.client.get("/channels/OPS")).text

    assert f"ALFA{mark}BRAVO" in run(work)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2026-03-02T09:14:00Z", 1_772_442_840),
        ("2026-03-02T09:14:00+08:00", None),
        ("2026-13-02T09:14:00Z", None),
        ("at 2026-03-02T09:14:00Z", None),
    ],
)
def test_only_a_whole_moment_in_utc_is_read_as_one(written, seconds):
    assert read_iso(written) == seconds


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("en", ["02 MAR 26 09:14:00Z", ">no<"]),
        ("zh", ["02 MAR 26 09:14:00Z（2026年3月2日 09:14，协调世界时）", ">否<"]),
    ],
)
def test_a_moment_in_a_field_is_shown_as_a_dtg_and_yes_and_no_as_words(code, shown):
    async def work():
        gateway_entry = "OPS/BRAVO/61"
        async with desk() as at:
            at.gateway.add_entry(
                gateway_entry,
                "BRAVO",
                "emergency",
                "raise",
                "Z",
                both("Fire", "火"),
                [text("en", "x")],
                0,
            )
            at.gateway.entry(gateway_entry).fields = [
                Shape(name=name, label={"en": name}, shown=value, value=value, number=1)
                for name, value in (("since", "2026-03-02T09:14:00Z"), ("false_alarm", "no"))
            ]
            await at.sign_in(view=f"{code}.day.100.keys")
            return (await at.client.get(f"/entries/{gateway_entry}")).text

    page = run(work)
    for each in shown:
        assert each in page
    assert "T09:14:00Z" not in page


@pytest.mark.parametrize("path", ["/", "/inbox"])
def test_what_has_no_subject_is_a_link_with_words_all_the_same(path):
    async def work():
        async with desk() as at:
            pattern = vars(at.gateway._needs[0])
            row = {**pattern, "id": "acknowledge-x", "kind": "acknowledge", "subject": {}}
            at.gateway._needs.insert(0, Shape(**{**row, "entry": "OPS/BRAVO/32"}))
            await at.sign_in()
            return (await at.client.get(path)).text

    row = run(work).partition("acknowledge-x")[2][:1500]
    assert re.search(r">OPS/BRAVO/32</(bdi|a)>", row)


def test_an_emergency_does_not_begin_as_routine():
    assert first_precedence("raise", is_free=True, of="emergency") == "Z"
    assert first_precedence("raise", is_free=False, of="emergency") == "Z"
    assert first_precedence("end", is_free=True, of="emergency") == "R"
    assert first_precedence("send", is_free=True, of="message") == "R"
    assert first_precedence("send", is_free=False, of="message") == "O"
