// SHA-256 (FIPS 180-4), at once and not as a promise: a bundle has tens of thousands of short hashes.

import { utf8 } from "./bytes.js";

const ROUND_NUMBERS = fractionsOfRoots(64, 1 / 3);
const FIRST_STATE = fractionsOfRoots(8, 1 / 2);
const SCHEDULE = new Int32Array(64);

/** The first 32 bits behind the point of a root of each of the first primes. */
function fractionsOfRoots(count, power) {
  const out = new Int32Array(count);
  let found = 0;
  for (let number = 2; found < count; number += 1) {
    let prime = true;
    for (let by = 2; by * by <= number; by += 1) prime &&= number % by !== 0;
    if (!prime) continue;
    const root = number ** power;
    out[found] = Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
    found += 1;
  }
  return out;
}

/** Takes one block of 64 bytes at `from` into `state`. */
function takeBlock(state, block, from) {
  for (let at = 0; at < 16; at += 1) {
    const byte = from + 4 * at;
    SCHEDULE[at] =
      (block[byte] << 24) | (block[byte + 1] << 16) | (block[byte + 2] << 8) | block[byte + 3];
  }
  for (let at = 16; at < 64; at += 1) {
    const x = SCHEDULE[at - 15];
    const y = SCHEDULE[at - 2];
    const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    SCHEDULE[at] = (SCHEDULE[at - 16] + low + SCHEDULE[at - 7] + high) | 0;
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let at = 0; at < 64; at += 1) {
    const mixE = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + mixE + ((e & f) ^ (~e & g)) + ROUND_NUMBERS[at] + SCHEDULE[at]) | 0;
    const mixA = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (mixA + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/** @param {...(Uint8Array | string)} parts hashed one behind the other @returns {Uint8Array} */
export function sha256(...parts) {
  const state = Int32Array.from(FIRST_STATE);
  const block = new Uint8Array(64);
  let held = 0;
  let total = 0;
  for (const part of parts) {
    const bytes = typeof part === "string" ? utf8(part) : part;
    total += bytes.length;
    let at = 0;
    while (at < bytes.length) {
      if (held === 0 && bytes.length - at >= 64) {
        takeBlock(state, bytes, at);
        at += 64;
        continue;
      }
      block[held] = bytes[at];
      held += 1;
      at += 1;
      if (held === 64) {
        takeBlock(state, block, 0);
        held = 0;
      }
    }
  }
  block[held] = 0x80;
  block.fill(0, held + 1);
  if (held >= 56) {
    takeBlock(state, block, 0);
    block.fill(0);
  }
  const view = new DataView(block.buffer);
  view.setUint32(56, Math.floor(total / 2 ** 29));
  view.setUint32(60, (total * 8) >>> 0);
  takeBlock(state, block, 0);
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((word, at) => out.setInt32(4 * at, word));
  return new Uint8Array(out.buffer);
}
