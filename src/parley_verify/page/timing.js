// Whether the time was over, by whose clock: classes T1, T2 and T3 (spec/bundle.md). Clocks are never mixed.

import { addExactly } from "./bytes.js";
import { earliestCosignature, notShown, shown } from "./delivery.js";
import { fieldOf, offTheRecord } from "./part.js";
import { KIND_TIME_TOKEN } from "./references.js";

const TOKEN_COSIGNATURE = 3;

/** Whether a due time lies before the charter's end. */
function inTime(charter, over) {
  return charter.ends === null || over < charter.ends;
}

/** The step that says why a delivery at `first` starts no clock; null where it starts one. */
export function noClock(charter, due, first, b) {
  const over = due.instant ?? addExactly(first.time, due.period);
  if (due.instant !== undefined && due.instant <= first.time) return notShown("instant-too-early", { b });
  if (!inTime(charter, over)) return notShown("charter-ended", { time: over, ends: charter.ends });
  return null;
}

/**
 * @param {import("./bundle.js").Bundle} bundle @param {import("./bundle.js").Claim} claim
 * @param {any} delivery @param {any} due @param {any} first S1 @param {any} later S2
 * @returns {{ word: string | null, doubtful: boolean, steps: any[] }}
 */
export function classesOf(bundle, claim, delivery, due, first, later) {
  const b = bundle.nameOf(claim.aboutPid);
  const steps = [];
  const over = due.instant ?? addExactly(first.time, due.period);
  const one = first.time < over && over <= later.time;
  const ends = claim.charter.ends;
  let word = null;
  let doubtful = false;
  const none = noClock(claim.charter, due, first, b);
  if (none) steps.push(none);
  else if (!one) steps.push(notShown("t1-not-over", { b, time: over }));
  else {
    word = "T1";
    steps.push(shown("t1", { b, time: over }));
  }
  const two = byOthers(bundle, claim, delivery, due, later);
  if (two) {
    const { time, token, trusted } = two;
    if (!inTime(claim.charter, time)) steps.push(notShown("charter-ended", { time, ends }));
    else if (word === null || trusted) {
      steps.push(shown("t2", { b, time, token, trusted }));
      doubtful = word === null && !trusted;
      word = word === null ? "T2" : "T1 and T2";
    }
  }
  const bound = earliestCosignature([later]);
  if (bound?.trusted) steps.push(shown("t3", { note: later.index, time: bound.time }));
  return { word, doubtful, steps };
}

/** Class T2: a witness's time that the other side held, against the earliest one on a receipt. */
function byOthers(bundle, claim, delivery, due, later) {
  const held = later.holds.get(claim.subjectPid);
  let best = null;
  if (!held || held.inc !== claim.inc || !delivery.part.gives(held)) return best;
  for (const leaf of delivery.part.leaves.values()) {
    if (leaf.kind !== KIND_TIME_TOKEN || leaf.index >= held.size) continue;
    if (offTheRecord(leaf)) continue;
    if (fieldOf(leaf, 16) !== TOKEN_COSIGNATURE || typeof fieldOf(leaf, 17) !== "string") {
      bundle.unreadTokens.add(`${bundle.nameOf(claim.subjectPid)}/${leaf.index}`);
    }
    for (const token of bundle.timeTokens.get(`${delivery.part.origin} ${leaf.index}`) ?? []) {
      for (const trusted of [true, false]) {
        const time = overByWitness(delivery.receipts, due, token, trusted);
        if (time !== null && (best === null || (trusted && !best.trusted))) {
          best = { time, token: token.time, trusted };
        }
      }
    }
  }
  return best;
}

/** The due time by witnesses' clocks, where a token is not before it; else null. */
function overByWitness(receipts, due, token, trusted) {
  if (trusted && !token.trusted) return null;
  const times = receipts
    .flatMap((note) => note.cosignatures)
    .filter((each) => each.time > 0n && (each.trusted || !trusted))
    .map((each) => each.time);
  if (times.length === 0) return null;
  const earliest = times.reduce((one, other) => (other < one ? other : one));
  const over = due.instant ?? addExactly(earliest, due.period);
  return earliest < over && over <= token.time ? over : null;
}
