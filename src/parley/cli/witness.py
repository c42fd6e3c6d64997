"""`parley witness`: what a witness keeps, at the witness."""

from __future__ import annotations

from typing import Final

from parley.cli.command import Run, declare, new_app
from parley.cli.exits import IN_PART
from parley.cli.output import Result
from parley.cli.reach import reach
from parley.cli.shown import when
from parley.core.texts import visible

app = new_app("A witness.")
_ORIGIN_SHOWN: Final = 16


@declare(
    app,
    "witness",
    schema="witness",
    examples=["parley witness --station ./charlie"],
    exits=[5, 10, 11, 14],
)
def witness(run: Run) -> None:
    """Show the key, the logs a witness keeps, and every pair of notes that contradict each other.

    Exit 14 if there is such a pair: two histories were signed with one party's key.
    """
    with reach(run, offline=True) as door:
        state = door.get("/witness")
    lines = [f"key        {visible(str(state['key']))}"]
    lines += [
        f"log        {log['party']:<8} {log['size']} entries, signed {when(log['signed_at'])}  "
        f"{log['origin'].split('/')[1][:_ORIGIN_SHOWN]}"
        for log in state["logs"]
    ]
    for pair in state["two_histories"]:
        lines.append(f"TWO HISTORIES signed with {pair['party']}'s key:")
        for note in (pair["kept"], pair["shown"]):
            lines += [f"    {visible(line)}" for line in str(note).split("\n")]
    run.finish(
        Result(
            data=state,
            lines=lines,
            quiet=[str(state["key"])],
            exit_code=IN_PART if state["two_histories"] else 0,
        )
    )
