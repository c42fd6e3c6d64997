"""One station's doors: who comes in, what they may do, and what malformed calls meet."""

from __future__ import annotations

import json
import os
import re
import socket
import stat
import threading

import httpx
import pytest

from parley.api.client import Client
from parley.console.app import console_app
from parley.errors import (
    ConflictError,
    DraftChangedError,
    DraftOfAnotherError,
    LockedError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    OwnDraftError,
    StaleVersionError,
    StationUnreachableError,
    UsageError,
)
from support.live_stations import (
    LiveStation,
    introduce,
    live,
    live_pair,
    make_station,
    open_channel,
)


@pytest.fixture(scope="module")
def alfa(tmp_path_factory):
    """A two-person station with a peer, an open channel and a network address."""
    root = tmp_path_factory.mktemp("stations")
    with (
        live(root / "alfa", "ALFA", release="two-person", api_listen="127.0.0.1:0") as alfa,
        live(root / "bravo", "BRAVO") as bravo,
        bravo.client() as b,
    ):
        with alfa.client() as one:
            roles = one.get("/me")["roles"]
            one.post("/officers", {"code": "ALFA-2", "roles": roles, "account": os.getuid()})
        with alfa.client(officer="ALFA-1") as one, alfa.client(officer="ALFA-2") as two:
            introduce(b, alfa.serving.link_addresses[0], one)
            card = b.get("/card")
            one.post("/peers", {"card": card["armour"], "addresses": bravo.serving.link_addresses})
            said = {"words": card["words"]["en"], "method": "voice"}
            first = one.post("/peers/BRAVO/verify", said)
            assert (first["match"], first["needs"]) == (True, ["second officer"])
            assert not one.get("/peers/BRAVO")["trusted"]
            assert two.post("/peers/BRAVO/verify", said)["peer"]["trusted"]
            open_channel(one, b, second=two)
        yield alfa


@pytest.fixture
def one(alfa):
    with alfa.client(officer="ALFA-1") as client:
        yield client


@pytest.fixture
def two(alfa):
    with alfa.client(officer="ALFA-2") as client:
        yield client


def draft(words: str, channel: str = "OPS") -> dict:
    texts = [{"lang": "en", "text": words}]
    return {"channel": channel, "fields": {"subject": "Test"}, "texts": texts}


def machine(alfa: LiveStation, one: Client, *scopes: str, **more) -> Client:
    body = {"label": "test", "scopes": list(scopes), **more}
    made = one.post("/tokens", body)
    return Client(base_url=f"http://{alfa.serving.api_address}", token=made["secret"])


# --- who comes in ---


def test_the_control_socket_is_ours_alone_and_knows_who_calls(alfa, one):
    path = alfa.directory / "control.sock"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    me = one.get("/me")
    assert (me["officer"], me["via"], me["scopes"]) == ("ALFA-1", "socket", None)


def test_an_account_that_several_officers_share_must_name_one(alfa):
    with alfa.client() as nobody, pytest.raises(NotSignedInError, match="several officers"):
        nobody.get("/station")
    with alfa.client(officer="ALFA-9") as stranger, pytest.raises(NotSignedInError):
        stranger.get("/station")


def test_the_network_asks_for_a_token_and_tells_nothing_without_one(alfa):
    base = f"http://{alfa.serving.api_address}"
    with Client(base_url=base, officer="ALFA-1") as client:
        for path in ("/station", "/nowhere", "/channels/OPS", "/version"):
            with pytest.raises(NotSignedInError):
                client.get(path)
    answer = httpx.get(f"{base}/api/v1/station", headers={"authorization": "Basic abc"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert httpx.get(f"{base}/livez").text == "ok\n"


def test_a_token_does_what_its_scopes_allow_and_nothing_a_person_must_do(alfa, one):
    with machine(alfa, one, "status:read", "drafts:write", "admin:write", "admin:read") as token:
        assert token.get("/station")["code"] == "ALFA"
        for path in ("/entries", "/inbox", "/search?words=x", "/audit"):
            with pytest.raises(NotAllowedError, match="scope"):
                token.get(path)
        acts = [
            ("/sign-in-links", {"officer": "ALFA-1"}),
            ("/officers", {"code": "ALFA-9", "roles": ["administrator"]}),
            ("/tokens", {"label": "more", "scopes": ["audit:read"]}),
            ("/peers/BRAVO/verify", {"words": ["a"], "method": "paper"}),
            ("/peers/BRAVO/reject", {"reason": "because"}),
        ]
        for path, body in acts:
            with pytest.raises(NotAllowedError, match="a person must"):
                token.post(path, body)
        held = token.post("/submissions", draft("From a machine."))
        assert (held["state"], held["needs"], held["entry"]) == ("held", ["releaser"], None)
        shown = one.get(f"/drafts/{held['draft']}")
        with pytest.raises(NotAllowedError, match="a token does not release"):
            token.post(f"/drafts/{held['draft']}/release", {"digest": shown["digest"]})
    officers = [officer["code"] for officer in one.get("/officers")["items"]]
    assert officers == ["ALFA-1", "ALFA-2"]


def test_a_revoked_token_is_shut_out_at_once_and_its_stream_ends(alfa, one):
    with machine(alfa, one, "status:read") as token:
        (made,) = [row for row in one.get("/tokens")["items"] if row["scopes"] == ["status:read"]]
        stream = token.events()
        assert next(stream)["type"] == "beat"
        one.delete(f"/tokens/{made['id']}")
        with pytest.raises(NotSignedInError):
            token.get("/station")
        assert all(event["type"] != "entry" for event in stream), "the stream came to its end"


def test_a_token_confined_to_one_channel_learns_nothing_of_another(alfa, one):
    scopes = (
        "status:read",
        "entries:read",
        "cases:read",
        "drafts:write",
        "evidence:export",
        "acknowledgements:write",
        "admin:write",
    )
    with machine(alfa, one, *scopes, channels=["ELSE"]) as token:
        assert token.get("/channels")["items"] == []
        assert token.get("/entries")["items"] == []
        for path in (
            "/channels/OPS",
            "/logs/OPS/ALFA",
            "/entries/OPS/ALFA/0",
            "/channels/OPS/moves",
        ):
            with pytest.raises(NotFoundError):
                token.get(path)
        with pytest.raises(NotFoundError):
            token.post_bytes("/bundles", {"channel": "OPS"})
        with pytest.raises(NotAllowedError):
            token.get("/overview")
        acts = [
            ("/submissions", draft("Where I must not.")),
            ("/line-checks", {"peer": "BRAVO"}),
            ("/channels", {"code": "MORE", "peers": ["BRAVO"]}),
        ]
        for path, body in acts:
            with pytest.raises(NotAllowedError, match="channel"):
                token.post(path, body)
        with pytest.raises(NotFoundError):
            token.post("/line-checks", {"peer": "BRAVO", "channel": "OPS"})


# --- drafts under two persons ---


def test_nobody_releases_what_they_wrote_and_a_second_officer_does(one, two):
    held = one.post("/submissions", draft("Two of us say this."))
    assert held["state"] == "held"
    view = one.get(f"/drafts/{held['draft']}")
    with pytest.raises(OwnDraftError):
        one.post(f"/drafts/{held['draft']}/release", {"digest": view["digest"]})
    preview = two.get(f"/drafts/{held['draft']}/preview")
    assert preview["digest"] == view["digest"]
    with pytest.raises(DraftChangedError):
        two.post(f"/drafts/{held['draft']}/release", {"digest": "0" * 64})
    released = two.post(f"/drafts/{held['draft']}/release", {"digest": view["digest"]})
    again = two.post(f"/drafts/{held['draft']}/release", {"digest": view["digest"]})
    assert again == {**released, "replayed": True}
    assert one.get(f"/drafts/{held['draft']}", wait="5s")["entry"] == released["entry"]
    assert one.get("/outbox", limit=1)["items"][0]["name"] == released["entry"]


def test_a_change_needs_the_version_that_was_seen(alfa, one, two):
    made = one.post("/drafts", draft("First version."))
    with pytest.raises(UsageError) as refused:
        one.put(f"/drafts/{made['id']}", draft("No version named."))
    assert refused.value.code == "precondition_required"
    changed = one.put(f"/drafts/{made['id']}", draft("Second version."), etag=made["etag"])
    assert changed["version"] == 2
    with pytest.raises(StaleVersionError) as stale:
        one.put(f"/drafts/{made['id']}", draft("Too late."), etag=made["etag"])
    assert stale.value.version == 2
    with pytest.raises(DraftOfAnotherError) as another:
        two.put(f"/drafts/{made['id']}", draft("Not theirs."), etag=changed["etag"])
    taken = {"reason": "a look at it", "writer": another.value.writer}
    assert two.post(f"/drafts/{made['id']}/take-over", taken)["writer"] == "ALFA-2"
    back = {"reason": "seen", "writer": "ALFA-2"}
    changed = one.post(f"/drafts/{made['id']}/take-over", back)
    assert (changed["taken_from"], changed["version"]) == ("ALFA-2", 4)
    assert one.post(f"/drafts/{made['id']}/review", etag=changed["etag"])["state"] == "held"
    assert two.post(f"/drafts/{made['id']}/refuse", {"reason": "not yet"})["state"] == "returned"
    assert one.delete(f"/drafts/{made['id']}")["state"] == "dropped"
    with pytest.raises(ConflictError):
        one.put(f"/drafts/{made['id']}", draft("After its end."), etag=changed["etag"])


def test_the_audit_tells_refused_acts_too(one):
    rows = one.get("/audit", limit=500)["items"]
    assert any(
        row["act"] == "release" and not row["done"] and row["officer"] == "ALFA-1" for row in rows
    )


def test_the_watch_and_the_timeline_are_kept_by_calls_as_at_the_console(alfa, one, two):
    for alarm in one.get("/alarms")["items"]:
        one.post(f"/alarms/{alarm['id']}/handle", {"reason": "test"})

    def seen(client):
        return [row["id"] for row in client.get("/inbox", limit=100)["items"]]

    taken = one.post("/watch/take", {"items": seen(one)})
    assert (taken["kind"], taken["officer"]) == ("take", "ALFA-1")
    one.post("/watch/notes", {"text": "the mast is down"})
    one.post("/watch/offer", {"to": "ALFA-2", "items": seen(one), "text": "all quiet"})
    assert one.get("/watch")["offered_to"] == "ALFA-2"
    two.post("/watch/take", {"items": seen(two)})
    with pytest.raises(ConflictError):
        one.post("/watch/leave", {"text": "not mine to leave"})
    assert two.post("/watch/leave", {"text": "end of the test"})["kind"] == "leave"
    log = one.get("/watch/log", limit=3)
    assert [row["kind"] for row in log["items"]] == ["leave", "take", "offer"]
    rest = one.get("/watch/log", limit=3, cursor=log["next_cursor"])["items"]
    assert [row["text"] for row in rest] == ["the mast is down", ""]

    line = one.get("/timeline", channel="OPS")
    assert {lane["party"] for lane in line["lanes"]} == {"ALFA", "BRAVO"}
    with pytest.raises(UsageError, match="begins after it ends"):
        one.get(
            "/timeline", channel="OPS", **{"from": "2030-01-02T00:00Z", "to": "2030-01-01T00:00Z"}
        )
    with machine(alfa, one, "entries:read", "status:read", channels=["ELSE"]) as token:
        for path in ("/watch", "/watch/log"):
            with pytest.raises(NotAllowedError):
                token.get(path)
        with pytest.raises(NotFoundError):
            token.get("/timeline", channel="OPS")
    with machine(alfa, one, "alarms:claim") as token, pytest.raises(NotAllowedError):
        token.post("/watch/notes", {"text": "a program keeps no watch"})


# --- the form of calls ---


def raw(alfa: LiveStation) -> httpx.Client:
    transport = httpx.HTTPTransport(uds=str(alfa.directory / "control.sock"))
    headers = {"parley-officer": "ALFA-1"}
    return httpx.Client(base_url="http://station", transport=transport, headers=headers)


JSON = {"content-type": "application/json", "idempotency-key": "k"}
DRAFT = json.dumps(draft("x"))


@pytest.mark.parametrize(
    ("body", "headers", "status", "kind"),
    [
        (DRAFT, {"content-type": "application/json"}, 422, "invalid"),
        (DRAFT, {**JSON, "content-type": "text/plain"}, 415, "invalid"),
        ("", JSON, 422, "invalid"),
        ("{", JSON, 422, "invalid"),
        ("null", JSON, 422, "invalid"),
        ('{"channel": "OPS", "channel": "ELSE"}', JSON, 422, "invalid"),
        ('{"channel": "OPS", "colour": "red"}', JSON, 422, "invalid"),
        ('{"channel": 7}', JSON, 422, "invalid"),
        ('{"channel": "OPS", "fields": {"subject": NaN}}', JSON, 422, "invalid"),
        ('{"channel": "OPS", "fields": {"subject": "\\ud800"}}', JSON, 422, "invalid"),
        ('{"channel": "OPS", "fields": ' + '{"a":' * 40 + "1" + "}" * 41, JSON, 413, "too-large"),
        (b'{"channel": "\xff"}', JSON, 422, "invalid"),
        (b" " * 1_100_000, JSON, 413, "too-large"),
        (DRAFT, {**JSON, "idempotency-key": "k" * 201}, 422, "invalid"),
        ('{"channel": "NOWHERE"}', JSON, 404, "not-found"),
        ('{"channel": "OPS", "procedure": "duel"}', JSON, 404, "not-found"),
        ('{"channel": "OPS", "mark": "LOUD"}', JSON, 422, "invalid"),
    ],
)
def test_a_malformed_call_is_refused_with_what_was_wrong(alfa, body, headers, status, kind):
    with raw(alfa) as http:
        answer = http.post("/api/v1/drafts", content=body, headers=headers)
    told = answer.json()
    assert (answer.status_code, told["type"]) == (status, f"/problems/{kind}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["status"] == status
    assert told["sent"] is False
    assert told["detail"]
    assert told["instance"] == f"/errors/{answer.headers['parley-request-id']}"


def test_unknown_members_and_parameters_are_named(alfa):
    with raw(alfa) as http:
        body = json.dumps({**draft("x"), "texts": [{"lang": "en", "text": "x", "size": 3}]})
        told = http.post("/api/v1/drafts", content=body, headers=JSON).json()
        assert [error["pointer"] for error in told["errors"]] == ["/texts/0/size"]
        told = http.get("/api/v1/entries?colour=red").json()
        assert "colour" in told["detail"]
        assert "channel" in told["next"]
        told = http.get("/api/v1/entries?limit=501").json()
        assert "limit" in told["detail"]
        assert http.post("/api/v1/channels/OPS/accept", content=b"{}").status_code == 422
        assert http.get("/api/v1/entries?cursor=-1").status_code == 422


def test_unknown_places_and_methods_are_problems_too(alfa):
    with raw(alfa) as http:
        assert http.get("/api/v1/nowhere").json()["code"] == "not_found"
        assert http.get("/api/v1/station/").status_code == 404
        refused = http.delete("/api/v1/station")
        assert (refused.status_code, refused.json()["type"]) == (405, "/problems/invalid")
        assert "GET" in refused.headers["allow"]
        assert http.get("/problems/peer-key-changed").status_code == 200
        assert http.get("/problems/nothing").status_code == 404


def test_what_did_not_change_is_not_sent_again(alfa):
    with raw(alfa) as http:
        first = http.get("/api/v1/procedures")
        again = http.get("/api/v1/procedures", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert int(first.headers["parley-sequence"]) > 0


def test_pages_follow_each_other_without_gap_or_double(alfa, one, two):
    for n in range(5):
        made = one.post("/submissions", draft(f"page {n}"))["draft"]
        two.post(f"/drafts/{made}/release", {"digest": one.get(f"/drafts/{made}")["digest"]})
    whole = [row["name"] for row in one.get("/entries", limit=500)["items"]]
    for params in ({}, {"newest_first": True}):
        seen, cursor = [], None
        while True:
            page = one.get("/entries", limit=2, cursor=cursor, **params)
            seen += [row["name"] for row in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == (whole[::-1] if params else whole)


def test_the_raw_entry_is_what_was_signed_and_never_changes(alfa, one):
    name = one.get("/outbox", limit=1)["items"][0]["name"]
    proof = one.get(f"/entries/{name}/proof")
    included = one.get("/logs/OPS/ALFA/inclusion", index=str(proof["index"]))
    assert (included["leaf"], included["path"]) == (proof["leaf"], proof["inclusion"])
    assert one.get("/logs/OPS/ALFA/check")["ok"]
    with raw(alfa) as http:
        answer = http.get(f"/api/v1/entries/{name}/raw")
        assert answer.headers["etag"] == f'"{proof["leaf"]}"'
        assert "immutable" in answer.headers["cache-control"]
        assert len(answer.content) == one.get(f"/entries/{name}")["size"]


def test_every_read_answers_strange_names_without_falling_over(alfa, one):
    strange = [
        "x",
        "..%2F",
        "%00",
        "%ff",
        "9" * 400,
        "~",
        "ALFA",
        "OPS",
        "a'\"<b>",
        "-1",
        "2.99",
        "\u202e",
    ]
    paths = [path for path, item in one.get("/openapi.json")["paths"].items() if "get" in item]
    assert len(paths) > 40
    with raw(alfa) as http:
        for path in paths:
            if path.endswith("/events"):
                continue
            for name in strange if "{" in path else [""]:
                filled = "/".join(
                    name if part.startswith("{") else part for part in path.split("/")
                )
                answer = http.get(filled)
                assert answer.status_code < 500, (filled, answer.text)


STRANGE = [
    None,
    7,
    -1,
    1e300,
    True,
    "",
    "x",
    "OPS",
    "D-0001",
    "OPS/ALFA/1",
    "\u0000",
    "\u202e",
    "9" * 500,
    [],
    ["x"],
    [["x"]],
    {},
    {"x": {"y": 1}},
    "2026-13-45T99:99:99Z",
    2**70,
]


def _bodies(schema: dict, parts: dict) -> list[object]:
    """Return bodies with each member in turn replaced by something strange."""
    schema = parts[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    if schema.get("type") == "array":
        return [[], *([body] for body in _bodies(schema["items"], parts))]
    good = {"channel": "OPS", "texts": [{"lang": "en", "text": "x"}], "fields": {"subject": "x"}}
    names = schema.get("properties", {})
    base = {
        name: good.get(name, "x")
        for name in names
        if name in good or name in schema.get("required", ())
    }
    return [*STRANGE, base, *({**base, name: value} for name in names for value in STRANGE)]


def test_no_strange_body_makes_the_station_fall_over(alfa, one):
    described = one.get("/openapi.json")
    calls = [
        (method.upper(), path, operation["requestBody"]["content"]["application/json"]["schema"])
        for path, item in described["paths"].items()
        for method, operation in item.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]
    assert len(calls) > 18
    seen: list[int] = []
    with raw(alfa) as http:
        for method, path, schema in calls:
            filled = path.replace("{draft}", "D-0001").replace("{channel}", "OPS")
            filled = "/".join("x" if part.startswith("{") else part for part in filled.split("/"))
            for n, body in enumerate(_bodies(schema, described["components"]["schemas"])):
                headers = {**JSON, "idempotency-key": f"{path}{n}", "if-match": '"1.open"'}
                answer = http.request(method, filled, content=json.dumps(body), headers=headers)
                seen.append(answer.status_code)
                assert answer.status_code < 500, (method, filled, body, answer.text)
    assert {200, 201, 202, 403, 404, 409, 422} <= set(seen), "some calls got through"
    assert [text for text, _ in alfa.log if text == "fault in the API"] == []


# --- life ---


def test_a_socket_that_a_killed_station_left_is_taken_over(tmp_path):
    make_station(tmp_path / "alfa", "ALFA")
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "alfa" / "control.sock"))
    left.close()
    station = LiveStation(tmp_path / "alfa")
    with station.client() as client, pytest.raises(StationUnreachableError):
        client.get("/station")
    station.start()
    try:
        with station.client() as client:
            assert client.get("/readyz")["ready"]
            with pytest.raises(LockedError):
                LiveStation(tmp_path / "alfa").start()
            assert client.get("/station")["code"] == "ALFA", "the first one goes on"
    finally:
        station.stop()
    assert not (tmp_path / "alfa" / "control.sock").exists()


def test_a_station_that_lies_deep_is_reached_all_the_same(tmp_path):
    deep = tmp_path / ("d" * 80) / ("e" * 80) / "alfa"
    deep.parent.mkdir(parents=True)
    with live(deep, "ALFA") as station, station.client() as client:
        assert client.get("/station")["directory"] == str(deep)


def test_an_address_that_is_taken_is_told_and_nothing_stays_open(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        make_station(tmp_path / "alfa", "ALFA", api_listen=address)
        with pytest.raises(ConflictError, match="listened at"):
            LiveStation(tmp_path / "alfa").start()
    assert not (tmp_path / "alfa" / "control.sock").exists()
    station = LiveStation(tmp_path / "alfa")
    assert station.start().api_address == address
    station.stop()


def test_a_calendar_address_needs_no_token_ends_when_revoked_and_with_its_officer(alfa, one):
    base = f"http://{alfa.serving.api_address}"
    made = one.post("/calendar/feeds", {"label": "wall", "language": "zh"})
    other = one.post("/calendar/feeds", {"label": "desk"})
    read = httpx.get(base + made["path"])
    assert read.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "NAME:Parley ALFA：应办事项" in read.text
    assert one.get("/calendar", days=3660, kind="card")["items"][0]["kind"] == "card"
    assert httpx.get(base + "/api/v1/calendar").status_code == 401
    assert made["secret"] not in json.dumps(one.get("/calendar/feeds"))
    assert made["secret"] not in json.dumps(alfa.log, default=str)
    with pytest.raises(ConflictError):
        for number in range(20):
            one.post("/calendar/feeds", {"label": str(number)})
    with alfa.client(officer="ALFA-2") as two:
        person = two.post(
            "/officers", {"code": "ALFA-3", "roles": ["desk"], "account": os.getuid()}
        )
        with alfa.client(officer="ALFA-3") as three:
            theirs = three.post("/calendar/feeds", {"label": "mine"})
            assert [feed["label"] for feed in three.get("/calendar/feeds")["items"]] == ["mine"]
            with pytest.raises(NotFoundError):
                three.delete(f"/calendar/feeds/{made['feed']['id']}")
        assert httpx.get(base + theirs["path"]).status_code == 200
        two.post(f"/officers/{person['code']}/suspend")
        assert httpx.get(base + theirs["path"]).status_code == 404
    one.delete(f"/calendar/feeds/{made['feed']['id']}")
    assert httpx.get(base + made["path"]).status_code == 404
    assert httpx.get(base + other["path"]).status_code == 200
    assert httpx.get(base + "/api/v1/calendar/feed/" + "0" * 64).status_code == 404


def test_the_console_opens_with_the_other_doors_and_closes_with_them(tmp_path):
    origin = "http://alfa.localhost:8101"
    make_station(tmp_path / "alfa", "ALFA", console_listen="127.0.0.1:0", console_origin=origin)
    station = LiveStation(tmp_path / "alfa", consoles=[console_app])
    (address,) = station.start().console_addresses
    page = httpx.get(f"http://{address}/sign-in", headers={"host": "alfa.localhost:8101"})
    assert page.status_code == 200
    with station.client() as client:
        link = client.post("/sign-in-links", {"officer": "ALFA-1", "minutes": 5})
    shown = httpx.get(f"http://{address}{link['path']}", headers={"host": "alfa.localhost:8101"})
    assert shown.status_code == 200
    station.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{address}/sign-in")


def test_whoever_waits_when_the_station_stops_is_answered(tmp_path):
    with live_pair(tmp_path) as (alfa, bravo, a, _):
        bravo.stop()
        sent = a.post("/submissions", draft("Nobody is there."))
        threading.Timer(0.5, alfa.stop_soon).start()
        state = a.get(f"/entries/{sent['entry']}/delivery", wait="60s")
        assert not state["reached"]
        assert state["state"] in ("stored", "on-path")


def test_monitors_read_numbers_and_no_words_of_anybody(one):
    text = one.get_bytes("/metrics").decode()
    samples = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))

    assert text.endswith("\n# EOF\n")
    assert samples['parley_link_up{peer="BRAVO"}'] == "1"
    assert samples['parley_queue_entries{peer="BRAVO",precedence="Z"}'] == "0"
    assert float(samples["parley_facts_stored_total"]) > 5
    assert samples["parley_consoles_listening"] == "0"
    described = {line.split()[2] for line in text.splitlines() if line.startswith("# HELP")}
    assert len(described) > 15
    for line in text.splitlines():
        if not line.startswith("#"):
            name = re.match(r"[a-z_]+", line)[0]
            assert {name, name.removesuffix("_total"), name.removesuffix("_info")} & described
