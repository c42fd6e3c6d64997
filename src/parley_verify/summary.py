"""What a bundle holds and how much of it was checked, counted (specification: bundle)."""

from __future__ import annotations

from dataclasses import dataclass, field

from parley_verify.bundle import Bundle
from parley_verify.evidence import Evidence
from parley_verify.note import Origin

_NAMES = {
    1: "reference",
    2: "text",
    4: "case",
    5: "due",
    14: "reveal",
    15: "officer signature",
    16: "texts",
    26: "attachments",
    28: "reason in words",
}


@dataclass(slots=True, kw_only=True)
class Summary:
    """Counts over one bundle.

    Attributes:
        signatures: per party, how many verify and how many there are.
        consistent: logs without a second history or a rollback, of `logs`.
        agreeing: `holds` lines whose root a log part shown gives, of `receipts`.
        witnesses: what each witness signed and whether that was checked, in words.
        withheld: fields that exist and are not opened, by their number.
        withheld_entries: how many entries have such fields.
    """

    entries: int = 0
    logs: int = 0
    statements: int = 0
    signatures: dict[str, tuple[int, int]] = field(default_factory=dict)
    consistent: int = 0
    receipts: int = 0
    agreeing: int = 0
    witnesses: list[str] = field(default_factory=list)
    withheld: dict[int, int] = field(default_factory=dict)
    withheld_entries: int = 0

    def add_signatures(self, name: str, valid: int, total: int) -> None:
        """Count signatures of one party."""
        before = self.signatures.get(name, (0, 0))
        self.signatures[name] = before[0] + valid, before[1] + total

    def rows(self) -> list[tuple[str, str]]:
        """Return the head and text of each line for people."""
        valid = sum(pair[0] for pair in self.signatures.values())
        total = sum(pair[1] for pair in self.signatures.values())
        parties = ", ".join(f"{name} {pair[0]}" for name, pair in sorted(self.signatures.items()))
        rows = [
            (
                "signatures",
                (
                    f"{valid}/{total} valid ({parties})      logs consistent "
                    f"{self.consistent}/{self.logs}      receipts {self.agreeing}/{self.receipts}"
                ),
            )
        ]
        rows += [("witness", text) for text in self.witnesses or ["none signed"]]
        if self.withheld:
            fields = sum(self.withheld.values())
            names = ", ".join(_NAMES.get(n, f"field {n}") for n in sorted(self.withheld)[:6])
            more = " and others" if len(self.withheld) > 6 else ""
            rows.append(
                (
                    "withheld",
                    (
                        f"{count(fields, 'field')} in {count(self.withheld_entries, 'entry')} "
                        f"({names}{more}); their commitments are part of what was signed"
                    ),
                )
            )
        return rows

    def value(self) -> dict[str, object]:
        """Return the same for programs."""
        return {
            "entries": self.entries,
            "logs": self.logs,
            "statements": self.statements,
            "signatures": {
                name: {"valid": pair[0], "total": pair[1]}
                for name, pair in sorted(self.signatures.items())
            },
            "logs_consistent": self.consistent,
            "receipts": self.receipts,
            "receipts_shown": self.agreeing,
            "witnesses": self.witnesses,
            "withheld_fields": sum(self.withheld.values()),
            "withheld_entries": self.withheld_entries,
        }


def summarise(bundle: Bundle, evidence: Evidence) -> Summary:
    """Return the counts of a bundle whose evidence was checked."""
    logs = {part.origin for part in bundle.parts} | {note.origin for note in bundle.notes}
    summary = Summary(
        entries=len({(part.origin, index) for part in bundle.parts for index in part.leaves}),
        logs=len(logs),
        statements=len(bundle.notes),
        consistent=len(logs - set(evidence.broken)),
    )
    has_mldsa = evidence.signatures.has_mldsa
    for card in bundle.cards:
        summary.add_signatures(bundle.name(card.pid), 2 if has_mldsa else 1, 2)
    for signed in evidence.notes:
        prefix = f"parley1/{signed.note.origin.pid.hex()}/k"
        lines = [line for line in signed.note.lines if line.name.startswith(prefix)]
        checked = len(signed.checked & {(line.name, line.key_id) for line in lines})
        summary.add_signatures(bundle.name(signed.note.origin.pid), checked, len(lines))
        for held in signed.note.holds:
            summary.receipts += 1
            summary.agreeing += _is_shown(held.origin, held.size, held.root, evidence)
    summary.witnesses = _witnesses(evidence)
    shown = {
        (part.origin, leaf.hash): leaf for part in bundle.parts for leaf in part.leaves.values()
    }
    for (origin, _), leaf in shown.items():
        closed = (leaf.committed or frozenset()) - evidence.opened(origin, leaf) - {0}
        summary.withheld_entries += bool(closed)
        for number in closed:
            summary.withheld[number] = summary.withheld.get(number, 0) + 1
    return summary


def _is_shown(origin: Origin, size: int, root: bytes, evidence: Evidence) -> bool:
    return any(part.root(size) == root for part in evidence.parts(origin))


def _witnesses(evidence: Evidence) -> list[str]:
    """Say of each witness which statements it signed, and how far that was checked."""
    signed_by: dict[str, list[int]] = {}
    checked: dict[str, list[bool]] = {}
    shown: dict[str, str] = {}
    for signed in evidence.notes:
        own = f"parley1/{signed.note.origin.pid.hex()}/k"
        for line in signed.note.lines:
            if not line.name.startswith(own):
                signed_by.setdefault(line.name, []).append(signed.number)
        for cosignature in signed.cosignatures:
            checked.setdefault(cosignature.witness.name, []).append(cosignature.is_trusted)
            shown[cosignature.witness.name] = cosignature.witness.shown
    told = []
    for name, numbers in sorted(signed_by.items()):
        text = f"{shown.get(name, name)} signed {_which(numbers, len(evidence.notes))}"
        trusted = checked.get(name)
        if trusted is None:
            text += "; its signatures were NOT checked"
        elif all(trusted):
            text += "; checked, and on your trust list"
        else:
            text += "; card not given, so this was NOT checked"
        told.append(text)
    return told


def _which(numbers: list[int], total: int) -> str:
    distinct = sorted(set(numbers))
    if len(distinct) == total:
        return f"all {total} statements" if total > 1 else "the statement"
    names = ", ".join(map(str, distinct[:8])) + (" ..." if len(distinct) > 8 else "")
    return f"{len(distinct)} of {total} statements (note {names})"


def count(number: int, what: str) -> str:
    """Return a number with its noun: 1 entry, 2 entries."""
    if number == 1:
        return f"1 {what}"
    return f"{number} " + {"entry": "entries", "witness": "witnesses"}.get(what, f"{what}s")
