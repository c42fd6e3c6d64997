"""Whether what was opened is what was sealed before (specification: entry, sealed moves)."""

from __future__ import annotations

import re
from hashlib import sha256

from parley_verify.cbor import encode
from parley_verify.evidence import Evidence
from parley_verify.part import Leaf, Part

_CASE, _SALT, _COMMITMENT, _SERIES = 4, 62, 63, 32
_ROWS_CHANGED = 37
_LISTS = 2401
_HEX = re.compile("[0-9a-f]{64}")
_MOVES = {2101: (2100, 33, (34,)), _LISTS: (2400, 33, (34,)), 1804: (1803, 37, (33, 36))}
"""By the kind that opens: the kind that seals, the field of the time, and the fields sealed."""


def list_unfit(part: Part, evidence: Evidence) -> None:
    """Add a finding for each entry that opens other than its author sealed in the same case.

    Says nothing where anything that it takes is withheld or not shown.
    """
    done: set[int] = set()
    for index in sorted(part.leaves):
        leaf = part.leaves[index]
        sealed = _sealed_by(part, leaf, evidence) if leaf.kind in _MOVES else None
        if sealed is None or sealed.index in done:
            continue
        done.add(sealed.index)
        if _fits(part, sealed, leaf, evidence) is False:
            who = evidence.name(part.origin.pid)
            evidence.findings.append(
                f"entry {who}/{index} opens other than entry {who}/{sealed.index} sealed"
            )


def _sealed_by(part: Part, leaf: Leaf, evidence: Evidence) -> Leaf | None:
    """Return the first entry of the same log that sealed in the case of one that opens."""
    case = leaf.opened.get(_CASE)
    number = _own_number(part, evidence)
    for index in sorted(index for index in part.leaves if index < leaf.index):
        sealed = part.leaves[index]
        if sealed.kind == _MOVES[leaf.kind][0] and (
            _same(case, [number, index, part.origin.inc]) or _same(case, sealed.opened.get(_CASE))
        ):
            return sealed
    return None


def _own_number(part: Part, evidence: Evidence) -> int:
    return evidence.bundle.charters[part.origin.channel].parties.index(part.origin.pid)


def _same(one: object, other: object) -> bool:
    """Say whether two references mean one entry; one may leave out the incarnation."""
    if not isinstance(one, list) or not isinstance(other, list):
        return False
    least = min(len(one), len(other))
    return 2 <= least <= 3 and one[:least] == other[:least]


def _fits(part: Part, sealed: Leaf, leaf: Leaf, evidence: Evidence) -> bool | None:
    """Say whether an opening fits its seal, None where that cannot be told."""
    _, due, fields = _MOVES[leaf.kind]
    if any(sealed.withholds(n) for n in (_SERIES, due, _COMMITMENT)) or any(
        leaf.withholds(n) for n in (*fields, _SALT, _ROWS_CHANGED)
    ):
        return None
    salt, found = leaf.opened.get(_SALT), [leaf.opened.get(n) for n in fields]
    value = found if len(found) > 1 else found[0]
    if leaf.kind == _LISTS and _ROWS_CHANGED in leaf.opened:
        found = [value := leaf.opened[_ROWS_CHANGED]]
        if not isinstance(value, list):
            return False
    nothing = all(one is None for one in found)
    if nothing or not isinstance(salt, str) or not _HEX.fullmatch(salt):
        return False
    by = encode([part.origin.channel, _own_number(part, evidence)])
    bound = encode([by, sealed.opened.get(_SERIES), sealed.opened.get(due), value])
    digest = sha256(b"parley1 sealed\0" + bytes.fromhex(salt) + bound).hexdigest()
    return sealed.opened.get(_COMMITMENT) == digest
