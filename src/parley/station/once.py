"""Idempotency keys: the same key with the same content finds the first answer, for 30 days."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeAlias

from parley.errors import IdempotencyError, UsageError
from parley.station.actors import Actor
from parley.station.cabinet import Cabinet
from parley.station.desk_views import DraftRequest
from parley.station.interface import Station
from parley.station.papers import PaperChange, change

KEY_DAYS: Final = 30
KEY_LENGTH_MAX: Final = 200
DAY: Final = 86_400

KeyPapers: TypeAlias = Callable[[str], tuple[PaperChange, ...]]
"""Returns, for the number of the draft made, the papers that remember its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a key is good for: the draft made with it before, or a place to remember a new one."""

    draft: str | None
    papers: KeyPapers


class Once:
    """Remembers keys."""

    def __init__(self, station: Station, cabinet: Cabinet) -> None:
        self._station = station
        self._cabinet = cabinet
        self._running: set[str] = set()

    @contextmanager
    def use(self, actor: Actor, key: str | None, request: DraftRequest) -> Iterator[Found]:
        """Hold a key while its first call runs.

        Raises:
            IdempotencyError: the key came with another content, or its first call still runs.
            UsageError: it is too long.
        """
        if key is None:
            yield Found(draft=None, papers=lambda _draft: ())
            return
        if not 1 <= len(key) <= KEY_LENGTH_MAX:
            raise UsageError(f"an idempotency key has 1 to {KEY_LENGTH_MAX} characters")
        place = sha256(f"{actor.officer}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()
        digest = sha256(json.dumps(request.as_paper(), sort_keys=True).encode()).hexdigest()
        draft = self._known(place, digest)
        if draft is None and place in self._running:
            raise IdempotencyError(f"the first call with key {key} is still running")
        self._running.add(place)
        fields = {"request": digest, "at": self._station.now()}
        try:
            yield Found(
                draft=draft,
                papers=lambda made: (change("idempotency", place, {**fields, "draft": made}),),
            )
        finally:
            self._running.discard(place)

    def _known(self, place: str, digest: str) -> str | None:
        fields = self._cabinet.get("idempotency", place)
        if fields is None or fields["at"] < self._station.now() - KEY_DAYS * DAY:
            return None
        if fields["request"] != digest:
            raise IdempotencyError(
                "this idempotency key was used for another content; nothing was sent",
                next_step="Use a new key for a new text.",
            )
        return str(fields["draft"])

    async def forget_old(self) -> None:
        """Drop keys older than 30 days; done at start."""
        oldest = self._station.now() - KEY_DAYS * DAY
        old = [
            change("idempotency", place, None)
            for place, fields in self._cabinet.all("idempotency")
            if fields["at"] < oldest
        ]
        if old:
            await self._cabinet.store(old)
