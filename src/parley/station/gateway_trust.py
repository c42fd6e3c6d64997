"""The gateway's acts about who is known: peers and their keys, officers, sign-ins, tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from parley.carriers.address import parse_address
from parley.carriers.registry import carrier_for
from parley.core.limits import CARD_BYTES_MAX
from parley.errors import ParleyError, UsageError
from parley.station.actors import Actor, Via
from parley.station.desk_views import (
    OfficerView,
    PasskeyRow,
    PathTest,
    PeerView,
    TokenMade,
    TokenView,
    VerifyResult,
)
from parley.station.gateway_reads import GatewayReads
from parley.station.tool_views import GlassMade, GlassState

PATH_TEST_S: Final = 10.0


class GatewayTrust(GatewayReads):
    """Reads, and the acts that settle whom this station believes and lets in."""

    # --- who ---

    def actor_for_officer(self, code: str, via: Via = "console") -> Actor:
        """Return an active officer as one who acts; NotSignedInError if there is none."""
        return self._parts.officers.actor(code, via)

    def actor_of_account(self, account: int, named: str | None, via: Via = "socket") -> Actor:
        """Return the officer who uses a system account."""
        return self._parts.officers.actor_of_account(account, named, via)

    def actor_of_token(self, secret: str) -> Actor:
        """Return the machine that holds a token."""
        return self._parts.officers.actor_of_token(secret)

    # --- peers ---

    async def add_peer(
        self, actor: Actor, card: bytes, *, addresses: Sequence[str] = ()
    ) -> PeerView:
        """Take in a peer's card, raw or armoured; it is not trusted by that."""
        if len(card) > 2 * CARD_BYTES_MAX:
            raise UsageError("the file is too long to be a card")
        async with self._parts.cabinet.attempt(actor, "add peer", "card"):
            view = await self._parts.trust.add(actor, card, addresses)
        await self._peer_changed(view, "changed" if view.key_change else "added")
        return view

    async def verify_peer(
        self,
        actor: Actor,
        code: str,
        *,
        words: Sequence[str],
        method: str,
        second: Actor | None = None,
    ) -> VerifyResult:
        """Compare the words that the other side read out with those of its card."""
        async with self._parts.cabinet.attempt(actor, "compare words of peer", code):
            result = await self._parts.trust.verify(
                actor, code, words=words, method=method, second=second
            )
        await self._peer_changed(result.peer, "verified" if result.peer.trusted else "compared")
        return result

    async def reject_peer(self, actor: Actor, code: str, *, reason: str) -> PeerView:
        """Refuse a peer's key; nothing is sent to it any more."""
        async with self._parts.cabinet.attempt(actor, "reject peer's key", code):
            view = await self._parts.trust.reject(actor, code, reason=reason)
        await self._peer_changed(view, "rejected")
        return view

    async def remove_peer(self, actor: Actor, code: str) -> None:
        """Forget a peer; the record keeps what it signed."""
        async with self._parts.cabinet.attempt(actor, "remove peer", code):
            await self._parts.trust.remove(actor, code)
        await self._parts.hub.publish("peer", what="removed", peer=code)

    async def set_paths(self, actor: Actor, code: str, addresses: Sequence[str]) -> PeerView:
        """Set the ways by which a peer is dialled."""
        async with self._parts.cabinet.attempt(actor, "set paths of peer", code):
            view = await self._parts.trust.set_paths(actor, code, addresses)
        await self._peer_changed(view, "paths")
        return view

    async def test_path(self, actor: Actor, address: str) -> PathTest:
        """Try to open a path to an address and close it again; nothing is said on it."""
        actor.require("administer")
        parsed = parse_address(address)
        try:
            async with asyncio.timeout(PATH_TEST_S):
                path = await carrier_for(parsed, certificate=None).dial(parsed)
                detail = f"opened: {path.peer_hint}"
                await path.close("it was only a test")
        except TimeoutError:
            return PathTest(address=address, ok=False, detail="nobody answered in 10 s")
        except ParleyError as problem:
            return PathTest(address=address, ok=False, detail=str(problem))
        return PathTest(address=address, ok=True, detail=detail)

    async def _peer_changed(self, view: PeerView, what: str) -> None:
        await self._parts.hub.publish(
            "peer",
            what=what,
            peer=view.code,
            state=view.key_state,
            resource=f"/api/v1/peers/{view.code}",
        )

    # --- people and machines ---

    async def add_officer(
        self,
        actor: Actor,
        code: str,
        *,
        roles: Sequence[str],
        name: str = "",
        account: int | None = None,
    ) -> OfficerView:
        """Add an officer, or bind another system account to one."""
        async with self._parts.cabinet.attempt(actor, "add officer", code):
            return await self._parts.officers.add(
                actor, code, roles=roles, name=name, account=account
            )

    async def suspend_officer(self, actor: Actor, code: str) -> OfficerView:
        """Shut an officer out at once."""
        async with self._parts.cabinet.attempt(actor, "suspend officer", code):
            return await self._parts.officers.suspend(actor, code)

    async def sign_in_link(self, actor: Actor, officer: str, *, minutes: int = 60) -> str:
        """Return a secret with which an officer signs in once."""
        async with self._parts.cabinet.attempt(actor, "make sign-in link", officer):
            return await self._parts.officers.sign_in_link(actor, officer, minutes=minutes)

    async def use_sign_in_link(self, secret: str) -> str:
        """Take a sign-in link away and return whose it was."""
        return await self._parts.officers.use_sign_in_link(secret)

    async def open_session(self, officer: str, *, how: str, hours: int = 12) -> str:
        """Return the secret of a new session."""
        return await self._parts.officers.open_session(officer, how=how, hours=hours)

    def session(self, secret: str) -> Actor | None:
        """Return who a session belongs to, None if it is over."""
        return self._parts.officers.session(secret)

    # --- break-glass ---

    def break_glass(self) -> GlassState:
        """Return whether a break-glass session is open, and which codes were made."""
        return self._parts.break_glass.state()

    async def make_glass_code(self, actor: Actor, holder: str, *, days: int = 366) -> GlassMade:
        """Make a break-glass code for a holder; it is in the answer and nowhere else."""
        async with self._parts.cabinet.attempt(actor, "make break-glass code", holder[:24]):
            return await self._parts.break_glass.make(actor, holder, days=days)

    async def open_break_glass(self, codes: Sequence[str], *, source: str) -> str:
        """Return the secret of a session that two codes of two holders open."""
        return await self._parts.break_glass.open(codes, source=source)

    async def end_break_glass(self, actor: Actor) -> GlassState:
        """End the break-glass session at once."""
        async with self._parts.cabinet.attempt(actor, "end break-glass session", "break-glass"):
            return await self._parts.break_glass.end(actor)

    async def close_session(self, secret: str) -> None:
        """End a session."""
        await self._parts.officers.close_session(secret)

    async def add_passkey(self, actor: Actor, officer: str, row: PasskeyRow) -> None:
        """Keep a passkey."""
        await self._parts.officers.add_passkey(actor, officer, row)

    async def used_passkey(self, credential_id: bytes, sign_count: int) -> None:
        """Remember a passkey's counter."""
        await self._parts.officers.used_passkey(credential_id, sign_count)

    async def add_token(
        self,
        actor: Actor,
        *,
        label: str,
        scopes: Sequence[str],
        channels: Sequence[str] = (),
        expires_days: int = 90,
    ) -> TokenMade:
        """Make a token; its secret is in the answer and nowhere else."""
        async with self._parts.cabinet.attempt(actor, "make token", label):
            return await self._parts.officers.add_token(
                actor, label=label, scopes=scopes, channels=channels, expires_days=expires_days
            )

    async def revoke_token(self, actor: Actor, token: str) -> TokenView:
        """End a token at once."""
        async with self._parts.cabinet.attempt(actor, "revoke token", token):
            return await self._parts.officers.revoke_token(actor, token)
