"""How the verifier says no: what is wrong, and where in the file."""

from __future__ import annotations

Path = tuple[int, ...]
"""The way to a value from the outermost one: a position in an array, or a key of a map."""


class RefusedError(Exception):
    """The file is not evidence of what it says.

    Attributes:
        reason: what was expected and what was found.
        path: the way to the value at fault, from the outermost one.
        offset: the byte at fault, counted from 0, where it is known already.
    """

    def __init__(self, reason: str, *, path: Path = (), offset: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path
        self.offset = offset


class TooMuchError(Exception):
    """The file goes beyond what this verifier takes on; nothing is said about its truth."""


class BadArgumentError(Exception):
    """The caller's own argument cannot be used (exit 2, or 5 where a file is missing)."""

    def __init__(self, reason: str, *, code: int = 2) -> None:
        super().__init__(reason)
        self.code = code
