"""Words that several procedures share: reasons for refusing, rungs of acknowledgement, levels."""

from __future__ import annotations

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
    0: ("sent, no receipt yet", "已发出，尚无签收"),
    1: ("the other station has it; no person yet", "对方台站已收到，尚无人处理"),
    2: ("a person has it", "值班人员已接收"),
    3: ("understood", "已理解"),
    4: ("passed to the unit concerned", "已转有关单位"),
    5: ("will comply, cannot comply, or considering", "将照办、不能照办或考虑中"),
    6: ("complied", "已照办"),
    10: ("cannot be processed", "无法处理"),
    30: ("read back", "已复诵"),
}
"""What each rung says, in English and Chinese."""

LEVEL = Struct(
    (
        member("ours", 0, office(), "our office", "我方席位"),
        member("theirs", 1, office(), "their office", "对方席位"),
        member("named", 2, Text(80), "level", "层级"),
    ),
    bare="named",
)
"""Between whom: two offices, or a level by name."""
