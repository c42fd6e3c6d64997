"""Words that several procedures share: reasons for refusing, rungs of acknowledgement, levels."""

from __future__ import annotations

from collections.abc import Mapping

from parley.core.canon import Value
from parley.desk.fields import (
    Choice,
    Text,
    office,
)
from parley.desk.structures import (
    Struct,
    member,
)

REASONS = Choice(
    (
        ("counterpart", "wrong level or office", "对等层级或席位不符"),
        ("atmosphere", "conditions are not right", "气氛不合适"),
        ("precondition-unmet", "waits for something else", "前提未满足"),
        ("linkage", "answers another act", "与另一行为挂钩"),
        ("scheduling", "dates do not suit", "日程不合"),
        ("authority", "no mandate yet", "尚无授权"),
        ("not-this-mechanism", "not under this mechanism", "不属本机制"),
        ("other-channel", "take it to another channel", "请走其他渠道"),
        ("duplicate", "already asked", "重复提出"),
        ("no-reason", "refused, no reason given", "拒绝，未说明理由"),
        ("cannot-verify", "identity or authority doubted", "身份或授权存疑"),
        ("safety", "not now, for the safety of people", "为人员安全暂不进行"),
    )
)
"""Why a party does not go on; `no-reason` is a refusal, a lapse is none."""

RUNGS: dict[int, tuple[str, str]] = {
    0: ("sent, no receipt yet", "已发出，尚无回执"),
    1: ("the other station has it; no person yet", "对方站点已收到，尚无人处理"),
    2: ("a person has it", "已有人接收"),
    3: ("understood", "已理解"),
    4: ("passed to the unit concerned", "已转有关单位"),
    5: ("will comply, cannot comply, or considering", "将照办、不能照办或研究中"),
    6: ("complied", "已照办"),
    10: ("cannot be processed", "无法处理"),
    30: ("read back", "已复诵"),
    40: ("the unit concerned has it", "有关单位已收到"),
}
"""What each rung says, in English and Chinese."""

_LADDER = {2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 30: 3, 40: 4}
PERSON = 2
"""The lowest rung that a person gives."""


def ladder_rung(values: Mapping[str, Value]) -> int:
    """Return how far an acknowledgement brings an entry on the ladder 2 to 6, 0 if nowhere.

    `Cannot be processed` may come from a machine and lifts nothing. One who names what it has not
    understood has read it and no more.
    """
    rung = values.get("rung")
    if type(rung) is not int:
        return 0
    if rung == 3 and values.get("points"):
        return PERSON
    return _LADDER.get(rung, 0)


CANNOT_PROCESS: dict[str, tuple[str, str]] = {
    "bad-signature": ("bad signature", "签名不符"),
    "unknown-key": ("unknown key", "密钥不明"),
    "role-not-held": ("the key does not hold that role", "密钥无此职权"),
    "cannot-decrypt": ("cannot be decrypted", "无法解密"),
    "malformed": ("malformed", "格式有误"),
    "too-large": ("too large", "过大"),
    "unknown-procedure": ("unknown procedure", "程序不明"),
    "language": ("language not read here", "本站不能阅读该语言"),
    "attachment-missing": ("attachment missing", "附件缺失"),
    "clock": ("clock not plausible", "时钟不可信"),
}
"""Why an entry cannot be processed; none of it refuses what it says."""

INTENTIONS: dict[str, tuple[str, str]] = {
    "considering": ("under consideration", "研究中"),
    "will-comply": ("will comply", "将照办"),
    "cannot-comply": ("cannot comply", "不能照办"),
}
"""What a desk intends at rung 5; the last word counts, all stay."""

LEVEL = Struct(
    (
        member("ours", 0, office(), "our office", "我方席位"),
        member("theirs", 1, office(), "their office", "对方席位"),
        member("named", 2, Text(80), "level", "层级"),
    ),
    bare="named",
)
"""Between whom: two offices, or a level by name."""
