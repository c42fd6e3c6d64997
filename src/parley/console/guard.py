"""What stands before every page: allowed host, own origin, bounded bodies, strict headers.

Sources: CSP level 3; Trusted Types; RFC 6454 (origin); RFC 6265bis (SameSite).
"""

from __future__ import annotations

from html import escape
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from parley.core.limits import ATTACHMENT_BYTES_MAX

BODY_BYTES_MAX: Final = 1_048_576
"""Largest form we read: an entry is at most 64 KiB, fields and texts of a draft fit many times."""
FILE_FORM_BYTES_MAX: Final = BODY_BYTES_MAX + ATTACHMENT_BYTES_MAX
"""Largest form of a draft, which may bring one file."""

_DRAFTS: Final = "/drafts"

WORKER_SCRIPT: Final = "/js/stream.js"

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; require-trusted-types-for 'script'; trusted-types parley"
)
WORKER_POLICY: Final = "default-src 'none'; connect-src 'self'"

_COMMON: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not `no-referrer`: browsers would then send `Origin: null` with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
_NO_METHOD: Final = "Pages are read and forms are posted.\n页面只供读取，表单只供提交。"
_NO_LENGTH: Final = "The request does not say how long it is.\n请求未说明其长度。"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD"})


class Guard:
    """ASGI middleware; it holds no state and never buffers a stream."""

    def __init__(self, app: ASGIApp, *, origin: str) -> None:
        self._app = app
        self._origin = origin
        self._host = urlsplit(origin).netloc
        self._secure = origin.startswith("https:")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        policy = WORKER_POLICY if scope["path"].endswith(WORKER_SCRIPT) else PAGE_POLICY

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                for name, value in _COMMON.items():
                    out[name] = value
                # Only the verifier page brings its own, stricter one: see pages/record.py.
                if "content-security-policy" not in out:
                    out["content-security-policy"] = policy
                if "cache-control" not in out:
                    out["cache-control"] = "no-store"
                if self._secure:
                    out["strict-transport-security"] = "max-age=31536000"
            await send(message)

        refusal = self._refusal(scope["method"], headers, _most(scope))
        if refusal is not None:
            await refusal(scope, receive, send_with_headers)
            return
        await self._app(scope, _bounded(receive, _most(scope)), send_with_headers)

    def _refusal(self, method: str, headers: Headers, most: int) -> Response | None:
        if headers.get("host", "") != self._host:
            return _elsewhere(self._origin)
        if method in _SAFE_METHODS:
            return None
        if method != "POST":
            return _refuse(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "Pages are read and forms are posted.\n页面只供读取，表单只供提交。",
            )
        if headers.get("origin") != self._origin:
            return _refuse(
                HTTPStatus.FORBIDDEN,
                "This form did not come from a page of this console. Nothing was done. "
                f"Open {self._origin} and try again.\n"
                f"此表单并非出自本控制台的页面，未执行任何操作。请打开 {self._origin} 再试。",
            )
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return _refuse(
                HTTPStatus.LENGTH_REQUIRED,
                "The request does not say how long it is.\n请求未说明其长度。",
            )
        if int(length) > most:
            return _refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(most))
        return None


def _most(scope: Scope) -> int:
    """Return how many bytes a form may have."""
    path = str(scope["path"])
    is_draft = path == _DRAFTS or path.startswith(f"{_DRAFTS}/")
    return FILE_FORM_BYTES_MAX if is_draft else BODY_BYTES_MAX


def _too_large(most: int) -> str:
    english = f"More than {most} bytes. Nothing was stored or sent."
    return f"{english}\n超过{most}字节，未存储或发送任何内容。"


def _elsewhere(origin: str) -> Response:
    """Say where the console is; a person who typed a bare number gets there by one press."""
    at = f'<a href="{escape(origin)}/">{escape(origin)}</a>'
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Parley</title>'
        f"<p>This console is at {at} and at no other address.</p>"
        f'<p lang="zh">本控制台的地址是 {at}，别无他处。</p></html>\n'
    )
    return HTMLResponse(page, status_code=HTTPStatus.MISDIRECTED_REQUEST)


def _refuse(status: HTTPStatus, text: str) -> PlainTextResponse:
    return PlainTextResponse(text + "\n", status_code=status)


def _bounded(receive: Receive, most: int) -> Receive:
    seen = 0

    async def receive_bounded() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(most))
        return message

    return receive_bounded
