"""Style, scripts, fonts and favicons, under a path that changes with their content."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_FOREVER = "public, max-age=31536000, immutable"


@cache
def _files() -> dict[str, bytes]:
    root = Path(str(resources.files("parley.console").joinpath("static")))
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix in TYPES
    }


@cache
def build() -> str:
    """Return 12 hex digits that change whenever any asset does."""
    digest = sha256()
    for name, content in _files().items():
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:12]


def asset_path(name: str) -> str:
    """Return the path at which the browser finds an asset.

    Raises:
        KeyError: the package holds no such file.
    """
    _files()[name]
    return f"/static/{build()}/{name}"


async def serve_asset(request: Request) -> Response:
    """Answer with one asset; another build's path is not found, so that builds never mix."""
    name = request.path_params["name"]
    content = _files().get(name)
    if content is None or request.path_params["build"] != build():
        raise HTTPException(404)
    kind = TYPES["." + name.rsplit(".", 1)[1]]
    return Response(content, media_type=kind, headers={"cache-control": _FOREVER})


ROUTE = Route("/static/{build}/{name:path}", serve_asset)
