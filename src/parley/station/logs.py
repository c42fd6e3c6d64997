"""Structured logs: one JSON object a line, or lines for a person; never a key, never a text."""

from __future__ import annotations

import logging
import sys
from typing import Any, Final, TextIO

import structlog

LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_SECRET_NAMES: Final = ("passphrase", "secret", "seed", "token", "key_pem", "tls_key", "password")


def _hide_secrets(_logger: Any, _method: str, event: Any) -> Any:
    """Take out what must never stand in a log, whoever logs it; types are structlog's."""
    for name in list(event):
        if any(part in name.lower() for part in _SECRET_NAMES):
            event[name] = "(withheld)"
        elif isinstance(event[name], bytes):
            event[name] = event[name].hex()
    return event


def make_logger(
    *, station: str, level: str = "info", form: str = "json", stream: TextIO | None = None
) -> structlog.typing.FilteringBoundLogger:
    """Return a logger for one station.

    Args:
        station: the station's code, on every line.
        level: least level that is written.
        form: `json` or `console`.
        stream: where to; standard error when None.
    """
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _hide_secrets,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        station=station,
    )
    return logger
