// Whether what was opened is what was sealed before (spec/entry.md, sealed moves).

import { fromHex, joinBytes, sameBytes, toHex, utf8 } from "./bytes.js";
import { encodeUint } from "./cbor.js";
import { fieldOf, incOf, WITHHELD } from "./part.js";
import { said } from "./refusal.js";
import { sha256 } from "./sha256.js";

const CASE = 4;
const SALT = 62;
const COMMITMENT = 63;
const SERIES = 32;
const ROWS_CHANGED = 37;
const LISTS = 2401;
// By the kind that opens: the kind that seals, the field of the time, and the fields sealed.
const MOVES = new Map([
  [2101, { kind: 2100, due: 33, fields: [34] }],
  [LISTS, { kind: 2400, due: 33, fields: [34] }],
  [1804, { kind: 1803, due: 37, fields: [33, 36] }],
]);
const NULL = Uint8Array.of(0xf6);

/**
 * Tells of each entry that opens other than its author sealed in the same case.
 * @param {import("./bundle.js").Bundle} bundle @param {import("./verify.js").Report} report is added to
 */
export function noticeUnfit(bundle, report) {
  for (const part of bundle.parts) {
    const number = bundle.charters.get(part.log.channel).parties.indexOf(part.log.pid);
    const name = bundle.nameOf(part.log.pid);
    const done = new Set();
    for (const leaf of part.leaves.values()) {
      const move = MOVES.get(leaf.kind);
      const sealed = move && sealedBy(part, leaf, move, number);
      if (!sealed || done.has(sealed.index)) continue;
      done.add(sealed.index);
      if (fits(part, sealed, leaf, move, number) === false) {
        const args = { entry: `${name}/${leaf.index}`, other: `${name}/${sealed.index}` };
        report.noticed.push(said("sealed-other", args));
      }
    }
  }
}

/** The first entry of the same log that sealed in the case of one that opens. */
function sealedBy(part, leaf, move, number) {
  const opened = fieldOf(leaf, CASE);
  for (const sealed of part.leaves.values()) {
    if (sealed.index >= leaf.index) return null;
    if (sealed.kind !== move.kind) continue;
    const own = [number, sealed.index, fromHex(part.log.inc)];
    if (isSame(opened, own) || isSame(opened, fieldOf(sealed, CASE))) return sealed;
  }
  return null;
}

/** Whether two references mean one entry; one may leave out the incarnation. */
function isSame(one, other) {
  if (!Array.isArray(one) || !Array.isArray(other)) return false;
  const least = Math.min(one.length, other.length);
  if (least < 2 || least > 3 || one[0] !== other[0] || one[1] !== other[1]) return false;
  return least === 2 || (incOf(one[2]) !== null && incOf(one[2]) === incOf(other[2]));
}

/** Whether an opening fits its seal; null where that cannot be told. */
function fits(part, sealed, leaf, move, number) {
  const closed = (one, field) => fieldOf(one, field) === WITHHELD;
  if ([SERIES, move.due, COMMITMENT].some((field) => closed(sealed, field))) return null;
  if ([...move.fields, SALT, ROWS_CHANGED].some((field) => closed(leaf, field))) return null;
  let fields = move.fields;
  if (leaf.kind === LISTS && leaf.opened.has(ROWS_CHANGED)) {
    fields = [ROWS_CHANGED];
    if (!Array.isArray(fieldOf(leaf, ROWS_CHANGED))) return false;
  }
  const salt = fieldOf(leaf, SALT);
  const isNothing = (field) => !leaf.opened.has(field) || sameBytes(leaf.opened.get(field), NULL);
  if (fields.every(isNothing) || typeof salt !== "string" || !/^[0-9a-f]{64}$/.test(salt)) return false;
  const raw = (one, field) => one.opened.get(field) ?? NULL;
  const by = joinBytes(Uint8Array.of(0x82), bytesOf(fromHex(part.log.channel)), encodeUint(number));
  const bound = joinBytes(
    Uint8Array.of(0x84),
    bytesOf(by),
    raw(sealed, SERIES),
    raw(sealed, move.due),
    ...(fields.length > 1 ? [Uint8Array.of(0x80 + fields.length)] : []),
    ...fields.map((field) => raw(leaf, field)),
  );
  const digest = sha256(utf8("parley1 sealed\0"), fromHex(salt), bound);
  return fieldOf(sealed, COMMITMENT) === toHex(digest);
}

/** A byte string shorter than 256 bytes. */
function bytesOf(bytes) {
  const head = encodeUint(bytes.length);
  head[0] |= 0x40;
  return joinBytes(head, bytes);
}
