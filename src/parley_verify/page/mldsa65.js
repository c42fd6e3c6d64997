// Verification of ML-DSA-65 signatures (FIPS 204, sections 5 to 7). Polynomials are arrays of 256 numbers
// below q; products stay below 2^53, so that plain numbers are exact.

import { sameBytes, toHex, utf8 } from "./bytes.js";
import { sha256 } from "./sha256.js";
import { shake128, shake256 } from "./shake.js";

const Q = 8380417;
const N = 256;
const ROWS = 6;
const COLUMNS = 5;
const DROPPED_BITS = 13;
const TAU = 49;
const GAMMA1 = 2 ** 19;
const GAMMA2 = (Q - 1) / 32;
const BETA = 196;
const OMEGA = 55;
const CHALLENGE_BYTES = 48;
const Z_BITS = 20;
const T1_BITS = 10;
const KEY_BYTES = 32 + (ROWS * N * T1_BITS) / 8;
const SIGNATURE_BYTES = CHALLENGE_BYTES + (COLUMNS * N * Z_BITS) / 8 + OMEGA + ROWS;
const INVERSE_OF_N = 8347681;
const ZETAS = zetas();

/** Powers of 1753 in bit-reversed order. */
function zetas() {
  const powers = [1];
  for (let place = 1; place < N; place += 1) powers.push((powers[place - 1] * 1753) % Q);
  return Array.from({ length: N }, (_, place) => {
    let reversed = 0;
    for (let bit = 0; bit < 8; bit += 1) reversed |= ((place >> bit) & 1) << (7 - bit);
    return powers[reversed];
  });
}

const modulo = (value) => ((value % Q) + Q) % Q;

/** Algorithm 41, in place. */
function transform(w) {
  let place = 0;
  for (let length = 128; length >= 1; length /= 2) {
    for (let start = 0; start < N; start += 2 * length) {
      place += 1;
      const zeta = ZETAS[place];
      for (let at = start; at < start + length; at += 1) {
        const t = (zeta * w[at + length]) % Q;
        w[at + length] = (w[at] - t + Q) % Q;
        w[at] = (w[at] + t) % Q;
      }
    }
  }
  return w;
}

/** Algorithm 42, in place. */
function transformBack(w) {
  let place = N;
  for (let length = 1; length < N; length *= 2) {
    for (let start = 0; start < N; start += 2 * length) {
      place -= 1;
      const zeta = Q - ZETAS[place];
      for (let at = start; at < start + length; at += 1) {
        const t = w[at];
        w[at] = (t + w[at + length]) % Q;
        w[at + length] = (zeta * (t - w[at + length] + Q)) % Q;
      }
    }
  }
  return w.map((each) => (each * INVERSE_OF_N) % Q);
}

/** Numbers of some bits, the lowest first. */
function unpack(bytes, bits) {
  const out = new Array((bytes.length * 8) / bits);
  let [held, count, at] = [0, 0, 0];
  for (let place = 0; place < out.length; place += 1) {
    while (count < bits) {
      held += bytes[at] * 2 ** count;
      count += 8;
      at += 1;
    }
    out[place] = held % 2 ** bits;
    held = Math.floor(held / 2 ** bits);
    count -= bits;
  }
  return out;
}

/** Algorithm 30: one polynomial of the matrix, already transformed. */
function samplePolynomial(seed, column, row) {
  const stream = shake128(seed, Uint8Array.of(column, row));
  const out = [];
  while (out.length < N) {
    const value = stream.next() + stream.next() * 256 + (stream.next() & 127) * 65536;
    if (value < Q) out.push(value);
  }
  return out;
}

/** Algorithm 29: the challenge, with TAU coefficients of 1 or -1. */
function sampleInBall(seed) {
  const stream = shake256(seed);
  const signs = stream.take(8);
  const out = new Array(N).fill(0);
  for (let at = N - TAU; at < N; at += 1) {
    let place = stream.next();
    while (place > at) place = stream.next();
    const sign = at + TAU - N;
    out[at] = out[place];
    out[place] = (signs[sign >> 3] >> (sign & 7)) & 1 ? Q - 1 : 1;
  }
  return out;
}

/** Algorithm 21: the hints, or null where they are not written in the one way. */
function unpackHints(bytes) {
  const hints = Array.from({ length: ROWS }, () => new Array(N).fill(0));
  let index = 0;
  for (let row = 0; row < ROWS; row += 1) {
    const end = bytes[OMEGA + row];
    if (end < index || end > OMEGA) return null;
    for (const first = index; index < end; index += 1) {
      if (index > first && bytes[index - 1] >= bytes[index]) return null;
      hints[row][bytes[index]] = 1;
    }
  }
  return bytes.subarray(index, OMEGA).every((byte) => byte === 0) ? hints : null;
}

/** Algorithms 36 and 40: the high part of a coefficient, put right by its hint. */
function useHint(hint, value) {
  let low = value % (2 * GAMMA2);
  if (low > GAMMA2) low -= 2 * GAMMA2;
  let high = (value - low) / (2 * GAMMA2);
  if (value - low === Q - 1) {
    high = 0;
    low -= 1;
  }
  if (hint === 0) return high;
  return (high + (low > 0 ? 1 : 15)) % 16;
}

/** A file is checked anew whenever its reader trusts somebody else: the same signatures come again. */
const VERDICTS = new Map();
const VERDICTS_KEPT = 4096;
const MATRICES = new Map();
const MATRICES_KEPT = 64;

/** Algorithm 32: the matrix of a key; the same keys come again and again in one bundle. */
function matrixOf(seed) {
  const name = toHex(seed);
  if (!MATRICES.has(name)) {
    if (MATRICES.size >= MATRICES_KEPT) MATRICES.clear();
    const rows = Array.from({ length: ROWS }, (_, row) =>
      Array.from({ length: COLUMNS }, (__, column) => samplePolynomial(seed, column, row)),
    );
    MATRICES.set(name, rows);
  }
  return MATRICES.get(name);
}

/** One row of A z - c t1 2^d, with its hints used, four bits for each coefficient. */
function highBits(polynomials, z, challenge, t1, hints) {
  const shifted = transform(t1.map((each) => (each * 2 ** DROPPED_BITS) % Q));
  const sum = shifted.map((each, at) => Q - ((each * challenge[at]) % Q));
  for (let column = 0; column < COLUMNS; column += 1) {
    const polynomial = polynomials[column];
    for (let at = 0; at < N; at += 1) sum[at] = (sum[at] + polynomial[at] * z[column][at]) % Q;
  }
  const high = transformBack(sum).map((each, at) => useHint(hints[at], each));
  return Uint8Array.from({ length: N / 2 }, (_, at) => high[2 * at] | (high[2 * at + 1] << 4));
}

/**
 * Pure ML-DSA-65 with a context.
 * @param {Uint8Array} key @param {Uint8Array} signature @param {Uint8Array} message @param {string} context
 * @returns {boolean}
 */
export function verifyMlDsa65(key, signature, message, context) {
  const name = toHex(sha256(key, sha256(signature), sha256(message), context));
  let verdict = VERDICTS.get(name);
  if (verdict === undefined) {
    if (VERDICTS.size >= VERDICTS_KEPT) VERDICTS.clear();
    verdict = verifyWithContext(key, signature, message, utf8(context));
    VERDICTS.set(name, verdict);
  }
  return verdict;
}

/** @param {Uint8Array} context at most 255 bytes */
export function verifyWithContext(key, signature, message, context) {
  if (key.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES || context.length > 255) return false;
  const seed = key.subarray(0, 32);
  const challengeHash = signature.subarray(0, CHALLENGE_BYTES);
  const hintsAt = SIGNATURE_BYTES - OMEGA - ROWS;
  const hints = unpackHints(signature.subarray(hintsAt));
  if (hints === null) return false;
  const values = unpack(signature.subarray(CHALLENGE_BYTES, hintsAt), Z_BITS).map((each) => GAMMA1 - each);
  if (values.some((each) => Math.abs(each) >= GAMMA1 - BETA)) return false;
  const slice = (list, place) => list.slice(place * N, (place + 1) * N);
  const z = Array.from({ length: COLUMNS }, (_, place) => transform(slice(values, place).map(modulo)));
  const t1 = unpack(key.subarray(32), T1_BITS);
  const keyHash = shake256(key).take(64);
  const framed = Uint8Array.of(0, context.length);
  const representative = shake256(keyHash, framed, context, message).take(64);
  const challenge = transform(sampleInBall(challengeHash));
  const rows = matrixOf(seed).map((polynomials, row) =>
    highBits(polynomials, z, challenge, slice(t1, row), hints[row]),
  );
  return sameBytes(shake256(representative, ...rows).take(CHALLENGE_BYTES), challengeHash);
}
