"""Passkeys: challenges made here, used once, and answers checked (WebAuthn level 3).

User verification is required: a passkey without PIN or fingerprint shows presence, not a person.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any, Final

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from parley.errors import NotAllowedError

CHALLENGE_SECONDS: Final = 300
CHALLENGES_MAX: Final = 1_000
CREDENTIAL_TEXT_MAX: Final = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a browser was asked to sign.

    Attributes:
        use: `sign-in`, `enrol` or `release`.
        subject: officer code for enrol, draft digest for release, empty for sign-in.
    """

    use: str
    subject: str
    raw: bytes
    ends: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """A passkey that was just made and checked."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


class Passkeys:
    """Challenges of one console, in memory: a restart makes people press the button again."""

    def __init__(self, *, origin: str, host: str, name: str) -> None:
        self._origin = origin
        self._host = host
        self._name = name
        self._challenges: dict[str, Challenge] = {}

    def ask_to_enrol(self, officer: str, known: list[bytes]) -> dict[str, Any]:
        """Return what the browser needs to make a passkey for `officer`."""
        key, challenge = self._challenge("enrol", officer, secrets.token_bytes(32))
        options = generate_registration_options(
            rp_id=self._host,
            rp_name=f"Parley {self._name}",
            user_name=officer,
            user_id=hashlib.sha256(f"{self._name}/{officer}".encode()).digest(),
            challenge=challenge.raw,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=raw) for raw in known],
        )
        return {"challenge": key, "publicKey": json.loads(options_to_json(options))}

    def ask(self, use: str, subject: str, known: list[bytes]) -> dict[str, Any]:
        """Return what the browser needs to sign in or to confirm a release.

        The challenge of a release is the hash of the draft's digest and a fresh nonce, so the
        answer says which text was released and fits no other.
        """
        raw = hashlib.sha256(subject.encode() + secrets.token_bytes(32)).digest()
        key, challenge = self._challenge(use, subject, raw)
        options = generate_authentication_options(
            rp_id=self._host,
            challenge=challenge.raw,
            allow_credentials=[PublicKeyCredentialDescriptor(id=raw) for raw in known],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return {"challenge": key, "publicKey": json.loads(options_to_json(options))}

    def finish_enrolment(self, officer: str, key: str, credential: str) -> MadeKey:
        """Return the checked new passkey.

        Raises:
            NotAllowedError: the answer does not fit what was asked.
        """
        challenge = self._take("enrol", officer, key)
        try:
            made = verify_registration_response(
                credential=_parse(credential),
                expected_challenge=challenge.raw,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as problem:
            raise _refused(problem) from None
        return MadeKey(
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
        )

    @staticmethod
    def credential_id(credential: str) -> bytes:
        """Return which passkey an answer speaks for, unchecked.

        Raises:
            NotAllowedError: the answer is of no known form.
        """
        raw = _parse(credential).get("rawId")
        if not isinstance(raw, str):
            raise _refused("it names no passkey")
        try:
            return base64url_to_bytes(raw)
        except ValueError as problem:
            raise _refused(problem) from None

    def finish(
        self, use: str, subject: str, key: str, credential: str, *, public_key: bytes, count: int
    ) -> int:
        """Return the passkey's new sign count if the answer is good.

        Raises:
            NotAllowedError: the answer does not fit what was asked, or was used before.
        """
        challenge = self._take(use, subject, key)
        try:
            checked = verify_authentication_response(
                credential=_parse(credential),
                expected_challenge=challenge.raw,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=public_key,
                credential_current_sign_count=count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as problem:
            raise _refused(problem) from None
        return checked.new_sign_count

    def _challenge(self, use: str, subject: str, raw: bytes) -> tuple[str, Challenge]:
        now = time.monotonic()
        self._challenges = {k: c for k, c in self._challenges.items() if c.ends > now}
        while len(self._challenges) >= CHALLENGES_MAX:
            del self._challenges[next(iter(self._challenges))]
        key = secrets.token_urlsafe(16)
        challenge = Challenge(use=use, subject=subject, raw=raw, ends=now + CHALLENGE_SECONDS)
        self._challenges[key] = challenge
        return key, challenge

    def _take(self, use: str, subject: str, key: str) -> Challenge:
        challenge = self._challenges.pop(key, None)
        fits = challenge is not None and (challenge.use, challenge.subject) == (use, subject)
        if challenge is None or not fits or challenge.ends < time.monotonic():
            raise _refused("the question is too old or was answered already")
        return challenge


def _parse(credential: str) -> dict[str, Any]:
    if len(credential) > CREDENTIAL_TEXT_MAX:
        raise _refused("it is too long")
    try:
        value = json.loads(credential)
    except ValueError as problem:
        raise _refused(problem) from None
    if not isinstance(value, dict):
        raise _refused("it is no object")
    return value


def _refused(why: object) -> NotAllowedError:
    return NotAllowedError(
        f"the passkey's answer was not accepted: {why}",
        next_step="Press the button again. If it fails again, ask an administrator.",
    )
