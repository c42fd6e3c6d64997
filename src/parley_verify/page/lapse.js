// Silence, derived and never declared: the claims lapsed and dark (spec/bundle.md, sections 2 and 3).

import { addExactly } from "./bytes.js";
import {
  against,
  DELIVERY_ALONE,
  findDeliveries,
  judgeDelivered,
  namesOf,
  notShown,
  opensCharter,
  remarksOn,
  shown,
} from "./delivery.js";
import { EXIT_LESS, EXIT_PROVED, EXIT_WRONG, SHORTEST_CLOCK } from "./limits.js";
import { fieldOf, incOf, offTheRecord, WITHHELD } from "./part.js";
import { judgeAnswer, KIND_TURN } from "./references.js";
import { said } from "./refusal.js";
import { judgeTheirSide, judgeOwnSide } from "./sides.js";
import { classesOf, noClock } from "./timing.js";

const FIELD_DUE = 5;
const FIELD_PREVIOUS = 18;

/**
 * What a `due` asks for.
 * @returns {{ period: any } | { instant: any } | "none" | "withheld"}
 */
export function readDue(leaf) {
  const due = fieldOf(leaf, FIELD_DUE);
  if (due === WITHHELD) return "withheld";
  const isTime = (value) => typeof value === "bigint" ? value >= 0n : Number.isInteger(value) && value >= 0;
  if (isTime(due)) return due < SHORTEST_CLOCK ? "none" : { period: due };
  if (Array.isArray(due) && due.length === 1 && isTime(due[0])) return { instant: due[0] };
  return "none";
}

/**
 * Every answer that is shown anywhere in the bundle.
 * @returns {{ part: any, leaf: any, cannot: boolean }[]}
 */
function answersShown(bundle, claim, subject) {
  if (claim.answers) return claim.answers;
  const out = [];
  for (const part of bundle.parts) {
    if (part.log.channel !== claim.log.channel || part.log.pid !== claim.aboutPid) continue;
    bundle.effort.spend(part.leaves.size);
    for (const leaf of part.leaves.values()) {
      const found = judgeAnswer(bundle, part, leaf, subject);
      if (found.answer === "yes") out.push({ part, leaf, cannot: found.cannot === true });
    }
  }
  claim.answers = out;
  return out;
}

/** The ground of lapse and dark: a delivery with its clock and the answers; or a verdict already. */
function beginSilence(bundle, claim, delivery, answersFirst = false) {
  const names = namesOf(bundle, claim);
  const ground = judgeDelivered(bundle, claim, delivery);
  const off = delivery && offTheRecord(delivery.leaf);
  ground.exit = EXIT_LESS;
  if (!delivery?.author || delivery.receipts.length === 0 || off) return { verdict: ground };
  ground.words = [said("delivered")];
  ground.steps = ground.steps.filter(({ said: { key } }) => !DELIVERY_ALONE.includes(key));
  const subject = { ...claim.log, party: claim.party, index: claim.index };
  const answers = answersShown(bundle, claim, subject);
  if (answersFirst && answers.length > 0) return { verdict: answeredAfterAll(ground, names, answers) };
  const due = readDue(delivery.leaf);
  if (due === "none") {
    ground.steps.push(against("no-clock", names));
    return { verdict: { ...ground, words: [said("delivered-no-clock")], exit: EXIT_WRONG } };
  }
  const asked = due === "withheld" ? notShown("due-withheld", names) : shown("asked", { ...names, ...due });
  ground.steps.push(asked);
  if (answers.length > 0) return { verdict: answeredAfterAll(ground, names, answers) };
  if (due === "withheld") return { verdict: { ...ground, words: [said("delivered-no-clock")] } };
  return { ground, due, subject, names };
}

function answeredAfterAll(ground, names, [{ leaf, cannot }]) {
  const key = cannot ? "answer-cannot" : "answer-shown";
  ground.steps.push(against(key, { ...names, answer: leaf.index }));
  return { ...ground, words: [said("answered")], exit: EXIT_WRONG };
}

/** @returns {import("./delivery.js").Verdict} */
export function judgeLapsed(bundle, claim) {
  if (claim.party === claim.about) {
    const steps = [notShown("own-commitment", {})];
    return { words: [said("not-checked")], exit: EXIT_LESS, steps, remarks: [] };
  }
  const deliveries = findDeliveries(bundle, claim);
  if (deliveries.length === 0) return judgeDelivered(bundle, claim);
  let best = null;
  for (const delivery of deliveries) {
    for (const verdict of lapsesUnder(bundle, claim, delivery)) {
      if (best === null || stronger(verdict, best)) best = verdict;
    }
  }
  return best;
}

/**
 * Of several ways to choose the later note: proved before what speaks against the claim, and that before the
 * weaker words; of these the newest note's, and under one note the part's that leaves the fewest words.
 */
function stronger(one, other) {
  const order = [EXIT_PROVED, EXIT_WRONG, EXIT_LESS];
  const [here, there] = [order.indexOf(one.exit), order.indexOf(other.exit)];
  if (here !== there) return here < there;
  return one.later === other.later && (one.rank ?? 0) > (other.rank ?? 0);
}

/** One verdict for each way to choose the later note and the part of the other side's log. */
function lapsesUnder(bundle, claim, delivery) {
  const begun = beginSilence(bundle, claim, delivery);
  if (begun.verdict) return [begun.verdict];
  const { ground, names } = begun;
  const out = [];
  const restarts = incarnationsInSight(bundle, claim);
  for (const later of laterNotes(bundle, claim)) {
    const first = firstReceipt(delivery.receipts, later);
    if (first === null) continue;
    const parts = bundle.parts.filter((part) => part.origin === later.origin);
    const fitting = parts.filter(
      (part) => part.gives(later) && (first.origin !== later.origin || part.gives(first)),
    );
    const found = fitting.map((part) =>
      lapseOver(bundle, claim, delivery, begun, { first, later, part, restarts }),
    );
    if (found.length === 0) found.push(noPartGivesBoth(bundle, claim, delivery, begun, { first, later, parts }));
    for (const verdict of found) out.push({ ...verdict, later: later.index });
    if (found.some((verdict) => verdict.exit === EXIT_PROVED)) break;
  }
  if (out.length === 0) {
    ground.steps.push(notShown("no-later-note", names));
    return [{ ...ground, words: [said("delivered-nothing-after")], exit: EXIT_LESS, rank: 0 }];
  }
  return out;
}

/** @returns {any[]} the notes that the claim names of the other side, the newest first */
function laterNotes(bundle, claim) {
  const own = claim.notes.filter(
    (note) => note.pid === claim.aboutPid && note.channel === claim.log.channel && note.standing.against,
  );
  return own.reverse();
}

/** S1 for a later note: of the same log the earliest by number, else the earliest by time. */
function firstReceipt(receipts, later) {
  const own = receipts.filter((note) => note.origin === later.origin && note.no < later.no);
  if (own.length) return own[0];
  const others = receipts.filter((note) => note.origin !== later.origin && note.time <= later.time);
  return others.reduce((one, other) => (one === null || other.time < one.time ? other : one), null);
}

/** Every incarnation of the other side's log that the bundle speaks of, in notes, parts and entries. */
function incarnationsInSight(bundle, claim) {
  const found = new Set();
  for (const note of bundle.notes) {
    if (note.channel !== claim.log.channel) continue;
    if (note.pid === claim.aboutPid) found.add(note.inc);
    const held = note.holds.get(claim.aboutPid);
    if (held) found.add(held.inc);
  }
  for (const part of bundle.parts) {
    if (part.log.channel !== claim.log.channel) continue;
    if (part.log.pid === claim.aboutPid) {
      found.add(part.log.inc);
      // What the field says may be withheld: that it is there tells of a log before this one.
      const opening = part.leaves.get(0);
      if (opening?.kind === 0 && opening.commitments?.has(FIELD_PREVIOUS)) found.add("the log before");
      continue;
    }
    for (const leaf of part.leaves.values()) {
      const turned = leaf.kind === KIND_TURN && fieldOf(leaf, 16) === claim.about;
      const inc = turned ? incOf(fieldOf(leaf, 17)) : null;
      if (inc) found.add(inc);
      if (turned && leaf.commitments?.has(FIELD_PREVIOUS)) found.add("the log before");
    }
  }
  return found;
}

function noPartGivesBoth(bundle, claim, delivery, begun, { first, later, parts }) {
  const { ground, names } = begun;
  const fork = parts.some(
    (part) => (part.gives(first) && part.denies(later)) || (part.gives(later) && part.denies(first)),
  );
  const args = { ...names, first: first.index, later: later.index };
  const none = parts.some((part) => part.gives(later)) ? "no-part-between" : "no-part-later";
  const step = fork ? against("two-histories-between", args) : notShown(none, args);
  const again = { ...names, note: later.index, no: later.no, time: later.time, size: later.size };
  const clock = classesOf(bundle, claim, delivery, begun.due, first, later);
  const steps = [...ground.steps, shown("signed-again", again), ...clock.steps, step];
  const words = [said(fork ? "fork-between" : "delivered-rest-hidden")];
  return { ...ground, words, steps, exit: EXIT_LESS, rank: 1 };
}

/** Steps 2 to 6 for one later note and one part. */
function lapseOver(bundle, claim, delivery, begun, chosen) {
  const { ground, due, subject, names } = begun;
  const { first, later, part, restarts } = chosen;
  const steps = [...ground.steps];
  const remarks = [...ground.remarks];
  const whole = { ...names, note: later.index, no: later.no, time: later.time, size: later.size };
  steps.push(shown("signed-again", whole));
  const clock = classesOf(bundle, claim, delivery, due, first, later);
  steps.push(...clock.steps);
  const theirs = judgeTheirSide(bundle, claim, subject, { first, later, part, delivery });
  const ours = judgeOwnSide(bundle, claim, subject, { later, delivery });
  steps.push(...theirs.steps, ...ours.steps);
  for (const each of remarksOn(bundle, [later])) if (!isSaid(remarks, each)) remarks.push(each);
  const fact = theirs.fact ?? ours.fact;
  if (fact) return { ...ground, words: [fact], steps, remarks, exit: EXIT_WRONG, rank: 0 };
  if (clock.word === null) {
    const words = [said("delivered-not-over")];
    return { ...ground, words, steps, remarks, exit: EXIT_LESS, rank: 2 };
  }
  const short = shortfalls(bundle, claim, { clock, theirs, ours, restarts, first, later, delivery });
  steps.push(...short.steps);
  const period = owedPeriod(claim, delivery, due, first);
  remarks.push(...theirs.remarks, period === null ? said("asked-for") : said("owed", { period }));
  remarks.push(said("this-channel"));
  const silent = short.words.length > 0;
  if (theirs.off > 0) remarks.push(said("off-record-in-range", { count: theirs.off }));
  const head = silent ? said("silent") : said("lapsed", { classes: clock.word });
  const words = short.charter && !silent ? [said("lapsed-charter-by-id")] : [head, ...short.words];
  const exit = silent || short.charter ? EXIT_LESS : EXIT_PROVED;
  const rank = exit === EXIT_PROVED ? 100 : 50 - short.words.length - (short.charter ? 1 : 0);
  return { words, steps, remarks, exit, rank };
}

/** The period of the charter within which the answer was owed, if it is not longer; else null. */
function owedPeriod(claim, delivery, due, first) {
  const period = claim.charter.periods.get(delivery.leaf.kind);
  if ((typeof period !== "number" && typeof period !== "bigint") || period < 0) return null;
  const over = due.instant ?? addExactly(first.time, due.period);
  return addExactly(first.time, period) <= over ? period : null;
}

const isSaid = (remarks, { key, args }) =>
  remarks.some((each) => each.key === key && each.args.note === args.note && each.args.b === args.b);

/** What makes the word weaker than "lapsed". */
function shortfalls(bundle, claim, found) {
  const { clock, theirs, ours, restarts, first, later, delivery } = found;
  const name = bundle.nameOf(claim.aboutPid);
  const words = [];
  const steps = [];
  if (theirs.count > 0) words.push(said("not-produced", { count: theirs.count }));
  if (restarts.size > 1) {
    words.push(said("across-restart", { b: name }));
    steps.push(notShown("other-incarnation", { b: name }));
  }
  if (ours.open) words.push(said("unless-withdrawn"));
  const used = [first, later, delivery.author];
  const subject = used.find((note) => note.standing.revocation === "subject");
  if (subject) {
    words.push(said("subject-to-revocation"));
    steps.push(notShown("subject-to-revocation-step", { b: bundle.nameOf(subject.pid), note: subject.index }));
  }
  if (clock.doubtful) words.push(said("as-witness-believed"));
  const bare = [...new Set(used.map((note) => note.origin))].filter((origin) => !opensCharter(bundle, origin));
  for (const origin of bare) {
    const note = used.find((each) => each.origin === origin);
    steps.push(notShown("charter-by-id-step", { b: bundle.nameOf(note.pid), note: note.index }));
  }
  return { words, steps, charter: bare.length > 0 };
}

/** @returns {import("./delivery.js").Verdict} never better than 14 */
export function judgeDark(bundle, claim) {
  const delivery = findDeliveries(bundle, claim)[0];
  const begun = beginSilence(bundle, claim, delivery, true);
  if (begun.verdict) return begun.verdict;
  const { ground, due, names } = begun;
  const first = delivery.receipts[0];
  const newest = bundle.notes
    .filter((note) => note.origin === first.origin && note.standing.against)
    .reduce((one, other) => (other.no > one.no ? other : one));
  const none = noClock(claim.charter, due, first, bundle.nameOf(claim.aboutPid));
  if (none) {
    ground.steps.push(none);
    return { ...ground, words: [said("delivered-not-over")], exit: EXIT_LESS };
  }
  const over = due.instant ?? addExactly(first.time, due.period);
  const sure = newest.cosignatures.filter(({ time }) => time > 0n && time >= over);
  const chosen = sure.find(({ trusted }) => trusted) ?? sure[0];
  if (due.period !== undefined) ground.remarks.push(said("dark-clock", names));
  if (!chosen) {
    ground.steps.push(notShown("no-dark-witness", { ...names, note: newest.index, time: over }));
    return { ...ground, words: [said("delivered-dark-unseen")], exit: EXIT_LESS };
  }
  const args = { ...names, note: newest.index, time: chosen.time, witness: bundle.witnessName(chosen.name) };
  ground.steps.push(shown("dark-witness", args), notShown("dark-never-proved", names));
  const words = [said("dark")];
  if (!chosen.trusted) words.push(said("as-witness-believed"));
  return { ...ground, words, exit: EXIT_LESS };
}
