"""The description of the API (OpenAPI 3.1): the same for every station of a version.

FastAPI writes it from the routes; what only our dependencies know is added here: which scope a
token needs, which headers a call must carry, what the event stream says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from parley.api.doors import OPEN_PATHS, OPEN_WITHOUT_SCOPE, person_of
from parley.api.problems import PROBLEM_SCHEMA, PROBLEMS
from parley.api.routes import needs_key, needs_version
from parley.station.actors import MACHINE_SCOPES
from parley.station.events import TOPICS

PATH: Final = "/api/v1/openapi.json"
_SECURITY: Final = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A machine's token (`parley token add`); on the control socket the officer"
        " behind the system account acts, without one.",
    }
}
_EVENT: Final[dict[str, Any]] = {
    "type": "object",
    "description": "The `data` of one event. Thin: it names what changed, and is read from there.",
    "required": ["seq", "type", "resource"],
    "properties": {
        "seq": {"type": "integer"},
        "type": {"type": "string", "enum": list(TOPICS)},
        "what": {"type": "string"},
        "resource": {"type": "string"},
        "channel": {"type": ["string", "null"]},
        "peer": {"type": ["string", "null"]},
        "precedence": {"type": ["string", "null"]},
        "mark": {"type": ["string", "null"]},
        "own": {"type": ["boolean", "null"]},
    },
}


def describe(app: FastAPI, routes: Mapping[str, Sequence[APIRoute]]) -> dict[str, Any]:
    """Return the description of an application.

    Args:
        app: it.
        routes: its routes by the prefix under which they stand.
    """
    described = get_openapi(
        title=app.title, version=app.version, description=_words(), routes=app.routes
    )
    parts = described["components"]
    parts["securitySchemes"] = _SECURITY
    parts["schemas"] |= {"Event": _EVENT, "Problem": PROBLEM_SCHEMA}
    for prefix, own in routes.items():
        for route in own:
            path = prefix + route.path_format
            for method, operation in described["paths"][path].items():
                if method.upper() in (route.methods or ()):
                    _complete(operation, path, route)
    return described


def _words() -> str:
    types = sorted({slug for _, slug, _ in PROBLEMS.values()})
    return (
        "For a party's own systems; peers never use it. Unknown members and parameters are refused."
        " A refusal is `application/problem+json` (RFC 9457) with one of these types under"
        f" `/problems/`: {', '.join(types)}."
    )


def _complete(operation: dict[str, Any], path: str, route: APIRoute) -> None:
    operation["operationId"] = f"{operation['tags'][0]}.{route.name}"
    first, _, rest = operation["description"].partition("\n\n")
    operation["summary"], operation["description"] = " ".join(first.split()), rest
    calls = list(_calls(route.dependant))
    for needed, header in ((needs_key, "idempotency-key"), (needs_version, "if-match")):
        if needed in calls:
            for parameter in operation["parameters"]:
                if parameter["name"] == header:
                    parameter["required"] = True
                    parameter["schema"] = {"type": "string", "minLength": 1, "maxLength": 200}
    if path.startswith(OPEN_PATHS):
        operation["security"] = []
        return
    scopes = sorted({str(scope) for call in calls if (scope := getattr(call, "scope", None))})
    if person_of in calls:
        operation["x-parley-who"] = "person"
    elif scopes and not set(scopes) <= MACHINE_SCOPES:
        operation["x-parley-who"] = "person"
        scopes = []
    operation["security"] = [{"token": scopes}]
    assert scopes or operation.get("x-parley-who") or path in OPEN_WITHOUT_SCOPE, path


def _calls(dependant: Dependant) -> Iterator[Any]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)
