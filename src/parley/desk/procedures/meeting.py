"""A meeting: fixed, held or not; each side signs when it began and ended."""

from __future__ import annotations

from parley.core.instants import iso_duration
from parley.desk.actors import By
from parley.desk.checks import ends_after
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import (
    Choice,
    Duration,
    Json,
    Ref,
    Text,
    WordsType,
)
from parley.desk.problems import Problem, problem
from parley.desk.procedure import Draft, Go, Move, Procedure, columns, put, state, words
from parley.desk.reasons import LEVEL
from parley.desk.structures import (
    ListOf,
    Struct,
    member,
)
from parley.desk.times import InstantType, Windows, exact, pairs_of

FORMS = Choice((("talks", "talks", "会谈"), ("meal", "meal", "餐叙"), ("walk", "walk", "散步")))
INTERPRETERS = Choice((("own", "each its own", "各自配备"), ("shared", "shared", "共用")))
RECORD = Choice((("own", "each its own", "各自记录"), ("joint", "joint", "共同记录")))
PART = Struct(
    (
        member("form", 0, FORMS, "form", "形式"),
        member("began", 1, InstantType(), "began", "开始"),
        member("ended", 2, InstantType(), "ended", "结束"),
        member("length_at_least", 3, Duration(1, 2_592_000), "length at least", "至少时长"),
    )
)
_ABOUT = (
    put("visit", 40, Ref(), "part of the visit", "所属访问"),
    put("query", 41, Ref(), "about the query", "所涉询问"),
)


def _span(step: StepFacts) -> tuple[int, int] | None:
    began, ended = exact(step.wire("began")), exact(step.wire("ended"))
    return None if began is None or ended is None or ended < began else (began, ended)


def _row(case: CaseFacts) -> dict[str, Json]:
    held = case.steps_of("hold")
    spans = [span for step in held if (span := _span(step)) is not None]
    overlap = min(end for _, end in spans) - max(begin for begin, _ in spans) if spans else None
    first = held[0] if held else None
    told = [step for step in case.steps if step.wire("announced_at") is not None]
    announced = exact(told[0].wire("announced_at")) if told else None
    ahead = spans[0][0] - announced if spans and announced is not None else None
    return {
        "state": "not held" if _was_not_held(case) else case.state,
        "by": case.by,
        "to": list(case.to),
        "title": _first(case, "title"),
        "venue": _first(case, "venue"),
        "length": None if overlap is None or overlap < 0 else iso_duration(overlap),
        "began": first.json("began") if first else None,
        "ended": first.json("ended") if first else None,
        "parts": first.json("parts") if first else None,
        "both": case.has_both("hold"),
        "announced_before": None if ahead is None or ahead < 0 else iso_duration(ahead),
        "visit": _first(case, "visit"),
        "request": _first(case, "request"),
        "form": first.json("form") if first else None,
        "attended": False if case.state == "not attended" else case.has_both("hold"),
        "channel": case.channel,
        "windows": _windows(case),
    }


def _was_not_held(case: CaseFacts) -> bool:
    """Say whether its time and the grace are over and nobody said that it was held."""
    fixed, grace = case.last_of("fix"), case.setting("request.held_grace")
    windows = pairs_of(fixed.wire("windows")) if fixed is not None else None
    if case.state != "fixed" or not windows or grace is None:
        return False
    return case.moment >= max(end for _, end in windows) + grace


def _same_terms(draft: Draft) -> Problem | None:
    """Both sides fix the same time and place, or nothing is fixed."""
    if draft.state != "fixed by one":
        return None
    names = ("windows", "venue")
    other = [name for name in names if draft.values.get(name) != draft.terms.get(name)]
    return problem("", "terms_differ", fields=", ".join(other)) if other else None


def _first(case: CaseFacts, field: str) -> Json:
    return next((step.json(field) for step in case.steps if step.json(field) is not None), None)


def _windows(case: CaseFacts) -> Json:
    fixed = case.last_of("fix")
    return fixed.json("windows") if fixed and pairs_of(fixed.wire("windows")) else None


MEETING = Procedure(
    name="meeting",
    code="P16",
    prefix="MTG",
    words=words("meeting", "会晤"),
    register="meetings",
    settings=("request.held_grace",),
    states=(
        state("fixed by one", "fixed by one side", "一方已确定"),
        state("fixed", "fixed", "已确定"),
        state("held by one", "held, one side says", "一方称已举行"),
        state("held", "held", "已举行", final=True),
        state("postponed", "postponed", "已推迟"),
        state("not attended", "not attended", "一方未出席", final=True),
        state("cancelled", "cancelled", "已取消", final=True),
        state("not held", "not held", "未举行", derived=True),
    ),
    moves=(
        Move(
            name="fix",
            kind=1600,
            words=words("fix a meeting", "确定会晤"),
            by=By.EACH,
            opens="may",
            initial="fixed by one",
            go=(Go("fixed by one", "fixed by one"), Go("postponed", "fixed by one")),
            done="fixed",
            fields=(
                put("title", 32, WordsType(160), "title", "名称", required=True),
                put("venue", 33, Text(120), "venue", "地点", required=True),
                put("windows", 34, Windows(most=10), "time", "时间", required=True),
                put("announced_at", 35, InstantType(), "announced at", "公布时间"),
                put("level", 36, LEVEL, "level", "层级"),
                *_ABOUT,
                put("interpretation", 42, INTERPRETERS, "interpretation", "口译"),
                put("record", 43, RECORD, "record", "记录"),
            ),
            checks=(_same_terms,),
        ),
        Move(
            name="hold",
            kind=1601,
            words=words("note that it was held", "记录已举行"),
            by=By.EACH,
            opens="may",
            initial="held by one",
            go=(
                Go("fixed by one", "held by one"),
                Go("fixed", "held by one"),
                Go("postponed", "held by one"),
                Go("held by one", "held by one"),
            ),
            done="held",
            fields=(
                put("began", 32, InstantType(), "began", "开始", required=True),
                put("ended", 33, InstantType(), "ended", "结束", required=True),
                put("title", 34, WordsType(160), "title", "名称"),
                put("venue", 35, Text(120), "venue", "地点"),
                put("form", 36, FORMS, "form", "形式"),
                put("parts", 37, ListOf(item=PART, least=1, most=20), "parts", "各部分"),
                put("level", 38, LEVEL, "level", "层级"),
                put("request", 39, Ref(), "answers the request", "对应请求"),
                *_ABOUT,
                put("delegations", 42, ListOf(item=Text(200), most=60), "delegations", "代表团"),
                put("source", 43, Text(200), "source", "来源"),
            ),
            checks=(ends_after("began", "ended"),),
        ),
        Move(
            name="not_attended",
            kind=1602,
            words=words("note that the other side did not come", "记录对方未出席"),
            by=By.EITHER,
            go=(Go("fixed by one", "not attended"), Go("fixed", "not attended")),
        ),
        Move(
            name="postpone",
            kind=1603,
            words=words("postpone", "推迟"),
            by=By.EITHER,
            go=(
                Go("fixed by one", "postponed"),
                Go("fixed", "postponed"),
                Go("postponed", "postponed"),
            ),
            fields=(put("cause", 32, WordsType(500), "cause", "原因", required=True),),
        ),
        Move(
            name="cancel",
            kind=1604,
            words=words("cancel", "取消"),
            by=By.EITHER,
            go=(
                Go("fixed by one", "cancelled"),
                Go("fixed", "cancelled"),
                Go("postponed", "cancelled"),
            ),
            fields=(put("cause", 32, WordsType(500), "cause", "原因", required=True),),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("first said by", "首记方"),
        to=("with", "对方"),
        title=("title", "名称"),
        venue=("venue", "地点"),
        length=("length", "时长"),
        began=("began", "开始"),
        ended=("ended", "结束"),
        parts=("parts", "各部分"),
        both=("both sides say so", "双方均记载"),
        announced_before=("announced before", "提前公布"),
        visit=("visit", "访问"),
        request=("request", "请求"),
        form=("form", "形式"),
        attended=("attended", "出席"),
        channel=("channel", "渠道"),
        windows=("fixed for", "既定时间"),
    ),
    row=_row,
)
