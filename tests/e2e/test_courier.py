"""A courier between two real stations whose line is down: API, command line and console."""

from __future__ import annotations

import asyncio
import re
from contextlib import ExitStack

import httpx
import pytest

from parley.console.app import build_console
from parley.errors import ParleyError
from support.cli_run import run
from support.live_stations import introduce, live, open_channel, until

ORIGIN = "http://bravo.localhost:8102"


@pytest.fixture(scope="module")
def apart(tmp_path_factory):
    """Two stations that talked once; then each forgot how to reach the other."""
    folder = tmp_path_factory.mktemp("courier")
    one_person = {"release": "one-person", "listen": ("tls://127.0.0.1:0",)}
    with (
        live(folder / "alfa", "ALFA", **one_person) as alfa,
        live(folder / "bravo", "BRAVO", **one_person) as bravo,
        ExitStack() as stack,
    ):
        one, other = stack.enter_context(alfa.client()), stack.enter_context(bravo.client())
        introduce(one, bravo.serving.link_addresses[0], other)
        introduce(other, alfa.serving.link_addresses[0], one)
        open_channel(one, other)
        for client, peer in ((one, "BRAVO"), (other, "ALFA")):
            client.put(f"/peers/{peer}/paths", {"addresses": []})
        until(lambda: not one.get("/links")["items"][0]["alive"])
        yield alfa, bravo, one, other


def say(client, text):
    texts = [{"lang": "en", "text": text}]
    body = {"channel": "OPS", "fields": {"subject": {"en": text}}, "texts": texts}
    return client.post("/submissions", body)["entry"]


def steps(client, entry):
    return client.get(f"/entries/{entry}/delivery")["state"]


def at(station, work):
    """Let something be done in a station's own loop."""
    return asyncio.run_coroutine_threadsafe(work, station._loop).result(30)


async def pages(station, raw):
    """Look at a file at the console, then take it in; return both pages and the list."""
    gateway = station.serving.running.gateway
    officer = gateway.officers()[0].code
    secret = await gateway.open_session(officer, how="link")
    transport = httpx.ASGITransport(app=build_console(gateway, origin=ORIGIN))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        client.cookies.set("parley-session", secret)
        first = await client.get("/courier")
        token = re.search(r'name="form_token" value="(\w+)"', first.text)[1]
        head, form = {"origin": ORIGIN}, {"form_token": token}
        file = {"file": ("a.courier", raw)}
        look = await client.post("/courier/in", data=form, files=file, headers=head)
        digest = re.search(r'name="digest" value="(\w+)"', look.text)
        form["digest"] = digest[1] if digest else ""
        taken = await client.post("/courier/take", data=form, headers=head)
        made = await client.post(
            "/courier/out", data={**form, "peer": "ALFA", "size": "file"}, headers=head
        )
        number = re.search(r"made=(\d+)", made.headers["location"])[1]
        back = await client.get(f"/courier/{number}/file")
        return look, taken, made, back, await client.get("/courier")


def test_what_was_released_in_the_dark_is_carried_and_its_receipt_comes_back(apart, tmp_path):
    alfa, bravo, one, other = apart
    entry = say(one, "carried by hand")
    file, here = tmp_path / "for-bravo.courier", ("--station", str(alfa.directory))

    ended = run("carry", "out", "BRAVO", "--out", str(file), "--json", *here)
    assert ended.code == 0, ended.err
    assert ended.json["data"]["count"] >= 1
    assert steps(one, entry) == "stored"
    with pytest.raises(ParleyError, match="not held here"):
        other.get(f"/entries/{entry}")

    look, taken, made, back, listed = at(bravo, pages(bravo, file.read_bytes()))
    assert "Nothing was taken in yet" in look.text
    assert "Taken in from ALFA" in taken.text
    assert other.get(f"/entries/{entry}")["texts"][0]["text"] == "carried by hand"
    assert "taken in" in listed.text
    assert "-for-ALFA-" in back.headers["content-disposition"]
    assert made.status_code == 303

    (tmp_path / "back").write_bytes(back.content)
    dry = run("carry", "in", str(tmp_path / "back"), "--dry-run", *here)
    assert dry.code == 0, dry.err
    assert steps(one, entry) == "stored"
    assert run("carry", "in", str(tmp_path / "back"), *here).code == 0
    assert steps(one, entry) == "delivered"
    rows = run("carry", "list", "--json", *here).json["data"]["items"]
    assert [row["way"] for row in rows] == ["in", "out"]
    assert rows[1]["receipted"] == rows[1]["count"]

    again = run("carry", "in", str(tmp_path / "back"), *here)
    assert again.code == 6
    assert "taken in before" in again.err


def test_lines_and_codes_carry_the_same_and_a_missing_line_is_named(apart, tmp_path):
    alfa, bravo, one, _ = apart
    say(one, "in lines")
    lines, codes = tmp_path / "lines.txt", tmp_path / "codes.svg"
    small = ("--max-size", "8000", "--station", str(alfa.directory))
    assert run("carry", "out", "BRAVO", "--as", "codes", "--out", str(codes), *small).code == 0
    assert codes.read_text().startswith("<svg")
    assert run("carry", "out", "BRAVO", "--as", "lines", "--out", str(lines), *small).code == 0
    there, written = ("--station", str(bravo.directory)), lines.read_text().splitlines()

    (tmp_path / "short").write_text("\n".join(written[:3] + written[4:]))
    short = run("carry", "in", str(tmp_path / "short"), *there)
    assert short.code == 2
    assert "not here yet: 4" in short.err
    (tmp_path / "mixed").write_text("\n".join(reversed([line.lower() for line in written])))
    assert run("carry", "in", str(tmp_path / "mixed"), *there).code == 0
