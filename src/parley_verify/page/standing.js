// Which notes count, against whom and for whom (spec/bundle.md, identity.md, statement.md).

import { sameBytes, toHex } from "./bytes.js";
import { checkCardSignatures, readLoneCard } from "./card.js";
import { Reader } from "./cbor.js";
import { cosignedAt, readNote } from "./note.js";
import { fieldOf, incOf, offTheRecord } from "./part.js";
import { Refusal } from "./refusal.js";
import { TYPE_COSIGNATURE } from "./witness.js";

const KIND_CARD = 4;
const KIND_TIME_TOKEN = 6;
const TOKEN_COSIGNATURE = 3;

/**
 * @typedef {{ trusted: boolean, checked: boolean, number: number, inWindow: boolean,
 *   revocation: "none" | "kept" | "subject" | "worthless", against: boolean, good: boolean, counts: boolean }} Standing
 */

/**
 * The cards in entries of kind 4, and the witnesses' lines in time tokens, judged before anything is asked.
 * @param {import("./bundle.js").Bundle} bundle
 */
export async function readEntries(bundle) {
  bundle.entryCards = [];
  bundle.timeTokens = new Map();
  for (const part of bundle.parts) {
    for (const leaf of part.leaves.values()) {
      if (leaf.kind === KIND_CARD && leaf.opened.has(16)) {
        const card = await cardOfEntry(leaf);
        if (card?.pid === part.log.pid) bundle.entryCards.push({ card, part, index: leaf.index });
      }
      if (leaf.kind === KIND_TIME_TOKEN && !offTheRecord(leaf)) {
        const tokens = await tokensOfEntry(bundle, part, leaf);
        if (tokens.length) bundle.timeTokens.set(`${part.origin} ${leaf.index}`, tokens);
      }
    }
  }
}

/** The card in field 16, as a byte string or as an array; null where it is no card that holds. */
async function cardOfEntry(leaf) {
  const raw = leaf.opened.get(16);
  try {
    const value = new Reader(raw);
    const bytes = value.kind() === "bytes" ? value.byteString("") : raw;
    const card = readLoneCard(bytes);
    await checkCardSignatures(card, new Reader(bytes));
    return card;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** The times of known witnesses in an entry's token; empty where it holds none. */
async function tokensOfEntry(bundle, part, leaf) {
  if (fieldOf(leaf, 16) !== TOKEN_COSIGNATURE) return [];
  const text = fieldOf(leaf, 17);
  const note = typeof text === "string" ? readNote(new TextEncoder().encode(text)) : "no note";
  if (typeof note === "string" || note.pid !== part.log.pid || note.channel !== part.log.channel) return [];
  const out = [];
  for (const line of note.lines) {
    for (const witness of bundle.witnesses.get(note.channel)) {
      if (witness.name !== line.name || witness.id !== line.id || witness.type !== TYPE_COSIGNATURE) continue;
      const time = await cosignedAt(note.text, line, witness.key);
      if (time !== null && time > 0n) out.push({ time, trusted: witness.trusted, name: line.name });
    }
  }
  return out;
}

/**
 * Works out the standing of every note.
 * @param {import("./bundle.js").Bundle} bundle @param {import("./trust.js").Trust} trust
 * @param {boolean} everyone whether the reader gave no fingerprint at all
 */
export function weighNotes(bundle, trust, everyone) {
  for (const note of bundle.notes) {
    const cards = cardsAtHand(bundle, note.pid);
    const { card, key, number } = decidingKey(note, cards);
    const trusted = everyone || trust.fingerprints.has(bundle.parties.get(note.pid)[0].fingerprint);
    const checked = note.signed.length > 0;
    const inWindow =
      checked && key.from <= note.time && note.time < key.until && note.time <= card.notAfter;
    note.standing = { trusted, checked, number, inWindow, revocation: "none" };
  }
  for (const note of bundle.notes) {
    if (note.standing.checked) note.standing.revocation = revocationOf(bundle, note);
  }
  for (const note of bundle.notes) {
    const { standing } = note;
    const worthless = standing.revocation === "worthless";
    standing.against = standing.checked && standing.trusted && !worthless;
    standing.good = standing.against && standing.inWindow && standing.revocation !== "subject";
  }
  bundle.histories = findHistories(bundle);
  for (const note of bundle.notes) {
    note.standing.counts = note.standing.good && !bundle.histories.has(note.origin);
  }
}

/** Every card of a party that is at hand: in the bundle, from the reader, in the party's own entries. */
function cardsAtHand(bundle, pid) {
  const shown = bundle.parties.get(pid);
  const entered = bundle.entryCards.filter(({ card }) => card.fingerprint === shown[0].fingerprint);
  return [...shown, ...entered.map(({ card }) => card)];
}

/** The newest card that carries the key of this number. */
function newest(cards, number) {
  let found = null;
  for (const card of cards) {
    const key = card.keys.find((each) => each.number === number);
    if (key && (found === null || card.number > found.card.number)) found = { card, key };
  }
  return found;
}

/** The first key in order that is neither revoked nor out of its window; else the first. */
function decidingKey(note, cards) {
  const keys = note.signed.map(({ key }) => ({ number: key.number, ...newest(cards, key.number) }));
  const good = keys.find(
    ({ key, card }) =>
      key.revoked === null && key.from <= note.time && note.time < key.until && note.time <= card.notAfter,
  );
  return good ?? keys[0] ?? { number: -1, key: null, card: null };
}

/** @returns {Standing["revocation"]} */
function revocationOf(bundle, note) {
  const cards = cardsAtHand(bundle, note.pid);
  const { number } = note.standing;
  if (newest(cards, number).key.revoked === null) return "none";
  const places = placesOf(bundle, note, number);
  if (places.length > 0) {
    const first = places.reduce((one, other) => (other.size < one.size ? other : one));
    if (note.size > first.size) return "worthless";
    if (places.some(({ size, consistent }) => size === first.size && consistent(note))) return "kept";
  }
  const revoking = cards.filter((card) => card.keys.some((key) => key.number === number && key.revoked !== null));
  const issued = Math.min(...revoking.map((card) => card.issued));
  const kept = note.cosignatures.some(({ time, trusted }) => trusted && time > 0n && time <= issued);
  return kept ? "kept" : "subject";
}

/** Where a revocation took effect in the log of a note. */
function placesOf(bundle, note, number) {
  const places = [];
  for (const { card, part, index } of bundle.entryCards) {
    const revokes = card.keys.some((key) => key.number === number && key.revoked !== null);
    if (!revokes || part.origin !== note.origin) continue;
    const covering = coveredByAnother(bundle, part, index + 1, number);
    if (covering.length === 0) continue;
    const whole = bundle.parts.filter((each) => each.origin === note.origin && covering.some((one) => each.gives(one)));
    places.push({ size: index, consistent: (each) => whole.some((one) => one.gives(each)) });
  }
  for (const part of bundle.parts) {
    const named = previousLog(part);
    const sameParty = part.log.pid === note.pid && part.log.channel === note.channel;
    if (named === null || !sameParty || named.inc !== note.inc || part.log.inc === note.inc) continue;
    if (coveredByAnother(bundle, part, 1, number).length === 0) continue;
    const whole = bundle.parts.filter((each) => each.origin === note.origin && each.gives(named));
    const consistent = (each) =>
      (each.size === named.size && sameBytes(each.root, named.root)) || whole.some((one) => one.gives(each));
    places.push({ size: named.size, consistent });
  }
  return places;
}

/** The statements under a key that is not revoked which cover the first `size` entries. */
function coveredByAnother(bundle, part, size, number) {
  return bundle.notes.filter((note) => {
    const { standing } = note;
    if (note.origin !== part.origin || note.size < size || !part.gives(note)) return false;
    if (!standing.checked || !standing.trusted || standing.number === number) return false;
    return newest(cardsAtHand(bundle, note.pid), standing.number).key.revoked === null;
  });
}

/** What the opening entry of a part names as the log before it: `[inc, size, root]`, or null. */
function previousLog(part) {
  const opening = part.leaves.get(0);
  const value = opening?.kind === 0 ? fieldOf(opening, 18) : undefined;
  if (!Array.isArray(value) || value.length !== 3) return null;
  const [inc, size, root] = value;
  const fits = incOf(inc) && Number.isSafeInteger(size) && root instanceof Uint8Array;
  return fits ? { inc: toHex(inc), size, root } : null;
}

/**
 * Logs that show a fork or a rollback, by the notes that count against their signer.
 * @returns {Map<string, { kind: "fork" | "rollback", one: any, other: any }[]>} by origin
 */
function findHistories(bundle) {
  const found = new Map();
  const logs = new Map();
  for (const note of bundle.notes) {
    if (note.standing.against) logs.set(note.origin, [...(logs.get(note.origin) ?? []), note]);
  }
  for (const [origin, notes] of logs) {
    const parts = bundle.parts.filter((part) => part.origin === origin);
    const pairs = [];
    for (let at = 0; at < notes.length; at += 1) {
      for (let next = at + 1; next < notes.length; next += 1) {
        for (const kind of historiesOf(notes[at], notes[next], parts)) {
          pairs.push({ kind, one: notes[at], other: notes[next] });
        }
      }
    }
    if (pairs.length) found.set(origin, pairs);
  }
  return found;
}

/** @returns {("fork" | "rollback")[]} what two notes of one log show */
export function historiesOf(one, other, parts) {
  const out = [];
  const [small, large] = one.size <= other.size ? [one, other] : [other, one];
  const same = one.size === other.size;
  if (same ? !sameBytes(one.root, other.root) : parts.some((part) => part.gives(large) && part.denies(small))) {
    out.push("fork");
  }
  if (!same && (small.time > large.time || small.no > large.no)) out.push("rollback");
  return out;
}
