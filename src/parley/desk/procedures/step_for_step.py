"""Step for step: two acts bound so that each falls due with the other; undoes a cycle."""

from __future__ import annotations

from parley.core.instants import rfc3339
from parley.desk.actors import By
from parley.desk.checks import lies_ahead
from parley.desk.facts import CaseFacts
from parley.desk.fields import Json, Matter, Text, WordsType
from parley.desk.procedure import Go, Move, Procedure, columns, put, state, words
from parley.desk.times import InstantType, start_of

_EVIDENCE = put("evidence", 32, Matter(), "what shows it", "依据")


def _row(case: CaseFacts) -> dict[str, Json]:
    due = start_of(case.opening.wire("due"))
    done = list(dict.fromkeys(step.party for step in case.steps_of("done")))
    open_ones = [who for who in case.parties if who not in done]
    fallen = case.state in ("armed", "one done") and due is not None and due <= case.moment
    # Without a date each step falls due on the other's evidence.
    owed = fallen or (case.state == "one done" and due is None)
    return {
        "state": case.state,
        "by": case.by,
        "ours": case.opening.json("ours"),
        "theirs": case.opening.json("theirs"),
        "due": None if due is None else rfc3339(due),
        "done_by": sorted(done),
        "falls_due_for": sorted(open_ones) if owed else [],
        "one_sided": len(done) == 1 and (case.state == "void" or fallen),
        "undoes": case.opening.json("undoes"),
        "rung": case.rung()[0],
    }


STEP_FOR_STEP = Procedure(
    name="step_for_step",
    code="P30",
    prefix="SFS",
    words=words("step for step", "对等步骤"),
    register="steps_for_steps",
    states=(
        state("proposed", "proposed", "已提议"),
        state("agreed", "agreed", "已同意"),
        state("armed by one", "armed by one side", "一方就绪"),
        state("armed", "armed by both", "双方就绪"),
        state("one done", "one has done its step", "一方已履行"),
        state("both done", "both have done theirs", "双方已履行", final=True),
        state("declined", "declined", "已谢绝", final=True),
        state("void", "void", "已失效", final=True),
    ),
    moves=(
        Move(
            name="propose",
            kind=3000,
            words=words("propose step for step", "提议对等步骤"),
            opens="yes",
            initial="proposed",
            fields=(
                put("ours", 32, WordsType(500), "our step", "我方步骤", required=True),
                put("theirs", 33, WordsType(500), "their step", "对方步骤", required=True),
                put("due", 34, InstantType(), "both due at", "共同期限"),
                put("ours_in", 35, Matter(), "our commitment", "我方承诺"),
                put("theirs_in", 36, Matter(), "their commitment", "对方承诺"),
                put("undoes", 37, Text(40), "undoes the cycle", "解除的循环"),
            ),
            checks=(lies_ahead("due"),),
        ),
        Move(
            name="agree",
            kind=3001,
            words=words("agree to it", "同意"),
            by=By.ADDRESSEE,
            go=(Go("proposed", "agreed"),),
        ),
        Move(
            name="decline",
            kind=3002,
            words=words("decline it", "谢绝"),
            by=By.ADDRESSEE,
            go=(Go("proposed", "declined"),),
        ),
        Move(
            name="arm",
            kind=3003,
            words=words("say that one is ready", "表示就绪"),
            by=By.EACH,
            go=(Go("agreed", "armed by one"), Go("armed by one", "armed by one")),
            done="armed",
        ),
        Move(
            name="done",
            kind=3004,
            words=words("say that one's step is done", "称己方步骤已履行"),
            by=By.EACH,
            go=(Go("armed", "one done"), Go("one done", "one done")),
            done="both done",
            fields=(_EVIDENCE,),
        ),
        Move(
            name="void",
            kind=3005,
            words=words("note that it is void", "注明已失效"),
            by=By.EITHER,
            go=tuple(
                Go(b, "void") for b in ("proposed", "agreed", "armed by one", "armed", "one done")
            ),
            needs=("reason_text",),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("proposed by", "提议方"),
        ours=("proposer's step", "提议方步骤"),
        theirs=("the other's step", "对方步骤"),
        due=("both due at", "共同期限"),
        done_by=("done by", "已履行方"),
        falls_due_for=("now due for", "现应履行方"),
        one_sided=("one side only", "仅一方履行"),
        undoes=("undoes the cycle", "解除的循环"),
        rung=("rung", "确认级别"),
    ),
    row=_row,
)
