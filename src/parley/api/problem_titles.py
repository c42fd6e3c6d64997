"""The titles of problems in Chinese, and which language a caller wants them in.

Only titles change with `Accept-Language` (design: api, languages): what was wrong is said in
English, in which programs and their keepers look it up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

RANGES_MAX: Final = 16
"""Languages of one header that are looked at."""

CHINESE: Final[Mapping[str, str]] = {
    "A key is locked": "密钥已锁定",
    "A setting cannot be used": "设置无法使用",
    "Another officer writes this draft": "另一名人员正在撰写此草稿",
    "Another process holds the station": "另一进程正占用本站",
    "Fields are missing, unknown or out of bounds": "字段缺失、未知或超出范围",
    "It cannot be given in that form": "无法以该形式给出",
    "It does not exist here": "此处不存在",
    "It is asked too often": "请求过于频繁",
    "It was changed meanwhile": "其间已被更改",
    "Nobody releases a draft that they wrote": "不得签发自己撰写的草稿",
    "Role, policy or procedure does not permit it": "角色、规定或程序不允许",
    "Something failed that should not": "发生了不应有的故障",
    "Stored as a draft; it waits for a releaser": "已存为草稿，等待签发",
    "The body is not JSON": "正文不是 JSON",
    "The bytes have not the form they should have": "字节格式不符",
    "The channel is not open here": "渠道在此未开通",
    "The key belongs to another call": "该键属于另一次调用",
    "The machine shows another certificate": "对方机器出示了另一证书",
    "The mathematics disagrees": "验算不符",
    "The path failed": "通路故障",
    "The peer's key has changed": "对方密钥已更换",
    "The peer's key was not compared": "对方密钥尚未核对",
    "The procedure does not permit this now": "程序目前不允许此步骤",
    "The record cannot be stored now; nothing was confirmed": "记录目前无法存储；未作任何确认",
    "The record cannot be stored; nothing was confirmed": "记录无法存储；未作任何确认",
    "The record has not come that far": "记录尚未到此处",
    "The request is not understood": "无法理解该请求",
    "The request is too large": "请求过大",
    "The state does not permit it": "当前状态不允许",
    "The station cannot do this now": "本站目前无法执行",
    "The token with the station's key is away": "存有本站密钥的令牌不在",
    "The version that was seen is not named": "未注明所见版本",
    "There is no station": "没有该站",
    "This is not the text that was looked at": "这不是已审阅的文本",
    "This resource does not know that method": "该资源不支持此方法",
    "Too many streams are open": "打开的事件流过多",
    "Who is asking is not known": "请求者身份不明",
}


def wants_chinese(accepted: str) -> bool:
    """Say whether a caller would rather read Chinese than English.

    Args:
        accepted: the value of `Accept-Language`, empty where there is none (RFC 9110, 12.5.4).
    """
    found = {"zh": 0.0, "en": 0.0}
    first = ""
    for part in accepted.split(",")[:RANGES_MAX]:
        tag, _, weight = part.strip().lower().partition(";")
        language = tag.strip().partition("-")[0]
        if language in found and (quality := _quality(weight)) > found[language]:
            found[language] = quality
            first = first or language
    if found["zh"] == found["en"]:
        return first == "zh"
    return found["zh"] > found["en"]


def title_in(title: str, accepted: str) -> str:
    """Return a problem's title in the language that a caller would rather read."""
    return CHINESE.get(title, title) if wants_chinese(accepted) else title


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if name.strip() != "q":
        return 1.0 if not weight.strip() else 0.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0


__all__ = ["CHINESE", "title_in", "wants_chinese"]
