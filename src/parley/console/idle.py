"""An unattended console shows everything and does nothing: after 15 idle minutes an act asks who.

Only who has a passkey can be asked for it. Reading is never stopped, a claim neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.requests import Request

from parley.console.door import Gateway
from parley.console.passkeys import Passkeys
from parley.console.seat import Seat, stream_name
from parley.core.instants import Instant
from parley.errors import NotAllowedError

IDLE_S: Final = 900
SESSIONS_MAX: Final = 1_000
FORMS_MAX: Final = 20
"""Forms whose files are kept at once; each is as long as a form may be at most."""
USE: Final = "again"
FIELDS: Final = ("again_challenge", "again_credential")
"""Names under which the passkey's answer comes; an act may have fields of its own for another."""
_NEVER_ASKED: Final = ("/sign-out", "/release/", "/station/settings/")
"""Paths of acts let through: signing out; a release and a setting, which ask by themselves."""
UNATTENDED: Final = ("/claim", "/save", "/options")
"""Ends of acts that neither ask nor show that somebody is there.

A claim stops a sound and tells nobody outside; saving keeps what was typed.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file that a person chose, kept in memory while they are asked who acts."""

    name: str | None
    headers: Headers
    content: bytes

    def again(self) -> UploadFile:
        """Return the file as the form had it."""
        return UploadFile(
            BytesIO(self.content),
            size=len(self.content),
            filename=self.name,
            headers=self.headers,
        )


class Idle:
    """When somebody last did something in each session; in memory, so that a restart asks."""

    def __init__(self, gateway: Gateway, passkeys: Passkeys, *, now: Callable[[], Instant]) -> None:
        self._gateway = gateway
        self._passkeys = passkeys
        self._now = now
        self._last: dict[str, Instant] = {}
        self._files: dict[str, list[tuple[str, KeptFile]]] = {}

    async def keep_files(self, seat: Seat, form: FormData) -> None:
        """Keep the files of a form until the passkey has answered; one form for each session."""
        kept = [
            (name, KeptFile(name=file.filename, headers=file.headers, content=await file.read()))
            for name, file in form.multi_items()
            if isinstance(file, UploadFile)
        ]
        self._files.pop(seat.stream_name, None)
        while len(self._files) >= FORMS_MAX:
            del self._files[next(iter(self._files))]
        if kept:
            self._files[seat.stream_name] = kept

    def put_back(self, request: Request, seat: Seat, form: FormData) -> None:
        """Give a form the files back that were kept while the passkey was asked."""
        kept = self._files.pop(seat.stream_name, [])
        if kept:
            files = [(name, each.again()) for name, each in kept]
            # What `request.form()` answers with from now on.
            request._form = FormData([*form.multi_items(), *files])  # noqa: SLF001

    def touch(self, secret: str) -> None:
        """Take note that a person did something in the session of this secret."""
        name = stream_name(secret)
        self._last.pop(name, None)
        while len(self._last) >= SESSIONS_MAX:
            del self._last[next(iter(self._last))]
        self._last[name] = self._now()

    def looked(self, request: Request, seat: Seat) -> None:
        """Take note of a page that a person opened, not of one that freshens by itself."""
        if request.headers.get("sec-fetch-user") == "?1" and not self._is_idle(seat):
            self.touch(seat.secret)

    def _is_idle(self, seat: Seat) -> bool:
        last = self._last.get(seat.stream_name)
        return last is None or not 0 <= self._now() - last < IDLE_S

    def asks(self, request: Request, seat: Seat) -> bool:
        """Say whether this act needs the passkey first."""
        path = request.url.path
        if path.startswith(_NEVER_ASKED) or path.endswith(UNATTENDED):
            return False
        return self._is_idle(seat) and bool(self._gateway.passkeys(seat.actor.officer))

    def question(self, officer: str) -> dict[str, Any]:
        """Return what the browser needs to ask the officer's passkey."""
        known = [row.credential_id for row in self._gateway.passkeys(officer)]
        return self._passkeys.ask(USE, officer, known)

    async def confirm(
        self, officer: str, challenge: str, credential: str, *, use: str = USE, subject: str = ""
    ) -> None:
        """Check the answer of one of the officer's passkeys.

        Raises:
            NotAllowedError: it is another's, or does not fit what was asked.
        """
        credential_id = self._passkeys.credential_id(credential)
        rows = self._gateway.passkeys(officer)
        row = next((row for row in rows if row.credential_id == credential_id), None)
        if row is None:
            raise NotAllowedError("this passkey is not one of yours")
        count = self._passkeys.finish(
            use,
            subject or officer,
            challenge,
            credential,
            public_key=row.public_key,
            count=row.sign_count,
        )
        await self._gateway.used_passkey(credential_id, count)
