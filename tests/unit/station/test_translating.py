"""The adapter for translation by machine, with stand-ins for what translates."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager

import pytest

from parley.errors import ConflictError, NotFoundError, StationUnreachableError, UsageError
from parley.station import translating
from parley.station.config import ConfigError, TranslationSettings, check_text, load
from parley.station.translating import Translator

GOOD = (
    "import json,sys; a=json.load(sys.stdin);"
    "json.dump({'text': a['source']+'>'+a['target']+': '+a['text'][::-1]}, sys.stdout)"
)


def made_by(code, **more):
    command = (sys.executable, "-S", "-c", code)
    return Translator(TranslationSettings(command=command, engine="stand-in", **more))


def translated(translator, text="abc"):
    return asyncio.run(translator.translate(text, source="en", target="zh"))


def test_a_program_gets_the_text_and_its_answer_comes_back():
    assert translated(made_by(GOOD), "abc 渔网") == "en>zh: 网渔 cba"


def test_a_text_is_never_an_argument_and_no_shell_reads_it(tmp_path):
    text = f"$(touch {tmp_path}/x); `touch {tmp_path}/x` \" ' ;"
    assert translated(made_by(GOOD), text).endswith(text[::-1])
    assert list(tmp_path.iterdir()) == []


def test_the_program_sees_nothing_of_the_stations_environment(monkeypatch):
    monkeypatch.setenv("PARLEY_PASSPHRASE_FILE", "/secret")
    code = (
        "import json,os,sys; json.dump({'text': ' '.join(sorted(os.environ)) or '-'}, sys.stdout)"
    )
    assert "PARLEY" not in translated(made_by(code))


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import sys; sys.exit(3)", "ended with 3"),
        ("print('no json')", "no JSON"),
        ("print('[1]')", "no `text`"),
        ('print(\'{"text": "  "}\')', "no `text`"),
        ("print('{\"text\": 5}')", "no `text`"),
        ('print(\'{"text": "a\\\\u202eb"}\')', "mislead"),
        ("import os\nwhile True: os.write(1, b'x' * 65536)", "too long"),
    ],
)
def test_a_bad_answer_is_refused_with_its_reason(code, why):
    with pytest.raises(StationUnreachableError, match=why):
        translated(made_by(code))


def test_a_program_that_hangs_is_ended_with_all_it_began(tmp_path, monkeypatch):
    note = tmp_path / "pid"
    code = (
        "import subprocess,sys,time;"
        "p=subprocess.Popen([sys.executable,'-S','-c','import time; time.sleep(600)']);"
        f"open({str(note)!r},'w').write(str(p.pid)); time.sleep(600)"
    )

    class Slow(Translator):
        async def _run(self, asked):
            task = asyncio.ensure_future(super()._run(asked))
            while not (note.exists() and note.read_text()):
                await asyncio.sleep(0.01)
            task.cancel()
            return await task

    slow = Slow(TranslationSettings(command=(sys.executable, "-S", "-c", code), engine="x"))
    with pytest.raises(asyncio.CancelledError):
        translated(slow)
    child = int(note.read_text())
    with pytest.raises(OSError):
        while True:
            os.kill(child, 0)
            with open(f"/proc/{child}/stat") as stat:  # noqa: PTH123
                if stat.read().split()[2] == "Z":
                    raise OSError


def test_what_takes_too_long_is_told(monkeypatch):
    async def never(self, asked):
        raise TimeoutError

    monkeypatch.setattr(Translator, "_run", never)
    with pytest.raises(StationUnreachableError, match="more than 30 s"):
        translated(made_by(GOOD))


def test_without_an_engine_too_long_and_too_many_are_refused():
    with pytest.raises(NotFoundError):
        translated(Translator(TranslationSettings()))
    with pytest.raises(UsageError):
        translated(made_by(GOOD), "x" * (translating.TEXT_MAX + 1))

    async def many():
        translator = made_by(GOOD)
        calls = [translator.translate("a", source="en", target="zh") for _ in range(6)]
        return await asyncio.gather(*calls, return_exceptions=True)

    answers = asyncio.run(many())
    assert [type(one) for one in answers].count(ConflictError) == 2
    assert [type(one) for one in answers].count(str) == 4


def test_a_program_that_is_not_there_is_told():
    missing = Translator(TranslationSettings(command=("/no/such/program",), engine="x"))
    with pytest.raises(StationUnreachableError, match="cannot be run"):
        translated(missing)


# --- over HTTP ---


@asynccontextmanager
async def engine(status, body):
    heard = []

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        heard.append(json.loads(await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 " + status + b"\r\nconnection: close\r\n")
        writer.write(b"location: http://127.0.0.1:1/\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/mt"
        yield Translator(TranslationSettings(url=url, engine="stand-in")), heard


def over_http(status, body):
    async def work():
        async with engine(status, body) as (translator, heard):
            return await translator.translate("abc", source="en", target="zh"), heard

    return asyncio.run(work())


def test_an_engine_on_loopback_is_asked_over_http():
    text, heard = over_http(b"200 OK", '{"text": "渔网"}'.encode())
    assert text == "渔网"
    assert heard == [{"text": "abc", "source": "en", "target": "zh"}]


@pytest.mark.parametrize(
    ("status", "body"),
    [(b"302 Found", b"{}"), (b"500 No", b"{}"), (b"200 OK", b"x" * 300_000), (b"200 OK", b"{}")],
)
def test_no_redirect_is_followed_and_no_bad_answer_taken(status, body):
    with pytest.raises(StationUnreachableError):
        over_http(status, body)


# --- settings ---


@pytest.mark.parametrize(
    "url",
    ["http://192.0.2.1:80/", "https://127.0.0.1:80/", "http://localhost:80/", "http://127.0.0.1/"],
)
def test_only_an_address_on_loopback_is_taken(url):
    head = '[station]\ncode = "ALFA"\nname = "Alfa"\n[translation]\nengine = "x"\n'
    assert check_text(head + 'url = "http://127.0.0.1:5000/mt"\n') == []
    (problem,) = check_text(head + f'url = "{url}"\n')
    assert problem.key == "translation.url"


@pytest.mark.parametrize(
    "lines",
    [
        'command = ["mt"]',
        'url = "http://127.0.0.1:5/"',
        'command = ["mt"]\nurl = "http://127.0.0.1:5/"\nengine = "x"',
    ],
)
def test_an_engine_has_a_name_and_one_way_to_it(tmp_path, lines):
    head = '[station]\ncode = "ALFA"\nname = "Alfa"\n[translation]\n'
    (tmp_path / "parley.toml").write_text(head + lines + "\n")
    with pytest.raises(ConfigError):
        load(tmp_path)
