"""The page of the API, and its description for programs."""

from __future__ import annotations

import json
from typing import Any

from parley.api.app import build_app
from parley.api.problems import PROBLEMS
from parley.station.actors import MACHINE_SCOPES
from parley.station.events import TOPICS
from reference.markdown import code, page, section, table

TAGS = {
    "station": "The station",
    "channels": "Channels",
    "peers": "Peers",
    "entries": "Entries",
    "logs": "Logs",
    "drafts": "Drafts",
    "templates": "Templates",
    "submissions": "Written and sent in one call",
    "cases": "Cases",
    "calendar": "Calendar",
    "map": "The map",
    "glossary": "Glossary",
    "alarms": "Alarms",
    "people": "People and tokens",
    "evidence": "Evidence",
    "exercises": "Exercises",
    "events": "Events",
    "health": "Health",
}


def pages() -> dict[str, str]:
    """Return these pages, by their path in the reference."""
    described = build_app(None).openapi()
    text = json.dumps(described, indent=1, ensure_ascii=False, sort_keys=True)
    return {"api.md": _page(described), "openapi.json": text + "\n"}


def _page(described: dict[str, Any]) -> str:
    calls: dict[str, list[list[str]]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            row = [
                code(f"{method.upper()} {path.removeprefix('/api/v1')}"),
                operation["summary"],
                _needs(operation),
            ]
            calls.setdefault(operation["tags"][0], []).append(row)
    sections = [
        section(
            TAGS.get(tag, tag.capitalize()), table(["call", "what it does", "a token needs"], rows)
        )
        for tag, rows in calls.items()
    ]
    problems = [
        [code(f"/problems/{slug}"), str(status), title]
        for status, slug, title in sorted(
            set(PROBLEMS.values()), key=lambda row: (row[1], row[0], row[2])
        )
    ]
    return page(
        "The API",
        "For a party's own systems: watch-floor displays, message centres, monitors, archives. Stations never use it"
        " between themselves. Every path but those under *Health* begins with `/api/v1`. [openapi.json](openapi.json)"
        " describes every call, parameter, body and answer (OpenAPI 3.1); each station serves it at"
        " `/api/v1/openapi.json`, and tests hold both to what the station does.",
        section("Who asks", _WHO),
        *sections,
        section("What an answer reflects", _REFLECTS),
        section("Finding a call again", _TRACED),
        section("The event stream", _EVENTS.format(topics=", ".join(map(code, TOPICS)))),
        section("Refusals", _REFUSALS, table(["type", "status", "what it says"], problems)),
    )


def _needs(operation: dict[str, Any]) -> str:
    if not operation["security"]:
        return "nothing"
    if "x-parley-who" in operation:
        return "a person does it"
    scopes = operation["security"][0]["token"]
    return " and ".join(map(code, scopes)) or "nothing more"


_WHO = (
    "On the control socket the officer acts whose system account calls; over the network (`[api] listen`) a machine"
    " with a token: `Authorization: Bearer pat_...`. `parley token add` makes one, with scopes, an end, and, on wish,"
    " confined to channels. A token can hold "
    + ", ".join(map(code, sorted(MACHINE_SCOPES)))
    + ". What stands as *a person does it* no token can do."
)
_REFLECTS = (
    "Every answer carries `Parley-Sequence`: the newest place of the record that it reflects. A read with `at_least` waits"
    " up to 2 seconds until the record has that place, such as the one an earlier call answered with, or the `seq` of a"
    " webhook's message about an entry; then it is 503 with `Retry-After`. So who wrote reads what they wrote, and a"
    " station that was restored from an older copy does not pass for one that knows."
)
_TRACED = (
    "Every answer carries `Parley-Request-Id`, and a refusal's `instance` ends with it: the log tells more of a fault under"
    " this number. A call may carry `traceparent` (W3C Trace Context): where its flag says that the caller keeps the trace,"
    " the log has one line for the call with its trace, its parent and this number, which has the form of a span's; a fault"
    " is always logged with them. What has not that form is ignored. `tracestate` is not read."
)
_EVENTS = (
    "`GET /events` is a stream of server-sent events (WHATWG). Each has an `id`; `Last-Event-ID`, or `after`, goes on"
    " from there, and `reset` says that the place is not known any more: read everything afresh. `topics` chooses among"
    " {topics}. `beat` comes every 2 seconds: who hears none for 5 shows something old. The `data` is thin: it names"
    " the resource that changed, which is read under the reader's own rights."
)
_REFUSALS = (
    "`application/problem+json` (RFC 9457): `detail` says what was wrong, `next` what to do, `sent` whether anything"
    " left the station, `errors` where in the body (RFC 6901). The type is the path of a page that explains it."
    " `Accept-Language: zh` gives the title in Chinese; nothing else changes with it."
)
