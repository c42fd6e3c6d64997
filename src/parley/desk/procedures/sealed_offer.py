"""A sealed offer: each side's next move written, sealed, and opened at the same time."""

from __future__ import annotations

from dataclasses import replace

from parley.core.instants import rfc3339
from parley.desk.actors import By
from parley.desk.facts import CaseFacts
from parley.desk.fields import Json, WordsType, code
from parley.desk.procedure import Move, Procedure, columns, put, words
from parley.desk.sealing import (
    COLUMNS,
    COMMIT,
    COMMIT_GO,
    OPENED,
    REVEAL_GO,
    SALT,
    WITHDRAW_GO,
    commit_given,
    opened,
    party_columns,
    same_terms,
    sealed_columns,
    states,
)
from parley.desk.times import InstantType, start_of

_OFFER = put("offer", 34, WordsType(4000), "offer", "提案")


def _row(case: CaseFacts) -> dict[str, Json]:
    due = start_of(case.opening.wire("due"))
    return {
        **sealed_columns(case, "offer"),
        "by": case.by,
        "series": case.opening.json("series"),
        "due": None if due is None else rfc3339(due),
        "commit": None,
        "revealed_at": None,
        "offer": None,
        "rung": case.rung()[0],
    }


def _parts(case: CaseFacts) -> dict[str, dict[str, Json]]:
    found: dict[str, dict[str, Json]] = {}
    for who in case.parties:
        step = opened(case, who)
        said = None if step is None else step.json("offer")
        found[who] = party_columns(case, who, "offer") | {"offer": said}
    return found


SEALED_OFFER = Procedure(
    name="sealed_offer",
    code="P21",
    prefix="SEA",
    words=words("sealed offer", "密封提案"),
    register="sealed_offers",
    states=states(),
    settings=("sealed.window",),
    moves=(
        Move(
            name="commit",
            kind=2100,
            words=words("seal an offer", "封存提案"),
            by=By.EACH,
            opens="may",
            initial="committed by one",
            go=COMMIT_GO,
            done="both committed",
            seals=("offer",),
            fields=(
                put("series", 32, code(), "matter", "事项", required=True),
                put("due", 33, InstantType(), "due", "期限", required=True),
                replace(_OFFER, required=True, kept=True),
                replace(SALT, kept=True),
                COMMIT,
            ),
            checks=(commit_given, same_terms()),
        ),
        Move(
            name="reveal",
            kind=2101,
            words=words("open one's offer", "开启提案"),
            by=By.EACH,
            go=REVEAL_GO,
            done="complete",
            unseals="commit",
            fields=(replace(_OFFER, help=OPENED), SALT),
        ),
        Move(
            name="withdraw",
            kind=2102,
            words=words("withdraw what was sealed", "撤回封存"),
            by=By.OPENER,
            go=WITHDRAW_GO,
        ),
    ),
    columns=COLUMNS
    + columns(
        series=("matter", "事项"),
        offer=("offer", "提案"),
        rung=("rung", "确认级别"),
    ),
    row=_row,
    parts=_parts,
)
