// Files that entries name: whether what is shown of them is what was named (spec/entry.md, attachments).

import { joinBytes, toHex, utf8 } from "./bytes.js";
import { fieldOf, offTheRecord } from "./part.js";
import { said } from "./refusal.js";
import { sha256 } from "./sha256.js";

const SAY = 1;
const PART = 9;
const DESK = 16;
const FILES = 26;
const FIELDS = [16, 17, 18, 19];
const MOST_FILES = 20;
const MOST_BYTES = 10485760;
const PART_BYTES = 32768;
const SALT_BYTES = 32;

/**
 * Tells of each file of each entry shown: whole, damaged, or how much is shown. A file that gives its
 * digest is what the entry names, wherever its parts stand.
 * @param {import("./bundle.js").Bundle} bundle @param {import("./verify.js").Report} report is added to
 */
export function noticeFiles(bundle, report) {
  let parts = null;
  const known = new Map();
  const told = new Set(); // two log parts may show one entry
  for (const part of bundle.parts) {
    for (const leaf of part.leaves.values()) {
      for (const [place, { size, digest }] of namedIn(leaf).entries()) {
        parts ??= shownParts(bundle);
        const whose = `${part.log.channel} ${part.log.pid} ${offTheRecord(leaf)} ${digest}`;
        const name = `${whose} ${size}`;
        if (!known.has(name)) known.set(name, stateOf(digest, size, parts.get(whose) ?? new Map()));
        const entry = `${bundle.nameOf(part.log.pid)}/${leaf.index}`;
        const { key, args } = known.get(name);
        const one = `${entry} ${size} ${place} ${key} ${args.here}`;
        if (!told.has(one)) report.noticed.push(said(key, { ...args, entry, size, place: place + 1 }));
        told.add(one);
      }
    }
  }
}

/** Size and digest of the files that an entry names in the one form. */
function namedIn(leaf) {
  if ((leaf.kind !== SAY && leaf.kind < DESK) || !leaf.opened.has(FILES)) return [];
  const files = fieldOf(leaf, FILES);
  if (!Array.isArray(files) || files.length < 1 || files.length > MOST_FILES) return [];
  const found = [];
  for (const file of files) {
    if (!(file instanceof Map) || file.size !== 4 || ![0, 1, 2, 3].every((key) => file.has(key))) return [];
    const [size, digest] = [file.get(2), file.get(3)];
    if (!isCount(size, 0, MOST_BYTES)) return [];
    if (typeof digest !== "string" || !/^[0-9a-f]{64}$/.test(digest)) return [];
    found.push({ size, digest });
  }
  return found;
}

/** Every part that is opened, by channel, author, bit 4 and digest; of two that fit one place the first. */
function shownParts(bundle) {
  const files = new Map();
  for (const part of bundle.parts) {
    for (const leaf of part.leaves.values()) {
      const one = partOf(leaf);
      if (one === null) continue;
      const whose = `${part.log.channel} ${part.log.pid} ${offTheRecord(leaf)} ${toHex(one.digest)}`;
      const fits = `${one.number} ${one.count} ${one.octets.length}`;
      if (!files.has(whose)) files.set(whose, new Map());
      if (!files.get(whose).has(fits)) files.get(whose).set(fits, one);
    }
  }
  return files;
}

/** A part in the one form, or null. */
function partOf(leaf) {
  if (leaf.kind !== PART || leaf.commitments?.size !== FIELDS.length) return null;
  if (!FIELDS.every((field) => leaf.opened.has(field))) return null;
  const [digest, number, count, octets] = FIELDS.map((field) => fieldOf(leaf, field));
  if (!(digest instanceof Uint8Array) || digest.length !== 32) return null;
  if (!isCount(count, 1, partsOf(MOST_BYTES)) || !isCount(number, 0, count - 1)) return null;
  if (!(octets instanceof Uint8Array) || octets.length < 1 || octets.length > PART_BYTES) return null;
  return number === count - 1 || octets.length === PART_BYTES ? { digest, number, count, octets } : null;
}

function isCount(value, least, most) {
  return typeof value === "number" && value >= least && value <= most;
}

function partsOf(size) {
  return Math.ceil((SALT_BYTES + size) / PART_BYTES);
}

function stateOf(digest, size, shown) {
  const count = partsOf(size);
  const whole = [];
  for (let number = 0; number < count; number += 1) {
    const length = Math.min(PART_BYTES, SALT_BYTES + size - number * PART_BYTES);
    const one = shown.get(`${number} ${count} ${length}`);
    if (one !== undefined) whole.push(one.octets);
  }
  if (whole.length < count) return said("file-part", { here: whole.length, count });
  const found = toHex(sha256(utf8("parley1 attachment\0"), joinBytes(...whole)));
  return said(found === digest ? "file-whole" : "file-damaged", {});
}
