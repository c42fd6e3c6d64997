// Entries that a bundle shows, as text for a person to read (spec/encoding.md, Texts).

import { sameBytes } from "./bytes.js";
import { inflateText } from "./inflate.js";
import { fieldOf, offTheRecord, WITHHELD } from "./part.js";
import { withheldFields } from "./delivery.js";
import { when } from "./report.js";

const UNSEEN =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]|[\u{e0000}-\u{e0fff}]/gu;
const LISTED = 200;
const FIELD_TEXT = 2;
const FIELD_CODEC = 6;
const FIELD_TEXTS = 16;
const FIRST_KIND_OF_DESK = 16;

/** @param {string} text of a party @returns {string} with what cannot be seen as its number */
export function visible(text) {
  return text.replace(UNSEEN, (letter) => `\\u{${/** @type {number} */ (letter.codePointAt(0)).toString(16)}}`);
}

/** A text value. @returns {string | null | undefined} null: packed in an unknown way; undefined: no text */
function textOf(value, codec) {
  if (typeof value === "string") return visible(value);
  if (!(value instanceof Uint8Array)) return undefined;
  if (codec !== undefined && codec !== 0) return null;
  const text = inflateText(value);
  return text === null ? null : visible(text);
}

/** @returns {(string | null)[]} the texts of an entry that are shown */
function textsOf(leaf) {
  const codec = fieldOf(leaf, FIELD_CODEC);
  const values = [fieldOf(leaf, FIELD_TEXT)];
  const texts = leaf.kind >= FIRST_KIND_OF_DESK ? fieldOf(leaf, FIELD_TEXTS) : undefined;
  if (Array.isArray(texts)) values.push(...texts.map((each) => (Array.isArray(each) ? each[2] : undefined)));
  return values
    .filter((value) => value !== WITHHELD)
    .map((value) => textOf(value, codec))
    .filter((text) => text !== undefined);
}

/** One entry in two log parts: what either opens is open. Where the log has two histories, the later one. */
function together(one, other) {
  return sameBytes(one.hash, other.hash) ? { ...other, opened: new Map([...one.opened, ...other.opened]) } : other;
}

/**
 * @param {any} bundle
 * @returns {{ rows: { entry: string, kind: string, time: string, texts: (string | null)[], withheld: any[],
 *   off: boolean }[], more: number }}
 */
export function entriesShown(bundle) {
  const met = new Map();
  for (const part of bundle.parts) {
    for (const leaf of part.leaves.values()) {
      const place = `${part.origin} ${leaf.index}`;
      met.set(place, { part, leaf: met.has(place) ? together(met.get(place).leaf, leaf) : leaf });
    }
  }
  const all = [...met.values()];
  const rows = all.slice(0, LISTED).map(({ part, leaf }) => ({
    entry: `${bundle.nameOf(part.log.pid)}/${leaf.index}`,
    kind: String(leaf.kind),
    time: when(leaf.time),
    texts: textsOf(leaf),
    withheld: withheldFields(leaf),
    off: offTheRecord(leaf) || leaf.commitments === null,
  }));
  return { rows, more: all.length - rows.length };
}
