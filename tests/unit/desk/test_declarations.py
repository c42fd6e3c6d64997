"""Declarations: complete, in two languages, and with all that the scenarios count on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import parley.desk
from parley.core.entry import Kind
from parley.desk.actors import BY_WORDS, By
from parley.desk.catalogue import COMMON_FIELDS, KINDS, MOVES, PROCEDURES, REGISTERS
from parley.desk.fields import Choice, FieldType, Text
from parley.desk.problems import SENTENCES, problem
from parley.desk.procedure import Go, Move, Procedure, put, state, words
from parley.desk.profiles import load, names
from parley.desk.reasons import CANNOT_PROCESS, INTENTIONS, REASONS, RUNGS
from parley.desk.structures import ListOf, Struct

SHARED = Path(__file__).parents[4] / "shared" / "scenarios" / "moves.yaml"
HAN = re.compile(r"[\u4e00-\u9fff]")
SAME = {"SHA-256"}


def inside(kind: FieldType, name: str):
    """Every label within a type: members of structs, choices of lists."""
    if isinstance(kind, Struct):
        for member in kind.members:
            yield f"{name}.{member.name}", member.words["en"], member.words["zh"]
            yield from inside(member.type, f"{name}.{member.name}")
    elif isinstance(kind, ListOf):
        yield from inside(kind.item, f"{name}[]")
    elif isinstance(kind, Choice):
        for code, english, chinese in kind.choices:
            yield f"{name}={code}", english, chinese


def labels():
    """Every text of the desk that a person reads, with its name."""
    for field in COMMON_FIELDS.values():
        yield f"common.{field.name}", field.words["en"], field.words["zh"]
        yield from inside(field.type, f"common.{field.name}")
    for procedure in PROCEDURES.values():
        parts = [(procedure.name, procedure.words)]
        parts += [(one.name, one.words) for one in (*procedure.states, *procedure.standings)]
        parts += [(one.name, one.words) for one in (*procedure.columns, *procedure.clocks)]
        parts += [(one.name, one.words) for one in procedure.moves]
        for name, said in parts:
            yield f"{procedure.name}: {name}", said["en"], said["zh"]
        for move in procedure.moves:
            for field in move.fields:
                yield f"{move.full_name}.{field.name}", field.words["en"], field.words["zh"]
                yield from inside(field.type, f"{move.full_name}.{field.name}")
    for number, (english, chinese) in RUNGS.items():
        yield f"rung {number}", english, chinese
    for code, (english, chinese) in {**CANNOT_PROCESS, **INTENTIONS, **SENTENCES}.items():
        yield code, english, chinese
    for by, said in BY_WORDS.items():
        yield by, said["en"], said["zh"]
    for code, english, chinese in REASONS.choices:
        yield code, english, chinese
    for code in names():
        yield f"profile {code}", load(code).title["en"], load(code).title["zh"]


LABELS = sorted(set(labels()))


@pytest.mark.parametrize(("name", "english", "chinese"), LABELS, ids=[one[0] for one in LABELS])
def test_every_label_sentence_state_and_reason_is_there_in_english_and_chinese(
    name, english, chinese
):
    assert english.strip()
    assert not HAN.search(english)
    assert HAN.search(re.sub(r"\{.*?\}", "", chinese)), name
    assert english == english.strip()
    assert chinese == chinese.strip()


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_a_sentence_tells_the_same_facts_in_both_languages(code):
    english, chinese = (re.findall(r"\{(\w+)\}", text) for text in SENTENCES[code])
    assert sorted(english) == sorted(chinese)
    assert (
        english == [] or "{" not in problem("", code, **dict.fromkeys(english, "x")).sentence["zh"]
    )


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_sentences_end_as_sentences(code):
    english, chinese = SENTENCES[code]
    assert english.endswith(".")
    assert chinese.endswith("。")
    assert not re.search(r"[;!?]|[\u4e00-\u9fff],", chinese), "Chinese marks in Chinese sentences"


def test_every_fault_that_the_desk_names_has_its_sentence_and_every_sentence_is_used():
    folder = Path(parley.desk.__path__[0])
    source = "\n".join(path.read_text("utf-8") for path in folder.rglob("*.py"))
    named = re.findall(r"\b(?:problem|fault)\(\s*(?:f?\"[^\"]*\"|[\w.]+),\s*\"(\w+)\"", source)
    assert len(named) > 40
    assert set(named) <= set(SENTENCES)
    beside = source.replace((folder / "problems.py").read_text("utf-8"), "")
    assert {code for code in SENTENCES if f'"{code}"' not in beside} == set()


def test_kinds_follow_the_number_of_the_procedure_in_the_catalogue():
    core = {int(kind) for kind in Kind}
    wrong = {
        move.full_name: move.kind
        for procedure in PROCEDURES.values()
        for move in procedure.moves
        if move.kind not in core and move.kind // 100 != int(procedure.code.removeprefix("P"))
    }
    assert wrong == {}


def test_no_two_moves_share_a_kind_and_the_core_keeps_its_own():
    assert len(KINDS) == len(MOVES)
    core = {kind for kind in KINDS if kind <= Kind.PART}
    assert core == {Kind.SAY, Kind.ACKNOWLEDGE, Kind.CLOSE}


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=list(PROCEDURES))
def test_every_state_can_be_reached_and_every_open_one_left(procedure):
    for one in procedure.states:
        if one.derived:
            continue
        moves = [
            move
            for move in procedure.moves
            if one.name in (move.initial, move.done)
            or any(go.after == one.name for go in (*move.go, *move.crossed))
        ]
        assert moves, one.name
        leaving = [m for m in procedure.moves if any(go.before == one.name for go in m.go)]
        if not one.final and procedure.name != "channel":
            assert leaving, one.name


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=list(PROCEDURES))
def test_every_clock_is_known_to_the_default_profile_or_set_by_the_entry(procedure):
    for rule in procedure.clocks:
        assert rule.due_field or rule.name in load("default").clocks
        assert rule.then == "" or rule.then in load("default").clocks


@pytest.fixture(scope="module")
def catalogue():
    if not SHARED.exists():
        pytest.skip("the designers' list of moves does not lie beside this copy")
    return yaml.safe_load(SHARED.read_text("utf-8"))


OURS = [name for name in MOVES if name.partition(".")[0] in PROCEDURES]


def test_every_move_the_scenarios_know_of_these_procedures_is_declared(catalogue):
    wanted = {name for name in catalogue["moves"] if name.partition(".")[0] in PROCEDURES}
    assert wanted <= set(MOVES)


def test_every_field_the_scenarios_use_can_be_written_and_no_other_is_demanded(catalogue):
    for name, declared in catalogue["moves"].items():
        if name not in MOVES:
            continue
        move = MOVES[name]
        known = {field.name for field in move.fields} | set(COMMON_FIELDS)
        assert {*declared["req"], *declared["opt"]} <= known, name
        demanded = {field.name for field in move.fields if field.required} | set(move.needs)
        assert demanded <= {*declared["req"], *catalogue["common"]}, name
        assert move.opens == {True: "yes", None: "no"}.get(
            declared.get("opens"), declared.get("opens")
        )


def test_every_register_column_the_scenarios_look_at_is_filled(catalogue):
    for register, columns in catalogue["registers"].items():
        if register in REGISTERS:
            known = {column.name for column in REGISTERS[register].columns}
            assert set(columns) <= known, register


def test_the_reasons_are_those_of_the_catalogue(catalogue):
    assert list(REASONS.codes) == catalogue["reason_codes"]


# --- what a declaration may not say --------------------------------------------------------------


def made(**parts):
    base = {
        "name": "x", "code": "P99", "prefix": "XXX", "words": words("x", "某"),
        "states": (state("a", "a", "甲"), state("b", "b", "乙", final=True)),
        "moves": (opening(), Move(name="end", kind=9001, words=words("e", "止"), go=(Go("a", "b"),))),
    }  # fmt: skip
    return Procedure(**(base | parts))


def opening(**parts):
    return Move(
        **(
            {
                "name": "open",
                "kind": 9000,
                "words": words("o", "启"),
                "opens": "yes",
                "initial": "a",
            }
            | parts
        )
    )


def test_a_declaration_that_holds_together_is_taken():
    assert made().move("open").full_name == "x.open"


@pytest.mark.parametrize(
    "moves",
    [
        (opening(initial="nowhere"),),
        (opening(initial=""),),
        (opening(opens="perhaps"),),
        (opening(),),
        (opening(), Move(name="e", kind=9000, words=words("e", "止"), go=(Go("a", "b"),))),
        (
            opening(),
            Move(name="e", kind=9001, words=words("e", "止"), go=(Go("b", "a"), Go("a", "b"))),
        ),
        (
            opening(),
            Move(name="e", kind=9001, words=words("e", "止"), by=By.EACH, go=(Go("a", "b"),)),
        ),
        (opening(fields=(put("a", 32, Text(), "a", "甲"), put("b", 32, Text(), "b", "乙"))),),
        (opening(fields=(put("a", 20, Text(), "a", "甲"),)),),
    ],
)
def test_a_declaration_that_cannot_work_is_refused_at_import(moves):
    with pytest.raises(AssertionError):
        made(moves=moves)


@given(st.sampled_from(sorted(KINDS)))
def test_a_move_is_found_by_its_kind_and_name(kind):
    move = KINDS[kind]
    assert MOVES[move.full_name] is move
    assert PROCEDURES[move.procedure].move(move.name) is move
