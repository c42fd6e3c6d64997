// Verifier keys of witnesses (spec/channel.md), and the ids of keys in signature lines (spec/statement.md).

import { fromBase64, toHex, utf8 } from "./bytes.js";
import { acceptableKey } from "./ed25519.js";
import { sha256 } from "./sha256.js";

export const TYPE_STATION = 0x01;
export const TYPE_COSIGNATURE = 0x04;
export const TYPE_COSIGNATURE_PQ = 0x06;
const COSIGNATURE_PQ_BYTES = 1312;
const UNFIT = /[+\p{White_Space}]/u;

/** @typedef {{ name: string, type: number, key: Uint8Array, id: string }} WitnessKey */

/** @param {string} name of a key: not empty, no plus sign, no white space */
export function fitName(name) {
  return name !== "" && !UNFIT.test(name);
}

/** @param {string} name @param {number} type @param {...(Uint8Array | string)} key @returns {string} 8 hex digits */
export function keyId(name, type, ...key) {
  return toHex(sha256(name, Uint8Array.of(0x0a, type), ...key).subarray(0, 4));
}

/** @param {string} name @param {Uint8Array} pq @returns {string} the id of a seal's key */
export function sealId(name, pq) {
  return keyId(name, 0xff, utf8("parley1-mldsa65"), pq);
}

/** @param {string} text `<name>+<id>+<key>` @returns {WitnessKey | null} null where it is not acceptable */
export function readVerifierKey(text) {
  const first = text.indexOf("+");
  const second = text.indexOf("+", first + 1);
  if (first < 0 || second < 0) return null;
  const name = text.slice(0, first);
  const id = text.slice(first + 1, second);
  const packed = fromBase64(text.slice(second + 1));
  if (packed === null || packed.length < 2 || !fitName(name)) return null;
  const type = packed[0];
  const key = packed.subarray(1);
  const fit =
    (type === TYPE_COSIGNATURE && acceptableKey(key)) ||
    (type === TYPE_COSIGNATURE_PQ && key.length === COSIGNATURE_PQ_BYTES);
  return fit && id === keyId(name, type, key) ? { name, type, key, id } : null;
}
