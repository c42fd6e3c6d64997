"""Break-glass: two codes of two holders open a station that nobody can sign in to.

A code is made by an administrator, shown once, and kept only as an Argon2id hash. Two codes of
two holders are used up together and open one session of an hour, which raises an alarm on every
console. What such a session may do stands in `actors`; why, in decision 0089.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from parley.core.instants import Instant, dtg
from parley.errors import ConflictError, NotAllowedError, UsageError
from parley.station.actors import GLASS_ROLE, Actor
from parley.station.alarms import Alarms
from parley.station.cabinet import Act, Cabinet
from parley.station.pace import Pace
from parley.station.papers import Fields, PaperChange, change, numbered
from parley.station.tool_views import GlassCode, GlassMade, GlassState

SESSION_S: Final = 3_600
CODE_DAYS_MAX: Final = 3 * 366
DAY: Final = 86_400
LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: what can be read aloud and typed from paper."""
GROUPS, GROUP_LETTERS = 4, 5
"""100 bits: nobody finds one by trying, here or on a stolen database."""
TEXT_MAX: Final = 80
TRIES, TRIES_EVERY_S = 5, 60.0
"""Wrong pairs from one address: five at once, then one in a minute."""
ALL_TRIES, ALL_TRIES_EVERY_S = 30, 10.0
"""Wrong pairs from everywhere: what a hash costs must not stop the station."""
HASH_KIB: Final = 64 * 1024
"""Memory of Argon2id for a code (RFC 9106 section 4, for tight machines)."""
_PASSES, _LANES = 3, 4
_HOLDER = re.compile(r"[A-Z0-9-]{1,24}")
_LOOKALIKES: Final = str.maketrans("OIL", "011")
KIND: Final = "break-glass"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    number: int
    secret: str


class BreakGlass:
    """Makes codes, and opens the one session that two of them give."""

    def __init__(
        self,
        cabinet: Cabinet,
        alarms: Alarms,
        *,
        now: Callable[[], Instant],
        random: Callable[[int], bytes],
        tell: Callable[[str, str], Awaitable[None]],
        hash_kib: int = HASH_KIB,
    ) -> None:
        """Take what it works with.

        Args:
            cabinet: where codes and sessions are kept.
            alarms: what is raised.
            now: the station's clock.
            random: returns that many random bytes.
            tell: tells every console that an alarm was raised.
            hash_kib: memory of a new code's hash.
        """
        self._cabinet = cabinet
        self._alarms = alarms
        self._now = now
        self._random = random
        self._tell = tell
        self._hash_kib = hash_kib
        self._opening = asyncio.Lock()
        self._tries = Pace(most=TRIES, every_s=TRIES_EVERY_S, now=now)
        self._all_tries = Pace(most=ALL_TRIES, every_s=ALL_TRIES_EVERY_S, now=now)

    # --- codes ---

    def state(self) -> GlassState:
        """Return whether a session is open, and every code, the newest first; no secret."""
        session = self._session()
        return GlassState(
            open_by=() if session is None else session[1]["holders"],
            until=None if session is None else Instant(session[1]["expires_at"]),
            items=[self._code(fields) for _, fields in reversed(self._papers())],
        )

    def ready_holders(self) -> list[str]:
        """Return the holders whose code could be used now."""
        return sorted({code.holder for code in self.state().items if code.state == "ready"})

    def _papers(self) -> list[tuple[str, Fields]]:
        return self._cabinet.all("break-glass")

    def _code(self, fields: Fields) -> GlassCode:
        is_over = fields["state"] == "ready" and fields["expires_at"] < self._now()
        return GlassCode(
            number=fields["number"],
            holder=fields["holder"],
            made_by=fields["made_by"],
            made_at=fields["made_at"],
            expires_at=fields["expires_at"],
            state="ended" if is_over else fields["state"],
        )

    async def make(self, actor: Actor, holder: str, *, days: int) -> GlassMade:
        """Make a code for a holder; one that they had before opens nothing any more.

        Raises:
            NotAllowedError: no administrator.
            UsageError: the holder's name or the days are out of bounds.
        """
        actor.require("administer")
        if not _HOLDER.fullmatch(holder):
            raise UsageError(f"{holder!r} is no holder: A-Z, 0-9 and -, at most 24")
        if not 1 <= days <= CODE_DAYS_MAX:
            raise UsageError(f"a break-glass code lives 1 to {CODE_DAYS_MAX} days")
        number = len(self._papers()) + 1
        letters = "".join(LETTERS[byte & 31] for byte in self._random(GROUPS * GROUP_LETTERS))
        salt = self._random(16)
        fields: Fields = {
            "number": number,
            "holder": holder,
            "made_by": actor.officer,
            "made_at": self._now(),
            "expires_at": self._now() + days * DAY,
            "state": "ready",
            "salt": salt.hex(),
            "kib": self._hash_kib,
            "hash": await self._hash(letters, salt, self._hash_kib),
        }
        older = [
            change("break-glass", key, {**paper, "state": "replaced"})
            for key, paper in self._papers()
            if paper["holder"] == holder and paper["state"] == "ready"
        ]
        act = Act(actor=actor, act="make break-glass code", subject=holder, detail=f"{number}")
        paper = change("break-glass", numbered(number), fields)
        await self._cabinet.store([*older, paper], act)
        return GlassMade(code=self._code(fields), secret=_written(number, letters))

    async def _hash(self, letters: str, salt: bytes, kib: int) -> str:
        kdf = Argon2id(salt=salt, length=32, iterations=_PASSES, lanes=_LANES, memory_cost=kib)
        return (await asyncio.to_thread(kdf.derive, letters.encode())).hex()

    # --- the session ---

    async def open(self, texts: Sequence[str], *, source: str) -> str:
        """Return the secret of a session that two codes of two holders open.

        Both codes are used up, or neither. A refusal does not say which was wrong.

        Args:
            texts: the codes as they were typed.
            source: from which address they came.

        Raises:
            TooManyError: too many wrong ones came from there.
            NotAllowedError: they open nothing.
        """
        said = "too many break-glass codes were wrong; nothing was opened"
        async with self._opening:
            for pace, key in ((self._tries, source), (self._all_tries, "")):
                pace.take(key, said)
            codes = await self._checked(texts)
            holders = sorted(fields["holder"] for _, fields in codes)
            if len(codes) != 2 or len(set(holders)) != 2:
                await self._refuse(source)
            return await self._start(codes, holders)

    async def _checked(self, texts: Sequence[str]) -> list[tuple[str, Fields]]:
        """Return the papers of the codes that are right; each is counted once."""
        found: dict[str, Fields] = {}
        for text in texts[:2]:
            given = _read(text)
            key = "" if given is None else numbered(given.number)
            fields = None if given is None else self._cabinet.get("break-glass", key)
            if given is None or fields is None or self._code(fields).state != "ready":
                continue
            made = await self._hash(given.secret, bytes.fromhex(fields["salt"]), fields["kib"])
            if hmac.compare_digest(made, fields["hash"]):
                found[key] = fields
        return list(found.items())

    async def _refuse(self, source: str) -> None:
        nobody = Actor(officer="nobody", roles=frozenset(), via="break-glass")
        act = Act(actor=nobody, act="open break-glass session", subject=source[:60])
        async with self._cabinet.attempt(nobody, act.act, act.subject):
            if self._tries.left(source) == 0:
                text = f"wrong break-glass codes from {source[:60]}, {TRIES} times"
                raised = await self._alarms.keep(KIND, text, fact="break-glass-guessed")
                if raised is not None:
                    await self._tell("raised", raised)
            raise NotAllowedError(
                "these are no two codes of two holders that are good now; neither was used up",
                next_step="Type both again. A code works once, and a new one ends an older one.",
            )

    async def _start(self, codes: Sequence[tuple[str, Fields]], holders: list[str]) -> str:
        actor = _actor(holders)
        secret = self._random(32).hex()
        until = self._now() + SESSION_S
        used = [change("break-glass", key, {**paper, "state": "used"}) for key, paper in codes]
        fields: Fields = {
            "officer": actor.officer,
            "how": KIND,
            "holders": holders,
            "expires_at": until,
        }
        numbers = " ".join(str(paper["number"]) for _, paper in codes)
        text = f"break-glass: {' and '.join(holders)} opened a session until {dtg(Instant(until))}"
        alarm, paper = self._alarms.paper(KIND, text, fact=f"break-glass {numbers}")
        key = sha256(secret.encode()).hexdigest()
        await self._cabinet.store(
            [*used, *self._gone(), change("sessions", key, fields), paper],
            Act(actor=actor, act="open break-glass session", subject=KIND, detail=numbers),
        )
        await self._tell("raised", alarm)
        return secret

    def _session(self) -> tuple[str, Fields] | None:
        for key, fields in self._cabinet.all("sessions"):
            if fields["how"] == KIND and fields["expires_at"] >= self._now():
                return key, fields
        return None

    def _gone(self) -> list[PaperChange]:
        """Return what ends every break-glass session: there is one at a time."""
        return [
            change("sessions", key, None)
            for key, fields in self._cabinet.all("sessions")
            if fields["how"] == KIND
        ]

    async def end(self, actor: Actor) -> GlassState:
        """End the session at once.

        Raises:
            ConflictError: none is open.
        """
        actor.require("administer")
        if self._session() is None:
            raise ConflictError("no break-glass session is open")
        act = Act(actor=actor, act="end break-glass session", subject=KIND)
        await self._cabinet.store(self._gone(), act)
        return self.state()


def actor_of_session(fields: Fields) -> Actor:
    """Return who acts in a break-glass session."""
    return _actor(fields["holders"])


def _actor(holders: Sequence[str]) -> Actor:
    return Actor(
        officer=f"{KIND}:{'+'.join(holders)}", roles=frozenset({"watch", GLASS_ROLE}), via=KIND
    )


def _written(number: int, letters: str) -> str:
    parts = [letters[at : at + GROUP_LETTERS] for at in range(0, len(letters), GROUP_LETTERS)]
    return "-".join([str(number), *parts])


def _read(text: str) -> _Given | None:
    """Return a code as it was typed: small letters, spaces and lookalikes do no harm."""
    number, _, rest = text[:TEXT_MAX].strip().replace(" ", "-").partition("-")
    letters = rest.replace("-", "").upper().translate(_LOOKALIKES)
    if not (number.isascii() and number.isdecimal() and len(number) <= 9):
        return None
    return _Given(number=int(number), secret=letters)
