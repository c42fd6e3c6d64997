"""Channel acts under two-person release: one person prepares, another one confirms.

A charter binds the party as an entry does, and opens a line on which entries are made. What is
prepared is kept as a paper, one for each code, and nothing of it leaves before it is confirmed.
"""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from typing import Any, Final

from parley.core.instants import Instant
from parley.errors import ConflictError, DraftChangedError, NotAllowedError, NotFoundError
from parley.station.actors import Actor
from parley.station.cabinet import Act, Cabinet
from parley.station.desk_views import ChannelRequest, HeldChannelAct
from parley.station.papers import Fields, change, pack

_PAPERS: Final = "channel-acts"
SECOND: Final = "second person"


class ChannelActs:
    """Keeps what was prepared until it is confirmed or given up."""

    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet = cabinet

    def all(self) -> list[HeldChannelAct]:
        """Return what waits for a second person, by code."""
        return [self._view(fields) for _, fields in self._cabinet.all(_PAPERS)]

    def get(self, code: str) -> HeldChannelAct:
        """Return what waits under a code; NotFoundError if nothing does."""
        return self._view(self._fields(code))

    def request(self, code: str) -> ChannelRequest:
        """Return what was asked for under a code."""
        return ChannelRequest(**self._fields(code)["request"])

    def _fields(self, code: str) -> Fields:
        for key, fields in self._cabinet.all(_PAPERS):
            if key == code.upper():
                return fields
        raise NotFoundError(
            f"nothing about a channel {code} waits for a second person",
            next_step="parley channel list",
        )

    def _view(self, fields: Fields) -> HeldChannelAct:
        request = fields["request"]
        return HeldChannelAct(
            code=request["code"],
            act=fields["act"],
            peers=list(request["peers"]),
            purpose=request["purpose"],
            basis=request["basis"],
            ends_at=None if request["ends_at"] is None else Instant(request["ends_at"]),
            heartbeat_s=request["heartbeat_s"],
            witnesses=list(request["witnesses"]),
            by=fields["by"],
            at=Instant(fields["at"]),
            needs=[SECOND],
            entries_per_day=request.get("entries_per_day"),
            bytes_per_day=request.get("bytes_per_day"),
            flash_per_hour=request.get("flash_per_hour"),
            digest=sha256(pack({"act": fields["act"], "request": request})).hexdigest(),
        )

    async def hold(
        self, actor: Actor, act: str, request: ChannelRequest, now: Instant
    ) -> HeldChannelAct:
        """Keep an act until a second person confirms it.

        Raises:
            ConflictError: another one waits under this code.
        """
        plain: dict[str, Any] = {**asdict(request), "peers": list(request.peers)}
        plain["witnesses"] = list(request.witnesses)
        fields: Fields = {"act": act, "request": plain, "by": actor.officer, "at": int(now)}
        for key, known in self._cabinet.all(_PAPERS):
            if key == request.code.upper():
                if (known["act"], known["request"]) != (act, plain):
                    raise ConflictError(
                        f"another act about {request.code} waits for a second person already",
                        next_step=f"Confirm it, or give it up: parley channel drop {request.code}",
                    )
                return self._view(known)
        done = Act(actor=actor, act=f"prepare to {act} channel", subject=request.code, detail="")
        await self._cabinet.store([change(_PAPERS, request.code.upper(), fields)], done)
        return self._view(fields)

    def confirmed(self, actor: Actor, code: str, digest: str) -> HeldChannelAct:
        """Return what is confirmed, if this person may and has seen just that.

        Raises:
            NotAllowedError: a program, the one who prepared it, or neither releaser nor
                administrator.
            DraftChangedError: it is not what was looked at.
        """
        held = self.get(code)
        if not actor.is_person:
            raise NotAllowedError("a second person confirms a channel act; a token cannot")
        if not (actor.may("release") or actor.may("administer")):
            actor.require("release")
        if actor.officer == held.by:
            raise NotAllowedError(
                f"{held.by} prepared this; another person has to confirm it",
                next_step=f"Let a releaser or administrator confirm channel {held.code}.",
            )
        if digest != held.digest:
            raise DraftChangedError(
                f"what waits under {held.code} is not what was looked at; nothing was sent",
                next_step=f"Read it again: parley channel confirm {held.code}",
            )
        return held

    async def forget(self, actor: Actor, held: HeldChannelAct, what: str, detail: str) -> None:
        """Take the paper away: it was confirmed, or given up."""
        act = Act(actor=actor, act=f"{what} {held.act} channel", subject=held.code, detail=detail)
        await self._cabinet.store([change(_PAPERS, held.code.upper(), None)], act)

    async def drop(self, actor: Actor, code: str, *, reason: str) -> HeldChannelAct:
        """Give a prepared act up; nothing of it was sent."""
        if not (actor.may("release") or actor.may("administer")):
            actor.require("administer")
        held = self.get(code)
        await self.forget(actor, held, "give up to", reason)
        return held
