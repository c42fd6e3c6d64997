"""The channel itself: proposed, suspended, resumed, ended; declared by each party for itself.

Declared and observed stand side by side. Nothing that is observed ever changes what is declared.
"""

from __future__ import annotations

from dataclasses import dataclass

from parley.core.canon import Value
from parley.desk.actors import By
from parley.desk.channel_rows import rows_of_channel
from parley.desk.fields import (
    YEAR_SECONDS,
    Duration,
    Json,
    Names,
    Ref,
    Text,
    WordsType,
    office,
    typed,
)
from parley.desk.procedure import (
    ClockRule,
    Draft,
    Go,
    Move,
    Procedure,
    columns,
    put,
    state,
    words,
)
from parley.desk.reasons import REASONS
from parley.desk.structures import (
    ListOf,
)
from parley.desk.times import InstantType, Until

_SERIES = "series"
_HELD = ("open", "suspended", "cancelled")
_ANY = ("open", "suspended", "cancelled", "ending")


@dataclass(frozen=True, slots=True)
class NoticeTime(Duration):
    """How long before an end it is announced: a length of time, a number of days, or `none`.

    A bare number up to 366 is days, as agreements count them; a larger one is seconds.
    """

    least: int = 0
    most: int = YEAR_SECONDS

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return seconds."""
        if json == "none":
            return 0
        if type(json) is int and 0 <= json <= self.most // 86_400:
            return json * 86_400
        return Duration(self.least, self.most).read(json, where, names)

    def schema(self) -> dict[str, Json]:
        """Return ISO 8601 text, days, or `none`."""
        days: Json = {"type": "integer", "minimum": 0, "maximum": self.most}
        text = {"type": "string", "pattern": "^(none|P[0-9TYMWDHS]+|[0-9]+(s|m|min|h|d|w))$"}
        return typed(self.kind, anyOf=[text, days])


def _is_part(draft: Draft) -> bool:
    """Say whether an act is about a part of the channel only."""
    return "scope" in draft.values


def _is_series(draft: Draft) -> bool:
    """Say whether a whole series of sessions is cancelled and not a single one."""
    return draft.values.get("scope") == _SERIES


_CAUSE = put("cause", 32, WordsType(500), "cause", "原因", required=True)

CHANNEL = Procedure(
    name="channel",
    code="P06",
    prefix="CHN",
    words=words("the channel itself", "渠道事宜"),
    register="channels",
    settings=("channel.notice",),
    states=(
        state("declared", "declared", "已宣布"),
        state("proposed", "proposed", "已提议"),
        state("accepted", "accepted", "已接受", final=True),
        state("declined", "declined", "已谢绝", final=True),
        state("renewal proposed", "renewal proposed", "已提议延期"),
        state("renewed", "renewed", "已延期", final=True),
    ),
    standings=(
        state("open", "open", "开通"),
        state("suspended", "suspended", "暂停"),
        state("cancelled", "sessions cancelled", "会议已取消"),
        state("ending", "ending after notice", "预告终止"),
        state("ended", "ended", "已终止", derived=True),
        state("expired", "expired", "已期满", derived=True),
        state("closed", "closed", "已关闭", final=True),
    ),
    moves=(
        Move(
            name="propose",
            kind=600,
            words=words("propose a channel", "提议渠道"),
            opens="yes",
            initial="proposed",
            fields=(
                put("name", 32, Text(80), "name", "名称", required=True),
                put(
                    "scope",
                    33,
                    ListOf(item=Text(120), least=1, most=40, lenient=True),
                    "scope",
                    "范围",
                    required=True,
                ),
                put("expiry", 34, InstantType(), "expires", "期满"),
                put("succeeds", 35, Text(80), "succeeds", "接替"),
                put("agreed_in", 36, Ref(), "agreed in", "商定于"),
                put("desks", 37, ListOf(item=office(), most=40, lenient=True), "desks", "席位"),
                put("schedule", 38, Text(200), "schedule of checks", "线路检查时间表"),
                put("notice", 39, NoticeTime(), "notice to end", "终止预告期"),
            ),
        ),
        Move(
            name="accept",
            kind=601,
            words=words("accept the channel", "接受渠道"),
            by=By.ADDRESSEE,
            go=(Go("proposed", "accepted"),),
        ),
        Move(
            name="decline",
            kind=602,
            words=words("decline the channel", "谢绝渠道"),
            by=By.ADDRESSEE,
            go=(Go("proposed", "declined"),),
            fields=(put("reason", 32, REASONS, "reason", "理由", required=True),),
        ),
        Move(
            name="suspend",
            kind=603,
            words=words("suspend the channel", "暂停渠道"),
            opens="yes",
            initial="declared",
            standing=tuple(Go(before, "suspended") for before in _HELD),
            fields=(
                _CAUSE,
                put(
                    "until",
                    33,
                    Until(),
                    "until: a date, an event, or open",
                    "至：日期、事件或未定",
                    required=True,
                ),
                put(
                    "what_stays",
                    34,
                    ListOf(item=Text(120), most=40, lenient=True),
                    "what stays",
                    "保留事项",
                    required=True,
                ),
                put(
                    "scope",
                    35,
                    ListOf(item=Text(120), least=1, most=40, lenient=True),
                    "only this part",
                    "仅限部分",
                ),
            ),
        ),
        Move(
            name="resume",
            kind=604,
            words=words("resume the channel", "恢复渠道"),
            opens="yes",
            initial="declared",
            standing=(
                Go("suspended", "suspended", when=_is_part),
                Go("suspended", "open"),
                Go("cancelled", "open"),
                Go("ending", "open"),
            ),
            fields=(
                put("agreed_in", 32, Ref(), "agreed in", "商定于"),
                put(
                    "scope",
                    33,
                    ListOf(item=Text(120), least=1, most=40, lenient=True),
                    "only this part",
                    "仅限部分",
                ),
            ),
        ),
        Move(
            name="cancel_session",
            kind=605,
            words=words("cancel a session or series", "取消单次或系列会议"),
            opens="yes",
            initial="declared",
            standing=(
                Go("open", "cancelled", when=_is_series),
                Go("open", "open"),
                Go("cancelled", "cancelled"),
            ),
            fields=(
                _CAUSE,
                put("scope", 33, Text(80), "session, or series", "单次或系列", required=True),
                put("until", 34, Until(), "until", "至"),
            ),
        ),
        Move(
            name="observe",
            kind=606,
            words=words("note something about the channel", "就渠道作说明"),
            opens="yes",
            initial="declared",
            needs=("text",),
        ),
        Move(
            name="terminate",
            kind=607,
            words=words("give notice to end the channel", "预告终止渠道"),
            opens="yes",
            initial="declared",
            standing=tuple(Go(before, "ending") for before in _HELD),
            fields=(
                _CAUSE,
                put("notice", 33, NoticeTime(), "notice", "预告期", required=True),
            ),
        ),
        Move(
            name="renew",
            kind=608,
            words=words("renew the channel", "延长渠道"),
            by=By.EACH,
            opens="may",
            initial="renewal proposed",
            go=(Go("renewal proposed", "renewal proposed"),),
            done="renewed",
            fields=(put("expiry", 32, InstantType(), "new expiry", "新期满日", required=True),),
        ),
        Move(
            name="close",
            kind=5,
            words=words("close the channel for good", "永久关闭渠道"),
            opens="yes",
            initial="declared",
            standing=tuple(Go(before, "closed") for before in _ANY),
        ),
    ),
    clocks=(
        ClockRule(
            name="channel.reply_by",
            words=words("answer to the proposal", "答复提议"),
            starts=("propose",),
            runs_in=("proposed",),
        ),
    ),
    columns=columns(
        declared=("declared", "宣布状态"),
        declared_at=("declared at", "宣布时间"),
        until=("until", "至"),
        what_stays=("what stays", "保留事项"),
        scope=("part", "部分"),
        observed=("observed", "观测状态"),
        last_use=("last use", "最近使用"),
        days=("days since", "距今天数"),
        idle_days=("days idle", "闲置天数"),
        unused_days=("days unused since resumed", "恢复后未用天数"),
        expiry=("expires", "期满"),
        succeeds=("takes the place of", "接替"),
        longest_gap_days=("longest gap, days", "最长间隔天数"),
        days_resume_to_use=("days from resuming to use", "恢复至使用天数"),
        days_ended_to_use=("days from the end to use", "终止至使用天数"),
        days_use_to_suspension=("days from use to the stop", "末次使用至停止天数"),
        first_use_since=("first use since", "其后首次使用"),
    ),
    channel_rows=rows_of_channel,
)
