// Bytes and their spellings: hex, base64 and UTF-8, each with one accepted form only.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const SIXES = new Map([...LETTERS].map((letter, place) => [letter.charCodeAt(0), place]));
const STRICT_TEXT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const TO_BYTES = new TextEncoder();
const HEX_PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** @param {Uint8Array} bytes @returns {string} lower-case hex */
export function toHex(bytes) {
  let out = "";
  for (const byte of bytes) out += HEX_PAIRS[byte];
  return out;
}

/** @param {string} text an even number of lower-case hex digits @returns {Uint8Array} */
export function fromHex(text) {
  return Uint8Array.from({ length: text.length / 2 }, (_, place) =>
    parseInt(text.slice(2 * place, 2 * place + 2), 16),
  );
}

/** @param {Uint8Array} one @param {Uint8Array} other @returns {number} below, at or above 0 */
export function compareBytes(one, other) {
  const shared = Math.min(one.length, other.length);
  for (let place = 0; place < shared; place += 1) {
    if (one[place] !== other[place]) return one[place] - other[place];
  }
  return one.length - other.length;
}

/** @param {Uint8Array} one @param {Uint8Array} other */
export function sameBytes(one, other) {
  return one.length === other.length && compareBytes(one, other) === 0;
}

/** @param {...Uint8Array} parts @returns {Uint8Array} */
export function joinBytes(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    out.set(part, place);
    place += part.length;
  }
  return out;
}

/** @param {string} text @returns {Uint8Array} its UTF-8 */
export function utf8(text) {
  return TO_BYTES.encode(text);
}

/** @param {Uint8Array} bytes @returns {string | null} null where they are not UTF-8 */
export function fromUtf8(bytes) {
  try {
    return STRICT_TEXT.decode(bytes);
  } catch {
    return null;
  }
}

/**
 * Base64 with padding and no spare bits.
 * @param {string} text @returns {Uint8Array | null} null for every other spelling
 */
export function fromBase64(text) {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const digits = text.length - padding;
  const out = new Uint8Array((text.length / 4) * 3 - padding);
  let held = 0;
  let bits = 0;
  let place = 0;
  for (let at = 0; at < digits; at += 1) {
    const six = SIXES.get(text.charCodeAt(at));
    if (six === undefined) return null;
    held = ((held << 6) | six) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[place] = (held >> bits) & 0xff;
      place += 1;
    }
  }
  return (held & ((1 << bits) - 1)) === 0 ? out : null;
}

/** @param {number | bigint} one @param {number | bigint} other a sum that never loses a digit */
export function addExactly(one, other) {
  const sum = BigInt(one) + BigInt(other);
  return sum <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(sum) : sum;
}
