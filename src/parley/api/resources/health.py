"""What monitors ask: does the process turn over, is the station ready, which version is it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request, Response
from starlette.responses import PlainTextResponse

from parley import __version__
from parley.api.doors import GatewayHere, StatusReader, door_of, see_all
from parley.api.problems import EXPLAINED, PROBLEMS
from parley.api.routes import answer, new_router
from parley.errors import NotFoundError
from parley.station.metrics import MEDIA_TYPE as METRICS_TYPE

API_VERSION = "v1"
PROTOCOLS = ["parley1"]

_NO_MATTER_HERE = ("files", "clock")
"""Checks that a person mends while the station goes on to store and sign."""

router = new_router("health")


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """Which program answers, and what it speaks."""

    version: str
    api: str
    protocols: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyCheck:
    """One thing that a station needs, and whether it has it."""

    check: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether the station can store and sign, and why not."""

    ready: bool
    checks: list[ReadyCheck]


@router.get("/livez", response_class=PlainTextResponse)
async def live() -> Response:
    """Answer while the process turns over; nothing outside is looked at."""
    return PlainTextResponse("ok\n")


@router.get("/readyz", response_model=Readiness, responses={503: {"model": Readiness}})
async def ready(request: Request) -> Response:
    """Answer 200 if the station can store and sign, else 503; a silent peer does not matter."""
    door = await door_of(request)
    checks = [
        ReadyCheck(check=row.check, ok=row.level != "fix", detail=row.detail)
        for row in door.gateway.health()
        if row.check not in _NO_MATTER_HERE
    ]
    if door.stopping.is_set():
        checks.append(ReadyCheck(check="running", ok=False, detail="the station is stopping"))
    is_ready = all(row.ok for row in checks)
    return answer(Readiness(ready=is_ready, checks=checks), 200 if is_ready else 503)


@router.get("/version", response_model=VersionView)
async def version() -> Response:
    """Return which version answers."""
    return answer(VersionView(version=__version__, api=API_VERSION, protocols=PROTOCOLS))


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses={200: {"content": {METRICS_TYPE: {"schema": {"type": "string"}}}}},
)
async def metrics(gateway: GatewayHere, actor: StatusReader) -> Response:
    """Return the station's state as numbers for monitors (OpenMetrics 1.0, text form)."""
    see_all(actor)
    return Response(gateway.metrics(), media_type=METRICS_TYPE)


@router.get("/problems/{name}", response_class=PlainTextResponse)
async def problem(name: str) -> Response:
    """Explain a type of problem."""
    if name not in EXPLAINED:
        raise NotFoundError(f"there is no type of problem {name}")
    rows = sorted({(status, title) for status, slug, title in PROBLEMS.values() if slug == name})
    lines = [f"{status}: {title}." for status, title in rows]
    return PlainTextResponse(f"{name}\n\n" + "\n".join(lines) + "\n")
