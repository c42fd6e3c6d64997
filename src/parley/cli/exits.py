"""What the numbers mean with which a command ends; the same table prints in help and docs."""

from __future__ import annotations

from typing import Final

EXIT_CODES: Final[dict[int, str]] = {
    0: "done",
    1: "failed: unexpected, with a reference number",
    2: "usage: unknown or missing argument, bad setting",
    3: "waited in vain: the time of --timeout passed; what was stored goes on its way",
    4: "not allowed: role, policy or procedure; nothing changed",
    5: "not found",
    6: "conflict: changed meanwhile, or the state does not permit it",
    7: "does not hold: a bundle, log or card does not verify, or a scenario's claim fails",
    8: "peer not trusted, or its key changed; nothing was sent",
    9: "station not reachable or not running",
    10: "no station here (not initialised)",
    11: "locked by another process",
    12: "key locked or passphrase wrong",
    13: "held: stored as a draft, waits for a releaser",
    14: "done in part, or done with findings",
    20: "something matched (only with --fail-if-any)",
    130: "interrupted",
    141: "whoever read the output went away; what was done stays done",
    143: "terminated",
}
"""Every exit code. A script treats one that it does not know as failure."""

WAITED_IN_VAIN: Final = 3
DOES_NOT_HOLD: Final = 7
HELD: Final = 13
IN_PART: Final = 14
MATCHED: Final = 20
INTERRUPTED: Final = 130
READER_GONE: Final = 141
TERMINATED: Final = 143
