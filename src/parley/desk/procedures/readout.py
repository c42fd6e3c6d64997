"""A readout: each side's own account of one meeting or call, put beside the other's.

What one side does not mention it has not denied: such a topic is only one side's.
"""

from __future__ import annotations

from collections.abc import Mapping

from parley.desk.comparison import compare_equal
from parley.desk.facts import CaseFacts
from parley.desk.fields import Choice, Json, Ref, code, party
from parley.desk.procedure import (
    By,
    Difference,
    Go,
    Move,
    Procedure,
    columns,
    put,
    state,
    words,
)
from parley.desk.structures import ListOf, Struct, member
from parley.desk.times import DAY, InstantType, start_of, until_instant

SAID = Choice(
    (
        ("said", "said", "表示"),
        ("agreed", "agreed", "同意"),
        ("asked", "asked", "要求"),
        ("refused", "refused", "拒绝"),
        ("undertook", "undertook", "承诺"),
    )
)
CLAIM = Struct(
    (
        member("kind", 0, SAID, "what was done", "行为"),
        member("by", 1, party(), "by whom", "由谁"),
        member("about", 2, code(), "about", "关于"),
    )
)
MODES = Choice(
    (
        ("open", "given openly", "公开给出"),
        ("sealed", "sealed first, then opened", "先封存后开启"),
    )
)
_CLAIMS = put(
    "claims",
    33,
    ListOf(item=CLAIM, least=0, most=60),
    "what was said, agreed, asked, refused",
    "表示、同意、要求、拒绝的事项",
    required=True,
)


def _ended(case: CaseFacts) -> int | None:
    """Return when the meeting or call was over, as its own register has it."""
    about = case.referred(case.opening, "of")
    row = case.row_of(about) if about is not None else {}
    for column in ("ended", "made_on", "began"):
        said = row.get(column)
        said = said.get("at") if isinstance(said, Mapping) else said
        at = until_instant(said)
        if at is not None:
            return at
    return None


def _visit(case: CaseFacts) -> Json:
    about = case.referred(case.opening, "of")
    if about is None:
        return None
    return about.opening.name if about.procedure == "visit" else case.row_of(about).get("visit")


def _others(case: CaseFacts) -> list[CaseFacts]:
    """Return the other side's readouts of the same meeting or call that still stand."""
    about = case.referred(case.opening, "of")
    told = about.referrers("of") if about is not None else []
    return [one for one in told if one.procedure == "readout" and one.opener != case.opener]


def _row(case: CaseFacts) -> dict[str, Json]:
    notes = case.notes_about(case.opening)
    replaced = [note for note in notes if note.move == "correction.supersede"]
    taken_back = [n for n in notes if n.move in ("correction.cancel", "correction.withdraw")]
    at = start_of(case.opening.wire("publish_at"))
    given, ended = case.opening.claimed if at is None else at, _ended(case)
    known = case.opening.precision != "unknown" and ended is not None
    own, other = _topics([case]), _topics(_others(case))
    return {
        "state": "withdrawn" if taken_back else "replaced" if replaced else case.state,
        "of": case.opening.json("of"),
        "by": case.by,
        "mode": case.opening.json("mode") or "open",
        "visit": _visit(case),
        "delay_days": given // DAY - (ended or 0) // DAY if known else None,
        "superseded_by": replaced[-1].name if replaced else None,
        "topics": sorted(own),
        "both_say": sorted(own & other),
        "only_we_say": sorted(own - other) if _others(case) else [],
        "unmatched": _unmatched(case),
    }


def _topics(readouts: list[CaseFacts]) -> set[str]:
    return {str(claim.get("about")) for case in readouts for claim in _claims(case)}


def _claims(case: CaseFacts) -> list[Mapping[str, Json]]:
    told = case.steps_of("give", "replace")[-1].json("claims")
    return [one for one in (told if isinstance(told, list) else []) if isinstance(one, Mapping)]


def _unmatched(case: CaseFacts) -> list[Json]:
    """Return what it says that the other side did and the other side's own account has not."""
    others = [_key(claim) for other in _others(case) for claim in _claims(other)]
    return [
        dict(claim)
        for claim in _claims(case)
        if claim.get("by") != case.opener and _key(claim) not in others
    ]


def _key(claim: Mapping[str, Json]) -> tuple[str, str, str]:
    return str(claim.get("kind")), str(claim.get("by")), str(claim.get("about"))


def compare_readouts(case: CaseFacts) -> list[Difference]:
    """Return the topics and claims of both sides' readouts of one meeting, side by side."""
    others = _others(case)
    if not others:
        return []
    sides = (case.opener, others[-1].opener)
    first, second = _claims(case), _claims(others[-1])
    found: list[Difference | None] = []
    topics = [{str(claim.get("about")) for claim in told} for told in (first, second)]
    for topic in sorted(topics[0] | topics[1]):
        pair = tuple(topic if topic in named else None for named in topics)
        found.append(compare_equal(f"topics.{topic}", sides, (pair[0], pair[1]), "differ"))
    keys = [{_key(claim) for claim in told} for told in (first, second)]
    for key in sorted(keys[0] | keys[1]):
        name = ".".join(key)
        pair = tuple(name if key in named else None for named in keys)
        found.append(compare_equal(f"claims.{name}", sides, (pair[0], pair[1]), "differ"))
    return [difference for difference in found if difference is not None]


READOUT = Procedure(
    name="readout",
    code="P18",
    prefix="RDT",
    words=words("readout", "会谈通报"),
    register="readouts",
    states=(
        state("given", "given", "已给出"),
        state("replaced", "replaced", "已替换"),
        state("withdrawn", "withdrawn", "已撤回", final=True),
    ),
    moves=(
        Move(
            name="give",
            kind=1800,
            words=words("give a readout", "给出通报"),
            opens="yes",
            initial="given",
            fields=(
                put("of", 32, Ref(), "of the meeting or call", "所涉会晤或通话", required=True),
                _CLAIMS,
                put("publish_at", 34, InstantType(), "published at", "公布时间"),
                put("mode", 35, MODES, "how it is given", "给出方式"),
            ),
        ),
        Move(
            name="replace",
            kind=1801,
            words=words("give a new readout in its place", "以新通报替换"),
            by=By.OPENER,
            go=(Go("given", "replaced"), Go("replaced", "replaced")),
            fields=(_CLAIMS,),
        ),
        Move(
            name="withdraw",
            kind=1802,
            words=words("withdraw the readout", "撤回通报"),
            go=(Go("given", "withdrawn"), Go("replaced", "withdrawn")),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        of=("of", "所涉"),
        by=("by", "给出方"),
        mode=("how", "方式"),
        visit=("visit", "访问"),
        delay_days=("days after", "间隔天数"),
        superseded_by=("superseded by", "取代者"),
        topics=("topics", "议题"),
        both_say=("both speak of", "双方均提及"),
        only_we_say=("only this side speaks of", "仅本方提及"),
        unmatched=("said of the other, not by it", "称对方所为而对方未提"),
    ),
    row=_row,
    compare=compare_readouts,
)
