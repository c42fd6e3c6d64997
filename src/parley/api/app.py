"""The API as one application: every resource behind one envelope."""

from __future__ import annotations

import functools
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from parley import __version__
from parley.api import stream
from parley.api.description import PATH, describe
from parley.api.doors import Door
from parley.api.envelope import Envelope
from parley.api.problems import MEDIA_TYPE, FieldsError, RequestError, problem_response
from parley.api.resources import (
    alarms,
    attachments,
    calendar,
    cases,
    channels,
    courier,
    drafts,
    entries,
    evidence,
    exercises,
    glossary,
    health,
    history,
    logs,
    notices,
    peers,
    people,
    places,
    stations,
    submissions,
    templates,
    translations,
    watch,
    webhooks,
    witness,
)
from parley.errors import ParleyError
from parley.station.gateway import Gateway

_ROUTERS: Final = (
    stations.router,
    channels.router,
    peers.router,
    entries.router,
    logs.router,
    drafts.router,
    templates.router,
    submissions.router,
    cases.router,
    places.router,
    calendar.router,
    courier.router,
    glossary.router,
    history.router,
    notices.router,
    translations.router,
    alarms.router,
    watch.router,
    people.router,
    evidence.router,
    exercises.router,
    attachments.router,
    webhooks.router,
    witness.router,
    stream.router,
)
_HTTP_CODES: Final = {
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.NOT_ACCEPTABLE: "not_acceptable",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
}

_REFUSED: Final[dict[str, Any]] = {
    "description": "Refused: what was wrong, and what to do next (RFC 9457)",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_TOO_MANY: Final[dict[str, Any]] = {
    **_REFUSED,
    "description": "Asked too often: nothing was done",
    "headers": {"Retry-After": {"schema": {"type": "string"}, "description": "seconds to wait"}},
}
_PROBLEM_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    422: _REFUSED,
    429: _TOO_MANY,
    "default": _REFUSED,
}


def build_app(gateway: Gateway, *, door: Door | None = None) -> FastAPI:
    """Return the API of a station.

    Args:
        gateway: the station.
        door: who can come in here; a network address with tokens where it is None.
    """
    entrance = door or Door(gateway=gateway, way="tcp")
    app = FastAPI(
        title="The API of a Parley station",
        version=__version__,
        openapi_url=PATH,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=_PROBLEM_ANSWERS,
    )
    app.state.door = entrance
    app.state.streams = stream.Streams()
    for router in _ROUTERS:
        app.include_router(router, prefix="/api/v1")
    app.include_router(health.router)
    # As FastAPI lets one do it: the method is replaced, and its answer made once.
    app.openapi = functools.cache(lambda: describe(app, _routes()))  # type: ignore[method-assign]
    app.add_exception_handler(ParleyError, _refused)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _no_resource)
    app.add_middleware(Envelope, door=entrance)
    return app


def _routes() -> dict[str, list[APIRoute]]:
    own = [route for router in _ROUTERS for route in router.routes]
    return {
        "/api/v1": [route for route in own if isinstance(route, APIRoute)],
        "": [route for route in health.router.routes if isinstance(route, APIRoute)],
    }


def _told_to(request: Request) -> dict[str, str]:
    """Return under which reference a problem is told, and in which languages its title may be."""
    accepted = request.headers.get("accept-language", "")
    return {"reference": str(request.state.reference), "accepted": accepted}


async def _refused(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, ParleyError)
    return problem_response(problem, **_told_to(request))


async def _not_valid(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestValidationError)
    errors = [_error(row) for row in problem.errors()]
    return problem_response(FieldsError(errors), **_told_to(request))


def _error(row: dict[str, Any]) -> tuple[str, str]:
    """Return where in the body something is wrong, and what; parameters have no such place."""
    where, *path = [str(part) for part in row["loc"]]
    said = str(row["msg"])
    if where != "body":
        return "", f"{where} parameter {'.'.join(path)}: {said}"
    parts = [part.replace("~", "~0").replace("/", "~1") for part in path]
    return "".join(f"/{part}" for part in parts), said


async def _no_resource(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    code = _HTTP_CODES.get(HTTPStatus(problem.status_code), "usage")
    said = {
        "not_found": f"there is no resource {request.url.path}",
        "method_not_allowed": f"{request.method} is not known at {request.url.path}",
    }.get(code, str(problem.detail))
    response = problem_response(RequestError(code, said), **_told_to(request))
    for name, value in (problem.headers or {}).items():
        response.headers[name] = value
    return response
