// What a reference means, and whether an entry answers another (spec/entry.md, spec/bundle.md).

import { fieldOf, incOf, offTheRecord, WITHHELD } from "./part.js";

export const KIND_ACKNOWLEDGE = 2;
export const KIND_TURN = 3;
export const KIND_CLOSE = 5;
export const KIND_TIME_TOKEN = 6;
const NEVER_ANSWERS = [0, 2, 3, 4, 6, 9];
const CANNOT_PROCESS = 10;

/**
 * @typedef {{ channel: string, party: number, pid: string, inc: string, index: number }} Subject the entry asked about
 */

/**
 * The incarnation that short references to a party mean, for every shown entry of a part where it is shown.
 * @param {import("./bundle.js").Bundle} bundle @param {import("./part.js").Part} part
 * @param {number} party @param {string} pid
 * @returns {Map<number, string>} by index
 */
function incarnations(bundle, part, party, pid) {
  const name = `incarnations ${pid}`;
  if (part.memory.has(name)) return part.memory.get(name);
  const notes = bundle.notes
    .filter((note) => note.origin === part.origin && note.standing.checked && part.gives(note))
    .sort((one, other) => one.size - other.size);
  const found = new Map();
  const indexes = [...part.leaves.keys()];
  forward(part, notes, indexes, found, party, pid);
  backward(part, notes, indexes, found, pid);
  between(notes, indexes, found, pid);
  part.memory.set(name, found);
  return found;
}

/** Rules 1 and 2: from a turn, or a note, upwards over shown entries. */
function forward(part, notes, indexes, found, party, pid) {
  let known = null;
  let place = 0;
  let expected = 0;
  for (const index of indexes) {
    if (index !== expected) known = null;
    for (; place < notes.length && notes[place].size <= index; place += 1) {
      const held = notes[place].holds.get(pid);
      if (held && noTurnShown(part, notes[place].size, index)) known = held.inc;
    }
    if (known !== null) found.set(index, known);
    const leaf = part.leaves.get(index);
    if (leaf.kind === KIND_TURN) {
      const named = fieldOf(leaf, 16);
      if (named === WITHHELD) known = null;
      if (named === party) known = incOf(fieldOf(leaf, 17));
    }
    expected = index + 1;
  }
}

/** Whether every entry from one place to another is shown and none is a turn. */
function noTurnShown(part, from, end) {
  for (let index = from; index < end; index += 1) {
    const leaf = part.leaves.get(index);
    if (!leaf || leaf.kind === KIND_TURN) return false;
  }
  return true;
}

/** Rule 4: from the smallest note above, downwards over shown entries without a turn. */
function backward(part, notes, indexes, found, pid) {
  let known = null;
  let place = notes.length - 1;
  let expected = -1;
  for (const index of [...indexes].reverse()) {
    if (index !== expected || part.leaves.get(index + 1)?.kind === KIND_TURN) known = null;
    for (; place >= 0 && notes[place].size > index; place -= 1) {
      if (notes[place].size === index + 1) known = notes[place].holds.get(pid)?.inc ?? null;
      else if (index !== expected) known = null;
    }
    if (part.leaves.get(index).kind === KIND_TURN) known = null;
    if (known !== null && !found.has(index)) found.set(index, known);
    expected = index - 1;
  }
}

/** Rule 3: the notes on both sides name the same. */
function between(notes, indexes, found, pid) {
  let below = null;
  let place = 0;
  for (const index of indexes) {
    for (; place < notes.length && notes[place].size <= index; place += 1) {
      below = notes[place].holds.get(pid)?.inc ?? below;
    }
    const above = notes[place]?.holds.get(pid)?.inc;
    if (!found.has(index) && above !== undefined && above === below) found.set(index, above);
  }
}

/**
 * @param {any} value of field 1 or 4 @returns {"yes" | "no" | "unknown"} whether it means the subject
 */
function means(bundle, part, leaf, value, subject) {
  if (value === undefined) return "no";
  if (value === WITHHELD) return "unknown";
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) return "no";
  const [party, index] = value;
  if (party !== subject.party || index !== subject.index) return "no";
  if (value.length === 3) return incOf(value[2]) === subject.inc ? "yes" : "no";
  if (part.log.pid === subject.pid) return part.log.inc === subject.inc ? "yes" : "no";
  const inc = incarnations(bundle, part, subject.party, subject.pid).get(leaf.index);
  return inc === undefined ? "unknown" : inc === subject.inc ? "yes" : "no";
}

/** Whether `ref` or `case` of an entry means the subject. @returns {"yes" | "no" | "unknown"} */
export function refersTo(bundle, part, leaf, subject) {
  const both = [1, 4].map((field) => means(bundle, part, leaf, fieldOf(leaf, field), subject));
  if (both.includes("yes")) return "yes";
  return both.includes("unknown") ? "unknown" : "no";
}

/**
 * @param {import("./bundle.js").Bundle} bundle @param {import("./part.js").Part} part of the addressee's log
 * @param {import("./part.js").Leaf} leaf @param {Subject} subject
 * @returns {{ answer: "yes" | "no" | "unknown", acknowledges?: any, cannot?: boolean }}
 */
export function judgeAnswer(bundle, part, leaf, subject) {
  if (offTheRecord(leaf)) return { answer: "no" };
  if (leaf.kind === KIND_ACKNOWLEDGE) return judgeAcknowledgement(bundle, part, leaf, subject);
  if (NEVER_ANSWERS.includes(Number(leaf.kind))) return { answer: "no" };
  return { answer: refersTo(bundle, part, leaf, subject) };
}

function judgeAcknowledgement(bundle, part, leaf, subject) {
  const refers = refersTo(bundle, part, leaf, subject);
  const rung = fieldOf(leaf, 32);
  if (rung === WITHHELD) return { answer: refers === "no" ? "no" : "unknown" };
  if (rung !== CANNOT_PROCESS) {
    const told = typeof rung === "bigint" || Number.isInteger(rung) ? rung : null;
    return { answer: "no", acknowledges: refers === "yes" ? { rung: told } : undefined };
  }
  return { answer: refers, cannot: refers === "yes" };
}
