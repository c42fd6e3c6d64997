"""The client against servers that say odd things, or nothing."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import contextmanager

import pytest

from parley.api.client import Client, _events
from parley.errors import NotFoundError, ParleyError, StationUnreachableError, UsageError


def whole_call(connection: socket.socket) -> bytes:
    """Read head and body of a call; they need not come in one piece."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += connection.recv(65_536) or b"\r\n\r\n"
    head, _, body = raw.partition(b"\r\n\r\n")
    sizes = re.findall(rb"(?i)^content-length: (\d+)", head, re.MULTILINE)
    while len(body) < int(sizes[0] if sizes else 0) and (more := connection.recv(65_536)):
        body, raw = body + more, raw + more
    return raw


@contextmanager
def answering(*answers: bytes):
    """A server that reads one call for each answer, and says the answer's bytes."""
    listener = socket.create_server(("127.0.0.1", 0))
    calls: list[bytes] = []

    def work() -> None:
        for answer in answers:
            connection, _ = listener.accept()
            with connection:
                calls.append(whole_call(connection))
                connection.sendall(answer)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", calls
    finally:
        listener.close()


def said(status: str, body: bytes, kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return head.encode() + body


def test_nobody_there_is_told_with_what_to_do(tmp_path):
    with (
        Client(tmp_path / "control.sock") as client,
        pytest.raises(StationUnreachableError) as told,
    ):
        client.get("/station")
    assert told.value.exit_code == 9
    assert "parley serve" in told.value.next_step
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with Client(base_url=address) as client, pytest.raises(StationUnreachableError):
        client.get("/station")


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{", b"\x16\x03\x01", b"SSH-2.0-x\r\n\r\n"],
)
def test_a_station_that_breaks_off_leaves_open_whether_it_acted(answer):
    with (
        answering(answer) as (address, _),
        Client(base_url=address) as client,
        pytest.raises(StationUnreachableError, match="may have acted") as told,
    ):
        client.post("/submissions", {})
    assert "same key" in told.value.next_step


def test_a_station_that_says_nothing_is_not_waited_for_without_end():
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with (
        listener,
        Client(base_url=address, answer_s=0.2) as client,
        pytest.raises(StationUnreachableError, match="in time"),
    ):
        client.get("/station")


def test_answers_that_are_no_problem_and_no_json_are_errors_still():
    gateway_page = said("502 Bad Gateway", b"<html>", "text/html")
    odd = [gateway_page, said("500 X", b"[1]"), said("200 OK", b"{")]
    with answering(*odd) as (address, _), Client(base_url=address) as client:
        for _ in odd:
            with pytest.raises(ParleyError):
                client.get("/station")


def test_calls_say_who_asks_and_carry_key_tag_and_parameters():
    told = said("404 Not Found", b'{"code": "not_found", "detail": "no"}')
    ok = said("200 OK", b'{"ok": true}')
    with (
        answering(ok, ok, told) as (address, calls),
        Client(base_url=address, token="pat_x", officer="A-1") as client,
    ):
        client.get("/entries", channel=None, own=True, state=["a", "b"], words="x & y")
        client.post("/drafts", {"text": "汉"}, key="k1", etag='"1.open"')
        with pytest.raises(NotFoundError):
            client.post("/api/v1/alarms/x/claim")
    first, second, third = (call.decode() for call in calls)
    line = "GET /api/v1/entries?own=true&state=a&state=b&words=x%20%26%20y HTTP/1.1"
    assert first.startswith((line, line.replace("%20", "+")))
    assert "authorization: bearer pat_x" in first.lower()
    assert "parley-officer: a-1" in first.lower()
    assert "idempotency-key: k1" in second.lower()
    assert 'if-match: "1.open"' in second.lower()
    assert second.endswith('{"text": "汉"}')
    assert third.startswith("POST /api/v1/alarms/x/claim HTTP/1.1")
    assert "idempotency-key: " in third.lower(), "a fresh one"


def test_a_client_is_for_one_place(tmp_path):
    with pytest.raises(UsageError):
        Client()
    with pytest.raises(UsageError):
        Client(tmp_path / "control.sock", base_url="http://127.0.0.1:1")


def test_a_stream_is_read_event_by_event_until_its_end():
    lines = [
        "retry: 500",
        "",
        "event: entry",
        "id: e.1",
        'data: {"type":"entry"}',
        "",
        ": note",
        "",
        "event: beat",
        'data: {"type":"beat"}',
        "",
        "event: end",
        "data: {}",
        "",
        "data: {}",
        "",
    ]
    assert list(_events(iter(lines))) == [
        {"id": "e.1", "type": "entry"},
        {"id": "", "type": "beat"},
    ]
