"""Putting the checks together, and telling the outcome to people and to programs."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256

from parley_verify.answers import judge_answered
from parley_verify.bundle import WHAT, Bundle, Claim, read_bundle
from parley_verify.card import Card, read_card_file
from parley_verify.cbor import locate
from parley_verify.checks import check_evidence
from parley_verify.delivery import find_subject, judge_delivered, judge_extract, judge_record
from parley_verify.evidence import Evidence
from parley_verify.histories import judge_history
from parley_verify.lapse import judge_dark, judge_lapsed
from parley_verify.refusal import RefusedError, TooMuchError
from parley_verify.signatures import Signatures
from parley_verify.summary import Summary, count, summarise
from parley_verify.trust import Trust
from parley_verify.verdict import FALSE, HOLDS, WEAKER, Verdict, when

_MEMBERS = ("cards", "charters", "notes", "log parts", "time tokens", "claims")
RESULT = {HOLDS: "VALID", WEAKER: "INCOMPLETE", FALSE: "DOES NOT HOLD"}


@dataclass(slots=True, kw_only=True)
class Report:
    """The outcome for one file.

    Attributes:
        code: 0, 7 or 14, as the exit code.
        refused: why the file as a whole is no evidence, None if it is.
        where: path and byte of the fault.
        offset: byte of the fault, None if the whole file is meant.
    """

    name: str
    size: int
    digest: str
    code: int = HOLDS
    contents: list[str] = field(default_factory=list)
    summary: Summary | None = None
    cards: list[dict[str, object]] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    refused: str | None = None
    where: str | None = None
    offset: int | None = None


def check_file(raw: bytes, name: str, trust: Trust, signatures: Signatures) -> Report:
    """Return the report on a bundle or card; never raises for what the file holds."""
    report = Report(name=name, size=len(raw), digest=sha256(raw).hexdigest())
    try:
        if raw[:1] == b"-" or raw[:14] == b"\x84\x6cparley1 card":
            _report_card(read_card_file(raw, signatures), trust, report)
            if not signatures.has_mldsa:
                report.unchecked.append("post-quantum half not checked: no ML-DSA-65 library here")
        else:
            bundle = read_bundle(raw, signatures)
            _report_bundle(bundle, check_evidence(bundle, trust, signatures), report)
    except RefusedError as refusal:
        report.code = FALSE
        report.refused = refusal.reason
        report.offset = _offset(raw, refusal)
        report.where = _where(report.offset, refusal)
        return report
    except TooMuchError as refusal:
        report.code = WEAKER
        report.unchecked = [f"the whole file: {refusal}"]
        return report
    codes = {verdict.code for verdict in report.verdicts}
    if FALSE in codes:
        report.code = FALSE
    elif WEAKER in codes or report.unchecked:
        report.code = WEAKER
    return report


def _offset(raw: bytes, refusal: RefusedError) -> int:
    if refusal.offset is not None:
        return refusal.offset
    return locate(raw, refusal.path) if refusal.path and raw[:1] != b"-" else 0


def _where(offset: int, refusal: RefusedError) -> str:
    path = list(refusal.path)
    if path[:1] == [1] and len(path) > 1 and path[1] < len(_MEMBERS):
        words = _MEMBERS[path[1]]
        if len(path) > 2:
            words += f"[{path[2]}]"
        words += "".join(f"/{step}" for step in path[3:])
        return f"byte {offset}, {words}"
    return f"byte {offset}" + (f", path {'/'.join(map(str, path))}" if path else "")


def _report_card(card: Card, trust: Trust, report: Report) -> None:
    report.contents = [f"card {card.code} no {card.sequence}", f"{len(card.keys)} station keys"]
    report.cards = [_card_facts(card, trust)]
    verdict = Verdict(f"card of {card.code}")
    verdict.show(f"both roots signed it: {card.fingerprint.hex()}")
    if trust.has_party(card.fingerprint):
        report.verdicts = [verdict.close("card of a party you vouch for", HOLDS)]
    else:
        verdict.lack("that this fingerprint is the party's: compare it by voice or on paper")
        report.verdicts = [verdict.close("card, its fingerprint not compared", WEAKER)]


def _card_facts(card: Card, trust: Trust) -> dict[str, object]:
    return {
        "code": card.code,
        "name": card.name,
        "fingerprint": card.fingerprint.hex(),
        "number": card.sequence,
        "issued": when(card.issued),
        "trusted": trust.has_party(card.fingerprint),
    }


def _report_bundle(bundle: Bundle, evidence: Evidence, report: Report) -> None:
    summary = report.summary = summarise(bundle, evidence)
    report.contents = [
        count(summary.entries, "entry"),
        count(summary.logs, "log"),
        count(summary.statements, "statement"),
        count(len(summary.witnesses), "witness"),
        count(len(bundle.claims), "claim"),
    ]
    report.cards = [_card_facts(card, evidence.trust) for card in bundle.cards]
    for claim in bundle.claims:
        try:
            report.verdicts.append(_judge(claim, evidence))
        except RefusedError as refusal:
            if not refusal.path:
                raise RefusedError(refusal.reason, path=claim.path) from None
            raise
    report.findings = list(dict.fromkeys(evidence.findings))
    report.unchecked = list(dict.fromkeys(evidence.unchecked))


def _judge(claim: Claim, evidence: Evidence) -> Verdict:
    """Answer one claim under the log part that gives it the strongest word."""
    verdict = _judge_under(claim, evidence)
    if WHAT[claim.what] in ("fork", "rollback"):
        return verdict
    origin = find_subject(claim, evidence).origin
    places = [
        number
        for number, part in enumerate(evidence.bundle.parts)
        if part.origin == origin and claim.index in part.leaves
    ]
    if len(places) < 2:
        return verdict
    others = [_judge_under(replace(claim, part=number), evidence) for number in places]
    return min(verdict, *others, key=lambda each: (each.code, len(each.lacking)))


def _judge_under(claim: Claim, evidence: Evidence) -> Verdict:
    """Answer one claim; without a trust list nothing is better than `if the keys are theirs`."""
    verdict = Verdict(_title(claim, evidence))
    what = WHAT[claim.what]
    if what == "record":
        verdict = judge_record(claim, evidence, verdict)
    elif what == "delivered":
        verdict = judge_delivered(claim, evidence, verdict)
    elif what == "lapsed":
        verdict = judge_lapsed(claim, evidence, verdict)
    elif what == "dark":
        verdict = judge_dark(claim, evidence, verdict)
    elif what in ("fork", "rollback"):
        verdict = judge_history(claim, evidence, verdict, what)
    elif what == "extract":
        verdict = judge_extract(claim, evidence, verdict)
    else:
        verdict = judge_answered(claim, evidence, verdict)
    if evidence.trust.is_empty and verdict.code != FALSE:
        verdict.lack(
            "whose keys these are: you gave no fingerprint. Compare those listed with their "
            "owners and run again with --trust"
        )
        verdict.close(f"{verdict.word}, if the fingerprints are theirs", WEAKER)
    return verdict


def _title(claim: Claim, evidence: Evidence) -> str:
    charters = list(evidence.bundle.charters.values())
    if claim.notes:
        channel = evidence.notes[claim.notes[0]].note.origin.channel
        charters = [evidence.bundle.charters[channel]]
    names = [evidence.name(pid) for pid in charters[0].parties]

    def name(number: int) -> str:
        return names[number] if number < len(names) else f"party {number}"

    entry = f"{name(claim.party)}/{claim.index}"
    what, other = WHAT[claim.what], name(claim.about)
    return {
        "record": f"the record of {name(claim.party)} from entry {claim.index} on",
        "delivered": f"entry {entry} was delivered to {other}",
        "lapsed": f"entry {entry} was delivered to {other} and never answered in time",
        "dark": f"{other} went dark after entry {entry}",
        "fork": f"the log of {name(claim.party)} has two histories",
        "rollback": f"the log of {name(claim.party)} went back",
        "extract": f"entry {entry} stands in the log of {name(claim.party)}",
        "answered": f"entry {entry} was answered by {other}",
    }[what]


def visible(text: str) -> str:
    """Return `text` with everything that could mislead a reader written as its number."""
    return "".join(
        letter
        if letter == " " or unicodedata.category(letter)[0] in "LMNPS"
        else f"\\u{{{ord(letter):x}}}"
        for letter in text
    )


def text_lines(report: Report, *, explain: bool) -> Iterator[str]:
    """Yield the report as lines for people; every text of a party is made visible."""
    yield f"file       {visible(report.name)}, {report.size} bytes"
    yield f"sha-256    {report.digest}"
    if report.contents:
        kind = "bundle" if report.summary is not None else "card"
        yield f"{kind:<11}" + ", ".join(map(visible, report.contents))
    for card in report.cards:
        trust = "trusted by you" if card["trusted"] else "NOT on your trust list"
        yield (
            f"card       {visible(str(card['code']))} no {card['number']}, issued "
            f"{card['issued']}, {trust}: {visible(str(card['name']))}"
        )
        yield f"           {card['fingerprint']}"
    for head, words in report.summary.rows() if report.summary is not None else ():
        yield f"{head:<11}{visible(words)}"
    if report.refused is not None:
        yield f"wrong      {visible(report.refused)}"
        yield f"where      {report.where}"
    for verdict in report.verdicts:
        yield from _verdict_lines(verdict, explain=explain)
    for finding in report.findings:
        yield f"noticed    {visible(finding)}"
    for text in report.unchecked:
        yield f"unchecked  {visible(text)}"
    yield f"{RESULT[report.code]}: {_summary(report)} (exit {report.code})"


def _verdict_lines(verdict: Verdict, *, explain: bool) -> Iterator[str]:
    yield f"claim      {visible(verdict.title)}"
    yield f"verdict    {visible(verdict.word)}"
    if explain:
        for place, (mark, text) in enumerate(verdict.steps, 1):
            yield f"  step {place:<4} {mark}: {visible(text)}"
    else:
        for head, texts in (
            ("proved", verdict.shown),
            ("not proved", verdict.lacking),
            ("against", verdict.against),
        ):
            for text in texts:
                yield f"  {head:<10} {visible(text)}"
    for text in verdict.remarks:
        yield f"  note       {visible(text)}"


def _summary(report: Report) -> str:
    if report.refused is not None:
        return "this file is not evidence of anything as it stands"
    if report.code == FALSE:
        return "the evidence itself speaks against a claim"
    if report.code == HOLDS:
        if not report.verdicts:
            return "nothing false was found, and nothing is claimed"
        return "every claim is proved as it is worded above"
    if not report.verdicts:
        return "nothing was found to be false, but not everything was checked"
    return "nothing false was found; a claim is proved in part, or a part was not checked"


def as_json(report: Report, *, explain: bool) -> dict[str, object]:
    """Return the report as a value for JSON."""
    claims: list[dict[str, object]] = []
    for verdict in report.verdicts:
        claim: dict[str, object] = {
            "claim": verdict.title,
            "verdict": verdict.word,
            "exit": verdict.code,
            "proved": verdict.shown,
            "not_proved": verdict.lacking,
            "against": verdict.against,
            "remarks": verdict.remarks,
        }
        if explain:
            claim["steps"] = [{"mark": mark, "text": text} for mark, text in verdict.steps]
        claims.append(claim)
    return {
        "file": report.name,
        "bytes": report.size,
        "sha256": report.digest,
        "result": RESULT[report.code].lower().replace(" ", "_"),
        "exit": report.code,
        "cards": report.cards,
        "summary": None if report.summary is None else report.summary.value(),
        "claims": claims,
        "noticed": report.findings,
        "not_checked": report.unchecked,
        "wrong": report.refused,
        "where": report.where,
        "offset": report.offset,
    }
