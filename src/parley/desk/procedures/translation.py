"""A translation of an entry: offered with its status, accepted as a working text, or disputed."""

from __future__ import annotations

from parley.desk.actors import By
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import LANGUAGE, Choice, Json, Pattern, Ref, Text
from parley.desk.joint_comparison import compare_languages, texts_of
from parley.desk.problems import Problem, problem
from parley.desk.procedure import (
    Difference,
    Draft,
    Go,
    Move,
    Procedure,
    columns,
    put,
    state,
    words,
)
from parley.desk.structures import ListOf

STATUSES = Choice(
    (
        ("working", "working text", "工作文本"),
        ("courtesy", "courtesy text", "参考译文"),
        ("machine", "by machine", "机器翻译"),
        ("agreed", "agreed", "商定文本"),
    )
)
"""Authentic is only what the sender said at sending, or a joint text; never a translation."""
_MACHINE = STATUSES.codes.index("machine")
_STATUS = put("status", 34, STATUSES, "status", "性质", required=True)
_ENGINE = put("engine", 35, Text(80), "engine, if by machine", "翻译引擎")


def _engine_if_machine(draft: Draft) -> Problem | None:
    """What a machine made names the machine."""
    if draft.values.get("status") == _MACHINE and "engine" not in draft.values:
        return problem("engine", "missing")
    return None


def _row(case: CaseFacts) -> dict[str, Json]:
    newest = case.steps_of("offer", "replace")[-1]
    disputed = case.last_of("dispute")
    return {
        "state": case.state,
        "of": case.opening.json("of"),
        "by": case.by,
        "lang": case.opening.json("lang"),
        "status": newest.json("status"),
        "engine": newest.json("engine"),
        "points": None if disputed is None else disputed.json("points"),
        "versions": len(case.steps_of("offer", "replace")),
        "rung": case.rung()[0],
    }


def _compare(case: CaseFacts) -> list[Difference]:
    """Return how numbers, dates and the like of the newest version compare with the original."""
    language, original = str(case.opening.json("lang")), _original(case)
    translated = texts_of(case.steps_of("offer", "replace")[-1]).get(language)
    if original is None or translated is None:
        return []
    first, said = next(iter(texts_of(original).items()), (language, ""))
    if first == language:
        return []
    return compare_languages(original.name, {first: said, language: translated})


def _original(case: CaseFacts) -> StepFacts | None:
    """Return the entry that was translated, None where it is not held or makes no move."""
    about, name = case.referred(case.opening, "of"), case.opening.json("of")
    told = [*about.steps, *about.annotations] if about is not None else []
    return next((step for step in told if step.name == name), None)


TRANSLATION = Procedure(
    name="translation",
    code="P31",
    prefix="TRL",
    words=words("translation", "译文"),
    register="translations",
    states=(
        state("offered", "offered", "已提供"),
        state("accepted", "accepted as a working text", "接受为工作文本"),
        state("disputed", "disputed", "有异议"),
        state("replaced", "replaced by a new version", "已换新译文"),
        state("withdrawn", "withdrawn", "已撤回", final=True),
    ),
    moves=(
        Move(
            name="offer",
            kind=3100,
            words=words("offer a translation", "提供译文"),
            opens="yes",
            initial="offered",
            fields=(
                put("of", 32, Ref(), "of the entry", "所译条目", required=True),
                put(
                    "lang",
                    33,
                    Pattern("language", LANGUAGE, ("a language such as zh", "语言代码，如 zh")),
                    "language",
                    "语言",
                    required=True,
                ),
                _STATUS,
                _ENGINE,
            ),
            checks=(_engine_if_machine,),
        ),
        Move(
            name="accept",
            kind=3101,
            words=words("accept as a working text", "接受为工作文本"),
            by=By.ADDRESSEE,
            go=tuple(Go(before, "accepted") for before in ("offered", "disputed", "replaced")),
        ),
        Move(
            name="dispute",
            kind=3102,
            words=words("dispute the translation", "对译文提出异议"),
            by=By.ADDRESSEE,
            go=tuple(Go(before, "disputed") for before in ("offered", "accepted", "replaced")),
            fields=(
                put(
                    "points",
                    32,
                    ListOf(item=Text(500), least=1, most=40, lenient=True),
                    "points",
                    "异议之处",
                    required=True,
                ),
            ),
        ),
        Move(
            name="replace",
            kind=3103,
            words=words("offer a new version", "提供新译文"),
            by=By.OPENER,
            go=tuple(Go(b, "replaced") for b in ("offered", "accepted", "disputed", "replaced")),
            fields=(_STATUS, _ENGINE),
            needs=("text",),
            checks=(_engine_if_machine,),
        ),
        Move(
            name="withdraw",
            kind=3104,
            words=words("withdraw the translation", "撤回译文"),
            go=tuple(Go(b, "withdrawn") for b in ("offered", "accepted", "disputed", "replaced")),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        of=("of", "所译"),
        by=("by", "提供方"),
        lang=("language", "语言"),
        status=("status", "性质"),
        engine=("engine", "引擎"),
        points=("points", "异议之处"),
        versions=("versions", "版本数"),
        rung=("rung", "确认级别"),
    ),
    row=_row,
    compare=_compare,
)
