"""Sessions and settings in the browser's cookies."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import Response

from parley.console.language import language
from parley.console.seat import (
    Seat,
    View,
    cookie_name,
    end_session,
    read_view,
    session_secret,
    set_session,
)
from parley.station.actors import Actor


def asked(cookie):
    return Request({"type": "http", "headers": [(b"cookie", cookie.encode())], "path": "/"})


def seat(secret):
    actor = Actor(officer="ALFA-1", roles=frozenset({"watch"}), via="console")
    return Seat(actor=actor, secret=secret, view=View(language=language("en")))


def test_over_https_the_session_is_bound_to_the_host():
    answer = Response()
    set_session(answer, "s" * 32, secure=True)

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-parley=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_signing_out_takes_the_cookie_away():
    answer = Response()
    end_session(answer, secure=True)

    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_an_absurd_session_is_no_session():
    name = cookie_name(secure=False)

    assert session_secret(asked(f"{name}={'x' * 201}"), secure=False) is None
    assert session_secret(asked(f"{name}=abc"), secure=False) == "abc"
    assert session_secret(asked(f"{name}=abc"), secure=True) is None


@pytest.mark.parametrize(
    "value",
    ["", "xx.day.100.keys", "en.neon.100.keys", "en.day.9999.keys", "en.day", "<b>.day.1.keys"],
)
def test_odd_settings_give_the_defaults(value):
    view = read_view(asked(f"parley-view={value}"), "en")

    assert (view.language.code, view.theme, view.size) == ("en", "day", "100")


def test_a_form_token_is_good_for_its_own_session_only():
    one, other = seat("a" * 32), seat("b" * 32)

    assert one.owns(one.form_token)
    assert not one.owns(other.form_token)
    assert not one.owns("")
    assert not one.owns("é")
    assert one.stream_name != other.stream_name
    assert one.form_token not in one.stream_name
