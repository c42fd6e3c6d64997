"""What the station tells of its health and settings is said in Chinese on a Chinese screen."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import parley.station
from parley.console.findings import finding_text
from parley.console.language import language
from parley.station.settings import SETTINGS
from parley.station.trust import _NEXT as NEXT

ENDS = re.compile(r"^parley [a-z-]+ |^\w*[:;,] |^(?:parley\.toml|environment )")
"""Commands, which are the same in every language."""
PARTS = {
    "7 listening, and none can sound",
    "7 7",
    "7 7s",
    "webhook 7",
    "compared with 7: see clock CODE below",
    "7 of 7 up",
    "holds 7 of our 7 on 7",
    "signed last 7, 7",
    "only 7 has a code",
    "no codes are ready",
    "never by parley backup",
    "nothing is sent: key 7",
    "7 7, and we have not asked to renew it",
    "7 listening",
}
"""Of sentences that are put together; the whole ones stand in the second test."""
WHOLE = (
    "1 console listening, and none can sound",
    "2 consoles listening, and none can sound",
    "compared with 1 peer: see clock CODE below",
    "compared with 2 peers: see clock CODE below",
    "1 of 2 paths up",
    "0 of 1 path up",
    "signed last 240512Z NOV 26, holds 3 of our 4 on OPS",
    "only ALFA-2 has a code: if nobody can sign in, nothing opens the console",
    "no codes are ready: if nobody can sign in, nothing opens the console",
    "card 1 and its keys were copied 240512Z NOV 26; the record: never by parley backup",
    "nothing is sent: key unverified",
    "ends 240512Z NOV 26, and we have not asked to renew it",
    "ended 240512Z NOV 26, and we have not asked to renew it",
    "1 console listening",
    "2 consoles listening",
    "See that the copy can still be read, or parley keys backup FILE",
)


def pieces() -> list[str]:
    """Return every sentence of the checks of health, its facts replaced by a letter."""
    path = Path(parley.station.__file__).parent / "health.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    inner = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    found = []
    for node in ast.walk(tree):
        if id(node) in told or id(node) in inner:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = [p.value if isinstance(p, ast.Constant) else "7" for p in node.values]
            found.append("".join(map(str, parts)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node.value)
    return [each for each in found if " " in each and not ENDS.match(each)]


def is_chinese(text: str) -> bool:
    return re.search(r"[\u4e00-\u9fff]", text) is not None


def test_every_finding_and_every_setting_is_said_in_chinese():
    told = [each for each in pieces() if each not in PARTS]
    told += [*WHOLE, *(each.help for each in SETTINGS)]
    told += [each.format(code="BRAVO") for each in NEXT.values() if each]
    chinese = language("zh")

    assert len(told) > 80
    assert [each for each in told if not is_chinese(finding_text(chinese, each))] == []


def test_facts_stay_and_sentences_within_a_sentence_are_said_too():
    chinese = language("zh")
    source = "changed by ALFA-1 240512Z NOV 26; before: parley.toml line 4"
    copied = "card 1 and its keys were copied 240512Z NOV 26; card 2 was not"

    assert (
        finding_text(chinese, source) == "ALFA-1 更改于 240512Z NOV 26；此前：parley.toml 第 4 行"
    )
    assert finding_text(chinese, copied).startswith("第 1 版名片及其密钥已于 240512Z NOV 26 备份；")
    assert finding_text(chinese, "nobody knows {0} this") == "nobody knows {0} this"
    assert finding_text(language("en"), source) == source
