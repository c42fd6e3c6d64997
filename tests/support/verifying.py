"""Runs the stand-alone verifier on bytes, as its command does on files."""

from __future__ import annotations

from collections.abc import Sequence

from parley_verify.report import Report, check_file
from parley_verify.signatures import Signatures
from parley_verify.trust import read_trust


def check(raw: bytes, trust: Sequence[str] = (), *, plain: bool = False) -> Report:
    signatures = Signatures(plain=plain)
    return check_file(raw, "case.parley", read_trust(trust, signatures), signatures)


def word(report: Report) -> str:
    assert report.refused is None, report.refused
    assert len(report.verdicts) == 1
    return report.verdicts[0].word
