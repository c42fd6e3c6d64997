"""What `parley demo --speed` and `--ports` mean."""

from __future__ import annotations

import re
import socket
from typing import Final

from parley.cli.children import free_ports
from parley.errors import UsageError

_SPEED: Final = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,3})?)x?")
_PORT_MAX: Final = 65_535


def pace_of(text: str) -> float | None:
    """Return how many seconds of the day pass in one; None for at once.

    Raises:
        UsageError: it is no such number, or 0.
    """
    if not text:
        return None
    match = _SPEED.fullmatch(text)
    if match is None or not float(match[1]):
        raise UsageError(f"--speed {text!r} is no speed", next_step="give one such as 3600x.")
    return float(match[1])


def ports_from(first: int | None, count: int) -> list[int]:
    """Return that many ports of loopback: in a row from the first, or any that are free.

    Raises:
        UsageError: one of them is taken, or there is none of that number.
    """
    if first is None:
        return free_ports(count)
    last = first + count - 1
    if not 1 <= first <= last <= _PORT_MAX:
        raise UsageError(
            f"--ports {first}: there are no {count} ports from there on",
            next_step=f"give a number from 1,024 to {_PORT_MAX - count + 1:,}.",
        )
    for port in range(first, last + 1):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as problem:
                raise UsageError(
                    f"port {port} cannot be had: {problem.strerror}",
                    next_step=f"the demonstration needs {first} to {last}; give others.",
                ) from None
    return list(range(first, last + 1))
