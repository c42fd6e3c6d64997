"""The kind of route every resource has: strict parameters and bodies, tags, conditional reads.

Sources: RFC 8259 (JSON), RFC 9110 (ETag, If-Match, If-None-Match), RFC 6585 (428).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from email.message import Message
from hashlib import sha256
from typing import Annotated, Any, Final, NoReturn

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query as QueryParameter
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from parley.api.doors import OPEN_PATHS, door_of, unless_stopping
from parley.api.problems import RequestError
from parley.errors import BehindError
from parley.station.views import Page, to_json

BODY_DEPTH_MAX: Final = 16
_VERSION_DIGITS_MAX: Final = 9
_WITHOUT_AT_LEAST: Final = (
    *(path.removeprefix("/api/v1") for path in OPEN_PATHS),
    "/readyz",
    "/version",
    "/events",
)
_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[{]+|[\]}]+")


AT_LEAST_WAIT_S: Final = 2.0
"""Longest wait for `at_least`, in seconds."""


async def reflects(
    request: Request, at_least: Annotated[int | None, Query(ge=0, lt=2**63)] = None
) -> None:
    """Wait until the record has the place that the caller has seen elsewhere.

    Raises:
        BehindError: it had not after 2 s, or the station is about to stop.
    """
    if at_least is None:
        return
    door = await door_of(request)
    waiting = door.gateway.wait_sequence(at_least, timeout_s=AT_LEAST_WAIT_S)
    if not await unless_stopping(door, waiting):
        raise BehindError(door.gateway.sequence(), at_least)


class StrictRoute(APIRoute):
    """Refuses parameters nobody declared and bodies that two readers could read differently.

    Every read takes `at_least`, but those that ask for no token and the stream, which has `after`.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        """Take a route as FastAPI makes it."""
        dependencies = list(given.pop("dependencies", None) or ())
        is_read = set(given.get("methods") or ()) == {"GET"}
        is_open = path.removeprefix("/api/v1").startswith(_WITHOUT_AT_LEAST)
        # A router that is taken into another one makes its routes anew, with what they had.
        has_it = any(each.dependency is reflects for each in dependencies)
        if is_read and not is_open and not has_it:
            dependencies.append(Depends(reflects))
        super().__init__(path, endpoint, dependencies=dependencies, **given)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with these rules around it."""
        handle = super().get_route_handler()
        known = {
            param.alias
            for param in get_flat_params(self.dependant)
            if isinstance(param.field_info, QueryParameter)
        }

        async def strict(request: Request) -> Response:
            _check_parameters(request, known)
            if request.method in ("POST", "PUT", "DELETE"):
                request = await self.take(request)
            return _tagged(request, await handle(request))

        return strict

    async def take(self, request: Request) -> Request:
        """Return the request with its body read as JSON."""
        return await _read(request, takes_body=self.body_field is not None)


class FileRoute(StrictRoute):
    """Takes a body that is a file and no JSON; the handler reads it."""

    async def take(self, request: Request) -> Request:
        """Return the request as it came."""
        return request


class _ReadRequest(Request):
    """A request whose body was read strictly."""

    raw: bytes
    value: Any

    async def body(self) -> bytes:
        """Return the body as it came."""
        return self.raw

    async def json(self) -> Any:
        """Return what it says."""
        return self.value


def _check_parameters(request: Request, known: set[str]) -> None:
    for name in request.query_params:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise RequestError(
                "usage", f"there is no parameter {name!r} here", next_step=f"There are: {listed}."
            )


async def _read(request: Request, *, takes_body: bool) -> Request:
    raw = await request.body()
    if raw and not takes_body:
        raise RequestError("usage", "this call takes no body; nothing was done")
    read = _ReadRequest(request.scope, request.receive)
    read.raw, read.value = raw, None
    if raw:
        header = Message()
        header["content-type"] = request.headers.get("content-type", "")
        if header.get_content_type() != "application/json":
            raise RequestError(
                "unsupported_media_type",
                "the body must be JSON; nothing was done",
                next_step="Send `Content-Type: application/json`.",
            )
        read.value = read_json(raw)
    return read


def read_json(raw: bytes) -> Any:
    """Return what a body says, if every reader would read the same.

    Raises:
        RequestError: no JSON, too deep, a name twice, a number beyond all bounds, half a
            character.
    """
    try:
        text = raw.decode("utf-8")
        _check_depth(raw)
        value = json.loads(text, object_pairs_hook=_members, parse_constant=_no_constant)
        # A lone half of a surrogate pair can be written as an escape, and is no character.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        raise RequestError("malformed", "the body is not UTF-8 text; nothing was done") from None
    except (ValueError, RecursionError) as problem:
        raise RequestError(
            "malformed", f"the body is no JSON: {problem}; nothing was done"
        ) from None
    return value


def _check_depth(raw: bytes) -> None:
    depth = 0
    for run in _BRACKETS.findall(_STRINGS.sub(b"", raw)):
        depth += len(run) if run[:1] in b"[{" else -len(run)
        if depth > BODY_DEPTH_MAX:
            raise RequestError(
                "too_large", f"the body is nested deeper than {BODY_DEPTH_MAX}; nothing was done"
            )


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _tagged(request: Request, response: Response) -> Response:
    if request.method != "GET" or response.status_code != 200:
        return response
    if "etag" not in response.headers:
        if not isinstance(response, JSONResponse):
            return response
        response.headers["etag"] = tag_of(response.body)
    tags = request.headers.get("if-none-match", "")
    if response.headers["etag"] in [tag.strip().removeprefix("W/") for tag in tags.split(",")]:
        return Response(status_code=304, headers={"etag": response.headers["etag"]})
    return response


def tag_of(content: bytes | memoryview) -> str:
    """Return the strong tag of what is answered."""
    return f'"{sha256(content).hexdigest()[:32]}"'


def new_router(tag: str) -> APIRouter:
    """Return a router whose routes are strict; `tag` groups them in the documentation."""
    return APIRouter(route_class=StrictRoute, tags=[tag])


def answer(
    view: Any, status: int = 200, *, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return a view, or a page of views, as an answer."""
    return JSONResponse(to_json(view), status, headers=dict(headers or {}))


def answer_list(views: Sequence[Any]) -> JSONResponse:
    """Return a whole list, in the form that every list has."""
    return JSONResponse({"items": to_json(list(views)), "next_cursor": None})


def answer_page(page: Page[Any], request: Request) -> Response:
    """Return one page of a list, with a link to the next one (RFC 8288)."""
    response = answer(page)
    if page.next_cursor is not None:
        following = request.url.include_query_params(cursor=page.next_cursor)
        response.headers["link"] = f'<{following.path}?{following.query}>; rel="next"'
    return response


def created(view: Any, location: str, *, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return what was made, and where it is from now on."""
    return answer(view, 201, headers={"location": f"/api/v1{location}", **(headers or {})})


async def needs_key(idempotency_key: Annotated[str | None, Header()] = None) -> str:
    """Return the idempotency key that a call must carry.

    Raises:
        RequestError: it carries none.
    """
    if not idempotency_key:
        raise RequestError(
            "usage",
            "this call needs an Idempotency-Key header; nothing was done",
            next_step="Send a fresh UUID, and the same one again when you repeat the call.",
        )
    return idempotency_key


async def seen_version(if_match: Annotated[str | None, Header()] = None) -> int | None:
    """Return the version of a draft that `If-Match` names; None without the header.

    Raises:
        RequestError: it is no tag of ours.
    """
    if not if_match:
        return None
    version = if_match.strip().strip('"').partition(".")[0]
    if not version.isdecimal() or len(version) > _VERSION_DIGITS_MAX:
        raise RequestError("usage", "If-Match is not the ETag of a draft")
    return int(version)


async def needs_version(version: Annotated[int | None, Depends(seen_version)]) -> int:
    """Return the version of a draft that `If-Match` must name.

    Raises:
        RequestError: it names none.
    """
    if version is None:
        raise RequestError(
            "precondition_required",
            "say which version you have seen: send If-Match",
            next_step="Read the resource and send its ETag.",
        )
    return version


async def given_key(idempotency_key: Annotated[str | None, Header()] = None) -> str | None:
    """Return the idempotency key of a call that can do without."""
    return idempotency_key


KeyIfGiven = Annotated[str | None, Depends(given_key)]
KeyHere = Annotated[str, Depends(needs_key)]
VersionHere = Annotated[int, Depends(needs_version)]
VersionIfNamed = Annotated[int | None, Depends(seen_version)]
