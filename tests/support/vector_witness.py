"""Vectors of the witness: one log shown step by step, with what each request must be answered."""

from __future__ import annotations

from support import bundle_forge as forge
from support.bundle_forge import T0, b64, h

NOW = T0 + 900
CARD_CODE = "CHARLIE"


def proof(log: forge.Log, old: int, new: int) -> list[str]:
    """RFC 6962 section 2.1.2, as it is written there."""

    def path(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
        n = len(leaves)
        if m == n:
            return [] if whole else [forge.root_of(leaves)]
        k = 1
        while k * 2 < n:
            k *= 2
        if m <= k:
            return [*path(m, leaves[:k], whole), forge.root_of(leaves[k:])]
        return [*path(m - k, leaves[k:], False), forge.root_of(leaves[:k])]

    return [] if old in (0, new) else [b64(one) for one in path(old, log.leaves(new), True)]


def request(old: int, lines: list[str], note: str) -> str:
    return "\n".join([f"old {old}", *lines]) + "\n\n" + note


def witness() -> dict:
    alfa, bravo, charlie = (forge.Party(code) for code in ("ALFA", "BRAVO", CARD_CODE))
    log = forge.Log(forge.Channel(alfa, bravo), alfa)
    for index in range(1, 8):
        log.add(1, {2: f"entry {index}"}, time=T0 + index)
    name = f"{CARD_CODE}/{charlie.pid.hex()}"
    notes = {size: log.note(size, time=T0 + size, no=size) for size in (3, 5, 7, 8)}
    other = log.note(5, time=T0 + 5, no=5, root=h(b"another history"))
    foreign = log.text(7, time=T0 + 7, no=7) + "\n" + notes[5].partition("\n\n")[2]
    three_lines = "\n".join(notes[7].split("\n")[:3]) + "\n"
    steps: list[tuple[str, str, int]] = [
        ("the first statement", request(0, [], notes[3]), 200),
        ("what follows from it", request(3, proof(log, 3, 5), notes[5]), 200),
        ("the same again", request(5, [], notes[5]), 200),
        ("a wrong old size", request(3, proof(log, 3, 7), notes[7]), 409),
        ("an old size above the statement's", request(5, [], notes[3]), 400),
        ("one size with another root", request(5, [], other), 409),
        ("the same with another old size", request(0, [], other), 409),
        ("no proof", request(5, [], notes[7]), 422),
        ("a proof cut short", request(5, proof(log, 5, 7)[:-1], notes[7]), 422),
        ("a proof with one hash more", request(5, [*proof(log, 5, 7), b64(bytes(32))], notes[7]), 422),
        ("a proof of another size", request(5, proof(log, 5, 8), notes[7]), 422),
        ("a signature over another text", request(5, proof(log, 5, 7), foreign), 403),
        ("a signed text of three lines", request(5, proof(log, 5, 7), log.sign(three_lines)), 400),
        ("no empty line", request(5, proof(log, 5, 7), notes[7]).replace("\n\n", "\n", 1), 400),
        ("an old size with a zero in front", request(5, proof(log, 5, 7), notes[7]).replace("old 5", "old 05"), 400),
        ("a hash of 31 bytes", request(5, [b64(bytes(31))], notes[7]), 400),
        ("64 hashes", request(5, [b64(bytes(32))] * 64, notes[7]), 400),
        ("what follows, after all that", request(5, proof(log, 5, 8), notes[8]), 200),
        ("a smaller size once more", request(8, [], notes[7]), 400),
    ]  # fmt: skip
    known, rows = 0, []
    for words, body, status in steps:
        row: dict[str, object] = {"name": words, "request": body, "status": status}
        if status == 200:
            text = body.partition("\n\n")[2].partition("\n\n")[0] + "\n"
            known = int(text.split("\n")[1])
            row["body"] = forge.cosign(text, name, f"{CARD_CODE} k1", NOW)
        elif status == 409:
            row["body"] = f"{known}\n"
        rows.append(row)
    return {
        "about": "Requests to one witness in this order, all at the same time by its clock. Where no "
        "body stands, the words are free. Both notes of size 5 are kept as evidence.",
        "key": forge.vkey(name, f"{CARD_CODE} k1"),
        "time": NOW,
        "log_owner_key": forge.ed_public("ALFA k1").hex(),
        "log_owner_key_number": 1,
        "steps": rows,
        "unknown_owner": {"request": request(0, [], notes[3]), "status": 404},
        "evidence": [notes[5], other],
    }
