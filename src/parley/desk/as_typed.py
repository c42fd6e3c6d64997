"""Plain values as a person types them: where everything typed is a text, `yes` is a yes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

YES_NO: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("yes", "true", "是"), True),
    **dict.fromkeys(("no", "false", "否"), False),
}
DIGITS: Final = "-?[0-9]{1,16}"
QUALIFIED: Final = "(at[ _]least|at[ _]most|about) ([0-9]{1,16})"


def yes_or_no(given: object) -> object:
    """Return the truth that a word stands for, else what was given."""
    return YES_NO.get(given.strip().lower(), given) if isinstance(given, str) else given


def number(given: object) -> object:
    """Return the whole number whose digits these are, else what was given."""
    return int(given) if isinstance(given, str) and re.fullmatch(DIGITS, given) else given


def counted(given: object) -> object:
    """Return `at least 13` as a count says it, else as `number` does."""
    said = re.fullmatch(QUALIFIED, given) if isinstance(given, str) else None
    return {said[1].replace(" ", "_"): int(said[2])} if said else number(given)
