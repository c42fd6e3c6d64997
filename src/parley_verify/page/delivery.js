// Delivery and what rests on it at once: the claims delivered, answered, extract, record (spec/bundle.md).

import { sameBytes } from "./bytes.js";
import { EXIT_LESS, EXIT_PROVED, EXIT_WRONG } from "./limits.js";
import { offTheRecord } from "./part.js";
import { said } from "./refusal.js";
import { judgeAnswer } from "./references.js";

const LISTED = 20;

/** Steps that a claim which goes beyond delivery says for itself. */
export const DELIVERY_ALONE = ["receipt-not-named", "charter-by-id-step", "subject-to-revocation-step"];

/**
 * @typedef {{ mark: "shown" | "not shown" | "against", said: import("./refusal.js").Said }} Step
 * @typedef {{ words: import("./refusal.js").Said[], exit: number, steps: Step[],
 *   remarks: import("./refusal.js").Said[] }} Verdict
 * @typedef {{ part: any, leaf: any, author: any, receipt: any, receipts: any[], other: any }} Delivery
 */

export const shown = (key, args) => ({ mark: "shown", said: said(key, args) });
export const notShown = (key, args = {}) => ({ mark: "not shown", said: said(key, args) });
export const against = (key, args) => ({ mark: "against", said: said(key, args) });

/** @param {[number, number][]} gaps @param {number} index */
function inGap(gaps, index) {
  return gaps.some(([from, end]) => from <= index && index < end);
}

/**
 * Whether a note of another party holds the subject under the root that a part gives.
 * @returns {"yes" | "no" | "other root"}
 */
export function holdsSubject(note, claim, part) {
  const held = note.channel === claim.log.channel && note.holds.get(claim.subjectPid);
  if (!held || held.inc !== claim.inc || held.size <= claim.index) return "no";
  if (inGap(held.gaps, claim.index)) return "no";
  if (part.gives(held)) return "yes";
  return part.denies(held) ? "other root" : "no";
}

/**
 * How the claim's entry was delivered, once for each part that shows it; the strongest first.
 * @param {import("./bundle.js").Bundle} bundle @param {import("./bundle.js").Claim} claim @returns {Delivery[]}
 */
export function findDeliveries(bundle, claim) {
  const out = [];
  for (const part of bundle.parts) {
    const leaf = part.origin === claim.origin ? part.leaves.get(claim.index) : undefined;
    if (!leaf || (claim.part && part !== claim.part)) continue;
    const authors = claim.notes.filter(
      (note) =>
        note.origin === claim.origin &&
        note.standing.counts &&
        note.size > claim.index &&
        part.gives(note),
    );
    const ofOther = (note) =>
      note.pid === claim.aboutPid && note.channel === claim.log.channel && note.standing.against;
    const byNumber = (one, other) => one.no - other.no;
    const named = claim.notes.filter(ofOther).sort(byNumber);
    const receipts = bundle.notes
      .filter((note) => ofOther(note) && holdsSubject(note, claim, part) === "yes")
      .sort(byNumber);
    earliestFirst(receipts);
    out.push({
      part,
      leaf,
      author: authors[0] ?? null,
      receipt: firstSound(named.filter((note) => holdsSubject(note, claim, part) === "yes")),
      receipts,
      other: named.find((note) => holdsSubject(note, claim, part) === "other root") ?? null,
    });
  }
  const rank = ({ author, receipt, other }) => (receipt ? 4 : 0) + (author ? 2 : 0) + (other ? 1 : 0);
  return out.sort((one, other) => rank(other) - rank(one));
}

/** Puts the earliest first: by number in one log, among the first of several logs by time. */
function earliestFirst(receipts) {
  const ofLog = new Map();
  for (const note of receipts) if (!ofLog.has(note.origin)) ofLog.set(note.origin, note);
  const before = (one, other) => one.time < other.time || (one.time === other.time && one.index < other.index);
  const [first] = [...ofLog.values()].sort((one, other) => (before(one, other) ? -1 : 1));
  if (first) receipts.unshift(...receipts.splice(receipts.indexOf(first), 1));
}

/** Of receipts the first that no revocation touches, else the first; null of none. */
function firstSound(receipts) {
  return receipts.find((note) => note.standing.revocation !== "subject") ?? receipts[0] ?? null;
}

/** The earliest witness's time on some notes. @returns {{ time: bigint, trusted: boolean } | null} */
export function earliestCosignature(notes) {
  const times = notes.flatMap((note) => note.cosignatures).filter(({ time }) => time > 0n);
  const trusted = times.filter((each) => each.trusted);
  const chosen = trusted.length ? trusted : times;
  return chosen.reduce((one, other) => (one === null || other.time < one.time ? other : one), null);
}

/** The names that sentences use for the parties of a claim. */
export function namesOf(bundle, claim) {
  return {
    a: bundle.nameOf(claim.subjectPid),
    b: bundle.nameOf(claim.aboutPid),
    entry: `${bundle.nameOf(claim.subjectPid)}/${claim.index}`,
    index: claim.index,
  };
}

/** @returns {Verdict} of the claim delivered; the ground on which lapse, dark and answered stand */
export function judgeDelivered(bundle, claim, delivery = findDeliveries(bundle, claim)[0]) {
  const names = namesOf(bundle, claim);
  const steps = [];
  const remarks = [];
  if (!delivery) {
    steps.push(notShown("no-part-shows", names));
    return { words: [said("not-shown")], exit: EXIT_LESS, steps, remarks };
  }
  const { author, receipt, other, leaf, receipts } = delivery;
  if (author) steps.push(shown("wrote", { ...names, note: author.index, size: author.size }));
  else steps.push(notShown("no-author-note", { ...names, ...whyNot(bundle, claim.subjectPid, claim.origin) }));
  const [first] = receipts;
  if (!first) {
    if (other) steps.push(notShown("other-root", { ...names, note: other.index }));
    else steps.push(notShown("no-receipt", { ...names, ...whyNot(bundle, claim.aboutPid) }));
    return { words: [said(other ? "contradiction" : "not-shown")], exit: EXIT_LESS, steps, remarks };
  }
  steps.push(shown("held", { ...names, note: first.index, no: first.no, time: first.time }));
  const bound = earliestCosignature(receipts);
  if (bound) steps.push(shown("not-later", { time: bound.time, trusted: bound.trusted }));
  else remarks.push(said("clock-binds-no-one", names));
  remarks.push(...remarksOn(bundle, [first, ...(author ? [author] : [])]));
  if (!author) return { words: [said("admitted", names)], exit: EXIT_LESS, steps, remarks };
  if (offTheRecord(leaf)) {
    steps.push(notShown("off-record-body"));
    return { words: [said("delivered-off-record")], exit: EXIT_LESS, steps, remarks };
  }
  const verdict = { words: [said("delivered")], exit: EXIT_PROVED, steps, remarks };
  if (!receipt) {
    steps.push(notShown("receipt-not-named"));
    verdict.exit = EXIT_LESS;
  }
  tellDoubts(bundle, verdict, [author, receipt ?? first]);
  return tellBinding(bundle, verdict, [author, first]);
}

/** Why no note of a party speaks: its fingerprint was not given, or its log shows two histories. */
function whyNot(bundle, pid, origin = "") {
  const note = bundle.notes.find((each) => each.pid === pid);
  if (note && !note.standing.trusted) return { untrusted: true };
  const [pair] = bundle.histories.get(origin) ?? [];
  return pair ? { broken: { kind: pair.kind, note: pair.one.index, other: pair.other.index } } : {};
}

/** What must be said of notes that a verdict rests on. */
export function remarksOn(bundle, notes) {
  const out = [];
  for (const note of notes) {
    if (note.standing.checked && !note.standing.inWindow) {
      out.push(said("outside-window", { note: note.index, a: bundle.nameOf(note.pid) }));
    }
  }
  for (const origin of new Set(notes.map((note) => note.origin))) {
    const [pair] = bundle.histories.get(origin) ?? [];
    if (!pair) continue;
    const b = bundle.nameOf(pair.one.pid);
    out.push(said("history-of-other", { b, kind: pair.kind, note: pair.one.index, other: pair.other.index }));
  }
  return out;
}

/** Every log used should open 16 and 17 of its opening entry; and keys may be revoked. */
export function weaken(bundle, verdict, notes) {
  tellDoubts(bundle, verdict, notes);
  return tellBinding(bundle, verdict, notes);
}

function tellDoubts(bundle, verdict, notes) {
  for (const note of notes) {
    if (note.standing.revocation === "subject") addStep(verdict, "subject-to-revocation-step", note, bundle);
  }
}

function tellBinding(bundle, verdict, notes) {
  for (const origin of new Set(notes.map((note) => note.origin))) {
    const note = notes.find((each) => each.origin === origin);
    if (!opensCharter(bundle, origin)) addStep(verdict, "charter-by-id-step", note, bundle);
  }
  return verdict;
}

function addStep(verdict, key, note, bundle) {
  verdict.steps.push(notShown(key, { b: bundle.nameOf(note.pid), note: note.index }));
  verdict.exit = Math.max(verdict.exit, EXIT_LESS);
}

/** @returns {boolean} whether some part shows which charter the log's opening entry names */
export function opensCharter(bundle, origin) {
  return bundle.parts.some((part) => {
    const opening = part.origin === origin ? part.leaves.get(0) : undefined;
    return opening?.kind === 0 && opening.opened.has(16) && opening.opened.has(17);
  });
}

/** @returns {Verdict} */
export function judgeAnswered(bundle, claim) {
  const deliveries = findDeliveries(bundle, claim).filter(({ receipts }) => receipts.length > 0);
  const verdicts = deliveries.map((delivery) => answeredUnder(bundle, claim, delivery));
  if (verdicts.length === 0) return judgeDelivered(bundle, claim);
  return verdicts.reduce((one, other) => (other.exit < one.exit ? other : one));
}

/** The claim answered, for one part that shows the question. */
function answeredUnder(bundle, claim, delivery) {
  const names = namesOf(bundle, claim);
  const ground = judgeDelivered(bundle, claim, delivery);
  ground.exit = EXIT_LESS;
  if (delivery.author && offTheRecord(delivery.leaf)) return ground;
  ground.steps = ground.steps.filter(({ said: { key } }) => !DELIVERY_ALONE.includes(key));
  const found = findAnswers(bundle, claim, delivery);
  const sound = found.find(({ over }) => over !== undefined);
  if (!sound) {
    const missing = found.length
      ? notShown("answer-not-covered", { ...names, answer: found[0].leaf.index })
      : notShown("no-answer-shown", names);
    ground.steps.push(missing);
    return { ...ground, words: [said("no-answer")] };
  }
  const { leaf, over, cannot } = sound;
  const args = { answer: leaf.index, kind: leaf.kind, cannot, note: over.index, time: over.time };
  ground.steps.push(shown("answers", { ...names, ...args }));
  if (!delivery.author) {
    if (!opensCharter(bundle, claim.origin)) addStep(ground, "charter-by-id-step", { pid: claim.subjectPid }, bundle);
    return weaken(bundle, { ...ground, words: [said("answered-admitted", names)] }, [delivery.receipts[0], over]);
  }
  ground.words = [said(cannot ? "answered-cannot" : "answered")];
  ground.exit = delivery.receipt ? EXIT_PROVED : EXIT_LESS;
  return weaken(bundle, ground, [delivery.author, delivery.receipts[0], over]);
}

/** Every answer shown, with a note that counts for its author, covers it and holds the question. */
function findAnswers(bundle, claim, delivery) {
  const subject = { ...claim.log, party: claim.party, index: claim.index };
  const [receipt] = delivery.receipts;
  const out = [];
  for (const part of bundle.parts) {
    if (part.log.channel !== claim.log.channel || part.log.pid !== claim.aboutPid) continue;
    const fits = receipt.origin !== part.origin || part.gives(receipt);
    const notes = claim.notes.filter(
      (note) =>
        fits &&
        note.origin === part.origin &&
        note.standing.counts &&
        part.gives(note) &&
        holdsSubject(note, claim, delivery.part) === "yes",
    );
    bundle.effort.spend(part.leaves.size);
    for (const leaf of part.leaves.values()) {
      const { answer, cannot } = judgeAnswer(bundle, part, leaf, subject);
      if (answer !== "yes") continue;
      out.push({ leaf, cannot: cannot === true, over: notes.find((note) => note.size > leaf.index) });
    }
  }
  return out;
}

/** The notes that a claim about one entry or one record may rest on, with the parts that show it. */
function signersOf(bundle, claim) {
  const out = [];
  for (const part of bundle.parts) {
    if (part.origin !== claim.origin || !part.leaves.has(claim.index)) continue;
    if (claim.part && part !== claim.part) continue;
    for (const note of claim.notes) {
      const { against: counts } = note.standing;
      if (note.origin === claim.origin && counts && note.size > claim.index && part.gives(note)) {
        out.push({ part, note });
      }
    }
  }
  return out.sort((one, other) => Number(other.note.standing.counts) - Number(one.note.standing.counts));
}

/** The verdict where no note that counts covers the entry. */
function unsigned(bundle, claim) {
  const args = { ...namesOf(bundle, claim), ...whyNot(bundle, claim.subjectPid, claim.origin) };
  const part = bundle.parts.find((each) => each.origin === claim.origin && each.leaves.has(claim.index));
  const steps = [notShown(part ? "no-signer" : "entry-not-in-parts", args)];
  return { words: [said("not-shown")], exit: EXIT_LESS, steps, remarks: [] };
}

/** Fields that are committed to and not opened; 0 is never opened. */
export function withheldFields(leaf) {
  return [...(leaf.commitments?.keys() ?? [])].filter((field) => field !== 0 && !leaf.opened.has(field));
}

/** What all parts together show of an entry: two extracts make one. @returns {{ opened: any[], withheld: any[] }} */
function shownOf(bundle, claim, leaf) {
  const twins = bundle.parts
    .filter((part) => part.origin === claim.origin)
    .map((part) => part.leaves.get(claim.index))
    .filter((each) => each && sameBytes(each.hash, leaf.hash));
  const isOpen = (field) => twins.some((each) => each.opened.has(field));
  const fields = [...(leaf.commitments?.keys() ?? [])].filter((field) => field !== 0);
  return { opened: fields.filter(isOpen), withheld: fields.filter((field) => !isOpen(field)) };
}

/** @returns {Verdict} */
export function judgeExtract(bundle, claim) {
  const names = namesOf(bundle, claim);
  const steps = [];
  const remarks = [];
  const [found] = signersOf(bundle, claim);
  if (!found) return unsigned(bundle, claim);
  const { part, note } = found;
  const leaf = part.leaves.get(claim.index);
  steps.push(shown("signed-entry", { ...names, note: note.index, time: note.time }));
  const bound = earliestCosignature([note]);
  if (bound) steps.push(shown("not-later", bound));
  remarks.push(...remarksOn(bundle, [note]));
  const { opened, withheld } = shownOf(bundle, claim, leaf);
  if (opened.length) steps.push(shown("fields-as-written", { fields: opened }));
  if (withheld.length) remarks.push(said("fields-withheld", { fields: withheld }));
  const verdict = { words: [said("in-the-log")], exit: EXIT_PROVED, steps, remarks };
  if (offTheRecord(leaf)) {
    verdict.steps.push(notShown("off-record-body"));
    verdict.words = [said("passed-off-record")];
    verdict.exit = EXIT_LESS;
  }
  return againstOnly(bundle, weaken(bundle, verdict, [note]), note);
}

/** Under notes that count only against their signer the word is weaker. */
function againstOnly(bundle, verdict, note) {
  if (note.standing.counts) return verdict;
  verdict.words.push(said("against-signer-only", { a: bundle.nameOf(note.pid) }));
  verdict.exit = Math.max(verdict.exit, EXIT_LESS);
  return verdict;
}

/** @returns {Verdict} */
export function judgeRecord(bundle, claim) {
  const found = signersOf(bundle, claim);
  if (found.length === 0) return unsigned(bundle, claim);
  const isWhole = (part) =>
    found.some((each) => each.part === part && each.note.standing.counts && each.note.size === part.size);
  const verdicts = found.map(({ part, note }) => recordUnder(bundle, claim, part, note, isWhole(part)));
  return verdicts.reduce((one, other) => (other.exit < one.exit ? other : one));
}

/** The claim record, for one part and one note over it; `own`: a note that counts is over the whole part. */
function recordUnder(bundle, claim, part, note, own) {
  const names = namesOf(bundle, claim);
  const steps = [];
  const remarks = [];
  steps.push(shown("signed-entry", { ...names, note: note.index, time: note.time }));
  const bound = earliestCosignature([note]);
  if (bound) steps.push(shown("not-later", bound));
  remarks.push(...remarksOn(bundle, [note]));
  if (claim.index > 0 && part.leaves.has(claim.index - 1)) {
    steps.push(against("begins-elsewhere", names));
    return { words: [said("another-record")], exit: EXIT_WRONG, steps, remarks };
  }
  let [missing, closed, off] = [0, 0, 0];
  for (let index = claim.index; index < part.size; index += 1) {
    const leaf = part.leaves.get(index);
    if (!leaf) {
      missing += 1;
      if (missing > LISTED) break;
      steps.push(notShown("record-entry-hidden", { entry: `${names.a}/${index}` }));
    } else if (leaf.commitments === null) off += 1;
    else closed += withheldFields(leaf).length;
  }
  steps.push(shown("record-range", { ...names, last: part.size - 1 }));
  if (closed) steps.push(notShown("record-fields-withheld", { count: closed }));
  if (off) remarks.push(said("record-off-record", { count: off }));
  if (!own) steps.push(notShown("record-own-signature", { ...names, size: part.size }));
  const whole = missing === 0 && closed === 0 && own;
  const verdict = {
    words: [said(whole ? "record" : "record-in-part")],
    exit: whole ? EXIT_PROVED : EXIT_LESS,
    steps,
    remarks,
  };
  weaken(bundle, verdict, [note]);
  if (verdict.exit === EXIT_LESS) verdict.words = [said("record-in-part")];
  return verdict;
}
