"""People and machines of the station: officers, sign-in links, sessions, passkeys, tokens.

Secrets are handed out once; only their SHA-256 is kept.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Final

from parley.core.instants import Instant
from parley.errors import ConflictError, NotAllowedError, NotFoundError, NotSignedInError
from parley.station.actors import MACHINE_SCOPES, ROLES, SCOPES, Actor, Via, check_roles
from parley.station.break_glass import KIND as GLASS_KIND
from parley.station.break_glass import actor_of_session
from parley.station.cabinet import Act, Cabinet, require
from parley.station.desk_views import OfficerView, PasskeyRow, TokenMade, TokenView
from parley.station.papers import Fields, change

_CODE = re.compile(r"[A-Z0-9-]{1,24}")
TOKEN_PREFIX: Final = "pat_"  # noqa: S105 - what every token begins with, no secret
TOKEN_DAYS_MAX: Final = 365
SESSION_HOURS_MAX: Final = 24
LINK_MINUTES_MAX: Final = 24 * 60
DAY: Final = 86_400


class Officers:
    """Who may come in, and how."""

    def __init__(
        self, cabinet: Cabinet, *, now: Callable[[], Instant], random: Callable[[int], bytes]
    ) -> None:
        self._cabinet = cabinet
        self._now = now
        self._random = random
        self._used: dict[str, Instant] = {}

    # --- officers ---

    def all(self) -> list[OfficerView]:
        """Return every officer, suspended ones too."""
        keys = [fields["officer"] for _, fields in self._cabinet.all("passkeys")]
        return [
            _officer(code, fields, keys.count(code))
            for code, fields in self._cabinet.all("officers")
        ]

    def actor(self, code: str, via: Via) -> Actor:
        """Return an active officer as one who acts.

        Raises:
            NotSignedInError: there is no such officer, or they are suspended.
        """
        fields = self._cabinet.get("officers", code)
        if fields is None or not fields["active"]:
            raise NotSignedInError(
                f"there is no active officer {code}",
                next_step="Ask an administrator: `parley officer list` shows who there is.",
            )
        return Actor(officer=code, roles=frozenset(fields["roles"]), via=via)

    def actor_of_account(self, account: int, named: str | None, via: Via) -> Actor:
        """Return the officer who uses a system account.

        Args:
            account: the process's user id.
            named: which one, where the account is bound to several.
            via: the door.

        Raises:
            NotSignedInError: nobody, or several and none was named.
        """
        codes = [
            code
            for code, fields in self._cabinet.all("officers")
            if fields["active"] and account in fields["accounts"]
        ]
        if named is not None and named in codes:
            return self.actor(named, via)
        if named is None and len(codes) == 1:
            return self.actor(codes[0], via)
        if named is not None:
            raise NotSignedInError(
                f"system account {account} is not bound to an active officer {named}",
                next_step=f"An administrator binds it: parley officer add {named} "
                f"--account {account}; parley officer list shows who there is.",
            )
        if codes:
            raise NotSignedInError(
                f"system account {account} is bound to several officers: {', '.join(codes)}",
                next_step="Say who you are with --officer CODE.",
            )
        raise NotSignedInError(
            f"system account {account} is bound to no officer",
            next_step="Ask an administrator: parley officer add CODE --account UID.",
        )

    async def add(
        self,
        actor: Actor,
        code: str,
        *,
        roles: Sequence[str],
        name: str = "",
        account: int | None = None,
    ) -> OfficerView:
        """Add an officer, or bind another system account to one.

        Raises:
            NotAllowedError: no administrator, or an unknown role.
            ConflictError: the code is taken by somebody with other roles.
        """
        actor.require("administer")
        if not _CODE.fullmatch(code):
            raise NotAllowedError(f"{code!r} is no officer code: A-Z, 0-9 and -, at most 24")
        present = self._cabinet.get("officers", code)
        named = roles or (present["roles"] if present else ())
        wanted = sorted(check_roles(frozenset(named)), key=ROLES.index)
        if present is not None and present["roles"] != wanted:
            raise ConflictError(f"there is an officer {code} with other roles already")
        accounts = set(present["accounts"] if present else ())
        if account is not None:
            accounts.add(account)
        fields: Fields = {
            "name": name or (present["name"] if present else ""),
            "roles": wanted,
            "accounts": sorted(accounts),
            "active": True,
            "added_at": present["added_at"] if present else self._now(),
            "last_sign_in": present["last_sign_in"] if present else None,
        }
        detail = f"roles {' '.join(wanted)}"
        act = Act(actor=actor, act="add officer", subject=code, detail=detail)
        await self._cabinet.store([change("officers", code, fields)], act)
        return _officer(code, fields, len(self.passkeys(code)))

    async def suspend(self, actor: Actor, code: str) -> OfficerView:
        """Shut an officer out at once; what they did stays.

        Raises:
            NotFoundError: there is no such officer.
            ConflictError: it is the last administrator.
        """
        actor.require("administer")
        fields = require(self._cabinet.get("officers", code), f"officer {code}")
        others = [
            other
            for other, paper in self._cabinet.all("officers")
            if other != code and paper["active"] and "administrator" in paper["roles"]
        ]
        if not others:
            raise ConflictError(f"{code} is the last administrator")
        fields["active"] = False
        gone = [
            change("sessions", key, None)
            for key, paper in self._cabinet.all("sessions")
            if paper["officer"] == code
        ]
        act = Act(actor=actor, act="suspend officer", subject=code)
        await self._cabinet.store([change("officers", code, fields), *gone], act)
        return _officer(code, fields, len(self.passkeys(code)))

    # --- signing in ---

    async def sign_in_link(self, actor: Actor, officer: str, *, minutes: int) -> str:
        """Return a secret with which an officer signs in once."""
        actor.require("let-in")
        self.actor(officer, "console")
        secret = self._random(24).hex()
        until = self._now() + 60 * min(max(minutes, 1), LINK_MINUTES_MAX)
        fields: Fields = {"officer": officer, "expires_at": until}
        act = Act(actor=actor, act="make sign-in link", subject=officer)
        await self._cabinet.store([change("links", _hash(secret), fields)], act)
        return secret

    async def use_sign_in_link(self, secret: str) -> str:
        """Take a sign-in link away and return whose it was.

        Raises:
            NotSignedInError: it is unknown, used or too old.
        """
        key = _hash(secret)
        fields = self._cabinet.get("links", key)
        if fields is None or fields["expires_at"] < self._now():
            raise NotSignedInError(
                "this sign-in link was used already, is too old, or is unknown",
                next_step="Ask an administrator for a new one.",
            )
        actor = self.actor(fields["officer"], "console")
        await self._cabinet.store(
            [change("links", key, None)],
            Act(actor=actor, act="use sign-in link", subject=actor.officer),
        )
        return actor.officer

    async def open_session(self, officer: str, *, how: str, hours: int) -> str:
        """Return the secret of a new session."""
        actor = self.actor(officer, "console")
        secret = self._random(32).hex()
        until = self._now() + 3600 * min(max(hours, 1), SESSION_HOURS_MAX)
        person = require(self._cabinet.get("officers", officer), f"officer {officer}")
        person["last_sign_in"] = self._now()
        old = [
            change("sessions", key, None)
            for key, paper in self._cabinet.all("sessions")
            if paper["expires_at"] < self._now()
        ]
        fields: Fields = {"officer": officer, "how": how, "expires_at": until}
        await self._cabinet.store(
            [change("sessions", _hash(secret), fields), change("officers", officer, person), *old],
            Act(actor=actor, act="sign in", subject=officer, detail=how),
        )
        return secret

    def session(self, secret: str) -> Actor | None:
        """Return who a session belongs to, None if it is over."""
        fields = self._cabinet.get("sessions", _hash(secret))
        if fields is None or fields["expires_at"] < self._now():
            return None
        if fields["how"] == GLASS_KIND:
            return actor_of_session(fields)
        try:
            return self.actor(fields["officer"], "console")
        except NotSignedInError:
            return None

    async def close_session(self, secret: str) -> None:
        """End a session; one that is over already stays so."""
        key = _hash(secret)
        fields = self._cabinet.get("sessions", key)
        if fields is None:
            return
        actor = Actor(officer=fields["officer"], roles=frozenset(), via="console")
        await self._cabinet.store(
            [change("sessions", key, None)],
            Act(actor=actor, act="sign out", subject=actor.officer),
        )

    # --- passkeys ---

    def passkeys(self, officer: str) -> list[PasskeyRow]:
        """Return an officer's passkeys."""
        return [
            _passkey(key, fields)
            for key, fields in self._cabinet.all("passkeys")
            if fields["officer"] == officer
        ]

    def passkey(self, credential_id: bytes) -> PasskeyRow | None:
        """Return one passkey."""
        fields = self._cabinet.get("passkeys", credential_id.hex())
        return None if fields is None else _passkey(credential_id.hex(), fields)

    async def add_passkey(self, actor: Actor, officer: str, row: PasskeyRow) -> None:
        """Keep a passkey: one's own, or, as administrator, somebody's.

        Raises:
            NotAllowedError: another officer's, and no administrator.
            ConflictError: it is known already.
        """
        if actor.officer != officer or not actor.is_person:
            actor.require("administer")
        self.actor(officer, "console")
        if self.passkey(row.credential_id) is not None:
            raise ConflictError("this passkey is known already")
        fields: Fields = {
            "officer": officer,
            "public_key": row.public_key.hex(),
            "sign_count": row.sign_count,
            "label": row.label[:80],
            "added_at": self._now(),
        }
        key = row.credential_id.hex()
        act = Act(actor=actor, act="add passkey", subject=officer, detail=key[:16])
        await self._cabinet.store([change("passkeys", key, fields)], act)

    async def used_passkey(self, credential_id: bytes, sign_count: int) -> None:
        """Remember a passkey's counter after it was used."""
        key = credential_id.hex()
        fields = require(self._cabinet.get("passkeys", key), "this passkey")
        fields["sign_count"] = sign_count
        await self._cabinet.store([change("passkeys", key, fields)])

    # --- tokens ---

    def tokens(self) -> list[TokenView]:
        """Return every token, revoked ones too."""
        return [self._token(key, fields) for key, fields in self._cabinet.all("tokens")]

    async def add_token(
        self,
        actor: Actor,
        *,
        label: str,
        scopes: Sequence[str],
        channels: Sequence[str],
        expires_days: int,
    ) -> TokenMade:
        """Make a token; its secret is in the answer and nowhere else.

        Raises:
            NotAllowedError: no administrator, or a scope that no token can hold.
        """
        actor.require("administer")
        for scope in scopes:
            if scope not in MACHINE_SCOPES:
                why = "needs a person" if scope in SCOPES else "does not exist"
                raise NotAllowedError(
                    f"scope {scope!r} {why}",
                    next_step=f"A token can hold: {', '.join(sorted(MACHINE_SCOPES))}.",
                )
        if not scopes or not label or len(label) > 80:
            raise NotAllowedError("a token needs a label of at most 80 characters, and a scope")
        if not 1 <= expires_days <= TOKEN_DAYS_MAX:
            raise NotAllowedError(f"a token lives 1 to {TOKEN_DAYS_MAX} days")
        body = self._random(32).hex()
        secret = f"{TOKEN_PREFIX}{body}{zlib.crc32(body.encode()):08x}"
        key = _hash(secret)
        fields: Fields = {
            "label": label,
            "scopes": sorted(set(scopes)),
            "channels": sorted(set(channels)),
            "made_by": actor.officer,
            "made_at": self._now(),
            "expires_at": self._now() + expires_days * DAY,
            "active": True,
            "last_used_at": None,
        }
        act = Act(actor=actor, act="make token", subject=label, detail=" ".join(sorted(scopes)))
        await self._cabinet.store([change("tokens", key, fields)], act)
        return TokenMade(token=self._token(key, fields), secret=secret)

    async def revoke_token(self, actor: Actor, token: str) -> TokenView:
        """End a token at once.

        Raises:
            NotFoundError: there is none with this id.
        """
        actor.require("administer")
        for key, fields in self._cabinet.all("tokens"):
            if key[:12] == token:
                fields["active"] = False
                act = Act(actor=actor, act="revoke token", subject=fields["label"])
                await self._cabinet.store([change("tokens", key, fields)], act)
                return self._token(key, fields)
        raise NotFoundError(f"there is no token {token}")

    def actor_of_token(self, secret: str) -> Actor:
        """Return the machine that holds a token.

        Raises:
            NotSignedInError: the token is unknown, revoked or too old.
        """
        key = _hash(secret)
        fields = self._cabinet.get("tokens", key) if secret.startswith(TOKEN_PREFIX) else None
        if fields is None or not fields["active"] or fields["expires_at"] < self._now():
            raise NotSignedInError(
                "the token is unknown, revoked or too old",
                next_step="Ask an administrator for a new one: parley token add.",
            )
        self._used[key] = self._now()
        return Actor(
            officer=f"token:{fields['label']}",
            roles=frozenset(),
            via="token",
            scopes=frozenset(fields["scopes"]),
            channels=frozenset(fields["channels"]),
        )

    def _token(self, key: str, fields: Fields) -> TokenView:
        view = TokenView(
            id=key[:12],
            label=fields["label"],
            scopes=fields["scopes"],
            channels=fields["channels"],
            made_by=fields["made_by"],
            made_at=fields["made_at"],
            expires_at=fields["expires_at"],
            last_used_at=fields["last_used_at"],
            active=fields["active"] and fields["expires_at"] >= self._now(),
        )
        return replace(view, last_used_at=self._used.get(key, view.last_used_at))


def first_officer(now: int, account: int | None) -> Fields:
    """Return the paper of a new station's first officer, who holds every role."""
    return {
        "name": "",
        "roles": list(ROLES),
        "accounts": [] if account is None else [account],
        "active": True,
        "added_at": now,
        "last_sign_in": None,
    }


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _officer(code: str, fields: Fields, passkeys: int) -> OfficerView:
    return OfficerView(
        code=code,
        name=fields["name"],
        roles=fields["roles"],
        accounts=fields["accounts"],
        active=fields["active"],
        passkeys=passkeys,
        added_at=fields["added_at"],
        last_sign_in=fields["last_sign_in"],
    )


def _passkey(key: str, fields: Fields) -> PasskeyRow:
    return PasskeyRow(
        credential_id=bytes.fromhex(key),
        officer=fields["officer"],
        public_key=bytes.fromhex(fields["public_key"]),
        sign_count=fields["sign_count"],
        label=fields["label"],
        added_at=fields["added_at"],
    )
