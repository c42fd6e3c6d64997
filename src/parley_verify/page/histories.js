// The claims fork and rollback (spec/bundle.md, spec/statement.md), and breaches that are told unasked.

import { FORK } from "./bundle.js";
import { against, notShown, shown } from "./delivery.js";
import { EXIT_LESS, EXIT_PROVED, EXIT_WRONG } from "./limits.js";
import { Refusal, said } from "./refusal.js";
import { historiesOf } from "./standing.js";
import { sameBytes, toHex } from "./bytes.js";

/**
 * @param {import("./bundle.js").Bundle} bundle @param {import("./bundle.js").Claim} claim
 * @returns {import("./delivery.js").Verdict}
 */
export function judgeHistory(bundle, claim) {
  const kind = claim.what === FORK ? "fork" : "rollback";
  const name = bundle.nameOf(claim.subjectPid);
  const notes = claim.notes.filter((note) => note.origin === claim.origin && note.standing.against);
  const parts = bundle.parts.filter((part) => part.origin === claim.origin);
  const pairs = notes.flatMap((one, at) => notes.slice(at + 1).map((other) => [one, other]));
  const shows = pairs.filter(([one, other]) => historiesOf(one, other, parts).includes(kind));
  if (shows.length > 0) {
    const fitting = shows.filter(([one, other]) => claim.index === Math.min(one.size, other.size));
    const isSound = (pair) => pair.every((note) => note.standing.revocation !== "subject");
    const found = fitting.find(isSound) ?? fitting[0];
    if (!found) throw new Refusal("claim-size", {}, claim.offset, `${claim.path}/2`);
    const steps = found.map((note) =>
      shown("history-note", {
        a: name,
        note: note.index,
        number: note.standing.number,
        time: note.time,
        no: note.no,
        size: note.size,
        root: toHex(note.root).slice(0, 16),
      }),
    );
    const remarks = kind === "fork" ? [said("about-a-key")] : [];
    const verdict = { words: [said(kind, { a: name })], exit: EXIT_PROVED, steps, remarks };
    const subject = found.filter((note) => note.standing.revocation === "subject");
    if (subject.length) {
      verdict.words.push(said("subject-to-revocation"));
      verdict.steps.push(notShown("history-subject"));
      verdict.exit = EXIT_LESS;
    }
    return verdict;
  }
  if (pairs.length === 0) {
    const steps = [notShown("two-notes-needed", { a: name })];
    return { words: [said("not-shown")], exit: EXIT_LESS, steps, remarks: [] };
  }
  if (pairs.every(([one, other]) => refuted(kind, one, other, parts))) {
    const steps = [against(kind === "fork" ? "one-history" : "no-shorter-later", { a: name })];
    return { words: [said(`${kind}-refuted`)], exit: EXIT_WRONG, steps, remarks: [] };
  }
  const steps = [notShown("no-part-shows-both", { a: name })];
  return { words: [said("hearsay")], exit: EXIT_LESS, steps, remarks: [] };
}

/** Whether two notes are seen not to show it. */
function refuted(kind, one, other, parts) {
  if (kind === "rollback") return true;
  if (one.size === other.size) return true;
  return parts.some((part) => part.gives(one) && part.gives(other));
}

const STANDINGS = { kept: "good", subject: "subject", worthless: "worthless" };

/**
 * What the notes of a bundle show beside its claims.
 * @param {import("./bundle.js").Bundle} bundle @returns {import("./refusal.js").Said[]}
 */
export function findNoticed(bundle) {
  const out = [];
  for (const pairs of bundle.histories.values()) {
    const { kind, one, other } = pairs[0];
    out.push(said("noticed-history", { a: bundle.nameOf(one.pid), kind, ...pairOf({ one, other }) }));
  }
  for (const note of bundle.notes) {
    const { revocation, number } = note.standing;
    if (revocation === "none") continue;
    const args = { note: note.index, number, a: bundle.nameOf(note.pid), standing: STANDINGS[revocation] };
    out.push(said("noticed-revoked", args));
  }
  const byLog = new Map();
  for (const note of bundle.notes.filter(({ standing }) => standing.against)) byLog.set(note.origin, [...(byLog.get(note.origin) ?? []), note]);
  for (const notes of byLog.values()) {
    for (let at = 1; at < notes.length; at += 1) out.push(...breachesOf(bundle, notes[at - 1], notes[at]));
    out.push(...falseWitnesses(bundle, notes));
  }
  return out;
}

/** Witnesses that cosigned two roots of one size: each once, by the first two notes. */
function falseWitnesses(bundle, notes) {
  const out = [];
  const told = new Set();
  const placed = [...notes].sort((one, other) => one.index - other.index);
  for (const [place, other] of placed.entries()) {
    for (const one of placed.slice(0, place)) {
      if (one.size !== other.size || sameBytes(one.root, other.root)) continue;
      const first = cosigners(one);
      for (const name of [...cosigners(other)].filter((each) => first.has(each) && !told.has(each)).sort()) {
        told.add(name);
        out.push(said("noticed-witness-twice", { name, a: bundle.nameOf(one.pid), ...pairOf({ one, other }) }));
      }
    }
  }
  return out;
}

const cosigners = (note) => new Set(note.cosignatures.filter(({ time }) => time > 0n).map(({ name }) => name));

const pairOf = ({ one, other }) => ({ note: one.index, other: other.index });

/** Two notes of one log, next to each other in number. */
function breachesOf(bundle, one, other) {
  const args = { a: bundle.nameOf(one.pid), ...pairOf({ one, other }) };
  const out = [];
  if (one.no === other.no) out.push(said("noticed-number-twice", args));
  if (other.time < one.time) out.push(said("noticed-time-down", args));
  for (const [pid, held] of one.holds) {
    const later = other.holds.get(pid);
    if (later?.inc === held.inc && later.size < held.size) {
      out.push(said("noticed-holds-less", { ...args, b: bundle.nameOf(pid) }));
    }
  }
  return out;
}
