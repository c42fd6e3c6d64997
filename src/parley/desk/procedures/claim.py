"""A claim about the record: one side counts; the desk puts what the record proves beside it.

A claim adds no rows and is not judged. A register that a party kept before the line was there can
be claimed row by row (`history`): it is that party's word, and no register counts its rows.
"""

from __future__ import annotations

from collections.abc import Mapping

from parley.core.instants import rfc3339
from parley.desk.facts import CaseFacts
from parley.desk.fields import (
    Boolean,
    Integer,
    Json,
    Text,
    WordsType,
    sha256_hex,
)
from parley.desk.procedure import Go, Move, Procedure, columns, put, state, words
from parley.desk.structures import (
    ListOf,
    Member,
    Struct,
    member,
)
from parley.desk.times import InstantType, start_of

_SOME = ListOf(item=Text(64), least=1, most=40, lenient=True)
SCOPE = Struct(
    (
        member("register", 0, Text(40), "register", "登记簿"),
        member("by", 1, _SOME, "by", "由"),
        member("fate", 2, _SOME, "fate", "结果"),
        member("since", 3, InstantType(), "since", "起"),
        member("state", 4, _SOME, "state", "状态"),
        member("to", 5, _SOME, "to", "受方"),
    )
)

HISTORY_ROWS_MAX = 100
"""Rows of one entry; a longer history is claimed in several."""
HISTORY_ROW = Struct(
    (
        Member(
            name="number", number=0, type=Text(64), words=words("number", "编号"), required=True
        ),
        Member(
            name="date", number=1, type=InstantType(), words=words("date", "日期"), required=True
        ),
        Member(
            name="what", number=2, type=WordsType(300), words=words("what", "内容"), required=True
        ),
        member("register", 3, Text(40), "register", "登记簿"),
        member("by", 4, Text(64), "by", "由"),
        member("to", 5, Text(64), "to", "受方"),
        member("due", 6, InstantType(), "due", "期限"),
        member("answered", 7, InstantType(), "answered", "答复"),
        member("outcome", 8, Text(64), "outcome", "结果"),
    )
)


def _matches(row: Mapping[str, Json], scope: Mapping[str, Json], since: int | None) -> bool:
    for column in ("by", "fate", "state", "to"):
        wanted = scope.get(column)
        if isinstance(wanted, list):
            found = row.get(column)
            offices = found if isinstance(found, list) else [found]
            parties = [str(one).partition("/")[0] for one in offices]
            if not any(one in wanted for one in (*offices, *parties)):
                return False
    sent = row.get("sent_at")
    return since is None or not isinstance(sent, str) or sent >= rfc3339(since)


def _row(case: CaseFacts) -> dict[str, Json]:
    step = case.last_of("state") or case.opening
    scope, wire = step.json("scope"), step.wire("scope")
    provable: int | None = None
    if isinstance(scope, Mapping) and isinstance(wire, Mapping):
        since = start_of(wire.get(3))
        rows = case.rows(str(scope.get("register", "")))
        provable = sum(_matches(row, scope, since) for row in rows)
    claimed = step.json("at_least")
    gap = None
    if isinstance(claimed, int) and provable is not None:
        gap = max(0, claimed - provable)
    return {
        "state": case.state,
        "by": case.by,
        "what": step.json("what"),
        "claimed_at_least": claimed,
        "provable": provable,
        "gap_at_least": gap,
        "itemised": step.json("itemised") is True,
        "rows_added": 0,
        "rows_claimed": len(history) if isinstance(history := step.json("rows"), list) else 0,
        "history": history,
        "source": step.json("source"),
        "channels_cancelled": len(
            {str(row["channel"]) for row in case.rows("channels") if row["state"] == "cancelled"}
        ),
    }


CLAIM = Procedure(
    name="claim",
    code="P19",
    prefix="CLM",
    words=words("claim about the record", "关于记录的主张"),
    register="claims",
    states=(
        state("held", "held", "维持主张"),
        state("withdrawn", "withdrawn", "已撤回", final=True),
    ),
    moves=(
        Move(
            name="state",
            kind=1900,
            words=words("state a claim", "提出主张"),
            opens="yes",
            initial="held",
            fields=(
                put("what", 32, WordsType(300), "what", "内容", required=True),
                put("at_least", 33, Integer(0, 1_000_000), "at least", "至少"),
                put("itemised", 34, Boolean(), "itemised", "是否逐项列明"),
                put("scope", 35, SCOPE, "counted over", "统计范围"),
            ),
        ),
        Move(
            name="history",
            kind=1902,
            words=words("claim a history", "主张以往记录"),
            opens="yes",
            initial="held",
            fields=(
                put("what", 32, WordsType(300), "what", "内容", required=True),
                put("source", 36, Text(200), "kept as", "原登记名称", required=True),
                put("digest", 37, sha256_hex(), "digest of the file", "文件摘要", required=True),
                put("part", 38, Integer(1, 1_000), "part", "第几部分", required=True),
                put("parts", 39, Integer(1, 1_000), "of parts", "共几部分", required=True),
                put(
                    "rows",
                    40,
                    ListOf(item=HISTORY_ROW, least=1, most=HISTORY_ROWS_MAX),
                    "rows",
                    "各行",
                    required=True,
                ),
            ),
        ),
        Move(
            name="withdraw",
            kind=1901,
            words=words("withdraw the claim", "撤回主张"),
            go=(Go("held", "withdrawn"),),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("by", "提出方"),
        what=("what", "内容"),
        claimed_at_least=("claimed, at least", "主张至少"),
        provable=("proved by the record", "记录可证"),
        gap_at_least=("gap, at least", "差额至少"),
        itemised=("itemised", "逐项列明"),
        rows_added=("rows added", "新增行"),
        rows_claimed=("rows claimed", "主张行数"),
        history=("history", "以往记录"),
        source=("kept as", "原登记名称"),
        channels_cancelled=("channels cancelled", "已取消渠道"),
    ),
    row=_row,
    late=True,
)
