"""Every error of ours can be told over HTTP and comes back as what it was."""

from __future__ import annotations

import json

import pytest

from parley import errors
from parley.api.client import error_of
from parley.api.problem_titles import CHINESE, RANGES_MAX
from parley.api.problems import (
    EXPLAINED,
    PROBLEMS,
    FieldsError,
    RequestError,
    problem_of,
    problem_response,
)
from parley.errors import ParleyError


def every_kind() -> list[type[ParleyError]]:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    return [kind for kind in kinds if issubclass(kind, ParleyError)]


def bare(kind: type[ParleyError]) -> ParleyError:
    error = kind.__new__(kind)
    Exception.__init__(error, "what happened")
    error.next_step = "what to do"
    if isinstance(error, errors.InvalidFieldsError):
        error.problems = (("level", "This field is needed."), ("texts", "There is none."))
    return error


@pytest.mark.parametrize("kind", every_kind(), ids=lambda kind: kind.__name__)
def test_an_error_that_went_over_http_is_caught_by_the_same_except(kind):
    error = bare(kind)
    told = json.loads(json.dumps(problem_of(error, reference="r1")))
    back = error_of(told)
    assert (back.code, back.exit_code) == (error.code, error.exit_code)
    assert (str(back), back.next_step) == ("what happened", "what to do")
    assert kind is type(back) or kind.code == type(back).code, "at least the class of its code"
    assert told["status"] >= 400
    assert told["type"].removeprefix("/problems/") in EXPLAINED


def test_facts_travel_and_secrets_of_the_form_do_not_get_in_their_way():
    error = errors.StaleVersionError("changed meanwhile", version=7)
    told = problem_of(error, reference="r1")
    assert (told["version"], told["status"]) == (7, 412)
    back = error_of(told)
    assert isinstance(back, errors.StaleVersionError)
    assert back.version == 7
    raw = errors.FrameLengthError(9, 3, salvaged=[b"\x00"])
    assert "salvaged" not in problem_of(raw, reference="r1"), "bytes are no JSON"


def test_problems_of_fields_come_back_with_their_names():
    error = errors.InvalidFieldsError((("level.ours", "Too long."), ("texts", "None.")))
    told = problem_of(error, reference="r1")
    assert [row["pointer"] for row in told["errors"]] == ["/fields/level/ours", "/texts"]
    assert error_of(told).problems == error.problems


def test_a_problem_cannot_put_a_method_or_a_private_name_into_an_error():
    told = {
        **problem_of(errors.NotFoundError("x"), reference="r"),
        "facts": 1,
        "args": [2],
        "_x": 3,
    }
    back = error_of(told)
    assert str(back) == "x"
    assert back.facts == {}


def test_an_unknown_code_is_an_error_still():
    back = error_of({"code": "something_new", "exit": 6, "detail": "x"})
    assert (type(back), back.code, back.exit_code) == (ParleyError, "something_new", 6)
    assert type(error_of({"code": "something_new", "exit": 2})) is errors.UsageError


def test_whether_anything_left_is_told_only_where_it_is_known():
    sent = {kind: problem_of(bare(kind), reference="r")["sent"] for kind in every_kind()}
    assert sent[errors.PeerKeyChangedError] is False
    assert sent[errors.StoreError] is None
    assert sent[ParleyError] is None


def test_answers_carry_the_headers_that_their_status_asks_for():
    signed_out = problem_response(errors.NotSignedInError("who?"), reference="r")
    assert (signed_out.status_code, signed_out.headers["www-authenticate"]) == (401, "Bearer")
    busy = problem_response(errors.StationUnreachableError("not now"), reference="r")
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "5")


def test_members_that_are_wrong_are_named_by_pointer():
    told = problem_of(FieldsError([("/texts/0/lang", "missing"), ("", "odd")]), reference="r")
    assert told["errors"] == [
        {"pointer": "/texts/0/lang", "message": "missing"},
        {"pointer": "", "message": "odd"},
    ]
    assert told["exit"] == 2


def test_every_code_of_a_request_has_a_row():
    for code in ("usage", "too_large", "precondition_required", "too_many_streams"):
        assert problem_of(RequestError(code, "x"), reference="r")["status"] == PROBLEMS[code][0]


@pytest.mark.parametrize(
    ("accepted", "is_chinese"),
    [
        ("", False),
        ("zh", True),
        ("zh-Hans-CN", True),
        ("en-GB, zh;q=0.9", False),
        ("en;q=0.2, fr, ZH-hans;q=0.3", True),
        ("zh;q=0, en;q=0", False),
        ("zh;q=2", False),
        ("zh, en", True),
        ("en, zh", False),
        ("fr" + ", fr" * RANGES_MAX + ", zh", False),
        (";;;=,,zh;q=q", False),
    ],
)
def test_the_title_alone_is_in_the_language_that_is_asked_for(accepted, is_chinese):
    error = errors.NotFoundError("there is no case REQ-ALFA-9", next_step="Look it up.")
    plain = problem_of(error, reference="r1")

    told = problem_of(error, reference="r1", accepted=accepted)

    assert told.pop("title") == ("此处不存在" if is_chinese else plain["title"])
    del plain["title"]
    assert told == plain


def test_every_title_has_its_chinese_and_no_other_is_kept():
    assert set(CHINESE) == {title for _, _, title in PROBLEMS.values()}
