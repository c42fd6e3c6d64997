"""An agenda, item by item; and an understanding that each side invokes in its own words.

An understanding that both invoke without an agreed text is shown as just that, with what both
lists have in common and what only one has.
"""

from __future__ import annotations

from collections.abc import Sequence

from parley.desk.actors import By
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import Duration, Json, Ref, WordsType, code, party
from parley.desk.procedure import Go, Move, Procedure, columns, put, state, words
from parley.desk.structures import ListOf, Struct, member

_CODES = ListOf(item=code(), least=1, most=60, lenient=True)
ITEM = Struct(
    (
        member("id", 0, code(), "item", "编号"),
        member("title", 1, WordsType(200), "title", "标题"),
        member("owner", 2, party(), "owner", "提出方"),
        member("time", 3, Duration(60, 86_400), "time", "时长"),
    ),
    bare="id",
)
_IDS = put("ids", 32, _CODES, "items", "事项", required=True)


def _listed(steps: Sequence[StepFacts]) -> list[str]:
    """Return the items of the newest of these steps, sorted."""
    said = steps[-1].json("items") if steps else None
    return sorted(str(item) for item in said) if isinstance(said, list) else []


def _of(case: CaseFacts, who: str) -> list[str]:
    return _listed([s for s in case.steps_of("understanding") if s.party == who])


def _items(case: CaseFacts) -> dict[str, Json]:
    """Return where each item of a proposed agenda stands."""
    found: dict[str, Json] = {}
    for step in case.steps:
        if step.move in ("agenda.propose", "agenda.add"):
            said = step.json("items")
            for item in said if isinstance(said, list) else []:
                if isinstance(item, dict):
                    found.setdefault(str(item.get("id")), "proposed")
        for name, now in _MARKS.items():
            ids = step.json("ids") if step.move == f"agenda.{name}" else None
            for one in ids if isinstance(ids, list) else []:
                if str(one) in found:
                    found[str(one)] = now
    return found


_MARKS = {"agree": "agreed", "strike": "struck", "take_up": "taken up", "leave": "left"}


def _row(case: CaseFacts) -> dict[str, Json]:
    invoked = sorted({s.party for s in case.steps_of("understanding", "reaffirm")})
    told = [who for who in case.parties if _of(case, who)]
    lists = [set(_of(case, who)) for who in told]
    agreed = next((t for s in case.steps if (t := s.json("agreed_text")) is not None), None)
    return {
        "state": case.state,
        "by": case.by,
        "title": case.opening.json("title"),
        "invoked_by": list(invoked),
        "agreed_text": agreed,
        "no_agreed_text": len(invoked) > 1 and agreed is None,
        "items_by": {who: list(_of(case, who)) for who in told},
        "overlap": sorted(set.intersection(*lists)) if len(lists) > 1 else [],
        "only_by": {who: _only(case, who) for who in told},
        "items": _items(case),
        "source": next((v for s in case.steps if (v := s.json("source")) is not None), None),
        "rung": case.rung()[0],
    }


def _only(case: CaseFacts, who: str) -> list[str]:
    others: set[str] = set()
    for other in case.parties:
        if other != who:
            others |= set(_of(case, other))
    return sorted(set(_of(case, who)) - others) if others else []


def _parts(case: CaseFacts) -> dict[str, dict[str, Json]]:
    return {
        who: {"items_by": list(_of(case, who)), "only_by": _only(case, who)} for who in case.parties
    }


_LIVE = ("proposed", "agreed")

AGENDA = Procedure(
    name="agenda",
    code="P23",
    prefix="AGD",
    words=words("agenda or understanding", "议程或共识"),
    register="agendas",
    states=(
        state("invoked by one", "invoked by one side", "一方援引"),
        state("invoked by both", "invoked by both", "双方援引"),
        state("reaffirmed by one", "reaffirmed by one side", "一方重申"),
        state("reaffirmed", "reaffirmed by both", "双方重申"),
        state("proposed", "agenda proposed", "议程已提出"),
        state("agreed", "agenda agreed", "议程已商定"),
        state("dropped", "dropped", "已放弃", final=True),
    ),
    moves=(
        Move(
            name="understanding",
            kind=2300,
            words=words("say what was understood", "陈述共识"),
            by=By.EACH,
            opens="may",
            initial="invoked by one",
            go=(Go("invoked by one", "invoked by one"),),
            done="invoked by both",
            fields=(
                put("title", 32, WordsType(160), "title", "名称", required=True),
                put("wording", 33, WordsType(2000), "in our words", "己方表述", required=True),
                put("items", 34, _CODES, "items", "事项", required=True),
                put("source", 35, Ref(), "from the meeting or call", "出自会晤或通话"),
                put("agreed_text", 36, Ref(), "agreed text", "商定文本"),
            ),
        ),
        Move(
            name="reaffirm",
            kind=2301,
            words=words("reaffirm it", "重申"),
            by=By.EACH,
            go=(
                Go("invoked by both", "reaffirmed by one"),
                Go("invoked by one", "reaffirmed by one"),
                Go("reaffirmed by one", "reaffirmed by one"),
                Go("reaffirmed", "reaffirmed by one"),
            ),
            done="reaffirmed",
        ),
        Move(
            name="propose",
            kind=2302,
            words=words("propose an agenda", "提出议程"),
            opens="yes",
            initial="proposed",
            fields=(
                put("title", 32, WordsType(160), "title", "名称", required=True),
                put(
                    "items",
                    33,
                    ListOf(item=ITEM, least=1, most=60, lenient=True),
                    "items",
                    "事项",
                    required=True,
                ),
                put("meeting", 34, Ref(), "for the meeting", "所属会晤"),
            ),
        ),
        Move(
            name="add",
            kind=2303,
            words=words("add items", "增列事项"),
            by=By.EITHER,
            go=(Go("agreed", "proposed"),),
            keeps=("proposed",),
            fields=(
                put(
                    "items",
                    33,
                    ListOf(item=ITEM, least=1, most=60, lenient=True),
                    "items",
                    "事项",
                    required=True,
                ),
            ),
        ),
        Move(
            name="agree",
            kind=2304,
            words=words("agree to items", "同意事项"),
            by=By.EITHER,
            go=(Go("proposed", "agreed", By.ADDRESSEE),),
            keeps=_LIVE,
            fields=(_IDS,),
        ),
        Move(
            name="strike",
            kind=2305,
            words=words("strike items", "删去事项"),
            by=By.EITHER,
            keeps=_LIVE,
            fields=(_IDS,),
        ),
        Move(
            name="take_up",
            kind=2306,
            words=words("note items taken up", "记录已议事项"),
            by=By.EITHER,
            keeps=_LIVE,
            fields=(_IDS,),
        ),
        Move(
            name="leave",
            kind=2307,
            words=words("note items left", "记录未议事项"),
            by=By.EITHER,
            keeps=_LIVE,
            fields=(_IDS,),
        ),
        Move(
            name="drop",
            kind=2308,
            words=words("drop the agenda", "放弃议程"),
            go=(Go("proposed", "dropped"), Go("agreed", "dropped")),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("first said by", "首提方"),
        title=("title", "名称"),
        invoked_by=("invoked by", "援引方"),
        agreed_text=("agreed text", "商定文本"),
        no_agreed_text=("invoked by both, no agreed text", "双方援引而无商定文本"),
        items_by=("items by side", "各方事项"),
        overlap=("in both lists", "共同事项"),
        only_by=("only in one list", "仅一方事项"),
        items=("items", "事项"),
        source=("from", "出自"),
        rung=("rung", "确认级别"),
    ),
    row=_row,
    parts=_parts,
)
