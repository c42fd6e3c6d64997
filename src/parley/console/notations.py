"""A position in the notations that desks use: decimal degrees, decimal minutes, seconds."""

from __future__ import annotations

from collections.abc import Callable


def notations(lat: float, lon: float) -> tuple[str, str, str]:
    """Return a position in three notations, each to about a metre or two."""
    return _both(lat, lon, _degrees), _both(lat, lon, _minutes), _both(lat, lon, _seconds)


def _both(lat: float, lon: float, write: Callable[[float, int], str]) -> str:
    north, east = "NS"[lat < 0], "EW"[lon < 0]
    return f"{write(abs(lat), 2)}{north} {write(abs(lon), 3)}{east}"


def _degrees(value: float, width: int) -> str:
    return f"{value:0{width + 6}.5f}°"


def _minutes(value: float, width: int) -> str:
    whole, parts = divmod(round(value * 60_000), 60_000)
    return f"{whole:0{width}}-{parts // 1000:02}.{parts % 1000:03}"


def _seconds(value: float, width: int) -> str:
    whole, parts = divmod(round(value * 36_000), 36_000)
    return f"{whole:0{width}}-{parts // 600:02}-{parts % 600 // 10:02}.{parts % 10}"
