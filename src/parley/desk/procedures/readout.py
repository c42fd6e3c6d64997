"""A readout: each side's own account of one meeting or call, put beside the others'.

What one side does not mention it has not denied: such a topic is only one side's. Given openly,
each account is a case of its own. Sealed first, the accounts of all are one case, so that nobody
can fit its own to another's: who opens last learns first and can no longer change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from parley.core.instants import rfc3339
from parley.desk.actors import By
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import Boolean, Choice, Count, Json, Ref, WordsType, code, party
from parley.desk.naming import RAW
from parley.desk.problems import Problem, problem
from parley.desk.procedure import (
    Difference,
    Draft,
    Go,
    Instead,
    Move,
    Procedure,
    columns,
    put,
    state,
    words,
)
from parley.desk.readout_items import Matters, each_two, items_of, key_of, matter_of
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
        member("not", 3, Boolean(), "not so", "并非如此"),
        member("count", 4, Count(), "how many", "数量"),
        member("when", 5, InstantType(), "when", "时间"),
    )
)
VERDICTS = Choice(
    (
        ("same", "about the same", "同一事项"),
        ("apart", "not about the same", "并非同一事项"),
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
_ACCOUNT = put("account", 36, WordsType(4000), "account in words", "文字通报")
_OF = put("of", 32, Ref(), "of the meeting or call", "所涉会晤或通话", required=True)
_SEALED = ("claims", "account")
_SEALING = (
    "committed",
    "revealed",
    "both_committed_at",
    "one_sided",
    "mismatch",
    "missed_by",
    "not_opened_by",
    "state",
)


def _given_openly(draft: Draft) -> Problem | None:
    """An account that would be sealed is not given openly under that name."""
    if draft.values.get("mode") != MODES.read("sealed", "mode", RAW):
        return None
    seal = ("seal a readout", "封存通报")
    return problem("mode", "seal_first", move=seal)


def _no_open_text(draft: Draft) -> Problem | None:
    """Words beside a sealed account are not sealed with it."""
    if "text" not in draft.values:
        return None
    return problem("text", "text_is_open", instead=(_ACCOUNT.words["en"], _ACCOUNT.words["zh"]))


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


def _is_sealed(case: CaseFacts) -> bool:
    return case.opening.move == "readout.commit"


def _accounts(case: CaseFacts) -> dict[str, StepFacts]:
    """Return the step that holds each party's account in a case: none before it is opened."""
    if not _is_sealed(case):
        return {case.opener: case.steps_of("give", "replace")[-1]}
    steps = {who: opened(case, who) for who in case.parties}
    return {who: step for who, step in steps.items() if step is not None}


def _told(case: CaseFacts) -> list[CaseFacts]:
    """Return every case with accounts of the same meeting or call, this one too."""
    about = case.referred(case.opening, "of")
    told = about.referrers("of") if about is not None else []
    return [one for one in told if one.procedure == "readout"] or [case]


def _beside(case: CaseFacts) -> list[tuple[str, StepFacts]]:
    """Return every account of the same meeting or call, this case's own too."""
    return [pair for one in _told(case) for pair in _accounts(one).items()]


def _against(case: CaseFacts, who: str) -> dict[str, Json]:
    """Return how one party's account in a case stands beside the others' of the same meeting."""
    step = _accounts(case).get(who)
    if step is None:
        return {"topics": [], "both_say": [], "only_we_say": [], "unmatched": []}
    others = [other for party, other in _beside(case) if party != who]
    matters, told = Matters.of(_told(case)), [item for one in others for item in items_of(one)]
    own, other = _topics(step), {matters.head(matter_of(item)) for item in told}
    said = {key_of(item, matters) for item in told}
    missed = [c for c in items_of(step) if c.get("by") != who and key_of(c, matters) not in said]
    return {
        "topics": sorted(own),
        "both_say": sorted(topic for topic in own if matters.head(topic) in other),
        "only_we_say": sorted(
            topic for topic in own if others and matters.head(topic) not in other
        ),
        "unmatched": [dict(claim) for claim in missed],
    }


def _row(case: CaseFacts) -> dict[str, Json]:
    notes = case.notes_about(case.opening)
    replaced = [note for note in notes if note.move == "correction.supersede"]
    taken_back = [n for n in notes if n.move in ("correction.cancel", "correction.withdraw")]
    sealed = sealed_columns(case, *_SEALED) if _is_sealed(case) else dict.fromkeys(_SEALING)
    state = sealed["state"] or case.state
    due = start_of(case.opening.wire("due"))
    at = start_of(case.opening.wire("publish_at"))
    opening = max((step.claimed for step in _accounts(case).values()), default=None)
    given, ended = opening if at is None else at, _ended(case)
    known = given is not None and ended is not None and case.opening.precision != "unknown"
    return {
        **sealed,
        **_against(case, case.opener),
        "state": "withdrawn" if taken_back else "replaced" if replaced else state,
        "of": case.opening.json("of"),
        "by": case.by,
        "mode": "sealed" if _is_sealed(case) else case.opening.json("mode") or "open",
        "visit": _visit(case),
        "delay_days": (given or 0) // DAY - (ended or 0) // DAY if known else None,
        "superseded_by": replaced[-1].name if replaced else None,
        "due": None if due is None else rfc3339(due),
        "account": None,
        "commit": None,
        "revealed_at": None,
    }


def _parts(case: CaseFacts) -> dict[str, dict[str, Json]]:
    if not _is_sealed(case):
        return {}
    found: dict[str, dict[str, Json]] = {}
    for who in case.parties:
        step = opened(case, who)
        said = None if step is None else step.json("account")
        own = party_columns(case, who, *_SEALED) | {"account": said, "by": who}
        found[who] = own | _against(case, who)
    return found


def _topics(step: StepFacts) -> set[str]:
    return {matter_of(item) for item in items_of(step)}


def compare_readouts(case: CaseFacts) -> list[Difference]:
    """Return topics and claims of each two sides' newest accounts of one meeting."""
    return each_two(_newest(case), Matters.of(_told(case)))


def _newest(case: CaseFacts) -> dict[str, StepFacts]:
    """Return the newest account of each side; in a case of its own, that of the case."""
    newest = {case.opener: _accounts(case).get(case.opener), **dict(_beside(case))}
    newest |= _accounts(case)
    return {who: step for who, step in newest.items() if step is not None}


def _named_accounts(case: CaseFacts) -> dict[str, str]:
    return {who: step.name for who, step in _newest(case).items()}


def _two_matters(draft: Draft) -> Problem | None:
    """A matter is not marked as one with itself."""
    return problem("other", "same_matter") if draft.values["one"] == draft.values["other"] else None


READOUT = Procedure(
    name="readout",
    code="P18",
    prefix="RDT",
    words=words("readout", "会谈通报"),
    register="readouts",
    states=(
        state("given", "given", "已给出"),
        state("replaced", "replaced", "已替换"),
        *states(),
    ),
    settings=("sealed.window",),
    moves=(
        Move(
            name="give",
            kind=1800,
            words=words("give a readout", "给出通报"),
            opens="yes",
            initial="given",
            fields=(
                _OF,
                _CLAIMS,
                put("publish_at", 34, InstantType(), "published at", "公布时间"),
                put("mode", 35, MODES, "how it is given", "给出方式"),
            ),
            cautions=(_given_openly,),
            instead=Instead(
                field="mode", value="sealed", move="commit", renamed={"publish_at": "due"}
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
            go=(Go("given", "withdrawn"), Go("replaced", "withdrawn"), *WITHDRAW_GO),
        ),
        Move(
            name="commit",
            kind=1803,
            words=words("seal a readout", "封存通报"),
            by=By.EACH,
            opens="may",
            initial="committed by one",
            go=COMMIT_GO,
            done="both committed",
            seals=_SEALED,
            binds=("of", "due"),
            fields=(
                _OF,
                put("due", 37, InstantType(), "due", "期限", required=True),
                replace(_CLAIMS, kept=True),
                replace(_ACCOUNT, kept=True),
                replace(SALT, kept=True),
                COMMIT,
            ),
            checks=(commit_given, same_terms("of", "due")),
            cautions=(_no_open_text,),
        ),
        Move(
            name="reveal",
            kind=1804,
            words=words("open one's readout", "开启通报"),
            by=By.EACH,
            go=REVEAL_GO,
            done="complete",
            unseals="commit",
            fields=(
                replace(_CLAIMS, required=False, help=OPENED),
                replace(_ACCOUNT, help=OPENED),
                SALT,
            ),
        ),
        Move(
            name="mark",
            kind=1805,
            words=words("mark two matters as one, or not", "标注两事项是否同一"),
            by=By.EITHER,
            keeps=("given", "replaced", "revealed by one", "complete"),
            fields=(
                put("one", 32, code(), "one matter", "一事项", required=True),
                put("other", 33, code(), "the other", "另一事项", required=True),
                put("verdict", 34, VERDICTS, "they are", "判断", required=True),
            ),
            checks=(_two_matters,),
        ),
    ),
    columns=tuple(column for column in COLUMNS if column.name not in ("state", "by"))
    + columns(
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
        account=("account in words", "文字通报"),
    ),
    row=_row,
    parts=_parts,
    compare=compare_readouts,
    accounts=_named_accounts,
)
