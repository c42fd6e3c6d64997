"""Codes of the declarations are shown by their names, and a proof is told in whole sentences."""

from __future__ import annotations

from types import SimpleNamespace as Shape

import pytest

from parley.console.labels import Labels
from parley.console.language import language
from parley.console.pages.cases import proved_sentences
from parley.desk.catalogue import PROCEDURES
from parley.station.forms import procedure_view

LABELS = Labels(map(procedure_view, PROCEDURES.values()))
DUE, SIGNED = 1_795_469_047, 1_795_472_647


def test_moves_are_named_with_and_without_their_procedure():
    assert LABELS.move("request", "accept_in_principle")["en"] == "accept in principle"
    assert LABELS.move("", "request.open")["zh"] == "提出对话请求"
    assert LABELS.move("request", "ring") == LABELS.move("call", "ring")


def test_states_and_choices_are_named():
    assert LABELS.state("request", "not under")["zh"] == "不属本机制"
    assert LABELS.choice("request", "form", "video")["en"] == "video call"


def test_what_is_not_declared_is_shown_as_words_and_free_text_as_it_is():
    assert LABELS.move("log", "log_open") == "log open"
    assert LABELS.state("request", "some-state") == "some state"
    assert LABELS.choice("request", "place", "a_b") == "a_b"


@pytest.mark.parametrize(
    ("column", "value", "chinese"),
    [
        ("form", "video", "视频通话"),
        ("lapse", "silent", "未答复，可证明"),
        ("standing", "not under", "不属本机制"),
        ("precision", "exact", "精确到秒"),
    ],
)
def test_what_the_desk_worked_out_is_named_and_not_shown_as_a_code(column, value, chinese):
    assert LABELS.fact("request", Shape(column=column, value=value))["zh"] == chinese


@pytest.mark.parametrize("value", [True, 3, "BRAVO", {"en": "words"}])
def test_what_is_no_code_stays_as_it_was_worked_out(value):
    assert LABELS.fact("request", Shape(column="by", value=value)) == value


def case(clock, *, proof=True):
    shown = Shape(
        by="BRAVO", entry="OPS/ALFA/4", statement_time=SIGNED, text={"en": "as told by the desk"}
    )
    return Shape(
        clock=clock,
        due_at=DUE,
        proof=shown if proof else None,
        shows=Shape(proves=["nothing more"]),
    )


@pytest.mark.parametrize("code", ["en", "zh"])
def test_a_proved_lapse_names_the_entry_the_due_time_and_the_later_signature(code):
    held, later = proved_sentences(case("lapsed-silent"), language(code))

    assert "BRAVO" in held
    assert "OPS/ALFA/4" in held
    assert later.index("22:24:07Z") < later.index("21:24:07Z")


def test_each_clock_claims_no_more_than_is_proved():
    english = language("en")

    assert len(proved_sentences(case("running"), english)) == 1
    assert "not proved" in proved_sentences(case("lapsed-dark"), english)[1]
    assert proved_sentences(case("answered"), english) == [{"en": "as told by the desk"}]
    assert proved_sentences(case("none", proof=False), english) == ["nothing more"]
