"""Addresses at which calendar programs read what is due, each with a secret that can be revoked.

A calendar program cannot sign in. The secret in the address lets it read one file that holds no
text; only its SHA-256 is kept. It ends when it is revoked, and with its officer.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from parley.core.instants import Instant
from parley.errors import (
    ConflictError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    UsageError,
)
from parley.station.actors import Actor
from parley.station.cabinet import Act, Cabinet
from parley.station.officers import Officers
from parley.station.papers import Fields, change
from parley.station.tool_views import FeedMade, FeedView

FEEDS_MAX: Final = 20
LABEL_MAX: Final = 80
SECRET_CHARACTERS: Final = 64
LANGUAGES: Final = ("en", "zh")


class Feeds:
    """Makes, finds and revokes feeds."""

    def __init__(
        self,
        cabinet: Cabinet,
        officers: Officers,
        *,
        now: Callable[[], Instant],
        random: Callable[[int], bytes],
    ) -> None:
        self._cabinet = cabinet
        self._officers = officers
        self._now = now
        self._random = random

    def all(self, actor: Actor) -> list[FeedView]:
        """Return the actor's feeds; an administrator's list has everybody's."""
        _person(actor)
        return [
            _view(key, fields)
            for key, fields in self._cabinet.all("feeds")
            if fields["officer"] == actor.officer or actor.may("administer")
        ]

    async def add(self, actor: Actor, *, label: str, language: str) -> FeedMade:
        """Make a feed; its secret is in the answer and nowhere else.

        Raises:
            NotAllowedError: a program asks. UsageError: the label or the language is none.
            ConflictError: the officer has as many as one may have.
        """
        _person(actor)
        if not 1 <= len(label) <= LABEL_MAX or not label.isprintable():
            raise UsageError(f"a label has 1 to {LABEL_MAX} printable characters")
        if language not in LANGUAGES:
            raise UsageError(f"a calendar is in {' or '.join(LANGUAGES)}, not in {language!r}")
        own = [f for _, f in self._cabinet.all("feeds") if f["officer"] == actor.officer]
        if len(own) >= FEEDS_MAX:
            raise ConflictError(
                f"{actor.officer} has {FEEDS_MAX} calendar addresses already",
                next_step="Revoke one: parley calendar revoke ID.",
            )
        secret = self._random(SECRET_CHARACTERS // 2).hex()
        key = _hash(secret)
        fields: Fields = {
            "officer": actor.officer,
            "label": label,
            "language": language,
            "made_at": self._now(),
        }
        act = Act(actor=actor, act="make calendar address", subject=label)
        await self._cabinet.store([change("feeds", key, fields)], act)
        return FeedMade(
            feed=_view(key, fields),
            secret=secret,
            path=f"/api/v1/calendar/feed/{secret}",
            console_path=f"/calendar/feed/{secret}",
        )

    async def revoke(self, actor: Actor, feed: str) -> FeedView:
        """End a feed at once: one's own, or, as administrator, anybody's.

        Raises:
            NotFoundError: there is none with this id that the actor can see.
        """
        _person(actor)
        for key, fields in self._cabinet.all("feeds"):
            view = _view(key, fields)
            if view.id == feed and (view.officer == actor.officer or actor.may("administer")):
                act = Act(actor=actor, act="revoke calendar address", subject=view.label)
                await self._cabinet.store([change("feeds", key, None)], act)
                return view
        raise NotFoundError(f"there is no calendar address {feed}")

    def language_of(self, secret: str) -> str:
        """Return the language of the feed with this secret.

        Raises:
            NotFoundError: it is unknown or revoked, or its officer is suspended.
        """
        unknown = NotFoundError(
            "there is no such calendar",
            next_step="Make a new address: parley calendar subscribe LABEL.",
        )
        fields = None
        if len(secret) == SECRET_CHARACTERS:
            fields = self._cabinet.get("feeds", _hash(secret))
        if fields is None:
            raise unknown
        try:
            self._officers.actor(fields["officer"], "console")
        except NotSignedInError:
            raise unknown from None
        return str(fields["language"])


def _person(actor: Actor) -> None:
    if not actor.is_person:
        raise NotAllowedError(
            "a token has no calendar address: a person makes one",
            next_step="A program reads /api/v1/calendar with its token.",
        )


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _view(key: str, fields: Fields) -> FeedView:
    return FeedView(
        id=key[:12],
        officer=fields["officer"],
        label=fields["label"],
        language=fields["language"],
        made_at=fields["made_at"],
    )
