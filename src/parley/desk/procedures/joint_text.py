"""One text in several authentic languages: negotiated by article, initialled and signed whole.

What a party agrees to, initials and signs is a digest over all languages. Any change afterwards
makes a new version, to which no earlier initials carry over. An agreed glossary is such a text too.
"""

from __future__ import annotations

from parley.desk import joint_checks as checks
from parley.desk.actors import By
from parley.desk.facts import CaseFacts, StepFacts
from parley.desk.fields import (
    LANGUAGE,
    Choice,
    Integer,
    Json,
    Pattern,
    Ref,
    Text,
    WordsType,
    code,
    party,
    sha256_hex,
)
from parley.desk.joint import CHANGES, Act, JointText, Wording, articles_of, joint_text
from parley.desk.joint_comparison import compare_text, differences_seen, unlike
from parley.desk.joint_passages import passages_of
from parley.desk.procedure import (
    Difference,
    Go,
    Move,
    Passage,
    Procedure,
    columns,
    put,
    state,
    words,
)
from parley.desk.structures import ListOf, Member, Struct, member
from parley.desk.times import InstantType

_LANGUAGE = Pattern("language", LANGUAGE, ("a language such as zh", "语言代码，如 zh"))
_NUMBER = Text(24)
ARTICLE = Struct(
    (
        Member(
            name="no",
            number=0,
            type=_NUMBER,
            words=words("number", "条号"),
            required=True,
        ),
        member("text", 1, WordsType(12_000), "text in every language", "各语言文本"),
        member("missing", 2, ListOf(item=_LANGUAGE, least=1, most=8), "missing", "所缺语言"),
    )
)
NAME = Struct(
    (
        Member(name="party", number=0, type=party(), words=words("party", "一方"), required=True),
        Member(
            name="name", number=1, type=WordsType(200), words=words("name", "名称"), required=True
        ),
    )
)
TERM = Struct(
    (
        Member(name="id", number=0, type=code(), words=words("term", "编号"), required=True),
        Member(
            name="words", number=1, type=WordsType(200), words=words("term", "术语"), required=True
        ),
    )
)
AGREED = Struct(
    (
        Member(name="no", number=0, type=_NUMBER, words=words("number", "条号"), required=True),
        Member(
            name="digest", number=1, type=sha256_hex(), words=words("digest", "摘要"), required=True
        ),
    )
)
KINDS = Choice((("text", "a text", "文本"), ("glossary", "a glossary", "术语表")))
ENTRY = Struct(
    (
        Member(
            name="on",
            number=0,
            type=Choice(
                (
                    ("signature", "on signature by all", "各方签署之时"),
                    ("date", "on a date", "指定日期"),
                    ("notification", "once all have notified", "各方通知完毕之时"),
                )
            ),
            words=words("on", "生效方式"),
            required=True,
        ),
        member("at", 1, InstantType(), "date", "日期"),
    ),
    bare="on",
)
_NO = put("no", 32, _NUMBER, "article", "条", required=True)
_ID = put("id", 33, code(), "bracket", "括号", required=True)
_ALT = put("alt", 35, WordsType(4000), "other wording", "另一措辞")
_NAMES = put("names", 36, ListOf(item=NAME, most=16), "names of the parties", "各方名称")
_TERMS = put("terms", 37, ListOf(item=TERM, most=400), "defined terms", "术语")
_ANNEXES = put("annexes", 35, ListOf(item=ARTICLE, most=60), "annexes", "附件")
_AGREED = put(
    "articles", 32, ListOf(item=AGREED, least=1, most=400), "articles", "条文", required=True
)
_DIGEST = put(
    "digest", 32, sha256_hex(), "digest of all languages", "各语言全文摘要", required=True
)
_SEEN = put(
    "seen", 33, ListOf(item=Text(60), most=400), "differences seen", "已知悉的差异", required=True
)
_FROM = put("from", 33, InstantType(), "from", "自何时起")

_OPEN = ("draft", "closing")
_PAPER = ("draft", "closing", "closed", "initialling", "initialled", "signing")
"""States in which a change makes a new draft."""
_READ_AGAIN = frozenset(
    {
        *("table", "redraft", "bracket", "alternative", "unbracket"),
        *("agree", "agree_ad_referendum", "close", "initial", "sign"),
    }
)
"""Moves before whose release the languages are compared once more."""
_FORCE = ("signed", "in force", "amended")


def _back() -> tuple[Go, ...]:
    return tuple(Go(before, "draft") for before in _PAPER)


def _to(after: str) -> tuple[Go, ...]:
    return tuple(Go(before, after) for before in _FORCE)


def text_of(case: CaseFacts) -> JointText:
    """Return the joint text of a case as its steps leave it."""
    return joint_text(Act(s.move.partition(".")[2], s.party, s.wire) for s in case.steps)


def _row(case: CaseFacts) -> dict[str, Json]:
    text = text_of(case)
    now = text.digest()
    initials = _signers(case, "initial", now)
    return {
        "state": _state(case),
        "by": case.by,
        "title": case.opening.json("title"),
        "kind": case.opening.json("kind") or "text",
        "languages": list(text.languages),
        "prevailing": text.prevailing,
        "version": text.version,
        "articles": [
            {
                "no": one.number,
                "status": one.status(case.parties),
                "agreed_by": sorted(
                    who for who, (said, _) in one.agreed.items() if said == one.digest()
                ),
                "missing": list(one.missing),
                "digest": one.digest(),
            }
            for one in text.articles.values()
        ],
        "differs": list(unlike(_compare(case))),
        "brackets": dict(text.brackets),
        "open_brackets": sum(text.brackets.values()),
        "digest": now,
        "seen": {s.party: s.json("seen") for s in case.steps_of("initial") if s.party in initials},
        "initialled_by": list(initials),
        "signed_by": list(_signers(case, "sign", now)),
        "suspended_articles": _suspended(case),
        "terms": len(text.terms),
        "rung": case.rung()[0],
    }


def _passages(case: CaseFacts, side: str) -> list[Passage]:
    return passages_of(text_of(case), case.parties, case.opener, side)


def _compare(case: CaseFacts) -> list[Difference]:
    """Return how the languages compare, article by article; also in the agreed glossary's terms."""
    text = text_of(case)
    text.terms = _with_glossary(case, text)
    return compare_text(text)


def _with_glossary(case: CaseFacts, text: JointText) -> dict[str, Wording]:
    glossary = case.referred(case.opening, "glossary")
    if glossary is None or glossary.procedure != "joint_text":
        return dict(text.terms)
    return {**text_of(glossary).terms, **text.terms}


def _compare_draft(case: CaseFacts | None, draft: StepFacts) -> list[Difference]:
    """Return how the languages compare in the articles that a draft writes or agrees to.

    Of a draft that tables the text or names no article, as one that closes it, in all.
    """
    move = draft.move.partition(".")[2]
    if move not in _READ_AGAIN:
        return []
    steps = [*(case.steps if case is not None else ()), draft]
    text = joint_text(Act(s.move.partition(".")[2], s.party, s.wire) for s in steps)
    if case is not None:
        text.terms = _with_glossary(case, text)
    named = set() if move == "table" else {number for number, _ in articles_of(draft.wire)}
    if isinstance(number := draft.wire("no"), str):
        named.add(number)
    found = compare_text(text)
    return [one for one in found if not named or one.field.rpartition(".")[0] in named]


def _signers(case: CaseFacts, move: str, digest: str) -> list[str]:
    """Return who has made a move on the text of this digest since it last changed."""
    last = max(at for at, step in enumerate(case.steps) if step.move.partition(".")[2] in CHANGES)
    return sorted(
        step.party
        for step in case.steps[last:]
        if step.move == f"joint_text.{move}" and step.json("digest") == digest
    )


def _suspended(case: CaseFacts) -> list[str]:
    named = [s.json("articles") for s in case.steps_of("suspend_articles")]
    return sorted({str(no) for one in named if isinstance(one, list) for no in one})


def _state(case: CaseFacts) -> str:
    """Return the state; what was signed enters into force as its own rule says."""
    if case.state == "signed" and checks.has_entered(case.opening.wire, case.moment):
        return "in force"
    return case.state


JOINT_TEXT = Procedure(
    name="joint_text",
    code="P25",
    prefix="JTX",
    words=words("joint text", "共同文本"),
    register="texts",
    states=(
        state("draft", "draft", "草案"),
        state("closing", "closed by one side", "一方已定稿"),
        state("closed", "closed", "已定稿"),
        state("initialling", "initialled by one side", "一方已草签"),
        state("initialled", "initialled", "已草签"),
        state("signing", "signed by one side", "一方已签署"),
        state("signed", "signed", "已签署"),
        state("notifying", "one side has notified", "一方已通知"),
        state("in force", "in force", "有效"),
        state("suspended", "suspended", "中止"),
        state("amended", "amended", "已修正"),
        state("ended", "ended", "已终止", final=True),
        state("given up", "given up", "已放弃", final=True),
    ),
    moves=(
        Move(
            name="table",
            kind=2500,
            words=words("table a draft", "提出草案"),
            opens="yes",
            initial="draft",
            fields=(
                put("title", 32, WordsType(400), "title", "标题", required=True),
                put(
                    "languages",
                    33,
                    ListOf(item=_LANGUAGE, least=2, most=8),
                    "authentic languages",
                    "作准语言",
                    required=True,
                ),
                put(
                    "articles",
                    34,
                    ListOf(item=ARTICLE, most=400),
                    "articles",
                    "条文",
                    required=True,
                ),
                _ANNEXES,
                _NAMES,
                _TERMS,
                put("prevailing", 38, _LANGUAGE, "prevailing language", "歧义时为准的语言"),
                put("entry", 39, ENTRY, "enters into force", "生效"),
                put("kind", 40, KINDS, "kind", "类别"),
                put("glossary", 41, Ref(), "agreed glossary", "商定术语表"),
            ),
            checks=(checks.whole_articles, checks.known_prevailing),
        ),
        Move(
            name="redraft",
            kind=2501,
            words=words("redraft or add articles", "改写或增列条文"),
            by=By.EITHER,
            go=_back(),
            fields=(
                put("after", 32, _NUMBER, "new ones come after", "新条列于何条之后"),
                put("articles", 34, ListOf(item=ARTICLE, least=1, most=400), "articles", "条文"),
                _ANNEXES,
                _TERMS,
            ),
            checks=(checks.something_new, checks.whole_articles),
        ),
        Move(
            name="bracket",
            kind=2502,
            words=words("put words in brackets", "加括号保留"),
            by=By.EITHER,
            go=_back(),
            fields=(
                _NO,
                _ID,
                put("words", 34, WordsType(4000), "words in brackets", "括号内文字", required=True),
                _ALT,
            ),
            checks=(checks.known_article, checks.words_of_article),
        ),
        Move(
            name="alternative",
            kind=2503,
            words=words("offer other wording", "提出另一措辞"),
            by=By.EITHER,
            go=_back(),
            fields=(
                _NO,
                _ID,
                put("alt", 35, WordsType(4000), "other wording", "另一措辞", required=True),
            ),
            checks=(checks.known_article, checks.known_bracket),
        ),
        Move(
            name="unbracket",
            kind=2504,
            words=words("lift brackets", "去括号"),
            by=By.EITHER,
            go=_back(),
            fields=(
                _NO,
                _ID,
                put("take", 34, Integer(1, 99), "take alternative number", "采用第几种措辞"),
            ),
            checks=(checks.known_article, checks.known_bracket, checks.own_bracket),
        ),
        Move(
            name="strike",
            kind=2505,
            words=words("strike an article", "删去一条"),
            by=By.EITHER,
            go=_back(),
            fields=(_NO,),
            checks=(checks.known_article,),
        ),
        Move(
            name="agree_ad_referendum",
            kind=2506,
            words=words("agree ad referendum", "待核准同意"),
            by=By.EITHER,
            keeps=_OPEN,
            fields=(_AGREED,),
            checks=(checks.same_articles,),
        ),
        Move(
            name="agree",
            kind=2507,
            words=words("agree to articles", "同意条文"),
            by=By.EITHER,
            keeps=_OPEN,
            fields=(_AGREED,),
            checks=(checks.same_articles,),
        ),
        Move(
            name="close",
            kind=2508,
            words=words("close the text", "定稿"),
            by=By.EACH,
            go=(Go("draft", "closing"), Go("closing", "closing")),
            done="closed",
            fields=(_DIGEST, _SEEN),
            checks=(checks.all_agreed, checks.same_text),
            cautions=(differences_seen,),
        ),
        Move(
            name="initial",
            kind=2509,
            words=words("initial", "草签"),
            by=By.EACH,
            go=(Go("closed", "initialling"), Go("initialling", "initialling")),
            done="initialled",
            fields=(_DIGEST, _SEEN),
            checks=(checks.same_text,),
            cautions=(differences_seen,),
        ),
        Move(
            name="sign",
            kind=2510,
            words=words("sign", "签署"),
            by=By.EACH,
            go=(Go("initialled", "signing"), Go("signing", "signing")),
            done="signed",
            fields=(
                _DIGEST,
                put("power", 34, WordsType(200), "by what power", "签署权限", required=True),
            ),
            checks=(checks.same_text,),
        ),
        Move(
            name="notify",
            kind=2511,
            words=words("notify that our procedures are complete", "通知国内程序完毕"),
            by=By.EACH,
            go=(Go("signed", "notifying"), Go("notifying", "notifying")),
            done="in force",
            checks=(checks.by_notification,),
        ),
        Move(
            name="suspend",
            kind=2512,
            words=words("suspend the text", "中止文本"),
            by=By.EITHER,
            go=_to("suspended"),
            fields=(_FROM,),
            checks=(checks.in_force,),
        ),
        Move(
            name="suspend_articles",
            kind=2513,
            words=words("suspend articles", "中止条文"),
            by=By.EITHER,
            keeps=_FORCE,
            fields=(
                put(
                    "articles", 32, ListOf(item=_NUMBER, least=1), "articles", "条文", required=True
                ),
                _FROM,
            ),
            checks=(checks.in_force, checks.known_articles),
        ),
        Move(
            name="resume",
            kind=2514,
            words=words("end the suspension", "恢复文本"),
            by=By.EITHER,
            go=(Go("suspended", "in force"),),
        ),
        Move(
            name="amend",
            kind=2515,
            words=words("note an amendment", "记录修正"),
            by=By.EITHER,
            go=_to("amended"),
            fields=(put("by_text", 32, Ref(), "by the joint text", "修正文本", required=True),),
            checks=(checks.in_force,),
        ),
        Move(
            name="end",
            kind=2516,
            words=words("end the text", "终止文本"),
            by=By.EITHER,
            go=(*_to("ended"), Go("notifying", "ended"), Go("suspended", "ended")),
            fields=(_FROM,),
        ),
        Move(
            name="give_up",
            kind=2517,
            words=words("give up the draft", "放弃草案"),
            by=By.EITHER,
            go=tuple(Go(before, "given up") for before in _PAPER),
        ),
    ),
    columns=columns(
        state=("state", "状态"),
        by=("tabled by", "提出方"),
        title=("title", "标题"),
        kind=("kind", "类别"),
        languages=("languages", "作准语言"),
        prevailing=("prevailing", "为准的语言"),
        version=("version", "稿次"),
        articles=("articles", "条文"),
        differs=("languages differ in", "各语言不一致之处"),
        brackets=("brackets by party", "各方括号"),
        open_brackets=("brackets", "括号数"),
        digest=("digest", "摘要"),
        seen=("differences seen", "已知悉的差异"),
        initialled_by=("initialled by", "草签方"),
        signed_by=("signed by", "签署方"),
        suspended_articles=("articles suspended", "中止的条文"),
        terms=("terms", "术语数"),
        rung=("rung", "确认级别"),
    ),
    row=_row,
    passages=_passages,
    compare=_compare,
    compare_draft=_compare_draft,
)
