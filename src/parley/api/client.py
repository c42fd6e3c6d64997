"""A synchronous client of a station's API, as the command line and scripts use it.

It raises the errors that the station raised: `parley.errors`, rebuilt from the problem told.
"""

from __future__ import annotations

import json
import os
import socket as sockets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

import httpx

from parley.errors import (
    InvalidFieldsError,
    NotAllowedError,
    ParleyError,
    StationUnreachableError,
    UsageError,
)
from parley.station.directory import SOCKET_PATH_BYTES_MAX, connect_address

BASE: Final = "/api/v1"
CONNECT_S: Final = 5.0
ANSWER_S: Final = 120.0
"""How long to wait for an answer; a call that waits for a peer waits 60 s at most."""

STREAM_SILENT_S: Final = 10.0
"""A stream that says nothing for this long is dead: a living one beats every 2 s."""

_ROOT_PATHS: Final = ("/livez", "/readyz", "/version", "/metrics", "/problems/", f"{BASE}/")
_TOLD: Final = frozenset(
    {"type", "title", "status", "detail", "instance", "next", "sent", "code", "exit", "errors"}
)


class Client:
    """Talks to one station, through its control socket or over the network.

    Paths are those of the API below `/api/v1`, such as `/station`.
    """

    def __init__(
        self,
        socket: Path | None = None,
        *,
        base_url: str | None = None,
        token: str | None = None,
        officer: str | None = None,
        answer_s: float = ANSWER_S,
    ) -> None:
        """Reach a station; nothing is sent yet.

        Args:
            socket: the station's control socket.
            base_url: its address on the network, in place of the socket.
            token: a machine's token; needed on the network.
            officer: who acts, where several officers share the system account.
            answer_s: seconds to wait for an answer.
        """
        if (socket is None) == (base_url is None):
            raise UsageError("name a control socket or an address, not both and not neither")
        self._where = str(socket or base_url)
        self._directory: int | None = None
        self._socket = socket
        self._is_reached = False
        headers = {"user-agent": "parley"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        if officer is not None:
            headers["parley-officer"] = officer
        transport = None if socket is None else httpx.HTTPTransport(uds=self._socket_path(socket))
        self._http = httpx.Client(
            base_url=base_url or "http://station",
            headers=headers,
            transport=transport,
            timeout=httpx.Timeout(answer_s, connect=CONNECT_S),
            trust_env=False,
        )

    def _socket_path(self, socket: Path) -> str:
        """Return a path that fits, also for a socket that lies deep (unix(7): 108 bytes)."""
        if len(os.fsencode(socket)) <= SOCKET_PATH_BYTES_MAX:
            return str(socket)
        with suppress(OSError):
            self._directory = os.open(socket.parent, os.O_RDONLY | os.O_DIRECTORY)
            return f"/proc/self/fd/{self._directory}/{socket.name}"
        return str(socket)

    # --- calls ---

    def get(self, path: str, **params: Any) -> Any:
        """Return what a resource says; parameters that are None are left out."""
        return self._json("GET", path, params=params)

    def post(
        self, path: str, body: Any = None, *, key: str | None = None, etag: str | None = None
    ) -> Any:
        """Make an act; `key` is sent again when the act is repeated, else a fresh one is made."""
        return self._json("POST", path, body=body, key=key or str(uuid4()), etag=etag)

    def put(
        self, path: str, body: Any = None, *, key: str | None = None, etag: str | None = None
    ) -> Any:
        """Put something in the place of what `etag` names."""
        return self._json("PUT", path, body=body, key=key, etag=etag)

    def delete(self, path: str, *, etag: str | None = None) -> Any:
        """Remove something."""
        return self._json("DELETE", path, etag=etag)

    def put_file(self, path: str, content: bytes, *, kind: str, key: str, **params: Any) -> Any:
        """Send a file of a type; the same key finds the first answer."""
        headers = {"content-type": kind, "idempotency-key": key}
        with self._reaching():
            response = self._http.put(
                f"{BASE}{path}", content=content, headers=headers, params=params
            )
        if response.is_error:
            raise _error(response)
        return response.json()

    def get_bytes(self, path: str, **params: Any) -> bytes:
        """Return the bytes of a resource."""
        return self._call("GET", path, params=params).content

    def post_bytes(self, path: str, body: Any = None, *, key: str | None = None) -> bytes:
        """Make an act whose answer is bytes."""
        return self._call("POST", path, body=body, key=key or str(uuid4())).content

    def events(
        self, topics: Sequence[str] = (), after: str | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield what happens, each with its `id`, until the station ends the stream.

        Args:
            topics: types wanted; empty means all. `reset` and `beat` always come.
            after: `id` of the last event seen; None begins with the present.
        """
        params = {"topics": ",".join(topics) or None, "after": after}
        request = self._request(
            "GET",
            "/events",
            params=params,
            timeout=httpx.Timeout(STREAM_SILENT_S, connect=CONNECT_S),
        )
        with self._reaching():
            response = self._http.send(request, stream=True)
            try:
                if response.is_error:
                    response.read()
                    raise _error(response)
                yield from _events(response.iter_lines())
            finally:
                response.close()

    def close(self) -> None:
        """Let go of the station."""
        self._http.close()
        if self._directory is not None:
            os.close(self._directory)
            self._directory = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- how ---

    def _json(self, method: str, path: str, **call: Any) -> Any:
        response = self._call(method, path, **call)
        if response.status_code == 204 or not response.content:
            return None
        try:
            return response.json()
        except ValueError:
            raise ParleyError(f"{self._where} answered something that is no JSON") from None

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        key: str | None = None,
        etag: str | None = None,
    ) -> httpx.Response:
        request = self._request(method, path, params=params, body=body)
        if key is not None:
            request.headers["idempotency-key"] = key
        if etag is not None:
            request.headers["if-match"] = etag
        with self._reaching():
            response = self._http.send(request)
        if response.is_error:
            raise _error(response)
        return response

    def _request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        timeout: httpx.Timeout | None = None,
    ) -> httpx.Request:
        full = path if path.startswith(_ROOT_PATHS) else BASE + path
        return self._http.build_request(
            method,
            full,
            params={
                name: _text(value) for name, value in (params or {}).items() if value is not None
            },
            content=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
            headers=None if body is None else {"content-type": "application/json"},
            timeout=timeout if timeout is not None else self._http.timeout,
        )

    def _knock(self) -> None:
        """See that somebody listens: the library leaves a socket behind that nobody answered."""
        if self._socket is None or (self._is_reached and self._socket.exists()):
            return
        with sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM) as probe:
            probe.settimeout(CONNECT_S)
            try:
                connect_address(probe, self._socket)
            except PermissionError:
                raise NotAllowedError(
                    f"the control socket {self._socket} belongs to another account",
                    next_step="Run this as the account that runs the station.",
                ) from None
            except OSError:
                self._is_reached = False
                raise self._nobody() from None
        self._is_reached = True

    def _nobody(self) -> StationUnreachableError:
        return StationUnreachableError(
            f"no station answers at {self._where}",
            next_step="Start it with `parley serve`, then try again.",
        )

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        self._knock()
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise self._nobody() from None
        except httpx.TimeoutException:
            raise StationUnreachableError(
                f"the station at {self._where} did not answer in time; it may have acted",
                next_step="Make the same call with the same key again: it finds the first answer.",
            ) from None
        except httpx.TransportError:
            raise StationUnreachableError(
                f"the station at {self._where} broke off; it may have acted",
                next_step="Make the same call with the same key again: it finds the first answer.",
            ) from None


def _text(value: Any) -> str | list[str]:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | set | frozenset):
        return [str(member) for member in value]
    return str(value)


def _events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Yield the events of a stream (WHATWG HTML, server-sent events); `end` ends it."""
    kind, place, data = "", "", ""
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "id":
            place = value
        elif name == "data":
            data = value
        elif not line and data:
            if kind == "end":
                return
            yield {"id": place, **json.loads(data)}
            kind, place, data = "", "", ""


def _error(response: httpx.Response) -> ParleyError:
    try:
        told = response.json()
    except ValueError:
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("code"), str):
        return ParleyError(f"the station answered {response.status_code} without a reason")
    return error_of(told)


def error_of(told: Mapping[str, Any]) -> ParleyError:
    """Return the error that a problem body tells, of the class that was raised at the station.

    Args:
        told: a body of `application/problem+json` as the API writes it.
    """
    code, exit_code = str(told["code"]), told.get("exit")
    kind = _CLASSES.get(code)
    # The constructors take what each error is about; here it is known already, as its facts.
    other = UsageError if exit_code == UsageError.exit_code else ParleyError
    error = ParleyError.__new__(kind or other)
    Exception.__init__(error, str(told.get("detail", "")))
    error.next_step = str(told.get("next") or "")
    for name, value in told.items():
        if name not in _TOLD and not name.startswith("_") and not hasattr(ParleyError, name):
            setattr(error, name, value)
    if isinstance(error, InvalidFieldsError):
        error.problems = tuple(
            (_field_of(str(member.get("pointer", ""))), str(member.get("message", "")))
            for member in told.get("errors") or ()
            if isinstance(member, dict)
        )
    if kind is None:
        error.code = code
        error.exit_code = exit_code if isinstance(exit_code, int) else ParleyError.exit_code
    return error


def _field_of(pointer: str) -> str:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return ".".join(parts[1:] if parts[:1] == ["fields"] else parts)


def _classes() -> dict[str, type[ParleyError]]:
    """Return the most general class of every code."""
    found: dict[str, type[ParleyError]] = {}
    waiting: list[type[ParleyError]] = [ParleyError]
    while waiting:
        kind = waiting.pop(0)
        if kind.__module__ == ParleyError.__module__:
            found.setdefault(kind.code, kind)
        waiting += kind.__subclasses__()
    return found


_CLASSES: Final = _classes()
