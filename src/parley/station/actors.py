"""Who acts: an officer in roles, or a machine with scopes; and what each may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from parley.errors import NotAllowedError

ROLES: Final = ("watch", "desk", "releaser", "interpreter", "auditor", "administrator")
"""Roles of officers, in the order in which they are shown."""

SCOPES: Final = (
    "status:read",
    "entries:read",
    "cases:read",
    "search:read",
    "alarms:claim",
    "acknowledgements:write",
    "drafts:write",
    "releases:write",
    "evidence:export",
    "courier:write",
    "audit:read",
    "admin:read",
    "admin:write",
    "trust:write",
)
"""What a token may be made for."""

MACHINE_SCOPES: Final = frozenset(SCOPES) - {"releases:write", "trust:write"}
"""Scopes that a token can hold at all: release and trust need a person."""

Via: TypeAlias = Literal["console", "socket", "token", "offline", "link", "break-glass"]

GLASS_ROLE: Final = "break-glass"
"""What a break-glass session holds beside `watch`; no officer can have it."""

_RIGHTS: Final[dict[str, frozenset[str]]] = {
    "claim": frozenset({"watch"}),
    "line-check": frozenset({"watch"}),
    "acknowledge": frozenset({"watch", "desk", "releaser"}),
    "acknowledge-for-desk": frozenset({"desk", "releaser"}),
    "draft": frozenset({"watch", "desk", "releaser"}),
    "draft-freely": frozenset({"desk", "releaser", GLASS_ROLE}),
    "glossary": frozenset({"interpreter"}),
    "release": frozenset({"releaser"}),
    "export": frozenset({"releaser", "auditor"}),
    "courier": frozenset({"watch", "desk", "releaser", "administrator"}),
    "audit": frozenset({"auditor", "administrator"}),
    "let-in": frozenset({"administrator", GLASS_ROLE}),
    "administer": frozenset({"administrator"}),
    "exercise": frozenset({"releaser", "administrator"}),
}
_SCOPE_OF: Final[dict[str, str]] = {
    "claim": "alarms:claim",
    "line-check": "acknowledgements:write",
    "acknowledge": "acknowledgements:write",
    "acknowledge-for-desk": "acknowledgements:write",
    "draft": "drafts:write",
    "draft-freely": "drafts:write",
    "glossary": "drafts:write",
    "release": "releases:write",
    "export": "evidence:export",
    "courier": "courier:write",
    "audit": "audit:read",
    "let-in": "admin:write",
    "administer": "admin:write",
    "exercise": "admin:write",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whoever makes an act.

    Attributes:
        officer: the officer's code, or the token's label after `token:`.
        roles: roles of the officer; empty for a machine.
        via: through which door.
        scopes: what a token may do; None for a person.
        channels: channel codes a token is confined to; empty means every one.
    """

    officer: str
    roles: frozenset[str]
    via: Via
    scopes: frozenset[str] | None = None
    channels: frozenset[str] = frozenset()

    @property
    def is_person(self) -> bool:
        """Say whether a person acts, not a program with a token."""
        return self.scopes is None

    def may(self, right: str) -> bool:
        """Say whether the actor holds a right."""
        if self.scopes is not None:
            return _SCOPE_OF[right] in self.scopes
        return bool(self.roles & _RIGHTS[right])

    def require(self, right: str) -> None:
        """Let the actor pass, or refuse.

        Raises:
            NotAllowedError: the right is not held; it names who could.
        """
        if self.may(right):
            return
        if self.scopes is not None:
            raise NotAllowedError(
                f"this token may not do that: it lacks the scope {_SCOPE_OF[right]}",
                next_step="Ask an administrator for a token with that scope.",
            )
        able = " or ".join(role for role in ROLES if role in _RIGHTS[right])
        raise NotAllowedError(
            f"officer {self.officer} may not do that: it needs the role {able}",
            next_step=f"Ask an officer who is {able}.",
        )

    def require_channel(self, code: str) -> None:
        """Let a token pass that is not confined to other channels.

        Raises:
            NotAllowedError: it is.
        """
        if self.channels and code not in self.channels:
            raise NotAllowedError(f"this token may not write on channel {code}")


def check_roles(roles: frozenset[str]) -> frozenset[str]:
    """Return the roles if each is one of ours.

    Raises:
        NotAllowedError: one is unknown, or there is none.
    """
    if unknown := sorted(roles - set(ROLES)):
        raise NotAllowedError(
            f"there is no role {unknown[0]!r}", next_step=f"Roles: {', '.join(ROLES)}."
        )
    if not roles:
        raise NotAllowedError("an officer needs a role", next_step=f"Roles: {', '.join(ROLES)}.")
    return roles


STATION: Final = Actor(officer="station", roles=frozenset(), via="link")
"""The station itself, where it follows what a peer's root key signed."""
