"""Names of moves, states and choices, as the desk's declarations give them; never a bare code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

_SAYS: Final = "."
COMMON: Final[Mapping[str, Mapping[str, str]]] = {
    "silent": {"en": "silent", "zh": "未答复，可证明"},
    "dark": {"en": "dark", "zh": "对方失联"},
    "exact": {"en": "to the second", "zh": "精确到秒"},
}
"""Codes that are no choice of a form: how a clock lapsed, a time that is known exactly."""

CORE: Final = "core"
CORE_MOVES: Final[Mapping[str, Mapping[str, str]]] = {
    "open": {"en": "opens its log", "zh": "开启日志"},
    "say": {"en": "says", "zh": "陈述"},
    "acknowledge": {"en": "acknowledges", "zh": "签收确认"},
    "turn": {"en": "turns to another log of a peer", "zh": "转用对方的另一日志"},
    "card": {"en": "shows a newer card", "zh": "出示较新名片"},
    "close": {"en": "closes its log", "zh": "关闭日志"},
    "time-token": {"en": "dates its log by a time token", "zh": "以时间凭证为日志定时"},
    "commit": {"en": "commits to a value", "zh": "封存某值"},
    "reveal": {"en": "reveals a value", "zh": "公开所封存的值"},
    "part": {"en": "part of a file", "zh": "文件的一部分"},
}
"""What a station writes by itself (specification: entry, kinds 0 to 9)."""


class Labels:
    """What people call each code of the declarations, in every language they name it in."""

    def __init__(self, procedures: Iterable[Any]) -> None:
        self._moves: dict[tuple[str, str], Any] = {}
        self._states: dict[tuple[str, str], Any] = {}
        self._choices: dict[tuple[str, str, str], Any] = {}
        self._values: dict[tuple[str, str], Any] = {}
        self._anywhere: dict[str, Any] = {}
        self._fields: dict[str, Any] = {}
        for procedure in procedures:
            for state in procedure.states:
                self._states[procedure.name, str(state.value)] = state.label
            for move in procedure.moves:
                self._moves[procedure.name, move.move] = move.label
                self._anywhere.setdefault(move.move, move.label)
                for field in move.fields:
                    self._fields.setdefault(field.name, field.label)
                    for choice in field.choices:
                        self._choices[procedure.name, field.name, str(choice.value)] = choice.label
                        self._values.setdefault((procedure.name, str(choice.value)), choice.label)

    def move(self, procedure: str, move: str) -> Any:
        """Return the name of a move; `procedure` is ignored where `move` names its own."""
        named, dot, bare = move.partition(_SAYS)
        if dot:
            procedure, move = named, bare
        if procedure == CORE and move in CORE_MOVES:
            return CORE_MOVES[move]
        found = self._moves.get((procedure, move)) or self._anywhere.get(move)
        return found or _plain(move or procedure)

    def field(self, name: str) -> Any:
        """Return the name of a field, whatever move has it; None for one that no move has."""
        return self._fields.get(name.partition(_SAYS)[0])

    def state(self, procedure: str, state: str) -> Any:
        """Return the name of a state of a case."""
        return self._states.get((procedure, state)) or _plain(state)

    def choice(self, procedure: str, field: str, value: Any) -> Any:
        """Return the name of a value that was chosen; any other value is returned as it is."""
        if isinstance(value, Mapping):
            return value
        return self._choices.get((procedure, field, str(value))) or value

    def fact(self, procedure: str, fact: Any) -> Any:
        """Return what the desk worked out; a code of a choice or of a state by its name."""
        value = fact.value
        if not isinstance(value, str):
            return value
        return (
            self._choices.get((procedure, fact.column, value))
            or self._values.get((procedure, value))
            or self._states.get((procedure, value))
            or COMMON.get(value)
            or value
        )


def _plain(code: str) -> str:
    return code.replace("_", " ").replace("-", " ")
