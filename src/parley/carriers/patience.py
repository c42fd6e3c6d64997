"""How long who dials waits for a TLS handshake, try after try (decision 0018).

A line that comes and goes swallows the first packets of a connection that was begun while it was
away. Such a connection is dead for good, however soon the line is back: short tries lose little.
A slow line needs a long one now and then.
"""

from __future__ import annotations

SHORT_S, MIDDLE_S, LONG_S = 2.0, 4.0, 10.0

TRIES_S = (SHORT_S, SHORT_S, MIDDLE_S, SHORT_S, SHORT_S, MIDDLE_S, SHORT_S, LONG_S)
"""One round. The long try comes some twenty seconds after a path was lost."""

_TIMES_AS_LONG = 3.0


class HandshakePatience:
    """Keeps the place in the round, and how long the last handshake on this line took."""

    def __init__(self) -> None:
        self._tries = 0
        self._took_s = 0.0

    def next_s(self) -> float:
        """Return the seconds that the next handshake may take.

        No try is shorter than three times what the last one that came through took.
        """
        wanted = TRIES_S[self._tries % len(TRIES_S)]
        self._tries += 1
        return min(max(wanted, _TIMES_AS_LONG * self._took_s), LONG_S)

    def came_through(self, took_s: float) -> None:
        """Take note that a handshake succeeded; the next outage begins with short tries."""
        self._tries = 0
        self._took_s = took_s
