// Charters (spec/channel.md): who talks on a channel, on what basis, watched by whom.

import { toHex, utf8 } from "./bytes.js";
import {
  MOST_PARTIES,
  MOST_WITNESSES,
  PREDECESSOR_LOGS,
  PURPOSE_BYTES,
  WITNESS_KEY_BYTES,
  WITNESS_NAME_BYTES,
} from "./limits.js";
import { sha256 } from "./sha256.js";
import { readVerifierKey } from "./witness.js";

const CODE = /^[A-Za-z0-9-]{1,24}$/;
const REQUIRED = [0, 1, 2, 3, 4, 5, 6, 12];

/**
 * @typedef {{ parties: string[], code: string, ends: number | null, hash: Uint8Array, channel: string,
 *   witnesses: import("./witness.js").WitnessKey[], periods: Map<any, any>, path: string, offset: number }} Charter
 */

/** @param {import("./cbor.js").Reader} reader @param {string} path @returns {Charter} */
export function readCharter(reader, path) {
  const start = reader.at;
  /** @type {any} */
  const charter = { ends: null, witnesses: [], periods: new Map(), path, offset: reader.origin + start };
  const met = new Set();
  for (let left = reader.map(path); left > 0; left -= 1) {
    const at = reader.at;
    const key = reader.anyUint(path);
    met.add(key);
    const read = FIELDS[Number(key)];
    if (key > 12 || !read) throw reader.refuse(path, "unknown-key", { key: String(key) }, at);
    read(charter, reader, `${path}/${key}`);
  }
  for (const key of REQUIRED) {
    if (!met.has(key)) throw reader.refuse(path, "missing-key", { key }, start);
  }
  charter.hash = sha256("parley1 charter\0", reader.bytes.subarray(start, reader.at));
  charter.channel = toHex(charter.hash.subarray(0, 16));
  return charter;
}

const FIELDS = [
  (charter, reader, path) => {
    const at = reader.at;
    if (reader.text(path) !== "parley1 charter") throw reader.refuse(path, "no-charter", {}, at);
  },
  (charter, reader, path) => {
    const at = reader.at;
    const count = reader.array(path);
    if (count < 2 || count > MOST_PARTIES) {
      throw reader.refuse(path, "count", { least: 2, most: MOST_PARTIES }, at);
    }
    charter.parties = Array.from({ length: count }, (_, place) =>
      toHex(reader.byteString(`${path}/${place}`, 16)),
    );
    if (new Set(charter.parties).size !== count) throw reader.refuse(path, "party-twice", {}, at);
  },
  (charter, reader, path) => reader.uint(path, 65535),
  (charter, reader, path) => shortText(reader, path, PURPOSE_BYTES),
  (charter, reader, path) => shortText(reader, path, PURPOSE_BYTES),
  (charter, reader, path) => reader.uint(path),
  (charter, reader, path) => reader.byteString(path, 16),
  (charter, reader, path) => (charter.ends = reader.uint(path)),
  (charter, reader, path) => {
    const at = reader.at;
    const count = reader.array(path);
    if (count < 1 || count > MOST_WITNESSES) {
      throw reader.refuse(path, "count", { least: 1, most: MOST_WITNESSES }, at);
    }
    for (let place = 0; place < count; place += 1) {
      charter.witnesses.push(witness(reader, `${path}/${place}`));
    }
  },
  (charter, reader, path) => {
    const at = reader.at;
    if (reader.uint(path) === 0) throw reader.refuse(path, "heartbeat", {}, at);
  },
  (charter, reader, path) => {
    const at = reader.at;
    if (reader.kind() !== "map") throw reader.refuse(path, "form", { wanted: "map", found: reader.kind() });
    const terms = reader.value();
    if (terms.size === 0) throw reader.refuse(path, "count", { least: 1, most: 65536 }, at);
    if (terms.get(1) instanceof Map) charter.periods = terms.get(1);
  },
  (charter, reader, path) => predecessor(reader, path),
  (charter, reader, path) => {
    const at = reader.at;
    charter.code = reader.text(path);
    if (!CODE.test(charter.code)) throw reader.refuse(path, "charter-code", {}, at);
  },
];

/** A text of bounded length. @returns {Uint8Array} */
function shortText(reader, path, most) {
  const at = reader.at;
  const bytes = reader.textBytes(path);
  if (bytes.length > most) throw reader.refuse(path, "text-too-long", { most }, at);
  return bytes;
}

function witness(reader, path) {
  const at = reader.at;
  reader.array(path, 2);
  const name = reader.text(`${path}/0`);
  const text = reader.text(`${path}/1`);
  const key = readVerifierKey(text);
  const sizes = utf8(name).length <= WITNESS_NAME_BYTES && utf8(text).length <= WITNESS_KEY_BYTES;
  if (key === null || key.name !== name || !sizes) throw reader.refuse(path, "witness-key", {}, at);
  return key;
}

function predecessor(reader, path) {
  reader.array(path, 2);
  reader.byteString(`${path}/0`, 16);
  const at = reader.at;
  const count = reader.array(`${path}/1`);
  if (count > PREDECESSOR_LOGS) {
    throw reader.refuse(`${path}/1`, "count", { least: 0, most: PREDECESSOR_LOGS }, at);
  }
  for (let place = 0; place < count; place += 1) {
    const log = `${path}/1/${place}`;
    reader.array(log, 4);
    reader.byteString(`${log}/0`, 16);
    reader.byteString(`${log}/1`, 8);
    reader.uint(`${log}/2`);
    reader.byteString(`${log}/3`, 32);
  }
}
