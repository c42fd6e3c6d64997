"""Accounts, readouts and languages side by side, as lines: the words of the console's table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from parley.core.texts import visible

if TYPE_CHECKING:
    from parley.console.language import Language
    from parley.console.side_by_side import Compared

_BY: Final = {"en": "  by {apart}", "zh": "  相差{apart}"}
_ONLY: Final = {"en": "only {side}", "zh": "仅{side}"}
_MODEST: Final = "This compares what was said. It does not say which account is right."


def compared_lines(
    procedure: str, rows: Sequence[Mapping[str, Any]], language: str = "en"
) -> list[str]:
    """Return how accounts or languages compare: what agrees in one line, all else with values.

    Args:
        procedure: whose fields are compared; its declaration has their names.
        rows: the comparison of a case, as the API gives it.
        language: `en` or `zh`; another one is read as `en`.

    Returns:
        Lines without control characters; what a side does not say is told as not stated.
    """
    if not rows:
        return []
    # The catalogue's words cost a tenth of a second: only where there is something to compare.
    from parley.console.language import language as console_language  # noqa: PLC0415
    from parley.console.side_by_side import tables  # noqa: PLC0415
    from parley.console.words import word  # noqa: PLC0415

    words = console_language(language)
    case = SimpleNamespace(
        procedure=procedure, comparison=[SimpleNamespace(**{"by": None, **row}) for row in rows]
    )
    lines: list[str] = []
    for table in tables(case, words):
        agreeing = [*table.agreeing, *(one.what for one in table.rows if one.status == "agree")]
        if agreeing:
            named = visible(", ".join(agreeing))
            lines.append(f"{word(words, 'comparison', 'agree'):<10}  {named}")
        for one in table.rows:
            if one.status == "agree":
                continue
            by = _BY.get(words.code, _BY["en"]).format(apart=one.apart) if one.apart else ""
            lines.append(f"{_status(one, words):<10}  {visible(one.what)}{visible(by)}")
            lines += [
                f"    {visible(code)}: {words.say('not stated') if cell is None else visible(cell)}"
                for code, cell in one.cells.items()
            ]
        if table.kind == "accounts":
            lines.append(words.say(_MODEST))
    return lines


def _status(row: Compared, words: Language) -> str:
    """Return how two sides stand in one thing; of what one alone says, which one."""
    from parley.console.words import word  # noqa: PLC0415

    said = [code for code, cell in row.cells.items() if cell is not None]
    if row.status == "only_one_side" and len(said) == 1:
        return _ONLY.get(words.code, _ONLY["en"]).format(side=visible(said[0]))
    return word(words, "comparison", row.status)
