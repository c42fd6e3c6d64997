"""Webhooks: signed as the standard says, kept until they are taken, sent nowhere else."""

from __future__ import annotations

import asyncio
import hmac
import http.server
import json
import threading
from base64 import b64decode, b64encode
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from parley.errors import NotAllowedError, UsageError
from parley.station.actors import Actor
from parley.station.cabinet import Cabinet
from parley.station.webhook_sending import HttpSender, Outcome, check_target
from parley.station.webhook_signing import HookKeys
from parley.station.webhooks import (
    GIVE_UP_S,
    RETRIES_S,
    TRIES_SHOWN,
    WAITING_MAX,
    Webhooks,
)
from support.live_stations import LiveStation, introduce, live, make_station, open_channel, until

ADMIN = Actor(officer="ALFA-1", roles=frozenset({"administrator"}), via="console")
DESK = Actor(officer="ALFA-2", roles=frozenset({"desk"}), via="console")
URL = "https://monitor.example/parley"


# --- signing ---


def test_a_message_is_signed_as_in_the_standards_own_example():
    keys = HookKeys(b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), bytes(32))

    headers = keys.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}')

    shared, own = headers["webhook-signature"].split(" ")
    assert shared == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert keys.shared() == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    public = Ed25519PublicKey.from_public_bytes(b64decode(keys.public().removeprefix("whpk_")))
    public.verify(
        b64decode(own.removeprefix("v1a,")),
        b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}',
    )


# --- where it may go ---


@pytest.mark.parametrize(
    "url",
    [
        "http://monitor.example/",
        "ftp://monitor.example/",
        "https://",
        "https://user@monitor.example/",
        "https://monitor.example:0/",
        "https://monitor.example/#x",
        "https://monitor.example/ x",
        "https://[::1",
        "https://monitor.example/" + "x" * 500,
    ],
)
def test_what_is_no_address_of_a_webhook_is_refused(url):
    with pytest.raises(UsageError):
        check_target(url, ["monitor.example"])


def test_a_host_that_is_not_listed_is_refused_also_when_its_neighbour_is():
    for host in ("other.example", "x.monitor.example", "169.254.169.254", "127.0.0.1", "[::1]"):
        with pytest.raises(NotAllowedError):
            check_target(f"https://{host}/", ["monitor.example"])
    assert check_target("https://MONITOR.example:8443/x", ["monitor.example"]).port == 8443
    assert check_target("http://127.0.0.1:9000/", ["127.0.0.1"]).port == 9000


@pytest.mark.parametrize(
    "place", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "fe80::1%lo", "::ffff:10.0.0.8"]
)
def test_a_listed_name_that_leads_inside_is_not_called(monkeypatch, place):
    async def call():
        async def lookup(*_, **__):
            return [(0, 0, 0, "", (place, 443))]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", lookup)
        return await HttpSender(["monitor.example"])(URL, {}, b"{}")

    outcome = asyncio.run(call())

    assert outcome.status is None
    assert "inside" in outcome.said


@contextmanager
def receiver(status=204, port=0, **headers):
    """Run a receiver on loopback; yield its address and what it was told."""
    told = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            told.append((self.path, dict(self.headers), body))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/parley", told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_redirect_is_not_followed():
    with receiver() as (inside, reached), receiver(307, location=inside) as (url, told):
        outcome = asyncio.run(HttpSender(["127.0.0.1"])(url, {}, b"{}"))

    assert (outcome.status, outcome.is_taken, len(told), reached) == (307, False, 1, [])


def test_a_receiver_that_is_not_there_is_said_and_nothing_is_raised():
    with receiver() as (url, _):
        pass

    assert asyncio.run(HttpSender(["127.0.0.1"])(url, {}, b"{}")).status is None


# --- kept until taken ---


class World:
    """Papers, a clock that stands still, a receiver that answers what it is told to answer."""

    def __init__(self):
        self.kept, self.time, self.number = {}, 1_800_000_000, 10
        self.answers, self.told, self.entries = [], [], []
        self.alarms = []
        self.reader = SimpleNamespace(
            paper=lambda collection, key: self.kept.get((collection, key)),
            papers=lambda collection: sorted(
                (key, raw) for (kind, key), raw in self.kept.items() if kind == collection and raw
            ),
        )

    def now(self):
        return self.time

    async def store_papers(self, papers):
        await asyncio.sleep(0)
        self.kept |= {(collection, key): value for collection, key, value in papers}

    async def send(self, url, headers, body):
        outcome = self.answers.pop(0) if self.answers else Outcome(204)
        self.told.append((headers["webhook-id"], json.loads(body), outcome.status))
        return outcome

    def after(self, place):
        found = [row for row in self.entries if row.sequence > place]
        return (found[-1].sequence if found else place), found

    def hooks(self):
        """Return the webhooks as a station that has just started has them."""
        return Webhooks(
            Cabinet(self),
            SimpleNamespace(epoch="0badcafe"),
            hosts=["monitor.example"],
            send=self.send,
            entries_after=self.after,
            sequence=lambda: self.number,
            now=self.now,
            random=bytes,
            alarm=self.alarm,
        )

    async def alarm(self, hook, label):
        self.alarms.append(label)

    def enter(self, channel="OPS"):
        self.number += 1
        self.entries.append(
            SimpleNamespace(
                sequence=self.number, name=f"{channel}/ALFA/{self.number}", channel=channel,
                party="ALFA", own=True, precedence="Z", mark="EXERCISE",
            )
        )  # fmt: skip


def event(seq, kind="alarm", channel=None):
    return SimpleNamespace(
        type=kind, seq=seq, data={"what": "raised", "seq": seq, "channel": channel}
    )


async def add(hooks, topics=(), channels=()):
    made = await hooks.add(ADMIN, label="m", url=URL, topics=topics, channels=channels)
    return made.webhook.id


async def round_of(hooks):
    await hooks.take_entries()
    await hooks.send_due()


def test_only_an_administrator_makes_one_and_only_for_what_there_is():
    hooks = World().hooks()

    async def refused(actor, error, **more):
        asked = {"label": "m", "url": URL, "topics": [], "channels": []} | more
        with pytest.raises(error):
            await hooks.add(actor, **asked)

    async def go():
        await refused(DESK, NotAllowedError)
        await refused(ADMIN, UsageError, topics=["weather"])
        await refused(ADMIN, UsageError, label="")
        await refused(ADMIN, NotAllowedError, url="https://elsewhere.example/")

    asyncio.run(go())
    assert hooks.all() == []


def test_a_message_that_is_not_taken_is_tried_again_under_the_same_id_also_after_a_restart():
    world = World()
    world.answers = [Outcome(503, "it answered 503"), Outcome(None, "no answer")]

    async def go():
        hooks = world.hooks()
        await add(hooks)
        await hooks.heard(event(7))
        await round_of(hooks)
        await round_of(hooks)
        assert len(world.told) == 1, "it waits before it tries again"
        again = world.hooks()
        world.time += RETRIES_S[0]
        await round_of(again)
        world.time += RETRIES_S[1]
        await round_of(again)
        return again.all()[0]

    view = asyncio.run(go())

    assert [name for name, _, _ in world.told] == ["evt_0badcafe_7"] * 3
    assert world.told[0][1]["type"] == "alarm.raised"
    assert (view.delivered, view.waiting, view.last_said) == (1, 0, "")
    assert [(one.kind, one.status, one.said) for one in view.tries] == [
        ("alarm.raised", 204, ""),
        ("alarm.raised", None, "no answer"),
        ("alarm.raised", 503, "it answered 503"),
    ]
    assert [one.at for one in view.tries] == sorted((one.at for one in view.tries), reverse=True)


def test_the_newest_twenty_tries_are_kept_and_a_test_is_one():
    world = World()

    async def go():
        hooks = world.hooks()
        hook = await add(hooks)
        for number in range(21):
            await hooks.heard(event(number))
        await round_of(hooks)
        world.answers = [Outcome(503, "it answered 503")]
        await hooks.test(ADMIN, hook)
        return hooks.all()[0]

    view = asyncio.run(go())
    assert len(view.tries) == TRIES_SHOWN
    assert (view.tries[0].kind, view.tries[0].status) == ("test", 503)
    assert view.delivered == 21


def test_an_entry_stored_while_the_station_could_not_tell_is_told_later_and_once():
    world = World()

    async def go():
        hooks = world.hooks()
        await add(hooks, topics=["entry"])
        world.enter()
        world.enter()
        await round_of(world.hooks())
        await round_of(world.hooks())

    asyncio.run(go())

    assert [name for name, _, _ in world.told] == ["evt_r_11", "evt_r_12"]
    said = world.told[0][1]
    assert said["type"] == "entry.stored"
    assert said["data"]["resource"] == "/api/v1/entries/OPS/ALFA/11"


def test_topics_and_channels_keep_out_what_was_not_asked_for():
    world = World()

    async def go():
        hooks = world.hooks()
        await add(hooks, topics=["entry", "alarm"], channels=["ops"])
        world.enter("AIR")
        world.enter("OPS")
        await hooks.heard(event(1, "link"))
        await hooks.heard(event(2, "alarm", "AIR"))
        await hooks.heard(event(3, "alarm", "OPS"))
        await round_of(hooks)

    asyncio.run(go())

    assert sorted(name for name, _, _ in world.told) == ["evt_0badcafe_3", "evt_r_12"]


def test_what_nobody_took_for_three_days_is_given_up_and_a_replay_tries_it_again():
    world = World()
    world.answers = [Outcome(500, "it answered 500")] * 40

    async def go():
        hooks = world.hooks()
        hook = await add(hooks)
        await hooks.heard(event(7))
        while not hooks.all()[0].given_up:
            await round_of(hooks)
            world.time += RETRIES_S[-1] * 2
        assert len(set(world.alarms)) == 1, "somebody here is told"
        tries = len(world.told)
        world.answers = []
        await round_of(hooks)
        assert len(world.told) == tries, "given up is given up"
        await hooks.replay(ADMIN, hook, after=None)
        await round_of(hooks)
        return hooks.all()[0]

    begun = world.time
    view = asyncio.run(go())

    assert world.time - begun >= GIVE_UP_S - 2 * RETRIES_S[-1]
    assert (view.delivered, view.given_up) == (1, 0)


def test_a_replay_from_a_place_tells_its_entries_again():
    world = World()

    async def go():
        hooks = world.hooks()
        hook = await add(hooks, topics=["entry"])
        world.enter()
        world.enter()
        await round_of(hooks)
        await hooks.replay(ADMIN, hook, after=11)
        await round_of(hooks)

    asyncio.run(go())

    assert [name for name, _, _ in world.told] == ["evt_r_11", "evt_r_12", "evt_r_12"]


def test_a_receiver_that_is_gone_is_told_nothing_more():
    world = World()
    world.answers = [Outcome(410, "it answered 410")]

    async def go():
        hooks = world.hooks()
        await add(hooks)
        await hooks.heard(event(7))
        await round_of(hooks)
        await hooks.heard(event(8))
        world.time += GIVE_UP_S
        await round_of(hooks)
        return hooks.all()[0]

    view = asyncio.run(go())

    assert len(world.told) == 1
    assert view.gone


def test_one_bad_message_does_not_keep_the_others_and_a_dead_receiver_is_asked_once():
    world = World()
    world.answers = [Outcome(400, "it answered 400"), Outcome(204), Outcome(None, "nobody")]

    async def go():
        hooks = world.hooks()
        await add(hooks)
        for seq in (1, 2):
            await hooks.heard(event(seq))
        await round_of(hooks)
        for seq in (3, 4):
            await hooks.heard(event(seq))
        await round_of(hooks)

    asyncio.run(go())

    assert [name[-1] for name, _, _ in world.told] == ["1", "2", "3"]


def test_what_waits_for_a_dead_receiver_has_a_bound_and_what_is_lost_is_counted():
    world = World()

    async def go():
        hooks = world.hooks()
        hook = await add(hooks)
        more = [hooks._message(hook, f"evt_x_{n}", "alarm.raised", {}) for n in range(WAITING_MAX)]
        await world.store_papers(more)
        await hooks.heard(event(7))
        return hooks.all()[0]

    view = asyncio.run(go())

    assert (view.waiting, view.lost) == (WAITING_MAX, 1)


def test_ending_one_throws_away_what_waits_and_a_stranger_may_not():
    world = World()

    async def go():
        hooks = world.hooks()
        hook = await add(hooks)
        await hooks.heard(event(7))
        with pytest.raises(NotAllowedError):
            await hooks.end(DESK, hook)
        await hooks.end(ADMIN, hook)
        await round_of(hooks)
        return hooks.all()

    assert asyncio.run(go()) == []
    assert world.told == []


# --- a station ---


def test_a_station_tells_a_receiver_and_what_it_could_not_tell_after_it_was_started_again(tmp_path):
    with live(tmp_path / "bravo", "BRAVO") as bravo, bravo.client() as b:
        with receiver() as (url, told):
            make_station(tmp_path / "alfa", "ALFA")
            settings = tmp_path / "alfa" / "parley.toml"
            hosts = '\n[webhooks]\nhosts = ["127.0.0.1"]\n'
            settings.write_text(settings.read_text() + hosts)
            alfa = LiveStation(tmp_path / "alfa")
            alfa.start()
            with alfa.client() as a:
                introduce(b, alfa.serving.link_addresses[0], a)
                introduce(a, bravo.serving.link_addresses[0], b)
                open_channel(a, b)
                made = a.post("/webhooks", {"label": "m", "url": url, "topics": ["entry"]})
                hook, secret = made["webhook"]["id"], made["secret"]
                assert a.post(f"/webhooks/{hook}/test")["taken"]
                say(a)
                until(lambda: len(told) == 2)
        with alfa.client() as a:
            say(a)
            until(lambda: a.get("/webhooks")["items"][0]["last_said"])
            found = {row["check"]: row["level"] for row in a.get("/health")["items"]}
            assert found["webhook m"] == "look"
        alfa.stop()
        alfa = LiveStation(tmp_path / "alfa")
        with receiver(port=int(url.split(":")[2].split("/")[0])) as (_, again):
            alfa.start()
            with alfa.client() as a:
                a.post(f"/webhooks/{hook}/replay", {"after": None})
                until(lambda: again)
        alfa.stop()

    key = b64decode(secret.removeprefix("whsec_"))
    for _, headers, body in (told[1], again[0]):
        sent = {name.lower(): value for name, value in headers.items()}
        signed = f"{sent['webhook-id']}.{sent['webhook-timestamp']}.".encode() + body
        signature = b64encode(hmac.digest(key, signed, "sha256")).decode()
        assert sent["webhook-signature"].startswith(f"v1,{signature} ")
        assert json.loads(body)["type"] == "entry.stored"
        assert b"Secret words" not in body


def say(client):
    texts = [{"lang": "en", "text": "Secret words."}]
    client.post("/submissions", {"channel": "OPS", "fields": {"subject": "S"}, "texts": texts})
