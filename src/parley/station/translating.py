"""Translation by machine: an adapter, and no engine.

A station's administrator may name a program, or an address on this machine's loopback. What comes
back is a draft marked `machine`; nothing is ever sent by it. The other side gets JSON
`{"text", "source", "target"}` and answers `{"text"}`, both in UTF-8.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from contextlib import suppress
from typing import Final

from parley.core.texts import misleading
from parley.errors import ConflictError, NotFoundError, StationUnreachableError, UsageError
from parley.station.config import TranslationSettings

TEXT_MAX: Final = 20_000
ANSWER_BYTES_MAX: Final = 262_144
WAITING_MAX: Final = 4
_SAFE_VARIABLES: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")


class Translator:
    """Asks whatever translates, one text at a time."""

    def __init__(self, settings: TranslationSettings) -> None:
        self._settings = settings
        self._turn = asyncio.Lock()
        self._waiting = 0

    @property
    def engine(self) -> str:
        """Return the engine's name; empty where none is set up."""
        is_set_up = self._settings.command or self._settings.url
        return self._settings.engine if is_set_up else ""

    async def translate(self, text: str, *, source: str, target: str) -> str:
        """Return a translation by machine.

        Args:
            text: at most 20,000 characters.
            source: its language, BCP 47.
            target: the language wanted.

        Raises:
            NotFoundError: none is set up here.
            UsageError: the text is too long.
            ConflictError: too many wait for it already.
            StationUnreachableError: it gave no good answer in its time.
        """
        if not self.engine:
            raise NotFoundError(
                "this station has nothing that translates by machine",
                next_step="An administrator may set [translation] in parley.toml.",
            )
        if len(text) > TEXT_MAX:
            raise UsageError(f"a text of more than {TEXT_MAX} characters is not translated here")
        if self._waiting >= WAITING_MAX:
            raise ConflictError("others wait for a translation already", next_step="Try again.")
        asked = json.dumps({"text": text, "source": source, "target": target}, ensure_ascii=False)
        self._waiting += 1
        try:
            async with self._turn, asyncio.timeout(self._settings.timeout_s):
                if self._settings.command:
                    raw = await self._run(asked.encode("utf-8", "replace"))
                else:
                    raw = await self._fetch(asked.encode("utf-8", "replace"))
        except TimeoutError:
            raise _failed(f"it took more than {self._settings.timeout_s} s") from None
        finally:
            self._waiting -= 1
        return _answer(raw)

    async def _run(self, asked: bytes) -> bytes:
        """Run the program with a bare environment and end it, and all it began, in any case."""
        kept = {name: os.environ[name] for name in _SAFE_VARIABLES if name in os.environ}
        try:
            process = await asyncio.create_subprocess_exec(
                *self._settings.command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=kept,
                start_new_session=True,
            )
        except OSError as problem:
            raise _failed(f"the program cannot be run: {problem.strerror}") from None
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            with suppress(BrokenPipeError, ConnectionResetError):
                process.stdin.write(asked)
                await process.stdin.drain()
            process.stdin.close()
            raw = bytearray()
            while chunk := await process.stdout.read(65_536):
                raw += chunk
                if len(raw) > ANSWER_BYTES_MAX:
                    raise _failed("its answer is too long")
            if await process.wait() != 0:
                raise _failed(f"the program ended with {process.returncode}")
            return bytes(raw)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    async def _fetch(self, asked: bytes) -> bytes:
        import httpx  # noqa: PLC0415 - few stations have an engine, and it is slow to load

        raw = bytearray()
        try:
            async with (
                httpx.AsyncClient(trust_env=False, timeout=self._settings.timeout_s) as client,
                client.stream(
                    "POST",
                    self._settings.url,
                    content=asked,
                    headers={"content-type": "application/json", "accept-encoding": "identity"},
                ) as answer,
            ):
                if answer.status_code != 200:
                    raise _failed(f"it answered {answer.status_code}")
                async for chunk in answer.aiter_raw():
                    raw += chunk
                    if len(raw) > ANSWER_BYTES_MAX:
                        raise _failed("its answer is too long")
        except httpx.HTTPError as problem:
            raise _failed(f"it cannot be reached: {type(problem).__name__}") from None
        return bytes(raw)


def _failed(why: str) -> StationUnreachableError:
    return StationUnreachableError(
        f"the translation by machine failed: {why}; nothing was kept",
        next_step="Ask the administrator, or translate by hand.",
    )


def _answer(raw: bytes) -> str:
    try:
        said = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise _failed("its answer is no JSON") from None
    text = said.get("text") if isinstance(said, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise _failed("its answer has no `text`")
    if len(text) > 4 * TEXT_MAX or misleading(text):
        raise _failed("its text is too long, or holds characters that mislead")
    return text
