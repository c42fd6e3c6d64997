"""Checking all that does not depend on a claim: signatures, keys, log parts, histories."""

from __future__ import annotations

import re
from itertools import pairwise

from parley_verify.attachments import list_files
from parley_verify.bundle import Bundle
from parley_verify.cbor import encode
from parley_verify.charter import COSIGNATURE_ED25519
from parley_verify.evidence import (
    Cosignature,
    Evidence,
    Signed,
    check_cosignature,
    conflicts,
    newest_key,
)
from parley_verify.note import Note, Origin, SignatureLine, seal_key_id, station_key_id
from parley_verify.part import Part, oddities
from parley_verify.refusal import Path, RefusedError
from parley_verify.revocation import find_entry_cards, judge_revocations
from parley_verify.sealed import list_unfit
from parley_verify.signatures import Signatures
from parley_verify.trust import Trust

_OFFICER = 15
_STATION_KEY = re.compile("parley1/([0-9a-f]{32})/k(0|[1-9][0-9]{0,2})")


def check_evidence(bundle: Bundle, trust: Trust, signatures: Signatures) -> Evidence:
    """Return the evidence of a bundle after checking all that does not depend on a claim.

    Raises:
        RefusedError: a signature, key or log part does not hold.
    """
    evidence = Evidence(bundle=bundle, trust=trust, signatures=signatures)
    evidence.unchecked += bundle.unchecked
    if not signatures.has_mldsa:
        evidence.unchecked.append(
            "post-quantum half not checked: no ML-DSA-65 library here "
            "(cards rest on their Ed25519 signature alone)"
        )
    _take_newer_cards(evidence)
    _check_keys(bundle)
    find_entry_cards(evidence)
    for number, note in enumerate(bundle.notes):
        evidence.notes.append(_check_note(note, number, evidence))
    roots = signed_roots(evidence)
    for part in bundle.parts:
        _check_anchor(part, roots.get(part.origin, []), evidence)
        _check_opening(part, evidence)
        _list_oddities(part, evidence)
        list_unfit(part, evidence)
        _check_officers(part, evidence)
    list_files(evidence)
    judge_revocations(evidence)
    _find_histories(evidence)
    _check_use(evidence)
    return evidence


def _take_newer_cards(evidence: Evidence) -> None:
    """A card that the reader has, newer than those shown, may revoke what they carry."""
    for card in evidence.trust.cards:
        shown = evidence.bundle.cards_of(card.pid)
        same = shown and shown[-1].fingerprint == card.fingerprint
        if same and card.sequence > shown[-1].sequence:
            evidence.bundle.cards.insert(evidence.bundle.cards.index(shown[-1]) + 1, card)
            evidence.findings.append(
                f"your own card of {card.code} (no {card.sequence}) is newer than the one shown "
                f"(no {shown[-1].sequence}) and was used"
            )


def _check_officers(part: Part, evidence: Evidence) -> None:
    """Check officer signatures of entries that are open but for the log's secret."""
    origin = part.origin
    keys = {n: ed for card in evidence.bundle.cards_of(origin.pid) for n, ed in card.officers}
    for leaf in part.leaves.values():
        signature = leaf.opened.get(_OFFICER)
        if signature is None:
            continue
        who = f"officer signature of {evidence.name(origin.pid)}/{leaf.index}"
        rest = {n: value for n, value in leaf.opened.items() if n != _OFFICER}
        if leaf.committed is None or len(rest) + 1 < len(leaf.committed):
            evidence.unchecked.append(f"{who}: it covers fields that are withheld")
            continue
        pair = signature if isinstance(signature, list) and len(signature) == 2 else [None, None]
        number, made = pair
        key = keys.get(number) if type(number) is int else None
        message = b"parley1 officer\0" + origin.channel + origin.inc
        message += leaf.index.to_bytes(8, "big")
        message += encode([leaf.kind, leaf.time, leaf.flags, leaf.seen, rest])
        if key is None or not isinstance(made, bytes):
            evidence.findings.append(f"{who}: no card shown has that officer")
        elif not evidence.signatures.ed25519(key, made, message):
            evidence.findings.append(f"{who} does not verify")


def _check_keys(bundle: Bundle) -> None:
    """A key stands in one place: one party, one role, one number."""
    places: dict[bytes, tuple[str, Path]] = {}

    def claim(key: bytes, place: str, path: Path) -> None:
        if places.setdefault(key, (place, path))[0] != place:
            raise RefusedError(
                f"one key serves as {places[key][0]} and as {place}; no one else may hold it",
                path=path,
            )

    numbers: dict[str, bytes] = {}
    fingerprints: dict[bytes, bytes] = {}
    for card in bundle.cards:
        if fingerprints.setdefault(card.pid, card.fingerprint) != card.fingerprint:
            raise RefusedError("two roots share one party id: ALARM", path=card.path)
        who = f"party {card.pid.hex()}"
        claim(card.root_ed, f"root of {who}", card.path)
        claim(card.root_pq, f"post-quantum root of {who}", card.path)
        for key in card.keys:
            place = f"station key {key.number} of {who}"
            claim(key.ed, place, card.path)
            if key.pq is not None:
                claim(key.pq, f"post-quantum {place}", card.path)
            if numbers.setdefault(place, key.ed) != key.ed:
                raise RefusedError(f"{place} is used for a second key", path=card.path)
        for number, ed in card.officers:
            place = f"officer {number} of {who}"
            claim(ed, place, card.path)
            if numbers.setdefault(place, ed) != ed:
                raise RefusedError(f"{place} is used for a second key", path=card.path)
    for charter in bundle.charters.values():
        for witness in charter.witnesses:
            claim(witness.key, f"witness {witness.name}", charter.path)


def _check_note(note: Note, number: int, evidence: Evidence) -> Signed:
    bundle = evidence.bundle
    cards = bundle.cards_of(note.origin.pid)
    signed = Signed(
        note=note,
        number=number,
        key=None,
        in_window=False,
        is_trusted=evidence.trust.is_empty or evidence.trust.has_party(cards[-1].fingerprint),
        is_sealed=False,
        cosignatures=[],
    )
    seen: set[tuple[str, bytes]] = set()
    known = 0
    strangers: list[str] = []
    for line in note.lines:
        if (line.name, line.key_id) in seen:
            raise RefusedError("two signature lines of one key", path=note.path)
        seen.add((line.name, line.key_id))
        match = _STATION_KEY.fullmatch(line.name)
        if match is not None:
            if bytes.fromhex(match[1]) != note.origin.pid:
                raise RefusedError("a station key of another party signs this note", path=note.path)
            if _check_station_line(line, int(match[2]), signed, evidence):
                known += 1
            else:
                strangers.append(match[2])
        else:
            _check_witness_line(line, signed, evidence)
    if not known and strangers:
        raise RefusedError(f"no card shown has station key {strangers[0]}", path=note.path)
    if not known:
        raise RefusedError("no signature line by a station key of its author", path=note.path)
    return signed


def _check_station_line(
    line: SignatureLine, number: int, signed: Signed, evidence: Evidence
) -> bool:
    """Check the line of a station key of the author; False if no card shown has the key."""
    note = signed.note
    found = newest_key(evidence.bundle.cards_of(note.origin.pid), number)
    if found is None:
        evidence.unchecked.append(
            f"note {signed.number}: a line by station key {number}, which no card shown has"
        )
        return False
    card, key = found
    who = f"note {signed.number} ({card.code}, no {note.no})"
    text = note.text.encode()
    if line.key_id == station_key_id(line.name, key.ed):
        if not evidence.signatures.ed25519(key.ed, line.signature, text):
            raise RefusedError(
                f"{who}: the Ed25519 signature by key {number} does not verify "
                "(text or signature was changed)",
                path=note.path,
            )
    elif key.pq is not None and line.key_id == seal_key_id(line.name, key.pq):
        verdict = evidence.signatures.mldsa65(key.pq, line.signature, text, b"parley1 seal")
        if verdict is False:
            raise RefusedError(f"{who}: the seal does not verify", path=note.path)
        if verdict is None:
            evidence.unchecked.append(f"{who}: seal not checked")
            return True
        signed.is_sealed = True
    else:
        raise RefusedError(
            f"{who}: the key id of a signature line is not that of key {number}", path=note.path
        )
    signed.checked.add((line.name, line.key_id))
    card, key = newest_key(evidence.cards_at_hand(note.origin.pid), number) or found
    in_window = key.start <= note.time < key.until and note.time <= card.not_after
    before = signed.key
    if before is None or ((before.is_revoked or not signed.in_window) and not key.is_revoked):
        # Of several station keys the first one that serves the note decides.
        signed.key, signed.in_window = key, in_window
    return True


def _check_witness_line(line: SignatureLine, signed: Signed, evidence: Evidence) -> None:
    note = signed.note
    charter = evidence.bundle.charters[note.origin.channel]
    known = [w for w in (*charter.witnesses, *evidence.trust.witnesses) if w.name == line.name]
    who = f"note {signed.number}: cosignature by {line.name}"
    if not known:
        evidence.unchecked.append(f"{who} not checked: no key of that name is known")
        return
    witness = next((w for w in known if w.key_id == line.key_id), None)
    if witness is None:
        raise RefusedError(f"{who}: the key id is not that of the witness", path=note.path)
    if witness.key_type != COSIGNATURE_ED25519:
        evidence.unchecked.append(
            f"{who} not checked: ML-DSA-44 covers size and root alone and proves no time here"
        )
        return
    time = check_cosignature(line, witness, note.text, evidence.signatures)
    if time is None:
        raise RefusedError(f"{who} does not verify", path=note.path)
    is_trusted = evidence.trust.has_witness(witness)
    if not is_trusted:
        evidence.unchecked.append(
            f"witness {witness.shown}: the key is in the charter, but neither "
            "its card nor its key was given, so what it saw was NOT checked"
        )
    if time == 0:
        evidence.findings.append(f"{who} has time 0 and bounds nothing")
        return
    signed.cosignatures.append(Cosignature(witness=witness, time=time, is_trusted=is_trusted))


def signed_roots(evidence: Evidence) -> dict[Origin, list[tuple[int, bytes]]]:
    """Return sizes and roots signed about each log, by its owner or by those who hold it."""
    roots: dict[Origin, list[tuple[int, bytes]]] = {}
    for signed in evidence.notes:
        note = signed.note
        roots.setdefault(note.origin, []).append((note.size, note.root))
        for held in note.holds:
            roots.setdefault(held.origin, []).append((held.size, held.root))
    return roots


def _check_anchor(part: Part, roots: list[tuple[int, bytes]], evidence: Evidence) -> None:
    """A log part must give a root that somebody signed, over all that it shows."""
    best = 0
    given: set[int] = set()
    for size, root in roots:
        given.add(size)
        if part.root(size) == root and size > best:
            best = size
    if best == part.size:
        return
    who = f"log part {part.number} ({evidence.name(part.origin.pid)})"
    if part.size in given:
        reason = (
            f"{who}: its {part.size} entries give a root that nobody signed; "
            f"entries below {best} fit, the fault lies in entries {best} to {part.size - 1}"
        )
    else:
        reason = f"{who}: nobody signed a root over {part.size} entries of this log"
    leaf = min((i for i in part.leaves if i >= best), default=None)
    raise RefusedError(reason, path=part.path if leaf is None else part.leaves[leaf].path[:-1])


def _check_opening(part: Part, evidence: Evidence) -> None:
    """Entry 0 names the whole charter hash and its own incarnation."""
    leaf = part.leaves.get(0)
    if leaf is None or leaf.kind != 0:
        return
    charter = evidence.bundle.charters[part.origin.channel]
    for number, wanted, what in (
        (16, charter.hash, "charter"),
        (17, part.origin.inc, "incarnation"),
    ):
        if number in leaf.opened and leaf.opened[number] != wanted:
            raise RefusedError(
                f"{evidence.name(part.origin.pid)} opened its log on another {what}",
                path=(*leaf.path, 5, number),
            )


def _list_oddities(part: Part, evidence: Evidence) -> None:
    others = len(evidence.bundle.charters[part.origin.channel].parties) - 1
    who = evidence.name(part.origin.pid)
    for leaf in part.leaves.values():
        for odd in oddities(leaf, others):
            evidence.findings.append(f"entry {who}/{leaf.index}: {odd}")


def _find_histories(evidence: Evidence) -> None:
    """Find logs with two histories, logs that shrank, and holdings that shrank."""
    logs: dict[Origin, list[Signed]] = {}
    for signed in evidence.notes:
        if signed.counts_against:
            logs.setdefault(signed.note.origin, []).append(signed)
    for origin, notes in logs.items():
        notes.sort(key=lambda s: (s.note.no, s.number))
        for place, earlier in enumerate(notes):
            for later in notes[place + 1 :]:
                if kinds := conflicts(earlier, later, evidence):
                    words = f"{kinds[0]}: notes {earlier.number} and {later.number}"
                    if origin not in evidence.broken:
                        evidence.findings.append(f"log of {evidence.name(origin.pid)}: {words}")
                    evidence.broken.setdefault(origin, words)
        _find_breaches(notes, evidence)
        _find_false_witnesses(notes, evidence)


def _find_false_witnesses(notes: list[Signed], evidence: Evidence) -> None:
    """Find witnesses that cosigned two roots of one size: each once, by the first two notes."""
    told: set[str] = set()
    placed = sorted(notes, key=lambda signed: signed.number)
    for place, later in enumerate(placed):
        for earlier in placed[:place]:
            if earlier.note.size != later.note.size or earlier.note.root == later.note.root:
                continue
            both = _cosigners(earlier) & _cosigners(later)
            for name in sorted(both - told):
                told.add(name)
                evidence.findings.append(
                    f"witness {name} signed two histories of the log of "
                    f"{evidence.name(later.note.origin.pid)}: "
                    f"notes {earlier.number} and {later.number}"
                )


def _cosigners(signed: Signed) -> set[str]:
    return {one.witness.name for one in signed.cosignatures if one.time > 0}


def _find_breaches(notes: list[Signed], evidence: Evidence) -> None:
    for earlier, later in pairwise(notes):
        who = f"notes {earlier.number} and {later.number} of {evidence.name(later.note.origin.pid)}"
        if earlier.note.no == later.note.no:
            evidence.findings.append(f"{who} bear one number")
        if later.note.time < earlier.note.time:
            evidence.findings.append(f"{who}: the time goes back")
        for held in later.note.holds:
            before = earlier.note.held(held.origin.pid)
            if before is not None and before.origin == held.origin and held.size < before.size:
                evidence.findings.append(f"{who}: less is held of {evidence.name(held.origin.pid)}")


def _check_use(evidence: Evidence) -> None:
    """Every note serves a claim or a log part."""
    claims = evidence.bundle.claims
    if not claims or any(not claim.notes for claim in claims):
        return
    named = {number for claim in claims for number in claim.notes}
    shown = {part.origin for part in evidence.bundle.parts}
    for signed in evidence.notes:
        logs = {signed.note.origin, *(held.origin for held in signed.note.holds)}
        if signed.number not in named and not logs & shown:
            raise RefusedError(
                f"note {signed.number} serves no claim and no log part", path=signed.note.path
            )
