"""A one-way digest: what was sent since, as ranges and heads, for when nobody can answer."""

from __future__ import annotations

from parley.core.instants import rfc3339
from parley.desk.facts import CaseFacts
from parley.desk.fields import Integer, Json, Ref, Text, sha256_hex
from parley.desk.problems import Problem, problem
from parley.desk.procedure import Draft, Move, Procedure, columns, put, state, words
from parley.desk.structures import ListOf, Struct, member

ITEM = Struct(
    (
        member("serial", 0, Integer(0, 2**53 - 1), "serial", "序号"),
        member("procedure", 1, Text(40), "procedure", "程序"),
        member("line", 2, Text(80), "in a line", "一句话概要"),
        member("digest", 3, sha256_hex(), "SHA-256", "摘要"),
    )
)


def _in_order(draft: Draft) -> Problem | None:
    """A range of serials ends no earlier than it begins."""
    first, last = draft.values.get("from_serial"), draft.values.get("to_serial")
    if isinstance(first, int) and isinstance(last, int) and last < first:
        told = {"later": ("the last serial", "末序号"), "earlier": ("the first", "首序号")}
        return problem("to_serial", "wrong_order", **told)
    return None


def _span(case: CaseFacts) -> tuple[Json, Json, Json]:
    step = case.opening
    return step.json("from_serial"), step.json("to_serial"), step.json("head")


def _row(case: CaseFacts) -> dict[str, Json]:
    same = [o for o in case.on_channel("digest") if _span(o) == _span(case)]
    heard = [other for other in same if other.delivered(other.opening) is not None]
    first, last, head = _span(case)
    items = case.opening.json("items")
    delivered = case.delivered(case.opening)
    return {
        "state": case.state,
        "by": case.by,
        "from_serial": first,
        "to_serial": last,
        "head": head,
        "items": len(items) if isinstance(items, list) else 0,
        "still_open": case.opening.json("still_open"),
        "sent_times": len(same),
        "heard_times": len(heard),
        "delivered_at": None if delivered is None else rfc3339(delivered),
    }


DIGEST = Procedure(
    name="digest",
    code="P35",
    prefix="DIG",
    words=words("one-way digest", "单向摘要"),
    register="digests",
    states=(state("sent", "sent", "已发出", final=True),),
    moves=(
        Move(
            name="send",
            kind=3500,
            words=words("send a digest", "发送摘要"),
            opens="yes",
            initial="sent",
            fields=(
                put(
                    "from_serial", 32, Integer(0, 2**53 - 1), "from serial", "起序号", required=True
                ),
                put("to_serial", 33, Integer(0, 2**53 - 1), "to serial", "止序号", required=True),
                put("head", 34, sha256_hex(), "head", "链首", required=True),
                put("items", 35, ListOf(item=ITEM, least=1, most=200), "entries", "条目"),
                put(
                    "still_open",
                    36,
                    ListOf(item=Ref(), least=1, most=40, lenient=True),
                    "still open",
                    "未结事项",
                ),
            ),
            checks=(_in_order,),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("from", "发出方"),
        from_serial=("from serial", "起序号"),
        to_serial=("to serial", "止序号"),
        head=("head", "链首"),
        items=("entries", "条目数"),
        still_open=("still open", "未结事项"),
        sent_times=("times sent", "发送次数"),
        heard_times=("times heard", "收到次数"),
        delivered_at=("delivered", "送达"),
    ),
    row=_row,
)
