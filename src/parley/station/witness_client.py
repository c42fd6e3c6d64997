"""The way to witnesses: a submission over HTTP, and whatever came back, within bounds.

Nothing here is believed: the engine checks every signature (see `station.witnessing`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import httpx

ANSWER_BYTES_MAX: Final = 16_384
ANSWER_SECONDS: Final = 20.0
CONNECT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """What a witness said; status 0 where it said nothing."""

    status: int
    body: str = ""


NOTHING: Final = WitnessAnswer(0)


class WitnessClient:
    """Submits statements; one connection to each witness is kept open."""

    def __init__(self, *, log: Callable[..., None]) -> None:
        self._log = log
        self._http: httpx.AsyncClient | None = None
        self._ways: dict[bytes, tuple[str, ...]] = {}
        self._troubled: set[str] = set()

    def set_ways(self, ways: Mapping[bytes, Sequence[str]]) -> None:
        """Take note of where each witness, by public key, takes submissions."""
        self._ways = {key: tuple(urls) for key, urls in ways.items()}

    @property
    def keys(self) -> frozenset[bytes]:
        """Return the public keys of witnesses to whom there is a way."""
        return frozenset(self._ways)

    async def submit(self, key: bytes, body: bytes) -> WitnessAnswer:
        """Return what the witness with a key says to a submission; tries its addresses in turn."""
        for prefix in self._ways.get(key, ()):
            answer = await self._post(f"{prefix.rstrip('/')}/add-checkpoint", body)
            if answer.status:
                return answer
        return NOTHING

    async def _post(self, url: str, body: bytes) -> WitnessAnswer:
        import httpx  # noqa: PLC0415 - only stations with a witness need it

        if self._http is None:
            self._http = httpx.AsyncClient(
                timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
                follow_redirects=False,
                trust_env=False,
            )
        try:
            async with self._http.stream("POST", url, content=body) as response:
                raw = b""
                async for chunk in response.aiter_bytes():
                    raw += chunk
                    if len(raw) > ANSWER_BYTES_MAX:
                        break
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
            if url not in self._troubled:
                self._troubled.add(url)
                self._log("witness not reached", address=url, why=str(problem) or repr(problem))
            return NOTHING
        if url in self._troubled:
            self._troubled.discard(url)
            self._log("witness reached again", address=url)
        return WitnessAnswer(
            response.status_code, raw[:ANSWER_BYTES_MAX].decode("utf-8", "replace")
        )

    async def close(self) -> None:
        """Close every connection."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None
