"""What can be wrong with a move, in English and Chinese; the same words for draft and record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from parley.errors import FieldFaultError

Words = Mapping[str, str]
"""One text in several languages: `{"en": ..., "zh": ...}`."""

SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("This field is needed.", "此项必填。"),
    "unknown": ("There is no such field here. Known: {known}.", "此处没有这一项。已知：{known}。"),
    "too_long": (
        "It has {found} {unit}; at most {most} are allowed.",
        "有 {found} {unit}，上限为 {most}。",
    ),
    "too_short": ("It is empty.", "内容为空。"),
    "too_many": (
        "There are {found}; at most {most} are allowed.",
        "有 {found} 个，上限为 {most}。",
    ),
    "too_few": (
        "There are {found}; at least {least} are needed.",
        "有 {found} 个，至少须 {least} 个。",
    ),
    "out_of_range": (
        "{found} is outside {least} to {most}.",
        "{found} 不在 {least} 至 {most} 之间。",
    ),
    "wrong_form": ("This is not {wanted}.", "格式不符，应为：{wanted}。"),
    "no_zone": (
        "{found} names no time zone. Write 2026-03-02T07:00:00Z or 020700Z MAR 26.",
        "{found} 没有时区。请写 2026-03-02T07:00:00Z 或 020700Z MAR 26。",
    ),
    "unknown_choice": ("{found} is not one of: {choices}.", "{found} 不在可选之列：{choices}。"),
    "hidden_characters": (
        "It holds the character {found} at position {place}, which a reader could not see.",
        "第 {place} 位有读者看不见的字符 {found}。",
    ),
    "no_such_entry": ("{found} names no entry held here.", "{found} 不是本站存有的条目。"),
    "no_such_move": ("There is no move {found}.", "没有 {found} 这一步骤。"),
    "not_permitted": (
        "{move} is not permitted while the case is {state}.",
        "案件处于“{state}”状态时不能{move}。",
    ),
    "wrong_party": ("{move} is for {who}.", "{move}只能由{who}作出。"),
    "not_in_case": (
        "{found} is not one of: {choices}. To name another party, ask a desk of it to act.",
        "{found} 不在可列之内：{choices}。如须列另一方，请将其席位列为主送。",
    ),
    "not_ones_own": (
        "{found} is another party; a party speaks here for its own only: {choices}.",
        "{found} 是另一方，此处各方只能就本方作出：{choices}。",
    ),
    "already_done": ("This side has already done that.", "本方已作出这一步。"),
    "case_needed": ("{move} needs the case it belongs to.", "{move}须指明所属案件。"),
    "case_not_allowed": ("{move} opens a case of its own.", "{move}自成新案，不能写入已有案件。"),
    "other_procedure": (
        "{move} cannot be written on a case of the procedure {procedure}.",
        "{move}不能用于“{procedure}”程序的案件。",
    ),
    "mark_mismatch": (
        "The case is marked {wanted}; an entry marked {found} cannot be part of it.",
        "该案标记为 {wanted}，标记为 {found} 的条目不能列入。",
    ),
    "precedence": ("{found} is not one of Z, O, P, R.", "{found} 不是 Z、O、P、R 之一。"),
    "evidence_class": (
        "A move of a procedure must be attributable.",
        "程序步骤必须是可归责的条目。",
    ),
    "wrong_order": ("{later} is not after {earlier}.", "{later}不晚于{earlier}。"),
    "outside_windows": (
        "The time is in none of the windows that were offered.",
        "所定时间不在提出的任何时段之内。",
    ),
    "one_of": ("One of these is needed: {fields}.", "须填写其中之一：{fields}。"),
    "crosses_itself": (
        "The sides cross, or a corner is named twice. Give the corners in turn; we close it.",
        "边线相交或角点重复。请依次列出角点，首尾由本站闭合。",
    ),
    "machine_check": (
        "A machine's heartbeat is a signed statement and never an entry; a check is an officer's.",
        "机器心跳是签署的状态声明，不作为条目；线路检查由值守员作出。",
    ),
    "too_far_ahead": (
        "{found} lies more than {most} days ahead.",
        "{found} 超出 {most} 天。",
    ),
    "in_the_past": (
        "{found} has already passed.",
        "{found} 已经过去。",
    ),
    "not_asked": (
        "{office} was not asked to act on it; only a desk that was may say so.",
        "{office} 不是主送席位，只有主送席位可以这样表示。",
    ),
    "terms_differ": (
        "It differs from what the other side fixed: {fields}. Postpone it first, or fix the same.",
        "与对方所定不一致：{fields}。请先推迟，或按相同内容确定。",
    ),
    "nothing_changed": ("Nothing differs from what was asked.", "与原提议相比没有改动。"),
    "rung_falls": (
        "This desk has already given rung {found}; a rung is never taken back.",
        "该席位已给出第 {found} 级签收确认，不能收回。",
    ),
    "not_at_this_rung": (
        "It does not belong to rung {found}.",
        "与第 {found} 级签收确认不符。",
    ),
    "own_entry": ("One does not acknowledge one's own entry.", "不能签收确认本方自己的条目。"),
    "not_own_entry": (
        "It is another party's entry; correct only what one's own party wrote.",
        "该条目出自另一方，只能更正本方条目。",
    ),
    "already_cancelled": (
        "That entry was already cancelled or withdrawn.",
        "该条目已被取消或撤回。",
    ),
    "not_about_a_correction": (
        "A correction is not corrected; correct the first entry again.",
        "更正本身不能再更正，请再次更正原条目。",
    ),
    "language_missing": (
        "{found} is not given. Give every language of the text at once, or name it as missing.",
        "缺少 {found}。请同时给出各语言文本，或注明所缺语言。",
    ),
    "unknown_article": ("The text has no article {found}.", "文本中没有第 {found} 条。"),
    "named_twice": ("{found} is named twice.", "{found} 重复列出。"),
    "words_not_there": (
        "These words do not stand in article {found}, in every language.",
        "第 {found} 条各语言文本中没有这些文字。",
    ),
    "unknown_bracket": (
        "Article {article} has no bracket {found}.",
        "第 {article} 条没有括号 {found}。",
    ),
    "not_own_bracket": (
        "The bracket is of {found}; the other side may only take wording that {found} offered.",
        "该括号由 {found} 所加，另一方只能采用 {found} 提出的文字。",
    ),
    "open_brackets": (
        "Article {found} has open brackets; nobody can agree to it yet.",
        "第 {found} 条尚有括号，暂不能商定。",
    ),
    "text_changed": (
        "The text is no longer the one of this digest; its digest is now {found}. Read it again.",
        "文本与该摘要不符，现摘要为 {found}，请重新核读。",
    ),
    "not_all_agreed": (
        "Not every article is agreed: {found}.",
        "尚未逐条商定：{found}。",
    ),
    "differences_unseen": (
        "The languages differ in {found}. Mend the text, or name these under `seen`.",
        "各语言文本在 {found} 上不一致。请修改文本，或在 seen 中注明已知悉。",
    ),
    "not_in_force": ("The text is not in force.", "文本尚未生效。"),
    "no_notices": (
        "The text does not enter into force by notification.",
        "文本并非经通知生效。",
    ),
    "file_name": (
        "{found} is no bare name of a file: no folder, no leading dot, no colon and no asterisk.",
        "{found} 不是单纯的文件名：不得含目录、起首的点、冒号或星号。",
    ),
    "file_type": (
        "The content of {found} is not what its type says.",
        "{found} 的内容与所标类型不符。",
    ),
    "file_twice": ("A file is named twice.", "同一文件重复列出。"),
    "file_without_text": (
        "An entry with files says in words of its own what they are: text is never only in a file.",
        "带附件的条目必须另有正文说明，文字内容不得只存在于附件中。",
    ),
    "file_not_here": (
        "The file {found} is not kept here. Add it again.",
        "本站未存有文件 {found}，请重新添加。",
    ),
    "made_too_often": (
        "{move} is made at most {most} times in one case.",
        "在同一案件中，{move}最多 {most} 次。",
    ),
    "entered_apart": (
        "The two entries of the position lie {found} m apart; at most {most} m are allowed.",
        "两次录入的位置相距 {found} 米，上限为 {most} 米。",
    ),
    "evidence_private": (
        "This move cannot be shown as proof: it must be non-attributable, between two parties.",
        "此步骤不得作为证明，必须是双方之间不可归责的条目。",
    ),
    "same_matter": (
        "Both name the same matter; name the two that the accounts call differently.",
        "两处所填为同一事项，请填写双方通报中名称不同的两个事项。",
    ),
    "seal_first": (
        "What is sealed first is given by {move}, and opened by each once all have sealed.",
        "先封存的内容以{move}给出，各方均封存后再分别开启。",
    ),
    "text_is_open": (
        "The text of this entry is not sealed: the other side reads it at once. Use {instead}.",
        "本条目的文本不在封存之列，对方即时可读。请填写{instead}。",
    ),
    "nothing_kept": (
        "What was sealed is not held here any more; write it again together with its salt.",
        "本站已不存有封存内容，请连同盐值重新填写。",
    ),
    "other_than_sealed": (
        "This is not what was sealed; the other side will see that.",
        "与所封存内容不符，对方将会看到。",
    ),
    "not_receipted": (
        "Not every station has signed that it holds what all have sealed; wait for that.",
        "尚非各方站点均已签认持有各方的封存件，请等待。",
    ),
    "newer_version": (
        "It follows version {found} of the procedure; this station knows up to {known}.",
        "该条目采用程序第 {found} 版，本站只知至第 {known} 版。",
    ),
    "unknown_kind": (
        "No procedure here knows entries of kind {found}.",
        "本站没有程序认识第 {found} 类条目。",
    ),
    "unknown_case": (
        "The case it belongs to is not held here.",
        "它所属的案件不在本站。",
    ),
    "crossed": (
        "It crossed with another move that had already taken effect, and changed nothing.",
        "它与已生效的另一步骤交错发出，未改变任何状态。",
    ),
    "bad_seen": (
        "It says it was written after entries that were written after it.",
        "它自称写于某些条目之后，而那些条目又写于它之后。",
    ),
}
"""English and Chinese sentence of every code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        field: dotted name such as `closest.metres`; empty when the move itself is meant.
        code: stable name of the fault.
        sentence: what is wrong and what to do, per language.
    """

    field: str
    code: str
    sentence: Words


def problem(field: str, code: str, **facts: object) -> Problem:
    """Return the problem `code` of `field`, its sentences filled with `facts`."""
    english, chinese = SENTENCES[code]
    return Problem(
        field=field,
        code=code,
        sentence={"en": english.format(**_for(facts, 0)), "zh": chinese.format(**_for(facts, 1))},
    )


def _for(facts: Mapping[str, object], language: int) -> dict[str, object]:
    """Return the facts in one language: pairs of words are split, the rest stays."""
    return {
        name: fact[language] if isinstance(fact, tuple) and len(fact) == 2 else fact
        for name, fact in facts.items()
    }


def fault(field: str, code: str, **facts: object) -> FieldFaultError:
    """Return the error that a field type raises; the engine turns it into a `Problem`."""
    return FieldFaultError(field, code, facts)


def problem_of(error: FieldFaultError) -> Problem:
    """Return the problem that `error` carries."""
    return problem(error.field, error.fault, **error.details)
