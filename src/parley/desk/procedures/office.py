"""Offices: who holds one and since when; a vacancy pauses nothing, requests to the office stay."""

from __future__ import annotations

from parley.core.instants import rfc3339
from parley.desk.actors import By, Named
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import Choice, Json, Text, WordsType, office, sha256_hex
from parley.desk.procedure import Go, Move, Procedure, columns, put, state, words
from parley.desk.times import InstantType, start_of

HOW = Choice(
    (
        ("call", "by call", "电话核对"),
        ("meeting", "face to face", "当面核对"),
        ("letter", "by letter", "书面核对"),
        ("embassy", "through an embassy", "经使馆核对"),
    )
)
_OFFICE = put("office", 32, office(), "office", "席位", required=True)
_OWN = Named(field="office", own=True)
"""A party speaks for its own offices only."""
_FROM = put("from", 34, InstantType(), "from", "起")


def _since(step: StepFacts) -> tuple[int, Json]:
    said = step.json("from")
    return start_of(step.wire("from")) or step.claimed, said or rfc3339(step.claimed)


def _acts(case: CaseFacts) -> list[CaseFacts]:
    """Return every filling and leaving of the same office, in the order of when they hold."""
    name = case.opening.json("office")
    same = [o for o in case.cases_of("office") if o.opening.json("office") == name]
    told = [o for o in same if o.opening.move in ("office.fill", "office.vacate")]
    return sorted(told, key=lambda other: _since(other.opening)[0])


def _row(case: CaseFacts) -> dict[str, Json]:
    opening = case.opening
    acts, key = _acts(case), opening.move.partition(".")[2]
    place = next((n for n, other in enumerate(acts) if other.number == case.number), None)
    later = acts[place + 1] if place is not None and place + 1 < len(acts) else None
    vacant = None
    if key == "vacate":
        vacant = _since(opening)[1]
    elif later is not None and later.opening.move == "office.vacate":
        vacant = _since(later.opening)[1]
    confirmed = case.last_of("confirm")
    return {
        "state": "superseded" if later is not None and case.state != "revoked" else case.state,
        "by": case.by,
        "office": opening.json("office"),
        "holder": opening.json("holder"),
        "since": None if key == "vacate" else _since(opening)[1],
        "vacant_since": vacant,
        "succeeded_by": None if later is None else later.opening.json("holder"),
        "confirmed_by": None if confirmed is None else confirmed.office,
        "rung": case.rung()[0],
    }


OFFICE = Procedure(
    name="office",
    code="P38",
    prefix="OFF",
    words=words("office, key and watch", "席位、密钥与值班"),
    register="offices",
    states=(
        state("filled", "filled", "在任"),
        state("vacant", "vacant", "空缺"),
        state("key announced", "key announced", "密钥已公布"),
        state("key lost", "key lost", "密钥遗失"),
        state("handed over", "watch handed over", "已交接班", final=True),
        state("key in force", "key in force", "密钥生效"),
        state("revoked", "revoked", "已撤销", final=True),
        state("superseded", "superseded", "已更替", derived=True),
    ),
    moves=(
        Move(
            name="fill",
            kind=3800,
            words=words("announce a holder", "公布任职"),
            by=_OWN,
            opens="yes",
            initial="filled",
            fields=(
                _OFFICE,
                put("holder", 33, Text(120), "holder", "任职者", required=True),
                _FROM,
            ),
        ),
        Move(
            name="vacate",
            kind=3801,
            words=words("announce a vacancy", "公布空缺"),
            by=_OWN,
            opens="yes",
            initial="vacant",
            fields=(_OFFICE, _FROM),
        ),
        Move(
            name="new_key",
            kind=3802,
            words=words("announce a key", "公布密钥"),
            by=_OWN,
            opens="yes",
            initial="key announced",
            fields=(
                _OFFICE,
                put("key", 33, sha256_hex(), "SHA-256 of the key", "密钥摘要", required=True),
                _FROM,
            ),
        ),
        Move(
            name="lost_key",
            kind=3803,
            words=words("report a lost key", "通报密钥遗失"),
            by=_OWN,
            opens="yes",
            initial="key lost",
            fields=(
                _OFFICE,
                put("key", 33, sha256_hex(), "SHA-256 of the key", "密钥摘要", required=True),
                _FROM,
                put("last_good", 35, InstantType(), "last surely ours", "最后确属本方"),
            ),
        ),
        Move(
            name="hand_over",
            kind=3804,
            words=words("hand over the watch", "交接班"),
            by=_OWN,
            opens="yes",
            initial="handed over",
            fields=(
                _OFFICE,
                put("holder", 33, Text(120), "who takes over", "接班者", required=True),
                _FROM,
                put("from_holder", 35, Text(120), "who hands over", "交班者", required=True),
                put("open_matters", 36, WordsType(2000), "open matters", "未结事项"),
            ),
        ),
        Move(
            name="confirm",
            kind=3805,
            words=words("confirm by another way", "经他途核实"),
            by=By.ADDRESSEE,
            go=(Go("key announced", "key in force"),),
            keeps=("filled", "vacant", "key lost", "key in force"),
            fields=(put("how", 32, HOW, "how it was checked", "核实方式", required=True),),
        ),
        Move(
            name="revoke",
            kind=3806,
            words=words("revoke the announcement", "撤销公布"),
            go=tuple(
                Go(before, "revoked")
                for before in ("filled", "vacant", "key announced", "key lost", "key in force")
            ),
            needs=("reason_text",),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("said by", "公布方"),
        office=("office", "席位"),
        holder=("holder", "任职者"),
        since=("since", "起"),
        vacant_since=("vacant since", "空缺起"),
        succeeded_by=("succeeded by", "继任者"),
        confirmed_by=("confirmed by", "核实方"),
        rung=("rung", "签收确认级别"),
    ),
    row=_row,
)
