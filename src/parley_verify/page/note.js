// Statements and their signature lines (spec/statement.md): one spelling, every line judged.

import { fromBase64, fromUtf8, joinBytes, sameBytes, toHex, utf8 } from "./bytes.js";
import { keyOfNumber } from "./card.js";
import { verifyEd25519 } from "./ed25519.js";
import { LARGEST, MOST_GAPS, SIGNATURE_LINES } from "./limits.js";
import { verifyMlDsa65 } from "./mldsa65.js";
import { Refusal, said } from "./refusal.js";
import { sha256 } from "./sha256.js";
import { fitName, keyId, sealId, TYPE_COSIGNATURE, TYPE_STATION } from "./witness.js";

const ORIGIN = /^parley1\/([0-9a-f]{32})\/([0-9a-f]{32})\/([0-9a-f]{16})$/;
const STATION_NAME = /^parley1\/([0-9a-f]{32})\/k(0|[1-9][0-9]{0,2})$/;
const HELD_LOG = /^([0-9a-f]{32})\/([0-9a-f]{16})$/;
const DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;
const EMPTY_ROOT = sha256();
const COSIGNATURE_BYTES = 72;

/**
 * @typedef {{ inc: string, size: number, root: Uint8Array, gaps: [number, number][] }} Holding
 * @typedef {{ name: string, id: string, signature: Uint8Array }} Line
 * @typedef {{ name: string, time: bigint, trusted: boolean }} Cosignature
 * @typedef {{ index: number, origin: string, channel: string, pid: string, inc: string, size: number,
 *   root: Uint8Array, no: number, time: number, holds: Map<string, Holding>, text: Uint8Array, lines: Line[],
 *   path: string, offset: number, signed: { key: any, card: any }[], cosignatures: Cosignature[],
 *   unchecked: any[], noticed: any[] }} Note
 */

/** @param {string} text @returns {{ channel: string, pid: string, inc: string } | null} */
export function readOrigin(text) {
  const found = ORIGIN.exec(text);
  return found && { channel: found[1], pid: found[2], inc: found[3] };
}

/** @param {string} text @returns {number | null} */
function readDecimal(text) {
  return DECIMAL.test(text) && Number(text) <= LARGEST ? Number(text) : null;
}

/** @param {string} text @returns {Uint8Array | null} 32 bytes */
function readHash(text) {
  const bytes = text.length === 44 ? fromBase64(text) : null;
  return bytes?.length === 32 ? bytes : null;
}

/** A note cut into its text and its lines, or what is wrong with it. */
function cut(bytes) {
  const whole = fromUtf8(bytes);
  const end = whole === null ? -1 : whole.indexOf("\n\n");
  if (whole === null || end < 0) return "no-empty-line";
  const rest = whole.slice(end + 2);
  if (rest === "" || !rest.endsWith("\n")) return "no-lines";
  const rows = rest.slice(0, -1).split("\n");
  if (rows.length > SIGNATURE_LINES) return "too-many-lines";
  const text = whole.slice(0, end + 1);
  return { text, rows, size: utf8(text).length };
}

/** @param {string} row @returns {Line | null} */
function readLine(row) {
  const parts = row.split(" ");
  if (parts.length !== 3 || parts[0] !== "—" || !fitName(parts[1])) return null;
  const packed = fromBase64(parts[2]);
  if (packed === null || packed.length < 5) return null;
  return { name: parts[1], id: toHex(packed.subarray(0, 4)), signature: packed.subarray(4) };
}

/**
 * A whole note. Null where its text is no statement or a line is of another form.
 * @param {Uint8Array} bytes @returns {Note | string} the key of what is wrong
 */
export function readNote(bytes) {
  const pieces = cut(bytes);
  if (typeof pieces === "string") return pieces;
  const statement = readStatement(pieces.text);
  if (typeof statement === "string") return statement;
  const lines = pieces.rows.map(readLine);
  if (lines.includes(null)) return "bad-line";
  if (new Set(lines.map((line) => `${line?.name} ${line?.id}`)).size !== lines.length) return "line-twice";
  return /** @type {any} */ ({
    ...statement,
    text: bytes.subarray(0, pieces.size),
    lines,
    signed: [],
    cosignatures: [],
    unchecked: [],
    noticed: [],
  });
}

/** @param {string} text a statement's text @returns {any} its parts, or the key of what is wrong */
export function readStatement(text) {
  if (!text.endsWith("\n")) return "bad-statement";
  const rows = text.slice(0, -1).split("\n");
  if (rows.length < 5) return "short-statement";
  const log = readOrigin(rows[0]);
  const size = readDecimal(rows[1]);
  const root = readHash(rows[2]);
  const no = rows[3].startsWith("no ") ? readDecimal(rows[3].slice(3)) : null;
  const time = rows[4].startsWith("time ") ? readDecimal(rows[4].slice(5)) : null;
  if (!log || !size || !root || no === null || time === null) return "bad-statement";
  const holds = new Map();
  for (const row of rows.slice(5)) {
    const held = readHolding(row);
    if (held === null || holds.has(held.pid) || held.pid === log.pid) return "bad-holding";
    holds.set(held.pid, held);
  }
  return { ...log, origin: rows[0], size, root, no, time, holds };
}

/** One `holds` line, or null. */
function readHolding(row) {
  const parts = row.split(" ");
  const withGaps = parts.length === 6 && parts[4] === "missing";
  if (parts[0] !== "holds" || (parts.length !== 4 && !withGaps)) return null;
  const log = HELD_LOG.exec(parts[1]);
  const size = readDecimal(parts[2]);
  const root = readHash(parts[3]);
  if (!log || size === null || root === null) return null;
  if (size === 0 && !sameBytes(root, EMPTY_ROOT)) return null;
  const gaps = withGaps ? readGaps(parts[5], size) : [];
  return gaps && { pid: log[1], inc: log[2], size, root, gaps };
}

/** Half-open ranges that ascend and neither touch nor overlap, or null. */
function readGaps(text, size) {
  const ranges = text.split(",");
  if (ranges.length > MOST_GAPS) return null;
  const out = [];
  let last = -1;
  for (const range of ranges) {
    const [from, end, more] = range.split("-").map(readDecimal);
    if (from === null || end === null || end === undefined || more !== undefined) return null;
    if (from <= last || from >= end || end > size) return null;
    out.push([from, end]);
    last = end;
  }
  return out;
}

/** @param {Note} note @param {import("./charter.js").Charter} charter members and their order */
export function membersFit(note, charter) {
  let last = -1;
  for (const pid of note.holds.keys()) {
    const place = charter.parties.indexOf(pid);
    if (place <= last) return false;
    last = place;
  }
  return charter.parties.includes(note.pid);
}

/**
 * Judges every signature line of a note; what holds is written into the note.
 * @param {Note} note @param {import("./card.js").Card[]} cards of its signer
 * @param {{ name: string, type: number, key: Uint8Array, id: string, trusted: boolean }[]} witnesses known here
 */
export async function checkLines(note, cards, witnesses) {
  let atHand = 0;
  for (const line of note.lines) {
    const station = STATION_NAME.exec(line.name);
    if (station && Number(station[2]) <= 255) {
      if (station[1] !== note.pid) throw refusal(note, "line-of-other", { name: line.name });
      if (await checkStationLine(note, line, Number(station[2]), cards)) atHand += 1;
    } else {
      await checkCosignature(note, line, witnesses);
    }
  }
  if (atHand === 0) throw refusal(note, "no-station-line");
}

/** @param {Note} note @param {string} key */
export function refusal(note, key, args = {}) {
  return new Refusal(key, { note: note.index, no: note.no, name: note.pid, ...args }, note.offset, note.path);
}

/** @returns {Promise<boolean>} whether the line is of a station key at hand */
async function checkStationLine(note, line, number, cards) {
  const found = keyOfNumber(cards, number);
  if (found === null) {
    note.unchecked.push(said("station-line-unknown", { note: note.index, number }));
    return false;
  }
  if (line.id === keyId(line.name, TYPE_STATION, found.key.ed)) {
    if (!(await verifyEd25519(found.key.ed, line.signature, note.text))) {
      throw refusal(note, "note-signature", { number, name: cards[0].code });
    }
    note.signed.push(found);
  } else if (found.key.pq !== null && line.id === sealId(line.name, found.key.pq)) {
    if (!verifyMlDsa65(found.key.pq, line.signature, note.text, "parley1 seal")) {
      throw refusal(note, "seal-wrong", { number, name: cards[0].code });
    }
    note.signed.push(found);
  } else {
    throw refusal(note, "other-key-id", { name: line.name });
  }
  return true;
}

/** A line by a witness, known or not. */
async function checkCosignature(note, line, witnesses) {
  const named = witnesses.filter((each) => each.name === line.name);
  if (named.length === 0) {
    note.unchecked.push(said("witness-line-unknown", { note: note.index, name: line.name }));
    return;
  }
  const witness = named.find((each) => each.id === line.id);
  if (!witness) throw refusal(note, "other-key-id", { name: line.name });
  if (witness.type !== TYPE_COSIGNATURE) {
    note.unchecked.push(said("cosignature-pq", { note: note.index, name: line.name }));
    return;
  }
  const time = await cosignedAt(note.text, line, witness.key);
  if (time === null) throw refusal(note, "cosignature-wrong", { name: line.name });
  note.cosignatures.push({ name: line.name, time, trusted: witness.trusted });
  if (time === 0n) note.noticed.push(said("cosignature-zero", { note: note.index, name: line.name }));
}

/**
 * @param {Uint8Array} text @param {Line} line @param {Uint8Array} key
 * @returns {Promise<bigint | null>} the witness's time, or null where the line does not verify
 */
export async function cosignedAt(text, line, key) {
  if (line.signature.length !== COSIGNATURE_BYTES) return null;
  const view = new DataView(line.signature.buffer, line.signature.byteOffset);
  const time = view.getBigUint64(0);
  const signed = joinBytes(utf8(`cosignature/v1\ntime ${time}\n`), text);
  return (await verifyEd25519(key, line.signature.subarray(8), signed)) ? time : null;
}
