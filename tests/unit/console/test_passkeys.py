"""Challenges of passkeys: fresh, of one use, answered once; the browser tests do the rest."""

from __future__ import annotations

import json

import pytest

from parley.console.passkeys import CHALLENGES_MAX, Passkeys
from parley.errors import NotAllowedError


def keys():
    return Passkeys(origin="http://alfa.localhost:1", host="alfa.localhost", name="ALFA")


def test_two_challenges_over_one_draft_differ():
    passkeys = keys()

    one, other = (passkeys.ask("release", "ab" * 32, []) for _ in range(2))

    assert one["publicKey"]["challenge"] != other["publicKey"]["challenge"]
    assert one["publicKey"]["rpId"] == "alfa.localhost"
    assert one["publicKey"]["userVerification"] == "required"


def test_a_challenge_for_one_draft_does_not_release_another():
    passkeys = keys()
    given = passkeys.ask("release", "ab" * 32, [])

    with pytest.raises(NotAllowedError, match="too old or was answered"):
        passkeys.finish("release", "cd" * 32, given["challenge"], "{}", public_key=b"", count=0)


def test_a_challenge_is_gone_after_one_answer():
    passkeys = keys()
    given = passkeys.ask("sign-in", "", [])
    for expected in ("not accepted", "too old or was answered"):
        with pytest.raises(NotAllowedError, match=expected):
            passkeys.finish(
                "sign-in", "", given["challenge"], '{"id": "x"}', public_key=b"", count=0
            )


@pytest.mark.parametrize(
    "raw", ["", "[]", "{}", '{"rawId": 3}', "{" * 20_000, json.dumps({"rawId": "é"})]
)
def test_an_answer_of_no_known_form_is_refused_in_words(raw):
    with pytest.raises(NotAllowedError):
        Passkeys.credential_id(raw)


def test_challenges_are_bounded():
    passkeys = keys()
    first = passkeys.ask("sign-in", "", [])
    for _ in range(CHALLENGES_MAX):
        passkeys.ask("sign-in", "", [])

    with pytest.raises(NotAllowedError, match="too old"):
        passkeys.finish("sign-in", "", first["challenge"], "{}", public_key=b"", count=0)
