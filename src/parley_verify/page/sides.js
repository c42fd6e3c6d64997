// The two ranges of a lapse: what the other side wrote, and what the asker wrote after (steps 3 to 5).

import { against, holdsSubject, notShown, shown } from "./delivery.js";
import { offTheRecord } from "./part.js";
import { judgeAnswer, KIND_ACKNOWLEDGE, KIND_CLOSE, KIND_TIME_TOKEN, refersTo } from "./references.js";
import { said } from "./refusal.js";

const LISTED = 20;

/** What an entry of the other side had seen of the asker's log, or null where that is of another form. */
function seenOf(claim, leaf) {
  const { seen } = leaf;
  if (!Array.isArray(seen)) return claim.charter.parties.length === 2 ? seen : null;
  if (seen.length !== claim.charter.parties.length - 1) return null;
  return seen[claim.party < claim.about ? claim.party : claim.party - 1];
}

/** Where the other side's entries must be shown from; the same for every later note. */
function rangeStart(bundle, claim, { first, part, delivery }) {
  return once(claim, `start ${first.index} ${part.path} ${delivery.part.path}`, () => {
    let start = 0;
    for (const note of bundle.notes) {
      if (note.origin !== part.origin || !note.standing.good || !part.gives(note)) continue;
      if (note.no > first.no || note.time > first.time || note.size > first.size) continue;
      // A note that holds the entry, or so much of another history that it may, is no such place.
      if (holdsSubject(note, claim, delivery.part) !== "no") continue;
      start = Math.max(start, note.size);
    }
    bundle.effort.spend(part.leaves.size);
    for (const leaf of part.leaves.values()) {
      const seen = leaf.index < first.size ? seenOf(claim, leaf) : null;
      if (seen !== null && seen <= claim.index) start = Math.max(start, leaf.index + 1);
    }
    return start;
  });
}

/** What is worked out once for a claim. */
function once(claim, name, work) {
  claim.memory ??= new Map();
  if (!claim.memory.has(name)) claim.memory.set(name, work());
  return claim.memory.get(name);
}

/**
 * The shown entries of a part in order, and of these the ones that are more than "no answer".
 * @returns {{ shown: number[], telling: { index: number, what: string, rung?: any }[] }}
 */
function tellingEntries(bundle, claim, part, judge, name) {
  return once(claim, `${name} ${part.path}`, () => {
    bundle.effort.spend(part.leaves.size);
    const telling = [];
    for (const leaf of part.leaves.values()) {
      const what = judge(leaf);
      if (what !== null) telling.push({ index: leaf.index, ...what });
    }
    return { shown: [...part.leaves.keys()], telling };
  });
}

/** How many of some ascending numbers lie in a range. */
function countIn(numbers, from, end) {
  return Math.max(0, placeOf(numbers, end) - placeOf(numbers, from));
}

/** How many of some ascending numbers lie below another. */
function placeOf(numbers, bound) {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Step 3 and 4.
 * @param {import("./bundle.js").Bundle} bundle @param {import("./bundle.js").Claim} claim
 * @param {import("./references.js").Subject} subject @param {any} chosen S1, S2, the part and the delivery
 */
export function judgeTheirSide(bundle, claim, subject, chosen) {
  const { first, later, part } = chosen;
  const b = bundle.nameOf(claim.aboutPid);
  const start = first.origin === part.origin ? rangeStart(bundle, claim, chosen) : 0;
  let end = 0;
  for (const note of bundle.notes) {
    const counted = note.origin === part.origin && note.standing.against && note.no <= later.no;
    if (counted && part.gives(note)) end = Math.max(end, note.size);
  }
  /** @type {any} */
  const out = { steps: [], remarks: [], count: 0, off: 0, fact: null };
  const judge = (leaf) => judgeTheirEntry(bundle, part, leaf, subject);
  const { shown: indexes, telling } = tellingEntries(bundle, claim, part, judge, "theirs");
  bundle.effort.spend(telling.length);
  for (const each of telling) {
    if (each.index >= start && each.index < end) tellTheirEntry(each, b, out);
  }
  const hidden = Math.max(0, end - start) - countIn(indexes, start, end);
  out.count += hidden;
  if (hidden > 0) listHidden(part, start, end, b, out);
  if (end <= start) out.steps.push(shown("wrote-nothing", { b }));
  else if (out.count === 0) out.steps.push(shown("none-answers", { b, from: start, last: end - 1 }));
  return out;
}

/** What is to be told of one entry of the other side, or null. */
function judgeTheirEntry(bundle, part, leaf, subject) {
  if (offTheRecord(leaf)) return { what: "off" };
  if (leaf.kind === KIND_CLOSE) return { what: "close" };
  const found = judgeAnswer(bundle, part, leaf, subject);
  if (found.acknowledges) return { what: "acknowledges", rung: found.acknowledges.rung };
  if (found.answer !== "unknown") return null;
  return { what: "field-would-tell" };
}

/** Tells of one entry of the other side in the range. */
function tellTheirEntry({ index, what, rung }, b, out) {
  const entry = `${b}/${index}`;
  if (what === "off") {
    out.off += 1;
  } else if (what === "close") {
    out.fact ??= said("closes", { entry });
    if (out.steps.length < LISTED) out.steps.push(against("closes", { entry }));
  } else if (what === "acknowledges") {
    if (out.remarks.length < LISTED) out.remarks.push(said("acknowledges", { entry, rung }));
  } else {
    out.count += 1;
    if (out.count <= LISTED) out.steps.push(notShown(what, { b, entry }));
  }
}

function listHidden(part, start, end, b, out) {
  let listed = 0;
  for (let index = start; index < end && listed < LISTED; index += 1) {
    if (part.leaves.has(index)) continue;
    listed += 1;
    out.steps.push(notShown("entry-not-produced", { b, entry: `${b}/${index}` }));
  }
}

/**
 * Step 5: what the asker wrote after the entry, as far as the other side held it.
 * @param {import("./bundle.js").Bundle} bundle @param {import("./bundle.js").Claim} claim
 * @param {import("./references.js").Subject} subject @param {any} chosen S2 and the delivery
 */
export function judgeOwnSide(bundle, claim, subject, { later, delivery }) {
  const a = bundle.nameOf(claim.subjectPid);
  const { part } = delivery;
  /** @type {any} */
  const out = { steps: [], open: false, fact: null };
  const end = heldAtMost(bundle, claim, later, part, out, a);
  const start = claim.index + 1;
  const judge = (leaf) => judgeOwnEntry(bundle, part, leaf, subject, delivery.leaf.kind);
  const { shown: indexes, telling } = tellingEntries(bundle, claim, part, judge, "own");
  bundle.effort.spend(telling.length);
  for (const each of telling) {
    if (each.index >= start && each.index < end) tellOwnEntry(each, a, out);
  }
  if (end - start > countIn(indexes, start, end)) {
    out.open = true;
    let index = start;
    while (part.leaves.has(index)) index += 1;
    out.steps.push(notShown("withdrawal-hidden", { entry: `${a}/${index}` }));
  }
  if (out.open) return out;
  if (end <= start) out.steps.push(shown("wrote-nothing-after", { a }));
  else out.steps.push(shown("none-withdraws", { a, from: start, last: end - 1 }));
  return out;
}

/**
 * How far the other side held the asker's log, up to the later note, under roots that the part gives.
 * Where more was held, or another log is held later, the step is open.
 */
function heldAtMost(bundle, claim, later, part, out, a) {
  let [largest, given] = [null, 0];
  for (const note of bundle.notes) {
    if (note.pid !== claim.aboutPid || note.channel !== claim.log.channel || !note.standing.against) continue;
    if (note.origin === later.origin ? note.no > later.no : note.time > later.time) continue;
    const held = note.holds.get(claim.subjectPid);
    if (held?.inc !== claim.inc) continue;
    if (part.gives(held)) given = Math.max(given, held.size);
    if (largest === null || held.size > largest.size || (held.size === largest.size && !part.gives(held))) {
      largest = held;
    }
  }
  const own = later.holds.get(claim.subjectPid);
  if (own && own.inc !== claim.inc) {
    out.open = true;
    out.steps.push(notShown("held-another-log", { a }));
  } else if (largest !== null && !part.gives(largest)) {
    out.open = true;
    out.steps.push(notShown("held-root-not-given", { a, other: part.denies(largest) }));
  }
  return given;
}

/** What is to be told of one entry of the asker after the one that asked, or null. */
function judgeOwnEntry(bundle, part, leaf, subject, kind) {
  if (offTheRecord(leaf)) return null;
  if ([KIND_ACKNOWLEDGE, KIND_TIME_TOKEN, kind].includes(leaf.kind) && leaf.kind !== KIND_CLOSE) return null;
  const refers = refersTo(bundle, part, leaf, subject);
  if (leaf.kind === KIND_CLOSE) return { what: "closes", also: refers === "yes" };
  if (refers === "no") return null;
  return { what: refers === "yes" ? "withdraws" : "withdrawal-unknown" };
}

/** Tells of one entry of the asker in the range. */
function tellOwnEntry({ index, what, also = false }, a, out) {
  const entry = `${a}/${index}`;
  const listed = out.steps.length < LISTED;
  if (what === "withdrawal-unknown") {
    out.open = true;
    if (listed) out.steps.push(notShown(what, { entry }));
  } else {
    out.fact ??= said(what, { entry, a });
    if (listed) out.steps.push(against(what, { entry, a }));
    if (listed && also) out.steps.push(against("withdraws", { entry, a }));
  }
}
